//! What a run achieved, measured in its own time: how many operations were answered and how soon, who did
//! the work, and whether every shard had what it should have.
//!
//! It is made of the events of a run alone, and bounded however long that is: time is cut in intervals of a
//! second, and when there are [`MOST`] of them, two and two become one. Latencies are kept as histograms, to
//! within one per cent.

mod gauges;
mod metric;

pub use metric::{Metric, Reading};

use crate::base::{ClientId, GroupId, NodeId, Span, Time};
use crate::sim::{Client, Event, EventKind, Simulation};
use gauges::Cluster;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// The most intervals that are kept.
pub const MOST: usize = 600;

/// The length of an interval at first.
const WIDTH: Span = Span::secs(1);

/// The longest latency that is told apart from longer ones: an hour, in microseconds.
const LONGEST: u64 = 3_600_000_000;

/// How soon operations were answered, in microseconds.
#[derive(Clone, PartialEq, Debug)]
pub struct Latencies(Histogram<u32>);

impl Default for Latencies {
    fn default() -> Latencies {
        let mut histogram = Histogram::new(2).expect("two digits can be kept");
        histogram.auto(true);
        Latencies(histogram)
    }
}

impl Latencies {
    fn record(&mut self, latency: Span) {
        let latency = latency.0.clamp(1, LONGEST);
        self.0.record(latency).expect("the histogram grows");
    }

    fn add(&mut self, other: &Latencies) {
        self.0.add(&other.0).expect("the histogram grows");
    }

    /// The latency that a share of all operations, in per mille, had at most; zero if there were none.
    pub fn at(&self, per_mille: u32) -> Span {
        let (wanted, mut counted) = (self.0.len() * u64::from(per_mille), 0);
        let reached = self.0.iter_recorded().find(|value| {
            counted += value.count_since_last_iteration() * 1_000;
            counted >= wanted
        });
        Span(reached.map_or(0, |value| value.value_iterated_to()))
    }

    /// The longest one.
    pub fn longest(&self) -> Span {
        Span(self.0.max())
    }
}

/// What became of operations of one kind.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Operations {
    /// Begun by clients.
    pub begun: u64,
    /// Answered: the goodput.
    pub answered: u64,
    /// Given up.
    pub given_up: u64,
    /// Requests that were sent for them, retries among them: the throughput.
    pub tries: u64,
    /// How soon they were answered, from their beginning on.
    pub latencies: Latencies,
}

impl AddAssign<&Operations> for Operations {
    fn add_assign(&mut self, other: &Operations) {
        self.begun += other.begun;
        self.answered += other.answered;
        self.given_up += other.given_up;
        self.tries += other.tries;
        self.latencies.add(&other.latencies);
    }
}

/// What a node did, and what it had at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NodeFigures {
    /// Requests of clients that were sent to it.
    pub asked: u64,
    /// Operations that it answered.
    pub answered: u64,
    /// Packets that it sent.
    pub sent: u64,
    /// Writes to its disk that became durable, of one replica each.
    pub synced: u64,
    /// Replicas of shards, at the end.
    pub replicas: u64,
    /// Of them, those that lead.
    pub leaders: u64,
    /// Keys of its replicas, at the end.
    pub keys: u64,
}

impl NodeFigures {
    /// Goes on with a later interval.
    fn then(&mut self, later: &NodeFigures) {
        *self = NodeFigures {
            asked: self.asked + later.asked,
            answered: self.answered + later.answered,
            sent: self.sent + later.sent,
            synced: self.synced + later.synced,
            ..*later
        };
    }
}

/// What happened in an interval.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Interval {
    /// Reads of the clients.
    pub reads: Operations,
    /// Writes of the clients.
    pub writes: Operations,
    /// What each node did.
    pub nodes: BTreeMap<NodeId, NodeFigures>,
    /// Operations that each shard answered.
    pub shards: BTreeMap<GroupId, u64>,
    /// How the cluster stood at its end.
    pub cluster: Cluster,
}

impl Interval {
    /// Goes on with a later one.
    fn then(&mut self, later: &Interval) {
        self.reads += &later.reads;
        self.writes += &later.writes;
        for (node, figures) in &later.nodes {
            self.nodes.entry(*node).or_default().then(figures);
        }
        for (shard, answered) in &later.shards {
            *self.shards.entry(*shard).or_default() += answered;
        }
        self.cluster.then(&later.cluster);
    }
}

