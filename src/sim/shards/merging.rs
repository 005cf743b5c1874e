//! Two groups become one: what their replicas do, and how a replica gets at the source's state.
//!
//! A replica of the target finds the source's state on its own machine, where the source has a replica, too. That one may
//! lag: then its state is brought up to the entry that froze it, with what stands in its own log as far as every
//! member has that, and with the entries that the absorb carries. Where that can't be, the target's replica applies
//! nothing more until it can. Whoever became a member only behind the absorb has no such replica: no snapshot from before
//! the absorb is sent to it.

use crate::base::{GroupId, MemberId};
use crate::kv::{Absorb, AdminCommand, Command, Freeze, ShardRule, Store};
use crate::raft::{Body, Entry, EntryId, Index, Message, Payload, Raft};
use crate::sim::EventKind;
use crate::sim::dispatch::apply_settings;
use crate::sim::host::Host;
use crate::sim::replica::{Replica, ReplicaIndex};
use crate::sim::simulation::Simulation;

/// The absorb in the entry at that place of a log, if there is one.
fn absorb_at(raft: &Raft<Command>, index: Index) -> Option<&Absorb> {
    let Payload::Command(Command::Admin(command)) = &raft.log().entry(index)?.payload else {
        return None;
    };
    match &**command {
        AdminCommand::Absorb(absorb) => Some(absorb),
        _ => None,
    }
}

/// Whether a message brings a snapshot from before an absorb to who was no member then. An absorb that isn't applied yet
/// may do nothing.
fn is_too_old(replica: &Replica, message: &Message<Command>) -> bool {
    let (Body::InstallSnapshot { chunk, .. }, Some(raft)) = (&message.body, &replica.raft) else {
        return false;
    };
    let absorbed_at = replica.store.shard().map(|it| it.merges.absorbed_at);
    let mut behind = chunk.last.index + 1..=raft.log().last_index();
    behind.any(|index| {
        let was_member = || {
            let (_, members) = raft.configuration_at(index);
            members.members().contains(&message.to)
        };
        let counts = index > replica.last_applied || absorbed_at == Some(index);
        counts && absorb_at(raft, index).is_some() && !was_member()
    })
}

impl Simulation {
    /// Whether a replica can't apply its next entry yet, because that takes a source in whose state isn't here.
    pub(in crate::sim) fn waits_for_source(&self, at: ReplicaIndex) -> bool {
        let rules = self.settings.shards.rules;
        let replica = self.replica(at);
        let next = replica.last_applied + 1;
        let raft = replica.raft.as_ref();
        let Some(absorb) = raft.and_then(|raft| absorb_at(raft, next)) else {
            return false;
        };
        rules.has(ShardRule::AbsorbWaits)
            && replica.store.absorbs(absorb).is_some()
            && self.source_of(at.host, absorb).is_none()
    }

    /// The source's state after the entry that froze it, by what is on this machine and what the absorb carries.
    fn source_of(&self, host: usize, absorb: &Absorb) -> Option<Store> {
        let replica = self.hosts[host].replica_of(absorb.source)?;
        let raft = replica.raft.as_ref()?;
        let is_born = replica.store.shard().is_some();
        let mut store = is_born.then(|| Store::clone(&replica.store))?;
        if !self.settings.shards.rules.has(ShardRule::AbsorbWaits) {
            return Some(store);
        }
        let first_carried = absorb.at + 1 - absorb.carried.len() as Index;
        let begin = replica.last_applied + 1;
        let mut joint = raft.configuration_at(replica.last_applied).1.is_joint();
        for index in begin..=absorb.at {
            let entry = match index.checked_sub(first_carried) {
                Some(nth) => absorb.carried.get(nth as usize)?,
                None => raft.log().entry(index)?,
            };
            if let Some(configuration) = entry.configuration() {
                joint = configuration.is_joint();
            }
            self.replay((host, replica), &mut store, (index, entry), joint)?;
        }
        Some(store)
    }

