//! Sweeps for scripts: many runs of a plan, one from each seed (see [`crate::run::sweep`]).
//!
//! A worker of the page's sweep panel is `www/sweep-worker.js`: it calls these.

use super::arguments::{bad, count, options, seed_argument, take, text, unfitting, whole, wrong};
use super::written::{FailedRun, Swept};
use super::{Refused, write};
use crate::base::Span;
use crate::run::sweep::{self, Coverage, Failure, Profile, SweepPlan};
use crate::sim::settings::MAX_NODES;
use crate::view::{english, found, stopped_by};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;

/// The most seeds of one call.
const MAX_SEEDS: u64 = 10_000;

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
pub fn sweep(plan: &JsValue, from: &JsValue, count: &JsValue) -> Result<JsValue, Refused> {
    let (plan, from) = (plan_of(plan)?, seed_argument("from", from)?);
    let count = self::count("count", count, MAX_SEEDS)?;
    let mut coverage = Coverage::default();
    let mut swept = Swept {
        runs: 0,
        simulated: 0.0,
        coverage: BTreeMap::new(),
        failures: Vec::new(),
    };
    for at in 0..count {
        let Some(seed) = from.checked_add(at) else {
            break;
        };
        let report = sweep::run(&plan, seed);
        swept.runs += 1;
        swept.simulated += report.simulated.0 as f64 / 1_000.0;
        coverage.merge(&report.coverage);
        swept
            .failures
            .extend(report.failure.map(|failure| FailedRun {
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
pub fn shrink(plan: &JsValue, seed: &JsValue, tries: &JsValue) -> Result<JsValue, Refused> {
    let (plan, seed) = (plan_of(plan)?, seed_argument("seed", seed)?);
    let tries = count("tries", tries, u32::MAX.into())? as u32;
    let recording = sweep::shrink(&plan, seed, &mut |tried, _| tried < tries);
    recording.map_or(Ok(JsValue::UNDEFINED), |recording| write(&recording))
}

fn what(failure: &Failure) -> String {
    match failure {
        Failure::Violated(violation) => english().text(&found(violation)),
        Failure::Stopped(stop) => english().text(&stopped_by(stop)),
        Failure::Unavailable { since } => {
            format!("Nothing was in the way since {since}, and no write was answered.")
        }
        Failure::Diverged { since } => {
            format!("Nothing was in the way since {since}, and the servers still disagree.")
        }
        Failure::Restless { since } => {
            format!("Nothing was in the way since {since}, and the shards are not at rest.")
        }
    }
}

fn plan_of(plan: &JsValue) -> Result<SweepPlan, Refused> {
    let mut given = options("plan", plan, &["profile", "nodes", "rules", "storm"])?;
    let mut of = SweepPlan::default();
    if let Some(name) = text("profile", take(&mut given, "profile"))? {
        let unknown = || bad("profile", "there are calm, rough, hostile");
        of.profile = Profile::from_name(&name).ok_or_else(unknown)?;
    }
    let nodes = whole("nodes", take(&mut given, "nodes"), MAX_NODES.into())?;
    of.nodes = nodes.map(|nodes| nodes as u32);
    let longest = SweepPlan::MAX_STORM.0 / 1_000;
    if let Some(ms) = whole("storm", take(&mut given, "storm"), longest)? {
        of.storm = Span::millis(ms);
    }
    if let Some(rules) = take(&mut given, "rules") {
        let read = rules.read().map_err(|error| error.within("rules"));
        of.rules = read.map_err(|error| wrong("rules", &error))?;
    }
    of.check()
        .map_err(|error| bad(error.field, &unfitting(&error)))?;
    Ok(of)
}
