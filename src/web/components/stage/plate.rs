//! What is told beside a puck: role, term, the end of the log, the newest pairs of the store.

use super::node::with;
use super::plan::{Beside, PLATE_GAP, PLATE_HEIGHT, PLATE_WIDTH};
use super::set;
use crate::base::Span;
use crate::base::order::sort_by_key;
use crate::raft::Role;
use crate::view::geometry::{px, shift};
use crate::view::{EntryView, NodeView, PairView, Power};
use crate::web::components::words::{RoleMark, role_mark};
use crate::web::hooks::use_frame;
use crate::web::icons::hue;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// The width of a tile, and of the step to the next one.
const TILE: (f64, f64) = (14.0, 15.0);

/// The end of a log on a strip with room for `n` tiles: how far a snapshot stands for the entries,
/// if that is in sight, and how many places that takes; then the entries that are shown.
fn reach(node: &NodeView, n: usize) -> (Option<(u64, usize)>, &[EntryView]) {
    let entries = &node.log.entries;
    let covered = node.log.first - 1;
    let wide = covered.to_string().len().div_ceil(2) + 1;
    if covered > 0 && entries.len() + wide <= n {
        return (Some((covered, wide)), entries);
    }
    (None, &entries[entries.len().saturating_sub(n)..])
}

/// The end of the log as small tiles with the term in each, what a snapshot stands for as a block,
/// and an ink rule under the committed.
fn strip(node: &NodeView, n: usize, x: f64, y: f64) -> Html {
    let (snapshot, entries) = reach(node, n);
    let before = snapshot.map_or(0, |(_, wide)| wide);
    let tiles = entries.iter().enumerate().map(|(i, entry)| {
        let class = if entry.index <= node.commit_index { "com" } else { "unc" };
        html! {
            <g key={entry.index} class={class} data-t={hue(entry.term)} transform={shift(x + (before + i) as f64 * TILE.1, y)}>
                <rect width={px(TILE.0)} height="16" rx="2.5" /><text x="7" y="11.6">{ entry.term }</text>
            </g>
        }
    });
    let committed = before
        + entries
            .iter()
            .filter(|e| e.index <= node.commit_index)
            .count();
    let rule = committed as f64 * TILE.1 - 1.0;
    html! {
        <g class="kv-strip">
            if let Some((covered, wide)) = snapshot {
                <g class="snap" transform={shift(x, y)}>
                    <rect width={px(wide as f64 * TILE.1 - 1.0)} height="16" rx="2.5" />
                    <text x={px(wide as f64 * TILE.1 / 2.0)} y="11.6">{ format!("≤{covered}") }</text>
                </g>
            }
            { for tiles }
            if committed > 0 { <path class="cl" d={format!("M{} {}h{}v-4", px(x), px(y + 19.0), px(rule))} /> }
        </g>
    }
}

/// The last few tiles, below a ring of that radius.
pub fn strip_below(node: &NodeView, ring: f64) -> Html {
    let (snapshot, entries) = reach(node, 5);
    let shown = (entries.len() + snapshot.map_or(0, |(_, wide)| wide)) as f64;
    strip(node, 5, -(shown * TILE.1 - 1.0) / 2.0, ring + 12.0)
}

/// How many are with it, of how many; or to whom it hands over.
fn tally(words: &Words, node: &NodeView, quorum: u32) -> Option<String> {
    let (n, of) = (with(&node.ring), node.ring.len());
    match (node.power, node.role) {
        (Power::Up, Role::Leader) if node.transfers_to.is_some() => {
            node.transfers_to.map(|to| format!("→ {to}"))
        }
        (Power::Up, Role::Leader) if !node.outgoing.is_empty() => {
            let (old, all) = (with(&node.outgoing), node.outgoing.len());
            Some(format!("{old}/{all} + {n}/{of}"))
        }
        (Power::Up, Role::Leader) => Some(t!(words, "stage.of", n, of)),
        (Power::Up, Role::Candidate) if node.outgoing.is_empty() => {
            Some(t!(words, "stage.of", n, of = quorum))
        }
        _ => None,
    }
}

/// What a plate is drawn from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The server.
    pub node: Same<NodeView>,
    /// Where it stands.
    pub beside: Beside,
    /// Votes that are needed.
    pub quorum: u32,
    /// The longest election timeout: a whole bar.
    pub timeout: Span,
}

