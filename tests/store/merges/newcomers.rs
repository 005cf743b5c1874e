//! Whoever becomes a member after a merge has no replica of what was absorbed, and needs none.

use super::*;
use kvorum::kv::planner::Step;
use kvorum::kv::{AdminCommand, Command};
use kvorum::raft::{Index, Payload};

/// A member that was away while the others absorbed comes back and leads, with a snapshot from before the absorb, while
/// somebody new waits for one: `(it, the new member, the entry that absorbed)`.
fn led_by_who_was_away(run: &mut Run) -> (NodeId, NodeId, Index) {
    run.until_times(3, freezes);
    let (leader, source) = (run.leader(1), run.leader(2));
    let members: Vec<_> = run.members(1).into_iter().map(NodeId).collect();
    let mut others = members.iter().filter(|it| ![leader, source].contains(it));
    let away = *others.next().expect("there are three");
    let third = members.iter().find(|it| ![leader, away].contains(it));
    let third = *third.expect("there are three");
    let new = (1..=4).map(NodeId).find(|it| !members.contains(it));
    let new = new.expect("there are four nodes");
    run.act(Action::Crash { node: away });
    run.act(Action::SetLoad { per_second: 0 });
    run.until(|kind| matches!(kind, EventKind::Ended { operation: 1, .. }));
    let learns = Step::Move {
        group: GroupId(1),
        from: away,
        to: new,
    };
    run.until(
        |kind| matches!(kind, EventKind::Began { task: Task::Step(step), .. } if *step == learns),
    );
    run.act(Action::Crash { node: new });
    run.wait(Span::millis(300));
    let led = run.raft(leader);
    assert_eq!(led.configuration().learners().len(), 1);
    let last = led.log().last_index();
    run.act(Action::Restart { node: away });
    // Its log is on its disk, and the snapshot that it takes behind the absorb not yet.
    for _ in 0..1_000 {
        if run.raft(away).durable_index() == last {
            break;
        }
        run.wait(Span::millis(1));
    }
    for node in [away, leader, third] {
        run.act(Action::Crash { node });
    }
    for node in [away, third, new] {
        run.act(Action::Restart { node });
    }
    let group = GroupId(1);
    run.act(Action::TimeOut { node: away, group });
    let replica = |run: &Run, node| {
        let host = run.simulation.host(node);
        let replica = host.and_then(|host| host.replica_of(group));
        replica.and_then(|it| Some(it.store().shard()?.merges.absorbed_at))
    };
    let absorbed = replica(run, third).expect("it is in its snapshot");
    (away, new, absorbed)
}

/// Somebody new has no replica of the source: it gets no snapshot from before the absorb, which it could never apply.
#[test]
fn who_is_new_gets_a_snapshot_from_behind_the_absorb() {
    let mut settings = cold(true);
    settings.nodes = 4;
    settings.load = 50;
    settings.timing.keep_entries = 10_000;
    settings.disk.fsync_min = Span::millis(20);
    settings.disk.fsync_max = Span::millis(20);
    let mut run = Run::new(settings, 1);
    let (away, new, absorbed) = led_by_who_was_away(&mut run);
    for _ in 0..1_000 {
        if run.raft(away).is_leader() {
            break;
        }
        run.wait(Span::millis(1));
    }
    let raft = run.raft(away);
    let old = raft.snapshot().expect("it was born").last.index;
    let last = raft.log().last_index();
    let leads = raft.is_leader();
    assert!(
        leads && old < absorbed && absorbed <= last,
        "{leads} {old} {absorbed} {last}"
    );
    // It hears from the new member first, and commits nothing before.
    let third = run
        .members(1)
        .into_iter()
        .map(NodeId)
        .filter(|it| ![away, new].contains(it));
    third
        .clone()
        .for_each(|node| run.act(Action::cut(node, away)));
    run.wait(Span::millis(100));
    third.for_each(|node| run.act(Action::restore(node, away)));
    run.wait(Span::secs(2));
    let replica = run
        .simulation
        .host(new)
        .and_then(|host| host.replica_of(GroupId(1)));
    let merges = replica.and_then(|it| Some(it.store().shard()?.merges.absorbed_at));
    run.story();
    assert_eq!(merges, Some(absorbed));
}

/// What was merged goes to a new member like any other shard, though the absorb stands in the log once more.
#[test]
fn what_has_absorbed_another_moves_on() {
    let mut twice = 0;
    for seed in 1..=5 {
        let mut settings = cold(true);
        settings.snapshot_every = 0;
        settings.load = 20;
        settings.link.duplicate = Ratio::percent(100);
        let mut run = Run::new(settings, seed);
        run.until(absorbs);
        run.go(10);
        run.assert_one_shard(&format!("seed {seed}"));
        let log = run.raft(run.leader(1)).log();
        let entries = (log.first_index()..=log.last_index()).filter_map(|index| log.entry(index));
        println!(
            "{} {} {:?}",
            log.first_index(),
            log.last_index(),
            run.leader(0)
        );
        let absorbs = entries.filter(|entry| match &entry.payload {
            Payload::Command(Command::Admin(command)) => {
                matches!(**command, AdminCommand::Absorb(_))
            }
            _ => false,
        });
        // The first one is behind the log's beginning.
        twice += absorbs.count();
        let members = run.members(1);
        let gone = members.iter().find(|&&node| node > 3);
        let gone = *gone.unwrap_or(&members[0]);
        run.act(Action::Crash { node: NodeId(gone) });
        run.go(20);
        let members = run.members(1);
        assert!(
            members.len() == 3 && !members.contains(&gone),
            "{members:?}"
        );
    }
    assert!(twice > 0);
}
