//! Several figures on one page don't touch each other.

use super::bench::turns;
use kvorum::lesson::scenario;
use kvorum::web::App;
use kvorum::web::language::Words;
use kvorum::web::page::Page;
use kvorum::web::page::options::Options;
use kvorum::web::store::{Level, Theme};
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, Event, HtmlElement, KeyboardEvent, KeyboardEventInit};

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

/// A figure in an element of its own; taken away with this value.
struct Figure(Element, Option<yew::AppHandle<App>>, Element);

impl Figure {
    /// The number on the page, the place in the list of scenarios, the seed, and the theme.
    fn show(page: &Rc<Page>, number: u32, scenario: usize, seed: u64, theme: Theme) -> Figure {
        let element = document().create_element("div").unwrap();
        // The page has no styles here: a stage that is as high as its picture, and the other way
        // round, would grow for ever.
        element.set_class_name("figure");
        let style = document().create_element("style").unwrap();
        style.set_text_content(Some(".figure svg { width: 400px; height: 300px; }"));
        document().head().unwrap().append_child(&style).unwrap();
        document().body().unwrap().append_child(&element).unwrap();
        let options = Options {
            seed: Some(seed),
            theme: Some(theme),
            level: Some(Level::Panels),
            ..Options::default()
        };
        let scenario = scenario::all()[scenario].clone();
        let app = page.show(
            element.clone(),
            number,
            options,
            scenario,
            Words::default(),
            None,
        );
        Figure(element, Some(app), style)
    }

    fn all(&self, css: &str) -> Vec<Element> {
        let found = self.0.query_selector_all(css).unwrap();
        let nodes = (0..found.length()).filter_map(|at| found.item(at));
        nodes.map(JsCast::unchecked_into).collect()
    }

    fn has(&self, css: &str) -> bool {
        self.0.query_selector(css).unwrap().is_some()
    }

    /// Waits for something.
    async fn wait(&self, css: &str) {
        for _ in 0..200 {
            if self.has(css) {
                return;
            }
            turns(5).await;
        }
        panic!("no {css} in {}", self.0.inner_html());
    }

    /// Its markup, once servers have found their places.
    async fn at_rest(&self) -> String {
        loop {
            let before = self.0.inner_html();
            turns(60).await;
            if self.0.inner_html() == before {
                return before;
            }
        }
    }

    /// Presses a key where the stage has the focus.
    async fn press(&self, key: &str) {
        press(&self.all(".kv-stage")[0], key);
        turns(10).await;
    }

    fn moment(&self) -> String {
        let sliders = self.all("[role=slider][aria-label=Timeline]");
        sliders[0].get_attribute("aria-valuenow").unwrap()
    }

    /// Every id in it, and how often it is there.
    fn ids(&self) -> BTreeMap<String, usize> {
        let mut ids = BTreeMap::new();
        for element in self.all("[id]") {
            *ids.entry(element.id()).or_default() += 1;
        }
        ids
    }

    /// What its elements refer to by an id.
    fn references(&self) -> Vec<String> {
        let names = [
            "aria-labelledby",
            "aria-describedby",
            "aria-controls",
            "for",
        ];
        let lists = names.iter().flat_map(|name| {
            let those = self.all(&format!("[{name}]")).into_iter();
            those.filter_map(|element| element.get_attribute(name))
        });
        let lists: Vec<String> = lists.collect();
        let mut ids: Vec<String> = lists
            .iter()
            .flat_map(|list| list.split_whitespace().map(str::to_owned))
            .collect();
        for element in self.all("[href^='#'], [clip-path], [fill^='url(']") {
            for name in ["href", "clip-path", "fill"] {
                let value = element.get_attribute(name).unwrap_or_default();
                let id = value.strip_prefix("url(").unwrap_or(&value);
                if let Some(id) = id.strip_prefix('#') {
                    ids.push(id.trim_end_matches(')').to_owned());
                }
            }
        }
        ids
    }
}

impl Drop for Figure {
    fn drop(&mut self) {
        self.1.take().unwrap().destroy();
        self.0.remove();
        self.2.remove();
    }
}

fn press(on: &Element, key: &str) {
    let how = KeyboardEventInit::new();
    how.set_bubbles(true);
    how.set_cancelable(true);
    how.set_key(key);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &how).unwrap();
    on.dispatch_event(&event).unwrap();
}

/// What the document and the browser keep.
fn around() -> Vec<Option<String>> {
    let window = web_sys::window().unwrap();
    let storage = window.local_storage().unwrap().unwrap();
    let html = document().document_element().unwrap();
    vec![
        html.get_attribute("data-theme"),
        html.get_attribute("lang"),
        Some(document().title()),
        Some(window.location().href().unwrap()),
        storage.get_item("kvorum.theme").unwrap(),
        storage.get_item("kvorum.level").unwrap(),
    ]
}

