//! The invariants that are checked while the run goes on: figure 3 of the paper, and exactly-once.
//!
//! Quiet while they hold. A broken one is red, named, and leads to the moment where it broke.

use super::words::seconds;
use crate::base::Time;
use crate::sim::{Property, StallReason};
use crate::view::{english, found, stall, stopped_by};
use crate::web::icons::icon;
use crate::web::store::{Command, Overlay, UiAction, use_handle, use_view};
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
        Property::ConfigurationSafety => (
            "Majorities of one list of members meet those of the list before it.",
            "6",
        ),
        Property::StateMachineSafety => (
            "Where one server has applied an entry, no server ever applies another.",
            "5.4.3",
        ),
        Property::ExactlyOnce => ("A request that a client repeats takes effect once.", "8"),
        Property::NeverBack => (
            "While a server runs, its term and its commit index never go back.",
            "5.1",
        ),
        Property::NoWriteLost => (
            "A write that a client was told of is in the log of every later leader.",
            "8",
        ),
        Property::DurableMajority => (
            "Elections and commits rest on the disks of a majority.",
            "5.2",
        ),
        Property::FreshReads => (
            "A read is never answered from before what was committed when it was asked; nobody is elected while a lease runs.",
            "8",
        ),
        Property::Progress => (
            "Where a majority runs and hears each other, it commits, and whoever asks is answered.",
            "5.6",
        ),
        Property::Stability => (
            "A leader whom a majority hears in time isn’t deposed.",
            "diss. 4.2.3",
        ),
        Property::Linearizability => (
            "Each operation seems to take effect at one instant while its client waits.",
            "8",
        ),
    }
}

/// The list.
#[function_component]
pub fn Invariants() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let broken = view.violation.as_ref();
    let checked = format!(
        "Checked after each of the {} events so far, last at {} s.",
        view.events,
        seconds(view.now)
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
                                <b>{ name }</b><span class="kv-sr">{ if bad.is_some() { ", broken" } else { ", holds" } }</span>
                                <p>{ says }{ " " }{ super::words::reference(section) }</p>
                                if let Some(v) = bad { <p class="what">{ english().text(&found(v)) }</p> }
                            </div>
                        </li>
                    }
                }) }
            </ul>
            if !view.watched.contains(&Property::FreshReads) {
                <p class="sub">{ "Durable Majority and Fresh Reads aren’t watched once a rule of safety was off: the run goes on to what the rule is for." }</p>
            }
            if !view.watched.contains(&Property::Progress) {
                <p class="sub">{ "Progress and Stability aren’t watched once a rule was off: the run goes on to what comes of that." }</p>
            }
            <p class="sub">{ if broken.is_some() { "The run stops where a rule breaks.".to_owned() } else { checked } }</p>
            if let (Some(v), Some(show)) = (broken, show) {
                <button type="button" class="kv-btn danger" onclick={show}>
                    { icon("target") }{ format!("Show the moment, {} s", seconds(v.at)) }
                </button>
            }
        </div>
    }
}

/// The limit that stopped the run, and what can be done: first of all.
#[function_component]
fn Ended() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let Some(stop) = &view.stopped else {
        return html! {};
    };
    let heading = handle.root.id("h-stopped");
    let settings = move |_: MouseEvent| handle.ui(UiAction::Overlay(Some(Overlay::Settings)));
    html! {
        <section class="end bad" aria-labelledby={heading.clone()}>
            <h3 id={heading}>{ icon("octagon") }{ format!("Stopped by a limit at {} s", seconds(stop.at)) }</h3>
            <p>{ format!("{} No property was broken before.", english().text(&stopped_by(stop))) }</p>
            <button type="button" class="kv-btn" aria-haspopup="dialog" onclick={settings}>{ icon("gauge") }{ "Change the settings" }</button>
        </section>
    }
}

/// Why nothing moves: told where something has been waited for too long, and else when it is asked.
#[function_component]
fn WhyNothingMoves() -> Html {
    let (handle, view) = (use_handle(), use_view());
    let asked = use_state(|| None::<(Time, Vec<StallReason>)>);
    let ask = {
        let (handle, asked) = (handle.clone(), asked.clone());
        move |_: MouseEvent| {
            (handle.run)(&mut |timeline| {
                let simulation = timeline.simulation();
                asked.set(Some((timeline.now(), simulation.why_nothing_moves())));
            });
        }
    };
    let look = |_| handle.look(|timeline| timeline.simulation().why_nothing_moves());
    let stands = view.stalled.and_then(look).unwrap_or_default();
    let (when, reasons) = match (view.stalled, &*asked) {
        (Some(since), _) => {
            let since = seconds(since);
            (
                format!("Something has been waiting since {since} s."),
                &stands,
            )
        }
        (None, Some((at, reasons))) if reasons.is_empty() => {
            let at = seconds(*at);
            (format!("At {at} s nothing is waited for."), reasons)
        }
        (None, Some((at, reasons))) => (format!("At {} s:", seconds(*at)), reasons),
        (None, None) => {
            return html! {
                <button type="button" class="kv-btn" onclick={ask}>{ icon("clock") }{ "Why does nothing move?" }</button>
            };
        }
    };
    let heading = handle.root.id("h-why");
    html! {
        <section class="end" aria-labelledby={heading.clone()} role="status">
            <h3 id={heading}>{ "Why does nothing move?" }</h3>
            <p class="sub">{ when }</p>
            <ul class="why">
                { for reasons.iter().map(|reason| html! { <li>{ icon("clock") }<p>{ english().text(&stall(reason)) }</p></li> }) }
            </ul>
        </section>
    }
}
