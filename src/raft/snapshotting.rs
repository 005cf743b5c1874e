//! Log compaction and the transfer of snapshots (section 7; dissertation, chapter 5).
//!
//! A log can't grow for ever. Once the state machine has applied an entry, its effect stands in
//! the state: a *snapshot* of that state, with the name of the last entry in it, replaces the log
//! up to there. Each server takes its own snapshots; no leader is needed for it, because only
//! committed entries are covered.
//!
//! A leader that has compacted what a follower lacks sends its snapshot, in chunks (figure 13).
//! Chunks go out in order, several at a time. The follower takes each that continues what it has
//! and answers how far that is; a chunk that was lost stops it there, until the leader sees that a
//! later heartbeat was answered and the chunk wasn't, and goes back. The same state has the same
//! bytes on every server, so a new leader with a snapshot of the same index just goes on.
//!
//! Chunks become durable with the last one, as one write. A follower that crashes before starts
//! over: half a snapshot is no promise, its answers only tell how far it is, and the leader goes back
//! to what it is told (figure 13 writes chunks to a file, but nothing rests on it).

use super::input::{Compaction, Effects};
use super::message::{Body, Message, Round};
use super::node::{Raft, RoleState};
use super::progress::ProgressState;
use super::snapshot::{Chunk, Incoming, Sending, Snapshot};
use super::trace::{DropReason, Trace};
use super::types::{EntryId, Index, Measured, Term};
use crate::base::{MemberId, Time};
use std::rc::Rc;

/// Taking a snapshot.
impl<C: Measured> Raft<C> {
    /// Takes the state machine's state as of the entry at `index` for a snapshot, and compacts
    /// the log. The last entries before it stay for followers that are a little behind. An index
    /// that isn't committed, that a snapshot covers already, or at which a server that joined
    /// doesn't know the members yet, changes nothing.
    pub(super) fn compact(&mut self, index: Index, state: Rc<[u8]>, out: &mut Effects<C>) {
        let covered = self.snapshot.as_ref().map_or(0, |old| old.last.index);
        let Some(last) = self.log.entry_id(index) else {
            return;
        };
        let configuration = self.configuration_at(index).1.clone();
        if index <= covered || index > self.commit_index || configuration.is_empty() {
            return;
        }
        let snapshot = Snapshot::new(last, configuration, state);
        Rc::make_mut(&mut self.membership).compact(index);
        let keep = self.config.timing.keep_entries.into();
        let base = self.log.entry_id(index.saturating_sub(keep));
        let base = base.unwrap_or(self.log.base());
        self.log.rebase(base);
        out.trace(Trace::SnapshotTaken {
            last,
            bytes: snapshot.bytes(),
            first: self.log.first_index(),
        });
        self.keep_snapshot(Rc::new(snapshot), base, out);
    }

    /// Makes a snapshot this server's own, and hands it to the disk.
    fn keep_snapshot(&mut self, snapshot: Rc<Snapshot>, base: EntryId, out: &mut Effects<C>) {
        self.snapshot = Some(snapshot.clone());
        // Its place among the changes of the log matters: it gets a write of its own.
        self.new_write(out).snapshot = Some(Compaction { snapshot, base });
    }
}

/// The leader's side.
impl<C: Measured> Raft<C> {
    /// Follower number `nth` lacks entries that this log holds no more: sends it the snapshot.
    pub(super) fn begin_snapshot(&mut self, now: Time, nth: usize, out: &mut Effects<C>) {
        let first = self.log.first_index();
        let (RoleState::Leader(leader), Some(snapshot)) = (&mut self.state, &self.snapshot) else {
            return;
        };
        let peer = &mut leader.peers[nth];
        out.trace(Trace::SnapshotBegun {
            peer: peer.id.node(),
            needs: peer.next_index,
            first,
            last: snapshot.last,
            bytes: snapshot.bytes(),
        });
        peer.begin_snapshot(Sending::new(snapshot.clone()));
        self.send_chunks(now, nth, out);
    }

    /// Sends follower number `nth` the chunks that its window allows.
    pub(super) fn send_chunks(&mut self, now: Time, nth: usize, out: &mut Effects<C>) {
        let (from, term) = (self.id(), self.current_term());
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let (peer, round) = (&mut leader.peers[nth], leader.round);
        let Some(sending) = &mut peer.sending else {
            return;
        };
        while let Some(chunk) = sending.next_chunk(&self.config.timing) {
            peer.sent = (now, round);
            let chunk = Rc::new(chunk);
            out.messages.push(Message {
                from,
                to: peer.id,
                term,
                body: Body::InstallSnapshot { chunk, round },
            });
        }
    }

    /// Follower `from` tells how much of the snapshot through `last` it has.
    pub(super) fn on_install_snapshot_reply(
        &mut self,
        now: Time,
        (from, disk): (MemberId, u32),
        (last, bytes): (Index, u32),
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
        match &mut peer.sending {
            Some(sending) if sending.snapshot.last.index == last => {
                if !sending.note_report(bytes) {
                    return self.drop_message(from, term, DropReason::Impossible, out);
                }
                self.send_chunks(now, nth, out);
            }
            _ => self.drop_message(from, term, DropReason::Stale, out),
        }
        self.confirm_reads(now, out);
    }

