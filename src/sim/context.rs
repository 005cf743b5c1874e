//! The clockwork that everything in a run shares: what time it is, what will happen, and what has.

use super::event::EventKind;
use super::event_log::{Cause, EventLog};
use super::queue::{Due, Queue};
use crate::base::Time;

/// The time, the queue and the record of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub log: EventLog,
    pub queue: Queue,
}

impl Context {
    /// The instant that is being simulated.
    #[inline(always)]
    pub fn now(&self) -> Time {
        self.log.now
    }

    /// Takes an event down.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn emit(&mut self, kind: EventKind) {
        self.log.emit(kind);
    }

    /// Takes an event down that leads to what happens next.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub fn lead(&mut self, kind: EventKind) {
        self.emit(kind);
        self.log.cause = self.log.last();
    }

    /// What leads to whatever happens now.
    #[inline(always)]
    pub fn cause(&self) -> Cause {
        self.log.cause
    }

    /// From here on, something else does.
    #[inline(always)]
    pub fn follow(&mut self, cause: Cause) {
        self.log.cause = cause;
    }

    /// Has something fall due; returns its sequence number.
    #[inline]
    pub fn push(&mut self, at: Time, due: Due) -> u64 {
        self.queue.push(at, due)
    }
}
