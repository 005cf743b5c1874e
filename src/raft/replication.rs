//! Log replication (section 5.3) and the commit rule (section 5.4.2).
//!
//! The leader sends each follower the entries from `next_index` on, together with the name of
//! the entry before them. A follower that doesn't hold that entry refuses, and the leader goes
//! back; one that does makes its log agree. So whatever a follower accepts agrees with the
//! leader's log from the first entry on (Log Matching). An entry of the leader's own term that a
//! majority holds durably is committed, and with it everything before it.

use super::input::{Effects, Proposed};
use super::log::Entries;
use super::message::{Body, Conflict, Round};
use super::node::{Raft, State};
use super::progress::Pace;
use super::rules::Rule;
use super::trace::{Odd, Trace};
use super::types::{Index, Measured, Payload, Position, Term};
use crate::base::{NodeId, Time};

/// The content of an AppendEntries message.
pub(super) struct AppendEntries<C> {
    pub prev: Position,
    pub entries: Entries<C>,
    pub commit: Index,
    pub round: Round,
}

/// The leader's side.
impl<C: Measured> Raft<C> {
    /// Appends commands and sends them.
    pub(super) fn propose(&mut self, now: Time, commands: &mut Vec<C>, out: &mut Effects<C>) {
        let successor = self.transfers_to();
        if !self.is_leader() || successor.is_some() {
            out.proposed = Some(Proposed::NotLeader {
                hint: successor.or(self.leader()),
            });
        } else if !commands.is_empty() {
            let first = self.append_own(commands.drain(..).map(Payload::Command), out);
            out.proposed = Some(Proposed::Appended {
                first,
                term: self.current_term(),
            });
            self.send_to_all(now, out);
        }
    }

    /// Sends every follower what it may get now.
    pub(super) fn send_to_all(&mut self, now: Time, out: &mut Effects<C>) {
        for at in 0..self.peers().len() {
            self.send(now, at, out);
        }
    }

    /// Sends follower number `at` what it may get now; after most of its answers that is nothing.
    /// If nothing is under way to it and it doesn't know the newest commit index, that is told in a
    /// message of its own.
    #[inline]
    fn send(&mut self, now: Time, at: usize, out: &mut Effects<C>) {
        let State::Leader(leader) = &self.state else {
            return;
        };
        let peer = &leader.peers[at];
        if !peer.was_sent(self.log.last_index()) {
            self.send_entries(now, at, out);
        } else if peer.in_flight.is_empty() && !peer.knows_commit(self.commit) {
            self.send_empty(at, 0, out);
        }
    }

    /// Sends follower number `at` the entries that its window allows, or the snapshot if they are
    /// compacted.
    fn send_entries(&mut self, now: Time, at: usize, out: &mut Effects<C>) {
        while self.send_next(now, at, out) {}
    }

    /// Sends one message of them. Whether another one may follow.
    fn send_next(&mut self, now: Time, at: usize, out: &mut Effects<C>) -> bool {
        let (timing, commit) = (&self.config.timing, self.commit);
        let State::Leader(leader) = &mut self.state else {
            return false;
        };
        let (peer, round) = (&mut leader.peers[at], leader.round);
        match peer.pace {
            Pace::Replicate if peer.is_full(timing) => return false,
            Pace::Replicate => {}
            Pace::Probe { waiting: false } => peer.pace = Pace::Probe { waiting: true },
            Pace::Probe { waiting: true } => return false,
            Pace::Snapshot => {
                self.send_chunks(now, at, out);
                return false;
            }
        }
        let Some(prev) = self.log.position(peer.next - 1) else {
            self.begin_snapshot(now, at, out);
            return false;
        };
        let entries = self.log.slice(peer.next, timing.max_batch.into());
        let (entries, bytes) = entries.within(peer.room(timing));
        let through = prev.index + entries.len();
        if matches!(peer.pace, Pace::Replicate) {
            peer.sent_through(through, bytes);
        }
        peer.sent = (now, round);
        peer.commit_sent = commit.min(through);
        let to = peer.id;
        let body = Body::AppendEntries {
            prev,
            entries,
            commit,
            round,
        };
        out.messages.push(self.message(to, body));
        through < self.log.last_index()
    }

