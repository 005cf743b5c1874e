//! A message under way: shape says the kind, outline says answer, tiles say the entries.

use super::{Places, Wall, set};
use crate::sim::MessageKind;
use crate::view::MessageView;
use crate::view::geometry::{Point, crossing, fraction, link, px, shift};
use crate::view::words::key;
use crate::web::hooks::use_frame;
use crate::web::icons::hue;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// What a message is drawn from.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The message.
    pub message: Same<MessageView>,
    /// Where the servers are.
    pub places: Same<Places>,
    /// The walls, which stop it.
    pub walls: Vec<Wall>,
    /// Selected, or lit up anywhere.
    pub lit: bool,
    /// The one stop of the Tab key is here.
    pub stop: bool,
    /// Its quick actions are open.
    pub open: bool,
    /// No flight: a still arrow with its kind beside it.
    pub still: bool,
}

/// What the kind is called, and its fields in words.
pub fn describe(words: &Words, message: &MessageView) -> String {
    let MessageView { from, to, .. } = *message;
    let name = words.label(name(message.kind));
    let more = match message.kind {
        MessageKind::RequestVote { term }
        | MessageKind::RequestVoteReply { term, .. }
        | MessageKind::RequestPreVote { term }
        | MessageKind::RequestPreVoteReply { term, .. }
        | MessageKind::TimeoutNow { term }
        | MessageKind::ReadIndex { term } => t!(words, "stage.term", term),
        MessageKind::ReadIndexReply { term, index } => t!(words, "stage.term-index", term, index),
        MessageKind::AppendEntries { term, first, last } if first == last => {
            t!(words, "stage.term-entry", term, first)
        }
        MessageKind::AppendEntries { term, first, last } => {
            t!(words, "stage.term-entries", term, first, last)
        }
        MessageKind::Heartbeat {
            term,
            leader_commit,
        } => t!(words, "stage.term-commit", term, leader_commit),
        MessageKind::AppendEntriesReply { term, index, .. } => {
            t!(words, "stage.term-index", term, index)
        }
        MessageKind::InstallSnapshot {
            term,
            last,
            from,
            to,
            total,
        } => {
            t!(words, "stage.term-snapshot", term, last, from, to, total)
        }
        MessageKind::InstallSnapshotReply { term, bytes, .. } => {
            t!(words, "stage.term-bytes", term, bytes)
        }
    };
    match message.doomed {
        false => t!(words, "stage.message", name, from, to, more),
        true => t!(words, "stage.message-doomed", name, from, to, more),
    }
}

/// What the kind is called: a key of the catalogue.
pub fn name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::RequestVote { .. } => key!("kind.request-vote"),
        MessageKind::RequestVoteReply { granted: true, .. } => key!("kind.vote-granted"),
        MessageKind::RequestVoteReply { granted: false, .. } => key!("kind.vote-refused"),
        MessageKind::RequestPreVote { .. } => key!("kind.pre-vote"),
        MessageKind::RequestPreVoteReply { granted: true, .. } => key!("kind.pre-vote-yes"),
        MessageKind::RequestPreVoteReply { granted: false, .. } => key!("kind.pre-vote-no"),
        MessageKind::TimeoutNow { .. } => key!("kind.timeout-now"),
        MessageKind::ReadIndex { .. } => key!("kind.read-index"),
        MessageKind::ReadIndexReply { .. } => key!("kind.read-index-reply"),
        MessageKind::AppendEntries { .. } => key!("kind.append-entries"),
        MessageKind::Heartbeat { .. } => key!("kind.heartbeat"),
        MessageKind::AppendEntriesReply { success: true, .. } => key!("kind.stored"),
        MessageKind::AppendEntriesReply { success: false, .. } => key!("kind.no-match"),
        MessageKind::InstallSnapshot { .. } => key!("kind.install-snapshot"),
        MessageKind::InstallSnapshotReply { .. } => key!("kind.chunk-stored"),
    }
}

/// The place of a message: where it is, its direction in degrees, and how far it has flown.
/// A pure function of the message, the servers' places and the time.
pub fn position(
    message: &MessageView,
    (from, to): (Point, Point),
    walls: &[Wall],
    now: f64,
) -> (Point, f64, f64) {
    let (start, end) = link(from, to, 48.0, 4.0);
    let mut share = fraction(message.sent, message.due, now);
    let stop = walls
        .iter()
        .filter_map(|wall| crossing((start, end), *wall))
        .reduce(f64::min);
    if let (true, Some(stop)) = (message.doomed, stop) {
        // A wall stands half-way in time, wherever it is drawn. The message reaches it with its
        // nose, half its length before.
        let reach = (stop - 26.0 / start.distance(end).max(1.0)).max(0.0);
        share = reach * (2.0 * share).min(1.0);
    }
    let at = start.towards(end, share);
    let angle = (to.y - from.y).atan2(to.x - from.x).to_degrees();
    (at, angle, share * start.distance(end))
}

