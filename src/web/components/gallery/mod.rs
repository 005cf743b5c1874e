//! The gallery: every lesson as a card, and where the reader is.

mod draw;
mod pictures;

use super::seed_box::SeedBox;
use crate::lesson::scenario::{LAB, Topic};
use crate::web::icons::icon;
use crate::web::page::lessons::{self, Card};
use crate::web::store::*;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

/// What the gallery needs to know.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What there is to choose from; without it, the list is fetched.
    #[prop_or_default]
    pub cards: Option<Rc<Vec<Card>>>,
}

/// What the reader looks for.
#[derive(Clone, Default, PartialEq)]
struct Filter {
    topic: Option<Topic>,
    text: String,
}

impl Filter {
    fn fits(&self, card: &Card) -> bool {
        let text = format!("{} {} {}", card.title, card.summary, card.source).to_lowercase();
        self.topic.is_none_or(|topic| topic == card.topic)
            && self
                .text
                .to_lowercase()
                .split_whitespace()
                .all(|word| text.contains(word))
    }
}

/// The gallery.
#[function_component]
pub fn Gallery(props: &Props) -> Html {
    let (handle, ui, story) = (use_handle(), use_ui(), use_story());
    let cards = use_state(|| props.cards.clone().ok_or_else(|| "Loading…".to_owned()));
    let filter = use_state(Filter::default);
    {
        let cards = cards.clone();
        use_effect_with(props.cards.is_none(), move |fetch| {
            if *fetch {
                spawn_local(async move { cards.set(lessons::cards().await) });
            }
        });
    }
    let body = match &*cards {
        Ok(all) => html! {
            <>
                { filters(all, &filter) }
                { shelf(&handle, all, &filter, &story.scenario) }
            </>
        },
        Err(why) => html! { <p class="none" role="status">{ why }</p> },
    };
    let all = cards.as_ref().ok();
    html! {
        <div class="kv-gal" tabindex="-1" data-focus="first">
            <div class="tools">
                { lab_button(&handle, all) }
                <button type="button" class="kv-btn quiet" onclick={ui_on(&handle, Overlay::Open(AttrValue::default()))}>{ "Load a run" }</button>
            </div>
            if ui.level == Level::Calm { { hero(&handle, all) } } else { { here(&handle, &story) } }
            { body }
        </div>
    }
}

/// A topic's heading.
const fn heading(topic: Topic) -> &'static str {
    match topic {
        Topic::Start => "Start here",
        Topic::Elections => "Elections",
        Topic::Partitions => "Partitions",
        Topic::Log => "Log and disk",
        Topic::Clients => "Clients",
        Topic::Membership => "Membership",
        Topic::Rules => "Break a rule",
        Topic::Incidents => "Incidents",
    }
}

fn ui_on(handle: &Handle, overlay: Overlay) -> Callback<MouseEvent> {
    let handle = handle.clone();
    Callback::from(move |_| handle.ui(UiAction::Overlay(Some(overlay.clone()))))
}

/// Starts a lesson.
fn open(handle: &Handle, id: &str, seed: u64) -> Callback<MouseEvent> {
    let (handle, scenario) = (handle.clone(), id.to_owned());
    Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        handle.ui(UiAction::Overlay(None));
        handle.ui(UiAction::Started);
        handle.run(Command::Load {
            scenario: scenario.clone(),
            seed: Some(seed.to_string()),
        });
    })
}

fn lab_button(handle: &Handle, cards: Option<&Rc<Vec<Card>>>) -> Html {
    let card = cards.and_then(|cards| cards.iter().find(|card| *card.id == *LAB));
    let seed = card.map_or(1, |card| card.seed);
    html! { <button type="button" class="kv-btn quiet" onclick={open(handle, LAB, seed)}>{ "Open an empty lab" }</button> }
}

