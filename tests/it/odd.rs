//! Odd input: settings and actions that can't be are refused by name, and nothing has happened.

use crate::run::says_why;
use kvorum::base::{NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Body, EntryId, Message};
use kvorum::sim::{Action, Chaos, LinkSettings, Settings, Simulation, Step};

const S1: NodeId = NodeId(1);
const NOBODY: NodeId = NodeId(9);

#[test]
fn impossible_settings_are_refused_by_name() {
    type Change = fn(&mut Settings);
    let cases: &[(&str, Change)] = &[
        ("nodes", |s| s.nodes = 0),
        ("nodes", |s| s.nodes = 102),
        ("timing.heartbeat", |s| s.timing.heartbeat = Span::ZERO),
        ("timing.heartbeat", |s| s.timing.heartbeat = Span(999)),
        ("clients.timeout", |s| s.clients.timeout = Span(999)),
        ("clients.backoff_min", |s| s.clients.backoff_min = Span(999)),
        ("timing.heartbeat", |s| {
            s.timing.heartbeat = s.timing.election_timeout_min
        }),
        ("timing.election_timeout_max", |s| {
            s.timing.election_timeout_max = Span::millis(149)
        }),
        ("timing.max_in_flight", |s| s.timing.max_in_flight = 0),
        ("timing.max_batch", |s| s.timing.max_batch = 0),
        ("timing.clock_drift", |s| {
            s.timing.clock_drift = Ratio(500_001)
        }),
        ("priorities", |s| s.priorities = vec![1; 6]),
        ("chaos.clock", |s| s.chaos.clock = Ratio(1_000_001)),
        ("timing.max_in_flight_bytes", |s| {
            s.timing.max_in_flight_bytes = 0
        }),
        ("timing.max_chunk", |s| s.timing.max_chunk = 0),
        ("timing.keep_entries", |s| s.timing.keep_entries = u32::MAX),
        ("snapshot_every", |s| s.snapshot_every = 1_000_001),
        ("link.latency_max", |s| s.link.latency_max = Span::ZERO),
        ("link.loss", |s| s.link.loss = Ratio(1_000_001)),
        ("client_link.duplicate", |s| {
            s.client_link.duplicate = Ratio(u32::MAX)
        }),
        ("disk.fsync_max", |s| s.disk.fsync_max = Span::ZERO),
        ("clients.timeout", |s| s.clients.timeout = Span::ZERO),
        ("clients.backoff_max", |s| {
            s.clients.backoff_max = Span::millis(1)
        }),
        ("clients.max_attempts", |s| s.clients.max_attempts = 0),
        ("load", |s| s.load = 10_001),
        ("chaos.crash", |s| s.chaos.crash = Ratio(2_000_000)),
    ];
    for (field, change) in cases {
        let mut settings = Settings::default();
        change(&mut settings);
        let error = settings.check().unwrap_err();
        assert_eq!(error.field, *field, "{error}");
        assert_eq!(Simulation::new(settings, 1).unwrap_err(), error);
    }
    assert_eq!(Settings::default().check(), Ok(()));
}

#[test]
fn one_server_and_many_work() {
    for nodes in [1, 2, 101] {
        let settings = Settings {
            nodes,
            load: 10,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, 1).unwrap();
        simulation.run_until(Time::from_millis(5_000));
        assert_eq!(simulation.violation(), None);
        assert!(
            simulation
                .hosts()
                .iter()
                .all(|host| host.last_applied() > 10),
            "{nodes}"
        );
    }
}

fn clock(node: NodeId, skew: i64, drift: i32) -> Action {
    Action::SetClock { node, skew, drift }
}

fn hand_over(from: NodeId, to: NodeId) -> Action {
    Action::transfer(from, to)
}

fn link(from: NodeId, to: NodeId) -> Action {
    Action::cut(from, to)
}

