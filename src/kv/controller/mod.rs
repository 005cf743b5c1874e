//! The cluster controller: it has shards moved, mended and split.
//!
//! It runs where group 0 is led, and knows two things: the registry, which is in group 0's log, and what
//! nodes have told it since it began. From time to time it looks at both ([`Controller::look`]) and says what
//! to do: something to write down in the registry, or a packet for a node. Nothing is asked of a group
//! before it is written down; so whoever leads group 0 next goes on with it. Packets may be lost, late or
//! doubled: what was asked for is asked for again until a report says that it is done, and each demand
//! carries a [`Fence`] and names what it is meant for.
//!
//! A new controller knows nobody's load, and when it heard nobody: it declares no node dead before it has
//! listened for as long as that takes.

pub mod detector;
mod merges;
mod steps;

use super::planner::{self, Node, Plan, Policy, Verdict};
use super::registry::{Registry, RegistryChange, Stage, Task};
use super::report::{GroupReport, NodeReport, StepRequest};
use super::shard::Fence;
use super::shard_rules::{ShardRule, ShardRules};
use crate::base::{GroupId, MemberId, NodeId, Span, Time};
use crate::raft::Term;
use detector::Patience;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How often it plans.
const PLANS_EVERY: Span = Span::millis(500);

/// How long a change of leaders may take before it is given up, and a split that doesn't come.
const GIVES_UP_AFTER: Span = Span::secs(5);

/// What a controller is set to.
#[derive(Clone, Debug)]
pub struct ControllerSettings {
    /// When a node is suspect, and dead.
    pub patience: Patience,
    /// A shard with more keys is split; 0: none is.
    pub split_keys: u64,
    /// Two neighbours that have fewer keys together are merged; 0: none are.
    pub merge_keys: u64,
    /// The rules that it keeps.
    pub rules: ShardRules,
}

/// Something that a controller wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// To be written down.
    Record(RegistryChange),
    /// A node that leads a group is asked for a step.
    Step(NodeId, StepRequest),
    /// A replica on a node is no member any more, nor is any up to this one: it goes.
    Bury(NodeId, GroupId, MemberId),
    /// A node that was drained is empty: it is switched off.
    Dismiss(NodeId),
}

/// A controller.
#[derive(Clone, Debug)]
pub struct Controller {
    /// The term in which it leads group 0.
    term: Term,
    since: Time,
    nodes: BTreeMap<NodeId, Heard>,
    /// Nodes that an operator wants emptied, and that the registry doesn't know of as such yet.
    drains: BTreeSet<NodeId>,
    /// What the leader with the highest term said last of each group, and who that is.
    groups: BTreeMap<GroupId, (NodeId, Rc<GroupReport>)>,
    /// When it saw operations for the first time at a stage.
    seen: BTreeMap<(u64, Stage), Time>,
    planned: Time,
    /// Its last plan, for whoever asks why.
    plan: Plan,
}

#[derive(Clone, Debug)]
struct Heard {
    at: Time,
    report: Rc<NodeReport>,
}

impl Controller {
    /// A controller that begins now, in this term of group 0.
    pub fn new(term: Term, now: Time) -> Controller {
        Controller {
            term,
            since: now,
            nodes: BTreeMap::new(),
            drains: BTreeSet::new(),
            groups: BTreeMap::new(),
            seen: BTreeMap::new(),
            planned: now,
            plan: Plan::default(),
        }
    }

    /// The term in which it leads group 0.
    pub fn term(&self) -> Term {
        self.term
    }

    /// Its last plan: what it decided, and why not more.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A node reports.
    pub fn hear(&mut self, node: NodeId, report: &Rc<NodeReport>, now: Time) {
        for replica in &report.replicas {
            let Some(leads) = &replica.leads else {
                continue;
            };
            let known = self.groups.get(&replica.group);
            if known.is_none_or(|(_, it)| it.term <= leads.term) {
                self.groups.insert(replica.group, (node, leads.clone()));
            }
        }
        let heard = Heard {
            at: now,
            report: report.clone(),
        };
        self.nodes.insert(node, heard);
    }

    /// An operator wants a node emptied.
    pub fn drain(&mut self, node: NodeId) {
        self.drains.insert(node);
    }

    /// Looks at everything and says what to do now. What is wanted of which nodes is asked when it plans.
    pub fn look(
        &mut self,
        registry: &Registry,
        policy: impl FnOnce(&[Node]) -> Policy,
        settings: &ControllerSettings,
        now: Time,
    ) -> Vec<Order> {
        let mut orders = Vec::new();
        // A late report of a group that is gone may still come in.
        self.groups
            .retain(|group, _| registry.merged(*group).is_none());
        self.judge(registry, settings, now, &mut orders);
        self.seen
            .retain(|(number, _), _| registry.operation(*number).is_some());
        for (number, operation) in registry.operations() {
            let begun = *self.seen.entry((number, operation.stage)).or_insert(now);
            let waited = now.since(begun);
            if let Task::Merge { target, source } = operation.task {
                let merge = (number, operation.stage, target, source);
                self.pursue_merge(registry, merge, waited, settings.rules, &mut orders);
            } else {
                self.pursue(registry, (number, operation), waited, &mut orders);
            }
        }
        self.bury(&mut orders);
        self.bury_merged(registry, &mut orders);
        self.dismiss(registry, settings.patience, now, &mut orders);
        self.describe(registry, &mut orders);
        if now.since(self.planned) >= PLANS_EVERY && now.since(self.since) >= PLANS_EVERY {
            self.planned = now;
            self.make_plan(registry, policy, settings, &mut orders);
        }
        orders
    }

