//! What travels, in a few numbers: for events, which keep no content.

use crate::base::{ClientId, GroupId, NodeId, vocabulary};
use crate::kv::Sequence;
use crate::raft::{Body, Index, Message, Term};
use serde::Serialize;

vocabulary! {
    /// What a packet is, without its content.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "packet")]
    pub enum PacketKind {
        /// A message between servers.
        "message" Message {
            /// The group whose replicas speak.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// What it is.
            #[serde(flatten)]
            kind: MessageKind,
        },
        /// A client's request.
        "request" Request {
            /// The group that is asked.
            #[serde(skip_serializing_if = "GroupId::is_first")]
            group: GroupId,
            /// The client.
            client: ClientId,
            /// The operation's number.
            sequence: Sequence,
            /// Which try it is, from 1.
            attempt: u32,
        },
        /// A client's request for the shard map.
        "map_request" MapRequest {
            /// The client.
            client: ClientId,
            /// The operation's number that it is needed for.
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
        /// A node tells the controller that it is there, and what it has.
        "node_report" NodeReport {
            /// How many groups have a replica there.
            groups: u32,
        },
        /// The controller asks a group's leader for a step.
        "step" Step {
            /// The group.
            group: GroupId,
            /// The operation's number.
            operation: u64,
        },
        /// The controller has a replica buried that is no member any more.
        "bury" Bury {
            /// Its group.
            group: GroupId,
        },
        /// The operator has a node emptied.
        "drain" Drain {
            /// The node.
            node: NodeId,
        },
        /// The controller has an empty node switched off.
        "dismiss" Dismiss,
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
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
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
            PacketKind::Message { kind, .. } => kind.name(),
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
