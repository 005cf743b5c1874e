//! Chaos: random faults from the seed.
//!
//! Chaos does nothing that a person couldn't do: it makes up [`Action`]s, each of which is
//! recorded, and takes each back after a while.

use super::action::{Action, Chaos};
use super::network::{LinkSettings, Network};
use super::queue::{Due, Queue, Slab};
use super::settings::DiskSettings;
use crate::base::{Draws, NodeId, Purpose, Ratio, Span, Time};

/// How often the dice are thrown.
const INTERVAL: Span = Span::millis(100);
const THROWS_PER_SECOND: u32 = 10;

/// How long a fault lasts.
const SHORTEST: Span = Span::millis(100);
const LONGEST: Span = Span::millis(2_000);

/// The state of chaos.
#[derive(Clone, Debug)]
pub(super) struct Storm {
    rates: Chaos,
    draws: Draws,
    nodes: u32,
    due: Time,
    /// What takes each fault back.
    relief: Slab<Action>,
}

impl Storm {
    pub fn new(nodes: u32, seed: u64) -> Storm {
        Storm {
            rates: Chaos::default(),
            draws: Draws::new(seed, Purpose::Chaos, 0),
            nodes,
            due: Time::NEVER,
            relief: Slab::default(),
        }
    }

    /// How rough it is.
    pub fn rates(&self) -> &Chaos {
        &self.rates
    }

    pub fn set(&mut self, rates: Chaos, now: Time, queue: &mut Queue) {
        self.rates = rates;
        self.due = Time::NEVER;
        self.schedule(now, queue);
    }

    fn schedule(&mut self, now: Time, queue: &mut Queue) {
        if self.rates != Chaos::default() {
            self.due = now + INTERVAL;
            queue.push(self.due, Due::Chaos);
        }
    }

    fn node(&mut self) -> NodeId {
        NodeId(self.draws.below(self.nodes.into()) as u32 + 1)
    }

    /// Two different servers; `None` if there is only one.
    fn link(&mut self) -> Option<(NodeId, NodeId)> {
        let (from, to) = (self.node(), self.node());
        (from != to).then_some((from, to))
    }

    fn strikes(&mut self, per_second: Ratio) -> bool {
        self.draws.chance(Ratio(per_second.0 / THROWS_PER_SECOND))
    }

    /// Throws the dice, if they are due: the faults that begin now, each with what ends it.
    /// Faults that are no change (a crash of the crashed) fall flat later.
    pub fn throw(
        &mut self,
        now: Time,
        network: &Network,
        disk: &DiskSettings,
        queue: &mut Queue,
    ) -> Vec<(Action, Action)> {
        if self.due != now {
            return Vec::new();
        }
        self.schedule(now, queue);
        let rates = self.rates;
        let mut faults = Vec::new();
        if self.strikes(rates.crash) {
            let node = self.node();
            faults.push((Action::Crash { node }, Action::Restart { node }));
        }
        if self.strikes(rates.pause) {
            let node = self.node();
            faults.push((Action::Pause { node }, Action::Resume { node }));
        }
        if self.strikes(rates.partition) && network.partition().is_none() {
            faults.push((self.partition(), Action::Heal));
        }
        let untouched = |&(from, to): &(NodeId, NodeId)| {
            !network.is_cut(from, to) && network.own_settings(from, to).is_none()
        };
        if self.strikes(rates.cut)
            && let Some((from, to)) = self.link().filter(untouched)
        {
            faults.push((Action::Cut { from, to }, Action::Restore { from, to }));
        }
        if self.strikes(rates.link)
            && let Some((from, to)) = self.link().filter(untouched)
        {
            let link = rough(network.settings());
            faults.push((
                Action::SetLink { from, to, link },
                Action::Restore { from, to },
            ));
        }
        if self.strikes(rates.disk) {
            let node = self.node();
            let set = |DiskSettings {
                           fsync_min,
                           fsync_max,
                       }| Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            };
            let slow = DiskSettings {
                fsync_min: disk.fsync_max,
                fsync_max: disk.fsync_max * 10 + Span::millis(50),
            };
            faults.push((set(slow), set(*disk)));
        }
        faults
    }

    /// Two random groups.
    fn partition(&mut self) -> Action {
        let coins = self.draws.word();
        let side = |node: &NodeId| coins >> (node.0 % 64) & 1 == 1;
        let (ours, theirs) = (1..=self.nodes).map(NodeId).partition(side);
        Action::Partition {
            groups: vec![ours, theirs],
        }
    }

    /// Plans the end of a fault that began now.
    pub fn relieve_later(&mut self, relief: Action, now: Time, queue: &mut Queue) {
        let at = now + self.draws.span(SHORTEST, LONGEST);
        queue.push(at, Due::Relief(self.relief.next_place()));
        self.relief.insert(relief);
    }

    /// What ends the fault at that place.
    pub fn relief(&mut self, place: u32) -> Option<Action> {
        self.relief.take_if(place, |_| true)
    }
}

/// A link in bad weather.
fn rough(settings: &LinkSettings) -> LinkSettings {
    LinkSettings {
        latency_max: settings.latency_max * 5,
        loss: Ratio::percent(30),
        duplicate: Ratio::percent(20),
        reorder: true,
        ..*settings
    }
}
