//! Sentences, chips and tiles in running text.
//!
//! A sentence comes as [`Word`]s. Every piece of it is set as text, so that a key such as
//! `<script>` is read, not run. A server is a chip in the colour of its term; an entry is a tile.
//! Both light up together with everything else that shows the same thing.

use crate::base::NodeId;
use crate::raft::{Index, Role, Term};
use crate::view::{NodeView, OperationView, Power, Word, label};
use crate::web::icons::{hue, icon_named};
use crate::web::store::{Item, use_lab, use_ui};
use yew::prelude::*;

/// Longer texts of users are cut in labels; the inspector has all of it.
const LABEL: usize = 14;

/// At most `max` characters of a text, with an ellipsis for the rest.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => {
            let cut = text.char_indices().nth(max - 1).map_or(0, |(at, _)| at);
            format!("{}…", &text[..cut])
        }
    }
}

/// What stands on an entry's tile; a no-op is `∅`.
pub fn entry_label(operation: Option<&OperationView>) -> String {
    operation.map_or("∅".into(), |o| label(&o.operation))
}

/// Seconds with milliseconds, as everywhere on the screen: `2.712`.
pub fn seconds(time: crate::base::Time) -> String {
    format!("{}.{:03}", time.0 / 1_000_000, time.0 / 1_000 % 1_000)
}

/// Which draws of luck replay the run: `seed 7`. Where there is no room for a long one, it ends in
/// an ellipsis, and pointing at it shows all of it.
pub fn seed(seed: &str) -> Html {
    let text = format!("seed {seed}");
    html! { <span class="kv-seed" title={text.clone()}>{ text }</span> }
}

/// A count and its noun: `1 entry`, `3 entries`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The parts of a [`Chip`].
#[derive(Properties, PartialEq)]
pub struct ChipProps {
    /// The server.
    pub id: NodeId,
    /// Its term at that moment.
    pub term: Term,
    /// Whether it led.
    #[prop_or_default]
    pub leader: bool,
}

/// A server in running text.
#[component]
pub fn Chip(props: &ChipProps) -> Html {
    let ChipProps { id, term, leader } = *props;
    let item = Item::Node(id);
    let (lab, ui) = (use_lab(), use_ui());
    let enter = {
        let (lab, item) = (lab.clone(), item.clone());
        move |_: PointerEvent| lab.hover(Some(item.clone()))
    };
    html! {
        <span class={classes!("kv-chip", ui.lit(&item).then_some("lit"))} data-t={hue(term)}
            onpointerenter={enter} onpointerleave={move |_: PointerEvent| lab.hover(None)}>
            { id.to_string() }
            if leader { { icon_named("crown", "leader") } }
        </span>
    }
}

/// The parts of an [`EntryTile`].
#[derive(Properties, PartialEq)]
pub struct EntryTileProps {
    /// Its index.
    pub index: Index,
    /// Its term.
    pub term: Term,
    /// Its label; empty for a no-op.
    pub label: AttrValue,
    /// Whether it is committed; otherwise it is dashed.
    pub committed: bool,
}

/// An entry in running text.
#[component]
pub fn EntryTile(props: &EntryTileProps) -> Html {
    let item = Item::Entry(props.index, props.term);
    let (lab, ui) = (use_lab(), use_ui());
    let label = if props.label.is_empty() {
        "∅".into()
    } else {
        AttrValue::from(clip(&props.label, 2 * LABEL))
    };
    let enter = {
        let (lab, item) = (lab.clone(), item.clone());
        move |_: PointerEvent| lab.hover(Some(item.clone()))
    };
    html! {
        <span data-t={hue(props.term)}
            class={classes!("kv-ent", (!props.committed).then_some("unc"), ui.lit(&item).then_some("lit"))}
            onpointerenter={enter} onpointerleave={move |_: PointerEvent| lab.hover(None)}>
            <i>{ format!("#{}", props.index) }</i>{ label }
        </span>
    }
}

/// A sentence.
pub fn sentence(words: &[Word]) -> Html {
    words
        .iter()
        .map(|word| match word {
            Word::Text { text } => html! { { text } },
            Word::Strong { text } => html! { <b>{ text }</b> },
            Word::Node { id, term, leader } => {
                html! { <Chip id={*id} term={*term} leader={*leader} /> }
            }
            Word::Entry {
                index,
                term,
                label,
                committed,
            } => html! {
                <EntryTile index={*index} term={*term} label={label.clone()} committed={*committed} />
            },
        })
        .collect()
}

/// A section of the Raft paper ("5.3"), or of the dissertation ("diss. 6.4"), with its link.
pub fn reference(section: &str) -> Html {
    const PAPER: &str = "https://raft.github.io/raft.pdf";
    if let Some(number) = section.strip_prefix("figure ") {
        let (text, title) = (
            format!("Fig. {number}"),
            format!("The Raft paper, {section}"),
        );
        return html! { <a class="ref" href={PAPER} {title} target="_blank" rel="noopener noreferrer">{ text }</a> };
    }
    let (href, text, title) = match section.strip_prefix("diss. ") {
        Some(number) => (
            "https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf",
            format!("diss. §{number}"),
            format!("Diego Ongaro's dissertation, section {number}"),
        ),
        None => (
            PAPER,
            format!("§{section}"),
            format!("The Raft paper, section {section}"),
        ),
    };
    html! { <a class="ref" {href} {title} target="_blank" rel="noopener noreferrer">{ text }</a> }
}

/// The icon and the name of what a server is now.
pub fn standing(node: &NodeView) -> (&'static str, &'static str) {
    match (node.power, node.role) {
        (Power::Crashed, _) => ("crash", "Crashed"),
        (Power::Paused, _) => ("pausebars", "Paused"),
        (Power::Up, Role::Leader) => ("crown", "Leader"),
        (Power::Up, Role::Candidate) => ("ballot", "Candidate"),
        (Power::Up, Role::PreCandidate) => ("ballot", "Pre-candidate"),
        (Power::Up, Role::Follower) => ("follower", "Follower"),
    }
}

/// The value of `data-role`, which the style sheet knows.
pub fn role_name(node: &NodeView) -> &'static str {
    match (node.power, node.role) {
        (Power::Crashed, _) => "crashed",
        (Power::Paused, _) => "paused",
        (Power::Up, Role::Leader) => "leader",
        (Power::Up, Role::Candidate | Role::PreCandidate) => "candidate",
        (Power::Up, Role::Follower) => "follower",
    }
}
