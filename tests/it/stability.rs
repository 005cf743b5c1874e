//! Stability: a leader whom a majority hears in time isn't deposed by anybody outside; and what deposes
//! one by design is no finding.

use crate::progress::{found, watching};
use crate::rules::elections::{act, led_by_s1, node, wait};
use crate::stall::part;
use kvorum::base::{NodeId, Span};
use kvorum::raft::{Rule, Rules};
use kvorum::sim::{Action, DiskFault, Found, LinkSettings, Settings, Simulation};

/// S5 is cut off and comes back.
fn comes_back(rules: Rules) -> Simulation {
    let mut simulation = led_by_s1(watching(rules));
    assert_eq!(simulation.secure_leader(), Some(node(1)));
    let groups = vec![vec![node(5)], (1..=4).map(node).collect()];
    act(&mut simulation, Action::partition(groups));
    wait(&mut simulation, 3_000);
    assert_eq!(simulation.secure_leader(), Some(node(1)));
    act(&mut simulation, Action::Heal);
    wait(&mut simulation, 3_000);
    simulation
}

#[test]
fn an_outsider_that_deposes_a_leader_is_a_finding() {
    assert_eq!(found(&comes_back(Rules::ALL)), None);
    let simulation = comes_back(Rules::ALL.without(Rule::PreVote));
    let deposed = Found::Deposed {
        leader: node(1),
        term: 1,
        by: node(5),
    };
    assert_eq!(found(&simulation), Some(deposed));
}

/// A voter that the leader doesn't reach stands for election, and the others help it.
#[test]
fn voters_that_leave_a_leader_are_a_finding() {
    let cut_off = |rules| {
        let mut simulation = led_by_s1(watching(rules));
        part(&mut simulation, 1, 5);
        wait(&mut simulation, 5_000);
        found(&simulation)
    };
    let neither = Rules::ALL
        .without(Rule::PreVote)
        .without(Rule::LeaderStickiness);
    assert_eq!(cut_off(Rules::ALL), None);
    assert!(matches!(
        cut_off(neither),
        Some(Found::Deposed {
            leader: NodeId(1),
            ..
        })
    ));
}

#[test]
fn who_is_deposed_by_design_is_no_finding() {
    let actions: [(&str, Vec<Action>); 5] = [
        ("a transfer", vec![Action::transfer(node(1), node(2))]),
        ("removal", vec![Action::RemoveServer { node: node(1) }]),
        (
            "a full disk",
            vec![Action::Disk {
                node: node(1),
                fault: DiskFault::Fill,
            }],
        ),
        (
            "a partition",
            vec![Action::partition(vec![vec![node(1), node(2)]])],
        ),
        (
            "slow links",
            [2, 3, 4, 5]
                .map(|to| Action::SetLink {
                    from: node(1).into(),
                    to: node(to).into(),
                    link: LinkSettings {
                        latency_min: Span::millis(400),
                        latency_max: Span::millis(400),
                        ..LinkSettings::default()
                    },
                })
                .to_vec(),
        ),
    ];
    for (what, actions) in actions {
        let mut simulation = led_by_s1(Settings::default());
        assert_eq!(simulation.secure_leader(), Some(node(1)), "{what}");
        for action in actions {
            act(&mut simulation, action);
        }
        wait(&mut simulation, 5_000);
        assert_eq!(found(&simulation), None, "{what}");
        let still = |host: &kvorum::sim::Host| {
            host.raft()
                .is_some_and(|raft| raft.is_leader() && raft.current_term() == 1)
        };
        assert!(!simulation.hosts().iter().any(still), "{what}: S1 leads on");
    }
}

/// Who was promised votes, or told to lead, before all that is no disturber.
#[test]
fn a_newer_term_from_before_deposes_by_design() {
    let mut simulation = led_by_s1(Settings::default());
    // S4 and S5 elect nobody on their own, but S5 learns of a newer term and crashes with it.
    let groups = vec![vec![node(1), node(2)], (3..=5).map(node).collect()];
    act(&mut simulation, Action::partition(groups));
    wait(&mut simulation, 3_000);
    act(&mut simulation, Action::Crash { node: node(5) });
    act(&mut simulation, Action::Heal);
    wait(&mut simulation, 5_000);
    act(&mut simulation, Action::Restart { node: node(5) });
    wait(&mut simulation, 5_000);
    assert_eq!(found(&simulation), None);
}
