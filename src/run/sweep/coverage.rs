//! What happened in the runs of a sweep: a storm in which nothing happens proves nothing.

use crate::kv::Task;
use crate::kv::planner::{Step, Verdict};
use crate::raft::Trace;
use crate::sim::{Action, DiskFault, Event, EventKind};
use std::collections::BTreeMap;

/// How often each kind of thing happened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    counts: BTreeMap<&'static str, u64>,
}

impl Coverage {
    /// Counts an event, if it is of a kind that tells something.
    pub fn count(&mut self, event: &Event) {
        if let Some(name) = name(&event.kind) {
            self.add(name, 1);
        }
    }

    fn add(&mut self, name: &'static str, count: u64) {
        *self.counts.entry(name).or_default() += count;
    }

    /// Adds what happened in another run.
    pub fn merge(&mut self, other: &Coverage) {
        for (name, count) in other.counts() {
            self.add(name, count);
        }
    }

    /// The names, in order, and how often each happened; never 0.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().map(|(&name, &count)| (name, count))
    }

    /// How often that happened.
    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

/// The name under which an event is counted.
fn name(kind: &EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Traced { trace, .. } => match trace {
            Trace::ElectionStarted { .. } => "elections",
            Trace::BecameLeader { .. } => "leaders",
            Trace::SteppedDown {
                was_leader: true, ..
            } => "leaders deposed",
            Trace::Truncated { .. } => "truncations",
            Trace::AppendRefused { .. } => "appends refused",
            Trace::NotOwnTerm { .. } => "commits put off (5.4.2)",
            Trace::ReadConfirmed { .. } => "reads confirmed",
            Trace::PreVoteStarted { .. } => "pre-votes",
            Trace::Resigned { .. } => "leaders resigned (CheckQuorum)",
            Trace::ToldToLead { .. } => "leaderships handed over",
            Trace::ConfigurationAdopted { .. } => "configurations adopted",
            Trace::ConfigurationRolledBack { .. } => "configurations rolled back",
            Trace::JointCommitted { .. } => "joint configurations committed",
            Trace::LeaderRemoved { .. } => "leaders removed",
            Trace::LeaseRead { .. } => "lease reads",
            Trace::ReadsForwarded { .. } => "reads forwarded",
            Trace::SnapshotTaken { .. } => "snapshots taken",
            Trace::SnapshotBegun { .. } => "snapshots sent",
            Trace::SnapshotResumed { .. } => "snapshots resumed",
            Trace::SnapshotInstalled { .. } => "snapshots installed",
            Trace::LearnerCaughtUp { .. } => "learners caught up",
            _ => return None,
        },
        EventKind::Began { task, .. } => match task {
            Task::Split { .. } => "splits begun",
            Task::Merge { .. } => "merges begun",
            Task::Step(Step::Add { .. }) => "replicas added",
            Task::Step(Step::Remove { .. }) => "replicas removed",
            Task::Step(Step::Move { .. }) => "replicas moved",
            Task::Step(Step::Lead { .. }) => "leaders moved",
        },
        EventKind::Ended { .. } => "shard operations over",
        EventKind::Born { parent, .. } => match parent {
            Some(_) => "replicas born by a split",
            None => "replicas born by a snapshot",
        },
        EventKind::Buried { .. } => "replicas buried",
        EventKind::Frozen { .. } => "replicas frozen",
        EventKind::Absorbed { .. } => "replicas that absorbed another",
        EventKind::Thawed { .. } => "replicas thawed",
        EventKind::Judged {
            verdict: Verdict::Dead,
            ..
        } => "nodes called dead",
        EventKind::Joined { .. } => "servers added",
        EventKind::Retired { .. } => "servers switched off for good",
        EventKind::CutOff { .. } => "torn records cut off",
        EventKind::Refused { .. } => "servers that take no part",
        EventKind::ChaosActed(action) => fault(action)?,
        EventKind::Lost { .. } => "messages lost",
        EventKind::Duplicated { .. } => "messages doubled",
        EventKind::Crashed {
            lost_from: Some(_), ..
        } => "unsynced writes lost",
        EventKind::Returned { .. } => "operations answered",
        EventKind::GaveUp { .. } => "operations given up",
        EventKind::SessionExpired { .. } => "sessions expired",
        EventKind::Asked { attempt, .. } if *attempt > 1 => "retries",
        _ => return None,
    })
}

/// The name of what chaos did, as an action is called in a journal; none for what only ends a
/// fault.
fn fault(action: &Action) -> Option<&'static str> {
    match action {
        Action::Restart { .. } | Action::Resume { .. } | Action::Heal | Action::Restore { .. } => {
            None
        }
        Action::Disk { fault, .. } => match fault {
            DiskFault::Tear => Some("disk torn"),
            DiskFault::Corrupt => Some("disk corrupt"),
            DiskFault::Fill => Some("disk full"),
            DiskFault::Free => None,
            DiskFault::Wipe => Some("disk wiped"),
        },
        _ => Some(action.name()),
    }
}
