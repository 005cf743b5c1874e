//! OmniPaxos 0.2 (a sans-IO replicated log, not Raft: leader + accept/decide, quorum-connected
//! leader election) with its own `MemoryStorage`.

use crate::{Node, Tuning, cmd};
use bytes::Bytes;
use omnipaxos::messages::Message;
use omnipaxos::storage::{Entry, NoSnapshot};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

#[derive(Clone, Debug)]
pub struct Cmd(Bytes);

impl Entry for Cmd {
    type Snapshot = NoSnapshot;
}

pub struct Omni {
    px: OmniPaxos<Cmd, MemoryStorage<Cmd>>,
    kv: cmd::Kv,
    id: u64,
    seen: usize,
    buf: Vec<Message<Cmd>>,
}

impl Node for Omni {
    type Msg = Message<Cmd>;

    fn name(t: Tuning) -> &'static str {
        match t {
            Tuning::Default => "omnipaxos",
            _ => "omnipaxos-batch",
        }
    }

    fn new(id: u32, n: u32, _t: Tuning, _seed: u64) -> Self {
        let cluster = ClusterConfig {
            configuration_id: 1,
            nodes: (1..=u64::from(n)).collect(),
            flexible_quorum: None,
        };
        let server = ServerConfig {
            pid: u64::from(id) + 1,
            // leader check and heartbeats every 50 ms, as in the Raft runs
            election_tick_timeout: 5,
            resend_message_tick_timeout: 50,
            // node 0 first
            leader_priority: n - id,
            ..Default::default()
        };
        let px = cluster
            .build_for_server(server, MemoryStorage::default())
            .unwrap();
        Omni {
            px,
            kv: cmd::Kv::default(),
            id: u64::from(id) + 1,
            seen: 0,
            buf: Vec::new(),
        }
    }

    fn campaign(&mut self) {
        self.px.try_become_leader();
    }
    fn tick(&mut self) {
        self.px.tick();
    }
    fn is_leader(&self) -> bool {
        self.px.get_current_leader() == Some((self.id, true))
    }
    fn term(&self) -> u64 {
        u64::from(self.px.get_promise().n)
    }
    fn recv(&mut self, m: Message<Cmd>) {
        self.px.handle_incoming(m);
    }
    fn propose(&mut self, c: Vec<u8>) -> bool {
        self.px.append(Cmd(Bytes::from(c))).is_ok()
    }

    fn drain(&mut self, out: &mut Vec<(u32, Message<Cmd>)>) {
        self.px.take_outgoing_messages(&mut self.buf);
        out.extend(self.buf.drain(..).map(|m| (m.get_receiver() as u32 - 1, m)));
        if self.px.get_decided_idx() > self.seen {
            if let Some(ents) = self.px.read_decided_suffix(self.seen) {
                self.seen += ents.len();
                for e in &ents {
                    if let LogEntry::Decided(c) = e {
                        self.kv.apply(&c.0);
                    }
                }
            }
        }
    }

    fn kv(&self) -> &cmd::Kv {
        &self.kv
    }
}
