//! The lanes: a bar per operation, from its invocation to its answer.

use super::ledger::Shown;
use super::plan::{LaneLayout, became, use_playhead};
use crate::base::{ClientId, Time};
use crate::view::clients::{Bar, BarEnd, KeyView, outlook, reason};
use crate::view::words::tell;
use crate::web::components::words::{columns, seconds};
use crate::web::language::{Words, h, t};
use crate::web::store::{Handle, Item, Same, use_handle};
use std::collections::BTreeMap;
use web_sys::{HtmlElement, KeyboardEvent, WheelEvent};
use yew::prelude::*;

/// The name of what covers what isn't known yet.
const KNOWN: &str = "kv-known";

#[derive(Properties, PartialEq)]
pub struct Props {
    pub shown: Same<Shown>,
    pub plan: LaneLayout,
    /// The bar that is pointed at or focused.
    pub lit: Option<usize>,
    pub light: Callback<Option<usize>>,
    /// To a neighbour of this bar, by this key.
    pub go: Callback<(usize, String)>,
    pub zoom: Callback<f64>,
    pub pan: Callback<f64>,
    pub seek: Callback<Time>,
}

/// What is drawn for the key that is looked at.
struct Marks<'a> {
    key: Option<&'a KeyView>,
    /// When each operation took effect.
    effects: BTreeMap<usize, Time>,
    /// The numbers on the bars: those of the proof's steps, or of the order.
    numbers: BTreeMap<usize, usize>,
}

impl<'a> Marks<'a> {
    fn of(shown: &'a Shown, visible: &[usize]) -> Marks<'a> {
        let key = shown.key();
        let mut marks = Marks {
            key,
            effects: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        let Some(key) = key else {
            return marks;
        };
        let seen = |bar: &usize| visible.binary_search(bar).is_ok();
        let effects = key.effects.iter().filter(|effect| seen(&effect.bar));
        marks.effects = effects.map(|effect| (effect.bar, effect.at)).collect();
        if let Some(proof) = &key.proof {
            let others = proof.counter_example.iter();
            let others = others.filter(|&&at| Some(at) != proof.stuck).copied();
            marks.numbers = others.zip(1..).collect();
        } else {
            let mut order: Vec<(Time, usize)> = Vec::new();
            order.extend(marks.effects.iter().map(|(&bar, &at)| (at, bar)));
            crate::base::order::sort(&mut order);
            if order.len() < 40 {
                marks.numbers = order.iter().map(|&(_, bar)| bar).zip(1..).collect();
            }
        }
        marks
    }

    fn is_stuck(&self, place: usize) -> bool {
        let proof = self.key.and_then(|key| key.proof.as_ref());
        proof.is_some_and(|proof| proof.stuck == Some(place))
    }

    fn proves(&self, place: usize) -> bool {
        let proof = self.key.and_then(|key| key.proof.as_ref());
        proof.is_some_and(|proof| proof.counter_example.contains(&place))
    }
}

/// The whole of what a bar says, for whoever can't see it.
pub fn spoken(words: &Words, bar: &Bar) -> String {
    let answer = bar.answer().map(|answer| tell!("clients.answer", answer));
    let when = match &bar.end {
        BarEnd::Answered(at, _) => tell!(
            "clients.from-to",
            from = seconds(bar.invoked),
            to = seconds(*at)
        ),
        BarEnd::GaveUp(at, failed) => tell!(
            "clients.given-up",
            from = seconds(bar.invoked),
            to = seconds(*at),
            outlook = outlook(*failed)
        ),
        BarEnd::Waiting => tell!("clients.since", from = seconds(bar.invoked)),
    };
    let stale = (!bar.counts()).then(|| tell!("clients.may-be-old-too"));
    t!(
        words,
        "clients.bar",
        client = bar.client,
        asked = bar.asked(),
        answer,
        node = bar.node,
        when,
        stale
    )
}

/// The lanes.
#[function_component]
pub fn Lanes(props: &Props) -> Html {
    let handle = use_handle();
    let words = &handle.words;
    let Props {
        shown, plan, lit, ..
    } = props;
    let (head, clip) = use_playhead(plan.scale);
    let (visible, more) = plan.visible(&shown.clients.bars);
    let clients = &shown.clients.clients;
    let picture = Picture {
        props,
        handle: &handle,
        marks: Marks::of(shown, &visible),
        height: (clients.len() as f64 * plan.lane).max(plan.lane),
        known: handle.root.url(KNOWN),
        stop: lit
            .filter(|at| visible.contains(at))
            .or(visible.last().copied()),
    };
    let height = picture.height;
    let hovered = lit.and_then(|at| Some((at, shown.clients.bars.get(at)?)));
    html! {
        <>
            <svg class="kv-lanes" width={plan.width.to_string()} height={height.to_string()} role="group"
                aria-label={t!(words, "clients.client-operations")} onwheel={wheel(props)}>
                <defs>
                    <clipPath id={handle.root.id(KNOWN)}><rect ref={clip} x={plan.scale.left.to_string()} y="-10" height={(height + 20.0).to_string()} width="0" /></clipPath>
                </defs>
                { super::tracks::grid(plan, height) }
                <>{ for visible.iter().filter_map(|&place| picture.drop_line(place)) }</>
                <>{ for clients.iter().enumerate().map(|(lane, client)| picture.lane(lane, *client)) }</>
                <>{ for labels(words, &visible, shown, plan, &picture.marks) }</>
                <>{ for visible.iter().map(|&place| picture.bar(place)) }</>
                <g class="head" ref={head}><path class="now" d={format!("M0 0V{height}")} /></g>
            </svg>
            if more > 0 { <p class="kv-more">{ h!(words, "clients.not-drawn", n = more) }</p> }
            if let Some((place, bar)) = hovered {
                { details(words, bar, place, (picture.lane_of(bar), clients.len()), plan, &picture.marks) }
            }
        </>
    }
}

/// The wheel moves the window sideways, and zooms with Alt.
fn wheel(props: &Props) -> Callback<WheelEvent> {
    let (zoom, pan) = (props.zoom.clone(), props.pan.clone());
    Callback::from(move |event: WheelEvent| {
        let sideways = if event.shift_key() {
            event.delta_y()
        } else {
            event.delta_x()
        };
        if event.alt_key() {
            zoom.emit(if event.delta_y() < 0.0 { 0.8 } else { 1.25 });
        } else if sideways.abs() > event.delta_y().abs() || event.shift_key() {
            pan.emit((sideways / 600.0).clamp(-0.5, 0.5));
        }
    })
}

/// What the picture is drawn from.
struct Picture<'a> {
    props: &'a Props,
    handle: &'a Handle,
    marks: Marks<'a>,
    height: f64,
    /// The address of [`KNOWN`].
    known: String,
    /// The bar that the Tab key stops at.
    stop: Option<usize>,
}

impl Picture<'_> {
    fn at(&self, place: usize) -> &Bar {
        &self.props.shown.clients.bars[place]
    }

