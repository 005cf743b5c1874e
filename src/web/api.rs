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
//! inside of actions, events and views they are whole microseconds. Seeds and hashes are strings,
//! because JavaScript's numbers would round them. What can't be done throws an `Error` whose
//! message names the field and says why; nothing has changed then. `www/api.html` is an example.

mod sweep;

use crate::base::Time;
use crate::sim::{Action, BranchId, Settings, StallReason, Timeline, scenario};
use crate::view::{ClusterView, Told, build, narrate, stall};
use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The longest time that one call runs or seeks to, in milliseconds: a simulated day.
const MAX_MS: f64 = 86_400_000.0;

/// A run of a cluster.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Kvorum {
    timeline: Timeline,
    scenario: Rc<str>,
    view: Option<ClusterView>,
}

/// A reason why nothing moves, with its sentence.
#[derive(Serialize)]
struct ToldReason {
    sentence: String,
    #[serde(flatten)]
    reason: StallReason,
}

/// An event with its whole sentence.
#[derive(Serialize)]
struct ToldEvent {
    sentence: String,
    #[serde(flatten)]
    told: Told,
}

#[wasm_bindgen]
impl Kvorum {
    /// The beginning of a run. `options` may have
    /// - `scenario`: its id, one of [`scenarios`](Kvorum::scenarios); without it, `lab`;
    /// - `seed`: a whole number below 2^64, as a string; without it, a fresh one;
    /// - `settings`: settings of the run in place of the scenario's, all or some.
    ///
    /// # Errors
    /// Names the option that can't be.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Kvorum, JsError> {
        let options = if options.is_undefined() {
            Object::new().into()
        } else {
            options
        };
        known(&options, &["scenario", "seed", "settings"])?;
        let id = text(&options, "scenario")?.unwrap_or_else(|| "lab".into());
        let scenario = scenario::find(&id)?;
        let seed = match text(&options, "seed")? {
            None => getrandom::u64().map_err(|why| bad("seed", &why.to_string()))?,
            Some(seed) => seed.parse().map_err(|_| {
                bad(
                    "seed",
                    "a whole number from 0 to 18446744073709551615 is needed",
                )
            })?,
        };
        let settings = Reflect::get(&options, &"settings".into()).unwrap_or_default();
        let timeline = if settings.is_undefined() {
            Timeline::of(&scenario, seed)?
        } else {
            Timeline::new(settings_of(&scenario.settings, settings)?, seed)?
        };
        Ok(Kvorum {
            timeline,
            scenario: scenario.id.clone(),
            view: None,
        })
    }

    /// The ids of all scenarios.
    pub fn scenarios() -> Vec<String> {
        let all = scenario::all().into_iter();
        all.map(|scenario| scenario.id.to_string()).collect()
    }

    /// The id of the scenario.
    #[wasm_bindgen(getter)]
    pub fn scenario(&self) -> String {
        self.scenario.to_string()
    }

    /// The seed, in decimal.
    #[wasm_bindgen(getter)]
    pub fn seed(&self) -> String {
        self.timeline.simulation().seed().to_string()
    }

    /// Where the run is, in milliseconds since its beginning.
    #[wasm_bindgen(getter)]
    pub fn now(&self) -> f64 {
        self.timeline.now().0 as f64 / 1_000.0
    }

    /// Does something: `{action: "crash", node: 3}`. In the past, that begins a new branch; the
    /// answer is its number, else undefined.
    ///
    /// # Errors
    /// Names the field of the action that can't be.
    pub fn act(&mut self, action: JsValue) -> Result<Option<u32>, JsError> {
        let action: Action = read("action", &action)?;
        let acted = self.timeline.act(action)?;
        Ok(acted.branched.map(|branch| branch.0))
    }

    /// Runs on for so many milliseconds of virtual time; a broken rule, or a limit of the settings
    /// (`limits`), stops the clock earlier: the view's `violation`, or `stopped`, says why.
    /// Returns where the run is then, in milliseconds.
    ///
    /// # Errors
    /// `ms` is no number, negative, or more than a day.
    pub fn run(&mut self, ms: f64) -> Result<f64, JsError> {
        let until = self.timeline.now() + time(ms)?.since(Time::ZERO);
        self.timeline.advance(until, || true);
        Ok(self.now())
    }

    /// Goes to an instant of this branch, in milliseconds since the beginning of the run; later
    /// than its newest one, to that. Returns where the run is then.
    ///
    /// # Errors
    /// `ms` is no number, negative, or more than a day.
    pub fn seek(&mut self, ms: f64) -> Result<f64, JsError> {
        self.timeline.seek(time(ms)?);
        Ok(self.now())
    }

    /// Takes the last action of this branch back, with all that came after it. Whether there was
    /// one.
    pub fn undo(&mut self) -> bool {
        self.timeline.undo().is_some()
    }

    /// Goes to another branch, by the number that [`act`](Kvorum::act) gave; 0 is the first.
    ///
    /// # Errors
    /// There is no such branch.
    #[wasm_bindgen(js_name = switchTo)]
    pub fn switch_to(&mut self, branch: u32) -> Result<(), JsError> {
        let known = self.timeline.switch(BranchId(branch));
        known
            .then_some(())
            .ok_or_else(|| bad("branch", "there is no such branch"))
    }

    /// Everything that a screen would show: the ClusterView.
    ///
    /// # Errors
    /// Not for any state that a run can reach.
    pub fn view(&mut self) -> Result<JsValue, JsError> {
        let view = build(self.timeline.simulation(), self.view.as_ref());
        let view = self.view.insert(view);
        write(view)
    }

    /// What is waited for and what stands in its way, `{reason, sentence, …}` each; nothing if nothing
    /// is waited for.
    ///
    /// # Errors
    /// Not for any state that a run can reach.
    #[wasm_bindgen(js_name = whyNothingMoves)]
    pub fn why_nothing_moves(&self) -> Result<Array, JsError> {
        let reasons = self.timeline.simulation().why_nothing_moves();
        let told = reasons.into_iter().map(|reason| {
            let sentence = stall(&reason);
            write(&ToldReason { sentence, reason })
        });
        told.collect()
    }

    /// The retained events from number `since` on, up to now, each with its `sentence`, its
    /// `words`, its time `at` in microseconds and its number `seq`.
    ///
    /// # Errors
    /// `since` is no whole number.
    pub fn events(&self, since: f64) -> Result<Array, JsError> {
        if !(since >= 0.0 && since.fract() == 0.0) {
            return Err(bad("since", "the number of an event is needed, 0 or more"));
        }
        let scenes = self.timeline.events_since(since as u64);
        let told = scenes.map(|scene| {
            let told = narrate(scene);
            let sentence = told.sentence();
            write(&ToldEvent { sentence, told })
        });
        told.collect()
    }

    /// The hash of all events so far, 16 hexadecimal digits: equal for equal runs, here and
    /// natively.
    pub fn hash(&self) -> String {
        format!("{:016x}", self.timeline.simulation().hash())
    }

    /// What was done on this branch, in order: `{at, processed, action}` each. With the scenario
    /// and the seed, it is the whole run.
    ///
    /// # Errors
    /// Not for any journal that can be made.
    pub fn journal(&self) -> Result<JsValue, JsError> {
        write(self.timeline.journal())
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

fn bad(field: &str, why: &str) -> JsError {
    JsError::new(&format!("{field}: {why}"))
}

fn time(ms: f64) -> Result<Time, JsError> {
    if (0.0..=MAX_MS).contains(&ms) {
        Ok(Time((ms * 1_000.0).round() as u64))
    } else {
        Err(bad("ms", "a number from 0 to 86400000 is needed"))
    }
}

/// A field that is a string, if it is there.
fn text(object: &JsValue, field: &str) -> Result<Option<String>, JsError> {
    let value = Reflect::get(object, &field.into()).unwrap_or_default();
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let text = value.as_string();
    text.map(Some)
        .ok_or_else(|| bad(field, "a string is needed"))
}

/// Refuses what is no object, and fields that nobody knows.
fn known(object: &JsValue, fields: &[&str]) -> Result<(), JsError> {
    let Some(object) = object.dyn_ref::<Object>() else {
        return Err(bad("options", "an object is needed"));
    };
    let keys = Object::keys(object);
    let mut keys = keys.iter().filter_map(|key| key.as_string());
    match keys.find(|key| !fields.contains(&key.as_str())) {
        Some(key) => Err(bad(&key, "there is no such option")),
        None => Ok(()),
    }
}

/// The given settings, over those of the scenario.
fn settings_of(scenario: &Settings, given: JsValue) -> Result<Settings, JsError> {
    let Some(given) = given.dyn_ref::<Object>() else {
        return Err(bad("settings", "an object is needed"));
    };
    let all: Object = write(scenario)?.unchecked_into();
    read("settings", &Object::assign(&all, given))
}

fn write(value: &(impl Serialize + ?Sized)) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}

/// Reads an object. An error names the field: serde doesn't say where a wrong value stands, but
/// without that field the complaint is another one. The field `what` is the tag that says which
/// fields there are.
fn read<T: DeserializeOwned>(what: &str, value: &JsValue) -> Result<T, JsError> {
    let complaint = |error: serde_wasm_bindgen::Error| {
        let said = error.to_string();
        said.strip_prefix("Error: ").unwrap_or(&said).to_owned()
    };
    let without = |key: &JsValue| {
        let copy = Object::assign(&Object::new(), value.unchecked_ref());
        Reflect::delete_property(&copy, key).ok()?;
        serde_wasm_bindgen::from_value::<T>(copy.into()).err()
    };
    serde_wasm_bindgen::from_value(value.clone()).map_err(|error| {
        let error = complaint(error);
        let keys = value.dyn_ref::<Object>().map(Object::keys);
        let keys = keys.unwrap_or_default();
        let mut others = keys.iter().filter(|key| key != what);
        let blamed = others.find(|key| without(key).map(complaint).as_ref() != Some(&error));
        let field = blamed.and_then(|key| key.as_string());
        bad(field.as_deref().unwrap_or(what), &error)
    })
}
