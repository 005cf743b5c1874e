//! Progress bars on the standard error, for people: nothing is drawn where no terminal is.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

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
