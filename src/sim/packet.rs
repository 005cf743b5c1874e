//! What travels over the network, and what it says.

use super::packet_kind::{MessageKind, PacketKind};
use crate::base::{Address, ClientId, GroupId, MemberId, NodeId};
use crate::kv::{
    Command, Descriptor, NodeReport, Operation, Outcome, Sequence, SessionNumber, ShardMap,
    StepRequest,
};
use crate::raft::{Body, Change, ChangeError, Configuration, EntryId, Measured, Message, Term};
use std::rc::Rc;

/// The bytes of a packet beside its entries, its part of a snapshot, its key and its value.
const HEADER: u32 = 64;

/// A packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    /// Who sent it.
    pub from: Address,
    /// Whom it goes to.
    pub to: Address,
    /// What it says.
    pub content: Content,
}

/// What a packet says. Rare contents are boxed, so that all others are moved at less cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// A replica of a group speaks to another.
    Raft(GroupId, Message<Command>),
    /// A client asks a group, in its session of that number.
    Request(GroupId, Waiter, SessionNumber, Operation),
    /// A client asks group 0 for its shard map.
    MapRequest(Waiter),
    /// A server answers a client.
    Answer(Waiter, Answer),
    /// A node tells the controller what it has.
    NodeReport(Rc<NodeReport>),
    /// The controller asks a group's leader for a step.
    Step(Box<StepRequest>),
    /// The controller has a replica go, whose group has had no later member on that node.
    Bury(GroupId, MemberId),
    /// The operator has a node emptied.
    Drain(NodeId),
    /// The controller has an empty node switched off.
    Dismiss,
    /// The operator asks a server.
    MemberRequest(Box<MemberRequest>),
    /// A server answers the operator.
    MemberReply(Box<MemberReply>),
}

/// "How do you stand?" Of a leader also: "change the members, please."
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberRequest {
    /// The operator's round of questions, which the reply repeats.
    pub round: u64,
    /// The change that is asked for, if one is.
    pub change: Option<MemberChange>,
}

/// A change of the members that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberChange {
    /// The entry of the configuration that it is meant for. A server that goes by another one
    /// refuses: then the request is out of date.
    pub replaces: EntryId,
    /// The change; `None`: the joint configuration is to be left.
    pub change: Option<Change>,
    /// What a leader said against it before.
    pub told: Option<ChangeError>,
}

/// How a server stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberReply {
    /// The round of the request.
    pub round: u64,
    /// Its term.
    pub term: Term,
    /// Whether it leads, as far as it knows.
    pub leads: bool,
    /// The members that it goes by.
    pub members: Configuration,
    /// The entry that names them.
    pub configuration: EntryId,
    /// Whether it knows that entry to be committed.
    pub committed: bool,
    /// Whether it takes no part, because its disk can't be trusted.
    pub refuses: bool,
    /// What it says against the change that it was asked for, if it was asked for one.
    pub objection: Option<Option<ChangeError>>,
}

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
    /// "The key isn't in that group, or the group isn't here, and I have done nothing. This is what I know."
    WrongShard(Vec<Rc<Descriptor>>),
    /// "The shard stands still, to be merged, and I have done nothing. Try again."
    Frozen,
    /// Group 0's shard map.
    Map(Rc<ShardMap>),
}

impl Packet {
    /// Whether it is no message between servers.
    pub(super) fn is_request(&self) -> bool {
        !matches!(self.content, Content::Raft(..))
    }

    /// What it is, without its content.
    #[inline]
    pub fn kind(&self) -> PacketKind {
        match &self.content {
            &Content::Raft(group, ref message) => PacketKind::Message {
                group,
                kind: MessageKind::of(message),
            },
            &Content::Request(group, waiter, ..) => PacketKind::Request {
                group,
                client: waiter.client,
                sequence: waiter.sequence,
                attempt: waiter.attempt,
            },
            Content::NodeReport(report) => PacketKind::NodeReport {
                groups: report.replicas.len() as u32,
            },
            Content::Step(request) => PacketKind::Step {
                group: request.group,
                operation: request.fence.operation,
            },
            &Content::Bury(group, _) => PacketKind::Bury { group },
            &Content::Drain(node) => PacketKind::Drain { node },
            Content::Dismiss => PacketKind::Dismiss,
            Content::MapRequest(waiter) => PacketKind::MapRequest {
                client: waiter.client,
                sequence: waiter.sequence,
                attempt: waiter.attempt,
            },
            Content::Answer(waiter, answer) => PacketKind::Answer {
                client: waiter.client,
                sequence: waiter.sequence,
                attempt: waiter.attempt,
                done: matches!(answer, Answer::Outcome(_)),
            },
            Content::MemberRequest(request) => PacketKind::MemberRequest {
                round: request.round,
                change: request.change.is_some(),
            },
            Content::MemberReply(reply) => PacketKind::MemberReply {
                round: reply.round,
                leads: reply.leads,
            },
        }
    }

    /// Its bytes, as the limit counts them.
    #[inline]
    pub(super) fn bytes(&self) -> u32 {
        let carried = match &self.content {
            Content::Raft(_, message) => carried(message),
            Content::Request(_, _, _, operation) => operation.bytes(),
            Content::NodeReport(report) => 32 * report.replicas.len() as u64,
            Content::Answer(_, Answer::Map(map)) => 32 * map.shards().len() as u64,
            Content::Answer(_, Answer::Outcome(outcome)) => outcome.bytes(),
            Content::Answer(..)
            | Content::MapRequest(_)
            | Content::Step(_)
            | Content::Bury(..)
            | Content::Drain(_)
            | Content::Dismiss
            | Content::MemberRequest(_)
            | Content::MemberReply(_) => 0,
        };
        HEADER.saturating_add(carried as u32)
    }
}

/// The bytes of the entries, or of the part of a snapshot, that a message carries.
fn carried<C: Measured>(message: &Message<C>) -> u64 {
    match &message.body {
        Body::AppendEntries { entries, .. } => entries.bytes(),
        Body::InstallSnapshot { chunk, .. } => chunk.bytes().len() as u64,
        _ => 0,
    }
}
