//! The tools of the stage, and the banner of the past.

use crate::base::Time;
use crate::sim::Action;
use crate::view::Arg;
use crate::view::words::key;
use crate::web::components::words::seconds;
use crate::web::hooks::use_frame;
use crate::web::icons::icon;
use crate::web::language::{Words, h, t};
use crate::web::store::*;
use yew::prelude::*;

/// The tools, and the banner.
#[function_component]
pub fn Tools() -> Html {
    let (ui, handle) = (use_ui(), use_handle());
    let words = &handle.words;
    let tool = |tool: Tool, name: &'static str, label: &'static str| {
        let label = words.label(label);
        let handle = handle.clone();
        html! {
            <button class="kv-ib" aria-pressed={(ui.tool == tool).to_string()} aria-label={label.clone()} title={label}
                onclick={move |_| handle.ui(UiAction::Tool(tool))}>{ icon(name) }</button>
        }
    };
    let ask = {
        let handle = handle.clone();
        move |_| handle.ui(UiAction::Ask(None))
    };
    let add = {
        let handle = handle.clone();
        move |_| handle.act(Action::AddServer)
    };
    html! {
        <>
            <div class="kv-tools" role="toolbar" aria-label={t!(words, "tools.stage-tools")}>
                { tool(Tool::Select, "cursor", key!("tools.select")) }
                { tool(Tool::Cut, "cut", key!("tools.cut")) }
                { tool(Tool::Wall, "wall", key!("tools.wall")) }
                <hr />
                <button class="kv-ib" aria-label={t!(words, "tools.send-a-request-r")} title={t!(words, "tools.send-a-request-r")} onclick={ask}>{ icon("send") }</button>
                <button class="kv-ib" aria-label={t!(words, "tools.add-a-server-a")} title={t!(words, "tools.add-a-server-which")} onclick={add}>{ icon("plus") }</button>
            </div>
            if let Some(hint) = hint(words, &ui) { <div class="kv-toolhint" role="status">{ hint }</div> }
            <PastBanner />
        </>
    }
}

/// How to use the tool that is taken.
fn hint(words: &Words, ui: &UiState) -> Option<String> {
    match ui.tool {
        Tool::Select => None,
        Tool::Cut => Some(t!(words, "tools.cut-how")),
        Tool::Wall if ui.side.is_empty() => Some(t!(words, "tools.wall-how")),
        Tool::Wall => {
            let side = Arg::Clauses(ui.side.iter().map(|&node| node.into()).collect());
            Some(t!(words, "tools.wall-side", side))
        }
    }
}

/// "0.802 s in the past. Acting here starts a branch."
#[function_component]
fn PastBanner() -> Html {
    let (clock, handle) = (use_clock(), use_handle());
    let words = &handle.words.clone();
    let behind = use_node_ref();
    {
        let (behind, words) = (behind.clone(), words.clone());
        use_frame(move |frame| {
            if let Some(node) = behind.get() {
                let ago = Time((frame.end.0 as f64 - frame.now).max(0.0) as u64);
                node.set_text_content(Some(&t!(words, "tools.past", ago = seconds(ago))));
            }
        });
    }
    if clock.live {
        return html! {};
    }
    html! {
        <div class="kv-past">
            { icon("clock") }
            <span><b ref={behind} />{ " " }{ h!(words, "tools.acting-here-starts-a") }</span>
            <button class="kv-btn" onclick={move |_| handle.run(Command::Newest)}>{ h!(words, "tools.back-to-now") }<kbd>{ h!(words, "tools.end") }</kbd></button>
        </div>
    }
}
