//! Making a failing run small: first what chaos and the load did becomes a script of actions,
//! then whatever the failure doesn't need is left out of it.
//!
//! A run doesn't change by being written out like this, but for events at the same microsecond.
//! What is left out are halves, then quarters, and so on down to single actions (Zeller's delta
//! debugging), until no single action can go any more.

use super::trial::{self, AFTERMATH, Lasts, Line};
use super::{Failure, SweepPlan};
use crate::base::{Span, Time};
use crate::run::{Playhead, Recording};
use crate::sim::{Action, Chaos, Event, LinkSettings, Settings};

/// How much later than in the whole run a property may break in a part of it.
const SLACK: Span = Span::secs(1);

/// A failing run in the making.
struct Shrinker<'a> {
    plan: &'a SweepPlan,
    seed: u64,
    /// The name of the failure: a part that fails otherwise is another story.
    name: &'static str,
    /// When a property broke; none, if the cluster didn't recover.
    broke: Option<Time>,
    /// Whether enough servers kept their disks. Then a part in which they don't, because a change of
    /// the members was left out, is another story.
    bears: bool,
    settings: Settings,
    script: Vec<Line>,
    /// Tries so far, and whether to go on.
    go_on: &'a mut dyn FnMut(u32, usize) -> bool,
    tries: u32,
}

/// The failing run of a plan from a seed, with as few actions as can be found; `None` if it
/// doesn't fail. `go_on` is called before every try with the number of tries and the actions
/// left; when it says no, the smallest run so far is the result.
pub fn shrink(
    plan: &SweepPlan,
    seed: u64,
    go_on: &mut dyn FnMut(u32, usize) -> bool,
) -> Option<Recording> {
    let settings = plan.settings(seed);
    let mut script = Vec::new();
    let mut watch = |event: &Event| script.extend(trial::explicit(event));
    let lasts = Lasts::AndThenCalm(plan.storm);
    let done = trial::script(&settings, seed, plan.storm);
    let (whole, failure) = trial::storm(settings.clone(), seed, lasts, &done, &mut watch);
    let failure = failure?;
    let broke = match failure {
        Failure::Violated(violation) => Some(violation.at),
        Failure::Stopped(stop) => Some(stop.at),
        _ => {
            // What comes after the storm isn't part of the script.
            let over = Time::ZERO + plan.storm;
            script.retain(|(at, _)| *at < over);
            None
        }
    };
    let mut shrinker = Shrinker {
        plan,
        seed,
        name: failure.name(),
        broke,
        bears: whole.bears_losses(None),
        settings,
        script: Vec::new(),
        go_on,
        tries: 0,
    };
    shrinker.write_out(&script);
    shrinker.leave_out();
    shrinker.calm_the_network();
    Some(shrinker.recording())
}

impl Shrinker<'_> {
    fn fails(&mut self, settings: &Settings, script: &[Line]) -> bool {
        self.tries += 1;
        let lasts = match self.broke {
            Some(at) => Lasts::Only(at.since(Time::ZERO) + SLACK),
            None => Lasts::AndThenCalm(self.plan.storm),
        };
        let (end, failure) = trial::storm(settings.clone(), self.seed, lasts, script, &mut |_| {});
        let comparable = self.broke.is_some() || end.bears_losses(None) == self.bears;
        comparable && failure.is_some_and(|failure| failure.name() == self.name)
    }

    /// Replaces chaos and the load by what they did, if the run still fails then.
    fn write_out(&mut self, script: &[Line]) {
        let quiet = Settings {
            chaos: Chaos::default(),
            load: 0,
            ..self.settings.clone()
        };
        let is_request = |line: &&Line| matches!(line.1, Action::Request { .. });
        let faults: Vec<_> = script
            .iter()
            .filter(|it| !is_request(it))
            .cloned()
            .collect();
        let loaded = Settings {
            load: self.settings.load,
            ..quiet.clone()
        };
        for (settings, script) in [(quiet, script.to_vec()), (loaded, faults)] {
            if self.fails(&settings, &script) {
                (self.settings, self.script) = (settings, script);
                return;
            }
        }
        // Written out, it doesn't fail: it stays what it was, with what was done to it.
        let over = Time::ZERO + self.plan.storm;
        self.script = trial::script(&self.settings, self.seed, self.plan.storm);
        if self.broke.is_some_and(|at| at >= over) {
            self.script.extend(trial::ending(self.plan.storm));
        }
    }

    fn leave_out(&mut self) {
        let mut size = self.script.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            let mut smaller = false;
            while from < self.script.len() {
                if !(self.go_on)(self.tries, self.script.len()) {
                    return;
                }
                let mut rest = self.script.clone();
                rest.drain(from..(from + size).min(rest.len()));
                let settings = self.settings.clone();
                if self.fails(&settings, &rest) {
                    self.script = rest;
                    smaller = true;
                } else {
                    from += size;
                }
            }
            // Single actions are tried until none can go: one may have needed another.
            size = if size == 1 && smaller { 1 } else { size / 2 };
        }
    }

    /// A network that loses nothing is easier to follow.
    fn calm_the_network(&mut self) {
        let link = LinkSettings::default();
        for calm in [
            Settings {
                link,
                client_link: link,
                ..self.settings.clone()
            },
            Settings {
                client_link: link,
                ..self.settings.clone()
            },
        ] {
            let script = self.script.clone();
            if self.fails(&calm, &script) {
                self.settings = calm;
                return;
            }
        }
    }

    /// The run as it is now, exact to the event, up to its failure.
    fn recording(self) -> Recording {
        let mut script = self.script;
        let storm = Time::ZERO + self.plan.storm;
        let end = match self.broke {
            Some(at) => at + SLACK,
            None => {
                let lasts = Lasts::AndThenCalm(self.plan.storm);
                let settings = self.settings.clone();
                let (run, _) = trial::storm(settings, self.seed, lasts, &script, &mut |_| {});
                script.extend(trial::ending(self.plan.storm));
                run.now()
            }
        };
        let mut playhead =
            Playhead::new(self.settings, self.seed).expect("the settings of the run that failed");
        for (at, action) in script {
            playhead.advance(at, || true);
            let _refused = playhead.act(action);
        }
        if self.broke.is_none() {
            playhead.advance(storm + AFTERMATH, || true);
            for action in trial::calm(playhead.simulation()) {
                let _refused = playhead.act(action);
            }
        }
        playhead.advance(end, || true);
        Recording::of(&playhead, None)
    }
}