#[test]
fn impossible_actions_are_refused_by_name_and_change_nothing() {
    let rough = LinkSettings {
        latency_max: Span::ZERO,
        ..LinkSettings::default()
    };
    let request = |operation, to| Action::Request {
        operation,
        to,
        attempts: 0,
    };
    let get = |key: &str| Operation::Get {
        key: key.into(),
        level: Default::default(),
    };
    let chaos = Chaos {
        cut: Ratio(u32::MAX),
        ..Chaos::default()
    };
    let delay = |by| Action::Delay { message: 77, by };
    let jump = |node, by| Action::JumpClock { node, by };
    let load = |per_second| Action::SetLoad { per_second };
    let walls = |groups: &[&[NodeId]]| Action::partition(groups.iter().map(|group| group.to_vec()));
    let cases = [
        (
            "node: there is no server S9",
            Action::Crash { node: NOBODY },
        ),
        (
            "node: there is no server S0",
            Action::Crash { node: NodeId(0) },
        ),
        ("node: S1 is running", Action::Restart { node: S1 }),
        ("node: S1 is running", Action::Resume { node: S1 }),
        (
            "node: S1 has applied nothing that no snapshot covers",
            Action::compact(S1),
        ),
        ("node: there is no server S9", Action::compact(NOBODY)),
        (
            "node: there is no server S9",
            Action::Pause { node: NOBODY },
        ),
        (
            "node: there is no server S4294967295",
            Action::time_out(NodeId(u32::MAX)),
        ),
        ("from: there is no server S9", link(NOBODY, S1)),
        ("to: there is no server S9", link(S1, NOBODY)),
        ("to: S1 has no link to itself", link(S1, S1)),
        ("groups: no group has a server", walls(&[])),
        ("groups: no group has a server", walls(&[&[]])),
        ("groups: there is no server S9", walls(&[&[NOBODY]])),
        ("groups: S1 is in two groups", walls(&[&[S1], &[S1]])),
        ("groups: S1 is in two groups", walls(&[&[S1, S1]])),
        (
            "link.latency_max: 0 ms is less than the minimum, 8 ms",
            Action::SetNetwork { link: rough },
        ),
        (
            "link.latency_max: 0 ms is less than the minimum, 8 ms",
            Action::SetClientNetwork { link: rough },
        ),
        ("per_second: 4294967295 is above 10000", load(u32::MAX)),
        (
            "message: no message 0 is under way",
            Action::Drop { message: 0 },
        ),
        (
            "message: no message 18446744073709551615 is under way",
            Action::Duplicate { message: u64::MAX },
        ),
        (
            "message: no message 77 is under way",
            delay(Span::millis(1)),
        ),
        (
            "by: 18446744073709.551 s is above 60 s",
            delay(Span(u64::MAX)),
        ),
        (
            "chaos.cut: 429496.7295% is not between 0% and 100%",
            Action::SetChaos { chaos },
        ),
        ("node: there is no server S9", clock(NOBODY, 0, 0)),
        (
            "skew: -9223372036854775808 is not between -3600000000 and 3600000000",
            clock(S1, i64::MIN, 0),
        ),
        (
            "skew: 3600000001 is not between -3600000000 and 3600000000",
            clock(S1, 3_600_000_001, 0),
        ),
        (
            "drift: 500001 is not between -500000 and 500000",
            clock(S1, 0, 500_001),
        ),
        (
            "drift: -2147483648 is not between -500000 and 500000",
            clock(S1, 0, i32::MIN),
        ),
        ("node: there is no server S0", jump(NodeId(0), 1)),
        (
            "by: 9223372036854775807 is not between -3600000000 and 3600000000",
            jump(S1, i64::MAX),
        ),
        ("from: there is no server S9", hand_over(NOBODY, S1)),
        ("to: there is no server S9", hand_over(S1, NOBODY)),
        ("to: S1 has no link to itself", hand_over(S1, S1)),
        ("from: S1 doesn't lead", hand_over(S1, NodeId(2))),
        ("to: there is no server S9", request(get("x"), Some(NOBODY))),
        ("key: must not be empty", request(get(""), None)),
        (
            "key: 257 bytes, at most 256 are allowed",
            request(get(&"k".repeat(257)), None),
        ),
    ];
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    let before = (
        simulation.hash(),
        simulation.events_emitted(),
        simulation.next_at(),
    );
    for (says, action) in cases {
        let error = simulation.why_not(&action).expect("it can't be done");
        assert_eq!(says_why(&error), says, "{action:?}");
        assert_eq!(simulation.apply(action), Err(error));
    }
    let after = (
        simulation.hash(),
        simulation.events_emitted(),
        simulation.next_at(),
    );
    assert_eq!(before, after);
}

