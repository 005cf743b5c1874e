//! The timeline: the owner of the only simulation, and the way to any instant of its run.
//!
//! A run is its settings, its seed and a *journal* of actions, each at (time, events processed).
//! Going back is restoring a *checkpoint* and replaying the journal from there; the same inputs
//! give the same run, so what was remembered of it stays true. Acting in the past leaves the
//! *branch* that was there as it was and begins a new one.
//!
//! Instants are exact also between simultaneous events. A clock that decides how long to go on
//! belongs to the caller: [`Timeline::advance`] asks it from time to time.

mod branch;
mod checkpoints;
mod retained;
mod script;
mod travel;

pub use branch::{Branch, Leadership, Milestones, Tick};
pub use retained::{Majority, RetainedEvent, ServerThen, Weight};

use super::recording::MAX_ACTIONS;
use crate::base::Time;
use crate::sim::{Action, ActionError, Event, Reserve, Settings, SettingsError, Simulation};
use retained::LatestServers;
use script::{Apply, Script};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Steps between two questions to the caller whether to go on.
const PATIENCE: u32 = 32;

/// The most steps at one instant that are not interrupted.
const MAX_STEPS: u32 = 1 << 12;

/// The most branches kept; the oldest that isn't the current one goes first.
const MAX_BRANCHES: usize = 32;

/// An action and when it was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JournalEntry {
    /// When.
    pub at: Time,
    /// Events of the queue processed before it: exact between simultaneous ones.
    pub processed: u64,
    /// What.
    pub action: Action,
}

/// A branch's number, unique in a timeline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchId(pub u32);

/// What an action did to the timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acted {
    /// The branch that it began, if it was done in the past.
    pub branched: Option<BranchId>,
}

/// A point of a run: within the same time, by what has been processed and done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Instant {
    at: Time,
    processed: u64,
    actions: usize,
}

/// A run, and everything remembered of it.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// What is ticked off as it happens.
    milestones: Option<Rc<dyn Milestones>>,
    simulation: Simulation,
    reserve: Option<Reserve>,
    /// Actions of the journal that the simulation has seen.
    actions: usize,
    /// Events emitted before the last step or action.
    step_began: u64,
    branches: Vec<Branch>,
    current: usize,
    next_branch: u32,
    /// Branches that made room for others.
    gone: u32,
    servers: LatestServers,
    script: Script,
    /// Known from the first action on, its own or a script's: until then nothing has to be done again,
    /// and a program that gets its code by and by needs that of actions only with the first.
    apply: Option<Apply>,
    buffer: Vec<Event>,
}

impl Timeline {
    /// The start of a run.
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn new(settings: Settings, seed: u64) -> Result<Timeline, SettingsError> {
        Timeline::with(settings, seed, Some(Reserve::ALL))
    }

    /// The same where what is needed in a doubt about an answer to a client, and under chaos, may come
    /// later: without it the run stands still there until [`Timeline::set_reserve`].
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn with(
        settings: Settings,
        seed: u64,
        reserve: Option<Reserve>,
    ) -> Result<Timeline, SettingsError> {
        let simulation = Simulation::with_reserve(settings, seed, reserve)?;
        Ok(Timeline {
            milestones: None,
            branches: vec![Branch::new(simulation.clone())],
            reserve,
            simulation,
            actions: 0,
            step_began: 0,
            current: 0,
            next_branch: 1,
            gone: 0,
            servers: LatestServers::default(),
            script: Script::default(),
            apply: None,
            buffer: Vec::new(),
        })
    }

    // ---- what can be asked ----

    /// The simulation at the playhead.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Where the playhead is.
    pub fn now(&self) -> Time {
        self.simulation.now()
    }

    /// The newest instant of this branch.
    pub fn end(&self) -> Time {
        self.branch().end()
    }

    /// Whether the playhead is at the newest instant of this branch.
    pub fn is_live(&self) -> bool {
        self.here() >= self.branch().end
    }

    /// The branch that the playhead is on.
    pub fn branch(&self) -> &Branch {
        &self.branches[self.current]
    }

    /// All branches, oldest first.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// What was done on this branch, in order; also after the playhead.
    pub fn journal(&self) -> &[JournalEntry] {
        self.branch().journal()
    }

    /// Retained events up to the playhead, oldest first.
    pub fn events(
        &self,
    ) -> impl DoubleEndedIterator<Item = &Rc<RetainedEvent>> + ExactSizeIterator {
        self.events_since(0)
    }

    /// Retained events up to the playhead with at least this number, oldest first.
    pub fn events_since(
        &self,
        seq: u64,
    ) -> impl DoubleEndedIterator<Item = &Rc<RetainedEvent>> + ExactSizeIterator {
        let retained_events = &self.branch().retained_events;
        let emitted = self.simulation.events_emitted();
        let to = retained_events.partition_point(|retained| retained.event.seq < emitted);
        let from = retained_events
            .partition_point(|retained| retained.event.seq < seq)
            .min(to);
        retained_events.range(from..to)
    }

