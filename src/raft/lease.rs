//! Leases (dissertation 6.4.1): a leader that may read from its own state without asking anybody,
//! because for a while nobody else can have been elected.
//!
//! Every voter that answered a round has heard the leader after the round began, and votes for
//! nobody until a minimum election timeout has passed since (4.2.3). So the lease runs from the
//! *sending* of a round that a quorum answered, for the minimum election timeout, less what the
//! clocks may disagree on. It is the one rule of this chapter that trusts clocks:
//!
//! *Assumption.* No server's clock runs faster or slower than true time by more than the share
//! [`Timing::clock_drift`], and none leaps. A lease measured by the slowest clock allowed then
//! ends before an election timeout measured by the fastest.
//!
//! Where clocks keep to it, a lease read is linearizable; where they don't, it may be stale, and
//! nothing worse: elections and commits never look at a clock's reading. A leader that sees its
//! own clock go back gives its lease up. The lease ends before the leader tells another to take
//! over (see [`transfer`](super::transfer)), and a server that has just started waits one timeout
//! before it votes, because it doesn't remember whom it heard.

use super::leader::Leader;
use super::message::Round;
use super::node::{Raft, RoleState};
use super::rules::{Rule, Rules};
use super::types::{Measured, Timing};
use crate::base::{Ratio, Span, Time};
use std::rc::Rc;

/// Rounds whose beginning a leader remembers. Older ones would make a shorter lease.
const REMEMBERED: usize = 64;

impl Timing {
    /// How long a lease runs by the leader's own clock.
    pub fn lease(&self, rules: Rules) -> Span {
        if !rules.has(Rule::LeaseMargin) {
            return self.election_timeout_min;
        }
        // A clock that runs slow by the bound against one that runs fast by the bound.
        let (one, bound) = (u64::from(Ratio::ONE.0), u64::from(self.clock_drift.0));
        let timeout = u128::from(self.election_timeout_min.0);
        Span((timeout * u128::from(one.saturating_sub(bound)) / u128::from(one + bound)) as u64)
    }
}

impl Leader {
    /// Remembers that the current round begins now.
    pub fn note_round(&mut self, now: Time) {
        if self.rounds.len() == REMEMBERED {
            self.rounds.pop_front();
        }
        self.rounds.push_back((self.round, now));
    }
}

impl<C: Measured> Raft<C> {
    /// When this leader's lease ends, by its own clock; `None` if it has none, or can't use it
    /// because it has committed nothing in its term yet.
    pub fn lease_until(&self) -> Option<Time> {
        let RoleState::Leader(leader) = &self.state else {
            return None;
        };
        if leader.lease_is_over || !self.committed_in_term() {
            return None;
        }
        let heard = self.heard_by_quorum(leader);
        let mut rounds = leader.rounds.iter().rev();
        let &(_, began) = rounds.find(|(round, _)| *round <= heard)?;
        Some(began + self.config.timing.lease(self.config.rules))
    }

    /// The highest round that a quorum has answered.
    pub(super) fn heard_by_quorum(&self, leader: &Leader) -> Round {
        let own = (self.id(), leader.round.into());
        let heard = leader.known(own, |peer| peer.heard_round.into());
        let voters = self.configuration();
        let heard = voters.held_by_quorum(self.config.rules, 0, heard);
        heard.unwrap_or(0) as Round
    }

    /// This server's clock has gone back: what it remembers keeps its distance from now. A leader
    /// no longer knows when its rounds began, and so it has no lease until the next is answered.
    pub(super) fn set_back(&mut self, by: Span) {
        self.timer.set_at -= by;
        self.timer.due -= by;
        self.heard_leader.iter_mut().for_each(|at| *at -= by);
        Rc::make_mut(&mut self.forwarded).sent -= by;
        if let RoleState::Leader(leader) = &mut self.state {
            leader.rounds.clear();
            leader.heartbeat_due -= by;
            leader.quorum_due -= by;
            leader.transfer.iter_mut().for_each(|it| it.set_back(by));
            leader.peers.iter_mut().for_each(|it| it.set_back(by));
        }
    }
}
