//! Whether an action can be done now, and if not, why: asked by menus, by chaos and by the engine.

use super::action::{Action, ActionError, MessageId};
use super::client::MAX_CLIENTS;
use super::clock::{MAX_DRIFT, MAX_SKEW};
use super::disk_fault::DiskFault;
use super::host::{Host, Power};
use super::replica::Replica;
use super::settings::{DiskSettings, MAX_LOAD, MAX_NODES, SettingsError, within};
use super::simulation::Simulation;
use crate::base::{Address, ClientId, GroupId, MemberId, NodeId, Span};
use crate::kv::Operation;
use crate::raft::Configuration;
use std::collections::BTreeSet;

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

    /// Whether there is somebody at an address.
    fn reachable(&self, field: &'static str, address: Address) -> Result<(), ActionError> {
        match address {
            Address::Node(node) => self.known(field, node).map(|_| ()),
            Address::Client(ClientId(id)) if id == 0 || id as usize > MAX_CLIENTS => {
                error(field, format!("there is no client {address}"))
            }
            Address::Client(_) | Address::Operator => Ok(()),
        }
    }

    fn check_link(&self, from: Address, to: Address) -> Result<(), ActionError> {
        self.reachable("from", from)?;
        self.reachable("to", to)?;
        if from == to {
            return error("to", format!("{to} has no link to itself"));
        }
        if from.node().is_none() && to.node().is_none() {
            return error(
                "to",
                format!("{from} and {to} have no link: neither is a server"),
            );
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
            } => self.check_request(operation, *to),
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
            Action::TimeOut { node, group } => self.check_time_out(*node, *group),
            &Action::TransferLeadership { from, to, group } => self.check_transfer(from, to, group),
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
            &Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            } => {
                self.known("node", node)?;
                let disk = DiskSettings {
                    fsync_min,
                    fsync_max,
                };
                Ok(disk.check()?)
            }
            Action::Delay { by, .. } if *by > MAX_DELAY => {
                error("by", format!("{by} is above {MAX_DELAY}"))
            }
            Action::Drop { message }
            | Action::Delay { message, .. }
            | Action::Duplicate { message }
            | Action::DeliverNow { message } => self.check_packet(*message),
            Action::SetChaos { chaos } => Ok(chaos.check()?),
            Action::Disk { node, fault } => self.check_disk_fault(*node, *fault),
            Action::Compact { node, group } => self.check_compact(*node, *group),
            Action::AddServer => self.check_room(),
            Action::PromoteServer { node } => self.serving("node", *node),
            Action::SetPriority { node, group, .. } => {
                self.serving("node", *node)?;
                self.replica_of("node", *node, *group).map(|_| ())
            }
            Action::RemoveServer { node } => self.check_removal(*node),
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

    fn check_request(&self, operation: &Operation, to: Option<NodeId>) -> Result<(), ActionError> {
        if let Err(wrong) = operation.check() {
            return error(wrong.field, wrong.why());
        }
        if let Some(to) = to {
            self.known("to", to)?;
        }
        let busy = self.clients.iter().filter(|client| !client.is_idle());
        if busy.count() >= MAX_CLIENTS {
            return error("operation", format!("all {MAX_CLIENTS} clients are busy"));
        }
        Ok(())
    }

    /// The replica of a group on a machine.
    fn replica_of(
        &self,
        field: &'static str,
        node: NodeId,
        group: GroupId,
    ) -> Result<&Replica, ActionError> {
        match self.known(field, node)?.replica_of(group) {
            Some(replica) => Ok(replica),
            None => error("group", format!("{node} has no replica of group {group}")),
        }
    }

    fn check_time_out(&self, node: NodeId, group: GroupId) -> Result<(), ActionError> {
        self.with_power(node, &[Power::Up])?;
        let replica = self.replica_of("node", node, group)?;
        if replica.is_leader() {
            return error("node", format!("{node} leads and has no election timer"));
        }
        if replica.refuses().is_some() {
            return error("node", format!("{node} takes no part"));
        }
        if replica
            .raft()
            .is_some_and(|raft| raft.election_timer().is_none())
        {
            return error("node", format!("{node} has no vote and no election timer"));
        }
        Ok(())
    }

    fn check_transfer(&self, from: NodeId, to: NodeId, group: GroupId) -> Result<(), ActionError> {
        self.check_link(from.into(), to.into())?;
        let replica = self.replica_of("from", from, group)?;
        if replica
            .raft()
            .is_some_and(|raft| !raft.configuration().has_voter_on(to))
        {
            return error("to", format!("{to} has no vote and can't lead"));
        }
        if !replica.is_leader() {
            return error("from", format!("{from} doesn't lead"));
        }
        Ok(())
    }

    fn check_packet(&self, message: MessageId) -> Result<(), ActionError> {
        if self.network.packet(message).is_none() {
            return error("message", format!("no message {message} is under way"));
        }
        Ok(())
    }

    fn check_disk_fault(&self, node: NodeId, fault: DiskFault) -> Result<(), ActionError> {
        let host = self.known("node", node)?;
        if fault == DiskFault::Tear {
            self.with_power(node, &[Power::Up, Power::Paused])?;
        }
        let may = host.disk.may(fault, node);
        may.or_else(|why| error("fault", why))
    }

    fn check_compact(&self, node: NodeId, group: GroupId) -> Result<(), ActionError> {
        self.with_power(node, &[Power::Up])?;
        let replica = self.replica_of("node", node, group)?;
        let applied = replica.last_applied();
        if applied <= replica.snapshot_index() {
            let why = format!("{node} has applied nothing that no snapshot covers");
            return error("node", why);
        }
        let members = replica.raft().map(|raft| raft.configuration_at(applied).1);
        if members.is_none_or(Configuration::is_empty) {
            return error("node", format!("{node} doesn't know the members yet"));
        }
        Ok(())
    }

    fn check_removal(&self, node: NodeId) -> Result<(), ActionError> {
        self.serving("node", node)?;
        let mut voters = MemberId::nodes(self.configuration().left().voters());
        if voters == [node] {
            return error("node", format!("{node} is the only voter"));
        }
        voters.retain(|&voter| voter != node);
        self.enough_take_part("node", &voters)
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

    fn check_groups(&self, groups: &[Vec<Address>]) -> Result<(), ActionError> {
        let mut seen = BTreeSet::new();
        for &address in groups.iter().flatten() {
            self.reachable("groups", address)?;
            if !seen.insert(address) {
                return error("groups", format!("{address} is in two groups"));
            }
        }
        if !seen.iter().any(|address| address.node().is_some()) {
            return error("groups", "no group has a server");
        }
        Ok(())
    }
}
