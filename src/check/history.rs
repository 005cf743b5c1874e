//! The history of one key, made ready for the search.
//!
//! Operations that bind nothing are left out: reads without an answer, and writes that never
//! returned and that nobody could notice. The others are sorted by when they were invoked. The
//! search goes from return to return; each return is a *level*: an operation that returns there
//! has to have taken effect by then.

use super::model::{Call, Observed, Reply, Value};
use super::needs::Class;
use super::states::{KeyState, States};
use std::collections::BTreeMap;

/// What an operation does to the state, and what it needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Step {
    /// Needs the state, changes nothing.
    Read(KeyState),
    /// Replaces any state.
    Set(KeyState),
    /// Puts a text behind any state: the number of the text.
    Append(u32),
    /// Needs a state that passes, leaves the second.
    Hit(Test, KeyState),
    /// Needs a state that doesn't pass, changes nothing.
    Miss(Test),
    /// Replaces a state that passes by the second, any other by itself.
    Maybe(Test, KeyState),
}

/// What a compare-and-swap asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Test {
    /// This state passes.
    pub state: KeyState,
    /// Absence does as well.
    pub or_absent: bool,
}

impl Test {
    pub fn passes(self, state: KeyState) -> bool {
        self.state == state || self.or_absent && state == KeyState::ABSENT
    }
}

impl Step {
    /// Whether it may change the state.
    pub fn writes(self) -> bool {
        !matches!(self, Step::Read(_) | Step::Miss(_))
    }

    /// The state that it needs exactly.
    pub fn needs(self) -> Option<KeyState> {
        match self {
            Step::Read(state) => Some(state),
            Step::Hit(test, _) if !test.or_absent => Some(test.state),
            _ => None,
        }
    }

    /// Whether it tells several states apart from others: then no write can be hidden from it.
    fn avoids(self) -> bool {
        match self {
            Step::Miss(_) | Step::Maybe(..) => true,
            Step::Hit(test, _) => test.or_absent,
            _ => false,
        }
    }
}

/// An operation, ready for the search.
#[derive(Clone, Debug)]
pub(super) struct Op {
    /// Its number among the operations that were given.
    pub given: usize,
    pub step: Step,
    pub invoked: u64,
    /// `u64::MAX` together with `level` `NEVER`: it never returned.
    pub returned: u64,
    /// The level at which it returns.
    pub level: u32,
    /// Its bit, from when it is invoked to its level. Others use the bit before and after.
    pub bit: u32,
    /// Whether there is another operation with the same step.
    pub has_twin: bool,
    /// The last operation that returns and may need what this one writes; `None`: unknown.
    pub last_reader: Option<u32>,
}

/// The level of what never returns.
pub(super) const NEVER: u32 = u32::MAX;

/// The history of one key, ready for the search.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub ops: Vec<Op>,
    /// The operation that returns at each level.
    pub levels: Vec<u32>,
    /// How many operations were invoked by the return of each level.
    pub opened: Vec<u32>,
    /// Operations that never return, as they were invoked.
    pub lost: Vec<u32>,
    pub states: States,
    /// What is appended.
    pub texts: Vec<Value>,
    pub classes: Vec<Class>,
    /// Operations that replace the state, whatever it was or if it was a certain one.
    pub replacers: Vec<u32>,
    /// The next read that returns, from each level on.
    pub next_reads: Vec<Option<u32>>,
    /// The classes of texts that hold each text that is appended.
    pub holders: Vec<Vec<usize>>,
    /// Whether `makers` are complete.
    pub knows_makers: bool,
    /// Whether any operation appends.
    pub appends: bool,
    /// Whether any operation needs something else of a state than to be a certain one.
    pub avoids: bool,
    /// 64-bit words in a set of bits.
    pub words: usize,
    /// Operations that may be open at some levels, a block of `block` levels each.
    open: Vec<Vec<u32>>,
    block: usize,
}

impl History {
    pub fn new(observed: &[Observed]) -> History {
        let binds = |o: &&Observed| o.reply != Reply::Unknown || o.call != Call::Get;
        let kept = || observed.iter().filter(binds);
        let appends = kept().any(|o| matches!(o.call, Call::Append(_)));
        let seen = kept().flat_map(|o| match (&o.call, &o.reply) {
            (Call::Get, Reply::Found(found)) => found.as_ref(),
            (Call::Cas { expected, .. }, _) => expected.as_ref(),
            _ => None,
        });
        let states = States::new(seen, appends);
        let mut history = History {
            ops: Vec::new(),
            levels: Vec::new(),
            opened: Vec::new(),
            lost: Vec::new(),
            classes: vec![Class::default(); states.classes()],
            states,
            replacers: Vec::new(),
            next_reads: Vec::new(),
            holders: Vec::new(),
            texts: Vec::new(),
            knows_makers: true,
            appends,
            avoids: false,
            words: 0,
            open: Vec::new(),
            block: 1,
        };
        history.translate(observed);
        history.settle_levels();
        history.settle_bits();
        history.settle_classes();
        history
    }

