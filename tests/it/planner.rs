//! The planner of the store's replicas: what it decides, what it leaves alone and why, and that it comes
//! to an end.

use crate::run::ids;
use kvorum::base::{Draws, GroupId, NodeId, Purpose};
use kvorum::kv::planner::{
    Leaders, Limits, Node, Out, Placement, Plan, Policy, Shard, Stays, Step, Verdict, View, Why,
    plan, teams,
};
use std::collections::{BTreeMap, BTreeSet};

const NO_LIMIT: Limits = Limits {
    source: u32::MAX,
    destination: u32::MAX,
    total: u32::MAX,
};

/// A store that does what is planned at once.
struct World {
    nodes: Vec<Node>,
    shards: Vec<Shard>,
    policy: Policy,
    /// Replicas that were sent somewhere.
    moved: usize,
}

fn node(id: u32, rack: u32) -> Node {
    let (id, verdict) = (NodeId(id), Verdict::Alive);
    Node { id, rack, verdict }
}

impl World {
    /// Nodes in racks of their own and shards of three replicas, all of which begin on the first three nodes.
    fn new(nodes: u32, shards: u32) -> World {
        let shard = |group| Shard {
            group: GroupId(group),
            members: ids(&[1, 2, 3]),
            leader: Some(NodeId(1)),
            load: 100,
        };
        World {
            nodes: (1..=nodes).map(|id| node(id, id)).collect(),
            shards: (1..=shards).map(shard).collect(),
            policy: Policy {
                replicas: 3,
                placement: Placement::Balanced,
                leaders: Leaders::Count,
                limits: NO_LIMIT,
            },
            moved: 0,
        }
    }

    fn plan(&self, under_way: &[Step]) -> Plan {
        let plan = plan(View {
            nodes: &self.nodes,
            shards: &self.shards,
            under_way,
            busy: &[],
            policy: &self.policy,
        });
        let mut said: BTreeSet<GroupId> = plan.stays.keys().copied().collect();
        for decision in &plan.decisions {
            assert!(said.insert(decision.step.group()), "one change per shard");
        }
        assert_eq!(said.len(), self.shards.len(), "something of every shard");
        plan
    }

    fn shard(&mut self, group: GroupId) -> &mut Shard {
        &mut self.shards[group.0 as usize - 1]
    }

    fn carry_out(&mut self, step: &Step) {
        let shard = self.shard(step.group());
        match *step {
            Step::Add { to, .. } => shard.members.push(to),
            Step::Remove { from, .. } => shard.members.retain(|&it| it != from),
            Step::Move { from, to, .. } => {
                for member in &mut shard.members {
                    *member = if *member == from { to } else { *member };
                }
            }
            Step::Lead { from, to, .. } => {
                assert_eq!(shard.leader, Some(from));
                assert!(shard.members.contains(&to));
                shard.leader = Some(to);
            }
        }
        let set: BTreeSet<_> = shard.members.iter().collect();
        assert_eq!(set.len(), shard.members.len(), "no node twice");
        if shard.leader.is_some_and(|it| !shard.members.contains(&it)) {
            shard.leader = shard.members.first().copied();
        }
        self.moved += usize::from(matches!(step, Step::Add { .. } | Step::Move { .. }));
    }

    /// Plans and does until nothing is left to do; the rounds that it took.
    fn settle(&mut self) -> usize {
        for round in 0..200 {
            let plan = self.plan(&[]);
            if plan.decisions.is_empty() {
                return round;
            }
            for decision in &plan.decisions {
                self.carry_out(&decision.step);
            }
        }
        panic!("it moves for ever: {:?}", self.plan(&[]).decisions);
    }

    fn counts(&self, of: impl Fn(&Shard, NodeId) -> bool) -> BTreeMap<u32, usize> {
        let count = |node: &Node| self.shards.iter().filter(|it| of(it, node.id)).count();
        let alive = self.nodes.iter().filter(|it| it.verdict == Verdict::Alive);
        alive.map(|node| (node.id.0, count(node))).collect()
    }

    fn replicas(&self) -> BTreeMap<u32, usize> {
        self.counts(|shard, node| shard.members.contains(&node))
    }

    fn leaders(&self) -> BTreeMap<u32, usize> {
        self.counts(|shard, node| shard.leader == Some(node))
    }

    fn verdict(&mut self, id: u32, verdict: Verdict) {
        self.nodes[id as usize - 1].verdict = verdict;
    }

