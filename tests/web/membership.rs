//! Who is a member, drawn and turned: learners, two majorities, snapshots, clocks.

use super::bench::{commands, mount, setting, settle};
use super::fixture::cluster;
use kvorum::base::{NodeId, Time};
use kvorum::lesson::scenario;
use kvorum::raft::Role;
use kvorum::sim::{Action, DiskFault};
use kvorum::view::storage_view::TransferView;
use kvorum::view::{
    ClockView, ClusterView, ConfigurationView, EntryView, LogView, MajorityView, Member, NodeView,
    Segment,
};
use kvorum::web::components::*;
use kvorum::web::store::*;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

fn node(view: &mut ClusterView, id: u32) -> &mut NodeView {
    Rc::make_mut(&mut view.nodes[id as usize - 1])
}

/// S4 leads by two majorities: the old voters are S1 to S3, the new ones S3 to S5.
fn joint() -> ClusterView {
    let (with, silent) = (Segment::With, Segment::Silent);
    let mut view = cluster();
    view.partition = None;
    let majority = |voters: [u32; 3], segments| MajorityView {
        voters: voters.map(NodeId).to_vec(),
        needed: 2,
        segments,
        match_indexes: vec![0; 3],
    };
    let members = Rc::make_mut(&mut view.members);
    members.index = 9;
    members.majorities = vec![
        majority([3, 4, 5], vec![with; 3]),
        majority([1, 2, 3], vec![silent, silent, with]),
    ];
    let leader = node(&mut view, 4);
    leader.ring = vec![with; 3];
    leader.outgoing = vec![silent, silent, with];
    view
}

#[wasm_bindgen_test]
async fn what_is_unusual_about_a_server_is_drawn() {
    let mut view = joint();
    let heir = node(&mut view, 3).id;
    node(&mut view, 4).transfers_to = Some(heir);
    node(&mut view, 1).member = Member::Removed;
    node(&mut view, 1).role = Role::Follower;
    node(&mut view, 2).role = Role::PreCandidate;
    let learner = node(&mut view, 5);
    learner.member = Member::Learner;
    learner.clock = ClockView {
        skew: -120_000,
        drift: 0,
    };
    learner.installing = Some(TransferView {
        index: 8,
        sent: 1_024,
        received: 512,
        total: 2_048,
        chunks: (1, 4),
    });
    let mut it = setting(html! { <Stage /> });
    it.view = Rc::new(view);
    let page = mount(it).await;
    page.one(".kv-node[data-role=removed] #stage-S1");
    page.one(".kv-node[data-role=precandidate] #stage-S2");
    assert_eq!(page.all(".kv-node .top.heir").len(), 1);
    let learner = ".kv-node[data-role=learner]";
    assert_eq!(page.text(&format!("{learner} .queue.move")), "1 of 4");
    assert_eq!(
        page.text(&format!("{learner} .queue:not(.move)")),
        "−120 ms"
    );
    let name = page.one("#stage-S5").get_attribute("aria-label").unwrap();
    assert!(
        name.contains("learner") && name.contains("1 of 4 chunks"),
        "{name}"
    );
}

#[wasm_bindgen_test]
async fn two_majorities_are_two_gauges_and_two_rings() {
    let mut it = setting(html! { <Stage /> });
    it.view = Rc::new(joint());
    let page = mount(it.clone()).await;
    assert_eq!(page.all(".kv-node .joint .ring").len(), 2);
    let rows: Vec<String> = page
        .all(".kv-side-lab g > .s")
        .iter()
        .map(|row| row.text_content().unwrap())
        .collect();
    assert_eq!(rows, ["1 of 3 old voters", "3 of 3 new voters"]);
    assert_eq!(page.all(".kv-pips.no").len(), 1, "one of them is short");
    drop(page);
    it.view = Rc::new(cluster());
    let page = mount(it).await;
    assert!(page.all(".kv-node .joint").is_empty());
    assert_eq!(page.all(".kv-pips").len(), 2, "one for each side");
}

