//! The page: who stands where, by the width of the window.

use super::driver::{Driver, fresh_seed};
use super::hooks::{Shape, use_shape};
use super::keys::use_keys;
use super::store::*;
use crate::lesson::Scenario;
use crate::run::timeline::Timeline;
use crate::view::ClusterView;
use crate::web::components::*;
use crate::web::icons::sprite;
use crate::web::page::on_demand::{OnDemand, Panel};
use crate::web::page::options::Options;
use crate::web::page::{links, memory};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::prelude::*;

/// Everything that components read, laid out around them. The app keeps it fresh; a test gives
/// each part by hand.
#[derive(Properties, PartialEq)]
pub struct DeskProps {
    /// The handle.
    pub handle: Handle,
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
pub fn Contexts(props: &DeskProps) -> Html {
    html! {
        <ContextProvider<Handle> context={props.handle.clone()}>
        <ContextProvider<Same<ClusterView>> context={props.view.clone()}>
        <ContextProvider<Same<Story>> context={props.story.clone()}>
        <ContextProvider<Clock> context={props.clock.clone()}>
        <ContextProvider<Same<UiState>> context={props.ui.clone()}>
            { for props.children.iter() }
        </ContextProvider<Same<UiState>>>
        </ContextProvider<Clock>>
        </ContextProvider<Same<Story>>>
        </ContextProvider<Same<ClusterView>>>
        </ContextProvider<Handle>>
    }
}

/// The state of the interface behind a pointer of its own, so that contexts compare pointers.
#[derive(PartialEq)]
struct Held(Same<UiState>);

impl Reducible for Held {
    type Action = UiAction;

    fn reduce(self: Rc<Self>, action: UiAction) -> Rc<Self> {
        let next = Same(self.0.0.clone().reduce(action));
        if next == self.0 {
            self
        } else {
            Rc::new(Held(next))
        }
    }
}

/// What the page starts with.
#[derive(Clone, PartialEq, Properties)]
pub struct AppProps {
    /// What its address asks for.
    pub options: Options,
    /// The scenario.
    pub scenario: Rc<Scenario>,
}

/// The app: the driver and the state of the interface, handed to everybody below.
#[function_component]
pub fn App(props: &AppProps) -> Html {
    let AppProps { options, scenario } = props;
    let ui = use_reducer_eq(|| Held(Same::from(memory::recall(options))));
    let driver = {
        let dispatch = ui.dispatcher();
        use_memo((), move |()| {
            let seed = options.seed.unwrap_or_else(fresh_seed);
            let notify = Callback::from(move |action| dispatch.dispatch(action));
            let rules = options
                .rules
                .as_deref()
                .map(|text| scenario.settings.rules.but(text));
            let rules = rules
                .and_then(Result::ok)
                .unwrap_or(scenario.settings.rules);
            Driver::new(scenario.clone(), rules, seed, Rc::default(), notify)
        })
    };
    let published = use_state_eq(|| driver.published());
    {
        let (driver, published) = (driver.clone(), published.setter());
        use_effect_with((), move |()| {
            driver.on_publish(Callback::from(move |p| published.set(p)))
        });
    }
    use_effect_with(
        (ui.0.theme, ui.0.level, ui.0.embed),
        |(theme, level, embed)| {
            memory::keep(*theme, *level, *embed);
        },
    );
    {
        let dispatch = ui.dispatcher();
        use_effect_with((), move |()| {
            on_new_address(move |action| dispatch.dispatch(action))
        });
    }
    {
        let (driver, learns) = (driver.clone(), ui.0.level > Level::Calm && !ui.0.embed);
        use_effect_with(learns, move |learns| {
            if *learns {
                driver.command(Command::Teach);
            }
        });
    }
    let handle = {
        let (driver, dispatch) = ((*driver).clone(), ui.dispatcher());
        let (frames, recorded) = (driver.frames(), driver.clone());
        let run = {
            let driver = driver.clone();
            Rc::new(move |read: &mut dyn FnMut(&Timeline)| driver.show_run(read))
        };
        Handle {
            commands: Callback::from(move |command| driver.command(command)),
            actions: Callback::from(move |action| dispatch.dispatch(action)),
            frames,
            record: Callback::from(move |()| recorded.record()),
            run,
        }
    };
    html! {
        <Contexts {handle} view={published.view.clone()} story={published.story.clone()} clock={published.clock.clone()} ui={ui.0.clone()}>
            <Shell autoplay={options.autoplay} />
        </Contexts>
    }
}

/// Opens a run that is pasted into the address while the page is there; call the result to end that.
fn on_new_address(dispatch: impl Fn(UiAction) + 'static) -> impl FnOnce() {
    let changed = Closure::<dyn Fn()>::new(move || {
        if let Some(run) = links::in_address() {
            dispatch(UiAction::Overlay(Some(Overlay::Open(run.into()))));
        }
    });
    let window = web_sys::window();
    if let Some(window) = &window {
        window.set_onhashchange(Some(changed.as_ref().unchecked_ref()));
    }
    move || {
        if let Some(window) = window {
            window.set_onhashchange(None);
        }
        drop(changed);
    }
}

/// What the shell needs to know.
#[derive(Properties, PartialEq)]
pub struct ShellProps {
    /// An embed plays as soon as it is in sight.
    #[prop_or_default]
    pub autoplay: bool,
}

/// The page.
#[function_component]
pub fn Shell(props: &ShellProps) -> Html {
    use_keys();
    let ui = use_ui();
    let shape = use_shape();
    let body = if ui.embed {
        html! { <OnDemand panel={Panel::Embed { autoplay: props.autoplay }} /> }
    } else if ui.level == Level::Calm {
        html! { <FirstRun /> }
    } else if shape == Shape::Phone {
        phone(ui.view)
    } else {
        desktop(&ui, shape)
    };
    html! {
        <>
            { sprite() }
            { body }
            <Overlays />
            <Toast />
            <LiveRegion />
        </>
    }
}

fn desktop(ui: &UiState, shape: Shape) -> Html {
    let bench = ui.level >= Level::Panels && ui.view == View::Cluster;
    html! {
        <div class={classes!("kv-lab", (!bench).then_some("no-bench"))}>
            <a class="kv-skip" href="#stage">{ "To the stage" }</a>
            <Bar />
            { shown(ui.view) }
            <OnDemand panel={Panel::Dock { tabs: ui.level >= Level::Panels }} />
            if bench { <OnDemand panel={Panel::Bench { both: shape == Shape::Wide }} /> }
            <OnDemand panel={Panel::Transport} />
        </div>
    }
}

fn shown(view: View) -> Html {
    match view {
        View::Cluster => html! { <Stage /> },
        View::Clients => html! { <OnDemand key="clients" panel={Panel::Clients} /> },
    }
}

fn phone(view: View) -> Html {
    html! {
        <div class="kv-phone">
            <a class="kv-skip" href="#stage">{ "To the stage" }</a>
            <Bar />
            { shown(view) }
            <OnDemand panel={Panel::Sheet} />
            <OnDemand panel={Panel::Transport} />
        </div>
    }
}