    fn lane_of(&self, bar: &Bar) -> usize {
        let clients = &self.props.shown.clients.clients;
        clients.binary_search(&bar.client).unwrap_or(0)
    }

    /// Where the bar leads.
    fn moment(&self, place: usize) -> Time {
        moment(self.at(place), self.marks.effects.get(&place).copied())
    }

    /// What keys do while a bar has the focus.
    fn keys(&self, place: usize) -> Callback<KeyboardEvent> {
        let Props { go, zoom, seek, .. } = self.props;
        let (go, zoom, seek) = (go.clone(), zoom.clone(), seek.clone());
        let moment = self.moment(place);
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" | " " => seek.emit(moment),
                "+" | "=" => zoom.emit(0.8),
                "-" => zoom.emit(1.25),
                key if key.starts_with("Arrow") || key == "Home" || key == "End" => {
                    go.emit((place, key.to_owned()));
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    }

    /// Points at this bar and its client, or at nothing.
    fn point_at(&self, place: Option<usize>) -> impl Fn() + Clone + 'static + use<> {
        let (light, handle) = (self.props.light.clone(), self.handle.clone());
        let client = place.map(|place| self.at(place).client);
        move || {
            light.emit(place);
            handle.hover(client.map(Item::Client));
        }
    }

    fn bar(&self, place: usize) -> Html {
        let Props {
            plan, lit, seek, ..
        } = self.props;
        let (bar, marks) = (self.at(place), &self.marks);
        let words = &self.handle.words;
        let name = match marks.numbers.get(&place) {
            Some(number) => t!(
                words,
                "clients.numbered",
                bar = spoken(words, bar),
                number = number.to_string()
            ),
            None => spoken(words, bar),
        };
        let (on, off) = (self.point_at(Some(place)), self.point_at(None));
        let (on_focus, off_focus) = (on.clone(), off.clone());
        let (seek, to) = (seek.clone(), self.moment(place));
        html! {
            <g key={place} id={self.handle.root.id(format!("op-{place}"))} class={class(bar, place, marks, *lit)} role="button"
                tabindex={if self.stop == Some(place) { "0" } else { "-1" }} aria-label={name}
                onclick={move |_: MouseEvent| seek.emit(to)} onkeydown={self.keys(place)}
                onfocus={move |_: FocusEvent| on_focus()} onblur={move |_: FocusEvent| off_focus()}
                onpointerenter={move |_: PointerEvent| on()} onpointerleave={move |_: PointerEvent| off()}>
                { shape(bar, place, self.lane_of(bar), plan, marks, &self.known) }
            </g>
        }
    }

