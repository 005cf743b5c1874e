//! The compact form for a blog post: stage, one sentence, one button, a slim clock.

use super::words::seed;
use super::{Stage, scrubber};
use crate::base::Time;
use crate::kv::Operation;
use crate::sim::Action;
use crate::view::text::seconds;
use crate::view::{ClusterView, Power, SideView};
use crate::web::hooks::{use_frame, use_visible};
use crate::web::icons::{icon, logo};
use crate::web::language::{Words, h, t};
use crate::web::page::links;
use crate::web::store::*;
use yew::platform::spawn_local;
use yew::prelude::*;

/// What an embed needs to know.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Play as soon as it is in sight. Without this it never starts by itself.
    pub autoplay: bool,
}

/// Out of sight, time stands still; back in sight, it goes on if it did before, at first if it is to
/// play by itself.
#[hook]
fn use_play_in_sight(figure: &NodeRef, autoplay: bool, playing: bool) {
    let handle = use_handle();
    let visible = use_visible(figure);
    let playing_before = use_mut_ref(|| autoplay);
    use_effect_with(visible, move |visible| {
        let go_on = std::mem::replace(&mut *playing_before.borrow_mut(), false);
        match visible {
            Some(true) if go_on => handle.run(Command::Play),
            Some(false) => {
                *playing_before.borrow_mut() = playing || go_on;
                handle.run(Command::Pause);
            }
            _ => *playing_before.borrow_mut() = go_on,
        }
    });
}

/// A click that asks for this.
fn on_click(handle: &Handle, command: Command) -> impl Fn(MouseEvent) + 'static {
    let handle = handle.clone();
    move |_| handle.run(command.clone())
}

/// The compact form.
#[function_component]
pub fn Embed(props: &Props) -> Html {
    let (view, clock, story, handle) = (use_view(), use_clock(), use_story(), use_handle());
    let words = &handle.words;
    let figure = use_node_ref();
    use_play_in_sight(&figure, props.autoplay, clock.playing);
    let (headline, rest) = say(words, &view);
    let act = |actions: Vec<Action>| {
        let handle = handle.clone();
        move |_: MouseEvent| {
            actions.iter().for_each(|action| handle.act(action.clone()));
            handle.run(Command::Play);
        }
    };
    let ended = view.stopped.is_some() || view.violation.is_some();
    html! {
        <div class="kv-embed" ref={figure}>
            <Stage>
                <h1 class="kv-sr">{ h!(words, "first.title") }{ words.lesson_html(&story.title) }</h1>
                // Of a partition, the titles of the sides say it.
                <div class={if view.partition.is_some() && !ended { "kv-sr" } else { "say" }}>
                    <b>{ headline }</b><span>{ rest }</span>
                </div>
                if ended {
                    <button class="kv-btn pri big cta" onclick={on_click(&handle, Command::Seek(Time::ZERO))}>{ icon("restart") }{ h!(words, "embed.back-to-the-beginning") }</button>
                } else if let Some((label, name, actions)) = call(words, &view, &story.scenario) {
                    <button class="kv-btn pri big cta" onclick={act(actions)}>{ icon(name) }{ label }</button>
                }
            </Stage>
            { bar(&handle, &clock, &view) }
        </div>
    }
}

/// The clock, what drives it, and the way to the laboratory.
fn bar(handle: &Handle, clock: &Clock, view: &ClusterView) -> Html {
    let words = &handle.words;
    let (does, name, command) = if clock.playing {
        ("pausebars", t!(words, "embed.pause-space"), Command::Pause)
    } else {
        ("play", t!(words, "embed.play-space"), Command::Play)
    };
    let speed = match clock.speed {
        Speed(25_000) => Speed(50_000),
        Speed(50_000) => Speed(100_000),
        _ => Speed(25_000),
    };
    html! {
        <div class="kv-ebar" role="region" aria-label={t!(words, "embed.time")}>
            <button class="kv-play" aria-label={name} onclick={on_click(handle, command)}>{ icon(does) }</button>
            <button class="kv-ib" aria-label={t!(words, "embed.next-event")} onclick={on_click(handle, Command::Next)}>{ icon("stepf") }</button>
            <div class="sc">{ scrubber() }</div>
            <div class="when"><ClockText />{ seed(words, &view.seed) }</div>
            <button class="kv-btn quiet spd" title={t!(words, "embed.change-the-speed")} onclick={on_click(handle, Command::Speed(speed))}>
                { format!("1 s = {}", clock.actual.unwrap_or(clock.speed).label()) }
            </button>
            <OpenLab />
        </div>
    }
}

