//! Who needs which state, and who can make it: what the search knows of the future.

use super::history::{History, NEVER, Step};
use super::states::KeyState;
use std::collections::BTreeMap;

/// Who needs a state, and who can make it.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    /// Operations that return and need it, as they were invoked.
    readers: Vec<u32>,
    /// The earliest return of each of them and those after it.
    deadlines: Vec<u64>,
    /// Operations that can leave it, as they were invoked.
    makers: Vec<u32>,
    /// Operations that replace the state by a beginning of it, as they were invoked.
    bases: Vec<u32>,
}

/// With more different lengths of appended texts, who made which text is not looked for.
const LENGTHS: usize = 64;

/// Bytes and texts that are looked at to find the last readers of writes.
const WORK: usize = 50_000_000;

/// Texts that are looked at before a beginning of them is given up.
const AWAITED: usize = 64;

/// Whether a state that is left can come back in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Again {
    /// An operation to come can make it.
    Possible,
    /// Only one that is open now and hasn't taken effect.
    ByOpenOnly,
}

impl History {
    pub fn settle_classes(&mut self) {
        for (at, op) in self.ops.iter().enumerate() {
            let class = |state| self.states.class(state);
            if let Some(class) = op.step.needs().and_then(class)
                && op.level != NEVER
            {
                self.classes[class].readers.push(at as u32);
            }
            let makes = match op.step {
                Step::Set(to) | Step::Hit(_, to) | Step::Maybe(_, to) => class(to),
                _ => None,
            };
            if let Some(class) = makes {
                self.classes[class].makers.push(at as u32);
            }
        }
        if self.appends {
            self.find_appenders();
            self.find_bases();
        }
        for class in &mut self.classes {
            class.makers.sort_unstable();
            let mut deadline = u64::MAX;
            let readers = class.readers.iter().rev();
            class.deadlines = readers
                .map(|&reader| {
                    deadline = deadline.min(self.ops[reader as usize].returned);
                    deadline
                })
                .collect();
            class.deadlines.reverse();
        }
        self.find_last_readers();
        if !self.appends {
            return;
        }
        let all = 0..self.ops.len() as u32;
        let replaces = |step| matches!(step, Step::Set(_) | Step::Hit(..) | Step::Maybe(..));
        self.replacers = all
            .filter(|&op| replaces(self.ops[op as usize].step))
            .collect();
        let mut next = None;
        let reads = self.levels.iter().rev().map(|&op| {
            let is_read = matches!(self.ops[op as usize].step, Step::Read(_));
            next = if is_read { Some(op) } else { next };
            next
        });
        self.next_reads = reads.collect();
        self.next_reads.reverse();
    }

    /// Who can complete each text by appending to it: whoever appends an end of it.
    fn find_appenders(&mut self) {
        let mut by_text: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, op) in self.ops.iter().enumerate() {
            if let Step::Append(text) = op.step {
                let text = &**self.texts[text as usize].as_text();
                by_text.entry(text).or_default().push(at as u32);
            }
        }
        let mut lengths: Vec<usize> = by_text.keys().map(|text| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        self.knows_makers = lengths.len() <= LENGTHS;
        if !self.knows_makers {
            return;
        }
        for (at, class) in self.classes.iter_mut().enumerate() {
            let Some(whole) = self.states.class_text(at) else {
                continue;
            };
            for &length in lengths.iter().take_while(|&&length| length <= whole.len()) {
                let end = whole.get(whole.len() - length..);
                if let Some(appenders) = end.and_then(|end| by_text.get(end)) {
                    class.makers.extend(appenders);
                }
            }
        }
    }

