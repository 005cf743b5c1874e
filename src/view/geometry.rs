//! Where things are on the stage: pure functions of the view, the viewport and the time.
//!
//! Lengths are CSS pixels, x to the right, y down; angles are turns, clockwise from 12 o'clock.
//! Floats are fine here: they place a picture and decide nothing.

use crate::base::order::sort_by_key;
use crate::base::{NodeId, Time};
use std::f64::consts::TAU;
use std::fmt::Write;

/// A point of the stage.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// The point at `share` of the way from here to `to`.
    pub fn towards(self, to: Point, share: f64) -> Point {
        Point {
            x: self.x + (to.x - self.x) * share,
            y: self.y + (to.y - self.y) * share,
        }
    }

    /// The distance to `to`.
    pub fn distance(self, to: Point) -> f64 {
        let (x, y) = (to.x - self.x, to.y - self.y);
        (x * x + y * y).sqrt()
    }

    /// The point at `angle` turns on a circle around this one.
    pub fn around(self, radius: f64, angle: f64) -> Point {
        Point {
            x: self.x + radius * sine(angle),
            y: self.y - radius * sine(angle + 0.25),
        }
    }
}

/// The sine of an angle in turns, good to a ten-millionth. The one of the standard library is good
/// to the last bit of any number; that takes more code than all of this file.
fn sine(angle: f64) -> f64 {
    let turn = angle - (angle + 0.5).floor();
    // The second and the third quarter mirror the first and the last.
    let near = if turn.abs() > 0.25 {
        turn.signum() * 0.5 - turn
    } else {
        turn
    };
    let x = near * TAU;
    let terms = [110.0, 72.0, 42.0, 20.0, 6.0];
    x * (terms.iter()).fold(1.0, |sum, divisor| 1.0 - x * x / divisor * sum)
}

/// A length as it stands in a picture, to a tenth of a pixel: `12`, `12.3`. For the same reason as
/// `sine`: the first screen waits for whatever draws it, and draws with nothing else.
pub fn px(length: f64) -> String {
    let tenths = (length * 10.0 + 0.5).floor() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if rest == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest}")
    }
}

/// SVG's `translate(x y)`.
pub fn shift(x: f64, y: f64) -> String {
    format!("translate({} {})", px(x), px(y))
}

/// The path data (SVG `d`) of a straight line.
pub fn line(from: Point, to: Point) -> String {
    format!("M{} {}L{} {}", px(from.x), px(from.y), px(to.x), px(to.y))
}

/// The stage, and the room that a node needs around its centre (its plate included).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Viewport {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// What a node needs to its left and right.
    pub side: f64,
    /// What a node needs above its centre.
    pub above: f64,
    /// What a node needs below its centre.
    pub below: f64,
}

/// A part of the stage.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Area {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

/// Where everything stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Layout {
    /// The centre of each server, by id.
    pub nodes: Vec<(NodeId, Point)>,
    /// The sides of the partition, in the order given; one area if there is none.
    pub sides: Vec<Area>,
    /// The walls between neighbouring sides, from edge to edge of the stage.
    pub walls: Vec<(Point, Point)>,
}

impl Layout {
    /// The centre of a server.
    pub fn at(&self, node: NodeId) -> Option<Point> {
        let found = self.nodes.binary_search_by_key(&node, |&(id, _)| id).ok()?;
        Some(self.nodes[found].1)
    }
}

/// Places the servers: in one ring, the first at 12 o'clock; or in one ring for each side.
///
/// The sides stand beside each other, with upright walls between them; in a viewport that is
/// about as tall as wide they are stacked. A side gets room by the number of its servers.
pub fn layout(sides: &[Vec<NodeId>], viewport: Viewport) -> Layout {
    let stacked = viewport.height > 0.8 * viewport.width;
    let length = if stacked {
        viewport.height
    } else {
        viewport.width
    };
    // One more than the servers, so that a lone one isn't squeezed.
    let weight = |side: &Vec<NodeId>| side.len() as f64 + 1.0;
    let total: f64 = sides.iter().map(weight).sum();
    let mut layout = Layout {
        nodes: Vec::new(),
        sides: Vec::new(),
        walls: Vec::new(),
    };
    let mut start = 0.0;
    for (i, side) in sides.iter().enumerate() {
        let extent = length * weight(side) / total;
        let area = Area {
            x: if stacked { 0.0 } else { start },
            y: if stacked { start } else { 0.0 },
            width: if stacked { viewport.width } else { extent },
            height: if stacked { extent } else { viewport.height },
        };
        if i > 0 {
            let end = if stacked {
                (viewport.width, start)
            } else {
                (start, viewport.height)
            };
            layout.walls.push((
                Point {
                    x: area.x,
                    y: area.y,
                },
                Point { x: end.0, y: end.1 },
            ));
        }
        place(side, area, viewport, &mut layout.nodes);
        layout.sides.push(area);
        start += extent;
    }
    sort_by_key(&mut layout.nodes, |&(id, _)| id);
    layout
}

