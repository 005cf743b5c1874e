//! Nodes report, and the controller looks: what runs on machines beside their replicas.
//!
//! Every machine tells the members of group 0 at even distances what it has. On each of those a controller
//! may run; it does while that member leads group 0, and has applied an entry of its own term.

use super::founding::policy;
use super::routing::is_settled;
use crate::base::{GroupId, NodeId, Span, Time};
use crate::kv::controller::{Controller, ControllerSettings, Order};
use crate::kv::planner::Verdict;
use crate::kv::{AdminCommand, GroupReport, NodeReport, RegistryChange, ReplicaReport};
use crate::raft::{Index, Raft};
use crate::sim::event_log::Cause;
use crate::sim::host::{Host, Power};
use crate::sim::packet::{Content, Packet};
use crate::sim::queue::Due;
use crate::sim::replica::{Replica, ReplicaIndex};
use crate::sim::settings::Settings;
use crate::sim::simulation::Simulation;
use crate::sim::violation::Found;
use std::rc::Rc;

/// How often a controller looks.
const LOOKS_EVERY: Span = Span::millis(100);

impl Settings {
    fn for_controller(&self) -> ControllerSettings {
        ControllerSettings {
            patience: crate::kv::controller::detector::Patience {
                suspect_after: self.shards.suspect_after,
                dead_after: self.shards.dead_after,
            },
            split_keys: self.shards.split_keys.into(),
            merge_keys: self.shards.merge_keys.into(),
            rules: self.shards.rules,
        }
    }
}

impl Replica {
    /// What the controller is told of it; takes down how much it was asked for since the last time.
    fn report(&mut self, every: Span, split_keys: u32) -> Option<ReplicaReport> {
        let rate = std::mem::take(&mut self.asked) * 1_000_000 / every.0.max(1);
        self.load = (self.load + rate).div_ceil(2);
        let raft = self.raft.as_ref()?;
        Some(ReplicaReport {
            group: self.group,
            member: raft.id(),
            absorbed: None,
            leads: self.leads(raft, split_keys).map(Rc::new),
        })
    }

    fn leads(&self, raft: &Raft<crate::kv::Command>, split_keys: u32) -> Option<GroupReport> {
        let descriptor = self.descriptor().filter(|_| raft.is_leader())?;
        let keys = self.store.len() as u64;
        let is_large = split_keys > 0 && keys > split_keys.into();
        Some(GroupReport {
            term: raft.current_term(),
            configuration: raft.configuration().clone(),
            id: raft.configuration_id(),
            settled: is_settled(raft),
            descriptor,
            fence: self.store.shard()?.fence,
            frozen: self.store.frozen(),
            refused: self.store.shard()?.merges.refused,
            held: held(raft),
            keys,
            load: self.load,
            middle: is_large.then(|| self.store.middle()).flatten(),
        })
    }
}

impl Host {
    /// What it tells the controller. Nothing, if its disk can't be trusted: then it is as good as dead.
    fn report(&mut self, every: Span, split_keys: u32) -> Option<NodeReport> {
        if self.power != Power::Up || self.disk.is_spoilt() {
            return None;
        }
        let here = 0..self.replicas.len();
        let here = here
            .filter(|&slot| !self.replicas[slot].absent)
            .collect::<Vec<_>>();
        let reports = here.into_iter();
        let replicas = reports.filter_map(|slot| {
            let absorbed = self
                .durably_absorbed(slot)
                .and_then(|all| all.last())
                .copied();
            let report = self.replicas[slot].report(every, split_keys)?;
            Some(ReplicaReport { absorbed, ..report })
        });
        Some(NodeReport {
            replicas: replicas.collect(),
        })
    }
}

impl Simulation {
    /// Has a machine report from now on, and look if it has a member of group 0: machines take turns.
    pub(in crate::sim) fn begin_to_report(&mut self, host: usize) {
        let every = self.settings.shards.heartbeat;
        let turn = Span(every.0 * (host as u64 % 64) / 64);
        self.cx.push(self.cx.now() + turn, Due::Report(host as u32));
        if self.hosts[host]
            .slot_of_replica(GroupId::REGISTRY)
            .is_some()
        {
            let turn = Span::millis(7 * host as u64 % 100);
            self.cx
                .push(self.cx.now() + turn, Due::Control(host as u32));
        }
    }

