//! What the pointer does: click selects, drag moves or cuts.

use super::Places;
use super::plan::Sheet;
use super::walk::item_under;
use crate::base::NodeId;
use crate::sim::Action;
use crate::view::ClusterView;
use crate::view::geometry::{Area, Point, crossing, link};
use crate::view::words::key;
use crate::web::figure::menu_entries::{by_key, divide, move_to, sides};
use crate::web::hooks::wall;
use crate::web::store::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

/// A press becomes a drag after so many pixels.
const SLACK: f64 = 5.0;

/// Two clicks within so many milliseconds are a double click.
const DOUBLE: f64 = 380.0;

/// A stroke of a tool.
#[derive(Clone, PartialEq)]
pub struct Drawing {
    /// Which tool.
    pub tool: Tool,
    /// Where it went.
    pub path: Vec<Point>,
}

/// What the pointer is about to do.
#[derive(Default)]
enum Hold {
    #[default]
    Nothing,
    /// Pressed on something; `was_open`: its menu was open.
    Press {
        item: Option<Item>,
        start: Point,
        was_open: bool,
    },
    /// A server under the pointer.
    Drag { node: NodeId, at: Point },
    /// A stroke.
    Stroke(Drawing),
}

/// The listeners of the stage, and what they have to show.
pub struct Gestures {
    /// Servers that a person moved, in shares of the stage.
    pub moved: Same<BTreeMap<NodeId, (f64, f64)>>,
    /// The stroke that is being drawn.
    pub drawing: Option<Drawing>,
    /// What it would do.
    pub caption: Option<AttrValue>,
    /// On pointerdown.
    pub down: Callback<PointerEvent>,
    /// On pointermove.
    pub moving: Callback<PointerEvent>,
    /// On pointerup.
    pub up: Callback<PointerEvent>,
    /// On pointercancel.
    pub cancel: Callback<PointerEvent>,
    /// On pointerover.
    pub over: Callback<PointerEvent>,
    /// On pointerout.
    pub out: Callback<PointerEvent>,
}

/// Where on the stage an event was, in the stage's units.
fn point(svg: &NodeRef, event: &PointerEvent, sheet: Sheet) -> Option<Point> {
    let rect = svg.cast::<Element>()?.get_bounding_client_rect();
    Some(Point {
        x: (f64::from(event.client_x()) - rect.left()) / sheet.scale,
        y: (f64::from(event.client_y()) - rect.top()) / sheet.scale,
    })
}

