//! The search for an order: depth first, from return to return.
//!
//! A *configuration* is a level, the state of the key, and which of the open operations have
//! taken effect. An operation is made to take effect no earlier than some return demands it, and
//! a configuration that was visited is not visited again: this is the search of Wing and Gong
//! (1993) with the memory of Lowe (2017, "Testing for linearizability").
//!
//! What makes it fast are moves that can't be wrong, and so are never tried both ways:
//!
//! - A read that finds its value takes effect at once; so does a compare-and-swap that misses.
//! - A state that an operation to come needs is not left if nobody can make it again in time.
//! - A write whose value nobody to come needs takes effect right before the next write that
//!   replaces everything (its readers with it): then it never stands in anybody's way.
//! - Of two equal writes the one that returns first takes effect first.
//! - A write that never returned takes effect only where somebody who is open notices it.
//!
//! Each is an exchange: an order that does otherwise can be turned into one that does so.

mod longest;

pub(super) use longest::Longest;

use super::appends::contradict;
use super::history::{History, NEVER, Step};
use super::model::{Observed, Value};
use super::needs::Again;
use super::seen::Seen;
use super::states::KeyState;

/// A configuration under examination. Its set of bits lies in `Search::sets`.
#[derive(Clone, Debug)]
struct Frame {
    level: u32,
    state: KeyState,
    /// The operation that led here; `NONE` at the root.
    chosen: u32,
    /// Where its candidates begin in `Search::candidates`.
    first: usize,
}

const NONE: u32 = u32::MAX;

/// The search of one key's history. It can be interrupted.
#[derive(Clone, Debug)]
pub(super) struct Search {
    history: History,
    /// States to begin in, and which of the initial values each is.
    roots: Vec<(KeyState, usize)>,
    root: (KeyState, usize),
    frames: Vec<Frame>,
    sets: Vec<u64>,
    /// What is still to be tried, the next one last.
    candidates: Vec<u32>,
    seen: Seen,
    decided: Option<bool>,
    /// What completed the order, and the state that it left.
    last: Option<(u32, KeyState)>,
    /// Whether the future may be used to give up early.
    looks_ahead: bool,
    // Buffers.
    set: Vec<u64>,
    twins: Vec<u32>,
}

fn has(set: &[u64], bit: u32) -> bool {
    set[(bit / 64) as usize] & 1 << (bit % 64) != 0
}

fn flip(set: &mut [u64], bit: u32) {
    set[(bit / 64) as usize] ^= 1 << (bit % 64);
}

impl Search {
    /// The search for an order of `observed` from one of the values of `initial` on.
    pub fn new(observed: &[Observed], initial: &[Option<Value>]) -> Search {
        let history = History::new(observed);
        let of = |value: &Option<Value>| history.states.of(value.as_ref());
        let mut roots: Vec<_> = initial.iter().map(of).zip(0..).collect();
        roots.sort_unstable();
        roots.dedup_by_key(|(state, _)| *state);
        let decided = if history.levels.is_empty() {
            Some(!roots.is_empty())
        } else {
            let is_bad = history.has_impossible_read(&roots) || contradict(observed, initial);
            is_bad.then_some(false)
        };
        Search {
            root: (KeyState::ABSENT, 0),
            frames: Vec::new(),
            sets: Vec::new(),
            candidates: Vec::new(),
            seen: Seen::new(2 + history.words),
            decided,
            last: None,
            looks_ahead: true,
            set: vec![0; history.words],
            twins: Vec::new(),
            roots,
            history,
        }
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        self.seen.bytes() + self.sets.capacity() * 8
    }

