//! The page: who stands where, by the width of the window.

use super::driver::{Driver, Published, fresh_seed};
use super::hooks::{Shape, use_shape};
use super::keys::use_keys;
use super::language::{Language, Words, h};
use super::look::Look;
use super::root::Root;
use super::store::*;
use crate::lesson::Scenario;
use crate::run::Recording;
use crate::view::ClusterView;
use crate::web::components::*;
use crate::web::icons::place_sprite;
use crate::web::page::on_demand::{OnDemand, Panel};
use crate::web::page::options::Options;
use crate::web::page::{links, memory};
use std::cell::RefCell;
use std::rc::Rc;
use yew::platform::spawn_local;
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

/// What a figure starts with.
#[derive(Clone, PartialEq, Properties)]
pub struct AppProps {
    /// Where it stands.
    pub root: Same<Root>,
    /// What is asked for, in the page's address or by whoever put the figure there.
    pub options: Options,
    /// The scenario.
    pub scenario: Rc<Scenario>,
    /// The words of the language that it starts with.
    pub words: Words,
    /// The run that it is to open: once.
    pub run: Same<RefCell<Option<Box<Recording>>>>,
}

/// The driver of the figure's run, and what it published last. It opens the run that it is to open.
#[hook]
fn use_driver(
    props: &AppProps,
    ui: UseReducerDispatcher<Held>,
) -> (Rc<Driver>, UseStateHandle<Published>) {
    let AppProps {
        root,
        options,
        scenario,
        run,
        ..
    } = props;
    let driver = {
        let root = root.0.clone();
        let reopens = run.borrow().is_some();
        use_memo((), move |()| {
            place_sprite(&root.element);
            let seed = options.seed.unwrap_or_else(fresh_seed);
            let notify = Callback::from(move |action| ui.dispatch(action));
            let rules = options
                .rules
                .as_deref()
                .map(|text| scenario.settings.rules.but(text));
            let rules = rules
                .and_then(Result::ok)
                .unwrap_or(scenario.settings.rules);
            Driver::new(root, scenario.clone(), rules, seed, reopens, notify)
        })
    };
    let published = use_state_eq(|| driver.published());
    {
        let (driver, published, run) = (driver.clone(), published.setter(), run.clone());
        use_effect_with((), move |()| {
            driver.on_publish(Callback::from(move |p| published.set(p)));
            if let Some(run) = run.take() {
                driver.command(Command::Open(run));
            }
        });
    }
    ((*driver).clone(), published)
}

/// What the reader chose shows on the figure's element and is remembered; another language is fetched;
/// lessons are read from the second level on.
#[hook]
fn use_choices(root: &Same<Root>, ui: &UseReducerHandle<Held>, driver: &Rc<Driver>) {
    {
        let root = root.clone();
        use_effect_with(
            (ui.0.theme, ui.0.level, ui.0.words.language(), ui.0.embed),
            move |(theme, level, language, embed)| {
                root.show(*theme, *language);
                if root.is_lab() {
                    memory::keep(*theme, *level, *language, *embed);
                }
            },
        );
    }
    {
        let (root, ui) = (root.clone(), ui.clone());
        use_effect_with(ui.0.language, move |language| {
            speak(&root.0, *language, ui);
        });
    }
    {
        let (dispatch, root) = (ui.dispatcher(), root.clone());
        use_effect_with((), move |()| open_addresses(&root.0, dispatch));
    }
    let (driver, learns) = (driver.clone(), ui.0.level > Level::Calm && !ui.0.embed);
    use_effect_with(learns, move |learns| {
        if *learns {
            driver.command(Command::Teach);
        }
    });
}

