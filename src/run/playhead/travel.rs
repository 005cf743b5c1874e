//! Travelling: to a time, to an event, to another branch.

use super::Playhead;
use crate::base::{Span, Time};
use crate::run::history::{BranchId, Checkpoint, Instant, RetainedEvent, Weight};
use crate::sim::EventKind;

/// How far [`Playhead::next_event`] looks into a future that nobody has seen.
const HORIZON: Span = Span::secs(60);

impl Playhead {
    /// Goes to an instant of this branch; after its newest one, to that.
    pub fn seek(&mut self, to: Time) {
        self.rewind(to);
        self.advance(to.min(self.end()), || true);
    }

    /// Somebody may have taken back what led to where it is: then it goes to the same time of what
    /// is left, or to the end of that.
    pub(super) fn catch_up(&mut self) {
        let revision = self.memory().revision;
        if self.revision != revision {
            self.revision = revision;
            let now = self.now();
            self.restore(&|instant, _| instant.at > now);
            self.seek(now);
        }
    }

    /// Goes to the best known instant at or before `to`. The rest of the way is
    /// [`Playhead::advance`]'s, which can be interrupted.
    pub fn rewind(&mut self, to: Time) {
        self.catch_up();
        self.approach(&|instant, _| instant.at > to);
    }

    /// Goes to right after the step in which this event happened, if it is known.
    pub fn seek_event(&mut self, seq: u64) {
        self.catch_up();
        self.approach(&|_, emitted| emitted > seq);
        while self.simulation().events_emitted() <= seq && !self.is_live() && self.step(Time::NEVER)
        {
        }
    }

    /// Goes exactly there.
    pub(super) fn go_to(&mut self, to: Instant) {
        self.approach(&|instant, _| instant > to);
        while self.cursor.is_behind(to) && self.step(to.at) {}
        self.cursor.simulation.wait_until(to.at);
    }

    /// Restores the newest checkpoint that isn't too late, unless the playhead is nearer.
    fn approach(&mut self, too_late: &dyn Fn(Instant, u64) -> bool) {
        let here = self.here();
        let best = self.branch().checkpoints.before(&after(too_late)).instant;
        if here < best || too_late(here, self.simulation().events_emitted()) {
            self.restore(too_late);
        }
    }

    /// Restores the newest checkpoint of this branch that isn't too late.
    pub(super) fn restore(&mut self, too_late: &dyn Fn(Instant, u64) -> bool) {
        let (cursor, emitted) = {
            let (memory, branch) = (self.memory(), self.branch());
            let checkpoint = branch.checkpoints.before(&after(too_late));
            (checkpoint.cursor(memory.reserve), checkpoint.emitted)
        };
        (self.cursor, self.step_began) = (cursor, emitted);
    }

    /// Goes to the next event that matters; of the same kind as `like`, if that is given. Past
    /// the newest instant it runs on, up to a simulated minute. Returns the event's number.
    pub fn next_event(&mut self, like: Option<&EventKind>) -> Option<u64> {
        self.catch_up();
        let until = self.now() + HORIZON;
        loop {
            if let Some(seq) = self.known_after(like) {
                self.seek_event(seq);
                return Some(seq);
            }
            let end = self.branch().end;
            self.go_to(end);
            let known = self.last_retained();
            // On to the next event that is retained at all.
            while self.last_retained() == known {
                if !self.step(until) {
                    return None;
                }
            }
            let branch = self.branch();
            let seq = branch.retained_events.iter().rev();
            let new = seq.take_while(|retained| Some(retained.event.seq) > known);
            if let Some(retained) = new.filter(|retained| matters(retained, like)).last() {
                return Some(retained.event.seq);
            }
        }
    }

    /// The number of the next retained event that matters, if it is known already.
    fn known_after(&self, like: Option<&EventKind>) -> Option<u64> {
        let emitted = self.simulation().events_emitted();
        let branch = self.branch();
        let retained_events = &branch.retained_events;
        let from = retained_events.partition_point(|retained| retained.event.seq < emitted);
        let mut later = retained_events.range(from..);
        let next = later.find(|retained| matters(retained, like));
        next.map(|retained| retained.event.seq)
    }

    /// The number of the last event of this branch that is retained.
    fn last_retained(&self) -> Option<u64> {
        let branch = self.branch();
        branch.retained_events.back().map(|last| last.event.seq)
    }

    /// Goes back to the event that mattered before; of the same kind as `like`, if that is
    /// given. Returns its number, or `None` if none is retained: then nothing moves.
    pub fn previous_event(&mut self, like: Option<&EventKind>) -> Option<u64> {
        self.catch_up();
        // Right after a step, its events are where we are, not what was before.
        let at_step = |retained: &RetainedEvent| {
            retained.event.seq >= self.step_began && retained.event.at == self.now()
        };
        let before = self
            .events()
            .rev()
            .find(|retained| !at_step(retained) && matters(retained, like));
        let seq = before.map(|retained| retained.event.seq)?;
        self.seek_event(seq);
        Some(seq)
    }

    /// Goes to the next event of the kind of the last one that mattered, or `back` to the one
    /// before it. Returns its number.
    pub fn step_alike(&mut self, back: bool) -> Option<u64> {
        self.catch_up();
        let last = self.events().rev().find(|retained| matters(retained, None));
        let last = last.map(|retained| retained.event.kind.clone());
        if back {
            self.previous_event(last.as_ref())
        } else {
            self.next_event(last.as_ref())
        }
    }

    /// Goes to another branch: to the same time there, or to its end. `false` if there is no
    /// such branch.
    pub fn switch(&mut self, to: BranchId) -> bool {
        if !self.memory().has(to) {
            return false;
        }
        self.catch_up();
        if to != self.branch.get() {
            let now = self.now();
            self.branch.set(to);
            self.history.memory_mut().park();
            self.restore(&|instant, _| instant.at > now);
            self.seek(now);
        }
        true
    }
}

/// The same question of a checkpoint.
fn after(too_late: &dyn Fn(Instant, u64) -> bool) -> impl Fn(&Checkpoint) -> bool {
    move |checkpoint| too_late(checkpoint.instant, checkpoint.emitted)
}

/// Whether a person who steps through the events wants to stop here.
fn matters(retained: &RetainedEvent, like: Option<&EventKind>) -> bool {
    let kind = &retained.event.kind;
    Weight::of(kind) >= Weight::Key && like.is_none_or(|like| is_same_kind(kind, like))
}

/// Whether two facts are of one kind: both commits, both crashes, …
fn is_same_kind(a: &EventKind, b: &EventKind) -> bool {
    use std::mem::discriminant;
    match (a, b) {
        (EventKind::Traced { trace: a, .. }, EventKind::Traced { trace: b, .. }) => {
            discriminant(a) == discriminant(b)
        }
        (EventKind::Acted(a), EventKind::Acted(b)) => discriminant(a) == discriminant(b),
        _ => discriminant(a) == discriminant(b),
    }
}
