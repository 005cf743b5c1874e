//! Log replication (section 5.3) and the commit rule (section 5.4.2): the leader's side.
//!
//! The leader sends each follower the entries from `next_index` on, together with the name of
//! the entry before them. A follower that doesn't hold that entry refuses, and the leader goes
//! back; one that does makes its log agree. So whatever a follower accepts agrees with the
//! leader's log from the first entry on (Log Matching). An entry of the leader's own term that a
//! majority holds durably is committed, and with it everything before it.

use super::input::{Effects, Proposed};
use super::log::Entries;
use super::message::{Body, Conflict, Round};
use super::node::{Raft, RoleState};
use super::progress::ProgressState;
use super::rules::Rule;
use super::trace::{DropReason, Trace};
use super::types::{Index, Measured, Payload};
use crate::base::{MemberId, Time};

impl<C: Measured> Raft<C> {
    /// Appends commands and sends them.
    pub(super) fn propose(&mut self, now: Time, commands: &mut Vec<C>, out: &mut Effects<C>) {
        let successor = self.transfers_to();
        if !self.is_leader() || successor.is_some() {
            out.proposed = Some(Proposed::NotLeader {
                hint: successor.or(self.leader()).map(|id| id.node()),
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
        for nth in 0..self.peers().len() {
            self.send(now, nth, out);
        }
    }

    /// Sends follower number `nth` what it may get now; after most of its answers that is nothing.
    /// If nothing is under way to it and it doesn't know the newest commit index, that is told in a
    /// message of its own.
    #[inline]
    fn send(&mut self, now: Time, nth: usize, out: &mut Effects<C>) {
        let RoleState::Leader(leader) = &self.state else {
            return;
        };
        let peer = &leader.peers[nth];
        if !peer.was_sent(self.log.last_index()) {
            self.send_entries(now, nth, out);
        } else if peer.in_flight.is_empty() && !peer.knows_commit(self.commit_index) {
            self.send_empty(nth, 0, out);
        }
    }

    /// Sends follower number `nth` the entries that its window allows, or the snapshot if they are
    /// compacted.
    fn send_entries(&mut self, now: Time, nth: usize, out: &mut Effects<C>) {
        while self.send_next(now, nth, out) {}
    }

    /// Sends one message of them. Whether another one may follow.
    fn send_next(&mut self, now: Time, nth: usize, out: &mut Effects<C>) -> bool {
        let (timing, commit) = (&self.config.timing, self.commit_index);
        let RoleState::Leader(leader) = &mut self.state else {
            return false;
        };
        let (peer, round) = (&mut leader.peers[nth], leader.round);
        match peer.state {
            ProgressState::Replicate if peer.is_full(timing) => return false,
            ProgressState::Replicate => {}
            ProgressState::Probe { waiting: false } => {
                peer.state = ProgressState::Probe { waiting: true }
            }
            ProgressState::Probe { waiting: true } => return false,
            ProgressState::Snapshot => {
                self.send_chunks(now, nth, out);
                return false;
            }
        }
        let Some(prev_log) = self.log.entry_id(peer.next_index - 1) else {
            self.begin_snapshot(now, nth, out);
            return false;
        };
        let entries = self.log.slice(peer.next_index, timing.max_batch.into());
        let (entries, bytes) = entries.within(peer.room(timing));
        let through = prev_log.index + entries.len();
        if matches!(peer.state, ProgressState::Replicate) {
            peer.sent_through(through, bytes);
        }
        peer.sent = (now, round);
        peer.commit_sent = commit.min(through);
        let to = peer.id;
        let body = Body::AppendEntries {
            prev_log,
            entries,
            leader_commit: commit,
            round,
        };
        out.messages.push(self.message(to, body));
        through < self.log.last_index()
    }

    /// Sends follower number `nth` no entries: a heartbeat, or with round 0 a notice of the commit
    /// index. It names the last entry that is known to agree (the beginning, if that is compacted),
    /// so that it is never refused, even if it overtakes entries on the way.
    fn send_empty(&mut self, nth: usize, round: Round, out: &mut Effects<C>) {
        let commit = self.commit_index;
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[nth];
        let prev_log = self.log.entry_id(peer.match_index).unwrap_or_default();
        peer.commit_sent = peer.commit_sent.max(commit.min(peer.match_index));
        let to = peer.id;
        let body = Body::AppendEntries {
            prev_log,
            entries: Entries::default(),
            leader_commit: commit,
            round,
        };
        out.messages.push(self.message(to, body));
    }

    /// Begins a round if the time for a heartbeat has come. Rounds for reads don't put it off.
    pub(super) fn keep_speaking(&mut self, now: Time, out: &mut Effects<C>) {
        let heartbeat = self.config.timing.heartbeat;
        if let RoleState::Leader(leader) = &mut self.state
            && now >= leader.heartbeat_due
        {
            leader.heartbeat_due = now + heartbeat;
            self.begin_round(now, out);
        }
    }

    /// Begins a new round: a heartbeat to every follower. Its answers prove the leadership.
    pub(super) fn begin_round(&mut self, now: Time, out: &mut Effects<C>) {
        let heartbeat = self.config.timing.heartbeat;
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        leader.round += 1;
        leader.note_round(now);
        let round = leader.round;
        for nth in 0..leader.peers.len() {
            let RoleState::Leader(leader) = &mut self.state else {
                return;
            };
            let peer = &mut leader.peers[nth];
            let overdue = now.since(peer.sent.0) >= heartbeat;
            if matches!(peer.state, ProgressState::Probe { .. }) && overdue {
                peer.state = ProgressState::Probe { waiting: false };
                self.send_entries(now, nth, out);
            } else {
                self.send_empty(nth, round, out);
            }
        }
    }

    /// The log of follower `from` agrees with this one through `match_index`, durably on that disk.
    pub(super) fn on_append_entries_accepted(
        &mut self,
        now: Time,
        (from, disk): (MemberId, u32),
        match_index: Index,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let Some(nth) = self.answers((from, disk), round, out) else {
            return;
        };
        let (last, timing) = (self.log.last_index(), &self.config.timing);
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[nth];
        if match_index > last {
            return self.drop_message(from, self.current_term(), DropReason::Impossible, out);
        }
        peer.heard = Some(now);
        peer.heard_round = peer.heard_round.max(round);
        let found = match_index + 1 >= peer.next_index;
        let news = peer.accept(match_index);
        if news {
            out.trace(Trace::Matched {
                peer: from.node(),
                match_index,
            });
        }
        if let Some(catch_up) = &mut peer.catch_up
            && catch_up.advance(now, match_index, last, timing.election_timeout_min)
        {
            out.trace(Trace::LearnerCaughtUp {
                peer: from.node(),
                match_index,
            });
        }
        match peer.state {
            ProgressState::Probe { .. } if found => peer.state = ProgressState::Replicate,
            // A round that began long after the entries were sent was answered, they weren't:
            // they are lost.
            ProgressState::Replicate
                if !peer.in_flight.is_empty()
                    && round > peer.sent.1
                    && now.since(peer.sent.0) >= timing.heartbeat =>
            {
                let (from, to) = (peer.next_index, peer.match_index + 1);
                peer.probe_from(to);
                out.trace(Trace::WentBack {
                    peer: peer.id.node(),
                    from,
                    to,
                    lost: true,
                });
            }
            ProgressState::Snapshot => self.while_snapshotting(now, nth, round, out),
            _ => {}
        }
        let committed = news && match_index > self.commit_index && self.advance_commit(now, out);
        if !committed {
            self.send(now, nth, out);
        }
        self.confirm_reads(now, out);
        if self.transfers_to() == Some(from) {
            self.go_on_with_transfer(now, from, out);
        }
    }

    /// Follower `from` doesn't hold the entry at `prev_log_index`: go back to where its hint says the two
    /// logs may still agree (end of section 5.3).
    pub(super) fn on_append_entries_rejected(
        &mut self,
        now: Time,
        (from, disk): (MemberId, u32),
        prev_log_index: Index,
        hint: Conflict,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let Some(nth) = self.answers((from, disk), round, out) else {
            return;
        };
        let term = self.current_term();
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[nth];
        peer.heard = Some(now);
        peer.heard_round = peer.heard_round.max(round);
        let stale = match peer.state {
            ProgressState::Probe { .. } => prev_log_index != peer.next_index - 1,
            ProgressState::Replicate => prev_log_index >= peer.next_index,
            ProgressState::Snapshot => true,
        };
        if stale || prev_log_index <= peer.match_index {
            self.drop_message(from, term, DropReason::Stale, out);
        } else {
            // Our last entry of the follower's conflicting term is where it may still agree.
            let same_term = self
                .log
                .last_of_term(hint.term, prev_log_index)
                .filter(|_| hint.term > 0);
            let to = same_term
                .map_or(hint.index, |index| index + 1)
                .clamp(peer.match_index + 1, prev_log_index);
            out.trace(Trace::WentBack {
                peer: from.node(),
                from: prev_log_index + 1,
                to,
                lost: false,
            });
            peer.probe_from(to);
            self.send(now, nth, out);
        }
        self.confirm_reads(now, out);
    }

    /// Section 5.4.2: commits the last entry of the own term that a quorum holds durably, and
    /// with it everything before. Tells the followers, and whether the commit index moved.
    pub(super) fn advance_commit(&mut self, now: Time, out: &mut Effects<C>) -> bool {
        let (rules, from) = (self.config.rules, self.commit_index);
        let own = (self.config.id, self.durable_index);
        let term = self.current_term();
        let RoleState::Leader(leader) = &mut self.state else {
            return false;
        };
        let voters = self.membership.configuration();
        if leader.count(own.1 > from, |peer| peer.match_index > from) < voters.quorum(rules) {
            return false;
        }
        let held = leader.known(own, |peer| peer.match_index);
        let Some(to) = voters.held_by_quorum(rules, from, held) else {
            return false;
        };
        let id = self
            .log
            .entry_id(to)
            .expect("a quorum holds entries of this log");
        if id.term != term && rules.has(Rule::CommitOwnTermOnly) {
            if leader.not_own_term < to {
                leader.not_own_term = to;
                out.trace(Trace::NotOwnTerm { id, term });
            }
            return false;
        }
        self.commit_index = to;
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
