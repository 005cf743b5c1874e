//! What will happen, in the order of (time, sequence).
//!
//! The queue holds small keys; what a key stands for (a message, say) waits in a [`Slab`]. Nothing
//! is ever taken out of the middle: whoever changes its mind lets the old key fall due and finds
//! that it means nothing any more. Counting those keys too keeps (time, keys processed) an exact
//! name for every instant of a run, also between simultaneous ones.

use crate::base::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What falls due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// A packet reaches its end, or the point where it is lost.
    Packet(u32),
    /// A server's timer.
    Wake(u32),
    /// A server's fsync is complete.
    Synced(u32),
    /// A client's patience, or its wait before the next try, is over.
    Client(u32),
    /// The background load sends its next operation.
    Load,
    /// Chaos throws its dice.
    Chaos,
    /// A random fault is over.
    EndFault(u32),
    /// The operator looks again.
    Operator,
    /// A machine reports to the controller.
    Report(u32),
    /// The controller on a machine looks.
    Control(u32),
    /// Everything at this instant is done: faults look whether their moment has come.
    Moment,
}

/// When something falls due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// When.
    pub at: Time,
    /// Unique, and rising in the order in which the keys were made.
    pub sequence: u64,
    /// What.
    pub due: Due,
}

/// A key in one number, whose order is the keys' order: 52 bits of time (142 years), 42 of
/// sequence, 34 of what falls due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Packed(u128);

impl Packed {
    fn new(Key { at, sequence, due }: Key) -> Packed {
        let (kind, place) = match due {
            Due::Packet(place) => (0, place),
            Due::Wake(at) => (2, at),
            Due::Synced(at) => (3, at),
            Due::Client(at) => (4, at),
            Due::Load => (5, 0),
            Due::Chaos => (6, 0),
            Due::EndFault(place) => (7, place),
            Due::Operator => (8, 0),
            Due::Report(at) => (9, at),
            Due::Control(at) => (10, at),
            Due::Moment => (11, 0),
        };
        debug_assert!(at.0 >> 52 == 0 && sequence >> 42 == 0 && place >> 30 == 0);
        let low = u128::from(sequence) << 34 | u128::from(place) << 4 | kind;
        Packed(u128::from(at.0) << 76 | low)
    }

    fn key(self) -> Key {
        let place = (self.0 >> 4) as u32 & 0x3fff_ffff;
        Key {
            at: Time((self.0 >> 76) as u64),
            sequence: (self.0 >> 34) as u64 & 0x3ff_ffff_ffff,
            due: match self.0 as u32 & 15 {
                0 => Due::Packet(place),
                2 => Due::Wake(place),
                3 => Due::Synced(place),
                4 => Due::Client(place),
                5 => Due::Load,
                6 => Due::Chaos,
                7 => Due::EndFault(place),
                8 => Due::Operator,
                9 => Due::Report(place),
                10 => Due::Control(place),
                _ => Due::Moment,
            },
        }
    }
}

/// Everything that will happen.
///
/// Clients are patient for the same time each, so the ends of their patience come in order, and
/// most of them mean nothing any more when they come. A line of their own spares the heap that many
/// keys: whatever is due no earlier than the last key in it may join the line.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Reverse<Packed>>,
    line: VecDeque<Packed>,
    sequence: u64,
}

impl Queue {
    /// Adds a key; returns its sequence number.
    pub fn push(&mut self, at: Time, due: Due) -> u64 {
        self.sequence += 1;
        let sequence = self.sequence;
        let key = Packed::new(Key { at, sequence, due });
        if matches!(due, Due::Client(_)) && self.line.back().is_none_or(|&last| last < key) {
            self.line.push_back(key);
        } else {
            self.heap.push(Reverse(key));
        }
        sequence
    }

    /// The next key, and whether it stands in the line.
    fn next(&self) -> Option<(Packed, bool)> {
        match (self.heap.peek(), self.line.front()) {
            (Some(&Reverse(key)), Some(&first)) if key < first => Some((key, false)),
            (_, Some(&first)) => Some((first, true)),
            (key, None) => key.map(|&Reverse(key)| (key, false)),
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.heap.len() + self.line.len()
    }

    /// When the next key falls due.
    pub fn next_at(&self) -> Option<Time> {
        self.next().map(|(packed, _)| packed.key().at)
    }

    /// Takes out the next key.
    pub fn pop(&mut self) -> Option<Key> {
        let (packed, in_line) = self.next()?;
        if in_line {
            self.line.pop_front();
        } else {
            self.heap.pop();
        }
        Some(packed.key())
    }
}

/// Values at stable places. The lowest free place is used first, so that the steady state allocates
/// nothing, and a clone has few places behind its last value: a checkpoint doesn't pay for what once
/// was.
#[derive(Debug)]
pub struct Slab<T> {
    places: Vec<Option<T>>,
    /// A bit for each place that is free, in words of 64. All behind the last value are.
    free: Vec<u64>,
    /// No word before this one has a free place.
    lowest: usize,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab {
            places: Vec::new(),
            free: Vec::new(),
            lowest: 0,
            len: 0,
        }
    }
}

