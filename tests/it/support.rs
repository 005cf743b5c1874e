//! What many tests do: ask, wait, act, look at what happened.

use kvorum::base::{NodeId, Span, Time};
use kvorum::kv::{Operation, Outcome};
use kvorum::raft::{ReadLevel, Rules, Timing};
use kvorum::run::Playhead;
use kvorum::sim::{Action, Event, Settings, Simulation};

/// The instant so many milliseconds after the start.
pub fn ms(ms: u64) -> Time {
    Time::from_millis(ms)
}

// ---- what clients ask for ----

pub fn put(key: &str, value: &str) -> Operation {
    Operation::Put {
        key: key.into(),
        value: value.into(),
    }
}

pub fn append(key: &str, value: &str) -> Operation {
    Operation::Append {
        key: key.into(),
        value: value.into(),
    }
}

pub fn get(key: &str, level: ReadLevel) -> Operation {
    let key = key.into();
    Operation::Get { key, level }
}

pub fn request(operation: Operation, to: Option<NodeId>, attempts: u32) -> Action {
    Action::Request {
        operation,
        to,
        attempts,
    }
}

// ---- a simulation ----

pub fn act(simulation: &mut Simulation, action: Action) {
    simulation.apply(action).expect("it can be done");
}

/// Lets so many milliseconds pass.
pub fn wait(simulation: &mut Simulation, ms: u64) {
    simulation.run_until(simulation.now() + Span::millis(ms));
}

/// What happened since the last time.
pub fn events(simulation: &mut Simulation) -> Vec<Event> {
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    events
}

/// What the first client was answered last.
pub fn first_answer(simulation: &Simulation) -> Option<Outcome> {
    let client = simulation.clients().next().expect("somebody asked");
    let last = client.operations().next_back().expect("something");
    last.outcome.clone()
}

/// What a server's store has for a key.
pub fn stored(simulation: &Simulation, node: NodeId, key: &str) -> Option<String> {
    let store = simulation.host(node).expect("it is there").store();
    store.get(key).map(|value| value.to_string())
}

/// Lets a playhead go on to an instant, and nothing may stop it before.
pub fn advance(playhead: &mut Playhead, until: Time) {
    assert_eq!(playhead.advance(until, || true), until);
}

// ---- a story ----

/// Servers whose timers never run out by themselves: the story says who campaigns.
pub fn without_timers(nodes: u32, rules: Rules) -> Simulation {
    let timing = Timing {
        election_timeout_min: Span::secs(60),
        election_timeout_max: Span::secs(60),
        ..Timing::default()
    };
    let settings = Settings {
        nodes,
        timing,
        rules,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
    simulation.keep_events(true);
    simulation
}
