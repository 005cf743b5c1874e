//! The keyboard: every action has a key.
//!
//! Letters act only while no text is being typed and no modifier is held. What acts on the
//! selected thing is looked up among its [`menu_entries`](super::menu_entries), so that menu and keyboard agree.

use super::menu_entries::{by_key, divide, move_to, sides};
use super::root::Root;
use super::store::*;
use crate::base::NodeId;
use crate::sim::Action;
use crate::view::ClusterView;
use crate::view::words::key;
use crate::web::components::focus;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// Takes the keys that the page has for this figure.
#[hook]
pub fn use_keys() {
    let (handle, view, ui, clock) = (use_handle(), use_view(), use_ui(), use_clock());
    // What a key means depends on the one before it: on a slow machine the next key comes before
    // the effects of a render, but never before the render itself.
    let now = use_mut_ref(|| None);
    *now.borrow_mut() = Some((view, ui, clock));
    use_effect_with((), move |()| {
        let root = handle.root.clone();
        let keys = Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.default_prevented() {
                leave_field(&event);
            }
            let free = !event.default_prevented() && !event.alt_key() && !typing(&event);
            let now = now.borrow().clone();
            if let Some((view, ui, clock)) = now.filter(|_| free)
                && press(&event, &handle, &view, &ui, &clock)
            {
                event.prevent_default();
            }
        });
        root.page.on_keys(root.clone(), keys);
        move || root.page.forget_keys(&root)
    });
}

/// Escape gives the keys back to the figure: a field that had them is left. (A dialog closes.)
fn leave_field(event: &KeyboardEvent) {
    let target = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok());
    let is = |t: &HtmlElement, selector| t.closest(selector).ok().flatten().is_some();
    let field = target.filter(|t| is(t, FIELD) && !is(t, "dialog"));
    if let Some(field) = field {
        field.blur().ok();
    }
}

/// What text is typed into, or chosen from.
const FIELD: &str = "input:not([type=range]), select, textarea, [contenteditable]";

/// Whether the key belongs to a field, or works a control as it always does.
fn typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let within = |selector| {
        target
            .as_ref()
            .is_some_and(|t| t.closest(selector).ok().flatten().is_some())
    };
    let control = "button, a[href], [role=slider], [role=tab], summary";
    within(FIELD)
        || within("dialog")
        || matches!(event.key().as_str(), " " | "Enter") && within(control)
        || event.key().starts_with("Arrow")
        || matches!(event.key().as_str(), "Home" | "End")
            && within("[role=slider], [type=range], .kv-scroll, table")
}

/// Does what the key says; returns whether it says anything.
fn press(
    event: &KeyboardEvent,
    handle: &Handle,
    view: &ClusterView,
    ui: &UiState,
    clock: &Clock,
) -> bool {
    let (key, shift) = (event.key(), event.shift_key());
    if event.ctrl_key() || event.meta_key() {
        let undo = key.eq_ignore_ascii_case("z") && !shift;
        if undo {
            handle.run(Command::Undo);
        }
        return undo;
    }
    if ui.tool == Tool::Wall && wall_key(&key, handle, view, ui) {
        return true;
    }
    if let Some(item) = ui
        .hovered
        .as_ref()
        .filter(|i| focused(i, &handle.root))
        .or(ui.selected.as_ref())
        && let Some(entry) = by_key(item, view, &key, shift)
    {
        entry.run(handle);
        return true;
    }
    // What Shift makes of them differs from keyboard to keyboard.
    let alike = match event.code().as_str() {
        "Period" if shift => Some(Command::NextAlike),
        "Comma" if shift => Some(Command::PreviousAlike),
        _ => None,
    };
    if let Some(command) = alike {
        handle.run(command);
        return true;
    }
    time_key(&key, handle, clock) || place_key(&key, shift, handle, view, ui)
}

/// Whether the thing has the focus, as opposed to being pointed at.
fn focused(item: &Item, root: &Root) -> bool {
    root.focused().and_then(|e| e.get_attribute("data-item"))
        == Some(crate::web::components::code(item))
}

