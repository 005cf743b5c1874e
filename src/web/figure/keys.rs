//! The keyboard: every action has a key.
//!
//! Letters act only while no text is being typed and no modifier is held. What acts on the
//! selected thing is looked up among its [`menu_entries`](super::menu_entries), so that menu and keyboard agree.
//! The clock's keys are at hand; what the others mean is code that comes with the first one.

use super::menu_entries::{by_key, divide, move_to, sides};
use super::root::Root;
use super::store::*;
use super::ui_state::Notice;
use crate::base::NodeId;
use crate::sim::Action;
use crate::view::ClusterView;
use crate::view::words::{key, tell};
use crate::web::components::focus;
use js_sys::Promise;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// A key that was pressed.
#[derive(Clone, Debug)]
pub struct Press {
    key: String,
    shift: bool,
}

/// Does what a key says that isn't the clock's; returns whether it says anything.
pub type PressKey = fn(&Press, &Handle, &ClusterView, &UiState) -> bool;

type Now = (Same<ClusterView>, Same<UiState>, Clock);

/// What keys are pressed on.
#[derive(Default)]
struct Keyboard {
    /// What a key means depends on the one before it: on a slow machine the next key comes before
    /// the effects of a render, but never before the render itself.
    now: RefCell<Option<Now>>,
    /// Keys that wait for the code that knows what they mean.
    late: RefCell<VecDeque<Press>>,
}

/// Takes the keys that the page has for this figure.
#[hook]
pub fn use_keys() {
    let (handle, view, ui, clock) = (use_handle(), use_view(), use_ui(), use_clock());
    let keyboard = use_memo((), |()| Keyboard::default());
    *keyboard.now.borrow_mut() = Some((view, ui, clock));
    use_effect_with((), move |()| {
        let root = handle.root.clone();
        let keys = Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.default_prevented() {
                leave_field(&event);
            }
            let free = !event.default_prevented() && !event.alt_key() && !typing(&event);
            if free && press(&event, &handle, &keyboard) {
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

/// Does what the key says; returns whether it says anything, as far as that is known yet.
fn press(event: &KeyboardEvent, handle: &Handle, keyboard: &Rc<Keyboard>) -> bool {
    let (key, shift) = (event.key(), event.shift_key());
    if event.ctrl_key() || event.meta_key() {
        let undo = key.eq_ignore_ascii_case("z") && !shift;
        if undo {
            handle.run(Command::Undo);
        }
        return undo;
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
    let clock = keyboard.now.borrow().as_ref().map(|it| it.2.clone());
    if clock.is_some_and(|clock| time_key(&key, handle, &clock)) {
        return true;
    }
    let pressed = Press { key, shift };
    if let Some(commands) = handle.root.page.pieces.commands_here() {
        return keyboard.press(commands.press, &pressed, handle);
    }
    keyboard.late.borrow_mut().push_back(pressed);
    if keyboard.late.borrow().len() == 1 {
        press_later(handle.clone(), keyboard.clone());
    }
    false
}

impl Keyboard {
    fn press(&self, press: PressKey, pressed: &Press, handle: &Handle) -> bool {
        let now = self.now.borrow().clone();
        now.is_some_and(|(view, ui, _)| press(pressed, handle, &view, &ui))
    }
}

/// Gets the code that knows what keys mean, and does that for all that wait for it.
fn press_later(handle: Handle, keyboard: Rc<Keyboard>) {
    spawn_local(async move {
        let commands = handle.root.page.pieces.commands().await;
        handle.root.works();
        loop {
            let next = keyboard.late.borrow().front().cloned();
            let Some(pressed) = next else { return };
            match &commands {
                Ok(commands) => _ = keyboard.press(commands.press, &pressed, &handle),
                Err(error) => {
                    let error = error.clone();
                    let notice = Notice::bad(tell!("first.cannot-do", error));
                    handle.ui(UiAction::Notice(notice));
                }
            }
            // Between two keys what the first one changed is rendered.
            JsFuture::from(Promise::resolve(&JsValue::UNDEFINED))
                .await
                .ok();
            keyboard.late.borrow_mut().pop_front();
        }
    });
}

/// Does what a key says to the selected thing, on the stage or on the page.
pub fn press_key(
    Press { key, shift }: &Press,
    handle: &Handle,
    view: &ClusterView,
    ui: &UiState,
) -> bool {
    if ui.tool == Tool::Wall && wall_key(key, handle, view, ui) {
        return true;
    }
    if let Some(item) = ui
        .hovered
        .as_ref()
        .filter(|i| focused(i, &handle.root))
        .or(ui.selected.as_ref())
        && let Some(entry) = by_key(item, view, key, *shift)
    {
        entry.run(handle);
        return true;
    }
    place_key(key, *shift, handle, view, ui)
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
