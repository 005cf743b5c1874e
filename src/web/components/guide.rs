//! The lesson's card.
//!
//! Tasks tick themselves when the engine did the thing. A question has to be answered before the
//! step's button works. Back and Next keep their places in every state.

use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::{
    Command, GuideView, Handle, UiAction, use_clock, use_handle, use_story, use_ui,
};
use yew::prelude::*;

/// The lesson's card.
#[function_component]
pub fn Guide() -> Html {
    let (handle, ui, story, clock) = (use_handle(), use_ui(), use_story(), use_clock());
    let words = &handle.words.clone();
    let Some(guide) = &story.guide else {
        return html! {
            <section class="kv-guide free" aria-label={t!(words, "guide.guide")}>
                <h2>{ words.lesson_html(&story.title) }</h2>
                <p>{ h!(words, "guide.a-free-laboratory-cut") }</p>
            </section>
        };
    };
    if ui.guide_off {
        return html! {
            <section class="kv-guide off" aria-label={t!(words, "guide.guide")}>
                <button type="button" class="kv-btn quiet" onclick={move |_| handle.ui(UiAction::Guide(true))}>
                    { icon("target") }{ h!(words, "guide.back-to-guide", n = guide.step + 1, of = guide.steps) }
                </button>
            </section>
        };
    }
    let last = guide.step + 1 == guide.steps;
    let asked = guide.prediction.is_some() && guide.predicted.is_none() && !guide.done;
    html! {
        <section class="kv-guide" aria-label={t!(words, "guide.guide")}>
            <div class="step">
                <span class="dots" aria-hidden="true">
                    { for (0..guide.steps).map(|i| html! { <i key={i} class={classes!((i <= guide.step).then_some("on"))}></i> }) }
                </span>
                { h!(words, "guide.step", n = guide.step + 1, of = guide.steps) }
            </div>
            <h2>{ words.lesson_html(&guide.title) }</h2>
            <div aria-live="polite">
                <p>{ words.lesson_html(&guide.text) }</p>
            </div>
            if guide.off_track {
                <p class="off">{ h!(words, "guide.you-changed-the-story") }</p>
            }
            { tasks(words, guide) }
            { question(words, guide, &handle) }
            if guide.button.is_none() && !guide.done && !clock.playing && !asked && !guide.off_track {
                <p class="hint">{ h!(words, "guide.press-play-and-watch") }</p>
            }
            <div class="kv-acts">
                <button type="button" class="kv-btn" disabled={guide.step == 0} onclick={step(&handle, guide.step.wrapping_sub(1))}>{ h!(words, "guide.back") }</button>
                { primary(words, guide, &handle, asked, last) }
                if !last {
                    <button type="button" class="kv-btn quiet end" onclick={let handle = handle.clone(); move |_| handle.ui(UiAction::Guide(false))}>{ h!(words, "guide.skip-the-guide") }</button>
                }
            </div>
        </section>
    }
}

fn step(handle: &Handle, to: usize) -> Callback<MouseEvent> {
    let handle = handle.clone();
    Callback::from(move |_| handle.run(Command::Step(to)))
}

fn tasks(words: &Words, guide: &GuideView) -> Html {
    if guide.tasks.is_empty() {
        return html! {};
    }
    let next = guide.tasks.iter().position(|t| !t.done);
    let line = |(i, task): (usize, &crate::web::store::TaskView)| {
        let class = match (task.done, next == Some(i)) {
            (true, _) => "done",
            (false, true) => "todo",
            (false, false) => "",
        };
        html! {
            <li key={i} {class}>
                <span class="box">if task.done { { icon("check") } }</span>
                <span>{ words.lesson_html(&task.text) }<span class="kv-sr">{ if task.done { h!(words, "guide.done") } else { h!(words, "guide.to-do") } }</span></span>
            </li>
        }
    };
    html! { <ul class="kv-tasks" aria-label={t!(words, "guide.what-is-to-happen")}>{ for guide.tasks.iter().enumerate().map(line) }</ul> }
}

/// The question with its choices; once it is answered, the right one and why.
fn question(words: &Words, guide: &GuideView, handle: &Handle) -> Html {
    let Some(prediction) = &guide.prediction else {
        return html! {};
    };
    let chosen = guide.predicted;
    let choices = prediction.choices.iter().enumerate().map(|(i, choice)| {
        let handle = handle.clone();
        let class = match chosen {
            Some(_) if i == prediction.answer => "right",
            Some(c) if c == i => "other",
            _ => "",
        };
        let says = match class {
            "right" => t!(words, "guide.this-happens"),
            "other" => t!(words, "guide.your-choice"),
            _ => String::new(),
        };
        html! {
            <button key={i} type="button" class={classes!("kv-btn", class)} disabled={chosen.is_some() && class.is_empty()}
                aria-pressed={(chosen == Some(i)).to_string()} onclick={move |_| handle.run(Command::Predict(i))}>
                if class == "right" { { icon("check") } }{ words.lesson_html(choice) }<span class="kv-sr">{ says }</span>
            </button>
        }
    });
    let verdict = chosen.map(|c| {
        if c == prediction.answer {
            t!(words, "guide.yes")
        } else {
            t!(words, "guide.look")
        }
    });
    html! {
        <div class="kv-predict" role="group" aria-label={t!(words, "guide.your-prediction")}>
            <p class="q">{ words.lesson_html(&prediction.question) }</p>
            <div class="choices">{ for choices }</div>
            if let Some(verdict) = verdict { <p class="because" role="status"><b>{ verdict }{ " " }</b>{ words.lesson_html(&prediction.because) }</p> }
        </div>
    }
}

/// The one primary button: the step's own while it is to do, Next once it is done.
fn primary(words: &Words, guide: &GuideView, handle: &Handle, asked: bool, last: bool) -> Html {
    if guide.off_track {
        let handle = handle.clone();
        let label = t!(words, "guide.back-to-step", n = guide.step + 1);
        return html! {
            <button type="button" class="kv-btn pri" onclick={move |_| handle.run(Command::StartStepAgain)}>{ label }</button>
        };
    }
    match &guide.button {
        Some(label) if !guide.done => {
            let handle = handle.clone();
            let title = asked.then(|| t!(words, "guide.answer-first"));
            html! {
                <button type="button" class="kv-btn pri" disabled={asked} {title}
                    onclick={move |_| handle.run(Command::PressStep)}>{ words.lesson_html(label) }</button>
            }
        }
        _ if last => html! {
            <button type="button" class="kv-btn pri" disabled={!guide.done}
                onclick={let handle = handle.clone(); move |_| handle.ui(UiAction::Guide(false))}>{ h!(words, "guide.explore-freely") }</button>
        },
        _ => html! {
            <button type="button" class={classes!("kv-btn", guide.done.then_some("pri"))} disabled={!guide.done}
                onclick={step(handle, guide.step + 1)}>{ h!(words, "guide.next") }</button>
        },
    }
}
