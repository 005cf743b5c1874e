//! Sharing a run: a link that holds all of it, and the markup that puts it into a post.

use super::copy::copy;
use super::words::{count_of, seconds};
use crate::run::Recording;
use crate::web::icons::icon;
use crate::web::page::links;
use crate::web::store::*;
use yew::platform::spawn_local;
use yew::prelude::*;

/// How a figure in a post is made.
#[derive(Clone, Copy, PartialEq)]
struct Figure {
    size: (u32, u32),
    theme: &'static str,
}

/// The dialog.
#[function_component]
pub fn Share() -> Html {
    let (handle, story) = (use_handle(), use_story());
    let recording = use_state(|| handle.record.emit(()));
    let link = use_state(|| None::<Result<String, String>>);
    let figure = use_state(|| Figure {
        size: (720, 480),
        theme: "auto",
    });
    {
        let (link, recording) = (link.clone(), (*recording).clone());
        use_effect_with((), move |()| {
            spawn_local(async move { link.set(Some(links::fragment(&recording).await)) });
        });
    }
    let address = links::page();
    let url = match &*link {
        Some(Ok(fragment)) => format!("{address}#{fragment}"),
        _ => String::new(),
    };
    let markup = markup(&address, &url, *figure, &story.title);
    let copying = |what: &'static str, text: &str| {
        let (handle, text) = (handle.clone(), text.to_owned());
        move |_: MouseEvent| copy(&handle, what, text.clone())
    };
    let size = |label: &'static str, size: (u32, u32)| {
        choice(
            label,
            figure.size == size,
            &figure,
            Figure { size, ..*figure },
        )
    };
    let theme = |theme: &'static str| {
        choice(
            theme,
            figure.theme == theme,
            &figure,
            Figure { theme, ..*figure },
        )
    };
    html! {
        <div class="kv-share">
            <p>{ holds(&recording) }</p>
            if let Some(Err(why)) = &*link { <p class="err" role="alert">{ why }</p> }
            <div class="row">
                <input class="kv-link-field" readonly=true aria-label="Link" value={url.clone()} placeholder="…" data-focus="first" />
                <button type="button" class="kv-btn pri" disabled={url.is_empty()} onclick={copying("Link", &url)}>{ icon("copy") }{ "Copy link" }</button>
            </div>
            <p class="sub">{ format!("{}. Everything stands behind the #, which no server gets to see.", count_of(url.len() as u64, "character", "characters")) }</p>
            <h3 class="kv-sech">{ "In a post" }</h3>
            <div class="row">
                <div class="kv-seg" role="group" aria-label="Size">{ size("720 × 480", (720, 480)) }{ size("480 × 360", (480, 360)) }</div>
                <div class="kv-seg" role="group" aria-label="Theme">{ theme("auto") }{ theme("light") }{ theme("dark") }</div>
            </div>
            <pre class="kv-code" tabindex="0" aria-label="Markup">{ &markup }</pre>
            <button type="button" class="kv-btn" disabled={url.is_empty()} onclick={copying("Markup", &markup)}>{ icon("copy") }{ "Copy markup" }</button>
        </div>
    }
}

fn choice(
    label: &'static str,
    pressed: bool,
    state: &UseStateHandle<Figure>,
    next: Figure,
) -> Html {
    let state = state.clone();
    html! { <button aria-pressed={pressed.to_string()} onclick={move |_| state.set(next)}>{ label }</button> }
}

/// What the link holds, in a sentence.
fn holds(recording: &Recording) -> String {
    let actions = count_of(recording.journal.len() as u64, "action", "actions");
    let off = recording.settings.rules.off().count();
    let rules = match off {
        0 => String::new(),
        n => format!(" ({} off)", count_of(n as u64, "rule", "rules")),
    };
    format!(
        "The link replays everything: seed {}, the settings{rules}, {actions} and the moment {} s.",
        recording.seed,
        seconds(recording.playhead)
    )
}

/// The markup of a figure. Of what a link holds, nothing can end an attribute; of a title, much.
fn markup(address: &str, url: &str, figure: Figure, title: &str) -> String {
    let fragment = url.strip_prefix(address).unwrap_or(url);
    let theme = match figure.theme {
        "auto" => String::new(),
        theme => format!("&amp;theme={theme}"),
    };
    let title: String = title
        .chars()
        .filter(|c| !matches!(c, '"' | '<' | '>' | '&'))
        .collect();
    let (width, height) = figure.size;
    format!(
        "<iframe src=\"{address}?embed{theme}{fragment}\"\n        width=\"{width}\" height=\"{height}\" loading=\"lazy\"\n        title=\"Kvorum: {title}\"></iframe>"
    )
}
