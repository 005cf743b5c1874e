//! What clients and servers say to each other.

use crate::base::{ClientId, NodeId};
use crate::kv::{Operation, Outcome, Sequence, SessionNumber};
use crate::raft::Term;

/// Whom an answer goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiter {
    /// The client.
    pub client: ClientId,
    /// The operation's number.
    pub sequence: Sequence,
    /// Which try of the client it was, from 1.
    pub attempt: u32,
}

/// What a server that doesn't lead knows of who does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hint {
    /// The leader, if it knows one.
    pub leader: Option<NodeId>,
    /// The term that it speaks of: its own.
    pub term: Term,
}

/// What a server answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The operation's outcome.
    Outcome(Outcome),
    /// "I don't lead, and have done nothing. Ask this one, if I know one."
    NotLeader(Hint),
    /// "I led and had appended it, and I lead no longer: it may still take effect. Ask this one, if
    /// I know one."
    LeadershipLost(Hint),
    /// "Your session has expired. Whether this ran, I don't know, and it won't run now."
    SessionExpired,
}

impl Content {
    /// The bytes that it carries.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Content::Request(_, operation) => operation.bytes(),
            Content::Answer(Answer::Outcome(outcome)) => outcome.bytes(),
            Content::Answer(_) => 0,
        }
    }
}

/// What goes between a client and a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// The client asks, in its session of that number.
    Request(SessionNumber, Operation),
    /// The server answers.
    Answer(Answer),
}
