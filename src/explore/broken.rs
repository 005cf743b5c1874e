//! The properties that every world is held against, and how one is broken.

use crate::base::NodeId;
use crate::raft::{EntryId, Index, Term};

/// A property that is broken, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    /// Two servers won one term.
    TwoLeaders {
        /// The term.
        term: Term,
        /// Who won it first.
        first: NodeId,
        /// Who won it too.
        second: NodeId,
    },
    /// A leader removed or replaced entries of its own log.
    LeaderRewrote {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// The first index that isn't what it was.
        from: Index,
        /// Where its log ended.
        last: Index,
    },
    /// Two logs have this entry, and differ up to there.
    LogsDiffer {
        /// Whose log came to differ from another one.
        node: NodeId,
        /// The entry.
        id: EntryId,
    },
    /// A leader lacks what was committed in an earlier term.
    LeaderLacks {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// The last entry that was committed.
        committed: EntryId,
    },
    /// Two servers take different entries for committed.
    CommittedDiffer {
        /// One of them.
        node: NodeId,
        /// The other; the same, if it has forgotten it in a crash.
        other: NodeId,
        /// The first index at which they differ.
        index: Index,
    },
    /// A leader commits what no majority has on its disks.
    NotDurable {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// The entry.
        index: Index,
        /// How many of the voters have it.
        durable: u32,
        /// How many vote; of a joint configuration, in all.
        voters: u32,
    },
    /// A read was answered from less than what was committed when it was asked.
    StaleRead {
        /// Who answered.
        node: NodeId,
        /// The read index.
        index: Index,
        /// What was committed.
        committed: Index,
    },
    /// Somebody decided by a configuration of which a majority may know nothing of what was decided
    /// before.
    QuorumsApart {
        /// Who decided.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// Where its configuration stands.
        index: Index,
        /// Where the one stands that was committed before.
        committed: Index,
    },
    /// A leader is elected, or goes on, that isn't a voter by what it knows to be committed, nor by what may
    /// still come of its log.
    LeaderOutside {
        /// The leader.
        leader: NodeId,
        /// Its term.
        term: Term,
        /// Where that configuration stands.
        index: Index,
    },
}

impl Broken {
    /// The property's name, as in the laboratory.
    pub const fn property(&self) -> &'static str {
        match self {
            Broken::TwoLeaders { .. } => "Election Safety",
            Broken::LeaderRewrote { .. } => "Leader Append-Only",
            Broken::LogsDiffer { .. } => "Log Matching",
            Broken::LeaderLacks { .. } => "Leader Completeness",
            Broken::CommittedDiffer { .. } => "State Machine Safety",
            Broken::NotDurable { .. } => "Durable Majority",
            Broken::StaleRead { .. } => "Fresh Reads",
            Broken::QuorumsApart { .. } | Broken::LeaderOutside { .. } => "Configuration Safety",
        }
    }
}
