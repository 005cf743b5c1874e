//! Travelling: to a time, to an event, to another branch.

use super::checkpoints::Checkpoint;
use super::retained::{RetainedEvent, Weight};
use super::{BranchId, Instant, Timeline};
use crate::base::{Span, Time};
use crate::sim::EventKind;

/// How far [`Timeline::next_event`] looks into a future that nobody has seen.
const HORIZON: Span = Span::secs(60);

impl Timeline {
    /// Goes to an instant of this branch; after its newest one, to that.
    pub fn seek(&mut self, to: Time) {
        self.rewind(to);
        self.advance(to.min(self.end()), || true);
    }

    /// Goes to the best known instant at or before `to`. The rest of the way is
    /// [`Timeline::advance`]'s, which can be interrupted.
    pub fn rewind(&mut self, to: Time) {
        self.approach(|instant, _| instant.at > to);
    }

    /// Goes to right after the step in which this event happened, if it is known.
    pub fn seek_event(&mut self, seq: u64) {
        self.approach(|_, emitted| emitted > seq);
        while self.simulation.events_emitted() <= seq && !self.is_live() && self.step(Time::NEVER) {
        }
    }

    /// Goes exactly there.
    pub(super) fn go_to(&mut self, to: Instant) {
        self.approach(|instant, _| instant > to);
        let on_the_way = |timeline: &Timeline| {
            timeline.simulation.processed() < to.processed || timeline.actions < to.actions
        };
        while on_the_way(self) && self.step(to.at) {}
        self.simulation.wait_until(to.at);
    }

    /// Restores the newest checkpoint that isn't too late, unless the playhead is nearer.
    fn approach(&mut self, too_late: impl Fn(Instant, u64) -> bool) {
        let here = self.here();
        let best = self.checkpoint(&too_late).instant;
        if here < best || too_late(here, self.simulation.events_emitted()) {
            self.restore(too_late);
        }
    }

    /// Restores the newest checkpoint of this branch that isn't too late.
    pub(super) fn restore(&mut self, too_late: impl Fn(Instant, u64) -> bool) {
        let Checkpoint {
            instant,
            emitted,
            simulation,
            ..
        } = self.checkpoint(too_late).clone();
        self.simulation = (*simulation).clone();
        self.simulation.set_reserve(self.reserve);
        self.actions = instant.actions;
        self.step_began = emitted;
    }

    fn checkpoint(&self, too_late: impl Fn(Instant, u64) -> bool) -> &Checkpoint {
        let checkpoints = &self.branch().checkpoints;
        checkpoints.before(|checkpoint| too_late(checkpoint.instant, checkpoint.emitted))
    }

    /// Goes to the next event that matters; of the same kind as `like`, if that is given. Past
    /// the newest instant it runs on, up to a simulated minute. Returns the event's number.
    pub fn next_event(&mut self, like: Option<&EventKind>) -> Option<u64> {
        let until = self.now() + HORIZON;
        loop {
            let emitted = self.simulation.events_emitted();
            let retained_events = &self.branch().retained_events;
            let from = retained_events.partition_point(|retained| retained.event.seq < emitted);
            let next = retained_events
                .range(from..)
                .find(|retained| matters(retained, like));
            if let Some(seq) = next.map(|retained| retained.event.seq) {
                self.seek_event(seq);
                return Some(seq);
            }
            let end = self.branch().end;
            self.go_to(end);
            let known = self
                .branch()
                .retained_events
                .back()
                .map(|retained| retained.event.seq);
            // On to the next event that is retained at all.
            while self
                .branch()
                .retained_events
                .back()
                .map(|retained| retained.event.seq)
                == known
            {
                if !self.step(until) {
                    return None;
                }
            }
            let seq = self.branch().retained_events.iter().rev();
            let new = seq.take_while(|retained| Some(retained.event.seq) > known);
            if let Some(retained) = new.filter(|retained| matters(retained, like)).last() {
                return Some(retained.event.seq);
            }
        }
    }

    /// Goes back to the event that mattered before; of the same kind as `like`, if that is
    /// given. Returns its number, or `None` if none is retained: then nothing moves.
    pub fn previous_event(&mut self, like: Option<&EventKind>) -> Option<u64> {
        // Right after a step, its events are where we are, not what was before.
        let at_step = |retained: &RetainedEvent| {
            retained.event.seq >= self.step_began && retained.event.at == self.simulation.now()
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
        let Some(place) = self.place(to) else {
            return false;
        };
        if place != self.current {
            let now = self.now();
            self.current = place;
            self.park();
            self.restore(|instant, _| instant.at > now);
            self.seek(now);
        }
        true
    }
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