    /// The retained event of that number on this branch.
    pub fn event(&self, seq: u64) -> Option<&Rc<RetainedEvent>> {
        let retained_events = &self.branch().retained_events;
        let found = retained_events.binary_search_by_key(&seq, |retained| retained.event.seq);
        retained_events.get(found.ok()?)
    }

    /// Retained events worth a mark, over the whole branch.
    pub fn marks(&self) -> impl Iterator<Item = &Rc<RetainedEvent>> {
        self.branch().marks()
    }

    /// Who led which term from when to when, over the whole branch, by beginning.
    pub fn leaderships(&self) -> &[Leadership] {
        &self.branch().leaderships
    }

    /// The times of this branch's checkpoints.
    pub fn checkpoints(&self) -> impl Iterator<Item = Time> {
        self.branch().checkpoints.times()
    }

    /// About how many bytes of memory this branch's checkpoints take.
    pub fn checkpoint_bytes(&self) -> u64 {
        self.branch().checkpoints.bytes()
    }

    /// Up to when events of this branch have been forgotten; `None` while all are retained.
    pub fn forgotten(&self) -> Option<Time> {
        self.branch().forgotten
    }

    /// How many branches have made room for newer ones.
    pub fn branches_gone(&self) -> u32 {
        self.gone
    }

    /// What was done on this branch up to the playhead.
    pub fn actions(&self) -> &[JournalEntry] {
        &self.journal()[..self.actions]
    }

    /// The milestones that were reached by the playhead, in order.
    pub fn ticks(&self) -> &[Tick] {
        let ticks = self.branch().ticks();
        let emitted = self.simulation.events_emitted();
        &ticks[..ticks.partition_point(|tick| tick.seq < emitted)]
    }

    /// Whether what comes next has happened on this branch before.
    fn is_replaying(&self) -> bool {
        let end = self.branch().end;
        self.simulation.processed() < end.processed || self.actions < end.actions
    }

    fn here(&self) -> Instant {
        Instant {
            at: self.simulation.now(),
            processed: self.simulation.processed(),
            actions: self.actions,
        }
    }

    // ---- going forward ----

    /// Runs on until `until`: again through what is known, then into the new. A broken property
    /// stops the clock. `go_on` is asked now and then; once it says no, the rest is left for the
    /// next call. Returns where the playhead is.
    pub fn advance(&mut self, until: Time, mut go_on: impl FnMut() -> bool) -> Time {
        let mut patience = PATIENCE;
        while self.step(until) {
            patience -= 1;
            if patience == 0 {
                if !go_on() {
                    // What else happens at this instant isn't left: one time, one state.
                    let now = self.now();
                    let _ = (0..MAX_STEPS).find(|_| !self.step(now));
                    return now;
                }
                patience = PATIENCE;
            }
        }
        if !self.is_stopped() {
            self.simulation.wait_until(until);
            self.extend();
        }
        self.now()
    }

    /// Whether a broken property, or a limit, has stopped the clock.
    pub fn is_stopped(&self) -> bool {
        self.simulation.is_over()
    }

    /// Has these ticked off as they are reached, from now on.
    pub fn tick_off(&mut self, milestones: Rc<dyn Milestones>) {
        self.milestones = Some(milestones);
    }

    /// What is needed in a doubt and under chaos ([`Simulation::set_reserve`]).
    pub fn set_reserve(&mut self, reserve: Option<Reserve>) {
        self.reserve = reserve;
        let before = self.simulation.events_emitted();
        self.simulation.keep_events(true);
        self.simulation.set_reserve(reserve);
        if self.simulation.events_emitted() > before {
            self.step_began = before;
        }
        self.observe();
    }

    /// Does what comes next, if it is due by `until`: an action of the journal, or an event of
    /// the queue.
    fn step(&mut self, until: Time) -> bool {
        if self.is_stopped() || self.simulation.awaits_reserve() {
            return false;
        }
        let known = self.is_replaying();
        let before = self.simulation.events_emitted();
        self.simulation.keep_events(!known);
        if !known && self.step_script(until) {
            self.step_began = before;
            self.observe();
            return true;
        }
        let journal = &self.branches[self.current].journal;
        match journal.get(self.actions) {
            Some(next) if next.processed == self.simulation.processed() => {
                if next.at > until {
                    return false;
                }
                self.simulation.wait_until(next.at);
                let action = next.action.clone();
                let done = self.apply.map(|apply| apply(&mut self.simulation, action));
                debug_assert_eq!(done, Some(Ok(())), "a replay does what was done");
                self.actions += 1;
            }
            _ => {
                if self.simulation.next_at().is_none_or(|at| at > until) {
                    return false;
                }
                self.simulation.step();
            }
        }
        if self.simulation.events_emitted() > before {
            self.step_began = before;
        }
        if !known {
            self.observe();
        }
        true
    }