    /// When a node was heard last, or when it could have been at the earliest.
    fn heard(&self, node: NodeId) -> Time {
        self.nodes.get(&node).map_or(self.since, |heard| heard.at)
    }

    fn judge(
        &self,
        registry: &Registry,
        settings: &ControllerSettings,
        now: Time,
        orders: &mut Vec<Order>,
    ) {
        let patience = settings.patience;
        let is_new = |(id, heard): &(&NodeId, &Heard)| {
            let recent = now.since(heard.at) < patience.suspect_after;
            recent && registry.node(**id).is_none()
        };
        let strangers = self.nodes.iter().filter(is_new).map(|(id, _)| id);
        orders.extend(strangers.map(|&id| Order::Record(RegistryChange::Join(id))));
        for node in registry.nodes() {
            let heard = match self.nodes.get(&node.id) {
                None if !settings.rules.has(ShardRule::ControllerPatience) => Time::ZERO,
                _ => self.heard(node.id),
            };
            let verdict = detector::verdict(node.verdict, heard, now, patience);
            // Who was called dead before has to be heard to be called anything else.
            let stays = node.verdict == Verdict::Dead && !self.nodes.contains_key(&node.id);
            let verdict = match verdict {
                Verdict::Alive | Verdict::Suspect if self.drains.contains(&node.id) => {
                    Verdict::Draining
                }
                verdict => verdict,
            };
            if verdict != node.verdict && !stays {
                orders.push(Order::Record(RegistryChange::Node(Node {
                    verdict,
                    ..*node
                })));
            }
        }
    }

    /// Has replicas go that are members no more.
    fn bury(&self, orders: &mut Vec<Order>) {
        for (&node, heard) in &self.nodes {
            for replica in &heard.report.replicas {
                let Some((_, known)) = self.groups.get(&replica.group) else {
                    continue;
                };
                let configuration = &known.configuration;
                let unborn = replica.member.generation() == MemberId::UNBORN;
                let member = configuration.member_on(node);
                let is_member = member.is_some_and(|it| unborn || it == replica.member);
                // An earlier member may be there still when the node is taken in anew.
                let last = member.map_or(configuration.generation(), |it| it.generation() - 1);
                if known.settled && !is_member && replica.member.generation() <= last {
                    let gone = MemberId::new(node, last);
                    orders.push(Order::Bury(node, replica.group, gone));
                }
            }
        }
    }

    /// Has nodes go that were drained and have nothing any more. Who is silent then is gone.
    fn dismiss(&self, registry: &Registry, patience: Patience, now: Time, orders: &mut Vec<Order>) {
        let was_drained = |node: &&Node| {
            matches!(node.verdict, Verdict::Draining) || self.drains.contains(&node.id)
        };
        for node in registry.nodes().filter(was_drained) {
            let mut shards = registry.map().shards();
            let heard = self.nodes.get(&node.id);
            let is_empty = heard.is_some_and(|it| it.report.replicas.is_empty());
            let is_member = shards.any(|shard| shard.members.contains(&node.id));
            let mut operations = registry.operations();
            if !is_empty || is_member || operations.any(|(_, it)| it.task.sends_to(node.id)) {
                continue;
            }
            let silent = now.since(self.heard(node.id));
            orders.push(match silent >= patience.suspect_after {
                true => Order::Record(RegistryChange::Leave(node.id)),
                false => Order::Dismiss(node.id),
            });
        }
    }

    /// Writes down what is known better than the registry does.
    fn describe(&self, registry: &Registry, orders: &mut Vec<Order>) {
        for (group, (_, report)) in &self.groups {
            let news = &report.descriptor;
            let known = registry.map().of(*group);
            let is_news = known.is_some_and(|known| known.is_older(news));
            if is_news && report.settled && !registry.is_busy(*group) {
                orders.push(Order::Record(RegistryChange::Describe(news.clone())));
            }
        }
    }

