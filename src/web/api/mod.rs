//! The JavaScript API: a cluster driven from a script, without the page.
//!
//! ```js
//! import { Kvorum, ready } from "./kvorum-api.js";
//! await ready;
//! const run = new Kvorum({ scenario: "lab", seed: "7" });
//! run.run(1000);
//! run.act({ action: "request", operation: { op: "put", key: "y", value: "7" } });
//! run.run(500);
//! for (const event of run.events(0)) console.log(event.at, event.sentence);
//! ```
//!
//! Times that are arguments of [`run`](Kvorum::run) and [`seek`](Kvorum::seek) are milliseconds;
//! inside of actions, settings, events and views they are whole microseconds. Seeds and hashes are
//! strings, because JavaScript's numbers would round them.
//!
//! What can't be done throws a `KvorumError`, an `Error` with the wrong part in `field`
//! (`settings.nodes`) and a message that begins with it; nothing has changed then. Arguments are
//! plain data: objects without a class, lists, strings, whole numbers. They are copied before
//! anything else happens, so a getter may do what it likes. Fields that nobody knows are refused at
//! every depth. `www/api.html` is an example.

mod arguments;
mod sweep;
mod written;

pub use arguments::KvorumError;
pub use sweep::{shrink, sweep};

use crate::base::Time;
use crate::lesson::{Scenario, scenario};
use crate::run::{BranchId, Playhead};
use crate::sim::Action;
use crate::view::{ClusterView, StoreView, build, english, why_not};
use arguments::{bad, count, milliseconds, options, read, seed, settings, take, text, unfitting};
use js_sys::Array;
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use written::{ToldEvent, ToldReason};

/// What is thrown: a [`KvorumError`].
type Refused = JsValue;

/// The greatest whole number that JavaScript's numbers hold exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// A run of a cluster.
///
/// Its methods borrow it from within, after their arguments are copied and before an answer is
/// made: while code of the caller's may run, nothing is borrowed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Kvorum {
    /// None once it was freed.
    run: RefCell<Option<Run>>,
}

#[derive(Debug)]
struct Run {
    playhead: Playhead,
    scenario: Rc<str>,
    view: Option<ClusterView>,
}