    /// Takes in what happened for the first time.
    fn observe(&mut self) {
        self.simulation.take_events(&mut self.buffer);
        let branch = &mut self.branches[self.current];
        for event in self.buffer.drain(..) {
            if let Some(milestones) = &self.milestones {
                let Event { seq, at, .. } = event;
                while milestones.is_reached(branch.ticks.len(), &self.simulation, &event) {
                    branch.ticks.push(Tick { seq, at });
                }
            }
            if Weight::of(&event.kind) > Weight::Quiet {
                let retained = RetainedEvent::new(
                    event,
                    &self.simulation,
                    &mut self.servers,
                    &branch.retained_events,
                );
                branch.remember(retained);
            }
        }
        self.extend();
    }

    /// The playhead may have gone beyond what was known.
    fn extend(&mut self) {
        let here = self.here();
        let branch = &mut self.branches[self.current];
        if here > branch.end {
            branch.end = here;
            if !self.simulation.awaits_reserve() {
                branch.checkpoints.offer(here, &self.simulation);
            }
        }
    }

    // ---- acting ----

    /// Does something now. In the past, that begins a new branch. A branch has no more actions
    /// than a recording can hold.
    ///
    /// # Errors
    /// Names the field of the action that makes it impossible now. Nothing has changed then.
    pub fn act(&mut self, action: Action) -> Result<Acted, ActionError> {
        if self.actions >= MAX_ACTIONS {
            return Err(ActionError {
                field: "action",
                why: format!("{MAX_ACTIONS} actions are the most that a run has"),
            });
        }
        let (live, here) = (self.is_live(), self.here());
        self.apply = Some(Simulation::apply);
        self.script.clear();
        let before = self.simulation.events_emitted();
        self.simulation.keep_events(true);
        self.simulation.apply(action.clone())?;
        let branched = (!live).then(|| self.fork(here, before, branch::name(&action)));
        self.branches[self.current].journal.push(JournalEntry {
            at: here.at,
            processed: here.processed,
            action,
        });
        self.actions += 1;
        self.step_began = before;
        self.observe();
        Ok(Acted { branched })
    }

    /// Leaves the known future to a branch of its own and goes on without it. `None` if there is
    /// no known future.
    pub fn branch_off(&mut self) -> Option<BranchId> {
        let (here, emitted) = (self.here(), self.simulation.events_emitted());
        (!self.is_live()).then(|| self.fork(here, emitted, "once more".into()))
    }

    fn fork(&mut self, here: Instant, emitted: u64, name: String) -> BranchId {
        let parent = self.branch();
        let id = BranchId(self.next_branch);
        let mut branch = Branch {
            id,
            name,
            parent: Some(parent.id),
            forked_at: here.at,
            shared: here.actions,
            ..parent.clone()
        };
        branch.truncate(here, emitted);
        self.next_branch += 1;
        if self.branches.len() == MAX_BRANCHES {
            let oldest = usize::from(self.current == 0);
            self.remove(oldest);
            self.gone += 1;
        }
        self.branches.push(branch);
        self.current = self.branches.len() - 1;
        self.park();
        id
    }

    /// Thins out what is remembered of the branches that aren't shown.
    fn park(&mut self) {
        let budget = checkpoints::PARKED / self.branches.len() as u64;
        let branches = self.branches.iter_mut().enumerate();
        for (_, branch) in branches.filter(|(at, _)| *at != self.current) {
            branch.park(budget);
        }
    }

    /// Removes a branch; those that left it now hang on its parent.
    fn remove(&mut self, at: usize) {
        let removed = self.branches.remove(at);
        for branch in &mut self.branches {
            if branch.parent == Some(removed.id) {
                branch.parent = removed.parent;
            }
        }
        self.current -= usize::from(self.current > at);
    }

    /// Takes the last action of this branch back, with all that came after it; a branch that
    /// began with it is gone. Returns the action, or `None` if there is nothing to undo.
    pub fn undo(&mut self) -> Option<Action> {
        let JournalEntry {
            at,
            processed,
            action,
        } = self.journal().last()?.clone();
        let actions = self.journal().len() - 1;
        let before = Instant {
            at,
            processed,
            actions,
        };
        let back_to = self.here().min(before);
        let branch = self.branch();
        let parent = branch.parent.filter(|_| actions == branch.shared);
        match parent.and_then(|id| self.place(id)) {
            Some(parent) => {
                let gone = std::mem::replace(&mut self.current, parent);
                self.remove(gone);
                self.restore(|instant, _| instant > back_to);
                self.go_to(back_to);
            }
            None => {
                self.go_to(before);
                let emitted = self.simulation.events_emitted();
                self.branches[self.current].truncate(before, emitted);
                self.go_to(back_to);
            }
        }
        Some(action)
    }

    fn place(&self, id: BranchId) -> Option<usize> {
        self.branches.iter().position(|branch| branch.id == id)
    }
}