/// What it is all about, for who hasn't begun.
fn hero(handle: &Handle, cards: Option<&Rc<Vec<Card>>>) -> Html {
    let first = cards.and_then(|cards| cards.first());
    let heading = handle.root.id("h-hero");
    html! {
        <section class="kv-hero" aria-labelledby={heading.clone()}>
            <div class="tx">
                <h3 id={heading}>{ "Watch servers agree. Then try to stop them." }</h3>
                <p>{ "Real Raft, running in your browser: every server, message and disk write. Crash a leader, cut a link, rewind, and see why the cluster did what it did." }</p>
                if let Some(card) = first {
                    <div class="kv-acts">
                        <button type="button" class="kv-btn pri big" onclick={open(handle, &card.id, card.seed)}>{ icon("play") }{ format!("Start with “{}”", card.title) }</button>
                        <span class="hint">{ format!("{} minutes, no prior knowledge", card.minutes) }</span>
                    </div>
                }
            </div>
            <div class="pic">{ draw::draw(pictures::HERO) }</div>
        </section>
    }
}

/// Where the reader is, and the seed that makes the run what it is.
fn here(handle: &Handle, story: &Story) -> Html {
    let heading = handle.root.id("h-here");
    html! {
        <section class="kv-here" aria-labelledby={heading.clone()}>
            <div class="tx">
                <p class="sub">{ "You are here" }</p>
                <h3 id={heading}>{ &*story.title }</h3>
                <p class="sub">{ &story.summary }</p>
            </div>
            <SeedBox />
        </section>
    }
}

fn filters(cards: &[Card], filter: &UseStateHandle<Filter>) -> Html {
    let choose = |topic: Option<Topic>, label: String| {
        let pressed = filter.topic == topic;
        let filter = filter.clone();
        let choose = move |_: MouseEvent| {
            filter.set(Filter {
                topic,
                ..(*filter).clone()
            })
        };
        html! { <button type="button" aria-pressed={pressed.to_string()} onclick={choose}>{ label }</button> }
    };
    let mut topics: Vec<Topic> = Vec::new();
    for card in cards {
        if !topics.contains(&card.topic) {
            topics.push(card.topic);
        }
    }
    let type_in = {
        let filter = filter.clone();
        move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            filter.set(Filter {
                text: input.value(),
                ..(*filter).clone()
            });
        }
    };
    html! {
        <div class="kv-galbar">
            <h3>{ "Scenarios" }</h3>
            <div class="kv-seg" role="group" aria-label="Topic">
                { choose(None, format!("All {}", cards.len())) }
                { for topics.into_iter().map(|topic| choose(Some(topic), heading(topic).to_owned())) }
            </div>
            <label class="kv-find">{ icon("search") }<span class="kv-sr">{ "Search" }</span>
                <input type="search" placeholder="Search" autocomplete="off" value={filter.text.clone()} oninput={type_in} />
            </label>
        </div>
    }
}

fn shelf(handle: &Handle, cards: &[Card], filter: &Filter, current: &str) -> Html {
    let mut found = cards.iter().filter(|card| filter.fits(card)).peekable();
    if found.peek().is_none() {
        return html! { <p class="none" role="status">{ "No scenario has these words. Try fewer." }</p> };
    }
    html! { <ul class="kv-cards">{ for found.map(|card| shown(handle, card, *card.id == *current)) }</ul> }
}

fn shown(handle: &Handle, card: &Card, here: bool) -> Html {
    let href = format!("?scenario={}", card.id);
    let level = format!("level {} of 3", card.level);
    html! {
        <li key={&*card.id}>
            <a class="kv-card" {href} aria-current={here.then_some("true")} onclick={open(handle, &card.id, card.seed)}>
                { draw::draw(pictures::picture(&card.id)) }
                <div class="tx">
                    <div class="meta">
                        <span>{ heading(card.topic) }</span>
                        if card.minutes > 0 { <span>{ format!("{} min", card.minutes) }</span> }
                        <span>{ &*card.source }</span>
                        <span class="lv" role="img" aria-label={level}>{ for (0..3).map(|i| html! { <i class={(i < card.level).then_some("on")}></i> }) }</span>
                    </div>
                    <h4>{ &*card.title }if here { <span class="here">{ "you are here" }</span> }</h4>
                    <p>{ &*card.summary }</p>
                </div>
            </a>
        </li>
    }
}
