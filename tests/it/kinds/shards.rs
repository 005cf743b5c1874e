//! Events of a store of many shards.

use super::{S1, S2};
use kvorum::base::{ClientId, GroupId, NodeId};
use kvorum::kv::planner::{Step, Verdict};
use kvorum::kv::{Border, Task};
use kvorum::sim::EventKind;

pub fn events() -> Vec<EventKind> {
    let (client, sequence, node) = (ClientId(2), 1, S1);
    let (group, child, to) = (GroupId(3), GroupId(9), NodeId(4));
    let born = |parent| EventKind::Born {
        node,
        group,
        parent,
    };
    let mut events = vec![
        EventKind::SentElsewhere {
            client,
            sequence,
            node,
            group,
        },
        EventKind::MapCame {
            client,
            sequence,
            node,
        },
        born(None),
        born(Some(GroupId(1))),
        EventKind::Buried { node, group },
        EventKind::Split { node, group, child },
    ];
    events.extend(of_merges());
    let verdicts = [
        Verdict::Alive,
        Verdict::Suspect,
        Verdict::Draining,
        Verdict::Dead,
    ];
    events.extend(verdicts.map(|verdict| EventKind::Judged { node: S2, verdict }));
    let steps = [
        Step::Add { group, to },
        Step::Remove { group, from: S1 },
        Step::Move {
            group,
            from: S1,
            to,
        },
        Step::Lead {
            group,
            from: S1,
            to,
        },
    ];
    let split = Task::Split {
        group,
        at: Border::Key("m".into()),
        child,
    };
    let merge = Task::Merge {
        target: GroupId(2),
        source: group,
    };
    let tasks = steps.into_iter().map(Task::Step).chain([split, merge]);
    events.extend(tasks.map(|task| EventKind::Began { operation: 7, task }));
    let ended = |revoked| EventKind::Ended {
        operation: 7,
        revoked,
    };
    events.extend([false, true].map(ended));
    events
}

fn of_merges() -> [EventKind; 3] {
    let (node, group, target) = (S1, GroupId(3), GroupId(2));
    [
        EventKind::Frozen {
            node,
            group,
            target,
        },
        EventKind::Absorbed {
            node,
            group: target,
            source: group,
        },
        EventKind::Thawed { node, group },
    ]
}
