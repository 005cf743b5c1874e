//! The verdict over the lanes, and the keys that it is about.

use super::ledger::{Shown, choose};
use crate::raft::Rule;
use crate::sim::Property;
use crate::view::clients::{ClientsView, KeyStatus, KeyView, enough};
use crate::view::english;
use crate::web::components::words::{clip, count_of};
use crate::web::icons::icon;
use crate::web::store::{Command, Same, UiAction, use_handle, use_view};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct BannerProps {
    pub shown: Same<Shown>,
}

/// The verdict.
#[function_component]
pub fn Banner(props: &BannerProps) -> Html {
    let (handle, view) = (use_handle(), use_view());
    let clients = &props.shown.clients;
    let found = clients.broken().map(|(key, proof)| {
        let says = english().text(&enough(proof, key, &clients.keys));
        (
            proof.at,
            format!("Not linearizable: {}", english().text(&proof.title)),
            says,
        )
    });
    // The check that runs along with the run may have found it.
    let live = view.violation.as_ref();
    let live = live.filter(|it| it.property() == Property::Linearizability);
    let live = live.map(|it| {
        (
            it.at,
            "Not linearizable".to_owned(),
            english().text(&crate::view::found(it)),
        )
    });
    if let Some((at, title, says)) = found.or(live) {
        let show = move |_: MouseEvent| handle.run(Command::Seek(at));
        return html! {
            <div class="kv-verdict bad">
                { icon("octagon") }
                <div role="alert"><h2>{ title }</h2><p>{ says }</p></div>
                <div class="end"><button type="button" class="kv-btn pri" onclick={show}>{ icon("target") }{ "Show the moment" }</button></div>
            </div>
        };
    }
    if clients.bars.is_empty() {
        let ask = move |_: MouseEvent| handle.ui(UiAction::Ask(None));
        return html! {
            <div class="kv-verdict">
                { icon("send") }
                <div role="status"><h2>{ "No client has asked for anything yet" }</h2><p>{ "What clients ask and are answered is drawn here, and checked." }</p></div>
                <div class="end"><button type="button" class="kv-btn" onclick={ask}>{ icon("send") }{ "Send a request" }</button></div>
            </div>
        };
    }
    let (name, title, says) = good(clients);
    html! {
        <div class="kv-verdict">
            { icon(name) }
            <div role="status"><h2>{ title }</h2><p>{ says }</p></div>
        </div>
    }
}

/// What is said while nothing is broken: never more than was found out.
fn good(clients: &ClientsView) -> (&'static str, &'static str, String) {
    let with = |status| clients.keys.iter().filter(move |key| key.status == status);
    let operations: usize = clients.keys.iter().map(|key| key.operations).sum();
    let n = count_of(operations as u64, "operation", "operations");
    let keys = count_of(clients.keys.len() as u64, "key", "keys");
    if with(KeyStatus::Forgotten).next().is_some() {
        let says =
            "More was asked than is remembered, so nobody can say what the keys were at first.";
        return ("help", "Undecided: the beginning is forgotten", says.into());
    }
    if let Some(key) = with(KeyStatus::CutOff).next() {
        let name = clip(&key.name, 14);
        let says = format!(
            "The search for an order of {name} was cut off: too many operations overlap. That proves nothing either way."
        );
        return ("help", "Undecided", says);
    }
    if with(KeyStatus::Checking).next().is_some() {
        return (
            "clock",
            "Checking…",
            format!("Looking for an order of {n} on {keys}."),
        );
    }
    let stale = match clients.stale_reads {
        0 => String::new(),
        n => format!(
            " {} may be old, as asked: {} count.",
            count_of(n as u64, "read", "reads"),
            if n == 1 {
                "it doesn’t"
            } else {
                "they don’t"
            }
        ),
    };
    let says = format!("{n} on {keys}: for each key, one order explains every answer.{stale}");
    ("check", "Linearizable so far", says)
}

#[derive(Properties, PartialEq)]
pub struct FilterProps {
    pub shown: Same<Shown>,
    pub zoom: Callback<f64>,
}

/// The keys, how reads are answered, and how close one looks.
#[function_component]
pub fn Filter(props: &FilterProps) -> Html {
    let handle = use_handle();
    let shown = &props.shown;
    let looked_at = shown.key().map(|key| key.name.clone());
    let chip = |key: &KeyView| {
        let (name, says) = match key.status {
            KeyStatus::Linearizable => ("check", "linearizable"),
            KeyStatus::Broken => ("octagon", "not linearizable"),
            KeyStatus::Checking => ("clock", "being checked"),
            KeyStatus::CutOff | KeyStatus::Forgotten => ("help", "undecided"),
        };
        let pressed = looked_at.as_ref() == Some(&key.name);
        let onclick = {
            let (handle, name) = (handle.clone(), key.name.clone());
            move |_: MouseEvent| choose(&handle, Some(name.clone()))
        };
        let title = format!("{}: {says}", clip(&key.name, 80));
        html! {
            <button key={key.name.to_string()} type="button" class={classes!("kv-key", (key.status == KeyStatus::Broken).then_some("bad"))}
                aria-pressed={pressed.to_string()} {title} {onclick}>
                { clip(&key.name, 14) }{ icon(name) }<span class="kv-sr">{ says }</span>
            </button>
        }
    };
    let local = !shown.clients.rules.has(Rule::ReadIndexQuorum);
    let reads = |on: bool, name: &'static str, says: &'static str| {
        let handle = handle.clone();
        let pressed = local != on;
        let rule = Rule::ReadIndexQuorum;
        let onclick = move |_: MouseEvent| {
            if !pressed {
                handle.run(Command::Again { rule, on });
            }
        };
        html! { <button type="button" aria-pressed={pressed.to_string()} title={says} {onclick}>{ name }</button> }
    };
    let zoom = |factor: f64, label: &'static str, sign: &'static str| {
        let zoom = props.zoom.clone();
        html! { <button type="button" class="kv-ib" aria-label={label} title={label} onclick={move |_: MouseEvent| zoom.emit(factor)}>{ sign }</button> }
    };
    let heading = handle.root.id("reads-are");
    html! {
        <div class="kv-filter">
            if !shown.clients.keys.is_empty() {
                <div class="keys" role="group" aria-label="Key"><span aria-hidden="true">{ "Key" }</span>{ for shown.clients.keys.iter().map(chip) }</div>
            }
            <div class="end">
                <span class="reads" id={heading.clone()}>{ "Reads are" }</span>
                <div class="kv-seg" role="group" aria-labelledby={heading}>
                    { reads(false, "local, unsafe", "Run this seed again: a leader answers reads without asking anybody") }
                    { reads(true, "ReadIndex", "Run this seed again: a leader hears from a majority before it answers a read") }
                </div>
                <div class="zoom">{ zoom(1.25, "Further away (-)", "−") }{ zoom(0.8, "Closer (+)", "+") }</div>
            </div>
        </div>
    }
}
