//! One way that the run went: its journal, and what is remembered of it.

use super::checkpoints::Checkpoints;
use super::retained::{RetainedEvent, Weight};
use super::{BranchId, Instant, JournalEntry};
use crate::base::{NodeId, Time};
use crate::raft::{Term, Trace};
use crate::sim::{Action, Event, EventKind, Simulation};
use std::collections::VecDeque;
use std::rc::Rc;

/// Retained events of a branch: about two simulated minutes under a light load.
const MAX_EVENTS: usize = 1 << 16;

/// About how many bytes of memory the retained events of a branch may take: values and long
/// lists of servers make them heavy.
const MAX_EVENT_BYTES: u64 = 48 << 20;

/// Retained events of a branch that was left.
const PARKED_EVENTS: usize = 1 << 13;

/// Marks of the story (elections, faults) that are kept.
const MAX_STORY: usize = 1 << 13;

/// A retained event of more bytes isn't kept for its mark alone.
const HEAVY: u32 = 4_096;

/// Marks of the traffic (requests, answers, commits) that are kept: they come by the thousand.
const MAX_TRAFFIC: usize = 1 << 11;

/// A branch of a history.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its number.
    pub id: BranchId,
    /// The action that began it; `main` for the first.
    pub name: String,
    /// The branch that it left, if that is still there.
    pub parent: Option<BranchId>,
    /// When it left it.
    pub forked_at: Time,
    /// Actions that it shares with the branch that it left.
    pub(in crate::run) shared: usize,
    /// The newest instant that was reached.
    pub(in crate::run) end: Instant,
    /// How many events have been seen on it: the next one's number.
    pub(in crate::run) seen: u64,
    pub(in crate::run) journal: Vec<JournalEntry>,
    pub(in crate::run) retained_events: VecDeque<Rc<RetainedEvent>>,
    /// About how many bytes each retained event takes.
    pub(super) sizes: VecDeque<u32>,
    /// What all of them take.
    pub(super) bytes: u64,
    /// When the last retained event happened that had to go.
    pub(in crate::run) forgotten: Option<Time>,
    pub(super) story: Vec<Rc<RetainedEvent>>,
    pub(super) traffic: VecDeque<Rc<RetainedEvent>>,
    pub(in crate::run) leaderships: Vec<Leadership>,
    pub(in crate::run) ticks: Vec<Tick>,
    pub(in crate::run) checkpoints: Checkpoints,
}

/// A milestone that was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tick {
    /// The event that did it.
    pub seq: u64,
    /// When.
    pub at: Time,
}

/// The time for which a server led a term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leadership {
    /// The leader.
    pub leader: NodeId,
    /// Its term.
    pub term: Term,
    /// Since when.
    pub from: Time,
    /// Until it stepped down or crashed; `None` while it leads.
    pub to: Option<Time>,
}

impl Branch {
    pub(super) fn new(start: Simulation) -> Branch {
        Branch {
            id: BranchId(0),
            name: "main".into(),
            parent: None,
            forked_at: Time::ZERO,
            shared: 0,
            end: Instant::default(),
            seen: start.events_emitted(),
            journal: Vec::new(),
            retained_events: VecDeque::new(),
            sizes: VecDeque::new(),
            bytes: 0,
            forgotten: None,
            story: Vec::new(),
            traffic: VecDeque::new(),
            leaderships: Vec::new(),
            ticks: Vec::new(),
            checkpoints: Checkpoints::new(start),
        }
    }

    /// The newest instant that was reached.
    pub fn end(&self) -> Time {
        self.end.at
    }

    /// What was done, in order.
    pub fn journal(&self) -> &[JournalEntry] {
        &self.journal
    }

    /// The milestones that were reached, in order.
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// The next of the retained events worth a mark, oldest first, after so many of the story and
    /// so many of the traffic.
    pub(in crate::run) fn next_mark(
        &self,
        (story, traffic): &mut (usize, usize),
    ) -> Option<Rc<RetainedEvent>> {
        let (next, other) = (self.story.get(*story), self.traffic.get(*traffic));
        let is_story = match (next, other) {
            (Some(a), Some(b)) => a.event.seq < b.event.seq,
            (next, _) => next.is_some(),
        };
        let (place, mark) = match is_story {
            true => (story, next),
            false => (traffic, other),
        };
        *place += 1;
        mark.cloned()
    }

    /// Remembers an event that was seen for the first time.
    pub(in crate::run) fn remember(&mut self, retained: RetainedEvent) {
        note_leadership(&mut self.leaderships, &retained.event);
        let weight = Weight::of(&retained.event.kind);
        let bytes = retained.bytes();
        let retained = Rc::new(retained);
        if weight == Weight::Mark {
            if is_traffic(&retained.event.kind) {
                bounded(&mut self.traffic, retained.clone(), MAX_TRAFFIC);
            } else {
                self.story.push(retained.clone());
                if self.story.len() > MAX_STORY {
                    self.story.drain(..MAX_STORY / 2);
                }
                if self.leaderships.len() > MAX_STORY {
                    self.leaderships.drain(..MAX_STORY / 2);
                }
            }
        }
        self.retained_events.push_back(retained);
        self.sizes.push_back(bytes);
        self.bytes += u64::from(bytes);
        while self.retained_events.len() > MAX_EVENTS || self.bytes > MAX_EVENT_BYTES {
            self.forget_first();
        }
    }

    /// Forgets the oldest retained event, and the marks of the traffic before it.
    fn forget_first(&mut self) {
        let (first, bytes) = (self.retained_events.pop_front(), self.sizes.pop_front());
        self.bytes -= u64::from(bytes.unwrap_or(0));
        if let Some(first) = first {
            let event = &first.event;
            self.forgotten = Some(event.at);
            if bytes.is_some_and(|bytes| bytes > HEAVY) {
                let gone = |mark: &Rc<RetainedEvent>| mark.event.seq <= event.seq;
                let gone = self.traffic.partition_point(gone);
                self.traffic.drain(..gone);
            }
        }
    }

