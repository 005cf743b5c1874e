//! What is read off a cluster at the end of an interval.

use super::Interval;
use crate::base::{GroupId, NodeId};
use crate::kv::{Descriptor, Registry};
use crate::sim::{Power, Simulation};
use serde::Serialize;
use std::collections::BTreeSet;

/// How the shards of a cluster stand. All are zero where there is one group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Cluster {
    /// Operations of the controller that were begun in the interval.
    pub begun: u64,
    /// Of the controller: under way.
    pub under_way: u64,
    /// Shards with fewer replicas on running nodes than wanted.
    pub under_replicated: u64,
    /// Shards with more members than wanted.
    pub over_replicated: u64,
    /// Shards of whose members no majority runs.
    pub unavailable: u64,
    /// Shards with two members in one rack, though there are racks enough.
    pub badly_spread: u64,
    /// Operations that were ever begun.
    #[serde(skip)]
    ever: u64,
}

impl Cluster {
    /// Goes on with a later interval.
    pub(super) fn then(&mut self, later: &Cluster) {
        *self = Cluster {
            begun: self.begun + later.begun,
            ..*later
        };
    }

    /// Counts from an earlier one on.
    pub(super) fn since(&mut self, earlier: Option<Cluster>) {
        self.begun = self.ever - earlier.map_or(0, |it| it.ever).min(self.ever);
    }
}

/// Reads what nodes have, and how the cluster stands.
pub(super) fn read(run: &Simulation, interval: &mut Interval) {
    for host in run.hosts().iter().filter(|host| !host.is_retired()) {
        let figures = interval.nodes.entry(host.id()).or_default();
        let data = host.replicas().filter(|it| it.group() != GroupId::REGISTRY);
        for replica in data.filter(|replica| replica.raft().is_some()) {
            figures.replicas += 1;
            figures.leaders += u64::from(replica.is_leader());
            figures.keys += replica.store().len() as u64;
        }
    }
    if let Some(registry) = run.registry() {
        interval.cluster = cluster(run, registry);
    }
}

fn cluster(run: &Simulation, registry: &Registry) -> Cluster {
    let racks: BTreeSet<_> = registry.nodes().map(|node| node.rack).collect();
    let wanted = run.settings().shards.replicas as usize;
    let wanted = wanted.min(registry.nodes().len());
    let runs = |node: &&NodeId| run.host(**node).is_some_and(|it| it.power() == Power::Up);
    let rack = |node: &NodeId| registry.node(*node).map(|it| it.rack);
    let shard = |mut sum: Cluster, shard: &Descriptor| {
        let members = &shard.members;
        let up = members.iter().filter(runs).count();
        let spread: BTreeSet<_> = members.iter().filter_map(rack).collect();
        sum.under_replicated += u64::from(up < wanted);
        sum.over_replicated += u64::from(members.len() > wanted);
        sum.unavailable += u64::from(up <= members.len() / 2);
        sum.badly_spread += u64::from(spread.len() < racks.len().min(members.len()));
        sum
    };
    let counted = Cluster {
        under_way: registry.operations().len() as u64,
        ever: registry.last_operation(),
        ..Cluster::default()
    };
    let shards = registry.map().shards();
    shards.fold(counted, |sum, it| shard(sum, it))
}
