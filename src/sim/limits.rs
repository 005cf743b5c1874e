//! What a run may hold at most: its end if it doesn't come to another one.
//!
//! A run can be asked for more than any memory holds: heartbeats every millisecond that travel for
//! an hour. So what can grow without end is counted, each in numbers that are at hand: what is
//! under way is looked at every `EVERY` steps, what the servers hold every `EVERY_SERVER`, and
//! all of it after each action. What is counted belongs to the model, in the
//! model's own bytes: a run that reaches a limit stops there at the same event on every machine.

use super::action::Action;
use super::event::EventKind;
use super::host::Host;
use super::operator::MAX_CHANGES;
use super::replica::Replica;
use super::settings::{Limit, Stop};
use super::simulation::Simulation;
use super::why_not::WhyNot;

/// Steps between two looks at what is under way.
const EVERY: u64 = 64;

/// Steps between two looks at what each server holds, which a step makes longer by one or two. A
/// multiple of [`EVERY`].
const EVERY_SERVER: u64 = 1_024;

/// About how many bytes a client takes, with the operations that it remembers.
const CLIENT: u64 = 2_500;

/// About how many bytes a machine takes, with its server.
const MACHINE: u64 = 1_300;

impl Simulation {
    /// The limit that stopped the run, if one did.
    pub fn stopped(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// Whether the run has come to its end: a property is broken, or a limit reached.
    pub fn is_over(&self) -> bool {
        self.violation().is_some() || self.stop.is_some()
    }

    /// Why nothing more can be done, or nothing of that kind.
    pub(super) fn takes_no_more(&self, action: &Action) -> Option<WhyNot> {
        if self.violation().is_some() {
            return Some(WhyNot::RunBroken);
        }
        if let Some(stop) = &self.stop {
            let setting = stop.limit.field();
            return Some(WhyNot::RunStopped { setting });
        }
        let is_full = action.is_for_operator() && self.operator.is_busy();
        is_full.then_some(WhyNot::ChangesWait { most: MAX_CHANGES })
    }

    /// How much there is of what a limit counts.
    pub fn held(&self, limit: Limit) -> u64 {
        let sum = |of: fn(&Host) -> usize| self.hosts.iter().map(of).sum::<usize>() as u64;
        match limit {
            Limit::Packets => {
                let waiting = sum(|host| host.disk.queued() + host.waiting.len());
                self.network.messages_under_way() as u64 + waiting
            }
            Limit::Requests => {
                let waits = |it: &Replica| it.readers.len() + it.writers.len();
                let waiting = self.replicas().map(waits).sum::<usize>() as u64;
                self.network.requests_under_way() as u64 + waiting
            }
            Limit::Bytes => {
                let stored = self.replicas().map(|it| it.store.bytes());
                let checks = self.checks.live.bytes();
                self.network.bytes() + self.clients.bytes() + checks + stored.sum::<u64>()
            }
            Limit::Entries => {
                let logs = self.replicas().filter_map(Replica::raft);
                let lens = logs.map(|raft| raft.log().last_index() - raft.log().base().index);
                lens.max().unwrap_or(0)
            }
            Limit::Timers => self.cx.queue.len() as u64,
        }
    }

    /// About how many bytes of memory a clone has to itself, without what it shares.
    pub(crate) fn footprint(&self) -> u64 {
        let stored: u64 = self.replicas().map(|it| it.store.bytes()).sum();
        let messages = self.held(Limit::Packets) + self.held(Limit::Requests);
        let replicas: usize = self.hosts.iter().map(|host| host.replicas.len()).sum();
        let machines = MACHINE * (replicas.max(self.hosts.len()) as u64 + 2);
        let clients = self.clients.iter().len() as u64 * CLIENT;
        machines + clients + 2 * stored + 160 * messages + 16 * self.held(Limit::Timers)
    }

    /// Looks at the limits if their turn has come.
    #[inline]
    pub(super) fn look_at_limits_in_turn(&mut self) {
        let steps = self.processed();
        if steps.is_multiple_of(EVERY)
            && (steps.is_multiple_of(EVERY_SERVER) || self.has_too_much_under_way())
        {
            self.look_at_limits();
        }
    }

    /// Whether the network, the clients and the queue alone hold more than the run may.
    fn has_too_much_under_way(&self) -> bool {
        let limits = &self.settings.limits;
        self.network.messages_under_way() > limits.packets as usize
            || self.network.requests_under_way() > limits.requests as usize
            || self.network.bytes() + self.clients.bytes() > limits.bytes.into()
            || self.cx.queue.len() > limits.timers as usize
    }

    /// Stops the run if it holds more than it may.
    pub(super) fn look_at_limits(&mut self) {
        if self.is_over() {
            return;
        }
        let reached = Limit::ALL.into_iter().find_map(|limit| {
            let (allowed, found) = (limit.of(&self.settings.limits), self.held(limit));
            (found > allowed.into()).then_some(Stop {
                at: self.cx.now(),
                limit,
                allowed,
                found,
            })
        });
        if let Some(stop) = reached {
            self.stop = Some(stop);
            self.cx.emit(EventKind::Stopped(stop));
        }
    }
}
