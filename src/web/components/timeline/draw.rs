//! The parts of the timeline, each a pure function of the story and the scale.

use super::Detail;
use super::scale::{Rows, Scale, Window, step};
use crate::base::Time;
use crate::base::order::sort_by_key;
use crate::raft::Term;
use crate::view::{Glyph, Told};
use crate::web::components::words::columns;
use crate::web::icons::{family, glyph, hue};
use crate::web::language::{Words, t};
use crate::web::store::{LeadershipView, Same, Story};
use js_sys::Math;
use std::rc::Rc;
use yew::prelude::*;

/// The terms of the leaders before the window, at most the last three.
pub fn folded(story: &Story, window: Window) -> Vec<Term> {
    let before = |r: &&LeadershipView| r.to.is_some_and(|to| (to.0 as f64) < window.from);
    let mut terms: Vec<Term> = story
        .leaderships
        .iter()
        .filter(before)
        .map(|r| r.term)
        .collect();
    terms.dedup();
    terms.split_off(terms.len().saturating_sub(3))
}

/// What was before the window: a tile per term.
pub fn fold_tiles(fold: &[Term], rows: Rows) -> Html {
    if fold.is_empty() {
        return html! {};
    }
    let x = 3.0 + 15.0 * fold.len() as f64;
    let (y, h) = (rows.top, rows.height);
    html! {
        <g class="fold">
            { for fold.iter().enumerate().map(|(i, term)| {
                let x = 1.0 + 15.0 * i as f64;
                html! {
                    <g data-t={hue(*term)}>
                        <rect x={format!("{x:.1}")} y={format!("{y:.1}")} width="13" height={format!("{h:.1}")} rx="2" />
                        <text x={(x + 6.5).to_string()} y={(y + 9.7).to_string()}>{ term.to_string() }</text>
                    </g>
                }
            }) }
            <path d={format!("M{x} {}l3-{}m3 {}l3-{}", y + h + 1.0, h + 2.0, h + 2.0, h + 2.0)} />
        </g>
    }
}

/// One leadership; `born` is the newest instant, behind which everything is under the mask.
pub fn ribbon(
    words: &Words,
    scale: &Scale,
    rows: Rows,
    detail: Detail,
    born: f64,
    leadership: &LeadershipView,
    row: usize,
) -> Html {
    let from = scale.of(leadership.from);
    let to = leadership.to.map_or(scale.right, |t| scale.of(t));
    if to <= scale.left || from >= scale.right || to - from < 0.5 {
        return html! {};
    }
    let y = rows.top + row as f64 * rows.pitch;
    // The width that the widest of the fonts needs, over what has happened.
    let seen = to.min(scale.x(born)) - from;
    let fits = |text: String| (columns(&text) as f64 * 7.2 + 10.0 < seen).then_some(text);
    let (leader, term) = (leadership.leader, leadership.term);
    let label = fits(t!(words, "time.leads", leader, term))
        .or_else(|| fits(t!(words, "time.leads-short", leader, term)))
        .or_else(|| fits(leadership.leader.to_string()))
        .filter(|_| detail != Detail::Slim && rows.height >= 11.0);
    html! {
        <g class={classes!("rib", leadership.to.is_none().then_some("open"))} data-t={hue(leadership.term)}>
            <rect x={format!("{from:.1}")} y={format!("{y:.1}")} width={format!("{:.1}", to - from)} height={format!("{:.1}", rows.height)} rx="2" />
            if let Some(label) = label { <text x={format!("{:.1}", from + 6.0)} y={format!("{:.1}", y + 9.6)}>{ label }</text> }
        </g>
    }
}

/// The time that a partition stood.
pub fn wall(scale: &Scale, rows: Rows, (from, to): (Time, Option<Time>)) -> Html {
    let (a, b) = (scale.of(from), to.map_or(scale.right, |t| scale.of(t)));
    let (y, h) = (rows.top - 4.0, rows.base - rows.top + 6.0);
    html! {
        <g>
            <rect class="part" x={format!("{a:.1}")} y={format!("{y:.1}")} width={format!("{:.1}", b - a)} height={format!("{h:.1}")} />
            if scale.shows(from) { <path class="partedge" d={format!("M{a:.1} {y}v{h}")} /> }
        </g>
    }
}

