//! In the dock: why no order explains the answers, or what it means that one does.

use super::ledger::{Shown, use_ledger};
use crate::check::Value;
use crate::raft::Rule;
use crate::view::clients::{Bar, Cause, Proof, ProofOrder};
use crate::view::english;
use crate::web::components::words::{clip, reference, sentence};
use crate::web::icons::icon;
use crate::web::store::{Command, Handle, use_handle};
use yew::prelude::*;

/// Operations of an order that are shown: its last ones.
const SHOWN: usize = 3;

/// What was found out, explained.
#[function_component]
pub fn Verdict() -> Html {
    let (handle, shown) = (use_handle(), use_ledger());
    let looked_at = shown.key().and_then(|key| key.proof.clone());
    let first = shown.clients.broken().map(|(_, proof)| proof.clone());
    let Some(proof) = looked_at.or(first) else {
        return html! {
            <section class="kv-guide" aria-label="What is checked">
                <h2>{ "Is there one order for it all?" }</h2>
                <p>{ "The clients should see one map, as if it were on one machine: every operation takes effect at one instant between its beginning and its answer. Then one order explains all answers. That is " }<b>{ "linearizability" }</b>{ ", and it is checked for each key." }</p>
                <p>{ "Cut a leader off, let the others write, and ask the old one." }</p>
            </section>
        };
    };
    html! {
        <>
            <section class="kv-guide" aria-label="Why no order explains it">
                <h2>{ "Why no order explains it" }</h2>
                <ol class="kv-why">
                    { for proof.steps.iter().enumerate().map(|(n, step)| html! {
                        <li><span class="n">{ n + 1 }</span><span>{ sentence(&english().words(step)) }</span></li>
                    }) }
                </ol>
            </section>
            <section class="kv-insp" aria-label="Orders and cause">
                if !proof.orders.is_empty() && proof.stuck.is_some() {
                    <div class="kv-sech">{ "The longest orders" }</div>
                    <div class="kv-try">{ for proof.orders.iter().map(|order| tried(order, &proof, &shown)) }</div>
                }
                if let Some(cause) = &proof.cause { { why(cause, &handle) } }
            </section>
        </>
    }
}

/// An order's last operations, the answer that doesn't fit, and what the key is there.
fn tried(order: &ProofOrder, proof: &Proof, shown: &Shown) -> Html {
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
            if from > 0 { <span class="rest" title={format!("{from} before")}>{ "…" }</span> }
            { for last.map(|bar| chip(bar)) }
            <span class="o b">{ icon("crash") }{ short(stuck) }</span>
            <em>{ format!("{} is {value}", clip(stuck.operation.key(), 8)) }</em>
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
fn why(cause: &Cause, handle: &Handle) -> Html {
    let again = cause.rule.map(|rule| {
        let handle = handle.clone();
        let label = match rule {
            Rule::ReadIndexQuorum => "Run again with ReadIndex".into(),
            Rule::LeaseMargin => "Run again with the lease’s margin".into(),
            rule => format!("Run again with {}", rule.name()),
        };
        html! {
            <div class="kv-acts">
                <button type="button" class="kv-btn pri" title="The same seed and the same actions"
                    onclick={move |_: MouseEvent| handle.run(Command::Again { rule, on: true })}>{ icon("fork") }{ label }</button>
            </div>
        }
    });
    html! {
        <>
            <div class="kv-sech">{ "Cause" }</div>
            <p class="cause">
                { sentence(&english().words(&cause.telling)) }
                { for cause.refs.iter().map(|section| html! { <>{ " " }{ reference(section) }</> }) }
            </p>
            { for again }
        </>
    }
}
