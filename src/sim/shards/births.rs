//! How replicas come to a machine, and go.
//!
//! A replica is born with its group's state after some entry, and never from nothing: with the state that
//! its group was founded with, with its half of a split, or with its group's snapshot. Before that it
//! neither votes nor acknowledges entries. One that is buried leaves a tombstone: no member up to its
//! generation speaks again on that machine.

use crate::base::{GroupId, NodeId};
use crate::kv::{Command, ShardRule, ShardRules, Store};
use crate::raft::{Body, Configuration, EntryId, Message, Snapshot};
use crate::sim::EventKind;
use crate::sim::host::Host;
use crate::sim::packet::Content;
use crate::sim::replica::ReplicaIndex;
use crate::sim::simulation::Simulation;
use std::rc::Rc;

/// The entry that a group's first state stands for.
const BEGINNING: EntryId = EntryId { index: 1, term: 1 };

impl Host {
    /// Writes what a group begins with to the disk, as the replica that this machine has of it from now
    /// on.
    fn bear(&mut self, group: GroupId, founders: &Configuration, state: &Rc<Snapshot>) -> usize {
        let slot = self.make_slot(group);
        self.disk.forget_queued(slot);
        let volume = &mut self.disk.volumes[slot];
        volume.hard_state.current_term = volume.hard_state.current_term.max(state.last.term);
        volume.log.rebase(state.last);
        volume.snapshot = Some(state.clone());
        self.replicas[slot].bear(founders.clone());
        slot
    }
}

impl Simulation {
    /// The state that a group begins with. A group with a number that there hasn't been is added.
    pub(super) fn first_state(
        &mut self,
        group: GroupId,
        founders: &Configuration,
        store: &Store,
    ) -> Rc<Snapshot> {
        while self.groups.len() as u32 <= group.0 {
            self.add_group(Configuration::default());
        }
        self.checks.found(group, founders, store.shard());
        Rc::new(Snapshot::new(BEGINNING, founders.clone(), store.encode()))
    }

    /// Founds a group on these nodes.
    pub(in crate::sim) fn found(&mut self, group: GroupId, nodes: &[NodeId], store: &Store) {
        let founders = Configuration::new(nodes.iter().copied());
        let state = self.first_state(group, &founders, store);
        for &node in nodes {
            self.bear(node, group, &founders, &state);
        }
    }

    /// A replica is born on a node, and starts if the machine runs.
    pub(in crate::sim) fn bear(
        &mut self,
        node: NodeId,
        group: GroupId,
        founders: &Configuration,
        state: &Rc<Snapshot>,
    ) -> Option<ReplicaIndex> {
        let host = self.place(node)?;
        let slot = self.hosts[host].bear(group, founders, state);
        let at = ReplicaIndex { host, slot };
        self.start_replica(at);
        let it = &mut self.hosts[host];
        it.replicas[slot].arm(at, &it.clock, &mut self.cx);
        self.checks.add_replica(host, it, slot);
        Some(at)
    }
}

impl Simulation {
    /// A group's leader speaks to a machine that has no replica of it: then one is set up, to take the
    /// group's snapshot, unless the member that is spoken to was buried here.
    pub(in crate::sim) fn expects(&mut self, host: usize, content: &Content) {
        let Content::Raft(group, message) = content else {
            return;
        };
        let (group, is_leader) = (*group, speaks_as_leader(message));
        let it = &mut self.hosts[host];
        if !is_leader || it.slot_of_replica(group).is_some() {
            return;
        }
        let slot = it.make_slot(group);
        let kept = self.settings.shards.rules.has(ShardRule::Tombstone);
        if kept && message.to.generation() <= it.replicas[slot].tombstone {
            return;
        }
        it.replicas[slot].bear(Configuration::default());
        let node = it.id;
        if !self.settings.shards.rules.has(ShardRule::BornWithState) {
            let nothing = self.first_state(group, &Configuration::default(), &Store::default());
            self.hosts[host].bear(group, &Configuration::default(), &nothing);
        }
        self.start_replica(ReplicaIndex { host, slot });
        self.cx.emit(EventKind::Born {
            node,
            group,
            parent: None,
        });
        self.checks.add_replica(host, &self.hosts[host], slot);
    }
}

/// Whether only a leader says such a thing.
fn speaks_as_leader(message: &Message<Command>) -> bool {
    matches!(
        message.body,
        Body::AppendEntries { .. } | Body::InstallSnapshot { .. }
    )
}

impl Host {
    /// Whether the replica that a message is for must not hear it: it isn't born, and would vote.
    pub(in crate::sim) fn is_not_born(&self, content: &Content, rules: ShardRules) -> bool {
        let Content::Raft(group, message) = content else {
            return false;
        };
        if !rules.has(ShardRule::BornWithState) {
            return false;
        }
        let slot = self.slot_of_replica(*group);
        let born = |slot: usize| self.disk.volumes[slot].snapshot().is_some();
        !slot.is_some_and(born) && !speaks_as_leader(message)
    }
}