/// Places one side's servers in its area.
fn place(side: &[NodeId], area: Area, viewport: Viewport, nodes: &mut Vec<(NodeId, Point)>) {
    let reach_x = (area.width / 2.0 - viewport.side).max(0.0);
    let reach_y = ((area.height - viewport.above - viewport.below) / 2.0).max(0.0);
    let centre = Point {
        x: area.x + area.width / 2.0,
        y: area.y + viewport.above.min(area.height / 2.0) + reach_y,
    };
    // Two stand along the longer way, at half of it; more stand on an ellipse.
    let (first, reach_x, reach_y) = match side.len() {
        0 => return,
        1 => (0.0, 0.0, 0.0),
        2 if reach_x >= reach_y => (0.75, reach_x.min(viewport.side * 1.4), 0.0),
        2 => (0.0, 0.0, reach_y),
        _ => (0.0, reach_x, reach_y),
    };
    for (i, &node) in side.iter().enumerate() {
        let angle = first + i as f64 / side.len() as f64;
        let unit = Point::default().around(1.0, angle);
        let at = Point {
            x: centre.x + unit.x * reach_x,
            y: centre.y + unit.y * reach_y,
        };
        nodes.push((node, at));
    }
}

/// The ends of a link, `gap` away from the centres of its servers, shifted by `shift` to the
/// right of the direction of travel: the two directions of a link then run on rails of their own.
/// Servers that overlap give a link of no length.
pub fn link(from: Point, to: Point, gap: f64, shift: f64) -> (Point, Point) {
    let distance = from.distance(to);
    if distance <= 2.0 * gap {
        let middle = from.towards(to, 0.5);
        return (middle, middle);
    }
    let (dx, dy) = ((to.x - from.x) / distance, (to.y - from.y) / distance);
    let at = |centre: Point, along: f64| Point {
        x: centre.x + dx * along - dy * shift,
        y: centre.y + dy * along + dx * shift,
    };
    (at(from, gap), at(to, -gap))
}

/// Where two segments cross, as the share of the way along the first: a message and the wall, a
/// stroke of the scissors and a link. `None` if they don't.
pub fn crossing(first: (Point, Point), second: (Point, Point)) -> Option<f64> {
    let (a, b) = first;
    let (c, d) = second;
    let cross = |u: Point, v: Point| u.x * v.y - u.y * v.x;
    let minus = |u: Point, v: Point| Point {
        x: u.x - v.x,
        y: u.y - v.y,
    };
    let (ab, cd, ac) = (minus(b, a), minus(d, c), minus(c, a));
    let area = cross(ab, cd);
    if area == 0.0 {
        return None;
    }
    let (along_first, along_second) = (cross(ac, cd) / area, cross(ac, ab) / area);
    let inside = |share: f64| (0.0..=1.0).contains(&share);
    (inside(along_first) && inside(along_second)).then_some(along_first)
}

/// How much of the span from `start` to `end` has passed at `now` (in microseconds, with a
/// fraction between two instants), from 0 to 1.
pub fn fraction(start: Time, end: Time, now: f64) -> f64 {
    let (start, end) = (start.0 as f64, end.0 as f64);
    if end <= start {
        return 1.0;
    }
    ((now - start) / (end - start)).clamp(0.0, 1.0)
}

/// The part of a quorum ring, in turns, that belongs to voter `i` of `n`, the first beginning at
/// 12 o'clock; `gap` is what stays free between neighbours.
pub fn segment(i: usize, n: usize, gap: f64) -> (f64, f64) {
    let (i, n) = (i as f64, n.max(1) as f64);
    (i / n + gap / 2.0, (i + 1.0) / n - gap / 2.0)
}

