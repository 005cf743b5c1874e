//! Servers that lose their disks: what the operator still counts on, and how the machine
//! comes back under a new id.

use crate::run::{Run, ids};
use kvorum::base::{MemberId, NodeId, Span};
use kvorum::raft::{Trace, Way};
use kvorum::run::sweep::{Coverage, Profile, SweepPlan, run};
use kvorum::sim::{Action, DiskError, DiskFault, EventKind, Settings};
use kvorum::view::{Member, build};

fn rejoin(node: u32) -> Action {
    let node = NodeId(node);
    Action::RejoinServer { node }
}

/// A cluster with snapshots.
fn compacting(nodes: u32, seed: u64) -> Run {
    let settings = Settings {
        nodes,
        load: 20,
        snapshot_every: 20,
        ..Settings::default()
    };
    let mut run = Run::of(settings, seed);
    run.pass(1_000);
    run
}

/// The server's disk is replaced by an empty one, and it starts with that.
fn lose_disk(run: &mut Run, node: u32) {
    let (node, fault) = (NodeId(node), DiskFault::Wipe);
    run.act(Action::Disk { node, fault });
    run.act(Action::Restart { node });
    run.pass(1_000);
}

#[test]
fn a_machine_that_lost_its_disk_takes_its_old_place_under_a_new_id() {
    for (seed, lost) in [(1, 1), (2, 2), (3, 3)] {
        let mut run = compacting(3, seed);
        lose_disk(&mut run, lost);
        let before = run.simulation.host(NodeId(lost)).expect("it is there");
        assert_eq!(before.refuses(), Some(DiskError::NotBootstrapped));
        run.act(rejoin(lost));
        let view = build(&run.simulation, None);
        assert_eq!(view.nodes.len(), 4);
        assert_eq!(
            view.nodes[lost as usize - 1].disk.rejoined_as,
            Some(NodeId(4))
        );
        run.pass(3_000);
        let mut expected = ids(&[1, 2, 3, 4]);
        expected.retain(|&id| id != NodeId(lost));
        assert_eq!(run.voters(), expected);
        let old = run.simulation.host(NodeId(lost)).expect("it is there");
        assert!(old.is_retired());
        // In one step: there never were fewer than three voters, nor more.
        let fewer = |kind: &EventKind| matches!(kind, EventKind::Traced { trace: Trace::ConfigurationAdopted { voters, .. }, .. } if *voters != 3);
        assert_eq!(run.happened(fewer), 0);
        let why = DiskError::NotBootstrapped;
        let (node, was) = (NodeId(4), NodeId(lost));
        assert_eq!(
            run.happened(|kind| *kind == EventKind::Rejoined { node, was, why }),
            1
        );
        // It bears one failure again.
        let node = *expected.first().expect("three voters");
        run.act(Action::Crash { node });
        run.pass(2_000);
        let returned = |kind: &EventKind| matches!(kind, EventKind::Returned { .. });
        let so_far = run.happened(returned);
        run.pass(2_000);
        assert!(run.happened(returned) > so_far + 10, "seed {seed}");
    }
}

#[test]
fn a_learner_that_lost_its_disk_learns_again() {
    let mut run = compacting(3, 4);
    run.act(Action::AddServer);
    run.pass(1_000);
    lose_disk(&mut run, 4);
    run.act(rejoin(4));
    run.pass(2_000);
    let members = run.simulation.configuration();
    assert_eq!(
        (
            MemberId::nodes(members.voters()),
            MemberId::nodes(members.learners())
        ),
        (ids(&[1, 2, 3]), ids(&[5]))
    );
    let view = build(&run.simulation, None);
    assert_eq!(view.nodes[3].id, NodeId(5));
    assert_eq!(view.nodes[3].member, Member::Learner);
}

#[test]
fn only_a_machine_that_takes_no_part_rejoins_and_only_once() {
    let mut run = compacting(5, 5);
    let node = NodeId(2);
    let takes_part =
        "node: S2 takes part: only a server that can't trust its disk rejoins under a new number";
    assert_eq!(run.refused(rejoin(2)), takes_part);
    assert_eq!(run.refused(rejoin(9)), "node: there is no server S9");
    let fault = DiskFault::Wipe;
    run.act(Action::Disk { node, fault });
    assert_eq!(run.refused(rejoin(2)), "node: S2 is crashed");
    run.act(Action::Restart { node });
    run.act(rejoin(2));
    assert_eq!(
        run.refused(rejoin(2)),
        "node: the machine of S2 is back as S6"
    );
    // The new one loses its disk as well, before it has learnt anything.
    lose_disk(&mut run, 6);
    run.pass(1_000);
    run.act(rejoin(2));
    run.pass(3_000);
    assert_eq!(run.voters(), ids(&[1, 3, 4, 5, 7]));
    let why = run.refused(rejoin(2));
    assert!(why.contains("S2 was removed"), "{why}");
}

#[test]
fn the_operator_does_not_count_on_a_lost_server() {
    let mut run = compacting(4, 6);
    lose_disk(&mut run, 4);
    let too_many = "too many of the voters would be servers that lost their disks and take no part";
    let change = |voters: &[u32]| Action::ChangeMembers {
        voters: ids(voters),
        learners: vec![],
        way: Way::Joint,
    };
    // Two of three would do, one of two wouldn't.
    assert_eq!(run.refused(change(&[1, 4])), format!("voters: {too_many}"));
    let node = NodeId(1);
    run.act(Action::RemoveServer { node });
    run.pass(2_000);
    assert_eq!(run.voters(), ids(&[2, 3, 4]));
    let node = NodeId(2);
    assert_eq!(
        run.refused(Action::RemoveServer { node }),
        format!("node: {too_many}")
    );
    // It isn't waited for either: a goal that needs it is given up at once, and the next has its turn.
    run.act(Action::AddServer);
    run.pass(1_000);
    lose_disk(&mut run, 5);
    run.act(Action::PromoteServer { node: NodeId(5) });
    run.act(Action::AddServer);
    run.pass(1_000);
    assert_eq!(run.happened(|kind| *kind == EventKind::ChangeAbandoned), 1);
    assert!(run.simulation.configuration().has_learner_on(NodeId(6)));
}

/// Storms in which servers come, go and lose their disks for good, all at once.
#[test]
fn chaos_changes_the_members_of_a_cluster_that_loses_disks() {
    let plan = SweepPlan {
        profile: Profile::Rough,
        storm: Span::secs(15),
        fixed: [("wipe", "30%"), ("corrupt", "30%"), ("membership", "80%")]
            .map(|(fault, rate)| (format!("chaos.{fault}"), rate.into()))
            .into(),
        ..SweepPlan::default()
    };
    let mut coverage = Coverage::default();
    for seed in 0..60 {
        let report = run(&plan, seed);
        assert_eq!(report.failure, None, "seed {seed}");
        coverage.merge(&report.coverage);
    }
    for what in [
        "disk wiped",
        "disk corrupt",
        "servers that take no part",
        "add_server",
        "remove_server",
        "change_members",
        "rejoin_server",
        "joint configurations committed",
        "learners caught up",
    ] {
        assert!(coverage.of(what) > 20, "{what}: {}", coverage.of(what));
    }
}
