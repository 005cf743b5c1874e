//! Which replica should move, and why: decided from what group 0 knows, by a function.
//!
//! [`plan`] looks at the registry of nodes, at the shards and at what is under way, and says what to do
//! next: with its reason, and with the score of every node that was considered. Of each shard that it
//! leaves alone it says why. It does nothing and knows no simulation; the same view gives the same plan.
//!
//! What is in danger comes first (a dead node's replicas, one too few), then what should not be
//! where it is (one too many, a node that is drained, a rack twice, another place by the policy), and
//! then balance. A shard has one change at a time, and what is under way counts as if it were done. A step of balance
//! is only taken if source and destination are closer to each other *after* it: so the counts' squares
//! add up to less with each step, and planning comes to an end.

mod balance;
mod candidates;
mod mend;
mod wanted;

pub use wanted::{found, teams};

use crate::base::{GroupId, NodeId, vocabulary};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

vocabulary! {
/// What the failure detector, or an operator, says of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub enum Verdict {
    /// It is heard in time.
    "alive" Alive,
    /// It is late: it gets nothing new, and nothing is taken from it.
    "suspect" Suspect,
    /// It is to be emptied, and switched off.
    "draining" Draining,
    /// It hasn't been heard for so long that its replicas are rebuilt elsewhere.
    "dead" Dead,
}
}

/// A node of the registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// Which.
    pub id: NodeId,
    /// Its failure domain: what goes down together.
    pub rack: u32,
    /// How it is.
    pub verdict: Verdict,
}

/// A shard, as the planner needs to know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shard {
    /// The group that serves it.
    pub group: GroupId,
    /// Where its replicas are.
    pub members: Vec<NodeId>,
    /// Who leads it, as far as the controller was told.
    pub leader: Option<NodeId>,
    /// Operations a second that its leader was asked for.
    pub load: u64,
}

/// Where replicas should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Placement {
    /// As many on each node as on every other one.
    Balanced,
    /// On a ring of hashes: each node stands at so many points of it, and a shard's replicas are on
    /// the next nodes behind its own point.
    Ring {
        /// Points (virtual nodes) of each node.
        points: u32,
    },
    /// On the nodes whose places follow the group's number modulo the number of nodes: when that
    /// number changes, nearly everything moves.
    Modulo,
    /// On the nodes of one of these teams: a node shares groups with few others.
    Teams(Vec<Vec<NodeId>>),
}

/// What leaders are balanced by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaders {
    /// How many a node has.
    Count,
    /// The load of all that it leads.
    Load,
}

/// Moves of replicas that may be under way at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// From one node.
    pub source: u32,
    /// To one node.
    pub destination: u32,
    /// In all.
    pub total: u32,
}

/// What is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Replicas of a shard.
    pub replicas: u32,
    /// Where they should be.
    pub placement: Placement,
    /// What leaders are balanced by.
    pub leaders: Leaders,
    /// How much may move at once.
    pub limits: Limits,
}

vocabulary! {
/// A change of one shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(tag = "step")]
pub enum Step {
    /// One replica more.
    "add" Add {
        /// Of this group.
        group: GroupId,
        /// There.
        to: NodeId,
    },
    /// One replica less.
    "remove" Remove {
        /// Of this group.
        group: GroupId,
        /// There.
        from: NodeId,
    },
    /// A replica goes elsewhere: one more, and then one less.
    "move" Move {
        /// Of this group.
        group: GroupId,
        /// Where it is.
        from: NodeId,
        /// Where it will be.
        to: NodeId,
    },
    /// Another replica leads.
    "lead" Lead {
        /// This group.
        group: GroupId,
        /// Who leads it.
        from: NodeId,
        /// Who will.
        to: NodeId,
    },
}
}

impl Step {
    /// The group that changes.
    pub fn group(&self) -> GroupId {
        match *self {
            Step::Add { group, .. }
            | Step::Remove { group, .. }
            | Step::Move { group, .. }
            | Step::Lead { group, .. } => group,
        }
    }

    /// Where a replica goes from and to.
    pub(super) fn replica(&self) -> (Option<NodeId>, Option<NodeId>) {
        match *self {
            Step::Add { to, .. } => (None, Some(to)),
            Step::Remove { from, .. } => (Some(from), None),
            Step::Move { from, to, .. } => (Some(from), Some(to)),
            Step::Lead { .. } => (None, None),
        }
    }
}

/// What a step is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// A node with a replica is dead.
    Dead,
    /// The shard has too few replicas.
    TooFew,
    /// The shard has too many.
    TooMany,
    /// A node with a replica is drained.
    Draining,
    /// Two replicas stand in one rack, and another rack has none.
    SameRack,
    /// The policy wants the shard elsewhere.
    Placement,
    /// A node has more replicas than another one, by two or more.
    Replicas {
        /// What the source has.
        from: u32,
        /// What the destination has.
        to: u32,
    },
    /// A node leads more than another one: so many groups, or so many operations a second.
    Leaders {
        /// What the source has.
        from: u64,
        /// What the destination has.
        to: u64,
    },
}

/// How good a node would be; the smaller, the better, by the first that differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Score {
    /// Other replicas of the shard in its rack.
    pub in_rack: u32,
    /// Replicas that it has, and will have by what is under way.
    pub replicas: u32,
    /// What its groups that it leads are asked for, in operations a second.
    pub load: u64,
}

/// Why a node can't be a replica's destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Out {
    /// It has a replica of the shard.
    Member,
    /// Its verdict.
    Is(Verdict),
    /// The policy wants others.
    Placement,
    /// As much as may is under way to it.
    Limit,
}