/// A message.
#[function_component]
pub fn Message(props: &Props) -> Html {
    let words = &use_words();
    let root = use_root();
    let message = &*props.message;
    let (group, turn, tail) = (use_node_ref(), use_node_ref(), use_node_ref());
    let glyph = draw(message);
    let half_width = px(glyph.tail);
    {
        let (group, turn, tail) = (group.clone(), turn.clone(), tail.clone());
        let (message, places, walls) = (
            props.message.clone(),
            props.places.clone(),
            props.walls.clone(),
        );
        let still = props.still;
        use_frame(move |frame| {
            let ends = (
                places.at(message.from, frame.wall),
                places.at(message.to, frame.wall),
            );
            let (at, angle, flown) = position(&message, ends, &walls, frame.now);
            let at = if still {
                ends.0.towards(ends.1, 0.5)
            } else {
                at
            };
            set(&group, "transform", &shift(at.x, at.y));
            set(&turn, "transform", &format!("rotate({})", px(angle)));
            let length = flown.clamp(10.0, 46.0);
            set(
                &tail,
                "d",
                &format!("M0 {half_width}L{} 0L0 -{half_width}z", px(-length)),
            );
        });
    }
    let id = message.id;
    let head = glyph.reach + if props.lit { 11.0 } else { 6.0 };
    let delayed = (message.delayed.0 > 0).then(|| format!("+{}", message.delayed));
    html! {
        <g class={classes!("kv-msg", props.lit.then_some("sel"), message.doomed.then_some("doomed"))}
            ref={group} data-f={glyph.family}>
            // The name of the button says what the picture shows.
            <g data-item={format!("m{id}")} aria-hidden="true">
                <g ref={turn}>
                    <path class="tail" ref={tail} />
                    <path class="head" transform={shift(head, 0.0)} d="M-3 -4L2 0-3 4" />
                </g>
                if message.copy { <g class="ghost" transform="translate(-7 8)">{ glyph.body.clone() }</g> }
                { glyph.body }
                if props.lit {
                    <rect class="selring" x={px(-glyph.reach - 4.0)} y={px(-glyph.height - 4.0)} rx="8"
                        width={px(2.0 * glyph.reach + 8.0)} height={px(2.0 * glyph.height + 8.0)} />
                }
                if let Some(delayed) = delayed {
                    <g class="late" transform="translate(0 -24)"><rect x="-27" y="-9" width="54" height="17" rx="8.5" /><text y="3.5">{ delayed }</text></g>
                } else if props.lit || props.still {
                    <text class="lab" y={px(-glyph.height - 11.0)}>{ label(words, message) }</text>
                }
            </g>
            <g id={root.id(format!("stage-m{id}"))} data-item={format!("m{id}")} role="button"
                tabindex={if props.stop { "0" } else { "-1" }} aria-label={describe(words, message)}
                aria-haspopup="menu" aria-expanded={props.open.to_string()}>
                <circle class="hit" r="16" />
            </g>
        </g>
    }
}

fn label(words: &Words, message: &MessageView) -> Html {
    let index = match message.kind {
        MessageKind::AppendEntries { first, last, .. } if first == last => format!("#{first}"),
        MessageKind::AppendEntries { first, last, .. } => format!("#{first}–{last}"),
        MessageKind::AppendEntriesReply { index, .. }
        | MessageKind::ReadIndexReply { index, .. } => {
            format!("#{index}")
        }
        MessageKind::RequestVote { term }
        | MessageKind::RequestVoteReply { term, .. }
        | MessageKind::RequestPreVote { term }
        | MessageKind::RequestPreVoteReply { term, .. }
        | MessageKind::TimeoutNow { term } => {
            let name = words.label(name(message.kind));
            return h!(words, "stage.message-term", name, term);
        }
        MessageKind::Heartbeat { .. } | MessageKind::ReadIndex { .. } => {
            return html! { words.label(name(message.kind)) };
        }
        MessageKind::InstallSnapshot { last, .. }
        | MessageKind::InstallSnapshotReply { last, .. } => {
            format!("#{last}")
        }
    };
    html! { <>{ words.label(name(message.kind)) }{ " " }<tspan class="m">{ index }</tspan></> }
}

/// The glyph of a kind.
struct Drawn {
    /// The markup, around the origin, upright.
    body: Html,
    /// Half of its width.
    reach: f64,
    /// Half of its height.
    height: f64,
    /// Half of the width of its tail.
    tail: f64,
    /// The family that colours it.
    family: &'static str,
}

