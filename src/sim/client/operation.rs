//! An operation from its beginning to its end.

use super::Failed;
use crate::base::{NodeId, Time};
use crate::kv::{Operation, Outcome, Sequence};

/// An operation as its client sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientOperation {
    /// Its number in the session.
    pub sequence: Sequence,
    /// The operation.
    pub operation: Operation,
    /// The server that was asked last.
    pub node: NodeId,
    /// When the client began.
    pub invoked: Time,
    /// When it ended; `None` while it is under way.
    pub ended: Option<Time>,
    /// The answer.
    pub outcome: Option<Outcome>,
    /// What the client knew when it gave up, if it did.
    pub failed: Option<Failed>,
    /// Tries so far.
    pub attempts: u32,
    /// Whether it is a read that was allowed to be stale, and was.
    pub stale: bool,
}
