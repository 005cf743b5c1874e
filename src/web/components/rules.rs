//! Rules and chaos: every line of the paper with a switch, and how rough the weather is.
//!
//! What a rule says, and where it is from, is its documentation in the engine: a rule that is added
//! there is on this panel at once.

use super::dial::Dial;
use super::words::reference;
use crate::base::{Ratio, Span};
use crate::raft::{Rule, Rules};
use crate::run::sweep::Profile;
use crate::sim::{Action, Chaos, Fault, LinkSettings};
use crate::view::Telling;
use crate::view::words::key;
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// A rule for people: its documentation, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Says {
    /// What it demands, in one sentence or two.
    pub text: String,
    /// Where: `5.2`, `figure 2`, `diss. 9.6`.
    pub source: String,
}

/// Takes the source out of a rule's documentation: "… (section 5.2)."
pub fn says(doc: &str) -> Says {
    const WORDS: [(&str, &str); 3] = [
        ("section ", ""),
        ("figure ", "figure "),
        ("dissertation ", "diss. "),
    ];
    let doc = doc.trim();
    for (start, _) in doc.match_indices('(') {
        let Some((inside, after)) = doc[start + 1..].split_once(')') else {
            break;
        };
        let found = WORDS.iter().find_map(|(word, short)| {
            let (before, number) = inside.split_once(word)?;
            let end = number.find(|c: char| !c.is_ascii_digit() && c != '.');
            Some((
                before,
                format!("{short}{}", &number[..end.unwrap_or(number.len())]),
            ))
        });
        if let Some((other, source)) = found {
            let kept = match other.trim_end_matches([',', ' ']) {
                "" => String::new(),
                other => format!(" ({other})"),
            };
            let text = format!("{}{kept}{after}", doc[..start].trim_end());
            return Says { text, source };
        }
    }
    Says {
        text: doc.to_owned(),
        source: String::new(),
    }
}

/// The panel.
#[function_component]
pub fn RulesAndChaos() -> Html {
    let (handle, story, view) = (use_handle(), use_story(), use_view());
    let words = &handle.words;
    let chaos = use_state(|| false);
    let part = |which: bool, text: String| {
        let (pressed, chaos) = (*chaos == which, chaos.clone());
        html! { <button aria-pressed={pressed.to_string()} onclick={move |_| chaos.set(which)}>{ text }</button> }
    };
    let heading = handle.root.id("h-rules");
    html! {
        <section class="kv-rules" aria-labelledby={heading.clone()}>
            <div class="kv-ph">
                <h2 id={heading}>{ h!(words, "rules.rules-and-chaos") }</h2>
                <div class="kv-seg" role="group" aria-label={t!(words, "rules.part")}>{ part(false, t!(words, "rules.rules")) }{ part(true, t!(words, "rules.chaos")) }</div>
            </div>
            if *chaos { { weather(words, &handle, &story.weather) } } else { { rules(words, &handle, &story.weather, &view.seed) } }
            <p class="more">
                { more(&handle, "dice", t!(words, "rules.sweep"), Overlay::Sweep) }
                { more(&handle, "clock", t!(words, "rules.all-settings"), Overlay::Settings) }
            </p>
        </section>
    }
}

fn more(handle: &Handle, mark: &'static str, text: String, overlay: Overlay) -> Html {
    let handle = handle.clone();
    let show = move |_: MouseEvent| handle.ui(UiAction::Overlay(Some(overlay.clone())));
    html! { <button type="button" class="kv-btn" onclick={show}>{ icon(mark) }{ text }</button> }
}

/// The switches.
fn rules(words: &Words, handle: &Handle, weather: &Weather, seed: &str) -> Html {
    let all: Vec<(Rule, Says)> = Rule::ALL.iter().map(|r| (*r, says(r.says()))).collect();
    let (beyond, paper): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(_, says)| says.source.starts_with("diss."));
    let off: Vec<_> = weather.rules.off().map(|rule| rule.name()).collect();
    let set = |label: String, rules: Rules| {
        let handle = handle.clone();
        let set = move |_: MouseEvent| handle.run(Command::Rules(rules));
        html! { <button type="button" class="kv-btn" onclick={set}>{ label }</button> }
    };
    let changed = weather.rules != weather.usual && weather.usual != Rules::ALL;
    let group = |title: String, rules: Vec<(Rule, Says)>| {
        let rows = rules
            .into_iter()
            .map(|(rule, says)| switch(words, handle, weather.rules, rule, &says));
        html! { <><h3 class="kv-sech">{ title }</h3><ul>{ for rows }</ul></> }
    };
    html! {
        <>
            <p class="note">
                { h!(words, "rules.note", seed) }
            </p>
            if !off.is_empty() {
                <div class="state">
                    <p><b>{ h!(words, "rules.are-off", n = off.len()) }</b>{ ": " }{ off.join(", ") }</p>
                    { set(t!(words, "rules.all-on"), Rules::ALL) }
                    if changed { { set(t!(words, "rules.as-the-lesson"), weather.usual) } }
                </div>
            }
            { group(t!(words, "rules.the-paper"), paper) }
            { group(t!(words, "rules.the-dissertation"), beyond) }
        </>
    }
}

