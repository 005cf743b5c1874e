//! The logs of all servers, side by side.
//!
//! A real table: rows are servers, columns are indexes. A tile's fill is the entry's term, its
//! edge says whether it is committed, its base whether it is applied. A pennant stands at each
//! server's commit index; dot and triangle are the match and next index that one leader believes
//! in. Rows compare by what they draw, so that a heartbeat redraws none of them.

mod row;

use crate::base::{NodeId, Span, Time};
use crate::raft::{Index, Role, Term, Trace};
use crate::sim::EventKind;
use crate::view::{ClusterView, EntryView, MajorityView, NodeView, Power};
use crate::web::language::{Words, h, t};
use crate::web::store::{Item, Story, UiAction, use_handle, use_story, use_ui, use_view};
use row::{Row, RowView, covered};
use std::ops::RangeInclusive;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// So many columns stand there at least, so that a young log doesn't look like a block.
const COLUMNS: Index = 11;

/// The columns: from the oldest entry that any server shows to one past the newest. A snapshot
/// that stands for all before them has a column of its own.
pub fn columns(view: &ClusterView) -> RangeInclusive<Index> {
    let begins = |n: &Rc<NodeView>| match (covered(n), n.log.entries.first()) {
        (Some(covered), _) if covered > 0 => Some(covered),
        (_, first) => first.map(|e| e.index),
    };
    let first = view.nodes.iter().filter_map(begins).min().unwrap_or(1);
    let last = view.nodes.iter().map(|n| n.log.last).max().unwrap_or(0);
    first..=(last + 1).max(first + COLUMNS - 1)
}

/// The entry at `index`, if the window of the log holds it.
pub fn entry(node: &NodeView, index: Index) -> Option<&EntryView> {
    let first = node.log.entries.first()?.index;
    let at = usize::try_from(index.checked_sub(first)?).ok()?;
    node.log.entries.get(at)
}

/// Servers that lead, or think so, by id.
fn leaders(view: &ClusterView) -> Vec<NodeId> {
    let leads = |n: &&Rc<NodeView>| n.role == Role::Leader && n.power != Power::Crashed;
    view.nodes.iter().filter(leads).map(|n| n.id).collect()
}

/// How many voters hold the entry that counts at `index`: the viewer's, or without a leader the
/// one that most of them hold; of how many, and how many are needed. The old voters come first
/// while two majorities are needed. `None`: nobody holds any.
pub fn copies(view: &ClusterView, seen_by: Option<NodeId>, index: Index) -> Option<Vec<[u32; 3]>> {
    let here = |n: &NodeView| entry(n, index).map(|e| e.term);
    let holders = |voters: &[NodeId], term: Term| {
        let has = |n: &NodeView| index < n.log.first || here(n) == Some(term);
        let holds = |n: &&Rc<NodeView>| voters.contains(&n.id) && has(n);
        view.nodes.iter().filter(holds).count() as u32
    };
    let all = || view.members.majorities.iter().rev();
    let most = |term: &Term| {
        all()
            .map(|majority| holders(&majority.voters, *term))
            .sum::<u32>()
    };
    let term = match seen_by.and_then(|id| view.nodes.iter().find(|n| n.id == id)) {
        Some(leader) => here(leader),
        None => view.nodes.iter().filter_map(|n| here(n)).max_by_key(most),
    }?;
    let count = |majority: &MajorityView| {
        let of = majority.voters.len() as u32;
        [holders(&majority.voters, term), of, majority.needed]
    };
    Some(all().map(count).collect())
}

/// The instrument: legend, switch between leaders, and the table.
#[component]
pub fn Logs() -> Html {
    let (handle, ui, view) = (use_handle(), use_ui(), use_view());
    let words = &handle.words;
    let leaders = leaders(&view);
    let seen_by = ui.seen_by.filter(|id| leaders.contains(id)).or(view.leader);
    let switch = (leaders.len() > 1).then(|| {
        leaders.iter().map(|&id| {
            let handle = handle.clone();
            html! {
                <button type="button" key={id.0} aria-pressed={(seen_by == Some(id)).to_string()}
                    onclick={move |_| handle.ui(UiAction::SeenBy(Some(id)))}>{ id.to_string() }</button>
            }
        })
    });
    let heading = handle.root.id("h-log");
    html! {
        <section class="kv-logs" aria-labelledby={heading.clone()}>
            <div class="kv-ph">
                <h2 id={heading}>{ h!(words, "logs.logs") }</h2>
                { legend(words) }
                <div class="end">
                    if let Some(buttons) = switch {
                        <div class="kv-seg" role="group" aria-label={t!(words, "logs.seen-by")}>{ for buttons }</div>
                    }
                </div>
            </div>
            <Table {seen_by} />
        </section>
    }
}