/// The other branches, each a line from its fork to its end.
pub fn branches(story: &Story, scale: &Scale, rows: Rows, row: usize) -> Html {
    let y = rows.top + row as f64 * rows.pitch + rows.height / 2.0;
    let here = story.branches.iter().find(|b| b.id == story.branch);
    // The trunk has no fork of its own: it parts from this branch where this one left it.
    let parted = here.and_then(|b| b.forked_at).unwrap_or_default();
    story
        .branches
        .iter()
        .filter(|b| b.id != story.branch)
        .map(|b| (b, b.forked_at.unwrap_or(parted)))
        .map(|(b, from)| {
            let (x0, x1) = (scale.of(from), scale.of(b.end));
            html! {
                <g class="branch" key={b.id}>
                    <path class="br" d={format!("M{x0:.1} {}V{y:.1}H{x1:.1}", rows.top + 2.0)} />
                    <circle class="brdot" cx={format!("{x0:.1}")} cy={format!("{:.1}", rows.top + 2.0)} r="3" />
                    <circle class="brdot" cx={format!("{x1:.1}")} cy={format!("{y:.1}")} r="3" />
                    if x1 + 7.2 * b.name.len() as f64 + 8.0 < scale.right {
                        <text class="brt" x={format!("{:.1}", x1 + 8.0)} y={format!("{:.1}", y + 3.6)}>{ &b.name }</text>
                    }
                </g>
            }
        })
        .collect()
}

/// How much a mark wants its place: the turning points first.
fn weight(glyph: Glyph) -> u8 {
    match glyph {
        Glyph::Violation => 0,
        Glyph::Crown | Glyph::Wall | Glyph::Heal => 1,
        Glyph::Crash | Glyph::Restart | Glyph::Truncated => 2,
        Glyph::Timer | Glyph::StepDown | Glyph::Commit => 3,
        _ => 4,
    }
}

/// What the marks depend on, and nothing that changes more often.
#[derive(Properties, PartialEq)]
pub struct MarksProps {
    /// The key events.
    pub told: Same<Vec<Rc<Told>>>,
    /// Where they stand.
    pub scale: Scale,
}

/// Marks with their glyphs. Where two would overlap, the weightier one keeps its picture and the
/// other is a stem.
#[function_component]
pub fn Marks(props: &MarksProps) -> Html {
    let MarksProps { told, scale } = props;
    let mut shown: Vec<(&Rc<Told>, f64)> = told
        .iter()
        .filter(|t| scale.shows(t.at))
        .map(|t| (t, scale.of(t.at)))
        .collect();
    sort_by_key(&mut shown, |(t, _)| (weight(t.glyph), t.seq));
    let mut taken: Vec<f64> = Vec::new();
    shown
        .into_iter()
        .map(|(told, x)| {
            let free = taken.iter().all(|other| (other - x).abs() >= 17.0);
            if free {
                taken.push(x);
            }
            html! {
                <g class="mark" key={told.seq} data-f={family(told.glyph).name()}>
                    <path d={format!("M{x:.1} 18v8")} />
                    if free {
                        <svg x={format!("{:.1}", x - 9.0)} y="2" width="18" height="14.4" viewBox="0 0 20 16">{ glyph(told.glyph, None) }</svg>
                    }
                </g>
            }
        })
        .collect()
}

/// Marks as short strokes, where there is no room for pictures.
pub fn ticks(told: &[Rc<Told>], scale: &Scale) -> Html {
    let shown = told.iter().filter(|t| scale.shows(t.at));
    shown
        .map(|t| html! {
            <path class="tick" key={t.seq} data-f={family(t.glyph).name()} d={format!("M{:.1} 1v8", scale.of(t.at))} />
        })
        .collect()
}

/// Strokes and numbers.
pub fn axis(scale: &Scale, rows: Rows) -> Html {
    let window = scale.window;
    let step = step(window, scale.right - scale.left);
    let digits = (6.0 - Math::log10(step).floor()).clamp(0.0, 6.0) as usize;
    let first = (window.from / step).ceil() as u64;
    let last = ((window.from + window.span) / step).floor() as u64;
    (first..=last)
        .map(|i| {
            let time = i as f64 * step;
            let x = scale.x(time);
            // The text is centred: keep the last one inside.
            let fits = x > 14.0 && x < scale.right - 8.0;
            html! {
                <g key={i}>
                    <path class="tk" d={format!("M{x:.1} {}v5", rows.base + 2.0)} />
                    if fits {
                        <text class="tt" x={format!("{x:.1}")} y={format!("{:.1}", rows.base + 18.0)}>{ format!("{:.digits$}", time / 1e6) }</text>
                    }
                </g>
            }
        })
        .collect()
}

/// Diamonds where the run can be taken up again at once.
pub fn keyframes(times: &[Time], scale: &Scale, rows: Rows) -> Html {
    let mut last = f64::NEG_INFINITY;
    let mut spaced = |x: f64| {
        let free = x - last >= 14.0;
        if free {
            last = x;
        }
        free
    };
    let shown = times
        .iter()
        .filter(|t| scale.shows(**t))
        .map(|t| scale.of(*t));
    let shown: Vec<f64> = shown.filter(|x| spaced(*x)).collect();
    shown
        .into_iter()
        .map(|x| html! {
            <path class="key" d={format!("M{x:.1} {}l3.5 3.5-3.5 3.5-3.5-3.5z", rows.base - 1.5)} />
        })
        .collect()
}
