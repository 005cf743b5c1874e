//! Faults that wait for their moment: between a write and its sync, in a joint configuration, in the
//! middle of a snapshot, right after a commit.
//!
//! Each run draws from its seed a few *plots*: at which moment what is done to the server that is
//! in it, or to the others, and for how long. Now and then one of them is armed; it waits until some server
//! is in that moment, and strikes. Two plots of one run may make up a story that neither would alone.

use super::aimed::{once, probe};
use super::deed::{Deed, Striking};
use super::moment::{Moment, Seen, is_deposed};
use super::siege::Siege;
use crate::base::{Draws, NodeId, Purpose, Span, Time};
use crate::raft::Raft;
use crate::sim::host::Host;
use crate::sim::settings::Fault;
use crate::sim::simulation::Simulation;

/// How many plots a run has at most.
const PLOTS: u64 = 5;

/// How many are armed at a time, at most.
const AT_ONCE: u64 = 3;

/// How long an armed one waits.
const PATIENCE: Span = Span::millis(1_500);

/// How long clients probe, and how often they can.
const PROBES: Span = Span::millis(3_000);
const PROBE_EVERY: Span = Span::millis(3);

/// Faults that are sieges.
const SIEGES: [Fault; 3] = [Fault::Depose, Fault::Usurp, Fault::Newcomer];

/// What waits for its moment.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Ambushes {
    armed: Vec<Armed>,
    /// The siege under way.
    siege: Option<Siege>,
    /// Clients look for a deposed leader until then, and may ask one again from then on.
    probes: Option<(Time, Time)>,
    /// What the servers were at the last look, and at the one before it.
    seen: Vec<Seen>,
    before: Vec<Seen>,
    /// How often any was armed or struck: their draws follow from it.
    count: u64,
}

#[derive(Clone, Copy, Debug)]
struct Armed {
    plot: Plot,
    until: Time,
    /// Moments that it lets pass first.
    passes: u64,
}

/// At that moment, that deed.
#[derive(Clone, Copy, Debug)]
struct Plot {
    moment: Moment,
    deed: Deed,
    lasts: Span,
}

impl Plot {
    /// One of the plots of a run. In half of all runs the deed is always the same: what goes wrong a
    /// second time has often been prepared by the first.
    fn of(run: &Simulation, number: u64) -> Plot {
        let seed = run.seed;
        let mut draws = Draws::new(seed, Purpose::Ambush, number);
        let moment = Moment::drawn(&mut draws);
        let of_run = &mut Draws::new(seed, Purpose::Ambush, PLOTS);
        let (_, same) = (of_run.word(), of_run.below(2) == 1);
        let deed = Deed::drawn(if same { of_run } else { &mut draws });
        // From much less than an election to many.
        let shortest = run.settings.timing.election_timeout_min;
        let most = Span((shortest.0 >> 6) << draws.below(11));
        let lasts = draws.span(most, most * 2);
        Plot {
            moment,
            deed,
            lasts,
        }
    }
}

impl Ambushes {
    /// Whether anything waits for its moment.
    #[inline(always)]
    pub fn wait(&self) -> bool {
        !self.armed.is_empty() || self.siege.is_some() || self.probes.is_some()
    }

    fn next_draws(&mut self, seed: u64) -> Draws {
        self.count += 1;
        Draws::new(seed, Purpose::Ambush, PLOTS + self.count)
    }

    fn arm(&mut self, run: &Simulation) {
        let seed = run.seed;
        let plots = 1 + Draws::new(seed, Purpose::Ambush, PLOTS).below(PLOTS);
        let draws = &mut self.next_draws(seed);
        for _ in 0..=draws.below(AT_ONCE) {
            self.armed.push(Armed {
                plot: Plot::of(run, draws.below(plots)),
                until: run.now() + PATIENCE,
                passes: draws.below(3),
            });
        }
    }

    /// Looks at the servers. Whether there was a look before, with which they can be compared.
    fn look(&mut self, run: &Simulation) -> bool {
        std::mem::swap(&mut self.seen, &mut self.before);
        self.seen.clear();
        self.seen.extend(run.hosts.iter().map(Seen::of));
        let is_first = self.before.is_empty();
        self.before.resize(run.hosts.len(), Seen::default());
        !is_first
    }

