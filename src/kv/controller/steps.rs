//! One operation after the other: what to ask for next, by what is known of its group.

use super::{Controller, GIVES_UP_AFTER, Order};
use crate::base::{GroupId, MemberId, NodeId, Span};
use crate::kv::planner::{Step, Verdict};
use crate::kv::registry::{Operation, Registry, RegistryChange, Stage, Task};
use crate::kv::report::{Demand, GroupReport, StepRequest};
use crate::kv::{Border, KeyRange};
use crate::raft::{Change, Way};
use std::rc::Rc;

impl Controller {
    /// Goes on with an operation.
    pub(super) fn pursue(
        &self,
        registry: &Registry,
        (number, operation): (u64, &Operation),
        waited: Span,
        orders: &mut Vec<Order>,
    ) {
        let Some((leader, report)) = self.groups.get(&operation.task.group()) else {
            return;
        };
        let it = Pursuit {
            controller: self,
            registry,
            number,
            stage: operation.stage,
            fenced: operation.stage,
            leader: *leader,
            report,
            late: waited >= GIVES_UP_AFTER,
        };
        let order = match &operation.task {
            &Task::Step(Step::Add { to, .. }) => it.exchange(None, Some(to)),
            &Task::Step(Step::Remove { from, .. }) => it.exchange(Some(from), None),
            &Task::Step(Step::Move { from, to, .. }) => it.exchange(Some(from), Some(to)),
            &Task::Step(Step::Lead { to, .. }) => it.lead(to),
            Task::Split { at, child, .. } => it.split(at, *child),
            // It has a pursuit of its own.
            Task::Merge { .. } => None,
        };
        orders.extend(order);
    }
}

/// An operation, and what is known of its group.
pub(super) struct Pursuit<'a> {
    pub controller: &'a Controller,
    pub registry: &'a Registry,
    pub number: u64,
    pub stage: Stage,
    /// The stage that its steps are fenced by; the operation's own, unless it is part of a larger one.
    pub fenced: Stage,
    pub leader: NodeId,
    pub report: &'a Rc<GroupReport>,
    /// It takes longer than it should.
    pub late: bool,
}

impl Pursuit<'_> {
    fn end(&self) -> Option<Order> {
        let news = vec![self.report.descriptor.clone()];
        Some(Order::Record(RegistryChange::End(self.number, news)))
    }

    pub(super) fn reach(&self, stage: Stage) -> Option<Order> {
        Some(Order::Record(RegistryChange::Reach(self.number, stage)))
    }

    pub(super) fn ask(&self, demand: Demand) -> Option<Order> {
        let request = StepRequest {
            group: self.report.descriptor.group,
            fence: self.controller.fence(self.number, self.fenced as u8),
            demand,
        };
        Some(Order::Step(self.leader, request))
    }

    pub(super) fn change(
        &self,
        voters: Vec<NodeId>,
        learners: Vec<NodeId>,
        way: Way,
    ) -> Option<Order> {
        self.ask(Demand::Change {
            replaces: self.report.id,
            change: Change {
                voters,
                learners,
                way,
            },
        })
    }

    fn is(&self, node: NodeId, verdict: Verdict) -> bool {
        let known = self.registry.node(node);
        known.is_some_and(|known| known.verdict == verdict)
    }

    /// Whether a node is neither dead nor to be emptied, nor gone.
    fn can_take(&self, node: NodeId) -> bool {
        self.is(node, Verdict::Alive) || self.is(node, Verdict::Suspect)
    }

    /// One replica less, one more, or both in one step.
    pub(super) fn exchange(&self, from: Option<NodeId>, to: Option<NodeId>) -> Option<Order> {
        let configuration = &self.report.configuration;
        if !self.report.settled {
            return None;
        }
        let voters = MemberId::nodes(configuration.voters());
        let learners = MemberId::nodes(configuration.learners());
        let votes = to.is_none_or(|to| voters.contains(&to));
        let left = from.is_none_or(|from| !voters.contains(&from));
        if votes && left {
            return self.end();
        }
        let learns = to.is_some_and(|to| learners.contains(&to));
        let lost = to.is_some_and(|to| !self.can_take(to));
        match self.stage {
            Stage::Revoked if learns => {
                let stay = learners.into_iter().filter(|&node| Some(node) != to);
                self.change(voters, stay.collect(), Way::Shortest)
            }
            Stage::Revoked => self.end(),
            // A voter is there for good; who only learns can still be sent away.
            _ if lost && !votes => self.reach(Stage::Revoked),
            Stage::Begun if votes || learns => self.reach(Stage::Exchange),
            Stage::Begun => {
                let all = learners.into_iter().chain(to);
                self.change(voters, all.collect(), Way::Shortest)
            }
            Stage::Exchange if Some(self.leader) == from && voters.len() > 1 => {
                let next = voters
                    .into_iter()
                    .find(|&node| Some(node) != from && self.is(node, Verdict::Alive))?;
                self.ask(Demand::Transfer { to: next })
            }
            Stage::Exchange => {
                let stay = voters.into_iter().filter(|&node| Some(node) != from);
                let all = stay.chain(to.filter(|_| !votes));
                let others = learners.into_iter().filter(|&node| Some(node) != to);
                self.change(all.collect(), others.collect(), Way::Joint)
            }
        }
    }

    /// Another leader.
    fn lead(&self, to: NodeId) -> Option<Order> {
        // While a leader hands over it takes no writes: so nobody waits for one that may be gone.
        let can = self.report.configuration.has_voter_on(to) && self.is(to, Verdict::Alive);
        if self.leader == to || self.late || !can {
            return self.end();
        }
        self.ask(Demand::Transfer { to })
    }

    /// Two shards.
    fn split(&self, at: &Border, child: GroupId) -> Option<Order> {
        let descriptor = &self.report.descriptor;
        if !begins_inside(at, &descriptor.keys) {
            // Done, once the child has a leader that says so.
            let child = self.controller.groups.get(&child);
            return match child {
                Some((_, child)) => {
                    let news = vec![descriptor.clone(), child.descriptor.clone()];
                    Some(Order::Record(RegistryChange::End(self.number, news)))
                }
                None => self.late.then(|| self.end())?,
            };
        }
        self.ask(Demand::Split {
            range_epoch: descriptor.range_epoch,
            at: at.clone(),
            child,
        })
    }
}

/// Whether a part would begin at this border.
fn begins_inside(at: &Border, keys: &KeyRange) -> bool {
    keys.cut(at).is_ok()
}
