//! The event hash: a 64-bit fold over values of fixed width.
//!
//! Not a cryptographic hash: it has to tell two runs apart and be the same everywhere.

/// Spreads every bit of `x` over the whole word (the finaliser of splitmix64).
pub const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A running hash. The order of the folded values matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fold(pub u64);

impl Fold {
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
