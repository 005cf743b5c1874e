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
    let fragment = file_or_link.split_once('#').map(|(_, fragment)| fragment);
    let recording: Recording = match fragment.filter(|it| link::is_link(it)) {
        Some(fragment) => from_fragment(fragment).map_err(unusable)?,
        None => {
            let text = text(file_or_link).map_err(about(file_or_link))?;
            if link::is_link(text.trim()) || text.contains("#run=") {
                let fragment = text.trim().rsplit('#').next().unwrap_or_default();
                from_fragment(fragment).map_err(unusable)?
            } else {
                json::parse(&text)
                    .and_then(|it| it.read())
                    .map_err(about(file_or_link))?
            }
        }
    };
    recording.check().map_err(unusable)?;
    Ok(recording)
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
    let mut text = String::new();
    let limit = MAX_RECORDING as u64 + 1;
    if name == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_string(&mut text)?;
    } else {
        File::open(name)?.take(limit).read_to_string(&mut text)?;
    }
    if text.len() > MAX_RECORDING {
        let why = format!("longer than {MAX_RECORDING} bytes");
        return Err(std::io::Error::other(why));
    }
    Ok(text)
}
