//! From time to place: the window of the timeline, its scale, and the rows of its ribbons.

use super::Detail;
use crate::base::Time;
use crate::web::store::{LeadershipView, Speed};
use js_sys::Math;
use std::rc::Rc;
use yew::Reducible;

/// The stretch of time that is drawn, in microseconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Window {
    /// Where it begins.
    pub from: f64,
    /// How long it is.
    pub span: f64,
    /// How long it may become as the run grows.
    pub full: f64,
}

impl Window {
    /// Twenty seconds of the wall clock at this speed, or less while the run is young.
    pub fn at(speed: Speed, now: f64) -> Window {
        let full = speed.0 as f64 * 20.0;
        let span = full.min((now * 1.5).max(1_000_000.0));
        let window = Window {
            from: 0.0,
            span,
            full,
        };
        window.follow(now)
    }

    /// The same window if `now` is well inside it, else one with `now` in its middle part. It
    /// jumps, so that nothing but the playhead moves most of the time.
    #[must_use]
    pub fn follow(self, now: f64) -> Window {
        let at = (now - self.from) / self.span;
        let from = if at > 0.94 && self.span < self.full {
            let span = (now * 1.5).clamp(self.span * 1.5, self.full.max(self.span * 1.5));
            return Window { span, ..self }.follow(now);
        } else if at > 0.94 {
            now - self.span * 0.6
        } else if at < 0.02 {
            now - self.span * 0.4
        } else {
            return self;
        };
        Window {
            from: from.max(0.0),
            ..self
        }
    }

    /// Zoomed by `factor`, with `now` staying in its place.
    #[must_use]
    pub fn zoom(self, factor: f64, now: f64) -> Window {
        let span = (self.span * factor).clamp(10_000.0, 600_000_000.0);
        let at = ((now - self.from) / self.span).clamp(0.0, 1.0);
        Window {
            from: (now - at * span).max(0.0),
            span,
            full: span,
        }
    }
}

/// Changes go on from the newest window, however many come before the next rendering.
impl Reducible for Window {
    type Action = Box<dyn FnOnce(Window) -> Window>;

    fn reduce(self: Rc<Self>, change: Self::Action) -> Rc<Self> {
        Rc::new(change(*self))
    }
}

/// From time to place and back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scale {
    /// The left end.
    pub left: f64,
    /// The right end.
    pub right: f64,
    /// What lies between them.
    pub window: Window,
}

impl Scale {
    /// The scale of a timeline of this width in pixels, right of so many tiles for what was before.
    pub fn beside(tiles: usize, width: f64, window: Window) -> Scale {
        let left = match tiles {
            0 => 6.0,
            tiles => 20.0 + 15.0 * tiles as f64,
        };
        let right = (width - 8.0).max(left + 20.0);
        Scale {
            left,
            right,
            window,
        }
    }

    /// The place of an instant in microseconds, also outside of the window.
    pub fn x(&self, time: f64) -> f64 {
        self.left + (time - self.window.from) / self.window.span * (self.right - self.left)
    }

    /// The place of an instant, kept inside the window.
    pub fn of(&self, time: Time) -> f64 {
        self.x(time.0 as f64).clamp(self.left, self.right)
    }

    /// The instant at a place.
    pub fn time(&self, x: f64) -> f64 {
        self.window.from + (x - self.left) / (self.right - self.left) * self.window.span
    }

    /// Whether the window holds the instant.
    pub fn shows(&self, time: Time) -> bool {
        let end = self.window.from + self.window.span;
        (self.window.from..=end).contains(&(time.0 as f64))
    }
}

/// Puts leaderships that overlap into different rows: the row of each, and how many rows there are.
pub fn rows(leaderships: &[LeadershipView]) -> (Vec<usize>, usize) {
    let mut free: Vec<Time> = Vec::new();
    let place = |leadership: &LeadershipView| {
        let row = free.iter().position(|end| *end <= leadership.from);
        let row = row.unwrap_or_else(|| {
            free.push(Time::ZERO);
            free.len() - 1
        });
        free[row] = leadership.to.unwrap_or(Time::NEVER);
        row
    };
    let rows: Vec<usize> = leaderships.iter().map(place).collect();
    (rows, free.len())
}

/// The step between two numbers of the axis: 1, 2 or 5 times a power of ten, in microseconds.
pub fn step(window: Window, pixels: f64) -> f64 {
    let least = window.span / pixels * 84.0;
    let ten = Math::pow(10.0, Math::log10(least).floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|k| k * ten)
        .find(|step| *step >= least)
        .unwrap_or(least)
}

/// Vertical measures, by the number of rows.
#[derive(Clone, Copy)]
pub struct Rows {
    /// Where the first row begins.
    pub top: f64,
    /// A ribbon's height.
    pub height: f64,
    /// From one row to the next.
    pub pitch: f64,
    /// Where the axis is.
    pub base: f64,
}

impl Rows {
    /// The measures for `n` rows.
    pub fn new(n: usize, detail: Detail) -> Rows {
        let (top, height, pitch) = match (detail, n) {
            (Detail::Slim, 0..=1) => (12.0, 10.0, 12.0),
            (Detail::Slim, _) => (11.0, 16.0 / n as f64 - 1.0, 16.0 / n as f64),
            (_, 0..=2) => (28.0, 12.0, 15.0),
            (_, 3) => (25.0, 11.0, 12.0),
            (_, n) => (24.0, 36.0 / n as f64 - 1.0, 36.0 / n as f64),
        };
        let base = top + pitch * n.max(if detail == Detail::Slim { 1 } else { 2 }) as f64 + 1.0;
        Rows {
            top,
            height,
            pitch,
            base,
        }
    }
}
