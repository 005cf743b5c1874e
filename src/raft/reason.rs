//! Why: the reasons that a server gives for its decisions.

use super::types::{EntryId, Term};
use crate::base::{NodeId, vocabulary};
use serde::Serialize;

vocabulary! {
    /// What makes a server stand for election.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum CampaignReason {
        /// It heard no leader for an election timeout.
        "timed_out" TimedOut,
        /// A person said so.
        "told" Told,
        /// A majority said that it would get their votes.
        "pre_votes" PreVotes,
        /// The leader hands over.
        "transfer" Transfer {
            /// The leader.
            from: NodeId,
        },
    }
}

vocabulary! {
    /// Why a vote was refused.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "reason")]
    pub enum Refusal {
        /// The candidate's term is over (section 5.1).
        "old_term" OldTerm {
            /// The voter's term.
            ours: Term,
        },
        /// The vote of this term went to another (section 5.2).
        "already_voted" AlreadyVoted {
            /// Who has it.
            for_whom: NodeId,
        },
        /// The voter's log is more up-to-date (section 5.4.1).
        "log_behind" LogBehind {
            /// Where the candidate's log ends.
            theirs: EntryId,
            /// Where the voter's log ends.
            ours: EntryId,
        },
        /// The voter hears a leader (dissertation 4.2.3).
        "hears_leader" HearsLeader {
            /// Which; `None` if it has just started and may have heard one before.
            leader: Option<NodeId>,
        },
        /// The logs are equal, and the voter's own priority is higher.
        "lower_priority" LowerPriority {
            /// The candidate's.
            theirs: u8,
            /// The voter's.
            ours: u8,
        },
    }
}

vocabulary! {
    /// Why a message was dropped.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum DropReason {
        /// From an earlier term; where the sender needs to know, it was answered.
        "old_term" OldTerm,
        /// Not meant for this server, or an answer from one that isn't asked.
        "stranger" Stranger,
        /// An answer that this role waits for no longer.
        "not_expected" NotExpected,
        /// An answer to a question that was settled already.
        "stale" Stale,
        /// AppendEntries to the leader of the same term: election safety is broken elsewhere.
        "second_leader" SecondLeader,
        /// A message that waited for its write while the term moved on.
        "superseded" Superseded,
        /// Its numbers contradict each other, or what was committed here.
        "impossible" Impossible,
        /// This server's disk is full.
        "disk_full" DiskFull,
    }
}
