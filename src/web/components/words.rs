//! Sentences, chips and tiles in running text.
//!
//! A sentence comes as [`Word`]s. Every piece of it is set as text, so that a key such as
//! `<script>` is read, not run. A server is a chip in the colour of its term; an entry is a tile.
//! Both light up together with everything else that shows the same thing.

use crate::base::NodeId;
use crate::raft::{Index, Role, Term};
pub use crate::view::clip;
pub use crate::view::text::{count_of, seconds};
use crate::view::words::key;
use crate::view::{EntryView, Member, NodeView, Power, Telling, Word, label};
use crate::web::icons::{hue, icon_named};
use crate::web::language::{Words, plain, t};
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

/// How wide a text is, in digits: a Chinese character is as wide as two.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| 1 + usize::from(c > '\u{2e7f}')).sum()
}

/// Which draws of luck replay the run: `seed 7`. Where there is no room for a long one, it ends in
/// an ellipsis, and pointing at it shows all of it.
pub fn seed(words: &Words, seed: &str) -> Html {
    let text = t!(words, "first.seed", seed);
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
    let leads = leader.then(|| icon_named("crown", t!(handle.words, "role.leader")));
    let enter = {
        let (handle, item) = (handle.clone(), item.clone());
        move |_: PointerEvent| handle.hover(Some(item.clone()))
    };
    html! {
        <span class={classes!("kv-chip", ui.lit(&item).then_some("lit"))} data-t={hue(term)}
            onpointerenter={enter} onpointerleave={move |_: PointerEvent| handle.hover(None)}>
            { id.to_string() }
            { leads.unwrap_or_default() }
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

/// What a telling says, with its servers and entries.
pub fn told(words: &Words, telling: &Telling) -> Html {
    words.drawn(telling, |word| match word {
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
        text => plain(text),
    })
}

/// A section of the Raft paper ("5.3"), or of the dissertation ("diss. 6.4"), with its link.
pub fn reference(words: &Words, section: &str) -> Html {
    const PAPER: &str = "https://raft.github.io/raft.pdf";
    if let Some(number) = section.strip_prefix("figure ") {
        let (text, title) = (
            t!(words, "first.figure", number),
            t!(words, "first.paper-figure", number),
        );
        return html! { <a class="ref" href={PAPER} {title} target="_blank" rel="noopener noreferrer">{ text }</a> };
    }
    let (href, text, title) = match section.strip_prefix("diss. ") {
        Some(number) => (
            "https://web.stanford.edu/~ouster/cgi-bin/papers/OngaroPhD.pdf",
            t!(words, "first.diss", number),
            t!(words, "first.diss-section", number),
        ),
        None => (
            PAPER,
            format!("§{section}"),
            t!(words, "first.paper-section", section),
        ),
    };
    html! { <a class="ref" {href} {title} target="_blank" rel="noopener noreferrer">{ text }</a> }
}

/// What a server is on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleMark {
    /// What it is called: a key of the catalogue.
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
        (Power::Up, ..) if node.disk.refuses.is_some() => {
            (key!("role.no-part"), "disk", "removed", "idle")
        }
        (Power::Crashed, ..) => (key!("role.crashed"), "crash", "crashed", "idle"),
        (Power::Paused, ..) => (key!("role.paused"), "pausebars", "paused", "idle"),
        (_, _, Role::Leader) => (key!("role.leader"), "crown", "leader", "repl"),
        (_, _, Role::Candidate) => (key!("role.candidate"), "ballot", "candidate", "elect"),
        (_, _, Role::PreCandidate) => (
            key!("role.pre-candidate"),
            "ballot",
            "precandidate",
            "elect",
        ),
        (_, Member::Voter, _) => (key!("role.follower"), "follower", "follower", "idle"),
        (_, Member::Learner, _) => (key!("role.learner"), "book", "learner", "move"),
        (_, Member::Joining, _) => (key!("role.joining"), "book", "joining", "move"),
        (_, Member::Removed, _) => (key!("role.removed"), "follower", "removed", "idle"),
    };
    RoleMark {
        name,
        icon,
        role,
        family,
    }
}
