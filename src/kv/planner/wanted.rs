//! Where a policy wants a shard: a ring, a remainder, a team.

use super::{Node, Placement, Planner, Shard, Verdict, View};
use crate::base::{GroupId, NodeId, hash::mix};

/// Whether a policy counts on a node. One that is suspect keeps its place: a false alarm moves
/// nothing.
fn counts(node: &Node) -> bool {
    node.verdict < Verdict::Draining
}

/// The first nodes in this order, of other racks as long as there are some.
fn over_racks(order: &[&Node], replicas: usize) -> Vec<NodeId> {
    let mut chosen: Vec<&Node> = Vec::new();
    for other_rack in [true, false] {
        for node in order {
            let known = |it: &&Node| it.id == node.id || other_rack && it.rack == node.rack;
            if chosen.len() < replicas && !chosen.iter().any(known) {
                chosen.push(node);
            }
        }
    }
    chosen.iter().map(|node| node.id).collect()
}

/// The points of all nodes on the ring, each with the node's place in the registry.
pub(super) fn ring(view: View<'_>) -> Vec<(u64, usize)> {
    let Placement::Ring { points } = view.policy.placement else {
        return Vec::new();
    };
    let nodes = view.nodes.iter().enumerate().filter(|(_, it)| counts(it));
    let points = nodes.flat_map(|(at, node)| {
        (0..points).map(move |point| (mix(u64::from(node.id.0) << 32 | u64::from(point)), at))
    });
    let mut points: Vec<_> = points.collect();
    points.sort_unstable();
    points
}

impl Planner<'_> {
    /// The nodes on which the policy wants the shard; `None` where any will do.
    pub(super) fn wants(&self, shard: &Shard) -> Option<Vec<NodeId>> {
        match &self.view.policy.placement {
            Placement::Balanced => None,
            Placement::Ring { .. } => Some(self.on_ring(shard)),
            Placement::Modulo => Some(self.by_remainder(shard)),
            Placement::Teams(teams) => Some(self.team(shard, teams)),
        }
    }

    /// The next nodes on the ring, of other racks as long as there are some.
    fn on_ring(&self, shard: &Shard) -> Vec<NodeId> {
        let begin = mix(!u64::from(shard.group.0));
        let first = self.ring.partition_point(|&(point, _)| point < begin);
        let points = self.ring[first..].iter().chain(&self.ring[..first]);
        let mut nodes: Vec<&Node> = Vec::new();
        for &(_, at) in points {
            let node = &self.view.nodes[at];
            if !nodes.iter().any(|it| it.id == node.id) {
                nodes.push(node);
            }
        }
        let replicas = self.view.policy.replicas as usize;
        over_racks(&nodes, replicas)
    }

    fn by_remainder(&self, shard: &Shard) -> Vec<NodeId> {
        let nodes: Vec<&Node> = self.view.nodes.iter().filter(|it| counts(it)).collect();
        let replicas = nodes.len().min(self.view.policy.replicas as usize);
        let place = |nth: usize| (shard.group.0 as usize + nth) % nodes.len();
        (0..replicas).map(|nth| nodes[place(nth)].id).collect()
    }

    /// The team with the highest draw for this shard, of those whose nodes are all there: so a team
    /// more, or one less, moves only the shards that it gets or had.
    fn team(&self, shard: &Shard, teams: &[Vec<NodeId>]) -> Vec<NodeId> {
        let usable = |node: &NodeId| self.verdict(*node) < Verdict::Draining;
        let whole = teams.iter().filter(|team| team.iter().all(usable));
        let begin = mix(u64::from(shard.group.0));
        let draw = |team: &&Vec<NodeId>| {
            team.iter()
                .fold(begin, |hash, id| mix(hash ^ u64::from(id.0)))
        };
        let team = whole.max_by_key(draw);
        team.map_or_else(|| shard.members.clone(), Clone::clone)
    }
}

/// Teams of `replicas` nodes, so that each node is in at least `per_node` of them, as far as there are
/// enough nodes: what is `known` stays, and new ones are made of the nodes that are in the fewest, in
/// other racks as long as there are some.
pub fn teams(
    nodes: &[Node],
    known: &[Vec<NodeId>],
    replicas: u32,
    per_node: u32,
) -> Vec<Vec<NodeId>> {
    let mut teams = known.to_vec();
    let nodes: Vec<&Node> = nodes.iter().filter(|it| counts(it)).collect();
    if nodes.len() < replicas as usize || replicas == 0 {
        return teams;
    }
    loop {
        let round = teams.len() as u64;
        let is_in = |node: &Node| teams.iter().filter(|team| team.contains(&node.id)).count();
        let mut order: Vec<(usize, u64, &Node)> = nodes
            .iter()
            .map(|node| (is_in(node), mix(round << 32 | u64::from(node.id.0)), *node))
            .collect();
        order.sort_by_key(|&(is_in, draw, _)| (is_in, draw));
        if order[0].0 >= per_node as usize {
            return teams;
        }
        let order: Vec<&Node> = order.iter().map(|&(_, _, node)| node).collect();
        let mut team = over_racks(&order, replicas as usize);
        team.sort_unstable();
        teams.push(team);
    }
}

/// Where the replicas of so many new shards should be, by group.
pub fn found(nodes: &[Node], shards: u32, policy: &super::Policy) -> Vec<Vec<NodeId>> {
    let view = View {
        nodes,
        shards: &[],
        under_way: &[],
        busy: &[],
        policy,
    };
    let planner = Planner::new(view);
    let mut has = vec![0_u32; nodes.len()];
    (1..=shards)
        .map(|group| {
            let shard = Shard {
                group: GroupId(group),
                members: Vec::new(),
                leader: None,
                load: 0,
            };
            let wanted = planner.wants(&shard);
            wanted.unwrap_or_else(|| emptiest(nodes, &mut has, policy.replicas, shard.group))
        })
        .collect()
}

/// The nodes that have the fewest replicas, of other racks as long as there are some.
fn emptiest(nodes: &[Node], has: &mut [u32], replicas: u32, group: GroupId) -> Vec<NodeId> {
    let mut chosen: Vec<usize> = Vec::new();
    for _ in 0..(replicas as usize).min(nodes.len()) {
        let free = (0..nodes.len()).filter(|at| !chosen.contains(at));
        let best = free.min_by_key(|&at| {
            let same_rack = |&other: &usize| nodes[other].rack == nodes[at].rack;
            let in_rack = chosen.iter().filter(|it| same_rack(it)).count();
            let draw = mix(u64::from(group.0) << 32 | u64::from(nodes[at].id.0));
            (in_rack, has[at], draw)
        });
        chosen.extend(best);
    }
    chosen.iter().for_each(|&at| has[at] += 1);
    chosen.iter().map(|&at| nodes[at].id).collect()
}
