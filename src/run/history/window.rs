//! Details by replay: every event of a span, and the way from an event to what led to it.
//!
//! A history keeps the events that tell the story, and forgets the oldest. All others are what a
//! replay from the nearest checkpoint finds again: the same run has the same events.

use super::branch::Branch;
use super::retained::{LatestServers, RECENT};
use super::{BranchId, Checkpoint, Cursor, History, Memory, RetainedEvent, Weight};
use crate::base::Time;
use crate::sim::{Event, Simulation};
use std::collections::VecDeque;
use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// The most events of a window.
pub const MAX_WINDOW: usize = 1 << 16;

/// A span of a branch, with its events.
#[derive(Clone, Debug)]
pub struct Window {
    /// When it ends: no later than the branch.
    pub until: Time,
    /// Its events, in order.
    pub events: Vec<Rc<RetainedEvent>>,
    /// The hash of all events of the run up to its end.
    pub hash: u64,
}

/// Why there is no such window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WindowError {
    /// There is no branch of that number, or none any more.
    NoBranch(BranchId),
    /// The span ends before it begins.
    Backwards {
        /// Its beginning.
        from: Time,
        /// Its end.
        to: Time,
    },
    /// The span has more than [`MAX_WINDOW`] events.
    TooMany {
        /// When the last event happens that there is room for.
        fits_until: Time,
    },
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WindowError::NoBranch(BranchId(number)) => {
                write!(f, "branch: there is no branch {number}")
            }
            WindowError::Backwards { from, to } => {
                write!(f, "span: it ends at {to}, before it begins at {from}")
            }
            WindowError::TooMany { fits_until } => write!(
                f,
                "span: it has more than {MAX_WINDOW} events; up to {fits_until} they would fit"
            ),
        }
    }
}

impl std::error::Error for WindowError {}

impl History {
    /// Every event of that span of a branch, both ends included, that weighs at least `detail`:
    /// with [`Weight::Quiet`], really every one. The span is cut at the newest instant of the
    /// branch. No playhead moves.
    ///
    /// # Errors
    /// There is no such branch, the span ends before it begins, or it has too many events.
    pub fn window(
        &self,
        branch: BranchId,
        span: RangeInclusive<Time>,
        detail: Weight,
    ) -> Result<Window, WindowError> {
        let (&from, &to) = (span.start(), span.end());
        if from > to {
            return Err(WindowError::Backwards { from, to });
        }
        let memory = self.memory();
        let known = memory.find(branch).ok_or(WindowError::NoBranch(branch))?;
        let mut replay = Replay::new(&memory, known, &|checkpoint| checkpoint.instant.at >= from);
        let mut events: Vec<Rc<RetainedEvent>> = Vec::new();
        let mut is_full = false;
        while !is_full && replay.step(to) {
            for retained in replay.happened.drain(..) {
                let Event { at, ref kind, .. } = retained.event;
                let is_wanted = at >= from && Weight::of(kind) >= detail;
                is_full |= is_wanted && events.len() == MAX_WINDOW;
                if is_wanted && !is_full {
                    events.push(retained);
                }
            }
        }
        if is_full {
            let fits_until = events.last().map_or(from, |last| last.event.at);
            return Err(WindowError::TooMany { fits_until });
        }
        Ok(Window {
            until: to.min(known.end()),
            events,
            hash: replay.cursor.simulation.hash(),
        })
    }

    /// The event of that number and what led to it, one after the other: the newest first, and last
    /// what nothing led to. `None` if the branch isn't there, or has had no such event.
    pub fn why(&self, branch: BranchId, seq: u64) -> Option<Vec<Rc<RetainedEvent>>> {
        let memory = self.memory();
        let branch = memory.find(branch).filter(|branch| seq < branch.seen)?;
        let mut walk = Vec::new();
        let mut wanted = Some(seq);
        while let Some(seq) = wanted {
            let stretch = stretch(&memory, branch, seq);
            let first = stretch.front().map(|retained| retained.event.seq)?;
            while let Some(at) = wanted.and_then(|seq| seq.checked_sub(first)) {
                let retained = stretch.get(at as usize)?;
                wanted = retained.event.cause;
                walk.push(retained.clone());
            }
        }
        Some(walk)
    }
}

/// All events from the nearest checkpoint on up to the one of that number; the last ones, if they
/// are too many.
fn stretch(memory: &Memory, branch: &Branch, seq: u64) -> VecDeque<Rc<RetainedEvent>> {
    let mut replay = Replay::new(memory, branch, &|checkpoint| checkpoint.emitted > seq);
    let mut stretch = VecDeque::new();
    while replay.cursor.simulation.events_emitted() <= seq && replay.step(Time::NEVER) {
        for retained in replay.happened.drain(..) {
            if stretch.len() == MAX_WINDOW && retained.event.seq <= seq {
                stretch.pop_front();
            }
            stretch.push_back(retained);
        }
    }
    stretch
}

/// What is known of a branch happens once more, with every event.
struct Replay<'a> {
    branch: &'a Branch,
    cursor: Cursor,
    servers: LatestServers,
    /// The last events that a history retains.
    before: VecDeque<Rc<RetainedEvent>>,
    buffer: Vec<Event>,
    /// What came of the last step.
    happened: Vec<Rc<RetainedEvent>>,
}

impl Replay<'_> {
    /// From the newest checkpoint on that isn't too late.
    fn new<'a>(
        memory: &Memory,
        branch: &'a Branch,
        too_late: &dyn Fn(&Checkpoint) -> bool,
    ) -> Replay<'a> {
        let from = branch.checkpoints.before(too_late);
        let cursor = from.cursor(memory.reserve);
        let retained = &branch.retained_events;
        let known = retained.partition_point(|retained| retained.event.seq < from.emitted);
        let recent = retained.range(known.saturating_sub(RECENT)..known);
        let mut replay = Replay {
            branch,
            cursor,
            servers: LatestServers::default(),
            before: recent.cloned().collect(),
            buffer: Vec::new(),
            happened: Vec::new(),
        };
        replay.cursor.simulation.keep_events(true);
        replay
    }

    /// Does what came next, if that was by `until`. Whether anything did.
    fn step(&mut self, until: Time) -> bool {
        let known = self.cursor.is_behind(self.branch.end);
        if !known
            || !self
                .cursor
                .step(&self.branch.journal, Some(Simulation::apply), until)
        {
            return false;
        }
        self.cursor.simulation.take_events(&mut self.buffer);
        for event in self.buffer.drain(..) {
            let simulation = &self.cursor.simulation;
            let retained = RetainedEvent::new(event, simulation, &mut self.servers, &self.before);
            let retained = Rc::new(retained);
            if Weight::of(&retained.event.kind) > Weight::Quiet {
                if self.before.len() == RECENT {
                    self.before.pop_front();
                }
                self.before.push_back(retained.clone());
            }
            self.happened.push(retained);
        }
        true
    }
}
