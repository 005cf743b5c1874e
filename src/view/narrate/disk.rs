//! The sentences for what happens to disks.

use super::Line;
use crate::base::NodeId;
use crate::raft::Trace;
use crate::sim::{DiskError, DiskFault, DiskRecord};

/// Tells what is done to the disk of `node`.
pub(super) fn fault(line: &mut Line<'_>, node: NodeId, fault: DiskFault) {
    line.text("The disk of ").node(node);
    match fault {
        DiskFault::Tear => line
            .strong(" will lose power in its next write")
            .text(": half a record will stay behind."),
        DiskFault::Corrupt => line
            .strong(" rots")
            .text(": a bit flips in a record that was durable. Nobody knows before it is read."),
        DiskFault::Fill => line
            .strong(" is full")
            .text(": nothing becomes durable there, so nothing may be acknowledged."),
        DiskFault::Free => line.strong(" has space again").text("."),
        DiskFault::Wipe => line
            .strong(" is wiped")
            .text(": its log, its term and its vote are gone, and its bootstrap record."),
    };
}

/// Tells of a torn record that was cut off.
pub(super) fn cut_off(line: &mut Line<'_>, node: NodeId, record: DiskRecord) {
    line.node(node)
        .text(format!(" finds half of {} on its disk and ", name(record)))
        .strong("cuts it off")
        .text(": it was never durable, so nobody was told of it.")
        .refs(&["diss. 3.8"]);
}

/// Tells why a server takes no part.
pub(super) fn refused(line: &mut Line<'_>, node: NodeId, why: DiskError) {
    line.node(node)
        .strong(" takes no part")
        .text(format!(": {}.", reason(why)))
        .refs(&["diss. 3.8"]);
}

/// Tells what `node` decided about a disk.
pub(super) fn tell(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::DiskFilled { term, was_leader } => line
            .node(node)
            .text(match was_leader {
                true => format!(" no longer leads term {term} and answers nobody: "),
                false => " answers nobody: ".into(),
            })
            .strong("its disk is full")
            .text("."),
        Trace::DiskFreed { .. } => line.node(node).text(" takes part again."),
        Trace::DiskReplaced { peer, match_index } => line
            .node(peer)
            .strong(" has another disk")
            .text(format!(
                ". What it held through #{match_index} no longer counts for "
            ))
            .node(node)
            .text("."),
        _ => line,
    }
    .refs(&["diss. 3.8"]);
}

/// Why a server takes no part, without a full stop.
pub(in crate::view) fn reason(why: DiskError) -> String {
    match why {
        DiskError::NotBootstrapped => {
            "its disk is empty, and it can't tell whether it has forgotten a vote or an entry"
                .into()
        }
        DiskError::Corrupt { at } => format!(
            "the checksum of {} is wrong, and others were told that it is durable",
            name(at)
        ),
    }
}

fn name(record: DiskRecord) -> String {
    match record {
        DiskRecord::Entry { index } => format!("entry #{index}"),
        DiskRecord::Snapshot { index } => format!("the snapshot through #{index}"),
        DiskRecord::HardState => "its term and vote".into(),
    }
}
