//! The words of the protocol: terms, indexes, entries, roles and timing (figure 2).

use super::configuration::Configuration;
use crate::base::{Digest, Fold, MemberId, Ratio, Span, documented, fold_fields, vocabulary};
use serde::{Deserialize, Serialize};

/// A term: the protocol's logical clock (section 5.1). 0 before the first election.
pub type Term = u64;

/// A position in the log. The first entry has index 1; 0 means "before the first".
pub type Index = u64;

/// An entry's index and term: together they name the entry (Log Matching, section 5.3).
///
/// The order is the one of section 5.4.1: a log that ends with the greater id is the more
/// up-to-date one, by term first and index second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct EntryId {
    /// The entry's index.
    pub index: Index,
    /// The term in which a leader created it.
    pub term: Term,
}

fold_fields!(EntryId { index, term });

impl EntryId {
    /// Before the first entry of every log.
    pub const START: EntryId = EntryId { index: 0, term: 0 };
}

impl PartialOrd for EntryId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.term, self.index).cmp(&(other.term, other.index))
    }
}

/// What the log has to know of a command: how much of a message it takes up.
pub trait Measured: Clone {
    /// Its size in bytes, roughly; the same on every machine.
    fn bytes(&self) -> u32;
}

impl Measured for Vec<u8> {
    fn bytes(&self) -> u32 {
        self.len() as u32
    }
}

impl Measured for String {
    fn bytes(&self) -> u32 {
        self.len() as u32
    }
}

/// What an entry carries. `C` is the state machine's command; Raft never looks inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload<C> {
    /// Nothing: a leader's first entry, which lets it commit what it inherited (section 8).
    Noop,
    /// A command for the state machine.
    Command(C),
    /// Who is a member from here on (section 6).
    Configuration(Configuration),
}

/// One entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry<C> {
    /// The term in which the leader received it.
    pub term: Term,
    /// What it carries.
    pub payload: Payload<C>,
}

impl<C> Entry<C> {
    /// The configuration that it carries, if it does.
    pub fn configuration(&self) -> Option<&Configuration> {
        match &self.payload {
            Payload::Configuration(configuration) => Some(configuration),
            _ => None,
        }
    }
}

impl<C: Fold> Fold for Entry<C> {
    fn fold(&self, digest: &mut Digest) {
        let Entry { term, payload } = self;
        term.fold(digest);
        match payload {
            Payload::Noop => digest.word(1),
            Payload::Command(command) => {
                digest.word(2);
                command.fold(digest);
            }
            Payload::Configuration(configuration) => {
                digest.word(3);
                configuration.fold(digest);
            }
        }
    }
}

impl<C: Measured> Entry<C> {
    /// Its size in bytes: that of its command, and the words around it.
    pub fn bytes(&self) -> u32 {
        // Asked first, because nearly all entries are commands.
        if let Payload::Command(command) = &self.payload {
            return 16 + command.bytes();
        }
        let members = self.configuration().map_or(0, |it| it.members().len());
        16 + 4 * members as u32
    }
}

/// The part of the persistent state that is not the log (figure 2). Durable before any message
/// that depends on it leaves the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HardState {
    /// The latest term that the server has seen.
    pub current_term: Term,
    /// The candidate that got this server's vote in `current_term`.
    pub voted_for: Option<MemberId>,
    /// Which member of the group the server is, once a message has told it; 0 before, and for good on
    /// a founder that stays one.
    pub generation: u32,
}

/// What a server is in its current term (figure 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Passive: answers leaders and candidates.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Accepts commands and replicates them.
    Leader,
    /// Asks whether it would get votes, before it asks for them (dissertation 9.6).
    PreCandidate,
}

vocabulary! {
    /// What a read has to be.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum ReadLevel {
        /// It sees every write that was acknowledged before it began (section 8).
        #[default]
        "linearizable" Linearizable,
        /// The same, as long as clocks drift no more than [`Timing::clock_drift`] says (dissertation
        /// 6.4.1). The leader asks nobody.
        "lease" Lease,
        /// Whatever the server that is asked has applied.
        "stale" Stale,
    }
}

documented! {
    /// The times and limits that a server goes by.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct Timing {
        /// The shortest election timeout; each is drawn anew from the range (section 5.2).
        pub election_timeout_min: Span,
        /// The longest election timeout.
        pub election_timeout_max: Span,
        /// A leader's heartbeat interval; well below the election timeout (section 5.6).
        pub heartbeat: Span,
        /// Messages with entries that may be under way to one follower (pipelining).
        pub max_in_flight: u32,
        /// Entries in one message (batching).
        pub max_batch: u32,
        /// Bytes of entries, or of a snapshot, that may be under way to one follower. A single entry
        /// may be larger.
        pub max_in_flight_bytes: u32,
        /// Bytes of a snapshot in one message (section 7).
        pub max_chunk: u32,
        /// Entries before a snapshot's last one that stay in the log, for followers that are a little
        /// behind.
        pub keep_entries: u32,
        /// How much faster or slower than true time any server's clock may run. Only leases rest on
        /// it (dissertation 6.4.1).
        pub clock_drift: Ratio,
    }
}

impl Default for Timing {
    /// The paper's own range, 150 to 300 ms (section 9.3).
    fn default() -> Timing {
        Timing {
            election_timeout_min: Span::millis(150),
            election_timeout_max: Span::millis(300),
            heartbeat: Span::millis(50),
            max_in_flight: 16,
            max_batch: 64,
            max_in_flight_bytes: 1 << 20,
            max_chunk: 1_024,
            keep_entries: 0,
            clock_drift: Ratio::percent(1),
        }
    }
}
