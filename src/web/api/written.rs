//! What only this API writes: what the engine and `view` have, with its sentences.

use crate::run::RetainedEvent;
use crate::sim::StallReason;
use crate::view::{Told, Word, english, narrate, stall};
use serde::Serialize;
use std::collections::BTreeMap;

/// A reason why nothing moves, with its sentence.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct ToldReason {
    /// The sentence in English, as plain text.
    sentence: String,
    #[serde(flatten)]
    reason: StallReason,
}

impl ToldReason {
    pub fn of(reason: StallReason) -> ToldReason {
        let sentence = english().text(&stall(&reason));
        ToldReason { sentence, reason }
    }
}

/// An event with its whole sentence.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct ToldEvent {
    /// The sentence in English, as plain text.
    sentence: String,
    /// The sentence in pieces, one behind the other: spaces included.
    words: Vec<Word>,
    #[serde(flatten)]
    told: Told,
}

impl ToldEvent {
    pub fn of(retained: &RetainedEvent) -> ToldEvent {
        let told = narrate(retained);
        ToldEvent {
            sentence: told.sentence(),
            words: english().words(&told.telling),
            told,
        }
    }
}

/// What came of some runs.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct Swept {
    /// How many.
    pub runs: u32,
    /// Milliseconds of virtual time, all runs together.
    pub simulated: f64,
    /// How often each kind of thing happened, by its name.
    pub coverage: BTreeMap<&'static str, u64>,
    /// The runs that failed, in the order of their seeds.
    pub failures: Vec<FailedRun>,
}

/// A run that failed.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct FailedRun {
    /// Its seed, in decimal.
    pub seed: String,
    /// What failed: the name of a property, say.
    pub name: &'static str,
    /// What was seen, in one sentence.
    pub what: String,
}
