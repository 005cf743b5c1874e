//! The first screen: the cluster, one sentence, one thing to do.

use super::words::seed;
use super::{Bar, Stage};
use crate::web::icons::icon;
use crate::web::store::*;
use yew::prelude::*;

/// The first screen.
#[function_component]
pub fn FirstRun() -> Html {
    let (view, handle) = (use_view(), use_handle());
    let n = [
        "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine",
    ]
    .get(view.nodes.len())
    .map_or_else(|| view.nodes.len().to_string(), ToString::to_string);
    let headline = match view.leader {
        None => format!("{n} servers. No leader yet."),
        Some(leader) => format!("{n} servers. {leader} leads."),
    };
    let start = {
        let handle = handle.clone();
        move |_: MouseEvent| {
            handle.ui(UiAction::Started);
            handle.run(Command::Play);
        }
    };
    let open = |action: UiAction| {
        let handle = handle.clone();
        move |_: MouseEvent| handle.ui(action.clone())
    };
    html! {
        <div class="kv-lab first">
            <a class="kv-skip" href={handle.root.link("stage")}>{ "To the stage" }</a>
            <Bar />
            <Stage>
                <div class="kv-center">
                    <h1>{ headline }</h1>
                    <button class="kv-btn pri big" onclick={start}>{ icon("play") }{ "Start the clock" }<kbd>{ "Space" }</kbd></button>
                    <p class="kv-center-note">{ "Each ring is an election timer: whoever runs out first, asks first." }</p>
                </div>
            </Stage>
            <footer class="kv-firstbar">
                { seed(&view.seed) }
                <span>{ "Already know Raft?" }</span>
                <button class="kv-btn quiet" onclick={open(UiAction::Level(Level::Panels))}>{ "Open every panel" }<kbd>{ "E" }</kbd></button>
                <button class="kv-btn quiet" onclick={open(UiAction::Overlay(Some(Overlay::Scenarios)))}>{ "Choose a scenario" }<kbd>{ "G" }</kbd></button>
            </footer>
        </div>
    }
}
