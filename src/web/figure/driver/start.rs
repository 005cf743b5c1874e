//! How a run begins: with a scenario, with other rules, or as somebody recorded it.

use super::{Clock, Driver, Run, fresh_seed};
use crate::lesson::Scenario;
use crate::raft::Rules;
use crate::run::Recording;
use crate::sim::Settings;
use crate::view::words::tell;
use crate::view::{Arg, left_out};
use crate::web::hooks::wall;
use crate::web::page::{lessons, options};
use crate::web::store::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// The scenario with these rules.
pub(super) fn ruled(scenario: Rc<Scenario>, rules: Rules) -> Rc<Scenario> {
    if scenario.settings.rules == rules {
        return scenario;
    }
    let mut scenario = Scenario::clone(&scenario);
    scenario.settings.rules = rules;
    Rc::new(scenario)
}

impl Driver {
    /// Fetches a scenario, unless it is the one that is shown as it is, and starts it.
    pub(super) fn load(&self, id: String, seed: Option<&str>) {
        let seed = match seed.map_or_else(|| Ok(fresh_seed()), options::seed) {
            Ok(seed) => seed,
            Err(error) => return self.say(Notice::bad(error)),
        };
        // Whoever chooses another run needs no lesson for this one.
        let untaught = self.untaught.replace(false);
        let shown = self.run.borrow().chronicle.scenario().clone();
        if *shown.id == *id && !self.changed.get() && !untaught {
            let usual = shown.settings.rules;
            return self.start(shown, usual, seed);
        }
        self.fetch(id, move |driver, scenario| match scenario {
            Ok(scenario) => {
                let usual = scenario.settings.rules;
                driver.start(scenario, usual, seed);
                driver.changed.set(false);
            }
            Err(error) => driver.say(Notice::bad(error)),
        });
    }

    /// Gives a run that began without its lesson the lesson: the same run as far as it has come.
    pub(super) fn teach(&self) {
        if !self.untaught.replace(false) {
            return;
        }
        let id = self.run.borrow().chronicle.scenario().id.to_string();
        self.fetch(id, |driver, lesson| match lesson {
            Ok(lesson) => {
                let so_far = driver.record();
                let usual = lesson.settings.rules;
                let scenario = ruled(lesson, so_far.settings.rules);
                let (clock, carry) = {
                    let run = driver.run.borrow();
                    (run.clock.clone(), run.carry)
                };
                driver.start(scenario, usual, so_far.seed);
                let mut run = driver.run.borrow_mut();
                run.playhead.follow(so_far.journal);
                run.playhead.advance(so_far.playhead, || true);
                (run.clock, run.carry) = (clock, carry);
            }
            Err(error) => {
                driver.untaught.set(true);
                driver.say(Notice::bad(error));
            }
        });
    }

    /// Starts the run anew with other rules: the same scenario and seed, and the weather that is
    /// now.
    pub(super) fn restart(&self, rules: Rules) {
        let (scenario, usual, seed, playing) = {
            let run = self.run.borrow();
            let (shown, simulation) = (run.chronicle.scenario(), run.playhead.simulation());
            let settings = Settings {
                rules,
                chaos: *simulation.chaos(),
                load: simulation.load_per_second(),
                link: *simulation.network().settings(),
                ..shown.settings.clone()
            };
            let scenario = Scenario {
                settings,
                ..Scenario::clone(shown)
            };
            let usual = run.chronicle.usual();
            (scenario, usual, simulation.seed(), run.clock.playing)
        };
        self.changed.set(true);
        self.start(Rc::new(scenario), usual, seed);
        self.run.borrow_mut().clock.playing = playing;
        self.say(Notice::plain(tell!("first.new-run", seed)));
    }

    /// Shows a run that somebody recorded, at the moment where they were.
    pub(super) fn open(&self, recording: Recording) {
        self.untaught.set(false);
        let id = recording.scenario.clone();
        let id = id.unwrap_or_else(|| crate::lesson::scenario::LAB.into());
        self.fetch(id, move |driver, scenario| {
            // A run needs no lesson; without it, it is a free laboratory.
            let lesson = scenario.unwrap_or_else(|_| Rc::new(Scenario::lab()));
            let usual = lesson.settings.rules;
            let scenario = Scenario {
                settings: recording.settings.clone(),
                ..Scenario::clone(&lesson)
            };
            driver.changed.set(true);
            driver.start(Rc::new(scenario), usual, recording.seed);
            let mut run = driver.run.borrow_mut();
            run.playhead.follow_recording(&recording);
            let id = &run.chronicle.scenario().id;
            driver.black_box.begin(&run.playhead, id, Some(&recording));
            run.seeking = Some(recording.playhead);
            run.opened = Some(recording);
        });
    }

