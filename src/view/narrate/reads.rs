//! The sentences for reads: confirmed by a majority, by a lease, at a follower, or just so.

use super::{Line, count};
use crate::base::NodeId;
use crate::raft::Trace;

/// Tells what a server decides about a read.
pub(super) fn tell(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::ReadStarted { index, .. } => line
            .node(node)
            .text(format!(
                " must hear from a majority before it answers a read at #{index}."
            ))
            .refs(&["8", "diss. 6.4"]),
        Trace::ReadConfirmed { index, .. } => line
            .text("A read may be answered: a majority still follows ")
            .node(node)
            .text(format!(". It needs #{index} applied."))
            .refs(&["8", "diss. 6.4"]),
        Trace::LeaseRead { index, left, .. } => line
            .node(node)
            .strong(" answers a read by its lease")
            .text(format!(
                ", at #{index}: nobody else can be elected for {left}, if clocks keep to their bound."
            ))
            .refs(&["diss. 6.4.1"]),
        Trace::StaleRead { index, .. } => line
            .node(node)
            .text(format!(" answers from what it has, through #{index}. It may be old."))
            .refs(&["8"]),
        Trace::ReadsForwarded { leader, reads } => line
            .node(node)
            .text(format!(" has {} to answer and asks ", count(reads.into(), "read")))
            .node(leader)
            .text(" for a read index.")
            .refs(&["diss. 6.4"]),
        Trace::ReadAsked { follower, index } => line
            .node(node)
            .text(" must hear from a majority before it tells ")
            .node(follower)
            .text(format!(" that #{index} is a read index."))
            .refs(&["diss. 6.4"]),
        Trace::ReadAnswered { follower, index } => line
            .text("A majority still follows ")
            .node(node)
            .text(": it names ")
            .node(follower)
            .text(format!(" #{index} as read index."))
            .refs(&["diss. 6.4"]),
        Trace::ReadsConfirmed {
            leader,
            index,
            reads,
        } => line
            .node(node)
            .text(" may answer ")
            .text(count(reads.into(), "read"))
            .text(format!(" once it has applied #{index}: "))
            .node(leader)
            .text(" still led after it asked.")
            .refs(&["diss. 6.4"]),
        _ => {}
    }
}