#[wasm_bindgen_test]
async fn two_figures_do_not_touch_each_other() {
    let others = document().query_selector(".kv-lab").unwrap();
    assert!(others.is_none(), "a test left an app that takes keys");
    let before = around();
    let page = Page::new();
    let one = Figure::show(&page, 1, 0, 42, Theme::Dark);
    let other = Figure::show(&page, 2, 1, 7, Theme::Light);
    for figure in [&one, &other] {
        figure.wait("[role=slider][aria-label=Timeline]").await;
        figure.wait(".kv-node").await;
    }
    let untouched = other.at_rest().await;
    let start = one.moment();

    // It plays, and a server of it crashes.
    one.press(".").await;
    one.press("2").await;
    one.press("x").await;
    one.wait(".kv-node[data-role=crashed]").await;
    one.press(" ").await;
    turns(30).await;
    one.press(" ").await;
    assert_ne!(one.moment(), start, "time stands still");

    // A dialog lies over it; a theme is chosen; panels are left out.
    one.press("?").await;
    one.wait("dialog[open]").await;
    one.press("Escape").await;
    one.press("E").await;

    // Keys that nobody has the focus for, and a run in the address, are for the laboratory.
    press(&document().body().unwrap(), "?");
    let window = web_sys::window().unwrap();
    window
        .dispatch_event(&Event::new("hashchange").unwrap())
        .unwrap();
    turns(20).await;
    assert!(!one.has("dialog"), "a key from elsewhere");

    let now = other.0.inner_html();
    let same = untouched
        .bytes()
        .zip(now.bytes())
        .take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(200);
    let part = |html: &str| html.chars().skip(from).take(400).collect::<String>();
    assert_eq!(part(&now), part(&untouched));
    assert_eq!(one.0.get_attribute("data-theme").as_deref(), Some("dark"));
    assert_eq!(
        other.0.get_attribute("data-theme").as_deref(),
        Some("light")
    );
    assert_eq!(around(), before);
}

#[wasm_bindgen_test]
async fn ids_are_a_figures_own() {
    let page = Page::new();
    let figures = [
        Figure::show(&page, 1, 0, 42, Theme::Dark),
        Figure::show(&page, 2, 0, 42, Theme::Dark),
    ];
    for figure in &figures {
        figure.wait(".kv-bench .kv-logs").await;
    }
    // Those of the clients' view and of a dialog as well.
    for keys in [["?", "Escape"], ["s", "q"], [".", "."]] {
        for figure in &figures {
            for key in keys {
                figure.press(key).await;
            }
        }
        turns(50).await;
        let [one, other] = [figures[0].ids(), figures[1].ids()];
        assert!(one.len() > 4, "{one:?}");
        for id in one.keys() {
            assert!(!other.contains_key(id), "{id} is there twice");
        }
        for (figure, ids) in figures.iter().zip([&one, &other]) {
            assert!(ids.values().all(|count| *count == 1), "{ids:?}");
            for id in figure.references() {
                // Icons and patterns are the document's.
                let shared = id.starts_with("i-") || id.starts_with("p-");
                let there = document()
                    .query_selector_all(&format!("[id='{id}']"))
                    .unwrap();
                assert!(!shared || there.length() == 1, "{id}: {}", there.length());
                assert!(shared || ids.contains_key(&id), "{id} is not in {ids:?}");
            }
        }
    }
}

#[wasm_bindgen_test]
async fn each_has_a_language_of_its_own() {
    let page = Page::new();
    let of_document = || document().document_element().unwrap().get_attribute("lang");
    let whole = of_document();
    let ours = Figure::show(&page, 1, 0, 7, Theme::Light);
    let theirs = Figure::show(&page, 2, 1, 8, Theme::Dark);
    for figure in [&ours, &theirs] {
        figure.wait(".kv-feed").await;
        assert_eq!(figure.0.get_attribute("lang").as_deref(), Some("en"));
    }
    let (before, ids) = (theirs.at_rest().await, ours.ids());
    ours.all(".kv-lang")[0]
        .unchecked_ref::<HtmlElement>()
        .click();
    turns(20).await;
    assert_eq!(ours.0.get_attribute("lang").as_deref(), Some("zh-Hans"));
    assert!(ours.0.inner_html().contains("跟随者"));
    assert_eq!(ours.ids(), ids, "ids are no words");
    assert_eq!(theirs.at_rest().await, before);
    assert_eq!(theirs.0.get_attribute("lang").as_deref(), Some("en"));
    assert_eq!(of_document(), whole);
}
