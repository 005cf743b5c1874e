//! The sentences for snapshots (section 7): taken, sent in chunks, installed.

use super::{Line, place};
use crate::base::NodeId;
use crate::raft::Trace;

/// Tells what `node` decided about a snapshot.
pub(super) fn tell(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::SnapshotTaken { last, bytes, first } => {
            line.node(node).strong(" takes a snapshot").text(format!(
                " of its store through {}: {bytes} bytes. Its log begins at #{first} now.",
                place(last)
            ))
        }
        Trace::SnapshotBegun {
            peer,
            needs,
            first,
            last,
            bytes,
        } => line
            .node(peer)
            .text(format!(" needs #{needs}, but the log of "))
            .node(node)
            .text(format!(" begins at #{first}: "))
            .strong("it gets the snapshot")
            .text(format!(" through {}, {bytes} bytes.", place(last))),
        Trace::SnapshotResumed { peer, from, to } => line
            .node(node)
            .text(" sends the snapshot to ")
            .node(peer)
            .text(format!(
                " again from byte {to}: of the {from} bytes sent, the rest didn't get there."
            )),
        Trace::ChunkStored {
            from, bytes, total, ..
        } => line
            .node(node)
            .text(format!(" has {bytes} of {total} bytes of the snapshot of "))
            .node(from)
            .text("."),
        Trace::ChunkMissing {
            from,
            bytes,
            offset,
            ..
        } => line
            .node(node)
            .text(" can't use a chunk from ")
            .node(from)
            .text(format!(
                ": it begins at byte {offset}, and what comes after byte {bytes} is missing."
            )),
        Trace::SnapshotInstalled {
            from, last, lost, ..
        } => {
            line.node(node)
                .strong(" installs the snapshot")
                .text(" of ")
                .node(from)
                .text(format!(
                    ": its store and its log are as of {} now.",
                    place(last)
                ));
            match lost {
                0 => line,
                _ => line.text(format!(
                    " What stood behind it, {}, was never committed and went.",
                    match lost {
                        1 => "one entry".to_owned(),
                        _ => format!("{lost} entries"),
                    }
                )),
            }
        }
        Trace::SnapshotNotNeeded { from, last } => line
            .node(node)
            .text(" doesn't need the snapshot of ")
            .node(from)
            .text(format!(
                ": it holds everything through {}. Its log stays.",
                place(last)
            )),
        _ => line,
    }
    .refs(&["7"]);
}
