//! What is told of a store of many shards.

use super::Moment;
use crate::base::GroupId;
use crate::kv::Task;
use crate::kv::planner::{Step, Verdict};
use crate::sim::EventKind;
use crate::view::words::{Arg, Telling, tell};

/// What an event in a group says, where it isn't the first one.
pub(super) fn in_group(group: GroupId, happened: Telling) -> Telling {
    let refs = happened.refs;
    tell!("shards.in-group", group, happened).refs(refs)
}

/// Tells what becomes of shards, their replicas and nodes.
pub(super) fn tell(moment: &Moment<'_>, kind: &EventKind) -> Telling {
    match kind {
        EventKind::SentElsewhere {
            client,
            node,
            group,
            ..
        } => tell!(
            "shards.sent-elsewhere",
            client = *client,
            node = moment.node(*node),
            group = *group
        ),
        EventKind::MapCame { client, node, .. } => {
            tell!(
                "shards.map-came",
                client = *client,
                node = moment.node(*node)
            )
        }
        EventKind::Born {
            node,
            group,
            parent,
        } => match parent {
            Some(parent) => tell!(
                "shards.born-by-split",
                node = *node,
                group = *group,
                parent = *parent
            ),
            None => tell!("shards.born-by-snapshot", node = *node, group = *group),
        },
        EventKind::Buried { node, group } => {
            tell!("shards.buried", node = *node, group = *group)
        }
        EventKind::Split { node, group, child } => {
            tell!("shards.split", node = *node, group = *group, child = *child)
        }
        EventKind::Judged { node, verdict } => match verdict {
            Verdict::Alive => tell!("shards.alive", node = *node),
            Verdict::Suspect => tell!("shards.suspect", node = *node),
            Verdict::Draining => tell!("shards.draining", node = *node),
            Verdict::Dead => tell!("shards.dead", node = *node),
        },
        EventKind::Began { operation, task } => {
            tell!("shards.began", operation = *operation, task = name(task))
        }
        EventKind::Ended { operation, revoked } => match revoked {
            true => tell!("shards.revoked", operation = *operation),
            false => tell!("shards.ended", operation = *operation),
        },
        _ => of_merge(kind),
    }
}

/// Tells how two shards become one.
fn of_merge(kind: &EventKind) -> Telling {
    match kind {
        EventKind::Frozen {
            node,
            group,
            target,
        } => tell!(
            "shards.frozen",
            node = *node,
            group = *group,
            target = *target
        ),
        EventKind::Absorbed {
            node,
            group,
            source,
        } => tell!(
            "shards.absorbed",
            node = *node,
            group = *group,
            source = *source
        ),
        EventKind::Thawed { node, group } => {
            tell!("shards.thawed", node = *node, group = *group)
        }
        _ => Telling::new(""),
    }
}

/// What is done to a shard, in a sentence.
fn name(task: &Task) -> Telling {
    match task {
        Task::Step(Step::Add { group, to }) => tell!("shards.add", group = *group, to = *to),
        Task::Step(Step::Remove { group, from }) => {
            tell!("shards.remove", group = *group, from = *from)
        }
        Task::Step(Step::Move { group, from, to }) => {
            tell!("shards.move", group = *group, from = *from, to = *to)
        }
        Task::Step(Step::Lead { group, from, to }) => {
            tell!("shards.lead", group = *group, from = *from, to = *to)
        }
        Task::Split { group, child, .. } => {
            tell!("shards.cut", group = *group, child = *child)
        }
        Task::Merge { target, source } => {
            tell!("shards.merge", target = *target, source = *source)
        }
    }
}

impl From<GroupId> for Arg {
    #[inline(never)]
    fn from(id: GroupId) -> Arg {
        Arg::Text(id.to_string())
    }
}
