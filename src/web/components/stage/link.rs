//! A link between two servers.

use super::{Places, set};
use crate::base::NodeId;
use crate::view::ClusterView;
use crate::view::geometry::{self, Point, link, px, shift};
use crate::web::hooks::use_frame;
use crate::web::language::{Words, t};
use crate::web::store::*;
use yew::prelude::*;

/// How a link is drawn.
#[derive(Clone, PartialEq, Debug)]
pub enum Look {
    /// As the run's settings say.
    Plain,
    /// Shown only because somebody is about to cut it.
    Faint,
    /// Cut both ways.
    Cut,
    /// Cut in one direction only: from the first to the second, or back.
    OneWay {
        /// Whether the first can't reach the second.
        forward: bool,
    },
    /// Slower than the others.
    Slow(String),
    /// It loses messages.
    Lossy(u32),
}

/// What a link is drawn from; the smaller id comes first.
#[derive(Properties, Clone, PartialEq)]
pub struct Props {
    /// One end.
    pub a: NodeId,
    /// The other.
    pub b: NodeId,
    /// How it looks.
    pub look: Look,
    /// Where the servers are.
    pub places: Same<Places>,
    /// Selected, or lit up anywhere.
    pub lit: bool,
    /// The one stop of the Tab key is here.
    pub stop: bool,
    /// Its quick actions are open.
    pub open: bool,
}

/// How the link between `a` and `b` looks, if it is not as the others.
pub fn look(a: NodeId, b: NodeId, view: &ClusterView) -> Option<Look> {
    let find = |from, to| view.links.iter().find(|l| l.from == from && l.to == to);
    let (there, back) = (find(a, b), find(b, a));
    match (there.is_some_and(|l| l.cut), back.is_some_and(|l| l.cut)) {
        (true, true) => return Some(Look::Cut),
        (true, false) => return Some(Look::OneWay { forward: true }),
        (false, true) => return Some(Look::OneWay { forward: false }),
        _ => {}
    }
    let settings = there.or(back)?.settings?;
    Some(if settings.loss.0 > 0 {
        Look::Lossy(settings.loss.0 / 10_000)
    } else {
        Look::Slow(format!("{}", settings.latency_max))
    })
}

fn describe(words: &Words, props: &Props) -> String {
    let Props { a, b, .. } = *props;
    match &props.look {
        Look::Plain | Look::Faint => t!(words, "stage.link", a, b),
        Look::Cut => t!(words, "stage.link-cut", a, b),
        Look::OneWay { forward: true } => t!(words, "stage.link-one-way", a, b),
        // The same from the other end.
        Look::OneWay { forward: false } => t!(words, "stage.link-one-way-back", a, b),
        Look::Slow(by) => t!(words, "stage.link-slow", a, b, by),
        Look::Lossy(loss) => t!(words, "stage.link-lossy", a, b, loss = *loss),
    }
}

/// What is put where the link is: its lines, its mark and its arrow.
#[derive(Clone, Default)]
struct Lines {
    hit: NodeRef,
    line: NodeRef,
    back: NodeRef,
    mark: NodeRef,
    arrow: NodeRef,
}

impl Lines {
    /// Draws them between two points. `forward`: the link is cut one way, and whether that is the way
    /// from the first to the second.
    fn draw(&self, ends: (Point, Point), forward: Option<bool>) {
        let path = |shift| {
            let (from, to) = link(ends.0, ends.1, 46.0, shift);
            (from, to, geometry::line(from, to))
        };
        let (from, to, d) = path(0.0);
        set(&self.hit, "d", &d);
        let middle = from.towards(to, 0.5);
        set(&self.mark, "transform", &shift(middle.x, middle.y));
        let Some(forward) = forward else {
            set(&self.line, "d", &d);
            return;
        };
        // Two rails: the open one ends in an arrow, the cut one is dotted.
        let open_shift = if forward { -5.0 } else { 5.0 };
        let (start, end, open) = path(open_shift);
        set(&self.line, "d", &open);
        set(&self.back, "d", &path(-open_shift).2);
        let (tip, tail) = if forward { (start, end) } else { (end, start) };
        let angle = (tip.y - tail.y).atan2(tip.x - tail.x).to_degrees();
        set(
            &self.arrow,
            "transform",
            &format!("{} rotate({})", shift(tip.x, tip.y), px(angle)),
        );
    }
}