    /// The replicas that aren't where they were before.
    fn moved_since(&self, before: &[Shard]) -> usize {
        let pairs = self.shards.iter().zip(before);
        let new = |(now, before): (&Shard, &Shard)| {
            now.members
                .iter()
                .filter(|it| !before.members.contains(it))
                .count()
        };
        pairs.map(new).sum()
    }
}

fn spread(counts: &BTreeMap<u32, usize>) -> usize {
    counts.values().max().unwrap_or(&0) - counts.values().min().unwrap_or(&0)
}

#[test]
fn everything_on_three_nodes_is_spread_over_all() {
    let mut world = World::new(7, 40);
    assert!(world.settle() < 20);
    assert!(spread(&world.replicas()) <= 1, "{:?}", world.replicas());
    assert!(spread(&world.leaders()) <= 1, "{:?}", world.leaders());
    let plan = world.plan(&[]);
    assert!(plan.stays.values().all(|it| *it == Stays::InPlace));
}

#[test]
fn a_newcomer_gets_its_share_and_nothing_else_moves() {
    let mut world = World::new(5, 8);
    world.settle();
    let before = world.shards.clone();
    world.nodes.push(node(6, 6));
    world.settle();
    assert_eq!(world.replicas()[&6], 4, "24 replicas on 6 nodes");
    assert_eq!(world.moved_since(&before), 4, "an ideal sixth");
    assert!(spread(&world.leaders()) <= 1);
}

/// The share of all replicas that moves when a sixth node joins five, in percent.
fn moved_by(placement: Placement) -> usize {
    let mut world = World::new(5, 256);
    world.policy.placement = placement;
    world.settle();
    let before = world.shards.clone();
    world.nodes.push(node(6, 6));
    world.settle();
    world.moved_since(&before) * 100 / (256 * 3)
}

#[test]
fn placements_differ_in_what_a_newcomer_moves() {
    // A sixth is ideal; on a ring a newcomer's points decide how much it gets.
    let balanced = moved_by(Placement::Balanced);
    let ring = moved_by(Placement::Ring { points: 64 });
    let modulo = moved_by(Placement::Modulo);
    assert_eq!((balanced, ring, modulo), (16, 12, 50));
}

#[test]
fn a_dead_node_is_rebuilt_and_a_drained_one_emptied() {
    for verdict in [Verdict::Dead, Verdict::Draining] {
        let mut world = World::new(6, 30);
        world.settle();
        world.verdict(2, verdict);
        let first = &world.plan(&[]).decisions[0];
        assert!(matches!(first.why, Why::Dead | Why::Draining));
        assert!(matches!(
            first.step,
            Step::Move {
                from: NodeId(2),
                ..
            }
        ));
        world.settle();
        let on = |shard: &Shard| shard.members.contains(&NodeId(2));
        assert_eq!(world.shards.iter().filter(|it| on(it)).count(), 0);
        assert!(world.shards.iter().all(|shard| shard.members.len() == 3));
        assert!(spread(&world.replicas()) <= 1);
    }
}

#[test]
fn a_false_alarm_moves_nothing() {
    for placement in [
        Placement::Balanced,
        Placement::Modulo,
        Placement::Ring { points: 8 },
    ] {
        let mut world = World::new(6, 30);
        world.policy.placement = placement;
        world.settle();
        world.verdict(2, Verdict::Suspect);
        assert_eq!(world.plan(&[]).decisions, []);
    }
}

#[test]
fn a_shard_without_a_quorum_is_left_alone_and_says_so() {
    let mut world = World::new(6, 1);
    world.verdict(1, Verdict::Dead);
    world.verdict(2, Verdict::Dead);
    let plan = world.plan(&[]);
    assert_eq!(plan.decisions, []);
    assert_eq!(plan.stays[&GroupId(1)], Stays::QuorumLost);
    // Half is no majority.
    world.verdict(2, Verdict::Alive);
    world.shard(GroupId(1)).members = ids(&[1, 2]);
    assert_eq!(world.plan(&[]).stays[&GroupId(1)], Stays::QuorumLost);
}

#[test]
fn who_can_take_a_replica_is_told_node_by_node() {
    let mut world = World::new(5, 1);
    world.verdict(1, Verdict::Dead);
    world.verdict(4, Verdict::Suspect);
    world.verdict(5, Verdict::Draining);
    let plan = world.plan(&[]);
    let Stays::NoCandidate(Why::Dead, candidates) = &plan.stays[&GroupId(1)] else {
        panic!("{plan:?}");
    };
    let out: Vec<_> = candidates.iter().map(|it| it.out).collect();
    let is = |verdict| Some(Out::Is(verdict));
    let member = Some(Out::Member);
    assert_eq!(
        out,
        [
            member,
            member,
            member,
            is(Verdict::Suspect),
            is(Verdict::Draining)
        ]
    );
}

