//! Why a run doesn't go on: a limit stopped it, or what is waited for can't come.

use crate::base::Time;
use crate::sim::StallReason;
use serde::Serialize;

/// Why nothing moves.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StalledView {
    /// Since when something has been waited for.
    pub since: Time,
    /// When that was looked at.
    pub at: Time,
    /// What is waited for, and what stands in its way; [`stall`](super::stall()) has the words.
    pub reasons: Vec<StallReason>,
}

/// A limit that stopped the run.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StopView {
    /// The setting: `limits.packets`.
    pub limit: &'static str,
    /// What there was too much of, and what can be done, in two sentences.
    pub what: String,
    /// When.
    pub at: Time,
}
