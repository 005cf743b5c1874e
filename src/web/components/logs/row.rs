//! One server's log as a row of the matrix.

use crate::base::NodeId;
use crate::raft::{Index, Term};
use crate::view::words::tell;
use crate::view::{ClusterView, EntryView, NodeView, Power, label};
use crate::web::components::logs::entry;
use crate::web::components::words::{RoleMark, entry_label, role_mark};
use crate::web::icons::{hue, icon_named};
use crate::web::language::{Words, h, t};
use crate::web::store::{Handle, Item, UiAction, use_handle};
use std::ops::RangeInclusive;
use std::rc::Rc;
use yew::prelude::*;

/// What a row shows of a server: everything else may change without drawing it again.
#[derive(Clone, PartialEq)]
pub(super) struct RowView {
    id: NodeId,
    role_mark: RoleMark,
    term: Term,
    /// The last entry that is compacted away, if none of the others is out of sight.
    covered: Index,
    /// Where the pennant of its commit index stands.
    pennant: Option<Index>,
    /// The last of its entries that are known to be committed.
    commit: Index,
    applied: Index,
    entries: Rc<[EntryView]>,
}

impl RowView {
    pub(super) fn of(node: &NodeView, view: &ClusterView) -> RowView {
        RowView {
            id: node.id,
            role_mark: role_mark(node),
            term: node.term,
            covered: covered(node).unwrap_or(0),
            pennant: (node.power != Power::Crashed).then_some(node.commit_index),
            commit: settled(node, view),
            applied: node.last_applied,
            entries: node.log.entries.clone(),
        }
    }
}

/// The last entry of a server that is known to be committed. A server that is down has forgotten
/// its commit index; what it holds of the furthest server's committed entries is committed.
fn settled(node: &NodeView, view: &ClusterView) -> Index {
    if node.power != Power::Crashed {
        return node.commit_index;
    }
    let Some(furthest) = view.nodes.iter().max_by_key(|n| n.commit_index) else {
        return 0;
    };
    let shared = |e: &&EntryView| {
        e.index <= furthest.commit_index
            && entry(furthest, e.index).is_some_and(|f| f.term == e.term)
    };
    node.log.entries.iter().rfind(shared).map_or(0, |e| e.index)
}

#[derive(Properties, PartialEq)]
pub(super) struct RowProps {
    pub node: RowView,
    pub first: Index,
    pub last: Index,
    /// Match and next index in the leader's view.
    pub reach: Option<(Index, Index)>,
    pub hot: Option<(Index, Term)>,
    pub picked: Option<(Index, Term)>,
    /// Entries that a leader's made way for a moment ago.
    pub struck: Option<RangeInclusive<Index>>,
    /// The first entry that a crash took, of a server that is down.
    pub lost: Option<Index>,
    /// The tile that is the table's tab stop.
    pub stop: Option<Index>,
    pub onfocus: Callback<(NodeId, Index)>,
}

#[component]
pub(super) fn Row(props: &RowProps) -> Html {
    let node = &props.node;
    let handle = use_handle();
    let words = &handle.words;
    let RoleMark {
        icon, name, role, ..
    } = node.role_mark;
    let from = props.first.max(node.covered + 1);
    let begin = node.entries.first().map_or(1, |e| e.index);
    let cells = (from..=props.last).map(|index| {
        let at = index
            .checked_sub(begin)
            .and_then(|i| usize::try_from(i).ok());
        match at.and_then(|i| node.entries.get(i)) {
            Some(entry) => tile(words, props, entry, &handle),
            None if props.lost == Some(index) => html! {
                <td key={index} class="lost"><span class="c" title={t!(words, "logs.not-synced-when-the")}><b>{ h!(words, "logs.lost") }</b></span></td>
            },
            None => html! {
                <td key={index} class="nil"><span class="c"></span>{ reach(words, props, index) }</td>
            },
        }
    });
    html! {
        <tr data-role={role}>
            <th scope="row">
                <span class="sid" data-t={hue(node.term)}><b>{ node.id.to_string() }</b>{ icon_named(icon, words.label(name)) }</span>
                <span class="tm">{ t!(words, "stage.term", term = node.term) }</span>
            </th>
            if from > props.first { { snapshot(words, props, from - props.first) } }
            { for cells }
        </tr>
    }
}

