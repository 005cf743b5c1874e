//! What a screen shows of a server's disk and its snapshots.

use crate::base::{NodeId, Span};
use crate::kv::Command;
use crate::raft::{Index, Raft, Sending, Snapshot, Term, Timing};
use crate::sim::{DiskError, DiskRecord, Host};
use serde::Serialize;

/// A server's newest snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct SnapshotView {
    /// The last entry in it.
    pub index: Index,
    /// The term of that entry.
    pub term: Term,
    /// The size of the state in bytes.
    pub bytes: u32,
}

/// A snapshot on its way, as one of the two ends knows of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct TransferView {
    /// The last entry in it.
    pub index: Index,
    /// Bytes that were sent (on the leader's side), or that have arrived (on the follower's).
    pub sent: u32,
    /// Bytes that have arrived, as far as this end knows.
    pub received: u32,
    /// Bytes in all.
    pub total: u32,
    /// Chunks that have arrived, and chunks in all.
    pub chunks: (u32, u32),
}

/// What is wrong with a disk, as only an onlooker can know before the server reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct DiskView {
    /// The longest time that a sync takes.
    pub fsync_max: Span,
    /// No space is left.
    pub full: bool,
    /// The power fails in its next sync.
    pub tearing: bool,
    /// Half a record stands on it; it is cut off at the next start.
    pub torn: Option<DiskRecord>,
    /// A durable record that rots.
    pub corrupt: Option<DiskRecord>,
    /// The bootstrap record is gone, and everything else with it.
    pub wiped: bool,
    /// How often it was wiped.
    pub incarnation: u32,
    /// Why the server takes no part, if it doesn't.
    pub refuses: Option<DiskError>,
    /// The number under which its machine has come back since.
    pub rejoined_as: Option<NodeId>,
}

/// A server's disk.
pub(super) fn disk(host: &Host) -> DiskView {
    let disk = host.disk();
    DiskView {
        fsync_max: disk.settings().fsync_max,
        full: disk.is_full(),
        tearing: disk.is_tearing(),
        torn: disk.torn(),
        corrupt: disk.corrupt(),
        wiped: !disk.is_bootstrapped(),
        incarnation: disk.incarnation(),
        refuses: host.refuses(),
        rejoined_as: host.rejoined_as(),
    }
}

/// A server's snapshot.
pub(super) fn snapshot(snapshot: &Snapshot) -> SnapshotView {
    SnapshotView {
        index: snapshot.last.index,
        term: snapshot.last.term,
        bytes: snapshot.bytes(),
    }
}

/// The snapshot that a server is receiving.
pub(super) fn installing(raft: &Raft<Command>) -> Option<TransferView> {
    let incoming = raft.incoming()?;
    let (index, received) = (incoming.last.index, incoming.received());
    let way = (received, received, incoming.total);
    Some(under_way(index, way, &raft.config().timing))
}

/// The snapshot that a leader is sending.
pub(super) fn sending(sending: Option<&Sending>, timing: &Timing) -> Option<TransferView> {
    let sending = sending?;
    let snapshot = &sending.snapshot;
    let way = (sending.sent, sending.received, snapshot.bytes());
    Some(under_way(snapshot.last.index, way, timing))
}

fn under_way(
    index: Index,
    (sent, received, total): (u32, u32, u32),
    timing: &Timing,
) -> TransferView {
    let chunks = |bytes: u32| bytes.div_ceil(timing.max_chunk);
    TransferView {
        index,
        sent,
        received,
        total,
        chunks: (chunks(received), chunks(total)),
    }
}
