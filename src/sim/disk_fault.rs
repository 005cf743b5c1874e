//! What can go wrong with a disk, and what a server makes of it when it starts.
//!
//! Every record on a disk has a checksum. A bad record behind the last completed sync is *torn*:
//! the power failed while it was written, nobody was told of it, and it is cut off. A bad record
//! before that was promised to others and can't be trusted any more: the disk is *corrupt*, and
//! the server takes no part, because it may have forgotten a vote or an entry. So does a server
//! without the *bootstrap record*, which is written once, before the first start: an empty disk
//! alone doesn't tell a new server from one that lost everything.

use super::disk::{Disk, Volume};
use super::disk_record::{DiskError, DiskFault, DiskRecord};
use super::event_log::Cause;
use super::why_not::WhyNot;
use crate::base::NodeId;
use crate::kv::Command;
use crate::raft::{Entry, HardState, Index, Log, Payload, Rule, Rules, Snapshot, Write};
use std::rc::Rc;

/// A record of which only a part was written.
#[derive(Clone, Debug)]
pub(super) enum Torn {
    HardState(HardState),
    Entry(Index, Entry<Command>),
    Snapshot(Index),
}

impl Torn {
    /// The first record of a write, half of it.
    pub fn of(write: &Write<Command>) -> Option<Torn> {
        if let Some(compaction) = &write.snapshot {
            return Some(Torn::Snapshot(compaction.snapshot.last.index));
        }
        if let Some(hard_state) = write.hard_state {
            return Some(Torn::HardState(half_vote(hard_state)));
        }
        let append = write.append.as_ref()?;
        let entry = append.entries.get(0)?;
        Some(Torn::Entry(append.first, half_entry(entry)))
    }

    /// Which record it should have been.
    pub fn record(&self) -> DiskRecord {
        match *self {
            Torn::HardState(_) => DiskRecord::HardState,
            Torn::Entry(index, _) => DiskRecord::Entry { index },
            Torn::Snapshot(index) => DiskRecord::Snapshot { index },
        }
    }
}

/// An entry as it reads if nobody looks at its checksum.
fn half_entry(entry: &Entry<Command>) -> Entry<Command> {
    Entry {
        term: entry.term,
        payload: Payload::Noop,
    }
}

/// A term and vote as they read if nobody looks at the checksum.
fn half_vote(hard_state: HardState) -> HardState {
    HardState {
        voted_for: None,
        ..hard_state
    }
}

/// A snapshot in which a bit has flipped.
fn rotten(snapshot: &Snapshot) -> Snapshot {
    let mut state = snapshot.state.to_vec();
    if let Some(byte) = state.last_mut() {
        *byte ^= 1;
    }
    Snapshot::new(
        snapshot.last,
        snapshot.configuration.clone(),
        Rc::from(state),
    )
}

impl Disk {
    /// Reads a volume at a start: what had to be cut off, if anything had to.
    ///
    /// # Errors
    /// Why the replica must not take part.
    pub(super) fn read(
        &mut self,
        slot: usize,
        rules: Rules,
    ) -> Result<Option<DiskRecord>, DiskError> {
        if !self.bootstrapped && rules.has(Rule::BootstrapRecord) {
            return Err(DiskError::NotBootstrapped);
        }
        // Without the rule, an empty disk passes for a first start.
        self.bootstrapped = true;
        self.volumes[slot].read(rules.has(Rule::DiskChecksum))
    }

    /// The volume whose record would be hit by a corruption: the first that has one.
    fn victim(&self) -> Option<(usize, DiskRecord)> {
        let volumes = self.volumes.iter().enumerate();
        volumes
            .filter_map(|(slot, volume)| Some((slot, volume.victim()?)))
            .next()
    }

    /// Why a fault can't be now on the disk of that server, if it can't.
    pub(super) fn why_not(&self, fault: DiskFault, node: NodeId) -> Option<WhyNot> {
        match fault {
            DiskFault::Tear if self.tearing => Some(WhyNot::DiskTorn { node }),
            DiskFault::Corrupt if self.corrupt().is_some() => Some(WhyNot::DiskCorrupt { node }),
            DiskFault::Corrupt if self.victim().is_none() => Some(WhyNot::DiskEmpty { node }),
            DiskFault::Fill if self.full => Some(WhyNot::DiskFull { node }),
            DiskFault::Free if !self.full => Some(WhyNot::DiskNotFull { node }),
            _ => None,
        }
    }