#[wasm_bindgen_test]
async fn logs_show_snapshots_members_and_both_counts_of_copies() {
    let mut view = joint();
    let members = ConfigurationView {
        voters: [3, 4, 5].map(NodeId).to_vec(),
        outgoing: [1, 2, 3].map(NodeId).to_vec(),
        learners: Vec::new(),
    };
    for id in [3, 4] {
        let log = &node(&mut view, id).log;
        let mut entries: Vec<EntryView> = log.entries[5..].to_vec();
        entries[3].operation = None;
        entries[3].configuration = Some(Rc::new(members.clone()));
        let (first, last) = (6, log.last);
        node(&mut view, id).log = LogView {
            first,
            last,
            entries: entries.into(),
        };
    }
    let mut it = setting(html! { <Logs /> });
    it.view = Rc::new(view);
    let page = mount(it).await;
    let blocks = page.all("td.snap");
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].get_attribute("colspan").unwrap(), "5");
    assert!(blocks[0].text_content().unwrap().starts_with("≤ 5"));
    let tile = page.one("[data-cell='4.9']");
    assert_eq!(
        tile.get_attribute("title").unwrap(),
        "C_old,new {1 2 3 | 3 4 5}"
    );
    assert!(tile.text_content().unwrap().starts_with("1-3|3-5"));
    let copies = page.all(".copies td");
    assert_eq!(copies[8].text_content().unwrap(), "1/3 3/3", "entry 9");
    assert!(copies[8].class_name().contains("min"));
    assert_eq!(copies[6].text_content().unwrap(), "3/3 3/3", "entry 7");
}

#[wasm_bindgen_test]
async fn the_inspector_turns_clock_disk_and_priority() {
    let playhead = scenario::all()[0].start(7).unwrap();
    let mut it = setting(html! { <Inspector /> });
    it.run = Some(Rc::new(playhead));
    it.ui.selected = Some(Item::Node(NodeId(2)));
    let page = mount(it).await;
    let why = page.text(".kv-turn");
    assert!(why.contains("the disk of S2 isn't full"), "{why}");
    assert!(why.contains("S2 has applied nothing"), "{why}");
    page.saying(".kv-turn button", "Wipe it").click();
    page.saying(".kv-turn button", "+100 ms").click();
    settle().await;
    let node = NodeId(2);
    let fault = DiskFault::Wipe;
    let jump = Action::JumpClock { node, by: 100_000 };
    let acts = [Action::Disk { node, fault }, jump];
    assert_eq!(commands(), acts.map(Command::Act));
    // The tenth step: 200 ms ahead.
    page.fill(".kv-turn input", "9").await;
    page.send(".kv-turn input", "change").await;
    let (skew, drift) = (200_000, 0);
    let set = Action::SetClock { node, skew, drift };
    assert_eq!(commands()[2..], [Command::Act(set)]);
}

#[wasm_bindgen_test]
async fn a_learner_can_become_a_voter_and_nothing_else_can() {
    use kvorum::web::figure::menu_entries::{What, by_key};
    let mut playhead = scenario::all()[0].start(7).unwrap();
    playhead.act(Action::AddServer).unwrap();
    playhead.advance(Time::from_millis(3_000), || true);
    let view = kvorum::view::build(playhead.simulation(), None);
    let (new, old) = (Item::Node(NodeId(6)), Item::Node(NodeId(1)));
    let promote = Action::PromoteServer { node: NodeId(6) };
    let entry = by_key(&new, &view, "u", false).expect("it learns");
    assert_eq!(entry.what, What::Do(vec![promote]));
    assert!(by_key(&old, &view, "u", false).is_none());
    let remove = by_key(&old, &view, "x", true).expect("anybody can be removed");
    assert_eq!(
        remove.what,
        What::Do(vec![Action::RemoveServer { node: NodeId(1) }])
    );
}
