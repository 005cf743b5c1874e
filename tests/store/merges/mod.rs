//! Neighbours that have few keys become one.

mod newcomers;

use super::*;
use kvorum::base::{Address, Ratio};
use kvorum::kv::{
    Command, Demand, Descriptor, Fence, Registry, ShardRule, ShardRules, StepRequest, Task,
};
use kvorum::raft::Raft;
use kvorum::sim::{Content, Packet, Property, Replica};
use std::rc::Rc;

/// Two shards on five nodes, which are merged as soon as somebody looks.
fn cold(ranges: bool) -> Settings {
    let mut settings = settings(5, 2);
    settings.shards.ranges = ranges;
    settings.shards.merge_keys = 10_000;
    settings.shards.keys = 100;
    settings.shards.dead_after = Span::secs(2);
    settings
}

impl Run {
    fn registry(&self) -> &Registry {
        self.simulation.registry().expect("group 0 is there")
    }

    /// Goes on until something has happened so often, to the millisecond.
    fn until_times(&mut self, times: usize, what: impl Fn(&EventKind) -> bool) {
        for _ in 0..20_000 {
            if self.count(&what) >= times {
                return;
            }
            self.wait(Span::millis(1));
        }
        self.story();
        panic!("it never happens");
    }

    /// Goes on until something happens for the first time.
    fn until(&mut self, what: impl Fn(&EventKind) -> bool) {
        self.until_times(1, what);
    }

    fn wait(&mut self, span: Span) {
        let until = self.simulation.now() + span;
        self.simulation.run_until(until);
        self.simulation.take_events(&mut self.events);
    }

    /// A node's server of the first group.
    fn raft(&self, node: NodeId) -> &Raft<Command> {
        let raft = self.simulation.raft_of(node, GroupId(1));
        raft.expect("it runs")
    }

    fn leader(&self, group: u32) -> NodeId {
        let replicas = self.replicas(GroupId(group));
        let mut leaders = replicas.filter(|(_, it)| it.is_leader());
        leaders.next().expect("a leader").0
    }

    /// Goes on for so many seconds. Returns what was violated by then.
    fn violated_within(&mut self, secs: u64) -> Option<Property> {
        self.wait(Span::secs(secs));
        self.simulation.violation().map(|it| it.property())
    }

    fn replicas(&self, group: GroupId) -> impl Iterator<Item = (NodeId, &Replica)> {
        let hosts = self.simulation.hosts().iter();
        let here = hosts.filter_map(move |host| Some((host.id(), host.replica_of(group)?)));
        here.filter(|(_, replica)| replica.raft().is_some())
    }

    /// Everything is one shard, whose replicas hold the same, and nobody keeps a replica of another one.
    fn is_one_shard(&self) -> Result<(), String> {
        let registry = self.registry();
        let shards: Vec<_> = registry.map().shards().collect();
        let [shard] = shards[..] else {
            return Err(format!("{shards:?}"));
        };
        let merged = (1..=2).map(GroupId).filter(|&group| group != shard.group);
        for group in merged {
            if registry.merged(group) != Some(shard.group) || self.replicas(group).count() > 0 {
                return Err(format!("{group} is left"));
            }
        }
        let is_whole = |replica: &Replica| {
            let known = replica.store().shard();
            known.is_some_and(|it| it.keys == shard.keys) && !replica.store().is_frozen()
        };
        let here: Vec<_> = self
            .replicas(shard.group)
            .map(|(node, it)| (node, is_whole(it)))
            .collect();
        let whole = here.iter().filter(|(_, whole)| *whole).count();
        match (here.len(), whole, registry.operations().len()) {
            (3, 3, 0) => Ok(()),
            it => Err(format!("{it:?}")),
        }
    }

    fn assert_one_shard(&self, what: &str) {
        if let Err(why) = self.is_one_shard() {
            self.story();
            self.compare();
            panic!("{what}: {why}");
        }
    }
}

fn merge_begins(kind: &EventKind) -> bool {
    let EventKind::Began { task, .. } = kind else {
        return false;
    };
    matches!(task, Task::Merge { .. })
}

fn freezes(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Frozen { .. })
}

fn absorbs(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Absorbed { .. })
}

fn thaws(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Thawed { .. })
}

#[test]
fn cold_neighbours_are_merged_and_nothing_is_lost() {
    for ranges in [false, true] {
        let mut settings = cold(ranges);
        settings.shards.count = 4;
        let mut run = Run::new(settings, 1);
        run.go(40);
        run.story();
        assert_eq!(run.registry().map().shards().len(), 1);
        assert_eq!(run.registry().map().check(), Ok(()));
        let (answered, given_up) = run.ended();
        assert!(answered > 7_500 && given_up == 0, "{answered} {given_up}");
        assert_eq!((run.count(absorbs), run.count(thaws)), (3 * 3, 0));
        let left = (2..=4).map(|group| run.replicas(GroupId(group)).count());
        assert_eq!(left.sum::<usize>(), 0);
        let keys = run.replicas(GroupId(1)).map(|(_, it)| it.store().len());
        assert!(keys.min() >= Some(90));
    }
}

