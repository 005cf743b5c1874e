//! What there is one of: the page, with whatever its figures share.
//!
//! [`Page`] tells figures what the browser tells the whole page; [`pacer`] gives them animation frames
//! out of one budget; [`black_box`] keeps their runs outside
//! of the module's memory; [`on_demand`] gets the code that the first screen does without, [`lessons`]
//! the lessons, [`languages`] the words; [`options`] and [`links`] read and write addresses; [`memory`] is what a visit leaves
//! for the next.

pub mod black_box;
pub mod languages;
pub mod lessons;
pub mod links;
pub mod memory;
pub mod on_demand;
pub mod options;
pub mod pacer;

use super::figure::app::{App, AppProps};
use super::figure::root::Root;
use super::store::{Level, Same};
use crate::lesson::Scenario;
use crate::run::Recording;
use crate::web::language::Words;
use gloo_events::{EventListener, EventListenerOptions};
use languages::Languages;
use on_demand::Pieces;
use options::Options;
use pacer::Pacer;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, KeyboardEvent};
use yew::{AppHandle, Callback};

/// The page: who is on it, and what is there for all of them.
#[derive(Default)]
pub struct Page {
    /// The code that has come so far.
    pub pieces: Pieces,
    /// The words that are in use.
    pub languages: Languages,
    /// Who gives them frames.
    pub pacer: Rc<Pacer>,
    keys: RefCell<Vec<(Rc<Root>, Callback<KeyboardEvent>)>>,
    address: RefCell<Callback<()>>,
    /// The figure for which something was done last.
    at_work: Cell<u32>,
    listeners: RefCell<Vec<EventListener>>,
}

impl Page {
    /// A page without a figure.
    pub fn new() -> Rc<Page> {
        let page = Rc::new(Page::default());
        let Some(window) = web_sys::window() else {
            return page;
        };
        let (keys, address) = (Rc::downgrade(&page), Rc::downgrade(&page));
        let options = EventListenerOptions::enable_prevent_default();
        let keys = EventListener::new_with_options(&window, "keydown", options, move |event| {
            if let (Some(page), Some(event)) = (keys.upgrade(), event.dyn_ref()) {
                page.press(event);
            }
        });
        let address = EventListener::new(&window, "hashchange", move |_| {
            if let Some(page) = address.upgrade() {
                let opens = page.address.borrow().clone();
                opens.emit(());
            }
        });
        *page.listeners.borrow_mut() = vec![keys, address];
        page
    }

    /// Shows a figure in an element, with the run that it is to open. Its number is no other's on the
    /// page: 0 for the laboratory.
    pub fn show(
        self: &Rc<Page>,
        element: Element,
        number: u32,
        options: Options,
        scenario: Rc<Scenario>,
        words: Words,
        run: Option<Box<Recording>>,
    ) -> AppHandle<App> {
        let props = AppProps {
            root: Same(Root::new(self.clone(), element.clone(), number)),
            options,
            scenario,
            words,
            run: Same::from(RefCell::new(run)),
        };
        yew::Renderer::<App>::with_root_and_props(element, props).render()
    }

    /// From here on something is done for this figure.
    pub fn works_for(&self, figure: u32) {
        if self.at_work.replace(figure) != figure {
            black_box::at_work(figure);
        }
    }

    /// Gives a key to the figure in which it was pressed; outside of all, to the laboratory.
    fn press(&self, event: &KeyboardEvent) {
        let path = event.composed_path();
        let within = |root: &Root| path.includes(root.element.as_ref(), 0);
        let keys = {
            let figures = self.keys.borrow();
            let found = figures.iter().find(|(root, _)| within(root));
            let lab = || figures.iter().find(|(root, _)| root.is_lab());
            found.or_else(lab).map(|(_, keys)| keys.clone())
        };
        if let Some(keys) = keys {
            keys.emit(event.clone());
        }
    }

    /// Gives the keys of a figure to `keys` from now on, until [`Page::forget_keys`].
    pub fn on_keys(&self, root: Rc<Root>, keys: Callback<KeyboardEvent>) {
        self.keys.borrow_mut().push((root, keys));
    }

    /// The figure takes no keys any more.
    pub fn forget_keys(&self, root: &Rc<Root>) {
        let mut keys = self.keys.borrow_mut();
        keys.retain(|(other, _)| !Rc::ptr_eq(other, root));
    }

    /// Tells `opens` from now on when the fragment of the page's address changes.
    pub fn on_address(&self, opens: Callback<()>) {
        *self.address.borrow_mut() = opens;
    }

    /// The recording that a figure had.
    async fn recorded(&self, words: &Words, text: &str) -> Result<Box<Recording>, String> {
        let reader = self.pieces.reader().await?;
        match (reader.run)(text) {
            Ok(run) => Ok(run),
            Err(why) => {
                self.languages.complete().await?;
                Err(words.text(&why))
            }
        }
    }
}

thread_local! {
    /// The page: only what the browser calls finds it here; a figure has it from its root.
    static PAGE: Rc<Page> = Page::new();
}

/// Mounts the page into the element with the id `app`, if there is one, with what its address asks for.
pub fn start() {
    black_box::install();
    let Some(window) = web_sys::window() else {
        return;
    };
    let document = window.document();
    if let Some(element) = document.and_then(|document| document.get_element_by_id("app")) {
        let asked = window.location().search().unwrap_or_default();
        show_figure(element, 0, &asked, None);
    }
}

/// Shows a figure in an element, with the scenario that `options` ask for, which are those of an
/// address. If that can't be had, it opens as a free laboratory and says why. `run` is the recording
/// that it had, as JSON, if it is shown again. Beside this, the page's scripts call it.
#[wasm_bindgen(js_name = showFigure)]
pub fn show_figure(element: Element, number: u32, options: &str, run: Option<String>) {
    let page = PAGE.with(Rc::clone);
    let mut options = Options::parse(options);
    options.embed |= number > 0;
    wasm_bindgen_futures::spawn_local(async move {
        let first = Scenario::opening();
        let id = options.scenario.unwrap_or(&first.id);
        // The first screen and an embed show no story: the first lesson's may come later.
        let early = options.embed || memory::recall(&options, number == 0).level == Level::Calm;
        let scenario = match id == &*first.id && early {
            true => Ok(first.into()),
            false => lessons::load(id, &page.pieces).await,
        };
        let scenario = scenario.unwrap_or_else(|problem| {
            options.problems.push(problem);
            Scenario::lab().into()
        });
        let language = options.language.unwrap_or_else(languages::preferred);
        let words = match page.languages.load(language).await {
            Ok(words) => words,
            Err(problem) => return black_box::cannot_start(&problem),
        };
        let mut recording = None;
        if let Some(text) = run {
            match page.recorded(&words, &text).await {
                Ok(run) => recording = Some(run),
                Err(problem) => options.problems.push(problem),
            }
        }
        page.works_for(number);
        element.set_text_content(None);
        page.show(element, number, options, scenario, words, recording);
    });
}
