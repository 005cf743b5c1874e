//! The record of a run: its clock, the hash of everything that happened, and, on request, the
//! events themselves.

use super::event::{Event, EventKind};
use crate::base::{Digest, Fold, Time};

/// What has happened so far.
#[derive(Clone, Debug, Default)]
pub(super) struct EventLog {
    /// The instant that is being simulated.
    pub now: Time,
    /// Events so far: the next one's number.
    pub emitted: u64,
    digest: Digest,
    /// Whether anybody wants the events.
    pub keep: bool,
    pub kept: Vec<Event>,
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
            self.kept.push(Event { seq, at, kind });
        }
    }

    /// The hash of all events so far.
    pub fn hash(&self) -> u64 {
        self.digest.value()
    }
}
