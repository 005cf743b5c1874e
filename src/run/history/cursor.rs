//! A simulation on its way through a branch.

use super::{Instant, JournalEntry};
use crate::base::Time;
use crate::sim::{Action, ActionError, Simulation};

/// How an action is done: [`Simulation::apply`].
pub(in crate::run) type Apply = fn(&mut Simulation, Action) -> Result<(), ActionError>;

/// A simulation, and how much of the journal it has seen.
#[derive(Clone, Debug)]
pub(in crate::run) struct Cursor {
    pub simulation: Simulation,
    /// Actions of the journal that it has seen.
    pub actions: usize,
}

impl Cursor {
    /// Where it is.
    pub fn here(&self) -> Instant {
        Instant {
            at: self.simulation.now(),
            processed: self.simulation.processed(),
            actions: self.actions,
        }
    }

    /// Whether something has happened before `end` that it hasn't come to yet.
    pub fn is_behind(&self, end: Instant) -> bool {
        self.simulation.processed() < end.processed || self.actions < end.actions
    }

    /// Does what comes next, if it is due by `until`: an action of the journal, or an event of
    /// the queue. Whether anything was.
    pub fn step(&mut self, journal: &[JournalEntry], apply: Option<Apply>, until: Time) -> bool {
        match journal.get(self.actions) {
            Some(next) if next.processed == self.simulation.processed() => {
                if next.at > until {
                    return false;
                }
                self.simulation.wait_until(next.at);
                let action = next.action.clone();
                let done = apply.map(|apply| apply(&mut self.simulation, action));
                debug_assert_eq!(done, Some(Ok(())), "a replay does what was done");
                self.actions += 1;
                true
            }
            _ => {
                let is_due = self.simulation.next_at().is_some_and(|at| at <= until);
                is_due && self.simulation.step().went()
            }
        }
    }
}
