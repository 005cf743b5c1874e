//! Walking the stage by keyboard: one stop for the Tab key, arrows go to the nearest neighbour.

use super::Places;
use crate::base::{ClientId, NodeId};
use crate::view::ClusterView;
use crate::view::geometry::Point;
use crate::web::figure::root::Root;
use crate::web::hooks::wall;
use crate::web::store::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, SvgElement};
use yew::prelude::*;

/// The name of a thing in `data-item`: `n1`, `m12`, `l1-2`, `c3`, `w`.
pub fn code(item: &Item) -> String {
    match item {
        Item::Node(id) => format!("n{}", id.0),
        Item::Message(id) => format!("m{id}"),
        Item::Link(a, b) => format!("l{}-{}", a.0, b.0),
        Item::Client(id) => format!("c{}", id.0),
        Item::Wall => "w".to_string(),
        Item::Entry(index, term) => format!("e{index}-{term}"),
        Item::Event(seq) => format!("v{seq}"),
        Item::Key(key) => format!("k{key}"),
    }
}

fn parse(code: &str) -> Option<Item> {
    let (kind, rest) = code.split_at_checked(1)?;
    Some(match kind {
        "n" => Item::Node(NodeId(rest.parse().ok()?)),
        "m" => Item::Message(rest.parse().ok()?),
        "l" => {
            let (a, b) = rest.split_once('-')?;
            Item::Link(NodeId(a.parse().ok()?), NodeId(b.parse().ok()?))
        }
        "c" => Item::Client(ClientId(rest.parse().ok()?)),
        "w" => Item::Wall,
        _ => return None,
    })
}

/// The thing on the stage that an event hit.
pub fn item_under(target: Option<EventTarget>) -> Option<Item> {
    let element: Element = target?.dyn_into().ok()?;
    let item = element.closest("[data-item]").ok()??;
    parse(&item.get_attribute("data-item")?)
}

/// Whether the thing is (still) on the stage.
pub fn find(root: &Root, item: &Item, view: &ClusterView) -> bool {
    match item {
        Item::Node(id) => view.nodes.iter().any(|n| n.id == *id),
        Item::Message(id) => view.messages.iter().any(|m| m.id == *id),
        Item::Wall => view.partition.is_some(),
        Item::Link(..) | Item::Client(_) => element(root, item).is_some(),
        _ => false,
    }
}

/// What draws it.
pub fn element(root: &Root, item: &Item) -> Option<SvgElement> {
    let id = match item {
        Item::Node(id) => format!("stage-{id}"),
        other => format!("stage-{}", code(other)),
    };
    root.named(id)?.dyn_into().ok()
}

/// Gives a thing on the stage the focus.
pub fn focus(root: &Root, item: &Item) {
    if let Some(element) = element(root, item) {
        let _ = element.focus();
    }
}

/// Arrows walk, Enter opens the quick actions, the Tab key goes from a server to its links.
#[hook]
pub fn use_walk(view: &Same<ClusterView>, places: &Same<Places>) -> Callback<KeyboardEvent> {
    let (handle, ui) = (use_handle(), use_ui());
    let (view, places) = (view.clone(), places.clone());
    Callback::from(move |event: KeyboardEvent| {
        let Some(item) = item_under(event.target()) else {
            return;
        };
        let step = match event.key().as_str() {
            "ArrowLeft" => (-1.0, 0.0),
            "ArrowRight" => (1.0, 0.0),
            "ArrowUp" => (0.0, -1.0),
            "ArrowDown" => (0.0, 1.0),
            // Enter finishes a wall that is being typed.
            "Enter" if ui.side.is_empty() => {
                event.prevent_default();
                event.stop_propagation();
                handle.ui(UiAction::Menu(Some(item)));
                return;
            }
            "Tab" if !event.shift_key() => {
                if let Some(next) = next_link(&handle.root, &item) {
                    event.prevent_default();
                    focus(&handle.root, &next);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let here = match &item {
            Item::Node(id) => places.at(*id, wall()),
            _ => middle(&item, &view, &places),
        };
        let nearest = view
            .nodes
            .iter()
            .filter(|n| Item::Node(n.id) != item)
            .filter_map(|n| Some((n.id, cost(here, places.at(n.id, wall()), step)?)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((id, _)) = nearest {
            focus(&handle.root, &Item::Node(id));
        }
    })
}

/// How far `to` is in the direction of `step`; nothing if it is not in that direction.
fn cost(from: Point, to: Point, step: (f64, f64)) -> Option<f64> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let along = dx * step.0 + dy * step.1;
    let aside = (dx * step.1).abs() + (dy * step.0).abs();
    (along > 1.0).then_some(along + 2.0 * aside)
}

fn middle(item: &Item, view: &ClusterView, places: &Places) -> Point {
    let ends = match item {
        Item::Link(a, b) => (*a, *b),
        Item::Message(id) => match view.messages.iter().find(|m| m.id == *id) {
            Some(m) => (m.from, m.to),
            None => return Point::default(),
        },
        _ => return Point::default(),
    };
    places
        .at(ends.0, wall())
        .towards(places.at(ends.1, wall()), 0.5)
}

/// The link that the Tab key goes to: the first of a server, then the next on the stage.
fn next_link(root: &Root, item: &Item) -> Option<Item> {
    let links = root
        .element
        .query_selector_all(".kv-stage .kv-linkg")
        .ok()?;
    let items: Vec<Item> = (0..links.length())
        .filter_map(|i| item_under(links.item(i).map(Into::into)))
        .collect();
    match item {
        Item::Node(id) => items
            .into_iter()
            .find(|l| matches!(l, Item::Link(a, b) if a == id || b == id)),
        Item::Link(..) => {
            let at = items.iter().position(|l| l == item)?;
            items.into_iter().nth(at + 1)
        }
        _ => None,
    }
}
