//! A change of membership that is asked for, and why it is refused (section 6).

use super::types::Index;
use crate::base::{NodeId, vocabulary};
use serde::{Deserialize, Serialize};

/// A change of membership: who shall be there, and how to get there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Who shall vote.
    pub voters: Vec<NodeId>,
    /// Who shall get the log without a vote.
    pub learners: Vec<NodeId>,
    /// How to get there.
    pub way: Way,
}

vocabulary! {
    /// How to get to other voters. Learners alone change in one entry, whichever way is named.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum Way {
        /// One voter more or less in one entry (4.1), anything else through a joint configuration.
        #[default]
        "shortest" Shortest,
        /// Through a joint configuration, which the leader ends by itself (4.3).
        "joint" Joint,
        /// Into a joint configuration, which stays until somebody ends it.
        "stay" Stay,
    }
}

vocabulary! {
    /// Why a change of membership was refused. Nothing has happened.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum ChangeError {
        /// This server doesn't lead, or hands over; then the hint is the successor.
        "not_leader" NotLeader {
            /// The leader that it knows of.
            hint: Option<NodeId>,
        },
        /// Nobody would vote.
        "no_voters" NoVoters,
        /// A server is named as a voter and as a learner.
        "voter_and_learner" VoterAndLearner {
            /// The server.
            node: NodeId,
        },
        /// The leader itself would become a learner, and a learner can't lead.
        "leader_as_learner" LeaderAsLearner,
        /// Nothing would change.
        "no_difference" NoDifference,
        /// A change is under way: it isn't committed, or it has led into a joint configuration.
        "under_way" UnderWay {
            /// Its entry.
            index: Index,
        },
        /// The leader hasn't committed an entry of its own term yet.
        "not_committed_in_term" NotCommittedInTerm,
        /// A server would vote that isn't a learner, or one that hasn't caught up.
        "not_caught_up" NotCaughtUp {
            /// The server.
            node: NodeId,
        },
        /// There is no joint configuration to end.
        "not_joint" NotJoint,
    }
}
