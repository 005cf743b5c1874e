//! What a person, or chaos, does to the run. Whether it can be done, `why_not` says.

use super::action::{Action, MessageId};
use super::clock::Clock;
use super::disk_record::{DiskError, DiskFault, DiskRecord};
use super::event::{EventKind, Loss};
use super::host::Power;
use super::invariants::Fact;
use super::operator::Goal;
use super::packet::Content;
use super::queue::Due;
use super::replica::{Replica, ReplicaIndex};
use super::settings::DiskSettings;
use super::simulation::Simulation;
use crate::base::{GroupId, NodeId, Span};
use crate::kv::{Command, Operation};
use crate::raft::{Change, Input, Raft, Rules};

impl Simulation {
    /// Does it, and nothing else: see `perform`, which tells the checks.
    pub(super) fn carry_out(&mut self, action: Action) {
        let now = self.cx.now();
        let (network, cx) = (&mut self.network, &mut self.cx);
        match action {
            Action::Request {
                operation,
                to,
                attempts,
            } => self.request(operation, to, attempts),
            Action::SetLoad { per_second } => self.workload.set(per_second, cx),
            Action::Crash { node } => self.crash(node),
            Action::Restart { node } => self.restart(node),
            Action::Pause { node } => self.pause(node),
            Action::Resume { node } => self.resume(node),
            Action::TimeOut { node, group } => {
                self.checks.time_is_wrong();
                self.tell_replica(node, group, Input::Campaign);
            }
            Action::TransferLeadership { from, to, group } => {
                self.tell_replica(from, group, Input::Transfer(to));
            }
            Action::SetClock { node, skew, drift } => {
                self.turn_clock(node, |clock| clock.set(now, skew, drift));
            }
            Action::JumpClock { node, by } => self.turn_clock(node, |clock| clock.jump(now, by)),
            Action::Partition { groups } => {
                network.set_partition(&groups, self.hosts.len() as u32, cx);
            }
            Action::Heal => network.heal(),
            Action::Cut { from, to } => network.cut(from, to, cx),
            Action::Restore { from, to } => network.restore(from, to),
            Action::SetLink { from, to, link } => network.set_link(from, to, link),
            Action::SetNetwork { link } => network.set_all(link),
            Action::SetClientNetwork { link } => network.set_clients(link),
            Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            } => self.set_disk(node, fsync_min, fsync_max),
            Action::Drop { message } => self.drop_packet(message),
            Action::Delay { message, by } => network.delay(message, by, cx),
            Action::Duplicate { message } => self.duplicate(message),
            Action::DeliverNow { message } => self.deliver_now(message),
            Action::SetChaos { chaos } => self.chaos_state.set(chaos, cx),
            Action::Disk { node, fault } => self.fault_disk(node, fault),
            Action::SetRules { rules } => self.set_rules(rules),
            Action::Compact { node, group } => self.take_snapshot(node, group),
            Action::AddServer => self.add_server(),
            Action::PromoteServer { node } => self.add_goal(Goal::Voter(node)),
            Action::RemoveServer { node } if self.settings.shards.are_many() => self.drain(node),
            Action::RemoveServer { node } => self.add_goal(Goal::Out(node)),
            Action::ChangeMembers {
                voters,
                learners,
                way,
            } => self.add_goal(Goal::Members(Change {
                voters,
                learners,
                way,
            })),
            Action::LeaveJoint => self.add_goal(Goal::Leave),
            Action::RejoinServer { node } => self.rejoin(node),
            Action::SetPriority {
                node,
                priority,
                group,
            } => self.set_priority(node, group, priority),
        }
    }

    // ---- requests and packets ----

    fn request(&mut self, operation: Operation, to: Option<NodeId>, attempts: u32) {
        let (clients, network, cx) = (&mut self.clients, &mut self.network, &mut self.cx);
        if let Some(at) = clients.idle(self.settings.clients.most()) {
            clients.begin(at, operation, to, attempts, network, cx);
        }
    }

    fn drop_packet(&mut self, message: MessageId) {
        if let Some(flight) = self.network.take_out(message) {
            self.lose(&flight, Loss::Dropped);
        }
    }

    fn duplicate(&mut self, message: MessageId) {
        if let Some(flight) = self.network.packet(message)
            && let Content::Request(_, waiter, ..) = flight.packet.content
        {
            self.clients.copied(waiter);
        }
        self.network.duplicate(message, &mut self.cx);
    }

    fn deliver_now(&mut self, message: MessageId) {
        if let Some(flight) = self.network.take_out(message) {
            self.arrive(flight);
        }
    }

    // ---- replicas ----

    /// Hands an input to a group's replica on a machine.
    fn tell_replica(&mut self, node: NodeId, group: GroupId, input: Input<'_, Command>) {
        if let Some(at) = self.find_replica(node, group) {
            self.drive(at, input);
        }
    }

    fn take_snapshot(&mut self, node: NodeId, group: GroupId) {
        if let Some(at) = self.find_replica(node, group) {
            let replica = self.replica(at);
            let (index, state) = (replica.last_applied, replica.store.encode());
            self.drive(at, Input::Compact { index, state });
        }
    }

    fn set_priority(&mut self, node: NodeId, group: GroupId, priority: u8) {
        if let Some(at) = self.find_replica(node, group) {
            self.replica_mut(at).set_priority(priority);
        }
    }

    fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
        self.groups.iter_mut().for_each(|group| group.switch(rules));
        self.checks.rules_are(rules, self.settings.watch_liveness);
        let hosts = self.hosts.iter_mut();
        let replicas = hosts.flat_map(|host| host.replicas.iter_mut());
        let rafts = replicas.filter_map(|replica| replica.raft.as_mut());
        rafts.for_each(|raft| raft.set_rules(rules));
    }

    // ---- machines ----

    fn pause(&mut self, node: NodeId) {
        if let Some(at) = self.place(node) {
            self.hosts[at].power = Power::Paused;
            self.cx.emit(EventKind::Paused { node });
        }
    }

    fn set_disk(&mut self, node: NodeId, fsync_min: Span, fsync_max: Span) {
        if let Some(at) = self.place(node) {
            self.hosts[at].disk.set(DiskSettings {
                fsync_min,
                fsync_max,
            });
        }
    }

    /// Changes a server's clock. As machines do, this one tells its server, which looks at the
    /// clock before and after: so it sees by how much that went back, and what it waits for keeps
    /// its distance from now. A clock that doesn't leap, and drifts within the bound, breaks no lease.
    fn turn_clock(&mut self, node: NodeId, turn: impl FnOnce(&mut Clock)) {
        let (now, bound) = (self.cx.now(), self.settings.timing.clock_drift.0);
        if let Some(at) = self.place(node) {
            let runs = self.hosts[at].power == Power::Up;
            if runs {
                self.wake_replicas(at);
            }
            let clock = &mut self.hosts[at].clock;
            let shown = clock.read(now);
            turn(clock);
            if clock.read(now) != shown || clock.drift().unsigned_abs() > bound {
                self.checks.time_is_wrong();
            }
            if runs {
                self.wake_replicas(at);
            }
        }
    }

    fn fault_disk(&mut self, node: NodeId, fault: DiskFault) {
        let Some(at) = self.place(node) else { return };
        if fault == DiskFault::Wipe && self.hosts[at].power != Power::Crashed {
            self.crash(node);
        }
        self.hosts[at].disk.suffer(fault, self.cx.cause());
        if let Some(due) = self.hosts[at].disk.sync(self.cx.now()) {
            self.cx.push(due, Due::Synced(at as u32));
        }
        self.tell_of_space(at);
    }

    /// Tells the servers of a machine whether its disk is full, if that is news to them.
    pub(super) fn tell_of_space(&mut self, host: usize) {
        let full = self.hosts[host].disk.is_full();
        if self.hosts[host].power != Power::Up {
            return;
        }
        for slot in 0..self.hosts[host].replicas.len() {
            let at = ReplicaIndex { host, slot };
            let knows = |raft: &Raft<Command>| raft.disk_is_full() == full;
            if !self.replica(at).raft().is_none_or(knows) {
                self.drive(at, Input::DiskFull(full));
            }
        }
    }

    /// The machine goes on running, but this replica takes no part any more.
    pub(super) fn refuse(&mut self, at: ReplicaIndex, why: DiskError) {
        let replica = self.replica_mut(at);
        (replica.raft, replica.refuses) = (None, Some(why));
        let group = replica.group;
        let node = self.hosts[at.host].id;
        self.cx.emit(EventKind::Refused { node, group, why });
    }

    pub(super) fn crash(&mut self, node: NodeId) {
        if let Some(at) = self.place(node) {
            let lost_from = self.hosts[at].crash();
            self.cx.emit(EventKind::Crashed { node, lost_from });
        }
    }

    fn restart(&mut self, node: NodeId) {
        let Some(host) = self.place(node) else { return };
        for slot in 0..self.hosts[host].replicas.len() {
            if !self.hosts[host].replicas[slot].absent {
                self.start(ReplicaIndex { host, slot });
            }
        }
        self.hosts[host].power = Power::Up;
        self.tell_of_space(host);
        self.hosts[host].arm(host, &mut self.cx);
    }

    /// Starts a replica by the rules that hold now: see [`Host::start`](super::Host::start).
    pub(super) fn start_replica(&mut self, at: ReplicaIndex) -> Option<DiskRecord> {
        let Simulation {
            hosts,
            settings,
            rules,
            seed,
            cx,
            ..
        } = self;
        hosts[at.host].start(at.slot, settings, *rules, *seed, cx.now())
    }

    fn start(&mut self, at: ReplicaIndex) {
        let cut = self.start_replica(at);
        let host = &self.hosts[at.host];
        let (node, last) = (host.id, host.disk.volumes[at.slot].log().last());
        let &Replica { group, refuses, .. } = &host.replicas[at.slot];
        self.cx.emit(EventKind::Restarted { node, group, last });
        if let Some(record) = cut {
            self.cx.emit(EventKind::CutOff {
                node,
                group,
                record,
            });
        }
        match refuses {
            Some(why) => self.refuse(at, why),
            None => self.see(at, Fact::Restarted),
        }
    }
}
