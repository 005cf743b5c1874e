//! The background load: clients that send operations of their own, at even distances.
//!
//! Half of them put, the others get and append, on eight keys, so that operations meet; in a store of many
//! shards, on as many as the settings say. What is
//! written is a running number: no two writes write the same, so a read tells which it saw.

use super::context::Context;
use super::queue::Due;
use super::settings::{ReadMix, Settings};
use crate::base::{Draws, NodeId, Purpose, Span, Time};
use crate::kv::{Key, Operation};
use crate::raft::ReadLevel;

const KEYS: [&str; 8] = ["p", "q", "r", "s", "t", "x", "y", "z"];

/// The source of the load.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    keys: Vec<Key>,
    draws: Draws,
    reads: ReadMix,
    written: u64,
    per_second: u32,
    due: Time,
}

impl Workload {
    pub fn new(settings: &Settings, seed: u64) -> Workload {
        let Settings { reads, shards, .. } = settings;
        let keys = match shards.are_many() {
            true => shards.load_keys().collect(),
            false => KEYS.iter().map(|&key| key.into()).collect(),
        };
        Workload {
            keys,
            draws: Draws::new(seed, Purpose::Workload, 0),
            reads: *reads,
            written: 0,
            per_second: 0,
            due: Time::NEVER,
        }
    }

    /// Operations per simulated second.
    pub fn per_second(&self) -> u32 {
        self.per_second
    }

    pub fn set(&mut self, per_second: u32, cx: &mut Context) {
        self.per_second = per_second;
        self.due = Time::NEVER;
        self.schedule(cx);
    }

    fn schedule(&mut self, cx: &mut Context) {
        if let Some(interval) = 1_000_000u64.checked_div(self.per_second.into()) {
            self.due = cx.now() + Span(interval);
            cx.push(self.due, Due::Load);
        }
    }

    /// The operation that is due now, if one is, and whether any of `nodes` servers may be asked:
    /// then one of them. Plans the next.
    pub fn next(&mut self, nodes: u32, cx: &mut Context) -> Option<(Operation, Option<NodeId>)> {
        if self.due != cx.now() {
            return None;
        }
        self.schedule(cx);
        let key = self.keys[self.draws.below(self.keys.len() as u64) as usize].clone();
        let kind = self.draws.below(4);
        if kind == 0 {
            let lease = self.draws.chance(self.reads.lease);
            let level = if lease {
                ReadLevel::Lease
            } else {
                ReadLevel::Linearizable
            };
            let anywhere = !lease && self.draws.chance(self.reads.anywhere);
            let node = anywhere.then(|| NodeId(self.draws.below(nodes.into()) as u32 + 1));
            return Some((Operation::Get { key, level }, node));
        }
        self.written += 1;
        let number = self.written;
        let operation = if kind == 1 {
            Operation::Append {
                key,
                value: format!(" {number}").into(),
            }
        } else {
            Operation::Put {
                key,
                value: number.to_string().into(),
            }
        };
        Some((operation, None))
    }
}
