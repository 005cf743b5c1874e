//! Scripts: a journal that somebody else recorded, done again.
//!
//! A journal of our own is known to work; one that came from a link or a file may ask for
//! anything. Its actions are done one by one when the run comes to them, as a person would do
//! them, and only then stand in the journal. The first that can't be done ends the script.
//!
//! What another engine recorded may come out differently here. Its actions are done at their times
//! even if other events come before them now, and those that can't be done any more (a message that
//! isn't under way, a server that doesn't lead) are left out and named.

use super::Playhead;
use crate::base::Time;
use crate::run::recording::{ENGINE, Recorded, Recording};
use crate::sim::ActionError;
use std::collections::VecDeque;

/// Actions to be done at their times.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    pending: VecDeque<Recorded>,
    done: usize,
    /// Whether another engine recorded it.
    is_foreign: bool,
    left_out: Vec<ScriptError>,
    problem: Option<ScriptError>,
}

/// An action of a script that can't be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// Its place in the journal, from 0.
    pub place: usize,
    /// Why. `None`: the run isn't where the journal says it was when the action was done. Another
    /// engine recorded it, or it was changed on the way.
    pub refused: Option<ActionError>,
}

impl ScriptError {
    /// The field of the recording: `journal[3].do.node`.
    pub fn field(&self) -> String {
        let place = self.place;
        match &self.refused {
            Some(refused) => format!("journal[{place}].do.{}", refused.field),
            None => format!("journal[{place}].processed"),
        }
    }
}

/// How the next action of a script stands to the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Now(Time),
    Later,
    Missed,
}

impl Script {
    /// On to the next action.
    fn pass(&mut self) {
        self.pending.pop_front();
        self.done += 1;
    }

    pub fn clear(&mut self) {
        self.pending.clear();
    }
}

impl Playhead {
    /// Does these actions when their times come. A person who acts earlier ends that.
    pub fn follow(&mut self, actions: impl IntoIterator<Item = Recorded>) {
        self.history.memory_mut().acts();
        self.script = Script {
            pending: actions.into_iter().collect(),
            ..Script::default()
        };
    }

    /// Does the actions of a recording when their times come, as [`Playhead::follow`] does; if
    /// another engine recorded it, as far as they can be done here.
    pub fn follow_recording(&mut self, recording: &Recording) {
        self.follow(recording.journal.clone());
        self.script.is_foreign = recording.engine != ENGINE;
    }

    /// Whether actions are still to be done by themselves.
    pub fn is_following(&self) -> bool {
        !self.script.pending.is_empty()
    }

    /// Why a script ended before its end.
    pub fn script_problem(&self) -> Option<&ScriptError> {
        self.script.problem.as_ref()
    }

    /// The actions of another engine's recording that couldn't be done here, so far.
    pub fn left_out(&self) -> &[ScriptError] {
        &self.script.left_out
    }

    /// Does the script's next action, or finds that it can't be done. False if there is none, or
    /// its turn doesn't come by `until`.
    pub(super) fn step_script(&mut self, until: Time) -> bool {
        let apply = self.memory().apply;
        let (Some(next), Some(apply)) = (self.script.pending.front(), apply) else {
            return false;
        };
        let place = self.script.done;
        // By hand nobody counts events: what stands there is meant as it stands.
        let is_exact = next.processed.is_some();
        let done = match self.turn(next) {
            Turn::Later => return false,
            Turn::Missed => Err(None),
            Turn::Now(at) if at > until => return false,
            Turn::Now(at) => {
                self.cursor.simulation.wait_until(at);
                let (action, here) = (next.action.clone(), self.here());
                let done = apply(&mut self.cursor.simulation, action.clone());
                done.map(|()| self.note(here, action)).map_err(Some)
            }
        };
        let done = done.map_err(|refused| ScriptError { place, refused });
        match done {
            Ok(()) => self.script.pass(),
            Err(problem) if self.script.is_foreign && is_exact => {
                self.script.left_out.push(problem);
                self.script.pass();
            }
            Err(problem) => {
                self.script.clear();
                self.script.problem = Some(problem);
            }
        }
        true
    }

    fn turn(&self, next: &Recorded) -> Turn {
        let (now, due) = (self.now(), self.simulation().next_at());
        let processed = self.simulation().processed();
        let before_the_next_event = due.is_none_or(|due| next.at <= due);
        match next.processed {
            Some(count) if processed == count && now <= next.at && before_the_next_event => {
                Turn::Now(next.at)
            }
            Some(count) if !self.script.is_foreign => match processed < count {
                true => Turn::Later,
                false => Turn::Missed,
            },
            _ if due.is_some_and(|due| due <= next.at) => Turn::Later,
            _ => Turn::Now(next.at.max(now)),
        }
    }
}
