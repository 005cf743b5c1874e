//! What things are called in a sentence: operations, messages, entries, servers.

use crate::base::NodeId;
use crate::kv::Operation;
use crate::raft::{EntryId, Index, ReadLevel};
use crate::sim::{MessageKind, PacketKind};
use crate::view::text::{self, beginning};
use crate::view::words::{Arg, Telling, tell};

/// The short form of an operation, as it stands on a tile: `y←7`, `del x`. Long keys and values
/// are shortened. It is notation, the same in every language.
pub fn label(operation: &Operation) -> String {
    match operation {
        Operation::Get { key, level } => {
            let level = match level {
                ReadLevel::Linearizable => "",
                ReadLevel::Lease => " (lease)",
                ReadLevel::Stale => " (stale)",
            };
            format!("get {}{level}", short(key))
        }
        Operation::Put { key, value } => format!("{}←{}", short(key), quoted(value)),
        Operation::Append { key, value } => format!("{}⧺{}", short(key), quoted(value)),
        Operation::Delete { key } => format!("del {}", short(key)),
        Operation::Cas {
            key,
            expected,
            value,
        } => {
            let expected = expected.as_deref().map_or("absent".into(), quoted);
            format!("{}: {expected}→{}", short(key), quoted(value))
        }
    }
}

/// Text from outside, cut to what fits in a sentence.
pub(super) fn short(text: &str) -> String {
    beginning(text, 12)
}

/// A value, cut to what fits in a sentence.
pub(super) fn quoted(value: &str) -> String {
    text::value(value, 12)
}

/// `S1`, `S1 and S2`, `S1, S2 and S3`.
pub(in crate::view) fn list(nodes: &[NodeId]) -> Arg {
    nodes.into()
}

/// A packet in a sentence.
pub(super) fn name(kind: &PacketKind) -> Telling {
    match kind {
        PacketKind::Message { kind, .. } => message(kind),
        PacketKind::Request { attempt: 1, .. } => tell!("message.request"),
        PacketKind::Request { attempt, .. } => {
            tell!("message.request-again", attempt = *attempt)
        }
        PacketKind::MapRequest { .. } => tell!("message.map-request"),
        PacketKind::NodeReport { groups } => tell!("message.node-report", groups = *groups),
        PacketKind::Step { group, .. } => tell!("message.step", group = *group),
        PacketKind::Drain { node } => tell!("message.drain", node = *node),
        PacketKind::Dismiss => tell!("message.dismiss"),
        PacketKind::Bury { group } => tell!("message.bury", group = *group),
        PacketKind::Answer { done: true, .. } => tell!("message.answer"),
        PacketKind::Answer { .. } => tell!("message.refused"),
        PacketKind::MemberRequest { change: true, .. } => tell!("message.member-request"),
        PacketKind::MemberRequest { .. } => tell!("message.member-question"),
        PacketKind::MemberReply { .. } => tell!("message.member-reply"),
    }
}

/// A message in a sentence: `AppendEntries #8 to #10`.
fn message(kind: &MessageKind) -> Telling {
    match *kind {
        MessageKind::RequestVote { term } => tell!("message.request-vote", term),
        MessageKind::RequestVoteReply { granted: true, .. } => tell!("message.vote"),
        MessageKind::RequestVoteReply { .. } => tell!("message.no-vote"),
        MessageKind::RequestPreVote { term } => tell!("message.request-pre-vote", term = term + 1),
        MessageKind::RequestPreVoteReply { granted: true, .. } => tell!("message.pre-vote"),
        MessageKind::RequestPreVoteReply { .. } => tell!("message.no-pre-vote"),
        MessageKind::TimeoutNow { .. } => tell!("message.timeout-now"),
        MessageKind::ReadIndex { .. } => tell!("message.read-index"),
        MessageKind::ReadIndexReply { index, .. } => tell!("message.read-index-reply", index),
        MessageKind::AppendEntries { first, last, .. } => {
            tell!("message.append-entries", entries = range(first, last))
        }
        MessageKind::Heartbeat { .. } => tell!("message.heartbeat"),
        MessageKind::AppendEntriesReply {
            success: true,
            index,
            ..
        } => tell!("message.holds", index),
        MessageKind::AppendEntriesReply { .. } => tell!("message.refusal"),
        MessageKind::InstallSnapshot {
            from, to, total, ..
        } => tell!("message.install-snapshot", from, to, total),
        MessageKind::InstallSnapshotReply { bytes, .. } => tell!("message.has-bytes", bytes),
    }
}

/// `#8`, or `#8 to #10`.
pub(in crate::view) fn range(first: Index, last: Index) -> Arg {
    if first == last {
        format!("#{first}").into()
    } else {
        tell!("list.range", first, last).into()
    }
}

/// `5@3`: index 5, term 3.
pub(in crate::view) fn place(at: EntryId) -> Arg {
    if at == EntryId::START {
        tell!("list.beginning").into()
    } else {
        format!("{}@{}", at.index, at.term).into()
    }
}