    /// Sends follower number `at` no entries: a heartbeat, or with round 0 a notice of the commit
    /// index. It names the last entry that is known to agree (the beginning, if that is compacted),
    /// so that it is never refused, even if it overtakes entries on the way.
    fn send_empty(&mut self, at: usize, round: Round, out: &mut Effects<C>) {
        let commit = self.commit;
        let State::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[at];
        let prev = self.log.position(peer.matched).unwrap_or_default();
        peer.commit_sent = peer.commit_sent.max(commit.min(peer.matched));
        let to = peer.id;
        let body = Body::AppendEntries {
            prev,
            entries: Entries::default(),
            commit,
            round,
        };
        out.messages.push(self.message(to, body));
    }

    /// Begins a round if the time for a heartbeat has come. Rounds for reads don't put it off.
    pub(super) fn keep_speaking(&mut self, now: Time, out: &mut Effects<C>) {
        let heartbeat = self.config.timing.heartbeat;
        if let State::Leader(leader) = &mut self.state
            && now >= leader.heartbeat_due
        {
            leader.heartbeat_due = now + heartbeat;
            self.begin_round(now, out);
        }
    }

    /// Begins a new round: a heartbeat to every follower. Its answers prove the leadership.
    pub(super) fn begin_round(&mut self, now: Time, out: &mut Effects<C>) {
        let heartbeat = self.config.timing.heartbeat;
        let State::Leader(leader) = &mut self.state else {
            return;
        };
        leader.round += 1;
        leader.note_round(now);
        let round = leader.round;
        for at in 0..leader.peers.len() {
            let State::Leader(leader) = &mut self.state else {
                return;
            };
            let peer = &mut leader.peers[at];
            let overdue = now.since(peer.sent.0) >= heartbeat;
            if matches!(peer.pace, Pace::Probe { .. }) && overdue {
                peer.pace = Pace::Probe { waiting: false };
                self.send_entries(now, at, out);
            } else {
                self.send_empty(at, round, out);
            }
        }
    }

    /// The log of follower `from` agrees with this one through `matched`, durably on that disk.
    pub(super) fn on_accepted(
        &mut self,
        now: Time,
        (from, disk): (NodeId, u32),
        matched: Index,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let Some(at) = self.answers((from, disk), round, out) else {
            return;
        };
        let (last, timing) = (self.log.last_index(), &self.config.timing);
        let State::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[at];
        if matched > last {
            return self.drop_message(from, self.current_term(), Odd::Impossible, out);
        }
        peer.heard = Some(now);
        peer.heard_round = peer.heard_round.max(round);
        let found = matched + 1 >= peer.next;
        let news = peer.accept(matched);
        if news {
            out.trace(Trace::Matched {
                peer: from,
                matched,
            });
        }
        if let Some(catch_up) = &mut peer.catch_up
            && catch_up.advance(now, matched, last, timing.election_timeout_min)
        {
            out.trace(Trace::LearnerCaughtUp {
                peer: from,
                matched,
            });
        }
        match peer.pace {
            Pace::Probe { .. } if found => peer.pace = Pace::Replicate,
            // A round that began long after the entries were sent was answered, they weren't:
            // they are lost.
            Pace::Replicate
                if !peer.in_flight.is_empty()
                    && round > peer.sent.1
                    && now.since(peer.sent.0) >= timing.heartbeat =>
            {
                let (from, to) = (peer.next, peer.matched + 1);
                peer.probe_from(to);
                out.trace(Trace::WentBack {
                    peer: peer.id,
                    from,
                    to,
                    lost: true,
                });
            }
            Pace::Snapshot => self.while_snapshotting(now, at, round, out),
            _ => {}
        }
        let committed = news && matched > self.commit && self.advance_commit(now, out);
        if !committed {
            self.send(now, at, out);
        }
        self.confirm_reads(now, out);
        if self.transfers_to() == Some(from) {
            self.go_on_with_transfer(now, from, out);
        }
    }

