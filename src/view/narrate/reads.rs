//! What is told of reads: confirmed by a majority, by a lease, at a follower, or just so.

use super::Moment;
use crate::base::NodeId;
use crate::raft::Trace;
use crate::view::words::{Telling, tell};

/// Tells what a server decides about a read.
pub(super) fn tell(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::ReadStarted { index, .. } => {
            tell!("read.started", node, index).refs(&["8", "diss. 6.4"])
        }
        Trace::ReadConfirmed { index, .. } => {
            tell!("read.confirmed", node, index).refs(&["8", "diss. 6.4"])
        }
        Trace::LeaseRead { index, left, .. } => {
            tell!("read.lease", node, index, left).refs(&["diss. 6.4.1"])
        }
        Trace::StaleRead { index, .. } => tell!("read.stale", node, index).refs(&["8"]),
        Trace::ReadsForwarded { leader, reads } => {
            let leader = moment.node(leader);
            tell!("read.forwarded", node, reads, leader).refs(&["diss. 6.4"])
        }
        Trace::ReadAsked { follower, index } => {
            let follower = moment.node(follower);
            tell!("read.asked", node, follower, index).refs(&["diss. 6.4"])
        }
        Trace::ReadAnswered { follower, index } => {
            let follower = moment.node(follower);
            tell!("read.answered", node, follower, index).refs(&["diss. 6.4"])
        }
        Trace::ReadsConfirmed {
            leader,
            index,
            reads,
        } => {
            let leader = moment.node(leader);
            tell!("read.confirmed-follower", node, reads, index, leader).refs(&["diss. 6.4"])
        }
        _ => Telling::new(""),
    }
}
