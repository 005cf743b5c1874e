//! What a leader knows of one follower (figure 2, volatile state on leaders), and how much it
//! may send before it hears more.
//!
//! A follower begins in *probe*: one message at a time, until the leader knows where the two
//! logs agree. Then it is in *replicate*: `next_index` runs ahead with what was sent, and up to
//! a window of messages is under way at once. One that needs entries which the leader has
//! compacted away is in *snapshot* until it has the leader's state instead.

use super::message::Round;
use super::snapshot::Sending;
use super::types::{Index, Timing};
use crate::base::{CopyOnWrite, MemberId, Span, Time};
use std::collections::VecDeque;

/// How a leader sends to a follower.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProgressState {
    /// One message at a time; `waiting` for the answer to it.
    Probe {
        /// Whether the probe is under way.
        waiting: bool,
    },
    /// Pipelined, within the window.
    Replicate,
    /// It is being sent a snapshot (section 7).
    Snapshot,
}

/// A leader's view of one follower.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The follower.
    pub id: MemberId,
    /// match_index: the last index known to agree and to be durable there.
    pub match_index: Index,
    /// next_index: the next entry to send.
    pub next_index: Index,
    /// How to send.
    pub state: ProgressState,
    /// When it answered last.
    pub heard: Option<Time>,
    /// The highest round that it answered.
    pub heard_round: Round,
    /// Its disk, as its answers name it.
    pub(super) disk: Option<u32>,
    /// The snapshot that it is being sent.
    pub sending: Option<Box<Sending>>,
    /// The last index of each message with entries that is under way and its bytes, oldest first.
    pub(super) in_flight: CopyOnWrite<VecDeque<(Index, u32)>>,
    /// The bytes of all of them.
    bytes_in_flight: u32,
    /// Since when the leader keeps this.
    pub(super) since: Time,
    /// When entries were sent last, and in which round.
    pub(super) sent: (Time, Round),
    /// The commit index that the follower knows once everything sent has arrived.
    pub(super) commit_sent: Index,
    /// Of a learner, how it keeps up.
    pub(super) catch_up: Option<Box<CatchUp>>,
}

/// How a learner keeps up with the leader (dissertation 4.2.1): in rounds, each of which takes it
/// to where the leader's log ended when the round began. A round that takes no longer than an
/// election timeout is short enough: what is missing after it won't hold up a commit for longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CatchUp {
    pub until: Index,
    since: Time,
    /// Whether the last round was short enough.
    pub short: bool,
}

impl CatchUp {
    /// The first round of a learner, for a log that ends at `last`.
    pub fn new(now: Time, last: Index) -> CatchUp {
        CatchUp {
            until: last,
            since: now,
            short: false,
        }
    }

    /// The learner holds the log through `match_index`. Whether it has caught up by that.
    pub fn advance(&mut self, now: Time, match_index: Index, last: Index, within: Span) -> bool {
        if match_index < self.until {
            return false;
        }
        let before = std::mem::replace(&mut self.short, now.since(self.since) <= within);
        (self.until, self.since) = (last, now);
        self.short && !before
    }

    /// Whether it has caught up, and still answers.
    pub fn is_done(&self, now: Time, within: Span) -> bool {
        self.short && now.since(self.since) <= within
    }
}

impl Progress {
    /// A follower at the start of a leadership (figure 2: next_index is the leader's last
    /// log index + 1, match_index is 0).
    pub(super) fn new(id: MemberId, next_index: Index, now: Time) -> Progress {
        Progress {
            id,
            match_index: 0,
            next_index,
            state: ProgressState::Probe { waiting: false },
            heard: None,
            heard_round: 0,
            disk: None,
            sending: None,
            in_flight: CopyOnWrite::default(),
            since: now,
            bytes_in_flight: 0,
            sent: (Time::ZERO, 0),
            commit_sent: 0,
            catch_up: None,
        }
    }

    /// Whether it gets the log without having a vote.
    pub fn is_learner(&self) -> bool {
        self.catch_up.is_some()
    }

    /// The leader's clock has gone back.
    pub(super) fn set_back(&mut self, by: Span) {
        self.heard.iter_mut().for_each(|at| *at -= by);
        self.catch_up.iter_mut().for_each(|it| it.since -= by);
        self.since -= by;
        self.sent.0 -= by;
    }

    /// Messages with entries under way.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.len() as u32
    }

    /// How many bytes more may be under way.
    pub(super) fn room(&self, timing: &Timing) -> u32 {
        timing
            .max_in_flight_bytes
            .saturating_sub(self.bytes_in_flight)
    }

    /// Whether the window is full.
    pub(super) fn is_full(&self, timing: &Timing) -> bool {
        self.in_flight() >= timing.max_in_flight || self.room(timing) == 0
    }

    /// Whether it knows as much of the leader's commit index as it may, once everything sent has
    /// arrived.
    pub(super) fn knows_commit(&self, commit: Index) -> bool {
        commit.min(self.match_index) <= self.commit_sent
    }

    /// Whether it was sent everything up to `last`.
    pub(super) fn was_sent(&self, last: Index) -> bool {
        matches!(self.state, ProgressState::Replicate) && self.next_index > last
    }

    /// A message with entries through `last` was sent.
    pub(super) fn sent_through(&mut self, last: Index, bytes: u32) {
        self.next_index = last + 1;
        self.in_flight.push_back((last, bytes));
        self.bytes_in_flight += bytes;
    }

    /// The follower holds the log through `match_index`. Whether that is news.
    pub(super) fn accept(&mut self, match_index: Index) -> bool {
        let arrived = |it: &mut (Index, u32)| it.0 <= match_index;
        // Only then, because a look that may change them copies them for a checkpoint.
        if self.in_flight.front().is_some_and(|it| it.0 <= match_index) {
            let in_flight = &mut *self.in_flight;
            while let Some((_, bytes)) = in_flight.pop_front_if(arrived) {
                self.bytes_in_flight -= bytes;
            }
        }
        let news = match_index > self.match_index;
        self.match_index = self.match_index.max(match_index);
        self.next_index = self.next_index.max(match_index + 1);
        news
    }

    /// Starts over from `next`, one message at a time.
    pub(super) fn probe_from(&mut self, next: Index) {
        self.next_index = next.max(self.match_index + 1);
        self.set_state(ProgressState::Probe { waiting: false });
    }

    /// Nothing is known of what it holds any more: starts over from `next`.
    pub(super) fn forget(&mut self, next: Index) {
        self.match_index = 0;
        self.commit_sent = 0;
        self.probe_from(next);
    }

    /// Sends a snapshot from now on.
    pub(super) fn begin_snapshot(&mut self, sending: Sending) {
        self.set_state(ProgressState::Snapshot);
        self.sending = Some(Box::new(sending));
    }

    /// Changes the state, and forgets what is under way.
    fn set_state(&mut self, state: ProgressState) {
        self.state = state;
        self.sending = None;
        if !self.in_flight.is_empty() {
            self.in_flight.clear();
        }
        self.bytes_in_flight = 0;
    }
}
