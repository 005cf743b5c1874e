//! Two shards that become one: what to ask for next, by what is known of both groups.
//!
//! The target's log decides ([`merging`](crate::kv::merging)). First the source gets the target's members, one after the other, as in
//! any move; then the source is frozen and the target absorbs it. Until the target has, everything can be taken back: the
//! target refuses the absorb, and only then the source goes on. A merge is over when each member that isn't dead has the
//! absorbed keys in a snapshot on its disk: until then the source's logs are needed.

use super::steps::Pursuit;
use super::{Controller, ControllerSettings, Order};
use crate::base::{GroupId, MemberId, NodeId, Span};
use crate::kv::planner::Verdict;
use crate::kv::registry::{Registry, RegistryChange, Stage, Task};
use crate::kv::report::{Demand, GroupReport};
use crate::kv::shard_map::Descriptor;
use crate::kv::shard_rules::{ShardRule, ShardRules};
use crate::raft::Way;
use std::rc::Rc;

/// How long the source may take to get the target's members before a merge is taken back.
const ALIGNS_WITHIN: Span = Span::secs(30);

/// How long the source may stand still before a merge is taken back.
const ABSORBS_WITHIN: Span = Span::secs(5);

impl Controller {
    /// The neighbours that should become one next: one pair at a time.
    pub(super) fn merge(&self, registry: &Registry, settings: &ControllerSettings) -> Option<Task> {
        let merges = |task: &Task| matches!(task, Task::Merge { .. });
        if settings.merge_keys == 0 || registry.operations().any(|(_, it)| merges(&it.task)) {
            return None;
        }
        let shards: Vec<_> = registry.map().shards().collect();
        let pair = shards.windows(2).find(|pair| {
            let keys = |shard: &Descriptor| self.keys_of_quiet(registry, shard);
            let replicas = pair[0].members.len() == pair[1].members.len();
            let (Some(one), Some(other)) = (keys(pair[0]), keys(pair[1])) else {
                return false;
            };
            replicas && one + other < settings.merge_keys
        })?;
        Some(Task::Merge {
            target: pair[0].group,
            source: pair[1].group,
        })
    }

    /// How many keys a shard has with which nothing is going on, and that all members serve.
    fn keys_of_quiet(&self, registry: &Registry, shard: &Descriptor) -> Option<u64> {
        let group = shard.group;
        let (leader, report) = self.groups.get(&group)?;
        let is_alive = |node: &NodeId| {
            let known = registry.node(*node);
            known.is_some_and(|known| known.verdict == Verdict::Alive)
        };
        let is_quiet = report.settled
            && *report.descriptor == *shard
            && report.configuration.learners().is_empty()
            && report.frozen.is_none()
            && shard.members.iter().chain([leader]).all(is_alive);
        let is_free = !registry.is_busy(group) && !self.moves(group);
        (is_quiet && is_free).then_some(report.keys)
    }

    /// Goes on with a merge.
    pub(super) fn pursue_merge(
        &self,
        registry: &Registry,
        (number, stage, target, source): (u64, Stage, GroupId, GroupId),
        waited: Span,
        rules: ShardRules,
        orders: &mut Vec<Order>,
    ) {
        let pursuit = |group| {
            let (leader, report) = self.groups.get(&group)?;
            Some(Pursuit {
                controller: self,
                registry,
                number,
                stage,
                fenced: stage,
                leader: *leader,
                report,
                late: match stage {
                    Stage::Begun => waited >= ALIGNS_WITHIN,
                    _ => waited >= ABSORBS_WITHIN,
                },
            })
        };
        let keys = registry.map().of(source).map(|shard| &shard.keys);
        let Some(target) = pursuit(target) else {
            return;
        };
        if keys.is_none_or(|keys| keys.within(&target.report.descriptor.keys)) {
            orders.extend(finish(&target, source));
        } else if let Some(source) = pursuit(source) {
            let merge = Merge {
                target,
                source,
                rules,
            };
            orders.extend(merge.next());
        }
    }

    /// Has replicas go whose group was merged into another one, where nobody waits for what they hold. Who takes part in
    /// the other group buries them itself, in time.
    pub(super) fn bury_merged(&self, registry: &Registry, orders: &mut Vec<Order>) {
        for (&node, heard) in &self.nodes {
            let replicas = &heard.report.replicas;
            for replica in replicas {
                let Some(target) = registry.merged(replica.group) else {
                    continue;
                };
                if !replicas.iter().any(|it| it.group == target) {
                    let all = MemberId::last(node);
                    orders.push(Order::Bury(node, replica.group, all));
                }
            }
        }
    }
}

/// A merge, and what is known of both groups.
struct Merge<'a> {
    target: Pursuit<'a>,
    source: Pursuit<'a>,
    rules: ShardRules,
}

