//! The servers that clients and the operator know of: all that were ever set up, but those that are gone for good.

use crate::base::{ClientId, NodeId};

/// The servers that may be asked.
#[derive(Clone, Default, Debug)]
pub(super) struct Servers {
    /// By id; never empty.
    serving: Vec<NodeId>,
    /// How many there have been.
    count: u32,
}

impl Servers {
    pub fn new(count: u32) -> Servers {
        Servers {
            serving: (1..=count).map(NodeId).collect(),
            count,
        }
    }

    /// These, and no others.
    pub fn of(nodes: &[NodeId]) -> Servers {
        let mut serving = nodes.to_vec();
        crate::base::order::sort(&mut serving);
        Servers {
            count: serving.len() as u32,
            serving,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.serving.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = NodeId> {
        self.serving.iter().copied()
    }

    /// Those that are gone for good.
    pub fn gone(&self) -> impl Iterator<Item = NodeId> {
        (1..=self.count).map(NodeId).filter(|&node| !self.has(node))
    }

    /// One more.
    pub fn add(&mut self) {
        self.count += 1;
        self.serving.push(NodeId(self.count));
    }

    /// One that is gone for good.
    pub fn remove(&mut self, node: NodeId) {
        self.serving.retain(|&server| server != node);
    }

    /// The one that a client asks first: each client another one.
    pub fn first_for(&self, client: ClientId) -> NodeId {
        self.serving[(client.0 - 1) as usize % self.serving.len()]
    }

    /// Whether this one may be asked.
    pub fn has(&self, node: NodeId) -> bool {
        self.serving.contains(&node)
    }

    /// Those to ask after `node`, in turn, each once; without itself.
    pub fn after(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let first = self.serving.partition_point(|&server| server <= node);
        let (before, later) = self.serving.split_at(first);
        let others = later.iter().chain(before).copied();
        others.filter(move |&server| server != node)
    }
}
