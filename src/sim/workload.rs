//! The background load: clients that send operations of their own, at even distances.
//!
//! Half of them put, the others get and append, on eight keys, so that operations meet.

use super::queue::{Due, Queue};
use crate::base::{Draws, Purpose, Span, Time};
use crate::kv::{Key, Operation};
use crate::raft::ReadLevel;

const KEYS: [&str; 8] = ["p", "q", "r", "s", "t", "x", "y", "z"];

/// The source of the load.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    keys: Vec<Key>,
    draws: Draws,
    per_second: u32,
    due: Time,
}

impl Workload {
    pub fn new(seed: u64) -> Workload {
        Workload {
            keys: KEYS.iter().map(|&key| key.into()).collect(),
            draws: Draws::new(seed, Purpose::Workload, 0),
            per_second: 0,
            due: Time::NEVER,
        }
    }

    /// Operations per simulated second.
    pub fn per_second(&self) -> u32 {
        self.per_second
    }

    pub fn set(&mut self, per_second: u32, now: Time, queue: &mut Queue) {
        self.per_second = per_second;
        self.due = Time::NEVER;
        self.schedule(now, queue);
    }

    fn schedule(&mut self, now: Time, queue: &mut Queue) {
        if let Some(interval) = 1_000_000u64.checked_div(self.per_second.into()) {
            self.due = now + Span(interval);
            queue.push(self.due, Due::Load);
        }
    }

    /// The operation that is due now, if one is. Plans the next.
    pub fn next(&mut self, now: Time, queue: &mut Queue) -> Option<Operation> {
        if self.due != now {
            return None;
        }
        self.schedule(now, queue);
        let key = self.keys[self.draws.below(KEYS.len() as u64) as usize].clone();
        let kind = self.draws.below(4);
        let number = self.draws.below(100);
        Some(match kind {
            0 => Operation::Get {
                key,
                level: ReadLevel::Linearizable,
            },
            1 => Operation::Append {
                key,
                value: format!(" {number}").into(),
            },
            _ => Operation::Put {
                key,
                value: number.to_string().into(),
            },
        })
    }
}
