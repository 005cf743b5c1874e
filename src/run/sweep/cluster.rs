//! Sweeps of a store of many shards: what its storms are made of, and when it has come to rest.
//!
//! Beside the faults that servers of one group have, nodes join, are drained, die for good, or come back
//! long after they were called dead; racks fail; the nodes with the registry freeze. Afterwards the store must
//! *converge*: it serves every key, and within a stated time nothing moves any more, every shard has the
//! replicas that are wanted, and no machine keeps one that it shouldn't.

use super::trial::Line;
use crate::base::{Draws, GroupId, NodeId, Purpose, Ratio, Span, Time};
use crate::kv::{Descriptor, Operation, Registry};
use crate::raft::{Rules, Timing};
use crate::sim::host::{Host, Power};
use crate::sim::settings::{ClientSettings, PlacementName, ShardSettings};
use crate::sim::{
    Action, Chaos, Client, Fault, LinkSettings, ReadMix, Replica, Settings, Simulation,
};
use std::rc::Rc;

/// After the storm: how long the store may move, at most.
pub(super) const CONVERGES_WITHIN: Span = Span::secs(90);

/// How long nothing may begin before a store counts as at rest: longer than a controller waits before it
/// judges a node.
pub(super) const AT_REST: Span = Span::secs(6);

/// The nodes with the registry.
const SEEDS: u32 = 3;

/// The kinds of faults that strike by chance. A disk that is lost takes a node with it, which the script
/// does; a clock is only wrong where nobody reads by leases.
const FAULTS: [Fault; 9] = [
    Fault::Crash,
    Fault::Pause,
    Fault::Partition,
    Fault::Cut,
    Fault::Link,
    Fault::Disk,
    Fault::Tear,
    Fault::Full,
    Fault::Clock,
];

/// What the run from `seed` is made of.
pub(super) fn settings(seed: u64, nodes: Option<u32>, rules: Rules) -> Settings {
    let draws = &mut Draws::new(seed, Purpose::Swarm, 1);
    let mut one_of = |all: &[u64]| all[draws.below(all.len() as u64) as usize];
    let replicas = one_of(&[3, 3, 3, 3, 5, 1]) as u32;
    let drawn = one_of(&[4, 5, 5, 6, 7, 8]) as u32;
    let nodes = nodes.unwrap_or(drawn.max(replicas));
    let placements = [0, 0, 0, 1, 2, 3];
    let shards = ShardSettings {
        count: one_of(&[1, 2, 3, 4, 6]) as u32,
        replicas,
        ranges: one_of(&[0, 1]) == 1,
        racks: (one_of(&[1, 1, 3]) as u32).min(nodes),
        placement: PlacementName::ALL[one_of(&placements) as usize],
        ring_points: 16,
        dead_after: Span::millis(one_of(&[2_000, 3_000, 4_000])),
        split_keys: one_of(&[0, 20, 40]) as u32,
        keys: one_of(&[40, 100, 400]) as u32,
        ..ShardSettings::default()
    };
    let timing = Timing {
        max_chunk: one_of(&[64, 256, 1_024]) as u32,
        keep_entries: one_of(&[0, 0, 10]) as u32,
        ..Timing::default()
    };
    let snapshot_every = one_of(&[0, 10, 30, 100]) as u32;
    let link = LinkSettings {
        latency_min: Span::millis(1),
        latency_max: Span::millis(one_of(&[5, 10, 25])),
        loss: Ratio::percent(one_of(&[0, 0, 1, 3]) as u32),
        duplicate: Ratio::percent(one_of(&[0, 0, 1, 3]) as u32),
        reorder: one_of(&[0, 1]) == 1,
    };
    let load = one_of(&[20, 50, 100]) as u32;
    let session_timeout = Span::millis(one_of(&[1_500, 5_000, 3_600_000, 3_600_000]));
    let mut chaos = Chaos::default();
    for fault in FAULTS {
        let percent = one_of(&[0, 0, 3, 10]) as u32;
        *chaos.rate_mut(fault) = Ratio::percent(percent);
    }
    let by_lease = chaos.clock == Ratio::ZERO;
    // Where shards are split there has to be a distance, else they would be merged again.
    let merge_keys = match shards.split_keys {
        0 => one_of(&[0, 20, 1_000]),
        split_keys => one_of(&[0, 1, 1]) * u64::from(split_keys) / 4,
    };
    let shards = ShardSettings {
        merge_keys: merge_keys as u32,
        ..shards
    };
    Settings {
        nodes,
        rules,
        link,
        client_link: link,
        load,
        reads: ReadMix {
            lease: Ratio::percent(if by_lease { 30 } else { 0 }),
            anywhere: Ratio::percent(50),
        },
        chaos,
        timing,
        snapshot_every,
        clients: ClientSettings {
            session_timeout,
            ..ClientSettings::default()
        },
        shards,
        ..Settings::default()
    }
}

