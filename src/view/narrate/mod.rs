//! Every event as a sentence: plain, in the present tense, the consequence first, with the section
//! of the paper that it comes from.
//!
//! The words are made of facts: nothing here knows a lesson or guesses what comes next.

mod broken;
mod disk;
mod limits;
mod membership;
mod protocol;
mod reads;
mod snapshots;
mod stall;
mod world;

pub use broken::found;
pub(super) use disk::reason;
pub use limits::found as stopped_by;
pub use stall::{instant as waited_since, stall};

use super::cluster_view::{Glyph, Told, Word};
use super::members::configuration;
use super::text::{self, beginning, count};
use crate::base::{Address, ClientId, NodeId};
use crate::kv::Operation;
use crate::raft::{EntryId, Index, ReadLevel, Trace};
use crate::run::{RetainedEvent, Weight};
use crate::sim::{Action, EventKind, Loss, MessageKind, PacketKind};
use std::fmt::Write;

/// The sentence of an event.
pub fn narrate(retained: &RetainedEvent) -> Told {
    let mut line = Line {
        retained,
        words: Vec::new(),
        refs: &[],
    };
    match &retained.event.kind {
        EventKind::Traced { node, trace } => protocol::tell(&mut line, *node, trace),
        kind => world::tell(&mut line, kind),
    }
    let Line { words, refs, .. } = line;
    let weight = Weight::of(&retained.event.kind);
    Told {
        seq: retained.event.seq,
        at: retained.event.at,
        glyph: glyph(&retained.event.kind),
        kind: retained.event.kind.clone(),
        words,
        refs,
        mark: weight >= Weight::Mark,
        key: weight >= Weight::Key,
    }
}

/// The picture of an event.
pub fn glyph(kind: &EventKind) -> Glyph {
    match kind {
        EventKind::Acted(action) | EventKind::ChaosActed(action) => match action {
            Action::Partition { .. } | Action::Cut { .. } => Glyph::Wall,
            Action::Heal | Action::Restore { .. } => Glyph::Heal,
            Action::Request { .. } => Glyph::Request,
            Action::Crash { .. } => Glyph::Crash,
            Action::Restart { .. } => Glyph::Restart,
            Action::Pause { .. } | Action::Resume { .. } => Glyph::Pause,
            Action::TimeOut { .. } => Glyph::Timer,
            Action::TransferLeadership { .. } => Glyph::Crown,
            Action::JumpClock { .. } => Glyph::Timer,
            Action::Drop { .. } => Glyph::Lost,
            Action::Disk { .. } => Glyph::Disk,
            Action::Compact { .. } => Glyph::Snapshot,
            Action::AddServer
            | Action::PromoteServer { .. }
            | Action::RemoveServer { .. }
            | Action::ChangeMembers { .. }
            | Action::RejoinServer { .. }
            | Action::LeaveJoint => Glyph::Members,
            _ => Glyph::Setting,
        },
        EventKind::Traced { trace, .. } => of_trace(trace),
        EventKind::Sent { kind, .. } | EventKind::Delivered { kind, .. } => of_packet(kind),
        EventKind::Lost { .. } => Glyph::Lost,
        EventKind::Duplicated { .. } => Glyph::Append,
        EventKind::Synced { .. } => Glyph::Stored,
        EventKind::Applied { .. } => Glyph::Apply,
        EventKind::Crashed { .. } => Glyph::Crash,
        EventKind::Restarted { .. } => Glyph::Restart,
        EventKind::Paused { .. } | EventKind::Resumed { .. } => Glyph::Pause,
        EventKind::Invoked { .. } | EventKind::Asked { .. } | EventKind::Redirected { .. } => {
            Glyph::Request
        }
        EventKind::TimedOut { .. }
        | EventKind::GaveUp { .. }
        | EventKind::SessionExpired { .. } => Glyph::NoAnswer,
        EventKind::Returned { .. } => Glyph::Answer,
        EventKind::CutOff { .. } | EventKind::Refused { .. } => Glyph::Disk,
        EventKind::Violated(_) | EventKind::Stopped(_) => Glyph::Violation,
        EventKind::Joined { .. }
        | EventKind::Rejoined { .. }
        | EventKind::Retired { .. }
        | EventKind::ChangeAbandoned => Glyph::Members,
    }
}

