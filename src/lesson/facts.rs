//! The names of what can happen, for the milestones of lessons.
//!
//! A fact is an event without its numbers: a *name*, *how* it was, whose it is (`by`), and whom it
//! concerns (`to`). `stepped-down leader`, `vote-refused log-behind`, `lost append-entries` ... The matches
//! are exhaustive: a new event or decision gets its name here.

use crate::base::json::quoted;
use crate::base::{JsonError, NodeId};
use crate::kv::Outcome;
use crate::raft::{CampaignReason, DropReason, Refusal, Trace};
use crate::sim::{EventKind, MessageKind};

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

/// The names of all events and decisions.
pub const NAMES: &[&str] = &[
    "acted",
    "chaos-acted",
    "sent",
    "delivered",
    "lost",
    "duplicated",
    "synced",
    "applied",
    "crashed",
    "restarted",
    "paused",
    "resumed",
    "invoked",
    "asked",
    "redirected",
    "timed-out",
    "returned",
    "gave-up",
    "violated",
    "term-adopted",
    "stepped-down",
    "election-started",
    "vote-granted",
    "vote-refused",
    "vote-counted",
    "became-leader",
    "follows-leader",
    "appended",
    "stored",
    "truncated",
    "append-refused",
    "matched",
    "went-back",
    "committed",
    "not-own-term",
    "read-started",
    "read-confirmed",
    "dropped",
    "pre-vote-started",
    "pre-vote-granted",
    "pre-vote-refused",
    "pre-vote-counted",
    "resigned",
    "transfer-started",
    "told-to-lead",
    "transfer-aborted",
    "configuration-adopted",
    "configuration-rolled-back",
    "change-refused",
    "joint-committed",
    "learner-caught-up",
    "leader-removed",
    "snapshot-taken",
    "snapshot-begun",
    "snapshot-resumed",
    "chunk-stored",
    "chunk-missing",
    "snapshot-installed",
    "snapshot-not-needed",
    "lease-read",
    "stale-read",
    "reads-forwarded",
    "read-asked",
    "read-answered",
    "reads-confirmed",
    "cut-off",
    "takes-no-part",
    "disk-filled",
    "disk-freed",
    "disk-replaced",
    "joined",
    "retired",
    "change-abandoned",
    "rejoined",
    "session-expired",
    "stopped",
];

/// How they can be.
pub const HOWS: &[&str] = &[
    // Actions.
    "request",
    "set_load",
    "crash",
    "restart",
    "pause",
    "resume",
    "time_out",
    "partition",
    "heal",
    "cut",
    "restore",
    "set_link",
    "set_network",
    "set_disk",
    "drop",
    "delay",
    "duplicate",
    "deliver_now",
    "set_chaos",
    // Messages.
    "request-vote",
    "request-vote-reply",
    "append-entries",
    "heartbeat",
    "append-entries-reply",
    // Answers of clients' operations.
    "found",
    "done",
    "differs",
    // Roles, reasons and verdicts.
    "leader",
    "candidate",
    "follower",
    "timer",
    "own",
    "other",
    "yes",
    "no",
    "noop",
    "command",
    "lost",
    "refused",
    "old-term",
    "already-voted",
    "log-behind",
    "stranger",
    "not-expected",
    "stale",
    "second-leader",
    "superseded",
    "impossible",
    "transfer_leadership",
    "request-pre-vote",
    "request-pre-vote-reply",
    "timeout-now",
    "told",
    "pre-votes",
    "transfer",
    "hears-leader",
    "lower-priority",
    "joint",
    "simple",
    "compact",
    "install-snapshot",
    "install-snapshot-reply",
    "set_clock",
    "jump_clock",
    "read-index",
    "read-index-reply",
    "disk",
    "disk-full",
    "set_rules",
    "add_server",
    "promote_server",
    "remove_server",
    "change_members",
    "leave_joint",
    "rejoin_server",
    "set_client_network",
    "set_priority",
];

/// What a word was called before: files that say it still read.
const FORMERLY: &[(&str, &str)] = &[
    ("befell", "chaos-acted"),
    ("vote", "request-vote-reply"),
    ("append", "append-entries"),
    ("appended", "append-entries-reply"),
    ("pre-vote", "request-pre-vote-reply"),
    ("snapshot", "install-snapshot"),
    ("chunk-taken", "install-snapshot-reply"),
    ("read-index-answer", "read-index-reply"),
];

/// The same word as one of those known.
pub(super) fn known(
    after: &str,
    word: Option<&str>,
    names: &[&'static str],
) -> Result<&'static str, JsonError> {
    let word = word.unwrap_or_default();
    let find = |word: &str| names.iter().find(|name| **name == word);
    let formerly = || FORMERLY.iter().find(|(old, _)| *old == word);
    find(word)
        .or_else(|| find(formerly()?.1))
        .copied()
        .ok_or_else(|| {
            let (word, after, names) = (quoted(word), quoted(after), names.join(", "));
            JsonError::new(format!(
                "{word} follows {after}; it should be one of {names}"
            ))
        })
}