    /// From where the operation took effect down to the tracks.
    fn drop_line(&self, place: usize) -> Option<Html> {
        let (bar, plan) = (self.at(place), &self.props.plan);
        let from = plan.bar_top(self.lane_of(bar)) + plan.bar();
        let (at, class) = match self.marks.effects.get(&place) {
            _ if self.marks.is_stuck(place) => (middle(bar), "drop bad"),
            Some(&at) if self.marks.effects.len() < 60 => (at, "drop"),
            _ => return None,
        };
        let x = plan.scale.x(at.0 as f64);
        let inside = x >= plan.scale.left && x <= plan.scale.right;
        let d = format!("M{x:.1} {from:.1}V{:.1}", self.height);
        inside.then(|| html! { <path {class} {d} /> })
    }

    /// The line under a client's lane, and its name.
    fn lane(&self, lane: usize, client: ClientId) -> Html {
        let plan = &self.props.plan;
        let y = (lane + 1) as f64 * plan.lane;
        let middle = plan.bar_top(lane) + plan.bar() / 2.0 + 5.0;
        html! {
            <g key={client.0}>
                <path class="lane" d={format!("M0 {}H{}", y - 0.5, plan.width)} />
                <text class="cid" x={if plan.narrow { "10" } else { "18" }} y={middle.to_string()}>{ client.to_string() }</text>
            </g>
        }
    }
}

/// Where the bar leads: to its answer, to when it took effect, or to where it began.
fn moment(bar: &Bar, effect: Option<Time>) -> Time {
    bar.answered().or(effect).unwrap_or(bar.invoked)
}

fn middle(bar: &Bar) -> Time {
    let to = bar.answered().unwrap_or(bar.invoked);
    Time(bar.invoked.0.midpoint(to.0))
}

fn class(bar: &Bar, place: usize, marks: &Marks, lit: Option<usize>) -> Classes {
    let other = marks
        .key
        .is_some_and(|key| key.name != *bar.operation.key());
    classes!(
        "kv-op",
        if bar.operation.is_read() {
            "read"
        } else {
            "write"
        },
        bar.answered().is_none().then_some("open"),
        (!bar.counts()).then_some("stale"),
        marks.is_stuck(place).then_some("bad"),
        marks.proves(place).then_some("ce"),
        other.then_some("dim"),
        (lit == Some(place)).then_some("lit"),
    )
}

/// The bar itself, and where it took effect.
fn shape(
    bar: &Bar,
    place: usize,
    lane: usize,
    plan: &LaneLayout,
    marks: &Marks,
    known: &str,
) -> Html {
    let Some((from, to)) = plan.reach(bar) else {
        return html! {};
    };
    let (y, h) = (plan.bar_top(lane), plan.bar());
    let middle = y + h / 2.0;
    let r = if h < 20.0 { 6.0 } else { 8.0 };
    let open = bar.ended().is_none().then_some(known.to_owned());
    // Nobody knows whether and when it happens after the client has given up, if it may happen.
    let tail = (matches!(bar.end, BarEnd::GaveUp(..)) && !bar.never_happened()).then(|| {
        html! { <path class="tail" d={format!("M{to:.1} {middle:.1}H{:.1}", plan.width)} clip-path={known.to_owned()} /> }
    });
    let point = marks.effects.get(&place).map(|at| {
        let x = plan.scale.x(at.0 as f64).clamp(plan.scale.left, plan.scale.right);
        let number = marks.numbers.get(&place);
        html! {
            <>
                <circle class="pt" cx={format!("{x:.1}")} cy={middle.to_string()} r={if number.is_some() { r } else { r * 0.6 }.to_string()} />
                if let Some(number) = number { <text class="pn" x={format!("{x:.1}")} y={(middle + 3.8).to_string()}>{ *number }</text> }
            </>
        }
    });
    html! {
        <>
            { for tail }
            <rect class="hit" x={format!("{from:.1}")} y={(y - 14.0).to_string()} width={format!("{:.1}", (to - from).max(20.0))} height={(h + 20.0).to_string()} />
            <rect class="body" x={format!("{from:.1}")} y={y.to_string()} width={format!("{:.1}", to - from)} height={h.to_string()} rx="4" clip-path={open} />
            { for point }
            if marks.is_stuck(place) {
                <svg x={format!("{:.1}", f64::midpoint(from, to) - 8.0)} y={(middle - 8.0).to_string()} width="16" height="16" viewBox="0 0 16 16" class="kv-i x"><use href="#i-crash" /></svg>
            }
        </>
    }
}

