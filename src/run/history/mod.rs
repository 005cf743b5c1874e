//! The history of a run: everything that is remembered of it, and the way back to any instant.
//!
//! A run is its settings, its seed and a *journal* of actions, each at (time, events processed).
//! Going back is restoring a *checkpoint* and replaying the journal from there; the same inputs
//! give the same run, so what was remembered of it stays true. Acting in the past leaves the
//! *branch* that was there as it was and begins a new one.
//!
//! A history looks at nothing. Whoever looks is a [`Playhead`], and there may be several, each at an
//! instant of its own; what one of them sees for the first time is remembered for all. Details that
//! were too many to be remembered come back by replay: a [`Window`] holds every event of a span, and
//! [`History::why`] walks from an event to what led to it.
//!
//! What a history takes of memory is bounded: events and marks, checkpoints (old ones thin out) and
//! branches (the oldest that nobody looks at goes).

mod branch;
mod checkpoints;
mod cursor;
mod retained;
mod window;

pub(super) use branch::name;
pub use branch::{Branch, Leadership, Tick};
pub(super) use checkpoints::Checkpoint;
pub(super) use cursor::{Apply, Cursor};
pub(super) use retained::LatestServers;
pub use retained::{Majority, RetainedEvent, ServerThen, Weight, holders};
pub use window::{MAX_WINDOW, Window, WindowError};

use super::playhead::Playhead;
use crate::base::Time;
use crate::sim::{Action, Event, Reserve, Settings, SettingsError, Simulation};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;

/// The most branches kept; the oldest that nobody looks at goes first.
const MAX_BRANCHES: usize = 32;

/// An action and when it was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct JournalEntry {
    /// When.
    pub at: Time,
    /// Events of the queue processed before it: exact between simultaneous ones.
    pub processed: u64,
    /// What.
    pub action: Action,
}

/// A branch's number, unique in a history.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchId(pub u32);

/// A point of a run: within the same time, by what has been processed and done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Instant {
    pub at: Time,
    pub processed: u64,
    pub actions: usize,
}

/// What somebody waits for in a run, one thing after the other.
pub trait Milestones: fmt::Debug {
    /// Whether milestone `number`, from 0, is reached with `event`, which has just happened. Those
    /// before it are.
    fn is_reached(&self, number: usize, simulation: &Simulation, event: &Event) -> bool;
}

/// The history of a run. A clone is another handle to the same one.
#[derive(Clone)]
pub struct History(Rc<RefCell<Memory>>);

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branches = self.0.try_borrow().map_or(0, |it| it.branches.len());
        write!(f, "History({branches} branches)")
    }
}

/// What a history remembers.
#[derive(Debug)]
pub(super) struct Memory {
    /// What is ticked off as it happens.
    pub milestones: Option<Rc<dyn Milestones>>,
    pub reserve: Option<Reserve>,
    /// Known from the first action on, a person's or a script's: until then nothing has to be done
    /// again, and a program that gets its code by and by needs that of actions only with the first.
    pub apply: Option<Apply>,
    /// Oldest first; never empty.
    pub branches: Vec<Branch>,
    next_branch: u32,
    /// Branches that made room for others.
    gone: u32,
    /// How often something was taken back: a playhead that was there has to go elsewhere.
    pub revision: u64,
    /// The branches that playheads look at.
    looked_at: Vec<Rc<Cell<BranchId>>>,
}

impl History {
    /// The history of a run that begins.
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn new(settings: Settings, seed: u64) -> Result<History, SettingsError> {
        Ok(History::of(Simulation::new(settings, seed)?))
    }

    /// The history of a run that stands at its start. Where it has no reserve, it stands still when it needs
    /// that, until [`Playhead::set_reserve`].
    pub fn of(start: Simulation) -> History {
        History(Rc::new(RefCell::new(Memory {
            milestones: None,
            reserve: start.reserve(),
            apply: None,
            branches: vec![Branch::new(start)],
            next_branch: 1,
            gone: 0,
            revision: 0,
            looked_at: Vec::new(),
        })))
    }