fn of_trace(trace: &Trace) -> Glyph {
    match trace {
        Trace::TermAdopted { .. }
        | Trace::SteppedDown { .. }
        | Trace::Resigned { .. }
        | Trace::TransferAborted { .. } => Glyph::StepDown,
        Trace::ElectionStarted { .. } | Trace::PreVoteStarted { .. } => Glyph::Timer,
        Trace::VoteGranted { .. }
        | Trace::VoteCounted { granted: true, .. }
        | Trace::PreVoteGranted { .. }
        | Trace::PreVoteCounted { granted: true, .. } => Glyph::VoteYes,
        Trace::VoteRefused { .. }
        | Trace::VoteCounted { .. }
        | Trace::PreVoteRefused { .. }
        | Trace::PreVoteCounted { .. } => Glyph::VoteNo,
        Trace::BecameLeader { .. }
        | Trace::FollowsLeader { .. }
        | Trace::TransferStarted { .. }
        | Trace::ToldToLead { .. } => Glyph::Crown,
        Trace::Appended { .. } | Trace::WentBack { .. } => Glyph::Append,
        Trace::Stored { .. } | Trace::Matched { .. } => Glyph::Stored,
        Trace::Truncated { .. } => Glyph::Truncated,
        Trace::AppendRefused { .. } | Trace::NotOwnTerm { .. } => Glyph::Refused,
        Trace::Committed { .. } => Glyph::Commit,
        Trace::ReadStarted { .. }
        | Trace::ReadConfirmed { .. }
        | Trace::LeaseRead { .. }
        | Trace::StaleRead { .. }
        | Trace::ReadsForwarded { .. }
        | Trace::ReadAsked { .. }
        | Trace::ReadAnswered { .. }
        | Trace::ReadsConfirmed { .. } => Glyph::Read,
        Trace::ConfigurationAdopted { .. }
        | Trace::ConfigurationRolledBack { .. }
        | Trace::ChangeRefused { .. }
        | Trace::JointCommitted { .. }
        | Trace::LearnerCaughtUp { .. }
        | Trace::LeaderRemoved { .. } => Glyph::Members,
        Trace::Dropped { .. } | Trace::ChunkMissing { .. } => Glyph::Lost,
        Trace::SnapshotTaken { .. } | Trace::SnapshotInstalled { .. } => Glyph::Snapshot,
        Trace::SnapshotBegun { .. } | Trace::SnapshotResumed { .. } => Glyph::Snapshot,
        Trace::DiskFilled { .. } | Trace::DiskFreed { .. } | Trace::DiskReplaced { .. } => {
            Glyph::Disk
        }
        Trace::ChunkStored { .. } | Trace::SnapshotNotNeeded { .. } => Glyph::Stored,
    }
}

fn of_packet(kind: &PacketKind) -> Glyph {
    let kind = match kind {
        PacketKind::Message(kind) => kind,
        PacketKind::Request { .. } => return Glyph::Request,
        PacketKind::Answer { .. } => return Glyph::Answer,
        PacketKind::MemberRequest { .. } | PacketKind::MemberReply { .. } => return Glyph::Members,
    };
    match kind {
        MessageKind::RequestVote { .. } | MessageKind::RequestPreVote { .. } => Glyph::VoteRequest,
        MessageKind::RequestVoteReply { granted: true, .. }
        | MessageKind::RequestPreVoteReply { granted: true, .. } => Glyph::VoteYes,
        MessageKind::RequestVoteReply { .. } | MessageKind::RequestPreVoteReply { .. } => {
            Glyph::VoteNo
        }
        MessageKind::TimeoutNow { .. } => Glyph::Timer,
        MessageKind::ReadIndex { .. } | MessageKind::ReadIndexReply { .. } => Glyph::Read,
        MessageKind::AppendEntries { .. } | MessageKind::Heartbeat { .. } => Glyph::Append,
        MessageKind::AppendEntriesReply { success: true, .. } => Glyph::Stored,
        MessageKind::AppendEntriesReply { .. } => Glyph::Refused,
        MessageKind::InstallSnapshot { .. } => Glyph::Snapshot,
        MessageKind::InstallSnapshotReply { .. } => Glyph::Stored,
    }
}

/// The short form of an operation, as it stands on a tile: `y←7`, `del x`. Long keys and values
/// are shortened.
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
fn short(text: &str) -> String {
    beginning(text, 12)
}

/// A value, cut to what fits in a sentence.
fn quoted(value: &str) -> String {
    text::value(value, 12)
}

/// `S1`, `S1 and S2`, `S1, S2 and S3`.
fn list(nodes: &[impl std::fmt::Display]) -> String {
    let mut out = String::new();
    for (i, node) in nodes.iter().enumerate() {
        let between = match i {
            0 => "",
            _ if i + 1 == nodes.len() => " and ",
            _ => ", ",
        };
        let _ = write!(out, "{between}{node}");
    }
    out
}

/// The name of a packet.
fn name(kind: &PacketKind) -> String {
    match kind {
        PacketKind::Message(kind) => message(kind),
        PacketKind::Request { attempt: 1, .. } => "request".into(),
        PacketKind::Request { attempt, .. } => format!("request (try {attempt})"),
        PacketKind::Answer { done: true, .. } => "answer".into(),
        PacketKind::Answer { .. } => "refusal".into(),
        PacketKind::MemberRequest { change: true, .. } => "request to change the members".into(),
        PacketKind::MemberRequest { .. } => "question about the members".into(),
        PacketKind::MemberReply { .. } => "answer about the members".into(),
    }
}

