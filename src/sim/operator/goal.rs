//! What the operator is asked to bring about.

use crate::base::{MemberId, NodeId};
use crate::raft::{Change, Configuration, Way};

/// What the membership shall be.
#[derive(Clone, Debug)]
pub(in crate::sim) enum Goal {
    /// This server gets the log.
    Learner(NodeId),
    /// This one votes.
    Voter(NodeId),
    /// This one is out.
    Out(NodeId),
    /// Exactly these.
    Members(Change),
    /// The joint configuration is left.
    Leave,
    /// Where `lost` is, `by` is, once it has caught up.
    Replace { lost: NodeId, by: NodeId },
}

impl Goal {
    /// The next change towards it from `now` on; `None` if it has come true.
    pub fn next(&self, now: &Configuration) -> Option<Change> {
        let now = now.left();
        let nodes = || [now.voters(), now.learners()].map(MemberId::nodes);
        let [mut voters, mut learners] = nodes();
        let has = |node: &NodeId| now.member_on(*node).is_some();
        let mut way = Way::Shortest;
        match self {
            Goal::Learner(node) if !has(node) => learners.push(*node),
            Goal::Voter(node) if !now.has_voter_on(*node) => {
                voters.push(*node);
                learners.retain(|learner| learner != node);
            }
            Goal::Out(node) if has(node) => {
                voters.retain(|voter| voter != node);
                learners.retain(|learner| learner != node);
            }
            Goal::Replace { lost, by } if has(lost) => {
                learners.retain(|learner| learner != by);
                let members = voters.iter_mut().chain(&mut learners);
                members.filter(|id| *id == lost).for_each(|id| *id = *by);
            }
            Goal::Replace { by, .. } if !has(by) => learners.push(*by),
            Goal::Members(change) => {
                (voters, learners) = (change.voters.clone(), change.learners.clone());
                way = change.way;
                if now.followed_by(&voters, &learners) == now {
                    return None;
                }
            }
            _ => return None,
        }
        // A stranger learns first (dissertation 4.2.1).
        let strangers: Vec<_> = voters.iter().copied().filter(|id| !has(id)).collect();
        if !strangers.is_empty() {
            [voters, learners] = nodes();
            learners.extend(strangers);
            way = Way::Shortest;
        }
        Some(Change {
            voters,
            learners,
            way,
        })
    }

    /// Whether it wants this server in.
    pub fn wants(&self, node: NodeId) -> bool {
        match self {
            Goal::Learner(it) | Goal::Voter(it) => *it == node,
            Goal::Members(Change {
                voters, learners, ..
            }) => voters.contains(&node) || learners.contains(&node),
            Goal::Replace { by, .. } => *by == node,
            Goal::Out(_) | Goal::Leave => false,
        }
    }

    /// Whether it wants this server to vote, or to catch up with those who do.
    pub fn wants_vote(&self, node: NodeId) -> bool {
        match self {
            Goal::Members(change) => change.voters.contains(&node),
            goal => goal.wants(node),
        }
    }

    /// Whether it wants a voter out that is one now.
    pub fn removes(&self, node: NodeId) -> bool {
        match self {
            Goal::Out(it) => *it == node,
            Goal::Members(change) => !change.voters.contains(&node),
            _ => false,
        }
    }
}
