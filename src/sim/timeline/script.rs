//! Scripts: a journal that somebody else recorded, done again.
//!
//! A journal of our own is known to work; one that came from a link or a file may ask for
//! anything. Its actions are done one by one when the run comes to them, as a person would do
//! them, and only then stand in the journal. The first that can't be done ends the script.

use super::{JournalEntry, Timeline};
use crate::base::Time;
use crate::sim::recording::{Recorded, RecordingError};
use std::collections::VecDeque;

/// Actions to be done at their times.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    pending: VecDeque<Recorded>,
    done: usize,
    problem: Option<RecordingError>,
}

/// How the next action of a script stands to the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Now(Time),
    Later,
    Missed,
}

impl Script {
    pub fn clear(&mut self) {
        self.pending.clear();
    }
}

impl Timeline {
    /// Does these actions when their times come. A person who acts earlier ends that.
    pub fn follow(&mut self, actions: impl IntoIterator<Item = Recorded>) {
        self.script = Script {
            pending: actions.into_iter().collect(),
            ..Script::default()
        };
    }

    /// Whether actions are still to be done by themselves.
    pub fn is_following(&self) -> bool {
        !self.script.pending.is_empty()
    }

    /// Why a script ended before its end.
    pub fn script_problem(&self) -> Option<&RecordingError> {
        self.script.problem.as_ref()
    }

    /// Does the script's next action, or finds that it can't be done. False if there is none, or
    /// its turn doesn't come by `until`.
    pub(super) fn step_script(&mut self, until: Time) -> bool {
        let Some(next) = self.script.pending.front() else {
            return false;
        };
        let place = self.script.done;
        let done = match self.turn(next) {
            Turn::Later => return false,
            Turn::Missed => Err(RecordingError::missed(place)),
            Turn::Now(at) if at > until => return false,
            Turn::Now(at) => {
                self.simulation.wait_until(at);
                let action = next.action.clone();
                let here = self.here();
                self.simulation
                    .apply(action.clone())
                    .map(|()| {
                        self.branches[self.current].journal.push(JournalEntry {
                            at: here.at,
                            processed: here.processed,
                            action,
                        });
                        self.actions += 1;
                    })
                    .map_err(|error| RecordingError::refused(place, error))
            }
        };
        match done {
            Ok(()) => {
                self.script.pending.pop_front();
                self.script.done += 1;
            }
            Err(problem) => {
                self.script.clear();
                self.script.problem = Some(problem);
            }
        }
        true
    }

    fn turn(&self, next: &Recorded) -> Turn {
        let (now, due) = (self.simulation.now(), self.simulation.next_at());
        let processed = self.simulation.processed();
        let before_the_next_event = due.is_none_or(|due| next.at <= due);
        match next.processed {
            Some(count) if processed < count => Turn::Later,
            Some(count) if processed == count && now <= next.at && before_the_next_event => {
                Turn::Now(next.at)
            }
            Some(_) => Turn::Missed,
            None if due.is_some_and(|due| due <= next.at) => Turn::Later,
            None => Turn::Now(next.at.max(now)),
        }
    }
}