/// The name of a message: `AppendEntries #8 to #10`.
fn message(kind: &MessageKind) -> String {
    match *kind {
        MessageKind::RequestVote { term } => format!("RequestVote of term {term}"),
        MessageKind::RequestVoteReply { granted: true, .. } => "vote".into(),
        MessageKind::RequestVoteReply { .. } => "refusal to vote".into(),
        MessageKind::RequestPreVote { term } => format!("PreVote for term {}", term + 1),
        MessageKind::RequestPreVoteReply { granted: true, .. } => "yes to a PreVote".into(),
        MessageKind::RequestPreVoteReply { .. } => "no to a PreVote".into(),
        MessageKind::TimeoutNow { .. } => "TimeoutNow".into(),
        MessageKind::ReadIndex { .. } => "ReadIndex".into(),
        MessageKind::ReadIndexReply { index, .. } => format!("read index #{index}"),
        MessageKind::AppendEntries { first, last, .. } => {
            format!("AppendEntries {}", range(first, last))
        }
        MessageKind::Heartbeat { .. } => "heartbeat".into(),
        MessageKind::AppendEntriesReply {
            success: true,
            index,
            ..
        } => format!("answer \"I hold #{index}\""),
        MessageKind::AppendEntriesReply { .. } => "refusal of entries".into(),
        MessageKind::InstallSnapshot {
            from, to, total, ..
        } => format!("InstallSnapshot, bytes {from} to {to} of {total}"),
        MessageKind::InstallSnapshotReply { bytes, .. } => {
            format!("answer \"I have {bytes} bytes of the snapshot\"")
        }
    }
}

/// `#8`, or `#8 to #10`.
fn range(first: Index, last: Index) -> String {
    if first == last {
        format!("#{first}")
    } else {
        format!("#{first} to #{last}")
    }
}

/// `5@3`: index 5, term 3.
fn place(at: EntryId) -> String {
    if at == EntryId::START {
        "its beginning".into()
    } else {
        format!("{}@{}", at.index, at.term)
    }
}

/// Who drops a message, in the words after its name.
fn loss(why: Loss) -> &'static str {
    match why {
        Loss::Random => "The network loses",
        Loss::Cut => "The cut link stops",
        Loss::Partition => "The wall stops",
        Loss::Down => "Nobody is there to take",
        Loss::Dropped => "Somebody drops",
        Loss::Overflow => "There is no more room for",
        Loss::Refused => "A server that takes no part ignores",
    }
}

/// A sentence in the making.
struct Line<'a> {
    retained: &'a RetainedEvent,
    words: Vec<Word>,
    refs: &'static [&'static str],
}

impl Line<'_> {
    fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.words.push(Word::Text { text: text.into() });
        self
    }

    fn strong(&mut self, text: impl Into<String>) -> &mut Self {
        self.words.push(Word::Strong { text: text.into() });
        self
    }

    fn node(&mut self, id: NodeId) -> &mut Self {
        let servers = &self.retained.servers;
        let standing = servers.iter().find(|standing| standing.id == id);
        self.words.push(Word::Node {
            id,
            term: standing.map_or(0, |standing| standing.term),
            leader: standing.is_some_and(|standing| standing.leader),
        });
        self
    }

    fn address(&mut self, address: Address) -> &mut Self {
        match address {
            Address::Node(node) => self.node(node),
            Address::Client(client) => self.text(client.to_string()),
            Address::Operator => self.text("the operator"),
        }
    }

    /// The entry that the event is about; without its position, the index alone.
    fn entry(&mut self, index: Index, committed: bool) -> &mut Self {
        match self.retained.entry {
            Some(at) if at.index == index => {
                let label = self.content();
                self.words.push(Word::Entry {
                    index,
                    term: at.term,
                    label,
                    committed,
                });
                self
            }
            _ => self.text(format!("#{index}")),
        }
    }

    /// One entry as a tile, several as a range.
    fn entries(&mut self, first: Index, last: Index, committed: bool) -> &mut Self {
        if first == last {
            self.entry(first, committed)
        } else {
            self.text(range(first, last))
        }
    }

    /// What stands on the entry's tile; nothing if the entry is compacted away.
    fn content(&self) -> String {
        let members = self.retained.members.as_ref();
        self.operation()
            .or_else(|| members.map(|members| configuration(members).label()))
            .unwrap_or_else(|| if self.retained.noop { "∅" } else { "" }.into())
    }

    /// The label of the operation, if there is one.
    fn operation(&self) -> Option<String> {
        let command = self.retained.command.as_ref();
        command.map(|(_, operation)| label(operation))
    }

    /// What a client waits for.
    fn request(&self) -> String {
        self.operation().unwrap_or_else(|| "its operation".into())
    }

    /// Whether that is a read.
    fn is_read(&self) -> bool {
        let command = self.retained.command.as_ref();
        command.is_some_and(|(_, operation)| operation.is_read())
    }

    fn client(&self) -> Option<ClientId> {
        self.retained.command.as_ref().map(|&(client, _)| client)
    }

    fn refs(&mut self, refs: &'static [&'static str]) {
        self.refs = refs;
    }
}
