//! The clock and its controls. Same order at every size.
//!
//! The clock's digits change with every frame; they are written into the page without the virtual
//! DOM. The label of the speed states the true ratio, also when the machine can't keep up.

use super::timeline::{Detail, Timeline};
use super::words::{seconds, seed};
use crate::base::Time;
use crate::web::hooks::{Frame, Shape, use_frame, use_shape};
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::{
    Clock, Command, Handle, Speed, use_clock, use_handle, use_story, use_view, use_words,
};
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The clock and its controls.
#[function_component]
pub fn Transport() -> Html {
    let words = &use_words();
    if use_shape() == Shape::Phone {
        return html! { <Thumb /> };
    }
    html! {
        <section class="kv-transport" aria-label={t!(words, "time.time")}>
            <div class="kv-ctl">
                <div class="row">
                    <Step label={t!(words, "time.to-start-home")} icon="tostart" command={Command::Seek(Time::ZERO)} />
                    <Step label={t!(words, "time.previous-event")} icon="stepb" command={Command::Previous} />
                    <Play />
                    <Step label={t!(words, "time.next-event")} icon="stepf" command={Command::Next} />
                    <Step label={t!(words, "time.to-newest-end")} icon="toend" command={Command::Newest} />
                </div>
                <div class="kv-clock"><Digits /><span>{ h!(words, "time.s-virtual") }</span></div>
                <SpeedSlider />
            </div>
            <Timeline detail={Detail::Full} />
            <Run />
        </section>
    }
}

/// The transport of a phone, at the thumb.
#[function_component]
pub fn Thumb() -> Html {
    let words = &use_words();
    let view = use_view();
    html! {
        <section class="kv-pt" aria-label={t!(words, "time.time")}>
            <Timeline detail={Detail::Short} />
            <div class="row">
                <div class="when">
                    <span class="clk kv-num"><Digits /><small>{ " s" }</small></span>
                    { seed(words, &view.seed) }
                </div>
                <Step label={t!(words, "time.previous-event-2")} icon="stepb" command={Command::Previous} />
                <Play />
                <Step label={t!(words, "time.next-event-2")} icon="stepf" command={Command::Next} />
                <SpeedButton />
            </div>
        </section>
    }
}

/// The timeline alone, for the bar of an embed.
pub fn scrubber() -> Html {
    html! { <Timeline detail={Detail::Slim} /> }
}

#[derive(Properties, PartialEq)]
struct StepProps {
    label: AttrValue,
    icon: &'static str,
    command: Command,
}

/// A jump in time.
#[function_component]
fn Step(props: &StepProps) -> Html {
    let (handle, clock) = (use_handle(), use_clock());
    let command = props.command.clone();
    let disabled = command == Command::Newest && clock.live;
    html! {
        <button type="button" class="kv-ib" aria-label={&props.label} title={&props.label} {disabled}
            onclick={move |_| handle.run(command.clone())}>{ icon(props.icon) }</button>
    }
}

/// Play and pause.
#[function_component]
fn Play() -> Html {
    let (handle, clock) = (use_handle(), use_clock());
    let words = &handle.words;
    let (label, name) = if clock.playing {
        (t!(words, "time.pause"), "pausebars")
    } else {
        (t!(words, "time.play"), "play")
    };
    let toggle = if clock.playing {
        Command::Pause
    } else {
        Command::Play
    };
    html! {
        <button type="button" class="kv-play" aria-label={label.clone()} title={label}
            onclick={move |_| handle.run(toggle.clone())}>{ icon(name) }</button>
    }
}

/// The digits of the clock.
#[function_component]
fn Digits() -> Html {
    let output = use_node_ref();
    {
        let output = output.clone();
        use_frame(move |frame: &Frame| {
            if let Some(element) = output.cast::<HtmlElement>() {
                let text = seconds(Time(frame.now.max(0.0) as u64));
                if element.text_content().as_deref() != Some(&text) {
                    element.set_text_content(Some(&text));
                }
            }
        });
    }
    html! { <output ref={output} aria-live="off"></output> }
}

