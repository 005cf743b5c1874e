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

/// What a gesture is made of, and what it does something to.
#[derive(Clone)]
struct Hand {
    svg: NodeRef,
    sheet: Sheet,
    view: Same<ClusterView>,
    places: Same<Places>,
    areas: Rc<RefCell<Vec<Area>>>,
    handle: Handle,
    ui: Same<UiState>,
    hold: Rc<RefCell<Hold>>,
    clicked: Rc<RefCell<Option<(Item, f64)>>>,
    drawing: UseStateHandle<Option<Drawing>>,
    moved: UseStateHandle<Same<BTreeMap<NodeId, (f64, f64)>>>,
}

impl Hand {
    /// A listener that does this.
    fn on(&self, what: fn(&Hand, &PointerEvent)) -> Callback<PointerEvent> {
        let hand = self.clone();
        Callback::from(move |event| what(&hand, &event))
    }

    /// Where on the stage an event was, in the stage's units.
    fn point(&self, event: &PointerEvent) -> Option<Point> {
        let rect = self.svg.cast::<Element>()?.get_bounding_client_rect();
        let scale = self.sheet.scale;
        Some(Point {
            x: (f64::from(event.client_x()) - rect.left()) / scale,
            y: (f64::from(event.client_y()) - rect.top()) / scale,
        })
    }

    /// The stage keeps the pointer until it is lifted, wherever it goes.
    fn capture(&self, event: &PointerEvent) {
        if let Some(svg) = self.svg.cast::<Element>() {
            let _ = svg.set_pointer_capture(event.pointer_id());
        }
    }

    fn press(&self, event: &PointerEvent) {
        let Some(start) = self.point(event).filter(|_| event.button() == 0) else {
            return;
        };
        let item = item_under(event.target());
        *self.hold.borrow_mut() = if self.ui.tool == Tool::Select {
            let was_open = item.is_some() && self.ui.menu == item;
            Hold::Press {
                item,
                start,
                was_open,
            }
        } else {
            event.prevent_default();
            self.capture(event);
            let stroke = Drawing {
                tool: self.ui.tool,
                path: vec![start],
            };
            self.drawing.set(Some(stroke.clone()));
            Hold::Stroke(stroke)
        };
    }

    fn follow(&self, event: &PointerEvent) {
        let mut hold = self.hold.borrow_mut();
        let Some(here) = self.point(event) else {
            return;
        };
        match &mut *hold {
            Hold::Press {
                item: Some(Item::Node(node)),
                start,
                ..
            } if start.distance(here) > SLACK => {
                self.capture(event);
                *hold = Hold::Drag {
                    node: *node,
                    at: here,
                };
            }
            Hold::Drag { node, at } => {
                *at = here;
                self.places.hold(*node, here);
                self.handle.frames.again();
            }
            Hold::Stroke(stroke) if stroke.path.last().is_none_or(|p| p.distance(here) > 4.0) => {
                stroke.path.push(here);
                self.drawing.set(Some(stroke.clone()));
            }
            _ => {}
        }
    }

    fn lift(&self, event: &PointerEvent) {
        self.drawing.set(None);
        let (view, places, handle) = (&self.view, &self.places, &self.handle);
        match self.hold.take() {
            Hold::Nothing => {}
            Hold::Press { item, was_open, .. } => {
                click(item, was_open, &mut self.clicked.borrow_mut(), handle, view);
            }
            Hold::Drag { node, at } => self.drop_node(node, at),
            Hold::Stroke(stroke) if stroke.tool == Tool::Wall => {
                build(
                    &stroke.path,
                    event.alt_key(),
                    view,
                    places,
                    self.sheet,
                    handle,
                );
            }
            Hold::Stroke(stroke) => cut(&stroke.path, event.alt_key(), view, places, handle),
        }
    }

    /// Over another side of a wall the server changes sides; elsewhere it stays where it was put.
    fn drop_node(&self, node: NodeId, at: Point) {
        let side = self.areas.borrow().iter().position(|a| {
            (a.x..=a.x + a.width).contains(&at.x) && (a.y..=a.y + a.height).contains(&at.y)
        });
        let action = side.and_then(|side| move_to(node, side, &self.view));
        if let Some(action) = action {
            self.handle.act(action);
        } else {
            let mut all = (**self.moved).clone();
            all.insert(node, (at.x / self.sheet.width, at.y / self.sheet.height));
            self.moved.set(Same::from(all));
        }
        self.let_go();
    }

    fn cancel(&self, _: &PointerEvent) {
        self.hold.take();
        self.drawing.set(None);
        self.let_go();
    }

    /// What was held glides to where it belongs.
    fn let_go(&self) {
        self.places.release(wall());
        self.handle.frames.keep_up(super::GLIDE + 50.0);
    }

    fn hover(&self, event: &PointerEvent) {
        if event.pointer_type() == "mouse" && event.buttons() == 0 {
            self.handle.hover(item_under(event.target()));
        }
    }

    fn leave(&self, _: &PointerEvent) {
        self.handle.hover(None);
    }

    /// How many servers are on each side of the wall that is being drawn.
    fn caption(&self) -> Option<AttrValue> {
        let drawing = self.drawing.as_ref();
        let d = drawing.filter(|d| d.tool == Tool::Wall && d.path.len() > 1)?;
        let counts: Vec<String> = split(&d.path, &self.view, &self.places, self.sheet)
            .iter()
            .map(|g| g.len().to_string())
            .collect();
        Some(AttrValue::from(counts.join(" | ")))
    }
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
    let hand = Hand {
        svg: svg.clone(),
        sheet,
        view: view.clone(),
        places: places.clone(),
        areas: areas.clone(),
        handle: use_handle(),
        ui: use_ui(),
        hold: use_mut_ref(Hold::default),
        clicked: use_mut_ref(|| None),
        drawing: use_state(|| None),
        moved: use_state(|| Same::from(BTreeMap::new())),
    };
    {
        // A new partition tidies up.
        let moved = hand.moved.clone();
        use_effect_with(
            view.partition.as_ref().map(|p| p.sides.clone()),
            move |_| {
                if !moved.is_empty() {
                    moved.set(Same::from(BTreeMap::new()));
                }
            },
        );
    }
    Gestures {
        moved: (*hand.moved).clone(),
        drawing: (*hand.drawing).clone(),
        caption: hand.caption(),
        down: hand.on(Hand::press),
        moving: hand.on(Hand::follow),
        up: hand.on(Hand::lift),
        cancel: hand.on(Hand::cancel),
        over: hand.on(Hand::hover),
        out: hand.on(Hand::leave),
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
