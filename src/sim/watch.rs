//! What the checks of a run are told, and what they tell.

use super::invariants::{Property, Violation};
use super::linearizability::CounterExample;
use super::simulation::Simulation;

impl Simulation {
    /// The property that was broken, if one was.
    pub fn violation(&self) -> Option<&Violation> {
        self.checks.violation()
    }

    /// The operations that can't all have happened, once [`Property::Linearizability`] is broken.
    pub fn counter_example(&self) -> Option<&CounterExample> {
        self.checks.kv.live.counter_example()
    }

    /// Answers to clients of which it is not known whether an order explains them.
    pub fn undecided(&self) -> u64 {
        self.checks.kv.live.undecided()
    }

    /// Stops watching a property, to see what a broken rule does beyond it.
    pub fn ignore(&mut self, property: Property) {
        self.checks.ignore(property);
    }

    /// Tells the checks what clients have begun and ended.
    pub(super) fn watch_clients(&mut self) {
        let now = self.record.now;
        for place in 0..self.clients.moved.len() {
            let at = self.clients.moved[place];
            let Some((client, operation)) = self.clients.last(at) else {
                continue;
            };
            if !self.checks.are_on() {
                continue;
            }
            let found = self.checks.client_moved(client, operation, now);
            self.report(found);
        }
        self.clients.moved.clear();
    }
}
