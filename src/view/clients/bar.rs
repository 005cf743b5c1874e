//! One operation of one client, from its invocation to whatever became of it.

use crate::base::{ClientId, NodeId, Time};
use crate::check::{Call, Observed, Reply};
use crate::kv::{Operation, Outcome, Sequence};
use crate::raft::ReadLevel;
use crate::run::ServerThen;
use crate::sim::Failed;
use crate::view::text::{self, beginning};
use std::rc::Rc;

/// What became of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BarEnd {
    /// Its client waits.
    Waiting,
    /// Its client gave up, and knew so much of it.
    GaveUp(Time, Failed),
    /// It was answered.
    Answered(Time, Outcome),
}

/// An operation as its client saw it.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// The client.
    pub client: ClientId,
    /// Its number in the client's session.
    pub sequence: Sequence,
    /// The operation.
    pub operation: Operation,
    /// The server that was asked last, or that answered.
    pub node: NodeId,
    /// Tries so far.
    pub attempts: u32,
    /// When the client began.
    pub invoked: Time,
    /// What became of it.
    pub end: BarEnd,
    /// All servers as they were when the client had its answer.
    pub servers: Option<Rc<[ServerThen]>>,
}

impl Bar {
    /// Until when it could have taken effect for sure: when it was answered.
    pub fn answered(&self) -> Option<Time> {
        match self.end {
            BarEnd::Answered(at, _) => Some(at),
            _ => None,
        }
    }

    /// When its client went on.
    pub fn ended(&self) -> Option<Time> {
        match self.end {
            BarEnd::Waiting => None,
            BarEnd::GaveUp(at, _) | BarEnd::Answered(at, _) => Some(at),
        }
    }

    /// Whether it has to fit into an order. A read that asked for whatever a server has needn't.
    pub fn counts(&self) -> bool {
        !matches!(
            self.operation,
            Operation::Get {
                level: ReadLevel::Stale,
                ..
            }
        )
    }

    /// Whether it never happened, and its client knows: then it is no part of the history.
    pub fn never_happened(&self) -> bool {
        matches!(self.end, BarEnd::GaveUp(_, Failed::Definite))
    }

    /// What was asked: `put y 7`.
    pub fn asked(&self) -> String {
        let key = short(self.operation.key());
        match &self.operation {
            Operation::Get { .. } => format!("get {key}"),
            Operation::Put { value, .. } => format!("put {key} {}", quoted(value)),
            Operation::Append { value, .. } => format!("append {key} {}", quoted(value)),
            Operation::Delete { .. } => format!("del {key}"),
            Operation::Cas {
                expected, value, ..
            } => format!(
                "cas {key} {}→{}",
                or_absent(expected.as_deref()),
                quoted(value)
            ),
        }
    }

    /// What was answered: `ok`, or what was found. `None`: nothing yet, or ever.
    pub fn answer(&self) -> Option<String> {
        match &self.end {
            BarEnd::Answered(_, Outcome::Done) => Some("ok".into()),
            BarEnd::Answered(_, Outcome::Found { value }) => Some(or_absent(value.as_deref())),
            BarEnd::Answered(_, Outcome::Differs { found }) => {
                Some(format!("no, {}", or_absent(found.as_deref())))
            }
            _ => None,
        }
    }

    /// The same for the checker.
    pub(super) fn observed(&self) -> Observed {
        let (reply, returned) = match &self.end {
            BarEnd::Answered(at, outcome) => (Reply::from(outcome), Some(at.0)),
            _ => (Reply::Unknown, None),
        };
        Observed {
            call: Call::from(&self.operation),
            reply,
            invoked: self.invoked.0,
            returned,
        }
    }
}

/// The start of a text.
pub(super) fn short(text: &str) -> String {
    beginning(text, 14)
}

/// The start of a value.
pub(super) fn quoted(value: &str) -> String {
    text::value(value, 14)
}

/// A value, or that there is none.
pub(super) fn or_absent(value: Option<&str>) -> String {
    value.map_or_else(|| "absent".into(), quoted)
}
