//! Where things stand in the Clients view: the time axis, the lanes, which bar is where.

use crate::base::Time;
use crate::sim::Failed;
use crate::view::Telling;
use crate::view::clients::{Bar, BarEnd};
use crate::view::words::tell;
use crate::web::components::timeline::{Scale, Window};
use crate::web::hooks::{Frame, use_frame};
use crate::web::store::Speed;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// Bars that are drawn at most.
pub const BARS: usize = 300;

/// The window of the axis at this speed: eight seconds of the wall clock, so that an operation is
/// wide enough to read.
pub fn window_at(speed: Speed, now: f64) -> Window {
    let span = speed.0 as f64 * 8.0;
    let window = Window {
        from: 0.0,
        span,
        full: span,
    };
    window.follow(now)
}

/// The window, moved and widened until it shows this stretch.
pub fn showing(window: Window, from: Time, to: Time) -> Window {
    let (from, to) = (from.0 as f64, to.0 as f64);
    let span = window.span.max((to - from) * 1.35);
    let inside = from >= window.from && to <= window.from + window.span;
    if inside {
        return window;
    }
    Window {
        from: (to - span * 0.82).min(from - span * 0.06).max(0.0),
        span,
        full: span,
    }
}

/// The measures of the view.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LaneLayout {
    /// From time to place.
    pub scale: Scale,
    /// The whole width.
    pub width: f64,
    /// The height of one lane.
    pub lane: f64,
    /// Whether there is no room for names beside the tracks.
    pub narrow: bool,
}

impl LaneLayout {
    /// For so many lanes in an area of this size.
    pub fn new(window: Window, (width, height): (f64, f64), lanes: usize) -> LaneLayout {
        let narrow = width < 700.0;
        let left = if narrow { 40.0 } else { 92.0 };
        let width = width.max(240.0);
        LaneLayout {
            scale: Scale {
                left,
                right: width - 14.0,
                window,
            },
            width,
            lane: (height / lanes.max(1) as f64).clamp(38.0, 76.0).floor(),
            narrow,
        }
    }

    /// A bar's height.
    pub fn bar(&self) -> f64 {
        if self.lane < 52.0 { 14.0 } else { 20.0 }
    }

    /// The top of the bars in a lane.
    pub fn bar_top(&self, lane: usize) -> f64 {
        let room = self.lane - self.bar();
        (lane as f64 * self.lane + room * 0.68).floor()
    }

    /// From where to where a bar reaches, if any of it is in the window.
    pub fn reach(&self, bar: &Bar) -> Option<(f64, f64)> {
        let Scale { left, right, .. } = self.scale;
        let from = self.scale.x(bar.invoked.0 as f64);
        let to = bar
            .ended()
            .map_or(self.width, |at| self.scale.x(at.0 as f64));
        let to = to.max(from + 3.0);
        (to > left && from < right).then(|| (from.max(left), to.min(self.width)))
    }

    /// The bars in the window, oldest first, at most [`BARS`]; and how many are left out.
    pub fn visible(&self, bars: &[Rc<Bar>]) -> (Vec<usize>, usize) {
        let mut visible: Vec<usize> = (0..bars.len())
            .filter(|&at| self.reach(&bars[at]).is_some())
            .collect();
        let more = visible.len().saturating_sub(BARS);
        (visible.split_off(more), more)
    }
}

/// Where the keys go from a bar: left and right along its lane, up and down to the nearest in
/// time.
pub fn neighbour(bars: &[Rc<Bar>], from: usize, key: &str) -> Option<usize> {
    let here = bars.get(from)?;
    let same = |at: &usize| bars[*at].client == here.client;
    match key {
        "ArrowRight" => (from + 1..bars.len()).find(same),
        "ArrowLeft" => (0..from).rev().find(same),
        "Home" => (0..bars.len()).find(same),
        "End" => (0..bars.len()).rev().find(same),
        "ArrowUp" | "ArrowDown" => {
            let clients = bars.iter().map(|bar| bar.client);
            let next = if key == "ArrowUp" {
                clients.filter(|&it| it < here.client).max()
            } else {
                clients.filter(|&it| it > here.client).min()
            }?;
            (0..bars.len())
                .filter(|&at| bars[at].client == next)
                .min_by_key(|&at| bars[at].invoked.0.abs_diff(here.invoked.0))
        }
        _ => None,
    }
}

/// What became of an operation, in a few words: for its bar.
pub fn became(bar: &Bar) -> Option<Telling> {
    match bar.end {
        BarEnd::Answered(..) => None,
        BarEnd::Waiting => Some(tell!("clients.became-waiting")),
        BarEnd::GaveUp(_, Failed::Definite) => Some(tell!("clients.became-refused")),
        BarEnd::GaveUp(..) => Some(tell!("clients.became-unanswered")),
    }
}

/// The playhead and the edge of what is known: they move with every frame. Put the first on a
/// group, the second on the rectangle of a clip path.
#[hook]
pub fn use_playhead(scale: Scale) -> (NodeRef, NodeRef) {
    let (head, clip) = (use_node_ref(), use_node_ref());
    let moved = (head.clone(), clip.clone());
    use_frame(move |frame: &Frame| {
        let now = scale.x(frame.now);
        let set = |node: &NodeRef, name, value: String| {
            if let Some(element) = node.cast::<Element>()
                && element.get_attribute(name).as_deref() != Some(&value)
            {
                element.set_attribute(name, &value).ok();
            }
        };
        let inside = (scale.left..=scale.right + 1.0).contains(&now);
        set(
            &moved.0,
            "visibility",
            if inside { "visible" } else { "hidden" }.into(),
        );
        set(&moved.0, "transform", format!("translate({now:.1} 0)"));
        let known = (now - scale.left).max(0.0);
        set(&moved.1, "width", format!("{known:.1}"));
    });
    (head, clip)
}
