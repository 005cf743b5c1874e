//! What group 0 decides on: the nodes, the shard map, and what is being done to the shards.
//!
//! It is group 0's state machine: a controller that is elected finds everything here that the one before
//! it had begun. What changes every second (who was heard when, how much load there is) is no part of
//! it, and is learnt anew.

use super::encoding::{DecodeError, Decoder, Encoder};
use super::key_range::Border;
use super::planner::{Node, Step, Verdict};
use super::shard_map::{Descriptor, ShardMap};
use super::shard_rules::{ShardRule, ShardRules};
use crate::base::{Digest, Fold, GroupId, NodeId, vocabulary};
use serde::Serialize;
use std::collections::BTreeMap;
use std::rc::Rc;

vocabulary! {
/// What is done to a shard.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(tag = "task")]
pub enum Task {
    /// Its replicas change, or who leads it.
    "step" Step(step: Step),
    /// It is cut in two.
    "split" Split {
        /// The shard's group.
        group: GroupId,
        /// Where the second part begins.
        at: Border,
        /// The group that gets the second part.
        child: GroupId,
    },
}
}

impl Task {
    /// The group that changes.
    pub fn group(&self) -> GroupId {
        match self {
            Task::Step(step) => step.group(),
            Task::Split { group, .. } => *group,
        }
    }

    /// Whether a replica is on its way to that node.
    pub(super) fn sends_to(&self, node: NodeId) -> bool {
        match self {
            Task::Step(step) => step.replica().1 == Some(node),
            Task::Split { .. } => false,
        }
    }
}

/// Something that was begun and isn't done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// What.
    pub task: Task,
    /// How far it is; each stage is written down before anything is done for it.
    pub stage: Stage,
}

/// How far an operation is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// The new replica becomes a learner, and catches up; a split is proposed.
    Begun,
    /// The members are exchanged: from here on there is no way back.
    Exchange,
    /// It is taken back: the learner goes again.
    Revoked,
}

impl Stage {
    pub(super) const ALL: [Stage; 3] = [Stage::Begun, Stage::Exchange, Stage::Revoked];
}

/// What changes in the registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegistryChange {
    /// A node is new. Racks take turns.
    Join(NodeId),
    /// A node is judged anew.
    Node(Node),
    /// A node is gone for good.
    Leave(NodeId),
    /// An operation begins, with the next number, if nothing is done to that shard.
    Begin(Task),
    /// An operation has reached a stage.
    Reach(u64, Stage),
    /// An operation is over; these descriptors are news.
    End(u64, Vec<Rc<Descriptor>>),
    /// A shard is found to be so.
    Describe(Rc<Descriptor>),
}

/// The state of group 0.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Registry {
    nodes: BTreeMap<NodeId, Node>,
    map: Rc<ShardMap>,
    operations: BTreeMap<u64, Operation>,
    /// How many failure domains new nodes are spread over.
    racks: u32,
    /// The last number that an operation got.
    last_operation: u64,
    /// The last number that a group got.
    last_group: u32,
}

impl Registry {
    /// A registry as a cluster is founded with it.
    pub fn new(racks: u32, nodes: impl IntoIterator<Item = NodeId>, map: ShardMap) -> Registry {
        let groups = map.shards().map(|shard| shard.group.0);
        let mut registry = Registry {
            racks: racks.max(1),
            last_group: groups.max().unwrap_or(0),
            map: map.into(),
            ..Registry::default()
        };
        nodes.into_iter().for_each(|id| registry.join(id));
        registry
    }

    /// The nodes, by id.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &Node> {
        self.nodes.values()
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// The shards, as far as group 0 knows.
    pub fn map(&self) -> &Rc<ShardMap> {
        &self.map
    }

