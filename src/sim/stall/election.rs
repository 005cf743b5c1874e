//! Nobody leads: who could be elected, and what every other server lacks for it.

use super::{Lack, LackReason, StallReason, Unable};
use crate::base::order::sort_by_key;
use crate::base::{MemberId, NodeId, Time};
use crate::kv::Command;
use crate::raft::{Raft, Rule};
use crate::sim::host::Host;
use crate::sim::simulation::Simulation;

/// Servers that are named one by one if nobody can win: those with the most votes.
const NAMED: usize = 5;

impl Simulation {
    /// No leader is heard by a quorum.
    pub(super) fn leaderless(&self, reasons: &mut Vec<StallReason>) {
        let leads = |host: &&Host| host.is_leader();
        let leaders = || self.hosts().iter().filter(leads).filter_map(Host::raft);
        for raft in leaders() {
            let leader = raft.node();
            let (heard, needed, _) = self.counts(raft, |node| self.reach(leader, node));
            let mut lacks = self.lacks(raft, |node| self.reach(leader, node));
            if let Some(how) = self.unable(leader) {
                let why = LackReason::Unable { how };
                lacks.insert(0, Lack { node: leader, why });
            }
            reasons.push(StallReason::LeaderCutOff {
                leader,
                heard,
                needed,
                lacks,
            });
        }
        if leaders().next().is_none() {
            reasons.push(StallReason::NoLeader);
        }
        if !self.quorum_lost(reasons) {
            self.candidates(reasons);
        }
    }

    /// Whether so few voters can take part that the rest doesn't matter.
    fn quorum_lost(&self, reasons: &mut Vec<StallReason>) -> bool {
        let (members, before) = (self.configuration(), reasons.len());
        for (place, half) in members.majorities().enumerate() {
            let able = |node: &NodeId| self.unable(*node).is_none();
            let needed = crate::raft::quorum::needed(half.len() as u32, self.rules());
            let half = MemberId::nodes(half);
            let able: Vec<_> = half.iter().copied().filter(able).collect();
            if (able.len() as u32) < needed {
                let unable = |&node: &NodeId| Some((node, self.unable(node)?));
                reasons.push(StallReason::QuorumLost {
                    outgoing: place == 1,
                    needed,
                    able,
                    unable: half.iter().filter_map(unable).collect(),
                });
            }
        }
        reasons.len() > before
    }

    /// Who can win an election; if nobody can, what everybody lacks for it.
    fn candidates(&self, reasons: &mut Vec<StallReason>) {
        let able = self.able_voters();
        let rafts = able.iter().filter_map(|&node| self.host(node)?.raft());
        let (mut can, mut cannot) = (Vec::new(), Vec::new());
        for raft in rafts {
            let candidate = raft.node();
            let lack = |id| self.vote_lacks(raft, id);
            let (votes, needed, quorum) = self.counts(raft, lack);
            match quorum && lack(candidate).is_none() {
                true => can.push(raft),
                false => cannot.push(StallReason::CannotWin {
                    candidate,
                    votes,
                    needed,
                    lacks: self.lacks(raft, lack),
                }),
            }
        }
        if can.is_empty() {
            let most_votes = |reason: &StallReason| match *reason {
                StallReason::CannotWin {
                    votes, candidate, ..
                } => (u32::MAX - votes, candidate.0),
                _ => (u32::MAX, 0),
            };
            sort_by_key(&mut cannot, most_votes);
            cannot.truncate(NAMED);
            return reasons.append(&mut cannot);
        }
        let due = |raft: &Raft<Command>| {
            let clock = self.host(raft.node()).map(Host::clock);
            let timer = raft.election_timer().zip(clock);
            timer.map(|(timer, clock)| clock.when(timer.due))
        };
        // Who stands next.
        sort_by_key(&mut can, |raft| {
            (due(raft).unwrap_or(Time::NEVER), raft.node())
        });
        reasons.extend(can.iter().take(NAMED).map(|raft| StallReason::CanWin {
            candidate: raft.node(),
            due: due(raft),
        }));
    }

    /// Why a voter wouldn't vote for a candidate, if so (figure 2, RequestVote; dissertation 4.2.3).
    fn vote_lacks(&self, candidate: &Raft<Command>, node: NodeId) -> Option<LackReason> {
        let me = candidate.id();
        if node == me.node() {
            let stands = candidate.election_timer().is_some() || candidate.is_leader();
            let votes = stands.then_some(()).ok_or(LackReason::NoVote);
            return votes.err().or_else(|| self.hears_leader(candidate));
        }
        if let Some(lack) = self.reach(me.node(), node) {
            return Some(lack);
        }
        let how = Unable::Down;
        let Some(voter) = self.host(node).and_then(Host::raft) else {
            return Some(LackReason::Unable { how });
        };
        let loyal = self.rules().has(Rule::LeaderStickiness) || self.rules().has(Rule::PreVote);
        if let Some(lack) = self.hears_leader(voter).filter(|_| loyal) {
            return Some(lack);
        }
        let (theirs, ours) = (candidate.last(), voter.last());
        if theirs < ours && self.rules().has(Rule::LogUpToDate) {
            return Some(LackReason::LogNewer { theirs, ours });
        }
        let theirs = candidate.next_priority();
        let ours = self.host(node).map_or(0, Host::priority);
        let equal = candidate.last() == voter.last();
        (equal && theirs < ours).then_some(LackReason::HigherPriority { theirs, ours })
    }

    /// Whether a server leads, or hears the leader that it follows.
    fn hears_leader(&self, raft: &Raft<Command>) -> Option<LackReason> {
        let (node, leader) = (raft.node(), raft.leader()?);
        let leads = self.host(leader.node()).is_some_and(Host::is_leader);
        let heard = leader.node() == node || self.silent(leader.node(), node).is_none();
        let hears = leads && heard && self.unable(leader.node()).is_none();
        hears.then_some(LackReason::HearsLeader {
            leader: leader.node(),
        })
    }
}