    /// Searches on, for about `steps` steps, which it counts down. `None`: not decided yet.
    pub fn run(&mut self, steps: &mut u64) -> Option<bool> {
        while self.decided.is_none() && *steps > 0 && !self.seen.is_full() {
            let Some(frame) = self.frames.last() else {
                *steps -= 1;
                match self.roots.pop() {
                    Some(root) => self.begin(root),
                    None => self.decided = Some(false),
                }
                continue;
            };
            let (level, state) = (frame.level, frame.state);
            let words = self.history.words;
            *steps = steps.saturating_sub(1 + self.history.breadth(level) as u64 / 64);
            if self.candidates.len() == frame.first {
                self.frames.pop();
                self.sets.truncate(self.sets.len() - words);
                continue;
            }
            let Some(op) = self.candidates.pop() else {
                continue;
            };
            let mut set = std::mem::take(&mut self.set);
            set.copy_from_slice(&self.sets[self.sets.len() - words..]);
            if let Some(state) = self.take(op, level, state, &mut set, &mut |_| {}) {
                self.enter(op, level, state, &mut set, steps);
            }
            self.set = set;
        }
        self.decided
    }

    fn begin(&mut self, root: (KeyState, usize)) {
        self.root = root;
        let mut set = std::mem::take(&mut self.set);
        set.fill(0);
        self.enter(NONE, 0, root.0, &mut set, &mut 0);
        self.set = set;
    }

    /// Goes to a configuration, if it is a new one.
    fn enter(
        &mut self,
        chosen: u32,
        level: u32,
        state: KeyState,
        set: &mut [u64],
        steps: &mut u64,
    ) {
        let before = level;
        let level = self.advance(level, state, set, &mut |_| {});
        *steps = steps.saturating_sub(u64::from(level - before) / 16);
        if level as usize == self.history.levels.len() {
            self.decided = Some(true);
            self.last = Some((chosen, state));
        } else if self.seen.insert([level.into(), state.0], set) {
            let first = self.candidates.len();
            self.frames.push(Frame {
                level,
                state,
                chosen,
                first,
            });
            self.sets.extend_from_slice(set);
            self.list_candidates(level, state, set);
        }
    }

    // ---- moves that can't be wrong ----

    /// Lets what only looks take effect, and passes returns, up to the first that demands a
    /// choice. Gives its level.
    fn advance(
        &self,
        mut level: u32,
        state: KeyState,
        set: &mut [u64],
        log: &mut impl FnMut(u32),
    ) -> u32 {
        let history = &self.history;
        while (level as usize) < history.levels.len() {
            self.look(level, state, set, log);
            let bit = history.ops[history.levels[level as usize] as usize].bit;
            if !has(set, bit) {
                break;
            }
            flip(set, bit);
            level += 1;
        }
        level
    }

    /// Lets the open operations that only look and find what they need take effect.
    fn look(&self, level: u32, state: KeyState, set: &mut [u64], log: &mut impl FnMut(u32)) {
        for at in self.history.open(level) {
            let op = &self.history.ops[at as usize];
            let finds = match op.step {
                Step::Read(needed) => needed == state,
                Step::Miss(test) => !test.passes(state),
                _ => false,
            };
            if finds && !has(set, op.bit) {
                flip(set, op.bit);
                log(at);
            }
        }
    }

    /// Whether nobody needs what this operation writes, but for those who can have it now: so it
    /// can take effect, with its readers, right before any write that replaces everything.
    fn can_hide(&self, op: u32, level: u32, set: &[u64]) -> bool {
        let history = &self.history;
        let step = history.ops[op as usize].step;
        if history.avoids || !history.is_done_with(op, level) {
            return false;
        }
        let needs_more = |other: u32| {
            let other = history.ops[other as usize].step;
            match (step, other.needs()) {
                (Step::Set(to), Some(needed)) if history.appends => {
                    other != Step::Read(to) && history.states.may_grow_into(to, needed)
                }
                (Step::Set(to), Some(needed)) => other != Step::Read(to) && needed == to,
                (Step::Append(text), Some(needed)) => history.holds(needed, text),
                _ => false,
            }
        };
        step == Step::Set(KeyState::UNSEEN) || !self.open(level, set).any(needs_more)
    }

    /// Operations that are open and have not taken effect.
    fn open(&self, level: u32, set: &[u64]) -> impl Iterator<Item = u32> {
        let all = self.history.open(level);
        let all = all.chain(self.history.lost(level).iter().copied());
        all.filter(|&op| !has(set, self.history.ops[op as usize].bit))
    }

