//! Clients stand in the same network as servers: their links take the same faults.

use crate::run::Run;
use crate::support::{self, request};
use kvorum::base::{Address, ClientId, NodeId, Ratio, Span};
use kvorum::kv::Outcome;
use kvorum::sim::{
    Action, Doubt, EventKind, Failed, LinkSettings, Loss, PacketKind, Property, Settings,
    StallReason,
};

const C1: ClientId = ClientId(1);

fn run() -> Run {
    let settings = Settings {
        nodes: 3,
        ..Settings::default()
    };
    Run::of(settings, 1)
}

fn append(to: Option<NodeId>, attempts: u32) -> Action {
    request(support::append("tape", "x"), to, attempts)
}

/// Who answered the client's operation.
fn answered(run: &Run) -> Option<NodeId> {
    run.events.iter().find_map(|it| match &it.kind {
        EventKind::Returned { node, outcome, .. } if *outcome == Outcome::Done => Some(*node),
        _ => None,
    })
}

/// What every server holds under the key.
fn tapes(run: &Run) -> Vec<Option<&str>> {
    let hosts = run.simulation.hosts().iter();
    hosts
        .map(|host| host.store().get("tape").map(|value| &**value))
        .collect()
}

fn lost(run: &Run, why: Loss) -> usize {
    let is_request = |kind: &PacketKind| !matches!(kind, PacketKind::Message { .. });
    run.happened(
        |event| matches!(event, EventKind::Lost { why: it, kind, .. } if *it == why && is_request(kind)),
    )
}

/// The packets under way that are no messages between servers.
fn requests(run: &Run) -> Vec<u64> {
    let packets = run.simulation.packets();
    let requests = packets.filter(|it| !matches!(it.kind(), PacketKind::Message { .. }));
    requests.map(|it| it.id).collect()
}

#[test]
fn a_client_whose_link_to_the_leader_is_cut_waits_for_another_leader() {
    let mut run = run();
    let leader = run.leader();
    run.act(Action::cut(C1, leader));
    run.act(append(Some(leader), 0));
    run.pass(3_000);
    assert!(lost(&run, Loss::Cut) > 0);
    assert_eq!((answered(&run), tapes(&run)), (None, vec![None; 3]));
    let to = run.simulation.hosts().iter().map(|host| host.id());
    let to = to
        .into_iter()
        .find(|&id| id != leader)
        .expect("there are three");
    run.act(Action::transfer(leader, to));
    run.pass(3_000);
    assert_eq!(answered(&run), Some(to));
    assert_eq!(tapes(&run), [Some("x"); 3]);
}

/// It runs once, although its answers are lost and it is asked again.
#[test]
fn answers_that_are_cut_off_leave_their_client_in_doubt() {
    let mut run = run();
    let leader = run.leader();
    for node in [1, 2, 3].map(NodeId) {
        run.act(Action::cut(node, C1));
    }
    run.act(append(Some(leader), 3));
    run.pass(8_000);
    let unanswered = Failed::Indefinite {
        why: Doubt::Unanswered,
    };
    assert_eq!(run.failed(), [unanswered]);
    assert_eq!(tapes(&run), [Some("x"); 3]);
}

/// Who is in no group hears everybody; who is in one hears only that.
#[test]
fn a_partition_can_have_clients_in_it() {
    let mut run = run();
    let leader = run.leader();
    let alone: Vec<Address> = [1, 2, 3].map(NodeId).map(Address::Node).to_vec();
    run.act(Action::partition([alone, vec![C1.into()]]));
    run.act(append(Some(leader), 3));
    run.act(append(Some(leader), 3));
    run.pass(8_000);
    assert!(lost(&run, Loss::Partition) > 0);
    assert_eq!(run.failed().len(), 1);
    assert_eq!(tapes(&run), [Some("x"); 3]);
    run.act(Action::Heal);
    run.act(append(Some(leader), 3));
    run.pass(1_000);
    assert_eq!(tapes(&run), [Some("xx"); 3]);
}

