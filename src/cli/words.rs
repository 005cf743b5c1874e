//! Small things that are said in several places.

/// `1 run`, `2 runs`.
pub(super) fn many(number: u64, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}
