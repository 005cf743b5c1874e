//! What has just gone: an outline where a server stood that left, the ring and the crown of a leader
//! that resigned, the wall that was healed. They fade.

use super::{Places, Wall};
use crate::base::NodeId;
use crate::raft::Role;
use crate::view::geometry::{Point, line, px, shift};
use crate::view::{ClusterView, Member, NodeView, Power};
use crate::web::hooks::{use_frame, wall};
use crate::web::language::{Words, h};
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// How long an outline stays, in milliseconds of the wall clock.
const STAYS: f64 = 2_000.0;

/// What has gone, and where it stood.
#[derive(Clone, PartialEq)]
enum Was {
    /// A server.
    Server(NodeId, Point),
    /// The leadership of a server that is still there.
    Leader(NodeId, Point),
    /// A wall, which was healed.
    Wall(Wall),
}

/// What has gone.
#[derive(Clone, PartialEq)]
pub struct Ghost {
    was: Was,
    until: f64,
}

/// Whether a leader became a follower of its own term: nobody deposed it (section 6.2 of the
/// dissertation).
fn resigned(old: &NodeView, new: &NodeView) -> bool {
    let led = |node: &NodeView| node.power == Power::Up && node.role == Role::Leader;
    led(old)
        && (new.power, new.role, new.term) == (Power::Up, Role::Follower, old.term)
        && new.member == Member::Voter
}

/// What has gone since the last time; `walls` are those that stand.
#[hook]
pub fn use_ghosts(
    view: &Same<ClusterView>,
    places: &Rc<Places>,
    walls: &[Wall],
) -> UseStateHandle<Vec<Ghost>> {
    let handle = use_handle();
    let ghosts = use_state_eq(Vec::<Ghost>::new);
    let before = use_mut_ref(|| None::<(Same<ClusterView>, Vec<Wall>)>);
    {
        let (places, ghosts, walls) = (places.clone(), ghosts.clone(), walls.to_vec());
        use_effect_with(view.clone(), move |view| {
            // Only what has just been seen to happen, as with sparks.
            let lately = |(old, _): &(Same<ClusterView>, Vec<Wall>)| {
                old.now <= view.now && view.now.since(old.now).0 < 200_000
            };
            let old = before.replace(Some((view.clone(), walls)));
            let Some((old, walls)) = old.filter(lately) else {
                return;
            };
            let time = wall();
            let server = |was: &Rc<NodeView>| {
                let at = places.at(was.id, time);
                match view.nodes.iter().find(|n| n.id == was.id) {
                    None => Some(Was::Server(was.id, at)),
                    Some(is) => resigned(was, is).then_some(Was::Leader(was.id, at)),
                }
            };
            let healed = old.partition.is_some() && view.partition.is_none();
            let walls = walls.into_iter().filter(|_| healed).map(Was::Wall);
            let until = time + STAYS;
            let new: Vec<Ghost> = (old.nodes.iter().filter_map(server))
                .chain(walls)
                .map(|was| Ghost { was, until })
                .collect();
            if !new.is_empty() {
                handle.frames.keep_up(STAYS + 100.0);
                ghosts.set(ghosts.iter().cloned().chain(new).collect());
            }
        });
    }
    {
        let ghosts = ghosts.clone();
        use_frame(move |frame| {
            if ghosts.iter().any(|g| g.until < frame.wall) {
                let stay = ghosts.iter().filter(|g| g.until >= frame.wall);
                ghosts.set(stay.cloned().collect());
            }
        });
    }
    ghosts
}

/// The outline of a server that has left; of a leader that resigned, its ring going out, and its
/// crown struck through; a wall that splits in the middle.
pub fn outline(words: &Words, ghost: &Ghost) -> Html {
    match &ghost.was {
        Was::Server(node, at) => html! {
            <g key={node.0} class="kv-node gone" data-role="removed" aria-hidden="true" transform={shift(at.x, at.y)}>
                <circle class="disc" r="30" /><text class="sid" y="7">{ node.to_string() }</text>
            </g>
        },
        Was::Leader(node, at) => html! {
            <g key={format!("led{}", node.0)} class="kv-node resigned gone" data-f="repl" aria-hidden="true" transform={shift(at.x, at.y)}>
                <circle class="out" r="43" />
                <svg class="kv-i" x="-14" y="-70" width="28" height="28" viewBox="0 0 16 16"><use href="#i-crown" /></svg>
                <path d="M-17 -46L17 -66" />
                <text class="cap" y="-76">{ h!(words, "stage.resigns") }</text>
            </g>
        },
        Was::Wall((from, to)) => {
            let middle = from.towards(*to, 0.5);
            let upright = (to.x - from.x).abs() < (to.y - from.y).abs();
            let class = if upright { "upright" } else { "level" };
            html! {
                <g key={format!("wall{}", px(from.x + from.y))} class={classes!("kv-healed", class)} aria-hidden="true">
                    <path d={line(middle, *from)} /><path class="far" d={line(middle, *to)} />
                </g>
            }
        }
    }
}