/// The app: the driver and the state of the interface, handed to everybody below.
#[function_component]
pub fn App(props: &AppProps) -> Html {
    let AppProps {
        root,
        options,
        words,
        ..
    } = props;
    let lab = root.is_lab();
    let ui = use_reducer_eq(|| {
        let words = words.clone();
        Held(Same::from(UiState {
            words,
            ..memory::recall(options, lab)
        }))
    });
    let (driver, published) = use_driver(props, ui.dispatcher());
    use_choices(root, &ui, &driver);
    let handle = reach(root, &driver, &ui);
    html! {
        <Contexts {handle} view={published.view.clone()} story={published.story.clone()} clock={published.clock.clone()} ui={ui.0.clone()}>
            <Shell autoplay={options.autoplay} />
        </Contexts>
    }
}

/// What components reach the figure through.
fn reach(root: &Same<Root>, driver: &Rc<Driver>, ui: &UseReducerHandle<Held>) -> Handle {
    let (commanded, recorded, looked_at) = (driver.clone(), driver.clone(), driver.clone());
    let (at, dispatch) = (root.0.clone(), ui.dispatcher());
    Handle::from(Reach {
        commands: Callback::from(move |command| commanded.command(command)),
        actions: Callback::from(move |action| {
            at.works();
            dispatch.dispatch(action);
        }),
        frames: driver.frames(),
        record: Callback::from(move |()| recorded.record()),
        look: Look::new(move |question| looked_at.lend(question)),
        root: root.0.clone(),
        words: ui.0.words.clone(),
    })
}

/// Gets the words of another language; without them the figure goes on in the one that it has.
fn speak(root: &Rc<Root>, language: Language, ui: UseReducerHandle<Held>) {
    let spoken = ui.0.words.language();
    if spoken == language {
        return;
    }
    let page = root.page.clone();
    spawn_local(async move {
        match page.languages.load(language).await {
            Ok(words) => ui.dispatch(UiAction::Words(words)),
            Err(problem) => {
                ui.dispatch(UiAction::Language(spoken));
                ui.dispatch(UiAction::Notice(Notice::bad(problem)));
            }
        }
    });
}

/// Opens a run that is pasted into the address while the page is there, if this is the laboratory;
/// until the result is called.
fn open_addresses(root: &Rc<Root>, ui: UseReducerDispatcher<Held>) -> impl FnOnce() + use<> {
    let opens = root.is_lab().then(|| {
        Callback::from(move |()| {
            if let Some(run) = links::in_address() {
                ui.dispatch(UiAction::Overlay(Some(Overlay::Open(run.into()))));
            }
        })
    });
    let page = opens.map(|opens| {
        root.page.on_address(opens);
        root.page.clone()
    });
    move || {
        if let Some(page) = page {
            page.on_address(Callback::noop());
        }
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
    let words = &use_words();
    use_keys();
    let ui = use_ui();
    let skip = use_root().link("stage");
    let shape = use_shape();
    let body = if ui.embed {
        html! { <OnDemand panel={Panel::Embed { autoplay: props.autoplay }} /> }
    } else if ui.level == Level::Calm {
        html! { <FirstRun /> }
    } else if shape == Shape::Phone {
        phone(words, ui.view, skip)
    } else {
        desktop(words, &ui, shape, skip)
    };
    html! {
        <>
            { body }
            <Overlays />
            <Toast />
            <LiveRegion />
        </>
    }
}

fn desktop(words: &Words, ui: &UiState, shape: Shape, skip: String) -> Html {
    let bench = ui.level >= Level::Panels && ui.view == View::Cluster;
    html! {
        <div class={classes!("kv-lab", (!bench).then_some("no-bench"))}>
            <a class="kv-skip" href={skip}>{ h!(words, "first.to-the-stage") }</a>
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

fn phone(words: &Words, view: View, skip: String) -> Html {
    html! {
        <div class="kv-phone">
            <a class="kv-skip" href={skip}>{ h!(words, "first.to-the-stage") }</a>
            <Bar />
            { shown(view) }
            <OnDemand panel={Panel::Sheet} />
            <OnDemand panel={Panel::Transport} />
        </div>
    }
}
