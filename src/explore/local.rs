//! One server of a world: the core, its disk, the writes under way, and who waits for a read.

use super::bounds::Bounds;
use crate::base::{Digest, Fold, MemberId, NodeId, Time};
use crate::raft::{
    Body, Change, Config, Configuration, Effects, Fingerprint, HardState, Index, Input, Log,
    Measured, Message, Raft, Read, ReadLevel, Sketch, Snapshot, Write,
};
use std::collections::VecDeque;
use std::rc::Rc;

/// The instant at which everything happens.
const NOW: Time = Time::ZERO;

/// What clients ask for: the first, the second, … command of a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command(pub u8);

impl Measured for Command {
    fn bytes(&self) -> u32 {
        1
    }
}

impl Fold for Command {
    fn fold(&self, digest: &mut Digest) {
        self.0.fold(digest);
    }
}

/// What can happen to a server.
#[derive(Clone, Debug)]
pub enum Happening {
    /// A message arrives.
    Arrives(Message<Command>),
    /// Its election timer runs out.
    TimesOut,
    /// Its heartbeat is due.
    Beats,
    /// A client's command comes.
    Proposes(Command),
    /// A linearizable read comes, by its number; and the last entry that is committed by then.
    Reads(u64, Index),
    /// It is told to hand over.
    Transfers(NodeId),
    /// It is asked for a change of membership.
    Changes(Change),
    /// It is told to end a joint configuration.
    Leaves,
    /// It compacts its log up to its commit index; with its state by then.
    Compacts(Rc<[u8]>),
    /// The oldest write under way is durable.
    Syncs,
    /// It crashes with so many parts of what is under way on its disk, and starts again.
    Crashes(u32),
    /// It crashes, loses its disk, and starts again with an empty one.
    Wiped,
}

/// What is durable.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub hard_state: HardState,
    pub snapshot: Option<Rc<Snapshot>>,
    pub log: Log<Command>,
    /// Which disk it is: one that replaced another has a greater number.
    number: u32,
}

impl Disk {
    /// Takes in the first parts of a write, in the order of the contract (`raft::input`): the snapshot,
    /// term and vote, then entry by entry. Returns how many of `parts` are left.
    fn take(&mut self, write: &Write<Command>, parts: u32) -> u32 {
        let mut left = parts;
        let mut part = |is_there: bool| {
            let taken = is_there && left > 0;
            left -= u32::from(taken);
            taken
        };
        if let Some(compaction) = write.snapshot.as_ref().filter(|_| part(true)) {
            self.snapshot = Some(compaction.snapshot.clone());
            self.log.rebase(compaction.base);
        }
        if let Some(hard_state) = write.hard_state.filter(|_| part(true)) {
            self.hard_state = hard_state;
        }
        if let Some(append) = &write.append {
            let taken = append.entries.iter().take_while(|_| part(true)).count() as u64;
            if taken > 0 {
                self.log.truncate(append.first);
                self.log.extend(&append.entries.slice(0, taken));
            }
        }
        left
    }
}

/// How many parts a write has.
fn parts(write: &Write<Command>) -> u32 {
    let entries = write
        .append
        .as_ref()
        .map_or(0, |it| it.entries.len() as u32);
    entries + u32::from(write.snapshot.is_some()) + u32::from(write.hard_state.is_some())
}

/// A server.
#[derive(Clone, Debug)]
pub struct Local {
    /// Which member it was told to be when it was set up. Its disk may know better.
    begins: MemberId,
    pub raft: Raft<Command>,
    pub disk: Disk,
    /// Writes that aren't durable, oldest first.
    pub under_way: VecDeque<Write<Command>>,
    /// Reads that wait here, and what was committed when they came.
    reads: Vec<(u64, Index)>,
    /// The last batch of reads that it has sent on.
    batch: u64,
}

/// A read that was answered from something too old.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stale {
    pub index: Index,
    pub asked: Index,
}

impl Local {
    /// A server that starts for the first time.
    pub fn new(id: NodeId, bounds: &Bounds) -> Local {
        let founder = bounds.members.member_on(id);
        let config = Config {
            id: founder.unwrap_or(MemberId::new(id, MemberId::UNBORN)),
            members: match founder {
                Some(_) => bounds.members.clone(),
                None => Configuration::default(),
            },
            timing: bounds.timing(),
            rules: bounds.rules,
            priority: 0,
            seed: 0,
            incarnation: 0,
            disk: 0,
        };
        Local {
            begins: config.id,
            raft: Raft::new(config, NOW),
            disk: Disk::default(),
            under_way: VecDeque::new(),
            reads: Vec::new(),
            batch: 0,
        }
    }

