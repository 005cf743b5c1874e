//! Below the lanes: the value that a key must have, and what the cluster was doing.

use super::ledger::Shown;
use super::plan::{LaneLayout, use_playhead};
use crate::base::Time;
use crate::check::Value;
use crate::view::clients::stretches;
use crate::web::components::timeline::{rows, step};
use crate::web::components::words::{clip, columns};
use crate::web::icons::hue;
use crate::web::language::{Words, t};
use crate::web::store::{LeadershipView, Same, Story, use_root, use_words};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub shown: Same<Shown>,
    pub plan: LaneLayout,
    pub story: Same<Story>,
}

/// Vertical measures.
struct Rows {
    value: f64,
    cluster: f64,
    pitch: f64,
    end: f64,
}

impl Rows {
    fn new(plan: &LaneLayout, leaderships: usize) -> Rows {
        let name = if plan.narrow { 18.0 } else { 0.0 };
        let value = 8.0 + name;
        let cluster = value + 30.0 + 18.0 + name;
        let pitch = if leaderships > 2 { 20.0 } else { 26.0 };
        Rows {
            value,
            cluster,
            pitch,
            end: cluster + pitch * leaderships.max(1) as f64 + 4.0,
        }
    }
}

/// A value, short enough for the ribbon.
fn text(value: Option<&Value>) -> String {
    match value {
        None => "absent".into(),
        Some(value) if value.as_text().is_empty() => "\"\"".into(),
        Some(value) => clip(value.as_text(), 24),
    }
}

/// Lines at round times.
pub fn grid(plan: &LaneLayout, height: f64) -> Html {
    let lines = ticks(plan).into_iter().map(|time| {
        let x = plan.scale.x(time);
        html! { <path class="grid" d={format!("M{x:.1} 0V{height:.1}")} /> }
    });
    html! { <g>{ for lines }</g> }
}

fn ticks(plan: &LaneLayout) -> Vec<f64> {
    let window = plan.scale.window;
    let step = step(window, plan.scale.right - plan.scale.left);
    let first = (window.from / step).ceil();
    (0..40)
        .map(|n| (first + f64::from(n)) * step)
        .take_while(|time| *time <= window.from + window.span)
        .collect()
}

/// The name of what covers what isn't known yet.
const KNOWN: &str = "kv-known-below";

/// The tracks.
#[function_component]
pub fn Tracks(props: &Props) -> Html {
    let words = &use_words();
    let Props { shown, plan, story } = props;
    let (head, clip) = use_playhead(plan.scale);
    let scale = &plan.scale;
    let inside = |from: Time, to: Option<Time>| {
        let (a, b) = (scale.of(from), to.map_or(scale.right, |to| scale.of(to)));
        (b - a > 0.5).then_some((a, b))
    };
    let seen = story
        .leaderships
        .iter()
        .filter(|it| inside(it.from, it.to).is_some());
    let leaderships: Vec<LeadershipView> = seen.cloned().collect();
    let (placed, used) = rows(&leaderships);
    let at = Rows::new(plan, used);
    let height = at.end + 24.0;
    let walls = story
        .walls
        .iter()
        .filter_map(|&(from, to)| Some((from, inside(from, to)?)));
    let root = use_root();
    let known = root.url(KNOWN);
    html! {
        <svg class="kv-lanes kv-tracks" width={plan.width.to_string()} height={height.to_string()} role="group" aria-label={t!(words, "clients.the-value-and-the")}>
            <defs><clipPath id={root.id(KNOWN)}><rect ref={clip} x={scale.left.to_string()} y="0" height={height.to_string()} width="0" /></clipPath></defs>
            { grid(plan, at.end) }
            <g clip-path={known.clone()}>
                { for walls.clone().map(|(_, (a, b))| html! {
                    <rect class="cutband" x={format!("{a:.1}")} y={(at.cluster - 4.0).to_string()} width={format!("{:.1}", b - a)} height={(at.end - at.cluster + 2.0).to_string()} />
                }) }
            </g>
            { name(plan, "cluster", at.cluster) }
            <g clip-path={known.clone()}>
                { for leaderships.iter().zip(placed).map(|(leadership, row)| ribbon(words, leadership, row, plan, &at)) }
                { for walls.filter(|(from, _)| scale.shows(*from)).map(|(_, (a, _))| html! {
                    <path class="wl" d={format!("M{a:.1} {:.1}V{:.1}", at.cluster - 8.0, at.end)} />
                }) }
            </g>
            { value(words, shown, plan, &at, known) }
            { for ticks(plan).into_iter().map(|time| html! {
                <text class="tt" x={format!("{:.1}", scale.x(time))} y={(at.end + 16.0).to_string()}>{ number(time, plan) }</text>
            }) }
            <g class="head" ref={head}><path class="now" d={format!("M0 0V{}", at.end + 2.0)} /></g>
        </svg>
    }
}

