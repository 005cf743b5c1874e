//! Snapshots in whole runs: logs stay short, restarts and laggards find the same state, and the
//! checks see a state that isn't the one.

use kvorum::base::{NodeId, Span};
use kvorum::kv::{ApplySettings, ClientCommand, Operation, Store};
use kvorum::raft::{Body, Chunk, Configuration, Message, Snapshot, Trace};
use kvorum::sim::{Action, EventKind, Property, Settings, Simulation};
use std::rc::Rc;

const S3: NodeId = NodeId(3);

fn simulation(snapshot_every: u32) -> Simulation {
    let settings = Settings {
        nodes: 3,
        load: 200,
        snapshot_every,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).unwrap();
    simulation.keep_events(true);
    simulation
}

fn run(simulation: &mut Simulation, span: Span) {
    simulation.run_until(simulation.now() + span);
    assert_eq!(simulation.violation(), None);
}

/// How often a decision like that was told since the last call.
fn count(simulation: &mut Simulation, wanted: fn(&Trace) -> bool) -> usize {
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    let hit = |kind: &EventKind| matches!(kind, EventKind::Traced { trace, .. } if wanted(trace));
    events.iter().filter(|event| hit(&event.kind)).count()
}

#[test]
fn logs_stay_short_and_the_states_agree() {
    let mut simulation = simulation(100);
    run(&mut simulation, Span::secs(10));
    for host in simulation.hosts() {
        let log = host.raft().unwrap().log();
        assert!(host.last_applied() > 1_000, "{}", host.last_applied());
        for log in [log, host.volume().log()] {
            let held = log.last_index() - log.base().index;
            assert!(held < 200, "{held} entries");
        }
        let snapshot = host.volume().snapshot().unwrap();
        assert!(snapshot.is_intact() && snapshot.last.index >= 1_000);
    }
    let installed = |trace: &Trace| matches!(trace, Trace::SnapshotInstalled { .. });
    assert_eq!(count(&mut simulation, installed), 0, "nobody fell behind");
}

#[test]
fn a_server_that_was_away_gets_the_snapshot_and_one_that_restarts_has_its_own() {
    let mut simulation = simulation(50);
    run(&mut simulation, Span::secs(1));
    simulation.apply(Action::Crash { node: S3 }).unwrap();
    run(&mut simulation, Span::secs(3));
    let own = simulation.hosts()[2]
        .volume()
        .snapshot()
        .unwrap()
        .last
        .index;
    simulation.apply(Action::Restart { node: S3 }).unwrap();
    assert_eq!(simulation.hosts()[2].last_applied(), own);
    assert!(simulation.hosts()[2].store().len() > 4);
    simulation.apply(Action::SetLoad { per_second: 0 }).unwrap();
    run(&mut simulation, Span::secs(2));
    let installed = |trace: &Trace| matches!(trace, Trace::SnapshotInstalled { .. });
    assert!((1..=2).contains(&count(&mut simulation, installed)));
    let (first, third) = (&simulation.hosts()[0], &simulation.hosts()[2]);
    assert_eq!(first.store(), third.store());
    assert_eq!(first.last_applied(), third.last_applied());
}

/// A store that nobody has.
fn another_store() -> Store {
    let mut store = Store::default();
    let command = ClientCommand::first(
        kvorum::base::ClientId(1),
        1,
        Operation::Put {
            key: "x".into(),
            value: "forged".into(),
        },
    );
    store.apply(1, &command, ApplySettings::default());
    store
}

#[test]
fn a_snapshot_of_another_state_breaks_state_machine_safety() {
    let mut simulation = simulation(50);
    run(&mut simulation, Span::secs(1));
    let away = Action::partition(vec![vec![NodeId(1), NodeId(2)], vec![S3]]);
    simulation.apply(away).unwrap();
    run(&mut simulation, Span::secs(2));
    let leader = simulation.leader().unwrap();
    let raft = simulation.host(leader).unwrap().raft().unwrap();
    let right = raft.snapshot().unwrap();
    let wrong = another_store().encode();
    let voters = Configuration::new((1..=3).map(NodeId));
    for (state, broken) in [(&right.state, false), (&wrong, true)] {
        let snapshot = Snapshot::new(right.last, voters.clone(), state.clone());
        let chunk = Rc::new(Chunk::of(&snapshot, 0, u32::MAX));
        let mut run = simulation.clone();
        run.forge(Message {
            from: leader.into(),
            to: S3.into(),
            term: raft.current_term().max(99),
            body: Body::InstallSnapshot { chunk, round: 1 },
        });
        let found = run.violation().map(|violation| violation.property());
        assert_eq!(found, broken.then_some(Property::StateMachineSafety));
    }
}
