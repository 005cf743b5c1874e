//! One event of every kind that has to do with snapshots.

use super::{AT, S2};
use kvorum::raft::Trace;

pub fn traces() -> Vec<Trace> {
    let (from, peer, last, bytes) = (S2, S2, AT, 300);
    let installed = |lost| Trace::SnapshotInstalled {
        from,
        last,
        bytes,
        lost,
    };
    vec![
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
    ]
}
