//! A store of many shards, as plain data: its nodes, its shards, and what the controller is about.

use crate::base::{GroupId, NodeId};
use crate::kv::planner::{Node, Verdict};
use crate::kv::{Descriptor, Registry, Stage, Store, Task};
use crate::sim::{Host, Replica, Simulation};
use serde::Serialize;

/// A store of many shards, by what group 0 knows and the servers hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct StoreView {
    /// Operations of the controller that have begun so far.
    pub operations: u64,
    /// Those that are under way, the oldest first.
    pub under_way: Vec<StoreOperationView>,
    /// All nodes of the registry.
    pub nodes: Vec<StoreNodeView>,
    /// All shards of the map, in the order of their keys.
    pub shards: Vec<ShardView>,
}

/// An operation of the controller that is under way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct StoreOperationView {
    /// Its number: they are counted from 1.
    pub number: u64,
    /// What is done.
    pub task: Task,
    /// How far it is.
    pub stage: Stage,
}

/// A node, by what group 0 knows of it, and what it has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct StoreNodeView {
    /// Which.
    pub node: NodeId,
    /// Its failure domain: what goes down together.
    pub rack: u32,
    /// What the failure detector, or an operator, says of it.
    pub verdict: Verdict,
    /// The replicas of shards that run there.
    pub replicas: usize,
    /// Those of them that lead.
    pub leaders: usize,
    /// The keys that they hold.
    pub keys: usize,
}

/// A shard, by group 0's map.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct ShardView {
    /// The group that serves it.
    pub group: GroupId,
    /// Its keys: `slots 0–2047`.
    pub range: String,
    /// How often these have changed.
    pub range_epoch: u64,
    /// Where its replicas are, as the map has it.
    pub members: Vec<NodeId>,
    /// The leader of the highest term, if there is one.
    pub leader: Option<NodeId>,
    /// The keys that it holds.
    pub keys: usize,
}

impl StoreView {
    /// Of a run; `None` if that has one group only, or nobody knows a registry.
    pub fn of(run: &Simulation) -> Option<StoreView> {
        let registry = run.registry()?;
        let under_way = registry
            .operations()
            .map(|(number, it)| StoreOperationView {
                number,
                task: it.task.clone(),
                stage: it.stage,
            });
        let shards = registry.map().shards();
        Some(StoreView {
            operations: registry.last_operation(),
            under_way: under_way.collect(),
            nodes: Registry::nodes(registry).map(|it| node(run, it)).collect(),
            shards: shards.map(|it| shard(run, it)).collect(),
        })
    }
}

/// The replicas of data that a host has and that run.
fn data(host: &Host) -> impl Iterator<Item = &Replica> {
    let replicas = host.replicas().filter(|it| it.group() != GroupId::REGISTRY);
    replicas.filter(|replica| replica.raft().is_some())
}

fn node(run: &Simulation, known: &Node) -> StoreNodeView {
    let replicas = || run.host(known.id).into_iter().flat_map(data);
    StoreNodeView {
        node: known.id,
        rack: known.rack,
        verdict: known.verdict,
        replicas: replicas().count(),
        leaders: replicas().filter(|it| it.is_leader()).count(),
        keys: replicas().map(|it| it.store().len()).sum(),
    }
}

fn shard(run: &Simulation, known: &Descriptor) -> ShardView {
    let raft = |node: &NodeId| run.raft_of(*node, known.group);
    let leader = known
        .members
        .iter()
        .filter_map(raft)
        .filter(|raft| raft.is_leader())
        .max_by_key(|raft| raft.current_term())
        .map(|raft| raft.node());
    let store = |node: NodeId| Some(run.host(node)?.replica_of(known.group)?.store());
    ShardView {
        group: known.group,
        range: known.keys.to_string(),
        range_epoch: known.range_epoch,
        members: known.members.clone(),
        leader,
        keys: leader.and_then(store).map_or(0, Store::len),
    }
}
