//! One machine: a server of the protocol, its disk, its store, and whoever waits for an answer.
//!
//! A host only holds what belongs together. What happens to it is in `dispatch`, which acts on
//! the protocol's effects, and in `act`, which does to it what a person asks for.

use super::context::Context;

use super::clock::Clock;
use super::disk::Disk;
use super::disk_fault::{DiskError, DiskRecord};
use super::network::InFlight;
use super::packet::Waiter;
use super::queue::Due;
use super::settings::Settings;
use crate::base::{NodeId, Time};
use crate::kv::{Command, Key, Store};
use crate::raft::{Config, Configuration, Entry, Index, Log, Raft, Rules, Snapshot, Term, Write};
use serde::Serialize;
use std::collections::VecDeque;
use std::rc::Rc;

/// Packets that can wait at a paused server; more are lost.
pub const MAX_WAITING: usize = 1_024;

/// Whether a server runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// It runs.
    Up,
    /// Suspended: memory kept, messages wait.
    Paused,
    /// Down: only its disk is left.
    Crashed,
}

/// One machine.
#[derive(Clone, Debug)]
pub struct Host {
    pub(super) id: NodeId,
    pub(super) power: Power,
    /// `None` while it is crashed.
    pub(super) raft: Option<Raft<Command>>,
    pub(super) store: Store,
    pub(super) last_applied: Index,
    pub(super) disk: Disk,
    pub(super) clock: Clock,
    priority: u8,
    /// Why it runs without taking part: what is wrong with its disk.
    pub(super) refuses: Option<DiskError>,
    /// Who the members were at the first start, or nobody, if it was to join: written to the disk
    /// before that, and read from there at every other start.
    bootstrap: Configuration,
    /// Switched off for good: it is no member any more.
    pub(super) retired: bool,
    /// The id under which its machine came back, because this one takes no part any more.
    pub(super) rejoined_as: Option<NodeId>,
    /// How often it has crashed.
    incarnation: u32,
    /// Clients that wait for an entry of this leader to be applied, in the order of the log.
    pub(super) writers: VecDeque<Writer>,
    /// Clients that wait for a read.
    pub(super) readers: Vec<Reader>,
    pub(super) next_read: u64,
    /// What came in while it was paused.
    pub(super) waiting: VecDeque<Waiting>,
    /// When its timer's key falls due, in true time; [`Time::NEVER`] without one.
    pub(super) timer_at: Time,
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
    pub waiter: Waiter,
}

/// What a paused server will find when it goes on.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    Packet(InFlight),
    Persisted(Write<Command>),
}

impl Host {
    pub(super) fn new(
        id: NodeId,
        bootstrap: Configuration,
        settings: &Settings,
        rules: Rules,
        seed: u64,
        now: Time,
    ) -> Host {
        let mut host = Host {
            id,
            power: Power::Crashed,
            raft: None,
            store: Store::default(),
            last_applied: 0,
            disk: Disk::new(id, settings.disk, seed),
            clock: Clock::default(),
            priority: settings.priority(id),
            bootstrap,
            refuses: None,
            retired: false,
            rejoined_as: None,
            incarnation: 0,
            writers: VecDeque::new(),
            readers: Vec::new(),
            next_read: 0,
            waiting: VecDeque::new(),
            timer_at: Time::NEVER,
        };
        if let Some(beginning) = settings.start.get(id.0 as usize - 1) {
            host.disk.begin(beginning);
        }
        host.start(settings, rules, seed, now);
        host
    }

    /// Sees to it that a key wakes the server in time. A key that comes too early finds out when
    /// it falls due; so a timer that is only ever put off costs one key per timeout.
    #[inline(always)]
    pub(super) fn arm(&mut self, cx: &mut Context) {
        let Some(raft) = &self.raft else { return };
        let wake = raft.wake().0;
        if wake == Time::NEVER {
            return;
        }
        let wake = self.clock.when(wake).max(cx.now());
        if wake < self.timer_at {
            self.timer_at = wake;
            cx.push(wake, Due::Wake(self.id.0 - 1));
        }
    }

    /// Starts from what the disk holds. Returns the record that had to be cut off it. If the disk
    /// can't be trusted, the machine runs, but takes no part.
    pub(super) fn start(
        &mut self,
        settings: &Settings,
        rules: Rules,
        seed: u64,
        now: Time,
    ) -> Option<DiskRecord> {
        self.power = Power::Up;
        let read = self.disk.read(rules);
        let restored = read.and_then(|cut| {
            let snapshot = self.disk.snapshot().cloned();
            snapshot.map_or(Ok(()), |it| self.restore(&it))?;
            Ok(cut)
        });
        match restored {
            Ok(cut) => {
                self.recover(settings, rules, seed, now);
                cut
            }
            Err(why) => {
                self.refuses = Some(why);
                None
            }
        }
    }

    fn recover(&mut self, settings: &Settings, rules: Rules, seed: u64, now: Time) {
        let config = Config {
            id: self.id,
            members: self.bootstrap.clone(),
            timing: settings.timing,
            rules,
            priority: self.priority,
            seed,
            incarnation: self.incarnation,
            disk: self.disk.incarnation(),
        };
        let (hard_state, log) = (self.disk.hard_state(), self.disk.log().clone());
        let snapshot = self.disk.snapshot().cloned();
        self.raft = Some(Raft::recover(
            config,
            hard_state,
            snapshot,
            log,
            self.clock.read(now),
        ));
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
        self.store = Store::decode(&snapshot.state).map_err(|_| DiskError::Corrupt { at })?;
        self.last_applied = index;
        Ok(())
    }

    /// The last entry that its newest snapshot covers; 0 without one.
    pub(super) fn snapshot_index(&self) -> Index {
        let snapshot = self.raft.as_ref().and_then(Raft::snapshot);
        snapshot.map_or(0, |snapshot| snapshot.last.index)
    }

    /// Loses its memory. Returns the first index that the disk didn't have.
    pub(super) fn crash(&mut self) -> Option<Index> {
        self.power = Power::Crashed;
        self.raft = None;
        self.refuses = None;
        self.store = Store::default();
        self.last_applied = 0;
        self.incarnation += 1;
        self.writers.clear();
        self.readers.clear();
        self.waiting.clear();
        self.timer_at = Time::NEVER;
        self.disk.crash()
    }

    /// Whether no more messages can wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// Who the members were when it started for the first time; nobody, if it was to join.
    pub fn bootstrap(&self) -> &Configuration {
        &self.bootstrap
    }

    /// Whether it was a member, is none any more, and is switched off for good.
    pub fn is_retired(&self) -> bool {
        self.retired
    }

    /// The id under which its machine came back, because this one takes no part any more.
    pub fn rejoined_as(&self) -> Option<NodeId> {
        self.rejoined_as
    }

    /// The last configuration on its disk; where there is none, what it was told at its first start.
    pub(super) fn configuration_on_disk(&self) -> &Configuration {
        last_named(self.disk.log(), self.disk.snapshot(), &self.bootstrap)
    }

    /// Who it is.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Whether it runs.
    pub fn power(&self) -> Power {
        self.power
    }

    /// Why it runs without taking part: what is wrong with its disk.
    pub fn refuses(&self) -> Option<DiskError> {
        self.refuses
    }

    /// The server of the protocol; `None` while the machine is crashed, or takes no part.
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

    /// Its disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Its clock: the time that its server goes by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Messages and requests that wait because it is paused.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
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
