//! Logs and state machines, mounted with the run of the fixture.

use super::bench::{Page, actions, mount, setting, settle, show};
use super::fixture::{cluster, story, told};
use kvorum::base::NodeId;
use kvorum::raft::Role;
use kvorum::view::{PairView, Power, Told};
use kvorum::web::components::*;
use kvorum::web::store::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

/// The class of a tile's cell.
fn tile(page: &Page, node: u32, index: u64) -> String {
    let button = page.one(&format!("[data-cell='{node}.{index}']"));
    button.closest("td").unwrap().unwrap().class_name()
}

#[wasm_bindgen_test]
async fn logs_show_terms_commits_and_what_the_leader_knows() {
    let page = show(html! { <Logs /> }).await;
    assert_eq!(page.all("tbody tr").len(), 6, "five servers and the copies");
    assert_eq!(page.all("tbody th[scope=row]").len(), 6);
    assert_eq!(tile(&page, 4, 9), "com ap cut");
    assert_eq!(tile(&page, 4, 10), "unc");
    assert_eq!(tile(&page, 5, 8), "com ap cut", "S5 has committed one less");
    assert_eq!(tile(&page, 1, 8), "unc");
    let s1 = page.one("[data-cell='1.8']");
    assert_eq!(
        s1.closest("td")
            .unwrap()
            .unwrap()
            .get_attribute("data-t")
            .unwrap(),
        "3"
    );
    assert_eq!(
        s1.query_selector("b")
            .unwrap()
            .unwrap()
            .text_content()
            .unwrap(),
        "y←7"
    );
    // S4's view: match and next of the four others.
    let rows = page.all("tbody tr");
    let has = |row: usize, css: &str| rows[row].query_selector_all(css).unwrap().length();
    assert_eq!((has(0, ".m-match.zero"), has(0, ".m-next")), (1, 1));
    assert_eq!(
        (has(2, ".m-run"), has(2, ".m-match"), has(2, ".m-next")),
        (10, 1, 1)
    );
    assert_eq!(
        (has(3, ".m-match"), has(3, ".m-next")),
        (0, 0),
        "nothing about itself"
    );
    // Copies, against the majority.
    let copies: Vec<_> = page
        .all(".copies td")
        .iter()
        .map(|c| c.text_content().unwrap())
        .collect();
    assert_eq!(copies[6..10], ["5/5", "3/5", "3/5", "2/5"]);
    assert_eq!(page.all(".copies td.maj").len(), 9);
}

#[wasm_bindgen_test]
async fn logs_switch_between_two_leaders() {
    let page = show(html! { <Logs /> }).await;
    assert_eq!(page.text("thead .lh"), "as seen by S4");
    page.saying(".kv-seg button", "S1").click();
    settle().await;
    assert_eq!(page.text("thead .lh"), "as seen by S1");
    let copies: Vec<_> = page
        .all(".copies td")
        .iter()
        .map(|c| c.text_content().unwrap())
        .collect();
    assert_eq!(copies[7..9], ["2/5", "1/5"], "its own entries 8 and 9");
}

#[wasm_bindgen_test]
async fn arrows_walk_the_logs_like_a_spreadsheet() {
    let page = show(html! { <Logs /> }).await;
    assert_eq!(page.all(".kv-log [tabindex='0']").len(), 1, "one tab stop");
    let focus: HtmlElement = page.one("[data-cell='4.10']").unchecked_into();
    focus.focus().unwrap();
    let here = || {
        let document = web_sys::window().unwrap().document().unwrap();
        document
            .active_element()
            .unwrap()
            .get_attribute("data-cell")
            .unwrap()
    };
    page.press(":focus", "ArrowDown").await;
    assert_eq!(here(), "5.9", "S5 has nine entries");
    page.press(":focus", "ArrowLeft").await;
    assert_eq!(here(), "5.8");
    page.press(":focus", "Home").await;
    page.press(":focus", "ArrowUp").await;
    assert_eq!(here(), "4.1");
    page.click("[data-cell='4.1']").await;
    assert!(actions().contains(&UiAction::Inspect(Item::Entry(1, 1))));
}

#[wasm_bindgen_test]
async fn what_a_crash_took_is_told_in_the_logs() {
    let mut it = setting(html! { <Logs /> });
    let mut view = cluster();
    let mut down = (*view.nodes[1]).clone();
    (down.power, down.commit_index, down.last_applied) = (Power::Crashed, 0, 0);
    view.nodes[1] = Rc::new(down);
    let mut story = story();
    let kind = kvorum::sim::EventKind::Crashed {
        node: NodeId(2),
        lost_from: Some(9),
    };
    let crash = Told {
        kind,
        ..(*story.told[0]).clone()
    };
    story.told = Rc::new([told(), vec![Rc::new(crash)]].concat());
    (it.view, it.story) = (Rc::new(view), Rc::new(story));
    let page = mount(it).await;
    assert_eq!(page.all("tr[data-role=crashed] td.lost").len(), 1);
    assert_eq!(
        tile(&page, 2, 7),
        "com",
        "settled, though the server has forgotten it"
    );
    assert_eq!(
        tile(&page, 2, 8),
        "unc",
        "the committed entry 8 is another one"
    );
}

#[wasm_bindgen_test]
async fn maps_say_who_is_behind_and_why() {
    let page = show(html! { <Maps /> }).await;
    let row = |i: usize| {
        let cells = page.all(&format!("tbody tr:nth-child({i}) td"));
        cells.iter().map(|c| c.class_name()).collect::<Vec<_>>()
    };
    assert_eq!(row(1), ["same"; 5], "x");
    assert_eq!(row(2), ["behind", "behind", "top", "top", "behind"], "y");
    let why = page.text(".kv-note");
    assert!(
        why.starts_with("y differs because S1, S2 and S5 have applied less"),
        "{why}"
    );
}

#[wasm_bindgen_test]
async fn maps_tell_a_conflict_from_a_delay() {
    let mut it = setting(html! { <Maps /> });
    let mut view = cluster();
    let mut torn = (*view.nodes[2]).clone();
    torn.map[1] = PairView {
        value: "99".into(),
        ..torn.map[1].clone()
    };
    view.nodes[2] = Rc::new(torn);
    it.view = Rc::new(view);
    let page = mount(it).await;
    assert_eq!(
        page.all("td.conflict").len(),
        2,
        "S3 and S4 applied the same entries"
    );
    assert!(
        page.text(".kv-note")
            .contains("State Machine Safety is broken")
    );
}

#[wasm_bindgen_test]
async fn without_a_leader_copies_are_still_counted() {
    let mut it = setting(html! { <Logs /> });
    let mut view = cluster();
    for node in &mut view.nodes {
        let mut follower = (**node).clone();
        (follower.role, follower.peers) = (Role::Follower, Vec::new());
        *node = Rc::new(follower);
    }
    view.leader = None;
    it.view = Rc::new(view);
    let page = mount(it).await;
    assert_eq!(page.text("thead .lh"), "no leader");
    let copies: Vec<_> = page
        .all(".copies td")
        .iter()
        .map(|c| c.text_content().unwrap())
        .collect();
    assert_eq!(copies[6..10], ["5/5", "3/5", "3/5", "2/5"]);
    assert!(page.all(".m-match, .m-next").is_empty());
}
