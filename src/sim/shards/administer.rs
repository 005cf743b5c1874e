//! What commands of the cluster do where they are applied.

use crate::base::GroupId;
use crate::kv::{AdminCommand, RegistryChange, ShardRule, ShardRules, Split, Task};
use crate::raft::{Configuration, EntryId};
use crate::sim::EventKind;
use crate::sim::group;
use crate::sim::replica::ReplicaIndex;
use crate::sim::simulation::Simulation;

impl Simulation {
    /// A replica applies a command of the cluster.
    pub(in crate::sim) fn administer(
        &mut self,
        at: ReplicaIndex,
        id: EntryId,
        command: &AdminCommand,
    ) {
        match command {
            AdminCommand::Registry(change) => self.register(at, id, change),
            AdminCommand::Split(split) => self.split(at, id, split),
            command => self.merge(at, id, command),
        }
    }

    /// A member of group 0 takes a change in. The first one that does tells of it.
    fn register(&mut self, at: ReplicaIndex, id: EntryId, change: &RegistryChange) {
        let rules = self.settings.shards.rules;
        let Some(registry) = self.replica_mut(at).store.registry_mut() else {
            return;
        };
        let last = registry.last_operation();
        let ends = match change {
            RegistryChange::End(number, _) => registry.operation(*number).cloned(),
            _ => None,
        };
        registry.apply(change, rules);
        let began = registry.last_operation();
        let merged = match ends.as_ref().map(|it| &it.task) {
            Some(Task::Merge { source, .. }) => registry.merged(*source).is_some(),
            _ => false,
        };
        if !self.is_first(at, id) {
            return;
        }
        match change {
            RegistryChange::Join(node) => {
                let (node, verdict) = (*node, crate::kv::planner::Verdict::Alive);
                self.cx.emit(EventKind::Judged { node, verdict });
            }
            RegistryChange::Node(node) => {
                let (node, verdict) = (node.id, node.verdict);
                self.cx.emit(EventKind::Judged { node, verdict });
            }
            RegistryChange::Begin(task) if began > last => {
                self.cx.emit(EventKind::Began {
                    operation: began,
                    task: task.clone(),
                });
            }
            RegistryChange::End(operation, _) => {
                if let Some(it) = ends {
                    let revoked = it.stage == crate::kv::Stage::Revoked && !merged;
                    let operation = *operation;
                    self.cx.emit(EventKind::Ended { operation, revoked });
                }
            }
            _ => {}
        }
    }

    /// Whether a replica is the first that applies an entry.
    pub(super) fn is_first(&self, at: ReplicaIndex, id: EntryId) -> bool {
        self.groups[group::place(self.replica(at).group)].furthest < id.index
    }

    /// A replica cuts its shard in two, if that still is what was asked for. The child is born here,
    /// unless it was before: it had its snapshot from one that came first.
    fn split(&mut self, at: ReplicaIndex, id: EntryId, split: &Split) {
        let (node, rules) = (self.hosts[at.host].id, self.settings.shards.rules);
        let replica = self.replica_mut(at);
        let Some(raft) = &replica.raft else { return };
        let (_, members) = raft.configuration_at(id.index);
        let (members, leads) = (members.clone(), raft.is_leader());
        let is_member = members.member_on(node).is_some();
        if members.is_joint() && rules.has(ShardRule::OneChangePerShard) {
            return;
        }
        let group = replica.group;
        let Ok(store) = replica.store.split(split, rules) else {
            return;
        };
        let child = split.child;
        self.cx.emit(EventKind::Split { node, group, child });
        if self.is_first(at, id)
            && let Some(shard) = self.hosts[at.host].replicas[at.slot].store.shard()
        {
            self.checks.owns(group, &shard.keys);
        }
        if !is_member {
            return;
        }
        let founders = founders(&members);
        let state = self.first_state(child, &founders, &store);
        if self.hosts[at.host].can_bear(child, rules)
            && let Some(born) = self.bear(node, child, &founders, &state)
        {
            let parent = Some(group);
            let group = child;
            self.cx.emit(EventKind::Born {
                node,
                group,
                parent,
            });
            if leads {
                // It stands as soon as its parent's step is done, so that nobody waits for a timeout.
                self.born = Some(born);
            }
        }
    }
}

/// The members that a child begins with: its parent's, each as a founder.
fn founders(members: &Configuration) -> Configuration {
    let voters = members.voters().iter().map(|member| member.node());
    let learners = members.learners().iter().map(|member| member.node());
    Configuration::new(voters).with_learners(learners)
}

impl crate::sim::Host {
    /// Whether a child may be born here: none was, by a split or by a snapshot.
    fn can_bear(&self, group: GroupId, rules: ShardRules) -> bool {
        let Some(slot) = self.slot(group) else {
            return true;
        };
        let replica = &self.replicas[slot];
        match replica.absent {
            true => replica.tombstone == 0 || !rules.has(ShardRule::Tombstone),
            false => self.disk.volumes[slot].snapshot().is_none() && replica.refuses.is_none(),
        }
    }
}
