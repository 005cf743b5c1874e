//! The Clients view, on a run in which an old leader is asked.

use super::bench::{Page, commands, mount, setting, settle};
use kvorum::base::{NodeId, Span};
use kvorum::kv::Operation;
use kvorum::raft::{Rule, Rules};
use kvorum::run::Playhead;
use kvorum::sim::{Action, Settings};
use kvorum::web::components::{Clients, Verdict};
use kvorum::web::store::Command;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

fn wait(playhead: &mut Playhead, ms: u64) {
    let until = playhead.now() + Span::millis(ms);
    playhead.advance(until, || true);
}

fn ask(playhead: &mut Playhead, operation: Operation, to: u32) {
    let to = Some(NodeId(to));
    let request = Action::Request {
        operation,
        to,
        attempts: 1,
    };
    playhead.act(request).unwrap();
}

fn put(value: &str) -> Operation {
    Operation::Put {
        key: "y".into(),
        value: value.into(),
    }
}

/// S1 leads, is cut off with S2, and is asked after the others wrote.
fn old_leader_is_asked(rules: Rules) -> Playhead {
    let settings = Settings {
        rules,
        ..Settings::default()
    };
    let mut playhead = Playhead::new(settings, 7).unwrap();
    wait(&mut playhead, 20);
    playhead.act(Action::time_out(NodeId(1))).unwrap();
    wait(&mut playhead, 500);
    ask(&mut playhead, put("5"), 1);
    wait(&mut playhead, 200);
    let groups = vec![
        vec![NodeId(1), NodeId(2)],
        vec![NodeId(3), NodeId(4), NodeId(5)],
    ];
    playhead.act(Action::partition(groups)).unwrap();
    ask(&mut playhead, put("<b>7"), 1);
    while playhead.simulation().leader() == Some(NodeId(1)) {
        wait(&mut playhead, 10);
    }
    wait(&mut playhead, 100);
    let leader = playhead.simulation().leader().unwrap();
    ask(&mut playhead, put("2"), leader.0);
    wait(&mut playhead, 200);
    let get = Operation::Get {
        key: "y".into(),
        level: Default::default(),
    };
    ask(&mut playhead, get, 1);
    wait(&mut playhead, 100);
    playhead
}

const LOCAL: Rules = Rules::ALL
    .without(Rule::CheckQuorum)
    .without(Rule::ReadIndexQuorum);

async fn show(rules: Rules) -> Page {
    let playhead = old_leader_is_asked(rules);
    let mut it = setting(
        html! { <><div style="display:flex;flex-direction:column;width:1000px;height:700px"><Clients /></div><Verdict /></> },
    );
    let mut view = (*it.view).clone();
    view.now = playhead.now();
    it.view = Rc::new(view);
    it.run = Some(Rc::new(playhead));
    let page = mount(it).await;
    settle().await;
    page
}

#[wasm_bindgen_test]
async fn an_old_value_is_red_and_proven() {
    let page = show(LOCAL).await;
    assert!(
        page.text(".kv-verdict h2")
            .ends_with("read an old value of y")
    );
    let red = page.all("[role=button].kv-op.bad.read");
    let red: Vec<_> = red.iter().map(|it| it.outer_html()).collect();
    assert_eq!(red.len(), 1, "{}", red.join("\n"));
    assert!(page.text(".kv-why").contains("so it must come after"));
    assert!(
        page.text(".kv-try").contains("y is 2"),
        "{}",
        page.text(".kv-try")
    );
    assert!(page.text(".kv-tracks").contains("is not 2"));
    page.saying("button", "Show the moment").click();
    page.saying("button", "Run again with ReadIndex").click();
    let commands = commands();
    assert!(matches!(commands[0], Command::Seek(_)), "{commands:?}");
    let (rule, on) = (Rule::ReadIndexQuorum, true);
    assert_eq!(commands[1], Command::Again { rule, on });
}

#[wasm_bindgen_test]
async fn with_the_rule_on_there_is_an_order_and_nothing_to_run_again() {
    let page = show(Rules::ALL.without(Rule::CheckQuorum)).await;
    assert_eq!(page.text(".kv-verdict h2"), "Linearizable so far");
    assert!(page.all(".bad").is_empty());
    let buttons: String = page
        .all("button")
        .iter()
        .filter_map(|it| it.text_content())
        .collect();
    assert!(!buttons.contains("Run again"), "{buttons}");
    let open = page.all("[role=button].kv-op.open");
    let open: Vec<_> = open.iter().map(|it| it.outer_html()).collect();
    // The write that the minority never answers, and the read that its leader can't confirm.
    assert_eq!(open.len(), 2, "{}", open.join("\n"));
    assert!(page.text(".kv-oplabel").is_empty() || page.all("svg b").is_empty());
}

#[wasm_bindgen_test]
async fn arrows_walk_the_bars_and_enter_goes_there() {
    let page = show(LOCAL).await;
    let stops = page.all(".kv-op[tabindex='0']");
    assert_eq!(stops.len(), 1, "one stop for the Tab key");
    let last = stops[0].id();
    page.press(".kv-op[tabindex='0']", "ArrowLeft").await;
    settle().await;
    let here = page.one(".kv-op[tabindex='0']");
    assert_ne!(here.id(), last);
    assert!(
        page.one(".kv-optip")
            .text_content()
            .unwrap()
            .contains("asked S")
    );
    page.press(".kv-op[tabindex='0']", "Enter").await;
    assert!(matches!(commands()[..], [Command::Seek(_)]));
}