    /// What was begun and isn't done, by number.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = (u64, &Operation)> {
        self.operations.iter().map(|(&number, it)| (number, it))
    }

    /// The operation of that number, unless it is over.
    pub fn operation(&self, number: u64) -> Option<&Operation> {
        self.operations.get(&number)
    }

    /// The group that a split would make next.
    pub fn next_group(&self) -> GroupId {
        GroupId(self.last_group + 1)
    }

    /// The number that the last operation has got; 0 if there was none.
    pub fn last_operation(&self) -> u64 {
        self.last_operation
    }

    /// Whether something is done to a shard.
    pub fn is_busy(&self, group: GroupId) -> bool {
        let mut operations = self.operations.values();
        operations.any(|it| it.task.group() == group)
    }

    /// Takes a change in. One that can't be does nothing.
    pub fn apply(&mut self, change: &RegistryChange, rules: ShardRules) {
        match change {
            RegistryChange::Join(id) => self.join(*id),
            RegistryChange::Node(node) => {
                self.nodes.insert(node.id, *node);
            }
            RegistryChange::Leave(node) => {
                self.nodes.remove(node);
            }
            RegistryChange::Begin(task) => self.begin(task, rules),
            RegistryChange::Reach(number, stage) => {
                if let Some(operation) = self.operations.get_mut(number) {
                    operation.stage = operation.stage.max(*stage);
                }
            }
            RegistryChange::End(number, news) => {
                if self.operations.remove(number).is_some() {
                    self.learn(news);
                }
            }
            RegistryChange::Describe(news) => self.learn(std::slice::from_ref(news)),
        }
    }

    fn join(&mut self, id: NodeId) {
        let node = Node {
            id,
            rack: (id.0 - 1) % self.racks + 1,
            verdict: Verdict::Alive,
        };
        self.nodes.entry(id).or_insert(node);
    }

    fn begin(&mut self, task: &Task, rules: ShardRules) {
        if rules.has(ShardRule::OneChangePerShard) && self.is_busy(task.group()) {
            return;
        }
        if let Task::Split { child, .. } = task {
            if *child != self.next_group() {
                return;
            }
            self.last_group += 1;
        }
        self.last_operation += 1;
        let operation = Operation {
            task: task.clone(),
            stage: Stage::Begun,
        };
        self.operations.insert(self.last_operation, operation);
    }

    fn learn(&mut self, news: &[Rc<Descriptor>]) {
        let map = Rc::make_mut(&mut self.map);
        for descriptor in news {
            map.learn(descriptor);
        }
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        out.number(self.nodes.len() as u32);
        for node in self.nodes.values() {
            node.encode(out);
        }
        out.number(self.map.shards().len() as u32);
        for shard in self.map.shards() {
            shard.encode(out);
        }
        out.number(self.operations.len() as u32);
        for (number, operation) in &self.operations {
            out.word(*number);
            operation.task.encode(out);
            out.byte(operation.stage as u8);
        }
        out.number(self.racks);
        out.word(self.last_operation);
        out.number(self.last_group);
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Registry, DecodeError> {
        let mut registry = Registry::default();
        for _ in 0..bytes.number("registry.nodes")? {
            let node = Node::decode(bytes)?;
            registry.nodes.insert(node.id, node);
        }
        let mut map = ShardMap::default();
        for _ in 0..bytes.number("registry.shards")? {
            map.learn(&Rc::new(Descriptor::decode(bytes)?));
        }
        registry.map = map.into();
        for _ in 0..bytes.number("registry.operations")? {
            let number = bytes.word("operation.number")?;
            let task = Task::decode(bytes)?;
            let stage = bytes.one_of("operation.stage", &Stage::ALL)?;
            registry
                .operations
                .insert(number, Operation { task, stage });
        }
        registry.racks = bytes.number("registry.racks")?.max(1);
        registry.last_operation = bytes.word("registry.last_operation")?;
        registry.last_group = bytes.number("registry.last_group")?;
        Ok(registry)
    }
}

impl Fold for RegistryChange {
    fn fold(&self, digest: &mut Digest) {
        let mut out = Encoder::new();
        match self {
            RegistryChange::Node(node) => {
                out.byte(0);
                node.encode(&mut out);
            }
            RegistryChange::Join(node) => {
                out.byte(6);
                out.number(node.0);
            }
            RegistryChange::Leave(node) => {
                out.byte(1);
                out.number(node.0);
            }
            RegistryChange::Begin(task) => {
                out.byte(2);
                task.encode(&mut out);
            }
            RegistryChange::Reach(number, stage) => {
                out.byte(3);
                out.word(*number);
                out.byte(*stage as u8);
            }
            RegistryChange::End(number, news) => {
                out.byte(4);
                out.word(*number);
                news.iter().for_each(|it| it.encode(&mut out));
            }
            RegistryChange::Describe(news) => {
                out.byte(5);
                news.encode(&mut out);
            }
        }
        out.fold(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_done_to_a_shard_at_a_time() {
        let mut registry = Registry::new(1, (1..=4).map(NodeId), ShardMap::default());
        let lead = |group| {
            Task::Step(Step::Lead {
                group: GroupId(group),
                from: NodeId(1),
                to: NodeId(2),
            })
        };
        let cut = |group, child| Task::Split {
            group: GroupId(group),
            at: Border::Slot(9),
            child: GroupId(child),
        };
        let tasks = [
            (lead(1), 1),
            // The shard is busy.
            (cut(1, 1), 1),
            (lead(1), 1),
            // Another one isn't; its child has the next number, and no other.
            (cut(2, 2), 1),
            (cut(2, 1), 2),
            (cut(3, 1), 2),
        ];
        for (task, operations) in tasks {
            registry.apply(&RegistryChange::Begin(task.clone()), ShardRules::ALL);
            assert_eq!(registry.operations().len(), operations, "{task:?}");
        }
        // A stage is never gone back, and an operation ends once.
        registry.apply(&RegistryChange::Reach(1, Stage::Revoked), ShardRules::ALL);
        registry.apply(&RegistryChange::Reach(1, Stage::Exchange), ShardRules::ALL);
        assert_eq!(
            registry.operation(1).map(|it| it.stage),
            Some(Stage::Revoked)
        );
        registry.apply(&RegistryChange::End(1, Vec::new()), ShardRules::ALL);
        registry.apply(&RegistryChange::End(1, Vec::new()), ShardRules::ALL);
        registry.apply(&RegistryChange::Begin(lead(1)), ShardRules::ALL);
        assert_eq!(
            (registry.last_operation(), registry.is_busy(GroupId(1))),
            (3, true)
        );
        let mut out = Encoder::new();
        registry.encode(&mut out);
        let bytes = out.finish();
        let again = Decoder::new(&bytes).and_then(|mut bytes| Registry::decode(&mut bytes));
        assert_eq!(again, Ok(registry));
    }
}
