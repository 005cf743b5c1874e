//! Recordings as links and as text: what the browser adds to [`crate::run::link`].

use crate::base::json;
use crate::raft::Rules;
use crate::run::link::{self, MAX_RECORDING};
use crate::run::recording::Recording;
use crate::view::{Telling, unfit_file};
use js_sys::{Array, JSON, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, TransformStream, WritableStreamDefaultWriter};

/// Raw deflate, as [`link`] wants it.
const FORMAT: &str = "deflate-raw";

/// So many bytes at a time: they unfold to 4 MB at most.
const SLICE: usize = 4096;

/// Why a link wasn't unfolded to its end.
const TOO_LONG: &str = "it unfolds to more than 8,388,608 bytes";

// The browser's own compressor.
#[wasm_bindgen]
extern "C" {
    type CompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;

    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// The address of the page, without options.
pub fn page() -> String {
    let location = web_sys::window().map(|window| window.location());
    location.map_or_else(String::new, |location| {
        let part = |part: Result<String, _>| part.unwrap_or_default();
        part(location.origin()) + &part(location.pathname())
    })
}

/// What an address asks for that starts this scenario with this seed and these rules, where the
/// scenario has the `usual` ones.
pub fn start(scenario: &str, seed: &str, rules: Rules, usual: Rules) -> String {
    let mut query = format!("?scenario={scenario}&seed={seed}");
    if rules != usual {
        query += "&rules=all";
        for rule in rules.off() {
            query += ",-";
            query += rule.name();
        }
    }
    query
}

/// The fragment of the page's address, if it claims to hold a run.
pub fn in_address() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    link::is_link(&hash).then_some(hash)
}

/// The fragment of a link that holds this recording.
///
/// # Errors
/// The browser can't compress.
pub async fn fragment(recording: &Recording) -> Result<String, String> {
    let compressed = async {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        let value = recording.serialize(&serializer)?;
        let text = String::from(JSON::stringify(&value)?);
        let stream = CompressionStream::new(FORMAT)?;
        bytes(text.as_bytes(), stream.unchecked_into(), usize::MAX).await
    };
    let compressed: Result<_, JsValue> = compressed.await;
    let compressed = compressed.map_err(|_| "This browser can’t compress the run.".to_owned())?;
    Ok(link::frame(&compressed))
}

/// The recording in a link, in its fragment, or in the text of a file.
///
/// # Errors
/// Says what is wrong and what can be done.
pub async fn read(text: &str) -> Result<Recording, Telling> {
    let text = text.trim();
    let json = if text.starts_with('{') {
        text.to_owned()
    } else {
        let fragment = text.split_once('#').map_or(text, |(_, fragment)| fragment);
        unfold(fragment).await?
    };
    parse(&json)
}

/// The recording that a text is.
///
/// # Errors
/// Says where it is wrong.
pub fn parse(json: &str) -> Result<Recording, Telling> {
    let recording: Recording = json::parse(json)
        .and_then(|json| json.read())
        .map_err(|error| format!("The run can’t be read. {error}"))?;
    recording.check().map_err(|error| unfit_file(&error))?;
    Ok(recording)
}

/// The text that a fragment holds.
async fn unfold(fragment: &str) -> Result<String, String> {
    let compressed = link::unframe(fragment).map_err(|error| error.to_string())?;
    let unfolded = async {
        let stream = DecompressionStream::new(FORMAT)?;
        bytes(&compressed, stream.unchecked_into(), MAX_RECORDING).await
    };
    let unreadable = |why: &str| link::LinkError::Unreadable { why: why.into() }.to_string();
    let unfolded: Result<_, JsValue> = unfolded.await;
    let unfolded = unfolded.map_err(|why| match why.as_string() {
        Some(why) if why == TOO_LONG => unreadable(TOO_LONG),
        _ => unreadable("it doesn't unfold"),
    })?;
    String::from_utf8(unfolded).map_err(|_| unreadable("it isn't text"))
}

/// Bytes as they come out of a transformation, if they aren't more than `most`. They go in slice
/// by slice, each when what the one before it became has been taken: a browser keeps everything
/// that a slice becomes in its memory.
async fn bytes(
    input: &[u8],
    transformation: TransformStream,
    most: usize,
) -> Result<Vec<u8>, JsValue> {
    let writer = transformation.writable().get_writer()?;
    let reader: ReadableStreamDefaultReader =
        transformation.readable().get_reader().unchecked_into();
    let mut output = Vec::new();
    let mut slices = input.chunks(SLICE);
    let mut written = slices.next().map(|slice| write(&writer, slice));
    let mut closed = None;
    let mut read = reader.read();
    loop {
        if written.is_none() && closed.is_none() {
            closed = Some(JsFuture::from(writer.close()));
        }
        let first = match &written {
            Some(written) => Promise::race(&Array::of2(written, &read)),
            None => read.clone(),
        };
        let first = JsFuture::from(first).await?;
        if first.is_undefined() {
            written = slices.next().map(|slice| write(&writer, slice));
            continue;
        }
        if Reflect::get(&first, &"done".into())?.is_truthy() {
            return Ok(output);
        }
        let part: Uint8Array = Reflect::get(&first, &"value".into())?.unchecked_into();
        if output.len() + part.length() as usize > most {
            let _ = JsFuture::from(reader.cancel()).await;
            return Err(TOO_LONG.into());
        }
        output.extend(part.to_vec());
        read = reader.read();
    }
}

/// Hands a slice over; the answer is `undefined`, when it was taken.
fn write(writer: &WritableStreamDefaultWriter, slice: &[u8]) -> Promise {
    writer.write_with_chunk(&Uint8Array::from(slice))
}