    // ---- choices ----

    /// What may take effect next, the most promising last.
    fn list_candidates(&mut self, level: u32, state: KeyState, set: &[u64]) {
        let history = &self.history;
        let due = history.levels[level as usize];
        let goal = history.ops[due as usize].step.needs();
        let mut candidates = std::mem::take(&mut self.candidates);
        let mut twins = std::mem::take(&mut self.twins);
        let first = candidates.len();
        twins.clear();
        for at in self.open(level, set) {
            let op = &history.ops[at as usize];
            if !op.step.writes() || !self.is_of_use(at, due, goal, level, state, set) {
                continue;
            }
            if op.has_twin {
                let same = |&&mut twin: &&mut u32| history.ops[twin as usize].step == op.step;
                if let Some(twin) = twins.iter_mut().find(same) {
                    if op.level < history.ops[*twin as usize].level {
                        *twin = at;
                    }
                    continue;
                }
                twins.push(at);
            } else {
                candidates.push(at);
            }
        }
        candidates.append(&mut twins);
        // What is due itself is tried first, then what makes the value that it needs.
        let rank = |&at: &u32| {
            let op = &history.ops[at as usize];
            let makes_goal = goal.is_some() && Self::result(history, op.step, state) == goal;
            (at == due, makes_goal, std::cmp::Reverse(op.level))
        };
        candidates[first..].sort_by_key(rank);
        self.candidates = candidates;
        self.twins = twins;
    }

    fn is_of_use(
        &self,
        at: u32,
        due: u32,
        goal: Option<KeyState>,
        level: u32,
        state: KeyState,
        set: &[u64],
    ) -> bool {
        let history = &self.history;
        let op = &history.ops[at as usize];
        let is_lost = op.level == NEVER;
        match op.step {
            Step::Set(to) => {
                let is_asked_for = at == due || goal == Some(to);
                let open_reader = || {
                    self.open(level, set)
                        .any(|other| self.notices(other, at, state, to))
                };
                is_asked_for || (!is_lost || open_reader()) && !self.can_hide(at, level, set)
            }
            Step::Hit(test, _) | Step::Maybe(test, _) => test.passes(state),
            Step::Append(_) => {
                let is_seen = Self::result(history, op.step, state) != Some(KeyState::UNSEEN);
                at == due
                    || (!is_lost || history.avoids || is_seen) && !self.can_hide(at, level, set)
            }
            Step::Read(_) | Step::Miss(_) => false,
        }
    }

    /// Whether `other` could tell that `op` has put `to` in the place of `from`.
    fn notices(&self, other: u32, op: u32, from: KeyState, to: KeyState) -> bool {
        match self.history.ops[other as usize].step {
            Step::Read(needed) => needed == to,
            Step::Hit(test, _) => test.passes(to),
            Step::Append(_) | Step::Maybe(..) => other != op,
            Step::Miss(test) => test.passes(from),
            Step::Set(_) => false,
        }
    }

    fn result(history: &History, step: Step, state: KeyState) -> Option<KeyState> {
        match step {
            Step::Read(needed) => (needed == state).then_some(state),
            Step::Set(to) => Some(to),
            Step::Append(text) => Some(history.states.append(state, history.text(text))),
            Step::Hit(test, to) => test.passes(state).then_some(to),
            Step::Miss(test) => (!test.passes(state)).then_some(state),
            Step::Maybe(test, to) => Some(if test.passes(state) { to } else { state }),
        }
    }

    /// Lets `op` take effect, and whatever hides before it. `None`: that leads nowhere.
    fn take(
        &self,
        op: u32,
        level: u32,
        state: KeyState,
        set: &mut [u64],
        log: &mut impl FnMut(u32),
    ) -> Option<KeyState> {
        let history = &self.history;
        let step = history.ops[op as usize].step;
        let to = Self::result(history, step, state)?;
        if self.looks_ahead
            && to != state
            && (self.has_to_stay(op, level, state, set)
                || history.appends && self.strands(level, state, to, set))
        {
            return None;
        }
        if matches!(step, Step::Set(_)) {
            for other in self.open_and_hiding(op, level, set) {
                let hidden = &history.ops[other as usize];
                flip(set, hidden.bit);
                log(other);
                if let Step::Set(state) = hidden.step {
                    self.look(level, state, set, log);
                }
            }
        }
        flip(set, history.ops[op as usize].bit);
        log(op);
        self.look(level, to, set, log);
        let dead_end = self.looks_ahead && self.cannot_grow(level, to, set);
        (!dead_end).then_some(to)
    }