/// A node that was considered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Which.
    pub node: NodeId,
    /// How good it would be.
    pub score: Score,
    /// What strikes it out.
    pub out: Option<Out>,
}

/// Something to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What.
    pub step: Step,
    /// What for.
    pub why: Why,
    /// Who was considered, in the order of the registry; nobody, where nobody had to be chosen.
    pub candidates: Vec<Candidate>,
}

/// Why a shard is left alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stays {
    /// A change of it is under way.
    UnderWay,
    /// A majority of its replicas is on dead nodes: no change can be committed.
    QuorumLost,
    /// Something should be done, and no node is left for it.
    NoCandidate(Why, Vec<Candidate>),
    /// Something should be done, and as much as may be is under way: from this node, or in all.
    Limit(Why, Option<NodeId>),
    /// It is where it should be.
    InPlace,
}

/// What to do, and what not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Steps that may all begin now.
    pub decisions: Vec<Decision>,
    /// All other shards.
    pub stays: BTreeMap<GroupId, Stays>,
}

/// What a planner looks at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// By id.
    pub nodes: &'a [Node],
    /// The shards.
    pub shards: &'a [Shard],
    /// What has been begun and isn't done.
    pub under_way: &'a [Step],
    /// Shards that something else is done to.
    pub busy: &'a [GroupId],
    /// What is wanted.
    pub policy: &'a Policy,
}

/// Says what to do next.
pub fn plan(view: View<'_>) -> Plan {
    let mut planner = Planner::new(view);
    for shard in view.shards {
        planner.mend(shard);
    }
    if view.policy.placement == Placement::Balanced {
        planner.balance_replicas();
    }
    planner.balance_leaders();
    for shard in view.shards {
        if planner.is_free(shard.group) {
            planner.plan.stays.insert(shard.group, Stays::InPlace);
        }
    }
    planner.plan
}

/// What a node has, with everything that is under way or decided.
#[derive(Clone, Copy, Default)]
struct Has {
    replicas: u32,
    leaders: u64,
    load: u64,
    /// Moves from it and to it.
    leaving: u32,
    coming: u32,
}

struct Planner<'a> {
    view: View<'a>,
    /// By the place of the node in the registry.
    has: Vec<Has>,
    moving: u32,
    /// The groups that change.
    taken: BTreeSet<GroupId>,
    ring: Vec<(u64, usize)>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(view: View<'a>) -> Planner<'a> {
        let mut planner = Planner {
            view,
            has: vec![Has::default(); view.nodes.len()],
            moving: 0,
            taken: BTreeSet::new(),
            ring: wanted::ring(view),
            plan: Plan::default(),
        };
        for shard in view.shards {
            for &node in &shard.members {
                planner.count(node, |has| has.replicas += 1);
            }
            if let Some(leader) = shard.leader {
                planner.count(leader, |has| {
                    has.leaders += 1;
                    has.load += shard.load;
                });
            }
        }
        for step in view.under_way {
            planner.take(step);
            planner.plan.stays.insert(step.group(), Stays::UnderWay);
        }
        for &group in view.busy {
            planner.plan.stays.insert(group, Stays::UnderWay);
        }
        planner
    }

    fn place(&self, node: NodeId) -> Option<usize> {
        self.view.nodes.binary_search_by_key(&node, |it| it.id).ok()
    }

    /// A node that the registry doesn't know is as good as dead.
    fn verdict(&self, node: NodeId) -> Verdict {
        let place = self.place(node);
        place.map_or(Verdict::Dead, |at| self.view.nodes[at].verdict)
    }

    fn has(&self, node: NodeId) -> Has {
        self.place(node).map_or(Has::default(), |at| self.has[at])
    }

    fn count(&mut self, node: NodeId, change: impl FnOnce(&mut Has)) {
        if let Some(at) = self.place(node) {
            change(&mut self.has[at]);
        }
    }

    /// Whether nothing was said of a shard yet.
    fn is_free(&self, group: GroupId) -> bool {
        !self.taken.contains(&group) && !self.plan.stays.contains_key(&group)
    }

    /// Counts a step as if it were done.
    fn take(&mut self, step: &Step) {
        self.taken.insert(step.group());
        let (from, to) = step.replica();
        self.moving += u32::from(to.is_some());
        if let Some(from) = from {
            self.count(from, |has| {
                has.replicas = has.replicas.saturating_sub(1);
                has.leaving += u32::from(to.is_some());
            });
        }
        if let Some(to) = to {
            self.count(to, |has| {
                (has.replicas, has.coming) = (has.replicas + 1, has.coming + 1)
            });
        }
        if let Step::Lead { group, from, to } = *step {
            let shard = self.view.shards.iter().find(|it| it.group == group);
            // Where the new one leads already, it is counted there.
            let Some(shard) = shard.filter(|shard| shard.leader == Some(from)) else {
                return;
            };
            let load = shard.load;
            self.count(from, |has| {
                has.leaders = has.leaders.saturating_sub(1);
                has.load = has.load.saturating_sub(load);
            });
            self.count(to, |has| {
                (has.leaders, has.load) = (has.leaders + 1, has.load + load)
            });
        }
    }

    fn decide(&mut self, step: Step, why: Why, candidates: Vec<Candidate>) {
        self.take(&step);
        self.plan.decisions.push(Decision {
            step,
            why,
            candidates,
        });
    }

    fn leave(&mut self, group: GroupId, why: Stays) {
        self.plan.stays.insert(group, why);
    }
}
