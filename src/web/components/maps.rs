//! What the state machines hold: keys × servers.
//!
//! A cell differs for one of two reasons. Either its server has applied less, which is safe, or
//! two servers that applied the same prefix disagree, which breaks State Machine Safety. The
//! sentence below the table says which of the two it is.

use super::words::{clip, role_mark};
use crate::base::NodeId;
use crate::raft::Index;
use crate::view::words::key;
use crate::view::{ClusterView, NodeView, PairView, Power, clean};
use crate::web::icons::{hue, icon_named};
use crate::web::language::{Words, h, t};
use crate::web::store::{Item, use_handle, use_root, use_ui, use_view, use_words};
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::prelude::*;

/// How a server's value of a key stands to the others'.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Every server that has the key agrees.
    Same,
    /// The newest value, where another server is behind.
    Newest,
    /// An older value: the server has applied less.
    Behind,
    /// Another value after the same write, or after more of the log: State Machine Safety is broken.
    Conflict,
    /// No value, and none is due.
    Absent,
    /// The server is down: its map was in memory.
    Gone,
}

impl Cell {
    fn class(self) -> &'static str {
        match self {
            Cell::Same => "same",
            Cell::Newest => "top",
            Cell::Behind => "behind",
            Cell::Conflict => "conflict",
            Cell::Absent => "none",
            Cell::Gone => "none gone",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Cell::Same => "",
            Cell::Newest => key!("logs.newest"),
            Cell::Behind => key!("logs.behind"),
            Cell::Conflict => key!("logs.conflict"),
            Cell::Absent => key!("logs.absent"),
            Cell::Gone => key!("logs.down"),
        }
    }
}

fn pair<'a>(node: &'a NodeView, key: &str) -> Option<&'a PairView> {
    node.map.iter().find(|pair| *pair.key == *key)
}

/// The keys that any running server holds, in order.
pub fn keys(view: &ClusterView) -> Vec<Rc<str>> {
    let running = view.nodes.iter().filter(|n| n.power != Power::Crashed);
    let keys: BTreeSet<Rc<str>> = running
        .flat_map(|n| &n.map)
        .map(|p| p.key.clone())
        .collect();
    keys.into_iter().collect()
}

/// How every server's value of `key` stands, in the order of the servers.
///
/// Two servers conflict if they hold different values of the same write. A server that lacks the
/// newest write is behind as long as it hasn't applied that far.
pub fn row(view: &ClusterView, key: &str) -> Vec<Cell> {
    let running = || view.nodes.iter().filter(|n| n.power != Power::Crashed);
    let values = || running().map(|n| pair(n, key).map(|p| &p.value));
    let first = values().next();
    let agree = values().all(|v| Some(v) == first);
    // A deletion leaves no pair, so the newest state is the one of the server that applied most.
    let furthest = running().max_by_key(|n| n.last_applied);
    let cell = |node: &NodeView| {
        let own = pair(node, key);
        if node.power == Power::Crashed {
            return Cell::Gone;
        }
        if agree {
            return if own.is_some() {
                Cell::Same
            } else {
                Cell::Absent
            };
        }
        let torn = running().any(|other| match (own, pair(other, key)) {
            (Some(a), Some(b)) => a.written_at == b.written_at && a.value != b.value,
            (None, Some(_)) | (Some(_), None) => node.last_applied == other.last_applied,
            (None, None) => false,
        });
        let newest = furthest.and_then(|f| pair(f, key));
        if torn {
            Cell::Conflict
        } else if own.map(|p| p.written_at) == newest.map(|p| p.written_at) {
            if own.is_some() {
                Cell::Newest
            } else {
                Cell::Absent
            }
        } else {
            Cell::Behind
        }
    };
    view.nodes.iter().map(|n| cell(n)).collect()
}

/// Names in a row: `S1`, `S1 and S2`, `S1, S2 and S5`.
pub fn names(words: &Words, ids: &[NodeId]) -> String {
    t!(words, "list.text", text = ids)
}

/// The sentence below the table: why the maps differ, or that they don't.
pub fn why(words: &Words, view: &ClusterView) -> Html {
    let keys = keys(view);
    let of = |key: &str, what: Cell| -> Vec<NodeId> {
        let cells = row(view, key).into_iter().zip(&view.nodes);
        cells
            .filter(|(c, _)| *c == what)
            .map(|(_, n)| n.id)
            .collect()
    };
    if let Some(key) = keys.iter().find(|k| !of(k, Cell::Conflict).is_empty()) {
        let who = names(words, &of(key, Cell::Conflict));
        return html! {
            <p class="kv-note bad">{ h!(words, "logs.torn", key = clip(key, 24), who) }</p>
        };
    }
    if let Some(key) = keys.iter().find(|k| !of(k, Cell::Behind).is_empty()) {
        let behind = of(key, Cell::Behind);
        return html! {
            <p class="kv-note">{ h!(words, "logs.differs", key = clip(key, 24), who = &behind[..], n = behind.len()) }</p>
        };
    }
    let crashed = view.nodes.iter().filter(|n| n.power == Power::Crashed);
    let crashed: Vec<NodeId> = crashed.map(|n| n.id).collect();
    if !crashed.is_empty() {
        return html! {
            <p class="kv-note">{ h!(words, "logs.lived-in-memory", who = &crashed[..], n = crashed.len()) }</p>
        };
    }
    let text = if keys.is_empty() {
        h!(words, "logs.empty")
    } else {
        h!(words, "logs.agree")
    };
    html! { <p class="kv-note">{ text }</p> }
}

