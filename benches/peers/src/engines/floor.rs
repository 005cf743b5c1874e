//! No consensus at all: node 0 applies a command at once and sends it to every other node in
//! one message. What is left is the harness itself (building commands, queueing messages,
//! applying to N maps), so this is the ceiling for any engine measured here.

use crate::{Node, Tuning, cmd};
use std::rc::Rc;

pub struct Floor {
    kv: cmd::Kv,
    id: u32,
    n: u32,
    batch: bool,
    pending: Vec<Rc<[u8]>>,
}

impl Node for Floor {
    type Msg = Rc<Vec<Rc<[u8]>>>;

    fn name(t: Tuning) -> &'static str {
        match t {
            Tuning::Default => "floor",
            _ => "floor-batch",
        }
    }
    fn new(id: u32, n: u32, t: Tuning, _seed: u64) -> Self {
        Floor {
            kv: cmd::Kv::default(),
            id,
            n,
            batch: t != Tuning::Default,
            pending: Vec::new(),
        }
    }
    fn campaign(&mut self) {}
    fn tick(&mut self) {}
    fn is_leader(&self) -> bool {
        self.id == 0
    }
    fn term(&self) -> u64 {
        1
    }
    fn recv(&mut self, m: Self::Msg) {
        for c in m.iter() {
            self.kv.apply(c);
        }
    }
    fn propose(&mut self, c: Vec<u8>) -> bool {
        self.pending.push(c.into());
        true
    }
    fn drain(&mut self, out: &mut Vec<(u32, Self::Msg)>) {
        if self.pending.is_empty() {
            return;
        }
        debug_assert!(self.batch || self.pending.len() == 1);
        let m = Rc::new(std::mem::take(&mut self.pending));
        for c in m.iter() {
            self.kv.apply(c);
        }
        out.extend((1..self.n).map(|to| (to, m.clone())));
    }
    fn kv(&self) -> &cmd::Kv {
        &self.kv
    }
}
