//! Recordings as files and as links.

use super::sniff::{self, Kind};
use super::{Unusable, unusable};
use crate::base::json;
use crate::run::Recording;
use crate::run::link::{self, LinkError, MAX_RECORDING};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder, MultiGzDecoder};
use std::fs::File;
use std::io::Read;

/// A link to a recording, for the laboratory at `site`.
pub(super) fn to_link(recording: &Recording, site: &str) -> Result<String, Unusable> {
    let json = serde_json::to_vec(recording).map_err(unusable)?;
    let mut compressed = Vec::new();
    DeflateEncoder::new(&*json, Compression::best()).read_to_end(&mut compressed)?;
    Ok(format!("{site}#{}", link::frame(&compressed)))
}

/// A recording, and where it is from.
pub(super) struct Source {
    pub recording: Recording,
    /// The file, if it isn't a link alone.
    file: Option<String>,
}

impl Source {
    /// Something is wrong with it.
    pub fn blame(&self, error: impl Into<Unusable>) -> Unusable {
        in_place(self.file.as_deref(), error.into())
    }
}

fn in_place(file: Option<&str>, error: Unusable) -> Unusable {
    match file {
        Some(file) => error.in_file(file),
        None => error,
    }
}

/// A recording from a link, or from the file of that name; `-` is standard input.
pub(super) fn read(file_or_link: &str) -> Result<Source, Unusable> {
    let (file, recording) = match fragment(file_or_link)? {
        Some(fragment) => (None, from_fragment(&fragment).map_err(unusable)),
        None => {
            let place = match file_or_link {
                "-" => "standard input".to_owned(),
                name => shortened(name),
            };
            let recording = text(file_or_link).and_then(|text| from_text(&text));
            (Some(place), recording)
        }
    };
    let recording = recording.map_err(|error| in_place(file.as_deref(), error))?;
    let source = Source { recording, file };
    match source.recording.check() {
        Ok(()) => Ok(source),
        Err(error) => Err(source.blame(error)),
    }
}

/// A recording from what stands in a file.
fn from_text(text: &str) -> Result<Recording, Unusable> {
    if let Some(fragment) = fragment(text.trim())? {
        return from_fragment(&fragment).map_err(unusable);
    }
    match sniff::kind(text) {
        Kind::Recording | Kind::Other | Kind::Link => {}
        Kind::List => {
            let why = "this is a list; a recording is one object with seed, playhead and journal";
            return Err(unusable(why));
        }
        other => return Err(unusable(other.hint().unwrap_or_default())),
    }
    let text = text.trim_start_matches('\u{feff}');
    json::parse(text).and_then(|it| it.read()).map_err(unusable)
}

/// Whether a text is a link, or the fragment of one, that holds a run.
pub(super) fn holds_run(text: &str) -> bool {
    matches!(fragment(text), Ok(Some(_)))
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

/// The most bytes of a text: as many as a recording can have.
pub(super) const MAX_TEXT: usize = MAX_RECORDING;

/// The text of a file that isn't larger than a recording or a scenario can be; `-` is standard
/// input. It may be compressed with gzip.
pub(super) fn text(name: &str) -> Result<String, Unusable> {
    match name {
        "-" => text_of(std::io::stdin().lock()),
        _ => text_of(File::open(name)?),
    }
}

/// The text of something that may have no end.
pub(super) fn text_of(source: impl Read) -> Result<String, Unusable> {
    let mut bytes = bounded(source)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let inflated = bounded(MultiGzDecoder::new(&*bytes));
        bytes = inflated.map_err(|error| unusable(format!("as a gzip file: {error}")))?;
    }
    String::from_utf8(bytes).map_err(|_| unusable("this is no text: UTF-8 is expected"))
}

fn bounded(source: impl Read) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    source.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() {
        0..=MAX_TEXT => Ok(bytes),
        _ => Err(unusable(format!("longer than {MAX_TEXT} bytes"))),
    }
}
