//! The log: entries that are written once and shared by everybody who holds them.
//!
//! A real server serialises an entry for each follower. Here every server lives in one process,
//! so a log is a list of [`Entries`]: slices of reference-counted segments whose slots are
//! written once and never changed. Sending entries, storing them and cloning a whole log copies
//! pointers, never commands. Cutting a log's tail only shortens its last slice: messages under
//! way and other logs keep what they hold.
//!
//! How a log is cut into segments never shows: every question has the same answer whichever
//! segments the entries stand in. Runs depend on that, because clones share segments.
//!
//! A log may begin late: what a snapshot covers is *compacted* away (section 7). Its name is kept,
//! the *base*, because the consistency check asks for the entry before the first one.

use super::configuration::Configuration;
use super::types::{Entry, EntryId, Index, Measured, Payload, Term};
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// Slots of a fresh segment: as many as the log holds, within these bounds, so that a short log
/// stays small and a long one is seldom cut where a message wants to read.
const SEGMENT: std::ops::RangeInclusive<u64> = 64..=8192;

/// Where entries stand: slots that are written once, one after the other.
#[derive(Debug)]
struct Segment<C> {
    slots: Box<[OnceCell<Entry<C>>]>,
    /// Whether any entry is a configuration. Hardly any is, and this spares a look at each.
    configures: Cell<bool>,
}

impl<C> Segment<C> {
    /// An empty one for the end of a log of that many entries.
    fn new(log_len: u64) -> Segment<C> {
        let slots = log_len.clamp(*SEGMENT.start(), *SEGMENT.end());
        Segment {
            slots: (0..slots).map(|_| OnceCell::new()).collect(),
            configures: Cell::new(false),
        }
    }
}

/// A run of consecutive entries, immutable and cheap to clone.
#[derive(Debug)]
pub struct Entries<C> {
    /// Behind a thin pointer: it travels in every message.
    segment: Option<Rc<Segment<C>>>,
    start: u32,
    len: u32,
}

impl<C> Clone for Entries<C> {
    fn clone(&self) -> Self {
        Entries {
            segment: self.segment.clone(),
            ..*self
        }
    }
}

impl<C> Default for Entries<C> {
    fn default() -> Self {
        Entries {
            segment: None,
            start: 0,
            len: 0,
        }
    }
}

impl<C: PartialEq> PartialEq for Entries<C> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<C: Eq> Eq for Entries<C> {}

impl<C> FromIterator<Entry<C>> for Entries<C> {
    fn from_iter<I: IntoIterator<Item = Entry<C>>>(entries: I) -> Self {
        let mut configures = false;
        let note = |entry: &Entry<C>| configures |= entry.configuration().is_some();
        let entries = entries.into_iter().inspect(note);
        let slots: Box<[_]> = entries.map(OnceCell::from).collect();
        let len = slots.len() as u32;
        let configures = configures.into();
        Entries {
            segment: Some(Rc::new(Segment { slots, configures })),
            start: 0,
            len,
        }
    }
}

impl<C> Entries<C> {
    /// How many entries.
    pub fn len(&self) -> u64 {
        self.len.into()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entry at `offset` from the first.
    pub fn get(&self, offset: u64) -> Option<&Entry<C>> {
        if offset >= self.len() {
            return None;
        }
        self.segment.as_ref()?.slots[self.start as usize + offset as usize].get()
    }

    /// The last entry.
    pub fn last(&self) -> Option<&Entry<C>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Entry<C>> + DoubleEndedIterator {
        self.slots()
            .iter()
            .map(|slot| slot.get().expect("a slice covers written slots only"))
    }

    fn slots(&self) -> &[OnceCell<Entry<C>>] {
        match &self.segment {
            Some(segment) => &segment.slots[self.start as usize..][..self.len as usize],
            None => &[],
        }
    }

    /// The configurations among them, and at which offsets they stand.
    pub(super) fn configurations(&self) -> impl Iterator<Item = (u64, &Configuration)> {
        let slots = match &self.segment {
            Some(segment) if segment.configures.get() => self.slots(),
            _ => &[],
        };
        let slots = (0..).zip(slots);
        slots.filter_map(|(at, slot)| Some((at, slot.get()?.configuration()?)))
    }

    /// The entries from `offset` on, at most `len` of them.
    #[must_use]
    pub fn slice(&self, offset: u64, len: u64) -> Entries<C> {
        let offset = offset.min(self.len());
        let len = len.min(self.len() - offset);
        if len == 0 {
            return Entries::default();
        }
        Entries {
            segment: self.segment.clone(),
            start: self.start + offset as u32,
            len: len as u32,
        }
    }

    /// Takes `next` in if it stands right behind these entries in the same segment.
    pub(super) fn join(&mut self, next: &Entries<C>) -> bool {
        let adjoins = match (&self.segment, &next.segment) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b) && self.start + self.len == next.start,
            _ => false,
        };
        if adjoins {
            self.len += next.len;
        }
        adjoins
    }

    /// Writes `entry` into the slot behind these entries, if the segment has a free one there.
    fn push(&mut self, entry: Entry<C>) -> Result<(), Entry<C>> {
        let Some(segment) = &self.segment else {
            return Err(entry);
        };
        let Some(slot) = segment.slots.get((self.start + self.len) as usize) else {
            return Err(entry);
        };
        let configures = entry.configuration().is_some();
        slot.set(entry)?;
        if configures {
            segment.configures.set(true);
        }
        self.len += 1;
        Ok(())
    }
}

