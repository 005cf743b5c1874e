//! Nodes join, die, come back and are drained; the controller moves replicas.

use super::*;
use kvorum::kv::Task;
use kvorum::kv::planner::{Step, Verdict};

fn moves(kind: &EventKind) -> bool {
    let EventKind::Began { task, .. } = kind else {
        return false;
    };
    matches!(
        task,
        Task::Step(Step::Move { .. } | Step::Add { .. } | Step::Remove { .. })
    )
}

#[test]
fn a_node_more_gets_its_share() {
    let mut run = Run::new(settings(5, 8), 1);
    run.go(10);
    run.act(Action::AddServer);
    run.go(30);
    run.story();
    let has: Vec<_> = (1..=6).map(|node| run.has(node)).collect();
    println!("{has:?}");
    assert!(has.iter().all(|&(replicas, _)| replicas == 4), "{has:?}");
    assert!(
        has.iter().all(|&(_, leaders)| (1..=2).contains(&leaders)),
        "{has:?}"
    );
    // 24 replicas on six nodes: four go to the new one, and nothing else moves.
    assert_eq!(run.count(moves), 4);
    assert_eq!(
        run.count(|kind| matches!(kind, EventKind::Ended { revoked: true, .. })),
        0
    );
    let (answered, given_up) = run.ended();
    assert!(answered > 7_900 && given_up == 0, "{answered} {given_up}");
}

#[test]
fn what_a_dead_node_had_is_rebuilt_elsewhere() {
    let mut run = Run::new(settings(5, 8), 2);
    run.go(10);
    run.act(Action::Crash { node: NodeId(5) });
    run.go(40);
    run.story();
    for group in 1..=8 {
        let members = run.members(group);
        assert!(
            members.len() == 3 && !members.contains(&5),
            "g{group}: {members:?}"
        );
    }
    run.act(Action::Restart { node: NodeId(5) });
    run.go(40);
    // What it had is no member any more, and goes; then it gets others.
    let has: Vec<_> = (1..=5).map(|node| run.has(node).0).collect();
    assert_eq!(has.iter().sum::<usize>(), 24, "{has:?}");
    assert!(has.iter().all(|count| (4..=5).contains(count)), "{has:?}");
    run.why_given_up();
    assert_eq!(run.ended().1, 0);
}

#[test]
fn a_node_that_pauses_is_suspect_and_loses_nothing() {
    let mut run = Run::new(settings(5, 8), 3);
    run.go(10);
    let before = run.count(moves);
    run.act(Action::Pause { node: NodeId(4) });
    run.go(3);
    run.act(Action::Resume { node: NodeId(4) });
    run.go(10);
    let judged = |wanted: Verdict| {
        run.count(|kind| {
            matches!(kind, EventKind::Judged { node: NodeId(4), verdict } if *verdict == wanted)
        })
    };
    assert_eq!((judged(Verdict::Suspect), judged(Verdict::Alive)), (1, 1));
    assert_eq!(run.count(moves), before);
}

#[test]
fn a_drained_node_is_emptied_and_switched_off() {
    let mut run = Run::new(settings(6, 8), 4);
    run.go(10);
    run.act(Action::RemoveServer { node: NodeId(5) });
    run.go(30);
    let host = run.simulation.host(NodeId(5)).unwrap();
    assert!(host.is_retired());
    for group in 1..=8 {
        let members = run.members(group);
        assert!(
            members.len() == 3 && !members.contains(&5),
            "g{group}: {members:?}"
        );
    }
    assert_eq!(run.ended().1, 0);
    let moved = run.count(moves);
    run.go(20);
    assert_eq!(run.count(moves), moved);
}

#[test]
fn what_the_controller_decides_on_nobody_else_does() {
    let mut run = Run::new(settings(4, 2), 5);
    run.go(3);
    let mut refused = |action: Action| {
        let error = run.simulation.apply(action).unwrap_err();
        (error.field, error.why.name())
    };
    for (action, why) in [
        (
            Action::PromoteServer { node: NodeId(4) },
            ("action", "by-controller"),
        ),
        (Action::LeaveJoint, ("action", "by-controller")),
        (
            Action::RejoinServer { node: NodeId(4) },
            ("action", "by-controller"),
        ),
        (
            Action::RemoveServer { node: NodeId(1) },
            ("node", "holds-registry"),
        ),
        (
            Action::RemoveServer { node: NodeId(9) },
            ("node", "no-server"),
        ),
    ] {
        assert_eq!(refused(action), why);
    }
    let mut run = Run::new(settings(3, 2), 5);
    run.go(3);
    run.act(Action::AddServer);
    run.go(10);
    run.act(Action::RemoveServer { node: NodeId(4) });
    run.go(20);
    assert!(run.simulation.host(NodeId(4)).unwrap().is_retired());
}
