//! What happened, newest first.
//!
//! The sentences come from the view layer, word by word. What repeats (lost heartbeats of a cut-off
//! leader, a client that tries again and again) is told once, with a count. After going back in
//! time, the key events that are still to come stand on top, faded.

use super::words::{reference, seconds};
use crate::base::Time;
use crate::raft::Trace;
use crate::sim::EventKind;
use crate::view::{Arg, Told};
use crate::web::icons::{glyph, icon};
use crate::web::language::{h, t};
use crate::web::store::{
    Command, Item, Overlay, Same, UiAction, use_clock, use_handle, use_story, use_ui, use_view,
    use_words,
};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// Lines that the feed shows at most.
const LINES: usize = 120;

/// Lines back to look for the same thing.
const NEAR: usize = 10;

/// Events told in one line.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The newest of them.
    pub told: Rc<Told>,
    /// How many there are.
    pub times: u32,
    /// When the oldest happened.
    pub since: Time,
}

/// Two events with the same key are the same thing happening again.
type Repeat = (u32, u32, &'static str, &'static str);

fn repeat(kind: &EventKind) -> Option<Repeat> {
    let which = kind.name();
    match kind {
        EventKind::Lost { from, to, kind, .. } => {
            Some((from.number(), to.number(), which, kind.inner_name()))
        }
        EventKind::TimedOut { client, .. } => Some((client.0, 0, which, "")),
        EventKind::Redirected { client, node, .. } => Some((client.0, node.0, which, "")),
        EventKind::Traced {
            node,
            trace: Trace::Dropped { from, .. },
            ..
        } => Some((node.0, from.0, which, "")),
        _ => None,
    }
}

/// The lines of the feed, newest first. `told` is oldest first.
pub fn lines(told: &[Rc<Told>], key_events: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for told in told.iter().rev().filter(|t| t.key || !key_events) {
        let key = repeat(&told.kind);
        let same = |line: &Line| key.is_some() && repeat(&line.told.kind) == key;
        let near = lines.len().saturating_sub(NEAR);
        match lines[near..].iter().rposition(same) {
            Some(i) => {
                lines[near + i].times += 1;
                lines[near + i].since = told.at;
            }
            None if lines.len() == LINES => break,
            None => lines.push(Line {
                told: told.clone(),
                times: 1,
                since: told.at,
            }),
        }
    }
    lines
}

/// What happened, newest first.
#[function_component]
pub fn Feed() -> Html {
    let (handle, ui, story, clock, view) =
        (use_handle(), use_ui(), use_story(), use_clock(), use_view());
    let words = &use_words();
    let key_events = ui.key_events;
    let lines = use_memo((Same(story.told.clone()), key_events), |(told, key)| {
        lines(told, *key)
    });
    let now = view.now;
    let future = story
        .marks
        .iter()
        .rev()
        .filter(|t| !clock.live && t.at > now);
    let future = future.take(LINES / 4).map(|told| {
        html! { <Entry key={told.seq} told={Same(told.clone())} times=1 since={told.at} state="future" hot={false} /> }
    });
    let past = lines.iter().enumerate().map(|(i, line)| {
        html! {
            <Entry key={line.told.seq} told={Same(line.told.clone())} times={line.times} since={line.since}
                state={if i == 0 { "now" } else { "" }} hot={lit(&line.told, ui.hovered.as_ref())} />
        }
    });
    let empty = lines.is_empty();
    let why = {
        let handle = handle.clone();
        move |_: MouseEvent| handle.ui(UiAction::Overlay(Some(Overlay::Invariants)))
    };
    let heading = handle.root.id("h-events");
    html! {
        <section class="kv-events" aria-labelledby={heading.clone()}>
            <div class="kv-ph">
                <h2 id={heading}>{ h!(words, "feed.title") }</h2>
                <div class="end">
                    <button type="button" class="kv-btn quiet" aria-pressed={key_events.to_string()}
                        title={t!(words, "feed.kinds")}
                        onclick={move |_| handle.ui(UiAction::KeyEvents(!key_events))}>
                        { icon("gauge") }{ if key_events { h!(words, "feed.key-events") } else { h!(words, "feed.all-kinds") } }
                    </button>
                </div>
            </div>
            <div class="kv-feed" role="log" aria-live="off" aria-label={t!(words, "feed.events")}>
                if let Some(since) = view.stalled {
                    <p class="kv-none stalled">
                        { h!(words, "feed.stalled", since = seconds(since)) }{ " " }
                        <button type="button" class="kv-btn" aria-haspopup="dialog" onclick={why}>{ h!(words, "feed.why-stalled") }</button>
                    </p>
                }
                <ol>{ for future }{ for past }</ol>
                if let Some(at) = story.forgotten {
                    <p class="kv-none">{ h!(words, "feed.forgotten", at = seconds(at)) }</p>
                }
                if empty {
                    <p class="kv-none">{ h!(words, "feed.empty") }</p>
                }
            </div>
        </section>
    }
}

/// Whether a line tells of the thing that is pointed at.
fn lit(told: &Told, hovered: Option<&Item>) -> bool {
    match hovered {
        Some(Item::Event(seq)) => *seq == told.seq,
        Some(Item::Entry(i, t)) => {
            let it = |arg: &Arg| match arg {
                Arg::Entry { index, term, .. } if index == i && term == t => Some(()),
                _ => None,
            };
            told.telling.find(&it).is_some()
        }
        _ => false,
    }
}

#[derive(Properties, PartialEq)]
struct EntryProps {
    told: Same<Told>,
    times: u32,
    since: Time,
    state: &'static str,
    hot: bool,
}

#[function_component]
fn Entry(props: &EntryProps) -> Html {
    let handle = use_handle();
    let words = &handle.words.clone();
    let told = &props.told;
    let (at, seq) = (told.at, told.seq);
    let seek = {
        let handle = handle.clone();
        move |event: MouseEvent| {
            // A reference to the paper is a link of its own.
            let link = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            if link.is_none_or(|e| e.closest("a").ok().flatten().is_none()) {
                handle.run(Command::Seek(at));
            }
        }
    };
    let enter = {
        let handle = handle.clone();
        move |_: PointerEvent| handle.hover(Some(Item::Event(seq)))
    };
    let term = told.telling.find(&|arg| match arg {
        Arg::Node { term, .. } | Arg::Entry { term, .. } => Some(*term),
        _ => None,
    });
    html! {
        <li class={classes!(props.state, told.key.then_some("key"), props.hot.then_some("hot"))}
            onclick={seek} onpointerenter={enter} onpointerleave={move |_: PointerEvent| handle.hover(None)}>
            <button type="button" class="at" aria-label={t!(words, "feed.go", at = seconds(at), told = told.telling.clone())}>
                <time>{ seconds(at) }</time>
            </button>
            { glyph(told.glyph, term) }
            <p>
                { super::words::told(words, &told.telling) }
                if props.times > 1 {
                    <span class="times" title={t!(words, "feed.times", times = props.times, since = seconds(props.since))}>
                        { format!("×{}", props.times) }
                    </span>
                }
                { for told.refs.iter().map(|section| html! { <>{ " " }{ reference(words, section) }</> }) }
            </p>
        </li>
    }
}
