//! What a trace tells beside the events: how a server stands after each of its steps, and which writes
//! it hears of. It follows from the run, so the hash has nothing of it; and the page, which writes no
//! traces, has nothing of this file.

use crate::base::{GroupId, NodeId, Time};
use crate::raft::{EntryId, Index, Role, Term};
use serde::Serialize;

/// Something beside the events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aside {
    /// When.
    pub at: Time,
    /// How many events had happened by then.
    pub after: u64,
    /// What.
    pub kind: AsideKind,
}

/// What stands beside the events.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AsideKind {
    /// The sync that was told just now made so many writes durable.
    #[serde(skip)]
    Synced {
        /// Writes of this replica, those among them that only keep messages in order.
        writes: u32,
    },
    /// A server hears of one of its writes later than its disk was done with it: it was paused.
    Heard {
        /// The server.
        node: NodeId,
        /// The group of the replica.
        #[serde(skip_serializing_if = "GroupId::is_first")]
        group: GroupId,
        /// The number of the event that told of the sync.
        synced: Option<u64>,
    },
    /// How a server stands after one step: after one message, one timer, one write that is durable, one
    /// request.
    Stepped {
        /// The server.
        node: NodeId,
        /// The group of the replica.
        #[serde(skip_serializing_if = "GroupId::is_first")]
        group: GroupId,
        /// How it stands.
        #[serde(flatten)]
        state: ServerState,
    },
}

/// How a server stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServerState {
    /// Its role.
    pub role: Role,
    /// Its term.
    pub term: Term,
    /// Who has its vote in this term.
    pub vote: Option<NodeId>,
    /// The leader that it knows of.
    pub leader: Option<NodeId>,
    /// The first index that its log still holds.
    pub first: Index,
    /// Where its log ends.
    pub last: EntryId,
    /// The last index of its log that it knows to be on its disk.
    pub durable: Index,
    /// Its commit index.
    pub commit: Index,
    /// The last entry that its state machine has applied.
    pub applied: Index,
    /// The last entry that its newest snapshot covers; 0 without one.
    pub snapshot: Index,
    /// The entry with the configuration that it goes by; 0 for the one that it started with.
    pub configuration: Index,
}
