//! One run of a sweep.

use super::{Coverage, Failure, Report, SweepPlan, cluster};
use crate::base::{Span, Time};
use crate::kv::Operation;
use crate::sim::host::{Host, Power};
use crate::sim::{Action, Chaos, DiskFault, Event, EventKind, LinkSettings, Settings, Simulation};

/// How often events are taken out of a run.
const SLICE: Span = Span::millis(500);

/// After the storm: every fault ends by itself within this.
pub(super) const AFTERMATH: Span = Span::millis(2_200);

/// How long a cluster that nothing is in the way of may need until it serves a write, and until
/// all servers agree. Elections take less than a second; a client that was turned away waits
/// for less than one.
const RECOVERY: Span = Span::secs(8);

/// So many of the longest election timeouts it may need, if that is more.
const TIMEOUTS: u64 = 24;

/// How long the cluster of a run may need for that.
fn recovery(settings: &Settings) -> Span {
    RECOVERY.max(settings.timing.election_timeout_max * TIMEOUTS)
}

/// As long again it may need, so many times, while somebody still gets what it lacks: windows may be small
/// against that.
const ROUNDS: u32 = 20;

/// How much all servers hold, or have got of a snapshot.
fn held(run: &Simulation) -> u64 {
    let of = |host: &Host| {
        let incoming = host.raft().and_then(|raft| raft.incoming());
        host.volume().log().last_index() + incoming.map_or(0, |it| u64::from(it.received()))
    };
    run.hosts().iter().map(of).sum()
}

/// The key that is written after the storm.
const LAST: &str = "after the storm";

/// The run of a plan from a seed.
pub fn run(plan: &SweepPlan, seed: u64) -> Report {
    let mut coverage = Coverage::default();
    let mut watch = |event: &Event| coverage.count(event);
    let lasts = Lasts::AndThenCalm(plan.storm);
    let settings = plan.settings(seed);
    let script = script(&settings, seed, plan.storm);
    let (simulation, failure) = storm(settings, seed, lasts, &script, &mut watch);
    Report {
        seed,
        failure,
        simulated: simulation.now().since(Time::ZERO),
        hash: simulation.hash(),
        coverage,
    }
}

/// What is done in a storm on top of what its settings bring.
pub(super) fn script(settings: &Settings, seed: u64, storm: Span) -> Vec<Line> {
    match settings.shards.are_many() {
        true => cluster::script(settings, seed, storm),
        false => Vec::new(),
    }
}

/// An action of a script: done once everything due by its time is done.
pub(super) type Line = (Time, Action);

/// How long a run is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lasts {
    /// The storm alone: for what breaks in it.
    Only(Span),
    /// The storm, and the calm in which the cluster has to recover.
    AndThenCalm(Span),
}

/// A storm and what comes after it, with the actions of a script on top of what the settings
/// bring. Calls `watch` with every event. What can't be done of the script is left out.
pub(super) fn storm(
    settings: Settings,
    seed: u64,
    lasts: Lasts,
    script: &[Line],
    watch: &mut dyn FnMut(&Event),
) -> (Simulation, Option<Failure>) {
    let mut simulation = Simulation::new(settings, seed)
        .expect("a plan that was checked makes settings that can be");
    simulation.keep_events(true);
    let mut course = Course {
        simulation: &mut simulation,
        script,
        events: Vec::new(),
        watch,
    };
    let failure = match lasts {
        Lasts::Only(storm) => course.storm(storm),
        Lasts::AndThenCalm(storm) => course.storm(storm).or_else(|| course.calm(storm)),
    };
    (simulation, failure)
}

/// What is done when a storm is over.
pub(super) fn ending(storm: Span) -> Vec<Line> {
    let over = Time::ZERO + storm;
    let chaos = Chaos::default();
    let link = LinkSettings::default();
    let actions = [
        Action::SetChaos { chaos },
        Action::SetLoad { per_second: 0 },
        Action::SetNetwork { link },
        Action::SetClientNetwork { link },
    ];
    actions.map(|action| (over, action)).to_vec()
}

/// What is done after the aftermath: whatever still is in the way goes, and somebody writes. A
/// whole storm has taken its faults back by then; a part of one may lack what ended a fault.
pub(super) fn calm(simulation: &Simulation) -> Vec<Action> {
    let mut actions = Vec::new();
    let network = simulation.network();
    if network.partition().is_some() {
        actions.push(Action::Heal);
    }
    let hosts = || {
        let hosts = simulation.hosts().iter();
        hosts.filter(|host| !host.is_retired())
    };
    let changed = network.changed();
    actions.extend(changed.map(|(from, to)| Action::Restore { from, to }));
    for host in hosts() {
        let node = host.id();
        let usual = simulation.settings().disk;
        if *host.disk().settings() != usual {
            let (fsync_min, fsync_max) = (usual.fsync_min, usual.fsync_max);
            actions.push(Action::SetDisk {
                node,
                fsync_min,
                fsync_max,
            });
        }
        if host.disk().is_full() {
            let fault = DiskFault::Free;
            actions.push(Action::Disk { node, fault });
        }
        if host.clock().drift() != 0 {
            let (skew, drift) = (0, 0);
            actions.push(Action::SetClock { node, skew, drift });
        }
        match host.power() {
            // The power failure that is still to come comes now.
            Power::Up if host.disk().is_tearing() => {
                actions.extend([Action::Crash { node }, Action::Restart { node }]);
            }
            Power::Up => {}
            Power::Paused => actions.push(Action::Resume { node }),
            Power::Crashed => actions.push(Action::Restart { node }),
        }
    }
    if simulation.settings().shards.are_many() {
        actions.extend(cluster::unwritten(simulation));
        return actions;
    }
    actions.push(last_write());
    actions
}