    /// Does to a source's state what an entry of its log does.
    fn replay(
        &self,
        (host, replica): (usize, &Replica),
        store: &mut Store,
        (index, entry): (Index, &Entry<Command>),
        joint: bool,
    ) -> Option<()> {
        let rules = self.settings.shards.rules;
        match &entry.payload {
            Payload::Command(Command::Client(command)) => {
                let by = apply_settings(&self.settings, &self.groups, (replica.group, index));
                store.apply(index, command, by);
            }
            Payload::Command(Command::Admin(command)) => match &**command {
                AdminCommand::Split(split) => {
                    if !joint || !rules.has(ShardRule::OneChangePerShard) {
                        let _child_or_refusal = store.split(split, rules);
                    }
                }
                AdminCommand::Absorb(absorb) if store.absorbs(absorb).is_some() => {
                    let source = self.source_of(host, absorb)?;
                    store.absorb(index, absorb, &source, rules);
                }
                command => {
                    store.step(index, command);
                }
            },
            Payload::Noop | Payload::Configuration(_) => {}
        }
        Some(())
    }

    /// A replica applies what a merge puts into its group's log.
    pub(super) fn merge(&mut self, at: ReplicaIndex, id: EntryId, command: &AdminCommand) {
        let rules = self.settings.shards.rules;
        let source = match command {
            AdminCommand::Absorb(absorb) => self.source_of(at.host, absorb),
            _ => None,
        };
        let store = &mut self.replica_mut(at).store;
        let done = match command {
            AdminCommand::Absorb(absorb) => {
                let source = source.unwrap_or_default();
                store.absorb(id.index, absorb, &source, rules)
            }
            command => store.step(id.index, command),
        };
        if !done {
            return;
        }
        let (node, group) = (self.hosts[at.host].id, self.replica(at).group);
        let first = self.is_first(at, id);
        match *command {
            AdminCommand::Freeze(Freeze { target, .. }) => {
                self.cx.emit(EventKind::Frozen {
                    node,
                    group,
                    target,
                });
                if first {
                    self.checks.stands_still(group, true);
                }
            }
            AdminCommand::Thaw(_) => {
                self.cx.emit(EventKind::Thawed { node, group });
                if first {
                    self.checks.stands_still(group, false);
                }
            }
            AdminCommand::Absorb(Absorb { source, .. }) => {
                self.cx.emit(EventKind::Absorbed {
                    node,
                    group,
                    source,
                });
                let shard = self.hosts[at.host].replicas[at.slot].store.shard();
                if let Some(shard) = shard.filter(|_| first) {
                    self.checks.owns(group, &shard.keys);
                    self.checks.is_absorbed(source);
                }
            }
            _ => {}
        }
    }

    /// Keeps back what a leader would send of a snapshot from before an absorb, where the receiver was no member then: it
    /// has no replica of the source that it could bring up to the freeze, and would wait for ever. The leader has
    /// a newer snapshot as soon as it has applied the absorb, and begins anew with that one.
    pub(in crate::sim) fn keep_back(&mut self, at: ReplicaIndex) {
        let replica = &self.hosts[at.host].replicas[at.slot];
        let messages = &mut self.effects.messages;
        messages.retain(|message| !is_too_old(replica, message));
    }

    /// What a target's leader proposes to absorb a frozen source; `None` if the source's log isn't here up to the entry
    /// that froze it.
    pub(super) fn carried(&self, host: usize, absorb: Absorb) -> Option<Absorb> {
        let replica = self.hosts[host].replica_of(absorb.source)?;
        let raft = replica.raft.as_ref()?;
        if replica.last_applied < absorb.at {
            return None;
        }
        let entries = absorb.held + 1..=absorb.at;
        let entries = entries.map(|index| raft.log().entry(index).cloned());
        let carried = entries.collect::<Option<Vec<_>>>()?;
        Some(Absorb { carried, ..absorb })
    }

    /// Buries the replicas of groups that a machine's own replicas have absorbed, once that is in their snapshots on its
    /// disk.
    pub(super) fn bury_absorbed(&mut self, host: usize) {
        let it = &self.hosts[host];
        let mut gone = Vec::new();
        for slot in 0..it.replicas.len() {
            let here = |group: &&_| it.slot_of_replica(**group).is_some();
            if let Some(absorbed) = it.durably_absorbed(slot) {
                gone.extend(absorbed.iter().filter(here).copied());
            }
        }
        for group in gone {
            let all = MemberId::last(self.hosts[host].id);
            self.bury(host, group, all);
        }
    }
}

impl Host {
    /// The groups that the replica in a slot has absorbed, if that is in its snapshot on the disk.
    pub(super) fn durably_absorbed(&self, slot: usize) -> Option<&[GroupId]> {
        let merges = &self.replicas[slot].store.shard()?.merges;
        let snapshot = self.disk.volumes[slot].snapshot()?;
        let is_durable = snapshot.last.index >= merges.absorbed_at;
        is_durable.then_some(&merges.absorbed)
    }
}
