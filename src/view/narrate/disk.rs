//! What is told of disks.

use super::Moment;
use crate::base::NodeId;
use crate::raft::Trace;
use crate::sim::{DiskError, DiskFault, DiskRecord};
use crate::view::words::{Telling, key, tell};

/// Tells what is done to the disk of `id`.
pub(super) fn fault(moment: &Moment<'_>, id: NodeId, fault: DiskFault) -> Telling {
    let key = match fault {
        DiskFault::Tear => key!("disk.tear"),
        DiskFault::Corrupt => key!("disk.corrupt"),
        DiskFault::Fill => key!("disk.fill"),
        DiskFault::Free => key!("disk.free"),
        DiskFault::Wipe => key!("disk.wipe"),
    };
    tell!(key, node = moment.node(id))
}

/// Tells of a torn record that was cut off.
pub(super) fn cut_off(moment: &Moment<'_>, id: NodeId, record: DiskRecord) -> Telling {
    tell!(
        "disk.cut-off",
        node = moment.node(id),
        record = name(record)
    )
    .refs(&["diss. 3.8"])
}

/// Tells why a server takes no part.
pub(super) fn refused(moment: &Moment<'_>, id: NodeId, why: DiskError) -> Telling {
    tell!("disk.refused", node = moment.node(id), why = reason(why)).refs(&["diss. 3.8"])
}

/// Tells what `id` decided about a disk.
pub(super) fn tell(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::DiskFilled {
            term,
            was_leader: true,
        } => tell!("disk.filled-leader", node, term),
        Trace::DiskFilled { .. } => tell!("disk.filled", node),
        Trace::DiskReplaced { peer, match_index } => {
            tell!("disk.replaced", peer = moment.node(peer), match_index, node)
        }
        _ => tell!("disk.freed", node),
    }
    .refs(&["diss. 3.8"])
}

/// Why a server takes no part, without a full stop.
pub fn reason(why: DiskError) -> Telling {
    match why {
        DiskError::NotBootstrapped => tell!("disk.not-bootstrapped"),
        DiskError::Corrupt { at } => tell!("disk.corrupt-record", record = name(at)),
    }
}

fn name(record: DiskRecord) -> Telling {
    match record {
        DiskRecord::Entry { index } => tell!("disk.entry", index),
        DiskRecord::Snapshot { index } => tell!("disk.snapshot", index),
        DiskRecord::HardState => tell!("disk.hard-state"),
    }
}