fn switch(words: &Words, handle: &Handle, rules: Rules, rule: Rule, says: &Says) -> Html {
    let on = rules.has(rule);
    let (name, about) = (
        handle.root.id(format!("rule-{}", rule.name())),
        handle.root.id(format!("rule-{}-is", rule.name())),
    );
    let flip = {
        let handle = handle.clone();
        let next = if on {
            rules.without(rule)
        } else {
            rules.with(rule)
        };
        move |_: MouseEvent| handle.run(Command::Rules(next))
    };
    html! {
        <li key={rule.name()} class={(!on).then_some("off")}>
            <b id={name.clone()} title={rule.name()}>{ words.html(&Telling::new(format!("rule-name.{}", rule.name()))) }</b>
            if !says.source.is_empty() { { reference(words, &says.source) } } else { <span></span> }
            <button type="button" class="kv-sw" role="switch" aria-checked={on.to_string()}
                aria-labelledby={name} aria-describedby={about.clone()} onclick={flip}>
                <i class={classes!("kv-switch", on.then_some("on"))}></i>
            </button>
            <p id={about}>{ words.html(&Telling::new(format!("rule.{}", rule.name()))) }</p>
        </li>
    }
}

/// Rates of a fault that can be chosen: the chance in per cent that one begins within a second.
const RATES: [i32; 13] = [0, 1, 2, 3, 5, 10, 15, 20, 30, 40, 50, 75, 100];

/// Shares of messages, in per cent.
const SHARES: [i32; 9] = [0, 1, 2, 5, 10, 20, 30, 50, 80];

/// Operations of the clients a second.
const LOADS: [i32; 11] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/// The longest time of a message on its way, in milliseconds.
const DELAYS: [i32; 10] = [5, 10, 12, 20, 30, 50, 100, 200, 300, 500];

/// What the weather of a profile is called.
pub(super) fn weather_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Calm => key!("rules.weather-calm"),
        Profile::Rough => key!("rules.weather-rough"),
        Profile::Hostile => key!("rules.weather-hostile"),
        Profile::Cluster => key!("rules.weather-cluster"),
    }
}

/// The sliders.
fn weather(words: &Words, handle: &Handle, weather: &Weather) -> Html {
    let preset = |name: &'static str, chaos: Chaos| {
        let (handle, pressed) = (handle.clone(), weather.chaos == chaos);
        let set = move |_: MouseEvent| handle.act(Action::SetChaos { chaos });
        html! { <button key={name} aria-pressed={pressed.to_string()} onclick={set}>{ words.label(name) }</button> }
    };
    let faults = Fault::ALL.iter().map(|&fault| {
        let (handle, chaos) = (handle.clone(), weather.chaos);
        let set = Callback::from(move |percent: i32| {
            let mut chaos = chaos;
            *chaos.rate_mut(fault) = Ratio::percent(percent.unsigned_abs());
            handle.act(Action::SetChaos { chaos });
        });
        let (name, title) = (
            words.text(&Telling::new(format!("fault-name.{}", fault.name()))),
            words.text(&Telling::new(format!("fault.{}", fault.name()))),
        );
        html! { <Dial key={fault.name()} label={name} {title} steps={&RATES[..]} at={percent(weather.chaos.rate(fault))} unit="%" {set} /> }
    });
    let link = |change: fn(&mut LinkSettings, u32)| {
        let (handle, link) = (handle.clone(), weather.link);
        Callback::from(move |value: i32| {
            let mut link = link;
            change(&mut link, value.unsigned_abs());
            handle.act(Action::SetNetwork { link });
        })
    };
    let load = {
        let handle = handle.clone();
        Callback::from(move |load: i32| {
            let per_second = load.unsigned_abs();
            handle.act(Action::SetLoad { per_second });
        })
    };
    let lasts = link(|link, ms| {
        link.latency_max = Span::millis(ms.into());
        link.latency_min = link.latency_min.min(link.latency_max);
    });
    html! {
        <>
            <p class="note">{ h!(words, "rules.random-faults-from-the") }</p>
            <div class="kv-seg presets" role="group" aria-label={t!(words, "rules.weather")}>
                { preset(key!("rules.weather-none"), Chaos::default()) }
                { for Profile::ALL.iter().map(|&profile| preset(weather_name(profile), profile.chaos())) }
            </div>
            <h3 class="kv-sech">{ h!(words, "rules.faults") }</h3>
            <div class="dials">{ for faults }</div>
            <h3 class="kv-sech">{ h!(words, "rules.network") }</h3>
            <div class="dials">
                <Dial label={t!(words, "rules.delay-up-to")} title={t!(words, "rules.the-longest-time-of")} steps={&DELAYS[..]} at={(weather.link.latency_max.0 / 1_000) as i32} unit="ms" set={lasts} />
                <Dial label={t!(words, "rules.loss")} title={t!(words, "rules.the-share-of-messages")} steps={&SHARES[..]} at={percent(weather.link.loss)} unit="%" set={link(|link, percent| link.loss = Ratio::percent(percent))} />
                <Dial label={t!(words, "rules.duplicates")} title={t!(words, "rules.the-share-of-messages-that")} steps={&SHARES[..]} at={percent(weather.link.duplicate)} unit="%" set={link(|link, percent| link.duplicate = Ratio::percent(percent))} />
            </div>
            <h3 class="kv-sech">{ h!(words, "rules.clients") }</h3>
            <div class="dials">
                <Dial label={t!(words, "rules.load")} title={t!(words, "rules.operations-that-clients-send")} steps={&LOADS[..]} at={weather.load as i32} unit="/s" set={load} />
            </div>
        </>
    }
}

fn percent(ratio: Ratio) -> i32 {
    (ratio.0 / 10_000) as i32
}
