//! The driver: animation frames become virtual time.
//!
//! It owns a [`Playhead`], which has the simulation that is shown. Each frame it lets that run
//! for the elapsed wall time times the speed; the fraction of a microsecond that is left is
//! carried over. A hidden tab gets no frames, and the first one after it counts for at most
//! [`LONGEST`], so that nothing is caught up. The engines of a page get [`BUDGET`] of a frame, shared by
//! its figures (`page::pacer`); what a simulation can't do in its share, it doesn't: virtual time slows
//! down, and the clock says the true ratio.

mod again;
pub mod commands;
pub mod end;
mod jump;
mod start;

use crate::base::Time;
use crate::lesson::Scenario;
use crate::lesson::scenario::LAB;
use crate::raft::Rules;
use crate::run::Playhead;
use crate::run::Recording;
use crate::view;
use crate::view::text::seconds;
use crate::web::figure::chronicle::Chronicle;
use crate::web::figure::hooks::{Frame, Frames, wall};
use crate::web::figure::root::Root;
use crate::web::figure::store::*;
use crate::web::figure::ui_state::UiAction;
use crate::web::page::black_box::BlackBox;
use crate::web::page::on_demand::Pieces;
use crate::web::page::pacer::Paced;
use js_sys::Math;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use yew::Callback;

/// The most wall time that one frame counts for, in milliseconds.
const LONGEST: f64 = 250.0;

/// What the simulations of a page may take of one frame, in milliseconds.
const BUDGET: f64 = 2.0;

/// What a seek may take of one frame, in milliseconds: nothing else moves meanwhile.
const SEEK_BUDGET: f64 = 12.0;

/// The ratio of virtual to wall time is measured over so many milliseconds.
const WINDOW: f64 = 500.0;

/// What the components get.
#[derive(Clone, PartialEq)]
pub struct Published {
    /// The cluster.
    pub view: Same<view::ClusterView>,
    /// The story.
    pub story: Same<Story>,
    /// The clock.
    pub clock: Clock,
}

/// The run and its clock.
struct Run {
    playhead: Playhead,
    chronicle: Chronicle,
    clock: Clock,
    /// The part of a microsecond that virtual time is ahead of the playhead.
    carry: f64,
    /// The wall clock of the last frame; none while time stands still.
    last: Option<f64>,
    /// Where a seek is going.
    seeking: Option<Time>,
    /// The recording that is being replayed up to its playhead.
    opened: Option<Recording>,
    /// Wall and virtual time since the ratio was measured last.
    window: (f64, f64),
    /// The published view was built after so many steps and events, actions and branches.
    seen: (u64, usize, usize),
    published: Published,
}

/// The driver.
pub struct Driver {
    root: Rc<Root>,
    run: RefCell<Run>,
    black_box: BlackBox,
    frames: Rc<Frames>,
    publish: RefCell<Callback<Published>>,
    notify: Callback<UiAction>,
    pending: Cell<bool>,
    /// How many scenarios were asked for: only the latest is started.
    loads: Cell<u32>,
    /// Whether the run has other settings than its scenario.
    changed: Cell<bool>,
    /// Whether the lesson of the run is still to be fetched: the first screen does without.
    untaught: Cell<bool>,
    /// Whether the simulation's reserve is on the way.
    reserving: Cell<bool>,
    /// Whether who tells what happens is on the way.
    narrating: Cell<bool>,
    /// Whether the code that does what is asked for is on the way.
    fetching: Cell<bool>,
    /// What was asked for before that was here.
    waiting: RefCell<Vec<Command>>,
    me: Weak<Driver>,
}

