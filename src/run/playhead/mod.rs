//! A playhead: who looks at a history, at one instant of one branch.
//!
//! It has the simulation of that instant, lets it go on, goes elsewhere, and acts. What it sees
//! before anybody else did is remembered by the history, for all playheads: beyond the newest
//! instant of its branch it makes the branch longer. Several may look at one history; none is moved
//! by what another one does, but by an undo of what led to where it is.
//!
//! Instants are exact also between simultaneous events. A clock that decides how long to go on
//! belongs to the caller: [`Playhead::advance`] asks it from time to time.

mod script;
mod travel;

use super::history::{
    Branch, BranchId, Cursor, History, Instant, JournalEntry, LatestServers, Leadership, Memory,
    Milestones, RetainedEvent, Tick, Weight, name,
};
use super::recording::MAX_ACTIONS;
use crate::base::Time;
use crate::sim::{
    Action, ActionError, Event, Reserve, Settings, SettingsError, Simulation, WhyNot,
};
use script::Script;
pub use script::ScriptError;
use std::cell::{Cell, Ref};
use std::rc::Rc;

/// Steps between two questions to the caller whether to go on.
const PATIENCE: u32 = 32;

/// The most steps at one instant that are not interrupted.
const MAX_STEPS: u32 = 1 << 12;

/// What an action did to the history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acted {
    /// The branch that it began, if it was done in the past.
    pub branched: Option<BranchId>,
}

/// Who looks at a history. A clone is another one at the same instant, with nothing to do by itself.
///
/// What is borrowed from it (a branch, a journal, events) has to be let go before any playhead of the
/// same history moves.
#[derive(Debug)]
pub struct Playhead {
    history: History,
    /// The branch that it is on. The history knows of it.
    branch: Rc<Cell<BranchId>>,
    cursor: Cursor,
    /// Events emitted before the last step or action.
    step_began: u64,
    /// How often something of the history had been taken back when it was there last.
    revision: u64,
    servers: LatestServers,
    script: Script,
    buffer: Vec<Event>,
}

impl Clone for Playhead {
    fn clone(&self) -> Playhead {
        let branch = self.history.memory_mut().look_at(self.branch.get());
        Playhead {
            history: self.history.clone(),
            branch,
            cursor: self.cursor.clone(),
            step_began: self.step_began,
            revision: self.revision,
            servers: self.servers.clone(),
            script: Script::default(),
            buffer: Vec::new(),
        }
    }
}

impl Playhead {
    /// The first playhead of a new history, at its start.
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn new(settings: Settings, seed: u64) -> Result<Playhead, SettingsError> {
        Ok(History::new(settings, seed)?.playhead())
    }

    /// The first playhead of the [history of a run](History::of) that stands at its start.
    pub fn of(start: Simulation) -> Playhead {
        History::of(start).playhead()
    }

    pub(super) fn at_start(history: History) -> Playhead {
        let (branch, cursor, revision) = {
            let mut memory = history.memory_mut();
            let first = &memory.branches[0];
            let start = first.checkpoints.before(&|_| true).cursor(memory.reserve);
            let id = first.id;
            (memory.look_at(id), start, memory.revision)
        };
        Playhead {
            history,
            branch,
            cursor,
            step_began: 0,
            revision,
            servers: LatestServers::default(),
            script: Script::default(),
            buffer: Vec::new(),
        }
    }

    // ---- what can be asked ----

    /// The history that it looks at.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The simulation at this instant.
    pub fn simulation(&self) -> &Simulation {
        &self.cursor.simulation
    }

    /// Where it is.
    pub fn now(&self) -> Time {
        self.simulation().now()
    }

    /// The newest instant of this branch.
    pub fn end(&self) -> Time {
        self.branch().end()
    }

    /// Whether it is at the newest instant of this branch.
    pub fn is_live(&self) -> bool {
        self.here() >= self.branch().end
    }

