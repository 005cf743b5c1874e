//! Zero-delay FIFO network: the throughput cases.

use crate::{Node, Tuning, cmd};
use std::collections::VecDeque;

/// When a node's outputs are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// After every single input (no batching anywhere).
    Each,
    /// Once per round: all queued messages are delivered, then every node that received
    /// something is drained. This is how a real event loop batches.
    Round,
}

pub struct Cluster<N: Node> {
    pub nodes: Vec<N>,
    queue: VecDeque<(u32, N::Msg)>,
    out: Vec<(u32, N::Msg)>,
    dirty: Vec<bool>,
    pub messages: u64,
    pub leader: usize,
}

impl<N: Node> Cluster<N> {
    /// A cluster of `n` nodes in which node 0 has been elected and everything is quiet.
    pub fn new(n: u32, t: Tuning, seed: u64) -> Self {
        let nodes = (0..n).map(|i| N::new(i, n, t, seed)).collect();
        let mut c = Cluster {
            nodes,
            queue: VecDeque::new(),
            out: Vec::new(),
            dirty: vec![false; n as usize],
            messages: 0,
            leader: 0,
        };
        c.nodes[0].campaign();
        c.drain_node(0);
        c.settle(Drain::Each);
        let mut ticks = 0;
        while !c.nodes[0].is_leader() {
            // engines without an explicit campaign elect on ticks
            for i in 0..c.nodes.len() {
                c.nodes[i].tick();
                c.drain_node(i);
            }
            c.settle(Drain::Each);
            ticks += 1;
            if ticks > 1000 {
                break;
            }
        }
        c.leader = c
            .nodes
            .iter()
            .position(|x| x.is_leader())
            .expect("no leader");
        c.messages = 0;
        c
    }

    fn drain_node(&mut self, i: usize) {
        self.nodes[i].drain(&mut self.out);
        if !self.out.is_empty() {
            self.queue.extend(self.out.drain(..));
        }
    }

    /// Delivers messages until none is left.
    pub fn settle(&mut self, d: Drain) {
        while self.round(d) {}
    }

    /// Delivers every message queued now. False if there was none.
    fn round(&mut self, d: Drain) -> bool {
        let k = self.queue.len();
        if k == 0 {
            return false;
        }
        for _ in 0..k {
            let (to, m) = self.queue.pop_front().unwrap();
            self.messages += 1;
            let i = to as usize;
            self.nodes[i].recv(m);
            match d {
                Drain::Each => self.drain_node(i),
                Drain::Round => self.dirty[i] = true,
            }
        }
        if d == Drain::Round {
            for i in 0..self.nodes.len() {
                if std::mem::take(&mut self.dirty[i]) {
                    self.drain_node(i);
                }
            }
        }
        true
    }

    /// A tick on every node (carries the last commit index to the followers where the engine
    /// is told not to broadcast it).
    fn tick_all(&mut self, d: Drain) {
        for i in 0..self.nodes.len() {
            self.nodes[i].tick();
            self.drain_node(i);
        }
        self.settle(d);
    }

    pub fn min_applied(&self) -> u64 {
        self.nodes.iter().map(|x| x.kv().applied).min().unwrap()
    }

    /// Runs `total` commands with at most `window` unacknowledged (not yet applied on the
    /// leader). With `window == 1` each command reaches *every* node before the next is
    /// proposed. Returns when all are applied on all nodes.
    pub fn run(&mut self, first: u64, total: u64, window: u64, d: Drain) {
        let l = self.leader;
        let base = self.nodes[l].kv().applied;
        let mut proposed = 0;
        while proposed < total {
            let acked = self.nodes[l].kv().applied - base;
            let mut any = false;
            while proposed < total && proposed - acked < window {
                if !self.nodes[l].propose(cmd::make(first + proposed)) {
                    break;
                }
                proposed += 1;
                any = true;
                if d == Drain::Each {
                    self.drain_node(l);
                }
            }
            if any && d == Drain::Round {
                self.drain_node(l);
            }
            if window == 1 {
                self.settle(d);
                while self.min_applied() < base + proposed {
                    self.tick_all(d);
                }
            } else if !self.round(d) && !any {
                self.tick_all(d);
            }
        }
        self.settle(d);
        let mut ticks = 0;
        while self.min_applied() < base + total {
            self.tick_all(d);
            ticks += 1;
            assert!(ticks < 10_000, "commands lost");
        }
        for x in &self.nodes {
            assert_eq!(x.kv().applied, self.nodes[0].kv().applied);
            assert_eq!(x.kv().digest, self.nodes[0].kv().digest, "nodes diverged");
        }
    }

    pub fn digest(&self) -> u64 {
        self.nodes
            .iter()
            .fold(0, |h, x| cmd::mix(h ^ x.kv().digest ^ x.term()))
    }
}
