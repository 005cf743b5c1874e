//! Balance: of replicas by their number, of leaders by number or load.

use super::{Candidate, Leaders, Planner, Shard, Stays, Step, Verdict, Why};
use crate::base::{NodeId, hash::mix};

/// A step of leaders by load has to lower the higher of the two loads by one part in so many, or it
/// isn't worth an election.
const WORTH: u64 = 20;

impl Planner<'_> {
    /// Sends replicas from the nodes that have the most to those that have the least.
    pub(super) fn balance_replicas(&mut self) {
        while self.balance_one() {}
    }

    fn balance_one(&mut self) -> bool {
        let alive = |at: &usize| self.view.nodes[*at].verdict == Verdict::Alive;
        let places = || (0..self.has.len()).filter(alive);
        let Some(least) = places().map(|at| self.has[at].replicas).min() else {
            return false;
        };
        let mut sources: Vec<usize> = places()
            .filter(|&at| self.has[at].replicas > least + 1)
            .collect();
        sources.sort_by_key(|&at| (u32::MAX - self.has[at].replicas, at));
        sources.iter().any(|&at| self.balance_from(at))
    }

    /// Finds a replica on this node that would stand better elsewhere.
    fn balance_from(&mut self, at: usize) -> bool {
        let (node, has) = (self.view.nodes[at], self.has[at]);
        let view = self.view;
        let here = |shard: &&Shard| shard.members.contains(&node.id) && self.is_free(shard.group);
        let mut shards: Vec<&Shard> = view.shards.iter().filter(here).collect();
        // No two nodes begin with the same shard, so that few of them wait for each other.
        shards.sort_by_key(|shard| mix(u64::from(shard.group.0) << 32 | u64::from(node.id.0)));
        for shard in shards {
            let mut candidates = self.candidates(shard, Some(node.id), None);
            let in_rack = self.in_rack(shard, node.rack, Some(node.id));
            let closer = |it: &Candidate| {
                it.score.replicas + 2 <= has.replicas && it.score.in_rack <= in_rack
            };
            let fit = candidates
                .iter()
                .filter(|it| it.out.is_none() && closer(it));
            let Some(to) = fit.min_by_key(|it| (it.score.replicas, it.score)).copied() else {
                continue;
            };
            let why = Why::Replicas {
                from: has.replicas,
                to: to.score.replicas,
            };
            if let Some(full) = self.is_full(Some(node.id)) {
                self.leave(shard.group, Stays::Limit(why, full));
                continue;
            }
            candidates.retain(|it| it.node != node.id);
            let (group, from, to) = (shard.group, node.id, to.node);
            self.decide(Step::Move { group, from, to }, why, candidates);
            return true;
        }
        false
    }

    /// Hands leaderships over from the nodes that lead the most to those that lead the least.
    pub(super) fn balance_leaders(&mut self) {
        let view = self.view;
        let mut shards: Vec<&Shard> = view.shards.iter().collect();
        loop {
            // From whoever leads the most, and of that the largest part that helps.
            shards.sort_by_key(|shard| {
                let leads = shard.leader.map_or(0, |leader| self.leads(leader));
                (u64::MAX - leads, u64::MAX - shard.load, shard.group)
            });
            let next = shards.iter().find_map(|shard| self.next_leader(shard));
            let Some((step, why)) = next else { return };
            self.decide(step, why, Vec::new());
        }
    }

    fn leads(&self, node: NodeId) -> u64 {
        match self.view.policy.leaders {
            Leaders::Count => self.has(node).leaders,
            Leaders::Load => self.has(node).load,
        }
    }

    /// Who should lead a shard instead of its leader, if somebody should.
    fn next_leader(&self, shard: &Shard) -> Option<(Step, Why)> {
        let from = shard.leader.filter(|_| self.is_free(shard.group))?;
        let alive = |node: &NodeId| self.verdict(*node) == Verdict::Alive && *node != from;
        let others = shard.members.iter().copied().filter(alive);
        let to = others.min_by_key(|&node| self.leads(node))?;
        let (has, gets) = (self.leads(from), self.leads(to));
        let better = match self.view.policy.leaders {
            Leaders::Count => gets + 2 <= has,
            Leaders::Load => {
                (gets + shard.load).max(has.saturating_sub(shard.load)) + has / WORTH < has
            }
        };
        let group = shard.group;
        let why = Why::Leaders {
            from: has,
            to: gets,
        };
        better.then_some((Step::Lead { group, from, to }, why))
    }
}
