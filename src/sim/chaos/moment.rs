//! Moments that a fault can wait for: what a server is in the middle of.

use super::deed::drawn;
use crate::base::{Draws, MemberId, NodeId};
use crate::kv::Command;
use crate::raft::{Body, Index, Message, Raft, Role, Rules, Term};
use crate::sim::host::{Host, Power};
use crate::sim::simulation::Simulation;

drawn! {
    /// What a server is in the middle of.
    Moment {
        /// A term or a vote is being written.
        SyncsVote,
        /// Entries are being written.
        SyncsEntries,
        /// Its term or its vote has just changed.
        Votes,
        /// It has just voted for another one.
        Grants,
        /// It asks whether it would get votes.
        Asks,
        /// It has asked for votes, and the requests are under way.
        Stands,
        /// It has just won an election.
        Wins,
        /// It leads, and has committed nothing in its term yet.
        LeadsAnew,
        /// It leads, and has just committed something.
        Commits,
        /// It leads by members that aren't committed.
        Changes,
        /// It has just got other members.
        Adopts,
        /// Its configuration is joint.
        IsJoint,
        /// It has a part of a snapshot.
        Receives,
        /// It leads in its own eyes, and another one leads a newer term.
        WasDeposed,
        /// It hands its leadership over.
        HandsOver,
        /// It leads others that lack entries.
        IsAhead,
        /// It leads, and a majority of disks holds an entry of a former term that wasn't committed.
        Inherits,
        /// It has a lease.
        HoldsLease,
        /// It has a lease, and somebody knows a newer term.
        IsOutdated,
        /// It votes, and holds little of what is committed.
        IsNew,
    }
}

/// What a server was at the last look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Seen {
    term: Term,
    vote: Option<MemberId>,
    leads: bool,
    commit: Index,
    configuration: Index,
}

impl Seen {
    pub fn of(host: &Host) -> Seen {
        let Some(raft) = host.raft() else {
            return Seen::default();
        };
        let hard_state = raft.hard_state();
        Seen {
            term: hard_state.current_term,
            vote: hard_state.voted_for,
            leads: raft.is_leader(),
            commit: raft.commit_index(),
            configuration: raft.configuration_index(),
        }
    }
}

impl Moment {
    /// The first server that is in it, `before` being what the servers were at the last look.
    pub fn who(self, run: &Simulation, before: &[Seen]) -> Option<NodeId> {
        let mut hosts = run.hosts.iter().zip(before);
        let found = hosts.find(|&(host, &before)| self.is_now(run, host, before));
        found.map(|(host, _)| host.id())
    }

    /// Whether a server is in it.
    fn is_now(self, run: &Simulation, host: &Host, before: Seen) -> bool {
        let Some(raft) = host.raft().filter(|_| host.power() == Power::Up) else {
            return false;
        };
        let now = Seen::of(host);
        let leads = raft.is_leader();
        let mut syncs = host.disk().in_sync(0);
        match self {
            Moment::SyncsVote => syncs.any(|write| write.hard_state.is_some()),
            Moment::SyncsEntries => syncs.any(|write| write.append.is_some()),
            Moment::Votes => (now.term, now.vote) != (before.term, before.vote),
            Moment::Grants => grants(raft, now, before),
            Moment::Asks => raft.role() == Role::PreCandidate,
            Moment::Stands => raft.role() == Role::Candidate && asks(run, raft),
            Moment::Wins => leads && !(before.leads && before.term == now.term),
            Moment::LeadsAnew => leads && raft.log().term_at(now.commit) != Some(now.term),
            Moment::Commits => leads && now.commit > before.commit,
            Moment::Changes => leads && now.configuration > now.commit,
            Moment::Adopts => now.configuration != before.configuration,
            Moment::IsJoint => raft.configuration().is_joint(),
            Moment::Receives => raft.incoming().is_some(),
            Moment::WasDeposed => leads && is_deposed(run, raft.current_term()),
            Moment::HandsOver => raft.transfers_to().is_some(),
            Moment::IsAhead => leads && now.commit < raft.log().last_index(),
            Moment::Inherits => leads && before.leads && inherits(run, raft, before.commit),
            Moment::HoldsLease => holds_lease(run, host),
            Moment::IsOutdated => holds_lease(run, host) && is_outdated(run, now.term),
            Moment::IsNew => is_new(run, raft),
        }
    }
}

/// Whether a server has just voted for another one.
fn grants(raft: &Raft<Command>, now: Seen, before: Seen) -> bool {
    let for_another = now.vote.is_some_and(|id| id != raft.id());
    for_another && (now.term, now.vote) != (before.term, before.vote)
}

/// Whether a candidate's requests are under way.
fn asks(run: &Simulation, raft: &Raft<Command>) -> bool {
    let is_request = |message: &Message<Command>| {
        message.from == raft.id() && matches!(message.body, Body::RequestVote(_))
    };
    run.messages().any(|(_, message)| is_request(message))
}

pub(super) fn is_deposed(run: &Simulation, term: Term) -> bool {
    let mut rafts = run.hosts.iter().filter_map(Host::raft);
    rafts.any(|raft| raft.is_leader() && raft.current_term() > term)
}

/// Whether a server has a lease.
pub(super) fn holds_lease(run: &Simulation, host: &Host) -> bool {
    let until = host.raft().and_then(Raft::lease_until);
    until.is_some_and(|until| host.clock().read(run.now()) < until)
}

/// Whether the first entry behind `commit` is of a former term, and a majority of disks holds it.
fn inherits(run: &Simulation, raft: &Raft<Command>, commit: Index) -> bool {
    let index = commit + 1;
    let Some(term) = raft.log().term_at(index) else {
        return false;
    };
    let holds = |id: MemberId| {
        let host = run.host(id.node());
        host.is_some_and(|host| host.volume().log().term_at(index) == Some(term))
    };
    term < raft.current_term() && raft.configuration().is_quorum(Rules::ALL, holds)
}

fn is_outdated(run: &Simulation, term: Term) -> bool {
    let mut rafts = run.hosts.iter().filter_map(Host::raft);
    rafts.any(|raft| raft.current_term() > term)
}

/// Whether a server votes by the leader's members, and holds less than half of what is committed.
fn is_new(run: &Simulation, raft: &Raft<Command>) -> bool {
    let leader = run.leader().and_then(|node| run.host(node)?.raft());
    leader.is_some_and(|leader| {
        let votes = leader.configuration().has_voter_on(raft.node());
        votes && raft.log().last_index() * 2 < leader.commit_index()
    })
}