impl Driver {
    /// A run of this scenario with these rules, standing still at its start; `reopens` if a run that
    /// is kept outside is about to be opened.
    pub fn new(
        root: Rc<Root>,
        scenario: Rc<Scenario>,
        rules: Rules,
        seed: u64,
        reopens: bool,
        notify: Callback<UiAction>,
    ) -> Rc<Driver> {
        let usual = scenario.settings.rules;
        let untaught = scenario.steps.is_empty() && *scenario.id != *LAB;
        let clock = Clock {
            live: true,
            ..Clock::default()
        };
        let scenario = start::ruled(scenario, rules);
        let run = Run::new(scenario, usual, seed, clock, &root.page.pieces);
        let (frames, black_box) = (Rc::<Frames>::default(), BlackBox::new(root.number, reopens));
        black_box.begin(&run.playhead, &run.chronicle.scenario().id, None);
        frames.show(run.frame(wall()));
        let driver = Rc::new_cyclic(|me| Driver {
            root,
            run: RefCell::new(run),
            black_box,
            frames: frames.clone(),
            publish: RefCell::default(),
            notify,
            pending: Cell::new(false),
            loads: Cell::default(),
            changed: Cell::new(rules != usual),
            untaught: Cell::new(untaught),
            reserving: Cell::default(),
            narrating: Cell::default(),
            fetching: Cell::default(),
            waiting: RefCell::default(),
            me: me.clone(),
        });
        let weak = driver.me.clone();
        frames.on_wake(Callback::from(move |()| {
            if let Some(driver) = weak.upgrade() {
                driver.request();
            }
        }));
        driver
    }

    /// Who is called with every frame.
    pub fn frames(&self) -> Rc<Frames> {
        self.frames.clone()
    }

    /// What is to be shown now.
    pub fn published(&self) -> Published {
        self.run.borrow().published.clone()
    }

    /// The run as it is, to be passed on.
    pub fn record(&self) -> Recording {
        let run = self.run.borrow();
        Recording::of(&run.playhead, Some(&run.chronicle.scenario().id))
    }

    /// Lends the run to a question, but for while a command is obeyed.
    pub(super) fn lend(&self, question: &mut dyn FnMut(&Playhead)) {
        if let Ok(run) = self.run.try_borrow() {
            question(&run.playhead);
        }
    }

    /// Who is told when that changes.
    pub fn on_publish(&self, publish: Callback<Published>) {
        *self.publish.borrow_mut() = publish;
    }

    /// Asks for one more frame.
    fn request(&self) {
        if !self.pending.replace(true) {
            self.root.page.pacer.request(self.me.clone());
        }
    }

    /// Lets time run with a share of the budget, and shows what came of it; how much was taken.
    fn frame(&self, wall: f64, share: f64) -> f64 {
        let was_stopped = self.run.borrow().playhead.is_stopped();
        let (go_on, used) = self.run.borrow_mut().advance(wall, share);
        let run = self.run.borrow();
        if run.playhead.is_stopped() && !was_stopped {
            self.tell_end(&run.playhead);
        }
        drop(run);
        self.confirm();
        if go_on {
            self.call_reserve();
        }
        self.show(wall);
        if go_on || self.frames.busy(wall) {
            self.request();
        }
        used
    }

    /// Publishes what has changed, then moves what moves.
    fn show(&self, wall: f64) {
        self.black_box.keep(&self.run.borrow().playhead);
        let changed = self.run.borrow_mut().refresh(&self.root.page.pieces);
        let (frame, published) = {
            let run = self.run.borrow();
            (run.frame(wall), run.published.clone())
        };
        if changed {
            let publish = self.publish.borrow().clone();
            publish.emit(published);
        }
        self.frames.show(frame);
    }
}

impl Paced for Driver {
    fn turn(&self, wall: f64, share: f64) -> f64 {
        self.pending.set(false);
        self.root.works();
        self.frame(wall, share)
    }
}

/// A seed that nobody asked for: short enough to be read out.
pub fn fresh_seed() -> u64 {
    getrandom::u32().map_or(7, u64::from)
}

impl Run {
    fn new(scenario: Rc<Scenario>, usual: Rules, seed: u64, clock: Clock, pieces: &Pieces) -> Run {
        let playhead = pieces.begin(&scenario, seed);
        let mut chronicle = Chronicle::new(scenario, usual);
        let published = Published {
            view: Same::from(view::build(playhead.simulation(), None)),
            story: Same::from(chronicle.story(&playhead, pieces.narrator_here())),
            clock: clock.clone(),
        };
        Run {
            playhead,
            chronicle,
            clock,
            carry: 0.0,
            last: None,
            seeking: None,
            opened: None,
            window: (0.0, 0.0),
            seen: (0, 0, 0),
            published,
        }
    }