/// Sets up the listeners.
#[hook]
pub fn use_gestures(
    svg: &NodeRef,
    view: &Same<ClusterView>,
    sheet: Sheet,
    places: &Same<Places>,
    areas: &Rc<RefCell<Vec<Area>>>,
) -> Gestures {
    let (handle, ui) = (use_handle(), use_ui());
    let hold = use_mut_ref(Hold::default);
    let clicked = use_mut_ref(|| None::<(Item, f64)>);
    let drawing = use_state(|| None::<Drawing>);
    let moved = use_state(|| Same::from(BTreeMap::<NodeId, (f64, f64)>::new()));
    {
        // A new partition tidies up.
        let moved = moved.clone();
        use_effect_with(
            view.partition.as_ref().map(|p| p.sides.clone()),
            move |_| {
                if !moved.is_empty() {
                    moved.set(Same::from(BTreeMap::new()));
                }
            },
        );
    }
    let down = {
        let (hold, drawing, ui) = (hold.clone(), drawing.clone(), ui.clone());
        let svg = svg.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(start) = point(&svg, &event, sheet).filter(|_| event.button() == 0) else {
                return;
            };
            let item = item_under(event.target());
            *hold.borrow_mut() = if ui.tool == Tool::Select {
                let was_open = item.is_some() && ui.menu == item;
                Hold::Press {
                    item,
                    start,
                    was_open,
                }
            } else {
                event.prevent_default();
                capture(&svg, &event);
                let stroke = Drawing {
                    tool: ui.tool,
                    path: vec![start],
                };
                drawing.set(Some(stroke.clone()));
                Hold::Stroke(stroke)
            };
        })
    };
    let moving = {
        let (hold, drawing, places, handle) = (
            hold.clone(),
            drawing.clone(),
            places.clone(),
            handle.clone(),
        );
        let svg = svg.clone();
        Callback::from(move |event: PointerEvent| {
            let mut hold = hold.borrow_mut();
            let Some(here) = point(&svg, &event, sheet) else {
                return;
            };
            match &mut *hold {
                Hold::Press {
                    item: Some(Item::Node(node)),
                    start,
                    ..
                } if start.distance(here) > SLACK => {
                    capture(&svg, &event);
                    *hold = Hold::Drag {
                        node: *node,
                        at: here,
                    };
                }
                Hold::Drag { node, at } => {
                    *at = here;
                    places.hold(*node, here);
                    handle.frames.again();
                }
                Hold::Stroke(stroke)
                    if stroke.path.last().is_none_or(|p| p.distance(here) > 4.0) =>
                {
                    stroke.path.push(here);
                    drawing.set(Some(stroke.clone()));
                }
                _ => {}
            }
        })
    };
    let up = {
        let (hold, drawing, places) = (hold.clone(), drawing.clone(), places.clone());
        let (handle, view) = (handle.clone(), view.clone());
        let (moved, areas) = (moved.clone(), areas.clone());
        Callback::from(move |event: PointerEvent| {
            drawing.set(None);
            match hold.take() {
                Hold::Nothing => {}
                Hold::Press { item, was_open, .. } => {
                    click(item, was_open, &mut clicked.borrow_mut(), &handle, &view);
                }
                Hold::Drag { node, at } => {
                    let side = areas.borrow().iter().position(|a| {
                        (a.x..=a.x + a.width).contains(&at.x)
                            && (a.y..=a.y + a.height).contains(&at.y)
                    });
                    let action = side.and_then(|side| move_to(node, side, &view));
                    if let Some(action) = action {
                        handle.act(action);
                    } else {
                        let mut all = (**moved).clone();
                        all.insert(node, (at.x / sheet.width, at.y / sheet.height));
                        moved.set(Same::from(all));
                    }
                    places.release(wall());
                    handle.frames.keep_up(super::GLIDE + 50.0);
                }
                Hold::Stroke(stroke) if stroke.tool == Tool::Wall => {
                    build(
                        &stroke.path,
                        event.alt_key(),
                        &view,
                        &places,
                        sheet,
                        &handle,
                    );
                }
                Hold::Stroke(stroke) => cut(&stroke.path, event.alt_key(), &view, &places, &handle),
            }
        })
    };
    let cancel = {
        let (hold, drawing, places, handle) =
            (hold, drawing.clone(), places.clone(), handle.clone());
        Callback::from(move |_: PointerEvent| {
            hold.take();
            drawing.set(None);
            places.release(wall());
            handle.frames.keep_up(super::GLIDE + 50.0);
        })
    };
    let hover = |handle: Handle| {
        Callback::from(move |event: PointerEvent| {
            if event.pointer_type() == "mouse" && event.buttons() == 0 {
                handle.hover(item_under(event.target()));
            }
        })
    };
    let caption = drawing
        .as_ref()
        .filter(|d| d.tool == Tool::Wall && d.path.len() > 1)
        .map(|d| {
            let counts: Vec<String> = split(&d.path, view, places, sheet)
                .iter()
                .map(|g| g.len().to_string())
                .collect();
            AttrValue::from(counts.join(" | "))
        });
    Gestures {
        moved: (*moved).clone(),
        drawing: (*drawing).clone(),
        caption,
        down,
        moving,
        up,
        cancel,
        over: hover(handle.clone()),
        out: Callback::from(move |_: PointerEvent| handle.hover(None)),
    }
}

