//! Whose a key is: what a node does with requests for keys that its group doesn't own, and what it says of
//! where they are.
//!
//! Ownership is decided in the group's own log. A leader refuses at once what its state machine doesn't
//! own, but the last word is at apply, and for a read when it is served.

use crate::base::{Address, GroupId};
use crate::kv::{Descriptor, MANY_SHARDS, Operation, SessionNumber, ShardRule, Store};
use crate::raft::{Raft, ReadLevel};
use crate::sim::event_log::Cause;
use crate::sim::host::Host;
use crate::sim::packet::{Answer, Content, Packet, Waiter};
use crate::sim::replica::{Replica, ReplicaIndex};
use crate::sim::simulation::Simulation;
use std::rc::Rc;

impl Replica {
    /// What it knows of its own shard; `None` if it isn't born.
    pub(in crate::sim) fn descriptor(&self) -> Option<Rc<Descriptor>> {
        let (shard, raft) = (self.store.shard()?, self.raft.as_ref()?);
        let voters = raft.configuration().voters();
        let members = voters.iter().map(|member| member.node()).collect();
        let descriptor = shard.descriptor(self.group, raft.configuration_index(), members);
        Some(Rc::new(descriptor))
    }
}

impl Host {
    fn owner_of(&self, key: &str) -> Option<&Replica> {
        let serves = |replica: &&Replica| replica.store.shard().is_some_and(|it| it.keys.has(key));
        self.replicas.iter().find(serves)
    }

    /// What it knows of where the keys of a group are that has no replica here: the groups here that have absorbed it.
    pub(in crate::sim) fn heirs(&self, group: GroupId) -> Vec<Rc<Descriptor>> {
        if !MANY_SHARDS {
            return Vec::new();
        }
        let has_it = |replica: &&Replica| {
            let shard = replica.store.shard();
            shard.is_some_and(|it| it.merges.absorbed.contains(&group))
        };
        let heirs = self.replicas.iter().filter(has_it);
        heirs.filter_map(Replica::descriptor).collect()
    }
}

impl Simulation {
    /// Hands a server of a store of many shards a packet that nobody ever sent, as a former life of the
    /// network might. It is no action and stands in no journal: only a test has a use for it.
    pub fn forge_packet(&mut self, packet: Packet) {
        let Packet { from, to, content } = packet;
        let Some(host) = to.node().and_then(|node| self.place(node)) else {
            return;
        };
        self.cx.follow(Cause::NONE);
        self.expects(host, &content);
        let it = &self.hosts[host];
        let rules = self.settings.shards.rules;
        if !it.is_not_born(&content, rules) && !it.takes_no_part(&content) {
            self.handle(host, from, content);
        }
    }

    /// A packet of a store of many shards arrives.
    pub(in crate::sim) fn deliver_of_shards(
        &mut self,
        host: usize,
        from: Address,
        content: Content,
    ) {
        match content {
            Content::MapRequest(waiter) => self.serve_map(host, waiter),
            Content::NodeReport(report) => {
                if let Address::Node(node) = from {
                    self.hear_report(host, node, &report);
                }
            }
            Content::Step(request) => self.take_step(host, &request),
            Content::Bury(group, last) => self.bury(host, group, last),
            Content::Drain(node) => self.hear_of_drain(host, node),
            Content::Dismiss => self.dismiss(host),
            _ => {}
        }
    }

    /// Answers a request for a key that the leader of the asked group doesn't own, and returns whether that
    /// was so. What ran in the client's session before is answered whoever owns the key now.
    pub(in crate::sim) fn is_elsewhere(
        &mut self,
        at: ReplicaIndex,
        waiter: &Waiter,
        session: SessionNumber,
        operation: &Operation,
    ) -> bool {
        let replica = self.replica(at);
        if !replica.is_leader() || replica.store.owns(operation.key()) {
            return false;
        }
        let sessions = replica.store.sessions();
        let ran = sessions.ran(waiter.client, session, waiter.sequence);
        let asked = self
            .settings
            .shards
            .rules
            .has(ShardRule::SessionBeforeOwner);
        let answer = match ran.filter(|_| asked) {
            Some(outcome) => Answer::Outcome(outcome),
            None => Answer::WrongShard(self.cure(at, operation.key())),
        };
        self.answer(at.host, *waiter, answer);
        true
    }

    /// Answers a request for a shard that stands still, and returns whether that was so. Where the group that absorbed it
    /// is here, too, the answer names that one.
    pub(in crate::sim) fn is_still(
        &mut self,
        at: ReplicaIndex,
        waiter: &Waiter,
        operation: &Operation,
    ) -> bool {
        let rules = self.settings.shards.rules;
        let rule = match operation {
            Operation::Get { level, .. } if *level == ReadLevel::Stale => return false,
            Operation::Get { .. } => ShardRule::FreezeRefusesReads,
            _ => ShardRule::FreezeRefusesWrites,
        };
        let replica = self.replica(at);
        let Some(frozen) = replica.store.frozen().filter(|_| replica.is_leader()) else {
            return false;
        };
        if !rules.has(rule) {
            return false;
        }
        let target = self.hosts[at.host].replica_of(frozen.target);
        let target = target.filter(|it| it.store.owns(operation.key()));
        let answer = match target.and_then(Replica::descriptor) {
            Some(absorbed) => Answer::WrongShard(vec![absorbed]),
            None => Answer::Frozen,
        };
        self.answer(at.host, *waiter, answer);
        true
    }

    /// What a node says to who looks for a key in the wrong group: that group's shard, and the one of the
    /// key, if it has a replica of it.
    pub(in crate::sim) fn cure(&self, at: ReplicaIndex, key: &str) -> Vec<Rc<Descriptor>> {
        let owner = self.hosts[at.host].owner_of(key);
        let replicas = std::iter::once(self.replica(at)).chain(owner);
        replicas.filter_map(Replica::descriptor).collect()
    }

    /// Sends the shard map, as this member of group 0 knows it.
    pub(in crate::sim) fn serve_map(&mut self, host: usize, waiter: Waiter) {
        let replica = self.hosts[host].replica_of(GroupId::REGISTRY);
        let registry = replica.map(Replica::store).and_then(Store::registry);
        let answer = match registry {
            Some(registry) => Answer::Map(registry.map().clone()),
            None => Answer::WrongShard(Vec::new()),
        };
        self.answer(host, waiter, answer);
    }
}

/// Whether a server knows that its configuration is committed, and nothing of it is open.
pub(in crate::sim) fn is_settled<C>(raft: &Raft<C>) -> bool {
    !raft.configuration().is_joint() && raft.configuration_index() <= raft.commit_index()
}