    /// Follower `from` doesn't hold the entry at `prev`: go back to where its hint says the two
    /// logs may still agree (end of section 5.3).
    pub(super) fn on_rejected(
        &mut self,
        now: Time,
        (from, disk): (NodeId, u32),
        prev: Index,
        hint: Conflict,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let Some(at) = self.answers((from, disk), round, out) else {
            return;
        };
        let term = self.current_term();
        let State::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[at];
        peer.heard = Some(now);
        peer.heard_round = peer.heard_round.max(round);
        let stale = match peer.pace {
            Pace::Probe { .. } => prev != peer.next - 1,
            Pace::Replicate => prev >= peer.next,
            Pace::Snapshot => true,
        };
        if stale || prev <= peer.matched {
            self.drop_message(from, term, Odd::Stale, out);
        } else {
            // Our last entry of the follower's conflicting term is where it may still agree.
            let same_term = self
                .log
                .last_of_term(hint.term, prev)
                .filter(|_| hint.term > 0);
            let to = same_term
                .map_or(hint.index, |index| index + 1)
                .clamp(peer.matched + 1, prev);
            out.trace(Trace::WentBack {
                peer: from,
                from: prev + 1,
                to,
                lost: false,
            });
            peer.probe_from(to);
            self.send(now, at, out);
        }
        self.confirm_reads(now, out);
    }

    /// Section 5.4.2: commits the last entry of the own term that a quorum holds durably, and
    /// with it everything before. Tells the followers, and whether the commit index moved.
    pub(super) fn advance_commit(&mut self, now: Time, out: &mut Effects<C>) -> bool {
        let (rules, from) = (self.config.rules, self.commit);
        let own = (self.config.id, self.durable);
        let term = self.current_term();
        let State::Leader(leader) = &mut self.state else {
            return false;
        };
        let voters = self.membership.configuration();
        if leader.count(own.1 > from, |peer| peer.matched > from) < voters.quorum(rules) {
            return false;
        }
        let held = leader.known(own, |peer| peer.matched);
        let Some(to) = voters.held_by_quorum(rules, from, held) else {
            return false;
        };
        let at = self
            .log
            .position(to)
            .expect("a quorum holds entries of this log");
        if at.term != term && rules.has(Rule::CommitOwnTermOnly) {
            if leader.not_own_term < to {
                leader.not_own_term = to;
                out.trace(Trace::NotOwnTerm { at, term });
            }
            return false;
        }
        self.commit = to;
        out.trace(Trace::Committed {
            from,
            to,
            as_leader: true,
        });
        self.send_to_all(now, out);
        self.configuration_committed(now, out);
        true
    }
}

/// The follower's side.
impl<C: Measured> Raft<C> {
    /// Figure 2, AppendEntries, receiver.
    pub(super) fn on_append_entries(
        &mut self,
        now: Time,
        from: NodeId,
        term: Term,
        append: AppendEntries<C>,
        out: &mut Effects<C>,
    ) {
        let AppendEntries {
            prev,
            entries,
            commit,
            round,
        } = append;
        if term < self.current_term() {
            self.drop_message(from, term, Odd::OldTerm, out);
            if round > 0 {
                self.refuse(from, prev.index, Conflict { term: 0, index: 0 }, 0, out);
            }
            return;
        }
        if !self.follow(now, from, out) {
            return;
        }
        if let Some(hint) = self.conflict(prev) {
            let (ours, last) = (self.log.term_at(prev.index), self.log.last_index());
            out.trace(Trace::AppendRefused {
                from,
                prev,
                ours,
                last,
            });
            if round > 0 {
                self.refuse(from, prev.index, hint, round, out);
            }
            return;
        }
        let matched = prev.index + entries.len();
        self.store(now, from, prev.index, entries, out);
        let to = commit.min(matched);
        if to > self.commit {
            out.trace(Trace::Committed {
                from: self.commit,
                to,
                as_leader: false,
            });
            self.commit = to;
            self.configuration_committed(now, out);
        }
        if round > 0 {
            self.acknowledge(from, matched, round, out);
        }
    }