impl<C: Measured> Entries<C> {
    /// How many bytes they have.
    #[inline]
    pub fn bytes(&self) -> u64 {
        self.iter().map(|entry| u64::from(entry.bytes())).sum()
    }

    /// As many of the first entries as have no more than `max` bytes, but at least one, and how
    /// many bytes they have.
    pub(super) fn within(mut self, max: u32) -> (Entries<C>, u32) {
        // Usually all of them do.
        let mut bytes = self.bytes();
        while bytes > max.into() && self.len > 1 {
            bytes -= self.last().map_or(0, |entry| entry.bytes().into());
            self.len -= 1;
        }
        (self, bytes as u32)
    }
}

/// A part of a log: where it begins, and its entries.
#[derive(Debug)]
struct Part<C> {
    first: Index,
    entries: Entries<C>,
}

impl<C> Clone for Part<C> {
    fn clone(&self) -> Self {
        Part {
            first: self.first,
            entries: self.entries.clone(),
        }
    }
}

/// A server's log (figure 2). Indexes begin at 1, and behind the base of a compacted log.
#[derive(Debug)]
pub struct Log<C> {
    /// Consecutive, none empty.
    parts: Vec<Part<C>>,
    /// The last entry that was compacted away.
    base: EntryId,
    last: EntryId,
}

impl<C> Clone for Log<C> {
    fn clone(&self) -> Self {
        Log {
            parts: self.parts.clone(),
            ..*self
        }
    }
}

impl<C> Default for Log<C> {
    fn default() -> Self {
        Log {
            parts: Vec::new(),
            base: EntryId::START,
            last: EntryId::START,
        }
    }
}

impl<C> Log<C> {
    /// The last entry that was compacted away (figure 13, lastIncludedIndex and
    /// lastIncludedTerm); [`EntryId::START`] if none was.
    pub fn base(&self) -> EntryId {
        self.base
    }

    /// The index of the first entry that is still there, or would be.
    pub fn first_index(&self) -> Index {
        self.base.index + 1
    }

    /// The last entry's index and term, or the base; [`EntryId::START`] if there never was any.
    pub fn last(&self) -> EntryId {
        self.last
    }

    /// The last entry's index; 0 if there never was any.
    pub fn last_index(&self) -> Index {
        self.last.index
    }

    /// The entry at `index`, if it is there and not compacted.
    pub fn entry(&self, index: Index) -> Option<&Entry<C>> {
        let part = self.part(index)?;
        part.entries.get(index - part.first)
    }

