//! One machine: its clock, its disk, and the replicas that it runs.
//!
//! A host only holds what belongs together. What happens to it is in `dispatch`, which acts on
//! the protocol's effects, and in `act`, which does to it what a person asks for. A group has at
//! most one replica on a host; where nobody says which group, it is the first one.

use super::clock::Clock;
use super::context::Context;
use super::disk::{Disk, Queued, Volume};
use super::disk_record::{DiskError, DiskRecord};
use super::network::InFlight;
use super::packet::Content;
use super::replica::{Replica, ReplicaIndex, last_named};
use super::settings::Settings;
use crate::base::{CopyOnWrite, GroupId, MemberId, NodeId, Shared, Sorted, Time};
use crate::kv::controller::Controller;
use crate::kv::{Command, Store};
use crate::raft::{Config, Configuration, Index, Raft, Rules};
use serde::Serialize;
use std::collections::VecDeque;

/// Packets that can wait at a paused server; more are lost.
pub const MAX_WAITING: usize = 1_024;

/// Whether a server runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
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
    pub(super) clock: CopyOnWrite<Clock>,
    pub(super) disk: CopyOnWrite<Disk>,
    /// By slot, as the volumes of its disk.
    pub(super) replicas: Shared<Replica>,
    /// Switched off for good: it is no member any more.
    pub(super) retired: bool,
    /// The id under which its machine came back, because this one takes no part any more.
    pub(super) rejoined_as: Option<NodeId>,
    /// How often it has crashed.
    incarnation: u32,
    /// What came in while it was paused.
    pub(super) waiting: CopyOnWrite<VecDeque<Waiting>>,
    /// The controller, while it runs here.
    pub(super) controller: Option<Box<Controller>>,
    /// When each node reported here last, by this machine's clock.
    pub(super) heard: Sorted<NodeId, Time>,
    /// The slots of all groups but the first one, by group.
    slots: CopyOnWrite<Vec<(GroupId, u32)>>,
}

/// What a paused server will find when it goes on.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    Packet(InFlight),
    /// A write is durable.
    Persisted(Queued),
}

impl Host {
    /// A machine with a replica of the first group; where there are many groups, it has none at first.
    pub(super) fn new(
        id: NodeId,
        bootstrap: Configuration,
        settings: &Settings,
        rules: Rules,
        seed: u64,
        now: Time,
    ) -> Host {
        let replica = Replica::new(GroupId::FIRST, bootstrap, settings.priority(id));
        let mut host = Host {
            id,
            power: Power::Crashed,
            clock: CopyOnWrite::default(),
            disk: Disk::new(id, settings.disk, seed).into(),
            replicas: std::iter::once(replica).collect(),
            retired: false,
            rejoined_as: None,
            incarnation: 0,
            waiting: CopyOnWrite::default(),
            controller: None,
            heard: Sorted::default(),
            slots: CopyOnWrite::default(),
        };
        if settings.shards.are_many() {
            host.replicas[0].absent = true;
            host.power = Power::Up;
            return host;
        }
        if let Some(beginning) = settings.start.get(id.0 as usize - 1) {
            host.disk.volumes[0].begin(beginning);
        }
        host.start(0, settings, rules, seed, now);
        host
    }

    /// The slot of a group's replica, if it has one here.
    #[inline]
    pub(super) fn slot(&self, group: GroupId) -> Option<usize> {
        if group.is_first() {
            return Some(0);
        }
        let place = self
            .slots
            .binary_search_by_key(&group, |&(it, _)| it)
            .ok()?;
        Some(self.slots[place].1 as usize)
    }

    /// The slot of a group's replica that is here.
    #[inline]
    pub(super) fn slot_of_replica(&self, group: GroupId) -> Option<usize> {
        let slot = self.slot(group)?;
        (!self.replicas[slot].absent).then_some(slot)
    }

    /// The slot of a group's replica; a new one without a replica, if it never had any here.
    pub(super) fn make_slot(&mut self, group: GroupId) -> usize {
        if let Some(slot) = self.slot(group) {
            return slot;
        }
        let slot = self.replicas.len();
        let place = self.slots.partition_point(|&(it, _)| it < group);
        self.slots.insert(place, (group, slot as u32));
        self.replicas.push(Replica::absent(group));
        self.disk.volumes.push(Volume::default());
        slot
    }

    /// Arms the timers of all replicas; `index` is that of this host.
    pub(super) fn arm(&mut self, index: usize, cx: &mut Context) {
        for slot in 0..self.replicas.len() {
            let at = ReplicaIndex { host: index, slot };
            self.replicas[slot].arm(at, &self.clock, cx);
        }
    }

