//! Shards that are too large are cut in two.

use super::*;

#[test]
fn a_large_shard_is_split_and_nothing_is_lost() {
    for ranges in [false, true] {
        let mut settings = settings(5, 2);
        settings.shards.ranges = ranges;
        settings.shards.split_keys = 200;
        let mut run = Run::new(settings, 1);
        run.go(40);
        run.story();
        let splits = run.count(|kind| matches!(kind, EventKind::Split { .. }));
        assert!(splits >= 3 * 4, "{splits}");
        let groups =
            (1..=20).filter(|&group| run.simulation.raft_of(NodeId(1), GroupId(group)).is_some());
        println!("{} on S1", groups.count());
        let (answered, given_up) = run.ended();
        assert!(answered > 7_900 && given_up == 0, "{answered} {given_up}");
    }
}
