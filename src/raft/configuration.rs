//! Who is a member of the cluster.
//!
//! Fixed for the length of a run so far. Everything else asks this type who votes and what a
//! quorum is, so that a change of membership (section 6) has one place to come to.

use super::quorum::{self, Tally};
use super::rules::Rules;
use super::types::Index;
use crate::base::NodeId;
use crate::base::order::sort;
use std::rc::Rc;

/// The voters of a cluster, sorted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Configuration {
    voters: Rc<[NodeId]>,
}

impl Configuration {
    /// A configuration of these voters; doubles count once.
    pub fn new(voters: impl IntoIterator<Item = NodeId>) -> Configuration {
        let mut voters: Vec<_> = voters.into_iter().collect();
        sort(&mut voters);
        voters.dedup();
        Configuration {
            voters: voters.into(),
        }
    }

    /// The voters, in the order of their ids.
    pub fn voters(&self) -> &[NodeId] {
        &self.voters
    }

    /// Whether `node` votes.
    pub fn is_voter(&self, node: NodeId) -> bool {
        self.voters.binary_search(&node).is_ok()
    }

    /// How many voters a decision needs.
    pub fn quorum(&self, rules: Rules) -> u32 {
        quorum::needed(self.voters.len() as u32, rules)
    }

    /// Counts votes: `vote` says what a voter answered, if it did.
    pub fn tally(&self, rules: Rules, vote: impl Fn(NodeId) -> Option<bool>) -> Tally {
        quorum::tally(self.voters.iter().map(|&id| vote(id)), self.quorum(rules))
    }

    /// The highest index above `floor` that a quorum holds: `matched` says what a voter holds, and
    /// is asked in the order of the ids.
    pub fn held_by_quorum(
        &self,
        rules: Rules,
        floor: Index,
        mut matched: impl FnMut(NodeId) -> Index,
    ) -> Option<Index> {
        quorum::held(
            self.voters.iter().map(|&id| matched(id)),
            self.quorum(rules),
            floor,
        )
    }
}
