//! What is in danger, or where it shouldn't be.

use super::{Planner, Shard, Stays, Step, Verdict, Why};
use crate::base::NodeId;

impl Planner<'_> {
    /// Decides on the most urgent change of a shard, if it needs one, or says why it can't be.
    pub(super) fn mend(&mut self, shard: &Shard) {
        if !self.is_free(shard.group) {
            return;
        }
        let with = |verdict| {
            let mut members = shard.members.iter();
            members
                .find(|&&node| self.verdict(node) == verdict)
                .copied()
        };
        let (dead, draining) = (with(Verdict::Dead), with(Verdict::Draining));
        let alive = |node: &&NodeId| self.verdict(**node) != Verdict::Dead;
        let alive = shard.members.iter().filter(alive).count();
        if 2 * alive <= shard.members.len() {
            return self.leave(shard.group, Stays::QuorumLost);
        }
        // Not fewer because some are dead: a smaller group would bear no more, and it takes time to grow.
        let nodes = self.view.nodes.len();
        let wanted = nodes.min(self.view.policy.replicas as usize).max(1);
        let wants = self.wants(shard);
        let wants = wants.as_deref();
        let misplaced = |node: &&NodeId| wants.is_some_and(|it| !it.contains(node));
        let misplaced = shard.members.iter().find(misplaced).copied();
        if shard.members.len() > wanted {
            let from = dead.or(draining).or(misplaced);
            let from = from.unwrap_or_else(|| self.least_needed(shard));
            let group = shard.group;
            self.decide(Step::Remove { group, from }, Why::TooMany, Vec::new());
        } else if dead.is_some() {
            self.send(shard, dead, Why::Dead, wants);
        } else if shard.members.len() < wanted {
            self.send(shard, None, Why::TooFew, wants);
        } else if draining.is_some() {
            self.send(shard, draining, Why::Draining, wants);
        } else if misplaced.is_some() {
            self.send(shard, misplaced, Why::Placement, wants);
        } else if wants.is_none() {
            self.spread(shard);
        }
    }

    /// The replica that a shard with one too many can do without: one in a rack with others, on the node
    /// that has the most.
    fn least_needed(&self, shard: &Shard) -> NodeId {
        let need = |&node: &NodeId| {
            let rack = self.place(node).map(|at| self.view.nodes[at].rack);
            let others = rack.map_or(0, |rack| self.in_rack(shard, rack, Some(node)));
            let leads = shard.leader == Some(node);
            (others, self.has(node).replicas, !leads)
        };
        let members = shard.members.iter().copied();
        members.max_by_key(need).expect("a shard has members")
    }

    /// Sends one of two replicas that share a rack to a rack without any.
    fn spread(&mut self, shard: &Shard) {
        let rack = |&node: &NodeId| self.place(node).map(|at| self.view.nodes[at].rack);
        let shares = |node: &&NodeId| {
            rack(node).is_some_and(|rack| self.in_rack(shard, rack, Some(**node)) > 0)
        };
        let crowded = shard.members.iter().filter(shares);
        let Some(&from) = crowded.max_by_key(|&&node| self.has(node).replicas) else {
            return;
        };
        let candidates = self.candidates(shard, Some(from), None);
        if Self::best(&candidates).is_some_and(|best| best.score.in_rack == 0) {
            self.send(shard, Some(from), Why::SameRack, None);
        }
    }
}