#[test]
fn nothing_happens_twice_to_a_machine() {
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    let mut refused = |action: Action| simulation.apply(action).err().map(|error| error.field);
    let node = S1;
    assert_eq!(refused(Action::Pause { node }), None);
    assert_eq!(refused(Action::Pause { node }), Some("node"));
    assert_eq!(refused(Action::time_out(node)), Some("node"));
    assert_eq!(refused(Action::Crash { node }), None);
    assert_eq!(refused(Action::Crash { node }), Some("node"));
    assert_eq!(refused(Action::Resume { node }), Some("node"));
    assert_eq!(refused(Action::Restart { node }), None);
    assert_eq!(refused(Action::Restart { node }), Some("node"));
}

#[test]
fn odd_keys_and_values_pass_and_the_clients_run_out_clearly() {
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    let texts = ["🦀", "<script>alert(1)</script>", "", "\u{0}\u{202e}"];
    let long = "v".repeat(10 * 1024);
    for text in texts.into_iter().chain([&*long]) {
        let operation = Operation::Put {
            key: format!("k{}", text.chars().take(20).collect::<String>()).into(),
            value: text.into(),
        };
        let to = None;
        simulation
            .apply(Action::Request {
                operation,
                to,
                attempts: 0,
            })
            .unwrap();
        simulation.run_until(simulation.now() + Span::secs(2));
    }
    let store = simulation.host(S1).unwrap().store();
    assert_eq!(store.len(), 5);
    assert_eq!(store.get("k🦀").map(|value| &**value), Some("🦀"));

    for node in (1..=5).map(NodeId) {
        simulation.apply(Action::Crash { node }).unwrap();
    }
    let ask = || Action::Request {
        operation: Operation::Get {
            key: "x".into(),
            level: Default::default(),
        },
        to: None,
        attempts: 0,
    };
    for _ in 0..64 {
        simulation.apply(ask()).unwrap();
    }
    let error = simulation.apply(ask()).unwrap_err();
    assert_eq!(says_why(&error), "operation: all 64 clients are busy");
    simulation.run_until(simulation.now() + Span::secs(60));
    assert!(simulation.clients().all(|client| client.is_idle()));
    assert_eq!(simulation.next_at(), None);
    assert_eq!(simulation.step(), Step::Idle);
}

#[test]
fn forged_messages_are_dropped_with_a_trace() {
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    simulation.run_until(Time::from_millis(1_000));
    let leader = simulation.leader().unwrap();
    let body = Body::AppendEntries {
        prev_log: EntryId {
            index: u64::MAX - 1,
            term: u64::MAX,
        },
        entries: kvorum::raft::Entries::default(),
        leader_commit: u64::MAX,
        round: u32::MAX,
    };
    for (from, to) in [
        (NOBODY, S1),
        (S1, S1),
        (S1, NOBODY),
        (NodeId(0), NodeId(0)),
        (S1, leader),
    ] {
        let body = body.clone();
        simulation.forge(Message {
            from: from.into(),
            to: to.into(),
            term: 1,
            body,
        });
    }
    simulation.run_until(Time::from_millis(3_000));
    assert_eq!(simulation.violation(), None);
    assert!(simulation.leader().is_some());
}
