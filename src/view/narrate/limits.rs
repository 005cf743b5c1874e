//! Why a run was stopped, and what can be done about it.

use crate::sim::{Limit, Stop};
use crate::view::words::{Arg, Telling, key, tell};

/// What there was too much of, in one sentence.
pub(super) fn reached(stop: &Stop) -> Telling {
    let key = match stop.limit {
        Limit::Packets => key!("limit.packets"),
        Limit::Requests => key!("limit.requests"),
        Limit::Bytes => key!("limit.bytes"),
        Limit::Entries => key!("limit.entries"),
        Limit::Timers => key!("limit.timers"),
    };
    let (found, allowed) = (Arg::Grouped(stop.found), Arg::Grouped(stop.allowed.into()));
    tell!(key, found, setting = stop.limit.field(), allowed)
}

/// What there was too much of, and what can be done, in two sentences.
pub fn found(stop: &Stop) -> Telling {
    let helps = match stop.limit {
        Limit::Packets => tell!("limit.packets-help"),
        Limit::Requests => tell!("limit.requests-help"),
        Limit::Bytes => tell!("limit.bytes-help"),
        Limit::Entries => tell!("limit.entries-help"),
        Limit::Timers => tell!("limit.timers-help"),
    };
    tell!("limit.found", reached = reached(stop), helps)
}