    /// Follower number `nth`, which is being sent a snapshot, answered round `round` and holds the
    /// log through `match_index`.
    pub(super) fn while_snapshotting(
        &mut self,
        now: Time,
        nth: usize,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let heartbeat = self.config.timing.heartbeat;
        let RoleState::Leader(leader) = &mut self.state else {
            return;
        };
        let peer = &mut leader.peers[nth];
        let Some(sending) = &mut peer.sending else {
            return;
        };
        if self.log.entry_id(peer.match_index).is_some() {
            // The log goes on from there.
            peer.sending = None;
            peer.state = ProgressState::Replicate;
        } else if peer.match_index >= sending.snapshot.last.index {
            // It is there, but the log was compacted further meanwhile.
            self.begin_snapshot(now, nth, out);
        } else if round > peer.sent.1 && now.since(peer.sent.0) >= heartbeat {
            out.trace(Trace::SnapshotResumed {
                peer: peer.id.node(),
                from: sending.sent,
                to: sending.reported,
            });
            sending.go_back();
            // From the beginning it may as well be the newest.
            match sending.sent {
                0 if self.snapshot.as_ref() != Some(&sending.snapshot) => {
                    self.begin_snapshot(now, nth, out);
                }
                _ => self.send_chunks(now, nth, out),
            }
        }
    }
}

/// The follower's side (figure 13).
impl<C: Measured> Raft<C> {
    /// A chunk of a leader's snapshot arrived.
    pub(super) fn on_install_snapshot(
        &mut self,
        now: Time,
        from: MemberId,
        term: Term,
        (chunk, round): (&Chunk, Round),
        out: &mut Effects<C>,
    ) {
        let last = chunk.last;
        if term < self.current_term() {
            self.drop_message(from, term, DropReason::OldTerm, out);
            return self.report(from, last, 0, 0, out);
        }
        if !self.follow(now, from, out) {
            return;
        }
        if last.index <= self.commit_index || self.log.holds(last) {
            return self.have_already(now, (from, last), round, out);
        }
        let known = self.incoming.as_ref().filter(|known| !known.is_of(chunk));
        if known.is_some_and(|known| known.term == term && known.last.index > last.index) {
            // A late chunk of a snapshot that this leader has given up for a newer one.
            return self.drop_message(from, term, DropReason::Stale, out);
        }
        if known.is_some() {
            self.incoming = None;
        }
        let incoming = self
            .incoming
            .get_or_insert_with(|| Incoming::new(term, chunk).into());
        if chunk.offset > incoming.received() {
            out.trace(Trace::ChunkMissing {
                from: from.node(),
                last,
                bytes: incoming.received(),
                offset: chunk.offset,
            });
            incoming.set_aside(chunk, self.config.timing.max_in_flight);
        }
        let mut next = Some(chunk.clone()).filter(|it| it.offset == incoming.received());
        while let Some(chunk) = next {
            incoming.state.extend_from_slice(chunk.bytes());
            out.trace(Trace::ChunkStored {
                from: from.node(),
                last,
                bytes: chunk.end(),
                total: chunk.total(),
            });
            if chunk.end() == chunk.total() {
                return self.install(now, from, (&chunk, round), out);
            }
            next = incoming.early.remove(&chunk.end());
        }
        let received = incoming.received();
        self.report(from, last, received, round, out);
    }

    /// All chunks are there: the snapshot replaces the log and the state machine.
    fn install(
        &mut self,
        now: Time,
        from: MemberId,
        (chunk, round): (&Chunk, Round),
        out: &mut Effects<C>,
    ) {
        let state = self.incoming.take().map(|incoming| incoming.state);
        let snapshot = Rc::new(Snapshot {
            last: chunk.last,
            configuration: chunk.configuration.clone(),
            state: state.unwrap_or_default().into(),
            checksum: chunk.checksum,
        });
        let (last, term) = (snapshot.last, self.current_term());
        if !snapshot.is_intact() {
            self.drop_message(from, term, DropReason::Impossible, out);
            return self.report(from, last, 0, round, out);
        }
        out.trace(Trace::SnapshotInstalled {
            from: from.node(),
            last,
            bytes: snapshot.bytes(),
            lost: self.log.last_index().saturating_sub(last.index),
        });
        // What the disk holds beyond the commit index belongs to another history now.
        self.durable_index = self.durable_index.min(self.commit_index);
        self.log.rebase(last);
        self.commit_index = last.index;
        self.install_configuration(now, last.index, &snapshot.configuration, out);
        out.installed = Some(snapshot.clone());
        self.keep_snapshot(snapshot, last, out);
        self.acknowledge(from, last.index, round, out);
    }

    /// This server has everything that a snapshot covers: its log stays (figure 13, step 6).
    fn have_already(
        &mut self,
        now: Time,
        (from, last): (MemberId, EntryId),
        round: Round,
        out: &mut Effects<C>,
    ) {
        self.incoming = None;
        out.trace(Trace::SnapshotNotNeeded {
            from: from.node(),
            last,
        });
        let match_index = last.index;
        if match_index > self.commit_index {
            out.trace(Trace::Committed {
                from: self.commit_index,
                to: match_index,
                as_leader: false,
            });
            self.commit_index = match_index;
            self.configuration_committed(now, out);
        }
        self.acknowledge(from, match_index, round, out);
    }

    fn report(
        &mut self,
        to: MemberId,
        last: EntryId,
        bytes: u32,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let body = Body::InstallSnapshotReply {
            last: last.index,
            bytes,
            round,
            disk: self.config.disk,
        };
        self.send_durably(to, body, out);
    }
}

/// What can be asked of a server.
impl<C> Raft<C> {
    /// Its newest snapshot.
    pub fn snapshot(&self) -> Option<&Rc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// The snapshot that it is receiving.
    pub fn incoming(&self) -> Option<&Incoming> {
        self.incoming.as_deref()
    }
}