    /// Does it, for that reason.
    pub(super) fn suffer(&mut self, fault: DiskFault, cause: Cause) {
        match fault {
            DiskFault::Tear => (self.tearing, self.torn_by) = (true, cause),
            DiskFault::Corrupt => {
                if let Some((slot, record)) = self.victim() {
                    self.volumes[slot].corrupt = Some(record);
                }
            }
            DiskFault::Fill => self.full = true,
            DiskFault::Free => self.full = false,
            DiskFault::Wipe => self.wipe(),
        }
    }

    /// Whether it is full.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Whether the power fails in its next sync.
    pub fn is_tearing(&self) -> bool {
        self.tearing
    }

    /// The record of which only a part was written, until the next start.
    pub fn torn(&self) -> Option<DiskRecord> {
        let mut torn = self.volumes.iter().filter_map(|it| it.torn.as_ref());
        torn.next().map(Torn::record)
    }

    /// The durable record that is corrupt.
    pub fn corrupt(&self) -> Option<DiskRecord> {
        self.volumes.iter().find_map(|volume| volume.corrupt)
    }

    /// Whether the bootstrap record is there.
    pub fn is_bootstrapped(&self) -> bool {
        self.bootstrapped
    }

    /// Whether its servers will never again take part with what is on it.
    pub(super) fn is_spoilt(&self) -> bool {
        self.corrupt().is_some() || !self.bootstrapped
    }

    /// Tells it from the disks that this machine had before: each time it is wiped it counts on.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }
}

impl Volume {
    fn read(&mut self, checked: bool) -> Result<Option<DiskRecord>, DiskError> {
        if let Some(at) = self.corrupt {
            if checked {
                return Err(DiskError::Corrupt { at });
            }
            self.misread(at);
        }
        let torn = self.torn.take();
        if checked {
            return Ok(torn.map(|torn| torn.record()));
        }
        if let Some(torn) = torn {
            self.misread = Some(torn.record());
            match torn {
                Torn::HardState(hard_state) => self.hard_state = hard_state,
                Torn::Entry(index, entry) => {
                    self.log.truncate(index);
                    self.log.push(entry);
                }
                Torn::Snapshot(_) => {}
            }
        }
        Ok(None)
    }

    /// Takes a corrupt record for what it seems to say.
    fn misread(&mut self, at: DiskRecord) {
        self.corrupt = None;
        self.misread = Some(at);
        match at {
            DiskRecord::HardState => self.hard_state = half_vote(self.hard_state),
            DiskRecord::Snapshot { .. } => {
                let wrong = self.snapshot.as_deref().map(rotten);
                self.snapshot = wrong.map(Rc::new);
            }
            DiskRecord::Entry { index } => {
                let behind = self.log.slice(index + 1, u64::MAX >> 1);
                let Some(entry) = self.log.entry(index).map(half_entry) else {
                    return;
                };
                self.log.truncate(index);
                self.log.push(entry);
                self.log.extend(&behind);
            }
        }
    }

    /// The record in which a bit would flip: the last command of the log, else the snapshot, else
    /// term and vote; `None` if nothing is there to lose.
    fn victim(&self) -> Option<DiskRecord> {
        let log: &Log<Command> = &self.log;
        let is_command = |index: &Index| matches!(log.entry(*index), Some(entry) if matches!(entry.payload, Payload::Command(_)));
        let newest = (log.first_index()..=log.last_index()).rev().take(64);
        let entry = newest.into_iter().find(is_command);
        let snapshot = self.snapshot.as_ref().map(|it| it.last.index);
        entry
            .map(|index| DiskRecord::Entry { index })
            .or(snapshot.map(|index| DiskRecord::Snapshot { index }))
            .or((self.hard_state.current_term > 0).then_some(DiskRecord::HardState))
    }
}
