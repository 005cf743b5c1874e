//! The same settings, seed and actions are the same run.

use crate::runs::{self, put};
use kvorum::base::{Ratio, Span, Time};
use kvorum::kv::{Operation, Outcome};
use kvorum::sim::{Action, Chaos, Event, EventKind, Settings, Simulation};

pub fn get(key: &str) -> Action {
    Action::Request {
        operation: Operation::Get {
            key: key.into(),
            level: Default::default(),
        },
        to: None,
        attempts: 0,
    }
}

fn stormy() -> Settings {
    let rate = Ratio::percent(40);
    Settings {
        load: 50,
        chaos: Chaos::all(rate),
        ..Settings::default()
    }
}

fn events_of(simulation: &mut Simulation, until: Time) -> Vec<Event> {
    simulation.keep_events(true);
    simulation.run_until(until);
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    events
}

#[test]
fn five_servers_elect_a_leader_replicate_and_answer() {
    let mut simulation = Simulation::new(Settings::default(), 7).unwrap();
    simulation.run_until(Time::from_millis(2_000));
    assert!(simulation.leader().is_some());
    simulation.apply(put("x", "1")).unwrap();
    simulation.run_until(Time::from_millis(3_000));
    simulation.apply(get("x")).unwrap();
    let events = events_of(&mut simulation, Time::from_millis(4_000));
    let found = Outcome::Found {
        value: Some("1".into()),
    };
    assert!(events.iter().any(
        |event| matches!(&event.kind, EventKind::Returned { outcome, .. } if *outcome == found)
    ));
    for host in simulation.hosts() {
        assert_eq!(host.store().get("x").map(|value| &**value), Some("1"));
    }
    assert_eq!(simulation.violation(), None);
}

#[test]
fn the_same_seed_gives_the_same_events() {
    let run = |seed| {
        let mut simulation = Simulation::new(stormy(), seed).unwrap();
        let events = events_of(&mut simulation, Time::from_millis(10_000));
        (simulation.hash(), events)
    };
    let (first, again, other) = (run(1), run(1), run(2));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    assert!(first.1.len() > 1_000);
}

#[test]
fn an_action_changes_the_hash() {
    let run = |action: Option<Action>| {
        let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
        simulation.run_until(Time::from_millis(1_000));
        if let Some(action) = action {
            simulation.apply(action).unwrap();
        }
        simulation.hash()
    };
    assert_ne!(run(None), run(Some(Action::Heal)));
    assert_ne!(run(Some(put("x", "1"))), run(Some(put("x", "2"))));
}

#[test]
fn keeping_the_events_changes_nothing() {
    let run = |keep| {
        let mut simulation = Simulation::new(stormy(), 3).unwrap();
        simulation.keep_events(keep);
        simulation.run_until(Time::from_millis(5_000));
        (
            simulation.hash(),
            simulation.processed(),
            simulation.events_emitted(),
        )
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn a_clone_goes_on_as_the_original() {
    let mut original = Simulation::new(stormy(), 11).unwrap();
    original.run_until(Time::from_millis(3_000));
    // Also between two simultaneous events, and with the clone running ahead of the original.
    for _ in 0..200 {
        original.step();
        let mut clone = original.clone();
        let until = clone.now() + Span::millis(50);
        clone.run_until(until);
        let mut other = original.clone();
        other.run_until(until);
        assert_eq!(clone.hash(), other.hash());
    }
    let mut clone = original.clone();
    clone.run_until(Time::from_millis(8_000));
    original.run_until(Time::from_millis(8_000));
    assert_eq!(original.hash(), clone.hash());
    assert_eq!(original.processed(), clone.processed());
}

#[test]
fn runs_have_the_hashes_that_stand_in_the_list() {
    let found = runs::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn runs_end_as_stands_in_the_list() {
    let found = runs::ends::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_list_tells_runs_apart() {
    let other = runs::Run {
        seed: 8,
        ..runs::RUNS[1]
    };
    assert_ne!(runs::hash(&other), runs::RUNS[1].hash);
}
