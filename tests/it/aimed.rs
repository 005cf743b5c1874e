//! Faults that look at the servers first: each reaches the situations that it is for.
//!
//! The bounds are half of what was counted when the fault was written: that tells one that does its work from one
//! that doesn't, and bears other draws.

use kvorum::base::{Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Trace, Way};
use kvorum::sim::{Action, Chaos, Event, EventKind, Fault, ReadMix, Settings, Simulation};

const SEEDS: u64 = 12;

/// Runs in which nothing goes wrong but what this fault brings about, each with its events.
fn runs(fault: Fault) -> Vec<(Simulation, Vec<Event>)> {
    runs_with(fault, Chaos::default())
}

fn runs_with(fault: Fault, chaos: Chaos) -> Vec<(Simulation, Vec<Event>)> {
    many_runs(fault, chaos, SEEDS)
}

fn many_runs(fault: Fault, mut chaos: Chaos, seeds: u64) -> Vec<(Simulation, Vec<Event>)> {
    *chaos.rate_mut(fault) = Ratio::ONE;
    let mut settings = Settings {
        load: 20,
        snapshot_every: 20,
        chaos,
        reads: ReadMix {
            lease: Ratio::percent(50),
            anywhere: Ratio::ZERO,
        },
        ..Settings::default()
    };
    settings.timing.clock_drift = Ratio::percent(10);
    let run = |seed| {
        let mut simulation = Simulation::new(settings.clone(), seed).unwrap();
        simulation.keep_events(true);
        simulation.run_until(Time::ZERO + Span::secs(20));
        assert_eq!(simulation.violation(), None, "{fault:?}, seed {seed}");
        let mut events = Vec::new();
        simulation.take_events(&mut events);
        (simulation, events)
    };
    (0..seeds).map(run).collect()
}

/// What chaos did.
fn acts(runs: &[(Simulation, Vec<Event>)]) -> Vec<&Action> {
    let events = runs.iter().flat_map(|(_, events)| events);
    let acts = events.filter_map(|event| match &event.kind {
        EventKind::ChaosActed(action) => Some(action),
        _ => None,
    });
    acts.collect()
}

fn count(acts: &[&Action], is: impl Fn(&Action) -> bool) -> usize {
    acts.iter().filter(|action| is(action)).count()
}

#[test]
fn shapes_are_left_of_the_network() {
    let runs = runs(Fault::Shape);
    let acts = acts(&runs);
    let cut = |action: &Action| matches!(action, Action::Cut { .. });
    assert!(count(&acts, cut) > 250, "{}", count(&acts, cut));
    assert!(count(&acts, |it| matches!(it, Action::Restore { .. })) > 200);
    // One side only speaks: somewhere a link is cut in one direction and not in the other.
    let one_way = runs.iter().any(|(run, _)| {
        let network = run.network();
        let mut changed = network.changed();
        changed.any(|(from, to)| network.is_cut(from, to) && !network.is_cut(to, from))
    });
    assert!(one_way);
}

#[test]
fn messages_of_former_lives_arrive() {
    let runs = runs(Fault::Former);
    let mut late = 0;
    for (_, events) in &runs {
        let mut sent = std::collections::BTreeMap::new();
        for event in events {
            match event.kind {
                EventKind::Sent { message, .. } => drop(sent.insert(message, event.at)),
                EventKind::Delivered { message, .. } => {
                    let at = sent.get(&message);
                    late += u32::from(at.is_some_and(|&at| event.at.since(at) > Span::secs(1)));
                }
                _ => {}
            }
        }
    }
    assert!(late > 15, "{late}");
    let acts = acts(&runs);
    assert!(count(&acts, |it| matches!(it, Action::Duplicate { .. })) > 190);
}

#[test]
fn ambushes_strike_at_their_moments() {
    // A run has one to five plots, many for moments that don't come where nothing else goes wrong.
    let runs = many_runs(Fault::Ambush, Chaos::default(), 5 * SEEDS);
    let acts = acts(&runs);
    let mut names: Vec<_> = acts.iter().map(|action| action.name()).collect();
    names.sort_unstable();
    names.dedup();
    for deed in [
        "change_members",
        "compact",
        "crash",
        "cut",
        "delay",
        "disk",
        "duplicate",
        "partition",
        "pause",
        "set_clock",
        "set_disk",
        "transfer_leadership",
    ] {
        assert!(names.contains(&deed), "{deed} in {names:?}");
    }
    // None of these moments is met by chance: the dice of blind faults fall at tenths of a second.
    let events = runs.iter().flat_map(|(_, events)| events);
    let at_a_moment = |event: &&Event| {
        matches!(&event.kind, EventKind::ChaosActed(_)) && !event.at.0.is_multiple_of(100_000)
    };
    assert!(events.filter(at_a_moment).count() > 200);
}

#[test]
fn members_change_in_every_way() {
    let runs = runs(Fault::Reshape);
    let acts = acts(&runs);
    for of in [Way::Shortest, Way::Joint, Way::Stay] {
        let is = |it: &Action| matches!(it, Action::ChangeMembers { way, .. } if *way == of);
        assert!(count(&acts, is) > 15, "{of:?}");
    }
    assert!(count(&acts, |it| matches!(it, Action::AddServer)) > 14);
    assert!(count(&acts, |it| matches!(it, Action::LeaveJoint)) > 8);
}

