//! Leadership transfer (dissertation 3.10).
//!
//! The leader takes no more commands, brings the chosen server's log up to its own, and tells it
//! to stand for election at once: TimeoutNow. Its request says that the leader sent it, so that
//! nobody refuses out of loyalty (4.2.3). If no new leader shows up within an election timeout,
//! the old one goes on as before, with one difference: the message may still arrive at any time,
//! and so its lease is over for the rest of its term.

use super::input::Effects;
use super::message::{Body, Message};
use super::node::{Raft, RoleState};
use super::trace::{CampaignReason, DropReason, Trace};
use super::types::Measured;
use crate::base::{MemberId, NodeId, Span, Time};

/// A transfer under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transfer {
    /// The next leader.
    pub to: MemberId,
    /// When to give up.
    pub deadline: Time,
    /// When it was told to stand for election.
    told: Option<Time>,
}

impl Transfer {
    pub fn set_back(&mut self, by: Span) {
        self.deadline -= by;
        self.told.iter_mut().for_each(|at| *at -= by);
    }
}

impl<C: Measured> Raft<C> {
    /// Begins to hand the leadership over. Another transfer under way is replaced.
    pub(super) fn transfer(&mut self, now: Time, to: NodeId, out: &mut Effects<C>) {
        let (term, deadline) = (
            self.current_term(),
            now + self.config.timing.election_timeout_max,
        );
        let last = self.log.last_index();
        let RoleState::Leader(leader) = &mut self.state else {
            return out.trace(Trace::TransferAborted { to, term });
        };
        let mut voters = leader.peers.iter().filter(|peer| !peer.is_learner());
        let Some(peer) = voters.find(|peer| peer.id.node() == to) else {
            return out.trace(Trace::TransferAborted { to, term });
        };
        let (id, behind) = (peer.id, last - peer.match_index);
        out.trace(Trace::TransferStarted { to, term, behind });
        leader.transfer = Some(Transfer {
            to: id,
            deadline,
            told: None,
        });
        self.go_on_with_transfer(now, id, out);
    }

    /// `from` was heard: if it is the one that shall lead and it holds everything, it is told.
    pub(super) fn go_on_with_transfer(&mut self, now: Time, from: MemberId, out: &mut Effects<C>) {
        let (me, term, last) = (self.id(), self.current_term(), self.log.last_index());
        let heartbeat = self.config.timing.heartbeat;
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let Some(transfer) = leader.transfer.as_mut().filter(|it| it.to == from) else {
            return;
        };
        let caught_up = leader
            .peers
            .iter()
            .any(|peer| peer.id == from && peer.match_index == last);
        // The message may get lost: it is repeated as long as the answers show that nothing came
        // of it.
        let just_told = transfer.told.is_some_and(|at| now.since(at) < heartbeat);
        if caught_up && !just_told {
            transfer.told = Some(now);
            leader.lease_is_over = true;
            out.trace(Trace::ToldToLead {
                to: from.node(),
                term,
            });
            out.messages.push(Message {
                from: me,
                to: from,
                term,
                body: Body::TimeoutNow,
            });
        }
    }

    /// Gives up a transfer that takes longer than an election timeout.
    pub(super) fn check_transfer(&mut self, now: Time, out: &mut Effects<C>) {
        let term = self.current_term();
        if let RoleState::Leader(leader) = &mut self.state
            && let Some(transfer) = leader.transfer.take_if(|it| now >= it.deadline)
        {
            out.trace(Trace::TransferAborted {
                to: transfer.to.node(),
                term,
            });
        }
    }

    /// The leader wants this server to take over.
    pub(super) fn on_timeout_now(&mut self, now: Time, from: MemberId, out: &mut Effects<C>) {
        if self.leader() == Some(from) && self.membership.votes {
            self.campaign(now, CampaignReason::Transfer { from: from.node() }, out);
        } else {
            self.drop_message(from, self.current_term(), DropReason::NotExpected, out);
        }
    }
}
