//! What clients and servers say to each other.

use crate::base::{ClientId, NodeId};
use crate::kv::{Operation, Outcome, Sequence, SessionNumber};

/// Whom an answer goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiter {
    /// The client.
    pub client: ClientId,
    /// The operation's number.
    pub sequence: Sequence,
}

/// What a server answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The operation's outcome.
    Outcome(Outcome),
    /// "I don't lead. Ask this one, if I know one."
    NotLeader(Option<NodeId>),
    /// "Your session has expired. Whether this ran, I don't know, and it won't run now."
    SessionExpired,
}

/// What goes between a client and a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// The client asks, in its session of that number.
    Request(SessionNumber, Operation),
    /// The server answers.
    Answer(Answer),
}
