//! Machines with clocks of their own, and leaders that hand over.

use crate::support::{self, events, first_answer, put};
use kvorum::base::{NodeId, Span, Time};
use kvorum::kv::{Operation, Outcome};
use kvorum::raft::{ReadLevel, Trace};
use kvorum::sim::{Action, Event, EventKind, Settings, Simulation};

fn node(id: u32) -> NodeId {
    NodeId(id)
}

fn run(settings: Settings, seed: u64, until: u64) -> Simulation {
    let mut simulation = Simulation::new(settings, seed).unwrap();
    simulation.keep_events(true);
    simulation.run_until(Time::from_millis(until));
    simulation
}

fn set(id: u32, skew: i64, drift: i32) -> Action {
    let node = node(id);
    Action::SetClock { node, skew, drift }
}

fn request(operation: Operation, to: Option<NodeId>) -> Action {
    support::request(operation, to, 0)
}

/// When each server's first timer ran out.
fn first_timeouts(simulation: &mut Simulation) -> Vec<(NodeId, Time)> {
    let mut found: Vec<(NodeId, Time)> = Vec::new();
    for event in events(simulation) {
        if let EventKind::Traced {
            node,
            trace: Trace::PreVoteStarted { .. },
            ..
        } = event.kind
            && found.iter().all(|it| it.0 != node)
        {
            found.push((node, event.at));
        }
    }
    found.sort_by_key(|it| it.0);
    found
}

/// Three servers that don't hear each other, after these actions.
fn alone(actions: &[Action]) -> Vec<(NodeId, Time)> {
    alone_and_later(actions, &[])
}

/// The same, after more actions when 100 ms have passed: no timer has run out by then.
fn alone_and_later(actions: &[Action], later: &[Action]) -> Vec<(NodeId, Time)> {
    let settings = Settings {
        nodes: 3,
        ..Settings::default()
    };
    let mut simulation = run(settings, 4, 0);
    let groups = (1..=3).map(|id| [node(id)]);
    simulation.apply(Action::partition(groups)).unwrap();
    for action in actions {
        simulation.apply(action.clone()).unwrap();
    }
    simulation.run_until(Time::from_millis(100));
    for action in later {
        simulation.apply(action.clone()).unwrap();
    }
    simulation.run_until(Time::from_millis(700));
    first_timeouts(&mut simulation)
}

#[test]
fn timeouts_go_by_the_servers_own_clock() {
    let right = alone(&[]);
    assert_eq!(right.len(), 3);
    let wrong = alone(&[set(1, 0, 500_000), set(2, 0, -500_000)]);
    let of = |times: &[(NodeId, Time)], id: usize| times[id - 1].1.0;
    assert_eq!(
        of(&wrong, 1),
        (of(&right, 1) * 2).div_ceil(3),
        "fast by half"
    );
    assert_eq!(of(&wrong, 2), of(&right, 2) * 2, "slow by half");
    assert_eq!(wrong[2], right[2]);
}

#[test]
fn skew_alone_changes_nothing() {
    let node = node(1);
    let started = |skew| {
        let (stop, start) = (Action::Crash { node }, Action::Restart { node });
        alone(&[stop, set(1, skew, 0), start])
    };
    let right = started(0);
    assert_eq!(right.len(), 3);
    assert_eq!(started(17_000_000), right);
}

#[test]
fn a_clock_that_leaps_ahead_rings_at_once_and_one_that_leaps_back_later() {
    let right = alone(&[]);
    let jump = |id, by| Action::JumpClock { node: node(id), by };
    let wrong = alone(&[set(1, 0, 0), jump(1, 100_000), jump(2, 3_600_000_000)]);
    assert_eq!(wrong[0].1, Time(right[0].1.0 - 100_000));
    assert_eq!(wrong[1].1, Time::ZERO);
    // It waits no longer than it would have: what it remembers keeps its distance from now.
    let settings = Settings::default();
    let mut simulation = run(settings, 4, 3_000);
    let leader = simulation.leader().unwrap();
    for id in 1..=5 {
        simulation.apply(jump(id, -2_000_000)).unwrap();
    }
    simulation.apply(Action::Crash { node: leader }).unwrap();
    simulation.run_until(Time::from_millis(4_500));
    assert!(simulation.leader().is_some_and(|other| other != leader));
}

#[test]
fn a_server_that_hears_nobody_sees_its_clock_go_back() {
    let node = node(1);
    let ahead = [
        Action::Crash { node },
        set(1, 3_600_000_000, 0),
        Action::Restart { node },
    ];
    let right = alone(&ahead);
    assert_eq!(right.len(), 3);
    let jump = |by| Action::JumpClock { node, by };
    for by in [-1_000, -50_000, -90_000, -3_600_000_000] {
        let set_back = alone_and_later(&ahead, &[jump(by)]);
        assert_eq!(set_back, right, "by {by} µs");
    }
    let set_back = alone_and_later(&ahead, &[set(1, 0, 0)]);
    assert_eq!(set_back, right);
}

