//! tikv/raft-rs (crate `raft` 0.7.0) with its own `MemStorage`.

use crate::{Node, Tuning, cmd};
use raft::eraftpb::{Entry, Message};
use raft::{Config, RawNode, StateRole, storage::MemStorage};

pub struct RaftRs {
    raw: RawNode<MemStorage>,
    kv: cmd::Kv,
    id: u64,
    seed: u64,
    /// (term, role) for which the election timeout was last fixed.
    timer_for: (u64, StateRole),
}

const ELECTION_TICK: usize = 10;
const HEARTBEAT_TICK: usize = 5;

impl RaftRs {
    /// raft-rs draws its election timeout from `thread_rng`; overwrite it after every step with
    /// a function of (seed, id, term) so that runs repeat exactly.
    fn fix_timer(&mut self) {
        let r = &mut self.raw.raft;
        let key = (r.term, r.state);
        let want = ELECTION_TICK
            + (cmd::mix(self.seed ^ (self.id << 40) ^ r.term) % ELECTION_TICK as u64) as usize;
        if key != self.timer_for || r.randomized_election_timeout() != want {
            r.set_randomized_election_timeout(want);
            self.timer_for = key;
        }
    }

    fn apply(kv: &mut cmd::Kv, ents: Vec<Entry>) {
        for e in ents {
            if !e.data.is_empty() {
                kv.apply(&e.data);
            }
        }
    }

    fn send(out: &mut Vec<(u32, Message)>, ms: Vec<Message>) {
        out.extend(ms.into_iter().map(|m| (m.to as u32 - 1, m)));
    }
}

impl Node for RaftRs {
    type Msg = Message;

    fn name(t: Tuning) -> &'static str {
        match t {
            Tuning::Default => "raft-rs",
            Tuning::Batch => "raft-rs-batch",
            Tuning::Lazy => "raft-rs-lazy",
        }
    }

    fn new(id: u32, n: u32, t: Tuning, seed: u64) -> Self {
        let cfg = Config {
            id: u64::from(id) + 1,
            election_tick: ELECTION_TICK,
            heartbeat_tick: HEARTBEAT_TICK,
            // 1 MiB and 256 are what the crate's documentation examples and TiKV use.
            max_size_per_msg: 1 << 20,
            max_inflight_msgs: 256,
            // Merges appends to one follower between two drains into one message.
            batch_append: t != Tuning::Default,
            // Followers learn the commit index with the next append or heartbeat instead of by
            // an extra empty append per commit.
            skip_bcast_commit: t == Tuning::Lazy,
            ..Default::default()
        };
        let voters: Vec<u64> = (1..=u64::from(n)).collect();
        let store = MemStorage::new_with_conf_state((voters, vec![]));
        let log = slog::Logger::root(slog::Discard, slog::o!());
        let raw = RawNode::new(&cfg, store, &log).unwrap();
        let mut me = RaftRs {
            raw,
            kv: cmd::Kv::default(),
            id: u64::from(id) + 1,
            seed,
            timer_for: (u64::MAX, StateRole::Follower),
        };
        me.fix_timer();
        me
    }

    fn campaign(&mut self) {
        self.raw.campaign().unwrap();
        self.fix_timer();
    }
    fn tick(&mut self) {
        self.raw.tick();
        self.fix_timer();
    }
    fn is_leader(&self) -> bool {
        self.raw.raft.state == StateRole::Leader
    }
    fn term(&self) -> u64 {
        self.raw.raft.term
    }
    fn recv(&mut self, m: Message) {
        let _ = self.raw.step(m);
        self.fix_timer();
    }
    fn propose(&mut self, c: Vec<u8>) -> bool {
        self.raw.propose(Vec::new(), c).is_ok()
    }

    fn drain(&mut self, out: &mut Vec<(u32, Message)>) {
        while self.raw.has_ready() {
            let mut rd = self.raw.ready();
            Self::send(out, rd.take_messages());
            Self::apply(&mut self.kv, rd.take_committed_entries());
            if !rd.entries().is_empty() {
                self.raw.store().wl().append(rd.entries()).unwrap();
            }
            if let Some(hs) = rd.hs() {
                self.raw.store().wl().set_hardstate(hs.clone());
            }
            Self::send(out, rd.take_persisted_messages());
            let mut light = self.raw.advance(rd);
            if let Some(c) = light.commit_index() {
                self.raw.store().wl().mut_hard_state().commit = c;
            }
            Self::send(out, light.take_messages());
            Self::apply(&mut self.kv, light.take_committed_entries());
            self.raw.advance_apply();
        }
    }

    fn kv(&self) -> &cmd::Kv {
        &self.kv
    }
}
