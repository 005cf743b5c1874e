//! Sentences, chips and tiles in running text.
//!
//! A sentence comes as [`Word`]s. Every piece of it is set as text, so that a key such as
//! `<script>` is read, not run. A server is a chip in the colour of its term; an entry is a tile.
//! Both light up together with everything else that shows the same thing.

use crate::base::NodeId;
use crate::raft::{Index, Role, Term};
pub use crate::view::clip;
pub use crate::view::text::{count_of, seconds};
use crate::view::{EntryView, Member, NodeView, Power, Word, label};
use crate::web::icons::{hue, icon_named};
use crate::web::store::{Item, use_handle, use_ui};
use yew::prelude::*;

/// Longer texts of users are cut in labels; the inspector has all of it.
const LABEL: usize = 14;

/// What stands on an entry's tile: the operation, who the members are, or `∅` for a no-op.
pub fn entry_label(entry: &EntryView) -> String {
    match (&entry.operation, &entry.configuration) {
        (Some(operation), _) => label(&operation.operation),
        (None, Some(members)) => members.short(),
        (None, None) => "∅".into(),
    }
}

/// Which draws of luck replay the run: `seed 7`. Where there is no room for a long one, it ends in
/// an ellipsis, and pointing at it shows all of it.
pub fn seed(seed: &str) -> Html {
    let text = format!("seed {seed}");
    html! { <span class="kv-seed" title={text.clone()}>{ text }</span> }
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
    let (handle, ui) = (use_handle(), use_ui());
    let enter = {
        let (handle, item) = (handle.clone(), item.clone());
        move |_: PointerEvent| handle.hover(Some(item.clone()))
    };
    html! {
        <span class={classes!("kv-chip", ui.lit(&item).then_some("lit"))} data-t={hue(term)}
            onpointerenter={enter} onpointerleave={move |_: PointerEvent| handle.hover(None)}>
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
    /// Its label; empty if nobody knows it any more.
    pub label: AttrValue,
    /// Whether it is committed; otherwise it is dashed.
    pub committed: bool,
}

/// An entry in running text.
#[component]
pub fn EntryTile(props: &EntryTileProps) -> Html {
    let item = Item::Entry(props.index, props.term);
    let (handle, ui) = (use_handle(), use_ui());
    let label = clip(&props.label, 3 * LABEL);
    let enter = {
        let (handle, item) = (handle.clone(), item.clone());
        move |_: PointerEvent| handle.hover(Some(item.clone()))
    };
    html! {
        <span data-t={hue(props.term)}
            class={classes!("kv-ent", (!props.committed).then_some("unc"), ui.lit(&item).then_some("lit"))}
            onpointerenter={enter} onpointerleave={move |_: PointerEvent| handle.hover(None)}>
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

/// What a server is on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleMark {
    /// What it is called.
    pub name: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The value of `data-role`, which the style sheets know.
    pub role: &'static str,
    /// The family that colours its lines.
    pub family: &'static str,
}

/// What a server is now.
pub fn role_mark(node: &NodeView) -> RoleMark {
    let (name, icon, role, family) = match (node.power, node.member, node.role) {
        (Power::Up, ..) if node.disk.refuses.is_some() => ("No part", "disk", "removed", "idle"),
        (Power::Crashed, ..) => ("Crashed", "crash", "crashed", "idle"),
        (Power::Paused, ..) => ("Paused", "pausebars", "paused", "idle"),
        (_, _, Role::Leader) => ("Leader", "crown", "leader", "repl"),
        (_, _, Role::Candidate) => ("Candidate", "ballot", "candidate", "elect"),
        (_, _, Role::PreCandidate) => ("Pre-candidate", "ballot", "precandidate", "elect"),
        (_, Member::Voter, _) => ("Follower", "follower", "follower", "idle"),
        (_, Member::Learner, _) => ("Learner", "book", "learner", "move"),
        (_, Member::Joining, _) => ("Joining", "book", "joining", "move"),
        (_, Member::Removed, _) => ("Removed", "follower", "removed", "idle"),
    };
    RoleMark {
        name,
        icon,
        role,
        family,
    }
}