/// The path data (SVG `d`) of an arc around `centre`, clockwise from turn `from` to turn `to`.
/// A whole turn or more gives a closed circle, less than nothing an empty path.
pub fn arc(centre: Point, radius: f64, from: f64, to: f64) -> String {
    let sweep = to - from;
    let mut path = String::new();
    if sweep <= 0.0 {
        return path;
    }
    let start = centre.around(radius, from);
    let _ = write!(path, "M{} {}", px(start.x), px(start.y));
    // An arc command can't draw a full circle: two halves can.
    let stops: &[f64] = if sweep >= 1.0 { &[0.5, 1.0] } else { &[sweep] };
    for &stop in stops {
        let end = centre.around(radius, from + stop);
        let large = u8::from(stop > 0.5 && sweep < 1.0);
        let radius = px(radius);
        let _ = write!(
            path,
            "A{radius} {radius} 0 {large} 1 {} {}",
            px(end.x),
            px(end.y)
        );
    }
    if sweep >= 1.0 {
        path.push('Z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: Viewport = Viewport {
        width: 1000.0,
        height: 430.0,
        side: 100.0,
        above: 80.0,
        below: 120.0,
    };

    fn ids(ids: &[u32]) -> Vec<NodeId> {
        ids.iter().map(|&id| NodeId(id)).collect()
    }

    #[test]
    fn a_ring_starts_at_twelve_o_clock_and_goes_clockwise() {
        let layout = layout(&[ids(&[1, 2, 3, 4, 5])], STAGE);
        let at = |id| layout.at(NodeId(id)).unwrap();
        assert!(at(1).y < at(2).y && at(2).x > at(1).x && at(5).x < at(1).x);
        assert!((at(1).x - 500.0).abs() < 1e-9 && layout.walls.is_empty());
        assert_eq!(layout.at(NodeId(6)), None);
    }

    #[test]
    fn every_server_stands_on_its_own_side_of_the_wall() {
        let groups = [ids(&[4, 2]), ids(&[1, 3]), ids(&[5])];
        for (width, height) in [(1000.0, 430.0), (390.0, 800.0)] {
            let stage = Viewport {
                width,
                height,
                ..STAGE
            };
            let layout = layout(&groups, stage);
            assert_eq!((layout.walls.len(), layout.nodes.len()), (2, 5));
            for (group, area) in groups.iter().zip(&layout.sides) {
                for &node in group {
                    let at = layout.at(node).unwrap();
                    assert!(
                        at.x > area.x && at.x < area.x + area.width,
                        "{at:?} {area:?}"
                    );
                    assert!(
                        at.y > area.y && at.y < area.y + area.height,
                        "{at:?} {area:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_link_stays_outside_the_pucks_and_its_directions_apart() {
        let (a, b) = (Point { x: 0.0, y: 0.0 }, Point { x: 100.0, y: 0.0 });
        let (there, back) = (link(a, b, 40.0, 4.0), link(b, a, 40.0, 4.0));
        assert_eq!(there.0, Point { x: 40.0, y: 4.0 });
        assert_eq!(there.1, Point { x: 60.0, y: 4.0 });
        assert_eq!(back.0, Point { x: 60.0, y: -4.0 });
        let (from, to) = link(a, b, 50.0, 4.0);
        assert_eq!(from, to);
    }

    #[test]
    fn strokes_cross_where_they_meet() {
        let point = |x, y| Point { x, y };
        let across = (point(0.0, 0.0), point(10.0, 0.0));
        assert_eq!(
            crossing(across, (point(4.0, -1.0), point(4.0, 1.0))),
            Some(0.4)
        );
        assert_eq!(crossing(across, (point(4.0, 1.0), point(4.0, 2.0))), None);
        assert_eq!(crossing(across, (point(0.0, 1.0), point(10.0, 1.0))), None);
    }

    #[test]
    fn fractions_stay_between_the_ends() {
        let (from, to) = (Time(100), Time(200));
        assert_eq!(fraction(from, to, 50.0), 0.0);
        assert_eq!(fraction(from, to, 150.0), 0.5);
        assert_eq!(fraction(from, to, 900.0), 1.0);
        assert_eq!(fraction(from, from, 100.0), 1.0);
    }

    #[test]
    fn sines_and_lengths_are_good_enough_for_a_picture() {
        for step in -300..300 {
            let turn = f64::from(step) / 97.0;
            assert!((sine(turn) - (turn * TAU).sin()).abs() < 1e-7, "{turn}");
        }
        let lengths = [0.0, -0.04, 12.0, 12.34, -0.5, -7.96, f64::NAN];
        let texts = ["0", "0", "12", "12.3", "-0.5", "-8", "0"];
        assert_eq!(lengths.map(px), texts);
        assert_eq!(
            line(Point { x: 1.0, y: -2.5 }, Point { x: 0.1, y: 3.0 }),
            "M1 -2.5L0.1 3"
        );
    }

    #[test]
    fn arcs_are_paths() {
        let centre = Point { x: 50.0, y: 50.0 };
        assert_eq!(arc(centre, 40.0, 0.0, 0.25), "M50 10A40 40 0 0 1 90 50");
        assert!(arc(centre, 40.0, 0.0, 0.75).contains(" 0 1 1 "));
        assert!(arc(centre, 40.0, 0.0, 1.0).ends_with('Z'));
        assert_eq!(arc(centre, 40.0, 0.5, 0.5), "");
        let (from, to) = segment(0, 5, 0.02);
        assert!((from - 0.01).abs() < 1e-9 && (to - 0.19).abs() < 1e-9);
    }
}