fn legend(words: &Words) -> Html {
    let item =
        |class, text: String| html! { <span><i class={classes!("sw", class)}></i>{ text }</span> };
    html! {
        <div class="kv-legend">
            { item("u", t!(words, "logs.uncommitted")) }{ item("c", t!(words, "logs.committed")) }{ item("a", t!(words, "logs.applied-too")) }
            { item("l", "commitIndex".into()) }{ item("m", "matchIndex".into()) }{ item("n", "nextIndex".into()) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TableProps {
    seen_by: Option<NodeId>,
}

/// The one tab stop: the tile that had the focus last, else the newest of the first server.
fn stop(view: &ClusterView, last: Option<(NodeId, Index)>) -> Option<(NodeId, Index)> {
    let nodes = || view.nodes.iter();
    let there =
        |(id, index): &(NodeId, Index)| nodes().any(|n| n.id == *id && entry(n, *index).is_some());
    let newest = || {
        let first = nodes().find(|n| n.log.last > 0)?;
        Some((first.id, first.log.last))
    };
    last.filter(there).or_else(newest)
}

#[component]
fn Table(props: &TableProps) -> Html {
    let seen_by = props.seen_by;
    let (handle, ui, view, story) = (use_handle(), use_ui(), use_view(), use_story());
    let words = &handle.words;
    let scroller = use_node_ref();
    let cursor = use_state(|| None::<(NodeId, Index)>);
    let columns = columns(&view);
    let newest = view.nodes.iter().map(|n| n.log.last).max().unwrap_or(0);
    let entry_of = |item: &Option<Item>| match item {
        Some(Item::Entry(index, term)) => Some((*index, *term)),
        _ => None,
    };
    let (hot, picked) = (entry_of(&ui.hovered), entry_of(&ui.selected));
    let at_end = use_newest_in_sight(&scroller, &columns, newest);
    let stop = stop(&view, *cursor);
    let onkeydown = {
        let view = view.clone();
        Callback::from(move |event: KeyboardEvent| walk(&view, &event))
    };
    // The same callback every time: a row compares it.
    let onfocus = use_callback(cursor.setter(), |cell, cursor| cursor.set(Some(cell)));
    let leader = view.nodes.iter().find(|n| Some(n.id) == seen_by).cloned();
    let rows = view.nodes.iter().map(|node| {
        let peer = leader.as_ref().and_then(|l| l.peers.iter().find(|p| p.id == node.id));
        html! {
            <Row key={node.id.0} node={RowView::of(node, &view)} first={*columns.start()} last={*columns.end()}
                reach={peer.map(|p| (p.match_index, p.next_index))} {hot} {picked}
                struck={struck(&story, node.id, view.now)} lost={lost(&story, node)}
                stop={stop.filter(|(id, _)| *id == node.id).map(|(_, index)| index)}
                onfocus={onfocus.clone()} />
        }
    });
    let seen = seen_by.map_or_else(
        || t!(words, "logs.no-leader"),
        |id| t!(words, "logs.as-seen-by", node = id),
    );
    let caption = match seen_by {
        Some(id) => t!(words, "logs.caption-of", node = id),
        None => t!(words, "logs.caption"),
    };
    let n = columns.clone().count();
    html! {
        <div class="kv-logwrap" ref={scroller} onscroll={at_end}
            onpointerleave={let handle = handle.clone(); move |_: PointerEvent| handle.hover(None)}>
            <table class="kv-log" {onkeydown}>
                <caption class="kv-sr">{ caption }</caption>
                <colgroup><col class="lh" /><col class="ix" span={n.to_string()} /></colgroup>
                <thead><tr>
                    <th scope="col" class="lh">{ seen }</th>
                    { for columns.clone().map(|i| html! {
                        <th key={i} scope="col" class={classes!(hot.is_some_and(|(h, _)| h == i).then_some("hot"))}>{ i }</th>
                    }) }
                </tr></thead>
                <tbody>
                    { for rows }
                    <tr class="copies">
                        <th scope="row">{ h!(words, "logs.copies") }</th>
                        { for columns.map(|i| copies_cell(&view, seen_by, i)) }
                    </tr>
                </tbody>
            </table>
        </div>
    }
}

/// How long a truncation shows, in virtual time.
const STRUCK: Span = Span::millis(25);

/// The entries that a server has just cut away.
fn struck(story: &Story, id: NodeId, now: Time) -> Option<RangeInclusive<Index>> {
    let mut recent = story
        .told
        .iter()
        .rev()
        .take_while(|t| now.since(t.at) < STRUCK);
    recent.find_map(|told| match &told.kind {
        EventKind::Traced {
            node,
            trace: Trace::Truncated { from, to, .. },
            ..
        } if *node == id => Some(*from..=*to),
        _ => None,
    })
}

/// The first entry that the crash of a server took.
fn lost(story: &Story, server: &NodeView) -> Option<Index> {
    if server.power != Power::Crashed {
        return None;
    }
    story.told.iter().rev().find_map(|told| match &told.kind {
        EventKind::Crashed { node, lost_from } if *node == server.id => Some(*lost_from),
        _ => None,
    })?
}

fn copies_cell(view: &ClusterView, seen_by: Option<NodeId>, index: Index) -> Html {
    let Some(copies) = copies(view, seen_by, index) else {
        return html! { <td key={index}></td> };
    };
    let enough = copies.iter().all(|[n, _, needed]| n >= needed);
    let text: Vec<String> = copies
        .iter()
        .map(|[n, of, _]| format!("{n}/{of}"))
        .collect();
    let class = classes!(
        if enough { "maj" } else { "min" },
        (text.len() > 1).then_some("two")
    );
    html! { <td key={index} {class}><span>{ text.join(" ") }</span></td> }
}

/// Gives every column its width, and keeps the newest one in sight unless the reader has scrolled
/// away from it.
#[hook]
fn use_newest_in_sight(
    scroller: &NodeRef,
    columns: &RangeInclusive<Index>,
    newest: Index,
) -> Callback<Event> {
    let follow = use_mut_ref(|| true);
    // The column behind the newest entry, where the next index may stand. The first is the heads'.
    let place = newest + 3 - columns.start().min(&(newest + 1));
    {
        let (scroller, follow) = (scroller.clone(), follow.clone());
        use_effect_with((columns.clone(), place), move |(columns, place)| {
            if let Some(element) = scroller.cast::<HtmlElement>() {
                let n = columns.clone().count().to_string();
                element.style().set_property("--cols", &n).ok();
                if *follow.borrow() {
                    element.set_scroll_left(behind(&element, *place));
                }
            }
        });
    }
    let scroller = scroller.clone();
    Callback::from(move |_| {
        if let Some(element) = scroller.cast::<HtmlElement>() {
            *follow.borrow_mut() = element.scroll_left() + 40 >= behind(&element, place);
        }
    })
}

/// How far to scroll for the head of this place to stand at the right edge.
fn behind(scroller: &HtmlElement, place: u64) -> i32 {
    let name = format!("thead th:nth-child({place})");
    let head = scroller.query_selector(&name).ok().flatten();
    let end = head
        .and_then(|h| h.dyn_into::<HtmlElement>().ok())
        .map_or(0, |h| h.offset_left() + h.offset_width());
    (end - scroller.client_width()).max(0)
}

/// Moves the focus from tile to tile like the cursor of a spreadsheet.
fn walk(view: &ClusterView, event: &KeyboardEvent) {
    let here = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok());
    let Some((element, (row, index))) = here.and_then(|e| place(&e).map(|p| (e, p))) else {
        return;
    };
    let Some(at) = view.nodes.iter().position(|n| n.id == row) else {
        return;
    };
    let ends = |n: &NodeView| {
        let first = n.log.entries.first().map_or(1, |e| e.index);
        (first, n.log.last)
    };
    let (first, last) = ends(&view.nodes[at]);
    let (at, index) = match event.key().as_str() {
        "ArrowLeft" => (at, index - 1),
        "ArrowRight" => (at, index + 1),
        "ArrowUp" => (at.saturating_sub(1), index),
        "ArrowDown" => ((at + 1).min(view.nodes.len() - 1), index),
        "Home" => (at, first),
        "End" => (at, last),
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let (first, last) = ends(&view.nodes[at]);
    if last == 0 {
        return;
    }
    let name = format!(
        "[data-cell='{}.{}']",
        view.nodes[at].id.0,
        index.clamp(first, last)
    );
    let table = element.closest("table").ok().flatten();
    let tile = table.and_then(|t| t.query_selector(&name).ok().flatten());
    if let Some(tile) = tile.and_then(|t| t.dyn_into::<HtmlElement>().ok()) {
        tile.focus().ok();
    }
}

/// Which tile an element is.
fn place(element: &HtmlElement) -> Option<(NodeId, Index)> {
    let cell = element.get_attribute("data-cell")?;
    let (row, index) = cell.split_once('.')?;
    Some((NodeId(row.parse().ok()?), index.parse().ok()?))
}
