//! How a store of many shards begins: group 0 on the first nodes, and the shards spread by the policy.

use crate::base::{GroupId, NodeId};
use crate::kv::planner::{self, Leaders, Limits, Node, Placement, Policy};
use crate::kv::{Registry, Shard, ShardMap, Store};
use crate::sim::settings::{PlacementName, Settings, ShardSettings};
use crate::sim::simulation::Simulation;

/// The most members of group 0 at the beginning.
const FOUNDERS: u32 = 3;

impl Settings {
    /// The members of group 0 at the beginning: addresses that everybody knows.
    pub(in crate::sim) fn seeds(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.nodes.min(FOUNDERS)).map(NodeId)
    }
}

/// What the controller goes by, for these nodes.
pub(in crate::sim) fn policy(settings: &ShardSettings, nodes: &[Node]) -> Policy {
    let placement = match settings.placement {
        PlacementName::Balanced => Placement::Balanced,
        PlacementName::Ring => Placement::Ring {
            points: settings.ring_points,
        },
        PlacementName::Modulo => Placement::Modulo,
        PlacementName::Teams => Placement::Teams(planner::teams(
            nodes,
            &[],
            settings.replicas,
            settings.teams_per_node,
        )),
    };
    Policy {
        replicas: settings.replicas,
        placement,
        leaders: Leaders::Count,
        limits: Limits {
            source: settings.moves_from,
            destination: settings.moves_to,
            total: settings.moves,
        },
    }
}

impl Simulation {
    /// Founds group 0 and the groups of all shards.
    pub(in crate::sim) fn found_groups(&mut self) {
        let settings = &self.settings;
        let ids = (1..=settings.nodes).map(NodeId);
        let racks = settings.shards.racks;
        let registry = Registry::new(racks, ids.clone(), ShardMap::default());
        let nodes: Vec<_> = registry.nodes().copied().collect();
        let policy = policy(&settings.shards, &nodes);
        let members = planner::found(&nodes, settings.shards.count, &policy);
        let ranges = settings.shards.ranges();
        let shards: Vec<_> = ranges.into_iter().map(Shard::new).collect();
        let descriptor = |(at, shard): (usize, &Shard)| {
            let group = GroupId(at as u32 + 1);
            shard.descriptor(group, 0, members[at].clone())
        };
        let map = ShardMap::new(shards.iter().enumerate().map(descriptor));
        let map = map.unwrap_or_default();
        let seeds: Vec<_> = settings.seeds().collect();
        let registry = Registry::new(racks, ids, map);
        self.clients.route_by(registry.map());
        self.found(GroupId::REGISTRY, &seeds, &Store::of_registry(registry));
        for (at, shard) in shards.into_iter().enumerate() {
            let group = GroupId(at as u32 + 1);
            self.found(group, &members[at], &Store::of_shard(shard));
        }
        for host in 0..self.hosts.len() {
            self.begin_to_report(host);
        }
    }
}
