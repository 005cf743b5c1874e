//! The search for an order of transactions.

use super::super::model::{Call, Reply, Value};
use super::super::seen::Seen;
use super::{MAX_KEYS, MAX_OPERATIONS, Transaction};
use std::collections::{BTreeMap, BTreeSet};

/// A transaction, ready for the search.
#[derive(Clone, Debug)]
struct Op {
    /// Its number among those that were given.
    given: usize,
    invoked: u64,
    /// The level at which it returns; `NEVER`: it may take effect at any time, or never.
    level: u32,
    /// Its bit, from when it is invoked to its level.
    bit: u32,
    is_read: bool,
}

const NEVER: u32 = u32::MAX;

const NONE: u32 = u32::MAX;

/// A configuration under examination. Its bits lie in `Search::sets`, its values in
/// `Search::states`.
#[derive(Clone, Debug)]
struct Frame {
    level: u32,
    chosen: u32,
    first: usize,
}

/// Values as numbers.
#[derive(Clone, Debug, Default)]
struct Values {
    numbers: BTreeMap<Option<Value>, u32>,
    values: Vec<Option<Value>>,
    bytes: usize,
}

impl Values {
    fn number(&mut self, value: Option<Value>) -> u32 {
        if let Some(&number) = self.numbers.get(&value) {
            return number;
        }
        let number = self.values.len() as u32;
        self.bytes += 100 + value.as_ref().map_or(0, |it| it.as_text().len());
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

/// The search of a history of several keys. It can be interrupted.
#[derive(Clone, Debug)]
pub(in super::super) struct Search<'a> {
    given: &'a [Transaction],
    ops: Vec<Op>,
    /// The operation that returns at each level.
    levels: Vec<u32>,
    /// How many operations were invoked by the return of each level.
    opened: Vec<u32>,
    /// The first operation that returns at each level or later.
    first_open: Vec<u32>,
    /// Operations that may take effect at any time.
    lost: Vec<u32>,
    values: Values,
    frames: Vec<Frame>,
    sets: Vec<u64>,
    states: Vec<u32>,
    words: usize,
    keys: usize,
    candidates: Vec<u32>,
    seen: Seen,
    decided: Option<bool>,
    last: Option<u32>,
    initial: Vec<u32>,
    /// The furthest level that was come to.
    furthest: u32,
    /// The level at which to stop.
    stop_at: u32,
    gives_up: bool,
    has_begun: bool,
}

fn has(set: &[u64], bit: u32) -> bool {
    set[(bit / 64) as usize] & 1 << (bit % 64) != 0
}

fn flip(set: &mut [u64], bit: u32) {
    set[(bit / 64) as usize] ^= 1 << (bit % 64);
}

impl<'a> Search<'a> {
    /// The search for an order of `given` where the keys hold `initial` at first.
    pub fn new(given: &'a [Transaction], initial: &[Option<Value>]) -> Search<'a> {
        let gives_up = given.len() > MAX_OPERATIONS || initial.len() > MAX_KEYS;
        let mut search = Search {
            given,
            ops: Vec::new(),
            levels: Vec::new(),
            opened: Vec::new(),
            first_open: Vec::new(),
            lost: Vec::new(),
            values: Values::default(),
            frames: Vec::new(),
            sets: Vec::new(),
            states: Vec::new(),
            words: 0,
            keys: initial.len(),
            candidates: Vec::new(),
            seen: Seen::new(2),
            decided: None,
            last: None,
            initial: Vec::new(),
            furthest: 0,
            stop_at: NEVER,
            gives_up,
            has_begun: false,
        };
        if gives_up {
            return search;
        }
        search.settle();
        search.seen = Seen::new(2 + search.words + search.keys.div_ceil(2));
        search.initial = initial
            .iter()
            .map(|value| search.values.number(value.clone()))
            .collect();
        if search.levels.is_empty() {
            search.decided = Some(true);
        }
        search
    }

    /// Sorts the operations, and gives out levels and bits.
    fn settle(&mut self) {
        let is_bound = |it: &Transaction| it.deadline().is_some();
        let kept = self.given.iter().enumerate();
        let found = found(self.given, self.keys);
        let is_noticed = |it: &Transaction| !it.is_read() && !is_unnoticed(it, &found);
        let kept = kept.filter(|(_, it)| is_bound(it) || is_noticed(it));
        self.ops = kept
            .map(|(given, it)| Op {
                given,
                invoked: it.invoked,
                level: if is_bound(it) { 0 } else { NEVER },
                bit: 0,
                is_read: it.is_read(),
            })
            .collect();
        self.ops.sort_by_key(|op| op.invoked);
        let all = 0..self.ops.len() as u32;
        let (lost, mut levels): (Vec<_>, Vec<_>) =
            all.partition(|&op| self.ops[op as usize].level == NEVER);
        let given = self.given;
        let returned = |op: &Op| given[op.given].returned.unwrap_or(u64::MAX);
        levels.sort_by_key(|&op| returned(&self.ops[op as usize]));
        let mut free = Vec::new();
        let (mut bits, mut next) = (0, 0);
        for (level, &op) in levels.iter().enumerate() {
            self.ops[op as usize].level = level as u32;
            let until = returned(&self.ops[op as usize]);
            // Equal times are concurrent.
            let opened = self.ops.partition_point(|op| op.invoked <= until);
            self.opened.push(opened as u32);
            for op in &mut self.ops[next..opened.max(next)] {
                op.bit = free.pop().unwrap_or_else(|| {
                    bits += 1;
                    bits - 1
                });
            }
            next = next.max(opened);
            free.push(self.ops[op as usize].bit);
        }
        let mut first = 0;
        for level in 0..levels.len() as u32 {
            while self.ops[first].level < level || self.ops[first].level == NEVER {
                first += 1;
            }
            self.first_open.push(first as u32);
        }
        self.words = (bits as usize).div_ceil(64).max(1);
        (self.lost, self.levels) = (lost, levels);
    }

    /// Whether it won't decide anything: there are too many operations or keys.
    pub fn has_given_up(&self) -> bool {
        self.gives_up
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        let values = self.values.bytes + self.states.capacity() * 4;
        self.seen.bytes() + self.sets.capacity() * 8 + values
    }

    /// Searches on, for about `steps` steps, which it counts down. `None`: not decided yet.
    pub fn run(&mut self, steps: &mut u64) -> Option<bool> {
        if self.gives_up {
            *steps = 0;
        }
        if *steps > 0 && self.decided.is_none() && !self.has_begun {
            self.has_begun = true;
            let (mut set, state) = (vec![0; self.words], self.initial.clone());
            self.enter(NONE, 0, &mut set, state, steps);
        }
        while self.decided.is_none()
            && *steps > 0
            && !self.seen.is_full()
            && self.furthest < self.stop_at
        {
            let Some(frame) = self.frames.last() else {
                self.decided = Some(false);
                break;
            };
            *steps = steps.saturating_sub(1);
            let level = frame.level;
            if self.candidates.len() == frame.first {
                self.frames.pop();
                self.sets.truncate(self.sets.len() - self.words);
                self.states.truncate(self.states.len() - self.keys);
                continue;
            }
            let Some(op) = self.candidates.pop() else {
                continue;
            };
            let mut set = self.sets[self.sets.len() - self.words..].to_vec();
            let mut state = self.states[self.states.len() - self.keys..].to_vec();
            if self.take(op, &mut state) {
                flip(&mut set, self.ops[op as usize].bit);
                self.enter(op, level, &mut set, state, steps);
            }
        }
        self.decided
    }

    /// Lets an operation take effect; whether it can, and is of use.
    fn take(&mut self, op: u32, state: &mut [u32]) -> bool {
        let op = &self.ops[op as usize];
        let value = |key: usize| self.values.values[state[key] as usize].as_ref();
        let Some(effect) = self.given[op.given].run(value) else {
            return false;
        };
        // What may never happen is of no use where it changes nothing.
        let is_of_use = op.level != NEVER || !effect.is_empty();
        for (key, value) in effect {
            state[key] = self.values.number(value);
        }
        is_of_use
    }

    /// Goes to a configuration, if it is a new one.
    fn enter(
        &mut self,
        chosen: u32,
        level: u32,
        set: &mut [u64],
        state: Vec<u32>,
        steps: &mut u64,
    ) {
        let level = self.advance(level, set, &state, &mut |_| {}, steps);
        if level as usize == self.levels.len() {
            self.decided = Some(true);
            self.last = Some(chosen);
            return;
        }
        let mut row = set.to_vec();
        let pairs = state.chunks(2);
        row.extend(pairs.map(|pair| {
            let second = pair.get(1).copied().unwrap_or_default();
            u64::from(pair[0]) << 32 | u64::from(second)
        }));
        if !self.seen.insert([level.into(), 0], &row) {
            return;
        }
        let first = self.candidates.len();
        self.frames.push(Frame {
            level,
            chosen,
            first,
        });
        self.sets.extend_from_slice(set);
        self.states.extend(state);
        let due = self.levels[level as usize];
        let mut candidates: Vec<u32> = self.open(level).filter(|&op| op != due).collect();
        candidates.retain(|&op| {
            let op = &self.ops[op as usize];
            !op.is_read && !has(set, op.bit)
        });
        // What returns soon is tried first, what may never have happened last.
        candidates.sort_by_key(|&op| std::cmp::Reverse(self.ops[op as usize].level));
        self.candidates.extend(candidates);
        if !self.ops[due as usize].is_read {
            self.candidates.push(due);
        }
        self.furthest = self.furthest.max(level);
    }

    /// Operations that were invoked by `level` and return then, later or never.
    fn open(&self, level: u32) -> impl Iterator<Item = u32> {
        let (first, end) = (self.first_open[level as usize], self.opened[level as usize]);
        let is_open = move |&op: &u32| {
            let of = self.ops[op as usize].level;
            of >= level && of != NEVER
        };
        let lost = &self.lost[..self.lost.partition_point(|&op| op < end)];
        (first..end.max(first))
            .filter(is_open)
            .chain(lost.iter().copied())
    }

    /// Lets what only looks take effect, and passes returns, up to the first that demands a
    /// choice. Gives its level.
    fn advance(
        &self,
        mut level: u32,
        set: &mut [u64],
        state: &[u32],
        log: &mut dyn FnMut(u32),
        steps: &mut u64,
    ) -> u32 {
        let value = |key: usize| self.values.values[state[key] as usize].as_ref();
        while (level as usize) < self.levels.len() {
            for at in self.open(level) {
                let op = &self.ops[at as usize];
                if op.is_read && !has(set, op.bit) && self.given[op.given].run(value).is_some() {
                    flip(set, op.bit);
                    log(at);
                }
            }
            *steps = steps.saturating_sub(1);
            let bit = self.ops[self.levels[level as usize] as usize].bit;
            if !has(set, bit) {
                break;
            }
            flip(set, bit);
            level += 1;
        }
        level
    }

    /// The operations that have taken effect in the configuration under examination, or in the
    /// order that was found.
    pub fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut log = |op: u32| order.push(self.ops[op as usize].given);
        let mut set = vec![0; self.words];
        let mut level = 0;
        let mut state = self.initial.clone();
        let chosen = self.frames.iter().map(|frame| frame.chosen);
        for op in chosen.chain(self.last) {
            if op != NONE {
                flip(&mut set, self.ops[op as usize].bit);
                log(op);
                state = self.after(op, state);
            }
            level = self.advance(level, &mut set, &state, &mut log, &mut 0);
        }
        order
    }

