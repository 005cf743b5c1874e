//! Linearizable reads without a log entry (section 8; dissertation 6.4).
//!
//! The leader remembers its commit index, waits until it has committed in its own term (before,
//! it may not know what is committed), and then until a quorum has answered a round of messages
//! that began after the read: no newer leader had been elected by then, so nothing newer was
//! committed elsewhere. Reads that come while a round is under way share the next one.

use super::input::{Effects, Read};
use super::message::Round;
use super::node::{Raft, State};
use super::rules::Rule;
use super::trace::Trace;
use super::types::{Index, Measured};
use crate::base::{NodeId, Time};

/// A read that waits for its round.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingRead {
    id: u64,
    /// The commit index when the read came; `None` until the leader has committed in its term.
    index: Option<Index>,
    /// The round that has to be answered by a quorum.
    round: Round,
}

impl PendingRead {
    pub(super) fn turned_away(&self, hint: Option<NodeId>) -> Read {
        Read::NotLeader { id: self.id, hint }
    }
}

impl<C: Measured> Raft<C> {
    /// Takes a read in.
    pub(super) fn read(&mut self, now: Time, id: u64, out: &mut Effects<C>) {
        let index = self.committed_in_term().then_some(self.commit);
        let hint = self.leader();
        let State::Leader(leader) = &mut self.state else {
            out.reads.push(Read::NotLeader { id, hint });
            return;
        };
        // A round that is under way began before this read: the read needs the next one.
        let under_way = leader
            .reads
            .front()
            .is_some_and(|read| read.round <= leader.round);
        let round = leader.round + 1;
        leader.reads.push_back(PendingRead { id, index, round });
        if let Some(index) = index {
            out.trace(Trace::ReadStarted { id, index });
        }
        if !under_way {
            self.begin_round(now, out);
        }
        self.confirm_reads(now, out);
    }

    /// Whether an entry of this term is committed: only then does a leader know the commit index.
    pub(super) fn committed_in_term(&self) -> bool {
        self.log.term_at(self.commit) == Some(self.current_term())
    }

    /// Settles the reads whose round a quorum has answered, and begins the next one if others
    /// wait for it.
    pub(super) fn confirm_reads(&mut self, now: Time, out: &mut Effects<C>) {
        let committed = self.committed_in_term().then_some(self.commit);
        let rules = self.config.rules;
        let State::Leader(leader) = &mut self.state else {
            return;
        };
        if leader.reads.is_empty() || committed.is_none() {
            return;
        }
        for read in leader.reads.iter_mut().filter(|read| read.index.is_none()) {
            read.index = committed;
            out.trace(Trace::ReadStarted {
                id: read.id,
                index: self.commit,
            });
        }
        let own = (self.config.id, leader.round.into());
        let heard = leader.known(own, |peer| peer.heard_round.into());
        let heard = self
            .membership
            .configuration()
            .held_by_quorum(rules, 0, heard)
            .unwrap_or(0);
        let asks_nobody = !rules.has(Rule::ReadIndexQuorum);
        while let Some(&PendingRead {
            id,
            index: Some(index),
            round,
        }) = leader.reads.front()
            && (u64::from(round) <= heard || asks_nobody)
        {
            leader.reads.pop_front();
            out.trace(Trace::ReadConfirmed { id, index });
            out.reads.push(Read::Ready { id, index });
        }
        if leader
            .reads
            .front()
            .is_some_and(|read| read.round > leader.round)
        {
            self.begin_round(now, out);
        }
    }
}
