//! In the dock: why no order explains the answers, or what it means that one does.

use super::ledger::{Shown, use_ledger};
use crate::check::Value;
use crate::raft::Rule;
use crate::view::clients::{Bar, Cause, Proof, ProofOrder};
use crate::web::components::words::{clip, reference};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::{Command, Handle, use_handle};
use yew::prelude::*;

/// Operations of an order that are shown: its last ones.
const SHOWN: usize = 3;

/// What was found out, explained.
#[function_component]
pub fn Verdict() -> Html {
    let (handle, shown) = (use_handle(), use_ledger());
    let words = &handle.words;
    let looked_at = shown.key().and_then(|key| key.proof.clone());
    let first = shown.clients.broken().map(|(_, proof)| proof.clone());
    let Some(proof) = looked_at.or(first) else {
        return html! {
            <section class="kv-guide" aria-label={t!(words, "clients.what-is-checked")}>
                <h2>{ h!(words, "clients.is-there-one-order") }</h2>
                <p>{ h!(words, "clients.one-map") }</p>
                <p>{ h!(words, "clients.cut-a-leader-off") }</p>
            </section>
        };
    };
    html! {
        <>
            <section class="kv-guide" aria-label={t!(words, "clients.why-no-order-explains")}>
                <h2>{ h!(words, "clients.why-no-order-explains") }</h2>
                <ol class="kv-why">
                    { for proof.steps.iter().enumerate().map(|(n, step)| html! {
                        <li><span class="n">{ n + 1 }</span><span>{ crate::web::components::words::told(words, step) }</span></li>
                    }) }
                </ol>
            </section>
            <section class="kv-insp" aria-label={t!(words, "clients.orders-and-cause")}>
                if !proof.orders.is_empty() && proof.stuck.is_some() {
                    <div class="kv-sech">{ h!(words, "clients.the-longest-orders") }</div>
                    <div class="kv-try">{ for proof.orders.iter().map(|order| tried(words, order, &proof, &shown)) }</div>
                }
                if let Some(cause) = &proof.cause { { why(words, cause, &handle) } }
            </section>
        </>
    }
}

/// An order's last operations, the answer that doesn't fit, and what the key is there.
fn tried(words: &Words, order: &ProofOrder, proof: &Proof, shown: &Shown) -> Html {
    let bars = &shown.clients.bars;
    let Some(stuck) = proof.stuck.and_then(|at| bars.get(at)) else {
        return html! {};
    };
    let from = order.bars.len().saturating_sub(SHOWN);
    let chip = |bar: &Bar| {
        let class = if bar.operation.is_read() { "o" } else { "o w" };
        html! { <span {class} title={bar.client.to_string()}>{ short(bar) }</span> }
    };
    let last = order.bars[from..].iter().filter_map(|&at| bars.get(at));
    let value = order.value.as_ref().map(Value::as_text);
    let value = value.map_or("absent".into(), |it| {
        if it.is_empty() {
            "\"\"".into()
        } else {
            clip(it, 12)
        }
    });
    html! {
        <div>
            if from > 0 { <span class="rest" title={t!(words, "clients.before", n = from)}>{ "…" }</span> }
            { for last.map(|bar| chip(bar)) }
            <span class="o b">{ icon("crash") }{ short(stuck) }</span>
            <em>{ t!(words, "clients.key-is", key = clip(stuck.operation.key(), 8), value) }</em>
        </div>
    }
}

/// An operation without its key: `put 2`, `get 5`.
fn short(bar: &Bar) -> String {
    let key = bar.operation.key();
    let asked = bar.asked();
    let name = asked.split(' ').next().unwrap_or_default().to_owned();
    let rest = asked.strip_prefix(&format!("{name} {}", clip(key, 14)));
    let rest = rest.unwrap_or_default().trim();
    let says = match (rest, bar.answer()) {
        ("", Some(answer)) if bar.operation.is_read() => answer,
        _ => rest.to_owned(),
    };
    clip(format!("{name} {says}").trim(), 16)
}

/// What lies behind it, and the run in which it can't happen.
fn why(words: &Words, cause: &Cause, handle: &Handle) -> Html {
    let again = cause.rule.map(|rule| {
        let handle = handle.clone();
        let label = match rule {
            Rule::ReadIndexQuorum => t!(words, "clients.again-read-index"),
            Rule::LeaseMargin => t!(words, "clients.again-lease"),
            rule => t!(words, "clients.again", rule = rule.name()),
        };
        html! {
            <div class="kv-acts">
                <button type="button" class="kv-btn pri" title={t!(words, "clients.the-same-seed-and")}
                    onclick={move |_: MouseEvent| handle.run(Command::Again { rule, on: true })}>{ icon("fork") }{ label }</button>
            </div>
        }
    });
    html! {
        <>
            <div class="kv-sech">{ h!(words, "clients.cause") }</div>
            <p class="cause">
                { crate::web::components::words::told(words, &cause.telling) }
                { for cause.refs.iter().map(|section| html! { <>{ " " }{ reference(words, section) }</> }) }
            </p>
            { for again }
        </>
    }
}
