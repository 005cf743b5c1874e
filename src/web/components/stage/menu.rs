//! The quick actions of a thing, beside it.

use super::{style, walk};
use crate::raft::Role;
use crate::view::geometry::px;
use crate::view::{ClusterView, Power};
use crate::web::components::words::role_mark;
use crate::web::figure::menu_entries::{MenuEntry, menu_entries};
use crate::web::figure::root::Root;
use crate::web::icons::icon;
use crate::web::language::{Words, t};
use crate::web::store::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// The menu takes the focus when it opens, and gives it back; it goes with the thing that it is of.
#[hook]
fn use_coming_and_going(list: &NodeRef, item: &UseStateHandle<Item>, gone: bool) {
    let handle = use_handle();
    {
        let (list, item, root) = (list.clone(), item.clone(), handle.root.clone());
        use_effect_with((), move |()| {
            place(&root, &list, &item);
            step(&root, &list, 0, true);
            move || {
                // Only if the focus goes down with the menu: whoever clicked elsewhere is there.
                let menu = list.cast::<web_sys::Node>();
                let lost = root.focused().is_none_or(|e| {
                    e.tag_name() == "BODY" || menu.is_some_and(|m| m.contains(Some(&e)))
                });
                if lost {
                    walk::focus(&root, &item);
                }
            }
        });
    }
    // The thing is gone (a message has arrived): so is its menu.
    use_effect_with(gone, move |gone| {
        if *gone {
            handle.ui(UiAction::Menu(None));
        }
    });
}

/// The menu: it takes the focus, keeps it, and gives it back.
#[function_component]
pub fn Menu() -> Html {
    let (view, handle, ui) = (use_view(), use_handle(), use_ui());
    let words = &handle.words;
    let list = use_node_ref();
    // One menu is of one thing; while it closes, of the last one.
    let item = use_state(|| ui.menu.clone().unwrap_or(Item::Wall));
    let entries = menu_entries(&item, &view);
    use_coming_and_going(&list, &item, entries.is_empty());
    let close = {
        let handle = handle.clone();
        Callback::from(move |()| handle.ui(UiAction::Menu(None)))
    };
    let onkeydown = keys(&list, &entries, &handle, &close);
    let (head, sub) = title(words, &item, &view);
    let entry = |entry: &MenuEntry| {
        let refusal = entry.refusal(&handle);
        let (handle, close, run) = (handle.clone(), close.clone(), entry.clone());
        let onclick = move |_| {
            close.emit(());
            run.run(&handle);
        };
        html! {
            <>
                if entry.key == "⏎" || entry.label == "menu.restore" { <hr role="none" /> }
                <button role="menuitem" tabindex="-1" disabled={refusal.is_some()} {onclick}>
                    { icon(entry.icon) }
                    <span>{ words.say_html(entry.says()) }if let Some(why) = refusal { <small>{ words.html(&why) }</small> }</span>
                    <kbd aria-hidden="true">{ entry.key }</kbd>
                </button>
            </>
        }
    };
    // Whoever clicks or tabs elsewhere has left the menu.
    let onfocusout = {
        let (list, close) = (list.clone(), close.clone());
        move |event: FocusEvent| {
            let to = event
                .related_target()
                .and_then(|t| t.dyn_into::<web_sys::Node>().ok());
            if !list.get().is_some_and(|l| l.contains(to.as_ref())) {
                close.emit(());
            }
        }
    };
    html! {
        <div class="kv-pop" role="menu" aria-label={format!("{head} {sub}")} ref={list} {onkeydown} {onfocusout}>
            <h4 aria-hidden="true">{ head }<span>{ sub }</span></h4>
            { for entries.iter().map(entry) }
        </div>
    }
}

