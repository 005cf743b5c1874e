//! One event of every kind that has to do with snapshots and disks.

use super::{AT, S1, S2};
use kvorum::base::GroupId;
use kvorum::raft::Trace;
use kvorum::sim::{Action, DiskError, DiskFault, DiskRecord, EventKind, MessageKind};

pub fn traces() -> Vec<Trace> {
    let (from, peer, last, bytes) = (S2, S2, AT, 300);
    let installed = |lost| Trace::SnapshotInstalled {
        from,
        last,
        bytes,
        lost,
    };
    let disks = [true, false].map(|was_leader| Trace::DiskFilled {
        term: 4,
        was_leader,
    });
    let mut traces = Vec::from(disks);
    traces.extend([
        Trace::DiskFreed { term: 4 },
        Trace::DiskReplaced {
            peer,
            match_index: 9,
        },
        Trace::SnapshotTaken {
            last,
            bytes,
            first: 10,
        },
        Trace::SnapshotBegun {
            peer,
            needs: 3,
            first: 10,
            last,
            bytes,
        },
        Trace::SnapshotResumed {
            peer,
            from: 256,
            to: 64,
        },
        Trace::ChunkStored {
            from,
            last,
            bytes: 64,
            total: 300,
        },
        Trace::ChunkMissing {
            from,
            last,
            bytes: 64,
            offset: 128,
        },
        Trace::SnapshotNotNeeded { from, last },
        installed(0),
        installed(1),
        installed(5),
    ]);
    traces
}

pub fn actions() -> Vec<Action> {
    let faults = [
        DiskFault::Tear,
        DiskFault::Corrupt,
        DiskFault::Fill,
        DiskFault::Free,
        DiskFault::Wipe,
    ];
    let mut actions = vec![Action::compact(S1)];
    actions.extend(faults.map(|fault| Action::Disk { node: S1, fault }));
    actions
}

pub fn events() -> Vec<EventKind> {
    let node = S1;
    let records = [
        DiskRecord::Entry { index: 9 },
        DiskRecord::Snapshot { index: 9 },
        DiskRecord::HardState,
    ];
    let refused = |why| EventKind::Refused {
        node,
        group: GroupId::FIRST,
        why,
    };
    let mut events = vec![refused(DiskError::NotBootstrapped)];
    events.extend(records.map(|record| EventKind::CutOff {
        node,
        group: GroupId::FIRST,
        record,
    }));
    events.extend(records.map(|at| refused(DiskError::Corrupt { at })));
    events
}

pub fn messages() -> Vec<MessageKind> {
    let term = 4;
    vec![
        MessageKind::InstallSnapshot {
            term,
            last: 9,
            from: 1,
            to: 64,
            total: 300,
        },
        MessageKind::InstallSnapshotReply {
            term,
            last: 9,
            bytes: 64,
        },
    ]
}
