//! Storms: hundreds of runs with every fault at once.
//!
//! Each run has two parts. In the storm servers crash, pause and lose each other, links lose,
//! double and reorder, disks are slow: whatever happens, no property may break. Then the storm
//! ends, and the cluster must work again, agree, and hold what it acknowledged.

use crate::support;
use kvorum::base::{Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Timing, Trace};
use kvorum::sim::{
    Action, Chaos, Event, EventKind, Fault, LinkSettings, Power, Settings, Simulation, Violation,
};
use std::collections::BTreeSet;

const RUNS: u64 = 500;
const STORM: Time = Time::from_millis(4_000);

/// The settings of a run: sizes, links and weather differ from seed to seed.
fn settings(seed: u64) -> Settings {
    let mut chaos = Chaos::default();
    for (place, &fault) in Fault::BLIND.iter().enumerate() {
        *chaos.rate_mut(fault) = Ratio::percent(20 + 15 * (seed >> (place % 8) & 3) as u32);
    }
    let link = LinkSettings {
        loss: Ratio::percent((seed % 3) as u32),
        duplicate: Ratio::percent((seed / 3 % 3) as u32),
        reorder: seed.is_multiple_of(2),
        ..LinkSettings::default()
    };
    Settings {
        nodes: [3, 5, 5, 7, 4][(seed % 5) as usize],
        link,
        client_link: link,
        load: 40,
        priorities: (0..seed % 4).map(|id| (seed >> id & 1) as u8).collect(),
        chaos,
        timing: Timing {
            max_chunk: [64, 200][(seed / 2 % 2) as usize],
            keep_entries: [0, 0, 10][(seed / 4 % 3) as usize],
            ..Timing::default()
        },
        snapshot_every: [10, 0, 30, 50][(seed % 4) as usize],
        ..Settings::default()
    }
}

fn request(operation: Operation) -> Action {
    support::request(operation, None, 0)
}

fn append(number: usize) -> Operation {
    support::append("tape", &format!(" {number}"))
}

/// The numbers of the appends that the events say were begun, or acknowledged.
fn appends(events: &[Event]) -> (Vec<usize>, Vec<usize>) {
    let mut begun = Vec::new();
    let mut acknowledged = Vec::new();
    let mut who = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::Invoked {
                client,
                sequence,
                operation: Operation::Append { key, value },
            } if &**key == "tape" => {
                let number = value.trim().parse().expect("a number");
                begun.push(number);
                who.push((*client, *sequence, number));
            }
            EventKind::Returned {
                client, sequence, ..
            } => {
                let found = who.iter().find(|it| (it.0, it.1) == (*client, *sequence));
                acknowledged.extend(found.map(|it| it.2));
            }
            _ => {}
        }
    }
    (begun, acknowledged)
}

/// A run, or what went wrong in it.
fn soak(seed: u64, events: &mut Vec<Event>) -> Result<(), String> {
    let mut simulation =
        Simulation::new(settings(seed), seed).map_err(|error| error.to_string())?;
    simulation.keep_events(true);
    let mut act = |simulation: &mut Simulation, action| {
        let done = simulation.apply(action).map_err(|error| error.to_string());
        simulation.take_events(events);
        done
    };
    for number in 0.. {
        let until = simulation.now() + Span::millis(100);
        if until > STORM {
            break;
        }
        simulation.run_until(until);
        safe(simulation.violation())?;
        // Refused while every client waits for an answer: then nobody asked for it.
        let _refused = act(&mut simulation, request(append(number)));
    }
    // Every fault ends by itself within two seconds; then the clients come to rest.
    let chaos = Chaos::default();
    act(&mut simulation, Action::SetChaos { chaos })?;
    act(&mut simulation, Action::SetLoad { per_second: 0 })?;
    act(
        &mut simulation,
        Action::SetNetwork {
            link: LinkSettings::default(),
        },
    )?;
    act(
        &mut simulation,
        Action::SetClientNetwork {
            link: LinkSettings::default(),
        },
    )?;
    let calm = STORM + Span::secs(12);
    simulation.run_until(calm);
    safe(simulation.violation())?;
    let put = Operation::Put {
        key: "last".into(),
        value: "word".into(),
    };
    act(&mut simulation, request(put))?;
    simulation.run_until(calm + Span::secs(3));
    safe(simulation.violation())?;
    simulation.take_events(events);
    alive(&simulation, events)
}