    /// The deeds whose moment has come, each with the server that is in it.
    fn come(&mut self, run: &Simulation) -> Vec<(Plot, NodeId)> {
        let now = run.now();
        let mut come = Vec::new();
        let before = &self.before;
        self.armed.retain_mut(|armed| {
            match armed.plot.moment.who(run, before) {
                Some(node) if armed.passes == 0 => {
                    come.push((armed.plot, node));
                    return false;
                }
                Some(_) => armed.passes -= 1,
                None => {}
            }
            now < armed.until
        });
        come
    }

    /// Whether clients ask a deposed leader now.
    fn asks(&mut self, now: Time) -> bool {
        let Some((until, from)) = self.probes.filter(|&(_, from)| from <= now) else {
            return false;
        };
        let next = now.max(from) + PROBE_EVERY;
        self.probes = (next < until).then_some((until, next));
        true
    }
}

impl Simulation {
    /// Perhaps another fault waits for its moment from now on; perhaps clients look for a deposed leader.
    pub(super) fn arm_ambush(&mut self) {
        let (now, seed) = (self.now(), self.seed);
        let rates = self.chaos_state.rates;
        let mut ambushes = std::mem::take(&mut self.chaos_state.ambushes);
        let mut occurs = |fault: Fault| {
            let rate = super::per_throw(rates.rate(fault));
            rate.0 > 0 && ambushes.next_draws(seed).chance(rate)
        };
        let (waits, probes) = (occurs(Fault::Ambush), occurs(Fault::Probe));
        let siege = SIEGES.into_iter().find(|&fault| occurs(fault));
        if !ambushes.wait() {
            ambushes.seen.clear();
        }
        if waits {
            ambushes.arm(self);
        }
        if probes {
            ambushes.probes = Some((now + PROBES, now));
        }
        if let Some(fault) = siege.filter(|_| ambushes.siege.is_none()) {
            let draws = &mut ambushes.next_draws(seed);
            ambushes.siege = Some(Siege::of(fault, self, draws));
        }
        self.chaos_state.ambushes = ambushes;
    }

    /// Something has happened: perhaps a moment has come that a fault waits for.
    pub(in crate::sim) fn look_for_moments(&mut self) {
        let mut ambushes = std::mem::take(&mut self.chaos_state.ambushes);
        let waits = !ambushes.armed.is_empty() || ambushes.siege.is_some();
        if waits && ambushes.look(self) {
            self.spring(&mut ambushes);
            self.besiege(&mut ambushes);
        }
        if ambushes.asks(self.now()) {
            let mut rafts = self.hosts.iter().filter_map(Host::raft);
            let is_deposed =
                |raft: &Raft<_>| raft.is_leader() && is_deposed(self, raft.current_term());
            if rafts.any(is_deposed) {
                let draws = &mut ambushes.next_draws(self.seed);
                let asked = once(probe(self, draws));
                self.begin_fault(asked);
            }
        }
        self.chaos_state.ambushes = ambushes;
    }

    /// Strikes where a moment has come.
    fn spring(&mut self, ambushes: &mut Ambushes) {
        let mut begun = Vec::new();
        for (plot, node) in ambushes.come(self) {
            let mut striking = Striking {
                run: self,
                draws: &mut ambushes.next_draws(self.seed),
                node,
                lasts: plot.lasts,
            };
            begun.extend(striking.does(plot.deed));
        }
        for fault in begun {
            self.begin_fault(fault);
        }
    }

    /// Takes the next step of a siege, if its moment has come.
    fn besiege(&mut self, ambushes: &mut Ambushes) {
        let Some(mut siege) = ambushes.siege.take() else {
            return;
        };
        if let Some((step, node)) = siege.comes(self, &ambushes.before) {
            if step.relieves {
                siege.stands.drain(..).for_each(|it| self.relieve(it));
            }
            if step.probes {
                ambushes.probes = Some((self.now() + PROBES, self.now()));
            }
            for deed in step.deeds {
                let mut striking = Striking {
                    run: self,
                    draws: &mut ambushes.next_draws(self.seed),
                    node,
                    lasts: step.lasts,
                };
                if let Some(fault) = striking.does(deed) {
                    siege.stands.extend(self.begin_fault(fault));
                }
            }
        }
        ambushes.siege = Some(siege).filter(|it| it.goes_on(self.now()));
    }
}
