//! The bar at the top: where we are, whether all is well, light or dark, help.

use crate::raft::Rules;
use crate::sim::{Found, Violation};
use crate::view::waited_since;
use crate::web::hooks::{Shape, use_shape};
use crate::web::icons::{icon, logo};
use crate::web::store::*;
use yew::prelude::*;

/// The bar.
#[function_component]
pub fn Bar() -> Html {
    let (story, ui, handle) = (use_story(), use_ui(), use_handle());
    let phone = use_shape() == Shape::Phone;
    let calm = ui.level == Level::Calm;
    let scenarios = ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Scenarios)));
    let more = ui.level < Level::Panels;
    html! {
        <header class="kv-bar">
            if !calm { <h1 class="kv-sr">{ format!("Kvorum: {}", story.title) }</h1> }
            <button class="kv-brand" onclick={scenarios.clone()} aria-label="Kvorum, all scenarios">{ logo() }
                if !phone { <b>{ "Kvorum" }</b> }
            </button>
            <button class="kv-scn" onclick={scenarios} aria-haspopup="dialog" title="Choose a scenario (G)">
                <b>{ &*story.title }</b>{ icon("down") }
                if !phone && !calm { <span>{ &story.summary }</span> }
            </button>
            if !calm { { views(ui.view, phone, &handle) } }
            <div class="kv-bar-end">
                if !calm { { rules_badge(&story.weather, &handle) } <InvariantBadge /> }
                if !calm {
                    <button class="kv-btn share" aria-haspopup="dialog" aria-label="Share" onclick={ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Share)))}>{ icon("share") }<span>{ "Share" }</span></button>
                }
                if !calm && !phone {
                    <button class="kv-ib" aria-pressed={(!more).to_string()} aria-label="All panels (E)" title="More or fewer panels (E, Shift E)"
                        onclick={ui_on_click(&handle, UiAction::Level(if more { Level::Panels } else { Level::Guided }))}>{ icon("grid") }</button>
                }
                <ThemeButton />
                // A list of keys: a phone has none.
                if !phone {
                    <button class="kv-ib" aria-label="Keyboard and help (?)" title="Keyboard and help (?)"
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
fn rules_badge(weather: &Weather, handle: &Handle) -> Html {
    let off: Vec<_> = weather.rules.off().map(|rule| rule.name()).collect();
    if off.is_empty() || weather.rules == Rules::FIGURE_2 {
        return html! {};
    }
    let text = match &off[..] {
        [one] => format!("{one} off"),
        many => format!("{} rules off", many.len()),
    };
    let title = format!("Off: {}", off.join(", "));
    html! {
        <button class="kv-off" {title} onclick={ui_on_click(handle, UiAction::Show(Tab::Rules))}>{ icon("diverge") }<span>{ text }</span></button>
    }
}

/// The views; on a phone one button that goes there and back.
fn views(shown: View, phone: bool, handle: &Handle) -> Html {
    if phone {
        let clients = shown == View::Clients;
        let to = if clients {
            View::Cluster
        } else {
            View::Clients
        };
        return html! {
            <button class="kv-ib kv-to-clients" aria-pressed={clients.to_string()} aria-label="Clients"
                onclick={ui_on_click(handle, UiAction::View(to))}>{ icon("send") }</button>
        };
    }
    let view = |view, name: &'static str| {
        let current = (shown == view).then_some("page");
        html! { <button aria-current={current} title={format!("{name} (Q)")} onclick={ui_on_click(handle, UiAction::View(view))}>{ name }</button> }
    };
    html! {
        <nav class="kv-tabs" aria-label="View">
            { view(View::Cluster, "Cluster") }{ view(View::Clients, "Clients") }
        </nav>
    }
}

/// A broken property in a few words: of a stall, since when.
fn verdict(violation: &Violation) -> String {
    match violation.found {
        Found::Stalled { since, .. } => format!("Stalled since {}", waited_since(since)),
        _ => format!("{} broken", violation.property().name()),
    }
}

/// All invariants hold, or one is broken.
#[function_component]
fn InvariantBadge() -> Html {
    let (view, handle) = (use_view(), use_handle());
    let show = ui_on_click(&handle, UiAction::Overlay(Some(Overlay::Invariants)));
    let (class, name, text) = match &view.violation {
        None if view.stopped.is_some() => ("bad", "octagon", "Stopped by a limit".to_owned()),
        None => (
            "ok",
            "shield",
            format!("{} invariants hold", view.watched.len()),
        ),
        Some(violation) => ("bad", "octagon", verdict(violation)),
    };
    html! {
        <button class={classes!("kv-inv", class)} onclick={show} aria-haspopup="dialog" title={text.clone()}>
            { icon(name) }<span>{ text }</span>
        </button>
    }
}

/// Auto, light, dark, and round again.
#[function_component]
fn ThemeButton() -> Html {
    let (ui, handle) = (use_ui(), use_handle());
    let (next, name, label) = match ui.theme {
        Theme::Auto => (
            Theme::Light,
            "auto",
            "Theme: as the system. Switch to light",
        ),
        Theme::Light => (Theme::Dark, "sun", "Theme: light. Switch to dark"),
        Theme::Dark => (Theme::Auto, "moon", "Theme: dark. Switch to the system's"),
    };
    html! {
        <button class="kv-ib" aria-label={label} title={label} onclick={ui_on_click(&handle, UiAction::Theme(next))}>{ icon(name) }</button>
    }
}
