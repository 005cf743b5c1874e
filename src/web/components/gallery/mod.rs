//! The gallery: every lesson as a card, and where the reader is.

mod draw;
mod pictures;

use super::bar::language;
use super::seed_box::SeedBox;
use crate::lesson::scenario::{LAB, Topic};
use crate::view::words::key;
use crate::web::hooks::{Shape, use_shape};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
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
    fn fits(&self, words: &Words, card: &Card) -> bool {
        let texts = [&card.title, &card.summary, &card.source];
        let shown = texts.map(|text| words.lesson(text));
        let text = (texts.map(|text| &**text).join(" ") + " " + &shown.join(" ")).to_lowercase();
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
    let words = &handle.words;
    let phone = use_shape() == Shape::Phone;
    let cards = use_state(|| props.cards.clone().ok_or_else(String::new));
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
                { filters(words, all, &filter) }
                { shelf(words, &handle, all, &filter, &story.scenario) }
            </>
        },
        Err(why) => {
            html! { <p class="none" role="status">{ words.say_html(why.clone().into()) }</p> }
        }
    };
    let all = cards.as_ref().ok();
    html! {
        <div class="kv-gal" tabindex="-1" data-focus="first">
            <div class="tools">
                { lab_button(words, &handle, all) }
                <button type="button" class="kv-btn quiet" onclick={ui_on(&handle, Overlay::Open(AttrValue::default()))}>{ h!(words, "gallery.load-a-run") }</button>
                if phone { { language(&ui, &handle) } }
            </div>
            if ui.level == Level::Calm { { hero(words, &handle, all) } } else { { here(words, &handle, &story) } }
            { body }
        </div>
    }
}

/// A topic's heading: a key of the catalogue.
const fn heading(topic: Topic) -> &'static str {
    match topic {
        Topic::Start => key!("gallery.topic-start"),
        Topic::Elections => key!("gallery.topic-elections"),
        Topic::Partitions => key!("gallery.topic-partitions"),
        Topic::Log => key!("gallery.topic-log"),
        Topic::Clients => key!("gallery.topic-clients"),
        Topic::Membership => key!("gallery.topic-membership"),
        Topic::Rules => key!("gallery.topic-rules"),
        Topic::Incidents => key!("gallery.topic-incidents"),
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

fn lab_button(words: &Words, handle: &Handle, cards: Option<&Rc<Vec<Card>>>) -> Html {
    let card = cards.and_then(|cards| cards.iter().find(|card| *card.id == *LAB));
    let seed = card.map_or(1, |card| card.seed);
    html! { <button type="button" class="kv-btn quiet" onclick={open(handle, LAB, seed)}>{ h!(words, "gallery.open-an-empty-lab") }</button> }
}

/// What it is all about, for who hasn't begun.
fn hero(words: &Words, handle: &Handle, cards: Option<&Rc<Vec<Card>>>) -> Html {
    let first = cards.and_then(|cards| cards.first());
    let heading = handle.root.id("h-hero");
    html! {
        <section class="kv-hero" aria-labelledby={heading.clone()}>
            <div class="tx">
                <h3 id={heading}>{ h!(words, "gallery.watch-servers-agree-then") }</h3>
                <p>{ h!(words, "gallery.real-raft-running-in") }</p>
                if let Some(card) = first {
                    <div class="kv-acts">
                        <button type="button" class="kv-btn pri big" onclick={open(handle, &card.id, card.seed)}>{ icon("play") }{ h!(words, "gallery.start-with", title = words.lesson(&card.title)) }</button>
                        <span class="hint">{ h!(words, "gallery.minutes", n = card.minutes) }</span>
                    </div>
                }
            </div>
            <div class="pic">{ draw::draw(pictures::HERO) }</div>
        </section>
    }
}

/// Where the reader is, and the seed that makes the run what it is.
fn here(words: &Words, handle: &Handle, story: &Story) -> Html {
    let heading = handle.root.id("h-here");
    html! {
        <section class="kv-here" aria-labelledby={heading.clone()}>
            <div class="tx">
                <p class="sub">{ h!(words, "gallery.you-are-here") }</p>
                <h3 id={heading}>{ words.lesson_html(&story.title) }</h3>
                <p class="sub">{ words.html(&story.summary) }</p>
            </div>
            <SeedBox />
        </section>
    }
}

fn filters(words: &Words, cards: &[Card], filter: &UseStateHandle<Filter>) -> Html {
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
            <h3>{ h!(words, "gallery.scenarios") }</h3>
            <div class="kv-seg" role="group" aria-label={t!(words, "gallery.topic")}>
                { choose(None, t!(words, "gallery.all", n = cards.len())) }
                { for topics.into_iter().map(|topic| choose(Some(topic), words.label(heading(topic)))) }
            </div>
            <label class="kv-find">{ icon("search") }<span class="kv-sr">{ h!(words, "gallery.search") }</span>
                <input type="search" placeholder={t!(words, "gallery.search")} autocomplete="off" value={filter.text.clone()} oninput={type_in} />
            </label>
        </div>
    }
}

fn shelf(words: &Words, handle: &Handle, cards: &[Card], filter: &Filter, current: &str) -> Html {
    let mut found = cards
        .iter()
        .filter(|card| filter.fits(words, card))
        .peekable();
    if found.peek().is_none() {
        return html! { <p class="none" role="status">{ h!(words, "gallery.no-scenario-has-these") }</p> };
    }
    html! { <ul class="kv-cards">{ for found.map(|card| shown(words, handle, card, *card.id == *current)) }</ul> }
}

fn shown(words: &Words, handle: &Handle, card: &Card, here: bool) -> Html {
    let href = format!("?scenario={}", card.id);
    let level = t!(words, "gallery.level", n = card.level);
    html! {
        <li key={&*card.id}>
            <a class="kv-card" {href} aria-current={here.then_some("true")} onclick={open(handle, &card.id, card.seed)}>
                { draw::draw(pictures::picture(&card.id)) }
                <div class="tx">
                    <div class="meta">
                        <span>{ words.label(heading(card.topic)) }</span>
                        if card.minutes > 0 { <span>{ h!(words, "gallery.min", n = card.minutes) }</span> }
                        <span>{ words.lesson_html(&card.source) }</span>
                        <span class="lv" role="img" aria-label={level}>{ for (0..3).map(|i| html! { <i class={(i < card.level).then_some("on")}></i> }) }</span>
                    </div>
                    <h4>{ words.lesson_html(&card.title) }if here { <span class="here">{ h!(words, "gallery.you-are-here-2") }</span> }</h4>
                    <p>{ words.lesson_html(&card.summary) }</p>
                </div>
            </a>
        </li>
    }
}
