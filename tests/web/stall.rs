//! Why nothing moves, with the invariants and in the feed.

use super::bench::{mount, setting, show};
use super::fixture::{at, cluster};
use kvorum::base::NodeId;
use kvorum::sim::{StallReason, Unable};
use kvorum::view::StalledView;
use kvorum::web::components::{Feed, Invariants};
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

#[wasm_bindgen_test]
async fn what_stands_still_says_why() {
    let page = show(html! { <><Invariants /><Feed /></> }).await;
    assert!(!page.text(".kv-invs").contains("Why does nothing move?"));
    assert_eq!(page.all(".kv-feed .stalled").len(), 0);
    let mut it = setting(html! { <><Invariants /><Feed /></> });
    let mut view = cluster();
    view.stalled = Some(Rc::new(StalledView {
        since: at(2700),
        at: at(9000),
        reasons: vec![
            StallReason::NoLeader,
            StallReason::QuorumLost {
                outgoing: false,
                needed: 2,
                able: vec![NodeId(1)],
                unable: vec![(NodeId(2), Unable::Down), (NodeId(3), Unable::DiskFull)],
            },
        ],
    }));
    it.view = Rc::new(view);
    let page = mount(it).await;
    let why = page.text(".kv-invs");
    assert!(why.contains("Why does nothing move?") && why.contains("Nobody leads."));
    assert!(why.contains("only S1 can take part: S2 is down, S3 has a full disk"));
    assert!(page.text(".kv-feed .stalled").contains("since 2.700 s"));
    page.saying(".kv-feed button", "Why does nothing move?");
}
