//! What a person, or chaos, does to the run: first whether it can be, then doing it.

use super::action::{Action, ActionError};
use super::administrator::Goal;
use super::client::MAX_CLIENTS;
use super::clock::{Clock, MAX_DRIFT, MAX_SKEW};
use super::disk_fault::{DiskError, DiskFault};
use super::event::EventKind;
use super::host::{Host, Power};
use super::queue::Due;
use super::settings::{DiskSettings, MAX_LOAD, MAX_NODES, SettingsError, within};
use super::simulation::Simulation;
use crate::base::{NodeId, Span};
use crate::kv::Command;
use crate::raft::{Change, Configuration, Input, Raft};

/// The longest delay of one message.
const MAX_DELAY: Span = Span::secs(60);

fn error<T>(field: &'static str, why: impl Into<String>) -> Result<T, ActionError> {
    Err(ActionError {
        field,
        why: why.into(),
    })
}

impl From<SettingsError> for ActionError {
    fn from(SettingsError { field, why }: SettingsError) -> ActionError {
        ActionError { field, why }
    }
}

impl Simulation {
    fn known(&self, field: &'static str, node: NodeId) -> Result<&Host, ActionError> {
        match self.host(node) {
            Some(host) => Ok(host),
            None => error(field, format!("there is no server {node}")),
        }
    }

    fn with_power(&self, node: NodeId, wanted: &[Power]) -> Result<(), ActionError> {
        let host = self.known("node", node)?;
        if wanted.contains(&host.power) {
            return Ok(());
        }
        let is = match host.power {
            Power::Up => "running",
            Power::Paused => "paused",
            Power::Crashed => "crashed",
        };
        error("node", format!("{node} is {is}"))
    }

    fn check_link(&self, from: NodeId, to: NodeId) -> Result<(), ActionError> {
        self.known("from", from)?;
        self.known("to", to)?;
        if from == to {
            return error("to", format!("{to} has no link to itself"));
        }
        Ok(())
    }

