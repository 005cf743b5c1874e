//! Sessions expire by the time in the log.

use crate::support::{self, act, request};
use kvorum::base::{NodeId, Ratio, Span};
use kvorum::kv::Outcome;
use kvorum::sim::settings::ClientSettings;
use kvorum::sim::{Action, Event, EventKind, LinkSettings, Settings, Simulation};

/// Three servers, of which one leads; sessions live for two seconds.
fn led() -> Simulation {
    let settings = Settings {
        nodes: 3,
        clients: ClientSettings {
            session_timeout: Span::secs(2),
            max_attempts: 100,
            ..ClientSettings::default()
        },
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
    pass(&mut simulation, 1_000);
    simulation.keep_events(true);
    simulation
}

fn pass(simulation: &mut Simulation, ms: u64) {
    simulation.run_until(simulation.now() + Span::millis(ms));
    assert_eq!(simulation.violation(), None);
}

fn append(simulation: &mut Simulation, text: &str) {
    let to = simulation.leader();
    assert!(to.is_some());
    act(simulation, request(support::append("tape", text), to, 0));
}

fn set_client_loss(simulation: &mut Simulation, loss: Ratio) {
    let link = LinkSettings {
        loss,
        ..LinkSettings::default()
    };
    let action = Action::SetClientNetwork { link };
    simulation.apply(action).expect("it can be done");
}

fn tape(simulation: &Simulation) -> [Option<&str>; 3] {
    [1, 2, 3].map(|id| {
        let host = simulation.host(NodeId(id)).expect("it is there");
        host.store().get("tape").map(|value| &**value)
    })
}

/// Behind the leader's empty entry.
fn leader_has_a_command(simulation: &Simulation) -> bool {
    let leader = simulation.leader().and_then(|node| simulation.host(node));
    let raft = leader.and_then(|host| host.raft());
    raft.is_some_and(|raft| raft.log().last_index() > 1)
}

fn last_outcome(simulation: &Simulation) -> Option<Outcome> {
    let client = simulation.clients().next().expect("somebody asked");
    client.operations().next_back()?.outcome.clone()
}

fn expired(simulation: &mut Simulation) -> usize {
    let mut events: Vec<Event> = Vec::new();
    simulation.take_events(&mut events);
    let is_it = |event: &&Event| matches!(event.kind, EventKind::SessionExpired { .. });
    events.iter().filter(is_it).count()
}

#[test]
fn a_retry_after_its_session_expired_is_an_error() {
    let mut simulation = led();
    append(&mut simulation, "a");
    while !leader_has_a_command(&simulation) {
        assert!(simulation.step().went());
    }
    // It is going to run. The answer is lost, and so are the retries, for longer than the session
    // lives.
    set_client_loss(&mut simulation, Ratio::ONE);
    pass(&mut simulation, 3_000);
    assert_eq!(expired(&mut simulation), 0, "nothing moved the log's time");
    set_client_loss(&mut simulation, Ratio::ZERO);
    pass(&mut simulation, 3_000);
    assert_eq!(expired(&mut simulation), 1);
    assert_eq!(tape(&simulation), [Some("a"); 3], "once");
    assert_eq!(last_outcome(&simulation), None, "nobody knows");
    // The same client goes on with a new session.
    append(&mut simulation, "b");
    pass(&mut simulation, 1_000);
    assert_eq!(simulation.clients().len(), 1);
    assert_eq!(last_outcome(&simulation), Some(Outcome::Done));
    assert_eq!(tape(&simulation), [Some("ab"); 3]);
}

#[test]
fn a_retry_while_its_session_lives_is_answered() {
    let mut simulation = led();
    append(&mut simulation, "a");
    while !leader_has_a_command(&simulation) {
        assert!(simulation.step().went());
    }
    set_client_loss(&mut simulation, Ratio::ONE);
    pass(&mut simulation, 700);
    set_client_loss(&mut simulation, Ratio::ZERO);
    pass(&mut simulation, 1_000);
    assert_eq!(expired(&mut simulation), 0);
    assert_eq!(last_outcome(&simulation), Some(Outcome::Done));
    assert_eq!(tape(&simulation), [Some("a"); 3]);
}

#[test]
fn a_client_that_was_idle_for_long_goes_on_without_an_error() {
    let mut simulation = led();
    let mut expected = String::new();
    for idle in [500, 1_500, 2_500, 10_000] {
        append(&mut simulation, "x");
        expected.push('x');
        pass(&mut simulation, idle);
        assert_eq!(last_outcome(&simulation), Some(Outcome::Done), "{idle} ms");
    }
    assert_eq!(expired(&mut simulation), 0);
    assert_eq!(tape(&simulation), [Some(&*expected); 3]);
}
