//! Share links: a [`Recording`](super::Recording) in the fragment of an address, which no server
//! ever sees.
//!
//! `#run=1.` + checksum + `.` + the recording as JSON, compressed (raw deflate, RFC 1951), in
//! base64url (RFC 4648). The `1` is the version of this frame; the engine's version stands in the
//! recording. The checksum tells a link that was cut off or changed on its way from one that
//! another version wrote. Compressing is left to whoever has the means: a browser has its own.

use crate::base::Checksum;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use std::fmt;

/// What the fragment begins with, after its `#`.
const NAME: &str = "run=";

/// The version of the frame.
const FORMAT: &str = "1";

/// The longest fragment that is looked at, in bytes.
pub const MAX_LINK: usize = 1 << 20;

/// The longest recording that a link may unfold to, in bytes: a link is not to fill a memory.
pub const MAX_RECORDING: usize = 8 << 20;

/// What is wrong with a link, and what can be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// It is longer than [`MAX_LINK`].
    TooLong,
    /// It has another frame than this version knows.
    OtherFormat {
        /// Its format, as far as it can be shown.
        found: String,
    },
    /// Its parts are missing, or aren't what the checksum was made of.
    Damaged,
    /// It is whole, but doesn't unfold to a recording.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::TooLong => write!(
                f,
                "link: longer than {MAX_LINK} characters; pass the run on as a file instead"
            ),
            LinkError::OtherFormat { found } => write!(
                f,
                "link: its format is \"{found}\", this version reads \"{FORMAT}\"; reload the page, or open the link where it was made"
            ),
            LinkError::Damaged => f.write_str(
                "link: a part is missing or was changed on the way; copy the whole link once more",
            ),
            LinkError::Unreadable { why } => write!(
                f,
                "link: it doesn't hold a run that can be read ({why}); ask whoever made it for a new one"
            ),
        }
    }
}

impl std::error::Error for LinkError {}

/// Whether a fragment, with or without its `#`, claims to be a run.
pub fn is_link(fragment: &str) -> bool {
    name_off(fragment).is_some()
}

fn name_off(fragment: &str) -> Option<&str> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    fragment.strip_prefix(NAME)
}

/// The fragment, without `#`, for a recording that was compressed to these bytes.
pub fn frame(compressed: &[u8]) -> String {
    let checksum = checksum(compressed);
    let payload = BASE64.encode(compressed);
    format!("{NAME}{FORMAT}.{checksum:08x}.{payload}")
}

/// The compressed recording in a fragment, with or without `#`.
///
/// # Errors
/// It isn't whole, or not of this format.
pub fn unframe(fragment: &str) -> Result<Vec<u8>, LinkError> {
    if fragment.len() > MAX_LINK {
        return Err(LinkError::TooLong);
    }
    let rest = name_off(fragment).ok_or(LinkError::Damaged)?;
    let (format, rest) = rest.split_once('.').ok_or(LinkError::Damaged)?;
    if format != FORMAT {
        let found = format.chars().flat_map(char::escape_default);
        let found = found.take(20).collect();
        return Err(LinkError::OtherFormat { found });
    }
    let (told, payload) = rest.split_once('.').ok_or(LinkError::Damaged)?;
    let bytes = BASE64.decode(payload).map_err(|_| LinkError::Damaged)?;
    let whole = told.len() == 8 && u32::from_str_radix(told, 16) == Ok(checksum(&bytes));
    whole.then_some(bytes).ok_or(LinkError::Damaged)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut fold = Checksum::default();
    fold.bytes(bytes);
    fold.0 as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_whole_or_not_at_all() {
        let bytes: Vec<u8> = (0..=255).collect();
        let link = frame(&bytes);
        assert!(is_link(&link) && is_link(&format!("#{link}")) && !is_link("#top"));
        assert_eq!(unframe(&link).as_ref(), Ok(&bytes));
        for end in 0..link.len() {
            assert!(unframe(&link[..end]).is_err(), "cut off at {end}");
        }
        let mut changed = 0;
        for (at, c) in link.char_indices().skip(NAME.len() + 2) {
            let other = if c == '1' { "2" } else { "1" };
            let mut link = link.clone();
            link.replace_range(at..at + 1, other);
            assert!(unframe(&link).is_err(), "changed at {at}");
            changed += 1;
        }
        assert!(changed > 300);
        assert_eq!(unframe(&"x".repeat(MAX_LINK + 1)), Err(LinkError::TooLong));
        let other = unframe("run=<2>.0.0").unwrap_err();
        assert!(matches!(other, LinkError::OtherFormat { ref found } if found == "<2>"));
    }
}
