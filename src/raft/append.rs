//! Log replication, the follower's side: figure 2, AppendEntries, receiver implementation.

use super::input::Effects;
use super::log::Entries;
use super::message::{Body, Conflict, Round};
use super::node::{Raft, RoleState};
use super::rules::Rule;
use super::trace::{DropReason, Trace};
use super::types::{EntryId, Index, Measured, Term};
use crate::base::{MemberId, Time};

/// The content of an AppendEntries message.
pub(super) struct AppendEntries<C> {
    pub prev_log: EntryId,
    pub entries: Entries<C>,
    pub leader_commit: Index,
    pub round: Round,
}

impl<C: Measured> Raft<C> {
    /// Figure 2, AppendEntries, receiver.
    pub(super) fn on_append_entries(
        &mut self,
        now: Time,
        from: MemberId,
        term: Term,
        append: AppendEntries<C>,
        out: &mut Effects<C>,
    ) {
        let AppendEntries {
            prev_log,
            entries,
            leader_commit,
            round,
        } = append;
        if term < self.current_term() {
            self.drop_message(from, term, DropReason::OldTerm, out);
            if round > 0 {
                self.refuse(from, prev_log.index, Conflict { term: 0, index: 0 }, 0, out);
            }
            return;
        }
        if !self.follow(now, from, out) {
            return;
        }
        if let Some(hint) = self.conflict(prev_log) {
            let (ours, last) = (self.log.term_at(prev_log.index), self.log.last_index());
            out.trace(Trace::AppendRefused {
                from: from.node(),
                prev_log,
                ours,
                last,
            });
            if round > 0 {
                self.refuse(from, prev_log.index, hint, round, out);
            }
            return;
        }
        let match_index = prev_log.index + entries.len();
        self.store(now, from, prev_log.index, entries, out);
        let to = leader_commit.min(match_index);
        if to > self.commit_index {
            out.trace(Trace::Committed {
                from: self.commit_index,
                to,
                as_leader: false,
            });
            self.commit_index = to;
            self.configuration_committed(now, out);
        }
        if round > 0 {
            self.acknowledge(from, match_index, round, out);
        }
    }

    /// Recognises the leader of the current term. False if this server must not listen to it.
    #[inline(always)]
    pub(super) fn follow(&mut self, now: Time, from: MemberId, out: &mut Effects<C>) -> bool {
        let term = self.current_term();
        if self.is_leader() {
            self.drop_message(from, term, DropReason::SecondLeader, out);
            return !self.config.rules.has(Rule::LeaderAppendOnly);
        }
        if self.leader() != Some(from) {
            self.step_down(now, from, out);
            self.state = RoleState::Follower { leader: Some(from) };
            self.attempts = 0;
            out.trace(Trace::FollowsLeader {
                leader: from.node(),
                term,
            });
        }
        self.reset_timer(now);
        self.heard_leader = Some(now);
        self.remind_leader(now, from, out);
        true
    }

    /// The consistency check: `None` if this log holds the entry before the new ones.
    fn conflict(&self, prev_log: EntryId) -> Option<Conflict> {
        match self.log.term_at(prev_log.index) {
            // What a snapshot covers is committed, and so agrees with every leader's log.
            None if prev_log.index < self.log.base().index => None,
            None => Some(Conflict {
                term: 0,
                index: self.log.last_index() + 1,
            }),
            Some(ours) if ours == prev_log.term => None,
            Some(_) if !self.config.rules.has(Rule::PreviousEntryMatches) => None,
            Some(ours) => Some(Conflict {
                term: ours,
                index: self.log.first_of_term(ours, prev_log.index),
            }),
        }
    }

    fn refuse(
        &mut self,
        to: MemberId,
        prev_log_index: Index,
        hint: Conflict,
        round: Round,
        out: &mut Effects<C>,
    ) {
        let disk = self.config.disk;
        let body = Body::AppendEntriesRejected {
            prev_log_index,
            hint,
            round,
            disk,
        };
        self.send_durably(to, body, out);
    }

    /// Makes the log agree with `entries` behind `prev_log`: what is there already stays, a conflict
    /// and everything behind it goes (figure 2, AppendEntries 3 and 4).
    fn store(
        &mut self,
        now: Time,
        from: MemberId,
        prev_log_index: Index,
        entries: Entries<C>,
        out: &mut Effects<C>,
    ) {
        let last = self.log.last_index();
        let compacted = self.log.base().index.saturating_sub(prev_log_index);
        let mut known = compacted.min(entries.len());
        if self.config.rules.has(Rule::TruncateOnlyOnConflict) {
            if prev_log_index < last {
                let agrees = |(at, entry): &(u64, &super::Entry<C>)| {
                    *at < compacted || self.log.term_at(prev_log_index + 1 + at) == Some(entry.term)
                };
                known = (0..).zip(entries.iter()).take_while(agrees).count() as u64;
            }
            if known == entries.len() {
                return;
            }
        }
        let first = (prev_log_index + 1 + known).max(self.log.first_index());
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
                leader: leader.node(),
            });
            self.drop_configurations(now, first, out);
            self.log.truncate(first);
            // Only a broken rule can bring this about; the store can't take back what it applied.
            self.commit_index = self.commit_index.min(first - 1);
        }
        if !new.is_empty() {
            self.log.extend(&new);
            self.take_configurations(now, first, &new, out);
            out.trace(Trace::Stored {
                from: from.node(),
                first,
                last: self.log.last_index(),
            });
            self.persist(first, new, out);
        }
    }
}
