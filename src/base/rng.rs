//! Seeded draws without hidden state.
//!
//! Each draw is a function of (seed, purpose, who, counter). One message more on one link then
//! doesn't shift the draws of any other link, and two branches of a run stay comparable.

use super::hash::mix;
use super::{Ratio, Span};

/// What a draw is for: it names the stream, so that no two uses share one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// A server's next election timeout.
    ElectionTimeout = 1,
    /// A message's delay on its link.
    Latency,
    /// Whether a message is lost.
    Loss,
    /// Whether a message is delivered twice.
    Duplicate,
    /// How long an fsync takes.
    Fsync,
    /// A client's next operation.
    Workload,
    /// A client's wait before it tries again.
    Backoff,
    /// Random faults.
    Chaos,
    /// What a run of a sweep is made of.
    Swarm,
    /// What a run of a sweep in the profile `hostile` is made of.
    Storm,
    /// Which faults wait for which moments.
    Ambush,
}

/// A stream of draws; `Clone` clones its place in the stream.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    counter: u64,
}

impl Draws {
    /// The stream for `purpose` of `who`: a server, or a link as [`Draws::link`] packs it.
    pub fn new(seed: u64, purpose: Purpose, who: u64) -> Draws {
        Draws {
            key: mix(mix(seed ^ purpose as u64) ^ who),
            counter: 0,
        }
    }

    /// The `who` of the link from `from` to `to`.
    pub const fn link(from: u32, to: u32) -> u64 {
        (from as u64) << 32 | to as u64
    }

    /// The same stream, where so many numbers were drawn before.
    pub fn after(seed: u64, purpose: Purpose, who: u64, drawn: u64) -> Draws {
        Draws {
            counter: drawn,
            ..Draws::new(seed, purpose, who)
        }
    }

    /// How many numbers were drawn.
    pub fn drawn(&self) -> u64 {
        self.counter
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.counter += 1;
        mix(self
            .key
            .wrapping_add(self.counter.wrapping_mul(0xd134_2543_de82_ef95)))
    }

    /// A number below `n`; 0 if `n` is 0. (Multiply-shift: the bias is below n / 2^64.)
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u64
    }

    /// One of these, each as likely as any other. Panics if there are none.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// A span in `low..=high`, uniform; `low` if the range is empty.
    pub fn span(&mut self, low: Span, high: Span) -> Span {
        Span(low.0 + self.below((high - low).0 + 1))
    }

    /// True with probability `p`. Draws nothing if `p` is zero.
    pub fn chance(&mut self, p: Ratio) -> bool {
        p.0 > 0 && self.below(Ratio::ONE.0.into()) < u64::from(p.0)
    }
}