#[test]
fn clocks_drift_within_the_bound_and_never_leap() {
    let runs = runs(Fault::Drift);
    let mut drifts = Vec::new();
    for action in acts(&runs) {
        let Action::SetClock { drift, .. } = action else {
            panic!("{action:?}");
        };
        assert!(drift.unsigned_abs() <= 100_000, "{drift}");
        drifts.push(*drift);
    }
    for drift in [-100_000, 100_000] {
        assert!(drifts.contains(&drift), "{drift}");
    }
    // A clock that leapt would show on a server whose rate is right again.
    let skews = runs.iter().flat_map(|(run, _)| {
        let now = run.now();
        run.hosts().iter().map(move |host| host.clock().skew(now))
    });
    assert!(skews.filter(|skew| skew.abs() > 10_000).count() > 10);
}

#[test]
fn a_deposed_leader_is_asked() {
    let partition = Ratio::percent(60);
    let chaos = Chaos {
        partition,
        ..Chaos::default()
    };
    let runs = runs_with(Fault::Probe, chaos);
    let acts = acts(&runs);
    let reads = |it: &Action| {
        let Action::Request { operation, .. } = it else {
            return false;
        };
        operation.is_read()
    };
    // While there is a newer one, writes go to that.
    let writes = |it: &Action| {
        matches!(
            it,
            Action::Request {
                operation: Operation::Put { .. },
                ..
            }
        )
    };
    assert!(count(&acts, reads) > 60, "{}", count(&acts, reads));
    assert!(count(&acts, writes) > 30, "{}", count(&acts, writes));
}

#[test]
fn clients_fall_silent_send_more_and_write_large_values() {
    let runs = runs(Fault::Surge);
    let acts = acts(&runs);
    let load = |wanted| move |it: &Action| matches!(it, Action::SetLoad { per_second } if *per_second == wanted);
    for wanted in [0, 20, 160] {
        assert!(count(&acts, load(wanted)) > 5, "{wanted}");
    }
    let large = |it: &Action| matches!(it, Action::Request { operation: Operation::Put { value, .. }, .. } if value.len() > 1_000);
    assert!(count(&acts, large) > 5);
}

/// How often somebody else became leader in a run.
fn leaders((_, events): &(Simulation, Vec<Event>)) -> usize {
    let won = |event: &&Event| {
        let EventKind::Traced { trace, .. } = &event.kind else {
            return false;
        };
        matches!(trace, Trace::BecameLeader { .. })
    };
    events.iter().filter(won).count()
}

#[test]
fn one_leader_is_lost_after_the_other() {
    let runs = runs(Fault::Depose);
    // A siege a second, each with an election or more; without it there is one leader.
    for run in &runs {
        assert!(leaders(run) > 5, "{}", leaders(run));
    }
    let acts = acts(&runs);
    for loss in ["partition", "crash", "pause", "cut", "change_members"] {
        assert!(count(&acts, |it| it.name() == loss) > 0, "{loss}");
    }
    // What was done before ends as the next thing is done, not when its time is over.
    let (_, events) = &runs[0];
    let acts: Vec<_> = events
        .iter()
        .filter(|it| matches!(it.kind, EventKind::ChaosActed(_)))
        .collect();
    let is =
        |event: &Event, name| matches!(&event.kind, EventKind::ChaosActed(it) if it.name() == name);
    let relieved = |pair: &[&Event]| {
        is(pair[0], "heal") && is(pair[1], "partition") && pair[0].at == pair[1].at
    };
    assert!(acts.windows(2).any(relieved));
}

#[test]
fn a_rival_is_helped_while_a_lease_may_run() {
    let runs = runs(Fault::Usurp);
    let acts = acts(&runs);
    // Voters that crash and start in the same instant.
    let events = || runs.iter().flat_map(|(_, events)| events);
    let blinks = events().zip(events().skip(1)).filter(|(a, b)| {
        a.at == b.at
            && matches!(a.kind, EventKind::Crashed { .. })
            && matches!(
                b.kind,
                EventKind::ChaosActed(
                    Action::Restart { .. } | Action::Crash { .. } | Action::Partition { .. }
                )
            )
    });
    assert!(blinks.count() > 5);
    let asked = |it: &Action| matches!(it, Action::Request { .. });
    assert!(count(&acts, asked) > 20, "{}", count(&acts, asked));
    let clocks = |sign: i32| move |it: &Action| matches!(it, Action::SetClock { drift, .. } if *drift == sign * 100_000);
    assert!(count(&acts, clocks(1)) > count(&acts, clocks(-1)) && count(&acts, clocks(-1)) > 5);
}

#[test]
fn a_server_joins_and_another_one_goes() {
    let runs = runs(Fault::Newcomer);
    let acts = acts(&runs);
    for deed in ["add_server", "promote_server", "request"] {
        assert!(
            count(&acts, |it| it.name() == deed) >= SEEDS as usize,
            "{deed}"
        );
    }
}