    fn make_plan(
        &mut self,
        registry: &Registry,
        policy: impl FnOnce(&[Node]) -> Policy,
        settings: &ControllerSettings,
        orders: &mut Vec<Order>,
    ) {
        let nodes: Vec<_> = registry.nodes().copied().collect();
        let policy = policy(&nodes);
        let shards: Vec<_> = registry
            .map()
            .shards()
            .map(|shard| self.shard(registry, shard))
            .collect();
        let tasks = || registry.operations().map(|(_, operation)| &operation.task);
        let steps = tasks().filter_map(|task| match task {
            Task::Step(step) => Some(*step),
            Task::Split { .. } | Task::Merge { .. } => None,
        });
        let others = tasks().filter(|task| !matches!(task, Task::Step(_)));
        let mut busy: Vec<_> = others.flat_map(Task::groups).collect();
        let mut under_way: Vec<_> = steps.collect();
        if !settings.rules.has(ShardRule::OneChangePerShard) {
            busy.clear();
            under_way.clear();
        }
        self.plan = planner::plan(planner::View {
            nodes: &nodes,
            shards: &shards,
            under_way: &under_way,
            busy: &busy,
            policy: &policy,
        });
        let steps = self.plan.decisions.iter().map(|decision| decision.step);
        let begin = |task| Order::Record(RegistryChange::Begin(task));
        orders.extend(steps.map(|step| begin(Task::Step(step))));
        if let Some(split) = self.split(registry, settings) {
            orders.push(begin(split));
        } else if let Some(merge) = self.merge(registry, settings) {
            orders.push(begin(merge));
        }
    }

    fn shard(&self, registry: &Registry, shard: &super::Descriptor) -> planner::Shard {
        let known = self.groups.get(&shard.group);
        // What a node that is late said of itself may be over.
        let is_alive = |node| {
            let known = registry.node(node);
            known.is_some_and(|known| known.verdict == Verdict::Alive)
        };
        planner::Shard {
            group: shard.group,
            members: shard.members.clone(),
            leader: known.map(|(node, _)| *node).filter(|&node| is_alive(node)),
            load: known.map_or(0, |(_, report)| report.load),
        }
    }

    /// The shard that should be cut in two next: one at a time, because the next group's number has to
    /// be known.
    fn split(&self, registry: &Registry, settings: &ControllerSettings) -> Option<Task> {
        let splits = |task: &Task| matches!(task, Task::Split { .. });
        if settings.split_keys == 0 || registry.operations().any(|(_, it)| splits(&it.task)) {
            return None;
        }
        let large = self.groups.iter().find_map(|(group, (_, report))| {
            let is_large = report.keys > settings.split_keys;
            let is_free = report.settled && !registry.is_busy(*group) && !self.moves(*group);
            let middle = report.middle.clone()?;
            (is_large && is_free).then_some((*group, middle))
        });
        let (group, at) = large?;
        let child = registry.next_group();
        Some(Task::Split { group, at, child })
    }

    /// Whether its last plan has a shard changed.
    fn moves(&self, group: GroupId) -> bool {
        let mut steps = self.plan.decisions.iter();
        steps.any(|decision| decision.step.group() == group)
    }

    fn fence(&self, operation: u64, stage: u8) -> Fence {
        Fence {
            term: self.term,
            operation,
            stage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::planner::{Leaders, Limits, Placement};
    use super::super::shard_map::ShardMap;
    use super::*;

    const PATIENCE: Patience = Patience {
        suspect_after: Span::millis(1_000),
        dead_after: Span::millis(5_000),
    };

    fn look(controller: &mut Controller, registry: &Registry, now: Time) -> Vec<Order> {
        let policy = Policy {
            replicas: 3,
            placement: Placement::Balanced,
            leaders: Leaders::Count,
            limits: Limits {
                source: 1,
                destination: 1,
                total: 1,
            },
        };
        let settings = ControllerSettings {
            patience: PATIENCE,
            split_keys: 0,
            merge_keys: 0,
            rules: ShardRules::ALL,
        };
        controller.look(registry, |_| policy, &settings, now)
    }

    fn judged(orders: &[Order]) -> Vec<(u32, Verdict)> {
        let verdict = |order: &Order| match order {
            Order::Record(RegistryChange::Node(node)) => Some((node.id.0, node.verdict)),
            _ => None,
        };
        orders.iter().filter_map(verdict).collect()
    }

    #[test]
    fn a_new_controller_is_as_patient_as_any() {
        let mut registry = Registry::new(1, (1..=3).map(NodeId), ShardMap::default());
        let begins = Time::from_millis(60_000);
        let mut controller = Controller::new(4, begins);
        let mut after = |millis| {
            let now = begins + Span::millis(millis);
            controller.hear(NodeId(1), &Rc::default(), now);
            let orders = look(&mut controller, &registry, now);
            let judged = judged(&orders);
            for order in orders {
                if let Order::Record(change) = order {
                    registry.apply(&change, ShardRules::ALL);
                }
            }
            judged
        };
        assert_eq!(after(0), []);
        assert_eq!(after(999), []);
        assert_eq!(after(1_000), [(2, Verdict::Suspect), (3, Verdict::Suspect)]);
        assert_eq!(after(4_999), []);
        assert_eq!(after(5_000), [(2, Verdict::Dead), (3, Verdict::Dead)]);
        // The next controller has heard nobody either, and takes no verdict back before it does.
        let mut next = Controller::new(5, begins);
        assert_eq!(judged(&look(&mut next, &registry, begins)), []);
        next.hear(NodeId(3), &Rc::default(), begins);
        assert_eq!(
            judged(&look(&mut next, &registry, begins)),
            [(3, Verdict::Alive)]
        );
    }
}
