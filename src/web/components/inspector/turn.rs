//! What can be turned on a server: membership, log, clock, disk, priority.
//!
//! Everything here is an action: it stands in the journal, a link holds it, undo takes it back.
//! Whether it can be done now, and why not, the run itself says.

use super::voters::Voters;
use crate::base::{NodeId, Span};
use crate::sim::{Action, DiskFault};
use crate::view::NodeView;
use crate::view::words::key;
use crate::web::components::dial::Dial;
use crate::web::figure::menu_entries::{MenuEntry, What, menu_entries};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// How far ahead a clock can be set, in milliseconds.
const SKEWS: [i32; 13] = [
    -5_000, -1_000, -500, -200, -100, -50, 0, 50, 100, 200, 500, 1_000, 5_000,
];

/// How much faster a clock can run, in per cent.
const DRIFTS: [i32; 13] = [-50, -30, -20, -10, -5, -1, 0, 1, 5, 10, 20, 30, 50];

/// The longest sync, in milliseconds.
const SYNCS: [i32; 10] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/// Priorities.
const PRIORITIES: [i32; 6] = [0, 1, 2, 3, 4, 5];

/// What the controls are of.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The server.
    pub node: std::rc::Rc<NodeView>,
}

/// The controls of a server.
#[function_component]
pub fn Turn(props: &Props) -> Html {
    let (handle, ui, view) = (use_handle(), use_ui(), use_view());
    let words = &handle.words;
    let node = &*props.node;
    let id = node.id;
    let heading = use_node_ref();
    {
        let heading = heading.clone();
        use_effect_with(ui.turned, move |turned| {
            if let (1.., Some(heading)) = (*turned, heading.cast::<web_sys::HtmlElement>()) {
                heading.scroll_into_view();
                let _ = heading.focus();
            }
        });
    }
    let act = |make: fn(NodeId, i32) -> Action| {
        let handle = handle.clone();
        Callback::from(move |value| handle.act(make(id, value)))
    };
    // The clock's other half stays as it is.
    let clock = node.clock;
    let (set_skew, set_drift) = (handle.clone(), handle.clone());
    let set_skew = Callback::from(move |ms: i32| {
        let (skew, drift) = (i64::from(ms) * 1_000, clock.drift);
        let node = id;
        set_skew.act(Action::SetClock { node, skew, drift });
    });
    let set_drift = Callback::from(move |percent: i32| {
        let (skew, drift) = (clock.skew, percent * 10_000);
        let node = id;
        set_drift.act(Action::SetClock { node, skew, drift });
    });
    let member = menu_entries(&Item::Node(id), &view);
    let member = member
        .into_iter()
        .filter(|entry| matches!(entry.key, "Y" | "U" | "L" | "N" | "⇧X" | "Z"));
    let jumps = [-500, -100, 100, 500].map(|ms: i64| {
        let by = ms * 1_000;
        let label = format!("{}{} ms", if ms < 0 { '−' } else { '+' }, ms.abs());
        (label, entry("", "", Action::JumpClock { node: id, by }))
    });
    let faults = [
        (key!("inspect.tear"), DiskFault::Tear),
        (key!("inspect.corrupt"), DiskFault::Corrupt),
        (key!("inspect.fill"), DiskFault::Fill),
        (key!("inspect.free"), DiskFault::Free),
        (key!("inspect.wipe"), DiskFault::Wipe),
    ];
    let faults =
        faults.map(|(label, fault)| entry("disk", label, Action::Disk { node: id, fault }));
    html! {
        <div class="kv-turn">
            <h3 class="kv-sech" tabindex="-1" ref={heading}>{ h!(words, "inspect.membership-and-log") }</h3>
            { buttons(words, &handle, member) }
            <Voters />
            <h3 class="kv-sech">{ h!(words, "inspect.clock") }</h3>
            <Dial label={t!(words, "inspect.ahead")} title={t!(words, "inspect.how-far-the-clock")} steps={&SKEWS[..]} at={(clock.skew / 1_000) as i32} unit="ms" set={set_skew} />
            <Dial label={t!(words, "inspect.faster")} title={t!(words, "inspect.how-much-faster-the")} steps={&DRIFTS[..]} at={clock.drift / 10_000} unit="%" set={set_drift} />
            <p class="kv-acts" role="group" aria-label={t!(words, "inspect.the-clock-jumps")}>{ h!(words, "inspect.jump") }{ row(&handle, jumps) }</p>
            <h3 class="kv-sech">{ h!(words, "inspect.disk") }</h3>
            <Dial label={t!(words, "inspect.fsync-up-to")} title={t!(words, "inspect.the-longest-time-that")} steps={&SYNCS[..]} at={(node.disk.fsync_max.0 / 1_000) as i32} unit="ms" set={act(sync)} />
            { buttons(words, &handle, faults) }
            <h3 class="kv-sech">{ h!(words, "inspect.elections") }</h3>
            <Dial label={t!(words, "inspect.priority")} title={t!(words, "inspect.of-two-servers-with")} steps={&PRIORITIES[..]} at={i32::from(node.priority)} unit="" set={act(priority)} />
        </div>
    }
}

fn sync(node: NodeId, ms: i32) -> Action {
    let fsync_max = Span::millis(ms.unsigned_abs().into());
    Action::SetDisk {
        node,
        fsync_min: Span(fsync_max.0 / 2),
        fsync_max,
    }
}

fn priority(node: NodeId, priority: i32) -> Action {
    let priority = priority.unsigned_abs() as u8;
    Action::set_priority(node, priority)
}

pub(super) fn entry(icon: &'static str, label: &'static str, action: Action) -> MenuEntry {
    MenuEntry {
        icon,
        label,
        ends: None,
        key: "",
        refused: None,
        what: What::Do(vec![action]),
    }
}

/// Buttons below each other; beside one that can't be used stands why.
pub(super) fn buttons(
    words: &Words,
    handle: &Handle,
    menu_entries: impl IntoIterator<Item = MenuEntry>,
) -> Html {
    let line = |entry: MenuEntry| {
        let why = entry.refusal(handle);
        let label = words.say_html(entry.says());
        html! { <li>{ button(handle, entry, label, why.is_some()) }if let Some(why) = why { <span>{ words.html(&why) }</span> }</li> }
    };
    html! { <ul class="kv-entries">{ for menu_entries.into_iter().map(line) }</ul> }
}

/// Buttons in a row, with what stands on each.
fn row(handle: &Handle, menu_entries: impl IntoIterator<Item = (String, MenuEntry)>) -> Html {
    let one = |(label, entry): (String, MenuEntry)| {
        let refused = entry.refusal(handle).is_some();
        button(handle, entry, html! { { label } }, refused)
    };
    menu_entries.into_iter().map(one).collect()
}

fn button(handle: &Handle, entry: MenuEntry, label: Html, disabled: bool) -> Html {
    let (handle, name) = (handle.clone(), entry.icon);
    html! {
        <button type="button" class="kv-btn" {disabled} onclick={move |_: MouseEvent| entry.run(&handle)}>
            if !name.is_empty() { { icon(name) } }{ label }
        </button>
    }
}
