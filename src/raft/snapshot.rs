//! Snapshots, and how far they are on their way: on the follower, and by the leader's knowledge.

use super::configuration::Configuration;
use super::types::{EntryId, Term, Timing};
use crate::base::Checksum;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The state after an entry, in place of the log up to it (section 7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last entry in it (figure 13, lastIncludedIndex and lastIncludedTerm).
    pub last: EntryId,
    /// The members of the cluster as of that entry.
    pub configuration: Configuration,
    /// The state machine, as the driver encoded it; Raft never looks inside.
    pub state: Rc<[u8]>,
    /// The hash of `state`.
    pub checksum: u64,
}

impl Snapshot {
    /// A snapshot of `state`, with its checksum.
    pub fn new(last: EntryId, configuration: Configuration, state: Rc<[u8]>) -> Snapshot {
        Snapshot {
            checksum: checksum(&state),
            last,
            configuration,
            state,
        }
    }

    /// Whether the state is the one that the checksum was made of.
    pub fn is_intact(&self) -> bool {
        checksum(&self.state) == self.checksum
    }

    /// The size of the state in bytes.
    pub fn bytes(&self) -> u32 {
        self.state.len() as u32
    }
}

fn checksum(state: &[u8]) -> u64 {
    let mut fold = Checksum::default();
    fold.bytes(state);
    fold.0
}

/// A part of a snapshot, as a message carries it (figure 13).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// The last entry in the snapshot.
    pub last: EntryId,
    /// The members as of that entry.
    pub configuration: Configuration,
    /// The hash of the whole state.
    pub checksum: u64,
    /// Where in the state this part begins, in bytes.
    pub offset: u32,
    len: u32,
    /// Shared with the sender's snapshot: only `offset..offset + len` of it travels.
    state: Rc<[u8]>,
}

impl Chunk {
    /// The part of `snapshot` from `offset` on, at most `max` bytes of it.
    pub fn of(snapshot: &Snapshot, offset: u32, max: u32) -> Chunk {
        let offset = offset.min(snapshot.bytes());
        Chunk {
            last: snapshot.last,
            configuration: snapshot.configuration.clone(),
            checksum: snapshot.checksum,
            offset,
            len: max.min(snapshot.bytes() - offset),
            state: snapshot.state.clone(),
        }
    }

    /// The bytes that it carries.
    pub fn bytes(&self) -> &[u8] {
        &self.state[self.offset as usize..][..self.len as usize]
    }

    /// How many bytes the whole state has.
    pub fn total(&self) -> u32 {
        self.state.len() as u32
    }

    /// Where in the state this part ends.
    pub fn end(&self) -> u32 {
        self.offset + self.len
    }
}

/// A snapshot that a follower is receiving. It lives in memory: a crash starts it over.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The last entry in it.
    pub last: EntryId,
    /// How many bytes it will have.
    pub total: u32,
    pub(super) checksum: u64,
    /// The term of the leader that began it here.
    pub(super) term: Term,
    pub(super) state: Vec<u8>,
    /// Chunks that came before what they continue, by where they begin. Without them a link that reorders would
    /// bring a snapshot hardly faster than one chunk at a time.
    pub(super) early: BTreeMap<u32, Chunk>,
}

impl Incoming {
    pub(super) fn new(term: Term, chunk: &Chunk) -> Incoming {
        Incoming {
            last: chunk.last,
            total: chunk.total(),
            checksum: chunk.checksum,
            term,
            state: Vec::new(),
            early: BTreeMap::new(),
        }
    }

    /// How many chunks it keeps that came before what they continue.
    pub fn early(&self) -> usize {
        self.early.len()
    }

    /// Keeps a chunk until the ones before it are there, if no more than `most` are kept then.
    pub(super) fn set_aside(&mut self, chunk: &Chunk, most: u32) {
        let received = self.received();
        self.early.retain(|&offset, _| offset > received);
        if self.early.len() < most as usize {
            self.early.insert(chunk.offset, chunk.clone());
        }
    }

    /// How many bytes are there.
    pub fn received(&self) -> u32 {
        self.state.len() as u32
    }

    pub(super) fn is_of(&self, chunk: &Chunk) -> bool {
        (self.last, self.total, self.checksum) == (chunk.last, chunk.total(), chunk.checksum)
    }
}

/// A snapshot that a leader is sending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sending {
    /// What is sent. A newer snapshot doesn't replace it: the follower would never get through.
    pub snapshot: Rc<Snapshot>,
    /// The bytes that the follower is known to have.
    pub received: u32,
    /// The bytes that were sent.
    pub sent: u32,
    /// The bytes that it reported last: fewer than before if it lost its memory.
    pub(super) reported: u32,
    /// Whether the last chunk is under way.
    pub(super) ended: bool,
}

impl Sending {
    pub(super) fn new(snapshot: Rc<Snapshot>) -> Sending {
        Sending {
            snapshot,
            received: 0,
            sent: 0,
            reported: 0,
            ended: false,
        }
    }

    /// The next chunk, if the window has room for it: as many messages and bytes may be under way
    /// as for entries.
    pub(super) fn next_chunk(&mut self, timing: &Timing) -> Option<Chunk> {
        let under_way = self.sent - self.received;
        let full = under_way.div_ceil(timing.max_chunk) >= timing.max_in_flight
            || under_way > 0 && under_way + timing.max_chunk > timing.max_in_flight_bytes;
        if self.ended || full {
            return None;
        }
        let chunk = Chunk::of(&self.snapshot, self.sent, timing.max_chunk);
        self.sent = chunk.end();
        self.ended = self.sent == self.snapshot.bytes();
        Some(chunk)
    }

    /// The follower has `bytes` of it. That may be more than was sent: it goes on with what another
    /// leader has sent it, and answers may come late, after chunks were begun anew. False if there
    /// are no such bytes.
    pub(super) fn note_report(&mut self, bytes: u32) -> bool {
        if bytes > self.snapshot.bytes() {
            return false;
        }
        if bytes > self.sent {
            (self.sent, self.ended) = (bytes, false);
        }
        self.reported = bytes;
        self.received = self.received.max(bytes);
        true
    }

    /// Starts again from what the follower reported last.
    pub(super) fn go_back(&mut self) {
        self.received = self.reported;
        self.sent = self.reported;
        self.ended = false;
    }
}
