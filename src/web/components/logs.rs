//! The logs of all servers, side by side (UI.md section 7, log matrix).
//!
//! A real table: rows are servers, columns are indexes. A tile's fill is the entry's term, its
//! edge says whether it is committed, its base whether it is applied. A pennant stands at each
//! server's commit index; dot and triangle are the match and next index that one leader believes
//! in. Rows compare by what they draw, so that a heartbeat redraws none of them.

use super::words::{entry_label, role_name, standing};
use crate::base::{NodeId, Span, Time};
use crate::raft::{Index, Role, Term, Trace};
use crate::sim::EventKind;
use crate::view::{ClusterView, EntryView, NodeView, Power, label};
use crate::web::icons::{hue, icon_named};
use crate::web::store::{Item, Lab, Story, UiAction, use_lab, use_story, use_ui, use_view};
use std::ops::RangeInclusive;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// So many columns stand there at least, so that a young log doesn't look like a block.
const COLUMNS: Index = 11;

/// The columns: from the oldest entry that any server shows to one past the newest.
pub fn columns(view: &ClusterView) -> RangeInclusive<Index> {
    let logs = || view.nodes.iter().map(|n| &n.log);
    let first = logs()
        .filter_map(|log| log.entries.first())
        .map(|e| e.index)
        .min()
        .unwrap_or(1);
    let last = logs().map(|log| log.last).max().unwrap_or(0);
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

/// How many servers hold the entry that counts at `index`: the viewer's, or without a leader the
/// one that most servers hold. `None`: nobody holds any.
pub fn copies(view: &ClusterView, seen_by: Option<NodeId>, index: Index) -> Option<u32> {
    let terms = || {
        view.nodes
            .iter()
            .filter_map(|n| entry(n, index))
            .map(|e| e.term)
    };
    let holders = |term: Term| terms().filter(|&t| t == term).count() as u32;
    match seen_by.and_then(|id| view.nodes.iter().find(|n| n.id == id)) {
        Some(leader) => entry(leader, index).map(|e| holders(e.term)),
        None => terms().map(holders).max(),
    }
}

/// The instrument: legend, switch between leaders, and the table.
#[component]
pub fn Logs() -> Html {
    let (lab, ui, view) = (use_lab(), use_ui(), use_view());
    let leaders = leaders(&view);
    let seen_by = ui.seen_by.filter(|id| leaders.contains(id)).or(view.leader);
    let switch = (leaders.len() > 1).then(|| {
        leaders.iter().map(|&id| {
            let lab = lab.clone();
            html! {
                <button type="button" key={id.0} aria-pressed={(seen_by == Some(id)).to_string()}
                    onclick={move |_| lab.ui(UiAction::SeenBy(Some(id)))}>{ id.to_string() }</button>
            }
        })
    });
    html! {
        <section class="kv-logs" aria-labelledby="h-log">
            <div class="kv-ph">
                <h2 id="h-log">{ "Logs" }</h2>
                { legend() }
                <div class="end">
                    if let Some(buttons) = switch {
                        <div class="kv-seg" role="group" aria-label="As seen by">{ for buttons }</div>
                    }
                </div>
            </div>
            <Table {seen_by} />
        </section>
    }
}

fn legend() -> Html {
    let item = |class, text| html! { <span><i class={classes!("sw", class)}></i>{ text }</span> };
    html! {
        <div class="kv-legend">
            { item("u", "uncommitted") }{ item("c", "committed") }{ item("a", "applied") }
            { item("l", "commitIndex") }{ item("m", "matchIndex") }{ item("n", "nextIndex") }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TableProps {
    seen_by: Option<NodeId>,
}

#[component]
fn Table(props: &TableProps) -> Html {
    let seen_by = props.seen_by;
    let (lab, ui, view, story) = (use_lab(), use_ui(), use_view(), use_story());
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
    // One tab stop: the tile that had the focus last, else the newest of the first server.
    let stop = (*cursor)
        .filter(|(id, index)| {
            view.nodes
                .iter()
                .any(|n| n.id == *id && entry(n, *index).is_some())
        })
        .or_else(|| {
            view.nodes
                .iter()
                .find(|n| n.log.last > 0)
                .map(|n| (n.id, n.log.last))
        });
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
                reach={peer.map(|p| (p.matched, p.next))} {hot} {picked}
                struck={struck(&story, node.id, view.now)} lost={lost(&story, node)}
                stop={stop.filter(|(id, _)| *id == node.id).map(|(_, index)| index)}
                onfocus={onfocus.clone()} />
        }
    });
    let seen = seen_by.map_or("no leader".to_owned(), |id| format!("as seen by {id}"));
    let caption = match seen_by {
        Some(id) => format!("The logs of all servers, with the match and next indexes of {id}"),
        None => "The logs of all servers".to_owned(),
    };
    let n = columns.clone().count();
    html! {
        <div class="kv-logwrap" ref={scroller} onscroll={at_end}
            onpointerleave={let lab = lab.clone(); move |_: PointerEvent| lab.hover(None)}>
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
                        <th scope="row">{ "Copies" }</th>
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
    let Some(n) = copies(view, seen_by, index) else {
        return html! { <td key={index}></td> };
    };
    let class = if n >= view.quorum { "maj" } else { "min" };
    html! { <td key={index} {class}><span>{ format!("{n}/{}", view.nodes.len()) }</span></td> }
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

/// What a row shows of a server: everything else may change without drawing it again.
#[derive(Clone, PartialEq)]
struct RowView {
    id: NodeId,
    standing: (&'static str, &'static str),
    role: &'static str,
    term: Term,
    /// Where the pennant of its commit index stands.
    pennant: Option<Index>,
    /// The last of its entries that are known to be committed.
    commit: Index,
    applied: Index,
    entries: Rc<[EntryView]>,
}

impl RowView {
    fn of(node: &NodeView, view: &ClusterView) -> RowView {
        RowView {
            id: node.id,
            standing: standing(node),
            role: role_name(node),
            term: node.term,
            pennant: (node.power != Power::Crashed).then_some(node.commit),
            commit: settled(node, view),
            applied: node.applied,
            entries: node.log.entries.clone(),
        }
    }
}

/// The last entry of a server that is known to be committed. A server that is down has forgotten
/// its commit index; what it holds of the furthest server's committed entries is committed.
fn settled(node: &NodeView, view: &ClusterView) -> Index {
    if node.power != Power::Crashed {
        return node.commit;
    }
    let Some(furthest) = view.nodes.iter().max_by_key(|n| n.commit) else {
        return 0;
    };
    let shared = |e: &&EntryView| {
        e.index <= furthest.commit && entry(furthest, e.index).is_some_and(|f| f.term == e.term)
    };
    node.log.entries.iter().rfind(shared).map_or(0, |e| e.index)
}

#[derive(Properties, PartialEq)]
struct RowProps {
    node: RowView,
    first: Index,
    last: Index,
    /// Match and next index in the leader's view.
    reach: Option<(Index, Index)>,
    hot: Option<(Index, Term)>,
    picked: Option<(Index, Term)>,
    /// Entries that a leader's made way for a moment ago.
    struck: Option<RangeInclusive<Index>>,
    /// The first entry that a crash took, of a server that is down.
    lost: Option<Index>,
    /// The tile that is the table's tab stop.
    stop: Option<Index>,
    onfocus: Callback<(NodeId, Index)>,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let node = &props.node;
    let lab = use_lab();
    let (icon, name) = node.standing;
    let begin = node.entries.first().map_or(1, |e| e.index);
    let cells = (props.first..=props.last).map(|index| {
        let at = index
            .checked_sub(begin)
            .and_then(|i| usize::try_from(i).ok());
        match at.and_then(|i| node.entries.get(i)) {
            Some(entry) => tile(props, entry, &lab),
            None if props.lost == Some(index) => html! {
                <td key={index} class="lost"><span class="c" title="Not synced when the server crashed"><b>{ "lost" }</b></span></td>
            },
            None => html! {
                <td key={index} class="nil"><span class="c"></span>{ reach(props, index) }</td>
            },
        }
    });
    html! {
        <tr data-role={node.role}>
            <th scope="row">
                <span class="sid" data-t={hue(node.term)}><b>{ node.id.to_string() }</b>{ icon_named(icon, name) }</span>
                <span class="tm">{ format!("term {}", node.term) }</span>
            </th>
            { for cells }
        </tr>
    }
}

fn tile(props: &RowProps, entry: &EntryView, lab: &Lab) -> Html {
    let (node, index) = (&props.node, entry.index);
    let item = Item::Entry(index, entry.term);
    let committed = index <= node.commit;
    let applied = index <= node.applied;
    let state = match (committed, applied) {
        (_, true) => "applied",
        (true, false) => "committed, not applied yet",
        (false, false) => "not committed",
    };
    let text = entry_label(entry.operation.as_deref());
    let full = match &entry.operation {
        Some(op) => format!("{} for {}", label(&op.operation), op.client),
        None => "no-op".to_owned(),
    };
    let place = format!(
        ", entry {index} of {}, term {}, {state}",
        node.id, entry.term
    );
    let hover = |item: Option<Item>| {
        let lab = lab.clone();
        move || lab.hover(item.clone())
    };
    let (enter, focus) = (hover(Some(item.clone())), hover(Some(item.clone())));
    let blur = hover(None);
    let (onfocus, cell) = (props.onfocus.clone(), (node.id, index));
    let inspect = {
        let lab = lab.clone();
        move |_: MouseEvent| lab.ui(UiAction::Inspect(item.clone()))
    };
    let is = |what: Option<(Index, Term)>| what == Some((index, entry.term));
    let overwrote = props
        .struck
        .as_ref()
        .is_some_and(|gone| gone.contains(&index));
    html! {
        // A replaced entry is another element, so that it arrives like a new one.
        <td key={format!("{index}.{}", entry.term)} data-t={hue(entry.term)} class={classes!(
            if committed { "com" } else { "unc" }, applied.then_some("ap"),
            (node.pennant == Some(index)).then_some("cut"), is(props.hot).then_some("hot"),
            is(props.picked).then_some("picked"), overwrote.then_some("over"))}>
            <button type="button" class="c" data-cell={format!("{}.{index}", node.id.0)}
                tabindex={if props.stop == Some(index) { "0" } else { "-1" }}
                title={full} onclick={inspect}
                onpointerenter={move |_: PointerEvent| enter()}
                onfocus={move |_: FocusEvent| { onfocus.emit(cell); focus(); }}
                onblur={move |_: FocusEvent| blur()}>
                <b>{ text }</b><i aria-hidden="true">{ entry.term }</i><span class="kv-sr">{ place }</span>
            </button>
            { reach(props, index) }
        </td>
    }
}

/// Match dot, run line and next triangle under a cell.
fn reach(props: &RowProps, index: Index) -> Html {
    let Some((matched, next)) = props.reach else {
        return html! {};
    };
    html! {
        <>
            if index <= matched { <i class="m-run"></i> }
            if index == matched { <i class="m-match" title="matchIndex"></i> }
            if matched == 0 && index == 1 { <i class="m-match zero" title="matchIndex 0"></i> }
            if index == next { <i class="m-next" title="nextIndex"></i> }
        </>
    }
}
