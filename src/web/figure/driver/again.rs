//! The same run once more, under other rules: what differs then is the rule's doing.

use super::Driver;
use super::start::ruled;
use crate::raft::{Rule, Rules};
use crate::run::Recorded;
use crate::sim::Action;

impl Driver {
    /// Runs the same seed again up to here, with the same actions at the same times, but with a
    /// rule on or off. What was done to single messages is left out: they have other numbers then.
    pub(super) fn again(&self, rule: Rule, on: bool) {
        let set = |rules: Rules| match on {
            true => rules.with(rule),
            false => rules.without(rule),
        };
        let again = |action: &Action| match action {
            Action::Drop { .. }
            | Action::Delay { .. }
            | Action::Duplicate { .. }
            | Action::DeliverNow { .. } => None,
            Action::SetRules { rules } => Some(Action::SetRules { rules: set(*rules) }),
            other => Some(other.clone()),
        };
        let run = self.run.borrow();
        let shown = run.chronicle.scenario().clone();
        let (here, usual) = (run.playhead.now(), run.chronicle.usual());
        let seed = run.playhead.simulation().seed();
        let journal = run.playhead.journal();
        let actions: Vec<Recorded> = journal
            .iter()
            .filter_map(|entry| {
                Some(Recorded {
                    at: entry.at,
                    processed: None,
                    action: again(&entry.action)?,
                })
            })
            .collect();
        drop(journal);
        drop(run);
        let rules = set(shown.settings.rules);
        self.changed.set(true);
        self.start(ruled(shown, rules), usual, seed);
        let mut run = self.run.borrow_mut();
        run.playhead.follow(actions);
        run.seeking = Some(here);
    }
}