    /// How many parts of writes are under way.
    pub fn parts_under_way(&self) -> u32 {
        self.under_way.iter().map(parts).sum()
    }

    /// Something happens. What it writes is durable at once, unless its disk is `slow` or something is
    /// under way already. Messages and traces come out; and a read that was answered wrongly.
    pub fn step(
        &mut self,
        happening: Happening,
        slow: bool,
        out: &mut Effects<Command>,
    ) -> Option<Stale> {
        let mut commands = Vec::new();
        let asked;
        let input = match happening {
            Happening::Arrives(message) => Input::Receive(message),
            Happening::TimesOut => Input::Campaign,
            Happening::Beats if self.raft.is_leader() => Input::Wake,
            Happening::Beats => return None,
            Happening::Proposes(command) => {
                commands.push(command);
                Input::Propose(&mut commands)
            }
            Happening::Reads(id, committed) => {
                self.reads.push((id, committed));
                let level = ReadLevel::Linearizable;
                Input::Read { id, level }
            }
            Happening::Transfers(to) => Input::Transfer(to),
            Happening::Changes(change) => {
                asked = change;
                Input::Change(&asked)
            }
            Happening::Leaves => Input::LeaveJoint,
            Happening::Compacts(state) => Input::Compact {
                index: self.raft.commit_index(),
                state,
            },
            Happening::Syncs => {
                let write = self.under_way.pop_front()?;
                self.disk.take(&write, u32::MAX);
                Input::Persisted(write)
            }
            Happening::Crashes(parts) => {
                self.crash(parts);
                return None;
            }
            Happening::Wiped => {
                self.disk = Disk {
                    number: self.disk.number + 1,
                    ..Disk::default()
                };
                self.under_way.clear();
                self.crash(0);
                return None;
            }
        };
        self.raft.step(NOW, input, out);
        self.write(slow, out);
        out.messages.retain(|message| self.is_no_reminder(message));
        self.answer(out)
    }

    /// A follower reminds its leader of reads after a while. Where no time passes, that is whenever it
    /// hears of it, without end; so reminders are lost, as any message can be.
    fn is_no_reminder(&mut self, message: &Message<Command>) -> bool {
        let Body::ReadIndex { batch } = message.body else {
            return true;
        };
        let before = self.batch;
        self.batch = before.max(batch);
        batch > before
    }

    /// Does with the writes that came out what is to be done.
    fn write(&mut self, slow: bool, out: &mut Effects<Command>) {
        let wait = slow || !self.under_way.is_empty();
        while !out.writes.is_empty() {
            for write in std::mem::take(&mut out.writes) {
                if wait {
                    self.under_way.push_back(write);
                } else {
                    self.disk.take(&write, u32::MAX);
                    self.raft.step(NOW, Input::Persisted(write), out);
                }
            }
        }
    }

    /// Looks at the reads that came out.
    fn answer(&mut self, out: &mut Effects<Command>) -> Option<Stale> {
        let mut stale = None;
        for read in out.reads.drain(..) {
            let (Read::Ready { id, .. } | Read::NotLeader { id, .. }) = read;
            let waits = self.reads.iter().position(|&(waiting, _)| waiting == id);
            let asked = waits.map(|at| self.reads.swap_remove(at).1);
            if let (Read::Ready { index, .. }, Some(asked)) = (read, asked)
                && index < asked
            {
                stale = Some(Stale { index, asked });
            }
        }
        stale
    }

    fn crash(&mut self, mut parts: u32) {
        for write in self.under_way.drain(..) {
            parts = self.disk.take(&write, parts);
        }
        self.reads.clear();
        let config = Config {
            id: self.begins,
            incarnation: self.raft.config().incarnation + 1,
            disk: self.disk.number,
            ..self.raft.config().clone()
        };
        let Disk {
            hard_state,
            snapshot,
            log,
            ..
        } = self.disk.clone();
        self.raft = Raft::recover(config, hard_state, snapshot, log, NOW);
    }
}

impl Fingerprint for Local {
    fn sketch(&self, into: &mut Sketch<'_>) {
        self.raft.sketch(into);
        let Disk {
            hard_state,
            snapshot,
            log,
            number,
        } = &self.disk;
        hard_state.sketch(into);
        into.option(snapshot.as_ref(), |into, it| it.sketch(into));
        log.sketch(into);
        into.word((*number).into());
        into.word(self.under_way.len() as u64);
        self.under_way.iter().for_each(|write| write.sketch(into));
        into.unordered(&self.reads, |into, &(id, asked)| {
            into.word(id);
            into.word(asked);
        });
    }
}