#[test]
fn a_request_is_lost_at_a_server_that_is_down() {
    let mut run = run();
    let node = run.leader();
    run.act(Action::Crash { node });
    run.act(append(Some(node), 1));
    run.pass(1_000);
    assert_eq!(lost(&run, Loss::Down), 1);
}

#[test]
fn one_request_can_be_dropped_delayed_and_hurried() {
    let mut run = run();
    let leader = run.leader();
    run.act(append(Some(leader), 1));
    let message = requests(&run)[0];
    run.act(Action::Drop { message });
    run.pass(2_000);
    assert_eq!((lost(&run, Loss::Dropped), tapes(&run)), (1, vec![None; 3]));
    run.act(append(Some(leader), 1));
    let message = requests(&run)[0];
    let by = Span::secs(20);
    run.act(Action::Delay { message, by });
    run.pass(2_000);
    assert_eq!((run.failed().len(), tapes(&run)), (2, vec![None; 3]));
    run.act(Action::DeliverNow { message });
    run.pass(1_000);
    assert_eq!(tapes(&run), [Some("x"); 3]);
}

/// The client knows that its link doesn't deliver twice; a person makes it do so.
#[test]
fn of_a_request_that_a_person_copies_nobody_knows() {
    let mut run = run();
    let leader = run.leader();
    let other = [1, 2, 3].map(NodeId).into_iter().find(|&id| id != leader);
    run.act(append(other, 1));
    let message = requests(&run)[0];
    run.act(Action::Duplicate { message });
    run.pass(2_000);
    let copied = Failed::Indefinite {
        why: Doubt::MaybeCopied,
    };
    assert_eq!(run.failed(), [copied]);
}

/// Nobody owes an answer to a client that it can't hear, and it is said why it waits.
#[test]
fn who_is_cut_off_is_named() {
    let mut run = run();
    run.simulation.watch(Property::Progress);
    let lossy = LinkSettings {
        loss: Ratio::ONE,
        ..LinkSettings::default()
    };
    for node in [1, 2, 3].map(NodeId) {
        run.act(Action::set_link(node, C1, lossy));
    }
    run.act(append(None, 1_000));
    run.pass(60_000);
    let reasons = run.simulation.why_nothing_moves();
    let unheard = |reason: &StallReason| matches!(reason, StallReason::ClientUnheard { to, loss: Loss::Random, .. } if *to == C1.into());
    assert!(reasons.iter().any(unheard), "{reasons:?}");
    for node in [1, 2, 3].map(NodeId) {
        run.act(Action::restore(node, C1));
    }
    run.pass(5_000);
    assert!(answered(&run).is_some());
}

#[test]
fn addresses_are_read_and_written() {
    let read = |text: &str| kvorum::base::json::parse(text).unwrap().read::<Action>();
    for text in [
        r#"{"action":"cut","from":"c1","to":2}"#,
        r#"{"action":"restore","from":2,"to":"operator"}"#,
        r#"{"action":"partition","groups":[[1,2],[3,"c64","operator"]]}"#,
    ] {
        let action = read(text).unwrap();
        assert_eq!(serde_json::to_string(&action).unwrap(), text);
    }
    for end in [
        r#""S1""#,
        r#""c""#,
        r#""c-1""#,
        r#""c1 ""#,
        "4294967296",
        "null",
    ] {
        let error = read(&format!(r#"{{"action":"cut","from":{end},"to":2}}"#)).unwrap_err();
        assert_eq!(error.path, "from", "{end}: {error}");
    }
    let mut run = run();
    let pair = |from: Address, to: Address| Action::cut(from, to);
    for (from, to, field) in [
        (ClientId(0).into(), NodeId(1).into(), "from"),
        (ClientId(65).into(), NodeId(1).into(), "from"),
        (NodeId(1).into(), ClientId(u32::MAX).into(), "to"),
        (C1.into(), ClientId(2).into(), "to"),
        (C1.into(), Address::Operator, "to"),
        (C1.into(), C1.into(), "to"),
    ] {
        let why = run.refused(pair(from, to));
        assert!(why.starts_with(&format!("{field}: ")), "{why}");
    }
}
