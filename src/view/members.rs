//! Who is a member, and how decisions stand with each majority that they need: plain data.
//!
//! Usually that is one gauge. While the voters are being changed through a joint configuration it
//! is two, and both have to be full (section 6).

use super::cluster_view::Segment;
use crate::base::{MemberId, NodeId, Time};
use crate::kv::Command;
use crate::raft::{Configuration, Index, Raft, Role, quorum};
use crate::sim::{Host, Power, Simulation};
use serde::Serialize;

/// The members, by the leader; without one, by the longest log that is up.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct MembersView {
    /// The voters; of a joint configuration the new ones first, then the outgoing ones.
    pub majorities: Vec<MajorityView>,
    /// Those who get the log without a vote, by id.
    pub learners: Vec<NodeId>,
    /// The entry that says so; 0 for the members of the start.
    pub index: Index,
    /// Whether that entry is committed, as far as the server knows that says so.
    pub committed: bool,
}

impl MembersView {
    /// The voters; of a joint configuration, the new ones.
    pub fn voters(&self) -> &[NodeId] {
        self.majorities
            .first()
            .map_or(&[], |majority| &majority.voters)
    }
}

/// Voters of which every decision needs a majority.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct MajorityView {
    /// The voters, by id.
    pub voters: Vec<NodeId>,
    /// How many a decision needs.
    pub needed: u32,
    /// How each stands to the leader, or, without one, to the candidate of the highest term.
    pub segments: Vec<Segment>,
    /// match_index of each, as far as the leader knows; empty without one.
    pub match_indexes: Vec<Index>,
}

/// The part of the voters that stands on one side of a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ShareView {
    /// How many of them are here and not crashed.
    pub alive: u32,
    /// How many there are.
    pub of: u32,
    /// How many a decision needs.
    pub needed: u32,
}

/// Who is a member, without the votes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ConfigurationView {
    /// The voters; of a joint configuration, the new ones.
    pub voters: Vec<NodeId>,
    /// The old voters of a joint configuration; empty otherwise.
    pub outgoing: Vec<NodeId>,
    /// Those who get the log without a vote.
    pub learners: Vec<NodeId>,
}

impl ConfigurationView {
    /// `C {1 2 3}`, `C {1 2 3 + learner 4}`, and of a joint configuration, the old voters first,
    /// `C_old,new {1 2 3 | 1 2 3 4}`.
    pub fn label(&self) -> String {
        let ids = |nodes: &[NodeId]| {
            let ids: Vec<String> = nodes.iter().map(|node| node.0.to_string()).collect();
            ids.join(" ")
        };
        let (name, old) = match &self.outgoing[..] {
            [] => ("C", String::new()),
            old => ("C_old,new", format!("{} | ", ids(old))),
        };
        let learners = match &self.learners[..] {
            [] => String::new(),
            [one] => format!(" + learner {}", one.0),
            more => format!(" + learners {}", ids(more)),
        };
        format!("{name} {{{old}{}{learners}}}", ids(&self.voters))
    }

    /// The same where there is little room: `1-3`, `1-3+4`, `1-3|1-5`.
    pub fn short(&self) -> String {
        let (voters, old) = (runs(&self.voters), runs(&self.outgoing));
        let bar = if old.is_empty() { "" } else { "|" };
        let plus = if self.learners.is_empty() { "" } else { "+" };
        format!("{old}{bar}{voters}{plus}{}", runs(&self.learners))
    }
}

/// Numbers with their runs drawn together: `1-3,5`.
fn runs(nodes: &[NodeId]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for node in nodes {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == node.0 => *last = node.0,
            _ => parts.push((node.0, node.0)),
        }
    }
    let text = |(first, last): (u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    let parts: Vec<String> = parts.into_iter().map(text).collect();
    parts.join(",")
}

/// What a server is to the cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// It votes.
    Voter,
    /// It gets the log without having a vote.
    Learner,
    /// It was set up, and no leader has taken it in yet.
    Joining,
    /// It is no member any more.
    Removed,
}