/// The lines of a link, which follow its ends.
#[hook]
fn use_lines(props: &Props, one_way: Option<bool>) -> Lines {
    let lines = (*use_memo((), |()| Lines::default())).clone();
    let drawn = use_mut_ref(|| None);
    // A new drawing has to be placed, even if nobody moved.
    *drawn.borrow_mut() = None;
    let (a, b, places, moving) = (props.a, props.b, props.places.clone(), lines.clone());
    use_frame(move |frame| {
        let ends = (places.at(a, frame.wall), places.at(b, frame.wall));
        if drawn.replace(Some(ends)) != Some(ends) {
            moving.draw(ends, one_way);
        }
    });
    lines
}

/// A link.
#[function_component]
pub fn Link(props: &Props) -> Html {
    let words = &use_words();
    let root = use_root();
    let Props { a, b, .. } = *props;
    let class = match props.look {
        Look::Cut => "cut",
        Look::Faint => "faint",
        Look::Slow(_) => "slow",
        Look::Lossy(_) => "lossy",
        _ => "",
    };
    let one_way = match props.look {
        Look::OneWay { forward } => Some(forward),
        _ => None,
    };
    let Lines {
        hit,
        line,
        back,
        mark,
        arrow,
    } = use_lines(props, one_way);
    let text = match &props.look {
        Look::Slow(text) => Some(text.clone()),
        Look::Lossy(loss) => Some(t!(words, "stage.lost-share", loss = *loss)),
        _ => None,
    };
    html! {
        <g class={classes!("kv-linkg", props.lit.then_some("sel"))} id={root.id(format!("stage-l{}-{}", a.0, b.0))}
            data-item={format!("l{}-{}", a.0, b.0)} role="button" tabindex={if props.stop { "0" } else { "-1" }}
            aria-label={describe(words, props)} aria-haspopup="menu" aria-expanded={props.open.to_string()}>
            <path class="hit" ref={hit} />
            <path class={classes!("kv-link", class)} ref={line} />
            if one_way.is_some() {
                <path class="kv-link cut" ref={back} />
                <path class="kv-link-arrow" ref={arrow} d="M-6 -4l6 4 -6 4" />
            }
            <g ref={mark}>
                if matches!(props.look, Look::Cut | Look::OneWay { .. }) {
                    <path class="kv-link-x" d="M-6 -6l12 12m0 -12l-12 12" />
                }
                if let Some(text) = text { <text class="kv-link-t" y="-8" aria-hidden="true">{ text }</text> }
            </g>
        </g>
    }
}

/// What a counter is drawn from.
#[derive(Properties, PartialEq)]
pub struct CounterProps {
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// Messages under way.
    pub count: usize,
    /// Where the servers are.
    pub places: Same<Places>,
}

/// The number of messages under way on a busy link, instead of each of them.
#[function_component]
pub fn Counter(props: &CounterProps) -> Html {
    let words = &use_words();
    let CounterProps { from, to, .. } = *props;
    let group = use_node_ref();
    {
        let (group, places) = (group.clone(), props.places.clone());
        use_frame(move |frame| {
            let (start, end) = link(
                places.at(from, frame.wall),
                places.at(to, frame.wall),
                48.0,
                4.0,
            );
            let at = start.towards(end, 0.38);
            set(&group, "transform", &shift(at.x, at.y));
        });
    }
    let label = t!(words, "stage.under-way", count = props.count, from, to);
    html! {
        <g class="kv-count" ref={group} role="img" aria-label={label}>
            <rect x="-15" y="-10" width="30" height="20" rx="10" /><text y="4">{ props.count }</text>
        </g>
    }
}
