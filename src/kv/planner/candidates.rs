//! Who could take a replica, and how good that would be.

use super::{Candidate, Limits, Out, Planner, Score, Shard, Stays, Step, Verdict, Why};
use crate::base::NodeId;

impl Planner<'_> {
    /// Every node as a destination of one of the shard's replicas: of the one at `from`, or of one more.
    /// Where the policy `wants` only some, the others are struck out.
    pub(super) fn candidates(
        &self,
        shard: &Shard,
        from: Option<NodeId>,
        wants: Option<&[NodeId]>,
    ) -> Vec<Candidate> {
        let limit = self.view.policy.limits.destination;
        let candidate = |(at, node): (usize, &super::Node)| {
            let has = self.has[at];
            let out = match node.verdict {
                _ if shard.members.contains(&node.id) => Some(Out::Member),
                Verdict::Alive if wants.is_some_and(|it| !it.contains(&node.id)) => {
                    Some(Out::Placement)
                }
                Verdict::Alive => (has.coming >= limit).then_some(Out::Limit),
                other => Some(Out::Is(other)),
            };
            Candidate {
                node: node.id,
                score: Score {
                    in_rack: self.in_rack(shard, node.rack, from),
                    replicas: has.replicas,
                    load: has.load,
                },
                out,
            }
        };
        self.view.nodes.iter().enumerate().map(candidate).collect()
    }

    /// How many replicas of the shard stand in a rack, without the one at `from` and those on dead nodes.
    pub(super) fn in_rack(&self, shard: &Shard, rack: u32, from: Option<NodeId>) -> u32 {
        let counts = |member: &&NodeId| {
            let at = self.place(**member).filter(|_| Some(**member) != from);
            let node = at.map(|at| self.view.nodes[at]);
            node.is_some_and(|node| node.rack == rack && node.verdict != Verdict::Dead)
        };
        shard.members.iter().filter(counts).count() as u32
    }

    /// The best of them, the first in the registry among equals.
    pub(super) fn best(candidates: &[Candidate]) -> Option<Candidate> {
        let fit = candidates.iter().filter(|it| it.out.is_none());
        fit.min_by_key(|it| it.score).copied()
    }

    /// Sends a replica to the best candidate, if one is left and the limits allow it; says what is in the
    /// way otherwise.
    pub(super) fn send(
        &mut self,
        shard: &Shard,
        from: Option<NodeId>,
        why: Why,
        wants: Option<&[NodeId]>,
    ) {
        let candidates = self.candidates(shard, from, wants);
        let group = shard.group;
        let Some(Candidate { node: to, .. }) = Self::best(&candidates) else {
            return self.leave(group, Stays::NoCandidate(why, candidates));
        };
        if let Some(at) = self.is_full(from) {
            return self.leave(group, Stays::Limit(why, at));
        }
        let step = match from {
            Some(from) => Step::Move { group, from, to },
            None => Step::Add { group, to },
        };
        self.decide(step, why, candidates);
    }

    /// Whether a replica more can't be sent: because of its source, or because of all that is under way.
    /// Nothing is read from a dead node, so it has no limit.
    pub(super) fn is_full(&self, from: Option<NodeId>) -> Option<Option<NodeId>> {
        let Limits { source, total, .. } = self.view.policy.limits;
        if self.moving >= total {
            return Some(None);
        }
        let alive = from.filter(|&node| self.verdict(node) != Verdict::Dead);
        let full = alive.filter(|&node| self.has(node).leaving >= source);
        full.map(Some)
    }
}