#[test]
fn a_change_that_is_under_way_is_all_that_happens_to_a_shard() {
    let world = World::new(6, 2);
    let step = Step::Move {
        group: GroupId(1),
        from: NodeId(1),
        to: NodeId(4),
    };
    let plan = world.plan(&[step]);
    assert_eq!(plan.stays[&GroupId(1)], Stays::UnderWay);
    // It counts as done: the other shard doesn't go there as well.
    let to = plan.decisions.iter().map(|it| it.step).collect::<Vec<_>>();
    assert!(
        matches!(to[..], [Step::Move { to: NodeId(5), .. }]),
        "{to:?}"
    );
}

#[test]
fn no_more_moves_begin_than_the_limits_allow() {
    let mut world = World::new(9, 60);
    world.policy.limits = Limits {
        source: 2,
        destination: 1,
        total: 4,
    };
    let plan = world.plan(&[]);
    let moves = |plan: &Plan| {
        let steps = plan.decisions.iter().map(|it| it.step);
        steps
            .filter_map(|step| match step {
                Step::Move { from, to, .. } => Some((from, to)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let begun = moves(&plan);
    assert_eq!(begun.len(), 4);
    let most = |counts: Vec<NodeId>| {
        let count = |id: &NodeId| counts.iter().filter(|it| *it == id).count();
        counts.iter().map(count).max()
    };
    assert!(most(begun.iter().map(|it| it.0).collect()) <= Some(2));
    assert_eq!(most(begun.iter().map(|it| it.1).collect()), Some(1));
    assert!(
        plan.stays
            .values()
            .any(|it| matches!(it, Stays::Limit(Why::Replicas { .. }, None)))
    );
    world.settle();
    assert!(spread(&world.replicas()) <= 1);
}

#[test]
fn a_node_sends_and_gets_no_more_than_it_may() {
    let limited = |verdict| {
        let mut world = World::new(4, 9);
        world.policy.limits.source = 2;
        world.policy.limits.destination = 3;
        world.verdict(1, verdict);
        world.plan(&[])
    };
    let drained = limited(Verdict::Draining);
    assert_eq!(drained.decisions.len(), 2);
    let full = Stays::Limit(Why::Draining, Some(NodeId(1)));
    assert_eq!(drained.stays.values().filter(|it| **it == full).count(), 7);
    // Nothing is read from a dead node; but the only one that can take its replicas has a limit too.
    let rebuilt = limited(Verdict::Dead);
    assert_eq!(rebuilt.decisions.len(), 3);
    let full = |it: &&Stays| match it {
        Stays::NoCandidate(Why::Dead, candidates) => candidates[3].out == Some(Out::Limit),
        _ => false,
    };
    assert_eq!(rebuilt.stays.values().filter(full).count(), 6);
}

#[test]
fn replicas_of_a_shard_stand_in_different_racks() {
    let mut world = World::new(9, 30);
    for (at, node) in world.nodes.iter_mut().enumerate() {
        node.rack = at as u32 / 3;
    }
    world.settle();
    for shard in &world.shards {
        let racks: BTreeSet<u32> = shard.members.iter().map(|id| (id.0 - 1) / 3).collect();
        assert_eq!(racks.len(), 3, "{:?}", shard.members);
    }
    assert!(spread(&world.replicas()) <= 1);
    // A rack is lost: two racks are left, and each shard still has its three replicas.
    for id in 1..=3 {
        world.verdict(id, Verdict::Dead);
    }
    world.settle();
    assert!(
        world
            .shards
            .iter()
            .all(|it| it.members.iter().all(|id| id.0 > 3))
    );
    // It comes back: nobody stays in a rack twice.
    for id in 1..=3 {
        world.verdict(id, Verdict::Alive);
    }
    world.settle();
    for shard in &world.shards {
        let racks: BTreeSet<u32> = shard.members.iter().map(|id| (id.0 - 1) / 3).collect();
        assert_eq!(racks.len(), 3, "{:?}", shard.members);
    }
}

#[test]
fn leaders_are_balanced_by_what_they_are_asked_for() {
    let mut world = World::new(3, 6);
    world.policy.leaders = Leaders::Load;
    for (at, shard) in world.shards.iter_mut().enumerate() {
        shard.load = [600, 100, 100, 100, 100, 200][at];
    }
    world.settle();
    let load = |node: u32| {
        let led = world
            .shards
            .iter()
            .filter(|it| it.leader == Some(NodeId(node)));
        led.map(|shard| shard.load).sum::<u64>()
    };
    let mut loads = [1, 2, 3].map(load);
    loads.sort_unstable();
    assert_eq!(loads, [300, 300, 600], "one hot shard can't be spread");
}

#[test]
fn a_leader_that_the_registry_does_not_know_moves_nothing() {
    let mut world = World::new(3, 1);
    world.policy.leaders = Leaders::Load;
    world.shard(GroupId(1)).leader = Some(NodeId(9));
    assert_eq!(world.plan(&[]).decisions, []);
}

#[test]
fn a_node_shares_its_groups_with_its_teams_only() {
    let nodes: Vec<Node> = (1..=30).map(|id| node(id, id % 6)).collect();
    let known = teams(&nodes, &[], 3, 5);
    for node in &nodes {
        let with: Vec<_> = known.iter().filter(|it| it.contains(&node.id)).collect();
        assert!(
            (5..=6).contains(&with.len()),
            "{node:?} is in {}",
            with.len()
        );
    }
    for team in &known {
        let racks: BTreeSet<u32> = team.iter().map(|id| id.0 % 6).collect();
        assert_eq!((team.len(), racks.len()), (3, 3));
    }
    // One more node is in new teams; those that were there stay.
    let more = [&nodes[..], &[node(31, 0)]].concat();
    let grown = teams(&more, &known, 3, 5);
    assert_eq!(grown[..known.len()], known);
    assert!(grown.iter().filter(|it| it.contains(&NodeId(31))).count() >= 5);
    let mut world = World::new(30, 200);
    world.nodes = nodes;
    world.policy.placement = Placement::Teams(known.clone());
    world.settle();
    for shard in &mut world.shards {
        shard.members.sort_unstable();
        assert!(known.contains(&shard.members));
    }
    let replicas = world.replicas();
    assert!(
        replicas.values().all(|it| (8..=40).contains(it)),
        "{replicas:?}"
    );
}

/// Whatever happens to the nodes: planning ends, nothing goes to a node that can't take it, and what can
/// be whole is.
#[test]
fn random_clusters_settle() {
    for seed in 0..60 {
        let mut draws = Draws::new(seed, Purpose::Swarm, 7);
        let mut draw = |n: u64| draws.below(n) as usize;
        let mut world = World::new(4 + draw(8) as u32, 1 + draw(50) as u32);
        let racks = 1 + draw(5) as u32;
        for node in &mut world.nodes {
            node.rack = node.id.0 % racks;
        }
        world.policy.leaders = [Leaders::Count, Leaders::Load][draw(2)];
        world.policy.placement = match draw(4) {
            0 => Placement::Modulo,
            1 => Placement::Ring { points: 16 },
            2 => Placement::Teams(teams(&world.nodes, &[], 3, 2)),
            _ => Placement::Balanced,
        };
        world.policy.limits.total = 1 + draw(9) as u32;
        for _ in 0..6 {
            let id = 1 + draw(world.nodes.len() as u64) as u32;
            let verdicts = [
                Verdict::Alive,
                Verdict::Suspect,
                Verdict::Draining,
                Verdict::Dead,
            ];
            world.verdict(id, verdicts[draw(4)]);
            let load = 1 + draw(1_000) as u64;
            world.shard(GroupId(1)).load = load;
            for _ in 0..1_000 {
                let plan = world.plan(&[]);
                let Some(decision) = plan.decisions.first() else {
                    break;
                };
                if let Step::Add { to, .. } | Step::Move { to, .. } = decision.step {
                    assert_eq!(world.nodes[to.0 as usize - 1].verdict, Verdict::Alive);
                }
                world.carry_out(&decision.step);
            }
            let plan = world.plan(&[]);
            assert_eq!(plan.decisions, [], "seed {seed}");
            for shard in &world.shards {
                let gone = |id: &&NodeId| world.nodes[id.0 as usize - 1].verdict == Verdict::Dead;
                let whole = shard.members.iter().filter(gone).count() == 0;
                let told = &plan.stays[&shard.group];
                assert_eq!(
                    whole,
                    !matches!(told, Stays::QuorumLost | Stays::NoCandidate(Why::Dead, _))
                );
            }
        }
    }
}
