//! A server: disc, quorum or timer ring, role, and what is unusual about it.

use super::plan::{Beside, Detail};
use super::plate::{Plate, strip_below};
use super::{Places, set};
use crate::base::Span;
use crate::raft::Role;
use crate::view::geometry::{Point, arc, px, segment, shift};
use crate::view::storage_view::TransferView;
use crate::view::words::tell;
use crate::view::{ClockView, Member, NodeView, Power, Segment};
use crate::web::components::words::{RoleMark, columns, role_mark};
use crate::web::hooks::use_frame;
use crate::web::icons::hue;
use crate::web::language::{Words, t};
use crate::web::store::*;
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
    /// A leader is handing over to it.
    pub heir: bool,
}

/// How many voters of a ring are with a leader or candidate.
pub fn with(ring: &[Segment]) -> usize {
    ring.iter().filter(|s| **s == Segment::With).count()
}

/// Its name for those who can't see it.
pub fn describe(words: &Words, node: &NodeView) -> String {
    let (term, n, of) = (node.term, with(&node.ring), node.ring.len());
    let role = match (node.power, node.role) {
        (Power::Crashed, _) => tell!("stage.is-crashed", term),
        (Power::Paused, _) => tell!("stage.is-paused", term, waiting = node.waiting),
        (_, Role::Leader) if !node.outgoing.is_empty() => tell!(
            "stage.is-joint-leader",
            term,
            old = with(&node.outgoing),
            all = node.outgoing.len(),
            n,
            of
        ),
        (_, Role::Leader) => tell!("stage.is-leader", term, n, of),
        (_, Role::Candidate) => tell!("stage.is-candidate", term, n, of),
        (_, Role::PreCandidate) => tell!("stage.is-pre-candidate", term, n, of),
        (_, Role::Follower) => {
            let role = words.label(role_mark(node).name).to_ascii_lowercase();
            tell!("stage.is-role", role, term)
        }
    };
    let more = match (node.transfers_to, node.installing) {
        (Some(to), _) => Some(tell!("stage.hands-over", to)),
        (_, Some(it)) => {
            let (n, of) = it.chunks;
            Some(tell!("stage.has-chunks", n, of))
        }
        _ => None,
    };
    t!(
        words,
        "stage.server",
        node = node.id,
        role,
        last = node.log.last,
        commit = node.commit_index,
        more
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

/// What moves with a frame: the server, its ring and the ring's tip.
struct Moving {
    group: NodeRef,
    timer: NodeRef,
    tip: NodeRef,
}

/// Puts the server where it is, and draws how much of its ring is left.
#[hook]
fn use_moving(props: &Props, ring: f64) -> Moving {
    let (group, timer, tip) = (use_node_ref(), use_node_ref(), use_node_ref());
    let share = use_mut_ref(|| 1.0_f64);
    // What is on the screen already isn't set again.
    let drawn = use_mut_ref(|| (Point::default(), None::<bool>));
    *drawn.borrow_mut() = (
        Point {
            x: f64::NAN,
            y: 0.0,
        },
        None,
    );
    let moving = Moving {
        group: group.clone(),
        timer: timer.clone(),
        tip: tip.clone(),
    };
    let (node, places, timeout) = (props.node.clone(), props.places.clone(), props.timeout);
    use_frame(move |frame| {
        let at = places.at(node.id, frame.wall);
        let mut drawn = drawn.borrow_mut();
        if at != drawn.0 {
            drawn.0 = at;
            set(&group, "transform", &shift(at.x, at.y));
        }
        if votes_now(&node) || node.power == Power::Crashed {
            return;
        }
        if let Some(now) = share_of(&node, timeout, frame.now) {
            *share.borrow_mut() = now;
        }
        let share = *share.borrow();
        let due = share < 0.15 && node.member == Member::Voter;
        if drawn.1 != Some(due) {
            drawn.1 = Some(due);
            set(&timer, "class", if due { "timer due" } else { "timer" });
            set(&tip, "class", if due { "tip due" } else { "tip" });
        }
        set(&timer, "d", &arc(Point::default(), ring, 0.0, share));
        let end = Point::default().around(ring, share);
        set(&tip, "transform", &shift(end.x, end.y));
    });
    moving
}

/// Whether its ring shows votes: it leads, or it stands for election.
fn votes_now(node: &NodeView) -> bool {
    node.power == Power::Up && node.role != Role::Follower
}

/// How much of a ring is left at an instant in microseconds; `None`: as much as before.
fn share_of(node: &NodeView, timeout: Span, now: f64) -> Option<f64> {
    if node.member != Member::Voter {
        // Nobody waits for it: its ring says how much of a snapshot has come.
        let here = |it: TransferView| f64::from(it.received) / f64::from(it.total.max(1));
        return Some(node.installing.map_or(0.0, here));
    }
    let timer = node.timer.filter(|_| node.power == Power::Up)?;
    // A whole ring is the longest timeout, so that rings can be compared.
    let left = (timer.due.0 as f64 - now) / timeout.0.max(1) as f64;
    Some(left.clamp(0.0, 1.0))
}

/// A server.
#[function_component]
pub fn Node(props: &Props) -> Html {
    let words = &use_words();
    let root = use_root();
    let node = &*props.node;
    let RoleMark { role, family, .. } = role_mark(node);
    let (r, ring) = (radius(node), radius(node) + 10.0);
    let Moving { group, timer, tip } = use_moving(props, ring);
    let id_at = match (props.detail, r > 30.0) {
        (Detail::Plate, big) => 7 + i32::from(big),
        _ => 3,
    };
    let item = format!("n{}", node.id.0);
    html! {
        <g class={classes!("kv-node", props.lit.then_some("sel"))} ref={group}
            data-role={role} data-t={hue(node.term)} data-f={family}>
            <g id={root.id(format!("stage-{}", node.id))} data-item={item.clone()}
                role="button" tabindex={if props.stop { "0" } else { "-1" }} aria-label={describe(words, node)}
                aria-haspopup="menu" aria-expanded={props.open.to_string()}>
                if props.lit { <circle class="halo" r={px(ring + 11.0)} /> }
                if props.invite { <circle class="invite" r={px(ring + 11.0)} /> }
                <circle class="hit" r={px(ring + 4.0)} />
                if votes_now(node) {
                    { votes(node, ring) }
                } else {
                    <circle class="track" r={px(ring)} />
                    if node.power != Power::Crashed {
                        <path class="timer" ref={timer} />
                        if node.member == Member::Voter { <circle class="tip" ref={tip} r="4" /> }
                    }
                }
                <circle class="disc" r={px(r)} />
                if node.power == Power::Crashed {
                    <circle class="hatch" r={px(r)} />
                    <path class="bigx" d="M-11 -11L11 11M11 -11L-11 11" />
                }
                <text class="sid" y={id_at.to_string()}>{ node.id.to_string() }</text>
            </g>
            // The name of the button says all this already.
            <g data-item={item} aria-hidden="true">
                { around(words, props, ring) }
            </g>
        </g>
    }
}

/// What stands on and around the disc besides the server's name.
fn around(words: &Words, props: &Props, ring: f64) -> Html {
    let node = &*props.node;
    let RoleMark { name, icon, .. } = role_mark(node);
    let up = node.power == Power::Up;
    let crowned = up && (node.role != Role::Follower || icon == "book");
    html! {
        <>
            if props.detail != Detail::Plate {
                <text class="tsub" y={if ring > 40.0 { "18" } else { "17" }}>{ t!(words, "stage.term", term = node.term) }</text>
            }
            if node.power == Power::Paused {
                <g class="badge" transform="translate(21.6 -21.6)"><circle r="10" /><path d="M-3 -4.5v9M3 -4.5v9" /></g>
                if node.waiting > 0 { { pill("queue", -46, -38, &t!(words, "stage.waiting-in", n = node.waiting)) } }
            }
            if let Some(it) = node.installing {
                { pill("queue move", -50, -38, &t!(words, "stage.of", n = it.chunks.0, of = it.chunks.1)) }
            }
            if let Some(off) = ahead(node.clock) { { pill("queue", -44, 44, &off) } }
            if crowned {
                { top(node, icon, ring, props.lit, false) }
            } else if props.heir {
                { top(node, "crown", ring, props.lit, true) }
            }
            { match props.detail {
                Detail::Caption => html! { <text class="cap" y={px(ring + 22.0)}>{ words.label(name) }</text> },
                Detail::Strip => strip_below(node, ring),
                Detail::Plate => html! {
                    <Plate node={props.node.clone()} beside={props.plate} quorum={props.quorum} timeout={props.timeout} />
                },
            } }
        </>
    }
}

/// A few words in a box beside the disc.
fn pill(class: &'static str, x: i32, y: i32, text: &str) -> Html {
    let width = 7 * columns(text) as i32 + 12;
    html! {
        <g {class} transform={format!("translate({x} {y})")}>
            <rect x={(-width / 2).to_string()} y="-9" width={width.to_string()} height="18" rx="9" /><text y="4">{ text }</text>
        </g>
    }
}

/// How far a clock is off, if one can see that: `+120 ms`, `−5 %`.
fn ahead(clock: ClockView) -> Option<String> {
    let sign = |negative| if negative { '−' } else { '+' };
    let (ms, percent) = (clock.skew / 1_000, clock.drift / 10_000);
    match (ms, percent) {
        (0, 0) => None,
        (0, _) => Some(format!("{}{} %", sign(percent < 0), percent.abs())),
        _ => Some(format!("{}{} ms", sign(ms < 0), ms.abs())),
    }
}

/// The crown, the ballot or the book above the ring, or the crown that an heir is waiting for. It
/// drops in when the role is new.
fn top(node: &NodeView, icon: &'static str, ring: f64, lit: bool, heir: bool) -> Html {
    let (k, lift): (f64, f64) = if icon == "crown" {
        (1.7, 26.0)
    } else {
        (1.2, 22.0)
    };
    let y = -ring - lift - if lit { 13.0 } else { 0.0 };
    html! {
        <g class={classes!("top", heir.then_some("heir"))} key={format!("{icon}{}", node.term)}
            transform={format!("{} scale({})", shift(-8.0 * k, y), px(k))}>
            <g class="drop"><svg class="kv-i" width="16" height="16" viewBox="0 0 16 16"><use href={format!("#i-{icon}")} /></svg></g>
        </g>
    }
}

/// One ring, or two while two majorities are needed: the old voters inside, the new ones outside.
fn votes(node: &NodeView, at: f64) -> Html {
    if node.outgoing.is_empty() {
        return ring(&node.ring, node.role, at);
    }
    html! { <g class="joint">{ ring(&node.outgoing, node.role, at - 4.5) }{ ring(&node.ring, node.role, at + 3.5) }</g> }
}

/// One segment per voter: with me, not heard, refused.
fn ring(voters: &[Segment], role: Role, ring: f64) -> Html {
    let n = voters.len();
    let gap = if n <= 5 { 11.0 } else { 9.0 } / 360.0;
    let segments = voters.iter().enumerate().map(|(i, state)| {
        let (from, to) = segment(i, n, gap);
        let class = match (state, role) {
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
                    <path class="segx" transform={shift(middle.x, middle.y)} d="M-3.2 -3.2l6.4 6.4m0 -6.4l-6.4 6.4" />
                }
            </>
        }
    });
    html! { <g class="ring">{ for segments }</g> }
}