    /// Whether an action can be done now.
    ///
    /// # Errors
    /// Names the field that makes it impossible, and why.
    pub fn check_action(&self, action: &Action) -> Result<(), ActionError> {
        if let Some(why) = self.takes_no_more(action) {
            return error("action", why);
        }
        match action {
            Action::Request {
                operation,
                to,
                attempts: _,
            } => {
                if let Err(wrong) = operation.check() {
                    return error(wrong.field, wrong.why());
                }
                if let Some(to) = to {
                    self.known("to", *to)?;
                }
                let busy = self
                    .clients
                    .iter()
                    .filter(|client| !client.is_idle())
                    .count();
                if busy >= MAX_CLIENTS {
                    return error("operation", format!("all {MAX_CLIENTS} clients are busy"));
                }
                Ok(())
            }
            Action::SetLoad { per_second } if *per_second > MAX_LOAD => {
                error("per_second", format!("{per_second} is above {MAX_LOAD}"))
            }
            Action::Crash { node } => self.with_power(*node, &[Power::Up, Power::Paused]),
            Action::Restart { node } => {
                self.serving("node", *node)?;
                self.with_power(*node, &[Power::Crashed])
            }
            Action::Pause { node } => self.with_power(*node, &[Power::Up]),
            Action::Resume { node } => self.with_power(*node, &[Power::Paused]),
            Action::TimeOut { node } => {
                self.with_power(*node, &[Power::Up])?;
                if self.known("node", *node)?.is_leader() {
                    return error("node", format!("{node} leads and has no election timer"));
                }
                if self.known("node", *node)?.refuses().is_some() {
                    return error("node", format!("{node} takes no part"));
                }
                let raft = self.known("node", *node)?.raft();
                if raft.is_some_and(|raft| raft.election_timer().is_none()) {
                    return error("node", format!("{node} has no vote and no election timer"));
                }
                Ok(())
            }
            Action::TransferLeadership { from, to } => {
                self.check_link(*from, *to)?;
                let raft = self.known("from", *from)?.raft();
                if raft.is_some_and(|raft| !raft.configuration().is_voter(*to)) {
                    return error("to", format!("{to} has no vote and can't lead"));
                }
                if !self.known("from", *from)?.is_leader() {
                    return error("from", format!("{from} doesn't lead"));
                }
                Ok(())
            }
            Action::SetClock { node, skew, drift } => {
                self.known("node", *node)?;
                within("skew", *skew, -MAX_SKEW, MAX_SKEW)?;
                Ok(within("drift", *drift, -MAX_DRIFT, MAX_DRIFT)?)
            }
            Action::JumpClock { node, by } => {
                self.known("node", *node)?;
                Ok(within("by", *by, -MAX_SKEW, MAX_SKEW)?)
            }
            Action::Partition { groups } => self.check_groups(groups),
            Action::Cut { from, to } | Action::Restore { from, to } => self.check_link(*from, *to),
            Action::SetLink { from, to, link } => {
                self.check_link(*from, *to)?;
                Ok(link.check()?)
            }
            Action::SetNetwork { link } | Action::SetClientNetwork { link } => Ok(link.check()?),
            Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            } => {
                self.known("node", *node)?;
                let (fsync_min, fsync_max) = (*fsync_min, *fsync_max);
                Ok(DiskSettings {
                    fsync_min,
                    fsync_max,
                }
                .check()?)
            }
            Action::Delay { by, .. } if *by > MAX_DELAY => {
                error("by", format!("{by} is above {MAX_DELAY}"))
            }
            Action::Drop { message }
            | Action::Delay { message, .. }
            | Action::Duplicate { message }
            | Action::DeliverNow { message } => {
                if !self.network.has(*message) {
                    return error("message", format!("no message {message} is under way"));
                }
                Ok(())
            }
            Action::SetChaos { chaos } => Ok(chaos.check()?),
            Action::Disk { node, fault } => {
                let host = self.known("node", *node)?;
                if *fault == DiskFault::Tear {
                    self.with_power(*node, &[Power::Up, Power::Paused])?;
                }
                let may = host.disk.may(*fault, *node);
                may.or_else(|why| error("fault", why))
            }
            Action::Compact { node } => {
                self.with_power(*node, &[Power::Up])?;
                let host = self.known("node", *node)?;
                if host.last_applied() <= host.snapshot_index() {
                    return error(
                        "node",
                        format!("{node} has applied nothing that no snapshot covers"),
                    );
                }
                let members = host
                    .raft()
                    .map(|raft| raft.configuration_at(host.last_applied()).1);
                if members.is_none_or(Configuration::is_empty) {
                    return error("node", format!("{node} doesn't know the members yet"));
                }
                Ok(())
            }
            Action::AddServer => self.check_room(),
            Action::PromoteServer { node } | Action::SetPriority { node, .. } => {
                self.serving("node", *node)
            }
            Action::RemoveServer { node } => {
                self.serving("node", *node)?;
                let mut voters = self.configuration().left().voters().to_vec();
                if voters == [*node] {
                    return error("node", format!("{node} is the only voter"));
                }
                voters.retain(|voter| voter != node);
                self.enough_take_part("node", &voters)
            }
            Action::RejoinServer { node } => self.check_rejoin(*node),
            Action::ChangeMembers {
                voters, learners, ..
            } => self.check_members(voters, learners),
            Action::LeaveJoint if !self.configuration().is_joint() => {
                error("action", "there is no joint configuration to leave")
            }
            Action::SetLoad { .. }
            | Action::SetRules { .. }
            | Action::Heal
            | Action::LeaveJoint => Ok(()),
        }
    }

    /// Whether a server is there and not switched off for good.
    fn serving(&self, field: &'static str, node: NodeId) -> Result<(), ActionError> {
        if self.known(field, node)?.retired {
            return error(
                field,
                format!("{node} was removed; a server comes back only under a new number"),
            );
        }
        Ok(())
    }

    fn check_members(&self, voters: &[NodeId], learners: &[NodeId]) -> Result<(), ActionError> {
        if voters.is_empty() {
            return error("voters", "nobody would vote");
        }
        for &node in voters {
            self.serving("voters", node)?;
        }
        for &node in learners {
            self.serving("learners", node)?;
            if voters.contains(&node) {
                return error("learners", format!("{node} can't be a voter and a learner"));
            }
        }
        self.enough_take_part("voters", voters)
    }

    fn enough_take_part(&self, field: &'static str, voters: &[NodeId]) -> Result<(), ActionError> {
        if self.could_decide(voters) {
            return Ok(());
        }
        let why = "too many of the voters would be servers that lost their disks and take no part";
        error(field, why)
    }

    /// Whether the machine of a server can come back under a new id.
    fn check_rejoin(&self, node: NodeId) -> Result<(), ActionError> {
        self.serving("node", node)?;
        self.with_power(node, &[Power::Up, Power::Paused])?;
        let host = self.known("node", node)?;
        if host.refuses().is_none() {
            let why =
                "takes part: only a server that can't trust its disk rejoins under a new number";
            return error("node", format!("{node} {why}"));
        }
        let back = host.rejoined_as().and_then(|id| self.host(id));
        if let Some(back) = back.filter(|it| !it.retired && it.refuses().is_none()) {
            let id = back.id;
            return error("node", format!("the machine of {node} is back as {id}"));
        }
        self.check_room()
    }

    fn check_room(&self) -> Result<(), ActionError> {
        if self.hosts.len() as u32 >= MAX_NODES {
            let why = format!("a run has no more than {MAX_NODES} servers");
            return error("action", why);
        }
        Ok(())
    }

    fn check_groups(&self, groups: &[Vec<NodeId>]) -> Result<(), ActionError> {
        let mut seen = vec![false; self.hosts.len()];
        for &node in groups.iter().flatten() {
            self.known("groups", node)?;
            if let Some(at) = self.place(node)
                && std::mem::replace(&mut seen[at], true)
            {
                return error("groups", format!("{node} is in two groups"));
            }
        }
        if !seen.contains(&true) {
            return error("groups", "no group has a server");
        }
        Ok(())
    }

    /// Does it, and nothing else: see `perform`, which tells the checks.
    pub(super) fn carry_out(&mut self, action: Action) {
        let now = self.events.now;
        let Simulation {
            network,
            queue,
            events,
            clients,
            ..
        } = self;
        match action {
            Action::Request {
                operation,
                to,
                attempts,
            } => {
                if let Some(at) = clients.idle(MAX_CLIENTS) {
                    clients.begin(at, operation, to, attempts, queue, events);
                }
            }
            Action::SetLoad { per_second } => self.workload.set(per_second, now, queue),
            Action::Crash { node } => self.crash(node),
            Action::Restart { node } => self.restart(node),
            Action::Pause { node } => {
                if let Some(at) = self.place(node) {
                    self.hosts[at].power = Power::Paused;
                    self.events.emit(EventKind::Paused { node });
                }
            }
            Action::Resume { node } => {
                if let Some(at) = self.place(node) {
                    self.resume(at);
                }
            }
            Action::TimeOut { node } => {
                if let Some(at) = self.place(node) {
                    self.checks.time_is_wrong();
                    self.drive(at, Input::Campaign);
                }
            }
            Action::TransferLeadership { from, to } => {
                if let Some(at) = self.place(from) {
                    self.drive(at, Input::Transfer(to));
                }
            }
            Action::SetClock { node, skew, drift } => {
                self.turn_clock(node, |clock| clock.set(now, skew, drift));
            }
            Action::JumpClock { node, by } => self.turn_clock(node, |clock| clock.jump(now, by)),
            Action::Partition { groups } => network.set_partition(&groups, queue, now),
            Action::Heal => network.heal(),
            Action::Cut { from, to } => network.cut(from, to, queue, now),
            Action::Restore { from, to } => network.restore(from, to),
            Action::SetLink { from, to, link } => network.set_link(from, to, link),
            Action::SetNetwork { link } => network.set_all(link),
            Action::SetClientNetwork { link } => clients.set_network(link),
            Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            } => {
                if let Some(at) = self.place(node) {
                    self.hosts[at].disk.set(DiskSettings {
                        fsync_min,
                        fsync_max,
                    });
                }
            }
            Action::Drop { message } => {
                if let Some(flight) = network.take_out(message) {
                    self.lose(&flight, super::event::Loss::Dropped);
                }
            }
            Action::Delay { message, by } => network.delay(message, by, queue),
            Action::Duplicate { message } => network.duplicate(message, queue, events),
            Action::DeliverNow { message } => {
                if let Some(flight) = network.take_out(message) {
                    self.arrive(flight);
                }
            }
            Action::SetChaos { chaos } => self.chaos_state.set(chaos, now, queue),
            Action::Disk { node, fault } => self.fault_disk(node, fault),
            Action::SetRules { rules } => {
                self.rules = rules;
                self.apply_rules.switch(self.furthest, rules);
                self.checks.rules_are(rules, self.settings.watch_liveness);
                let rafts = self.hosts.iter_mut().filter_map(|host| host.raft.as_mut());
                rafts.for_each(|raft| raft.set_rules(rules));
            }
            Action::Compact { node } => {
                if let Some(at) = self.place(node) {
                    let (index, state) =
                        (self.hosts[at].last_applied, self.hosts[at].store.encode());
                    self.drive(at, Input::Compact { index, state });
                }
            }
            Action::AddServer => self.add_server(),
            Action::PromoteServer { node } => self.add_goal(Goal::Voter(node)),
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
            Action::SetPriority { node, priority } => {
                if let Some(at) = self.place(node) {
                    self.hosts[at].set_priority(priority);
                }
            }
        }
    }

    /// Changes a server's clock. As machines do, this one tells its server, which looks at the
    /// clock before and after: so it sees by how much that went back, and what it waits for keeps
    /// its distance from now.
    fn turn_clock(&mut self, node: NodeId, turn: impl FnOnce(&mut Clock)) {
        self.checks.time_is_wrong();
        if let Some(at) = self.place(node) {
            let runs = self.hosts[at].power == Power::Up;
            if runs {
                self.drive(at, Input::Wake);
            }
            turn(&mut self.hosts[at].clock);
            if runs {
                self.drive(at, Input::Wake);
            }
        }
    }

    fn fault_disk(&mut self, node: NodeId, fault: DiskFault) {
        let Some(at) = self.place(node) else { return };
        if fault == DiskFault::Wipe && self.hosts[at].power != Power::Crashed {
            self.crash(node);
        }
        self.hosts[at].disk.suffer(fault);
        if let Some(due) = self.hosts[at].disk.sync(self.events.now) {
            self.queue.push(due, Due::Synced(at as u32));
        }
        self.tell_of_space(at);
    }

    /// Tells a server whether its disk is full, if that is news to it.
    pub(super) fn tell_of_space(&mut self, at: usize) {
        let host = &self.hosts[at];
        let full = host.disk.is_full();
        let knows = |raft: &Raft<Command>| raft.disk_is_full() == full;
        if host.power == Power::Up && !host.raft().is_none_or(knows) {
            self.drive(at, Input::DiskFull(full));
        }
    }

    /// The machine goes on running, but its server takes no part any more.
    pub(super) fn refuse(&mut self, at: usize, why: DiskError) {
        let host = &mut self.hosts[at];
        (host.raft, host.refuses) = (None, Some(why));
        let node = host.id;
        self.events.emit(EventKind::Refused { node, why });
    }

    pub(super) fn crash(&mut self, node: NodeId) {
        if let Some(at) = self.place(node) {
            let lost_from = self.hosts[at].crash();
            self.events.emit(EventKind::Crashed { node, lost_from });
        }
    }

    fn restart(&mut self, node: NodeId) {
        let Some(at) = self.place(node) else { return };
        let Simulation {
            hosts,
            settings,
            rules,
            seed,
            events,
            ..
        } = self;
        let host = &mut hosts[at];
        let cut = host.start(settings, *rules, *seed, events.now);
        let (last, refuses) = (host.disk.log().last(), host.refuses);
        events.emit(EventKind::Restarted { node, last });
        if let Some(cut) = cut {
            events.emit(EventKind::CutOff { node, record: cut });
        }
        if let Some(why) = refuses {
            return self.refuse(at, why);
        }
        if self.checks.are_on() {
            let found = self.checks.raft.restarted(at, &self.hosts[at]);
            self.report(found);
        }
        self.tell_of_space(at);
        self.hosts[at].arm(self.events.now, &mut self.queue);
    }
}
