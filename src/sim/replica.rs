//! One replica of a group on a machine: the server of the protocol, its state machine, and whoever
//! waits for an answer from it. What must outlive a crash is in its volume on the machine's disk.

#[cfg(not(target_arch = "wasm32"))]
use super::aside::ServerState;
use super::clock::Clock;
use super::context::Context;
use super::disk::Volume;
use super::disk_record::{DiskError, DiskRecord};
use super::packet::Waiter;
use super::queue::Due;
use crate::base::{CopyOnWrite, GroupId, MemberId, Time};
use crate::kv::{Command, Key, Store};
use crate::raft::{Config, Configuration, Entry, Index, Log, Raft, Snapshot, Term};
use std::collections::VecDeque;
use std::rc::Rc;

/// Where a replica stands: the index of its host, and its own on that host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ReplicaIndex {
    pub host: usize,
    pub slot: usize,
}

impl ReplicaIndex {
    /// In one number of 30 bits: 12 of the host, 18 of the slot.
    pub fn packed(self) -> u32 {
        debug_assert!(self.host >> 12 == 0 && self.slot >> 18 == 0);
        (self.host << 18 | self.slot) as u32
    }

    pub fn unpacked(packed: u32) -> ReplicaIndex {
        ReplicaIndex {
            host: packed as usize >> 18,
            slot: packed as usize & 0x3_ffff,
        }
    }
}

/// One replica.
#[derive(Clone, Debug)]
pub struct Replica {
    pub(super) group: GroupId,
    /// `None` while its machine is crashed, or if it takes no part.
    pub(super) raft: Option<Raft<Command>>,
    pub(super) store: CopyOnWrite<Store>,
    pub(super) last_applied: Index,
    priority: u8,
    /// Why it runs without taking part: what is wrong with its volume.
    pub(super) refuses: Option<DiskError>,
    /// Who the members were at the first start, or nobody, if it was to join: written to the disk
    /// before that, and read from there at every other start.
    bootstrap: Configuration,
    /// Clients that wait for an entry of this leader to be applied, in the order of the log.
    pub(super) writers: CopyOnWrite<VecDeque<Writer>>,
    /// Clients that wait for a read.
    pub(super) readers: CopyOnWrite<Vec<Reader>>,
    pub(super) next_read: u64,
    /// When its timer's key falls due, in true time; [`Time::NEVER`] without one.
    pub(super) timer_at: Time,
    /// Requests since it reported last, and how many a second there were lately.
    pub(super) asked: u64,
    pub(super) load: u64,
    /// Its group has no replica on this machine.
    pub(super) absent: bool,
    /// How many replicas of its group were here before it.
    pub(super) life: u32,
    /// The greatest generation of the members of its group that were here and are gone: none up to it
    /// may speak again.
    pub(super) tombstone: u32,
}

/// A client that waits for an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    pub index: Index,
    pub term: Term,
    pub waiter: Waiter,
}

/// A client that waits for a read.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub number: u64,
    /// What was committed when it asked.
    pub asked: Index,
    pub key: Key,
    /// It takes whatever the server has.
    pub stale: bool,
    pub waiter: Waiter,
}

impl Replica {
    pub(super) fn new(group: GroupId, bootstrap: Configuration, priority: u8) -> Replica {
        Replica {
            group,
            raft: None,
            store: CopyOnWrite::default(),
            last_applied: 0,
            priority,
            refuses: None,
            bootstrap,
            writers: CopyOnWrite::default(),
            readers: CopyOnWrite::default(),
            next_read: 0,
            timer_at: Time::NEVER,
            asked: 0,
            load: 0,
            absent: false,
            life: 0,
            tombstone: MemberId::UNBORN,
        }
    }

    /// The place of a replica that isn't here.
    pub(super) fn absent(group: GroupId) -> Replica {
        let nobody = Configuration::default();
        Replica {
            absent: true,
            ..Replica::new(group, nobody, 0)
        }
    }

    /// Is here from now on, in a group with these founders.
    pub(super) fn bear(&mut self, founders: Configuration) {
        *self = Replica {
            tombstone: self.tombstone,
            life: self.life + 1,
            timer_at: self.timer_at,
            next_read: self.next_read,
            ..Replica::new(self.group, founders, 0)
        };
    }

