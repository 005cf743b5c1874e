//! Stability: a leader whom a quorum hears in time isn't deposed (dissertation 4.2.3, 6.2, 9.6).
//!
//! It is owed to a leader among those who owe progress ([`progress`](super::progress)), once all of
//! them have followed it for an election timeout at least, and nothing from before can depose it:
//! no server, running or not, has a newer term; no yes to a PreVote and no TimeoutNow is under
//! way; it has told nobody to take over in this term. From then on a newer term can only come of a
//! candidate that all voters of a majority refuse, because they hear the leader: PreVote and
//! stickiness are there for that, and CheckQuorum for a leader that hears them. Not owed: what a
//! transfer, a person's `time_out`, a fault of one of the set, or another configuration brings about.

use super::super::host::{Host, Power};
use super::super::packet_kind::MessageKind;
use super::super::simulation::Simulation;
use super::Found;
use super::owing::{self, Set};
use super::progress::ProgressChecks;
use crate::base::NodeId;
use crate::kv::Command;
use crate::raft::{Raft, Term, Trace};

/// A leader and the term that it leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) struct LeaderTerm {
    leader: NodeId,
    term: Term,
}

impl LeaderTerm {
    pub(super) fn of(raft: &Raft<Command>) -> LeaderTerm {
        LeaderTerm {
            leader: raft.node(),
            term: raft.current_term(),
        }
    }

    /// Who leads.
    pub(super) fn leader(self) -> NodeId {
        self.leader
    }
}

/// Whether nothing from before can depose a leader that all of `set` hear in time.
pub(super) fn is_secure(raft: &Raft<Command>, set: Set, run: &Simulation) -> bool {
    let (leader, term) = (raft.id(), raft.current_term());
    let follows = |it: &Raft<Command>| it.current_term() == term && it.leader() == Some(leader);
    let newer = |host: &Host| {
        let hard_state = host.volume().hard_state();
        host.raft()
            .map_or(hard_state, Raft::hard_state)
            .current_term
            > term
    };
    let waits = |host: &Host| host.power() == Power::Paused && host.waiting() > 0;
    let deposes = |kind: MessageKind| {
        matches!(
            kind,
            MessageKind::TimeoutNow { .. } | MessageKind::RequestPreVoteReply { granted: true, .. }
        )
    };
    // It has no lease once it has told somebody to take over, nor before a quorum has answered it.
    raft.transfers_to().is_none()
        && raft.lease_until().is_some()
        && owing::others(run, set, leader.node()).all(follows)
        && !run.hosts().iter().any(|host| newer(host) || waits(host))
        && !run
            .messages()
            .any(|(_, message)| deposes(MessageKind::of(message)))
}

impl ProgressChecks {
    /// A leader leads no more: Stability.
    pub fn deposed(&self, node: NodeId, trace: &Trace) -> Option<Found> {
        let (term, by) = match *trace {
            Trace::SteppedDown {
                term,
                was_leader: true,
                because_of,
            } => (term, because_of),
            Trace::Resigned { term, .. } => (term, node),
            _ => return None,
        };
        let leader = node;
        let owed = self.leader_term == Some(LeaderTerm { leader, term });
        owed.then_some(Found::Deposed { leader, term, by })
    }
}
