//! A server: disc, quorum or timer ring, role, plate.

use super::plan::{Beside, Detail, PLATE_GAP, PLATE_HEIGHT, PLATE_WIDTH, tail};
use super::{Places, set};
use crate::base::Span;
use crate::base::order::sort_by_key;
use crate::raft::Role;
use crate::view::geometry::{Point, arc, segment};
use crate::view::{NodeView, PairView, Power, Segment};
use crate::web::hooks::use_frame;
use crate::web::icons::hue;
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// What a puck is drawn from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The server.
    pub node: Same<NodeView>,
    /// Votes that are needed.
    pub quorum: u32,
    /// Where it is.
    pub places: Same<Places>,
    /// How much is told beside it.
    pub detail: Detail,
    /// Where its plate stands.
    pub plate: Beside,
    /// Selected, or lit up anywhere.
    pub lit: bool,
    /// The one stop of the Tab key is here.
    pub stop: bool,
    /// Its quick actions are open.
    pub open: bool,
    /// The longest election timeout: a whole ring.
    pub timeout: Span,
    /// It could be clicked first: a dashed ring says so.
    pub invite: bool,
}

/// What a server is called on the screen, its icon, and the family that colours its lines.
pub fn role(node: &NodeView) -> (&'static str, &'static str, &'static str) {
    match (node.power, node.role) {
        (Power::Crashed, _) => ("Crashed", "crash", "idle"),
        (Power::Paused, _) => ("Paused", "pausebars", "idle"),
        (_, Role::Leader) => ("Leader", "crown", "repl"),
        (_, Role::Candidate) => ("Candidate", "ballot", "elect"),
        (_, Role::PreCandidate) => ("Pre-candidate", "ballot", "elect"),
        (_, Role::Follower) => ("Follower", "follower", "idle"),
    }
}

/// How many voters are with a leader or candidate.
pub fn with(node: &NodeView) -> usize {
    node.ring.iter().filter(|s| **s == Segment::With).count()
}

/// Its name for those who can't see it.
pub fn describe(node: &NodeView) -> String {
    let (n, of) = (with(node), node.ring.len());
    let role = match (node.power, node.role) {
        (Power::Crashed, _) => format!("crashed, term {} on its disk", node.term),
        (Power::Paused, _) => format!(
            "paused in term {}, {} messages wait",
            node.term, node.waiting
        ),
        (_, Role::Leader) => format!("leader of term {}, hears {n} of {of}", node.term),
        (_, Role::Candidate) => format!("candidate of term {}, {n} of {of} votes", node.term),
        (_, Role::PreCandidate) => format!(
            "pre-candidate in term {}, {n} of {of} would vote for it",
            node.term
        ),
        (_, Role::Follower) => format!("follower in term {}", node.term),
    };
    format!(
        "{}, {role}, log {}, committed {}",
        node.id, node.log.last, node.commit
    )
}

/// The radius of a disc.
pub fn radius(node: &NodeView) -> f64 {
    if node.role == Role::Leader && node.power == Power::Up {
        33.0
    } else {
        30.0
    }
}