/// An operation that is under way.
#[derive(Clone, Copy, Debug)]
struct UnderWay {
    since: Time,
    is_read: bool,
}

/// Measures a run that goes on.
#[derive(Clone, Debug)]
pub struct Measurements {
    width: Span,
    /// Those that are over.
    intervals: Vec<Interval>,
    /// The one that goes on.
    now: Interval,
    /// What goes on in it, or went on before it, at each client.
    under_way: BTreeMap<ClientId, UnderWay>,
}

impl Default for Measurements {
    fn default() -> Measurements {
        Measurements {
            width: WIDTH,
            intervals: Vec::new(),
            now: Interval::default(),
            under_way: BTreeMap::new(),
        }
    }
}

impl Measurements {
    /// Takes in what happened in a step, after it. Nothing may be left out from the run's beginning on.
    pub fn see(&mut self, run: &Simulation, events: &[Event]) {
        while self.end() <= run.now() {
            self.close(run);
        }
        for event in events {
            self.count(run, event);
        }
    }

    /// When the interval that goes on will be over.
    fn end(&self) -> Time {
        Time::ZERO + self.width * (self.intervals.len() as u64 + 1)
    }

    fn close(&mut self, run: &Simulation) {
        let mut over = std::mem::take(&mut self.now);
        gauges::read(run, &mut over);
        over.cluster
            .since(self.intervals.last().map(|it| it.cluster));
        self.intervals.push(over);
        if self.intervals.len() == MOST {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.width = self.width * 2;
        let pair = |pair: &[Interval]| {
            let mut both = pair[0].clone();
            pair[1..].iter().for_each(|later| both.then(later));
            both
        };
        self.intervals = self.intervals.chunks(2).map(pair).collect();
    }

    fn count(&mut self, run: &Simulation, event: &Event) {
        let now = &mut self.now;
        match &event.kind {
            EventKind::Invoked {
                client, operation, ..
            } => {
                let begun = UnderWay {
                    since: event.at,
                    is_read: operation.is_read(),
                };
                self.under_way.insert(*client, begun);
                now.of(begun).begun += 1;
            }
            EventKind::Asked { client, node, .. } => {
                if let Some(&begun) = self.under_way.get(client) {
                    now.of(begun).tries += 1;
                }
                now.nodes.entry(*node).or_default().asked += 1;
            }
            EventKind::Returned { client, node, .. } => {
                now.nodes.entry(*node).or_default().answered += 1;
                let group = run.clients().nth(client.0 as usize - 1).map(Client::group);
                *now.shards
                    .entry(group.unwrap_or(GroupId::FIRST))
                    .or_default() += 1;
                if let Some(begun) = self.under_way.remove(client) {
                    let of = now.of(begun);
                    of.answered += 1;
                    of.latencies.record(event.at.since(begun.since));
                }
            }
            EventKind::GaveUp { client, .. } => {
                if let Some(begun) = self.under_way.remove(client) {
                    now.of(begun).given_up += 1;
                }
            }
            EventKind::Sent { from, .. } => {
                if let Some(node) = from.node() {
                    now.nodes.entry(node).or_default().sent += 1;
                }
            }
            EventKind::Synced { node, .. } => {
                now.nodes.entry(*node).or_default().synced += 1;
            }
            _ => {}
        }
    }

    /// How long each interval is.
    pub fn width(&self) -> Span {
        self.width
    }

    /// The intervals that are over, the first one first.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Those that lie between two times, as one; nothing happened in it if none does.
    pub fn between(&self, from: Time, until: Time) -> Interval {
        let mut sum = Interval::default();
        self.samples(from, until).for_each(|it| sum.then(it));
        sum
    }

    /// Those that lie between two times.
    pub fn samples(&self, from: Time, until: Time) -> impl Iterator<Item = &Interval> {
        let starts = (0..).map(|number| Time::ZERO + self.width * number);
        let inside =
            move |(start, _): &(Time, &Interval)| *start >= from && *start + self.width <= until;
        let all = starts.zip(&self.intervals);
        all.filter(inside).map(|(_, interval)| interval)
    }
}

impl Interval {
    fn of(&mut self, what: UnderWay) -> &mut Operations {
        match what.is_read {
            true => &mut self.reads,
            false => &mut self.writes,
        }
    }

    /// Reads and writes together.
    pub fn operations(&self) -> Operations {
        let mut both = self.reads.clone();
        both += &self.writes;
        both
    }
}
