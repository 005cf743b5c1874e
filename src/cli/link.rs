//! Recordings as files and as links.

use super::{Unusable, about, unusable};
use crate::base::json;
use crate::sim::Recording;
use crate::sim::link::{self, LinkError, MAX_RECORDING};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use std::fs::File;
use std::io::Read;

/// A link to a recording, for the laboratory at `site`.
pub(super) fn to_link(recording: &Recording, site: &str) -> Result<String, Unusable> {
    let json = serde_json::to_vec(recording).map_err(unusable)?;
    let mut compressed = Vec::new();
    DeflateEncoder::new(&*json, Compression::best()).read_to_end(&mut compressed)?;
    Ok(format!("{site}#{}", link::frame(&compressed)))
}

/// A recording from a link, or from the file of that name; `-` is standard input.
pub(super) fn read(file_or_link: &str) -> Result<Recording, Unusable> {
    let place = shortened(file_or_link);
    let recording: Recording = match fragment(file_or_link)? {
        Some(fragment) => from_fragment(&fragment).map_err(unusable)?,
        None => {
            let text = text(file_or_link).map_err(about(&place))?;
            match fragment(text.trim()).map_err(|error| error.in_file(&place))? {
                Some(fragment) => from_fragment(&fragment).map_err(unusable)?,
                None => json::parse(&text)
                    .and_then(|it| it.read())
                    .map_err(about(&place))?,
            }
        }
    };
    recording.check().map_err(unusable)?;
    Ok(recording)
}

/// The fragment that holds a run, of an address or by itself; also if a program on the way has
/// written its `#` as `%23`. `None` if the text is something else.
///
/// # Errors
/// It is an address without a run.
fn fragment(text: &str) -> Result<Option<String>, Unusable> {
    if text.starts_with('{') {
        return Ok(None);
    }
    let plain = text.replace("%23", "#").replace("%3D", "=");
    let fragment = plain.rsplit('#').next().unwrap_or_default();
    if link::is_link(fragment) {
        return Ok(Some(fragment.to_owned()));
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        let why = "this address carries no run; copy the whole link, with all that follows #run=";
        return Err(Unusable::field("link", why));
    }
    Ok(None)
}

/// A name that may be anything, short enough for a message.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn from_fragment(fragment: &str) -> Result<Recording, LinkError> {
    let unreadable = |why: String| LinkError::Unreadable { why };
    let compressed = link::unframe(fragment)?;
    let mut json = Vec::new();
    let limit = MAX_RECORDING as u64 + 1;
    let unfolded = DeflateDecoder::new(&*compressed)
        .take(limit)
        .read_to_end(&mut json);
    unfolded.map_err(|error| unreadable(error.to_string()))?;
    if json.len() > MAX_RECORDING {
        return Err(unreadable(format!(
            "it unfolds to more than {MAX_RECORDING} bytes"
        )));
    }
    let text = String::from_utf8(json).map_err(|error| unreadable(error.to_string()))?;
    let recording = json::parse(&text).and_then(|it| it.read());
    recording.map_err(|error| unreadable(error.to_string()))
}

/// The text of a file that isn't larger than a recording or a scenario can be.
pub(super) fn text(name: &str) -> std::io::Result<String> {
    match name {
        "-" => text_of(std::io::stdin().lock()),
        _ => text_of(File::open(name)?),
    }
}

/// The text of something that may have no end.
pub(super) fn text_of(source: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    let limit = MAX_RECORDING as u64 + 1;
    source.take(limit).read_to_string(&mut text)?;
    if text.len() > MAX_RECORDING {
        let why = format!("longer than {MAX_RECORDING} bytes");
        return Err(std::io::Error::other(why));
    }
    Ok(text)
}