    /// Starts a replica from what its volume holds. Returns the record that had to be cut off it. If
    /// the volume can't be trusted, the machine runs, but the replica takes no part.
    pub(super) fn start(
        &mut self,
        slot: usize,
        settings: &Settings,
        rules: Rules,
        seed: u64,
        now: Time,
    ) -> Option<DiskRecord> {
        self.power = Power::Up;
        let replica = &mut self.replicas[slot];
        let read = self.disk.read(slot, rules);
        let volume = &self.disk.volumes[slot];
        let restored = read.and_then(|cut| {
            volume.snapshot().map_or(Ok(()), |it| replica.restore(it))?;
            Ok(cut)
        });
        match restored {
            Ok(cut) => {
                // Who was set up to join learns from the first message which member it is.
                let founder = replica.bootstrap().member_on(self.id);
                let member = founder.unwrap_or(MemberId::unborn(self.id));
                let config = Config {
                    id: member,
                    members: replica.bootstrap().clone(),
                    timing: settings.timing,
                    rules,
                    priority: replica.priority(),
                    seed,
                    incarnation: self.incarnation,
                    disk: self.disk.incarnation(),
                };
                replica.recover(config, volume, self.clock.read(now));
                cut
            }
            Err(why) => {
                replica.refuses = Some(why);
                None
            }
        }
    }

    /// Loses its memory. Returns the first index of the first group's log that the disk didn't have.
    pub(super) fn crash(&mut self) -> Option<Index> {
        self.power = Power::Crashed;
        self.incarnation += 1;
        self.replicas.iter_mut().for_each(Replica::crash);
        self.waiting = CopyOnWrite::default();
        self.controller = None;
        self.heard = Sorted::default();
        self.disk.crash()
    }

    /// Whether no more messages can wait.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// The controller, while it runs here.
    pub fn controller(&self) -> Option<&Controller> {
        self.controller.as_deref()
    }

    /// Whether it was a member, is none any more, and is switched off for good.
    pub fn is_retired(&self) -> bool {
        self.retired
    }

    /// The id under which its machine came back, because this one takes no part any more.
    pub fn rejoined_as(&self) -> Option<NodeId> {
        self.rejoined_as
    }

    /// Who it is.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Whether it runs.
    pub fn power(&self) -> Power {
        self.power
    }

    /// Its disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Its clock: the time that its servers go by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Messages and requests that wait because it is paused.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Its replicas, one of each group that has one here.
    pub fn replicas(&self) -> impl Iterator<Item = &Replica> {
        self.replicas.iter()
    }

    /// Its replica of a group.
    pub fn replica_of(&self, group: GroupId) -> Option<&Replica> {
        self.slot(group).map(|slot| &self.replicas[slot])
    }

    /// Whether the replica that a message is for can't trust its disk, or isn't here.
    #[inline]
    pub(super) fn takes_no_part(&self, content: &Content) -> bool {
        let Content::Raft(group, _) = content else {
            return false;
        };
        let replica = self.replica_of(*group);
        replica.is_none_or(|replica| replica.absent || replica.refuses.is_some())
    }

    /// What its disk holds of a group's replica.
    pub fn volume_of(&self, group: GroupId) -> Option<&Volume> {
        self.slot(group).map(|slot| &self.disk.volumes[slot])
    }

    // ---- of the first group ----

    /// The replica of the first group.
    pub fn replica(&self) -> &Replica {
        &self.replicas[0]
    }

    /// What the disk holds of it.
    pub fn volume(&self) -> &Volume {
        &self.disk.volumes[0]
    }

    /// Its server of the protocol: see [`Replica::raft`].
    pub fn raft(&self) -> Option<&Raft<Command>> {
        self.replica().raft()
    }

    /// Its state machine: see [`Replica::store`].
    pub fn store(&self) -> &Store {
        self.replica().store()
    }

    /// Its last_applied.
    pub fn last_applied(&self) -> Index {
        self.replica().last_applied
    }

    /// Its priority in elections.
    pub fn priority(&self) -> u8 {
        self.replica().priority()
    }

    /// Why it runs without taking part: what is wrong with its volume.
    pub fn refuses(&self) -> Option<DiskError> {
        self.replica().refuses
    }

    /// Who the members were when it started for the first time; nobody, if it was to join.
    pub fn bootstrap(&self) -> &Configuration {
        self.replica().bootstrap()
    }

    /// Whether it leads, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.replica().is_leader()
    }

    /// The last configuration on its disk; where there is none, what it was told at its first start.
    pub(super) fn configuration_on_disk(&self) -> &Configuration {
        let volume = self.volume();
        last_named(volume.log(), volume.snapshot(), self.bootstrap())
    }
}
