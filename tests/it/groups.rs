//! Events, actions and findings carry a group, which is not written where it is the first one.

use crate::run::says_why;
use kvorum::base::{Digest, Fold, GroupId, NodeId, Time};
use kvorum::raft::{EntryId, Trace};
use kvorum::sim::{
    Action, DiskError, DiskRecord, EventKind, Found, MessageKind, PacketKind, Settings, Simulation,
    Violation,
};

const S1: NodeId = NodeId(1);

/// One event of every kind that a group is named in.
fn events(group: GroupId) -> Vec<EventKind> {
    let (node, id, term) = (S1, EntryId { index: 3, term: 2 }, 2);
    let trace = Trace::LeaderRemoved { term, index: 3 };
    let kind = PacketKind::Message {
        group,
        kind: MessageKind::ReadIndex { term },
    };
    let at = Time::ZERO;
    let found = Found::LogsDiffer { node, id };
    vec![
        EventKind::Traced { node, group, trace },
        EventKind::Applied { node, group, id },
        EventKind::Synced {
            node,
            group,
            term,
            last: id,
        },
        EventKind::Restarted {
            node,
            group,
            last: id,
        },
        EventKind::CutOff {
            node,
            group,
            record: DiskRecord::HardState,
        },
        EventKind::Refused {
            node,
            group,
            why: DiskError::NotBootstrapped,
        },
        EventKind::Sent {
            message: 1,
            from: S1.into(),
            to: NodeId(2).into(),
            kind,
        },
        EventKind::Violated(Violation { at, group, found }),
    ]
}

fn hash(event: &EventKind) -> u64 {
    let mut digest = Digest(0);
    event.fold(&mut digest);
    digest.value()
}

#[test]
fn another_group_is_in_json_and_in_the_hash() {
    for (first, second) in events(GroupId::FIRST).iter().zip(events(GroupId(2))) {
        let json = |event: &EventKind| serde_json::to_string(event).unwrap();
        assert!(!json(first).contains("group"), "{first:?}");
        assert!(json(&second).contains("\"group\":2"), "{second:?}");
        assert_ne!(hash(first), hash(&second), "{second:?}");
    }
}

#[test]
fn actions_name_a_group_or_mean_the_first() {
    let bare = [
        r#"{"action":"time_out","node":1}"#,
        r#"{"action":"transfer_leadership","from":1,"to":2}"#,
        r#"{"action":"compact","node":1}"#,
        r#"{"action":"set_priority","node":1,"priority":4}"#,
    ];
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    for text in bare {
        let read = |text: &str| serde_json::from_str::<Action>(text).unwrap();
        assert_eq!(serde_json::to_string(&read(text)).unwrap(), text);
        let other = read(&text.replace('}', ",\"group\":7}"));
        assert_ne!(read(text), other);
        let error = simulation.apply(other).unwrap_err();
        assert_eq!(error.field, "group", "{text}");
        let says = says_why(&error);
        assert!(says.contains("g7"), "{says}");
    }
}