/// A plate.
#[function_component]
pub fn Plate(props: &Props) -> Html {
    let words = &use_words();
    let node = &*props.node;
    let lease = use_node_ref();
    {
        let (lease, until, timeout) = (lease.clone(), node.lease_until, props.timeout);
        use_frame(move |frame| {
            if let Some(until) = until {
                let left = (until.0 as f64 - frame.now) / timeout.0.max(1) as f64;
                let width = left.clamp(0.0, 1.0) * (PLATE_WIDTH - 16.0);
                set(&lease, "width", &px(width));
            }
        });
    }
    let RoleMark {
        name, icon, family, ..
    } = role_mark(node);
    let (x, y) = match props.beside {
        Beside::Left => (-PLATE_GAP - PLATE_WIDTH, -PLATE_HEIGHT / 2.0),
        Beside::Right => (PLATE_GAP, -PLATE_HEIGHT / 2.0),
        Beside::Below => (-PLATE_WIDTH / 2.0, 60.0),
    };
    let of = tally(words, node, props.quorum);
    let term = if node.term < 100 {
        t!(words, "stage.term", term = node.term)
    } else {
        t!(words, "stage.term-short", term = node.term)
    };
    html! {
        <g class="kv-plate" transform={shift(x, y)}>
            <rect class="bg" width={px(PLATE_WIDTH)} height={px(PLATE_HEIGHT)} rx="8" />
            <svg x="9" y="6.5" width="14" height="14" viewBox="0 0 16 16" class="kv-i pl" data-f={family}><use href={format!("#i-{icon}")} /></svg>
            <text class="role" x="28" y="17.5">{ words.label(name) }
                if let Some(of) = of { <tspan class="q" dx="5">{ of }</tspan> }
            </text>
            <g class="term" data-t={hue(node.term)} transform={shift(PLATE_WIDTH - 57.0, 5.0)}><rect width="50" height="17" rx="3" /><text x="25" y="12.5">{ term }</text></g>
            { strip(node, 12, 9.0, 29.0) }
            <text class="kv" x="10" y="66">{ for pairs(words, node) }</text>
            if node.lease_until.is_some() {
                <rect class="lease" ref={lease} x="8" y={px(PLATE_HEIGHT - 2.0)} height="2" width="0"><title>{ h!(words, "stage.lease") }</title></rect>
            }
        </g>
    }
}

/// As many pairs as the plate has room for, at most four: the ones written last, in key order.
fn pairs(words: &Words, node: &NodeView) -> Vec<Html> {
    let cut = |text: &Rc<str>, n: usize| -> String {
        if text.chars().count() <= n {
            text.to_string()
        } else {
            text.chars().take(n - 1).chain(['…']).collect()
        }
    };
    let mut newest: Vec<&PairView> = node.map.iter().collect();
    sort_by_key(&mut newest, |p| std::cmp::Reverse(p.written_at));
    let mut room = 24_usize;
    let mut shown: Vec<(&PairView, String, String)> = Vec::new();
    for pair in newest.into_iter().take(4) {
        let (key, value) = (cut(&pair.key, 6), cut(&pair.value, 8));
        let need = key.chars().count() + value.chars().count() + 2;
        if need > room {
            break;
        }
        room -= need;
        shown.push((pair, key, value));
    }
    sort_by_key(&mut shown, |shown| shown.0.key.clone());
    let fresh = shown.iter().map(|(p, ..)| p.written_at).max();
    let text = |(i, (pair, key, value)): (usize, (&PairView, String, String))| {
        let new = Some(pair.written_at) == fresh && pair.written_at == node.last_applied;
        html! {
            <>
                <tspan class="k" dx={if i == 0 { "0" } else { "9" }}>{ key }</tspan>
                <tspan class={classes!("v", new.then_some("d"))} dx="3">{ value }</tspan>
            </>
        }
    };
    if shown.is_empty() {
        let word = if node.power == Power::Crashed {
            t!(words, "stage.memory-lost")
        } else {
            t!(words, "stage.nothing-stored")
        };
        return vec![html! { <tspan class="none">{ word }</tspan> }];
    }
    shown.into_iter().enumerate().map(text).collect()
}