    /// Once a recording is replayed: whether it is the run that was recorded.
    pub(super) fn confirm(&self) {
        let opened = {
            let mut run = self.run.borrow_mut();
            match run.seeking {
                None => run.opened.take(),
                Some(_) => None,
            }
        };
        let Some(recording) = opened else {
            return;
        };
        let run = self.run.borrow();
        let problem = match run.playhead.script_problem() {
            Some(problem) => Some(left_out(problem).into()),
            None => match run.playhead.left_out().first() {
                Some(first) => Some(left_out(first).into()),
                None => {
                    let same = recording.confirm(run.playhead.simulation());
                    same.err().map(|error| Arg::Text(error.to_string()))
                }
            },
        };
        drop(run);
        if let Some(problem) = problem {
            self.say_later(Notice::bad(tell!("first.not-the-run", problem)));
        }
    }

    /// Where time stands still because of a doubt about an answer to a client, of chaos or of a change of the
    /// members: gets what is needed to go on.
    pub(super) fn call_reserve(&self) {
        let awaits = self.run.borrow().playhead.simulation().awaits_reserve();
        if !awaits || self.reserving.replace(true) {
            return;
        }
        let (me, root) = (self.me.clone(), self.root.clone());
        spawn_local(async move {
            let reserve = root.page.pieces.reserve().await;
            let Some(driver) = me.upgrade() else { return };
            root.works();
            driver.reserving.set(false);
            match reserve {
                Ok(reserve) => {
                    let playhead = &mut driver.run.borrow_mut().playhead;
                    playhead.set_reserve(Some(reserve));
                    if playhead.is_stopped() {
                        driver.tell_end(playhead);
                    }
                }
                Err(error) => {
                    driver.waiting.take();
                    driver.run.borrow_mut().pause();
                    driver.say(Notice::bad(tell!("first.cannot-go-on", error)));
                }
            }
            driver.do_what_waits();
            driver.frame(wall(), 1.0);
        });
    }

    /// Before anything is done to the run: gets who tells what comes of it.
    pub(super) fn call_narrator(&self) {
        if self.root.page.pieces.narrator_here().is_some() || self.narrating.replace(true) {
            return;
        }
        let (me, root) = (self.me.clone(), self.root.clone());
        spawn_local(async move {
            // What it tells is said with the rest of the words.
            let narrator = match root.page.languages.complete().await {
                Ok(()) => root.page.pieces.narrator().await,
                Err(error) => Err(error),
            };
            let Some(driver) = me.upgrade() else { return };
            root.works();
            driver.narrating.set(false);
            match narrator {
                Ok(_) => driver.run.borrow_mut().chronicle.retell(),
                Err(error) => driver.say(Notice::bad(tell!("first.cannot-tell", error))),
            }
            driver.show(wall());
        });
    }

    /// Fetches a scenario and goes on with it, unless another one was asked for meanwhile.
    fn fetch(
        &self,
        id: String,
        then: impl FnOnce(&Driver, Result<Rc<Scenario>, String>) + 'static,
    ) {
        let load = self.loads.get() + 1;
        self.loads.set(load);
        let (me, root) = (self.me.clone(), self.root.clone());
        spawn_local(async move {
            let pieces = &root.page.pieces;
            let loaded = lessons::load(&id, pieces).await;
            // Without it the run gets as far as its first doubt.
            let _ = pieces.reserve().await;
            let Some(driver) = me.upgrade().filter(|driver| driver.loads.get() == load) else {
                return;
            };
            root.works();
            then(&driver, loaded);
            driver.show(wall());
            driver.request();
        });
    }

    pub(super) fn start(&self, scenario: Rc<Scenario>, usual: Rules, seed: u64) {
        let mut run = self.run.borrow_mut();
        let clock = Clock {
            live: true,
            speed: run.clock.speed,
            ..Clock::default()
        };
        *run = Run::new(scenario, usual, seed, clock, &self.root.page.pieces);
        self.black_box
            .begin(&run.playhead, &run.chronicle.scenario().id, None);
        run.published.clock.live = false; // so that the refresh publishes
    }

    pub(super) fn say(&self, notice: Notice) {
        self.notify.emit(UiAction::Notice(notice));
    }

    /// Says something with words that come after the first screen's.
    pub(super) fn say_later(&self, notice: Notice) {
        let (root, notify) = (self.root.clone(), self.notify.clone());
        spawn_local(async move {
            let notice = match root.page.languages.complete().await {
                Ok(()) => notice,
                Err(error) => Notice::bad(tell!("first.cannot-tell", error)),
            };
            notify.emit(UiAction::Notice(notice));
        });
    }
}