#[test]
fn nothing_is_merged_that_would_be_split_again() {
    let mut settings = cold(false);
    settings.shards.split_keys = 40;
    let refused = |merge_keys| {
        let mut settings = settings.clone();
        settings.shards.merge_keys = merge_keys;
        Simulation::new(settings, 1).err().map(|it| it.to_string())
    };
    assert_eq!(refused(10), None);
    let why = refused(11).expect("refused");
    assert!(why.contains("shards.merge_keys"), "{why}");
}

/// A retry of what ran in one group before the merge is answered by the other one behind it, and runs nowhere.
#[test]
fn retries_over_a_merge_run_once() {
    for seed in 1..=20 {
        let mut settings = cold(seed % 2 == 0);
        settings.load = 400;
        settings.client_link.loss = Ratio::percent(10);
        settings.client_link.duplicate = Ratio::percent(20);
        let mut run = Run::new(settings, seed);
        run.go(20);
        run.assert_one_shard(&format!("seed {seed}"));
    }
}

#[test]
fn a_member_that_lags_is_waited_for_or_the_merge_is_taken_back() {
    let mut taken_back = 0;
    for seed in 1..=12 {
        let mut run = Run::new(cold(false), seed);
        run.until(match seed % 2 {
            0 => merge_begins,
            _ => freezes,
        });
        let node = NodeId(4 + seed as u32 % 2);
        run.act(Action::Pause { node });
        run.go(1 + seed / 2);
        run.act(Action::Resume { node });
        run.go(40);
        taken_back += run.count(|kind| matches!(kind, EventKind::Ended { revoked: true, .. }));
        run.assert_one_shard(&format!("seed {seed}"));
    }
    assert!(taken_back > 0);
}

/// The source stands frozen, and a node that has to absorb it dies: the target refuses, and the source goes on.
#[test]
fn a_frozen_shard_goes_on_when_a_member_dies() {
    let mut run = Run::new(cold(true), 3);
    run.until(freezes);
    let target = run.replicas(GroupId(1)).map(|(node, _)| node);
    // Without a majority nothing is absorbed.
    let dead: Vec<_> = target.filter(|node| node.0 > 1).take(2).collect();
    dead.iter()
        .for_each(|&node| run.act(Action::Crash { node }));
    run.go(4);
    assert_eq!(run.count(absorbs), 0);
    dead.iter()
        .for_each(|&node| run.act(Action::Restart { node }));
    run.go(3);
    assert!(run.count(thaws) > 0 || run.count(absorbs) > 0);
    run.go(50);
    run.assert_one_shard("at last");
}

#[test]
fn a_merge_outlives_the_crash_of_any_member_at_any_stage() {
    let stages: [fn(&EventKind) -> bool; 3] = [merge_begins, freezes, absorbs];
    for (stage, reached) in stages.into_iter().enumerate() {
        for node in (1..=5).map(NodeId) {
            for back in [1, 6] {
                let what = format!("stage {stage}, {node}, back after {back} s");
                let mut run = Run::new(cold(node.0 % 2 == 0), 7);
                run.until(reached);
                run.act(Action::Crash { node });
                run.go(back);
                run.act(Action::Restart { node });
                run.go(40);
                run.assert_one_shard(&what);
            }
        }
    }
}

/// A crash between the burial of the source and the snapshot with what it had would leave a replica that never gets there.
#[test]
fn the_source_is_buried_when_the_snapshot_behind_the_absorb_is_durable() {
    let mut settings = cold(true);
    // Who lags gets the absorb itself, and not what came of it.
    settings.timing.keep_entries = 10_000;
    let mut run = Run::new(settings, 1);
    run.until_times(3, freezes);
    let leaders = [run.leader(1), run.leader(2)];
    let mut members = run.members(1).into_iter().map(NodeId);
    let slow = members.rfind(|it| !leaders.contains(it));
    let node = slow.expect("there are three");
    run.act(Action::SetDisk {
        node,
        fsync_min: Span::millis(400),
        fsync_max: Span::millis(400),
    });
    let group = GroupId(2);
    run.until(|kind| *kind == EventKind::Buried { node, group });
    run.act(Action::Crash { node });
    run.act(Action::Restart { node });
    run.go(20);
    run.assert_one_shard("at last");
}

/// On three nodes; the leaders of both groups are on two of them.
fn on_three_nodes(rules: ShardRules) -> Settings {
    let mut settings = cold(true);
    settings.nodes = 3;
    settings.load = 400;
    settings.shards.rules = rules;
    settings
}

