//! Sieges: faults in several steps, each of which waits for its moment.
//!
//! Some rules of the protocol are missed only where one thing comes after another: a leader is cut off with
//! an entry that nobody else has, the next one before it could send anything, the third when the first's entry
//! has reached a majority (figure 8). A siege looks at the servers, as an adversary would that knows all of
//! their states, and draws what it waits for and what it does then.

use super::deed::Deed;
use super::moment::{Moment, Seen};
use crate::base::{Draws, NodeId, Span, Time};
use crate::sim::settings::Fault;
use crate::sim::simulation::Simulation;
use std::collections::VecDeque;

/// So many of the longest election timeouts a step is waited for, and that long in any case.
const TIMEOUTS: u64 = 8;
const PATIENCE: Span = Span::millis(1_000);

/// How long somebody new is waited for: the operator asks again every tenth of a second.
const JOINS: Span = Span::secs(8);

/// A siege under way.
#[derive(Clone, Debug)]
pub(super) struct Siege {
    steps: VecDeque<Step>,
    /// How long each step is waited for.
    patience: Span,
    /// Until when the next one is.
    until: Time,
    /// What of it has still to end: where, and when.
    pub stands: Vec<(u32, Time)>,
}

/// At that moment, these deeds.
#[derive(Clone, Debug)]
pub(super) struct Step {
    moment: Moment,
    /// Looks at that moment that it lets pass first.
    passes: u64,
    /// Whether what was done before ends first.
    pub relieves: bool,
    /// Whether clients look for a deposed leader from then on.
    pub probes: bool,
    pub deeds: Vec<Deed>,
    /// How long they last.
    pub lasts: Span,
}

/// Moments of whoever leads, in which it can be lost with something that others lack.
const LEADS: [Moment; 3] = [Moment::IsAhead, Moment::Commits, Moment::LeadsAnew];
const BEGINS: [Moment; 2] = [Moment::Wins, Moment::LeadsAnew];
const COUNTS: [Moment; 4] = [
    Moment::Inherits,
    Moment::Inherits,
    Moment::Commits,
    Moment::IsAhead,
];
const CHANGED: [Moment; 3] = [Moment::Commits, Moment::Adopts, Moment::Changes];

/// How a leader is lost.
const LOSSES: [Deed; 7] = [
    Deed::Isolate,
    Deed::Isolate,
    Deed::IsolateTwo,
    Deed::IsolateTwo,
    Deed::Split,
    Deed::Crash,
    Deed::Pause,
];

impl Siege {
    /// A siege of that kind.
    pub fn of(fault: Fault, run: &Simulation, draws: &mut Draws) -> Siege {
        let longest = run.settings.timing.election_timeout_max;
        let mut patience = PATIENCE.max(longest * TIMEOUTS);
        let steps = match fault {
            Fault::Usurp => usurp(run, draws),
            Fault::Newcomer => {
                patience = patience.max(JOINS);
                newcomer(run, draws)
            }
            _ => match draws.below(8) {
                0 => deafen(run, draws),
                1 => stand_twice(run, draws),
                2..5 => depose(run, draws),
                _ => depose_in_changes(run, draws),
            },
        };
        Siege {
            steps: steps.into(),
            patience,
            until: run.now() + patience,
            stands: Vec::new(),
        }
    }

    /// The next step, if its moment has come, with the server that is in it.
    pub fn comes(&mut self, run: &Simulation, before: &[Seen]) -> Option<(Step, NodeId)> {
        let step = self.steps.front_mut()?;
        let node = step.moment.who(run, before)?;
        if step.passes > 0 {
            step.passes -= 1;
            return None;
        }
        self.until = run.now() + self.patience;
        Some((self.steps.pop_front()?, node))
    }

    /// Whether there is more to come.
    pub fn goes_on(&self, now: Time) -> bool {
        !self.steps.is_empty() && now < self.until
    }
}

impl Step {
    fn new(moment: Moment, deeds: &[Deed], lasts: Span) -> Step {
        Step {
            moment,
            passes: 0,
            relieves: false,
            probes: false,
            deeds: deeds.to_vec(),
            lasts,
        }
    }

    fn relieving(self) -> Step {
        Step {
            relieves: true,
            ..self
        }
    }

    fn probing(self) -> Step {
        Step {
            probes: true,
            ..self
        }
    }

    fn passing(self, passes: u64) -> Step {
        Step { passes, ..self }
    }
}

/// From one to several elections.
fn elections(run: &Simulation, draws: &mut Draws) -> Span {
    let longest = run.settings.timing.election_timeout_max;
    draws.span(longest, longest * 6)
}