/// What a snapshot stands for: everything up to here, in one block.
fn snapshot(words: &Words, props: &RowProps, columns: Index) -> Html {
    let covered = props.node.covered;
    let text = format!("≤ {covered}");
    let full = t!(words, "logs.snapshot", index = covered);
    html! {
        <td key="snapshot" class="snap" colspan={columns.to_string()}>
            <span class="c" title={full.clone()}><b aria-hidden="true">{ text }</b><span class="kv-sr">{ full }</span></span>
            { reach(words, props, covered) }
        </td>
    }
}

fn tile(words: &Words, props: &RowProps, entry: &EntryView, handle: &Handle) -> Html {
    let (node, index) = (&props.node, entry.index);
    let item = Item::Entry(index, entry.term);
    let committed = index <= node.commit;
    let applied = index <= node.applied;
    let state = match (committed, applied) {
        (_, true) => tell!("logs.is-applied"),
        (true, false) => tell!("logs.is-committed"),
        (false, false) => tell!("logs.is-not-committed"),
    };
    let text = entry_label(entry);
    let full = match (&entry.operation, &entry.configuration) {
        (Some(op), _) => t!(
            words,
            "logs.for",
            what = label(&op.operation),
            client = op.client
        ),
        (None, Some(members)) => members.label(),
        (None, None) => t!(words, "logs.no-op"),
    };
    let place = t!(
        words,
        "logs.place",
        index,
        node = node.id,
        term = entry.term,
        state
    );
    let hover = |item: Option<Item>| {
        let handle = handle.clone();
        move || handle.hover(item.clone())
    };
    let (enter, focus) = (hover(Some(item.clone())), hover(Some(item.clone())));
    let blur = hover(None);
    let (onfocus, cell) = (props.onfocus.clone(), (node.id, index));
    let inspect = {
        let handle = handle.clone();
        move |_: MouseEvent| handle.ui(UiAction::Inspect(item.clone()))
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
            (node.pennant == Some(index)).then_some("cut"), entry.configuration.is_some().then_some("cfg"), is(props.hot).then_some("hot"),
            is(props.picked).then_some("picked"), overwrote.then_some("over"))}>
            <button type="button" class="c" data-cell={format!("{}.{index}", node.id.0)}
                tabindex={if props.stop == Some(index) { "0" } else { "-1" }}
                title={full} onclick={inspect}
                onpointerenter={move |_: PointerEvent| enter()}
                onfocus={move |_: FocusEvent| { onfocus.emit(cell); focus(); }}
                onblur={move |_: FocusEvent| blur()}>
                <b>{ text }</b><i aria-hidden="true">{ entry.term }</i><span class="kv-sr">{ place }</span>
            </button>
            { reach(words, props, index) }
        </td>
    }
}

/// Match dot, run line and next triangle under a cell.
fn reach(words: &Words, props: &RowProps, index: Index) -> Html {
    let Some((matched, next)) = props.reach else {
        return html! {};
    };
    html! {
        <>
            if index <= matched { <i class="m-run"></i> }
            if index == matched { <i class="m-match" title={t!(words, "logs.matchindex")}></i> }
            if matched == 0 && index == 1 { <i class="m-match zero" title={t!(words, "logs.matchindex-0")}></i> }
            if index == next { <i class="m-next" title={t!(words, "logs.nextindex")}></i> }
        </>
    }
}

/// The last entry that is compacted away, if what follows it is in sight.
pub(super) fn covered(node: &NodeView) -> Option<Index> {
    let begin = node.log.entries.first().map_or(node.log.first, |e| e.index);
    (begin == node.log.first).then(|| begin.saturating_sub(1))
}
