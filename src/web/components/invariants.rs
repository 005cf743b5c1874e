//! The invariants that are checked while the run goes on: figure 3 of the paper, and exactly-once.
//!
//! Quiet while they hold. A broken one is red, named, and leads to the moment where it broke.

use super::words::seconds;
use crate::sim::Property;
use crate::web::icons::icon;
use crate::web::store::{Command, Overlay, UiAction, use_lab, use_view};
use yew::prelude::*;

/// What a property says, and where the paper says it.
const fn says(property: Property) -> (&'static str, &'static str) {
    match property {
        Property::ElectionSafety => ("At most one leader is elected in a term.", "5.2"),
        Property::LeaderAppendOnly => (
            "A leader never overwrites or deletes entries of its own log; it only appends.",
            "5.3",
        ),
        Property::LogMatching => (
            "Two logs that hold an entry of the same index and term are the same up to there.",
            "5.3",
        ),
        Property::LeaderCompleteness => (
            "An entry that is committed in a term is in the log of every leader of a later term.",
            "5.4",
        ),
        Property::StateMachineSafety => (
            "Where one server has applied an entry, no server ever applies another.",
            "5.4.3",
        ),
        Property::ExactlyOnce => ("A request that a client repeats takes effect once.", "8"),
    }
}

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
            <button type="button" class="kv-inv ok" title="Checked after every event" onclick={open}>
                { icon("shield") }<span>{ format!("{} invariants hold", Property::ALL.len()) }</span>
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
                { for Property::ALL.iter().map(|property| {
                    let name = property.name();
                    let (says, section) = says(*property);
                    let bad = broken.filter(|v| v.property == name);
                    html! {
                        <li key={name} class={if bad.is_some() { "bad" } else { "ok" }}>
                            { icon(if bad.is_some() { "octagon" } else { "check" }) }
                            <div>
                                <b>{ name }</b><span class="kv-sr">{ if bad.is_some() { ", broken" } else { ", holds" } }</span>
                                <p>{ says }{ " " }{ super::words::reference(section) }</p>
                                if let Some(v) = bad { <p class="what">{ &v.what }</p> }
                            </div>
                        </li>
                    }
                }) }
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
