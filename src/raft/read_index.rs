//! Reads without a log entry (section 8; dissertation 6.4).
//!
//! *Linearizable*: the leader remembers its commit index, waits until it has committed in its own
//! term (before, it may not know what is committed), and then until a quorum has answered a round
//! of messages that began after the read: no newer leader had been elected by then, so nothing
//! newer was committed elsewhere. Reads that come while a round is under way share the next one.
//!
//! A follower sends its reads on in batches: one message for all that came while the last one was
//! under way. The leader names a read index, and the follower answers once it has got that far.
//!
//! *Lease*: as long as the leader holds a [`lease`](super::lease), it asks nobody. *Stale*: any
//! server answers from what it has applied.

use super::input::{Effects, Read};
use super::leader::Leader;
use super::message::{Body, Round};
use super::node::{Raft, RoleState};
use super::progress::Progress;
use super::rules::Rule;
use super::trace::{DropReason, Trace};
use super::types::{Index, Measured, ReadLevel, Term};
use crate::base::{MemberId, Time};
use std::rc::Rc;

/// A read that waits at the leader for its round.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingRead {
    pub reader: Reader,
    /// The commit index when the read came; `None` until the leader has committed in its term.
    pub index: Option<Index>,
    /// The round that has to be answered by a quorum.
    pub round: Round,
}

/// Who waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    /// This server's caller, by its number.
    Caller(u64),
    /// A follower with a batch.
    Follower(MemberId, u64),
}

impl PendingRead {
    /// What becomes of it when the leader isn't one any more. A follower finds out by itself.
    pub(super) fn turned_away(&self, hint: Option<MemberId>) -> Option<Read> {
        match self.reader {
            Reader::Caller(id) => Some(Read::NotLeader {
                id,
                hint: hint.map(|id| id.node()),
            }),
            Reader::Follower(..) => None,
        }
    }

    fn started(&self, index: Index) -> Trace {
        match self.reader {
            Reader::Caller(id) => Trace::ReadStarted { id, index },
            Reader::Follower(follower, _) => Trace::ReadAsked {
                follower: follower.node(),
                index,
            },
        }
    }
}

/// The reads that a follower has sent on, or will.
#[derive(Clone, Debug, Default)]
pub(super) struct Forwarded {
    /// The leader, and its term, that all of this is meant for; `None` if there is nothing.
    pub to: Option<(MemberId, Term)>,
    /// The number of the batch under way. A server that starts again begins far above.
    pub batch: u64,
    /// The reads in it; none if no batch is under way.
    pub asked: Vec<u64>,
    /// When it was sent last.
    pub sent: Time,
    /// Reads for the next batch.
    pub waiting: Vec<u64>,
    /// Reads with their index, above the commit index still.
    pub confirmed: Vec<(u64, Index)>,
}

impl Forwarded {
    pub fn new(incarnation: u32) -> Forwarded {
        Forwarded {
            batch: u64::from(incarnation) << 32,
            ..Forwarded::default()
        }
    }

    /// Whether any read waits here.
    pub fn is_busy(&self) -> bool {
        self.to.is_some()
    }
}

impl<C: Measured> Raft<C> {
    /// Takes a read in.
    pub(super) fn read(&mut self, now: Time, id: u64, level: ReadLevel, out: &mut Effects<C>) {
        let (index, hint) = (self.commit_index, self.leader());
        if level == ReadLevel::Stale {
            out.trace(Trace::StaleRead { id, index });
            out.reads.push(Read::Ready { id, index });
        } else if self.is_leader() {
            let left = self.lease_until().map(|until| until.since(now));
            match left.filter(|left| level == ReadLevel::Lease && left.0 > 0) {
                Some(left) => {
                    out.trace(Trace::LeaseRead { id, index, left });
                    out.reads.push(Read::Ready { id, index });
                }
                None => self.wait_for_round(now, Reader::Caller(id), out),
            }
        } else if let Some(leader) = hint.filter(|_| level == ReadLevel::Linearizable) {
            let term = self.current_term();
            let forwarded = Rc::make_mut(&mut self.forwarded);
            forwarded.to = Some((leader, term));
            forwarded.waiting.push(id);
            self.forward(now, out);
        } else {
            out.reads.push(Read::NotLeader {
                id,
                hint: hint.map(|id| id.node()),
            });
        }
    }

    // ---- the leader's side ----

    fn wait_for_round(&mut self, now: Time, reader: Reader, out: &mut Effects<C>) {
        let index = self.committed_in_term().then_some(self.commit_index);
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        // A round that is under way began before this read: the read needs the next one.
        let under_way = leader
            .reads
            .front()
            .is_some_and(|read| read.round <= leader.round);
        let read = PendingRead {
            reader,
            index,
            round: leader.round + 1,
        };
        leader.reads.push_back(read);
        if let Some(index) = index {
            out.trace(read.started(index));
        }
        if !under_way {
            self.begin_round(now, out);
        }
        self.confirm_reads(now, out);
    }

    /// A follower asks for a read index.
    pub(super) fn on_read_index(
        &mut self,
        now: Time,
        from: MemberId,
        batch: u64,
        out: &mut Effects<C>,
    ) {
        let reader = Reader::Follower(from, batch);
        let term = self.current_term();
        match &self.state {
            RoleState::Leader(leader) if leader.reads.iter().any(|read| read.reader == reader) => {
                self.drop_message(from, term, DropReason::Stale, out);
            }
            RoleState::Leader(_) => self.wait_for_round(now, reader, out),
            _ => self.drop_message(from, term, DropReason::NotExpected, out),
        }
    }

    /// Whether an entry of this term is committed: only then does a leader know the commit index.
    pub(super) fn committed_in_term(&self) -> bool {
        self.log.term_at(self.commit_index) == Some(self.current_term())
    }

