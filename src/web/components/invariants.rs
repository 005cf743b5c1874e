//! The invariants that are checked while the run goes on: figure 3 of the paper, and exactly-once.
//!
//! Quiet while they hold. A broken one is red, named, and leads to the moment where it broke.

use super::words::seconds;
use crate::base::Time;
use crate::sim::{Property, StallReason};
use crate::view::words::key;
use crate::view::{Telling, found, property_name, stall, stopped_by};
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::{Command, Overlay, UiAction, use_handle, use_view};
use yew::prelude::*;

/// What a property says, and where the paper says it.
const fn says(property: Property) -> (&'static str, &'static str) {
    match property {
        Property::ElectionSafety => (key!("property.election-safety"), "5.2"),
        Property::LeaderAppendOnly => (key!("property.leader-append-only"), "5.3"),
        Property::LogMatching => (key!("property.log-matching"), "5.3"),
        Property::LeaderCompleteness => (key!("property.leader-completeness"), "5.4"),
        Property::ConfigurationSafety => (key!("property.configuration-safety"), "6"),
        Property::StateMachineSafety => (key!("property.state-machine-safety"), "5.4.3"),
        Property::ExactlyOnce => (key!("property.exactly-once"), "8"),
        Property::NeverBack => (key!("property.never-back"), "5.1"),
        Property::NoWriteLost => (key!("property.no-write-lost"), "8"),
        Property::DurableMajority => (key!("property.durable-majority"), "5.2"),
        Property::FreshReads => (key!("property.fresh-reads"), "8"),
        Property::Progress => (key!("property.progress"), "5.6"),
        Property::Stability => (key!("property.stability"), "diss. 4.2.3"),
        Property::OneOwner => (key!("property.one-owner"), ""),
        Property::Accuracy => (key!("property.accuracy"), ""),
        Property::Linearizability => (key!("property.linearizability"), "8"),
    }
}

/// The list.
#[function_component]
pub fn Invariants() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let words = &handle.words.clone();
    let broken = view.violation.as_ref();
    let checked = t!(
        words,
        "invariants.checked",
        events = view.events,
        at = seconds(view.now)
    );
    let show = broken.map(|v| {
        let at = v.at;
        move |_: MouseEvent| {
            handle.ui(UiAction::Overlay(None));
            handle.run(Command::Seek(at));
        }
    });
    html! {
        <div class="kv-invs">
            <Ended />
            <WhyNothingMoves />
            <ul class="all">
                { for view.watched.iter().map(|property| {
                    let name = property.name();
                    let (says, section) = says(*property);
                    let bad = broken.filter(|v| v.property() == *property);
                    html! {
                        <li key={name} class={if bad.is_some() { "bad" } else { "ok" }}>
                            { icon(if bad.is_some() { "octagon" } else { "check" }) }
                            <div>
                                <b>{ words.html(&property_name(*property)) }</b><span class="kv-sr">{ if bad.is_some() { h!(words, "invariants.broken") } else { h!(words, "invariants.holds") } }</span>
                                <p>{ words.html(&Telling::new(says)) }{ " " }{ super::words::reference(words, section) }</p>
                                if let Some(v) = bad { <p class="what">{ super::words::told(words, &found(v)) }</p> }
                            </div>
                        </li>
                    }
                }) }
            </ul>
            if !view.watched.contains(&Property::FreshReads) {
                <p class="sub">{ h!(words, "invariants.durable-majority-and-fresh") }</p>
            }
            if !view.watched.contains(&Property::Progress) {
                <p class="sub">{ h!(words, "invariants.progress-and-stability-arent") }</p>
            }
            <p class="sub">{ if broken.is_some() { t!(words, "invariants.stops") } else { checked } }</p>
            if let (Some(v), Some(show)) = (broken, show) {
                <button type="button" class="kv-btn danger" onclick={show}>
                    { icon("target") }{ h!(words, "invariants.show", at = seconds(v.at)) }
                </button>
            }
        </div>
    }
}

/// The limit that stopped the run, and what can be done: first of all.
#[function_component]
fn Ended() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let words = &handle.words.clone();
    let Some(stop) = &view.stopped else {
        return html! {};
    };
    let heading = handle.root.id("h-stopped");
    let settings = move |_: MouseEvent| handle.ui(UiAction::Overlay(Some(Overlay::Settings)));
    html! {
        <section class="end bad" aria-labelledby={heading.clone()}>
            <h3 id={heading}>{ icon("octagon") }{ h!(words, "invariants.stopped", at = seconds(stop.at)) }</h3>
            <p>{ super::words::told(words, &stopped_by(stop)) }{ " " }{ h!(words, "invariants.no-property-was-broken") }</p>
            <button type="button" class="kv-btn" aria-haspopup="dialog" onclick={settings}>{ icon("gauge") }{ h!(words, "invariants.change-the-settings") }</button>
        </section>
    }
}

/// Why nothing moves: told where something has been waited for too long, and else when it is asked.
#[function_component]
fn WhyNothingMoves() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let words = &handle.words;
    let asked = use_state(|| None::<(Time, Vec<StallReason>)>);
    let ask = {
        let (handle, asked) = (handle.clone(), asked.clone());
        move |_: MouseEvent| {
            if let Some(told) = handle.look.why_nothing_moves() {
                asked.set(Some(told));
            }
        }
    };
    let stands = view.stalled.and_then(|_| handle.look.why_nothing_moves());
    let stands = stands.map(|(_, reasons)| reasons).unwrap_or_default();
    let (when, reasons) = match (view.stalled, &*asked) {
        (Some(since), _) => {
            let since = seconds(since);
            (t!(words, "feed.stalled", since), &stands)
        }
        (None, Some((at, reasons))) if reasons.is_empty() => {
            let at = seconds(*at);
            (t!(words, "invariants.nothing", at), reasons)
        }
        (None, Some((at, reasons))) => (t!(words, "invariants.at", at = seconds(*at)), reasons),
        (None, None) => {
            return html! {
                <button type="button" class="kv-btn" onclick={ask}>{ icon("clock") }{ h!(words, "invariants.why-does-nothing-move") }</button>
            };
        }
    };
    let heading = handle.root.id("h-why");
    html! {
        <section class="end" aria-labelledby={heading.clone()} role="status">
            <h3 id={heading}>{ h!(words, "invariants.why-does-nothing-move") }</h3>
            <p class="sub">{ when }</p>
            <ul class="why">
                { for reasons.iter().map(|reason| html! { <li>{ icon("clock") }<p>{ super::words::told(words, &stall(reason)) }</p></li> }) }
            </ul>
        </section>
    }
}