    /// The term of the entry at `index`, which may be the base; 0 at index 0 of a log that was
    /// never compacted.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.last.index {
            Some(self.last.term)
        } else if index == self.base.index {
            Some(self.base.term)
        } else {
            self.entry(index).map(|entry| entry.term)
        }
    }

    /// The name of the entry at `index`.
    pub fn entry_id(&self, index: Index) -> Option<EntryId> {
        self.term_at(index).map(|term| EntryId { index, term })
    }

    /// Whether the log holds the entry of that index and term (and so, by Log Matching,
    /// everything before it).
    pub fn holds(&self, at: EntryId) -> bool {
        self.term_at(at.index) == Some(at.term)
    }

    /// The first index of the entries of `term` that is still there, given that the entry at
    /// `index` is one of them.
    pub fn first_of_term(&self, term: Term, index: Index) -> Index {
        self.partition(self.first_index(), index, |t| t < term)
    }

    /// The last index at or before `index` whose entry has `term`, if there is one.
    pub fn last_of_term(&self, term: Term, index: Index) -> Option<Index> {
        let end = index.min(self.last.index) + 1;
        let at = self.partition(self.first_index(), end, |t| t <= term) - 1;
        (at > 0 && self.term_at(at) == Some(term)).then_some(at)
    }

    /// The first index in `low..high` whose term is not `before` any more; `high` if none.
    /// Terms never fall along a log, so halving finds it.
    fn partition(&self, mut low: Index, mut high: Index, before: impl Fn(Term) -> bool) -> Index {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.term_at(middle).is_some_and(&before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Cuts away everything from `index` on, but never below the base.
    pub fn truncate(&mut self, index: Index) {
        let index = index.max(self.first_index());
        if index > self.last.index {
            return;
        }
        while self.parts.last().is_some_and(|part| part.first >= index) {
            self.parts.pop();
        }
        self.last = self.base;
        if let Some(part) = self.parts.last_mut() {
            part.entries.len = (index - part.first) as u32;
            let term = part.entries.last().map_or(0, |entry| entry.term);
            self.last = EntryId {
                index: index - 1,
                term,
            };
        }
    }

    /// Compacts away everything through `base`, which a snapshot covers. Entries behind it stay
    /// if the log holds `base`; else they belong to another history and go too (section 7).
    pub fn rebase(&mut self, base: EntryId) {
        if base.index < self.base.index {
            return;
        }
        if !self.holds(base) {
            self.parts.clear();
            self.last = base;
        }
        self.base = base;
        let gone = self
            .parts
            .partition_point(|part| part.first + part.entries.len() <= base.index + 1);
        self.parts.drain(..gone);
        if let Some(part) = self.parts.first_mut() {
            let cut = (base.index + 1).saturating_sub(part.first);
            part.first += cut;
            part.entries = part.entries.slice(cut, part.entries.len());
        }
    }

    /// Appends one new entry.
    pub fn push(&mut self, entry: Entry<C>) {
        let index = self.last.index + 1;
        self.last = EntryId {
            index,
            term: entry.term,
        };
        let entry = match self.parts.last_mut() {
            Some(part) => match part.entries.push(entry) {
                Ok(()) => return,
                Err(entry) => entry,
            },
            None => entry,
        };
        let mut entries = Entries {
            segment: Some(Rc::new(Segment::new(index - self.base.index))),
            start: 0,
            len: 0,
        };
        if entries.push(entry).is_err() {
            unreachable!("a fresh segment has free slots");
        }
        self.parts.push(Part {
            first: index,
            entries,
        });
    }

    /// Appends entries that somebody else wrote, without copying them.
    pub fn extend(&mut self, entries: &Entries<C>) {
        let Some(end) = entries.last() else { return };
        let first = self.last.index + 1;
        self.last = EntryId {
            index: self.last.index + entries.len(),
            term: end.term,
        };
        let joined = self
            .parts
            .last_mut()
            .is_some_and(|part| part.entries.join(entries));
        if !joined {
            self.parts.push(Part {
                first,
                entries: entries.clone(),
            });
        }
    }

    /// The part that holds the entry at `index`, or behind which it would come.
    fn part(&self, index: Index) -> Option<&Part<C>> {
        let last = self.parts.last()?;
        if index >= last.first {
            return Some(last);
        }
        let behind = self.parts.partition_point(|part| part.first <= index);
        self.parts.get(behind.checked_sub(1)?)
    }
}

impl<C: Clone> Log<C> {
    /// The entries from `first` on, at most `max` of them: shared where they stand in one
    /// segment, gathered into a new one where they don't.
    pub fn slice(&self, first: Index, max: u64) -> Entries<C> {
        let Some(part) = self.part(first) else {
            return Entries::default();
        };
        let len = max.min((self.last.index + 1).saturating_sub(first));
        let shared = part.entries.slice(first - part.first, len);
        if shared.len() == len {
            return shared;
        }
        self.gather(first, len)
    }

    #[cold]
    fn gather(&self, first: Index, len: u64) -> Entries<C> {
        (first..first + len)
            .filter_map(|index| self.entry(index).cloned())
            .collect()
    }
}

/// Builds an entry that carries a command: a short hand for tests and examples.
impl<C> From<(Term, C)> for Entry<C> {
    fn from((term, command): (Term, C)) -> Self {
        Entry {
            term,
            payload: Payload::Command(command),
        }
    }
}
