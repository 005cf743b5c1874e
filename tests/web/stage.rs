//! The page as a whole: first screen, stage, menus, options, and what is shown after a panic.

use std::rc::Rc;

use crate::bench::turns;
use kvorum::base::{NodeId, Time};
use kvorum::lesson::scenario;
use kvorum::sim::{Action, MessageKind};
use kvorum::view::{self, ClusterView};
use kvorum::web::App;
use kvorum::web::figure::menu_entries::{What, by_key, divide, menu_entries, move_to};
use kvorum::web::page::options::Options;
use kvorum::web::store::{Item, Level, Notice, Overlay, Speed, Theme, Tool, UiAction, UiState};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event, HtmlElement};
use yew::Reducible;

/// The app as it is without an address that asks for anything, in an element of its own; taken away
/// with this value.
pub struct Page(Element, Option<yew::AppHandle<App>>);

impl Page {
    pub async fn open() -> Page {
        let document = web_sys::window().unwrap().document().unwrap();
        let root = document.create_element("div").unwrap();
        document.body().unwrap().append_child(&root).unwrap();
        let (options, scenario) = (Options::default(), scenario::all()[0].clone());
        let page = kvorum::web::page::Page::new();
        let app = page.show(root.clone(), 0, options, scenario, Default::default(), None);
        turns(20).await;
        Page(root, Some(app))
    }

    pub fn find(&self, selector: &str) -> Option<Element> {
        self.0.query_selector(selector).unwrap()
    }

    pub fn text(&self, selector: &str) -> String {
        let found = self.find(selector);
        found
            .unwrap_or_else(|| panic!("{selector} on the page"))
            .text_content()
            .unwrap()
    }

    /// Waits for what comes on demand.
    pub async fn wait(&self, selector: &str) {
        for _ in 0..100 {
            if self.find(selector).is_some() {
                break;
            }
            turns(5).await;
        }
    }

    pub async fn click(&self, selector: &str) {
        let element: HtmlElement = self.find(selector).unwrap().dyn_into().unwrap();
        element.click();
        turns(10).await;
    }

    /// A key in an element.
    pub async fn key(&self, selector: &str, key: &str) {
        let new = format!("new KeyboardEvent('keydown', {{bubbles: true, key: '{key}'}})");
        let event: Event = js_sys::eval(&new).unwrap().unchecked_into();
        self.find(selector).unwrap().dispatch_event(&event).unwrap();
        turns(10).await;
    }

    /// A press and a release of the main button.
    pub async fn press(&self, selector: &str) {
        let element = self.find(selector).unwrap();
        for name in ["pointerdown", "pointerup"] {
            let event = js_sys::eval(&format!("new PointerEvent('{name}', {{bubbles: true}})"));
            let event: Event = event.unwrap().unchecked_into();
            element.dispatch_event(&event).unwrap();
        }
        turns(10).await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(app) = self.1.take() {
            app.destroy();
        }
        self.0.remove();
    }
}

fn forget() {
    let storage = web_sys::window().unwrap().local_storage().unwrap().unwrap();
    storage.clear().unwrap();
}

/// A cluster with a leader, from the engine.
fn view() -> ClusterView {
    let mut playhead = scenario::all()[0].start(7).unwrap();
    playhead.advance(Time::from_millis(600), || true);
    view::build(playhead.simulation(), None)
}

#[wasm_bindgen_test]
async fn the_app_names_itself() {
    let page = Page::open().await;
    assert!(page.text(".kv-brand").contains("Kvorum"));
}

#[wasm_bindgen_test]
async fn the_first_screen_has_one_thing_to_do_and_the_clock_makes_room() {
    forget();
    let page = Page::open().await;
    assert_eq!(page.text(".kv-center h1"), "Five servers. No leader yet.");
    for id in 1..=5 {
        let name = page
            .find(&format!("#stage-S{id}"))
            .unwrap()
            .get_attribute("aria-label");
        assert!(
            name.unwrap()
                .starts_with(&format!("S{id}, follower in term 0"))
        );
    }
    assert!(page.find(".kv-transport, .kv-pt").is_none());
    page.click(".kv-center button").await;
    assert!(page.find(".kv-center").is_none());
    assert!(page.find(".kv-transport, .kv-pt").is_some(), "the clock");
}

