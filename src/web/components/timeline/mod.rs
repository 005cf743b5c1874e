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
use crate::view::Told;
use crate::web::hooks::{Frame, use_frame};
use crate::web::language::{Words, t};
use crate::web::store::{
    Command, LeadershipView, Same, Story, use_clock, use_handle, use_story, use_view,
};
use draw::{Marks, axis, branches, fold_tiles, folded, keyframes, ribbon, ticks, wall};
use scale::Rows;
pub use scale::{Scale, Window, rows, step};
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

/// The timeline.
#[function_component]
pub fn Timeline(props: &Props) -> Html {
    let detail = props.detail;
    let (handle, story, clock, view) = (use_handle(), use_story(), use_clock(), use_view());
    let words = &handle.words;
    let (frame, slider) = (use_node_ref(), use_node_ref());
    let width = use_width(&frame);
    let window = use_reducer_eq(|| Window::at(clock.speed, view.now.0 as f64));
    let newest = use_mut_ref(|| 0.0_f64);
    let now = use_mut_ref(|| 0.0_f64);
    {
        let (window, now) = (window.dispatcher(), now.clone());
        use_effect_with(clock.speed, move |speed| {
            let anew = Window::at(*speed, *now.borrow());
            window.dispatch(Box::new(move |_| anew));
        });
    }
    let fold = folded(&story, *window);
    let left = if fold.is_empty() {
        6.0
    } else {
        20.0 + 15.0 * fold.len() as f64
    };
    let scale = Scale {
        left,
        right: (width - 8.0).max(left + 20.0),
        window: *window,
    };
    let (placed, used) = rows(&story.leaderships);
    let others = story.branches.len() > 1 && detail != Detail::Slim;
    let measures = Rows::new((used + usize::from(others)).max(1), detail);
    let (head, mask, future) = (use_node_ref(), use_node_ref(), use_node_ref());
    {
        let (head, mask, future, window) = (
            head.clone(),
            mask.clone(),
            future.clone(),
            window.dispatcher(),
        );
        let (newest, now) = (newest.clone(), now.clone());
        use_frame(move |frame: &Frame| {
            *now.borrow_mut() = frame.now;
            *newest.borrow_mut() = frame.end.0 as f64;
            let now = frame.now;
            window.dispatch(Box::new(move |window| window.follow(now)));
            move_to(&scale, frame, [&head, &mask, &future]);
        });
    }
    let seek = {
        let (handle, frame, newest, story) =
            (handle.clone(), frame.clone(), newest.clone(), story.clone());
        move |event: &PointerEvent| {
            let Some(element) = frame.cast::<Element>() else {
                return;
            };
            let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
            let time = scale.time(x).clamp(0.0, *newest.borrow());
            // Marks are stops.
            let near = |told: &&Rc<Told>| (scale.x(told.at.0 as f64) - x).abs() < 5.0;
            let stop = story.marks.iter().find(near).map(|told| told.at);
            handle.run(Command::Seek(stop.unwrap_or(Time(time as u64))));
        }
    };
    let dragging = use_mut_ref(|| false);
    let onpointerdown = {
        let (seek, dragging, slider) = (seek.clone(), dragging.clone(), slider.clone());
        move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            // Yew delegates events: their current target is the page's root.
            if let Some(element) = slider.cast::<Element>() {
                element.set_pointer_capture(event.pointer_id()).ok();
            }
            *dragging.borrow_mut() = true;
            seek(&event);
        }
    };
    let onpointermove = {
        let dragging = dragging.clone();
        move |event: PointerEvent| {
            if *dragging.borrow() {
                seek(&event);
            }
        }
    };
    let onpointerup = move |_: PointerEvent| *dragging.borrow_mut() = false;
    let zoom = {
        let (window, now) = (window.dispatcher(), now.clone());
        move |factor: f64| {
            let now = *now.borrow();
            window.dispatch(Box::new(move |window| window.zoom(factor, now)));
        }
    };
    let onwheel = {
        let (zoom, slider) = (zoom.clone(), slider.clone());
        move |event: WheelEvent| {
            let focused = slider
                .cast::<Element>()
                .is_some_and(|e| e.matches(":focus").unwrap_or(false));
            if focused {
                zoom(if event.delta_y() < 0.0 { 0.8 } else { 1.25 });
            }
        }
    };
    let onkeydown = {
        let (handle, now) = (handle.clone(), now.clone());
        move |event: KeyboardEvent| {
            let at = *now.borrow();
            match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => handle.run(Command::Previous),
                "ArrowRight" | "ArrowUp" => handle.run(Command::Next),
                "PageUp" => handle.run(Command::Seek(Time((at + 100_000.0) as u64))),
                "PageDown" => handle.run(Command::Seek(Time((at - 100_000.0).max(0.0) as u64))),
                "+" | "=" => zoom(0.8),
                "-" => zoom(1.25),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let born = newest.borrow().max(view.now.0 as f64);
    let height = detail.height();
    html! {
        <div class="kv-tl" ref={frame}>
            <svg ref={slider} class="kv-tlsvg" width={format!("{width:.1}")} height={format!("{height:.1}")} viewBox={format!("0 0 {width} {height}")}
                role="slider" tabindex="0" aria-label={t!(words, "time.timeline")} aria-valuemin="0"
                aria-valuemax={(born as u64 / 1000).to_string()}
                aria-valuenow={(view.now.0 / 1000).to_string()} aria-valuetext={spoken(words, &story, view.now)}
                {onpointerdown} {onpointermove} onpointerup={onpointerup.clone()} onpointercancel={onpointerup}
                {onwheel} {onkeydown}>
                <>{ for story.walls.iter().map(|w| wall(&scale, measures, *w)) }</>
                { fold_tiles(&fold, measures) }
                <>{ for story.leaderships.iter().zip(placed).map(|(r, row)| ribbon(words, &scale, measures, detail, born, r, row)) }</>
                if others { { branches(&story, &scale, measures, used) } }
                if detail != Detail::Slim { <Marks told={Same(story.marks.clone())} {scale} /> } else { { ticks(&story.marks, &scale) } }
                <rect class="unborn" ref={mask} y="0" height={format!("{:.1}", measures.base - 0.5)} />
                if detail == Detail::Full { { axis(&scale, measures) } }
                if detail != Detail::Slim {
                    <path class="axis" d={format!("M{left} {b}H{r}", b = measures.base + 2.0, r = scale.right)} />
                    { keyframes(&story.checkpoints, &scale, measures) }
                }
                <rect class="future" ref={future} y="0" height={format!("{:.1}", measures.base + 1.0)} />
                <g class="head" ref={head}>
                    <path d={format!("M0 4V{}", if detail == Detail::Slim { 28.0 } else { measures.base + 8.0 })} />
                    <path class="grip" d="M-6 0h12v7l-6 6-6-6z" />
                </g>
            </svg>
        </div>
    }
}

/// Moves what moves with a frame: the playhead, the mask over what has not happened, the wash over
/// what lies after the playhead.
fn move_to(scale: &Scale, frame: &Frame, [head, mask, future]: [&NodeRef; 3]) {
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
