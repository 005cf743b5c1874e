//! Facts that were observed: what the screen tells, what the checkers see, what the hash folds.

use super::action::{Action, MessageId};
use super::client::Failed;
use super::disk_fault::{DiskError, DiskRecord};
use super::invariants::Violation;
use super::limits::Stop;
use crate::base::{Address, ClientId, NodeId, Time, vocabulary};
use crate::kv::{Operation, Outcome, Sequence};
use crate::raft::{Body, EntryId, Index, Message, Term, Trace};
use serde::Serialize;

/// One fact.
#[derive(Clone, PartialEq, Debug, Serialize)]
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
            /// The term on the disk.
            term: Term,
            /// The end of the log on the disk.
            last: EntryId,
        },
        /// The state machine applied an entry.
        "applied" Applied {
            /// The server.
            node: NodeId,
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
            /// The record.
            record: DiskRecord,
        },
        /// A machine runs, but its server takes no part: its disk can't be trusted.
        "refused" Refused {
            /// The server.
            node: NodeId,
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
    /// What a packet is, without its content.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[serde(tag = "packet")]
    pub enum PacketKind {
        /// A message between servers.
        "message" Message(kind: MessageKind),
        /// A client's request.
        "request" Request {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// Which try it is, from 1.
            attempt: u32,
        },
        /// A server's answer to it.
        "answer" Answer {
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// Which try it answers.
            attempt: u32,
            /// Whether it is the operation's outcome; else the server refuses, or can't tell.
            done: bool,
        },
        /// The operator's question to a server.
        "member_request" MemberRequest {
            /// Its round of questions.
            round: u64,
            /// Whether it asks for a change of the members.
            change: bool,
        },
        /// A server's answer to it.
        "member_reply" MemberReply {
            /// The round of the question.
            round: u64,
            /// Whether the server says that it leads.
            leads: bool,
        },
    }
}

vocabulary! {
    /// What a message between servers is, without its content.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[serde(tag = "type")]
    pub enum MessageKind {
        /// RequestVote.
        "request_vote" RequestVote {
            /// The sender's term.
            term: Term,
        },
        /// Its answer.
        "request_vote_reply" RequestVoteReply {
            /// The sender's term.
            term: Term,
            /// Yes or no.
            granted: bool,
        },
        /// AppendEntries with entries.
        "append_entries" AppendEntries {
            /// The sender's term.
            term: Term,
            /// The first entry's index.
            first: Index,
            /// The last entry's index.
            last: Index,
        },
        /// AppendEntries without entries: a heartbeat, or a notice of the commit index.
        "heartbeat" Heartbeat {
            /// The sender's term.
            term: Term,
            /// The commit index that it carries.
            leader_commit: Index,
        },
        /// The answer to AppendEntries.
        "append_entries_reply" AppendEntriesReply {
            /// The sender's term.
            term: Term,
            /// Whether it was accepted.
            success: bool,
            /// The index through which the logs agree, or the refused predecessor.
            index: Index,
        },
        /// RequestPreVote.
        "request_pre_vote" RequestPreVote {
            /// The sender's term; it would campaign in the next.
            term: Term,
        },
        /// Its answer.
        "request_pre_vote_reply" RequestPreVoteReply {
            /// The sender's term.
            term: Term,
            /// Yes or no.
            granted: bool,
        },
        /// TimeoutNow.
        "timeout_now" TimeoutNow {
            /// The sender's term.
            term: Term,
        },
        /// InstallSnapshot: a part of a snapshot.
        "install_snapshot" InstallSnapshot {
            /// The sender's term.
            term: Term,
            /// The last entry in the snapshot.
            last: Index,
            /// The first byte of the part, from 1.
            from: u32,
            /// Its last byte.
            to: u32,
            /// The bytes of the whole snapshot.
            total: u32,
        },
        /// The answer to a part of a snapshot that isn't the last one.
        "install_snapshot_reply" InstallSnapshotReply {
            /// The sender's term.
            term: Term,
            /// The last entry in the snapshot.
            last: Index,
            /// The bytes that the follower has.
            bytes: u32,
        },
        /// A follower's reads.
        "read_index" ReadIndex {
            /// The sender's term.
            term: Term,
        },
        /// The read index for them.
        "read_index_reply" ReadIndexReply {
            /// The sender's term.
            term: Term,
            /// The read index.
            index: Index,
        },
    }
}

impl PacketKind {
    /// The name of the message between servers, if it is one, else its own.
    pub const fn inner_name(&self) -> &'static str {
        match self {
            PacketKind::Message(kind) => kind.name(),
            kind => kind.name(),
        }
    }
}

impl MessageKind {
    /// What `message` is.
    pub fn of<C>(message: &Message<C>) -> MessageKind {
        let term = message.term;
        match &message.body {
            Body::RequestVote(_) => MessageKind::RequestVote { term },
            Body::RequestVoteReply { granted } => MessageKind::RequestVoteReply {
                term,
                granted: *granted,
            },
            Body::AppendEntries {
                entries,
                leader_commit,
                ..
            } if entries.is_empty() => MessageKind::Heartbeat {
                term,
                leader_commit: *leader_commit,
            },
            Body::AppendEntries {
                prev_log, entries, ..
            } => MessageKind::AppendEntries {
                term,
                first: prev_log.index + 1,
                last: prev_log.index + entries.len(),
            },
            Body::AppendEntriesAccepted { match_index, .. } => MessageKind::AppendEntriesReply {
                term,
                success: true,
                index: *match_index,
            },
            Body::AppendEntriesRejected { prev_log_index, .. } => MessageKind::AppendEntriesReply {
                term,
                success: false,
                index: *prev_log_index,
            },
            Body::RequestPreVote { .. } => MessageKind::RequestPreVote { term },
            Body::RequestPreVoteReply { granted, .. } => MessageKind::RequestPreVoteReply {
                term,
                granted: *granted,
            },
            Body::TimeoutNow => MessageKind::TimeoutNow { term },
            Body::InstallSnapshot { chunk, .. } => MessageKind::InstallSnapshot {
                term,
                last: chunk.last.index,
                from: chunk.offset + 1,
                to: chunk.end(),
                total: chunk.total(),
            },
            Body::InstallSnapshotReply { last, bytes, .. } => MessageKind::InstallSnapshotReply {
                term,
                last: *last,
                bytes: *bytes,
            },
            Body::ReadIndex { .. } => MessageKind::ReadIndex { term },
            Body::ReadIndexReply { index, .. } => MessageKind::ReadIndexReply {
                term,
                index: *index,
            },
        }
    }
}

vocabulary! {
    /// Why a message was lost.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
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
