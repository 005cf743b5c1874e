//! Servers that have just left: an outline that fades where they stood.

use super::Places;
use crate::base::NodeId;
use crate::view::ClusterView;
use crate::view::geometry::Point;
use crate::web::hooks::{use_frame, wall};
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// How long an outline stays, in milliseconds of the wall clock.
const STAYS: f64 = 2_000.0;

/// A server that has left.
#[derive(Clone, PartialEq)]
pub struct Ghost {
    /// Who it was.
    pub node: NodeId,
    /// Where it stood.
    pub at: Point,
    until: f64,
}

/// Outlines of the servers that left since the last time.
#[hook]
pub fn use_ghosts(view: &Same<ClusterView>, places: &Rc<Places>) -> UseStateHandle<Vec<Ghost>> {
    let lab = use_lab();
    let ghosts = use_state_eq(Vec::<Ghost>::new);
    let before = use_mut_ref(|| None::<Same<ClusterView>>);
    {
        let (places, ghosts) = (places.clone(), ghosts.clone());
        use_effect_with(view.clone(), move |view| {
            // Only what has just been seen to happen, as with sparks.
            let lately = |old: &Same<ClusterView>| {
                old.now <= view.now && view.now.since(old.now).0 < 200_000
            };
            let Some(old) = before.replace(Some(view.clone())).filter(lately) else {
                return;
            };
            let gone = |id: &NodeId| view.nodes.iter().all(|n| n.id != *id);
            let time = wall();
            let new: Vec<Ghost> = (old.nodes.iter().map(|n| n.id).filter(gone))
                .map(|node| Ghost {
                    node,
                    at: places.at(node, time),
                    until: time + STAYS,
                })
                .collect();
            if !new.is_empty() {
                lab.frames.keep_up(STAYS + 100.0);
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

/// The outline of a server that has left.
pub fn outline(ghost: &Ghost) -> Html {
    html! {
        <g key={ghost.node.0} class="kv-node gone" data-role="removed" aria-hidden="true"
            transform={format!("translate({:.1} {:.1})", ghost.at.x, ghost.at.y)}>
            <circle class="disc" r="30" /><text class="sid" y="7">{ ghost.node.to_string() }</text>
        </g>
    }
}
