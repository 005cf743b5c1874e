//! Discrete-event simulation: N nodes, ticks every 10 simulated ms, messages delayed by a
//! uniform 1..10 ms, optional client load. Same protocol timing as RaftScope: heartbeat every
//! 50 ms, election timeout 100..200 ms.

use crate::{Node, Tuning, cmd};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub const TICK_US: u64 = 10_000;
pub const LAT_MIN_US: u64 = 1_000;
pub const LAT_MAX_US: u64 = 10_000;

#[derive(Clone, Copy, Debug)]
pub struct Opts {
    pub n: u32,
    /// Simulated seconds measured (after a warm-up of 2 s).
    pub seconds: u64,
    /// Client commands per simulated second, proposed at the current leader; 0 = idle.
    pub load: u64,
    /// Links deliver in order (like TCP); otherwise messages overtake each other.
    pub fifo: bool,
    /// Crash-stop the leader for 1 s every this many seconds; 0 = never. (Its messages are
    /// dropped and it gets no ticks; its memory is kept.)
    pub kill_every: u64,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    pub events: u64,
    pub delivered: u64,
    pub applied: u64,
    pub elections: u64,
    /// Digest of the whole run: equal digests mean equal runs.
    pub digest: u64,
}

enum Ev<M> {
    Tick(u32),
    /// The deadline that the node had when this was queued; it may have moved since.
    Wake(u32),
    Msg(u32, u32, M), // from, to
    Client,
    Kill,
    Revive(u32),
}

pub struct Sim<N: Node> {
    nodes: Vec<N>,
    down: Vec<bool>,
    heap: BinaryHeap<Reverse<(u64, u64, u32)>>,
    slab: Vec<Option<Ev<N::Msg>>>,
    free: Vec<u32>,
    link_last: Vec<u64>,
    /// Of engines with deadlines: when the node's queued `Wake` fires.
    armed: Vec<u64>,
    out: Vec<(u32, N::Msg)>,
    now: u64,
    seq: u64,
    rng: u64,
    o: Opts,
    proposed: u64,
    leader_hint: usize,
    last_term: u64,
    r: Report,
}

impl<N: Node> Sim<N> {
    pub fn new(o: Opts, t: Tuning) -> Self {
        let n = o.n as usize;
        let mut s = Sim {
            nodes: (0..o.n).map(|i| N::new(i, o.n, t, o.seed)).collect(),
            down: vec![false; n],
            heap: BinaryHeap::new(),
            slab: Vec::new(),
            free: Vec::new(),
            link_last: vec![0; n * n],
            armed: vec![u64::MAX; n],
            out: Vec::new(),
            now: 0,
            seq: 0,
            rng: o.seed,
            o,
            proposed: 0,
            leader_hint: 0,
            last_term: 0,
            r: Report::default(),
        };
        for i in 0..o.n {
            if N::DEADLINES {
                s.arm(i);
            } else {
                s.push(u64::from(i) * TICK_US / u64::from(o.n), Ev::Tick(i));
            }
        }
        if let Some(period) = 1_000_000u64.checked_div(o.load) {
            s.push(period, Ev::Client);
        }
        if o.kill_every > 0 {
            s.push(o.kill_every * 1_000_000, Ev::Kill);
        }
        s
    }

    fn rand(&mut self) -> u64 {
        self.rng = self.rng.wrapping_add(0x9e37_79b9_7f4a_7c15);
        cmd::mix(self.rng)
    }

    fn push(&mut self, at: u64, e: Ev<N::Msg>) {
        let slot = match self.free.pop() {
            Some(i) => {
                self.slab[i as usize] = Some(e);
                i
            }
            None => {
                self.slab.push(Some(e));
                (self.slab.len() - 1) as u32
            }
        };
        self.seq += 1;
        self.heap.push(Reverse((at, self.seq, slot)));
    }

    /// Queues a `Wake` for the node's deadline, unless one fires before it anyway.
    fn arm(&mut self, i: u32) {
        let at = self.nodes[i as usize].deadline();
        if at < self.armed[i as usize] {
            self.armed[i as usize] = at;
            self.push(at, Ev::Wake(i));
        }
    }