impl<T: Clone> Clone for Slab<T> {
    fn clone(&self) -> Slab<T> {
        let last = self.places.iter().rposition(Option::is_some);
        let used = last.map_or(0, |last| last + 1);
        let words = used.div_ceil(64);
        Slab {
            places: self.places[..used].to_vec(),
            free: self.free[..words].to_vec(),
            lowest: self.lowest.min(words),
            len: self.len,
        }
    }
}

impl<T> Slab<T> {
    /// The place that the next [`Slab::insert`] will use.
    #[inline]
    pub fn next_place(&mut self) -> u32 {
        while self.free.get(self.lowest) == Some(&0) {
            self.lowest += 1;
        }
        if self.lowest == self.free.len() {
            self.free.push(u64::MAX);
        }
        64 * self.lowest as u32 + self.free[self.lowest].trailing_zeros()
    }

    /// Puts a value at [`Slab::next_place`].
    #[inline]
    pub fn insert(&mut self, value: T) {
        let place = self.next_place();
        self.free[self.lowest] &= !(1 << (place % 64));
        match self.places.get_mut(place as usize) {
            Some(slot) => *slot = Some(value),
            None => self.places.push(Some(value)),
        }
        self.len += 1;
    }

    /// The value at a place.
    pub fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.places.get_mut(place as usize)?.as_mut()
    }

    /// Takes the value at a place out, if it is the one that `wanted` means.
    #[inline]
    pub fn take_if(&mut self, place: u32, wanted: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let slot = self.places.get_mut(place as usize)?;
        if slot.as_mut().is_some_and(wanted) {
            let word = place as usize / 64;
            self.free[word] |= 1 << (place % 64);
            self.lowest = self.lowest.min(word);
            self.len -= 1;
            return slot.take();
        }
        None
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// All values with their places, in the order of the places.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(place, value)| Some((place as u32, value.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_of_a_slab_has_the_values_and_not_the_places_that_were() {
        let mut slab = Slab::default();
        for value in 0..200 {
            assert_eq!(slab.next_place(), value);
            slab.insert(value);
        }
        let gone = (0..200).filter(|place| ![3, 70].contains(place));
        for place in gone {
            assert_eq!(slab.take_if(place, |_| true), Some(place));
        }
        let mut clone = slab.clone();
        assert_eq!((clone.places.len(), clone.len(), slab.len()), (71, 2, 2));
        let values = |slab: &Slab<u32>| slab.iter().map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!((values(&clone), values(&slab)), (vec![3, 70], vec![3, 70]));
        for slab in [&mut clone, &mut slab] {
            assert_eq!(slab.next_place(), 0);
            for value in 0..130 {
                slab.insert(value);
            }
            assert_eq!((slab.len(), slab.next_place()), (132, 132));
        }
    }

    #[test]
    fn keys_come_out_by_time_then_in_the_order_in_which_they_went_in() {
        let dues = [
            (5, Due::EndFault((1 << 30) - 1)),
            (3, Due::Chaos),
            (5, Due::Packet(7)),
            (6, Due::Client(1)),
            (3, Due::Load),
            (9, Due::Operator),
            (9, Due::Report((1 << 30) - 1)),
            (9, Due::Control(5)),
            (9, Due::Moment),
            (1 << 51, Due::Client(6)),
            (3, Due::Synced(5)),
            (4, Due::Wake(4)),
            (0, Due::Packet(3)),
        ];
        let mut queue = Queue::default();
        for (at, due) in dues {
            queue.push(Time(at), due);
        }
        let mut sorted = dues;
        sorted.sort_by_key(|&(at, _)| at);
        for (at, due) in sorted {
            assert_eq!(queue.next_at(), Some(Time(at)));
            assert_eq!(queue.pop().map(|key| (key.at.0, key.due)), Some((at, due)));
        }
        assert_eq!(queue.pop(), None);
    }
}
