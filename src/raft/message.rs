//! What servers say to each other (figure 2), as one small value.

use super::log::Entries;
use super::types::{Index, Position, Term};
use crate::base::NodeId;

/// A number that a leader gives to each round of messages, echoed by the answers: a quorum of
/// answers to round r proves that the sender still led after r was sent (section 8, ReadIndex).
pub type Round = u32;

/// A message between two servers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message<C> {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// The sender's term when it was sent.
    pub term: Term,
    /// What it says.
    pub body: Body<C>,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body<C> {
    /// "Vote for me" (section 5.2).
    RequestVote {
        /// Where the candidate's log ends (section 5.4.1).
        last: Position,
    },
    /// The answer to a RequestVote.
    Vote {
        /// Whether the vote was given.
        granted: bool,
    },
    /// "Append these entries after `prev`"; without entries, a heartbeat (section 5.3).
    AppendEntries {
        /// The entry just before the new ones.
        prev: Position,
        /// The new entries; none in a heartbeat.
        entries: Entries<C>,
        /// The leader's commit index.
        commit: Index,
        /// The leader's round. 0 on a bare notice of the commit index, which nobody answers.
        round: Round,
    },
    /// "My log agrees with yours through `matched`, and that part is durable."
    Accepted {
        /// The last index known to agree.
        matched: Index,
        /// The round that is answered.
        round: Round,
    },
    /// "I don't hold the entry before the new ones" (the consistency check of section 5.3).
    Rejected {
        /// The index of the entry that was missing or different.
        prev: Index,
        /// Where to look next.
        hint: Conflict,
        /// The round that is answered.
        round: Round,
    },
}

/// A follower's help for a leader whose next index is too high (end of section 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The term of the conflicting entry; 0 if the log ends before it.
    pub term: Term,
    /// The first index that the follower stores for that term, or the index after its log's end.
    pub index: Index,
}
