//! What can happen, as the milestones of lessons name it.
//!
//! A fact is an event without its numbers: a *name*, *how* it was, whose it is (`by`), and whom it
//! concerns (`to`): `stepped_down leader`, `vote_refused log_behind`, `lost append_entries`. The
//! names are those of the tables of events, decisions, actions, messages and reasons; lessons may
//! write `-` for `_`.

use crate::base::json::quoted;
use crate::base::{JsonError, NodeId};
use crate::kv::Outcome;
use crate::raft::{CampaignReason, DropReason, Refusal, Trace};
use crate::sim::{Action, EventKind, MessageKind, PacketKind};

/// What happened, in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fact {
    /// One of [`NAMES`].
    pub name: &'static str,
    /// One of [`HOWS`], or nothing.
    pub how: &'static str,
    /// The server whose it is; of a message, the sender.
    pub by: Option<NodeId>,
    /// The server that it concerns; of a message, the receiver.
    pub to: Option<NodeId>,
}

/// Lists of names.
pub type Names = &'static [&'static [&'static str]];

/// The names of all events and decisions.
pub const NAMES: Names = &[EventKind::NAMES, Trace::NAMES];

/// How they can be.
pub const HOWS: Names = &[
    Action::NAMES,
    MessageKind::NAMES,
    PacketKind::NAMES,
    Outcome::NAMES,
    CampaignReason::NAMES,
    Refusal::NAMES,
    DropReason::NAMES,
    &[
        "leader",
        "candidate",
        "follower",
        "own",
        "other",
        "yes",
        "no",
    ],
    &["noop", "command", "lost", "refused", "joint", "simple"],
];

/// What a word was called before: files that say it still read.
pub(crate) const FORMERLY: &[(&str, &str)] = &[
    ("befell", "chaos_acted"),
    ("vote", "request_vote_reply"),
    ("append", "append_entries"),
    ("appended", "append_entries_reply"),
    ("pre_vote", "request_pre_vote_reply"),
    ("snapshot", "install_snapshot"),
    ("chunk_taken", "install_snapshot_reply"),
    ("read_index_answer", "read_index_reply"),
    ("takes_no_part", "refused"),
    ("timer", "timed_out"),
];

/// The same word as one of those known.
pub(super) fn known(
    after: &str,
    word: Option<&str>,
    names: Names,
) -> Result<&'static str, JsonError> {
    let word = word.unwrap_or_default();
    let find = |word: &str| names.iter().copied().flatten().find(|name| **name == word);
    let plain = word.replace('-', "_");
    let formerly = || FORMERLY.iter().find(|(old, _)| *old == plain);
    let found = find(&plain).or_else(|| find(formerly()?.1));
    found.copied().ok_or_else(|| {
        let (word, after) = (quoted(word), quoted(after));
        let names = names.concat().join(", ");
        JsonError::new(format!(
            "{word} follows {after}; it should be one of {names}"
        ))
    })
}

impl Fact {
    /// What the event says.
    pub fn of(event: &EventKind) -> Fact {
        let fact = |how, by: Option<&NodeId>, to: Option<&NodeId>| Fact {
            name: event.name(),
            how,
            by: by.copied(),
            to: to.copied(),
        };
        match event {
            EventKind::Traced { node, trace, .. } => Fact {
                name: trace.name(),
                how: how(*node, trace),
                by: Some(*node),
                to: concerns(trace),
            },
            EventKind::Acted(action) | EventKind::ChaosActed(action) => {
                fact(action.name(), None, None)
            }
            EventKind::Sent { from, to, kind, .. }
            | EventKind::Delivered { from, to, kind, .. }
            | EventKind::Lost { from, to, kind, .. } => {
                fact(kind.inner_name(), from.node().as_ref(), to.node().as_ref())
            }
            EventKind::Asked { node, .. } | EventKind::TimedOut { node, .. } => {
                fact("", None, Some(node))
            }
            EventKind::Redirected { node, hint, .. } => fact("", Some(node), hint.as_ref()),
            EventKind::Returned { node, outcome, .. } => fact(outcome.name(), Some(node), None),
            EventKind::Rejoined { node, was, .. } => fact("", Some(node), Some(was)),
            EventKind::Violated(violation) => fact("", violation.nodes().next().as_ref(), None),
            EventKind::Synced { node, .. }
            | EventKind::Applied { node, .. }
            | EventKind::Crashed { node, .. }
            | EventKind::Restarted { node, .. }
            | EventKind::Paused { node }
            | EventKind::Resumed { node, .. }
            | EventKind::CutOff { node, .. }
            | EventKind::Refused { node, .. }
            | EventKind::Joined { node }
            | EventKind::Retired { node }
            | EventKind::SentElsewhere { node, .. }
            | EventKind::MapCame { node, .. }
            | EventKind::Born { node, .. }
            | EventKind::Buried { node, .. }
            | EventKind::Split { node, .. }
            | EventKind::Frozen { node, .. }
            | EventKind::Absorbed { node, .. }
            | EventKind::Thawed { node, .. }
            | EventKind::Judged { node, .. }
            | EventKind::SessionExpired { node, .. } => fact("", Some(node), None),
            EventKind::Duplicated { .. }
            | EventKind::Invoked { .. }
            | EventKind::GaveUp { .. }
            | EventKind::ChangeAbandoned
            | EventKind::Began { .. }
            | EventKind::Ended { .. }
            | EventKind::Stopped(_) => fact("", None, None),
        }
    }
}

