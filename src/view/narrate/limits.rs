//! Why a run was stopped, and what can be done about it.

use crate::sim::{Limit, Stop};

/// What there was too much of, in one sentence.
pub(super) fn reached(stop: &Stop) -> String {
    let what = match stop.limit {
        Limit::Packets => "messages between servers are under way, or wait for a disk",
        Limit::Requests => "requests and answers of clients are under way, or wait",
        Limit::Bytes => "bytes are under way, stored or remembered",
        Limit::Entries => "entries stand in one log behind its snapshot",
        Limit::Timers => "things are due later",
    };
    let (found, allowed) = (grouped(stop.found), grouped(stop.allowed.into()));
    format!("{found} {what}; {} allows {allowed}.", stop.limit.field())
}

/// What there was too much of, and what can be done, in two sentences.
pub fn found(stop: &Stop) -> String {
    let instead = match stop.limit {
        Limit::Packets => {
            "Shorter latencies and syncs, longer heartbeats and election timeouts, or fewer servers help"
        }
        Limit::Requests => {
            "Shorter latencies of the clients’ links, longer timeouts of clients, or less load help"
        }
        Limit::Bytes => "Shorter values, shorter latencies, or less load help",
        Limit::Entries => {
            "Snapshots after fewer entries (snapshot_every), fewer entries kept, or less load help"
        }
        Limit::Timers => "Less load, shorter timeouts of clients, or fewer delayed messages help",
    };
    format!("{} {instead}.", reached(stop))
}

/// A number with commas: 100,000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