#[wasm_bindgen_test]
async fn a_click_on_a_server_offers_what_can_be_done_and_does_it() {
    forget();
    let page = Page::open().await;
    page.press("#stage-S2").await;
    page.wait(".kv-pop [role=menuitem]").await;
    assert!(page.text(".kv-pop").contains("Time out now"));
    page.click(".kv-pop [role=menuitem]").await;
    assert!(page.find(".kv-pop").is_none(), "the menu is gone");
    let name = page
        .find("#stage-S2")
        .unwrap()
        .get_attribute("aria-label")
        .unwrap();
    assert!(name.contains("crashed"), "{name}");
}

#[wasm_bindgen_test]
fn every_bad_option_is_named_and_the_good_ones_stay() {
    let options =
        Options::parse("?scenario=nope&seed=-1&theme=pink&level=9&embed=maybe&colour=red");
    let named: Vec<&str> = options
        .problems
        .iter()
        .filter_map(|p| p.split(':').next())
        .collect();
    assert_eq!(
        named,
        ["scenario", "seed", "theme", "level", "embed", "colour"]
    );
    let options = Options::parse(
        "?scenario=network-partition&seed=18446744073709551615&theme=dark&embed&level=2",
    );
    assert!(options.problems.is_empty(), "{:?}", options.problems);
    assert_eq!(options.scenario, Some("network-partition"));
    assert_eq!(
        (options.seed, options.theme, options.level, options.embed),
        (Some(u64::MAX), Some(Theme::Dark), Some(Level::Panels), true)
    );
}

fn after(actions: impl IntoIterator<Item = UiAction>) -> Rc<UiState> {
    actions.into_iter().fold(Rc::default(), UiState::reduce)
}

#[wasm_bindgen_test]
fn escape_closes_the_innermost_thing_first() {
    let node = Item::Node(NodeId(1));
    let state = after([
        UiAction::Menu(Some(node.clone())),
        UiAction::Overlay(Some(Overlay::Help)),
    ]);
    let state = state.reduce(UiAction::Escape);
    assert_eq!(
        (state.overlay.clone(), state.selected.clone()),
        (None, Some(node))
    );
    let state = state
        .reduce(UiAction::Tool(Tool::Wall))
        .reduce(UiAction::Side(NodeId(2)))
        .reduce(UiAction::Escape);
    assert_eq!(
        (state.tool, state.side.len(), state.selected.is_some()),
        (Tool::Select, 0, true)
    );
    assert_eq!(state.reduce(UiAction::Escape).selected, None);
}

#[wasm_bindgen_test]
fn an_unchanged_state_keeps_its_pointer() {
    let state = after([UiAction::Level(Level::Expert)]);
    assert!(Rc::ptr_eq(&state.clone().reduce(UiAction::More), &state));
    assert_eq!(
        after([
            UiAction::Notice(Notice::plain("x")),
            UiAction::Notice(Notice::plain(""))
        ])
        .notice,
        None
    );
}

#[wasm_bindgen_test]
fn isolating_twice_is_back_where_it_was() {
    let mut view = view();
    let (node, other) = (NodeId(2), NodeId(3));
    let item = Item::Node(node);
    let Some(What::Do(actions)) = by_key(&item, &view, "i", false).map(|d| d.what) else {
        panic!("I isolates");
    };
    let groups = vec![[1, 3, 4, 5].map(NodeId).to_vec(), vec![node]];
    assert_eq!(actions, [Action::partition(groups)]);
    assert_eq!(divide(vec![vec![node, other], vec![]]), Action::Heal);
    assert_eq!(move_to(node, 0, &view), None, "already there");
    view.nodes.clear();
    assert!(
        menu_entries(&item, &view).is_empty(),
        "nothing can be done to a thing that is gone"
    );
}

#[wasm_bindgen_test]
fn a_leader_is_not_timed_out() {
    let view = view();
    let leader = Item::Node(view.leader.expect("a leader by now"));
    assert!(by_key(&leader, &view, "t", false).is_none());
    assert!(by_key(&leader, &view, "X", false).is_some());
    let beat = |m: &&Rc<view::MessageView>| matches!(m.kind, MessageKind::Heartbeat { .. });
    if let Some(message) = view.messages.iter().find(beat) {
        assert_eq!(menu_entries(&Item::Message(message.id), &view).len(), 5);
    }
}

#[wasm_bindgen_test]
fn speeds_say_what_a_second_is_worth() {
    assert_eq!(Speed::default().label(), "50 ms");
    assert_eq!(Speed(5_000_000).label(), "5 s");
    assert_eq!(Speed::default().faster(), Speed(100_000));
    assert_eq!(Speed::STEPS[0].slower(), Speed::STEPS[0]);
}
