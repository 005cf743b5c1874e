//! Whether an action can be done now, and if not, why: asked by menus, by chaos and by the engine.

use super::action::{Action, MessageId};
use super::clock::{MAX_DRIFT, MAX_SKEW};
use super::disk_record::DiskFault;
use super::host::{Host, Power};
use super::replica::Replica;
use super::settings::{DiskSettings, MAX_CLUSTER, MAX_LOAD, MAX_NODES};
use super::simulation::Simulation;
use super::why_not::{ActionError, WhyNot};
use crate::base::{Address, ClientId, GroupId, MemberId, NodeId, Span};
use crate::kv::Operation;
use crate::raft::Configuration;
use std::collections::BTreeSet;

/// The longest delay of one message.
const MAX_DELAY: Span = Span::secs(60);

/// What an action is asked: that it can be done, or the field that makes it impossible, and why.
type Can<T = ()> = Result<T, ActionError>;

fn error<T>(field: &'static str, why: WhyNot) -> Can<T> {
    Err(ActionError { field, why })
}

/// Checks a number of a clock.
fn within(field: &'static str, value: i64, most: i64) -> Can {
    let (low, high) = (-most, most);
    match (low..=high).contains(&value) {
        true => Ok(()),
        false => error(field, WhyNot::NotBetween { value, low, high }),
    }
}

impl Simulation {
    fn known(&self, field: &'static str, node: NodeId) -> Can<&Host> {
        match self.host(node) {
            Some(host) => Ok(host),
            None => error(field, WhyNot::NoServer { node }),
        }
    }

    fn with_power(&self, node: NodeId, wanted: &[Power]) -> Can {
        let host = self.known("node", node)?;
        if wanted.contains(&host.power) {
            return Ok(());
        }
        let is = match host.power {
            Power::Up => WhyNot::Running { node },
            Power::Paused => WhyNot::Paused { node },
            Power::Crashed => WhyNot::Crashed { node },
        };
        error("node", is)
    }

    /// Whether there is somebody at an address.
    fn reachable(&self, field: &'static str, address: Address) -> Can {
        match address {
            Address::Node(node) => self.known(field, node).map(|_| ()),
            Address::Client(ClientId(id))
                if id == 0 || id as usize > self.settings.clients.most() =>
            {
                error(field, WhyNot::NoClient { client: address })
            }
            Address::Client(_) | Address::Operator => Ok(()),
        }
    }

    fn check_link(&self, from: Address, to: Address) -> Can {
        self.reachable("from", from)?;
        self.reachable("to", to)?;
        if from == to {
            return error("to", WhyNot::LinkToItself { address: to });
        }
        if from.node().is_none() && to.node().is_none() {
            return error("to", WhyNot::NoLink { from, to });
        }
        Ok(())
    }

    /// Why an action can't be done now, if it can't.
    pub fn why_not(&self, action: &Action) -> Option<ActionError> {
        self.check_action(action).err()
    }