/// Of a member that doesn't hear the source's leader any more, the absorb brings what it lacks.
fn absorbs_with_a_laggard(rules: ShardRules) -> Vec<Option<Property>> {
    let mut seen = Vec::new();
    for seed in 1..=30 {
        let mut run = Run::new(on_three_nodes(rules), seed);
        run.until(merge_begins);
        let (target, source) = (run.leader(1), run.leader(2));
        let mut others = (1..=3)
            .map(NodeId)
            .filter(|it| ![target, source].contains(it));
        if target == source {
            continue;
        }
        let laggard = others.next().expect("there are three");
        run.act(Action::cut(source, laggard));
        let violated = run.violated_within(8);
        if violated.is_none() {
            run.act(Action::restore(source, laggard));
            run.go(20);
            run.assert_one_shard(&format!("seed {seed}"));
        }
        seen.push(violated);
    }
    seen
}

#[test]
fn a_laggard_absorbs_what_the_others_do() {
    let seen = absorbs_with_a_laggard(ShardRules::ALL);
    assert!(
        seen.len() > 3 && seen.iter().all(Option::is_none),
        "{seen:?}"
    );
    let seen = absorbs_with_a_laggard(ShardRules::ALL.without(ShardRule::AbsorbWaits));
    assert!(
        seen.contains(&Some(Property::StateMachineSafety)),
        "{seen:?}"
    );
}

/// A source that stands frozen, while the controller can't reach the target's leader.
struct Standstill {
    run: Run,
    controller: NodeId,
    target: NodeId,
    /// What the controller would ask for.
    absorb: StepRequest,
}

fn standstill(rules: ShardRules) -> Standstill {
    for seed in 1..=40 {
        let mut run = Run::new(on_three_nodes(rules), seed);
        // The target's leader has to have what it would absorb.
        run.until_times(3, freezes);
        let (controller, target) = (run.leader(0), run.leader(1));
        let mut frozen = run
            .replicas(GroupId(2))
            .filter_map(|(_, it)| it.store().frozen());
        let at = frozen.next().expect("it is frozen").at;
        drop(frozen);
        if controller == target {
            continue;
        }
        run.act(Action::cut(controller, target));
        let registry = run.registry();
        let shard = |group| -> Rc<Descriptor> {
            let known = registry.map().of(GroupId(group));
            known.expect("a shard").clone()
        };
        let term = run.simulation.raft_of(controller, GroupId(0));
        let absorb = StepRequest {
            group: GroupId(1),
            fence: Fence {
                term: term.expect("it leads").current_term(),
                operation: registry.last_operation(),
                stage: 1,
            },
            demand: Demand::Absorb {
                range_epoch: shard(1).range_epoch,
                source: shard(2),
                at,
                held: at,
            },
        };
        run.go(9);
        if run.count(absorbs) == 0 && run.leader(1) == target {
            return Standstill {
                run,
                controller,
                target,
                absorb,
            };
        }
    }
    panic!("no seed has it");
}

impl Standstill {
    /// The absorb that the controller asked for comes at last.
    fn absorb_comes(&mut self) -> Option<Property> {
        for _ in 0..2 {
            let content = Content::Step(self.absorb.clone().into());
            self.run.simulation.forge_packet(Packet {
                from: Address::Node(self.controller),
                to: self.target.into(),
                content,
            });
            let violated = self.run.violated_within(1);
            if violated.is_some() {
                return violated;
            }
        }
        None
    }
}

#[test]
fn a_frozen_shard_is_thawed_only_after_a_refusal() {
    let mut it = standstill(ShardRules::ALL);
    assert_eq!(it.run.count(thaws), 0);
    it.run.act(Action::restore(it.controller, it.target));
    it.run.go(4);
    assert!(it.run.count(thaws) > 0);
    assert_eq!(it.absorb_comes(), None);
    it.run.go(20);
    it.run.assert_one_shard("at last");

    let mut it = standstill(ShardRules::ALL.without(ShardRule::ThawNeedsRefusal));
    assert!(it.run.count(thaws) > 0);
    assert_eq!(it.absorb_comes(), Some(Property::OneOwner));
}

/// What is seen of reads while the source's replicas stand beside those that have absorbed them: nodes report seldom, and
/// bury what they have absorbed when they do.
fn reads_of_what_is_absorbed(rules: ShardRules) -> Vec<Option<Property>> {
    let seen = (1..=10).map(|seed| {
        let mut settings = on_three_nodes(rules);
        settings.shards.heartbeat = Span::secs(2);
        settings.shards.suspect_after = Span::secs(5);
        settings.shards.dead_after = Span::secs(10);
        settings.shards.keys = 10;
        let mut run = Run::new(settings, seed);
        run.until_times(3, absorbs);
        run.violated_within(10)
    });
    seen.collect()
}

#[test]
fn what_is_absorbed_answers_no_reads() {
    let seen = reads_of_what_is_absorbed(ShardRules::ALL);
    assert!(seen.iter().all(Option::is_none), "{seen:?}");
    let without = ShardRules::ALL.without(ShardRule::FreezeRefusesReads);
    let seen = reads_of_what_is_absorbed(without);
    assert!(seen.contains(&Some(Property::Linearizability)), "{seen:?}");
}