/// What people and bad luck do to the nodes in a storm of that length, in the order of time.
pub(super) fn script(settings: &Settings, seed: u64, storm: Span) -> Vec<Line> {
    let mut deeds = Deeds {
        draws: Draws::new(seed, Purpose::Swarm, 2),
        nodes: settings.nodes,
        racks: settings.shards.racks,
        lines: Vec::new(),
    };
    let kinds = deeds.draws.word();
    for _ in 0..=deeds.draws.below(6) {
        let at = Time::ZERO + deeds.draws.span(Span::secs(1), storm);
        let kind = deeds.draws.below(8);
        if kinds >> kind & 1 == 1 {
            deeds.one(kind, at);
        }
    }
    deeds.lines.sort_by_key(|(at, _)| *at);
    deeds.lines
}

/// A script in the making.
struct Deeds {
    draws: Draws,
    nodes: u32,
    racks: u32,
    lines: Vec<Line>,
}

impl Deeds {
    fn node(&mut self) -> NodeId {
        NodeId(1 + self.draws.below(self.nodes.into()) as u32)
    }

    fn later(&mut self, at: Time, most: u64) -> Time {
        at + self.draws.span(Span::millis(500), Span::secs(most))
    }

    /// The nodes go down together, and come back together.
    fn outage(&mut self, at: Time, nodes: impl Iterator<Item = NodeId> + Clone) {
        let back = self.later(at, 12);
        let crashes = nodes.clone().map(|node| (at, Action::Crash { node }));
        self.lines.extend(crashes);
        let restarts = nodes.map(|node| (back, Action::Restart { node }));
        self.lines.extend(restarts);
    }

    fn one(&mut self, kind: u64, at: Time) {
        match kind {
            0 => self.lines.push((at, Action::AddServer)),
            1 => {
                let node = self.node();
                self.lines.push((at, Action::RemoveServer { node }));
            }
            // For good: nothing before the calm restarts it.
            2 => {
                let node = self.node();
                self.lines.push((at, Action::Crash { node }));
            }
            3 => {
                let node = self.node();
                self.outage(at, std::iter::once(node));
            }
            4 => {
                let (node, back) = (self.node(), self.later(at, 8));
                self.lines.push((at, Action::Pause { node }));
                self.lines.push((back, Action::Resume { node }));
            }
            5 => {
                let (racks, rack) = (self.racks, self.draws.below(self.racks.into()) as u32);
                // Of a cluster in one rack somebody stays.
                let first = if racks == 1 { 2 } else { rack + 1 };
                let nodes = (first..=self.nodes).step_by(racks as usize);
                self.outage(at, nodes.map(NodeId));
            }
            // The nodes with the registry, from the others, or one of them from the rest.
            6 => {
                let alone = 1 + self.draws.below(SEEDS.into()) as u32;
                let apart = |id: &u32| match alone {
                    1 => *id <= SEEDS,
                    _ => *id == alone,
                };
                let (ours, theirs): (Vec<_>, Vec<_>) = (1..=self.nodes).partition(apart);
                let side = |ids: Vec<u32>| ids.into_iter().map(NodeId).collect::<Vec<_>>();
                let back = self.later(at, 10);
                let wall = Action::partition([side(ours), side(theirs)]);
                self.lines.push((at, wall));
                self.lines.push((back, Action::Heal));
            }
            _ => {
                for node in (1..=SEEDS.min(self.nodes)).map(NodeId) {
                    let (at, back) = (self.later(at, 2), self.later(at, 10));
                    self.lines.push((at, Action::Pause { node }));
                    self.lines.push((back, Action::Resume { node }));
                }
            }
        }
    }
}

