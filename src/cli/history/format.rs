//! What a file is, by its beginning.

use super::line::foreign;
use crate::cli::Unusable;

/// Bytes that are looked at.
pub(super) const HEAD: u64 = 2_048;

/// How a history is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Lines,
    Edn,
}

/// Compressed files that aren't unpacked here: how they begin, and what they are.
const PACKED: [(&[u8], &str); 4] = [
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd -d"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz -d"),
    (b"BZh", "bzip2 -d"),
    (b"PK\x03\x04", "unzip"),
];

/// The format of a file that begins so.
///
/// # Errors
/// If it is known to be something else.
pub(super) fn of(head: &[u8]) -> Result<Format, Unusable> {
    if let Some((_, tool)) = PACKED.iter().find(|(magic, _)| head.starts_with(magic)) {
        let message = format!("it is compressed; unpack it first ({tool}), or use gzip");
        return Err(Unusable::new(message));
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut signs = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace() && **byte != b',');
    let format = match signs.next() {
        Some(b'#') if !text.trim_ascii_start().starts_with(b"#run=") => Format::Edn,
        Some(b';' | b'(' | b':') => Format::Edn,
        Some(b'{') if signs.next() == Some(&b':') => Format::Edn,
        Some(b'[') => match (signs.next(), signs.next()) {
            (Some(b'{'), Some(b':')) | (Some(b'#' | b';'), _) => Format::Edn,
            _ => Format::Lines,
        },
        _ => Format::Lines,
    };
    let text = text.trim_ascii_start();
    let is_link = ["http://", "https://", "#run=", "run="];
    if is_link
        .iter()
        .any(|start| text.starts_with(start.as_bytes()))
    {
        let message = "this is a link to a run, no history: `kvorum replay` takes it";
        return Err(Unusable::new(message));
    }
    Ok(format)
}

/// What a file is whose first line isn't a whole object, if it is something that is known.
pub(super) fn hint(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head);
    let has = |name: &str| text.contains(&format!("\"{name}\""));
    let is_list = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('[');
    if is_list {
        return Some(
            "the file is a list; one operation a line is expected (jq -c '.[]' FILE makes such a \
             history)",
        );
    }
    let spans_lines = text.trim_start().lines().next().map(str::trim) == Some("{");
    let message = "an object goes on over several lines; one operation a line is expected \
                   (jq -c . FILE)";
    foreign(&has).or((spans_lines && has("op")).then_some(message))
}