    /// It is time for a machine to report.
    pub(in crate::sim) fn report_in(&mut self, host: usize) {
        let every = self.settings.shards.heartbeat;
        self.cx
            .push(self.cx.now() + every, Due::Report(host as u32));
        if self.hosts[host].power == Power::Up {
            self.bury_absorbed(host);
        }
        self.tell_controllers(host, every);
    }

    /// A machine tells the members of group 0 what it has.
    pub(super) fn tell_controllers(&mut self, host: usize, every: Span) {
        let split_keys = self.settings.shards.split_keys;
        let Some(report) = self.hosts[host].report(every, split_keys) else {
            return;
        };
        let (from, report) = (self.hosts[host].id.into(), Rc::new(report));
        for seed in self.settings.seeds() {
            let content = Content::NodeReport(report.clone());
            let to = seed.into();
            self.network
                .send(Packet { from, to, content }, &mut self.cx);
        }
    }

    /// A node's report arrives where group 0 has a member.
    pub(in crate::sim) fn hear_report(
        &mut self,
        host: usize,
        node: NodeId,
        report: &Rc<NodeReport>,
    ) {
        let now = self.hosts[host].clock.read(self.cx.now());
        let it = &mut self.hosts[host];
        it.heard.insert(node, now);
        if let Some(controller) = &mut it.controller {
            controller.hear(node, report, now);
        }
    }

    /// It is time for the controller on a machine to look.
    pub(in crate::sim) fn control(&mut self, host: usize) {
        self.cx
            .push(self.cx.now() + LOOKS_EVERY, Due::Control(host as u32));
        let it = &mut self.hosts[host];
        let Some(slot) = it.slot_of_replica(GroupId::REGISTRY) else {
            return;
        };
        let now = it.clock.read(self.cx.now());
        let replica = &it.replicas[slot];
        let raft = replica.raft.as_ref().filter(|raft| raft.is_leader());
        let Some(raft) = raft.filter(|_| it.power == Power::Up) else {
            it.controller = None;
            return;
        };
        let term = raft.current_term();
        let knows_all = raft.log().last_index() == replica.last_applied
            && raft.log().term_at(replica.last_applied) == Some(term);
        if it.controller.as_ref().is_none_or(|it| it.term() != term) {
            it.controller = Some(Box::new(Controller::new(term, now)));
        }
        if knows_all {
            self.look(ReplicaIndex { host, slot }, now);
        }
    }

    /// Whether a node is called dead that was heard here not long ago: Accuracy.
    fn check_verdict(&mut self, host: usize, change: &RegistryChange, now: Time) {
        let RegistryChange::Node(judged) = change else {
            return;
        };
        let it = &self.hosts[host];
        let silent = it.heard.get(&judged.id).map(|&heard| now.since(heard));
        let in_time = silent.filter(|silent| *silent < self.settings.shards.dead_after);
        if let (Verdict::Dead, Some(silent)) = (judged.verdict, in_time) {
            let (node, other) = (it.id, judged.id);
            let found = Found::CalledDead {
                node,
                other,
                silent,
            };
            self.report(GroupId::REGISTRY, Some(found));
        }
    }

    fn look(&mut self, at: ReplicaIndex, now: Time) {
        let settings = self.settings.for_controller();
        let host = &mut self.hosts[at.host];
        let from = host.id.into();
        let registry = host.replicas[at.slot].store.registry();
        let (Some(registry), Some(controller)) = (registry, &mut host.controller) else {
            return;
        };
        let policy = |nodes: &[_]| policy(&self.settings.shards, nodes);
        let orders = controller.look(registry, policy, &settings, now);
        for order in orders {
            let (node, content) = match order {
                Order::Record(change) => {
                    self.check_verdict(at.host, &change, now);
                    self.propose(at, AdminCommand::Registry(change));
                    continue;
                }
                Order::Step(node, request) => (node, Content::Step(request.into())),
                Order::Dismiss(node) => (node, Content::Dismiss),
                Order::Bury(node, group, member) => (node, Content::Bury(group, member)),
            };
            let to = node.into();
            self.network
                .send(Packet { from, to, content }, &mut self.cx);
        }
        self.cx.follow(Cause::NONE);
    }
}

/// Up to which entry every member's disk holds a leader's log, as far as it knows.
fn held(raft: &Raft<crate::kv::Command>) -> Index {
    let others = raft.peers().iter().map(|peer| peer.match_index);
    others
        .min()
        .map_or(raft.durable_index(), |held| held.min(raft.durable_index()))
}
