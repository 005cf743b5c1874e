//! The view says what the simulation holds, and keeps what didn't change.

use crate::runs::put;
use kvorum::base::{NodeId, Time};
use kvorum::kv::Operation;
use kvorum::raft::{Role, Rule, Rules};
use kvorum::sim::{Action, Settings, Simulation};
use kvorum::view::{ClusterView, Segment, build};
use std::rc::Rc;

fn simulation(rules: Rules) -> Simulation {
    let settings = Settings {
        rules,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 7).expect("the settings can be");
    simulation.run_until(Time::from_millis(1_000));
    simulation
}

fn kept<T>(a: &[Rc<T>], b: &[Rc<T>]) -> usize {
    a.iter().zip(b).filter(|(a, b)| Rc::ptr_eq(a, b)).count()
}

#[test]
fn what_is_the_same_is_kept() {
    let mut simulation = simulation(Rules::ALL);
    simulation.apply(put("k", "1")).expect("a client is idle");
    simulation.run_until(Time::from_millis(1_015));
    let before = build(&simulation, None);
    let again = build(&simulation, Some(&before));
    assert_eq!(before, again);
    assert_eq!(kept(&before.nodes, &again.nodes), 5);
    assert_eq!(kept(&before.clients, &again.clients), 1);
    assert_eq!(
        kept(&before.messages, &again.messages),
        before.messages.len()
    );

    let node = simulation
        .leader()
        .map_or(NodeId(1), |leader| NodeId(leader.0 % 5 + 1));
    simulation.apply(Action::Crash { node }).expect("it runs");
    let after = build(&simulation, Some(&again));
    assert_eq!(kept(&again.nodes, &after.nodes), 4);
    assert_eq!(after, build(&simulation, None));
}

#[test]
fn a_view_never_shows_what_the_last_one_left_over() {
    // Two stories that part: the same indexes and terms, other values.
    let mut views: Vec<ClusterView> = Vec::new();
    let begin = simulation(Rules::ALL);
    for value in ["1", "2", "1"] {
        let mut simulation = begin.clone();
        simulation.apply(put("k", value)).expect("a client is idle");
        for ms in (1_000..1_400).step_by(7) {
            simulation.run_until(Time::from_millis(ms));
            let view = build(&simulation, views.last());
            assert_eq!(view, build(&simulation, None));
            views.push(view);
        }
        let view = views.last().expect("there are some");
        let shown =
            |pairs: &[kvorum::view::PairView]| pairs.iter().any(|pair| &*pair.value == value);
        assert!(view.nodes.iter().all(|node| shown(&node.map)), "{value}");
    }
}

#[test]
fn a_minority_leader_shows_two_of_five() {
    // With CheckQuorum it would resign.
    let mut simulation = simulation(Rules::FIGURE_2);
    let leader = simulation.leader().expect("it was elected");
    let mut others = (1..=5).map(NodeId).filter(|&id| id != leader);
    let few = vec![leader, others.next().expect("four more")];
    let groups = vec![few.clone(), others.collect()];
    simulation
        .apply(Action::partition(groups))
        .expect("it can be");
    simulation.run_until(Time::from_millis(1_900));
    let view = build(&simulation, None);
    let node = &view.nodes[leader.0 as usize - 1];
    assert_eq!((node.role, node.ring.len()), (Role::Leader, 5));
    for (voter, segment) in (1..).map(NodeId).zip(&node.ring) {
        assert_eq!(*segment == Segment::With, few.contains(&voter), "{voter}");
    }
    let partition = view.partition.as_ref().expect("it stands");
    let sides = &partition.sides;
    assert_eq!((view.quorum, sides.len()), (3, 2));
    for side in sides {
        assert_eq!(side.has_quorum, !side.nodes.contains(&leader));
        assert!(
            side.leader
                .is_some_and(|leader| side.nodes.contains(&leader))
        );
    }
    let between = |from, to| few.contains(&from) != few.contains(&to);
    let mut doomed = 0;
    for ms in 1_900..2_000 {
        simulation.run_until(Time::from_millis(ms));
        for message in build(&simulation, None).messages {
            assert_eq!(
                message.doomed,
                between(message.from, message.to),
                "{message:?}"
            );
            doomed += usize::from(message.doomed);
        }
    }
    assert!(doomed > 0, "heartbeats run into the wall");
}

/// *Break it* switches rules while a run goes on: the screen's quorums are those of the engine.
#[test]
fn quorums_are_those_of_the_rules_that_hold() {
    let mut simulation = simulation(Rules::ALL.without(Rule::CheckQuorum));
    let leader = simulation.leader().expect("it was elected");
    let mut others = (1..=5).map(NodeId).filter(|&id| id != leader);
    let few = vec![leader, others.next().expect("four more")];
    let groups = vec![few, others.collect()];
    let parts = Action::partition(groups);
    simulation.apply(parts).expect("it can be");
    let shown = |simulation: &Simulation| {
        let view = build(simulation, None);
        let side = &view.partition.expect("it stands").sides[0];
        let majority = &view.members.majorities[0];
        let needed = (view.quorum, majority.needed, side.shares[0].needed);
        (needed, side.has_quorum)
    };
    assert_eq!(shown(&simulation), ((3, 3, 3), false));
    let rules = simulation.rules().without(Rule::MajorityQuorum);
    let breaks = Action::SetRules { rules };
    simulation.apply(breaks).expect("it can be");
    assert_eq!(shown(&simulation), ((2, 2, 2), true));
    // And so it goes: two of five commit.
    let committed = |simulation: &Simulation| {
        let host = simulation.host(leader).and_then(|host| host.raft());
        host.expect("it is up").commit_index()
    };
    let before = committed(&simulation);
    let put = Action::Request {
        operation: Operation::Put {
            key: "k".into(),
            value: "v".into(),
        },
        to: Some(leader),
        attempts: 1,
    };
    simulation.apply(put).expect("a client is idle");
    simulation.run_until(Time::from_millis(1_500));
    assert!(committed(&simulation) > before);
}