    fn check_action(&self, action: &Action) -> Can {
        if let Some(why) = self.takes_no_more(action) {
            return error("action", why);
        }
        if self.settings.shards.are_many() {
            self.check_with_shards(action)?;
        }
        match action {
            Action::Request {
                operation,
                to,
                attempts: _,
            } => self.check_request(operation, *to),
            &Action::SetLoad { per_second } if per_second > MAX_LOAD => {
                let most = MAX_LOAD;
                error("per_second", WhyNot::LoadTooHigh { per_second, most })
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
                within("skew", *skew, MAX_SKEW)?;
                within("drift", i64::from(*drift), MAX_DRIFT.into())
            }
            Action::JumpClock { node, by } => {
                self.known("node", *node)?;
                within("by", *by, MAX_SKEW)
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
            &Action::Delay { by, .. } if by > MAX_DELAY => {
                let most = MAX_DELAY;
                error("by", WhyNot::DelayTooLong { by, most })
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
            Action::RemoveServer { .. } if self.settings.shards.are_many() => Ok(()),
            Action::RemoveServer { node } => self.check_removal(*node),
            Action::RejoinServer { node } => self.check_rejoin(*node),
            Action::ChangeMembers {
                voters, learners, ..
            } => self.check_members(voters, learners),
            Action::LeaveJoint if !self.configuration().is_joint() => {
                error("action", WhyNot::NotJoint)
            }
            Action::SetLoad { .. }
            | Action::SetRules { .. }
            | Action::Heal
            | Action::LeaveJoint => Ok(()),
        }
    }

    fn check_request(&self, operation: &Operation, to: Option<NodeId>) -> Can {
        operation.check()?;
        if let Some(to) = to {
            self.known("to", to)?;
        }
        let busy = self.clients.iter().filter(|client| !client.is_idle());
        let clients = self.settings.clients.most();
        if busy.count() >= clients {
            return error("operation", WhyNot::ClientsBusy { clients });
        }
        Ok(())
    }

    /// The replica of a group on a machine.
    fn replica_of(&self, field: &'static str, node: NodeId, group: GroupId) -> Can<&Replica> {
        match self.known(field, node)?.replica_of(group) {
            Some(replica) => Ok(replica),
            None => error("group", WhyNot::NoReplica { node, group }),
        }
    }

    fn check_time_out(&self, node: NodeId, group: GroupId) -> Can {
        self.with_power(node, &[Power::Up])?;
        let replica = self.replica_of("node", node, group)?;
        if replica.is_leader() {
            return error("node", WhyNot::LeadsNoTimer { node });
        }
        if replica.refuses().is_some() {
            return error("node", WhyNot::TakesNoPart { node });
        }
        if replica
            .raft()
            .is_some_and(|raft| raft.election_timer().is_none())
        {
            return error("node", WhyNot::NoVoteNoTimer { node });
        }
        Ok(())
    }

    fn check_transfer(&self, from: NodeId, to: NodeId, group: GroupId) -> Can {
        self.check_link(from.into(), to.into())?;
        let replica = self.replica_of("from", from, group)?;
        if replica
            .raft()
            .is_some_and(|raft| !raft.configuration().has_voter_on(to))
        {
            return error("to", WhyNot::CannotLead { node: to });
        }
        if !replica.is_leader() {
            return error("from", WhyNot::DoesNotLead { node: from });
        }
        Ok(())
    }

    fn check_packet(&self, message: MessageId) -> Can {
        if self.network.packet(message).is_none() {
            return error("message", WhyNot::NoMessage { message });
        }
        Ok(())
    }

    fn check_disk_fault(&self, node: NodeId, fault: DiskFault) -> Can {
        let host = self.known("node", node)?;
        if fault == DiskFault::Tear {
            self.with_power(node, &[Power::Up, Power::Paused])?;
        }
        match host.disk.why_not(fault, node) {
            Some(why) => error("fault", why),
            None => Ok(()),
        }
    }

    fn check_compact(&self, node: NodeId, group: GroupId) -> Can {
        self.with_power(node, &[Power::Up])?;
        let replica = self.replica_of("node", node, group)?;
        let applied = replica.last_applied();
        if applied <= replica.snapshot_index() {
            return error("node", WhyNot::NothingToCompact { node });
        }
        let members = replica.raft().map(|raft| raft.configuration_at(applied).1);
        if members.is_none_or(Configuration::is_empty) {
            return error("node", WhyNot::MembersUnknown { node });
        }
        Ok(())
    }

    fn check_removal(&self, node: NodeId) -> Can {
        self.serving("node", node)?;
        let mut voters = MemberId::nodes(self.configuration().left().voters());
        if voters == [node] {
            return error("node", WhyNot::OnlyVoter { node });
        }
        voters.retain(|&voter| voter != node);
        self.enough_take_part("node", &voters)
    }

    /// Whether a server is there and not switched off for good.
    fn serving(&self, field: &'static str, node: NodeId) -> Can {
        if self.known(field, node)?.retired {
            return error(field, WhyNot::Removed { node });
        }
        Ok(())
    }

    fn check_members(&self, voters: &[NodeId], learners: &[NodeId]) -> Can {
        if voters.is_empty() {
            return error("voters", WhyNot::NobodyVotes);
        }
        for &node in voters {
            self.serving("voters", node)?;
        }
        for &node in learners {
            self.serving("learners", node)?;
            if voters.contains(&node) {
                return error("learners", WhyNot::VoterAndLearner { node });
            }
        }
        self.enough_take_part("voters", voters)
    }

    fn enough_take_part(&self, field: &'static str, voters: &[NodeId]) -> Can {
        match self.could_decide(voters) {
            true => Ok(()),
            false => error(field, WhyNot::TooFewTakePart),
        }
    }

    /// Whether the machine of a server can come back under a new id.
    fn check_rejoin(&self, node: NodeId) -> Can {
        self.serving("node", node)?;
        self.with_power(node, &[Power::Up, Power::Paused])?;
        let host = self.known("node", node)?;
        if host.refuses().is_none() {
            return error("node", WhyNot::TakesPart { node });
        }
        let back = host.rejoined_as().and_then(|id| self.host(id));
        if let Some(back) = back.filter(|it| !it.retired && it.refuses().is_none()) {
            let id = back.id;
            return error("node", WhyNot::MachineIsBack { node, id });
        }
        self.check_room()
    }

    fn check_room(&self) -> Can {
        let most = match self.settings.shards.are_many() {
            true => MAX_CLUSTER,
            false => MAX_NODES,
        };
        if self.hosts.len() as u32 >= most {
            return error("action", WhyNot::NoRoom { most });
        }
        Ok(())
    }

    fn check_groups(&self, groups: &[Vec<Address>]) -> Can {
        let mut seen = BTreeSet::new();
        for &address in groups.iter().flatten() {
            self.reachable("groups", address)?;
            if !seen.insert(address) {
                return error("groups", WhyNot::InTwoGroups { address });
            }
        }
        if !seen.iter().any(|address| address.node().is_some()) {
            return error("groups", WhyNot::NoServerInGroups);
        }
        Ok(())
    }
}
