//! Text from outside (keys, values, names), made fit for the screen: in this one place; and how
//! times and counts are written.
//!
//! Some characters have no shape of their own and change how others are shown: marks that turn the
//! direction of writing, spaces without a width, control characters. One in a key could turn a
//! sentence around, or make two keys look the same. Each is shown as `\u{fffd}`.

use crate::base::Time;
use std::borrow::Cow;

/// What is shown for a character that can't be seen.
const MARK: char = '\u{fffd}';

/// Makes one picture of two: a woman and a rocket are an astronaut.
const JOINER: char = '\u{200d}';

/// Asks for the coloured form of the symbol before it.
const EMOJI_STYLE: char = '\u{fe0f}';

/// A text of which every character can be seen.
pub fn clean(text: &str) -> Cow<'_, str> {
    if characters(text).any(|(_, hidden)| hidden) {
        Cow::Owned(characters(text).map(shown).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for a terminal, which would do what an escape sequence says: what can't be seen is
/// written as JSON has it in a string, `\u202e`, so that JSON still says the same. Ends of lines and
/// tabs stay.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let is_odd = |(c, hidden): (char, bool)| hidden && !matches!(c, '\n' | '\t');
    if !characters(text).any(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for (c, hidden) in characters(text) {
        if is_odd((c, hidden)) {
            let units = &mut [0; 2];
            let units = c.encode_utf16(units).iter();
            out.extend(units.map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The first `most` characters of a text, each of which can be seen; an ellipsis for the rest.
pub fn beginning(text: &str, most: usize) -> String {
    let mut rest = characters(text);
    let mut out: String = rest.by_ref().take(most).map(shown).collect();
    if rest.next().is_some() {
        // Half of a joined picture would be another picture, with a joiner to nothing.
        out.truncate(out.trim_end_matches(JOINER).len());
        out.push('…');
    }
    out
}

/// The same in no more than `most` characters, the ellipsis among them.
pub fn clip(text: &str, most: usize) -> String {
    match text.chars().nth(most) {
        None => clean(text).into_owned(),
        Some(_) => beginning(text, most.saturating_sub(1)),
    }
}

/// A value in running text, of at most `most` characters: in quotes where one wouldn't see where it
/// begins and ends.
pub fn value(text: &str, most: usize) -> String {
    let short = beginning(text, most);
    if text.is_empty() || text.contains(char::is_whitespace) {
        format!("\"{short}\"")
    } else {
        short
    }
}

/// Seconds with milliseconds, as everywhere on the screen: `2.712`.
pub fn seconds(at: Time) -> String {
    format!("{}.{:03}", at.0 / 1_000_000, at.0 / 1_000 % 1_000)
}

/// A count and its noun: `1 message`, `3 messages`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The same with a noun whose plural isn't made with an s: `1 entry`, `3 entries`.
pub fn count_of(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The characters of a text, and whether each is one that can't be seen.
pub fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut rest = text.chars().peekable();
    let mut before = '\0';
    std::iter::from_fn(move || {
        let c = rest.next()?;
        let joins = c == JOINER
            && (before == EMOJI_STYLE || is_pictograph(before))
            && rest.peek().copied().is_some_and(is_pictograph);
        before = c;
        Some((c, !joins && (c.is_control() || is_invisible(c))))
    })
}

fn shown((c, hidden): (char, bool)) -> char {
    if hidden { MARK } else { c }
}

/// Characters that a joiner may stand between: pictures, and the symbols that go with them.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Characters without a shape of their own (Unicode's Default_Ignorable_Code_Point, but for those
/// that choose a form of the character before them), and separators of lines.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_as_a_mark() {
        assert_eq!(clean("plain ü 🦀"), "plain ü 🦀");
        for c in [
            '\u{202e}', '\u{2066}', '\u{61c}', '\u{200b}', '\u{feff}', '\u{1b}', '\u{9b}', '\n',
            '\0',
        ] {
            let text = format!("a{c}b");
            assert_eq!(clean(&text), "a\u{fffd}b", "{c:?}");
            assert_eq!(beginning(&text, 2), "a\u{fffd}…", "{c:?}");
            assert_eq!(clip(&text, 3), "a\u{fffd}b", "{c:?}");
        }
        let astronaut = "👩\u{200d}🚀";
        assert_eq!(clean(astronaut), astronaut);
        assert_eq!(clean("a\u{200d}b"), "a\u{fffd}b");
    }

    #[test]
    fn a_terminal_does_not_do_what_a_text_says() {
        assert_eq!(escaped("a\tb\n✓ 🦀"), "a\tb\n✓ 🦀");
        assert_eq!(escaped("\u{1b}[2J\u{202e}"), "\\u001b[2J\\u202e");
        assert_eq!(escaped("\u{e0041}"), "\\udb40\\udc41");
    }

    #[test]
    fn a_text_that_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(beginning("abcd", 3), "abc…");
        assert_eq!(beginning("abc", 3), "abc");
        assert_eq!(clip("abcd", 3), "ab…");
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(beginning("a👩\u{200d}🚀", 3), "a👩…");
    }
}
