//! Recordings as links and as text: what the browser adds to [`crate::sim::link`].

use crate::base::json;
use crate::raft::Rules;
use crate::sim::link::{self, MAX_RECORDING};
use crate::sim::recording::Recording;
use js_sys::{Array, JSON, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader, ReadableWritablePair};

/// Raw deflate, as [`link`] wants it.
const FORMAT: &str = "deflate-raw";

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
        let pair = CompressionStream::new(FORMAT)?;
        bytes(text.as_bytes(), pair.unchecked_into(), usize::MAX).await
    };
    let compressed: Result<_, JsValue> = compressed.await;
    let compressed = compressed.map_err(|_| "This browser can’t compress the run.".to_owned())?;
    Ok(link::frame(&compressed))
}

/// The recording in a link, in its fragment, or in the text of a file.
///
/// # Errors
/// Says what is wrong and what can be done.
pub async fn read(text: &str) -> Result<Recording, String> {
    let text = text.trim();
    let json = if text.starts_with('{') {
        text.to_owned()
    } else {
        let fragment = text.split_once('#').map_or(text, |(_, fragment)| fragment);
        unfold(fragment).await?
    };
    let recording: Recording = json::parse(&json)
        .and_then(|json| json.read())
        .map_err(|error| format!("The run can’t be read. {error}"))?;
    recording.check().map_err(|error| error.to_string())?;
    Ok(recording)
}

/// The text that a fragment holds.
async fn unfold(fragment: &str) -> Result<String, String> {
    let compressed = link::unframe(fragment).map_err(|error| error.to_string())?;
    let unfolded = async {
        let pair = DecompressionStream::new(FORMAT)?;
        bytes(&compressed, pair.unchecked_into(), MAX_RECORDING).await
    };
    let unreadable = |why: &str| link::LinkError::Unreadable { why: why.into() }.to_string();
    let unfolded: Result<_, JsValue> = unfolded.await;
    let unfolded = unfolded.map_err(|_| unreadable("it doesn't unfold"))?;
    String::from_utf8(unfolded).map_err(|_| unreadable("it isn't text"))
}

/// Bytes as they come out of a transformation, if they aren't more than `most`.
async fn bytes(
    input: &[u8],
    transformation: ReadableWritablePair,
    most: usize,
) -> Result<Vec<u8>, JsValue> {
    let parts = Array::of1(&Uint8Array::from(input));
    let stream: ReadableStream = Blob::new_with_u8_array_sequence(&parts)?.stream();
    let stream = stream.pipe_through(&transformation);
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut output = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(output);
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &"value".into())?.unchecked_into();
        if output.len() + chunk.length() as usize > most {
            return Err("too long".into());
        }
        output.extend(chunk.to_vec());
    }
}
