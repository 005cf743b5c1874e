//! What servers say to each other (figure 2), as one small value.

use super::log::Entries;
use super::snapshot::Chunk;
use super::types::{EntryId, Index, Term};
use crate::base::MemberId;
use std::rc::Rc;

/// A number that a leader gives to each round of messages, echoed by the answers: a quorum of
/// answers to round r proves that the sender still led after r was sent (section 8, ReadIndex).
pub type Round = u32;

/// A message between two servers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message<C> {
    /// The sender.
    pub from: MemberId,
    /// The receiver.
    pub to: MemberId,
    /// The sender's term when it was sent.
    pub term: Term,
    /// What it says.
    pub body: Body<C>,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Body<C> {
    /// "Vote for me" (section 5.2).
    RequestVote(Candidacy),
    /// The answer to a RequestVote.
    RequestVoteReply {
        /// Whether the vote was given.
        granted: bool,
    },
    /// "Append these entries after `prev`"; without entries, a heartbeat (section 5.3).
    AppendEntries {
        /// The entry just before the new ones.
        prev_log: EntryId,
        /// The new entries; none in a heartbeat.
        entries: Entries<C>,
        /// The leader's commit index.
        leader_commit: Index,
        /// The leader's round. 0 on a bare notice of the commit index, which nobody answers.
        round: Round,
    },
    /// "My log agrees with yours through `match_index`, and that part is durable."
    AppendEntriesAccepted {
        /// The last index known to agree.
        match_index: Index,
        /// The round that is answered.
        round: Round,
        /// The disk on which it is durable: see [`Config::disk`](super::Config::disk).
        disk: u32,
    },
    /// "I don't hold the entry before the new ones" (the consistency check of section 5.3).
    AppendEntriesRejected {
        /// The index of the entry that was missing or different.
        prev_log_index: Index,
        /// Where to look next.
        hint: Conflict,
        /// The round that is answered; 0 if the request was of an older term: then only the term
        /// of the answer says something.
        round: Round,
        /// The disk of whoever answers.
        disk: u32,
    },
    /// "Would you vote for me in the term after this one?" (dissertation 9.6).
    RequestPreVote {
        /// What the sender says of itself.
        candidate: Candidacy,
        /// The sender's number for this PreVote: each of its elections has another.
        campaign: u64,
    },
    /// The answer to a RequestPreVote.
    RequestPreVoteReply {
        /// Whether it would.
        granted: bool,
        /// The number that came with the request.
        campaign: u64,
    },
    /// "Stand for election now" (dissertation 3.10).
    TimeoutNow,
    /// "Here is a part of my snapshot" (section 7, figure 13).
    InstallSnapshot {
        /// The part, and what it is a part of.
        chunk: Rc<Chunk>,
        /// The leader's round.
        round: Round,
    },
    /// "I have the first `bytes` bytes of that snapshot": the answer to a chunk, except for the
    /// one that completes the snapshot, which is [`Body::AppendEntriesAccepted`].
    InstallSnapshotReply {
        /// The index of the last entry in the snapshot.
        last: Index,
        /// How many bytes, without a gap.
        bytes: u32,
        /// The round that is answered; 0 as above.
        round: Round,
        /// The disk of whoever answers.
        disk: u32,
    },
    /// "A read index for these reads, please" (dissertation 6.4).
    ReadIndex {
        /// The follower's number for them.
        batch: u64,
    },
    /// "I led after you asked: answer them once you have applied `index`."
    ReadIndexReply {
        /// The follower's number for them.
        batch: u64,
        /// The read index.
        index: Index,
    },
}

/// What a candidate says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Candidacy {
    /// Where its log ends (section 5.4.1).
    pub last_log: EntryId,
    /// Its priority: see [`Config::priority`](super::Config::priority). The highest, if it has
    /// stood in vain.
    pub priority: u8,
    /// Whether the leader told it to take over: then nobody refuses because it hears a leader.
    pub transfer: bool,
}

/// A follower's help for a leader whose next index is too high (end of section 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The term of the conflicting entry; 0 if the log ends before it.
    pub term: Term,
    /// The first index that the follower stores for that term, or the index after its log's end.
    pub index: Index,
}
