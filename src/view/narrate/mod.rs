//! What is told of every event: which sentence of the catalogue, and what stands in its gaps, with the
//! section of the paper that it comes from.
//!
//! The words themselves, plain, in the present tense, the consequence first, are in
//! `www/lang/en.json`. Tellings are made of facts: nothing here knows a lesson or guesses what comes
//! next.

mod broken;
mod disk;
mod limits;
mod membership;
mod named;
mod people;
mod protocol;
mod reads;
mod refused;
mod shards;
mod snapshots;
mod stall;
mod world;

pub use broken::{found, property_name};
pub use disk::reason;
pub use limits::found as stopped_by;
pub(super) use named::{list, place, range};
pub use refused::{left_out, not_pressed, refused, unfit, unfit_file, why_not, why_not_setting};
pub use stall::{instant as waited_since, stall};

use super::cluster_view::{Glyph, Told};
use super::members::configuration;
use super::words::{Arg, tell};
use crate::base::{Address, ClientId, NodeId};
use crate::raft::{Index, Trace};
use crate::run::{RetainedEvent, Weight};
use crate::sim::{Action, EventKind, MessageKind, PacketKind};
pub use named::label;

/// What is told of an event.
pub fn narrate(retained: &RetainedEvent) -> Told {
    let moment = Moment { retained };
    let telling = match &retained.event.kind {
        EventKind::Traced { node, trace, .. } => protocol::tell(&moment, *node, trace),
        kind => world::tell(&moment, kind),
    };
    let telling = match &retained.event.kind {
        EventKind::Traced { group, .. }
        | EventKind::Applied { group, .. }
        | EventKind::Synced { group, .. }
            if !group.is_first() =>
        {
            shards::in_group(*group, telling)
        }
        _ => telling,
    };
    let weight = Weight::of(&retained.event.kind);
    Told {
        seq: retained.event.seq,
        at: retained.event.at,
        cause: retained.event.cause,
        glyph: glyph(&retained.event.kind),
        kind: retained.event.kind.clone(),
        refs: telling.refs,
        telling,
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
        EventKind::Invoked { .. }
        | EventKind::Asked { .. }
        | EventKind::Redirected { .. }
        | EventKind::SentElsewhere { .. }
        | EventKind::MapCame { .. } => Glyph::Request,
        EventKind::Born { .. } => Glyph::Snapshot,
        EventKind::Split { .. } => Glyph::Truncated,
        EventKind::Judged { .. } | EventKind::Frozen { .. } => Glyph::Timer,
        EventKind::Buried { .. }
        | EventKind::Absorbed { .. }
        | EventKind::Thawed { .. }
        | EventKind::Began { .. }
        | EventKind::Ended { .. } => Glyph::Members,
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
        PacketKind::Message { kind, .. } => kind,
        PacketKind::Request { .. } | PacketKind::MapRequest { .. } => return Glyph::Request,
        PacketKind::NodeReport { .. } => return Glyph::Timer,
        PacketKind::Step { .. }
        | PacketKind::Bury { .. }
        | PacketKind::Drain { .. }
        | PacketKind::Dismiss => return Glyph::Members,
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

/// What was known when an event happened: who led, what the entry holds.
struct Moment<'a> {
    retained: &'a RetainedEvent,
}

impl Moment<'_> {
    /// A server, as it was then.
    fn node(&self, id: NodeId) -> Arg {
        let servers = &self.retained.servers;
        let standing = servers.iter().find(|standing| standing.id == id);
        Arg::Node {
            id,
            term: standing.map_or(0, |standing| standing.term),
            leader: standing.is_some_and(|standing| standing.leader),
        }
    }

    /// Who sends or receives.
    fn address(&self, address: Address) -> Arg {
        match address {
            Address::Node(node) => self.node(node),
            Address::Client(client) => client.into(),
            Address::Operator => tell!("net.operator").into(),
        }
    }

    /// The entry that the event is about; without its position, the index alone.
    fn entry(&self, index: Index, committed: bool) -> Arg {
        match self.retained.entry {
            Some(at) if at.index == index => Arg::Entry {
                index,
                term: at.term,
                label: self.content(),
                committed,
            },
            _ => format!("#{index}").into(),
        }
    }

    /// One entry as a tile, several as a range.
    fn entries(&self, first: Index, last: Index, committed: bool) -> Arg {
        if first == last {
            self.entry(first, committed)
        } else {
            range(first, last)
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
    fn request(&self) -> Arg {
        match self.operation() {
            Some(operation) => operation.into(),
            None => tell!("client.its-operation").into(),
        }
    }

    /// Whether that is a read.
    fn is_read(&self) -> bool {
        let command = self.retained.command.as_ref();
        command.is_some_and(|(_, operation)| operation.is_read())
    }

    fn client(&self) -> Option<ClientId> {
        self.retained.command.as_ref().map(|&(client, _)| client)
    }
}
