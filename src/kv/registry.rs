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
    /// It takes a neighbour in.
    "merge" Merge {
        /// The group that takes it in.
        target: GroupId,
        /// The neighbour's group, which is gone then.
        source: GroupId,
    },
}
}

impl Task {
    /// The group that changes; of a merge, the one that stays.
    pub fn group(&self) -> GroupId {
        match self {
            Task::Step(step) => step.group(),
            Task::Split { group, .. } | Task::Merge { target: group, .. } => *group,
        }
    }

    /// All groups that change.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + use<> {
        let source = match self {
            Task::Merge { source, .. } => Some(*source),
            _ => None,
        };
        std::iter::once(self.group()).chain(source)
    }

    /// Whether a replica is on its way to that node.
    pub(super) fn sends_to(&self, node: NodeId) -> bool {
        match self {
            Task::Step(step) => step.replica().1 == Some(node),
            Task::Split { .. } | Task::Merge { .. } => false,
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub enum Stage {
    /// The new replica becomes a learner, and catches up; a split is proposed; the source of a merge gets the
    /// target's members.
    Begun,
    /// The members are exchanged, and from here on there is no way back; the source of a merge is frozen and
    /// absorbed.
    Exchange,
    /// It is taken back: the learner goes again, what was frozen goes on.
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
    /// The groups that were merged into others, and into which.
    merged: BTreeMap<GroupId, GroupId>,
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
        operations.any(|it| it.task.groups().any(|it| it == group))
    }

    /// The group into which a group was merged, if it was.
    pub fn merged(&self, group: GroupId) -> Option<GroupId> {
        self.merged.get(&group).copied()
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
                if let Some(operation) = self.operations.remove(number) {
                    self.learn(news);
                    self.note_merge(&operation.task);
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

    /// A merge is over: the source is gone, unless it was taken back.
    fn note_merge(&mut self, task: &Task) {
        if let Task::Merge { target, source } = task
            && self.map.of(*source).is_none()
        {
            self.merged.insert(*source, *target);
        }
    }

    /// Whether two shards could be merged: they are neighbours.
    fn are_neighbours(&self, one: GroupId, other: GroupId) -> bool {
        let (Some(one), Some(other)) = (self.map.of(one), self.map.of(other)) else {
            return false;
        };
        one.keys.join(&other.keys).is_some() || other.keys.join(&one.keys).is_some()
    }

    fn begin(&mut self, task: &Task, rules: ShardRules) {
        let is_busy = task.groups().any(|group| self.is_busy(group));
        if rules.has(ShardRule::OneChangePerShard) && is_busy {
            return;
        }
        let is_gone = task.groups().any(|group| self.merged(group).is_some());
        let can = match task {
            Task::Merge { target, source } => self.are_neighbours(*target, *source),
            Task::Step(_) | Task::Split { .. } => true,
        };
        if is_gone || !can {
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
        for (source, target) in &self.merged {
            out.number(source.0);
            out.number(target.0);
        }
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
        while !bytes.is_at_end() {
            let source = GroupId(bytes.number("registry.merged.source")?);
            let target = GroupId(bytes.number("registry.merged.target")?);
            registry.merged.insert(source, target);
        }
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
    use super::super::key_range::KeyRange;
    use super::*;

    /// Three groups, whose slots follow each other.
    fn of_three() -> Registry {
        let (left, right) = KeyRange::ALL_SLOTS.cut(&Border::Slot(100)).expect("inside");
        let (middle, right) = right.cut(&Border::Slot(200)).expect("inside");
        let descriptor = |(group, keys)| Descriptor {
            group: GroupId(group),
            keys,
            range_epoch: 1,
            members_epoch: 0,
            members: Vec::new(),
        };
        let shards = [(1, left), (2, middle), (3, right)].map(descriptor);
        Registry::new(1, [NodeId(1)], ShardMap::new(shards).expect("a map"))
    }

    #[test]
    fn neighbours_are_merged_and_what_is_gone_stays_gone() {
        let mut registry = of_three();
        let merge = |target, source| {
            RegistryChange::Begin(Task::Merge {
                target: GroupId(target),
                source: GroupId(source),
            })
        };
        for none in [merge(1, 3), merge(1, 1), merge(1, 4)] {
            registry.apply(&none, ShardRules::ALL);
            assert_eq!(registry.operations().len(), 0, "{none:?}");
        }
        registry.apply(&merge(2, 3), ShardRules::ALL);
        registry.apply(&merge(1, 2), ShardRules::ALL);
        let busy = [1, 2, 3].map(|group| registry.is_busy(GroupId(group)));
        assert_eq!(
            (registry.operations().len(), busy),
            (1, [false, true, true])
        );
        let [_, two, three] = [1, 2, 3].map(|group| registry.map().of(GroupId(group)).cloned());
        let (two, three) = (two.expect("a shard"), three.expect("a shard"));
        let joined = Descriptor {
            keys: two.keys.join(&three.keys).expect("neighbours"),
            range_epoch: 2,
            ..(*two).clone()
        };
        registry.apply(
            &RegistryChange::End(1, vec![joined.into()]),
            ShardRules::ALL,
        );
        assert_eq!(registry.map().check(), Ok(()));
        let merged = [1, 2, 3].map(|group| registry.merged(GroupId(group)));
        assert_eq!(merged, [None, None, Some(GroupId(2))]);
        let split = Task::Split {
            group: GroupId(3),
            at: Border::Slot(300),
            child: registry.next_group(),
        };
        registry.apply(&RegistryChange::Begin(split), ShardRules::ALL);
        assert_eq!(registry.operations().len(), 0);
        let mut out = Encoder::new();
        registry.encode(&mut out);
        let bytes = out.finish();
        let again = Decoder::new(&bytes).and_then(|mut bytes| Registry::decode(&mut bytes));
        assert_eq!(again, Ok(registry));
    }

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
