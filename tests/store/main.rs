//! A store of many shards, driven as a person would: nodes join, leave and die, shards move, split and merge.

#![cfg(not(target_arch = "wasm32"))]

mod chaos;
mod forged;
mod merges;
mod moves;
mod rules;
mod scenarios;
mod splits;

use kvorum::base::{GroupId, NodeId, Span};
use kvorum::sim::settings::ShardSettings;
use kvorum::sim::{Action, Event, EventKind, Settings, Simulation};

/// A store of so many shards on so many nodes, with some load.
fn settings(nodes: u32, count: u32) -> Settings {
    Settings {
        nodes,
        load: 200,
        shards: ShardSettings {
            count,
            ..ShardSettings::default()
        },
        ..Settings::default()
    }
}

/// A run that is told about.
struct Run {
    simulation: Simulation,
    events: Vec<Event>,
}

impl Run {
    fn new(settings: Settings, seed: u64) -> Run {
        let mut simulation = Simulation::new(settings, seed).expect("good settings");
        simulation.keep_events(true);
        Run {
            simulation,
            events: Vec::new(),
        }
    }

    /// Goes on for so many seconds; nothing may be violated.
    fn go(&mut self, secs: u64) {
        let until = self.simulation.now() + Span::secs(secs);
        self.simulation.run_until(until);
        self.simulation.take_events(&mut self.events);
        assert_eq!(self.simulation.violation(), None);
        assert_eq!(self.simulation.stopped(), None);
    }

    fn act(&mut self, action: Action) {
        self.simulation.apply(action).expect("can be done");
    }

    /// How many replicas a node has, and how many of them lead; without those of group 0.
    fn has(&self, node: u32) -> (usize, usize) {
        let host = self.simulation.host(NodeId(node)).expect("a node");
        let data = host.replicas().filter(|it| it.group() != GroupId(0));
        let rafts: Vec<_> = data.filter_map(|it| it.raft()).collect();
        let leaders = rafts.iter().filter(|raft| raft.is_leader()).count();
        (rafts.len(), leaders)
    }

    /// The nodes on which a group has members, by its leader.
    fn members(&self, group: u32) -> Vec<u32> {
        let nodes = self.simulation.hosts().iter().map(|host| host.id());
        let rafts = nodes.filter_map(|node| self.simulation.raft_of(node, GroupId(group)));
        let leaders = rafts.filter(|raft| raft.is_leader());
        let leader = leaders.max_by_key(|raft| raft.current_term());
        let leader = leader.unwrap_or_else(|| panic!("g{group} has no leader"));
        let members = leader.configuration().members();
        members.iter().map(|it| it.node().0).collect()
    }

    fn count(&self, wanted: impl Fn(&EventKind) -> bool) -> usize {
        self.events
            .iter()
            .filter(|event| wanted(&event.kind))
            .count()
    }

    /// What became of clients' operations: how many were answered, and how many given up.
    fn ended(&self) -> (usize, usize) {
        let answered = self.count(|kind| matches!(kind, EventKind::Returned { .. }));
        (
            answered,
            self.count(|kind| matches!(kind, EventKind::GaveUp { .. })),
        )
    }

    /// What happened to the first operation that was given up.
    fn why_given_up(&self) {
        let mut events = self.events.iter();
        let Some((client, sequence)) = events.find_map(|event| match event.kind {
            EventKind::GaveUp {
                client, sequence, ..
            } => Some((client, sequence)),
            _ => None,
        }) else {
            return;
        };
        for event in &self.events {
            let json = serde_json::to_value(&event.kind).unwrap();
            let is = |field: &str, value: u64| json[field].as_u64() == Some(value);
            if is("client", client.0.into()) && is("sequence", sequence) {
                println!("{} {json}", event.at);
            }
        }
    }

    /// What group 0 knows, and what there is.
    fn compare(&self) {
        let members = (1..=3).filter_map(|node| self.simulation.host(NodeId(node)));
        let zero = members.filter_map(|host| host.replica_of(GroupId(0)));
        let zero = zero.max_by_key(|it| it.last_applied()).unwrap();
        let registry = zero.store().registry().unwrap();
        for node in registry.nodes() {
            println!("{node:?} {:?}", self.has(node.id.0));
        }
        for shard in registry.map().shards() {
            let nodes = self.simulation.hosts().iter().map(|host| host.id());
            let all = nodes.filter_map(|node| self.simulation.raft_of(node, shard.group));
            let all: Vec<_> = all
                .map(|raft| {
                    (
                        raft.id(),
                        raft.current_term(),
                        raft.is_leader(),
                        raft.configuration().members(),
                    )
                })
                .collect();
            println!("{shard:?}");
            for it in all {
                println!("    {it:?}");
            }
        }
        println!("{:?}", registry.operations().collect::<Vec<_>>());
    }

    /// What happened to shards and nodes, for whoever looks at a failure.
    fn story(&self) {
        for event in &self.events {
            let of_shards = matches!(
                event.kind,
                EventKind::Began { .. }
                    | EventKind::Ended { .. }
                    | EventKind::Judged { .. }
                    | EventKind::Born { .. }
                    | EventKind::Buried { .. }
                    | EventKind::Split { .. }
                    | EventKind::Frozen { .. }
                    | EventKind::Absorbed { .. }
                    | EventKind::Thawed { .. }
            );
            if of_shards {
                println!("{} {:?}", event.at, event.kind);
            }
        }
    }
}

#[test]
fn every_shard_is_served_by_a_group_of_its_own() {
    let mut run = Run::new(settings(5, 8), 1);
    run.go(5);
    for group in 0..=8 {
        assert_eq!(run.members(group).len(), 3, "g{group}");
    }
    let (answered, given_up) = run.ended();
    assert!(answered > 900 && given_up == 0, "{answered} {given_up}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let hash = |seed| {
        let mut run = Run::new(settings(5, 8), seed);
        run.go(3);
        run.simulation.hash()
    };
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}
