//! The list of scenarios, and the seed that makes a run what it is.

use crate::sim::scenario::{Scenario, all};
use crate::web::icons::icon;
use crate::web::store::{Command, Lab, UiAction, use_lab, use_story, use_view};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Starts a scenario and closes the list.
fn load(lab: &Lab, scenario: &str, seed: Option<String>) {
    lab.ui(UiAction::Overlay(None));
    lab.run(Command::Load {
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

/// The list of scenarios, and the seed.
#[function_component]
pub fn Scenarios() -> Html {
    let (lab, story) = (use_lab(), use_story());
    html! {
        <div class="kv-scens">
            <ul>
                { for all().iter().map(|scenario| line(&lab, scenario, story.scenario)) }
            </ul>
            <SeedBox />
        </div>
    }
}

fn line(lab: &Lab, scenario: &'static Scenario, current: &str) -> Html {
    let lab = lab.clone();
    let here = scenario.id == current;
    let steps = match scenario.steps.len() {
        0 => "no story".to_owned(),
        n => super::words::count(n as u64, "step", "steps"),
    };
    html! {
        <li key={scenario.id}>
            <button type="button" aria-current={here.then_some("true")}
                onclick={move |_| load(&lab, scenario.id, Some(scenario.seed.to_string()))}>
                <b>{ scenario.title }</b>
                <span>{ scenario.summary }</span>
                <small>{ steps }{ if here { ", you are here" } else { "" } }</small>
            </button>
        </li>
    }
}

/// The seed: to read, to change, to replace by a fresh one, to pass on.
#[function_component]
fn SeedBox() -> Html {
    let (lab, story, view) = (use_lab(), use_story(), use_view());
    let field = use_node_ref();
    let error = use_state(|| None::<String>);
    let scenario = story.scenario;
    let start = {
        let (lab, field, error) = (lab.clone(), field.clone(), error.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let text = field.cast::<HtmlInputElement>().map(|f| f.value());
            match parse_seed(&text.unwrap_or_default()) {
                Ok(seed) => load(&lab, scenario, Some(seed.to_string())),
                Err(why) => error.set(Some(why)),
            }
        }
    };
    let fresh = {
        let lab = lab.clone();
        move |_: MouseEvent| load(&lab, scenario, None)
    };
    let copy = super::copy::link(&lab, scenario, &view.seed);
    let bad = error.is_some();
    html! {
        <form class="kv-seedbox" novalidate=true onsubmit={start}>
            <label><span>{ "Seed" }</span>
                <input ref={field} name="seed" inputmode="numeric" autocomplete="off" value={view.seed.clone()}
                    aria-invalid={bad.to_string()} aria-describedby={bad.then_some("seed-error")} />
            </label>
            <button type="submit" class="kv-btn">{ icon("restart") }{ "Start again with it" }</button>
            <button type="button" class="kv-btn" onclick={fresh}>{ icon("dice") }{ "New seed" }</button>
            <button type="button" class="kv-btn" onclick={copy}>{ icon("copy") }{ "Copy link" }</button>
            <p class="err" id="seed-error" role="alert">{ (*error).clone() }</p>
        </form>
    }
}