impl Fact {
    /// What the event says.
    pub fn of(event: &EventKind) -> Fact {
        let fact = |name, how, by, to| Fact { name, how, by, to };
        match event {
            EventKind::Acted(action) => fact("acted", action.name(), None, None),
            EventKind::ChaosActed(action) => fact("chaos-acted", action.name(), None, None),
            EventKind::Traced { node, trace } => decision(*node, trace),
            EventKind::Sent { from, to, kind, .. } => {
                fact("sent", message(kind), Some(*from), Some(*to))
            }
            EventKind::Delivered { from, to, kind, .. } => {
                fact("delivered", message(kind), Some(*from), Some(*to))
            }
            EventKind::Lost { from, to, kind, .. } => {
                fact("lost", message(kind), Some(*from), Some(*to))
            }
            EventKind::Duplicated { .. } => fact("duplicated", "", None, None),
            EventKind::Synced { node, .. } => fact("synced", "", Some(*node), None),
            EventKind::Applied { node, .. } => fact("applied", "", Some(*node), None),
            EventKind::Crashed { node, .. } => fact("crashed", "", Some(*node), None),
            EventKind::Restarted { node, .. } => fact("restarted", "", Some(*node), None),
            EventKind::Paused { node } => fact("paused", "", Some(*node), None),
            EventKind::Resumed { node, .. } => fact("resumed", "", Some(*node), None),
            EventKind::Invoked { .. } => fact("invoked", "", None, None),
            EventKind::Asked { node, .. } => fact("asked", "", None, Some(*node)),
            EventKind::Redirected { node, hint, .. } => fact("redirected", "", Some(*node), *hint),
            EventKind::TimedOut { node, .. } => fact("timed-out", "", None, Some(*node)),
            EventKind::Returned { node, outcome, .. } => {
                fact("returned", answer(outcome), Some(*node), None)
            }
            EventKind::CutOff { node, .. } => fact("cut-off", "", Some(*node), None),
            EventKind::Refused { node, .. } => fact("takes-no-part", "", Some(*node), None),
            EventKind::GaveUp { .. } => fact("gave-up", "", None, None),
            EventKind::Joined { node } => fact("joined", "", Some(*node), None),
            EventKind::Retired { node } => fact("retired", "", Some(*node), None),
            EventKind::ChangeAbandoned => fact("change-abandoned", "", None, None),
            EventKind::SessionExpired { node, .. } => {
                fact("session-expired", "", Some(*node), None)
            }
            EventKind::Rejoined { node, was, .. } => fact("rejoined", "", Some(*node), Some(*was)),
            EventKind::Stopped(_) => fact("stopped", "", None, None),
            EventKind::Violated(violation) => {
                let by = violation.nodes().next();
                fact("violated", "", by, None)
            }
        }
    }
}