fn safe(violation: Option<&Violation>) -> Result<(), String> {
    violation.map_or(Ok(()), |violation| Err(format!("{violation:?}")))
}

/// After the storm: everybody runs, applied the same, and holds what was acknowledged, once.
fn alive(simulation: &Simulation, events: &[Event]) -> Result<(), String> {
    let members = simulation.configuration();
    if members.is_joint() {
        return Err("the joint configuration was not left".into());
    }
    let serving = simulation.hosts().iter().filter(|host| !host.is_retired());
    let serving: Vec<_> = serving.collect();
    let Some(first) = serving
        .iter()
        .find(|host| host.raft().is_some() && members.member_on(host.id()).is_some())
    else {
        return Err("nobody is a member".into());
    };
    for host in &serving {
        let id = host.id();
        if host.refuses().is_some() {
            continue;
        }
        if host.power() != Power::Up {
            return Err(format!("{id} is {:?}", host.power()));
        }
        if members.member_on(id).is_none() {
            return Err(format!("{id} is neither a member nor switched off"));
        }
        if host.last_applied() != first.last_applied() || host.store() != first.store() {
            return Err(format!("{id} differs from {}", first.id()));
        }
    }
    if first.store().get("last").map(|value| &**value) != Some("word") {
        return Err("the last put was not answered".into());
    }
    let tape = first.store().get("tape").map_or("", |value| value);
    let tape: Vec<usize> = tape.split_whitespace().flat_map(str::parse).collect();
    let (begun, acknowledged) = appends(events);
    let once: BTreeSet<_> = tape.iter().collect();
    if once.len() != tape.len() {
        return Err(format!("an append ran twice: {tape:?}"));
    }
    if let Some(lost) = acknowledged.iter().find(|it| !once.contains(it)) {
        return Err(format!(
            "append {lost} was acknowledged and is lost: {tape:?}"
        ));
    }
    if let Some(strange) = tape.iter().find(|it| !begun.contains(it)) {
        return Err(format!("nobody asked for append {strange}"));
    }
    Ok(())
}

#[test]
fn storms_break_nothing_and_pass() {
    let mut faults = [0; 9];
    let mut changes = [0; 5];
    for seed in 0..RUNS {
        let mut events = Vec::new();
        if let Err(wrong) = soak(seed, &mut events) {
            for event in &events {
                if let EventKind::Acted(action) | EventKind::ChaosActed(action) = &event.kind {
                    eprintln!("{} {action:?}", event.at);
                }
            }
            panic!("seed {seed}: {wrong}\nsettings: {:?}", settings(seed));
        }
        for event in &events {
            match event.kind {
                EventKind::Crashed { .. } => faults[0] += 1,
                EventKind::Paused { .. } => faults[1] += 1,
                EventKind::ChaosActed(Action::Partition { .. }) => faults[2] += 1,
                EventKind::Lost { .. } => faults[3] += 1,
                EventKind::Traced { trace, .. } => match trace {
                    Trace::SnapshotInstalled { .. } => faults[4] += 1,
                    Trace::JointCommitted { .. } => changes[2] += 1,
                    Trace::ConfigurationRolledBack { .. } => changes[3] += 1,
                    _ => {}
                },
                EventKind::Joined { .. } => changes[0] += 1,
                EventKind::Rejoined { .. } => changes[4] += 1,
                EventKind::Retired { .. } => changes[1] += 1,
                EventKind::CutOff { .. } => faults[5] += 10,
                EventKind::Refused { .. } => faults[6] += 10,
                EventKind::ChaosActed(Action::SetClock { .. }) => faults[7] += 1,
                EventKind::ChaosActed(Action::TransferLeadership { .. }) => faults[8] += 2,
                _ => {}
            }
        }
    }
    // A storm without faults would prove nothing.
    assert!(faults.iter().all(|&count| count > RUNS), "{faults:?}");
    assert!(changes.iter().all(|&count| count > 0), "{changes:?}");
}
