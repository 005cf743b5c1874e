//! What the checks of a run are told, and what they tell.

use super::action::Action;
use super::host::Host;
use super::reserve::Reserve;
use super::simulation::Simulation;
use super::violation::{Found, Property, Violation};
use crate::base::{GroupId, NodeId, Time};
use crate::check::CounterExample;

impl Simulation {
    /// The property that was broken, if one was.
    pub fn violation(&self) -> Option<&Violation> {
        self.checks.violation()
    }

    /// The operations that can't all have happened, once [`Property::Linearizability`] is broken.
    pub fn counter_example(&self) -> Option<&CounterExample> {
        self.checks.live.counter_example()
    }

    /// Answers to clients of which it is not known whether an order explains them.
    pub fn undecided(&self) -> u64 {
        self.checks.live.undecided()
    }

    /// Stops watching a property, to see what a broken rule does beyond it.
    pub fn ignore(&mut self, property: Property) {
        self.checks.ignore(property);
    }

    /// Watches a property that nobody watched, as [`Property::DurableMajority`] once a rule was off.
    pub fn watch(&mut self, property: Property) {
        self.checks.watch(property);
    }

    /// The properties that are watched.
    pub fn watched(&self) -> impl Iterator<Item = Property> {
        let all = Property::ALL.into_iter();
        all.filter(|&property| self.checks.watches(property))
    }

    /// The servers that owe [`Property::Progress`] and since when, as it was looked at last: nobody,
    /// where something is in the way of every majority.
    pub fn owing_progress(&self) -> Option<(Vec<NodeId>, Time)> {
        let (owing, since) = self.checks.progress.owing_since();
        let ids = self.hosts.iter().map(Host::id);
        let nodes: Vec<_> = ids.filter(|&node| owing.has(node)).collect();
        (!nodes.is_empty()).then_some((nodes, since))
    }

    /// The leader that must not be deposed by anybody outside: [`Property::Stability`].
    pub fn secure_leader(&self) -> Option<NodeId> {
        self.checks.progress.secure_leader()
    }

    /// Whether the run stands still because an answer to a client is in doubt and nobody settles
    /// that, there is chaos and nobody throws its dice, or there is no operator to change the members.
    pub fn awaits_reserve(&self) -> bool {
        self.reserve.is_none()
            && (self.checks.is_in_doubt()
                || self.chaos_state.is_under_way()
                || self.operator.is_at_work())
    }

    /// The reserve, if it is here.
    pub(crate) fn reserve(&self) -> Option<Reserve> {
        self.reserve
    }

    /// What is needed in a doubt, which is settled at once, under chaos and to change the members. Without it a run
    /// goes as far as the first of these: the page, which gets that code when it is needed, begins so.
    pub fn set_reserve(&mut self, reserve: Option<Reserve>) {
        self.reserve = reserve;
        self.watch_clients();
    }

    /// Does an action that was checked. Whoever owes progress may be let off for it.
    pub(super) fn perform(&mut self, action: Action) {
        let disturbs = self.disturbs(&action);
        self.disturbing(disturbs);
        self.carry_out(action);
        self.disturbed(disturbs);
    }

    /// Whether a client has just given up that should have been answered: Progress.
    fn gave_up_in_vain(&self, at: u32) -> Option<Found> {
        let client = self.clients.iter().nth(at as usize)?;
        let operation = client.operations().next_back()?;
        let gave_up = operation.ended.is_some() && operation.outcome.is_none();
        let progress = self.checks.progress;
        gave_up.then(|| progress.gave_up(self, client.id(), operation))?
    }

    /// Tells the checks what clients have begun and ended.
    pub(super) fn watch_clients(&mut self) {
        let now = self.cx.now();
        let mut told = 0;
        loop {
            if let Some(reserve) = self.reserve {
                let found = self.checks.settle(reserve.judge);
                self.report(GroupId::FIRST, found);
            }
            if self.checks.is_in_doubt() || told == self.clients.moved.len() {
                break;
            }
            let at = self.clients.moved[told];
            told += 1;
            if let Some((client, operation)) = self.clients.last(at)
                && self.checks.are_on()
            {
                self.checks.client_moved(client, operation, now);
                let found = self.gave_up_in_vain(at);
                self.report(GroupId::FIRST, found);
            }
        }
        self.clients.moved.drain(..told);
    }
}
