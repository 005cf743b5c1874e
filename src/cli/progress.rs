//! Progress bars on the standard error, for people: nothing is drawn where no terminal is.

use super::interrupt;
use crate::base::{Span, Time};
use crate::run::Playhead;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether nothing is drawn even on a terminal.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// How often the bar of a run moves, in simulated time.
const STEP: Span = Span::millis(100);

/// Draws nothing from now on.
pub fn hide() {
    HIDDEN.store(true, Ordering::Relaxed);
}

/// Lets a playhead run on until `until`, or until a signal asks for the end. `look` sees it now and
/// then, and at the end.
pub fn advance(
    what: &'static str,
    playhead: &mut Playhead,
    until: Time,
    mut look: impl FnMut(&Playhead),
) {
    let seconds = |time: Time| time.0 / 1_000_000;
    let bar = bar(what, seconds(until), false);
    loop {
        let next = until.min(playhead.now() + STEP);
        playhead.advance(next, || interrupt::asked().is_none());
        look(playhead);
        bar.set_position(seconds(playhead.now()));
        if next == until || playhead.is_stopped() || interrupt::asked().is_some() {
            break;
        }
    }
    bar.finish_and_clear();
}

/// A bar up to `length`, in bytes or in things.
pub fn bar(what: &'static str, length: u64, in_bytes: bool) -> ProgressBar {
    // Hidden by itself where the standard error is no terminal.
    let target = match HIDDEN.load(Ordering::Relaxed) {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr(),
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
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