    fn translate(&mut self, observed: &[Observed]) {
        let mut numbers = BTreeMap::new();
        let mut steps = Vec::with_capacity(observed.len());
        for o in observed {
            let of = |value: &Option<Value>| self.states.of(value.as_ref());
            steps.push(match (&o.call, &o.reply) {
                (Call::Get, Reply::Found(found)) => Some(Step::Read(of(found))),
                (Call::Get, _) => None,
                (Call::Put(value), _) => Some(Step::Set(self.states.of(Some(value)))),
                (Call::Delete | Call::Cas { .. }, Reply::Absent) => {
                    Some(Step::Read(KeyState::ABSENT))
                }
                (Call::Delete, _) => Some(Step::Set(KeyState::ABSENT)),
                (Call::Append(more), _) => {
                    let next = numbers.len() as u32;
                    let number = *numbers.entry(more.as_text()).or_insert_with(|| {
                        self.texts.push(more.clone());
                        next
                    });
                    Some(Step::Append(number))
                }
                (
                    Call::Cas {
                        expected,
                        value,
                        creates,
                    },
                    reply,
                ) => {
                    let from = Test {
                        state: of(expected),
                        or_absent: *creates,
                    };
                    let to = self.states.of(Some(value));
                    Some(match reply {
                        Reply::Done => Step::Hit(from, to),
                        Reply::Missed => Step::Miss(from),
                        _ => Step::Maybe(from, to),
                    })
                }
            });
        }
        self.avoids = steps.iter().flatten().any(|step| step.avoids());
        for (given, (o, step)) in observed.iter().zip(steps).enumerate() {
            let Some(step) = step else { continue };
            let unnoticed = step == Step::Set(KeyState::UNSEEN) && !self.avoids;
            let deadline = o.deadline();
            if deadline.is_none() && (unnoticed || !step.writes()) {
                continue;
            }
            self.ops.push(Op {
                given,
                step,
                invoked: o.invoked,
                returned: deadline.unwrap_or(u64::MAX),
                level: if deadline.is_some() { 0 } else { NEVER },
                bit: 0,
                has_twin: false,
                last_reader: None,
            });
        }
        self.ops.sort_by_key(|op| op.invoked);
        let mut counts = BTreeMap::new();
        for op in &self.ops {
            *counts.entry(op.step).or_insert(0) += 1;
        }
        for op in &mut self.ops {
            op.has_twin = counts[&op.step] > 1;
        }
    }

    fn settle_levels(&mut self) {
        let all = 0..self.ops.len() as u32;
        let (lost, mut levels): (Vec<_>, Vec<_>) =
            all.partition(|&op| self.ops[op as usize].level == NEVER);
        levels.sort_by_key(|&op| self.ops[op as usize].returned);
        for (level, &op) in levels.iter().enumerate() {
            let op = &mut self.ops[op as usize];
            op.level = level as u32;
            // Equal times are concurrent.
            let returned = op.returned;
            let opened = self.ops.partition_point(|op| op.invoked <= returned);
            self.opened.push(opened as u32);
        }
        (self.lost, self.levels) = (lost, levels);
    }

    /// Gives out the bits, and cuts the levels into blocks as long as there are open operations
    /// at most: then the lists of the blocks hold each operation about twice.
    fn settle_bits(&mut self) {
        let mut free = Vec::new();
        let mut bits = 0;
        let mut next = 0;
        for level in 0..self.levels.len() {
            for op in &mut self.ops[next..self.opened[level] as usize] {
                op.bit = free.pop().unwrap_or_else(|| {
                    bits += 1;
                    bits - 1
                });
            }
            next = next.max(self.opened[level] as usize);
            free.push(self.ops[self.levels[level] as usize].bit);
        }
        self.words = (bits as usize).div_ceil(64).max(1);
        self.block = (bits as usize).saturating_sub(self.lost.len()).max(16);
        let mut open: Vec<u32> = Vec::new();
        let mut next = 0;
        for first in (0..self.levels.len()).step_by(self.block) {
            let last = (first + self.block).min(self.levels.len()) - 1;
            let opened = self.opened[last];
            open.extend(next..opened);
            next = opened;
            open.retain(|&op| {
                let level = self.ops[op as usize].level;
                level != NEVER && level as usize >= first
            });
            self.open.push(open.clone());
        }
    }

    /// The text of an append.
    pub fn text(&self, number: u32) -> &str {
        self.texts[number as usize].as_text()
    }

    /// Operations that were invoked by `level` and return then or later.
    pub fn open(&self, level: u32) -> impl Iterator<Item = u32> {
        let opened = self.opened[level as usize];
        let block = &self.open[level as usize / self.block];
        let is_open = move |&op: &u32| op < opened && self.ops[op as usize].level >= level;
        block.iter().copied().filter(is_open)
    }

    /// How many entries [`History::open`] looks at.
    pub fn breadth(&self, level: u32) -> usize {
        self.open[level as usize / self.block].len()
    }

    /// Operations that were invoked by `level` and never return.
    pub fn lost(&self, level: u32) -> &[u32] {
        let opened = self.opened[level as usize];
        &self.lost[..self.lost.partition_point(|&op| op < opened)]
    }
}