    /// The state after an operation that was taken before.
    fn after(&self, op: u32, mut state: Vec<u32>) -> Vec<u32> {
        let value = |key: usize| self.values.values[state[key] as usize].as_ref();
        let effect = self.given[self.ops[op as usize].given].run(value);
        for (key, value) in effect.unwrap_or_default() {
            state[key] = self.values.numbers.get(&value).copied().unwrap_or_default();
        }
        state
    }

    /// For a history that has no order: one that comes furthest, and the operation whose return
    /// it doesn't come past. It searches twice, since it is dear to tell an order.
    pub fn furthest(mut self, steps: &mut u64) -> (Vec<usize>, Option<usize>) {
        let mut again = Search {
            frames: Vec::new(),
            ..self.clone()
        };
        let mut left = *steps / 2;
        *steps -= left;
        self.run(&mut left);
        again.stop_at = self.furthest;
        again.run(steps);
        *steps += left;
        let stuck = self.levels.get(self.furthest as usize);
        let stuck = stuck.map(|&op| self.ops[op as usize].given);
        (again.order(), stuck)
    }
}

/// What is found of a key, and whether more is asked of it than what it holds.
#[derive(Default)]
struct Found<'a> {
    values: BTreeSet<&'a Value>,
    asks_more: bool,
}

/// What is found of each key.
fn found(given: &[Transaction], keys: usize) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = (0..keys).map(|_| Found::default()).collect();
    for (key, call, reply) in given.iter().flat_map(|it| &it.steps) {
        let of_key = &mut found[*key];
        match (call, reply) {
            (Call::Get, Reply::Found(value)) => of_key.values.extend(value),
            (Call::Get | Call::Put(_), _) => {}
            (Call::Delete, reply) if *reply != Reply::Absent => {}
            _ => of_key.asks_more = true,
        }
    }
    found
}

/// Whether nobody can tell whether this happened: it only writes values that nobody found.
fn is_unnoticed(it: &Transaction, found: &[Found<'_>]) -> bool {
    let is_never_seen = |(key, call, _): &(usize, Call, Reply)| match call {
        Call::Put(value) => !found[*key].asks_more && !found[*key].values.contains(value),
        _ => false,
    };
    it.deadline().is_none() && it.steps.iter().all(is_never_seen)
}
