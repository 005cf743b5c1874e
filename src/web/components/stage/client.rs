//! Clients: a capsule at the server that they wait for.

use super::plan::{
    Beside, CAPSULE, PLATE_GAP, PLATE_HEIGHT, PLATE_WIDTH, Place, Sheet, StageLayout,
};
use super::{Places, set};
use crate::base::{ClientId, NodeId, Span, Time};
use crate::kv::{Operation, Outcome};
use crate::sim::Failed;
use crate::view::geometry::{Point, shift};
use crate::view::{ClientOperationView, ClusterView, clip};
use crate::web::hooks::use_frame;
use crate::web::language::{Words, t};
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// How long an answer stays on the stage, in virtual time.
const AFTERGLOW: Span = Span::millis(60);

/// The capsules to draw: client, operation, server, and its number at that server.
pub fn capsules(view: &ClusterView) -> Vec<(ClientId, Rc<ClientOperationView>, usize)> {
    let mut shown: Vec<(ClientId, Rc<ClientOperationView>, usize)> = Vec::new();
    for client in &view.clients {
        let Some(last) = client.operations.last() else {
            continue;
        };
        let fresh = last.ended.is_none_or(|at| view.now.since(at) <= AFTERGLOW);
        let nth = shown.iter().filter(|(_, o, _)| o.node == last.node).count();
        if fresh && nth < 2 {
            shown.push((client.id, last.clone(), nth));
        }
    }
    shown
}

/// An operation in a few characters: `y←7`, `get y`.
pub fn short(operation: &Operation) -> String {
    let cut = |text: &str| -> String {
        if text.chars().count() <= 6 {
            text.to_string()
        } else {
            text.chars().take(5).chain(['…']).collect()
        }
    };
    match operation {
        Operation::Get { key, .. } => format!("get {}", cut(key)),
        Operation::Put { key, value } => format!("{}←{}", cut(key), cut(value)),
        Operation::Append { key, value } => format!("{}+{}", cut(key), cut(value)),
        Operation::Delete { key } => format!("del {}", cut(key)),
        Operation::Cas {
            key,
            expected,
            value,
        } => {
            let from = expected.as_deref().map_or("∅".into(), cut);
            format!("{}:{from}→{}", cut(key), cut(value))
        }
    }
}

fn millis(from: Time, to: Time) -> u64 {
    to.since(from).0 / 1_000
}

/// What became of an operation, in a few words.
fn state(words: &Words, operation: &ClientOperationView, now: Time) -> String {
    let Some(ended) = operation.ended else {
        return t!(words, "stage.waits-ms", ms = millis(operation.invoked, now));
    };
    let took = millis(operation.invoked, ended);
    match &operation.outcome {
        Some(Outcome::Found { value: Some(value) }) => {
            format!("= {}, {took} ms", clip(value, 6))
        }
        Some(Outcome::Found { value: None }) => t!(words, "stage.absent", took),
        Some(Outcome::Done) => t!(words, "stage.done", took),
        Some(Outcome::Differs { .. }) => t!(words, "stage.differs", took),
        None if operation.failed == Some(Failed::Definite) => t!(words, "stage.refused"),
        None => t!(words, "stage.gave-up"),
    }
}

/// What a capsule is drawn from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The client.
    pub id: ClientId,
    /// Its operation.
    pub operation: Same<ClientOperationView>,
    /// Where the capsule stands, from the server's centre.
    pub offset: Point,
    /// Where the servers are.
    pub places: Same<Places>,
    /// Lit up anywhere.
    pub lit: bool,
    /// The one stop of the Tab key is here.
    pub stop: bool,
}

