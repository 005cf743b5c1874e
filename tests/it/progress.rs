//! Progress and Stability: what is owed comes, or the run ends with a verdict; and what isn't owed,
//! by design, is nobody's fault. Each case of the list in `sim::invariants::progress` is here.

use crate::rules::elections::{act, led_by_s1, node, wait};
use crate::stall::{part, put};
use crate::support;
use kvorum::base::{ClientId, NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Body, Message, ReadLevel, Role, Rule, Rules, Timing};
use kvorum::sim::{
    Action, DiskFault, Found, LinkSettings, Owed, Property, Settings, Simulation, StallReason,
};

/// Longer than anything that is owed may take here.
const LONG: u64 = 30_000;

pub fn watching(rules: Rules) -> Settings {
    Settings {
        rules,
        watch_liveness: true,
        ..Settings::default()
    }
}

fn get() -> Operation {
    support::get("x", ReadLevel::Linearizable)
}

pub fn found(simulation: &Simulation) -> Option<Found> {
    simulation.violation().map(|violation| violation.found)
}

/// Who owes progress.
fn owing(simulation: &Simulation) -> Vec<u32> {
    let owing = simulation.owing_progress().map(|(nodes, _)| nodes);
    owing
        .unwrap_or_default()
        .iter()
        .map(|node| node.0)
        .collect()
}

fn all(simulation: &mut Simulation, ids: &[u32], action: impl Fn(NodeId) -> Action) {
    for &id in ids {
        act(simulation, action(node(id)));
    }
}

// ---- stalls ----

