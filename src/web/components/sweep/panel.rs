//! The sweep panel: many seeds in the background, and what happened in them.

use super::super::rules::weather_name;
use super::fleet::{Failed, Fleet, Tally};
use crate::raft::Rules;
use crate::run::sweep::Profile;
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
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
    let words = &handle.words;
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
            <p>{ h!(words, "sweep.each-seed-is-a") }</p>
            { form(words, &order, story.weather.rules, running) }
            { controls(words, &fleet, &order, running, &tally) }
            { progress(words, &tally, order.seeds, &fleet.borrow()) }
            if let Some(error) = &tally.error { <p class="err" role="alert">{ words.say_html(error.clone().into()) }</p> }
            if !tally.failures.is_empty() { { failures(words, &handle, &fleet, &tally) } }
            if !tally.coverage.is_empty() { { coverage(words, &handle, &tally) } }
        </div>
    }
}

fn form(words: &Words, order: &UseStateHandle<Order>, rules: Rules, running: bool) -> Html {
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
        html! { <button key={profile.name()} disabled={running} aria-pressed={pressed.to_string()} onclick={move |_| choose()}>{ words.label(weather_name(profile)) }</button> }
    };
    let number = |name: &'static str, label: String, value: u64, change: fn(&mut Order, u64)| {
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
            <div class="f"><span>{ h!(words, "sweep.weather") }</span><div class="kv-seg" role="group" aria-label={t!(words, "sweep.weather")}>{ for Profile::ALL.iter().copied().map(profile) }</div></div>
            <label><span>{ h!(words, "sweep.servers") }</span>
                <select disabled={running} onchange={nodes}>
                    { for [None, Some(3), Some(4), Some(5), Some(7)].map(|n: Option<u32>| html! {
                        <option value={n.map_or_else(String::new, |n| n.to_string())} selected={order.nodes == n}>
                            { n.map_or_else(|| t!(words, "sweep.drawn"), |n| n.to_string()) }
                        </option>
                    }) }
                </select>
            </label>
            { number("from", t!(words, "sweep.from"), order.from, |order, n| order.from = n) }
            { number("seeds", t!(words, "sweep.seeds"), order.seeds, |order, n| order.seeds = n.clamp(1, 10_000_000)) }
            if off > 0 {
                <div class="f"><span>{ h!(words, "sweep.rules") }</span><div class="kv-seg" role="group" aria-label={t!(words, "sweep.rules")}>
                    { with_rules(t!(words, "sweep.all-on"), Rules::ALL) }
                    { with_rules(t!(words, "sweep.as-in-this-run", off), rules) }
                </div></div>
            }
        </div>
    }
}

fn controls(
    words: &Words,
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
                <button type="button" class="kv-btn pri" onclick={act(|fleet, _| Fleet::stop(fleet))}>{ icon("pausebars") }{ h!(words, "sweep.stop") }</button>
            } else {
                <button type="button" class="kv-btn pri" data-focus="first" onclick={act(Fleet::begin)}>{ icon("play") }{ if tally.runs > 0 { h!(words, "sweep.start-again") } else { h!(words, "sweep.start") } }</button>
            }
            if goes_on {
                <button type="button" class="kv-btn" onclick={act(|fleet, _| Fleet::go_on(fleet))}>{ icon("stepf") }{ h!(words, "sweep.go-on") }</button>
            }
            <span class="sub">{ h!(words, "sweep.workers", n = u64::from(fleet.borrow().size())) }</span>
        </div>
    }
}

fn progress(words: &Words, tally: &Tally, seeds: u64, fleet: &Fleet) -> Html {
    let seconds = fleet.worked() / 1_000.0;
    let rate = if seconds > 0.5 {
        tally.runs as f64 / seconds
    } else {
        0.0
    };
    let figure =
        |label: String, value: String| html! { <div><dt>{ label }</dt><dd>{ value }</dd></div> };
    let verdict = match (tally.failures.len(), tally.runs) {
        (0, 0) => "–".to_owned(),
        (0, _) => t!(words, "sweep.none"),
        (n, _) => n.to_string(),
    };
    html! {
        <div aria-live="off">
            <progress max={seeds.to_string()} value={tally.runs.to_string()} aria-label={t!(words, "sweep.seeds-done")}></progress>
            <dl class="figures">
                { figure(t!(words, "sweep.done"), t!(words, "stage.of", n = tally.runs, of = seeds)) }
                { figure(t!(words, "sweep.a-second"), format!("{rate:.1}")) }
                { figure(t!(words, "sweep.simulated"), format!("{:.0} min", tally.simulated / 60_000.0)) }
                { figure(t!(words, "sweep.failed"), verdict) }
            </dl>
        </div>
    }
}

fn failures(words: &Words, handle: &Handle, fleet: &Rc<RefCell<Fleet>>, tally: &Tally) -> Html {
    let row = |failed: &Failed| {
        let (handle, fleet, seed) = (handle.clone(), fleet.clone(), failed.seed.clone());
        let busy = tally.opening.as_deref() == Some(&*seed);
        let label = if busy {
            t!(words, "sweep.small")
        } else {
            t!(words, "sweep.open")
        };
        let open = move |_: MouseEvent| Fleet::open(&fleet, &handle, &seed);
        html! {
            <li key={failed.seed.clone()}>
                { icon("octagon") }
                <div><b>{ &failed.name }</b>{ t!(words, "sweep.of-seed", seed = &failed.seed) }<p>{ &failed.what }</p></div>
                <button type="button" class="kv-btn" disabled={tally.opening.is_some()} onclick={open}>{ label }</button>
            </li>
        }
    };
    let heading = handle.root.id("h-failed");
    html! {
        <section aria-labelledby={heading.clone()}>
            <h3 class="kv-sech" id={heading}>{ h!(words, "sweep.what-failed") }</h3>
            <ul class="failed">{ for tally.failures.iter().take(20).map(row) }</ul>
        </section>
    }
}

fn coverage(words: &Words, handle: &Handle, tally: &Tally) -> Html {
    let row = |(name, count): (&String, &u64)| html! { <div key={name.clone()}><dt lang="en">{ name.replace('_', " ") }</dt><dd>{ grouped(*count) }</dd></div> };
    let heading = handle.root.id("h-coverage");
    html! {
        <section aria-labelledby={heading.clone()}>
            <h3 class="kv-sech" id={heading}>{ h!(words, "sweep.what-happened-in-them") }</h3>
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
