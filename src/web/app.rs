//! The page: who stands where, by the width of the window (UI.md sections 5 and 8).

use super::components::*;
use super::hooks::{Shape, use_shape};
use super::icons::Sprite;
use super::store::*;
use crate::view::ClusterView;
use yew::prelude::*;

/// Everything that components read, laid out around them. The app keeps it fresh; a test gives
/// each part by hand.
#[derive(Properties, PartialEq)]
pub struct DeskProps {
    /// The handle.
    pub lab: Lab,
    /// The cluster.
    pub view: Same<ClusterView>,
    /// The story.
    pub story: Same<Story>,
    /// The clock.
    pub clock: Clock,
    /// The interface's state.
    pub ui: Same<UiState>,
    /// The components.
    pub children: Children,
}

/// Puts the contexts around components.
#[function_component]
pub fn Desk(props: &DeskProps) -> Html {
    html! {
        <ContextProvider<Lab> context={props.lab.clone()}>
        <ContextProvider<Same<ClusterView>> context={props.view.clone()}>
        <ContextProvider<Same<Story>> context={props.story.clone()}>
        <ContextProvider<Clock> context={props.clock.clone()}>
        <ContextProvider<Same<UiState>> context={props.ui.clone()}>
            { for props.children.iter() }
        </ContextProvider<Same<UiState>>>
        </ContextProvider<Clock>>
        </ContextProvider<Same<Story>>>
        </ContextProvider<Same<ClusterView>>>
        </ContextProvider<Lab>>
    }
}

/// The page.
#[function_component]
pub fn Shell() -> Html {
    let ui = use_ui();
    let shape = use_shape();
    let body = if ui.embed {
        html! { <Embed /> }
    } else if ui.level == Level::Calm {
        html! { <FirstRun /> }
    } else if shape == Shape::Phone {
        phone()
    } else {
        desktop(&ui, shape)
    };
    html! {
        <>
            <Sprite />
            { body }
            <Overlays />
            <Toast />
            <LiveRegion />
        </>
    }
}

fn desktop(ui: &UiState, shape: Shape) -> Html {
    let bench = ui.level >= Level::Lab;
    html! {
        <div class={classes!("kv-lab", (!bench).then_some("no-bench"))}>
            <a class="kv-skip" href="#stage">{ "To the stage" }</a>
            <Bar />
            <Stage />
            <Dock tabs={ui.level >= Level::Lab} />
            if bench { <Bench both={shape == Shape::Wide} /> }
            <Transport />
        </div>
    }
}

fn phone() -> Html {
    html! {
        <div class="kv-phone">
            <a class="kv-skip" href="#stage">{ "To the stage" }</a>
            <Bar />
            <Stage />
            <Sheet />
            <Transport />
        </div>
    }
}
