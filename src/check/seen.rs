//! A set of configurations that were visited: rows of words of one length.
//!
//! Its hash is fixed and nobody ever goes through it, so that it can't bring disorder into a run.

use crate::base::hash::mix;

/// Rows that were seen.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    width: usize,
    rows: Vec<u64>,
    /// Numbers of rows, from 1; 0 is an empty place. Its length is a power of two.
    table: Vec<u32>,
}

impl Seen {
    /// For rows of `width` words.
    pub fn new(width: usize) -> Seen {
        Seen {
            width,
            rows: Vec::new(),
            table: vec![0; 16],
        }
    }

    fn len(&self) -> usize {
        self.rows.len() / self.width
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        self.rows.capacity() * 8 + self.table.len() * 4
    }

    /// Whether no further row fits.
    pub fn is_full(&self) -> bool {
        self.len() >= (u32::MAX - 1) as usize
    }

    /// Adds a row, given in two pieces; whether it is new.
    pub fn insert(&mut self, head: [u64; 2], tail: &[u64]) -> bool {
        if self.len() * 2 >= self.table.len() {
            self.grow();
        }
        let hash = Self::hash(head.iter().chain(tail));
        match self.place(hash, |row| row[..2] == head && row[2..] == *tail) {
            Ok(_) => false,
            Err(place) => {
                self.rows.extend_from_slice(&head);
                self.rows.extend_from_slice(tail);
                self.table[place] = self.len() as u32;
                true
            }
        }
    }

    fn hash<'a>(words: impl Iterator<Item = &'a u64>) -> u64 {
        words.fold(0, |hash, &word| mix(hash ^ word))
    }

    /// Where the row stands, or the empty place where it belongs.
    fn place(&self, hash: u64, is_it: impl Fn(&[u64]) -> bool) -> Result<usize, usize> {
        let last = self.table.len() - 1;
        let mut place = hash as usize & last;
        loop {
            match self.table[place] {
                0 => return Err(place),
                row if is_it(self.row(row)) => return Ok(place),
                _ => place = (place + 1) & last,
            }
        }
    }

    fn row(&self, number: u32) -> &[u64] {
        let first = (number as usize - 1) * self.width;
        &self.rows[first..first + self.width]
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 2];
        for number in 1..=self.len() as u32 {
            let hash = Self::hash(self.row(number).iter());
            if let Err(place) = self.place(hash, |_| false) {
                self.table[place] = number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_new_once() {
        let mut seen = Seen::new(3);
        for round in [true, false] {
            for x in 0..1_000 {
                assert_eq!(seen.insert([x % 10, x / 100], &[x / 10 % 10]), round);
            }
        }
        assert_eq!(seen.len(), 1_000);
    }
}
