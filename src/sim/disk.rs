//! A machine's disk: what survives a crash.
//!
//! Writes become durable in the order in which they came. While an fsync runs, the next writes
//! gather, and go out together in the next fsync (group commit). A crash loses everything whose
//! fsync was not complete. What else can happen to a disk is in `disk_fault`.

use super::disk_fault::Torn;
use super::disk_record::DiskRecord;
use super::event_log::Cause;
use super::settings::{Beginning, DiskSettings};
use crate::base::{ClientId, Draws, NodeId, Purpose, Shared, Time};
use crate::kv::{Command, Operation};
use crate::raft::{Entry, HardState, Index, Log, Snapshot, Write};
use std::collections::VecDeque;
use std::rc::Rc;

/// The client of what was written before the run began.
const BEFORE: ClientId = ClientId(1_000);

/// A disk: one device, with a volume for each replica of its machine.
#[derive(Clone, Debug)]
pub struct Disk {
    settings: DiskSettings,
    draws: Draws,
    /// Whether the bootstrap record is there: it is written before the first start.
    pub(super) bootstrapped: bool,
    pub(super) incarnation: u32,
    /// By the replicas' slots.
    pub(super) volumes: Shared<Volume>,
    /// Writes that are not durable, oldest first; the first `syncing` of them are in the fsync.
    queued: VecDeque<Queued>,
    syncing: usize,
    due: Option<Time>,
    pub(super) full: bool,
    pub(super) tearing: bool,
    /// What makes its next sync tear.
    pub(super) torn_by: Cause,
}

/// A write of the replica in a slot.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub slot: usize,
    /// Which of the replicas that were in the slot, one after the other.
    pub life: u32,
    pub write: Write<Command>,
    /// What the server wrote it for; once it is durable, the event that says so.
    pub cause: Cause,
}

/// What is durable of one replica.
#[derive(Clone, Debug, Default)]
pub struct Volume {
    pub(super) hard_state: HardState,
    pub(super) snapshot: Option<Rc<Snapshot>>,
    pub(super) log: Log<Command>,
    pub(super) torn: Option<Torn>,
    pub(super) corrupt: Option<DiskRecord>,
    /// A bad record that was taken for a good one at the last start: only a broken rule does that.
    pub(super) misread: Option<DiskRecord>,
}

impl Volume {
    /// Holds this at the beginning of the run, as if it had long been durable.
    pub(super) fn begin(&mut self, Beginning { term, log }: &Beginning) {
        self.hard_state.current_term = *term;
        for (index, &term) in (1..).zip(log) {
            let operation = Operation::Put {
                key: "x".into(),
                value: index.to_string().into(),
            };
            let command = Command::first(BEFORE, index, operation);
            self.log.push(Entry::from((term, command)));
        }
    }

    /// The term and the vote that are durable.
    pub fn hard_state(&self) -> HardState {
        self.hard_state
    }

    /// The snapshot that is durable.
    pub fn snapshot(&self) -> Option<&Rc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// The log that is durable, behind what the snapshot covers.
    pub fn log(&self) -> &Log<Command> {
        &self.log
    }

    /// Takes in a write whose fsync is complete.
    fn complete(&mut self, write: &Write<Command>) {
        // A record that is written anew is good again.
        self.corrupt = self.corrupt.filter(|record| !overwrites(write, *record));
        if let Some(compaction) = &write.snapshot {
            self.snapshot = Some(compaction.snapshot.clone());
        }
        if let Some(hard_state) = write.hard_state {
            self.hard_state = hard_state;
        }
        write_log(&mut self.log, write);
    }
}

impl Disk {
    /// A disk with one volume.
    pub(super) fn new(node: NodeId, settings: DiskSettings, seed: u64) -> Disk {
        Disk {
            settings,
            draws: Draws::new(seed, Purpose::Fsync, node.0.into()),
            bootstrapped: true,
            incarnation: 0,
            volumes: std::iter::once(Volume::default()).collect(),
            queued: VecDeque::new(),
            syncing: 0,
            due: None,
            full: false,
            tearing: false,
            torn_by: Cause::NONE,
        }
    }

    /// How fast it is.
    pub fn settings(&self) -> &DiskSettings {
        &self.settings
    }

    pub(super) fn set(&mut self, settings: DiskSettings) {
        self.settings = settings;
    }

    /// Writes that are not durable yet.
    pub fn queued(&self) -> usize {
        self.queued.len()
    }

    /// When the fsync that runs is complete.
    pub fn due(&self) -> Option<Time> {
        self.due
    }

    /// Takes a write. If that starts an fsync, returns when it is complete.
    pub(super) fn submit(&mut self, queued: Queued, now: Time) -> Option<Time> {
        // A write that only keeps messages in order is durable with the one before it.
        let rides_along =
            queued.write.is_empty() && self.due.is_some() && self.syncing == self.queued.len();
        self.syncing += usize::from(rides_along);
        self.queued.push_back(queued);
        self.sync(now)
    }