/// Keys of the clock.
fn time_key(key: &str, handle: &Handle, clock: &Clock) -> bool {
    handle.run(match key {
        " " if clock.playing => Command::Pause,
        " " => {
            handle.ui(UiAction::Started);
            Command::Play
        }
        "." => Command::Next,
        "," => Command::Previous,
        "Home" => Command::Seek(crate::base::Time::ZERO),
        "End" => Command::Newest,
        "[" => Command::Speed(clock.speed.slower()),
        "]" => Command::Speed(clock.speed.faster()),
        _ => return false,
    });
    true
}

/// Keys of the stage and the page.
fn place_key(key: &str, shift: bool, handle: &Handle, view: &ClusterView, ui: &UiState) -> bool {
    let action = match (key, shift) {
        ("Escape", _) => UiAction::Escape,
        ("q" | "Q", _) if !ui.embed => UiAction::View(match ui.view {
            View::Cluster => View::Clients,
            View::Clients => View::Cluster,
        }),
        ("?", _) => UiAction::Overlay(Some(Overlay::Help)),
        ("g" | "G", _) => UiAction::Overlay(Some(Overlay::Scenarios)),
        ("s", false) if !ui.embed => UiAction::Overlay(Some(Overlay::Settings)),
        ("e", false) => UiAction::More,
        ("E", true) => UiAction::Less,
        ("v", false) => UiAction::Tool(Tool::Select),
        ("c", false) => UiAction::Tool(Tool::Cut),
        ("w", false) => UiAction::Tool(Tool::Wall),
        ("r", false) => UiAction::Ask(None),
        ("a", false) => {
            handle.act(Action::AddServer);
            return true;
        }
        ("h" | "H", _) if view.partition.is_some() => {
            handle.act(Action::Heal);
            return true;
        }
        ("j" | "J", _) => return next_message(shift, handle, view, ui),
        ("m", false) => return change_sides(handle, view, ui),
        (digit, false) => match server(digit, view) {
            Some(id) => {
                focus(&handle.root, &Item::Node(id));
                UiAction::Select(Some(Item::Node(id)))
            }
            None => return false,
        },
        _ => return false,
    };
    handle.ui(action);
    true
}

fn server(digit: &str, view: &ClusterView) -> Option<NodeId> {
    let id = NodeId(digit.parse().ok()?);
    view.nodes.iter().any(|n| n.id == id).then_some(id)
}

/// "W 1 2 Enter": a wall with S1 and S2 on one side.
fn wall_key(key: &str, handle: &Handle, view: &ClusterView, ui: &UiState) -> bool {
    if let Some(id) = server(key, view) {
        handle.ui(UiAction::Side(id));
        return true;
    }
    if key != "Enter" || ui.side.is_empty() {
        return false;
    }
    let rest: Vec<NodeId> = view
        .nodes
        .iter()
        .map(|n| n.id)
        .filter(|n| !ui.side.contains(n))
        .collect();
    if rest.is_empty() {
        handle.notice(key!("stage.wall-both"));
    } else {
        handle.act(divide(vec![ui.side.clone(), rest]));
        handle.ui(UiAction::Tool(Tool::Select));
    }
    true
}

/// The next message under way, or the one before.
fn next_message(back: bool, handle: &Handle, view: &ClusterView, ui: &UiState) -> bool {
    let n = view.messages.len();
    if n == 0 {
        return false;
    }
    let here = match ui.selected {
        Some(Item::Message(id)) => view.messages.iter().position(|m| m.id == id),
        _ => None,
    };
    let next = match here {
        Some(here) => (here + if back { n - 1 } else { 1 }) % n,
        None if back => n - 1,
        None => 0,
    };
    let item = Item::Message(view.messages[next].id);
    focus(&handle.root, &item);
    handle.select(item);
    true
}

/// Moves the selected server to the next side.
fn change_sides(handle: &Handle, view: &ClusterView, ui: &UiState) -> bool {
    let Some(Item::Node(id)) = ui.selected else {
        return false;
    };
    let sides = sides(view);
    let here = sides.iter().position(|s| s.contains(&id)).unwrap_or(0);
    match move_to(id, (here + 1) % sides.len(), view) {
        Some(action) => {
            handle.act(action);
            true
        }
        None => false,
    }
}
