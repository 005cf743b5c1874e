//! The tools of the stage, and the banner of the past.

use crate::base::Time;
use crate::sim::Action;
use crate::web::components::words::seconds;
use crate::web::hooks::use_frame;
use crate::web::icons::icon;
use crate::web::store::*;
use yew::prelude::*;

/// The tools, and the banner.
#[function_component]
pub fn Tools() -> Html {
    let (ui, handle) = (use_ui(), use_handle());
    let tool = |tool: Tool, name: &'static str, label: &'static str| {
        let handle = handle.clone();
        html! {
            <button class="kv-ib" aria-pressed={(ui.tool == tool).to_string()} aria-label={label} title={label}
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
            <div class="kv-tools" role="toolbar" aria-label="Stage tools">
                { tool(Tool::Select, "cursor", "Select (V)") }
                { tool(Tool::Cut, "cut", "Cut links (C)") }
                { tool(Tool::Wall, "wall", "Draw a wall (W)") }
                <hr />
                <button class="kv-ib" aria-label="Send a request (R)" title="Send a request (R)" onclick={ask}>{ icon("send") }</button>
                <button class="kv-ib" aria-label="Add a server (A)" title="Add a server, which learns the log first (A)" onclick={add}>{ icon("plus") }</button>
            </div>
            if let Some(hint) = hint(&ui) { <div class="kv-toolhint" role="status">{ hint }</div> }
            <PastBanner />
        </>
    }
}

/// How to use the tool that is taken.
fn hint(ui: &UiState) -> Option<AttrValue> {
    match ui.tool {
        Tool::Select => None,
        Tool::Cut => Some("Draw across links to cut them. Alt: one way. Esc: done.".into()),
        Tool::Wall if ui.side.is_empty() => {
            Some("Draw a line from edge to edge, or a loop. Or type the servers of one side, then Enter.".into())
        }
        Tool::Wall => {
            let side: Vec<String> = ui.side.iter().map(ToString::to_string).collect();
            Some(format!("{} on one side. Enter: cut.", side.join(", ")).into())
        }
    }
}

/// "0.802 s in the past. Acting here starts a branch."
#[function_component]
fn PastBanner() -> Html {
    let (clock, handle) = (use_clock(), use_handle());
    let behind = use_node_ref();
    {
        let behind = behind.clone();
        use_frame(move |frame| {
            if let Some(node) = behind.get() {
                let ago = Time((frame.end.0 as f64 - frame.now).max(0.0) as u64);
                node.set_text_content(Some(&(seconds(ago) + " s in the past.")));
            }
        });
    }
    if clock.live {
        return html! {};
    }
    html! {
        <div class="kv-past">
            { icon("clock") }
            <span><b ref={behind} />{ " Acting here starts a branch." }</span>
            <button class="kv-btn" onclick={move |_| handle.run(Command::Newest)}>{ "Back to now" }<kbd>{ "End" }</kbd></button>
        </div>
    }
}
