//! The verdict over the lanes, and the keys that it is about.

use super::ledger::{Shown, choose};
use crate::raft::Rule;
use crate::sim::Property;
use crate::view::Telling;
use crate::view::clients::{ClientsView, KeyStatus, KeyView, enough};
use crate::view::words::{key, tell};
use crate::web::components::words::clip;
use crate::web::icons::icon;
use crate::web::language::{h, t};
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
    let words = &handle.words.clone();
    let clients = &props.shown.clients;
    let found = clients.broken().map(|(key, proof)| {
        let says = enough(proof, key, &clients.keys);
        (
            proof.at,
            tell!(
                "clients.not-linearizable-title",
                title = proof.title.clone()
            ),
            says,
        )
    });
    // The check that runs along with the run may have found it.
    let live = view.violation.as_ref();
    let live = live.filter(|it| it.property() == Property::Linearizability);
    let live = live.map(|it| {
        (
            it.at,
            tell!("clients.not-linearizable"),
            crate::view::found(it),
        )
    });
    if let Some((at, title, says)) = found.or(live) {
        let show = move |_: MouseEvent| handle.run(Command::Seek(at));
        return html! {
            <div class="kv-verdict bad">
                { icon("octagon") }
                <div role="alert"><h2>{ crate::web::components::words::told(words, &title) }</h2><p>{ crate::web::components::words::told(words, &says) }</p></div>
                <div class="end"><button type="button" class="kv-btn pri" onclick={show}>{ icon("target") }{ h!(words, "clients.show-the-moment") }</button></div>
            </div>
        };
    }
    if clients.bars.is_empty() {
        let ask = move |_: MouseEvent| handle.ui(UiAction::Ask(None));
        return html! {
            <div class="kv-verdict">
                { icon("send") }
                <div role="status"><h2>{ h!(words, "clients.no-client-has-asked") }</h2><p>{ h!(words, "clients.what-clients-ask-and") }</p></div>
                <div class="end"><button type="button" class="kv-btn" onclick={ask}>{ icon("send") }{ h!(words, "clients.send-a-request") }</button></div>
            </div>
        };
    }
    let (name, title, says) = good(clients);
    html! {
        <div class="kv-verdict">
            { icon(name) }
            <div role="status"><h2>{ crate::web::components::words::told(words, &title) }</h2><p>{ crate::web::components::words::told(words, &says) }</p></div>
        </div>
    }
}

/// What is said while nothing is broken: never more than was found out.
fn good(clients: &ClientsView) -> (&'static str, Telling, Telling) {
    let with = |status| clients.keys.iter().filter(move |key| key.status == status);
    let operations: usize = clients.keys.iter().map(|key| key.operations).sum();
    let n = tell!("clients.operations", n = operations);
    let keys = tell!("clients.keys", n = clients.keys.len());
    if with(KeyStatus::Forgotten).next().is_some() {
        let says = tell!("clients.more-was-asked");
        return ("help", tell!("clients.forgotten"), says);
    }
    if let Some(key) = with(KeyStatus::CutOff).next() {
        let name = clip(&key.name, 14);
        let says = tell!("clients.cut-off", key = name);
        return ("help", tell!("clients.undecided-title"), says);
    }
    if with(KeyStatus::Checking).next().is_some() {
        return (
            "clock",
            tell!("clients.checking"),
            tell!("clients.looking", operations = n, keys),
        );
    }
    let stale = match clients.stale_reads {
        0 => None,
        n => Some(tell!("clients.stale-reads", n)),
    };
    let says = tell!("clients.explained", operations = n, keys, stale);
    ("check", tell!("clients.linearizable-so-far"), says)
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
    let words = &handle.words;
    let shown = &props.shown;
    let looked_at = shown.key().map(|key| key.name.clone());
    let chip = |key: &KeyView| {
        let (name, says) = match key.status {
            KeyStatus::Linearizable => ("check", key!("clients.is-linearizable")),
            KeyStatus::Broken => ("octagon", key!("clients.is-not-linearizable")),
            KeyStatus::Checking => ("clock", key!("clients.is-checked")),
            KeyStatus::CutOff | KeyStatus::Forgotten => ("help", key!("clients.is-undecided")),
        };
        let pressed = looked_at.as_ref() == Some(&key.name);
        let onclick = {
            let (handle, name) = (handle.clone(), key.name.clone());
            move |_: MouseEvent| choose(&handle, Some(name.clone()))
        };
        let says = words.label(says);
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
        html! { <button type="button" aria-pressed={pressed.to_string()} title={words.label(says)} {onclick}>{ words.label(name) }</button> }
    };
    let zoom = |factor: f64, label: &'static str, sign: &'static str| {
        let (zoom, label) = (props.zoom.clone(), words.label(label));
        html! { <button type="button" class="kv-ib" aria-label={label.clone()} title={label} onclick={move |_: MouseEvent| zoom.emit(factor)}>{ sign }</button> }
    };
    let heading = handle.root.id("reads-are");
    html! {
        <div class="kv-filter">
            if !shown.clients.keys.is_empty() {
                <div class="keys" role="group" aria-label={t!(words, "clients.key")}><span aria-hidden="true">{ h!(words, "clients.key") }</span>{ for shown.clients.keys.iter().map(chip) }</div>
            }
            <div class="end">
                <span class="reads" id={heading.clone()}>{ h!(words, "clients.reads-are") }</span>
                <div class="kv-seg" role="group" aria-labelledby={heading}>
                    { reads(false, key!("clients.local"), key!("clients.local-how")) }
                    { reads(true, key!("clients.read-index"), key!("clients.read-index-how")) }
                </div>
                <div class="zoom">{ zoom(1.25, key!("clients.further"), "−") }{ zoom(0.8, key!("clients.closer"), "+") }</div>
            </div>
        </div>
    }
}
