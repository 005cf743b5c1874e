//! The sweep panel: many seeds in the background, and what happened in them.

use super::super::words::count_of;
use super::fleet::{Failed, Fleet, Tally};
use crate::raft::Rules;
use crate::run::sweep::Profile;
use crate::web::icons::icon;
use crate::web::store::*;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What is to be swept.
#[derive(Clone, PartialEq)]
pub struct Order {
    /// How rough the storms are.
    pub profile: Profile,
    /// How many servers; `None`: each run draws its own number.
    pub nodes: Option<u32>,
    /// The rules.
    pub rules: Rules,
    /// The first seed.
    pub from: u64,
    /// How many of them.
    pub seeds: u64,
}

/// The dialog.
#[function_component]
pub fn Sweep() -> Html {
    let (handle, story) = (use_handle(), use_story());
    let update = use_force_update();
    let fleet = use_mut_ref(|| Fleet::new(Callback::from(move |()| update.force_update())));
    let order = use_state(|| Order {
        profile: Profile::Rough,
        nodes: None,
        rules: story.weather.rules,
        from: 0,
        seeds: 200,
    });
    {
        let fleet = fleet.clone();
        use_effect_with((), move |()| move || Fleet::stop(&fleet));
    }
    let (running, tally) = {
        let fleet = fleet.borrow();
        (fleet.is_running(), fleet.tally.clone())
    };
    html! {
        <div class="kv-sweep">
            <p>{ "Each seed is a run of its own: a storm of random faults, then calm. In the storm no property may break; after it, the cluster must become available and agree again." }</p>
            { form(&order, story.weather.rules, running) }
            { controls(&fleet, &order, running, &tally) }
            { progress(&tally, order.seeds, &fleet.borrow()) }
            if let Some(error) = &tally.error { <p class="err" role="alert">{ error }</p> }
            if !tally.failures.is_empty() { { failures(&handle, &fleet, &tally) } }
            if !tally.coverage.is_empty() { { coverage(&handle, &tally) } }
        </div>
    }
}

fn form(order: &UseStateHandle<Order>, rules: Rules, running: bool) -> Html {
    let set = |change: Box<dyn Fn(&mut Order)>| {
        let order = order.clone();
        move || {
            let mut next = (*order).clone();
            change(&mut next);
            order.set(next);
        }
    };
    let profile = |profile: Profile| {
        let choose = set(Box::new(move |order| order.profile = profile));
        let pressed = order.profile == profile;
        html! { <button key={profile.name()} disabled={running} aria-pressed={pressed.to_string()} onclick={move |_| choose()}>{ profile.name() }</button> }
    };
    let number = |name: &'static str,
                  label: &'static str,
                  value: u64,
                  change: fn(&mut Order, u64)| {
        let order = order.clone();
        let onchange = move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let mut next = (*order).clone();
            change(&mut next, input.value().trim().parse().unwrap_or(value));
            order.set(next);
        };
        html! { <label><span>{ label }</span><input {name} inputmode="numeric" autocomplete="off" disabled={running} value={value.to_string()} {onchange} /></label> }
    };
    let nodes = {
        let order = order.clone();
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            let nodes = select.value().parse().ok();
            order.set(Order {
                nodes,
                ..(*order).clone()
            });
        }
    };
    let with_rules = |label: String, these: Rules| {
        let choose = set(Box::new(move |order| order.rules = these));
        let pressed = order.rules == these;
        html! { <button disabled={running} aria-pressed={pressed.to_string()} onclick={move |_| choose()}>{ label }</button> }
    };
    let off = rules.off().count() as u64;
    html! {
        <div class="form">
            <div class="f"><span>{ "Weather" }</span><div class="kv-seg" role="group" aria-label="Weather">{ for Profile::ALL.into_iter().map(profile) }</div></div>
            <label><span>{ "Servers" }</span>
                <select disabled={running} onchange={nodes}>
                    { for [None, Some(3), Some(4), Some(5), Some(7)].map(|n: Option<u32>| html! {
                        <option value={n.map_or_else(String::new, |n| n.to_string())} selected={order.nodes == n}>
                            { n.map_or_else(|| "drawn".to_owned(), |n| n.to_string()) }
                        </option>
                    }) }
                </select>
            </label>
            { number("from", "From seed", order.from, |order, n| order.from = n) }
            { number("seeds", "Seeds", order.seeds, |order, n| order.seeds = n.clamp(1, 10_000_000)) }
            if off > 0 {
                <div class="f"><span>{ "Rules" }</span><div class="kv-seg" role="group" aria-label="Rules">
                    { with_rules("all on".into(), Rules::ALL) }
                    { with_rules(format!("as in this run, {off} off"), rules) }
                </div></div>
            }
        </div>
    }
}

