//! The invariants that are checked while the run goes on (figure 3 of the paper).
//!
//! Quiet while they hold. A broken one is red, named, and leads to the moment where it broke.

use super::words::seconds;
use crate::web::icons::icon;
use crate::web::store::{Command, Overlay, UiAction, use_lab, use_view};
use yew::prelude::*;

/// The properties of figure 3: name, what it says, section.
pub const PROPERTIES: [(&str, &str, &str); 5] = [
    (
        "Election Safety",
        "At most one leader is elected in a term.",
        "5.2",
    ),
    (
        "Leader Append-Only",
        "A leader never overwrites or deletes entries of its own log; it only appends.",
        "5.3",
    ),
    (
        "Log Matching",
        "Two logs that hold an entry of the same index and term are the same up to there.",
        "5.3",
    ),
    (
        "Leader Completeness",
        "An entry that is committed in a term is in the log of every leader of a later term.",
        "5.4",
    ),
    (
        "State Machine Safety",
        "Where one server has applied an entry, no server ever applies another.",
        "5.4.3",
    ),
];

/// The five segments of a quorum ring, three of them filled: the logo.
pub fn logo() -> Html {
    let segment = |i: u32| {
        let at = |degrees: f64| {
            let a = (degrees - 90.0).to_radians();
            (10.0 + 7.4 * a.cos(), 10.0 + 7.4 * a.sin())
        };
        let ((x0, y0), (x1, y1)) = (
            at(f64::from(i) * 72.0 + 9.0),
            at(f64::from(i) * 72.0 + 63.0),
        );
        let class = if matches!(i, 0 | 1 | 4) { "on" } else { "off" };
        html! { <path {class} d={format!("M{x0:.2} {y0:.2}A7.4 7.4 0 0 1 {x1:.2} {y1:.2}")} /> }
    };
    html! {
        <svg class="kv-logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
            { for (0..5).map(segment) }<circle cx="10" cy="10" r="2.5" />
        </svg>
    }
}

/// The badge in the bar.
#[function_component]
pub fn InvariantBadge() -> Html {
    let (lab, view) = (use_lab(), use_view());
    let open = move |_: MouseEvent| lab.ui(UiAction::Overlay(Some(Overlay::Invariants)));
    match &view.violation {
        None => html! {
            <button type="button" class="kv-inv ok" title="The five properties of figure 3, checked after every event" onclick={open}>
                { icon("shield") }<span>{ "5 invariants hold" }</span>
            </button>
        },
        Some(violation) => html! {
            <button type="button" class="kv-inv bad" title={violation.what.clone()} onclick={open}>
                { icon("octagon") }<span>{ format!("{} broken", violation.property) }</span>
            </button>
        },
    }
}

/// The list.
#[function_component]
pub fn Invariants() -> Html {
    let (lab, view) = (use_lab(), use_view());
    let broken = view.violation.as_ref();
    let checked = format!(
        "Checked after each of the {} events so far, last at {} s.",
        view.events,
        seconds(view.now)
    );
    let show = broken.map(|v| {
        let at = v.at;
        move |_: MouseEvent| {
            lab.ui(UiAction::Overlay(None));
            lab.run(Command::Seek(at));
        }
    });
    html! {
        <div class="kv-invs">
            <ul>
                { for PROPERTIES.iter().map(|(name, says, section)| {
                    let bad = broken.filter(|v| v.property == *name);
                    html! {
                        <li key={*name} class={if bad.is_some() { "bad" } else { "ok" }}>
                            { icon(if bad.is_some() { "octagon" } else { "check" }) }
                            <div>
                                <b>{ *name }</b><span class="kv-sr">{ if bad.is_some() { ", broken" } else { ", holds" } }</span>
                                <p>{ *says }{ " " }{ super::words::reference(section) }</p>
                                if let Some(v) = bad { <p class="what">{ &v.what }</p> }
                            </div>
                        </li>
                    }
                }) }
                if let Some(v) = broken.filter(|v| PROPERTIES.iter().all(|(name, ..)| *name != v.property)) {
                    <li class="bad">{ icon("octagon") }<div><b>{ v.property }</b><p class="what">{ &v.what }</p></div></li>
                }
            </ul>
            <p class="sub">{ if broken.is_some() { "The run stops where a rule breaks.".to_owned() } else { checked } }</p>
            if let (Some(v), Some(show)) = (broken, show) {
                <button type="button" class="kv-btn danger" onclick={show}>
                    { icon("target") }{ format!("Show the moment, {} s", seconds(v.at)) }
                </button>
            }
        </div>
    }
}