    /// Settles the reads whose round a quorum has answered, and begins the next one if others
    /// wait for it.
    #[inline]
    pub(super) fn confirm_reads(&mut self, now: Time, out: &mut Effects<C>) {
        if matches!(&self.state, RoleState::Leader(leader) if !leader.reads.is_empty()) {
            self.settle_reads(now, out);
        }
    }

    fn settle_reads(&mut self, now: Time, out: &mut Effects<C>) {
        if !self.committed_in_term() {
            return;
        }
        let commit = self.commit_index;
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        for read in leader.reads.iter_mut().filter(|read| read.index.is_none()) {
            read.index = Some(commit);
            out.trace(read.started(commit));
        }
        while let RoleState::Leader(leader) = &self.state
            && let Some(&PendingRead {
                reader,
                index,
                round,
            }) = leader.reads.front()
        {
            if !self.has_quorum_of(leader, round) {
                if round > leader.round {
                    self.begin_round(now, out);
                }
                return;
            }
            if let RoleState::Leader(leader) = &mut self.state {
                leader.reads.pop_front();
            }
            self.answer_read(reader, index.unwrap_or(commit), out);
        }
    }

    /// Whether a quorum has answered this round or a later one.
    fn has_quorum_of(&self, leader: &Leader, round: Round) -> bool {
        let (rules, members) = (self.config.rules, self.configuration());
        if !rules.has(Rule::ReadIndexQuorum) {
            return true;
        }
        let own = leader.round >= round;
        let answered = |peer: &Progress| peer.heard_round >= round;
        leader.count(own, answered) >= members.quorum(rules)
            && members.is_quorum(rules, leader.known((self.id(), own), answered))
    }

    fn answer_read(&mut self, reader: Reader, index: Index, out: &mut Effects<C>) {
        match reader {
            Reader::Caller(id) => {
                out.trace(Trace::ReadConfirmed { id, index });
                out.reads.push(Read::Ready { id, index });
            }
            Reader::Follower(follower, batch) => {
                out.trace(Trace::ReadAnswered {
                    follower: follower.node(),
                    index,
                });
                let answer = Body::ReadIndexReply { batch, index };
                out.messages.push(self.message(follower, answer));
            }
        }
    }

    // ---- the follower's side ----

    /// Sends the reads that wait on, unless a batch is under way.
    fn forward(&mut self, now: Time, out: &mut Effects<C>) {
        let forwarded = Rc::make_mut(&mut self.forwarded);
        let Some((leader, _)) = forwarded.to else {
            return;
        };
        if forwarded.asked.is_empty() && !forwarded.waiting.is_empty() {
            std::mem::swap(&mut forwarded.asked, &mut forwarded.waiting);
            forwarded.batch += 1;
            let reads = forwarded.asked.len() as u32;
            out.trace(Trace::ReadsForwarded {
                leader: leader.node(),
                reads,
            });
            self.send_batch(now, leader, out);
        }
    }

    fn send_batch(&mut self, now: Time, leader: MemberId, out: &mut Effects<C>) {
        Rc::make_mut(&mut self.forwarded).sent = now;
        let batch = self.forwarded.batch;
        self.send_durably(leader, Body::ReadIndex { batch }, out);
    }

    /// The leader was heard. A batch that it hasn't answered for two heartbeats got lost.
    pub(super) fn remind_leader(&mut self, now: Time, leader: MemberId, out: &mut Effects<C>) {
        let patience = self.config.timing.heartbeat * 2;
        if !self.forwarded.asked.is_empty() && now.since(self.forwarded.sent) >= patience {
            self.send_batch(now, leader, out);
        }
    }

    /// The leader names a read index.
    pub(super) fn on_read_index_reply(
        &mut self,
        now: Time,
        from: MemberId,
        batch: u64,
        index: Index,
        out: &mut Effects<C>,
    ) {
        let forwarded = Rc::make_mut(&mut self.forwarded);
        if forwarded.batch != batch || forwarded.asked.is_empty() {
            return self.drop_message(from, self.current_term(), DropReason::Stale, out);
        }
        let reads = forwarded.asked.len() as u32;
        out.trace(Trace::ReadsConfirmed {
            leader: from.node(),
            index,
            reads,
        });
        let asked = forwarded.asked.drain(..);
        forwarded.confirmed.extend(asked.map(|id| (id, index)));
        self.forward(now, out);
    }

    /// After every step: hands out the reads whose index is committed here by now, and turns all
    /// away if they were meant for another leader than the present one.
    pub(super) fn settle_forwarded(&mut self, out: &mut Effects<C>) {
        let (commit, hint) = (self.commit_index, self.leader());
        let leader = hint.map(|leader| (leader, self.current_term()));
        let forwarded = Rc::make_mut(&mut self.forwarded);
        forwarded.confirmed.retain(|&(id, index)| {
            let ready = index <= commit;
            if ready {
                out.reads.push(Read::Ready { id, index });
            }
            !ready
        });
        if forwarded.to != leader {
            let confirmed = forwarded.confirmed.drain(..).map(|(id, _)| id);
            let reads = confirmed
                .chain(forwarded.asked.drain(..))
                .chain(forwarded.waiting.drain(..));
            out.reads.extend(reads.map(|id| Read::NotLeader {
                id,
                hint: hint.map(|id| id.node()),
            }));
        }
        let Forwarded {
            asked,
            waiting,
            confirmed,
            ..
        } = &*self.forwarded;
        if asked.is_empty() && waiting.is_empty() && confirmed.is_empty() {
            Rc::make_mut(&mut self.forwarded).to = None;
        }
    }
}