/// Servers with equal timeouts would take each other's votes for ever, if the draws of those who stood
/// in vain didn't come from a wider range: then the run would end here with a stall.
#[test]
fn servers_with_equal_timeouts_elect_in_time() {
    let millis = Span::millis;
    let latency = millis(10);
    let settings = Settings {
        timing: Timing {
            election_timeout_min: millis(150),
            election_timeout_max: millis(150),
            ..Timing::default()
        },
        link: LinkSettings {
            latency_min: latency,
            latency_max: latency,
            ..LinkSettings::default()
        },
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("it can be");
    wait(&mut simulation, LONG);
    assert_eq!(owing(&simulation), [1, 2, 3, 4, 5]);
    assert_eq!(found(&simulation), None);
    assert!(simulation.leader().is_some() && simulation.stalled_since().is_none());
}

/// A defect that the cluster doesn't have: every candidate hears of a newer term from a voter before
/// its votes arrive. All of them hear each other, and nobody ever leads.
#[test]
fn a_cluster_that_never_elects_is_seen() {
    let run = |is_broken: bool| {
        let settings = Settings::default();
        let mut simulation = Simulation::new(settings, 1).expect("it can be");
        while simulation.now().0 < LONG * 1_000 && simulation.step().went() {
            let rafts = simulation.hosts().iter().filter_map(|host| host.raft());
            let candidate = rafts.filter(|raft| is_broken && raft.role() == Role::Candidate);
            let refused = candidate.map(|raft| Message {
                from: node(raft.node().0 % 5 + 1).into(),
                to: raft.id(),
                term: raft.current_term() + 1,
                body: Body::RequestVoteReply { granted: false },
            });
            let refused: Vec<_> = refused.collect();
            refused.into_iter().for_each(|it| simulation.forge(it));
        }
        simulation
    };
    let elects = run(false);
    assert_eq!(found(&elects), None);
    assert!(elects.leader().is_some());
    let stalled = run(true);
    let Some(Found::Stalled {
        since,
        owed: Owed::Leader,
        leader: None,
        members: 5,
    }) = found(&stalled)
    else {
        panic!("{:?}", found(&stalled));
    };
    assert!(
        since < Time::from_millis(300),
        "before the first timeout: {since}"
    );
    assert_eq!(stalled.stalled_since(), Some(since));
    assert!(stalled.why_nothing_moves().contains(&StallReason::NoLeader));
    // Twenty of the longest timeouts, and the time between two looks.
    let end = stalled.now();
    assert!(
        (Time::from_millis(6_000)..Time::from_millis(7_000)).contains(&end),
        "{end}"
    );
}

/// What a leader inherits it can't commit before something of its own (section 5.4.2), and without
/// the no-op there is nothing.
#[test]
fn a_leader_that_commits_nothing_is_seen() {
    let rules = Rules::ALL.without(Rule::NoopOnElection);
    let inherits = |rules| {
        let mut simulation = led_by_s1(watching(rules));
        act(&mut simulation, put(Some(node(1)), 1));
        while simulation.host(node(1)).is_some_and(|host| {
            host.volume().log().last_index() < 2 - u64::from(!rules.has(Rule::NoopOnElection))
        }) {
            assert!(simulation.step().went());
        }
        wait(&mut simulation, 12);
        act(&mut simulation, Action::Crash { node: node(1) });
        wait(&mut simulation, LONG);
        found(&simulation)
    };
    assert_eq!(inherits(Rules::ALL), None);
    let stalled = inherits(rules);
    assert!(
        matches!(
            stalled,
            Some(Found::Stalled {
                owed: Owed::Commit,
                leader: Some(_),
                ..
            })
        ),
        "{stalled:?}"
    );
}

#[test]
fn a_client_that_is_never_answered_is_seen_while_it_asks_and_when_it_gives_up() {
    for attempts in [1_000, 12] {
        let asks = |rules| {
            let mut simulation = led_by_s1(watching(rules));
            let operation = get();
            act(
                &mut simulation,
                Action::Request {
                    operation,
                    to: None,
                    attempts,
                },
            );
            wait(&mut simulation, LONG);
            found(&simulation)
        };
        assert_eq!(asks(Rules::ALL), None);
        let stalled = asks(Rules::ALL.without(Rule::NoopOnElection));
        let answer = Owed::Answer {
            client: ClientId(1),
            sequence: 1,
        };
        assert!(
            matches!(stalled, Some(Found::Stalled { owed, leader: Some(NodeId(1)), members: 5, .. }) if owed == answer),
            "{attempts}: {stalled:?}"
        );
    }
    // With fewer tries than it may need, it isn't anybody's fault.
    let mut simulation = led_by_s1(watching(Rules::ALL.without(Rule::NoopOnElection)));
    let operation = get();
    act(
        &mut simulation,
        Action::Request {
            operation,
            to: None,
            attempts: 3,
        },
    );
    wait(&mut simulation, LONG);
    assert_eq!(found(&simulation), None);
}

/// The verdict is part of the run: the same with and without anybody who keeps the events, and in
/// whatever steps it is driven.
#[test]
fn the_verdict_is_the_same_whoever_looks() {
    let run = |keep, step: u64| {
        let rules = Rules::ALL.without(Rule::NoopOnElection);
        let mut simulation = led_by_s1(watching(rules));
        simulation.keep_events(keep);
        let (operation, attempts) = (get(), 1_000);
        let to = None;
        act(
            &mut simulation,
            Action::Request {
                operation,
                to,
                attempts,
            },
        );
        for _ in 0..LONG / step {
            wait(&mut simulation, step);
        }
        let violation = *simulation.violation().expect("it stalls");
        (violation, simulation.hash(), simulation.processed())
    };
    assert_eq!(run(false, 30_000), run(true, 7));
}

// ---- what isn't owed ----

/// Everybody owes it, then something is in the way of every majority, and nobody does, for however
/// long; and once it is gone, they owe it again.
fn is_not_owed(what: &str, begin: impl Fn(&mut Simulation), end: impl Fn(&mut Simulation)) {
    let mut simulation = led_by_s1(Settings::default());
    assert_eq!(owing(&simulation), [1, 2, 3, 4, 5], "{what}");
    begin(&mut simulation);
    let asked = simulation.apply(put(None, 1_000)).is_ok();
    wait(&mut simulation, 700);
    assert_eq!(owing(&simulation), [0; 0], "{what}");
    wait(&mut simulation, 2 * LONG);
    assert_eq!(found(&simulation), None, "{what}");
    end(&mut simulation);
    wait(&mut simulation, 4_000);
    assert!(owing(&simulation).len() >= 3, "{what}");
    wait(&mut simulation, LONG);
    assert_eq!(found(&simulation), None, "{what}");
    let answered = simulation.clients().all(|client| client.is_idle());
    assert!(asked && answered, "{what}");
}

#[test]
fn nothing_is_owed_without_a_majority_that_runs() {
    let three = [3, 4, 5];
    is_not_owed(
        "down",
        |it| all(it, &three, |node| Action::Crash { node }),
        |it| all(it, &three, |node| Action::Restart { node }),
    );
    is_not_owed(
        "paused",
        |it| all(it, &three, |node| Action::Pause { node }),
        |it| all(it, &three, |node| Action::Resume { node }),
    );
    let disk = |fault| move |node| Action::Disk { node, fault };
    is_not_owed(
        "full disks",
        |it| all(it, &three, disk(DiskFault::Fill)),
        |it| all(it, &three, disk(DiskFault::Free)),
    );
}

#[test]
fn nothing_is_owed_without_a_majority_that_hears_each_other() {
    is_not_owed(
        "a partition in three",
        |it| {
            let groups = vec![vec![node(1), node(2)], vec![node(3), node(4)]];
            act(it, Action::partition(groups));
        },
        |it| act(it, Action::Heal),
    );
    // S1 hears everybody, but nobody else does: it may lead, and owes nothing.
    is_not_owed(
        "a hub",
        |it| {
            for (a, b) in [(2, 3), (2, 4), (2, 5), (3, 4), (3, 5), (4, 5)] {
                part(it, a, b);
            }
        },
        |it| {
            for (a, b) in [(2, 3), (2, 4), (2, 5), (3, 4), (3, 5), (4, 5)] {
                for (from, to) in [(node(a), node(b)), (node(b), node(a))] {
                    act(it, Action::restore(from, to));
                }
            }
        },
    );
}

#[test]
fn nothing_is_owed_over_links_that_lose_or_are_slow() {
    let usual = LinkSettings::default();
    let lossy = LinkSettings {
        loss: Ratio::percent(1),
        ..usual
    };
    let slow = LinkSettings {
        latency_min: Span::millis(35),
        latency_max: Span::millis(35),
        ..usual
    };
    for (what, link) in [("lost", lossy), ("slow", slow)] {
        is_not_owed(
            what,
            |it| act(it, Action::SetNetwork { link }),
            |it| act(it, Action::SetNetwork { link: usual }),
        );
    }
}

#[test]
fn nothing_is_owed_with_slow_disks_and_wrong_clocks() {
    let disk = |millis| {
        move |node| Action::SetDisk {
            node,
            fsync_min: Span::millis(millis),
            fsync_max: Span::millis(millis),
        }
    };
    let three = [1, 2, 3];
    is_not_owed(
        "slow disks",
        |it| all(it, &three, disk(80)),
        |it| all(it, &three, disk(2)),
    );
    let clock = |drift| {
        move |node| Action::SetClock {
            node,
            skew: 0,
            drift,
        }
    };
    // A tenth faster is beyond the bound of one per cent.
    is_not_owed(
        "clocks",
        |it| all(it, &three, clock(100_000)),
        |it| all(it, &three, clock(0)),
    );
}

#[test]
fn the_time_counts_from_the_last_fault_that_meets_them() {
    let mut simulation = led_by_s1(Settings::default());
    let since = |simulation: &Simulation| simulation.owing_progress().map(|(_, since)| since);
    let first = since(&simulation);
    // The others of a majority go on.
    act(&mut simulation, Action::Crash { node: node(5) });
    part(&mut simulation, 1, 4);
    wait(&mut simulation, 1_000);
    assert_eq!(
        (owing(&simulation), since(&simulation)),
        (vec![1, 2, 3], first)
    );
    for (from, to) in [(node(1), node(4)), (node(4), node(1))] {
        act(&mut simulation, Action::restore(from, to));
    }
    act(&mut simulation, Action::Restart { node: node(5) });
    wait(&mut simulation, 1_000);
    assert_eq!(since(&simulation), first);
    // Another one is too many.
    act(&mut simulation, Action::Pause { node: node(3) });
    act(&mut simulation, Action::Resume { node: node(3) });
    wait(&mut simulation, 1_000);
    assert_eq!(owing(&simulation), [1, 2, 3, 4, 5]);
    assert!(since(&simulation) > Some(Time::from_millis(2_900)));
    for action in [
        Action::time_out(node(2)),
        Action::transfer(node(1), node(3)),
        Action::set_priority(node(4), 1),
    ] {
        let before = since(&simulation);
        // Whoever leads hands over.
        let action = match (action, simulation.leader()) {
            (Action::TransferLeadership { to, .. }, Some(from)) => Action::transfer(from, to),
            (action, _) => action,
        };
        act(&mut simulation, action.clone());
        wait(&mut simulation, 1_000);
        assert!(since(&simulation) > before, "{action:?}");
    }
    let (node, by) = (node(2), 5_000);
    act(&mut simulation, Action::JumpClock { node, by });
    wait(&mut simulation, 1_000);
    assert_eq!(owing(&simulation), [1, 3, 4, 5]);
    assert_eq!(found(&simulation), None);
}

#[test]
fn no_answer_is_owed_to_clients_that_are_not_heard() {
    let lost = LinkSettings {
        loss: Ratio::ONE,
        ..LinkSettings::default()
    };
    let mut simulation = led_by_s1(Settings::default());
    act(&mut simulation, Action::SetClientNetwork { link: lost });
    act(&mut simulation, put(None, 1_000));
    wait(&mut simulation, 2 * LONG);
    assert_eq!(found(&simulation), None);
    assert!(simulation.stalled_since().is_some());
}

#[test]
fn without_a_rule_neither_is_watched_unless_somebody_wants_to_know() {
    let both = [Property::Progress, Property::Stability];
    let watched = |settings| {
        let simulation = Simulation::new(settings, 1).expect("it can be");
        let watched: Vec<_> = simulation.watched().collect();
        both.map(|property| watched.contains(&property))
    };
    assert_eq!(watched(Settings::default()), [true; 2]);
    for &rule in Rule::ALL {
        let rules = Rules::ALL.without(rule);
        let lesson = Settings {
            rules,
            ..Settings::default()
        };
        assert_eq!(watched(lesson), [false; 2], "{}", rule.name());
        let wanted = rule.is_for_liveness();
        assert_eq!(watched(watching(rules)), [wanted; 2], "{}", rule.name());
    }
    let mut simulation = led_by_s1(Settings::default());
    let rules = Rules::ALL.without(Rule::PreVote);
    act(&mut simulation, Action::SetRules { rules });
    let rules = Rules::ALL;
    act(&mut simulation, Action::SetRules { rules });
    assert!(
        simulation
            .watched()
            .all(|property| !both.contains(&property))
    );
}

/// A large cluster finds its leader in time, too.
#[test]
fn a_hundred_servers_elect_in_time() {
    for (nodes, seed) in [(25, 1), (101, 1)] {
        let settings = Settings {
            nodes,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, seed).expect("it can be");
        wait(&mut simulation, 4_000);
        assert_eq!(owing(&simulation).len() as u32, nodes);
        assert!(simulation.leader().is_some() && found(&simulation).is_none());
    }
}