    /// The branch that it is on.
    pub fn branch(&self) -> Ref<'_, Branch> {
        Ref::map(self.memory(), |memory| memory.branch(self.branch.get()))
    }

    fn memory(&self) -> Ref<'_, Memory> {
        self.history.memory()
    }

    /// What was done on this branch, in order; also after this instant.
    pub fn journal(&self) -> Ref<'_, [JournalEntry]> {
        Ref::map(self.branch(), |branch| branch.journal())
    }

    /// What was done on this branch up to this instant.
    pub fn actions(&self) -> Ref<'_, [JournalEntry]> {
        Ref::map(self.branch(), |branch| {
            let journal = branch.journal();
            &journal[..self.cursor.actions.min(journal.len())]
        })
    }

    /// Retained events up to this instant, oldest first.
    pub fn events(
        &self,
    ) -> impl DoubleEndedIterator<Item = Rc<RetainedEvent>> + ExactSizeIterator + '_ {
        self.events_since(0)
    }

    /// Retained events up to this instant with at least this number, oldest first.
    pub fn events_since(
        &self,
        seq: u64,
    ) -> impl DoubleEndedIterator<Item = Rc<RetainedEvent>> + ExactSizeIterator + '_ {
        let branch = self.branch();
        let before = |seq: u64| {
            let retained_events = &branch.retained_events;
            retained_events.partition_point(|retained| retained.event.seq < seq)
        };
        let to = before(self.simulation().events_emitted());
        let from = before(seq).min(to);
        (from..to).map(move |at| branch.retained_events[at].clone())
    }

    /// The retained event of that number on this branch; `None` if it isn't retained, or not any
    /// more. [`History::why`] finds it all the same.
    pub fn event(&self, seq: u64) -> Option<Rc<RetainedEvent>> {
        let branch = self.branch();
        let retained_events = &branch.retained_events;
        let found = retained_events.binary_search_by_key(&seq, |retained| retained.event.seq);
        retained_events.get(found.ok()?).cloned()
    }

    /// The event of that number and what led to it, newest first: see [`History::why`].
    pub fn why(&self, seq: u64) -> Option<Vec<Rc<RetainedEvent>>> {
        self.history.why(self.branch.get(), seq)
    }

    /// Retained events worth a mark, over the whole branch, oldest first.
    pub fn marks(&self) -> impl Iterator<Item = Rc<RetainedEvent>> + '_ {
        let (branch, mut places) = (self.branch(), (0, 0));
        std::iter::from_fn(move || branch.next_mark(&mut places))
    }

    /// Who led which term from when to when, over the whole branch, by beginning.
    pub fn leaderships(&self) -> Ref<'_, [Leadership]> {
        Ref::map(self.branch(), |branch| &branch.leaderships[..])
    }

    /// The times of this branch's checkpoints.
    pub fn checkpoints(&self) -> impl ExactSizeIterator<Item = Time> {
        let times: Vec<Time> = self.branch().checkpoints.times().collect();
        times.into_iter()
    }

    /// About how many bytes of memory this branch's checkpoints take.
    pub fn checkpoint_bytes(&self) -> u64 {
        self.branch().checkpoints.bytes()
    }

    /// Up to when events of this branch have been forgotten; `None` while all are retained.
    pub fn forgotten(&self) -> Option<Time> {
        self.branch().forgotten
    }

    /// The milestones that were reached by this instant, in order.
    pub fn ticks(&self) -> Ref<'_, [Tick]> {
        let emitted = self.simulation().events_emitted();
        Ref::map(self.branch(), |branch| {
            let ticks = branch.ticks();
            &ticks[..ticks.partition_point(|tick| tick.seq < emitted)]
        })
    }

    /// Whether a broken property, or a limit, has stopped the clock.
    pub fn is_stopped(&self) -> bool {
        self.simulation().is_over()
    }

    /// Whether what comes next has happened on this branch before.
    fn is_replaying(&self) -> bool {
        self.cursor.is_behind(self.branch().end)
    }

    fn here(&self) -> Instant {
        self.cursor.here()
    }

    // ---- going forward ----

    /// Runs on until `until`: again through what is known, then into the new. A broken property
    /// stops the clock. `go_on` is asked now and then; once it says no, the rest is left for the
    /// next call. Returns where the playhead is.
    pub fn advance(&mut self, until: Time, mut go_on: impl FnMut() -> bool) -> Time {
        self.go_on(until, &mut go_on)
    }

    fn go_on(&mut self, until: Time, go_on: &mut dyn FnMut() -> bool) -> Time {
        self.catch_up();
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
            self.cursor.simulation.wait_until(until);
            self.extend();
        }
        self.now()
    }

    /// Has these ticked off as they are reached, from now on, for all playheads of the history.
    pub fn tick_off(&mut self, milestones: Rc<dyn Milestones>) {
        self.history.memory_mut().milestones = Some(milestones);
    }

    /// What is needed in a doubt, under chaos and to change the members ([`Simulation::set_reserve`]), for all playheads
    /// of the history.
    pub fn set_reserve(&mut self, reserve: Option<Reserve>) {
        self.catch_up();
        self.history.memory_mut().reserve = reserve;
        self.take_reserve(reserve);
    }

    fn take_reserve(&mut self, reserve: Option<Reserve>) {
        let before = self.simulation().events_emitted();
        self.cursor.simulation.keep_events(true);
        self.cursor.simulation.set_reserve(reserve);
        if self.simulation().events_emitted() > before {
            self.step_began = before;
        }
        self.observe();
    }

    /// Whether nothing can happen before the reserve is there.
    fn awaits_reserve(&mut self) -> bool {
        if self.simulation().awaits_reserve() {
            let reserve = self.memory().reserve;
            if reserve.is_some() {
                self.take_reserve(reserve);
            }
        }
        self.simulation().awaits_reserve()
    }

    /// Does what comes next, if it is due by `until`: an action of the journal or of the script, or
    /// an event of the queue.
    fn step(&mut self, until: Time) -> bool {
        if self.awaits_reserve() || self.is_stopped() {
            return false;
        }
        let known = self.is_replaying();
        let before = self.simulation().events_emitted();
        self.cursor.simulation.keep_events(!known);
        let scripted = !known && self.step_script(until);
        if !scripted {
            let memory = self.history.memory();
            let journal = memory.branch(self.branch.get()).journal();
            if !self.cursor.step(journal, memory.apply, until) {
                return false;
            }
        }
        if scripted || self.simulation().events_emitted() > before {
            self.step_began = before;
        }
        if !known {
            self.observe();
        }
        true
    }

    /// Takes in what happened for the first time.
    fn observe(&mut self) {
        let simulation = &mut self.cursor.simulation;
        simulation.take_events(&mut self.buffer);
        let mut memory = self.history.memory_mut();
        let milestones = memory.milestones.clone();
        let branch = memory.branch_mut(self.branch.get());
        for event in self.buffer.drain(..) {
            // Another playhead may have been here before.
            if event.seq < branch.seen {
                continue;
            }
            branch.seen = event.seq + 1;
            if let Some(milestones) = &milestones {
                let Event { seq, at, .. } = event;
                while milestones.is_reached(branch.ticks.len(), simulation, &event) {
                    branch.ticks.push(Tick { seq, at });
                }
            }
            if Weight::of(&event.kind) > Weight::Quiet {
                let before = &branch.retained_events;
                let retained = RetainedEvent::new(event, simulation, &mut self.servers, before);
                branch.remember(retained);
            }
        }
        drop(memory);
        self.extend();
    }

    /// The playhead may have gone beyond what was known.
    fn extend(&mut self) {
        let here = self.here();
        let mut memory = self.history.memory_mut();
        let branch = memory.branch_mut(self.branch.get());
        if here > branch.end {
            branch.end = here;
            if !self.cursor.simulation.awaits_reserve() {
                branch.checkpoints.offer(here, &self.cursor.simulation);
            }
        }
    }

    // ---- acting ----

    /// Why an action can't be done now, if it can't.
    pub fn why_not(&self, action: &Action) -> Option<ActionError> {
        if self.cursor.actions >= MAX_ACTIONS {
            let (field, why) = ("action", WhyNot::RunFull { most: MAX_ACTIONS });
            return Some(ActionError { field, why });
        }
        self.simulation().why_not(action)
    }

    /// Does something now. In the past, that begins a new branch. A branch has no more actions
    /// than a recording can hold.
    ///
    /// # Errors
    /// Names the field of the action that makes it impossible now. Nothing has changed then.
    pub fn act(&mut self, action: Action) -> Result<Acted, ActionError> {
        self.catch_up();
        if let Some(refused) = self.why_not(&action) {
            return Err(refused);
        }
        let (live, here) = (self.is_live(), self.here());
        self.script.clear();
        self.history.memory_mut().acts();
        let before = self.simulation().events_emitted();
        self.cursor.simulation.keep_events(true);
        self.cursor.simulation.apply(action.clone())?;
        let branched = (!live).then(|| self.fork(here, before, name(&action)));
        self.note(here, action);
        self.step_began = before;
        self.observe();
        Ok(Acted { branched })
    }

    /// Enters an action that was done here into the journal.
    fn note(&mut self, here: Instant, action: Action) {
        let mut memory = self.history.memory_mut();
        let journal = &mut memory.branch_mut(self.branch.get()).journal;
        journal.push(JournalEntry {
            at: here.at,
            processed: here.processed,
            action,
        });
        self.cursor.actions += 1;
    }

    /// Leaves the known future to a branch of its own and goes on without it. `None` if there is
    /// no known future.
    pub fn branch_off(&mut self) -> Option<BranchId> {
        self.catch_up();
        let (here, emitted) = (self.here(), self.simulation().events_emitted());
        (!self.is_live()).then(|| self.fork(here, emitted, "once more".into()))
    }

    fn fork(&mut self, here: Instant, emitted: u64, name: String) -> BranchId {
        let mut memory = self.history.memory_mut();
        let id = memory.fork(self.branch.get(), here, emitted, name);
        self.branch.set(id);
        memory.park();
        id
    }

    /// Takes the last action of this branch back, with all that came after it; a branch that
    /// began with it is gone. Returns the action, or `None` if there is nothing to undo.
    pub fn undo(&mut self) -> Option<Action> {
        self.catch_up();
        let (entry, actions, parent) = {
            let branch = self.branch();
            let entry = branch.journal().last()?.clone();
            let actions = branch.journal().len() - 1;
            let parent = branch.parent.filter(|_| actions == branch.shared);
            (entry, actions, parent)
        };
        let JournalEntry {
            at,
            processed,
            action,
        } = entry;
        let before = Instant {
            at,
            processed,
            actions,
        };
        let back_to = self.here().min(before);
        match parent {
            Some(parent) => {
                let gone = self.branch.replace(parent);
                self.history.memory_mut().remove(gone);
                self.restore(&|instant, _| instant > back_to);
            }
            None => {
                self.go_to(before);
                let emitted = self.simulation().events_emitted();
                let mut memory = self.history.memory_mut();
                memory.take_back(self.branch.get(), before, emitted);
            }
        }
        let revision = self.memory().revision;
        self.revision = revision;
        self.go_to(back_to);
        Some(action)
    }
}