    /// What is remembered. Out of line, as its counterpart is: everybody asks.
    #[inline(never)]
    pub(super) fn memory(&self) -> Ref<'_, Memory> {
        self.0.borrow()
    }

    #[inline(never)]
    pub(super) fn memory_mut(&self) -> RefMut<'_, Memory> {
        self.0.borrow_mut()
    }

    /// A playhead at the start of the oldest branch.
    pub fn playhead(&self) -> Playhead {
        Playhead::at_start(self.clone())
    }

    /// What the run is made of, at its start.
    pub fn settings(&self) -> Settings {
        self.memory().start().settings().clone()
    }

    /// What it was started from.
    pub fn seed(&self) -> u64 {
        self.memory().start().seed()
    }

    /// All branches, oldest first. While anybody reads them, no playhead may move.
    pub fn branches(&self) -> Ref<'_, [Branch]> {
        Ref::map(self.memory(), |memory| &memory.branches[..])
    }

    /// The branch of that number, if it is still there. While anybody reads it, no playhead may move.
    pub fn branch(&self, id: BranchId) -> Option<Ref<'_, Branch>> {
        Ref::filter_map(self.memory(), |memory| memory.find(id)).ok()
    }

    /// How many branches have made room for newer ones.
    pub fn branches_gone(&self) -> u32 {
        self.memory().gone
    }
}

impl Memory {
    /// Something is about to be done to the run.
    pub fn acts(&mut self) {
        self.apply = Some(Simulation::apply);
    }

    fn start(&self) -> Rc<Simulation> {
        let first = self.branches[0].checkpoints.before(&|_| true);
        first.simulation.clone()
    }

    fn find(&self, id: BranchId) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.id == id)
    }

    /// Whether there is such a branch.
    pub fn has(&self, id: BranchId) -> bool {
        self.find(id).is_some()
    }

    /// The branch that a playhead looks at.
    pub fn branch(&self, id: BranchId) -> &Branch {
        self.find(id)
            .expect("a branch stays while a playhead looks at it")
    }

    /// The branch that a playhead looks at, to be changed.
    pub fn branch_mut(&mut self, id: BranchId) -> &mut Branch {
        let branch = self.branches.iter_mut().find(|branch| branch.id == id);
        branch.expect("a branch stays while a playhead looks at it")
    }

    /// From now on, that branch is looked at.
    pub fn look_at(&mut self, branch: BranchId) -> Rc<Cell<BranchId>> {
        let looked_at = Rc::new(Cell::new(branch));
        self.looked_at.retain(|it| Rc::strong_count(it) > 1);
        self.looked_at.push(looked_at.clone());
        looked_at
    }

    fn is_looked_at(&self, id: BranchId) -> bool {
        // The playheads that are gone have left only ours.
        let is_there = |it: &Rc<Cell<BranchId>>| Rc::strong_count(it) > 1;
        self.looked_at
            .iter()
            .any(|it| it.get() == id && is_there(it))
    }

    /// Begins a branch that leaves another one here, by when `emitted` events had happened.
    pub fn fork(&mut self, from: BranchId, here: Instant, emitted: u64, name: String) -> BranchId {
        let id = BranchId(self.next_branch);
        let mut branch = Branch {
            id,
            name,
            parent: Some(from),
            forked_at: here.at,
            shared: here.actions,
            ..self.branch(from).clone()
        };
        branch.truncate(here, emitted);
        self.next_branch += 1;
        if self.branches.len() >= MAX_BRANCHES {
            let ids = self.branches.iter().map(|branch| branch.id);
            let oldest = ids.clone().find(|&id| !self.is_looked_at(id));
            if let Some(oldest) = oldest {
                self.remove(oldest);
                self.gone += 1;
            }
        }
        self.branches.push(branch);
        id
    }

    /// Thins out what is remembered of the branches that nobody looks at.
    pub fn park(&mut self) {
        let budget = checkpoints::PARKED / self.branches.len() as u64;
        for at in 0..self.branches.len() {
            if !self.is_looked_at(self.branches[at].id) {
                self.branches[at].park(budget);
            }
        }
    }

    /// Forgets everything on a branch after `end`, by when `emitted` events had happened.
    pub fn take_back(&mut self, id: BranchId, end: Instant, emitted: u64) {
        self.branch_mut(id).truncate(end, emitted);
        self.revision += 1;
    }

    /// Removes a branch; those that left it now hang on its parent, and whoever looks at it looks
    /// at that.
    pub fn remove(&mut self, id: BranchId) {
        let Some(at) = self.branches.iter().position(|branch| branch.id == id) else {
            return;
        };
        let removed = self.branches.remove(at);
        self.revision += 1;
        for branch in &mut self.branches {
            if branch.parent == Some(id) {
                branch.parent = removed.parent;
            }
        }
        let others = removed.parent.unwrap_or(self.branches[0].id);
        for looked_at in &self.looked_at {
            if looked_at.get() == id {
                looked_at.set(others);
            }
        }
    }
}