    /// Recognises the leader of the current term. False if this server must not listen to it.
    #[inline(always)]
    pub(super) fn follow(&mut self, now: Time, from: NodeId, out: &mut Effects<C>) -> bool {
        let term = self.current_term();
        if self.is_leader() {
            self.drop_message(from, term, Odd::SecondLeader, out);
            return !self.config.rules.has(Rule::LeaderAppendOnly);
        }
        if self.leader() != Some(from) {
            self.step_down(now, from, out);
            self.state = State::Follower { leader: Some(from) };
            self.attempts = 0;
            out.trace(Trace::FollowsLeader { leader: from, term });
        }
        self.reset_timer(now);
        self.heard_leader = Some(now);
        self.remind_leader(now, from, out);
        true
    }

    /// The consistency check: `None` if this log holds the entry before the new ones.
    fn conflict(&self, prev: Position) -> Option<Conflict> {
        match self.log.term_at(prev.index) {
            // What a snapshot covers is committed, and so agrees with every leader's log.
            None if prev.index < self.log.base().index => None,
            None => Some(Conflict {
                term: 0,
                index: self.log.last_index() + 1,
            }),
            Some(ours) if ours == prev.term => None,
            Some(_) if !self.config.rules.has(Rule::PreviousEntryMatches) => None,
            Some(ours) => Some(Conflict {
                term: ours,
                index: self.log.first_of_term(ours, prev.index),
            }),
        }
    }

    fn refuse(
        &mut self,
        to: NodeId,
        prev: Index,
        hint: Conflict,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let disk = self.config.disk;
        let body = Body::Rejected {
            prev,
            hint,
            round,
            disk,
        };
        self.send_durably(to, body, out);
    }

    /// Makes the log agree with `entries` behind `prev`: what is there already stays, a conflict
    /// and everything behind it goes (figure 2, AppendEntries 3 and 4).
    fn store(
        &mut self,
        now: Time,
        from: NodeId,
        prev: Index,
        entries: Entries<C>,
        out: &mut Effects<C>,
    ) {
        let last = self.log.last_index();
        let compacted = self.log.base().index.saturating_sub(prev);
        let mut known = compacted.min(entries.len());
        if self.config.rules.has(Rule::TruncateOnlyOnConflict) {
            if prev < last {
                let agrees = |(at, entry): &(u64, &super::Entry<C>)| {
                    *at < compacted || self.log.term_at(prev + 1 + at) == Some(entry.term)
                };
                known = (0..).zip(entries.iter()).take_while(agrees).count() as u64;
            }
            if known == entries.len() {
                return;
            }
        }
        let first = (prev + 1 + known).max(self.log.first_index());
        let new = if known == 0 {
            entries
        } else {
            entries.slice(known, entries.len())
        };
        if first <= last {
            let ours = self.log.term_at(first).unwrap_or_default();
            let theirs = new.get(0).map_or(0, |entry| entry.term);
            let leader = from;
            out.trace(Trace::Truncated {
                from: first,
                to: last,
                ours,
                theirs,
                leader,
            });
            self.drop_configurations(now, first, out);
            self.log.truncate(first);
            // Only a broken rule can bring this about; the store can't take back what it applied.
            self.commit = self.commit.min(first - 1);
        }
        if !new.is_empty() {
            self.log.extend(&new);
            self.take_configurations(now, first, &new, out);
            out.trace(Trace::Stored {
                from,
                first,
                last: self.log.last_index(),
            });
            self.persist(first, new, out);
        }
    }
}