    fn frame(&self, wall: f64) -> Frame {
        Frame {
            now: self.playhead.now().0 as f64 + self.carry,
            end: self.playhead.end(),
            wall,
            view: self.published.view.0.clone(),
        }
    }

    /// The lesson's guide reads the run where the playhead is, and acts there.
    fn guided<T>(&mut self, work: impl FnOnce(&mut Chronicle, &mut Playhead) -> T) -> T {
        work(&mut self.chronicle, &mut self.playhead)
    }

    fn pause(&mut self) {
        self.clock.playing = false;
        self.clock.actual = None;
        self.seeking = None;
    }

    fn seek(&mut self, to: Time) {
        self.pause();
        self.carry = 0.0;
        self.playhead.rewind(to);
        self.seeking = Some(to.min(self.playhead.end()));
        self.travel(SEEK_BUDGET);
    }

    /// Goes on with a seek for so many milliseconds.
    fn travel(&mut self, budget: f64) {
        if let Some(to) = self.seeking {
            let start = wall();
            let mut in_time = true;
            self.playhead.advance(to, || {
                in_time = wall() - start < budget;
                in_time
            });
            if in_time && !self.playhead.simulation().awaits_reserve() {
                self.seeking = None;
            }
        }
    }

    /// Lets time run up to this frame with a share of the budget; whether another frame is wanted, and
    /// how much was taken.
    fn advance(&mut self, wall_now: f64, share: f64) -> (bool, f64) {
        let start = wall();
        if self.seeking.is_some() {
            self.travel(SEEK_BUDGET * share);
            return (true, (wall() - start) / SEEK_BUDGET);
        }
        if !self.clock.playing {
            self.last = None;
            return (false, 0.0);
        }
        let elapsed = self
            .last
            .replace(wall_now)
            .map_or(0.0, |last| (wall_now - last).clamp(0.0, LONGEST));
        let from = self.playhead.now();
        let target = from.0 as f64 + self.carry + elapsed * self.clock.speed.0 as f64 / 1e3;
        let until = Time(target as u64);
        let budget = BUDGET * share;
        let reached = self.playhead.advance(until, || wall() - start < budget);
        let used = (wall() - start) / BUDGET;
        // Whoever can't keep up owes nothing.
        self.carry = if reached < until {
            0.0
        } else {
            target - target.floor()
        };
        self.measure(elapsed, reached.since(from).0 as f64);
        if self.playhead.is_stopped() {
            self.pause();
        }
        (self.clock.playing, used)
    }

    /// Says how fast time really runs, if that is not as fast as it should.
    fn measure(&mut self, elapsed: f64, advanced: f64) {
        self.window.0 += elapsed;
        self.window.1 += advanced;
        if self.window.0 >= WINDOW {
            let ratio = self.window.1 * 1e3 / self.window.0;
            let slow = ratio < 0.9 * self.clock.speed.0 as f64;
            // Two digits: the label shouldn't flicker.
            let unit = Math::pow(10.0, (Math::log10(ratio.max(1.0)) - 1.0).floor().max(0.0));
            self.clock.actual = slow.then(|| Speed(((ratio / unit).round() * unit) as u64));
            self.window = (0.0, 0.0);
        }
    }

    /// Builds anew what has changed since it was published; returns whether anything has.
    fn refresh(&mut self, pieces: &Pieces) -> bool {
        self.clock.live = self.playhead.is_live();
        let simulation = self.playhead.simulation();
        let branch = self.playhead.branch().id.0 as usize;
        let seen = (
            simulation.processed() + simulation.events_emitted(),
            self.playhead.actions().len(),
            branch,
        );
        let moved = seen != self.seen || self.published.view.now > self.playhead.now();
        if moved {
            self.seen = seen;
            self.published.view = Same::from(view::build(simulation, Some(&self.published.view)));
        }
        let told = moved || self.chronicle.is_stale();
        if told {
            self.published.story =
                Same::from(self.chronicle.story(&self.playhead, pieces.narrator_here()));
        }
        let ticked = self.clock != self.published.clock;
        self.published.clock = self.clock.clone();
        moved || told || ticked
    }
}
