//! Copying to the clipboard.

use crate::view::words::key;
use crate::web::page::links;
use crate::web::store::{Handle, Story};
use wasm_bindgen::prelude::Closure;
use yew::prelude::*;

/// Copies `text` and says `what`, a key of the catalogue; says as well if the browser refuses.
pub fn copy(handle: &Handle, what: &'static str, text: String) {
    let handle = handle.clone();
    let Some(window) = web_sys::window() else {
        return;
    };
    // Without a secure context there is no clipboard at all.
    let navigator = window.navigator();
    let missing = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .map_or(true, |clipboard| clipboard.is_undefined());
    if missing {
        handle.notice(key!("first.may-not-copy"));
        return;
    }
    let promise = navigator.clipboard().write_text(&text);
    let done = {
        let handle = handle.clone();
        Closure::new(move |_| handle.notice(what))
    };
    let refused = Closure::new(move |_| {
        handle.notice(key!("first.copy-refused"));
    });
    let _ = promise.then2(&done, &refused);
    // The promise keeps the two alive; the collector takes them with it.
    drop((done.into_js_value(), refused.into_js_value()));
}

/// Copies the link that starts this scenario with `seed`, and with the rules of this run.
pub fn link(handle: &Handle, story: &Story, seed: &str) -> Callback<MouseEvent> {
    let (rules, usual) = (story.weather.rules, story.weather.usual);
    let query = links::start(&story.scenario, seed, rules, usual);
    let handle = handle.clone();
    Callback::from(move |_| copy(&handle, key!("first.link-copied"), links::page() + &query))
}