/// Arrows walk, a letter does, Escape and Tab close.
fn keys(
    list: &NodeRef,
    entries: &[MenuEntry],
    handle: &Handle,
    close: &Callback<()>,
) -> Callback<KeyboardEvent> {
    let (list, entries, handle, close) = (
        list.clone(),
        entries.to_vec(),
        handle.clone(),
        close.clone(),
    );
    Callback::from(move |event: KeyboardEvent| {
        event.stop_propagation();
        let walk = |by, from_end| step(&handle.root, &list, by, from_end);
        match event.key().as_str() {
            "ArrowDown" => walk(1, false),
            "ArrowUp" => walk(-1, false),
            "Home" => walk(0, true),
            "End" => walk(-1, true),
            "Escape" | "Tab" => close.emit(()),
            key => {
                let wanted = format!(
                    "{}{}",
                    if event.shift_key() { "⇧" } else { "" },
                    key.to_ascii_uppercase()
                );
                let Some(entry) = entries
                    .iter()
                    .find(|d| d.refused.is_none() && d.key == wanted)
                else {
                    return;
                };
                close.emit(());
                entry.run(&handle);
            }
        }
        event.prevent_default();
    })
}

/// Moves the focus by `by` entries, from the present one or (`from_end`) from before the first.
fn step(root: &Root, list: &NodeRef, by: i32, from_end: bool) {
    let Some(list) = list.cast::<Element>() else {
        return;
    };
    let Ok(buttons) = list.query_selector_all("button:not([disabled])") else {
        return;
    };
    let n = buttons.length() as i32;
    if n == 0 {
        return;
    }
    let active = root.focused();
    let here = (0..n).find(|i| {
        let button = buttons.item(*i as u32);
        active
            .as_ref()
            .is_some_and(|a| button.as_ref() == Some(a.as_ref()))
    });
    let next = match here {
        Some(here) if !from_end => here + by,
        _ => by,
    };
    let button = buttons.item(next.rem_euclid(n) as u32);
    if let Some(button) = button.and_then(|b| b.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// Beside the thing, inside of the stage.
fn place(root: &Root, list: &NodeRef, item: &Item) {
    let menu = list.cast::<HtmlElement>();
    let stage = menu.as_ref().and_then(HtmlElement::offset_parent);
    let (Some(menu), Some(stage), Some(thing)) = (menu, stage, walk::element(root, item)) else {
        return;
    };
    let (frame, thing) = (
        stage.get_bounding_client_rect(),
        thing.get_bounding_client_rect(),
    );
    let (width, height) = (menu.offset_width().into(), menu.offset_height().into());
    let half = thing.width() / 2.0;
    let x = thing.left() - frame.left() + half;
    let y = thing.top() - frame.top() + thing.height() / 2.0;
    // A link begins and ends at servers: its menu stands in the middle.
    let gap = if matches!(item, Item::Link(..)) {
        16.0
    } else {
        half + 10.0
    };
    let fits = x + gap + width + 8.0 <= frame.width();
    let left = if fits { x + gap } else { x - gap - width };
    let inside = |at: f64, size: f64, room: f64| at.clamp(8.0, (room - size - 8.0).max(8.0));
    let top = inside(y - height / 2.0, height, frame.height());
    let left = inside(left, width, frame.width());
    style(list, "left", &(px(left) + "px"));
    style(list, "top", &(px(top) + "px"));
}

fn title(words: &Words, item: &Item, view: &ClusterView) -> (String, String) {
    match item {
        Item::Node(id) => {
            let node = view.nodes.iter().find(|n| n.id == *id);
            let sub = node.map_or(String::new(), |n| match (n.power, n.role) {
                (Power::Crashed, _) => t!(words, "menu.crashed"),
                (Power::Paused, _) => t!(words, "menu.paused", term = n.term),
                (_, Role::Leader) => t!(words, "menu.leader", term = n.term),
                (_, Role::Candidate) => t!(words, "menu.candidate", term = n.term),
                (_, Role::PreCandidate) => t!(words, "menu.pre-candidate", term = n.term),
                (_, Role::Follower) => {
                    let role = words.label(role_mark(n).name).to_ascii_lowercase();
                    t!(words, "menu.role", role, term = n.term)
                }
            });
            (id.to_string(), sub)
        }
        Item::Message(id) => match view.messages.iter().find(|m| m.id == *id) {
            Some(m) => (
                words.label(super::message::name(m.kind)),
                t!(words, "menu.from-to", from = m.from, to = m.to),
            ),
            None => Default::default(),
        },
        Item::Link(a, b) => (
            t!(words, "menu.link"),
            t!(words, "menu.between", a = *a, b = *b),
        ),
        _ => Default::default(),
    }
}