/// A server.
#[function_component]
pub fn Node(props: &Props) -> Html {
    let node = &*props.node;
    let (name, _, family) = role(node);
    let (r, ring) = (radius(node), radius(node) + 10.0);
    let up = node.power == Power::Up;
    let voting = up && node.role != Role::Follower;
    let group = use_node_ref();
    let timer = use_node_ref();
    let tip = use_node_ref();
    let share = use_mut_ref(|| 1.0_f64);
    {
        let (group, timer, tip) = (group.clone(), timer.clone(), tip.clone());
        let (node, places, timeout) = (props.node.clone(), props.places.clone(), props.timeout);
        // What is on the screen already isn't set again.
        let drawn = use_mut_ref(|| (Point::default(), None::<bool>));
        *drawn.borrow_mut() = (
            Point {
                x: f64::NAN,
                y: 0.0,
            },
            None,
        );
        use_frame(move |frame| {
            let at = places.at(node.id, frame.wall);
            let mut drawn = drawn.borrow_mut();
            if at != drawn.0 {
                drawn.0 = at;
                set(
                    &group,
                    "transform",
                    &format!("translate({:.1} {:.1})", at.x, at.y),
                );
            }
            if voting || node.power == Power::Crashed {
                return;
            }
            if let (Some(t), Power::Up) = (node.timer, node.power) {
                // A whole ring is the longest timeout, so that rings can be compared.
                let left = (t.due.0 as f64 - frame.now) / timeout.0.max(1) as f64;
                *share.borrow_mut() = left.clamp(0.0, 1.0);
            }
            let share = *share.borrow();
            let due = share < 0.15;
            if drawn.1 != Some(due) {
                drawn.1 = Some(due);
                set(&timer, "class", if due { "timer due" } else { "timer" });
                set(&tip, "class", if due { "tip due" } else { "tip" });
            }
            set(&timer, "d", &arc(Point::default(), ring, 0.0, share));
            let end = Point::default().around(ring, share);
            set(
                &tip,
                "transform",
                &format!("translate({:.1} {:.1})", end.x, end.y),
            );
        });
    }
    let data_role = name.to_ascii_lowercase();
    let id_at = match (props.detail, r > 30.0) {
        (Detail::Plate, big) => 7 + i32::from(big),
        _ => 3,
    };
    let item = format!("n{}", node.id.0);
    html! {
        <g class={classes!("kv-node", props.lit.then_some("sel"))} ref={group}
            data-role={data_role} data-t={hue(node.term)} data-f={family}>
            <g id={format!("stage-{}", node.id)} data-item={item.clone()}
                role="button" tabindex={if props.stop { "0" } else { "-1" }} aria-label={describe(node)}
                aria-haspopup="menu" aria-expanded={props.open.to_string()}>
                if props.lit { <circle class="halo" r={format!("{:.1}", ring + 11.0)} /> }
                if props.invite { <circle class="invite" r={format!("{:.1}", ring + 11.0)} /> }
                <circle class="hit" r={format!("{:.1}", ring + 4.0)} />
                if voting {
                    { votes(node, ring) }
                } else {
                    <circle class="track" r={format!("{ring:.1}")} />
                    if node.power != Power::Crashed {
                        <path class="timer" ref={timer} />
                        <circle class="tip" ref={tip} r="4" />
                    }
                }
                <circle class="disc" r={format!("{r:.1}")} />
                if node.power == Power::Crashed {
                    <circle class="hatch" r={format!("{r:.1}")} />
                    <path class="bigx" d="M-11 -11L11 11M11 -11L-11 11" />
                }
                <text class="sid" y={id_at.to_string()}>{ node.id.to_string() }</text>
            </g>
            // The name of the button says all this already.
            <g data-item={item} aria-hidden="true">
                { around(props, ring) }
            </g>
        </g>
    }
}

/// What stands on and around the disc besides the server's name.
fn around(props: &Props, ring: f64) -> Html {
    let node = &*props.node;
    let (name, icon, family) = role(node);
    let voting = node.power == Power::Up && node.role != Role::Follower;
    html! {
        <>
            if props.detail != Detail::Plate {
                <text class="tsub" y={if ring > 40.0 { "18" } else { "17" }}>{ format!("term {}", node.term) }</text>
            }
            if node.power == Power::Paused {
                <g class="badge" transform="translate(21.6 -21.6)"><circle r="10" /><path d="M-3 -4.5v9M3 -4.5v9" /></g>
                if node.waiting > 0 {
                    <g class="queue" transform="translate(-46 -38)">
                        <rect x="-15" y="-9" width="32" height="18" rx="9" /><text x="1" y="4">{ format!("{} in", node.waiting) }</text>
                    </g>
                }
            }
            if voting { { top(node, icon, ring, props.lit) } }
            { match props.detail {
                Detail::Caption => html! { <text class="cap" y={format!("{:.1}", ring + 22.0)}>{ name }</text> },
                Detail::Strip => strip_below(node, ring),
                Detail::Plate => plate(props, name, icon, family),
            } }
        </>
    }
}

/// The crown or the ballot above the ring. It drops in when the role is new.
fn top(node: &NodeView, icon: &'static str, ring: f64, lit: bool) -> Html {
    let (k, lift): (f64, f64) = if node.role == Role::Leader {
        (1.7, 26.0)
    } else {
        (1.2, 22.0)
    };
    let y = -ring - lift - if lit { 13.0 } else { 0.0 };
    html! {
        <g class="top" key={format!("{icon}{}", node.term)}
            transform={format!("translate({:.1} {y:.1}) scale({k})", -8.0 * k)}>
            <g class="drop"><svg class="kv-i" width="16" height="16" viewBox="0 0 16 16"><use href={format!("#i-{icon}")} /></svg></g>
        </g>
    }
}

/// One segment per voter: with me, not heard, refused.
fn votes(node: &NodeView, ring: f64) -> Html {
    let n = node.ring.len();
    let gap = if n <= 5 { 11.0 } else { 9.0 } / 360.0;
    let segments = node.ring.iter().enumerate().map(|(i, state)| {
        let (from, to) = segment(i, n, gap);
        let class = match (state, node.role) {
            (Segment::With, _) => "on",
            (Segment::Refused, _) => "no",
            (Segment::Silent, Role::Leader) => "off",
            (Segment::Silent, _) => "wait",
        };
        let middle = Point::default().around(ring, (from + to) / 2.0);
        html! {
            <>
                <path class={classes!("seg", class)} d={arc(Point::default(), ring, from, to)} />
                if class == "no" {
                    <path class="segx" transform={format!("translate({:.1} {:.1})", middle.x, middle.y)} d="M-3.2 -3.2l6.4 6.4m0 -6.4l-6.4 6.4" />
                }
            </>
        }
    });
    html! { <g class="ring">{ for segments }</g> }
}