/// Where the nth capsule stands from its server's centre: below its plate, or above it where the
/// stage ends or another server stands.
pub fn offset(place: &Place, nth: usize, sheet: Sheet, plan: &StageLayout, plated: bool) -> Point {
    let Place { at, plate, .. } = *place;
    let step = nth as f64 * CAPSULE.1;
    if !plated {
        return Point {
            x: 52.0,
            y: 16.0 + step,
        };
    }
    let x = match plate {
        Beside::Left => -PLATE_GAP - PLATE_WIDTH + 5.0,
        Beside::Right => PLATE_GAP + 5.0,
        Beside::Below => 5.0 - PLATE_WIDTH / 2.0,
    };
    let (top, bottom) = match plate {
        Beside::Below => (60.0, 60.0 + PLATE_HEIGHT),
        _ => (-PLATE_HEIGHT / 2.0, PLATE_HEIGHT / 2.0),
    };
    let below = bottom + 9.0 + step;
    let middle = Point {
        x: at.x + x + 88.0,
        y: at.y + below + CAPSULE.0 / 2.0,
    };
    let hits = |other: &Place| {
        let (dx, dy) = (other.at.x - middle.x, other.at.y - middle.y);
        dx.abs() < 88.0 + 46.0 && dy.abs() < CAPSULE.0 / 2.0 + 46.0
    };
    let mut others = plan.places.iter().filter(|other| other.at != at);
    let fits = at.y + below + CAPSULE.0 <= sheet.height && !others.any(hits);
    let y = if fits || plate == Beside::Below {
        below
    } else {
        top - 9.0 - CAPSULE.0 - step
    };
    Point { x, y }
}

/// The line from a server's plate to the first of its capsules.
pub fn stem(place: &Place, sheet: Sheet, plan: &StageLayout) -> (Point, Point) {
    let Place { at, plate, .. } = *place;
    let capsule = offset(place, 0, sheet, plan, true);
    let x = at.x + capsule.x + 88.0;
    let plate_edge = match plate {
        Beside::Below => 60.0 + PLATE_HEIGHT,
        _ if capsule.y > 0.0 => PLATE_HEIGHT / 2.0,
        _ => -PLATE_HEIGHT / 2.0,
    };
    let capsule_edge = if capsule.y > 0.0 {
        capsule.y
    } else {
        capsule.y + CAPSULE.0
    };
    let point = |y| Point { x, y: at.y + y };
    (point(plate_edge), point(capsule_edge))
}

/// A client's capsule.
#[function_component]
pub fn Capsule(props: &Props) -> Html {
    let words = use_words();
    let root = use_root();
    let operation = props.operation.clone();
    let server: NodeId = operation.node;
    let (group, text) = (use_node_ref(), use_node_ref());
    {
        let words = words.clone();
        let (group, text, places) = (group.clone(), text.clone(), props.places.clone());
        let (operation, offset) = (operation.clone(), props.offset);
        let last = use_mut_ref(String::new);
        *last.borrow_mut() = String::new();
        use_frame(move |frame| {
            let at = places.at(server, frame.wall);
            let (x, y) = (at.x + offset.x, at.y + offset.y);
            set(&group, "transform", &shift(x, y));
            let says = state(&words, &operation, Time(frame.now as u64));
            if *last.borrow() != says
                && let Some(node) = text.get()
            {
                node.set_text_content(Some(&says));
                *last.borrow_mut() = says;
            }
        });
    }
    let done = operation.ended.is_some() && operation.outcome.is_some();
    let (client, what) = (props.id, short(&operation.operation));
    let name = match done {
        true => t!(words, "stage.client-answered", client, what, server),
        false => t!(words, "stage.client-waits", client, what, server),
    };
    html! {
        <g class={classes!("kv-cl", done.then_some("done"), props.lit.then_some("sel"))} ref={group}>
            <g id={root.id(format!("stage-c{}", props.id.0))} data-item={format!("c{}", props.id.0)} role="button"
                tabindex={if props.stop { "0" } else { "-1" }} aria-label={name}>
                <rect width="176" height="25" rx="12.5" />
            </g>
            // The name of the button says it.
            <g class="words" aria-hidden="true">
                <text class="id" x="12" y="16.8">{ props.id.to_string() }</text>
                <text class="op" x="34" y="16.5">{ short(&operation.operation) }</text>
                <text class="w" x="146" y="16.5" text-anchor="end" ref={text} />
                if done {
                    <path class="ok" d="M155 12.5l3.5 3.5 6.5 -7" />
                } else if operation.ended.is_none() {
                    <circle class="spin" cx="160" cy="12.5" r="5.5" />
                }
            </g>
        </g>
    }
}