/// The labels, each where the next bar of its lane leaves room.
fn labels(
    words: &Words,
    visible: &[usize],
    shown: &Shown,
    plan: &LaneLayout,
    marks: &Marks,
) -> Vec<Html> {
    let bars = &shown.clients.bars;
    let clients = &shown.clients.clients;
    let mut free = vec![plan.width; clients.len()];
    let mut labels = Vec::new();
    for &place in visible.iter().rev() {
        let bar = &bars[place];
        let lane = clients.binary_search(&bar.client).unwrap_or(0);
        let Some((from, _)) = plan.reach(bar) else {
            continue;
        };
        let says = match bar.answer() {
            Some(answer) => format!("{} → {answer}", bar.asked()),
            None => bar.asked(),
        };
        let via = t!(words, "clients.via", node = bar.node, became = became(bar));
        // The widths that the widest fonts need.
        let wide = columns(&says) as f64 * 7.6;
        let wider = wide + 12.0 + columns(&via) as f64 * 6.6;
        let room = free[lane] - from - 8.0;
        free[lane] = from;
        if room < wide {
            continue;
        }
        let class = class(bar, place, marks, None);
        labels.push(html! {
            <g key={place} class={classes!("kv-oplabel", class)} aria-hidden="true">
                <text class="lb" x={format!("{from:.1}")} y={(plan.bar_top(lane) - 6.0).to_string()}>{ says }
                    if room >= wider { <tspan class="via" dx="7">{ via }</tspan> }
                </text>
            </g>
        });
    }
    labels
}

/// What there is to know of the bar that is pointed at.
fn details(
    words: &Words,
    bar: &Bar,
    place: usize,
    (lane, lanes): (usize, usize),
    plan: &LaneLayout,
    marks: &Marks,
) -> Html {
    let Some((from, _)) = plan.reach(bar) else {
        return html! {};
    };
    const WIDTH: f64 = 252.0;
    let left = from.min(plan.width - WIDTH - 8.0).max(8.0);
    // In the lower half there is no room below.
    let above = lane * 2 > lanes;
    let top = match above {
        true => plan.bar_top(lane) - 22.0,
        false => plan.bar_top(lane) + plan.bar() + 9.0,
    };
    let answer = bar.answer().map(|answer| format!(" → {answer}"));
    let took = bar.ended().map(|at| at.since(bar.invoked));
    let tries = tell!("clients.tries", n = bar.attempts);
    let when = match &bar.end {
        BarEnd::Answered(at, _) => tell!("clients.answered-at", at = seconds(*at)),
        BarEnd::GaveUp(at, _) => tell!("clients.gave-up-at", at = seconds(*at)),
        BarEnd::Waiting => tell!("clients.still-waiting"),
    };
    let took = took.map(|took| tell!("clients.after", took));
    let effect = match marks.effects.get(&place) {
        _ if marks.is_stuck(place) => Some(tell!("clients.no-order")),
        _ if !bar.counts() => Some(tell!("clients.does-not-count")),
        Some(at) => Some(tell!("clients.took-effect", at = seconds(*at))),
        None => match bar.end {
            BarEnd::GaveUp(_, failed) => {
                let (why, then) = (reason(failed), outlook(failed));
                Some(tell!("clients.gave-up-why", why, then))
            }
            BarEnd::Waiting => Some(tell!("clients.may-have")),
            BarEnd::Answered(..) => None,
        },
    };
    html! {
        <Tip {left} {top} {above}>
            <b>{ bar.asked() }{ answer }</b>
            <span>{ t!(words, "clients.asked", client = bar.client, node = bar.node, at = seconds(bar.invoked), tries) }</span>
            <span>{ t!(words, "clients.ended", when, took) }</span>
            if let Some(effect) = effect { <em>{ crate::web::components::words::told(words, &effect) }</em> }
        </Tip>
    }
}

#[derive(Properties, PartialEq)]
struct TipProps {
    left: f64,
    top: f64,
    /// Whether `top` is where it ends.
    above: bool,
    children: Html,
}

/// A box at its place. The policy of the page allows no style attribute.
#[function_component]
fn Tip(props: &TipProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.left, props.top), move |(left, top)| {
            if let Some(element) = node.cast::<HtmlElement>() {
                for (name, at) in [("left", left), ("top", top)] {
                    element
                        .style()
                        .set_property(name, &format!("{at:.0}px"))
                        .ok();
                }
            }
        });
    }
    html! {
        <div ref={node} class={classes!("kv-optip", props.above.then_some("above"))} aria-hidden="true">{ props.children.clone() }</div>
    }
}
