//! The seed that makes a run what it is.

use crate::view::Telling;
use crate::view::words::tell;
use crate::web::icons::icon;
use crate::web::language::h;
use crate::web::store::{Command, Handle, UiAction, use_handle, use_story, use_view};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Starts a scenario and closes the list.
fn load(handle: &Handle, scenario: &str, seed: Option<String>) {
    handle.ui(UiAction::Overlay(None));
    handle.run(Command::Load {
        scenario: scenario.to_owned(),
        seed,
    });
}

/// A seed as it is typed: decimal, below 2^64.
///
/// # Errors
/// What is wrong with it; the sentence names the field.
pub fn parse_seed(text: &str) -> Result<u64, Telling> {
    let text = text.trim();
    if text.is_empty() {
        return Err(tell!("time.seed-missing"));
    }
    text.parse().map_err(|_| tell!("time.seed-wrong"))
}

/// The seed: to read, to change, to replace by a fresh one, to pass on.
#[function_component]
pub fn SeedBox() -> Html {
    let (handle, story, view) = (use_handle(), use_story(), use_view());
    let words = &handle.words;
    let field = use_node_ref();
    let error = use_state(|| None::<Telling>);
    let start = {
        let (handle, scenario) = (handle.clone(), story.scenario.clone());
        let (field, error) = (field.clone(), error.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let text = field.cast::<HtmlInputElement>().map(|f| f.value());
            match parse_seed(&text.unwrap_or_default()) {
                Ok(seed) => load(&handle, &scenario, Some(seed.to_string())),
                Err(why) => error.set(Some(why)),
            }
        }
    };
    let fresh = {
        let (handle, scenario) = (handle.clone(), story.scenario.clone());
        move |_: MouseEvent| load(&handle, &scenario, None)
    };
    let copy = super::copy::link(&handle, &story, &view.seed);
    let bad = error.is_some();
    let error_id = handle.root.id("seed-error");
    html! {
        <form class="kv-seedbox" novalidate=true onsubmit={start}>
            <label><span>{ h!(words, "time.seed") }</span>
                <input ref={field} name="seed" inputmode="numeric" autocomplete="off" value={view.seed.clone()}
                    aria-invalid={bad.to_string()} aria-describedby={bad.then(|| error_id.clone())} />
            </label>
            <button type="submit" class="kv-btn">{ icon("restart") }{ h!(words, "time.start-again-with-it") }</button>
            <button type="button" class="kv-btn" onclick={fresh}>{ icon("dice") }{ h!(words, "time.new-seed") }</button>
            <button type="button" class="kv-btn" onclick={copy}>{ icon("copy") }{ h!(words, "time.copy-link") }</button>
            <p class="err" id={error_id} role="alert">{ for error.as_ref().map(|why| words.html(why)) }</p>
        </form>
    }
}
