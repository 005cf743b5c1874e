//! What became of a store of many shards: its nodes and its shards at the end of a run.

use crate::base::{GroupId, NodeId};
use crate::kv::{Descriptor, KeyRange, Registry, Store};
use crate::sim::{Host, Replica, Simulation};
use serde::Serialize;
use std::io::{self, Write};

/// Shards that are printed for people; all of them are for programs.
const MOST_SHARDS: usize = 40;

/// A store of many shards, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Shards {
    /// Operations of the controller that have begun so far.
    pub operations: u64,
    pub nodes: Vec<Node>,
    pub shards: Vec<Shard>,
}

/// A node, by what group 0 knows of it, and what it has.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    node: NodeId,
    rack: u32,
    verdict: &'static str,
    replicas: usize,
    leaders: usize,
    keys: usize,
}

/// A shard, by group 0's map.
#[derive(Debug, Serialize)]
pub(super) struct Shard {
    group: GroupId,
    range: String,
    range_epoch: u64,
    members: Vec<NodeId>,
    leader: Option<NodeId>,
    keys: usize,
}

impl Shards {
    /// Of a run with many shards.
    pub fn of(run: &Simulation) -> Option<Shards> {
        let registry = run.registry()?;
        let node = |it: &crate::kv::planner::Node| node(run.host(it.id), it);
        let shard = |it: &std::rc::Rc<Descriptor>| shard(run, it);
        Some(Shards {
            operations: registry.last_operation(),
            nodes: Registry::nodes(registry).map(node).collect(),
            shards: registry.map().shards().map(shard).collect(),
        })
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\nnode  rack  verdict   replicas  leaders    keys")?;
        for it in &self.nodes {
            let (node, verdict) = (it.node.to_string(), it.verdict);
            writeln!(
                out,
                "{node:<5} {:>4}  {verdict:<8} {:>9} {:>8} {:>7}",
                it.rack, it.replicas, it.leaders, it.keys
            )?;
        }
        writeln!(out, "\nshard  leader  members          keys  range")?;
        for it in self.shards.iter().take(MOST_SHARDS) {
            let leader = it.leader.map_or("-".into(), |leader| leader.to_string());
            let members: Vec<_> = it.members.iter().map(ToString::to_string).collect();
            let (group, members) = (it.group.to_string(), members.join(" "));
            writeln!(
                out,
                "{group:<6} {leader:<7} {members:<14} {:>6}  {}",
                it.keys, it.range
            )?;
        }
        if let Some(more @ 1..) = self.shards.len().checked_sub(MOST_SHARDS) {
            writeln!(out, "and {more} more")?;
        }
        writeln!(out, "\n{} operations of the controller", self.operations)
    }
}

/// The replicas of data that a host has and that run.
fn data(host: &Host) -> impl Iterator<Item = &Replica> {
    let replicas = host.replicas().filter(|it| it.group() != GroupId::REGISTRY);
    replicas.filter(|replica| replica.raft().is_some())
}

fn node(host: Option<&Host>, known: &crate::kv::planner::Node) -> Node {
    let replicas = || host.into_iter().flat_map(data);
    Node {
        node: known.id,
        rack: known.rack,
        verdict: known.verdict.name(),
        replicas: replicas().count(),
        leaders: replicas().filter(|it| it.is_leader()).count(),
        keys: replicas().map(|it| it.store().len()).sum(),
    }
}

fn shard(run: &Simulation, known: &Descriptor) -> Shard {
    let raft = |node: &NodeId| run.raft_of(*node, known.group);
    let leader = known
        .members
        .iter()
        .filter_map(raft)
        .filter(|raft| raft.is_leader())
        .max_by_key(|raft| raft.current_term())
        .map(|raft| raft.node());
    let store = |node: NodeId| Some(run.host(node)?.replica_of(known.group)?.store());
    let keys = leader.and_then(store).map_or(0, Store::len);
    let range: &KeyRange = &known.keys;
    Shard {
        group: known.group,
        range: range.to_string(),
        range_epoch: known.range_epoch,
        members: known.members.clone(),
        leader,
        keys,
    }
}
