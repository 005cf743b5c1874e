//! The seed that makes a run what it is.

use crate::web::icons::icon;
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
pub fn parse_seed(text: &str) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("seed: type a number, or take a new one".into());
    }
    text.parse()
        .map_err(|_| "seed: only digits, and less than 18446744073709551616".into())
}

/// The seed: to read, to change, to replace by a fresh one, to pass on.
#[function_component]
pub fn SeedBox() -> Html {
    let (handle, story, view) = (use_handle(), use_story(), use_view());
    let field = use_node_ref();
    let error = use_state(|| None::<String>);
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
            <label><span>{ "Seed" }</span>
                <input ref={field} name="seed" inputmode="numeric" autocomplete="off" value={view.seed.clone()}
                    aria-invalid={bad.to_string()} aria-describedby={bad.then(|| error_id.clone())} />
            </label>
            <button type="submit" class="kv-btn">{ icon("restart") }{ "Start again with it" }</button>
            <button type="button" class="kv-btn" onclick={fresh}>{ icon("dice") }{ "New seed" }</button>
            <button type="button" class="kv-btn" onclick={copy}>{ icon("copy") }{ "Copy link" }</button>
            <p class="err" id={error_id} role="alert">{ (*error).clone() }</p>
        </form>
    }
}