/// "50 ms", or what the machine really does.
fn ratio(clock: &Clock) -> String {
    clock.actual.unwrap_or(clock.speed).label()
}

#[function_component]
fn SpeedSlider() -> Html {
    let (handle, clock) = (use_handle(), use_clock());
    let words = &handle.words.clone();
    let input = use_node_ref();
    let last = Speed::STEPS.len() - 1;
    let at = clock.speed.step();
    {
        let input = input.clone();
        use_effect_with(at, move |at| {
            if let Some(element) = input.cast::<HtmlInputElement>() {
                let share = *at as f64 / last as f64;
                element
                    .style()
                    .set_property("--v", &format!("{share:.3}"))
                    .ok();
            }
        });
    }
    let oninput = move |event: InputEvent| {
        let chosen = event
            .target_unchecked_into::<HtmlInputElement>()
            .value_as_number();
        if let Some(speed) = Speed::STEPS.get(chosen as usize) {
            handle.run(Command::Speed(*speed));
        }
    };
    let slow = clock.actual.is_some();
    let title = slow.then(|| t!(words, "time.as-fast-as", speed = clock.speed.label()));
    html! {
        <label class="kv-speed" {title}>
            <span>{ "1 s = " }<b>{ ratio(&clock) }</b>if slow { { h!(words, "time.at-most") } }</span>
            <input type="range" class="kv-slider" ref={input} min="0" max={last.to_string()} step="1"
                value={at.to_string()} aria-label={t!(words, "time.speed")} {oninput}
                aria-valuetext={t!(words, "time.one-second-shows", speed = clock.speed.label())} />
        </label>
    }
}

/// The speed where there is no room for a slider: a press is one step faster, around the usual
/// ones.
#[function_component]
fn SpeedButton() -> Html {
    let (handle, clock) = (use_handle(), use_clock());
    let words = &handle.words;
    let next = match clock.speed.faster() {
        faster if faster > Speed(500_000) => Speed(10_000),
        faster => faster,
    };
    html! {
        <button type="button" class="kv-btn quiet spd" title={t!(words, "time.change-the-speed")}
            aria-label={t!(words, "time.speed-is", speed = ratio(&clock))}
            onclick={move |_| handle.run(Command::Speed(next))}>{ format!("1 s = {}", ratio(&clock)) }</button>
    }
}

/// Which run this is: its branch, and the seed that replays it.
#[function_component]
fn Run() -> Html {
    let (handle, story, view) = (use_handle(), use_story(), use_view());
    let words = &handle.words;
    let onchange = {
        let handle = handle.clone();
        move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            if let Ok(id) = chosen.parse() {
                handle.run(Command::Switch(id));
            }
        }
    };
    let one = story.branches.len() <= 1;
    let name = story.branches.first().map_or("main", |b| b.name.as_str());
    html! {
        <div class="kv-branch">
            if one {
                <span class="name">{ icon("fork") }{ h!(words, "time.branch-name", name) }</span>
            } else {
                <label class="name">
                    { icon("fork") }<span class="kv-sr">{ h!(words, "time.branch") }</span>
                    <select {onchange}>
                        { for story.branches.iter().map(|b| html! {
                            <option key={b.id} value={b.id.to_string()} selected={b.id == story.branch}>{ &b.name }</option>
                        }) }
                    </select>
                </label>
            }
            if story.branches_gone > 0 {
                <span class="sub" title={t!(words, "time.the-oldest-branches-make")}>
                    { h!(words, "time.older-gone", n = story.branches_gone) }
                </span>
            }
            <Seed handle={handle} seed={view.seed.clone()} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SeedProps {
    handle: Handle,
    seed: String,
}

/// The seed; a press copies the link that replays the run from it.
#[function_component]
fn Seed(props: &SeedProps) -> Html {
    let words = &use_words();
    let story = use_story();
    let copy = super::copy::link(&props.handle, &story, &props.seed);
    html! {
        <button type="button" class="sub" title={t!(words, "time.copy-a-link-to")} onclick={copy}>
            { seed(words, &props.seed) }{ icon("copy") }
        </button>
    }
}