fn last_write() -> Action {
    Action::Request {
        operation: Operation::Put {
            key: LAST.into(),
            value: "calm".into(),
        },
        to: None,
        attempts: 1_000,
    }
}

struct Course<'a> {
    simulation: &'a mut Simulation,
    script: &'a [Line],
    events: Vec<Event>,
    watch: &'a mut dyn FnMut(&Event),
}

impl Course<'_> {
    /// What ended the run before its time.
    fn end(&self) -> Option<Failure> {
        let violated = self.simulation.violation().copied();
        let stopped = self.simulation.stopped().copied();
        let violated = violated.map(Failure::Violated);
        violated.or(stopped.map(Failure::Stopped))
    }

    fn storm(&mut self, lasts: Span) -> Option<Failure> {
        self.until(Time::ZERO + lasts);
        self.end()
    }

    fn calm(&mut self, after: Span) -> Option<Failure> {
        let over = Time::ZERO + after;
        for (_, action) in ending(after) {
            self.act(action);
        }
        self.until(over + AFTERMATH);
        for action in calm(self.simulation) {
            self.act(action);
        }
        let since = self.simulation.now();
        if self.simulation.settings().shards.are_many() {
            return self.converge(since);
        }
        let mut before = None;
        for _ in 0..ROUNDS {
            let now = self.simulation.now();
            self.until(now + recovery(self.simulation.settings()));
            if let Some(ended) = self.end() {
                return Some(ended);
            }
            let held = Some(held(self.simulation));
            match self.disagrees(since) {
                None => break,
                // The client's session may have expired: it begins another one with what it does next.
                Some(Failure::Unavailable { .. }) if before.is_none() => self.act(last_write()),
                Some(_) if held == before => break,
                Some(_) => {}
            }
            before = held;
        }
        self.disagrees(since)
    }

    /// How the servers fail to serve and to agree, if they do.
    fn disagrees(&self, since: Time) -> Option<Failure> {
        let running = || {
            let members = self.simulation.configuration();
            let hosts = self.simulation.hosts().iter();
            let takes_part = |host: &&Host| {
                let up = host.power() == Power::Up && host.refuses().is_none();
                up && members.member_on(host.id()).is_some()
            };
            hosts.filter(takes_part)
        };
        let served = |host: &Host| host.store().get(LAST).is_some();
        let first = running().next()?;
        if !running().any(served) {
            return Some(Failure::Unavailable { since });
        }
        let agrees = |host: &Host| host.store() == first.store();
        (!running().all(agrees)).then_some(Failure::Diverged { since })
    }

    /// Waits until a store of many shards is at rest.
    fn converge(&mut self, since: Time) -> Option<Failure> {
        let (late, mut at_rest) = (since + cluster::CONVERGES_WITHIN, since);
        loop {
            self.until(self.simulation.now() + SLICE);
            let now = self.simulation.now();
            if let Some(ended) = self.end() {
                return Some(ended);
            }
            // Somebody's session may have expired, or all clients were busy.
            for action in cluster::unwritten(self.simulation) {
                self.act(action);
            }
            if !cluster::is_as_wanted(self.simulation) {
                at_rest = now;
            }
            if now.since(at_rest) >= cluster::AT_REST {
                break;
            }
            if now >= late {
                return Some(Failure::Restless { since });
            }
        }
        if cluster::unwritten(self.simulation).next().is_some() {
            return Some(Failure::Unavailable { since });
        }
        (!cluster::agrees(self.simulation)).then_some(Failure::Diverged { since })
    }

    /// Runs on, with the script.
    fn until(&mut self, until: Time) {
        while let Some((at, action)) = self.script.first()
            && *at <= until
        {
            self.run(*at);
            self.script = &self.script[1..];
            self.act(action.clone());
        }
        self.run(until);
    }

    fn run(&mut self, until: Time) {
        while self.simulation.now() < until && !self.simulation.is_over() {
            let slice = self.simulation.now() + SLICE;
            self.simulation.run_until(slice.min(until));
            self.tell();
        }
    }

    fn act(&mut self, action: Action) {
        // Of a script that was cut down, some actions can't be done any more.
        let _refused = self.simulation.apply(action);
        self.tell();
    }

    fn tell(&mut self) {
        self.simulation.take_events(&mut self.events);
        self.events.drain(..).for_each(|event| (self.watch)(&event));
    }
}

/// An action that stands for an event: for what chaos and the load brought about, and for what
/// ended the storm.
pub(super) fn explicit(event: &Event) -> Option<Line> {
    let action = match &event.kind {
        EventKind::Acted(Action::SetChaos { .. } | Action::SetLoad { .. }) => return None,
        // What the load sends is told by itself.
        EventKind::ChaosActed(Action::SetLoad { .. }) => return None,
        EventKind::ChaosActed(action) | EventKind::Acted(action) => action.clone(),
        // Of what somebody asked for, the action is told.
        EventKind::Invoked { operation, .. } if event.cause.is_none() => Action::Request {
            operation: operation.clone(),
            to: None,
            attempts: 0,
        },
        _ => return None,
    };
    Some((event.at, action))
}