fn decision(node: NodeId, trace: &Trace) -> Fact {
    let fact = |name, how, to| Fact {
        name,
        how,
        by: Some(node),
        to,
    };
    let either = |yes, a, b| if yes { a } else { b };
    match trace {
        Trace::TermAdopted { from, .. } => fact("term-adopted", "", Some(*from)),
        Trace::SteppedDown {
            was_leader,
            because_of,
            ..
        } => {
            let how = either(*was_leader, "leader", "candidate");
            fact("stepped-down", how, Some(*because_of))
        }
        Trace::ElectionStarted { why, .. } => fact("election-started", cause(*why), None),
        Trace::VoteGranted { to, .. } => fact(
            "vote-granted",
            either(*to == node, "own", "other"),
            Some(*to),
        ),
        Trace::VoteRefused { to, why, .. } => fact("vote-refused", refusal(why), Some(*to)),
        Trace::VoteCounted { from, granted, .. } => {
            fact("vote-counted", either(*granted, "yes", "no"), Some(*from))
        }
        Trace::BecameLeader { .. } => fact("became-leader", "", None),
        Trace::FollowsLeader { leader, .. } => fact("follows-leader", "", Some(*leader)),
        Trace::Appended { noop, .. } => fact("appended", either(*noop, "noop", "command"), None),
        Trace::Stored { from, .. } => fact("stored", "", Some(*from)),
        Trace::Truncated { leader, .. } => fact("truncated", "", Some(*leader)),
        Trace::AppendRefused { from, .. } => fact("append-refused", "", Some(*from)),
        Trace::Matched { peer, .. } => fact("matched", "", Some(*peer)),
        Trace::WentBack { peer, lost, .. } => {
            fact("went-back", either(*lost, "lost", "refused"), Some(*peer))
        }
        Trace::Committed { as_leader, .. } => {
            fact("committed", either(*as_leader, "leader", "follower"), None)
        }
        Trace::NotOwnTerm { .. } => fact("not-own-term", "", None),
        Trace::ReadStarted { .. } => fact("read-started", "", None),
        Trace::ReadConfirmed { .. } => fact("read-confirmed", "", None),
        Trace::Dropped { from, why, .. } => fact("dropped", odd(*why), Some(*from)),
        Trace::PreVoteStarted { why, .. } => fact("pre-vote-started", cause(*why), None),
        Trace::PreVoteGranted { to, .. } => fact("pre-vote-granted", "", Some(*to)),
        Trace::PreVoteRefused { to, why, .. } => fact("pre-vote-refused", refusal(why), Some(*to)),
        Trace::PreVoteCounted { from, granted, .. } => fact(
            "pre-vote-counted",
            either(*granted, "yes", "no"),
            Some(*from),
        ),
        Trace::Resigned { .. } => fact("resigned", "", None),
        Trace::TransferStarted { to, .. } => fact("transfer-started", "", Some(*to)),
        Trace::ToldToLead { to, .. } => fact("told-to-lead", "", Some(*to)),
        Trace::TransferAborted { to, .. } => fact("transfer-aborted", "", Some(*to)),
        Trace::ConfigurationAdopted { outgoing, .. } => fact(
            "configuration-adopted",
            either(*outgoing > 0, "joint", "simple"),
            None,
        ),
        Trace::ConfigurationRolledBack { .. } => fact("configuration-rolled-back", "", None),
        Trace::ChangeRefused { .. } => fact("change-refused", "", None),
        Trace::JointCommitted { .. } => fact("joint-committed", "", None),
        Trace::LearnerCaughtUp { peer, .. } => fact("learner-caught-up", "", Some(*peer)),
        Trace::LeaderRemoved { .. } => fact("leader-removed", "", None),
        Trace::DiskFilled { .. } => fact("disk-filled", "", None),
        Trace::DiskFreed { .. } => fact("disk-freed", "", None),
        Trace::DiskReplaced { peer, .. } => fact("disk-replaced", "", Some(*peer)),
        Trace::SnapshotTaken { .. } => fact("snapshot-taken", "", None),
        Trace::SnapshotBegun { peer, .. } => fact("snapshot-begun", "", Some(*peer)),
        Trace::SnapshotResumed { peer, .. } => fact("snapshot-resumed", "", Some(*peer)),
        Trace::ChunkStored { from, .. } => fact("chunk-stored", "", Some(*from)),
        Trace::ChunkMissing { from, .. } => fact("chunk-missing", "", Some(*from)),
        Trace::SnapshotInstalled { from, .. } => fact("snapshot-installed", "", Some(*from)),
        Trace::LeaseRead { .. } => fact("lease-read", "", None),
        Trace::StaleRead { .. } => fact("stale-read", "", None),
        Trace::ReadsForwarded { leader, .. } => fact("reads-forwarded", "", Some(*leader)),
        Trace::ReadAsked { follower, .. } => fact("read-asked", "", Some(*follower)),
        Trace::ReadAnswered { follower, .. } => fact("read-answered", "", Some(*follower)),
        Trace::ReadsConfirmed { leader, .. } => fact("reads-confirmed", "", Some(*leader)),
        Trace::SnapshotNotNeeded { from, .. } => fact("snapshot-not-needed", "", Some(*from)),
    }
}

/// What a message is.
pub(super) const fn message(kind: &MessageKind) -> &'static str {
    match kind {
        MessageKind::RequestVote { .. } => "request-vote",
        MessageKind::RequestVoteReply { .. } => "request-vote-reply",
        MessageKind::AppendEntries { .. } => "append-entries",
        MessageKind::Heartbeat { .. } => "heartbeat",
        MessageKind::AppendEntriesReply { .. } => "append-entries-reply",
        MessageKind::RequestPreVote { .. } => "request-pre-vote",
        MessageKind::RequestPreVoteReply { .. } => "request-pre-vote-reply",
        MessageKind::TimeoutNow { .. } => "timeout-now",
        MessageKind::ReadIndex { .. } => "read-index",
        MessageKind::ReadIndexReply { .. } => "read-index-reply",
        MessageKind::InstallSnapshot { .. } => "install-snapshot",
        MessageKind::InstallSnapshotReply { .. } => "install-snapshot-reply",
    }
}

const fn answer(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Found { .. } => "found",
        Outcome::Done => "done",
        Outcome::Differs { .. } => "differs",
    }
}

const fn refusal(why: &Refusal) -> &'static str {
    match why {
        Refusal::OldTerm { .. } => "old-term",
        Refusal::AlreadyVoted { .. } => "already-voted",
        Refusal::LogBehind { .. } => "log-behind",
        Refusal::HearsLeader { .. } => "hears-leader",
        Refusal::LowerPriority { .. } => "lower-priority",
    }
}

const fn cause(why: CampaignReason) -> &'static str {
    match why {
        CampaignReason::TimedOut => "timer",
        CampaignReason::Told => "told",
        CampaignReason::PreVotes => "pre-votes",
        CampaignReason::Transfer { .. } => "transfer",
    }
}

const fn odd(why: DropReason) -> &'static str {
    match why {
        DropReason::OldTerm => "old-term",
        DropReason::Stranger => "stranger",
        DropReason::NotExpected => "not-expected",
        DropReason::Stale => "stale",
        DropReason::SecondLeader => "second-leader",
        DropReason::Superseded => "superseded",
        DropReason::Impossible => "impossible",
        DropReason::DiskFull => "disk-full",
    }
}