#[wasm_bindgen]
impl Kvorum {
    /// The beginning of a run. `options` may have
    /// - `scenario`: its id, one of [`scenarios`](Kvorum::scenarios); without it, `lab`;
    /// - `seed`: a whole number below 2^64, as a string; without it, a fresh one;
    /// - `settings`: settings of the run in place of the scenario's, all or some, at every depth:
    ///   `{timing: {heartbeat: 40000}}`.
    ///
    /// # Errors
    /// Names the option that can't be.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Kvorum, Refused> {
        let mut given = self::options("options", options, &["scenario", "seed", "settings"])?;
        let id = text("scenario", take(&mut given, "scenario"))?;
        let id = id.as_deref().unwrap_or(scenario::LAB);
        let found = scenario::find(id);
        let found = found.map_err(|error| bad(&error.field, &error.why.to_string()))?;
        let mut scenario = Scenario::clone(&*found);
        let seed = match text("seed", take(&mut given, "seed"))? {
            None => getrandom::u64().map_err(|why| bad("seed", &why.to_string()))?,
            Some(text) => seed("seed", &text)?,
        };
        let changed = take(&mut given, "settings");
        if let Some(given) = &changed {
            scenario.settings = settings(&scenario.settings, given.clone())?;
        }
        let began = match changed {
            None => scenario.start(seed),
            // Other settings are another story: nothing of it is ticked off.
            Some(_) => Playhead::new(scenario.settings.clone(), seed),
        };
        let playhead =
            began.map_err(|error| bad(&format!("settings.{}", error.field), &unfitting(&error)))?;
        let run = Run {
            playhead,
            scenario: scenario.id,
            view: None,
        };
        Ok(Kvorum {
            run: RefCell::new(Some(run)),
        })
    }

    /// The ids of all scenarios.
    pub fn scenarios() -> Vec<String> {
        let all = scenario::all().into_iter();
        all.map(|scenario| scenario.id.to_string()).collect()
    }

    /// Does something with the run.
    fn with<T>(&self, work: impl FnOnce(&mut Run) -> T) -> Result<T, Refused> {
        let mut run = self.run.borrow_mut();
        let run = run.as_mut();
        run.map(work)
            .ok_or_else(|| bad("this", "the run was freed; begin another one"))
    }

    /// Gives the run's memory back. Whatever is asked of it afterwards is refused. (Nobody has to
    /// do that: a run that can't be reached any more is freed by itself.)
    pub fn free(&self) {
        self.run.take();
    }

    /// The id of the scenario.
    ///
    /// # Errors
    /// The run was freed: so for all that follow.
    #[wasm_bindgen(getter)]
    pub fn scenario(&self) -> Result<String, Refused> {
        self.with(|run| run.scenario.to_string())
    }

    /// The seed, in decimal.
    ///
    /// # Errors
    /// The run was freed.
    #[wasm_bindgen(getter)]
    pub fn seed(&self) -> Result<String, Refused> {
        self.with(|run| run.playhead.simulation().seed().to_string())
    }

    /// Where the run is, in milliseconds since its beginning.
    ///
    /// # Errors
    /// The run was freed.
    #[wasm_bindgen(getter)]
    pub fn now(&self) -> Result<f64, Refused> {
        self.with(|run| run.now())
    }

    /// Does something: `{action: "crash", node: 3}`. In the past, that begins a new branch; the
    /// answer is its number, else undefined.
    ///
    /// # Errors
    /// Names the field of the action that can't be.
    pub fn act(&self, action: &JsValue) -> Result<Option<u32>, Refused> {
        let action: Action = read("action", action)?;
        let acted = self.with(|run| run.playhead.act(action))?;
        let acted =
            acted.map_err(|error| bad(error.field, &english().text(&why_not(&error.why))))?;
        Ok(acted.branched.map(|branch| branch.0))
    }

    /// Runs on for so many milliseconds of virtual time; a broken property, or a limit of the settings
    /// (`limits`), stops the clock earlier: the view's `violation`, or `stopped`, says why.
    /// Returns where the run is then, in milliseconds.
    ///
    /// # Errors
    /// `ms` is no number, negative, or more than a day.
    pub fn run(&self, ms: &JsValue) -> Result<f64, Refused> {
        let span = milliseconds(ms)?.since(Time::ZERO);
        self.with(|run| {
            let until = run.playhead.now() + span;
            run.playhead.advance(until, || true);
            run.now()
        })
    }

    /// Goes to an instant of this branch, in milliseconds since the beginning of the run; later
    /// than its newest one, to that. Returns where the run is then.
    ///
    /// # Errors
    /// `ms` is no number, negative, or more than a day.
    pub fn seek(&self, ms: &JsValue) -> Result<f64, Refused> {
        let to = milliseconds(ms)?;
        self.with(|run| {
            run.playhead.seek(to);
            run.now()
        })
    }

    /// Takes the last action of this branch back, with all that came after it. Whether there was
    /// one.
    ///
    /// # Errors
    /// The run was freed.
    pub fn undo(&self) -> Result<bool, Refused> {
        self.with(|run| run.playhead.undo().is_some())
    }

    /// Goes to another branch, by the number that [`act`](Kvorum::act) gave; 0 is the first.
    ///
    /// # Errors
    /// There is no such branch.
    #[wasm_bindgen(js_name = switchTo)]
    pub fn switch_to(&self, branch: &JsValue) -> Result<(), Refused> {
        let number = count("branch", branch, u32::MAX.into())? as u32;
        let known = self.with(|run| run.playhead.switch(BranchId(number)))?;
        known
            .then_some(())
            .ok_or_else(|| bad("branch", &format!("there is no branch {number}")))
    }

    /// Everything that a screen would show: the ClusterView.
    ///
    /// # Errors
    /// The run was freed.
    pub fn view(&self) -> Result<JsValue, Refused> {
        let view = self.with(|run| {
            let view = build(run.playhead.simulation(), run.view.as_ref());
            run.view.insert(view).clone()
        })?;
        write(&view)
    }

    /// The nodes and shards of a store of many shards, and what its controller is about: the StoreView;
    /// undefined in a run of one group.
    ///
    /// # Errors
    /// The run was freed.
    pub fn store(&self) -> Result<JsValue, Refused> {
        match self.with(|run| StoreView::of(run.playhead.simulation()))? {
            Some(store) => write(&store),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    /// What is waited for and what stands in its way, `{reason, sentence, …}` each; nothing if nothing
    /// is waited for.
    ///
    /// # Errors
    /// The run was freed.
    #[wasm_bindgen(js_name = whyNothingMoves)]
    pub fn why_nothing_moves(&self) -> Result<Array, Refused> {
        let reasons = self.with(|run| run.playhead.simulation().why_nothing_moves())?;
        let told = reasons.into_iter().map(ToldReason::of);
        told.map(|reason| write(&reason)).collect()
    }

    /// The retained events from number `since` on, up to now, each with its `sentence`, its
    /// `words`, its time `at` in microseconds, its number `seq`, and the number of the event that led
    /// to it, its `cause`, if one did: it need not be among the retained ones, but [`why`](Kvorum::why)
    /// finds it.
    ///
    /// # Errors
    /// `since` is no whole number.
    pub fn events(&self, since: &JsValue) -> Result<Array, Refused> {
        let since = count("since", since, MAX_SAFE)?;
        let told: Vec<ToldEvent> = self.with(|run| {
            let retained_events = run.playhead.events_since(since);
            let told = retained_events.map(|retained| ToldEvent::of(&retained));
            told.collect()
        })?;
        told.iter().map(write).collect()
    }

    /// The event with number `seq` of this branch and what led to it, one after the other, the
    /// newest first, each as [`events`](Kvorum::events) tells it. Also those that aren't retained: they
    /// are found by replay. The last one's beginning is a person, a client or a timer: it has no
    /// `cause`.
    ///
    /// # Errors
    /// `seq` is no whole number, or the branch has had no such event.
    pub fn why(&self, seq: &JsValue) -> Result<Array, Refused> {
        let seq = count("seq", seq, MAX_SAFE)?;
        let walk = self.with(|run| run.playhead.why(seq))?;
        let walk = walk.ok_or_else(|| bad("seq", &format!("there is no event {seq} here")))?;
        walk.iter().map(|it| write(&ToldEvent::of(it))).collect()
    }

    /// The hash of all events so far, 16 hexadecimal digits: equal for equal runs, here and
    /// natively.
    ///
    /// # Errors
    /// The run was freed.
    pub fn hash(&self) -> Result<String, Refused> {
        self.with(|run| format!("{:016x}", run.playhead.simulation().hash()))
    }

    /// What was done on this branch, in order: `{at, processed, action}` each. With the scenario,
    /// the settings and the seed, it is the whole run.
    ///
    /// # Errors
    /// The run was freed.
    pub fn journal(&self) -> Result<JsValue, Refused> {
        let journal = self.with(|run| run.playhead.journal().to_vec())?;
        write(&journal)
    }
}

impl Run {
    fn now(&self) -> f64 {
        self.playhead.now().0 as f64 / 1_000.0
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(what: &str);
}

/// From now on a panic, which ends the module, says on the console what happened.
pub fn start() {
    std::panic::set_hook(Box::new(|info| console_error(&info.to_string())));
}

/// A value for JavaScript.
///
/// # Errors
/// Not for any value of this API.
fn write(value: &(impl Serialize + ?Sized)) -> Result<JsValue, Refused> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}