/// What a server is by these members.
pub(super) fn member(host: &Host, members: &Configuration) -> Member {
    let id = host.id();
    if members.has_voter_on(id) {
        Member::Voter
    } else if members.has_learner_on(id) {
        Member::Learner
    } else if host.bootstrap().is_empty() && host.volume().log().last_index() == 0 {
        Member::Joining
    } else {
        Member::Removed
    }
}

/// The view of a configuration.
pub fn configuration(members: &Configuration) -> ConfigurationView {
    ConfigurationView {
        voters: MemberId::nodes(members.voters()),
        outgoing: MemberId::nodes(members.outgoing()),
        learners: MemberId::nodes(members.learners()),
    }
}

/// How many of these voters a decision needs, by the rules that hold now.
pub(super) fn needed(simulation: &Simulation, voters: &[MemberId]) -> u32 {
    quorum::needed(voters.len() as u32, simulation.rules())
}

/// The view of the members, with how decisions stand.
pub(super) fn members(simulation: &Simulation) -> MembersView {
    let configuration = simulation.configuration();
    let rafts = || simulation.hosts().iter().filter_map(Host::raft);
    let leader = simulation.leader();
    let leader = rafts().find(|raft| Some(raft.node()) == leader);
    let candidates = rafts().filter(|raft| raft.role() != Role::Follower);
    let asks = leader.or_else(|| candidates.max_by_key(|raft| raft.current_term()));
    let now = |raft: &Raft<Command>| {
        let host = simulation.host(raft.node());
        host.map_or(simulation.now(), |host| host.clock().read(simulation.now()))
    };
    let majority = |voters: &[MemberId]| MajorityView {
        voters: MemberId::nodes(voters),
        needed: needed(simulation, voters),
        segments: asks.map_or_else(Vec::new, |raft| segments(raft, voters, now(raft)).collect()),
        match_indexes: leader.map_or_else(Vec::new, |raft| {
            voters.iter().map(|&id| match_index(raft, id)).collect()
        }),
    };
    let says = leader.or_else(|| rafts().find(|raft| raft.configuration() == configuration));
    let index = says.map_or(0, Raft::configuration_index);
    MembersView {
        majorities: configuration.majorities().map(majority).collect(),
        learners: MemberId::nodes(configuration.learners()),
        index,
        committed: says.is_none_or(|raft| index <= raft.commit_index()),
    }
}

/// How these voters stand to a leader or a candidate, whose clock shows `now`.
pub(super) fn segments<'a>(
    raft: &'a Raft<Command>,
    voters: &'a [MemberId],
    now: Time,
) -> impl Iterator<Item = Segment> + 'a {
    let timeout = raft.config().timing.election_timeout_min;
    let with = |yes| if yes { Segment::With } else { Segment::Silent };
    voters.iter().map(move |&voter| {
        if raft.is_leader() {
            let peer = raft.peers().iter().find(|peer| peer.id == voter);
            let heard = peer.and_then(|peer| peer.heard);
            let lately = heard.is_some_and(|at| now.since(at) <= timeout);
            return with(voter == raft.id() || lately);
        }
        match raft.votes().iter().find(|(from, _)| *from == voter) {
            Some((_, false)) => Segment::Refused,
            vote => with(voter == raft.id() || vote.is_some()),
        }
    })
}

fn match_index(leader: &Raft<Command>, id: MemberId) -> Index {
    let peer = leader.peers().iter().find(|peer| peer.id == id);
    peer.map_or(leader.durable_index(), |peer| peer.match_index)
}

/// How many of these servers are alive and vote, for each majority that a decision needs.
pub(super) fn shares(simulation: &Simulation, nodes: &[NodeId]) -> Vec<ShareView> {
    let alive = |id: &&MemberId| {
        let host = simulation.host(id.node());
        nodes.contains(&id.node()) && host.is_some_and(|host| host.power() != Power::Crashed)
    };
    let majorities = simulation.configuration().majorities();
    let share = |majority: &[MemberId]| ShareView {
        alive: majority.iter().filter(alive).count() as u32,
        of: majority.len() as u32,
        needed: needed(simulation, majority),
    };
    majorities.map(share).collect()
}
