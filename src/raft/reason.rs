//! Why: the reasons that a server gives for its decisions.

use super::types::{EntryId, Term};
use crate::base::NodeId;
use serde::Serialize;

/// What makes a server stand for election.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignReason {
    /// It heard no leader for an election timeout.
    TimedOut,
    /// A person said so.
    Told,
    /// A majority said that it would get their votes.
    PreVotes,
    /// The leader hands over.
    Transfer {
        /// The leader.
        from: NodeId,
    },
}

/// Why a vote was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The candidate's term is over (section 5.1).
    OldTerm {
        /// The voter's term.
        ours: Term,
    },
    /// The vote of this term went to another (section 5.2).
    AlreadyVoted {
        /// Who has it.
        for_whom: NodeId,
    },
    /// The voter's log is more up-to-date (section 5.4.1).
    LogBehind {
        /// Where the candidate's log ends.
        theirs: EntryId,
        /// Where the voter's log ends.
        ours: EntryId,
    },
    /// The voter hears a leader (dissertation 4.2.3).
    HearsLeader {
        /// Which; `None` if it has just started and may have heard one before.
        leader: Option<NodeId>,
    },
    /// The logs are equal, and the voter's own priority is higher.
    LowerPriority {
        /// The candidate's.
        theirs: u8,
        /// The voter's.
        ours: u8,
    },
}

/// Why a message was dropped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// From an earlier term; where the sender needs to know, it was answered.
    OldTerm,
    /// Not meant for this server, or an answer from one that isn't asked.
    Stranger,
    /// An answer that this role waits for no longer.
    NotExpected,
    /// An answer to a question that was settled already.
    Stale,
    /// AppendEntries to the leader of the same term: election safety is broken elsewhere.
    SecondLeader,
    /// A message that waited for its write while the term moved on.
    Superseded,
    /// Its numbers contradict each other, or what was committed here.
    Impossible,
    /// This server's disk is full.
    DiskFull,
}
