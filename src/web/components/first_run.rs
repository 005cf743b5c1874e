//! The first screen: the cluster, one sentence, one thing to do.

use super::words::seed;
use super::{Bar, Stage};
use crate::view::numeral;
use crate::web::icons::icon;
use crate::web::language::{h, t};
use crate::web::store::*;
use yew::prelude::*;

/// The first screen.
#[function_component]
pub fn FirstRun() -> Html {
    let (view, handle) = (use_view(), use_handle());
    let words = &handle.words;
    let n = || numeral(view.nodes.len(), true);
    let headline = match view.leader {
        None => t!(words, "first.no-leader", n = n()),
        Some(leader) => t!(words, "first.leads", n = n(), leader),
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
            <a class="kv-skip" href={handle.root.link("stage")}>{ h!(words, "first.to-the-stage") }</a>
            <Bar />
            <Stage>
                <div class="kv-center">
                    <h1>{ headline }</h1>
                    <button class="kv-btn pri big" onclick={start}>{ icon("play") }{ h!(words, "first.start-the-clock") }<kbd>{ h!(words, "first.space") }</kbd></button>
                    <p class="kv-center-note">{ h!(words, "first.each-ring-is-an") }</p>
                </div>
            </Stage>
            <footer class="kv-firstbar">
                { seed(words, &view.seed) }
                <span>{ h!(words, "first.already-know-raft") }</span>
                <button class="kv-btn quiet" onclick={open(UiAction::Level(Level::Panels))}>{ h!(words, "first.open-every-panel") }<kbd>{ "E" }</kbd></button>
                <button class="kv-btn quiet" onclick={open(UiAction::Overlay(Some(Overlay::Scenarios)))}>{ h!(words, "first.choose-a-scenario") }<kbd>{ "G" }</kbd></button>
            </footer>
        </div>
    }
}
