//! Three servers of the protocol in one process, with nothing around them: no simulator, no store.
//!
//! `cargo run --no-default-features --example three_servers`
//!
//! It is the whole contract between [`Raft`] and whoever drives it: hand in what happens, do what
//! comes out. A real program would do it with sockets, files and a timer; here messages stand in a
//! queue, writes are durable at once, and the time leaps to the next timer.

use kvorum::base::{NodeId, Time};
use kvorum::raft::{
    Config, Configuration, Effects, Index, Input, Message, Payload, Raft, Rules, Timing,
};
use std::collections::VecDeque;

/// The state machine's commands are words; what it holds is the sentence so far.
type Command = String;

struct Server {
    raft: Raft<Command>,
    last_applied: Index,
    sentence: Vec<String>,
}

struct Cluster {
    servers: Vec<Server>,
    now: Time,
    /// Messages under way, in the order in which they left.
    network: VecDeque<Message<Command>>,
    effects: Effects<Command>,
}

impl Cluster {
    fn new() -> Cluster {
        let ids = [1, 2, 3].map(NodeId);
        let server = |id| Server {
            raft: Raft::new(config(id, &ids), Time::ZERO),
            last_applied: 0,
            sentence: Vec::new(),
        };
        Cluster {
            servers: ids.map(server).into(),
            now: Time::ZERO,
            network: VecDeque::new(),
            effects: Effects::default(),
        }
    }

    /// Hands one server an input, and does what follows from it.
    fn step(&mut self, at: usize, input: Input<'_, Command>) {
        let server = &mut self.servers[at];
        server.raft.step(self.now, input, &mut self.effects);
        for trace in self.effects.traces.drain(..) {
            println!(
                "{:>9} {}: {trace:?}",
                self.now.to_string(),
                server.raft.id()
            );
        }
        // What may be sent at once.
        self.network.extend(self.effects.messages.drain(..));
        // What is committed is applied, once and in order.
        while server.last_applied < self.effects.commit_index {
            server.last_applied += 1;
            let entry = server.raft.log().entry(server.last_applied);
            if let Some(Payload::Command(word)) = entry.map(|entry| &entry.payload) {
                server.sentence.push(word.clone());
            }
        }
        // What has to be durable first comes back when it is: the messages inside leave then.
        let writes: Vec<_> = self.effects.writes.drain(..).collect();
        for write in writes {
            self.step(at, Input::Persisted(write));
        }
    }

    /// Delivers what is under way, and what comes of it.
    fn deliver(&mut self) {
        while let Some(message) = self.network.pop_front() {
            let to = message.to.node().0 as usize - 1;
            self.step(to, Input::Receive(message));
        }
    }

    /// Leaps to the first timer that runs out, and wakes that server.
    fn wake_next(&mut self) {
        let wakes = self.servers.iter().map(|server| server.raft.wake().0);
        let (at, due) = wakes
            .enumerate()
            .min_by_key(|(_, due)| *due)
            .expect("three");
        self.now = due;
        self.step(at, Input::Wake);
        self.deliver();
    }

    fn leader(&self) -> Option<usize> {
        self.servers.iter().position(|it| it.raft.is_leader())
    }
}

fn config(id: NodeId, ids: &[NodeId]) -> Config {
    Config {
        id: id.into(),
        members: Configuration::new(ids.iter().copied()),
        timing: Timing::default(),
        rules: Rules::ALL,
        priority: 0,
        seed: 7,
        incarnation: 0,
        disk: 0,
    }
}

fn main() {
    let mut cluster = Cluster::new();
    while cluster.leader().is_none() {
        cluster.wake_next();
    }
    for word in ["understandable", "consensus"] {
        let leader = cluster.leader().expect("nothing deposes it");
        let mut commands = vec![word.to_owned()];
        cluster.step(leader, Input::Propose(&mut commands));
        cluster.deliver();
    }
    // Followers learn of the last commit with the next heartbeat at the latest.
    while cluster
        .servers
        .iter()
        .any(|server| server.sentence.len() < 2)
    {
        cluster.wake_next();
    }
    for server in &cluster.servers {
        println!("{} holds {:?}", server.raft.id(), server.sentence);
        assert_eq!(server.sentence, ["understandable", "consensus"]);
    }
}