fn draw(message: &MessageView) -> Drawn {
    match message.kind {
        MessageKind::AppendEntries { .. } => packet(message),
        MessageKind::Heartbeat { .. }
        | MessageKind::ReadIndex { .. }
        | MessageKind::ReadIndexReply { .. } => Drawn {
            body: html! { <><circle class="pulse" r="8.5" /><circle class="fill" r="4.6" /></> },
            reach: 8.5,
            height: 8.5,
            tail: 3.5,
            family: "repl",
        },
        MessageKind::InstallSnapshot { .. } => Drawn {
            body: html! { <><path class="fill" d="M-8 -9H8L15 0 8 9H-8L-15 0z" /><path class="mkk" d="M-6 -3.5H6M-6 0H6M-6 3.5H6" /></> },
            reach: 15.0,
            height: 9.0,
            tail: 5.0,
            family: "move",
        },
        MessageKind::AppendEntriesReply { success, .. } => capsule(success, "repl"),
        MessageKind::InstallSnapshotReply { .. } => capsule(true, "move"),
        MessageKind::RequestVote { .. } => diamond(
            5.0,
            html! { <><path class="fill" d={DIAMOND} /><text class="q" y="5">{ "?" }</text></> },
        ),
        MessageKind::TimeoutNow { .. } => diamond(
            5.0,
            html! { <><path class="fill" d={DIAMOND} /><path class="boltk" d="M1.2 -7.5L-4.3 1H-.6L-1.4 7 4.3 -1.5H.6z" /></> },
        ),
        MessageKind::RequestPreVote { .. } => diamond(
            5.0,
            html! { <><path class="body dash" d={DIAMOND} /><text class="q o" y="5">{ "?" }</text></> },
        ),
        MessageKind::RequestVoteReply { granted, .. } => ballot("body", granted),
        MessageKind::RequestPreVoteReply { granted, .. } => ballot("body dash", granted),
    }
}

/// The outline of everything that elections send.
const DIAMOND: &str = "M0 -13L13 0 0 13 -13 0z";

fn diamond(tail: f64, body: Html) -> Drawn {
    Drawn {
        body,
        reach: 13.0,
        height: 13.0,
        tail,
        family: "elect",
    }
}

/// A vote, given or not.
fn ballot(class: &'static str, granted: bool) -> Drawn {
    let mark = if granted {
        "M-4.8 .3l3.2 3.2 6.2 -6.6"
    } else {
        "M-3.8 -3.8l7.6 7.6m0 -7.6l-7.6 7.6"
    };
    diamond(
        3.5,
        html! { <><path {class} d={DIAMOND} /><path class="mk" d={mark} /></> },
    )
}

/// What a follower replies to its leader.
fn capsule(success: bool, family: &'static str) -> Drawn {
    let mark = if success {
        "M-4.5 .3l3 3 6 -6.3"
    } else {
        "M-3.5 -3.5l7 7m0 -7l-7 7"
    };
    Drawn {
        body: html! { <><rect class="body" x="-11" y="-8" width="22" height="16" rx="8" /><path class="mk" d={mark} /></> },
        reach: 11.0,
        height: 8.0,
        tail: 3.5,
        family,
    }
}

/// AppendEntries: a packet that shows its entries as tiles, five and then a number.
fn packet(message: &MessageView) -> Drawn {
    let count = match message.kind {
        MessageKind::AppendEntries { first, last, .. } => (last + 1).saturating_sub(first) as usize,
        _ => 0,
    };
    let shown = message.entries.len().min(5);
    let more = count - shown.min(count);
    let width = 6.0 + 15.0 * shown as f64 + if more > 0 { 22.0 } else { 0.0 };
    let left = -width / 2.0;
    let tiles = message.entries.iter().take(5).enumerate().map(|(i, term)| {
        let x = left + 4.0 + 15.0 * i as f64;
        html! {
            <g data-t={hue(*term)}>
                <rect class="tile" x={px(x)} y="-7" width="13" height="14" rx="2.5" />
                <text x={px(x + 6.5)} y="3.8">{ term }</text>
            </g>
        }
    });
    let body = html! {
        <>
            <rect class="body" x={px(left)} y="-11" width={px(width)} height="22" rx="5" />
            { for tiles }
            if more > 0 { <text class="more" x={px(width / 2.0 - 12.0)} y="3.8">{ format!("+{more}") }</text> }
        </>
    };
    Drawn {
        body,
        reach: width / 2.0,
        height: 11.0,
        tail: 7.0,
        family: "repl",
    }
}