fn controls(
    fleet: &Rc<RefCell<Fleet>>,
    order: &UseStateHandle<Order>,
    running: bool,
    tally: &Tally,
) -> Html {
    let act = |what: fn(&Rc<RefCell<Fleet>>, Order)| {
        let (fleet, order) = (fleet.clone(), order.clone());
        move |_: MouseEvent| what(&fleet, (*order).clone())
    };
    let goes_on = !running && tally.runs > 0 && fleet.borrow().left() > 0;
    html! {
        <div class="kv-acts">
            if running {
                <button type="button" class="kv-btn pri" onclick={act(|fleet, _| Fleet::stop(fleet))}>{ icon("pausebars") }{ "Stop" }</button>
            } else {
                <button type="button" class="kv-btn pri" data-focus="first" onclick={act(Fleet::begin)}>{ icon("play") }{ if tally.runs > 0 { "Start again" } else { "Start" } }</button>
            }
            if goes_on {
                <button type="button" class="kv-btn" onclick={act(|fleet, _| Fleet::go_on(fleet))}>{ icon("stepf") }{ "Go on" }</button>
            }
            <span class="sub">{ format!("{} in the background", count_of(fleet.borrow().size().into(), "worker", "workers")) }</span>
        </div>
    }
}

fn progress(tally: &Tally, seeds: u64, fleet: &Fleet) -> Html {
    let seconds = fleet.worked() / 1_000.0;
    let rate = if seconds > 0.5 {
        tally.runs as f64 / seconds
    } else {
        0.0
    };
    let figure = |label: &'static str, value: String| html! { <div><dt>{ label }</dt><dd>{ value }</dd></div> };
    let verdict = match (tally.failures.len(), tally.runs) {
        (0, 0) => "–".to_owned(),
        (0, _) => "none".to_owned(),
        (n, _) => n.to_string(),
    };
    html! {
        <div aria-live="off">
            <progress max={seeds.to_string()} value={tally.runs.to_string()} aria-label="Seeds done"></progress>
            <dl class="figures">
                { figure("seeds done", format!("{} of {seeds}", tally.runs)) }
                { figure("seeds a second", format!("{rate:.1}")) }
                { figure("simulated", format!("{:.0} min", tally.simulated / 60_000.0)) }
                { figure("failed", verdict) }
            </dl>
        </div>
    }
}

fn failures(handle: &Handle, fleet: &Rc<RefCell<Fleet>>, tally: &Tally) -> Html {
    let row = |failed: &Failed| {
        let (handle, fleet, seed) = (handle.clone(), fleet.clone(), failed.seed.clone());
        let busy = tally.opening.as_deref() == Some(&*seed);
        let label = if busy {
            "Making it small…"
        } else {
            "Open the run"
        };
        let open = move |_: MouseEvent| Fleet::open(&fleet, &handle, &seed);
        html! {
            <li key={failed.seed.clone()}>
                { icon("octagon") }
                <div><b>{ &failed.name }</b>{ format!(", seed {}", failed.seed) }<p>{ &failed.what }</p></div>
                <button type="button" class="kv-btn" disabled={tally.opening.is_some()} onclick={open}>{ label }</button>
            </li>
        }
    };
    let heading = handle.root.id("h-failed");
    html! {
        <section aria-labelledby={heading.clone()}>
            <h3 class="kv-sech" id={heading}>{ "What failed" }</h3>
            <ul class="failed">{ for tally.failures.iter().take(20).map(row) }</ul>
        </section>
    }
}

fn coverage(handle: &Handle, tally: &Tally) -> Html {
    let row = |(name, count): (&String, &u64)| html! { <div key={name.clone()}><dt>{ name.replace('_', " ") }</dt><dd>{ grouped(*count) }</dd></div> };
    let heading = handle.root.id("h-coverage");
    html! {
        <section aria-labelledby={heading.clone()}>
            <h3 class="kv-sech" id={heading}>{ "What happened in them" }</h3>
            <dl class="coverage">{ for tally.coverage.iter().map(row) }</dl>
        </section>
    }
}

/// A number with its digits in threes: `12,345`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