/// How a decision of `node` was.
fn how(node: NodeId, trace: &Trace) -> &'static str {
    let either = |yes: &bool, a, b| if *yes { a } else { b };
    match trace {
        Trace::SteppedDown { was_leader, .. } => either(was_leader, "leader", "candidate"),
        Trace::ElectionStarted { why, .. } | Trace::PreVoteStarted { why, .. } => why.name(),
        Trace::VoteGranted { to, .. } => either(&(*to == node), "own", "other"),
        Trace::VoteRefused { why, .. } | Trace::PreVoteRefused { why, .. } => why.name(),
        Trace::VoteCounted { granted, .. } | Trace::PreVoteCounted { granted, .. } => {
            either(granted, "yes", "no")
        }
        Trace::Appended { noop, .. } => either(noop, "noop", "command"),
        Trace::WentBack { lost, .. } => either(lost, "lost", "refused"),
        Trace::Committed { as_leader, .. } => either(as_leader, "leader", "follower"),
        Trace::Dropped { why, .. } => why.name(),
        Trace::ConfigurationAdopted { outgoing, .. } => either(&(*outgoing > 0), "joint", "simple"),
        _ => "",
    }
}

/// The server that a decision concerns, beside the one that made it.
fn concerns(trace: &Trace) -> Option<NodeId> {
    match trace {
        Trace::TermAdopted { from: it, .. }
        | Trace::SteppedDown { because_of: it, .. }
        | Trace::VoteGranted { to: it, .. }
        | Trace::VoteRefused { to: it, .. }
        | Trace::VoteCounted { from: it, .. }
        | Trace::FollowsLeader { leader: it, .. }
        | Trace::Stored { from: it, .. }
        | Trace::Truncated { leader: it, .. }
        | Trace::AppendRefused { from: it, .. }
        | Trace::Matched { peer: it, .. }
        | Trace::WentBack { peer: it, .. }
        | Trace::Dropped { from: it, .. }
        | Trace::PreVoteGranted { to: it, .. }
        | Trace::PreVoteRefused { to: it, .. }
        | Trace::PreVoteCounted { from: it, .. }
        | Trace::TransferStarted { to: it, .. }
        | Trace::ToldToLead { to: it, .. }
        | Trace::TransferAborted { to: it, .. }
        | Trace::LearnerCaughtUp { peer: it, .. }
        | Trace::DiskReplaced { peer: it, .. }
        | Trace::SnapshotBegun { peer: it, .. }
        | Trace::SnapshotResumed { peer: it, .. }
        | Trace::ChunkStored { from: it, .. }
        | Trace::ChunkMissing { from: it, .. }
        | Trace::SnapshotInstalled { from: it, .. }
        | Trace::SnapshotNotNeeded { from: it, .. }
        | Trace::ReadsForwarded { leader: it, .. }
        | Trace::ReadAsked { follower: it, .. }
        | Trace::ReadAnswered { follower: it, .. }
        | Trace::ReadsConfirmed { leader: it, .. } => Some(*it),
        _ => None,
    }
}