/// The stage keeps the pointer until it is lifted, wherever it goes.
fn capture(svg: &NodeRef, event: &PointerEvent) {
    if let Some(svg) = svg.cast::<Element>() {
        let _ = svg.set_pointer_capture(event.pointer_id());
    }
}

/// A click selects and offers the quick actions; a second one on a server crashes it.
fn click(
    item: Option<Item>,
    was_open: bool,
    last: &mut Option<(Item, f64)>,
    handle: &Handle,
    view: &ClusterView,
) {
    let now = wall();
    let Some(item) = item else {
        *last = None;
        handle.ui(UiAction::Select(None));
        return;
    };
    let double = last
        .take()
        .is_some_and(|(i, at)| i == item && now - at < DOUBLE);
    if double && matches!(item, Item::Node(_)) {
        handle.ui(UiAction::Menu(None));
        if let Some(entry) = by_key(&item, view, "X", false) {
            entry.run(handle);
        }
        return;
    }
    *last = Some((item.clone(), now));
    match item {
        Item::Node(_) | Item::Message(_) | Item::Link(..) => {
            handle.ui(UiAction::Menu((!was_open).then_some(item)));
        }
        _ => handle.select(item),
    }
}

/// The groups that a stroke makes: by the line through its ends, or by the loop that it draws.
fn split(path: &[Point], view: &ClusterView, places: &Places, sheet: Sheet) -> Vec<Vec<NodeId>> {
    let (Some(first), Some(last)) = (path.first(), path.last()) else {
        return Vec::new();
    };
    let length: f64 = path.windows(2).map(|w| w[0].distance(w[1])).sum();
    let closed = length > 200.0 && first.distance(*last) < 0.25 * length.min(sheet.width);
    let now = wall();
    let inside = |id: &NodeId| {
        let at = places.at(*id, now);
        if closed {
            encloses(path, at)
        } else {
            (last.x - first.x) * (at.y - first.y) - (last.y - first.y) * (at.x - first.x) > 0.0
        }
    };
    sides(view)
        .into_iter()
        .flat_map(|side| {
            let (a, b): (Vec<NodeId>, Vec<NodeId>) = side.into_iter().partition(|n| inside(n));
            [a, b]
        })
        .filter(|g| !g.is_empty())
        .collect()
}

/// Whether the loop goes around the point (a ray to the right crosses it an odd number of times).
fn encloses(path: &[Point], at: Point) -> bool {
    let mut inside = false;
    for (i, a) in path.iter().enumerate() {
        let b = path[(i + 1) % path.len()];
        if (a.y > at.y) != (b.y > at.y) && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

/// Builds the wall that was drawn; `one_way`: only the first side is not heard any more.
fn build(
    path: &[Point],
    one_way: bool,
    view: &ClusterView,
    places: &Places,
    sheet: Sheet,
    handle: &Handle,
) {
    let groups = split(path, view, places, sheet);
    if groups.len() < 2 {
        handle.notice(key!("stage.wall-needs"));
        return;
    }
    if one_way {
        for from in &groups[0] {
            for to in groups[1..].iter().flatten() {
                handle.act(Action::cut(*from, *to));
            }
        }
    } else {
        handle.act(divide(groups));
    }
    handle.ui(UiAction::Tool(Tool::Select));
}

/// Cuts every link that the stroke crosses; `one_way`: only from the smaller id to the larger.
fn cut(path: &[Point], one_way: bool, view: &ClusterView, places: &Places, handle: &Handle) {
    let now = wall();
    let mut count = 0;
    for (i, a) in view.nodes.iter().enumerate() {
        for b in &view.nodes[i + 1..] {
            let line = link(places.at(a.id, now), places.at(b.id, now), 46.0, 0.0);
            if !path
                .windows(2)
                .any(|w| crossing(line, (w[0], w[1])).is_some())
            {
                continue;
            }
            count += 1;
            handle.act(Action::cut(a.id, b.id));
            if !one_way {
                handle.act(Action::cut(b.id, a.id));
            }
        }
    }
    if count == 0 {
        handle.notice(key!("stage.crossed-none"));
    }
}
