//! Quorum gauges: a pip for each voter, and a tick where the majority is.
//!
//! Usually one is enough, and the leader's ring shows it as well. While the voters are being
//! changed through a joint configuration, every decision needs two majorities: two gauges.

use super::plan::GAUGE;
use super::use_pin;
use crate::sim::Action;
use crate::view::geometry::{px, shift};
use crate::view::words::key;
use crate::view::{MajorityView, MembersView, Segment};
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::{use_handle, use_words};
use yew::prelude::*;

/// What a gauge shows.
#[derive(Properties, Clone, Copy, PartialEq)]
pub struct Props {
    /// How many are with it.
    pub on: u32,
    /// Of how many.
    pub of: u32,
    /// How many are needed.
    pub needed: u32,
}

/// The pips, from 0 to the right.
#[function_component]
pub fn Pips(props: &Props) -> Html {
    let Props { on, of, needed } = *props;
    let tick = f64::from(needed) * 14.0 - 2.0;
    html! {
        <g class={classes!("kv-pips", if on >= needed { "ok" } else { "no" })}>
            { for (0..of).map(|i| html! {
                <circle class={if i < on { "on" } else { "off" }} cx={px(5.0 + f64::from(i) * 14.0)} cy="0" r="4.2" />
            }) }
            <path class="tick" d={format!("M{} -9V9", px(tick))} />
        </g>
    }
}

/// How far pips reach.
pub fn width(of: u32) -> f64 {
    f64::from(of) * 14.0 + 10.0
}

/// What takes a joint configuration down that waits for somebody.
#[derive(Properties, PartialEq)]
pub struct TagProps {
    /// Pixels per unit of the stage.
    pub scale: f64,
    /// It is made for a thumb.
    pub short: bool,
}

/// The button that leaves a joint configuration, behind its title.
#[function_component]
pub fn JointTag(props: &TagProps) -> Html {
    let handle = use_handle();
    let words = &handle.words.clone();
    let tag = use_pin((336.0 * props.scale, 27.0 * props.scale));
    let leave = move |_: MouseEvent| handle.act(Action::LeaveJoint);
    html! {
        <div class={classes!("kv-walltag", props.short.then_some("short"))} ref={tag}>
            <span>{ h!(words, "stage.waits-2") }</span>
            <button onclick={leave} title={t!(words, "stage.leave-the-joint-configuration")}>{ h!(words, "stage.leave") }</button>
        </div>
    }
}

/// What a joint configuration shows.
#[derive(Properties, PartialEq)]
pub struct JointProps {
    /// Who is a member.
    pub members: std::rc::Rc<MembersView>,
    /// The gauges stand beside each other: there is little room.
    pub beside: bool,
}

/// The two majorities that every decision needs: who of them is with the leader, or with the
/// newest candidate.
#[function_component]
pub fn Joint(props: &JointProps) -> Html {
    let words = &use_words();
    let members = &props.members;
    let [new, old] = &members.majorities[..] else {
        return html! {};
    };
    let gauge = |(row, (name, majority)): (usize, (&'static str, &MajorityView))| {
        let with = majority.segments.iter().filter(|s| **s == Segment::With);
        let (on, of) = (with.count() as u32, majority.voters.len() as u32);
        let (short, long) = (
            width(old.voters.len() as u32),
            width(new.voters.len() as u32),
        );
        let (left, at, says) = if props.beside {
            let at = (20.0 + row as f64 * (short + 92.0), 54.0);
            (
                if row == 0 { short } else { long },
                at,
                format!("{on}/{of} {}", words.label(name)),
            )
        } else {
            let at = (20.0, 54.0 + row as f64 * GAUGE);
            (
                short.max(long),
                at,
                t!(
                    words,
                    "stage.joint-voters",
                    on,
                    of,
                    name = words.label(name)
                ),
            )
        };
        let tick = left + if props.beside { 58.0 } else { 120.0 };
        html! {
            <g transform={shift(at.0, at.1)}>
                <Pips {on} {of} needed={majority.needed} />
                <text class="s" x={px(left)} y="4.5">{ says }</text>
                if on >= majority.needed { <svg x={px(tick)} y="-7" width="14" height="14">{ icon("check") }</svg> }
            </g>
        }
    };
    let state = if members.committed {
        t!(words, "stage.committed")
    } else {
        t!(words, "stage.not-committed")
    };
    html! {
        <g class="kv-side-lab">
            <text class="h" x="20" y="32">{ h!(words, "stage.two-majorities") }<tspan class="s" dx="8">{ format!("#{}, {state}", members.index) }</tspan></text>
            { for [(key!("stage.old"), old), (key!("stage.new"), new)].into_iter().enumerate().map(gauge) }
        </g>
    }
}
