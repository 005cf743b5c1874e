//! A page for components: a desk with the fixture, and a notebook for what they ask for.

use super::fixture;
use kvorum::run::Playhead;
use kvorum::run::Recording;
use kvorum::view::ClusterView;
use kvorum::web::figure::app::Contexts;
use kvorum::web::figure::look::Look;
use kvorum::web::figure::root::Root;
use kvorum::web::hooks::{Frame, Frames};
use kvorum::web::language::Words;
use kvorum::web::page::Page as Around;
use kvorum::web::store::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventInit, HtmlElement, HtmlInputElement, KeyboardEventInit};
use yew::platform::time::sleep;
use yew::prelude::*;

/// What is on the desk.
#[derive(Clone, Properties)]
pub struct Setting {
    pub view: Rc<ClusterView>,
    pub story: Rc<Story>,
    pub clock: Clock,
    pub ui: UiState,
    pub run: Option<Rc<Playhead>>,
    pub words: Words,
    pub children: Children,
}

impl PartialEq for Setting {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

thread_local! {
    static COMMANDS: RefCell<Vec<Command>> = const { RefCell::new(Vec::new()) };
    static ACTIONS: RefCell<Vec<UiAction>> = const { RefCell::new(Vec::new()) };
}

#[component]
fn Bench(setting: &Setting) -> Html {
    let ui = use_reducer({
        let ui = setting.ui.clone();
        move || ui
    });
    let frames = use_memo((), |()| Frames::default());
    let root = use_memo((), |()| {
        let document = web_sys::window().unwrap().document().unwrap();
        Root::new(Around::new(), document.body().unwrap().into(), 0)
    });
    let commands = Callback::from(|c| COMMANDS.with_borrow_mut(|all| all.push(c)));
    let actions = {
        let dispatcher = ui.dispatcher();
        Callback::from(move |action: UiAction| {
            ACTIONS.with_borrow_mut(|all| all.push(action.clone()));
            dispatcher.dispatch(action);
        })
    };
    {
        let (frames, view) = (frames.clone(), setting.view.clone());
        use_effect_with((), move |()| {
            let (now, end) = (view.now.0 as f64, view.now);
            frames.show(Frame {
                now,
                end,
                wall: 0.0,
                view,
            });
        });
    }
    let handle = Handle::from(Reach {
        words: setting.words.clone(),
        commands,
        actions,
        frames,
        record: {
            let run = setting.run.clone();
            Callback::from(move |()| {
                let run = run.as_deref().expect("there is no run to record");
                Recording::of(run, Some("lab"))
            })
        },
        look: {
            let run = setting.run.clone();
            Look::new(move |question| run.as_deref().into_iter().for_each(question))
        },
        root: (*root).clone(),
    });
    html! {
        <Contexts {handle} view={Same(setting.view.clone())} story={Same(setting.story.clone())}
            clock={setting.clock.clone()} ui={Same(Rc::new((*ui).clone()))}>
            { for setting.children.iter() }
        </Contexts>
    }
}

/// A mounted component; taken away with this value, and with it what it listens to.
pub struct Page(pub Element, Option<yew::AppHandle<Bench>>);

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(app) = self.1.take() {
            app.destroy();
        }
        self.0.remove();
    }
}

/// The fixture as it is, around these children.
pub fn setting(children: Html) -> Setting {
    Setting {
        view: Rc::new(fixture::cluster()),
        story: Rc::new(fixture::story()),
        clock: Clock {
            live: true,
            ..Clock::default()
        },
        ui: UiState::default(),
        run: None,
        words: Words::default(),
        children: Children::new(vec![children]),
    }
}

/// Mounts the children of a setting into an element of its own.
pub async fn mount(setting: Setting) -> Page {
    COMMANDS.take();
    ACTIONS.take();
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("div").unwrap();
    root.set_class_name("kv");
    document.body().unwrap().append_child(&root).unwrap();
    let app = yew::Renderer::<Bench>::with_root_and_props(root.clone(), setting).render();
    settle().await;
    Page(root, Some(app))
}

/// Mounts one component with the fixture.
pub async fn show(children: Html) -> Page {
    mount(setting(children)).await
}

/// Lets the page draw what it has to draw.
pub async fn settle() {
    turns(10).await;
}

/// Lets the browser go round its loop so many times, and 4 ms each. On a busy machine one long
/// sleep would be over before the effects that were put off meanwhile.
pub async fn turns(n: u32) {
    for _ in 0..n {
        sleep(Duration::from_millis(4)).await;
    }
}

/// What was asked of the run since the component was mounted.
pub fn commands() -> Vec<Command> {
    COMMANDS.with_borrow(Clone::clone)
}

/// What was asked of the interface.
pub fn actions() -> Vec<UiAction> {
    ACTIONS.with_borrow(Clone::clone)
}

impl Page {
    /// All elements that match.
    pub fn all(&self, css: &str) -> Vec<Element> {
        let found = self.0.query_selector_all(css).unwrap();
        (0..found.length())
            .map(|i| found.item(i).unwrap().unchecked_into())
            .collect()
    }

    /// The first element that matches.
    pub fn one(&self, css: &str) -> Element {
        let found = self.0.query_selector(css).unwrap();
        found.unwrap_or_else(|| panic!("no {css} in {}", self.0.inner_html()))
    }

    /// The text of the first element that matches.
    pub fn text(&self, css: &str) -> String {
        self.one(css).text_content().unwrap()
    }

    /// The button, or other control, that says this.
    pub fn saying(&self, css: &str, text: &str) -> HtmlElement {
        let all = self.all(css);
        let found = all
            .into_iter()
            .find(|e| e.text_content().unwrap().contains(text));
        found
            .unwrap_or_else(|| panic!("no {css} says {text:?}"))
            .unchecked_into()
    }

    /// Clicks.
    pub async fn click(&self, css: &str) {
        self.one(css).unchecked_into::<HtmlElement>().click();
        settle().await;
    }

    /// Types into a field.
    pub async fn fill(&self, css: &str, text: &str) {
        let field: HtmlInputElement = self.one(css).unchecked_into();
        field.set_value(text);
        self.send(css, "input").await;
    }

    /// Sends an event.
    pub async fn send(&self, css: &str, event: &str) {
        let how = EventInit::new();
        how.set_bubbles(true);
        how.set_cancelable(true);
        let event = web_sys::Event::new_with_event_init_dict(event, &how).unwrap();
        self.one(css).dispatch_event(&event).unwrap();
        settle().await;
    }

    /// Presses a key on the focused element.
    pub async fn press(&self, css: &str, key: &str) {
        let how = KeyboardEventInit::new();
        how.set_bubbles(true);
        how.set_cancelable(true);
        how.set_key(key);
        let event =
            web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &how).unwrap();
        self.one(css).dispatch_event(&event).unwrap();
        settle().await;
    }
}