/// Whoever leads goes on to speak, and hears nobody for long.
fn deafen(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let longest = run.settings.timing.election_timeout_max;
    let lasts = draws.span(longest * 10, longest * 40);
    vec![Step::new(Moment::Commits, &[Deed::Deafen], lasts)]
}

/// Two stand in one term, and a voter that has voted for one of them starts again before the other's request
/// arrives.
fn stand_twice(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let timing = &run.settings.timing;
    let (shortest, longest) = (timing.election_timeout_min, timing.election_timeout_max);
    let late = draws.span(shortest, shortest + longest);
    vec![
        Step::new(Moment::Commits, &[Deed::Blink], Span::ZERO),
        Step::new(Moment::Stands, &[Deed::HoldSent], late),
        Step::new(Moment::Grants, &[Deed::Blink], Span::ZERO),
        Step::new(Moment::Wins, &[Deed::Isolate], elections(run, draws)),
    ]
}

/// Whoever leads is lost, and whoever was lost before comes back.
fn depose(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let (usual, lasts) = (draws.one_of(&LOSSES), elections(run, draws));
    let mut steps = Vec::new();
    for moments in [&LEADS[..], &BEGINS, &COUNTS, &BEGINS] {
        let moment = draws.one_of(moments);
        let deed = match draws.below(4) {
            0 => draws.one_of(&LOSSES),
            _ => usual,
        };
        steps.push(Step::new(moment, &[deed], lasts).relieving());
    }
    let many = 2 + draws.below(3) as usize;
    steps.truncate(many);
    steps
}

/// Whoever leads is lost while it changes the members, and others change them in another way.
fn depose_in_changes(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let lasts = elections(run, draws);
    let change = |draws: &mut Draws| match draws.below(4) {
        0 => Deed::Reshape,
        _ => Deed::ReshapeByOne,
    };
    let mut steps = vec![Step::new(Moment::Commits, &[change(draws)], lasts)];
    for moments in [&[Moment::Changes][..], &BEGINS, &CHANGED] {
        let moment = draws.one_of(moments);
        let mut deeds = vec![draws.one_of(&LOSSES)];
        if draws.below(4) > 0 {
            deeds.push(change(draws));
        }
        steps.push(Step::new(moment, &deeds, lasts).relieving());
    }
    let many = 3 + draws.below(2) as usize;
    steps.truncate(many);
    steps
}

/// Another server may win while the leader has a lease, and clients ask both.
fn usurp(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let lasts = elections(run, draws);
    let shortest = run.settings.timing.election_timeout_min;
    let least = Span((shortest.0 >> 5) << draws.below(5));
    let briefly = draws.span(least, least * 2);
    let mut steps = Vec::new();
    if draws.below(2) == 1 {
        steps.push(Step::new(Moment::HoldsLease, &[Deed::Drift], lasts));
    }
    let lost = draws.one_of(&[
        Deed::Isolate,
        Deed::Isolate,
        Deed::Part,
        Deed::Part,
        Deed::Deafen,
    ]);
    let passes = draws.below(8);
    let first = Step::new(Moment::HoldsLease, &[lost], lasts).probing();
    steps.push(first.passing(passes));
    match draws.below(4) {
        0 => {}
        1 => {
            let deeds = [Deed::BlinkOthers, Deed::IsolateLeader];
            steps.push(Step::new(Moment::Asks, &deeds, lasts).probing());
        }
        2 => {
            let moment = draws.one_of(&[Moment::Asks, Moment::Stands]);
            steps.push(Step::new(moment, &[Deed::IsolateLeader], lasts).probing());
        }
        _ => {
            let deeds = [Deed::PartFromLeader, Deed::HoldSent];
            steps.push(Step::new(Moment::Stands, &deeds, briefly).relieving());
            steps.push(Step::new(Moment::IsOutdated, &[Deed::Isolate], lasts).probing());
        }
    }
    steps
}

/// A server joins a cluster that holds much, and once it votes, another voter is down for long.
fn newcomer(run: &Simulation, draws: &mut Draws) -> Vec<Step> {
    let longest = run.settings.timing.election_timeout_max;
    let lasts = draws.span(longest * 10, longest * 60);
    let lost = draws.one_of(&[Deed::CrashAnother, Deed::CrashAnother, Deed::PauseAnother]);
    let mut large = vec![Deed::WriteLarge; draws.below(4) as usize];
    large.push(Deed::AddVoter);
    vec![
        Step::new(Moment::Commits, &large, lasts),
        Step::new(Moment::IsNew, &[lost], lasts),
    ]
}
