//! Where the servers are right now: at their places, on the way there, or under the pointer.

use super::plan::StageLayout;
use crate::base::NodeId;
use crate::view::geometry::Point;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How long a server takes to glide to a new place, in milliseconds of the wall clock.
pub const GLIDE: f64 = 520.0;

#[derive(Clone, Copy)]
struct Glide {
    from: Point,
    to: Point,
    since: f64,
}

impl Glide {
    fn at(&self, wall: f64) -> Point {
        let share = ((wall - self.since) / GLIDE).clamp(0.0, 1.0);
        // Fast at first, gentle at the end.
        self.from.towards(self.to, 1.0 - (1.0 - share).powi(3))
    }
}

/// The servers' positions: pure functions of the wall clock between two changes.
#[derive(Default)]
pub struct Places {
    glides: RefCell<BTreeMap<NodeId, Glide>>,
    held: RefCell<Option<(NodeId, Point)>>,
}

impl Places {
    /// Where a server is.
    pub fn at(&self, node: NodeId, wall: f64) -> Point {
        match *self.held.borrow() {
            Some((held, at)) if held == node => at,
            _ => self
                .glides
                .borrow()
                .get(&node)
                .map_or_else(Point::default, |g| g.at(wall)),
        }
    }

    /// Puts servers that are new at their places. Where others stand already, they come from
    /// further out, unless all is to `jump`.
    pub fn aim_new(&self, plan: &StageLayout, wall: f64, jump: bool) {
        let mut glides = self.glides.borrow_mut();
        let jump = jump || glides.is_empty();
        let n = plan.places.len().max(1) as f64;
        let middle = Point {
            x: plan.places.iter().map(|p| p.at.x).sum::<f64>() / n,
            y: plan.places.iter().map(|p| p.at.y).sum::<f64>() / n,
        };
        for place in &plan.places {
            let to = place.at;
            let from = if jump { to } else { middle.towards(to, 1.4) };
            glides.entry(place.node).or_insert(Glide {
                from,
                to,
                since: wall,
            });
        }
    }

    /// Sends every server to its place in `plan`; returns whether one has to move. Servers that
    /// were not there yet, and all of them if `jump`, are there at once.
    pub fn aim(&self, plan: &StageLayout, wall: f64, jump: bool) -> bool {
        let mut glides = self.glides.borrow_mut();
        let mut moves = false;
        for place in &plan.places {
            let old = glides.get(&place.node).copied();
            if old.is_some_and(|g| g.to == place.at) {
                continue;
            }
            let from = match old {
                Some(glide) if !jump => {
                    moves = true;
                    glide.at(wall)
                }
                _ => place.at,
            };
            let glide = Glide {
                from,
                to: place.at,
                since: wall,
            };
            glides.insert(place.node, glide);
        }
        moves
    }

    /// Takes a server under the pointer.
    pub fn hold(&self, node: NodeId, at: Point) {
        *self.held.borrow_mut() = Some((node, at));
    }

    /// Lets the server under the pointer go: it glides back to its place.
    pub fn release(&self, wall: f64) {
        let held = self.held.borrow_mut().take();
        if let Some((node, at)) = held
            && let Some(glide) = self.glides.borrow_mut().get_mut(&node)
        {
            *glide = Glide {
                from: at,
                since: wall,
                ..*glide
            };
        }
    }
}
