//! Two hash tables with nothing but numbers in them. Nobody walks through them, so no order of theirs
//! can decide anything.

use crate::base::hash::mix;

/// What no entry has for a value.
const FREE: u32 = u32::MAX;

/// From numbers to numbers below 2^32 - 1.
#[derive(Debug)]
pub struct Memo {
    slots: Vec<(u64, u32)>,
    used: usize,
}

impl Default for Memo {
    fn default() -> Memo {
        Memo {
            slots: vec![(0, FREE); 1 << 10],
            used: 0,
        }
    }
}

impl Memo {
    /// The slot of a key, or the one that it may have.
    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = mix(key) as usize & mask;
        while self.slots[at].1 != FREE && self.slots[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }

    /// The value of a key.
    pub fn get(&self, key: u64) -> Option<u32> {
        let (_, value) = self.slots[self.place(key)];
        (value != FREE).then_some(value)
    }

    /// Remembers a value for a key that has none.
    pub fn insert(&mut self, key: u64, value: u32) {
        debug_assert_ne!(value, FREE);
        if self.used * 3 > self.slots.len() * 2 {
            let doubled = vec![(0, FREE); self.slots.len() * 2];
            for (key, value) in std::mem::replace(&mut self.slots, doubled) {
                if value != FREE {
                    let at = self.place(key);
                    self.slots[at] = (key, value);
                }
            }
        }
        let at = self.place(key);
        self.slots[at] = (key, value);
        self.used += 1;
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> u64 {
        self.slots.len() as u64 * 16
    }
}

/// The worlds that were seen: 96 bits of each fingerprint.
#[derive(Debug)]
pub struct Seen {
    slots: Vec<[u32; 3]>,
    used: usize,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen {
            slots: vec![[0; 3]; 1 << 12],
            used: 0,
        }
    }
}

impl Seen {
    /// Where the search for a fingerprint begins: by its upper bits, so that the table can have any
    /// size.
    fn home(&self, print: [u32; 3]) -> usize {
        let upper = u64::from(print[0]) << 32 | u64::from(print[1]);
        ((u128::from(mix(upper)) * self.slots.len() as u128) >> 64) as usize
    }

    fn place(&self, print: [u32; 3]) -> usize {
        let mut at = self.home(print);
        while self.slots[at][2] != 0 && self.slots[at] != print {
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
        at
    }

    /// Takes a fingerprint in; whether it is new.
    pub fn insert(&mut self, [one, two]: [u64; 2]) -> bool {
        let print = [(one >> 32) as u32, one as u32, two as u32 | 1];
        let at = self.place(print);
        if self.slots[at] == print {
            return false;
        }
        self.slots[at] = print;
        self.used += 1;
        if self.used * 5 > self.slots.len() * 4 {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let larger = vec![[0; 3]; self.slots.len() / 2 * 3];
        for print in std::mem::replace(&mut self.slots, larger) {
            if print[2] != 0 {
                let at = self.place(print);
                self.slots[at] = print;
            }
        }
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> u64 {
        self.slots.len() as u64 * 12
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_there() {
        let (mut memo, mut seen) = (Memo::default(), Seen::default());
        for key in 0..20_000_u64 {
            let print = [mix(key), mix(!key)];
            assert_eq!((memo.get(key << 7), seen.insert(print)), (None, true));
            memo.insert(key << 7, key as u32);
        }
        for key in 0..20_000_u64 {
            let print = [mix(key), mix(!key)];
            assert_eq!(memo.get(key << 7), Some(key as u32));
            assert!(!seen.insert(print), "{key}");
        }
        assert!(seen.bytes() < 20_000 * 24 && memo.bytes() < 20_000 * 64);
    }
}
