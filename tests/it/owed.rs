//! Progress where a rule alone keeps the cluster going: a leader that has to notice that nobody reaches it, and a
//! new voter that nobody may have to wait for.

use crate::progress::{found, watching};
use crate::rules::elections::{act, led_by_s1, node, request, wait};
use crate::support;
use kvorum::base::Span;
use kvorum::raft::{Rule, Rules};
use kvorum::sim::{Action, Found, LinkSettings, Owed, Settings};

/// Longer than anything that is owed may take here.
const LONG: u64 = 30_000;

/// Everybody hears the leader, and it hears nobody: it resigns by itself (CheckQuorum, dissertation 6.2), or
/// nobody ever does anything again.
#[test]
fn a_leader_that_only_speaks_has_to_resign() {
    let run = |rules| {
        let mut simulation = led_by_s1(watching(rules));
        for from in [2, 3, 4, 5].map(node) {
            act(&mut simulation, Action::cut(from, node(1)));
        }
        wait(&mut simulation, LONG);
        found(&simulation)
    };
    assert_eq!(run(Rules::ALL), None);
    let stalled = run(Rules::ALL.without(Rule::CheckQuorum));
    let Some(Found::Stalled {
        owed: Owed::Leader,
        members: 4,
        ..
    }) = stalled
    else {
        panic!("{stalled:?}");
    };
}

/// A leader that a majority reaches may go on, though somebody it leads would do better: nothing is owed.
#[test]
fn a_leader_that_a_majority_reaches_may_stay() {
    let rules = Rules::ALL.without(Rule::CheckQuorum);
    let mut simulation = led_by_s1(watching(rules));
    for from in [2, 3].map(node) {
        act(&mut simulation, Action::cut(from, node(1)));
    }
    wait(&mut simulation, LONG);
    assert_eq!(found(&simulation), None);
    assert_eq!(simulation.leader(), Some(node(1)));
}

/// Three servers and a fourth, which gets a large snapshot through a small window; one of the three crashes. As
/// long as the fourth learns, two of three decide; once it votes and has nothing, three of four would have to.
#[test]
fn nobody_waits_for_a_voter_that_has_nothing() {
    let run = |rules| {
        let latency = Span::millis(10);
        let mut settings = Settings {
            nodes: 3,
            link: LinkSettings {
                latency_min: latency,
                latency_max: latency,
                ..LinkSettings::default()
            },
            snapshot_every: 5,
            ..watching(rules)
        };
        (settings.timing.max_chunk, settings.timing.max_in_flight) = (16, 1);
        let mut simulation = led_by_s1(settings);
        let large = "x".repeat(20_000);
        for _ in 0..10 {
            act(&mut simulation, request(support::put("y", &large), None, 0));
            wait(&mut simulation, 500);
        }
        act(&mut simulation, Action::AddServer);
        act(&mut simulation, Action::PromoteServer { node: node(4) });
        wait(&mut simulation, 1_000);
        act(&mut simulation, Action::Crash { node: node(3) });
        act(
            &mut simulation,
            request(support::put("x", "1"), None, 1_000),
        );
        wait(&mut simulation, LONG);
        found(&simulation)
    };
    assert_eq!(run(Rules::ALL), None);
    let stalled = run(Rules::ALL.without(Rule::LearnerCatchesUp));
    assert!(
        matches!(stalled, Some(Found::Stalled { .. })),
        "{stalled:?}"
    );
}
