//! The timeline: event marks, leader ribbons, branches, keyframes and the playhead.
//!
//! One row of ribbons per concurrent leader, so that a split brain is two rows. What was before
//! the window is folded into one tile per term. A ribbon that is still open is drawn to the right
//! edge; what has not happened yet lies under a mask. Playhead, mask and the wash over the future
//! are the only things that move with a frame, and they are moved without the virtual DOM.

mod draw;
mod scale;

use super::words::seconds;
use crate::base::Time;
use crate::raft::Term;
use crate::view::Told;
use crate::web::hooks::{Frame, use_frame};
use crate::web::language::{Words, t};
use crate::web::store::{
    Command, Handle, LeadershipView, Same, Speed, Story, use_clock, use_handle, use_story, use_view,
};
use draw::{Marks, axis, branches, fold_tiles, folded, keyframes, ribbon, ticks, wall};
use scale::Rows;
pub use scale::{Scale, Window, rows, step};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// How much of the timeline is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Everything.
    Full,
    /// Without axis (phone).
    Short,
    /// Ribbons and ticks (embed).
    Slim,
}

impl Detail {
    fn height(self) -> f64 {
        match self {
            Detail::Full => 80.0,
            Detail::Short => 66.0,
            Detail::Slim => 34.0,
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct Props {
    /// How much is drawn.
    pub detail: Detail,
}

/// What is drawn of time, and where the run is, which components hear of only when something happened.
struct Around {
    window: UseReducerHandle<Window>,
    /// The newest instant, in microseconds.
    newest: Rc<RefCell<f64>>,
    /// The playhead.
    now: Rc<RefCell<f64>>,
}

/// The window around the playhead; another speed begins it anew.
#[hook]
fn use_window(speed: Speed, now: Time) -> Around {
    let window = use_reducer_eq(|| Window::at(speed, now.0 as f64));
    let newest = use_mut_ref(|| 0.0_f64);
    let now = use_mut_ref(|| 0.0_f64);
    let (dispatcher, at) = (window.dispatcher(), now.clone());
    use_effect_with(speed, move |speed| {
        let anew = Window::at(*speed, *at.borrow());
        dispatcher.dispatch(Box::new(move |_| anew));
    });
    Around {
        window,
        newest,
        now,
    }
}

/// What pointer and keys do to the timeline.
#[derive(Clone)]
struct Scrubber {
    handle: Handle,
    story: Same<Story>,
    scale: Scale,
    frame: NodeRef,
    slider: NodeRef,
    window: UseReducerDispatcher<Window>,
    newest: Rc<RefCell<f64>>,
    now: Rc<RefCell<f64>>,
    dragging: Rc<RefCell<bool>>,
}

impl Scrubber {
    /// A listener that does this.
    fn on<E: 'static>(&self, what: fn(&Scrubber, &E)) -> Callback<E> {
        let scrubber = self.clone();
        Callback::from(move |event| what(&scrubber, &event))
    }

    fn seek(&self, event: &PointerEvent) {
        let Some(element) = self.frame.cast::<Element>() else {
            return;
        };
        let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
        let time = self.scale.time(x).clamp(0.0, *self.newest.borrow());
        // Marks are stops.
        let near = |told: &&Rc<Told>| (self.scale.x(told.at.0 as f64) - x).abs() < 5.0;
        let stop = self.story.marks.iter().find(near).map(|told| told.at);
        let to = stop.unwrap_or(Time(time as u64));
        self.handle.run(Command::Seek(to));
    }

    fn press(&self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        // Yew delegates events: their current target is the page's root.
        if let Some(element) = self.slider.cast::<Element>() {
            element.set_pointer_capture(event.pointer_id()).ok();
        }
        *self.dragging.borrow_mut() = true;
        self.seek(event);
    }

    fn drag(&self, event: &PointerEvent) {
        if *self.dragging.borrow() {
            self.seek(event);
        }
    }

    fn lift(&self, _: &PointerEvent) {
        *self.dragging.borrow_mut() = false;
    }

    fn zoom(&self, factor: f64) {
        let now = *self.now.borrow();
        let zoom = move |window: Window| window.zoom(factor, now);
        self.window.dispatch(Box::new(zoom));
    }

    fn wheel(&self, event: &WheelEvent) {
        let focused = self
            .slider
            .cast::<Element>()
            .is_some_and(|e| e.matches(":focus").unwrap_or(false));
        if focused {
            self.zoom(if event.delta_y() < 0.0 { 0.8 } else { 1.25 });
        }
    }

    fn key(&self, event: &KeyboardEvent) {
        let at = *self.now.borrow();
        let go = |command| self.handle.run(command);
        match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => go(Command::Previous),
            "ArrowRight" | "ArrowUp" => go(Command::Next),
            "PageUp" => go(Command::Seek(Time((at + 100_000.0) as u64))),
            "PageDown" => go(Command::Seek(Time((at - 100_000.0).max(0.0) as u64))),
            "+" | "=" => self.zoom(0.8),
            "-" => self.zoom(1.25),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }
}

/// The timeline.
#[function_component]
pub fn Timeline(props: &Props) -> Html {
    let detail = props.detail;
    let (handle, story, clock, view) = (use_handle(), use_story(), use_clock(), use_view());
    let words = &handle.words;
    let (frame, slider) = (use_node_ref(), use_node_ref());
    let width = use_width(&frame);
    let Around {
        window,
        newest,
        now,
    } = use_window(clock.speed, view.now);
    let fold = folded(&story, *window);
    let scale = Scale::beside(fold.len(), width, *window);
    let moving = [use_node_ref(), use_node_ref(), use_node_ref()];
    let scrubber = Scrubber {
        handle: handle.clone(),
        story: story.clone(),
        scale,
        frame: frame.clone(),
        slider: slider.clone(),
        window: window.dispatcher(),
        newest: newest.clone(),
        now,
        dragging: use_mut_ref(|| false),
    };
    {
        let (scrubber, moving) = (scrubber.clone(), moving.clone());
        use_frame(move |frame: &Frame| {
            *scrubber.now.borrow_mut() = frame.now;
            *scrubber.newest.borrow_mut() = frame.end.0 as f64;
            let now = frame.now;
            let follow = move |window: Window| window.follow(now);
            scrubber.window.dispatch(Box::new(follow));
            move_to(&scale, frame, &moving);
        });
    }
    let born = newest.borrow().max(view.now.0 as f64);
    let height = detail.height();
    let lift = scrubber.on(Scrubber::lift);
    html! {
        <div class="kv-tl" ref={frame}>
            <svg ref={slider} class="kv-tlsvg" width={format!("{width:.1}")} height={format!("{height:.1}")} viewBox={format!("0 0 {width} {height}")}
                role="slider" tabindex="0" aria-label={t!(words, "time.timeline")} aria-valuemin="0"
                aria-valuemax={(born as u64 / 1000).to_string()}
                aria-valuenow={(view.now.0 / 1000).to_string()} aria-valuetext={spoken(words, &story, view.now)}
                onpointerdown={scrubber.on(Scrubber::press)} onpointermove={scrubber.on(Scrubber::drag)}
                onpointerup={lift.clone()} onpointercancel={lift}
                onwheel={scrubber.on(Scrubber::wheel)} onkeydown={scrubber.on(Scrubber::key)}>
                { picture(words, &story, &scale, detail, born, &fold, moving) }
            </svg>
        </div>
    }
}

/// What is drawn, from the walls behind everything to the playhead before it; the last three move with
/// each frame: playhead, mask and wash.
fn picture(
    words: &Words,
    story: &Story,
    scale: &Scale,
    detail: Detail,
    born: f64,
    fold: &[Term],
    [head, mask, future]: [NodeRef; 3],
) -> Html {
    let (placed, used) = rows(&story.leaderships);
    let slim = detail == Detail::Slim;
    let others = story.branches.len() > 1 && !slim;
    let measures = Rows::new((used + usize::from(others)).max(1), detail);
    html! {
        <>
            <>{ for story.walls.iter().map(|w| wall(scale, measures, *w)) }</>
            { fold_tiles(fold, measures) }
            <>{ for story.leaderships.iter().zip(placed).map(|(r, row)| ribbon(words, scale, measures, detail, born, r, row)) }</>
            if others { { branches(story, scale, measures, used) } }
            if slim { { ticks(&story.marks, scale) } } else { <Marks told={Same(story.marks.clone())} scale={*scale} /> }
            <rect class="unborn" ref={mask} y="0" height={format!("{:.1}", measures.base - 0.5)} />
            if detail == Detail::Full { { axis(scale, measures) } }
            if !slim {
                <path class="axis" d={format!("M{left} {b}H{r}", left = scale.left, b = measures.base + 2.0, r = scale.right)} />
                { keyframes(&story.checkpoints, scale, measures) }
            }
            <rect class="future" ref={future} y="0" height={format!("{:.1}", measures.base + 1.0)} />
            <g class="head" ref={head}>
                <path d={format!("M0 4V{}", if slim { 28.0 } else { measures.base + 8.0 })} />
                <path class="grip" d="M-6 0h12v7l-6 6-6-6z" />
            </g>
        </>
    }
}

/// Moves what moves with a frame: the playhead, the mask over what has not happened, the wash over
/// what lies after the playhead.
fn move_to(scale: &Scale, frame: &Frame, [head, mask, future]: &[NodeRef; 3]) {
    let set = |node: &NodeRef, attributes: &[(&str, String)]| {
        if let Some(element) = node.cast::<Element>() {
            for (name, value) in attributes {
                if element.get_attribute(name).as_deref() != Some(value) {
                    element.set_attribute(name, value).ok();
                }
            }
        }
    };
    let now = scale.x(frame.now).clamp(scale.left, scale.right);
    let end = scale
        .x((frame.end.0 as f64).max(frame.now))
        .clamp(scale.left, scale.right);
    set(head, &[("transform", format!("translate({now:.1} 0)"))]);
    let wide = |from: f64, to: f64| {
        [
            ("x", format!("{from:.1}")),
            ("width", format!("{:.1}", (to - from).max(0.0))),
        ]
    };
    set(mask, &wide(end, scale.right + 1.0));
    set(future, &wide(now, end));
}

/// What a screen reader says of the playhead.
pub fn spoken(words: &Words, story: &Story, now: Time) -> String {
    let on = |r: &&LeadershipView| r.from <= now && r.to.is_none_or(|to| now < to);
    let leads = |r: &LeadershipView| t!(words, "time.leads-too", leader = r.leader, term = r.term);
    let leaders: String = story.leaderships.iter().filter(on).map(leads).collect();
    let leaders = if leaders.is_empty() {
        t!(words, "time.no-leader")
    } else {
        leaders
    };
    t!(words, "time.seconds", at = seconds(now), leaders)
}

/// The width of an element in pixels, also after the window changed.
#[hook]
fn use_width(node: &NodeRef) -> f64 {
    let width = use_state(|| 600.0_f64);
    {
        let (node, width) = (node.clone(), width.clone());
        use_effect_with((), move |()| {
            let element = node.cast::<Element>();
            let measure = {
                let element = element.clone();
                move || {
                    let wide = element.as_ref().map_or(0, Element::client_width);
                    if wide > 0 {
                        width.set(f64::from(wide));
                    }
                }
            };
            measure();
            let closure = Closure::<dyn Fn()>::new(measure);
            let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(closure);
            }
        });
    }
    *width
}