/// What was written after the storm.
const LAST: &str = "calm";

/// A write for each letter, without those that their owners know or that are under way. Where keys are spread
/// over ranges, each shard has some of these keys at first.
pub(super) fn unwritten(simulation: &Simulation) -> impl Iterator<Item = Action> + use<> {
    let put = |letter: char| Operation::Put {
        key: letter.to_string().into(),
        value: LAST.into(),
    };
    let is_written = |operation: &Operation| {
        let mut replicas = running(simulation)
            .flat_map(Host::replicas)
            .map(Replica::store);
        let key = operation.key();
        replicas.any(|store| {
            let owns = store.shard().is_some_and(|it| it.keys.has(key));
            owns && store.get(key).is_some_and(|it| &**it == LAST)
        })
    };
    let is_asked = |operation: &Operation| {
        let last = |client: &Client| client.operations().next_back().cloned();
        let mut last = simulation.clients().filter_map(last);
        last.any(|it| it.ended.is_none() && it.operation == *operation)
    };
    let all = ('a'..='z').map(put);
    let left: Vec<_> = all.filter(|it| !is_written(it) && !is_asked(it)).collect();
    left.into_iter().map(|operation| Action::Request {
        operation,
        to: None,
        attempts: 1_000,
    })
}

fn running(simulation: &Simulation) -> impl Iterator<Item = &Host> {
    let hosts = simulation.hosts().iter();
    hosts.filter(|host| host.power() == Power::Up && !host.is_retired())
}

fn replicas_of(simulation: &Simulation, group: GroupId) -> impl Iterator<Item = (&Host, &Replica)> {
    let here = move |host| Host::replica_of(host, group).map(|it| (host, it));
    let here = running(simulation).filter_map(here);
    here.filter(|(_, replica)| replica.raft().is_some())
}

/// Whether nothing is under way, and everything is as it should be: each shard has its replicas, where the map says,
/// and nowhere else.
pub(super) fn is_as_wanted(simulation: &Simulation) -> bool {
    let Some(registry) = simulation.registry() else {
        return false;
    };
    let gone = |it: &Replica| registry.merged(it.group()).is_some();
    let mut here = running(simulation).flat_map(Host::replicas);
    if here.any(|it| it.raft().is_some() && gone(it)) {
        return false;
    }
    let mut shards = registry.map().shards();
    let fits = |shard: &Rc<Descriptor>| shard_fits(simulation, registry, shard);
    registry.operations().len() == 0 && shards.all(fits)
}

fn shard_fits(simulation: &Simulation, registry: &Registry, shard: &Rc<Descriptor>) -> bool {
    let wanted = simulation.settings().shards.replicas as usize;
    let wanted = wanted.min(registry.nodes().len());
    let mut here = replicas_of(simulation, shard.group);
    let (leader, members) = (
        replicas_of(simulation, shard.group).find(|(_, replica)| replica.is_leader()),
        &shard.members,
    );
    let Some(raft) = leader.and_then(|(_, replica)| replica.raft()) else {
        return false;
    };
    let configuration = raft.configuration();
    let voters = configuration.voters().iter().map(|it| it.node());
    members.len() == wanted
        && !configuration.is_joint()
        && configuration.learners().is_empty()
        && voters.eq(members.iter().copied())
        && here.all(|(host, _)| members.contains(&host.id()))
}

/// Whether all replicas of each shard hold the same.
pub(super) fn agrees(simulation: &Simulation) -> bool {
    let Some(registry) = simulation.registry() else {
        return false;
    };
    let mut shards = registry.map().shards();
    shards.all(|shard| {
        let mut stores = replicas_of(simulation, shard.group).map(|(_, it)| it.store());
        let first = stores.next();
        stores.all(|store| Some(store) == first)
    })
}