/// What the instrument draws; a heartbeat changes none of it.
#[derive(PartialEq)]
struct Drawn {
    nodes: Vec<(NodeId, u64, &'static str, Index, u32)>,
    maps: Vec<Vec<PairView>>,
}

/// The instrument.
#[component]
pub fn Maps() -> Html {
    let words = &use_words();
    let view = use_view();
    let drawn = Drawn {
        nodes: view
            .nodes
            .iter()
            .map(|n| (n.id, n.term, role_mark(n).role, n.last_applied, n.keys))
            .collect(),
        maps: view.nodes.iter().map(|n| n.map.clone()).collect(),
    };
    let table = use_memo(drawn, |_| html! { <Table view={view.clone()} /> });
    let heading = use_root().id("h-map");
    html! {
        <section class="kv-maps" aria-labelledby={heading.clone()}>
            <div class="kv-ph">
                <h2 id={heading}>{ h!(words, "logs.state-machines") }</h2>
                <span class="sub">{ h!(words, "logs.applied-entries-only") }</span>
            </div>
            { (*table).clone() }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct TableProps {
    view: crate::web::store::Same<ClusterView>,
}

#[component]
fn Table(props: &TableProps) -> Html {
    let words = &use_words();
    let view = &props.view;
    let keys = keys(view);
    let most = view.nodes.iter().map(|n| n.last_applied).max().unwrap_or(0);
    let held = view.nodes.iter().map(|n| n.keys).max().unwrap_or(0) as usize;
    html! {
        <>
            <div class="kv-mapwrap" tabindex="0" role="group" aria-label={t!(words, "logs.state-machines-table")}>
                <table class="kv-map">
                    <caption class="kv-sr">{ h!(words, "logs.the-map-of-each") }</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="lh">{ h!(words, "logs.key") }</th>
                            { for view.nodes.iter().map(|n| head(words, n)) }
                        </tr>
                        <tr class="ap">
                            <th scope="row" class="lh">{ h!(words, "logs.applied") }</th>
                            { for view.nodes.iter().map(|n| applied(n, most)) }
                        </tr>
                    </thead>
                    <tbody>
                        { for keys.iter().map(|key| html! {
                            <KeyRow key={key.to_string()} name={key.clone()}
                                cells={row(view, key)} values={values(view, key)} />
                        }) }
                    </tbody>
                </table>
            </div>
            if held > keys.len() {
                <p class="kv-note">{ h!(words, "logs.written-last", n = keys.len(), held) }</p>
            }
            { why(words, view) }
        </>
    }
}

fn head(words: &Words, node: &NodeView) -> Html {
    let is = role_mark(node);
    html! {
        <th key={node.id.0} scope="col" data-role={is.role}>
            <span class="sid" data-t={hue(node.term)}><b>{ node.id.to_string() }</b>{ icon_named(is.icon, words.label(is.name)) }</span>
        </th>
    }
}

fn applied(node: &NodeView, most: Index) -> Html {
    let gone = node.power == Power::Crashed;
    let class = if gone {
        Some("gone")
    } else {
        (node.last_applied == most && most > 0).then_some("top")
    };
    let text = if gone {
        "–".to_owned()
    } else {
        node.last_applied.to_string()
    };
    html! { <td key={node.id.0} class={classes!(class)}>{ text }</td> }
}

fn values(view: &ClusterView, key: &str) -> Vec<Option<Rc<str>>> {
    view.nodes
        .iter()
        .map(|n| pair(n, key).map(|p| p.value.clone()))
        .collect()
}

#[derive(Properties, PartialEq)]
struct KeyRowProps {
    name: Rc<str>,
    cells: Vec<Cell>,
    values: Vec<Option<Rc<str>>>,
}

#[component]
fn KeyRow(props: &KeyRowProps) -> Html {
    let (handle, ui) = (use_handle(), use_ui());
    let item = Item::Key(props.name.clone());
    let lit = ui.lit(&item);
    let enter = {
        let handle = handle.clone();
        move |_: PointerEvent| handle.hover(Some(item.clone()))
    };
    let cells = props.cells.iter().zip(&props.values).enumerate().map(|(i, (cell, value))| {
        let text = match (cell, value) {
            (Cell::Gone, _) => "–".to_owned(),
            (_, None) => "·".to_owned(),
            (_, Some(v)) if v.is_empty() => "\"\"".to_owned(),
            (_, Some(v)) => clip(v, 9),
        };
        let title = value.as_deref().map(|v| clip(v, 300));
        html! {
            <td key={i} class={cell.class()} {title}>
                <span>{ text }</span>
                if !cell.name().is_empty() { <span class="kv-sr">{ format!(", {}", cell.name()) }</span> }
            </td>
        }
    });
    html! {
        <tr class={classes!(lit.then_some("lit"))} onpointerenter={enter}
            onpointerleave={move |_: PointerEvent| handle.hover(None)}>
            <th scope="row" title={clean(&props.name).into_owned()}>{ clip(&props.name, 6) }</th>
            { for cells }
        </tr>
    }
}
