//! The quick actions of a thing, beside it.

use super::plan::Sheet;
use super::{Places, style, walk};
use crate::raft::Role;
use crate::view::{ClusterView, Power};
use crate::web::components::words::standing;
use crate::web::deeds::{Deed, deeds};
use crate::web::hooks::wall;
use crate::web::icons::icon;
use crate::web::store::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// What a menu is drawn from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose menu.
    pub item: Item,
    /// Where the servers are.
    pub places: Same<Places>,
    /// The stage.
    pub sheet: Sheet,
}

/// The menu: it takes the focus, keeps it, and gives it back.
#[function_component]
pub fn Menu(props: &Props) -> Html {
    let (view, lab) = (use_view(), use_lab());
    let list = use_node_ref();
    let entries = deeds(&props.item, &view);
    let gone = entries.is_empty();
    {
        let (list, item, places) = (list.clone(), props.item.clone(), props.places.clone());
        let (view, sheet) = (view.clone(), props.sheet);
        use_effect_with((), move |()| {
            place(&list, &item, &view, &places, sheet);
            step(&list, 0, true);
            move || {
                // Only if the focus goes down with the menu: whoever clicked elsewhere is there.
                let active = web_sys::window()
                    .and_then(|w| w.document())
                    .and_then(|d| d.active_element());
                let menu = list.cast::<web_sys::Node>();
                let lost = active.is_none_or(|e| {
                    e.tag_name() == "BODY" || menu.is_some_and(|m| m.contains(Some(&e)))
                });
                if lost {
                    walk::focus(&item);
                }
            }
        });
    }
    {
        // The thing is gone (a message has arrived): so is its menu.
        let lab = lab.clone();
        use_effect_with(gone, move |gone| {
            if *gone {
                lab.ui(UiAction::Menu(None));
            }
        });
    }
    let close = {
        let lab = lab.clone();
        Callback::from(move |()| lab.ui(UiAction::Menu(None)))
    };
    let onkeydown = keys(&list, &entries, &lab, &close);
    let (head, sub) = title(&props.item, &view);
    let entry = |deed: &Deed| {
        let refusal = deed.refusal(&lab);
        let (lab, close, run) = (lab.clone(), close.clone(), deed.clone());
        let onclick = move |_| {
            close.emit(());
            run.run(&lab);
        };
        html! {
            <>
                if deed.key == "⏎" || deed.label == "Restore" { <hr role="none" /> }
                <button role="menuitem" tabindex="-1" disabled={refusal.is_some()} {onclick}>
                    { icon(deed.icon) }
                    <span>{ &deed.label }if let Some(why) = refusal { <small>{ why }</small> }</span>
                    <kbd aria-hidden="true">{ deed.key }</kbd>
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
    entries: &[Deed],
    lab: &Lab,
    close: &Callback<()>,
) -> Callback<KeyboardEvent> {
    let (list, entries, lab, close) = (list.clone(), entries.to_vec(), lab.clone(), close.clone());
    Callback::from(move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "ArrowDown" => step(&list, 1, false),
            "ArrowUp" => step(&list, -1, false),
            "Home" => step(&list, 0, true),
            "End" => step(&list, -1, true),
            "Escape" | "Tab" => close.emit(()),
            key => {
                let wanted = format!(
                    "{}{}",
                    if event.shift_key() { "⇧" } else { "" },
                    key.to_ascii_uppercase()
                );
                let Some(deed) = entries
                    .iter()
                    .find(|d| d.refused.is_none() && d.key == wanted)
                else {
                    return;
                };
                close.emit(());
                deed.run(&lab);
            }
        }
        event.prevent_default();
    })
}

/// Moves the focus by `by` entries, from the present one or (`from_end`) from before the first.
fn step(list: &NodeRef, by: i32, from_end: bool) {
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
    let active = web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.active_element());
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
fn place(list: &NodeRef, item: &Item, view: &ClusterView, places: &Places, sheet: Sheet) {
    let Some(list_element) = list.cast::<HtmlElement>() else {
        return;
    };
    let Some(stage) = list_element.offset_parent() else {
        return;
    };
    let now = wall();
    let mut gap = 60.0;
    let at = match item {
        Item::Node(id) => places.at(*id, now),
        Item::Link(a, b) => {
            gap = 16.0;
            places.at(*a, now).towards(places.at(*b, now), 0.5)
        }
        Item::Message(id) => {
            gap = 24.0;
            let Some(m) = view.messages.iter().find(|m| m.id == *id) else {
                return;
            };
            let ends = (places.at(m.from, now), places.at(m.to, now));
            super::message::position(m, ends, &[], view.now.0 as f64).0
        }
        _ => return,
    };
    let (width, height) = (
        f64::from(list_element.offset_width()),
        f64::from(list_element.offset_height()),
    );
    let (w, h) = (
        f64::from(stage.client_width()),
        f64::from(stage.client_height()),
    );
    let (x, y) = (at.x * sheet.scale, at.y * sheet.scale);
    let gap = gap * sheet.scale;
    let left = if x + gap + width + 8.0 <= w {
        x + gap
    } else {
        x - gap - width
    };
    let left = left.clamp(8.0, (w - width - 8.0).max(8.0));
    let top = (y - height / 2.0).clamp(8.0, (h - height - 8.0).max(8.0));
    style(list, "left", &format!("{left:.0}px"));
    style(list, "top", &format!("{top:.0}px"));
}

fn title(item: &Item, view: &ClusterView) -> (String, String) {
    match item {
        Item::Node(id) => {
            let node = view.nodes.iter().find(|n| n.id == *id);
            let sub = node.map_or(String::new(), |n| match (n.power, n.role) {
                (Power::Crashed, _) => "crashed".to_string(),
                (Power::Paused, _) => format!("paused in term {}", n.term),
                (_, Role::Leader) => format!("leader of term {}", n.term),
                (_, Role::Candidate) => format!("candidate of term {}", n.term),
                (_, Role::PreCandidate) => format!("pre-candidate, term {}", n.term),
                (_, Role::Follower) => {
                    let name = standing(n).name.to_ascii_lowercase();
                    format!("{name}, term {}", n.term)
                }
            });
            (id.to_string(), sub)
        }
        Item::Message(id) => match view.messages.iter().find(|m| m.id == *id) {
            Some(m) => (
                super::message::name(m.kind).to_string(),
                format!("{} to {}", m.from, m.to),
            ),
            None => Default::default(),
        },
        Item::Link(a, b) => ("Link".to_string(), format!("{a} and {b}")),
        _ => Default::default(),
    }
}
