//! Why nobody is elected, or who is elected commits nothing: who, where and why.

use super::{lacks, part, put, says, words};
use crate::rules::elections::{act, led_by_s1, node, wait};
use kvorum::base::Span;
use kvorum::raft::{Rule, Rules};
use kvorum::sim::{Action, LackReason, Settings, Simulation, StallReason, Unable};

/// Only S1 hears enough of them, and S2, which has the higher priority, refuses it; until S1 has stood
/// in vain so often that its priority counts no more.
#[test]
fn a_priority_that_refuses_is_named_with_both_servers_while_it_counts() {
    let settings = Settings {
        priorities: vec![0, 3],
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("it can be");
    for id in [4, 5] {
        act(&mut simulation, Action::Crash { node: node(id) });
    }
    part(&mut simulation, 2, 3);
    let down = LackReason::Unable { how: Unable::Down };
    let higher = LackReason::HigherPriority { theirs: 0, ours: 3 };
    assert_eq!(
        lacks(&simulation, 1),
        [(2, higher), (4, down), (5, down)],
        "{:#?}",
        words(&simulation)
    );
    says(
        &simulation,
        &[
            "S1 can't win an election, it would get 2 of 3 votes: S2 has priority 3, S1 has 0",
            "S4 is down",
        ],
    );
    says(
        &simulation,
        &[
            "S2 can't win an election",
            "S3 doesn't hear S2 (the link is cut)",
        ],
    );
    let can = |simulation: &Simulation| {
        let mut reasons = simulation.why_nothing_moves().into_iter();
        reasons.find_map(|it| match it {
            StallReason::CanWin { candidate, .. } => Some(candidate),
            _ => None,
        })
    };
    while can(&simulation).is_none() {
        assert!(lacks(&simulation, 1).contains(&(2, higher)) || simulation.leader().is_some());
        assert!(simulation.step().went() && simulation.now().0 < 5_000_000);
    }
    assert_eq!(
        (can(&simulation), simulation.leader()),
        (Some(node(1)), None)
    );
    wait(&mut simulation, 1_000);
    assert_eq!(simulation.leader(), Some(node(1)));
}

/// Timers are told in true time, whatever the clocks of their servers show, and a clock that was set
/// puts none of them off.
#[test]
fn timers_are_told_in_true_time_whatever_clocks_show() {
    let settings = Settings {
        nodes: 3,
        ..Settings::default()
    };
    let mut simulation = led_by_s1(settings);
    act(&mut simulation, Action::Crash { node: node(1) });
    for (id, skew, drift) in [(2, -3_600_000_000, -500_000), (3, 3_600_000_000, 0)] {
        let node = node(id);
        act(&mut simulation, Action::SetClock { node, skew, drift });
    }
    let timers: Vec<_> = simulation
        .why_nothing_moves()
        .into_iter()
        .filter_map(|it| match it {
            StallReason::CanWin { candidate, due } => Some((candidate, due.expect("a timer"))),
            _ => None,
        })
        .collect();
    let now = simulation.now();
    let [(first, _), (second, slow)] = timers[..] else {
        panic!("{:#?}", words(&simulation));
    };
    assert_eq!(
        (first, second),
        (node(3), node(2)),
        "who stands next comes first"
    );
    // The clock of S2 runs at half the pace: 150 to 300 ms of it are twice as long.
    for (candidate, due) in timers {
        let pace = if candidate == node(2) { 2 } else { 1 };
        assert!(due > now, "{candidate} at {due}");
        assert!(
            due.since(now) <= Span::millis(300 * pace),
            "{candidate} at {due}"
        );
    }
    assert!(slow.since(now) >= Span::millis(300), "S2 at {slow}");
    let millis = slow.0 / 1_000;
    let told = format!("runs out at {}.{:03}", millis / 1_000, millis % 1_000);
    says(
        &simulation,
        &["S2 can win an election", told.trim_end_matches('0')],
    );
    wait(&mut simulation, 2_000);
    assert!(simulation.leader().is_some());
}

/// What it inherited is on every disk, and isn't committed: it has nothing of its own.
#[test]
fn a_leader_that_has_only_inherited_is_told_what_it_lacks() {
    let inherits = |rules| {
        let mut simulation = led_by_s1(Settings {
            rules,
            ..Settings::default()
        });
        let last = |run: &Simulation| {
            run.host(node(1))
                .map(|host| host.volume().log().last_index())
        };
        let before = last(&simulation);
        act(&mut simulation, put(Some(node(1)), 1));
        while last(&simulation) == before {
            assert!(simulation.step().went());
        }
        wait(&mut simulation, 12);
        act(&mut simulation, Action::Crash { node: node(1) });
        wait(&mut simulation, 3_000);
        simulation
    };
    let all_well = inherits(Rules::ALL);
    assert_eq!(all_well.stalled_since(), None, "{:#?}", words(&all_well));
    let simulation = inherits(Rules::ALL.without(Rule::NoopOnElection));
    let leader = simulation.leader().expect("somebody leads");
    let raft = simulation.host(leader).and_then(|host| host.raft());
    let term = raft.map(|raft| raft.current_term()).expect("it runs");
    let reasons = simulation.why_nothing_moves();
    assert!(reasons.contains(&StallReason::OnlyInherited { leader, term }));
    let holds = format!("The log of {leader} holds nothing of its own term {term}");
    says(&simulation, &[&holds, "only together with one of its own"]);
    says(
        &simulation,
        &[&format!("{leader} leads, and #1 isn't committed")],
    );
}

#[test]
fn of_many_that_can_win_those_are_named_who_stand_next() {
    let settings = Settings {
        nodes: 31,
        ..Settings::default()
    };
    let simulation = Simulation::new(settings, 7).unwrap();
    let reasons = simulation.why_nothing_moves();
    let next: Vec<_> = reasons
        .iter()
        .filter_map(|reason| match *reason {
            StallReason::CanWin { due, .. } => due,
            _ => None,
        })
        .collect();
    let all = simulation.hosts().iter();
    let mut timers: Vec<_> = all
        .filter_map(|host| Some(host.clock().when(host.raft()?.election_timer()?.due)))
        .collect();
    timers.sort();
    assert!((2..10).contains(&next.len()), "{}", next.len());
    assert_eq!(next, timers[..next.len()]);
}
