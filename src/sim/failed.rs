//! What a client that gave up knows of its operation.

use crate::base::vocabulary;
use serde::Serialize;

vocabulary! {
    /// What a client that gave up knows of its operation.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "failure")]
    pub enum Failed {
        /// It didn't happen, and never will: every try was refused before anything was done.
        "definite" Definite,
        /// It may have happened, or may happen yet, or never.
        "indefinite" Indefinite {
            /// Why it can't be known.
            why: Doubt,
        },
    }
}

vocabulary! {
    /// Why a client doesn't know whether its operation happens.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum Doubt {
        /// A try was never answered.
        "unanswered" Unanswered,
        /// A leader had appended it to its log, and then led no longer.
        "leadership_lost" LeadershipLost,
        /// Its session has expired, and an earlier try may have run before that.
        "session_expired" SessionExpired,
        /// The network may have delivered a try twice, and only one of the two was refused.
        "maybe_copied" MaybeCopied,
    }
}
