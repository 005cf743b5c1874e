//! Facts that were observed: what the screen tells, what the checkers see, what the hash folds.

use super::action::{Action, MessageId};
use super::disk_record::{DiskError, DiskRecord};
use super::failed::Failed;
use super::packet_kind::PacketKind;
use super::settings::Stop;
use super::violation::Violation;
use crate::base::{Address, ClientId, GroupId, NodeId, Time, vocabulary};
use crate::kv::planner::Verdict;
use crate::kv::{Operation, Outcome, Sequence, Task};
use crate::raft::{EntryId, Index, Term, Trace};
use serde::Serialize;

/// One fact.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct Event {
    /// Its number, from 0, without gaps within a branch.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// The number of the event that led to it: of the send, for a delivery; of what a server heard,
    /// did to its disk or was told, for all that came of it. `None` where nothing did: somebody
    /// acted, a timer ran out. It follows from the others, and is no part of the hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<u64>,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

vocabulary! {
    /// What happened.
    #[derive(Clone, PartialEq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "event")]
    pub enum EventKind {
        /// A person did something. Follow-up events tell what came of it.
        "acted" Acted(action: Action),
        /// Chaos did something. Follow-up events tell what came of it.
        "chaos_acted" ChaosActed(action: Action),
        /// A server decided something.
        "traced" Traced {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The decision.
            #[serde(flatten)]
            trace: Trace,
        },
        /// A message left.
        "sent" Sent {
            /// Its number.
            message: MessageId,
            /// From where.
            from: Address,
            /// To where.
            to: Address,
            /// What it is.
            kind: PacketKind,
        },
        /// A message arrived and was handed to the server.
        "delivered" Delivered {
            /// Its number.
            message: MessageId,
            /// From where.
            from: Address,
            /// To where.
            to: Address,
            /// What it is.
            kind: PacketKind,
        },
        /// A message will never arrive.
        "lost" Lost {
            /// Its number.
            message: MessageId,
            /// From where.
            from: Address,
            /// To where.
            to: Address,
            /// What it is.
            kind: PacketKind,
            /// Why.
            why: Loss,
        },
        /// A message was copied; the copy has a number of its own.
        "duplicated" Duplicated {
            /// The original.
            message: MessageId,
            /// The copy.
            copy: MessageId,
        },
        /// An fsync completed: everything up to here is durable.
        "synced" Synced {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The term on the disk.
            term: Term,
            /// The end of the log on the disk.
            last: EntryId,
        },
        /// A client was told that a key is in another group, or that the group is elsewhere.
        "sent_elsewhere" SentElsewhere {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server that was asked.
            node: NodeId,
            /// The group that was asked.
            group: GroupId,
        },
        /// A replica is born on a machine: with its half of a split, or to take its group's snapshot.
        "born" Born {
            /// The server.
            node: NodeId,
            /// Its group.
            group: GroupId,
            /// The group that was split, if it was born by that.
            parent: Option<GroupId>,
        },
        /// A replica is gone from a machine: its group has no member there any more.
        "buried" Buried {
            /// The server.
            node: NodeId,
            /// Its group.
            group: GroupId,
        },
        /// A group was split: what it does no longer own, another one does.
        "split" Split {
            /// The server that applied it.
            node: NodeId,
            /// The group.
            group: GroupId,
            /// The group that has the second part.
            child: GroupId,
        },
        /// A shard stands still, so that another group can absorb it.
        "frozen" Frozen {
            /// The server that applied it.
            node: NodeId,
            /// The group that stands still.
            group: GroupId,
            /// The group that is to absorb it.
            target: GroupId,
        },
        /// A group has absorbed another one.
        "absorbed" Absorbed {
            /// The server that applied it.
            node: NodeId,
            /// The group.
            group: GroupId,
            /// The group that it absorbed.
            source: GroupId,
        },
        /// A frozen shard goes on: it isn't absorbed.
        "thawed" Thawed {
            /// The server that applied it.
            node: NodeId,
            /// The group that goes on.
            group: GroupId,
        },
        /// Group 0 knows of a node, or how it is.
        "judged" Judged {
            /// The node.
            node: NodeId,
            /// How it is.
            verdict: Verdict,
        },
        /// Group 0 has written down that something is to be done to a shard.
        "began" Began {
            /// The operation's number.
            operation: u64,
            /// What it is.
            task: Task,
        },
        /// Group 0 has written down that an operation is over.
        "ended" Ended {
            /// Its number.
            operation: u64,
            /// Whether it was taken back.
            revoked: bool,
        },
        /// A client has got the shard map.
        "map_came" MapCame {
            /// The client.
            client: ClientId,
            /// The number of the operation that it was needed for.
            sequence: Sequence,
            /// The server that sent it.
            node: NodeId,
        },
        /// The state machine applied an entry.
        "applied" Applied {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The entry.
            id: EntryId,
        },
        /// A server lost its memory.
        "crashed" Crashed {
            /// The server.
            node: NodeId,
            /// Entries that were not synced and are gone, from this index on.
            lost_from: Option<Index>,
        },
        /// A server started from its disk.
        "restarted" Restarted {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The end of the log that it found.
            last: EntryId,
        },
        /// A server was suspended.
        "paused" Paused {
            /// The server.
            node: NodeId,
        },
        /// A suspended server went on.
        "resumed" Resumed {
            /// The server.
            node: NodeId,
            /// Messages that had waited.
            waiting: u32,
        },
        /// A client began an operation.
        "invoked" Invoked {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The operation.
            operation: Operation,
        },
        /// A client sent its request to a server (the first time, or again).
        "asked" Asked {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server.
            node: NodeId,
            /// 1 for the first try.
            attempt: u32,
        },
        /// A server told a client to go elsewhere.
        "redirected" Redirected {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server that answered.
            node: NodeId,
            /// The leader that it knows of.
            hint: Option<NodeId>,
            /// Whether it led and had appended the operation to its log: then it may still take effect.
            appended: bool,
        },
        /// A try got no answer in time. The operation may still take effect.
        "timed_out" TimedOut {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server that was asked.
            node: NodeId,
        },
        /// A client has its answer.
        "returned" Returned {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server that answered.
            node: NodeId,
            /// The answer.
            outcome: Outcome,
        },
        /// A client gave up.
        "gave_up" GaveUp {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// What it knows of the operation.
            #[serde(flatten)]
            failed: Failed,
        },
        /// A server that started cut a torn record off its disk: half of it had been written when the
        /// power failed.
        "cut_off" CutOff {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The record.
            record: DiskRecord,
        },
        /// A machine runs, but its server takes no part: its disk can't be trusted.
        "refused" Refused {
            /// The server.
            node: NodeId,
            /// The group of the replica.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// What is wrong with the disk.
            why: DiskError,
        },
        /// A property was broken. The run stops here.
        "violated" Violated(violation: Violation),
        /// A limit of the settings was reached. The run stops here.
        "stopped" Stopped(stop: Stop),
        /// A machine was set up, to join the cluster.
        "joined" Joined {
            /// The server.
            node: NodeId,
        },
        /// A server that is no member any more was switched off for good.
        "retired" Retired {
            /// The server.
            node: NodeId,
        },
        /// The operator gave a change of the members up.
        "change_abandoned" ChangeAbandoned,
        /// A client was told that its session has expired: the try that was answered doesn't run, and of
        /// earlier ones nobody knows. It gives up, and goes on with another session.
        "session_expired" SessionExpired {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// The server that told it.
            node: NodeId,
        },
        /// The machine of a server that takes no part was set up anew, to join under a new id.
        "rejoined" Rejoined {
            /// The new id.
            node: NodeId,
            /// The old one.
            was: NodeId,
            /// What is wrong with the old one's disk.
            why: DiskError,
        },
    }
}

vocabulary! {
    /// Why a message was lost.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum Loss {
        /// The link lost it at random.
        "random" Random,
        /// The link was cut.
        "cut" Cut,
        /// A partition stood between the two.
        "partition" Partition,
        /// The receiver was down.
        "down" Down,
        /// A person dropped it.
        "dropped" Dropped,
        /// The receiver is paused, and no more messages can wait there.
        "overflow" Overflow,
        /// The receiver runs, but takes no part.
        "refused" Refused,
    }
}