/// The end of the log as small tiles with the term in each, and an ink rule under the committed.
pub fn strip(node: &NodeView, n: usize, x: f64, y: f64) -> Html {
    let (entries, committed) = tail(&node.log, node.commit, n);
    let tiles = entries.iter().enumerate().map(|(i, (index, term))| {
        let class = if i < committed { "com" } else { "unc" };
        html! {
            <g key={*index} class={class} data-t={hue(*term)} transform={format!("translate({:.1} {y})", x + i as f64 * 15.0)}>
                <rect width="14" height="16" rx="2.5" /><text x="7" y="11.6">{ term }</text>
            </g>
        }
    });
    let rule = committed as f64 * 15.0 - 1.0;
    html! {
        <g class="kv-strip">
            { for tiles }
            if committed > 0 { <path class="cl" d={format!("M{x} {}h{rule}v-4", y + 19.0)} /> }
        </g>
    }
}

fn strip_below(node: &NodeView, ring: f64) -> Html {
    let shown = node.log.entries.len().min(5) as f64;
    strip(node, 5, -(shown * 15.0 - 1.0) / 2.0, ring + 12.0)
}

fn plate(props: &Props, name: &'static str, icon: &'static str, family: &'static str) -> Html {
    let node = &*props.node;
    let (x, y) = match props.plate {
        Beside::Left => (-PLATE_GAP - PLATE_WIDTH, -PLATE_HEIGHT / 2.0),
        Beside::Right => (PLATE_GAP, -PLATE_HEIGHT / 2.0),
        Beside::Below => (-PLATE_WIDTH / 2.0, 60.0),
    };
    let of = match (node.power, node.role) {
        (Power::Up, Role::Leader) => Some(format!("{} of {}", with(node), node.ring.len())),
        (Power::Up, Role::PreCandidate | Role::Candidate) => {
            Some(format!("{} of {}", with(node), props.quorum))
        }
        _ => None,
    };
    let term = if node.term < 100 {
        format!("term {}", node.term)
    } else {
        format!("t {}", node.term)
    };
    html! {
        <g class="kv-plate" transform={format!("translate({x} {y})")}>
            <rect class="bg" width={format!("{PLATE_WIDTH:.1}")} height={format!("{PLATE_HEIGHT:.1}")} rx="8" />
            <svg x="9" y="6.5" width="14" height="14" viewBox="0 0 16 16" class="kv-i pl" data-f={family}><use href={format!("#i-{icon}")} /></svg>
            <text class="role" x="28" y="17.5">{ name }
                if let Some(of) = of { <tspan class="q" dx="5">{ of }</tspan> }
            </text>
            <g class="term" data-t={hue(node.term)} transform={format!("translate({} 5)", PLATE_WIDTH - 57.0)}><rect width="50" height="17" rx="3" /><text x="25" y="12.5">{ term }</text></g>
            { strip(node, 11, 9.0, 29.0) }
            <text class="kv" x="10" y="66">{ for pairs(node) }</text>
        </g>
    }
}

/// As many pairs as the plate has room for, at most four: the ones written last, in key order.
fn pairs(node: &NodeView) -> Vec<Html> {
    let cut = |text: &Rc<str>, n: usize| -> String {
        if text.chars().count() <= n {
            text.to_string()
        } else {
            text.chars().take(n - 1).chain(['…']).collect()
        }
    };
    let mut newest: Vec<&PairView> = node.map.iter().collect();
    sort_by_key(&mut newest, |p| std::cmp::Reverse(p.written_at));
    let mut room = 24_usize;
    let mut shown: Vec<(&PairView, String, String)> = Vec::new();
    for pair in newest.into_iter().take(4) {
        let (key, value) = (cut(&pair.key, 6), cut(&pair.value, 8));
        let need = key.chars().count() + value.chars().count() + 2;
        if need > room {
            break;
        }
        room -= need;
        shown.push((pair, key, value));
    }
    sort_by_key(&mut shown, |shown| shown.0.key.clone());
    let fresh = shown.iter().map(|(p, ..)| p.written_at).max();
    let text = |(i, (pair, key, value)): (usize, (&PairView, String, String))| {
        let new = Some(pair.written_at) == fresh && pair.written_at == node.applied;
        html! {
            <>
                <tspan class="k" dx={if i == 0 { "0" } else { "9" }}>{ key }</tspan>
                <tspan class={classes!("v", new.then_some("d"))} dx="3">{ value }</tspan>
            </>
        }
    };
    if shown.is_empty() {
        let word = if node.power == Power::Crashed {
            "memory lost"
        } else {
            "nothing stored"
        };
        return vec![html! { <tspan class="none">{ word }</tspan> }];
    }
    shown.into_iter().enumerate().map(text).collect()
}
