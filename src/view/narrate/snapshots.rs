//! What is told of snapshots (section 7): taken, sent in chunks, installed.

use super::{Moment, place};
use crate::base::NodeId;
use crate::raft::Trace;
use crate::view::words::{Arg, Telling, tell};

/// Tells what `id` decided about a snapshot.
pub(super) fn tell(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::SnapshotTaken { last, bytes, first } => {
            tell!("snapshot.taken", node, last = place(last), bytes, first)
        }
        Trace::SnapshotBegun {
            peer,
            needs,
            first,
            last,
            bytes,
        } => tell!(
            "snapshot.begun",
            peer = moment.node(peer),
            needs,
            node,
            first,
            last = place(last),
            bytes
        ),
        Trace::SnapshotResumed { peer, from, to } => tell!(
            "snapshot.resumed",
            node,
            peer = moment.node(peer),
            to,
            sent = from
        ),
        Trace::ChunkStored { .. } | Trace::ChunkMissing { .. } => chunk(moment, node, trace),
        Trace::SnapshotInstalled {
            from, last, lost, ..
        } => {
            let lost = (lost > 0).then(|| tell!("snapshot.installed-lost", lost));
            tell!(
                "snapshot.installed",
                node,
                from = moment.node(from),
                last = place(last),
                lost
            )
        }
        // `SnapshotNotNeeded`; all others are told elsewhere.
        Trace::SnapshotNotNeeded { from, last } => tell!(
            "snapshot.not-needed",
            node,
            from = moment.node(from),
            last = place(last)
        ),
        _ => Telling::new(""),
    }
    .refs(&["7"])
}

/// Tells what came of one chunk.
fn chunk(moment: &Moment<'_>, node: Arg, trace: &Trace) -> Telling {
    match *trace {
        Trace::ChunkStored {
            from, bytes, total, ..
        } => tell!(
            "snapshot.chunk-stored",
            node,
            bytes,
            total,
            from = moment.node(from)
        ),
        Trace::ChunkMissing {
            from,
            bytes,
            offset,
            ..
        } => tell!(
            "snapshot.chunk-missing",
            node,
            from = moment.node(from),
            offset,
            bytes
        ),
        _ => Telling::new(""),
    }
}