/// The way to the laboratory, with the run as it stands when the link is reached for.
#[function_component]
fn OpenLab() -> Html {
    let (handle, story, view) = (use_handle(), use_story(), use_view());
    let words = &handle.words.clone();
    let run = use_state(|| None::<String>);
    let record = {
        let run = run.setter();
        Callback::from(move |()| {
            let (run, recording) = (run.clone(), handle.record.emit(()));
            spawn_local(async move {
                // A browser that can't compress opens the scenario from its beginning.
                run.set(links::fragment(&recording).await.ok());
            });
        })
    };
    let mut full = format!("?scenario={}&seed={}", story.scenario, view.seed);
    if let Some(run) = &*run {
        full += "#";
        full += run;
    }
    let reached = {
        let record = record.clone();
        move |_: PointerEvent| record.emit(())
    };
    html! {
        <a class="brand" href={full} target="_blank" aria-label={t!(words, "embed.open-the-lab")} onpointerenter={reached.clone()}
            onpointerdown={reached} onfocus={move |_: FocusEvent| record.emit(())}>{ logo() }<span>{ h!(words, "embed.open-the-lab") }</span></a>
    }
}

/// The time, in milliseconds of virtual time.
#[function_component]
fn ClockText() -> Html {
    let text = use_node_ref();
    {
        let text = text.clone();
        use_frame(move |frame| {
            if let Some(node) = text.get() {
                node.set_text_content(Some(&seconds(Time(frame.now as u64))));
            }
        });
    }
    html! { <span class="clk"><span ref={text} /><small>{ " s" }</small></span> }
}

/// One sentence on what is to be seen, and one on why.
fn say(words: &Words, view: &ClusterView) -> (String, String) {
    if let Some(stop) = &view.stopped {
        return (
            t!(words, "embed.stopped"),
            t!(words, "embed.allows", setting = stop.limit.field()),
        );
    }
    if let Some(violation) = &view.violation {
        return (
            t!(
                words,
                "embed.broken",
                property = crate::view::property_name(violation.property())
            ),
            words.text(&crate::view::found(violation)),
        );
    }
    let crashed: Vec<String> = view
        .nodes
        .iter()
        .filter(|n| n.power == Power::Crashed)
        .map(|n| n.id.to_string())
        .collect();
    let (n, of) = (view.quorum, view.members.voters().len());
    match (&view.partition, view.leader) {
        (Some(partition), _) => {
            let quorum = partition.sides.iter().any(|s| s.has_quorum);
            let rest = if quorum {
                t!(words, "embed.only-side", n, of)
            } else {
                t!(words, "embed.no-side", n, of)
            };
            (t!(words, "embed.cut"), rest)
        }
        (None, Some(leader)) => {
            let term = view
                .nodes
                .iter()
                .find(|n| n.id == leader)
                .map_or(0, |n| n.term);
            let rest = if crashed.is_empty() {
                t!(words, "embed.heartbeat")
            } else {
                t!(words, "embed.down", servers = crashed.join(", "), n, of)
            };
            (t!(words, "embed.leads", leader, term), rest)
        }
        (None, None) if crashed.len() + n as usize > of => (
            t!(words, "embed.nobody-can"),
            t!(words, "embed.takes", n, of),
        ),
        (None, None) => (t!(words, "embed.nobody"), t!(words, "embed.timer")),
    }
}

/// The one thing to do now.
fn call(
    words: &Words,
    view: &ClusterView,
    scenario: &str,
) -> Option<(String, &'static str, Vec<Action>)> {
    if let Some(partition) = &view.partition {
        let write = both_sides(view, &partition.sides);
        return Some(match write {
            Some(actions) => (t!(words, "embed.write"), "send", actions),
            None => (t!(words, "embed.heal"), "link", vec![Action::Heal]),
        });
    }
    let crashed = view.nodes.iter().find(|n| n.power == Power::Crashed);
    match (crashed.map(|n| n.id), view.leader) {
        (Some(node), _) => {
            let restart = vec![Action::Restart { node }];
            Some((t!(words, "embed.restart", node), "restart", restart))
        }
        (None, Some(leader)) if scenario == "network-partition" => {
            let (mut few, mut many) = (vec![leader], Vec::new());
            for node in view.nodes.iter().map(|n| n.id).filter(|&id| id != leader) {
                let side = if few.len() < view.nodes.len() / 2 {
                    &mut few
                } else {
                    &mut many
                };
                side.push(node);
            }
            let label = t!(words, "embed.split", few = few.len(), many = many.len());
            Some((label, "wall", vec![Action::partition(vec![few, many])]))
        }
        (None, Some(node)) => Some((
            t!(words, "embed.crash"),
            "crash",
            vec![Action::Crash { node }],
        )),
        _ => None,
    }
}

/// A write through each of two leaders, if there are two and the old one has nothing open yet.
fn both_sides(view: &ClusterView, sides: &[SideView]) -> Option<Vec<Action>> {
    let leader = |quorum| sides.iter().find(|s| s.has_quorum == quorum)?.leader;
    let (old, new) = (leader(false)?, leader(true)?);
    let node = view.nodes.iter().find(|n| n.id == old)?;
    let put = |to, value: &str| Action::Request {
        operation: Operation::Put {
            key: "y".into(),
            value: value.into(),
        },
        to: Some(to),
        attempts: 1,
    };
    (node.commit_index == node.log.last).then(|| vec![put(old, "7"), put(new, "2")])
}
