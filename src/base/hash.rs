//! The event hash, and checksums: folds over words of fixed width.
//!
//! Neither is a cryptographic hash: they have to tell two runs, or two files, apart, and be the same
//! everywhere.

use std::rc::Rc;

/// Spreads every bit of `x` over the whole word (the finaliser of splitmix64).
pub const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The checksum of a snapshot or a link. The order of the folded values matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Checksum(pub u64);

impl Checksum {
    /// Folds one word in.
    pub const fn word(&mut self, x: u64) {
        self.0 = mix(self.0 ^ x);
    }

    /// Folds a byte string in, with its length, eight bytes a word.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }
}

/// The running hash of events. A word costs one multiplication: the hash is computed always, also
/// when nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Digest(pub u64);

impl Digest {
    /// The hash so far.
    pub const fn value(self) -> u64 {
        mix(self.0)
    }

    /// Folds one word in. Odd multiplier, rotation against the weakness of its low bits; each step
    /// can be undone, so that no single difference is ever lost. In the page's first load it stands once.
    #[cfg_attr(not(feature = "split"), inline(always))]
    #[cfg_attr(feature = "split", inline(never))]
    pub const fn word(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9fb2_1c65_1e98_df25);
    }
}

/// The word that stands for a name in the event hash. So a new row of a table changes no hash of
/// runs in which it doesn't occur, wherever it stands.
pub const fn tag(name: &str) -> u64 {
    let (bytes, mut hash, mut at) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    mix(hash)
}

/// What can be folded into the event hash: each field at a fixed width, lists with their lengths.
pub trait Fold {
    /// Folds it in.
    fn fold(&self, digest: &mut Digest);
}

macro_rules! words {
    ($($type:ty)+) => {
        $(impl Fold for $type {
            #[inline(always)]
            fn fold(&self, digest: &mut Digest) {
                digest.word(*self as u64);
            }
        })+
    };
}

words! { bool u8 u32 u64 i32 i64 }

impl<T: Fold> Fold for Option<T> {
    #[inline]
    fn fold(&self, digest: &mut Digest) {
        digest.word(self.is_some().into());
        self.iter().for_each(|it| it.fold(digest));
    }
}

impl<T: Fold + ?Sized> Fold for Rc<T> {
    fn fold(&self, digest: &mut Digest) {
        (**self).fold(digest);
    }
}

impl<T: Fold> Fold for [T] {
    fn fold(&self, digest: &mut Digest) {
        digest.word(self.len() as u64);
        self.iter().for_each(|it| it.fold(digest));
    }
}

impl<T: Fold> Fold for Vec<T> {
    fn fold(&self, digest: &mut Digest) {
        self.as_slice().fold(digest);
    }
}

impl<A: Fold, B: Fold> Fold for (A, B) {
    fn fold(&self, digest: &mut Digest) {
        self.0.fold(digest);
        self.1.fold(digest);
    }
}

impl Fold for str {
    fn fold(&self, digest: &mut Digest) {
        digest.word(self.len() as u64);
        for chunk in self.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            digest.word(u64::from_le_bytes(word));
        }
    }
}

/// Says which fields of a structure are folded in: all of them, or it doesn't compile.
macro_rules! fold_fields {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::base::Fold for $name {
            #[inline(always)]
            fn fold(&self, digest: &mut $crate::base::Digest) {
                let $name { $($field),+ } = self;
                $($crate::base::Fold::fold($field, digest);)+
            }
        }
    };
    ($name:ident(..)) => {
        impl $crate::base::Fold for $name {
            #[inline(always)]
            fn fold(&self, digest: &mut $crate::base::Digest) {
                $crate::base::Fold::fold(&self.0, digest);
            }
        }
    };
}

pub(crate) use fold_fields;

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(it: &(impl Fold + ?Sized)) -> u64 {
        let mut digest = Digest::default();
        it.fold(&mut digest);
        digest.value()
    }

    #[test]
    fn what_differs_has_other_hashes() {
        let text = |text: &str| hash(&Rc::<str>::from(text));
        let kinds = [
            vec![hash(&None::<u64>), hash(&Some(0u64)), hash(&Some(1u64))],
            [&[][..], &[0u64], &[0, 0], &[0, 1], &[1, 0]]
                .map(hash)
                .to_vec(),
            ["", "a", "a\0", "abcdefgh", "abcdefghi"].map(text).to_vec(),
            vec![hash(&(1u64, 2u64)), hash(&(2u64, 1u64))],
        ];
        for hashes in kinds {
            for (at, one) in hashes.iter().enumerate() {
                assert!(!hashes[at + 1..].contains(one), "{at} of {hashes:?}");
            }
        }
        assert_ne!(tag("cut"), tag("cut_off"));
    }
}
