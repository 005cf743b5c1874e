//! Sweeps for scripts: many runs of a plan, one from each seed (see [`crate::sim::sweep`]).
//!
//! A worker of the page's sweep panel is `www/sweep-worker.js`: it calls these.

use super::{bad, known, read, text, write};
use crate::base::Span;
use crate::raft::Rules;
use crate::sim::sweep::{self, Coverage, Failure, Plan, Profile};
use js_sys::Reflect;
use serde::Serialize;
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

/// The most seeds of one call.
const MAX_SEEDS: u32 = 10_000;

/// What came of some runs.
#[derive(Serialize)]
struct Swept {
    runs: u32,
    /// Milliseconds of virtual time, all runs together.
    simulated: f64,
    coverage: BTreeMap<&'static str, u64>,
    failures: Vec<Failed>,
}

#[derive(Serialize)]
struct Failed {
    seed: String,
    name: &'static str,
    what: String,
}

/// Runs `count` seeds from `from` on (a whole number as a string) and says what came of them:
/// `{runs, simulated, coverage: {name: count}, failures: [{seed, name, what}]}`. `plan` may have
/// - `profile`: `calm`, `rough` (as without it) or `hostile`;
/// - `nodes`: how many servers; without it each run draws its own number;
/// - `rules`: `{off: ["pre-vote"]}`;
/// - `storm`: how long the faults last, in milliseconds.
///
/// # Errors
/// Names the field that can't be.
#[wasm_bindgen]
pub fn sweep(plan: &JsValue, from: &str, count: u32) -> Result<JsValue, JsError> {
    let (plan, from) = (plan_of(plan)?, seed(from)?);
    if count > MAX_SEEDS {
        return Err(bad("count", &format!("at most {MAX_SEEDS} in one call")));
    }
    let mut coverage = Coverage::default();
    let mut swept = Swept {
        runs: 0,
        simulated: 0.0,
        coverage: BTreeMap::new(),
        failures: Vec::new(),
    };
    for at in 0..u64::from(count) {
        let Some(seed) = from.checked_add(at) else {
            break;
        };
        let report = sweep::run(&plan, seed);
        swept.runs += 1;
        swept.simulated += report.simulated.0 as f64 / 1_000.0;
        coverage.merge(&report.coverage);
        swept.failures.extend(report.failure.map(|failure| Failed {
            seed: seed.to_string(),
            name: failure.name(),
            what: what(&failure),
        }));
    }
    swept.coverage = coverage.counts().collect();
    write(&swept)
}

/// The failing run of a plan from a seed, made as small as it gets within `tries` tries: a
/// recording, for a file or for the page. Undefined if it doesn't fail.
///
/// # Errors
/// Names the field that can't be.
#[wasm_bindgen]
pub fn shrink(plan: &JsValue, seed_text: &str, tries: u32) -> Result<JsValue, JsError> {
    let (plan, seed) = (plan_of(plan)?, seed(seed_text)?);
    let recording = sweep::shrink(&plan, seed, &mut |tried, _| tried < tries);
    recording.map_or(Ok(JsValue::UNDEFINED), |recording| write(&recording))
}

fn what(failure: &Failure) -> String {
    match failure {
        Failure::Violated(violation) => crate::view::found(violation),
        Failure::Stopped(stop) => crate::view::stopped_by(stop),
        Failure::Unavailable { since } => {
            format!("Nothing was in the way since {since}, and no write was answered.")
        }
        Failure::Diverged { since } => {
            format!("Nothing was in the way since {since}, and the servers still disagree.")
        }
    }
}

fn seed(text: &str) -> Result<u64, JsError> {
    let why = "a whole number from 0 to 18446744073709551615 is needed";
    text.parse().map_err(|_| bad("seed", why))
}

fn plan_of(plan: &JsValue) -> Result<Plan, JsError> {
    known(plan, &["profile", "nodes", "rules", "storm"])?;
    let field = |name: &str| Reflect::get(plan, &name.into()).unwrap_or_default();
    let number = |name: &str| {
        let value = field(name);
        if value.is_undefined() || value.is_null() {
            return Ok(None);
        }
        let whole = value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0);
        whole
            .map(Some)
            .ok_or_else(|| bad(name, "a whole number is needed"))
    };
    let mut of = Plan::default();
    if let Some(name) = text(plan, "profile")? {
        let unknown = || bad("profile", "there are calm, rough, hostile");
        of.profile = Profile::from_name(&name).ok_or_else(unknown)?;
    }
    of.nodes = number("nodes")?.map(|nodes| nodes as u32);
    if let Some(ms) = number("storm")? {
        of.storm = Span((ms * 1_000.0) as u64);
    }
    let rules = field("rules");
    if !rules.is_undefined() {
        of.rules = read::<Rules>("rules", &rules)?;
    }
    of.check()?;
    Ok(of)
}
