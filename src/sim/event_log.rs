//! The record of a run: its clock, the hash of everything that happened, and, on request, the
//! events themselves.

#[cfg(not(target_arch = "wasm32"))]
use super::aside::{Aside, AsideKind};
use super::event::{Event, EventKind};
use crate::base::{Digest, Fold, Time};

/// The event that leads to others, by its number; or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cause(u64);

impl Cause {
    /// Nothing led to it: somebody acted, or time passed.
    pub const NONE: Cause = Cause(u64::MAX);

    /// The event's number.
    pub fn seq(self) -> Option<u64> {
        (self != Cause::NONE).then_some(self.0)
    }
}

impl Default for Cause {
    fn default() -> Cause {
        Cause::NONE
    }
}

/// What has happened so far.
#[derive(Clone, Debug, Default)]
pub(super) struct EventLog {
    /// The instant that is being simulated.
    pub now: Time,
    /// Events so far: the next one's number.
    pub emitted: u64,
    /// What leads to whatever happens now. No part of the hash.
    pub cause: Cause,
    digest: Digest,
    /// Whether anybody wants the events.
    pub keep: bool,
    pub kept: Vec<Event>,
    /// Whether anybody wants what stands beside the events.
    #[cfg(not(target_arch = "wasm32"))]
    pub keep_asides: bool,
    #[cfg(not(target_arch = "wasm32"))]
    pub asides: Vec<Aside>,
}

impl EventLog {
    /// Takes an event down. Inlined, because every caller knows the kind: the matches of the
    /// digest vanish, and an event that nobody keeps is never built. On the page, where every byte is
    /// waited for, it stands once.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn emit(&mut self, kind: EventKind) {
        let (seq, at) = (self.emitted, self.now);
        self.emitted += 1;
        at.fold(&mut self.digest);
        kind.fold(&mut self.digest);
        if self.keep {
            let cause = self.cause.seq();
            self.kept.push(Event {
                seq,
                at,
                cause,
                kind,
            });
        }
    }

    /// Takes down what stands beside the events, if anybody wants it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn note(&mut self, kind: AsideKind) {
        if self.keep_asides {
            self.asides.push(Aside {
                at: self.now,
                after: self.emitted,
                kind,
            });
        }
    }

    /// The event that was taken down last.
    #[inline(always)]
    pub fn last(&self) -> Cause {
        Cause(self.emitted.wrapping_sub(1))
    }

    /// The hash of all events so far.
    pub fn hash(&self) -> u64 {
        self.digest.value()
    }
}