    /// What takes effect unnoticed before `op` replaces the state.
    fn open_and_hiding(&self, op: u32, level: u32, set: &[u64]) -> Vec<u32> {
        let history = &self.history;
        let hides = |&other: &u32| {
            let hidden = &history.ops[other as usize];
            let is_read = |at: u32| match hidden.step {
                Step::Set(to) => history.ops[at as usize].step == Step::Read(to),
                _ => false,
            };
            other != op
                && self.can_hide(other, level, set)
                && (hidden.level != NEVER || self.open(level, set).any(is_read))
        };
        self.open(level, set).filter(hides).collect()
    }

    /// Whether somebody to come needs `state`, and nobody but `op` could make it again in time.
    fn has_to_stay(&self, op: u32, level: u32, state: KeyState, set: &[u64]) -> bool {
        self.history.needed_later(state, level) == Some(Again::ByOpenOnly)
            && !self
                .open(level, set)
                .any(|other| other != op && self.history.makes(other, state))
    }

    /// Whether somebody needs a text that `from` could have grown into and `to` can't, and nobody
    /// could begin to make it again in time.
    fn strands(&self, level: u32, from: KeyState, to: KeyState, set: &[u64]) -> bool {
        let history = &self.history;
        let states = &history.states;
        let is_stranded = |text: KeyState, deadline: u64| {
            states.may_grow_into(from, text)
                && !states.may_grow_into(to, text)
                && !history.has_base_later(text, level, deadline)
                && !self.open(level, set).any(|op| history.is_base(op, text))
        };
        let open_reader = |op: u32| match history.ops[op as usize].step {
            Step::Read(text) if text != from && text != KeyState::ABSENT => {
                is_stranded(text, history.ops[op as usize].returned)
            }
            _ => false,
        };
        from != KeyState::ABSENT
            && (self.open(level, set).any(open_reader)
                || history
                    .awaited(from, level)
                    .any(|(text, deadline)| is_stranded(text, deadline)))
    }

    /// Whether the next read finds something that `state` can't grow into, with nothing that
    /// could replace it before.
    fn cannot_grow(&self, level: u32, state: KeyState, set: &[u64]) -> bool {
        let history = &self.history;
        if !history.appends {
            return false;
        }
        let Some(read) = history.next_read(level) else {
            return false;
        };
        let read = &history.ops[read as usize];
        let was_done = read.invoked
            <= history.ops[history.levels[level as usize] as usize].returned
            && has(set, read.bit);
        let Step::Read(goal) = read.step else {
            return false;
        };
        let replaces = |step| matches!(step, Step::Set(_) | Step::Hit(..) | Step::Maybe(..));
        !was_done
            && !history.states.may_grow_into(state, goal)
            && !self
                .open(level, set)
                .any(|other| replaces(history.ops[other as usize].step))
    }

    // ---- what was found ----

    /// The operations that have taken effect in the configuration under examination, or in the
    /// order that was found; by the numbers that they were given.
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut log = |op: u32| order.push(self.history.ops[op as usize].given);
        let mut set = vec![0; self.history.words];
        let (mut level, mut state) = (0, self.root.0);
        let path = self.frames.iter().map(|frame| (frame.chosen, frame.state));
        for (chosen, to) in path.chain(self.last) {
            if chosen != NONE {
                let taken = self.take(chosen, level, state, &mut set, &mut log);
                debug_assert!(taken.is_some(), "it was taken before");
            }
            state = to;
            level = self.advance(level, state, &mut set, &mut log);
        }
        order
    }
}