#[test]
fn no_clock_keeps_a_cluster_from_working() {
    for (skew, drift) in [
        (-3_600_000_000, 0),
        (3_600_000_000, 0),
        (0, 100_000),
        (0, -100_000),
    ] {
        for whom in 1..=5 {
            let mut simulation = run(Settings::default(), 9, 2_000);
            simulation.apply(set(whom, skew, drift)).unwrap();
            simulation.run_until(Time::from_millis(3_000));
            simulation.apply(request(put("x", "1"), None)).unwrap();
            simulation.run_until(Time::from_millis(6_000));
            assert_eq!(
                first_answer(&simulation),
                Some(Outcome::Done),
                "S{whom} {skew} {drift}"
            );
            assert_eq!(simulation.violation(), None);
        }
    }
}

#[test]
fn a_leader_hands_over_under_load() {
    for seed in 0..20 {
        let settings = Settings {
            load: 100,
            ..Settings::default()
        };
        let mut simulation = run(settings, seed, 2_000);
        let from = simulation.leader().expect("somebody leads");
        let to = node(from.0 % 5 + 1);
        let term = |simulation: &Simulation| simulation.hosts()[0].raft().unwrap().current_term();
        let before = term(&simulation);
        simulation.apply(Action::transfer(from, to)).unwrap();
        simulation.run_until(Time::from_millis(2_300));
        assert_eq!(simulation.leader(), Some(to), "seed {seed}");
        assert_eq!(term(&simulation), before + 1, "seed {seed}");
        simulation.apply(Action::SetLoad { per_second: 0 }).unwrap();
        simulation.run_until(Time::from_millis(5_000));
        let gave_up = |event: &Event| matches!(event.kind, EventKind::GaveUp { .. });
        assert!(!events(&mut simulation).iter().any(gave_up), "seed {seed}");
    }
}

#[test]
fn servers_of_a_low_priority_lead_only_if_they_must() {
    for seed in 0..30 {
        let settings = Settings {
            priorities: vec![0, 0, 1, 1, 2],
            ..Settings::default()
        };
        let mut simulation = run(settings, seed, 2_000);
        let leader = simulation.leader().expect("somebody leads");
        assert!(leader.0 > 2, "seed {seed}: {leader}");
        for id in 3..=4 {
            let node = node(id);
            simulation.apply(Action::Crash { node }).unwrap();
        }
        simulation.run_until(Time::from_millis(5_000));
        assert!(simulation.leader().is_some(), "seed {seed}");
    }
}

#[test]
fn every_server_answers_reads_of_every_level() {
    let mut simulation = run(Settings::default(), 2, 2_000);
    simulation.apply(request(put("x", "1"), None)).unwrap();
    simulation.run_until(Time::from_millis(2_500));
    let levels = [ReadLevel::Linearizable, ReadLevel::Lease, ReadLevel::Stale];
    for (level, id) in levels
        .into_iter()
        .flat_map(|level| (1..=5).map(move |id| (level, id)))
    {
        let key = "x".into();
        let get = request(Operation::Get { key, level }, Some(node(id)));
        simulation.apply(get).unwrap();
        simulation.run_until(simulation.now() + Span::millis(200));
        let value = Some("1".into());
        assert_eq!(
            first_answer(&simulation),
            Some(Outcome::Found { value }),
            "{level:?} at S{id}"
        );
    }
    // Only the reads by lease went elsewhere, unless the leader was asked itself.
    let told = events(&mut simulation);
    let redirected = |event: &&Event| matches!(event.kind, EventKind::Redirected { .. });
    let returned = |id: u32| {
        let from =
            |event: &&Event| matches!(event.kind, EventKind::Returned { node, .. } if node.0 == id);
        told.iter().filter(from).count()
    };
    let leader = simulation.leader().unwrap();
    assert!(told.iter().filter(redirected).count() <= 5);
    for id in (1..=5).filter(|&id| id != leader.0) {
        assert_eq!(
            returned(id),
            2,
            "S{id} answers for itself, but for the lease"
        );
    }
}

#[test]
fn spans_are_told_in_the_unit_that_reads_well() {
    let told = [
        (0, "0 ms"),
        (36_000, "36 ms"),
        (1_500, "1.5 ms"),
        (9_999_999, "9999.999 ms"),
        (10_000_000, "10 s"),
        (58_788_829, "58.788 s"),
    ];
    for (micros, says) in told {
        assert_eq!(Span(micros).to_string(), says);
    }
}
