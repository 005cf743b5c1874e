//! Servers come and go while the cluster serves its clients.

use crate::run::{Run, ids, says_why};
use kvorum::base::{MemberId, NodeId, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Rules, Trace, Way};
use kvorum::sim::settings::MAX_NODES;
use kvorum::sim::{Action, Event, EventKind, Power, Settings, Simulation};
use kvorum::view::{Member, build};

#[test]
fn two_servers_join_under_load_and_become_voters_in_one_step() {
    let mut run = Run::new(3, 1);
    run.act(Action::AddServer);
    run.act(Action::AddServer);
    assert_eq!(build(&run.simulation, None).nodes.len(), 5);
    run.pass(1_000);
    assert_eq!(
        MemberId::nodes(run.simulation.configuration().learners()),
        ids(&[4, 5])
    );
    let view = build(&run.simulation, None);
    assert_eq!(view.nodes[3].member, Member::Learner);
    assert_eq!((view.quorum, view.members.majorities.len()), (2, 1));

    run.act(Action::ChangeMembers {
        voters: ids(&[1, 2, 3, 4, 5]),
        learners: vec![],
        way: Way::Joint,
    });
    let joint = |run: &Run| run.simulation.configuration().is_joint();
    let asked = run.simulation.now();
    while !joint(&run) {
        run.pass(1);
        let took = run.simulation.now().since(asked);
        assert!(took < Span::millis(100), "the operator asks twice");
    }
    let view = build(&run.simulation, None);
    let sizes: Vec<_> = view
        .members
        .majorities
        .iter()
        .map(|majority| majority.voters.len())
        .collect();
    assert_eq!((sizes, view.members.committed), (vec![5, 3], false));
    run.pass(1_000);
    assert_eq!(run.voters(), ids(&[1, 2, 3, 4, 5]));
    assert!(!run.simulation.configuration().is_joint());
    assert_eq!(
        run.saw(|trace| matches!(trace, Trace::JointCommitted { .. })),
        1
    );

    // Two of five may fail now.
    for node in ids(&[1, 2]) {
        run.act(Action::Crash { node });
    }
    run.pass(2_000);
    run.act(Action::Request {
        operation: Operation::Put {
            key: "k".into(),
            value: "v".into(),
        },
        to: None,
        attempts: 0,
    });
    run.act(Action::SetLoad { per_second: 0 });
    run.pass(2_000);
    let holds = |node: &NodeId| {
        let host = run.simulation.host(*node).expect("it is there");
        host.store().get("k").is_some()
    };
    assert!(ids(&[3, 4, 5]).iter().all(holds));
}

#[test]
fn a_removed_server_is_switched_off_once_that_is_committed() {
    let mut run = Run::new(5, 2);
    let node = run.leader();
    run.act(Action::RemoveServer { node });
    run.pass(2_000);
    assert!(!run.voters().contains(&node));
    assert_ne!(run.leader(), node);
    assert_eq!(
        run.saw(|trace| matches!(trace, Trace::LeaderRemoved { .. })),
        1
    );
    let host = run.simulation.host(node).expect("it was there");
    assert!(host.is_retired() && host.power() == Power::Crashed);
    let view = build(&run.simulation, None);
    assert!(view.nodes.iter().all(|it| it.id != node));
    assert_eq!((view.nodes.len(), view.quorum), (4, 3));
    let why = run.refused(Action::Restart { node });
    assert!(why.contains("new number"), "{why}");
}

#[test]
fn the_operator_asks_the_next_leader() {
    for seed in 0..20 {
        let mut run = Run::new(3, seed);
        run.act(Action::AddServer);
        run.pass(1_000);
        // The leader appends the change and crashes before anybody hears of it.
        run.act(Action::PromoteServer { node: NodeId(4) });
        let node = run.leader();
        run.act(Action::Crash { node });
        run.pass(3_000);
        assert_eq!(run.voters(), ids(&[1, 2, 3, 4]), "seed {seed}");
        run.act(Action::Restart { node });
        run.pass(1_000);
        let host = run.simulation.host(node).expect("it is there");
        let raft = host.raft().expect("it is up");
        assert_eq!(
            MemberId::nodes(raft.configuration().voters()),
            ids(&[1, 2, 3, 4])
        );
    }
}

#[test]
fn strangers_learn_first_and_a_change_that_cannot_be_made_is_given_up() {
    let mut run = Run::new(3, 3);
    run.act(Action::AddServer);
    run.act(Action::Crash { node: NodeId(4) });
    let [a, b] = [run.leader(), NodeId(4)];
    // The newcomer never catches up: what comes behind it waits, and then has its turn.
    run.act(Action::ChangeMembers {
        voters: vec![a, b],
        learners: vec![],
        way: Way::Joint,
    });
    let spare = ids(&[1, 2, 3]).into_iter().find(|&node| node != a);
    let spare = spare.expect("three servers");
    run.act(Action::RemoveServer { node: spare });
    run.pass(10_000);
    assert_eq!(run.voters().len(), 3);
    assert_eq!(
        run.saw(|trace| matches!(trace, Trace::ChangeRefused { .. })),
        1,
        "told once"
    );
    run.pass(15_000);
    let given_up = |event: &&Event| event.kind == EventKind::ChangeAbandoned;
    assert_eq!(run.events.iter().filter(given_up).count(), 1);
    assert_eq!(run.voters().len(), 2);
    assert!(!run.voters().contains(&spare));
}

