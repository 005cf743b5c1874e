//! Small things that are said in several places.

/// `1 run`, `2 runs`.
pub(super) fn many(number: u64, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

/// A text in which somebody else's may stand: nothing in it moves a terminal.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| c == '\n' || !c.is_control();
    let chars = text.chars().map(|c| match shown(c) {
        true => c.to_string(),
        false => c.escape_default().to_string(),
    });
    chars.collect()
}
