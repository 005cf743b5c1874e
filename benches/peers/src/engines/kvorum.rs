//! Kvorum's engine: the one that the laboratory ships, driven by deadlines instead of ticks.

use crate::{Node, Tuning, cmd};
use kvorum::base::{NodeId, Span, Time};
use kvorum::raft::{
    Config, Configuration, Effects, Index, Input, Message, Payload, Raft, Rules, Timing, Write,
};

pub struct Kvorum {
    raft: Raft<Vec<u8>>,
    out: Effects<Vec<u8>>,
    writes: Vec<Write<Vec<u8>>>,
    proposals: Vec<Vec<u8>>,
    now: Time,
    applied: Index,
    kv: cmd::Kv,
}

impl Kvorum {
    fn step(&mut self, input: Input<'_, Vec<u8>>) {
        self.raft.step(self.now, input, &mut self.out);
    }
}

impl Node for Kvorum {
    type Msg = Message<Vec<u8>>;
    const DEADLINES: bool = true;

    fn name(t: Tuning) -> &'static str {
        match t {
            Tuning::Default => "kvorum",
            Tuning::Batch => "kvorum-batch",
            Tuning::Lazy => "kvorum-quiet",
        }
    }

    fn new(id: u32, n: u32, t: Tuning, seed: u64) -> Self {
        let config = Config {
            id: NodeId(id + 1).into(),
            members: Configuration::new((1..=n).map(NodeId)),
            timing: Timing {
                election_timeout_min: Span::millis(100),
                election_timeout_max: Span::millis(200),
                heartbeat: Span::millis(50),
                max_in_flight: 256,
                max_batch: 1024,
                ..Timing::default()
            },
            rules: Rules::ALL,
            priority: 0,
            seed,
            incarnation: 0,
            disk: 0,
        };
        Kvorum {
            raft: Raft::new(config, Time::ZERO),
            out: Effects {
                quiet: t == Tuning::Lazy,
                ..Effects::default()
            },
            writes: Vec::new(),
            proposals: Vec::new(),
            now: Time::ZERO,
            applied: 0,
            kv: cmd::Kv::default(),
        }
    }

    fn campaign(&mut self) {
        self.step(Input::Campaign);
    }
    fn tick(&mut self) {
        self.now += Span::micros(crate::sim::TICK_US);
        self.step(Input::Wake);
    }
    fn set_now(&mut self, us: u64) {
        self.now = Time(us);
    }
    fn deadline(&self) -> u64 {
        self.raft.wake().0.0
    }
    fn wake(&mut self) {
        self.step(Input::Wake);
    }
    fn is_leader(&self) -> bool {
        self.raft.is_leader()
    }
    fn term(&self) -> u64 {
        self.raft.current_term()
    }
    fn recv(&mut self, m: Self::Msg) {
        self.step(Input::Receive(m));
    }
    fn propose(&mut self, c: Vec<u8>) -> bool {
        if !self.raft.is_leader() {
            return false;
        }
        self.proposals.push(c);
        true
    }

    fn drain(&mut self, out: &mut Vec<(u32, Self::Msg)>) {
        if !self.proposals.is_empty() {
            self.raft
                .step(self.now, Input::Propose(&mut self.proposals), &mut self.out);
        }
        // Every write completes at once; what it releases may lead to the next one.
        while !self.out.writes.is_empty() {
            std::mem::swap(&mut self.writes, &mut self.out.writes);
            for write in self.writes.drain(..) {
                self.raft
                    .step(self.now, Input::Persisted(write), &mut self.out);
            }
        }
        if !self.out.messages.is_empty() {
            out.extend(self.out.messages.drain(..).map(|m| (m.to.node().0 - 1, m)));
        }
        self.out.traces.clear();
        while self.applied < self.out.commit_index {
            self.applied += 1;
            if let Some(Payload::Command(c)) = self
                .raft
                .log()
                .entry(self.applied)
                .map(|entry| &entry.payload)
            {
                self.kv.apply(c);
            }
        }
    }

    fn kv(&self) -> &cmd::Kv {
        &self.kv
    }
}
