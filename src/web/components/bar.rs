//! The bar at the top: where we are, whether all is well, light or dark, help.

use crate::raft::Rules;
use crate::sim::{Found, Violation};
use crate::view::{property_name, waited_since};
use crate::web::hooks::{Shape, use_shape};
use crate::web::icons::{icon, logo};
use crate::web::language::{Language, Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// The bar.
#[function_component]
pub fn Bar() -> Html {
    let (story, ui, handle) = (use_story(), use_ui(), use_handle());
    let words = &handle.words;
    let phone = use_shape() == Shape::Phone;
    let calm = ui.level == Level::Calm;
    let scenarios = ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Scenarios)));
    let more = ui.level < Level::Panels;
    html! {
        <header class="kv-bar">
            if !calm { <h1 class="kv-sr">{ h!(words, "first.title") }{ words.lesson_html(&story.title) }</h1> }
            <button class="kv-brand" onclick={scenarios.clone()} aria-label={t!(words, "first.kvorum-all-scenarios")}>{ logo() }
                if !phone { <b>{ h!(words, "first.kvorum") }</b> }
            </button>
            <button class="kv-scn" onclick={scenarios} aria-haspopup="dialog" title={t!(words, "first.choose-a-scenario-g")}>
                <b>{ words.lesson_html(&story.title) }</b>{ icon("down") }
                if !phone && !calm { <span>{ words.html(&story.summary) }</span> }
            </button>
            if !calm { { views(words, ui.view, phone, &handle) } }
            <div class="kv-bar-end">
                if !calm { { rules_badge(words, &story.weather, &handle) } <InvariantBadge /> }
                if !calm {
                    <button class="kv-btn share" aria-haspopup="dialog" aria-label={t!(words, "first.share")} onclick={ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Share)))}>{ icon("share") }<span>{ h!(words, "first.share") }</span></button>
                }
                if !calm && !phone {
                    <button class="kv-ib" aria-pressed={(!more).to_string()} aria-label={t!(words, "first.all-panels-e")} title={t!(words, "first.more-or-fewer-panels")}
                        onclick={ui_on_click(&handle, UiAction::Level(if more { Level::Panels } else { Level::Guided }))}>{ icon("grid") }</button>
                }
                // On a phone it stands with the scenarios.
                if calm || !phone { { language(&ui, &handle) } }
                { theme(&ui, &handle) }
                // A list of keys: a phone has none.
                if !phone {
                    <button class="kv-ib" aria-label={t!(words, "first.keyboard-and-help")} title={t!(words, "first.keyboard-and-help")}
                        onclick={ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Help)))}>{ icon("help") }</button>
                }
            </div>
        </header>
    }
}

fn ui_on_click(handle: &Handle, action: UiAction) -> Callback<MouseEvent> {
    let handle = handle.clone();
    Callback::from(move |_| handle.ui(action.clone()))
}

/// Which rules are off, unless the scenario is about the paper's figure 2 and no more.
fn rules_badge(words: &Words, weather: &Weather, handle: &Handle) -> Html {
    let off: Vec<_> = weather.rules.off().map(|rule| rule.name()).collect();
    if off.is_empty() || weather.rules == Rules::FIGURE_2 {
        return html! {};
    }
    let text = match &off[..] {
        [one] => t!(words, "first.rule-off", rule = *one),
        many => t!(words, "first.rules-off", n = many.len()),
    };
    let title = t!(words, "first.off", rules = off.join(", "));
    html! {
        <button class="kv-off" {title} onclick={ui_on_click(handle, UiAction::Show(Tab::Rules))}>{ icon("diverge") }<span>{ text }</span></button>
    }
}

/// The views; on a phone one button that goes there and back.
fn views(words: &Words, shown: View, phone: bool, handle: &Handle) -> Html {
    if phone {
        let clients = shown == View::Clients;
        let to = if clients {
            View::Cluster
        } else {
            View::Clients
        };
        return html! {
            <button class="kv-ib kv-to-clients" aria-pressed={clients.to_string()} aria-label={t!(words, "first.clients")}
                onclick={ui_on_click(handle, UiAction::View(to))}>{ icon("send") }</button>
        };
    }
    let view = |view, name: String| {
        let current = (shown == view).then_some("page");
        html! { <button aria-current={current} title={t!(words, "first.view-key", name = &name)} onclick={ui_on_click(handle, UiAction::View(view))}>{ name }</button> }
    };
    html! {
        <nav class="kv-tabs" aria-label={t!(words, "first.view")}>
            { view(View::Cluster, t!(words, "first.cluster")) }{ view(View::Clients, t!(words, "first.clients")) }
        </nav>
    }
}

/// A broken property in a few words: of a stall, since when.
fn verdict(words: &Words, violation: &Violation) -> String {
    match violation.found {
        Found::Stalled { since, .. } => t!(words, "first.stalled", since = waited_since(since)),
        _ => t!(
            words,
            "first.broken",
            property = property_name(violation.property())
        ),
    }
}

/// All invariants hold, or one is broken.
#[function_component]
fn InvariantBadge() -> Html {
    let (view, handle) = (use_view(), use_handle());
    let words = &handle.words;
    let show = ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Invariants)));
    let (class, name, text) = match &view.violation {
        None if view.stopped.is_some() => ("bad", "octagon", t!(words, "first.stopped")),
        None => (
            "ok",
            "shield",
            t!(words, "first.invariants-hold", n = view.watched.len()),
        ),
        Some(violation) => ("bad", "octagon", verdict(words, violation)),
    };
    html! {
        <button class={classes!("kv-inv", class)} onclick={show} aria-haspopup="dialog" title={text.clone()}>
            { icon(name) }<span>{ text }</span>
        </button>
    }
}

/// From one language to the next; it says the name of that one.
pub fn language(ui: &UiState, handle: &Handle) -> Html {
    let words = &handle.words;
    let at = Language::ALL.iter().position(|it| *it == ui.language);
    let next = Language::ALL[(at.unwrap_or(0) + 1) % Language::ALL.len()];
    let label = t!(words, "first.language", language = next.name());
    html! {
        <button class="kv-ib kv-lang" aria-label={label.clone()} title={label}
            onclick={ui_on_click(handle, UiAction::Language(next))}>
            <span lang={next.tag()}>{ match next { Language::English => "EN", Language::Chinese => "中" } }</span>
        </button>
    }
}

/// Auto, light, dark, and round again.
fn theme(ui: &UiState, handle: &Handle) -> Html {
    let words = &handle.words;
    let (next, name, label) = match ui.theme {
        Theme::Auto => (Theme::Light, "auto", t!(words, "first.theme-auto")),
        Theme::Light => (Theme::Dark, "sun", t!(words, "first.theme-light")),
        Theme::Dark => (Theme::Auto, "moon", t!(words, "first.theme-dark")),
    };
    html! {
        <button class="kv-ib" aria-label={label.clone()} title={label} onclick={ui_on_click(handle, UiAction::Theme(next))}>{ icon(name) }</button>
    }
}
