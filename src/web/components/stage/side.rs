//! The sides of a partition and the wall between them.

use super::gauge::{self, Pips};
use super::plan::GAUGE;
use super::{Wall, use_pin};
use crate::base::Time;
use crate::sim::Action;
use crate::view::Arg;
use crate::view::geometry::{Area, Point, line, px, shift};
use crate::view::words::tell;
use crate::view::{ShareView, SideView};
use crate::web::components::words::{columns, seconds};
use crate::web::hooks::use_frame;
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// What a side's title is drawn from.
#[derive(Properties, PartialEq)]
pub struct TitleProps {
    /// The side.
    pub side: SideView,
    /// Where it is.
    pub area: Area,
    /// Whether there is room for the consequence.
    pub sentence: bool,
}

/// What follows for a side, in a sentence of at most about `room` characters.
fn consequence(words: &Words, side: &SideView, room: usize) -> String {
    let (long, short) = match (side.has_quorum, side.leader) {
        (true, Some(leader)) => (
            t!(words, "stage.side-leads", leader),
            t!(words, "stage.side-leads-short", leader),
        ),
        (true, None) => (
            t!(words, "stage.side-can"),
            t!(words, "stage.side-can-short"),
        ),
        (false, Some(leader)) => (
            t!(words, "stage.side-stuck", leader),
            t!(words, "stage.side-stuck-short", leader),
        ),
        (false, None) => (
            t!(words, "stage.side-cannot"),
            t!(words, "stage.side-cannot-short"),
        ),
    };
    if columns(&long) <= room { long } else { short }
}

/// The quorum gauge and what follows from it.
#[function_component]
pub fn SideTitle(props: &TitleProps) -> Html {
    let words = &use_words();
    let TitleProps { side, area, .. } = props;
    let room = ((area.width - 40.0) / 6.3) as usize;
    let verdict = if side.has_quorum {
        tell!("stage.quorum")
    } else {
        tell!("stage.no-quorum")
    };
    let rows = side.shares.len();
    let left = side.shares.iter().map(|share| gauge::width(share.of));
    let left = left.fold(0.0, f64::max);
    // The old voters first; the verdict is about all of them.
    let row = |(i, share): (usize, &ShareView)| {
        let (alive, of) = (share.alive, share.of);
        let name = match (rows, i) {
            (1, _) => None,
            (_, 0) => Some(tell!("stage.side-old")),
            _ => Some(tell!("stage.side-new")),
        };
        let fits = room > 32 || !side.has_quorum && room > 24;
        // Two gauges stand beside each other where there is little room; otherwise the sentence
        // below them has to say what follows.
        let beside = rows > 1 && !props.sentence;
        let (left, at, of_all) = if beside {
            let left = gauge::width(of);
            (
                left,
                (i as f64 * (left + 66.0), 0.0),
                Arg::from(format!("{alive}/{of}")),
            )
        } else {
            (
                left,
                (0.0, i as f64 * GAUGE),
                tell!("stage.of", n = alive, of).into(),
            )
        };
        let verdict = if i + 1 == rows && fits && (rows == 1 || beside) {
            Some(verdict.clone())
        } else {
            None
        };
        html! {
            <g transform={shift(at.0, at.1)}>
                <Pips on={alive} {of} needed={share.needed} />
                <text class="h" x={px(left)} y="5">{ t!(words, "stage.side", of_all, name, verdict) }</text>
            </g>
        }
    };
    html! {
        <g class="kv-side-lab" transform={shift(area.x + 20.0, area.y + 27.0)}>
            { for side.shares.iter().rev().enumerate().map(row) }
            if props.sentence {
                <text class="s" y={px(5.0 + rows as f64 * GAUGE)}>{ consequence(words, side, room) }</text>
            }
        </g>
    }
}

/// What a wall is drawn from.
#[derive(Properties, PartialEq)]
pub struct WallProps {
    /// From edge to edge.
    pub ends: Wall,
    /// The one stop of the Tab key is here.
    pub stop: bool,
    /// Its name.
    pub name: String,
    /// Selected, or lit up anywhere.
    pub lit: bool,
}

/// The wall: a hatched slab of ink.
#[function_component]
pub fn WallSlab(props: &WallProps) -> Html {
    let words = &use_words();
    let id = use_root().id("stage-w");
    let (a, b) = props.ends;
    let upright = (b.x - a.x).abs() < (b.y - a.y).abs();
    let half = if upright { 7.0 } else { 6.0 };
    let (x, y, width, height) = if upright {
        (a.x - half, a.y, 2.0 * half, b.y - a.y)
    } else {
        (a.x, a.y - half, b.x - a.x, 2.0 * half)
    };
    let at = |x, y| Point { x, y };
    let (right, bottom) = (x + width, y + height);
    let other = if upright { at(right, y) } else { at(x, bottom) };
    let far = at(right, bottom);
    let near = if upright { at(x, bottom) } else { at(right, y) };
    let edges = line(at(x, y), near) + &line(other, far);
    let slab = |class: &'static str| {
        html! { <rect {class} x={px(x)} y={px(y)} width={px(width)} height={px(height)} /> }
    };
    html! {
        <g class={classes!("kv-wall", if upright { "upright" } else { "level" }, props.lit.then_some("sel"))} data-item="w" {id}
            role="button" tabindex={if props.stop { "0" } else { "-1" }} aria-label={t!(words, "stage.wall-name", name = &props.name[..])}>
            { slab("body") }{ slab("hatch") }
            <path class="edge" d={edges} />
        </g>
    }
}

/// What a wall's tag is drawn from.
#[derive(Properties, PartialEq)]
pub struct TagProps {
    /// Since when the wall stands.
    pub since: Time,
    /// Where it is.
    pub ends: Wall,
    /// Pixels per unit of the stage.
    pub scale: f64,
    /// On a phone there is less room.
    pub short: bool,
}

/// The wall's age, and the button that takes it down.
#[function_component]
pub fn WallTag(props: &TagProps) -> Html {
    let handle = use_handle();
    let words = &handle.words.clone();
    let age = use_node_ref();
    let (since, scale) = (props.since, props.scale);
    let (a, b) = props.ends;
    let upright = (b.x - a.x).abs() < (b.y - a.y).abs();
    let tag = use_pin(if upright {
        (a.x * scale, b.y * scale - 22.0)
    } else {
        ((a.x + (b.x - a.x) * 0.77) * scale, a.y * scale)
    });
    {
        let age = age.clone();
        use_frame(move |frame| {
            if let Some(node) = age.get() {
                let age = (frame.now - since.0 as f64).max(0.0);
                node.set_text_content(Some(&seconds(Time(age as u64))));
            }
        });
    }
    let heal = move |_: MouseEvent| handle.act(Action::Heal);
    html! {
        <div class={classes!("kv-walltag", props.short.then_some("short"))} ref={tag}>
            if !props.short { { icon("wall") } }
            <span>if props.short { { h!(words, "stage.cut-2") } } else { { h!(words, "stage.cut-for") } }{ " " }<span class="kv-num" ref={age} />{ " s" }</span>
            <button onclick={heal} title={t!(words, "stage.heal-the-network-h")}>{ h!(words, "stage.heal") }</button>
        </div>
    }
}