    fn drain(&mut self, i: u32) {
        if N::DEADLINES {
            self.arm(i);
        }
        let mut out = std::mem::take(&mut self.out);
        self.nodes[i as usize].drain(&mut out);
        if out.is_empty() {
            self.out = out;
            return;
        }
        for (to, m) in out.drain(..) {
            let lat = LAT_MIN_US + self.rand() % (LAT_MAX_US - LAT_MIN_US + 1);
            let mut at = self.now + lat;
            if self.o.fifo {
                let l = &mut self.link_last[(i * self.o.n + to) as usize];
                at = at.max(*l + 1);
                *l = at;
            }
            self.push(at, Ev::Msg(i, to, m));
        }
        self.out = out;
    }

    fn leader(&mut self) -> Option<usize> {
        let h = self.leader_hint;
        if !self.down[h] && self.nodes[h].is_leader() {
            return Some(h);
        }
        let n = self.nodes.len();
        // the highest term wins: a deposed leader may not know yet
        let best = (0..n)
            .filter(|&i| !self.down[i] && self.nodes[i].is_leader())
            .max_by_key(|&i| self.nodes[i].term());
        if let Some(b) = best {
            self.leader_hint = b;
        }
        best
    }

    /// Runs until simulated time `until` (µs).
    pub fn run_until(&mut self, until: u64) {
        while let Some(&Reverse((at, _, slot))) = self.heap.peek() {
            if at > until {
                break;
            }
            self.heap.pop();
            self.now = at;
            let ev = self.slab[slot as usize].take().unwrap();
            self.free.push(slot);
            self.r.events += 1;
            match ev {
                Ev::Tick(i) => {
                    if !self.down[i as usize] {
                        self.nodes[i as usize].tick();
                        self.drain(i);
                    }
                    self.push(at + TICK_US, Ev::Tick(i));
                }
                Ev::Wake(i) => {
                    if at == self.armed[i as usize] {
                        self.armed[i as usize] = u64::MAX;
                        if self.down[i as usize] {
                            self.armed[i as usize] = at + TICK_US;
                            self.push(at + TICK_US, Ev::Wake(i));
                        } else {
                            self.nodes[i as usize].set_now(at);
                            self.nodes[i as usize].wake();
                            self.drain(i);
                        }
                    }
                }
                Ev::Msg(from, to, m) => {
                    if !self.down[to as usize] && !self.down[from as usize] {
                        self.r.delivered += 1;
                        self.nodes[to as usize].set_now(at);
                        self.nodes[to as usize].recv(m);
                        self.drain(to);
                    }
                }
                Ev::Client => {
                    if let Some(l) = self.leader() {
                        let t = self.nodes[l].term();
                        if t != self.last_term {
                            self.last_term = t;
                            self.r.elections += 1;
                        }
                        self.nodes[l].set_now(at);
                        if self.nodes[l].propose(cmd::make(self.proposed)) {
                            self.proposed += 1;
                        }
                        self.drain(l as u32);
                    }
                    self.push(at + 1_000_000 / self.o.load, Ev::Client);
                }
                Ev::Kill => {
                    if let Some(l) = self.leader() {
                        self.down[l] = true;
                        self.push(at + 1_000_000, Ev::Revive(l as u32));
                    }
                    self.push(at + self.o.kill_every * 1_000_000, Ev::Kill);
                }
                Ev::Revive(i) => self.down[i as usize] = false,
            }
        }
        self.now = until;
    }

    pub fn report(&self) -> Report {
        let mut r = self.r;
        r.applied = self.nodes.iter().map(|x| x.kv().applied).min().unwrap();
        r.digest = self
            .nodes
            .iter()
            .fold(cmd::mix(r.events ^ (r.delivered << 32)), |h, x| {
                cmd::mix(h ^ x.kv().digest ^ x.term().rotate_left(17) ^ x.is_leader() as u64)
            });
        r
    }

    pub fn has_leader(&mut self) -> bool {
        self.leader().is_some()
    }
}