    /// Sees to it that a key wakes the server in time. A key that comes too early finds out when
    /// it falls due; so a timer that is only ever put off costs one key per timeout.
    #[inline(always)]
    pub(super) fn arm(&mut self, index: ReplicaIndex, clock: &Clock, cx: &mut Context) {
        let Some(raft) = &self.raft else { return };
        let wake = raft.wake().0;
        if wake == Time::NEVER {
            return;
        }
        let wake = clock.when(wake).max(cx.now());
        if wake < self.timer_at {
            self.timer_at = wake;
            cx.push(wake, Due::Wake(index.packed()));
        }
    }

    /// Starts from what its volume holds, at this time of its machine's clock.
    pub(super) fn recover(&mut self, config: Config, volume: &Volume, shown: Time) {
        let (hard_state, log) = (volume.hard_state(), volume.log().clone());
        let snapshot = volume.snapshot().cloned();
        self.raft = Some(Raft::recover(config, hard_state, snapshot, log, shown));
    }

    /// Its priority in elections.
    pub fn priority(&self) -> u8 {
        self.priority
    }

    /// Gives it another priority, from now on and for all its starts.
    pub(super) fn set_priority(&mut self, priority: u8) {
        self.priority = priority;
        if let Some(raft) = &mut self.raft {
            raft.set_priority(priority);
        }
    }

    /// Replaces the state machine by the state in a snapshot.
    ///
    /// # Errors
    /// The snapshot holds no store; nothing was replaced.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<(), DiskError> {
        let index = snapshot.last.index;
        let at = DiskRecord::Snapshot { index };
        let store = Store::decode(&snapshot.state).map_err(|_| DiskError::Corrupt { at })?;
        self.store = store.into();
        self.last_applied = index;
        Ok(())
    }

    /// The last entry that its newest snapshot covers; 0 without one.
    pub(super) fn snapshot_index(&self) -> Index {
        let snapshot = self.raft.as_ref().and_then(Raft::snapshot);
        snapshot.map_or(0, |snapshot| snapshot.last.index)
    }

    /// How its server stands, if it runs.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn state(&self) -> Option<ServerState> {
        let raft = self.raft()?;
        let hard_state = raft.hard_state();
        Some(ServerState {
            role: raft.role(),
            term: hard_state.current_term,
            vote: hard_state.voted_for.map(|id| id.node()),
            leader: raft.leader().map(|id| id.node()),
            first: raft.log().first_index(),
            last: raft.log().last(),
            durable: raft.durable_index(),
            commit: raft.commit_index(),
            applied: self.last_applied,
            snapshot: self.snapshot_index(),
            configuration: raft.configuration_index(),
        })
    }

    /// Loses its memory.
    pub(super) fn crash(&mut self) {
        self.raft = None;
        self.refuses = None;
        self.store = CopyOnWrite::default();
        self.last_applied = 0;
        self.writers = CopyOnWrite::default();
        self.readers = CopyOnWrite::default();
        self.timer_at = Time::NEVER;
    }

    /// The group that it belongs to.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// Who the members were when it started for the first time; nobody, if it was to join.
    pub fn bootstrap(&self) -> &Configuration {
        &self.bootstrap
    }

    /// Why it runs without taking part: what is wrong with its volume.
    pub fn refuses(&self) -> Option<DiskError> {
        self.refuses
    }

    /// The server of the protocol; `None` while the machine is crashed, or if it takes no part.
    pub fn raft(&self) -> Option<&Raft<Command>> {
        self.raft.as_ref()
    }

    /// The state machine. Empty while the machine is crashed.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// last_applied.
    pub fn last_applied(&self) -> Index {
        self.last_applied
    }

    /// Whether it leads, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.raft.as_ref().is_some_and(Raft::is_leader)
    }
}

/// The members that a log names last; where it names none, those of the snapshot before it, or of
/// the first start.
pub(super) fn last_named<'a>(
    log: &'a Log<Command>,
    snapshot: Option<&'a Rc<Snapshot>>,
    bootstrap: &'a Configuration,
) -> &'a Configuration {
    let newest_first = (log.first_index()..=log.last_index()).rev();
    let mut entries = newest_first.filter_map(|index| log.entry(index));
    let in_log = entries.find_map(Entry::configuration);
    in_log
        .or(snapshot.map(|snapshot| &snapshot.configuration))
        .unwrap_or(bootstrap)
}