/// A number of the axis, with as many digits as its step needs.
fn number(time: f64, plan: &LaneLayout) -> String {
    let step = step(plan.scale.window, plan.scale.right - plan.scale.left);
    let digits = match step as u64 {
        0..1_000 => 4,
        1_000..10_000 => 3,
        10_000..100_000 => 2,
        100_000..1_000_000 => 1,
        _ => 0,
    };
    format!("{:.digits$}", time / 1e6)
}

/// The name of a track: beside it, or above it where that is too narrow.
fn name(plan: &LaneLayout, name: &str, y: f64) -> Html {
    let (x, y) = if plan.narrow {
        (10.0, y - 7.0)
    } else {
        (18.0, y + 18.0)
    };
    html! { <text class="trk" x={x.to_string()} y={y.to_string()}>{ name }</text> }
}

fn ribbon(
    words: &Words,
    leadership: &LeadershipView,
    row: usize,
    plan: &LaneLayout,
    at: &Rows,
) -> Html {
    let from = plan.scale.of(leadership.from);
    let to = leadership
        .to
        .map_or(plan.scale.right, |to| plan.scale.of(to));
    let y = at.cluster + row as f64 * at.pitch;
    let h = at.pitch - 5.0;
    let fits = |text: String| (columns(&text) as f64 * 6.8 + 16.0 < to - from).then_some(text);
    let (leader, term) = (leadership.leader, leadership.term);
    let label =
        fits(t!(words, "time.leads", leader, term)).or_else(|| fits(leadership.leader.to_string()));
    html! {
        <g class="rib" data-t={hue(leadership.term)}>
            <rect x={format!("{from:.1}")} y={format!("{y:.1}")} width={format!("{:.1}", to - from)} height={h.to_string()} rx="3" />
            if let Some(label) = label { <text x={format!("{:.1}", from + 10.0)} y={format!("{:.1}", y + h / 2.0 + 4.0)}>{ label }</text> }
        </g>
    }
}

/// What the key must be, and what it was said to be.
fn value(words: &Words, shown: &Shown, plan: &LaneLayout, at: &Rows, known: String) -> Html {
    let Some(key) = shown.key() else {
        return html! {};
    };
    let scale = &plan.scale;
    let stretches = stretches(&key.effects);
    let last = stretches.len() - 1;
    let draw = stretches.iter().enumerate().filter_map(|(n, it)| {
        let (a, b) = (scale.of(it.from), it.to.map_or(scale.right, |to| scale.of(to)));
        if b - a < 1.0 {
            return None;
        }
        let says = text(it.value.as_ref());
        let fits = says.chars().count() as f64 * 8.0 + 16.0 < b - a;
        let class = if it.value.is_none() { "none" } else { "" };
        Some(html! {
            <g class={classes!("kv-val", class, (n == last).then_some("cur"))}>
                <rect x={format!("{a:.1}")} y={at.value.to_string()} width={format!("{:.1}", b - a)} height="30" rx="4" />
                if fits { <text x={format!("{:.1}", a + 10.0)} y={(at.value + 20.0).to_string()}>{ says }</text> }
            </g>
        })
    });
    let wrong = key.proof.as_ref().and_then(|proof| {
        let bar = shown.clients.bars.get(proof.stuck?)?;
        let answered = bar.answered()?;
        let x = scale.x(bar.invoked.0.midpoint(answered.0) as f64);
        let inside = x > scale.left && x < scale.right;
        let must = text(proof.orders.first()?.value.as_ref());
        let is = bar.answer().filter(|_| inside)?;
        let wide = is.chars().count() as f64 * 7.6 + 16.0;
        Some(html! {
            <g class="kv-op bad">
                <path class="drop bad" d={format!("M{x:.1} 0V{}", at.value)} />
                <rect class="said" x={format!("{:.1}", x - wide / 2.0)} y={(at.value + 3.0).to_string()} width={wide.to_string()} height="24" rx="12" />
                <text class="lb" x={format!("{x:.1}")} y={(at.value + 19.5).to_string()} text-anchor="middle">{ is }</text>
                <text class="lb" x={format!("{:.1}", x + wide / 2.0 + 6.0)} y={(at.value + 19.5).to_string()}>{ t!(words, "clients.is-not", value = must) }</text>
            </g>
        })
    });
    let points = key.effects.iter().map(|effect| scale.x(effect.at.0 as f64));
    let points: Vec<f64> = points
        .filter(|&x| x >= scale.left && x <= scale.right)
        .collect();
    let drops = points.iter().filter(|_| points.len() < 60);
    let key_name = clip(&key.name, if plan.narrow { 24 } else { 3 });
    let must = t!(words, "clients.must-be", key = key_name);
    html! {
        <>
            { name(plan, &must, at.value) }
            { for drops.map(|x| html! { <path class="drop" d={format!("M{x:.1} 0V{}", at.value)} /> }) }
            <g clip-path={known}>{ for draw }</g>
            { for wrong }
        </>
    }
}
