//! Messages that were lost a moment ago: sparks at the place where it happened.

use super::plan::StageLayout;
use super::{Places, message};
use crate::sim::{EventKind, Loss};
use crate::view::ClusterView;
use crate::view::geometry::{Point, px, shift};
use crate::web::hooks::{use_frame, wall};
use crate::web::store::*;
use std::rc::Rc;
use yew::prelude::*;

/// How long a cross stays, in milliseconds of the wall clock.
const STAYS: f64 = 600.0;

/// At most so many at once: more would hide the cluster.
const MOST: usize = 12;

/// A message that was lost a moment ago.
#[derive(Clone, PartialEq)]
pub struct Spark {
    /// The message.
    pub id: u64,
    /// Where it was lost.
    pub at: Point,
    /// The direction in which it flew, in degrees.
    pub angle: f64,
    until: f64,
}

/// What was lost between the last view and this one, each with the place where that happened. The
/// events to look at are those after `told`.
fn new_sparks(
    (old, view): (&ClusterView, &ClusterView),
    (story, told): (&Story, u64),
    places: &Places,
    plan: &StageLayout,
    time: f64,
) -> Vec<Spark> {
    // Not after a jump: only what has just been seen to happen.
    if old.now > view.now || view.now.since(old.now).0 >= 200_000 {
        return Vec::new();
    }
    let lost = story
        .told
        .iter()
        .rev()
        .take_while(|t| t.seq > told)
        .filter_map(|t| match t.kind {
            EventKind::Lost { message, why, .. } => Some((message, why, t.at)),
            _ => None,
        });
    lost.filter_map(|(id, why, at)| {
        let m = old.messages.iter().find(|m| m.id == id)?;
        let ends = (places.at(m.from, time), places.at(m.to, time));
        let (place, angle, _) = message::position(m, ends, &plan.walls, at.0 as f64);
        let ahead = if matches!(why, Loss::Partition) {
            30.0
        } else {
            0.0
        };
        let place = place.around(ahead, (angle + 90.0) / 360.0);
        Some(Spark {
            id,
            at: place,
            angle,
            until: time + STAYS,
        })
    })
    .take(MOST)
    .collect()
}

/// Sparks for the losses that were told since the last time.
#[hook]
pub fn use_sparks(
    view: &Same<ClusterView>,
    story: &Same<Story>,
    places: &Rc<Places>,
    plan: &Rc<StageLayout>,
) -> UseStateHandle<Vec<Spark>> {
    let handle = use_handle();
    let sparks = use_state_eq(Vec::<Spark>::new);
    let before = use_mut_ref(|| (u64::MAX, None::<Same<ClusterView>>));
    {
        let (places, plan, sparks, handle) =
            (places.clone(), plan.clone(), sparks.clone(), handle.clone());
        use_effect_with((view.clone(), story.clone()), move |(view, story)| {
            let newest = story.told.last().map_or(0, |t| t.seq);
            let (told, old) = before.replace((newest, Some(view.clone())));
            // Not at the start.
            let Some(old) = old else { return };
            let time = wall();
            let new = new_sparks((&old, view), (story, told), &places, &plan, time);
            if !new.is_empty() {
                let live = sparks.iter().filter(|s| s.until > time).take(MOST).cloned();
                sparks.set(live.chain(new).collect());
                handle.frames.keep_up(STAYS + 100.0);
            }
        });
    }
    {
        let sparks = sparks.clone();
        use_frame(move |frame| {
            if sparks.iter().any(|s| s.until < frame.wall) {
                sparks.set(
                    sparks
                        .iter()
                        .filter(|s| s.until >= frame.wall)
                        .cloned()
                        .collect(),
                );
            }
        });
    }
    sparks
}

/// What a spark at the wall is drawn from.
#[derive(Properties, PartialEq)]
pub struct BurstProps {
    /// Where.
    pub at: Point,
    /// The direction in which the message flew, in degrees.
    pub angle: f64,
}

/// A message was lost here: sparks fly back to the sender, a cross stays for a moment.
#[function_component]
pub fn Burst(props: &BurstProps) -> Html {
    html! {
        <g class="kv-burst" transform={shift(props.at.x, props.at.y)}>
            <path transform={format!("rotate({})", px(props.angle))}
                d="M-4.5 -11.1L-8.2 -20.4M-10 -8.4L-19.9 -16.7M-10 8.4L-19.9 16.7M-4.5 11.1L-8.2 20.4" />
            <circle class="xb" r="9.5" /><path class="x" d="M-4 -4l8 8m0 -8l-8 8" />
        </g>
    }
}