    /// The writes in the fsync that runs.
    fn syncing(&self) -> impl Iterator<Item = &Queued> {
        self.queued.iter().take(self.syncing)
    }

    /// The first slot, from this one on, of which it writes anything.
    pub(super) fn slot_in_sync(&self, from: usize) -> Option<usize> {
        next_slot(self.syncing(), from)
    }

    /// What the last of them was written for.
    pub(super) fn syncs_for(&self) -> Cause {
        let last = self
            .syncing
            .checked_sub(1)
            .and_then(|at| self.queued.get(at));
        last.map_or(Cause::NONE, |last| last.cause)
    }

    /// Those of the replica in a slot.
    pub(super) fn in_sync(&self, slot: usize) -> impl Iterator<Item = &Write<Command>> {
        let of_slot = self.syncing().filter(move |queued| queued.slot == slot);
        of_slot.map(|queued| &queued.write)
    }

    /// Starts an fsync of everything queued, if none runs, anything is, and there is space.
    pub(super) fn sync(&mut self, now: Time) -> Option<Time> {
        if self.due.is_some() || self.queued.is_empty() || self.full {
            return None;
        }
        self.syncing = self.queued.len();
        let DiskSettings {
            fsync_min,
            fsync_max,
        } = self.settings;
        self.due = Some(now + self.draws.span(fsync_min, fsync_max));
        self.due
    }

    /// Completes the fsync that runs: its writes are durable and come out in their order.
    pub(super) fn complete(&mut self, durable: &mut VecDeque<Queued>) {
        self.due = None;
        for queued in self.queued.drain(..self.syncing) {
            self.volumes[queued.slot].complete(&queued.write);
            durable.push_back(queued);
        }
    }

    /// The machine lost its memory: what wasn't durable is gone. Returns the first index that the
    /// log of the first replica had and its volume hasn't.
    pub(super) fn crash(&mut self) -> Option<Index> {
        if std::mem::take(&mut self.tearing) {
            let mut syncing = self.queued.iter().take(self.syncing);
            let torn = syncing.find_map(|it| Some((it.slot, Torn::of(&it.write)?)));
            if let Some((slot, torn)) = torn {
                self.volumes[slot].torn = Some(torn);
            }
        }
        let first = self.queued.drain(..).filter(|it| it.slot == 0);
        let lost_from = first.filter_map(|it| it.write.append).map(|it| it.first);
        let lost_from = lost_from.min();
        self.syncing = 0;
        self.due = None;
        lost_from
    }

    /// Nothing of what is queued in a slot is written any more.
    pub(super) fn forget_queued(&mut self, slot: usize) {
        let syncing = self.syncing().filter(|it| it.slot == slot).count();
        self.syncing -= syncing;
        self.queued.retain(|it| it.slot != slot);
    }

    /// What a slot holds is gone for good.
    pub(super) fn forget(&mut self, slot: usize) {
        self.forget_queued(slot);
        self.volumes[slot] = Volume::default();
    }

    /// Whether the power fails before the sync that runs is complete.
    pub(super) fn tears(&self) -> bool {
        self.tearing && self.syncing().any(|it| !it.write.is_empty())
    }

    /// Everything on it is gone.
    pub(super) fn wipe(&mut self) {
        self.bootstrapped = false;
        self.incarnation += 1;
        self.volumes.iter_mut().for_each(|volume| {
            // What was misread at the last start stays known.
            let misread = volume.misread;
            *volume = Volume {
                misread,
                ..Volume::default()
            };
        });
        self.full = false;
        self.tearing = false;
    }
}

/// The first slot, from this one on, that any of these writes is of.
#[inline]
pub(super) fn next_slot<'a>(
    queued: impl IntoIterator<Item = &'a Queued>,
    from: usize,
) -> Option<usize> {
    let slots = queued.into_iter().map(|it| it.slot);
    slots.filter(|&slot| slot >= from).min()
}

/// What a write does to the log on the disk.
pub(super) fn write_log(log: &mut Log<Command>, write: &Write<Command>) {
    if let Some(compaction) = &write.snapshot {
        log.rebase(compaction.base);
    }
    if let Some(append) = &write.append {
        log.truncate(append.first);
        log.extend(&append.entries);
    }
}

/// Whether a write replaces, or makes superfluous, a record.
fn overwrites(write: &Write<Command>, record: DiskRecord) -> bool {
    let compaction = write.snapshot.as_ref();
    match record {
        DiskRecord::HardState => write.hard_state.is_some(),
        DiskRecord::Snapshot { .. } => compaction.is_some(),
        DiskRecord::Entry { index } => {
            write.append.as_ref().is_some_and(|it| it.first <= index)
                || compaction.is_some_and(|it| it.base.index >= index)
        }
    }
}
