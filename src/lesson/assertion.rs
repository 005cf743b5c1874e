//! Assertions: what a run of a scenario must have achieved, by figures that were measured.
//!
//! ```json
//! { "metric": "node.replicas", "apart_at_most": 1, "from": 40000000 }
//! { "metric": "p99", "operations": "writes", "at_most": 250000, "from": 10000000, "until": 40000000 }
//! ```
//!
//! Figures that are counted, and latencies, are of the whole window; how something stands at an instant has
//! to fit at the end of each interval of a second in it.

use crate::base::{JsonError, NodeId, Span, Time};
use crate::run::measure::{Interval, Measurements, Metric, NodeFigures, Reading};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Operations of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operations {
    /// Reads.
    Reads,
    /// Writes.
    Writes,
}

/// A bound of a figure.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The figure.
    pub metric: Metric,
    /// It is at most so much.
    #[serde(default)]
    pub at_most: Option<u64>,
    /// It is at least so much.
    #[serde(default)]
    pub at_least: Option<u64>,
    /// That of two nodes differs by at most so much.
    #[serde(default)]
    pub apart_at_most: Option<u64>,
    /// The nodes, if it is a figure of nodes; without any, all that are there.
    #[serde(default)]
    pub nodes: Vec<NodeId>,
    /// Only operations of this kind, if it is a figure of operations.
    #[serde(default)]
    pub operations: Option<Operations>,
    /// From when on, in microseconds.
    #[serde(default)]
    pub from: Time,
    /// Until when, in microseconds; without it, until the end.
    #[serde(default)]
    pub until: Option<Time>,
}

/// What became of an assertion.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Judged {
    /// What was demanded.
    pub says: String,
    /// Whether it holds; nothing where no interval of the window is over.
    pub holds: Option<bool>,
    /// The lowest and the highest figure.
    pub seen: Option<(u64, u64)>,
}

impl Assertion {
    /// Checks what the types can't say.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), JsonError> {
        let error = |field: &str, why: &str| Err(JsonError::new(why).within(field));
        let of_nodes = matches!(
            self.metric.reading(),
            Reading::Node(_) | Reading::NodeThen(_)
        );
        let of_operations = matches!(self.metric.reading(), Reading::Operations(_));
        if [self.at_most, self.at_least, self.apart_at_most] == [None; 3] {
            return error(
                "at_most",
                "a bound is needed: at_most, at_least or apart_at_most",
            );
        }
        if !of_nodes && self.apart_at_most.is_some() {
            return error("apart_at_most", "only for a figure of nodes");
        }
        if !of_nodes && !self.nodes.is_empty() {
            return error("nodes", "only for a figure of nodes");
        }
        if !of_operations && self.operations.is_some() {
            return error("operations", "only for a figure of operations");
        }
        if self.until.is_some_and(|until| until <= self.from) {
            return error("until", "not after from");
        }
        Ok(())
    }

    /// Whether it holds of what was measured in a run that ended then.
    pub fn judge(&self, measured: &Measurements, end: Time) -> Judged {
        let until = self.until.unwrap_or(end);
        let samples = || measured.samples(self.from, until);
        let whole = || measured.between(self.from, until);
        let is_over = end >= until && samples().next().is_some();
        let rows: Vec<Vec<u64>> = match self.metric.reading() {
            Reading::Operations(read) => vec![vec![read(&self.of(&whole()))]],
            Reading::Node(read) => vec![self.each(&whole(), read)],
            Reading::NodeThen(read) => samples().map(|it| self.each(it, read)).collect(),
            Reading::Cluster(read) => vec![vec![read(&whole().cluster)]],
            Reading::ClusterThen(read) => samples().map(|it| vec![read(&it.cluster)]).collect(),
        };
        let all = || rows.iter().flatten().copied();
        let seen = all().min().zip(all().max()).filter(|_| is_over);
        Judged {
            says: self.to_string(),
            holds: seen.map(|(low, high)| self.fits(low, high, &rows)),
            seen,
        }
    }

    fn fits(&self, low: u64, high: u64, rows: &[Vec<u64>]) -> bool {
        let apart = |row: &Vec<u64>| {
            let ends = row.iter().min().zip(row.iter().max());
            ends.map_or(0, |(low, high)| high - low)
        };
        let furthest = rows.iter().map(apart).max().unwrap_or(0);
        self.at_most.is_none_or(|most| high <= most)
            && self.at_least.is_none_or(|least| low >= least)
            && self.apart_at_most.is_none_or(|most| furthest <= most)
    }

    fn of(&self, interval: &Interval) -> crate::run::measure::Operations {
        match self.operations {
            None => interval.operations(),
            Some(Operations::Reads) => interval.reads.clone(),
            Some(Operations::Writes) => interval.writes.clone(),
        }
    }

    fn each(&self, interval: &Interval, read: fn(&NodeFigures) -> u64) -> Vec<u64> {
        match &self.nodes[..] {
            [] => interval.nodes.values().map(read).collect(),
            nodes => {
                let of = |node: &NodeId| interval.nodes.get(node).map_or(0, read);
                nodes.iter().map(of).collect()
            }
        }
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric.name())?;
        match self.operations {
            None => {}
            Some(Operations::Reads) => f.write_str(" of reads")?,
            Some(Operations::Writes) => f.write_str(" of writes")?,
        }
        for (at, node) in self.nodes.iter().enumerate() {
            write!(f, "{}{node}", if at == 0 { " of " } else { ", " })?;
        }
        let is_time = self.metric.is_latency();
        let mut bound = |what: &str, bound: Option<u64>| match bound {
            Some(bound) if is_time => write!(f, " {what} {}", Span(bound)),
            Some(bound) => write!(f, " {what} {bound}"),
            None => Ok(()),
        };
        bound("at most", self.at_most)?;
        bound("at least", self.at_least)?;
        bound("apart by at most", self.apart_at_most)?;
        let since = |at: Time| at.since(Time::ZERO);
        if self.from > Time::ZERO {
            write!(f, ", from {}", since(self.from))?;
        }
        self.until
            .map_or(Ok(()), |until| write!(f, ", until {}", since(until)))
    }
}
