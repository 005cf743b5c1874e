//! Durability: what has to be on the disk before a server may speak of it (figure 2, "updated on
//! stable storage before responding").
//!
//! Every change of the persistent state goes into a [`Write`], and every message that asserts the
//! change travels inside it. When the write comes back, its messages leave, and the server's own
//! vote, or its own copy of an entry, counts.

use super::input::{Append, Compaction, Effects, Write};
use super::log::Entries;
use super::message::{Body, Message, Round};
use super::node::{Raft, RoleState};
use super::rules::Rule;
use super::trace::{DropReason, Trace};
use super::types::{Entry, Index, Measured, Payload, Role, Term};
use crate::base::{MemberId, Time};

impl<C: Measured> Raft<C> {
    /// The last write that the driver hasn't taken yet, or a new one.
    fn write<'a>(&mut self, out: &'a mut Effects<C>) -> &'a mut Write<C> {
        if out.writes.is_empty() {
            return self.new_write(out);
        }
        out.writes.last_mut().expect("it isn't empty")
    }

    pub(super) fn new_write<'a>(&mut self, out: &'a mut Effects<C>) -> &'a mut Write<C> {
        self.writes += 1;
        let after = self.spare.pop().unwrap_or_default();
        out.writes.push(Write {
            hard_state: None,
            append: None,
            snapshot: None,
            after,
        });
        out.writes.last_mut().expect("one was pushed")
    }

    pub(super) fn set_vote(
        &mut self,
        current_term: Term,
        voted_for: Option<MemberId>,
        out: &mut Effects<C>,
    ) {
        self.hard_state.current_term = current_term;
        self.hard_state.voted_for = voted_for;
        self.persist_hard_state(out);
    }

    pub(super) fn persist_hard_state(&mut self, out: &mut Effects<C>) {
        let mut durable = self.hard_state;
        if !self.config.rules.has(Rule::PersistVote) {
            durable.voted_for = None;
        }
        self.write(out).hard_state = Some(durable);
    }

    /// Hands entries that the log has just taken, from `first` on, to the disk.
    pub(super) fn persist(&mut self, first: Index, entries: Entries<C>, out: &mut Effects<C>) {
        self.durable_index = self.durable_index.min(first - 1);
        let append = &mut self.write(out).append;
        if let Some(before) = append {
            let adjoins = before.first + before.entries.len() == first;
            if !(adjoins && before.entries.join(&entries)) {
                // A second change of the log, before the driver took the first.
                self.new_write(out).append = Some(Append { first, entries });
            }
        } else {
            *append = Some(Append { first, entries });
        }
    }

    /// Sends `body` once everything that it may assert is durable: at once if nothing is being
    /// written, else behind the last write.
    pub(super) fn send_durably(&mut self, to: MemberId, body: Body<C>, out: &mut Effects<C>) {
        let message = self.message(to, body);
        let asserts_log = matches!(message.body, Body::AppendEntriesAccepted { .. });
        let free = if asserts_log {
            Rule::PersistLog
        } else {
            Rule::PersistVote
        };
        if self.writes == 0 || !self.config.rules.has(free) {
            out.messages.push(message);
        } else {
            self.write(out).after.push(message);
        }
    }

    /// Tells a leader that this log agrees with its own through `match_index`, once that is durable.
    pub(super) fn acknowledge(
        &mut self,
        to: MemberId,
        match_index: Index,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let body = Body::AppendEntriesAccepted {
            match_index,
            round,
            disk: self.config.disk,
        };
        self.send_durably(to, body, out);
    }

    pub(super) fn message(&self, to: MemberId, body: Body<C>) -> Message<C> {
        Message {
            from: self.id(),
            to,
            term: self.current_term(),
            body,
        }
    }

    /// Which follower `from` is, whose disk answers `round`. A newer disk than the known one means
    /// that what the old one held is lost; answers of the old one may still be under way. An answer
    /// to a request of an older term says nothing about this one: who leads again counts its rounds
    /// anew, and must not take a round of its last term for one of this.
    pub(super) fn answers(
        &mut self,
        (from, disk): (MemberId, u32),
        round: Round,
        out: &mut Effects<C>,
    ) -> Option<usize> {
        let (term, last) = (self.current_term(), self.log.last_index());
        let RoleState::Leader(leader) = &mut self.state else {
            self.drop_message(from, term, DropReason::NotExpected, out);
            return None;
        };
        let Some(nth) = leader.peers.iter().position(|peer| peer.id == from) else {
            self.drop_message(from, term, DropReason::Stranger, out);
            return None;
        };
        if round == 0 || round > leader.round {
            let why = if round == 0 {
                DropReason::Stale
            } else {
                DropReason::Impossible
            };
            self.drop_message(from, term, why, out);
            return None;
        }
        let peer = &mut leader.peers[nth];
        let known = peer.disk.unwrap_or(disk);
        if disk < known {
            self.drop_message(from, term, DropReason::Stale, out);
            return None;
        }
        peer.disk = Some(disk);
        if disk > known && self.config.rules.has(Rule::DiskIncarnation) {
            out.trace(Trace::DiskReplaced {
                peer: from.node(),
                match_index: peer.match_index,
            });
            peer.forget(last + 1);
        }
        Some(nth)
    }

    /// The disk has no space left, or has space again.
    pub(super) fn disk_filled(&mut self, now: Time, full: bool, out: &mut Effects<C>) {
        if self.disk_full == full {
            return;
        }
        let (term, was_leader) = (self.current_term(), self.is_leader());
        self.disk_full = full;
        if full {
            out.trace(Trace::DiskFilled { term, was_leader });
            self.leave_office(now, out);
        } else {
            out.trace(Trace::DiskFreed { term });
            self.reset_timer(now);
        }
    }

    /// A write is durable: what waited for it may leave, unless the term has moved on.
    pub(super) fn persisted(&mut self, now: Time, mut write: Write<C>, out: &mut Effects<C>) {
        debug_assert!(self.writes > 0, "a write came back twice");
        self.writes = self.writes.saturating_sub(1);
        if let Some(append) = &write.append {
            self.durable_index = self.durable_index.max(self.shared_with(append));
        }
        if let Some(Compaction { snapshot, .. }) = &write.snapshot {
            self.durable_index = self.durable_index.max(snapshot.last.index);
        }
        let (me, term) = (self.id(), self.current_term());
        write.after.retain(|message| {
            let stands = match message.body {
                Body::RequestVote(_) => self.role() == Role::Candidate,
                Body::RequestPreVote { campaign, .. } => {
                    self.role() == Role::PreCandidate && campaign == self.campaign
                }
                _ => true,
            };
            if message.term != term || !stands {
                self.drop_message(message.from, message.term, DropReason::Superseded, out);
            }
            message.term == term && stands
        });
        out.messages.append(&mut write.after);
        self.spare.push(write.after);
        match self.state {
            RoleState::Candidate { .. }
                if write.hard_state.is_some_and(|h| h.current_term == term) =>
            {
                self.on_request_vote_reply(now, me, true, false, out);
            }
            RoleState::Leader(_) => {
                self.advance_commit(now, out);
                self.confirm_reads(now, out);
            }
            _ => {}
        }
    }

    /// The last index through which `append` still agrees with the log; 0 if nothing of it is
    /// left there.
    fn shared_with(&self, append: &Append<C>) -> Index {
        let index = |at: usize| append.first + at as u64;
        let mut entries = append.entries.iter().enumerate();
        let shared = entries.rfind(|&(at, entry)| self.log.term_at(index(at)) == Some(entry.term));
        shared.map_or(0, |(at, _)| index(at))
    }

    /// Appends entries of the leader's own term.
    pub(super) fn append_own(
        &mut self,
        payloads: impl Iterator<Item = Payload<C>>,
        out: &mut Effects<C>,
    ) -> Index {
        let (term, first) = (self.current_term(), self.log.last_index() + 1);
        let mut noop = false;
        for payload in payloads {
            noop |= matches!(payload, Payload::Noop);
            self.log.push(Entry { term, payload });
        }
        let last = self.log.last_index();
        out.trace(Trace::Appended {
            first,
            last,
            term,
            noop,
        });
        let entries = self.log.slice(first, last - first + 1);
        self.persist(first, entries, out);
        first
    }
}
