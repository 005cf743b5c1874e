//! Sharing a run: a link that holds all of it, and the markup that puts it into a post.

use super::copy::copy;
use super::words::seconds;
use crate::run::Recording;
use crate::view::words::{key, tell};
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
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
    let words = &handle.words;
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
    let markup = markup(&address, &url, *figure, &words.lesson(&story.title));
    let copying = |what: &'static str, text: &str| {
        let (handle, text) = (handle.clone(), text.to_owned());
        move |_: MouseEvent| copy(&handle, what, text.clone())
    };
    let size = |label: &'static str, size: (u32, u32)| {
        choice(
            label.to_owned(),
            figure.size == size,
            &figure,
            Figure { size, ..*figure },
        )
    };
    let theme = |theme: &'static str, name: &'static str| {
        choice(
            words.label(name),
            figure.theme == theme,
            &figure,
            Figure { theme, ..*figure },
        )
    };
    html! {
        <div class="kv-share">
            <p>{ holds(words, &recording) }</p>
            if let Some(Err(why)) = &*link { <p class="err" role="alert">{ words.say_html(why.to_string().into()) }</p> }
            <div class="row">
                <input class="kv-link-field" readonly=true aria-label={t!(words, "share.link")} value={url.clone()} placeholder="…" data-focus="first" />
                <button type="button" class="kv-btn pri" disabled={url.is_empty()} onclick={copying(key!("first.link-copied"), &url)}>{ icon("copy") }{ h!(words, "share.copy-link") }</button>
            </div>
            <p class="sub">{ h!(words, "share.characters", n = url.len()) }</p>
            <h3 class="kv-sech">{ h!(words, "share.in-a-post") }</h3>
            <div class="row">
                <div class="kv-seg" role="group" aria-label={t!(words, "share.size")}>{ size("720 × 480", (720, 480)) }{ size("480 × 360", (480, 360)) }</div>
                <div class="kv-seg" role="group" aria-label={t!(words, "share.theme")}>{ theme("auto", key!("share.auto")) }{ theme("light", key!("share.light")) }{ theme("dark", key!("share.dark")) }</div>
            </div>
            <pre class="kv-code" tabindex="0" aria-label={t!(words, "share.markup")}>{ &markup }</pre>
            <button type="button" class="kv-btn" disabled={url.is_empty()} onclick={copying(key!("share.markup-copied"), &markup)}>{ icon("copy") }{ h!(words, "share.copy-markup") }</button>
        </div>
    }
}

fn choice(label: String, pressed: bool, state: &UseStateHandle<Figure>, next: Figure) -> Html {
    let state = state.clone();
    html! { <button aria-pressed={pressed.to_string()} onclick={move |_| state.set(next)}>{ label }</button> }
}

/// What the link holds, in a sentence.
fn holds(words: &Words, recording: &Recording) -> String {
    let actions = tell!("share.actions", n = recording.journal.len());
    let off = recording.settings.rules.off().count();
    let rules = (off > 0).then(|| tell!("share.rules-off", n = off));
    t!(
        words,
        "share.holds",
        seed = recording.seed.to_string(),
        rules,
        actions,
        at = seconds(recording.playhead)
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
