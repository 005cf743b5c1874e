//! Runs that stand still: by a limit, by a stall, or because nothing can be done. The page says why.

use super::bench::{Page, actions, commands, mount, setting, settle, show};
use super::fixture::{at, cluster};
use super::runs::ends;
use kvorum::base::{GroupId, NodeId};
use kvorum::kv::Operation;
use kvorum::raft::EntryId;
use kvorum::run::Playhead;
use kvorum::sim::{Action, DiskFault, Found, Settings, Violation};
use kvorum::web::components::{Bar, Embed, Feed, Invariants, Toast};
use kvorum::web::store::{Command, Level, Notice, Overlay, UiAction};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

/// Of three servers one is down and one has a full disk.
fn without_a_majority() -> Playhead {
    let settings = Settings {
        nodes: 3,
        ..Settings::default()
    };
    let mut run = Playhead::new(settings, 7).unwrap();
    let until = |run: &mut Playhead, ms| {
        run.advance(at(ms), || true);
    };
    until(&mut run, 1_000);
    let fault = DiskFault::Fill;
    for action in [
        Action::Crash { node: NodeId(2) },
        Action::Disk {
            node: NodeId(3),
            fault,
        },
        Action::Request {
            operation: Operation::Delete { key: "x".into() },
            to: None,
            attempts: 1_000,
        },
    ] {
        run.act(action).unwrap();
    }
    until(&mut run, 9_000);
    run
}

#[wasm_bindgen_test]
async fn what_stands_still_says_why() {
    let page = show(html! { <><Invariants /><Feed /></> }).await;
    assert_eq!(page.all(".kv-invs .why").len(), 0);
    assert_eq!(page.all(".kv-feed .stalled").len(), 0);
    let mut it = setting(html! { <><Invariants /><Feed /></> });
    let run = without_a_majority();
    let since = run.simulation().stalled_since();
    assert!(since.is_some());
    let mut view = cluster();
    view.stalled = since;
    it.view = Rc::new(view);
    it.run = Some(Rc::new(run));
    let page = mount(it).await;
    let why = page.text(".kv-invs");
    assert!(why.contains("Why does nothing move?") && why.contains("Nobody leads."));
    assert!(
        why.contains("only S1 can take part: S2 is down, S3 has a full disk"),
        "{why}"
    );
    assert!(page.text(".kv-feed .stalled").contains("since 1.000 s"));
    page.saying(".kv-feed button", "Why does nothing move?");
}

/// These components beside a run as it stands.
async fn beside(playhead: Playhead, children: Html) -> Page {
    let mut it = setting(children);
    it.ui.level = Level::Panels;
    it.view = Rc::new(ends::view(&playhead));
    it.run = Some(Rc::new(playhead));
    mount(it).await
}

#[wasm_bindgen_test]
async fn a_stall_is_a_verdict_of_its_own() {
    let playhead = ends::stalled();
    let says = ends::says(&playhead);
    let page = beside(playhead, html! { <><Bar /><Invariants /><Feed /></> }).await;
    assert_eq!(page.text(".kv-inv"), "Stalled since 1 s");
    assert!(page.text(".kv-invs li.bad").contains(&says[0]), "{says:?}");
    let why = page.all(".kv-invs .why li");
    let why: Vec<_> = why.iter().map(|it| it.text_content().unwrap()).collect();
    assert_eq!(why, says[1..]);
    page.saying(".kv-feed .stalled button", "Why does nothing move?")
        .click();
    assert_eq!(actions(), [UiAction::Overlay(Some(Overlay::Invariants))]);
}

#[wasm_bindgen_test]
async fn a_limit_says_which_and_what_to_change() {
    let playhead = ends::flooded();
    let says = ends::says(&playhead);
    let page = beside(playhead, html! { <><Bar /><Invariants /></> }).await;
    assert_eq!(page.text(".kv-inv"), "Stopped by a limit");
    let end = page.text(".kv-invs > :first-child");
    assert!(
        end.contains("at 0.573 s") && end.contains(&says[0]),
        "{end}"
    );
    page.saying(".kv-invs .end button", "settings").click();
    assert_eq!(actions(), [UiAction::Overlay(Some(Overlay::Settings))]);
}

#[wasm_bindgen_test]
async fn a_figure_that_stopped_offers_its_beginning_and_not_what_cannot_be_done() {
    for (playhead, headline) in [
        (ends::flooded(), "Stopped by a limit."),
        (ends::stalled(), "Progress is broken."),
    ] {
        let page = beside(playhead, html! { <Embed autoplay=false /> }).await;
        assert_eq!(page.text(".say b"), headline);
        assert_eq!(page.text(".cta"), "Back to the beginning");
    }
}

#[wasm_bindgen_test]
async fn a_message_that_something_must_change_leads_to_the_settings() {
    let mut it = setting(html! { <Toast /> });
    it.ui.notice = Some(Notice {
        settings: true,
        ..Notice::bad("limits.packets allows 100,000.")
    });
    let page = mount(it).await;
    page.saying(".kv-toast button", "Settings").click();
    settle().await;
    let asked = actions();
    assert_eq!(
        asked.last(),
        Some(&UiAction::Overlay(Some(Overlay::Settings)))
    );
}

/// Nothing is owed to anybody here, and no client waits; who asks is told all the same.
#[wasm_bindgen_test]
async fn why_nothing_moves_is_told_on_demand_in_any_run() {
    let mut playhead = Playhead::new(Settings::default(), 7).unwrap();
    playhead.advance(at(1_000), || true);
    let quiet = beside(playhead.clone(), html! { <Invariants /> }).await;
    quiet.saying("button", "Why does nothing move?").click();
    settle().await;
    let says = quiet.text(".kv-invs .end");
    assert!(says.contains("At 1.000 s nothing is waited for."), "{says}");
    for node in [1, 2, 3].map(NodeId) {
        playhead.act(Action::Crash { node }).unwrap();
    }
    let page = beside(playhead, html! { <Invariants /> }).await;
    assert_eq!(page.all(".kv-invs .why").len(), 0);
    page.saying("button", "Why does nothing move?").click();
    settle().await;
    let says = page.text(".kv-invs .why");
    assert!(says.contains("only S4 and S5 can take part"), "{says}");
}

#[wasm_bindgen_test]
async fn a_broken_invariant_is_named_and_leads_to_its_moment() {
    let page = show(html! { <Invariants /> }).await;
    let mut view = cluster();
    assert_eq!(page.all("li.ok").len(), view.watched.len());
    let mut it = setting(html! { <Invariants /> });
    view.violation = Some(Violation {
        at: at(2700),
        group: GroupId::FIRST,
        found: Found::LogsDiffer {
            node: NodeId(2),
            id: EntryId { index: 9, term: 3 },
        },
    });
    it.view = Rc::new(view);
    let page = mount(it).await;
    assert!(
        page.text("li.bad")
            .contains("S2 holds 9@3 as another log does")
    );
    page.saying("button", "Show the moment").click();
    assert_eq!(commands(), [Command::Seek(at(2700))]);
}