impl Merge<'_> {
    fn next(&self) -> Option<Order> {
        match self.target.stage {
            Stage::Begun => self.align(),
            Stage::Exchange => self.hand_over(),
            Stage::Revoked => self.take_back(),
        }
    }

    /// Whether it has to be taken back, where it still can be.
    fn fails(&self) -> bool {
        let (target, source) = (&self.target, &self.source);
        target.late
            || target
                .members()
                .chain(source.members())
                .any(|node| target.is_dead(node))
    }

    /// Gives the source the target's members, and has the target refuse what was asked of it before.
    fn align(&self) -> Option<Order> {
        let (target, source) = (&self.target, &self.source);
        if self.fails() {
            return target.reach(Stage::Revoked);
        }
        if !source.report.settled || !target.report.settled {
            return None;
        }
        let wanted = MemberId::nodes(target.report.configuration.voters());
        let voters = MemberId::nodes(source.report.configuration.voters());
        let learners = MemberId::nodes(source.report.configuration.learners());
        let other =
            |all: &[NodeId], than: &[NodeId]| all.iter().copied().find(|node| !than.contains(node));
        let (from, to) = (other(&voters, &wanted), other(&wanted, &voters));
        if from.is_some() || to.is_some() {
            // Each of its members comes in two steps, as in any move.
            let learns = to.is_none_or(|to| learners.contains(&to));
            let step = Pursuit {
                stage: if learns {
                    Stage::Exchange
                } else {
                    Stage::Begun
                },
                ..*source
            };
            return step.exchange(from, to);
        }
        if target.report.fence < target.controller.fence(target.number, target.stage as u8) {
            return target.ask(Demand::Hold);
        }
        target.reach(Stage::Exchange)
    }

    /// Freezes the source, and has the target absorb it.
    fn hand_over(&self) -> Option<Order> {
        let (target, source) = (&self.target, &self.source);
        if self.fails() {
            return target.reach(Stage::Revoked);
        }
        let range_epoch = source.report.descriptor.range_epoch;
        match source.report.frozen {
            None => source.ask(Demand::Freeze {
                replaces: source.report.id,
                range_epoch,
                target: target.report.descriptor.group,
            }),
            Some(frozen) => target.ask(Demand::Absorb {
                range_epoch: target.report.descriptor.range_epoch,
                source: source.report.descriptor.clone(),
                at: frozen.at,
                held: source.report.held,
            }),
        }
    }

    /// Sends learners away, and has a frozen source go on.
    fn take_back(&self) -> Option<Order> {
        let (target, source) = (&self.target, &self.source);
        if !source.report.settled {
            return None;
        }
        let configuration = &source.report.configuration;
        if !configuration.learners().is_empty() {
            let voters = MemberId::nodes(configuration.voters());
            return source.change(voters, Vec::new(), Way::Shortest);
        }
        // From there on it isn't frozen any more, if it isn't yet.
        if source.report.fence < source.controller.fence(source.number, source.stage as u8) {
            return source.ask(Demand::Hold);
        }
        if source.report.frozen.is_none() {
            return target.end_with(&[target.report, source.report]);
        }
        let refused = target.report.refused >= target.number;
        if !refused && self.rules.has(ShardRule::ThawNeedsRefusal) {
            let range_epoch = target.report.descriptor.range_epoch;
            return target.ask(Demand::Refuse { range_epoch });
        }
        let range_epoch = source.report.descriptor.range_epoch;
        source.ask(Demand::Thaw { range_epoch })
    }
}

impl Pursuit<'_> {
    fn members(&self) -> impl Iterator<Item = NodeId> + use<> {
        MemberId::nodes(&self.report.configuration.members()).into_iter()
    }

    fn is_dead(&self, node: NodeId) -> bool {
        let known = self.registry.node(node);
        known.is_none_or(|known| known.verdict == Verdict::Dead)
    }

    fn end_with(&self, news: &[&Rc<GroupReport>]) -> Option<Order> {
        let news = news.iter().map(|report| report.descriptor.clone());
        let end = RegistryChange::End(self.number, news.collect());
        Some(Order::Record(end))
    }
}

/// A merge whose source is absorbed is done once each member that isn't dead has that in a snapshot on its disk.
fn finish(target: &Pursuit<'_>, source: GroupId) -> Option<Order> {
    let group = target.report.descriptor.group;
    let has = |node: NodeId| {
        let heard = target.controller.nodes.get(&node);
        let mut replicas = heard.into_iter().flat_map(|it| &it.report.replicas);
        replicas.any(|it| it.group == group && it.absorbed == Some(source))
    };
    let mut members = target.members();
    let all = members.all(|node| target.is_dead(node) || has(node));
    all.then(|| target.end_with(&[target.report]))?
}

#[cfg(test)]
mod tests;