    /// Nobody looks at the branch for a while: less of it will do.
    pub(super) fn park(&mut self, budget: u64) {
        self.checkpoints.park(budget);
        while self.retained_events.len() > PARKED_EVENTS {
            self.forget_first();
        }
    }

    /// Forgets everything after `end`, by when `emitted` events had happened.
    pub(super) fn truncate(&mut self, end: Instant, emitted: u64) {
        self.end = end;
        self.seen = emitted;
        self.journal.truncate(end.actions);
        let keep = |retained: &Rc<RetainedEvent>| retained.event.seq < emitted;
        self.retained_events
            .truncate(self.retained_events.partition_point(keep));
        self.sizes.truncate(self.retained_events.len());
        self.bytes = self.sizes.iter().map(|&size| u64::from(size)).sum();
        self.traffic.truncate(self.traffic.partition_point(keep));
        self.story.truncate(self.story.partition_point(keep));
        self.ticks.retain(|tick| tick.seq < emitted);
        self.checkpoints.truncate(end);
        self.leaderships.clear();
        for retained in &self.story {
            note_leadership(&mut self.leaderships, &retained.event);
        }
    }
}

fn bounded(
    retained_events: &mut VecDeque<Rc<RetainedEvent>>,
    retained: Rc<RetainedEvent>,
    max: usize,
) {
    if retained_events.len() >= max {
        retained_events.pop_front();
    }
    retained_events.push_back(retained);
}

fn is_traffic(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::Asked { .. }
            | EventKind::Returned { .. }
            | EventKind::GaveUp { .. }
            | EventKind::Traced {
                trace: Trace::Committed { .. },
                ..
            }
    )
}

fn note_leadership(leaderships: &mut Vec<Leadership>, event: &Event) {
    let (node, began) = match event.kind {
        EventKind::Traced { node, trace, .. } => match trace {
            Trace::BecameLeader { term, .. } => (node, Some(term)),
            Trace::SteppedDown {
                was_leader: true, ..
            }
            | Trace::Resigned { .. }
            | Trace::LeaderRemoved { .. } => (node, None),
            _ => return,
        },
        EventKind::Crashed { node, .. } => (node, None),
        _ => return,
    };
    let open = leaderships.iter_mut().rev();
    if let Some(leadership) = open
        .take(64)
        .find(|leadership| leadership.leader == node && leadership.to.is_none())
    {
        leadership.to = Some(event.at);
    }
    if let Some(term) = began {
        leaderships.push(Leadership {
            leader: node,
            term,
            from: event.at,
            to: None,
        });
    }
}

/// The name of the branch that an action begins.
pub(in crate::run) fn name(action: &Action) -> String {
    let operation = |operation: &crate::kv::Operation| {
        use crate::kv::Operation::{Append, Cas, Delete, Get, Put};
        let what = match operation {
            Get { .. } => "get",
            Put { .. } => "put",
            Append { .. } => "append",
            Delete { .. } => "delete",
            Cas { .. } => "compare and swap",
        };
        let key: String = operation.key().chars().take(12).collect();
        format!("{what} {key}")
    };
    match action {
        Action::Request {
            operation: op, to, ..
        } => match to {
            Some(node) => format!("{} via {node}", operation(op)),
            None => operation(op),
        },
        Action::SetLoad { per_second } => format!("load {per_second}/s"),
        Action::Crash { node } => format!("crash {node}"),
        Action::Restart { node } => format!("restart {node}"),
        Action::Pause { node } => format!("pause {node}"),
        Action::Resume { node } => format!("resume {node}"),
        Action::TimeOut { node, .. } => format!("time out {node}"),
        Action::SetClock { node, .. } => format!("clock of {node}"),
        Action::JumpClock { node, .. } => format!("clock of {node} jumps"),
        Action::TransferLeadership { from, to, .. } => format!("{from} hands over to {to}"),
        Action::Partition { groups } => {
            let sizes: Vec<_> = groups.iter().map(|group| group.len().to_string()).collect();
            format!("partition {}", sizes.join(" | "))
        }
        Action::Heal => "heal".into(),
        Action::Cut { from, to } => format!("cut {from} → {to}"),
        Action::Restore { from, to } => format!("restore {from} → {to}"),
        Action::SetLink { from, to, .. } => format!("link {from} → {to}"),
        Action::SetNetwork { .. } => "network".into(),
        Action::SetDisk { node, .. } => format!("disk of {node}"),
        Action::Drop { .. } => "drop a message".into(),
        Action::Delay { .. } => "delay a message".into(),
        Action::Duplicate { .. } => "duplicate a message".into(),
        Action::DeliverNow { .. } => "deliver a message now".into(),
        Action::SetChaos { .. } => "chaos".into(),
        Action::Disk { node, fault } => format!("{} the disk of {node}", fault.name()),
        Action::SetRules { .. } => "rules".into(),
        Action::Compact { node, .. } => format!("snapshot of {node}"),
        Action::AddServer => "add a server".into(),
        Action::PromoteServer { node } => format!("{node} votes"),
        Action::RemoveServer { node } => format!("remove {node}"),
        Action::ChangeMembers { voters, .. } => format!("{} other voters", voters.len()),
        Action::LeaveJoint => "leave the joint configuration".into(),
        Action::RejoinServer { node } => format!("{node} rejoins"),
        Action::SetClientNetwork { .. } => "clients' network".into(),
        Action::SetPriority { node, .. } => format!("priority of {node}"),
    }
}