#[test]
fn a_joint_configuration_may_stay_until_somebody_ends_it() {
    let mut run = Run::new(3, 4);
    let leader = run.leader();
    assert!(run.refused(Action::LeaveJoint).contains("no joint"));
    run.act(Action::ChangeMembers {
        voters: vec![leader],
        learners: vec![],
        way: Way::Stay,
    });
    run.pass(1_000);
    assert!(run.simulation.configuration().is_joint());
    assert!(run.simulation.hosts().iter().all(|host| !host.is_retired()));
    run.act(Action::LeaveJoint);
    run.pass(1_000);
    assert_eq!(run.voters(), [leader]);
    let retired = run
        .simulation
        .hosts()
        .iter()
        .filter(|host| host.is_retired());
    assert_eq!(retired.count(), 2);
    let why = run.refused(Action::RemoveServer { node: leader });
    assert_eq!(why, format!("node: {leader} is the only voter"));
}

#[test]
fn impossible_changes_name_the_field() {
    let mut run = Run::new(3, 5);
    let change = |voters: &[u32], learners: &[u32]| Action::ChangeMembers {
        voters: ids(voters),
        learners: ids(learners),
        way: Way::Shortest,
    };
    for (action, wrong) in [
        (change(&[], &[1]), "voters: nobody would vote"),
        (change(&[1, 9], &[]), "voters: there is no server S9"),
        (change(&[1, 2], &[7]), "learners: there is no server S7"),
        (
            change(&[1, 2], &[2]),
            "learners: S2 can't be a voter and a learner",
        ),
        (
            Action::RemoveServer { node: NodeId(8) },
            "node: there is no server S8",
        ),
        (
            Action::PromoteServer { node: NodeId(0) },
            "node: there is no server S0",
        ),
    ] {
        assert_eq!(run.refused(action), wrong);
    }
    run.act(Action::AddServer);
    run.pass(1_000);
    let node = NodeId(4);
    let leads = run.leader();
    assert!(run.refused(Action::time_out(node)).contains("no vote"));
    let transfer = Action::transfer(leads, node);
    assert_eq!(run.refused(transfer), "to: S4 has no vote and can't lead");
}

#[test]
fn no_more_servers_than_a_run_can_have() {
    let settings = Settings {
        nodes: MAX_NODES - 1,
        rules: Rules::ALL,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 1).expect("the settings can be");
    simulation
        .apply(Action::AddServer)
        .expect("there is room for one");
    let error = simulation
        .apply(Action::AddServer)
        .expect_err("for one only");
    assert_eq!(
        says_why(&error),
        "action: a run has no more than 101 servers"
    );
    simulation.run_until(Time::from_millis(20));
}

/// A link is made at its first message, and those of a server that is gone are gone: what a
/// checkpoint holds doesn't grow with the servers that there ever were.
#[test]
fn links_are_those_of_servers_that_speak() {
    let mut run = Run::new(5, 1);
    assert_eq!(
        Simulation::new(Settings::default(), 1)
            .unwrap()
            .network()
            .links(),
        0
    );
    for round in 0..30 {
        let (new, old) = (round + 6, round + 1);
        run.act(Action::AddServer);
        run.act(Action::PromoteServer { node: NodeId(new) });
        run.pass(1_500);
        run.act(Action::RemoveServer { node: NodeId(old) });
        run.pass(1_500);
        assert!(
            run.simulation.host(NodeId(old)).unwrap().is_retired(),
            "{old}"
        );
    }
    let serving = run
        .simulation
        .hosts()
        .iter()
        .filter(|host| !host.is_retired());
    assert_eq!((serving.count(), run.simulation.hosts().len()), (5, 35));
    // Each of the five has met at most those that served beside it.
    let links = run.simulation.network().links();
    assert!((8..=5 * 10).contains(&links), "{links}");
}

#[test]
fn a_server_that_joins_during_a_partition_stands_on_the_largest_side() {
    let mut run = Run::new(5, 6);
    let groups = vec![ids(&[1, 2]), ids(&[3, 4, 5])];
    run.act(Action::partition(groups));
    run.act(Action::AddServer);
    let view = build(&run.simulation, None);
    let sides = &view.partition.expect("there is one").sides;
    assert_eq!(sides[1].nodes, ids(&[3, 4, 5, 6]));
    assert!(sides[1].has_quorum && sides[1].shares[0].alive == 3);
    run.pass(3_000);
    assert_eq!(
        MemberId::nodes(run.simulation.configuration().learners()),
        ids(&[6])
    );
}

#[test]
fn clones_and_replays_of_a_changing_cluster_agree() {
    let mut run = Run::new(3, 7);
    run.act(Action::AddServer);
    run.pass(50);
    let mut twin = run.simulation.clone();
    let act = |simulation: &mut Simulation| {
        simulation
            .apply(Action::PromoteServer { node: NodeId(4) })
            .expect("it can be done");
        simulation.run_until(Time::from_millis(4_000));
        simulation.hash()
    };
    assert_eq!(act(&mut twin), act(&mut run.simulation));
}
