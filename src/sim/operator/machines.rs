//! What the operator does to machines, and what servers answer it.

use super::Goal;
use crate::base::{Address, NodeId};
use crate::raft::{ChangeError, Configuration, Input, Raft};
use crate::sim::event::EventKind;
use crate::sim::host::Host;
use crate::sim::packet::{Content, MemberChange, MemberReply, MemberRequest, Packet};
use crate::sim::replica::ReplicaIndex;
use crate::sim::simulation::Simulation;

impl Simulation {
    /// Sets up one more machine, which shall learn.
    pub(in crate::sim) fn add_server(&mut self) {
        let node = self.set_up();
        self.cx.emit(EventKind::Joined { node });
        match self.settings.shards.are_many() {
            // The controller hears of it, and gives it replicas.
            true => self.begin_to_report(self.hosts.len() - 1),
            false => self.add_goal(Goal::Learner(node)),
        }
    }

    /// Sets the machine of a server that takes no part up anew, which shall take its place.
    pub(in crate::sim) fn rejoin(&mut self, was: NodeId) {
        let Some(at) = self.place(was) else { return };
        let Some(why) = self.hosts[at].refuses() else {
            return;
        };
        let node = self.set_up();
        self.hosts[at].rejoined_as = Some(node);
        self.cx.emit(EventKind::Rejoined { node, was, why });
        self.add_goal(Goal::Replace {
            lost: was,
            by: node,
        });
    }

    /// The next machine. It knows nobody, and waits for a leader to speak to it.
    fn set_up(&mut self) -> NodeId {
        let id = NodeId(self.hosts.len() as u32 + 1);
        let (settings, seed, now) = (&self.settings, self.seed, self.cx.now());
        let nobody = Configuration::default();
        let host = Host::new(id, nobody, settings, self.rules, seed, now);
        let at = self.hosts.len();
        self.hosts.push(host);
        self.network.add_server(id);
        self.clients.add_server();
        self.operator.servers.add();
        self.chaos_state.add_server();
        let host = &self.hosts[at];
        if !host.replica().absent {
            self.checks.add_replica(at, host, 0);
        }
        id
    }

    /// Has the operator pursue something.
    pub(in crate::sim) fn add_goal(&mut self, goal: Goal) {
        let Simulation {
            operator,
            network,
            cx,
            ..
        } = self;
        operator.add(goal, network, cx);
    }

    /// The operator's time has come, if it still is what it waits for.
    pub(in crate::sim) fn wake_operator(&mut self) {
        let Simulation {
            operator,
            network,
            cx,
            ..
        } = self;
        let done = operator.wake(network, cx);
        self.retire_all_but(done);
    }

    /// The operator hears from a server.
    pub(in crate::sim) fn operator_hears(&mut self, node: NodeId, reply: MemberReply) {
        let Simulation {
            operator,
            network,
            cx,
            ..
        } = self;
        let done = operator.hear(node, reply, network, cx);
        self.retire_all_but(done);
    }

    /// Answers the operator.
    pub(in crate::sim) fn serve_operator(&mut self, at: usize, request: &MemberRequest) {
        let mut reply = self.member_reply(at, request.round);
        if let Some(change) = &request.change {
            let at = ReplicaIndex { host: at, slot: 0 };
            reply.objection = Some(self.change_members(at, change));
        }
        let packet = Packet {
            from: self.hosts[at].id.into(),
            to: Address::Operator,
            content: Content::MemberReply(reply.into()),
        };
        self.network.send(packet, &mut self.cx);
    }

    /// How a server stands.
    fn member_reply(&self, at: usize, round: u64) -> MemberReply {
        let raft = self.hosts[at].raft();
        let id = raft.map(Raft::configuration_id).unwrap_or_default();
        let is_committed = |raft: &Raft<_>| {
            let commit = raft.commit_index();
            // Before it has committed an entry of its own term it may not know what is (5.4.2).
            let knows = raft.log().term_at(commit) == Some(raft.current_term());
            knows && id.index <= commit
        };
        MemberReply {
            round,
            term: raft.map_or(0, |raft| raft.current_term()),
            leads: raft.is_some_and(|raft| raft.is_leader()),
            members: raft.map_or_else(Configuration::default, |raft| raft.configuration().clone()),
            configuration: id,
            committed: raft.is_some_and(is_committed),
            refuses: self.hosts[at].refuses().is_some(),
            objection: None,
        }
    }

    /// Asks a server for a change of the members. Returns what it says against it.
    pub(in crate::sim) fn change_members(
        &mut self,
        at: ReplicaIndex,
        wanted: &MemberChange,
    ) -> Option<ChangeError> {
        let host = &self.hosts[at.host];
        let now = host.clock.read(self.cx.now());
        let Some(raft) = host.replicas[at.slot].raft() else {
            return Some(ChangeError::NotLeader { hint: None });
        };
        let objection = match &wanted.change {
            _ if raft.configuration_id() != wanted.replaces => {
                let index = raft.configuration_index();
                return Some(ChangeError::UnderWay { index });
            }
            Some(change) => raft.can_change(now, change).err(),
            None => raft.can_leave_joint().err(),
        };
        if objection.is_none() || objection != wanted.told {
            let input = wanted
                .change
                .as_ref()
                .map_or(Input::LeaveJoint, Input::Change);
            self.drive(at, input);
            self.effects.changed = None;
        }
        objection
    }

    /// Switches off what is neither a member nor wanted, once the members are committed.
    fn retire_all_but(&mut self, members: Option<Configuration>) {
        let Some(members) = members.filter(|_| !self.settings.keep_removed) else {
            return;
        };
        for at in 0..self.hosts.len() {
            let host = &mut self.hosts[at];
            let node = host.id;
            if !host.retired && members.member_on(node).is_none() && !self.operator.may_want(node) {
                host.crash();
                host.retired = true;
                self.clients.remove_server(node);
                self.operator.servers.remove(node);
                self.network.remove_server(node);
                self.cx.emit(EventKind::Retired { node });
            }
        }
    }

    /// Whether more of these voters may take part than will never again.
    pub(in crate::sim) fn could_decide(&self, voters: &[NodeId]) -> bool {
        let lost = |id: &&NodeId| self.host(**id).is_some_and(|host| host.refuses().is_some());
        2 * voters.iter().filter(lost).count() < voters.len()
    }

    /// Who the members are, by the leader; without one, by the longest log that is up.
    pub fn configuration(&self) -> &Configuration {
        let rafts = || self.hosts.iter().filter_map(Host::raft);
        let leader = self.leader().and_then(|node| self.host(node)?.raft());
        leader
            .or_else(|| rafts().max_by_key(|raft| raft.last()))
            .map_or(self.hosts[0].bootstrap(), Raft::configuration)
    }
}
