//! Why a run doesn't go on, as scripts get it: what ended it, with its words.
//!
//! A view holds what was found as the engine has it. The words are made where somebody reads them:
//! the page's first screen shows none.

use super::narrate::{found, stopped_by};
use super::words::english;
use crate::base::Time;
use crate::sim::{Stop, Violation};
use serde::{Serialize, Serializer};

/// A broken property.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct Broken {
    /// The name of the property (figure 3): "Election Safety", …
    property: &'static str,
    /// What was seen, in one sentence.
    what: String,
    /// When.
    at: Time,
}

/// A limit that stopped the run.
#[derive(Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub(super) struct Stopped {
    /// The setting: `limits.packets`.
    limit: &'static str,
    /// What there was too much of, and what can be done, in two sentences.
    what: String,
    /// When.
    at: Time,
}

/// A violation as it is written.
pub(super) type Breach = Option<Broken>;

/// A stop as it is written.
pub(super) type Halt = Option<Stopped>;

/// Writes a violation as `{property, what, at}`.
pub(super) fn violation<S: Serializer>(
    violation: &Option<Violation>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let told: Breach = violation.as_ref().map(|violation| Broken {
        property: violation.property().name(),
        what: english().text(&found(violation)),
        at: violation.at,
    });
    told.serialize(serializer)
}

/// Writes a stop as `{limit, what, at}`.
pub(super) fn stop<S: Serializer>(stop: &Option<Stop>, serializer: S) -> Result<S::Ok, S::Error> {
    let told: Halt = stop.as_ref().map(|stop| Stopped {
        limit: stop.limit.field(),
        what: english().text(&stopped_by(stop)),
        at: stop.at,
    });
    told.serialize(serializer)
}