    /// Who can leave a beginning of each text, to be appended to.
    fn find_bases(&mut self) {
        let mut by_text: BTreeMap<Option<&str>, Vec<u32>> = BTreeMap::new();
        for (at, op) in self.ops.iter().enumerate() {
            if let Step::Set(to) | Step::Hit(_, to) | Step::Maybe(_, to) = op.step
                && to != KeyState::UNSEEN
            {
                by_text
                    .entry(self.states.text(to))
                    .or_default()
                    .push(at as u32);
            }
        }
        let mut lengths: Vec<usize> = by_text.keys().flatten().map(|text| text.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        self.knows_makers &= lengths.len() <= LENGTHS;
        if !self.knows_makers {
            return;
        }
        for (at, class) in self.classes.iter_mut().enumerate() {
            let Some(whole) = self.states.class_text(at) else {
                continue;
            };
            let starts = lengths.iter().filter_map(|&length| whole.get(..length));
            for start in starts.map(Some).chain([None]) {
                class
                    .bases
                    .extend(by_text.get(&start).into_iter().flatten());
            }
            class.bases.sort_unstable();
        }
    }

    /// Looks for the last reader of every write, unless that is too much work.
    fn find_last_readers(&mut self) {
        let mut work = WORK;
        let text_classes = || (0..self.states.classes() - 1).step_by(2);
        for text in &self.texts {
            let holds = |&class: &usize| {
                let whole = self.states.class_text(class).unwrap_or_default();
                work = work.saturating_sub(whole.len() + 1);
                work > 0 && whole.contains(&**text.as_text())
            };
            self.holders.push(text_classes().filter(holds).collect());
        }
        let mut known = BTreeMap::new();
        for at in 0..self.ops.len() {
            let step = self.ops[at].step;
            let last_reader = *known.entry(step).or_insert_with(|| {
                let last =
                    |class: usize| self.classes[class].readers.last().map_or(0, |&op| op + 1);
                let class = |state| self.states.class(state);
                let mut needed: u32 = match step {
                    Step::Append(text) => self.holders[text as usize]
                        .iter()
                        .map(|&class| last(class))
                        .max(),
                    Step::Set(KeyState::ABSENT) if self.appends => return None,
                    Step::Set(to) => class(to).map(last),
                    _ => return None,
                }
                .unwrap_or(0);
                if let Step::Set(to) = step
                    && self.appends
                {
                    let grown = self.states.grown(to).filter_map(class);
                    let grown = grown.inspect(|_| work = work.saturating_sub(1));
                    needed = needed.max(grown.map(last).max().unwrap_or(0));
                }
                (work > 0).then_some(needed)
            });
            self.ops[at].last_reader = last_reader;
        }
    }

    /// Whether nobody who is invoked after `level` needs what `op` writes.
    pub fn is_done_with(&self, op: u32, level: u32) -> bool {
        let last = self.ops[op as usize].last_reader;
        last.is_some_and(|last| last <= self.opened[level as usize])
    }

    /// Whether a text holds another that is appended.
    pub fn holds(&self, text: KeyState, appended: u32) -> bool {
        let class = self.states.class(text);
        class.is_some_and(|class| {
            self.holders[appended as usize]
                .binary_search(&class)
                .is_ok()
        })
    }

    /// Whether an operation that is invoked after `level` needs `state`; and if so, whether one
    /// that is invoked after `level` can make it again in time.
    pub fn needed_later(&self, state: KeyState, level: u32) -> Option<Again> {
        let class = &self.classes[self.states.class(state)?];
        let opened = self.opened[level as usize];
        let reader = class.readers.partition_point(|&reader| reader < opened);
        let deadline = *class.deadlines.get(reader)?;
        let maker = class.makers.partition_point(|&maker| maker < opened);
        let maker = class.makers.get(maker);
        if !self.knows_makers || maker.is_some_and(|&op| self.ops[op as usize].invoked <= deadline)
        {
            Some(Again::Possible)
        } else {
            Some(Again::ByOpenOnly)
        }
    }

    /// Texts that `state` is a beginning of and that an operation invoked after `level` needs;
    /// and the earliest return of such an operation.
    pub fn awaited(&self, state: KeyState, level: u32) -> impl Iterator<Item = (KeyState, u64)> {
        let opened = self.opened[level as usize];
        let grown = self.states.grown(state).take(AWAITED);
        grown.filter_map(move |text| {
            let class = &self.classes[self.states.class(text)?];
            let reader = class.readers.partition_point(|&reader| reader < opened);
            Some((text, *class.deadlines.get(reader)?))
        })
    }

    /// Whether an operation that is invoked after `level` can begin to make `text` by `deadline`.
    pub fn has_base_later(&self, text: KeyState, level: u32, deadline: u64) -> bool {
        let opened = self.opened[level as usize];
        let class = self.states.class(text);
        let bases = class.map_or(&[][..], |class| &self.classes[class].bases);
        let base = bases.get(bases.partition_point(|&base| base < opened));
        !self.knows_makers || base.is_some_and(|&op| self.ops[op as usize].invoked <= deadline)
    }

    /// Whether `op` replaces the state by a beginning of `text`.
    pub fn is_base(&self, op: u32, text: KeyState) -> bool {
        let class = self.states.class(text);
        class.is_some_and(|class| self.classes[class].bases.binary_search(&op).is_ok())
    }

    /// The next read that returns at `level` or after, if nothing invoked after `level` can
    /// replace the state before it does. For histories with appends.
    pub fn next_read(&self, level: u32) -> Option<u32> {
        let read = (*self.next_reads.get(level as usize)?)?;
        let opened = self.opened[level as usize];
        let replacer = self.replacers.partition_point(|&op| op < opened);
        let replacer = self.replacers.get(replacer);
        let returned = self.ops[read as usize].returned;
        let is_free = replacer.is_none_or(|&op| self.ops[op as usize].invoked > returned);
        is_free.then_some(read)
    }

    /// Whether `op` can leave `state`.
    pub fn makes(&self, op: u32, state: KeyState) -> bool {
        let class = self.states.class(state);
        class.is_some_and(|class| self.classes[class].makers.binary_search(&op).is_ok())
    }

    /// A read of something that nobody writes, or not before it returns.
    pub fn has_impossible_read(&self, roots: &[(KeyState, usize)]) -> bool {
        self.knows_makers
            && self.levels.iter().any(|&reader| {
                let reader = &self.ops[reader as usize];
                let Some(state) = reader.step.needs() else {
                    return false;
                };
                let class = &self.classes[self.states.class(state).unwrap_or_default()];
                let in_time = |&op: &u32| self.ops[op as usize].invoked <= reader.returned;
                !roots.iter().any(|&(root, _)| root == state)
                    && !class.makers.first().is_some_and(in_time)
            })
    }
}
