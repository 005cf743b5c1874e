//! Rules that are switched during a run: what changes the state switches at one entry of the log, for
//! servers that lag, that crash and come back, and for those that get a snapshot.

use kvorum::base::{NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Rule, Rules};
use kvorum::sim::{Action, LinkSettings, Property, Settings, Simulation};

const S3: NodeId = NodeId(3);
const S4: NodeId = NodeId(4);

fn switch(simulation: &mut Simulation, rules: Rules) {
    simulation.apply(Action::SetRules { rules }).unwrap();
}

/// Clients repeat what was lost, so that entries run twice where sessions aren't heeded.
fn busy(seed: u64, snapshot_every: u32) -> Simulation {
    let settings = Settings {
        load: 60,
        client_link: LinkSettings {
            loss: Ratio::percent(40),
            ..LinkSettings::default()
        },
        snapshot_every,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, seed).unwrap();
    for property in [Property::ExactlyOnce, Property::Linearizability] {
        simulation.ignore(property);
    }
    simulation
}

/// All servers hold the same state, which they reached by the same entries.
fn assert_equal(simulation: &Simulation, seed: u64) {
    assert_eq!(simulation.violation(), None, "seed {seed}");
    let first = &simulation.hosts()[0];
    for host in simulation.hosts() {
        assert_eq!(
            host.last_applied(),
            first.last_applied(),
            "seed {seed}: {}",
            host.id()
        );
        assert!(
            host.store().encode() == first.store().encode(),
            "seed {seed}: {} holds another state",
            host.id()
        );
    }
}

#[test]
fn stores_stay_equal_when_sessions_are_switched_off_and_on() {
    let without = Rules::ALL.without(Rule::SessionDedup);
    for (seed, snapshot_every) in [(1, 0), (2, 0), (3, 15), (4, 15), (5, 40), (6, 40)] {
        let mut simulation = busy(seed, snapshot_every);
        simulation.run_until(Time::from_millis(2_000));
        // S3 lags behind, and S4 will apply everything again.
        let lagging = vec![vec![S3], [1, 2, 4, 5].map(NodeId).to_vec()];
        simulation.apply(Action::partition(lagging)).unwrap();
        simulation.run_until(Time::from_millis(4_000));
        simulation.apply(Action::Crash { node: S4 }).unwrap();
        switch(&mut simulation, without);
        simulation.run_until(Time::from_millis(6_000));
        switch(&mut simulation, Rules::ALL);
        simulation.run_until(Time::from_millis(7_000));
        switch(&mut simulation, without);
        simulation.apply(Action::Restart { node: S4 }).unwrap();
        simulation.run_until(Time::from_millis(8_000));
        simulation.apply(Action::Heal).unwrap();
        simulation.run_until(Time::from_millis(9_000));
        simulation.apply(Action::SetLoad { per_second: 0 }).unwrap();
        simulation.run_until(Time::from_millis(20_000));
        assert_equal(&simulation, seed);
    }
}

/// A replica that applies an entry for the first time after the switch goes by the rule that held
/// when the others applied it.
#[test]
fn a_server_that_applies_later_goes_by_the_same_rules() {
    let mut simulation = busy(7, 0);
    simulation.apply(Action::SetLoad { per_second: 0 }).unwrap();
    let append = Action::Request {
        operation: Operation::Append {
            key: "tape".into(),
            value: "a".into(),
        },
        to: None,
        attempts: 1_000,
    };
    simulation.run_until(Time::from_millis(1_000));
    for _ in 0..20 {
        simulation.apply(append.clone()).unwrap();
        simulation.run_until(simulation.now() + Span::secs(3));
    }
    while simulation.clients().any(|client| !client.is_idle()) {
        assert!(simulation.step().went());
    }
    simulation.run_until(simulation.now() + Span::secs(3));
    let operations = simulation.clients().flat_map(|client| client.operations());
    let tries: u32 = operations.map(|operation| operation.attempts).sum();
    assert!(tries > 25, "{tries} tries: nothing was lost");
    for node in 1..=5 {
        let node = NodeId(node);
        simulation.apply(Action::Crash { node }).unwrap();
    }
    switch(&mut simulation, Rules::ALL.without(Rule::SessionDedup));
    for node in 1..=5 {
        let node = NodeId(node);
        simulation.apply(Action::Restart { node }).unwrap();
    }
    let before = simulation.now();
    simulation.run_until(before + Span::secs(5));
    let tape = simulation.hosts()[0].store().get("tape").cloned();
    assert_eq!(
        tape.as_deref(),
        Some(&*"a".repeat(20)),
        "each ran once, as before"
    );
    assert_equal(&simulation, 7);
}
