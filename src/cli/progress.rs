//! Progress bars on the standard error, for people: nothing is drawn where no terminal is.

use crate::base::{Span, Time};
use crate::sim::Timeline;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// How often the bar of a run moves, in simulated time.
const STEP: Span = Span::millis(100);

/// Runs a timeline on until `until`.
pub fn advance(what: &'static str, timeline: &mut Timeline, until: Time) {
    let seconds = |time: Time| time.0 / 1_000_000;
    let bar = bar(what, seconds(until), false);
    loop {
        let next = until.min(timeline.now() + STEP);
        timeline.advance(next, || true);
        bar.set_position(seconds(timeline.now()));
        if next == until || timeline.is_stopped() {
            break;
        }
    }
    bar.finish_and_clear();
}

/// A bar up to `length`, in bytes or in things.
pub fn bar(what: &'static str, length: u64, in_bytes: bool) -> ProgressBar {
    // Hidden by itself where the standard error is no terminal.
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let counts = if in_bytes {
        "{bytes}/{total_bytes}"
    } else {
        "{pos}/{len}"
    };
    let template = format!("{{msg}} {{wide_bar}} {counts} {{elapsed}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}
