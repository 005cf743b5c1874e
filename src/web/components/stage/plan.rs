//! Where things stand on the stage: the general geometry, with room for plates and titles.

use crate::base::NodeId;
use crate::base::order::sort_by_key;
use crate::view::ClusterView;
use crate::view::geometry::{Area, Point, Viewport, layout};

/// How much is told beside each puck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// The role, below the puck.
    Caption,
    /// The last few entries, below the puck.
    Strip,
    /// A plate with role, log and store.
    Plate,
}

/// Where a plate stands beside its puck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Below.
    Below,
}

/// The width of a plate.
pub const PLATE_WIDTH: f64 = 200.0;
/// The height of a plate.
pub const PLATE_HEIGHT: f64 = 74.0;
/// From a puck's centre to a plate beside it, and to one below it.
pub const PLATE_GAP: f64 = 58.0;
/// The height of a quorum gauge.
pub const GAUGE: f64 = 22.0;
/// The height of a client's capsule, and of the step to the next one.
pub const CAPSULE: (f64, f64) = (25.0, 31.0);

/// The stage's size in its own units, and how many pixels one of them has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sheet {
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
    /// Pixels per unit.
    pub scale: f64,
}

impl Sheet {
    /// The sheet for a stage of that many pixels: plates shrink with it, down to where their text
    /// can still be read.
    pub fn fit(width: f64, height: f64, detail: Detail) -> Sheet {
        let scale = match detail {
            Detail::Plate => (width / 1064.0).min(height / 446.0).clamp(0.7, 1.15),
            Detail::Strip => (width / 430.0).min(height / 430.0).clamp(0.55, 1.1),
            Detail::Caption => {
                let upright = height > 0.9 * width;
                let least = if upright { 460.0 } else { 760.0 };
                (width / least).min(height / 470.0).clamp(0.62, 1.22)
            }
        };
        Sheet {
            width: width / scale,
            height: height / scale,
            scale,
        }
    }
}

/// One server's place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    /// Who.
    pub node: NodeId,
    /// The centre of its puck.
    pub at: Point,
    /// Where its plate stands.
    pub plate: Beside,
}

/// Where everything stands.
#[derive(Clone, PartialEq, Debug)]
pub struct StageLayout {
    /// The servers, by id.
    pub places: Vec<Place>,
    /// The sides, in the order of the partition; one if there is none.
    pub sides: Vec<Area>,
    /// The walls between neighbouring sides.
    pub walls: Vec<(Point, Point)>,
}

impl StageLayout {
    /// Makes the plan for a view.
    pub fn new(view: &ClusterView, sheet: Sheet, detail: Detail) -> StageLayout {
        let sides: Vec<Vec<NodeId>> = match &view.partition {
            Some(partition) => partition.sides.iter().map(|s| s.nodes.clone()).collect(),
            None => vec![view.nodes.iter().map(|n| n.id).collect()],
        };
        let whole = Viewport {
            width: sheet.width,
            height: sheet.height,
            side: 0.0,
            above: 0.0,
            below: 0.0,
        };
        let areas = layout(&sides, whole);
        let mut plan = StageLayout {
            places: Vec::new(),
            sides: areas.sides,
            walls: areas.walls,
        };
        let walled = !plan.walls.is_empty();
        for (side, area) in sides.iter().zip(&plan.sides) {
            let halves = view.members.majorities.len();
            let title = match (walled, detail) {
                (false, Detail::Strip) if halves > 1 => 44.0,
                (false, _) => 0.0,
                // Its gauges stand beside each other.
                (true, Detail::Strip) => 20.0,
                (true, _) => {
                    let sentence = if side.len() > 2 { 46.0 } else { 30.0 };
                    sentence + GAUGE * halves.saturating_sub(1) as f64
                }
            };
            place(side, *area, detail, (walled, title), &mut plan.places);
        }
        sort_by_key(&mut plan.places, |p| p.node);
        plan
    }

    /// The place of a server.
    pub fn place(&self, node: NodeId) -> Option<&Place> {
        self.places.iter().find(|p| p.node == node)
    }
}

/// Places one side's servers. In its upper left corner stand gauges and a sentence: they need so
/// much room above, more than is left there anyhow.
fn place(
    side: &[NodeId],
    area: Area,
    detail: Detail,
    (walled, title): (bool, f64),
    out: &mut Vec<Place>,
) {
    let beside = detail == Detail::Plate && (area.width >= 680.0 || side.len() > 2);
    let outward = detail == Detail::Plate && area.width >= 680.0;
    let (room, above, below): (f64, f64, f64) = match detail {
        Detail::Caption => (74.0, 100.0, 100.0),
        Detail::Strip => (52.0, if walled { 80.0 } else { 98.0 }, 98.0),
        Detail::Plate if outward => (268.0, 80.0, 66.0),
        Detail::Plate => (118.0, 80.0, 134.0 + 2.0 * CAPSULE.1),
    };
    let above = above + title;
    // The lowest server of an odd ring doesn't reach the ellipse's lowest point.
    let lowest = (0..side.len())
        .map(|i| Point::default().around(1.0, i as f64 / side.len() as f64).y)
        .fold(0.0, f64::max);
    let reach = ((area.height - above - below) / (1.0 + lowest)).max(0.0);
    // A ring that nothing else fills stays together, in the middle.
    let (reach, above, room) =
        if detail == Detail::Caption && !walled && area.width > 0.9 * area.height {
            let near = reach.min(200.0);
            // Many stand further apart than a few.
            let stretch = if side.len() > 6 { 3.0 } else { 1.72 };
            let spare = (1.0 + lowest) * (reach - near);
            (
                near,
                above + spare * 0.45,
                room.max(area.width / 2.0 - stretch * near),
            )
        } else {
            (reach, above, room)
        };
    let viewport = Viewport {
        width: area.width,
        height: area.height,
        side: room,
        above,
        below: area.height - above - 2.0 * reach,
    };
    let middle = area.width / 2.0;
    for (node, at) in layout(&[side.to_vec()], viewport).nodes {
        let top = at.y < above + reach * 0.4 && side.len() > 2;
        let plate = if beside && (outward || top) {
            if at.x > middle + 1.0 || (top && !outward) {
                Beside::Right
            } else {
                Beside::Left
            }
        } else {
            Beside::Below
        };
        out.push(Place {
            node,
            at: Point {
                x: area.x + at.x,
                y: area.y + at.y,
            },
            plate,
        });
    }
}
