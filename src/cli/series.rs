//! What was measured, as a file for other programs and as a table for people.

use crate::base::{GroupId, Span, Time};
use crate::run::measure::{Interval, Measurements, Metric, Operations, Reading};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// The first line of a file with commas.
pub(super) const HEAD: &str = "from_us,until_us,of,metric,value";

/// A figure of an interval.
#[derive(Serialize)]
struct Row {
    from_us: u64,
    until_us: u64,
    /// `reads`, `writes`, a node, a group, or `cluster`.
    of: String,
    metric: &'static str,
    value: u64,
}

/// Writes all figures of all intervals: lines of JSON where the file's name ends in `.jsonl`, else commas.
pub(super) fn write(path: &Path, measured: &Measurements, out: &mut impl Write) -> io::Result<()> {
    let as_json = path.extension().is_some_and(|it| it == "jsonl");
    if !as_json {
        writeln!(out, "{HEAD}")?;
    }
    let mut from = Time::ZERO;
    for interval in measured.intervals() {
        let until = from + measured.width();
        for (of, metric, value) in rows(interval) {
            if as_json {
                let row = Row {
                    from_us: from.0,
                    until_us: until.0,
                    of,
                    metric,
                    value,
                };
                serde_json::to_writer(&mut *out, &row)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{},{},{of},{metric},{value}", from.0, until.0)?;
            }
        }
        from = until;
    }
    Ok(())
}

fn rows(interval: &Interval) -> impl Iterator<Item = (String, &'static str, u64)> {
    let of_metric = |metric: Metric| {
        let name = metric.name();
        let rows: Vec<_> = match metric.reading() {
            Reading::Operations(read) => [("reads", &interval.reads), ("writes", &interval.writes)]
                .map(|(of, it)| (of.to_owned(), name, read(it)))
                .into(),
            Reading::Node(read) | Reading::NodeThen(read) => {
                let nodes = interval.nodes.iter();
                nodes
                    .map(|(node, it)| (node.to_string(), name, read(it)))
                    .collect()
            }
            Reading::Cluster(read) | Reading::ClusterThen(read) => {
                vec![("cluster".into(), name, read(&interval.cluster))]
            }
        };
        rows
    };
    let shard =
        |(group, answered): (&GroupId, &u64)| (group.to_string(), "shard.answered", *answered);
    let metrics = Metric::ALL
        .iter()
        .flat_map(move |metric| of_metric(*metric));
    metrics.chain(interval.shards.iter().map(shard))
}

/// What became of the clients' operations, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Clients {
    reads: Figures,
    writes: Figures,
}

#[derive(Debug, Serialize)]
struct Figures {
    begun: u64,
    answered: u64,
    given_up: u64,
    tries: u64,
    /// Microseconds, as all that follow.
    p50: u64,
    p95: u64,
    p99: u64,
    p999: u64,
    longest: u64,
}

impl From<&Operations> for Figures {
    fn from(of: &Operations) -> Figures {
        let at = |per_mille| of.latencies.at(per_mille).0;
        Figures {
            begun: of.begun,
            answered: of.answered,
            given_up: of.given_up,
            tries: of.tries,
            p50: at(500),
            p95: at(950),
            p99: at(990),
            p999: at(999),
            longest: of.latencies.longest().0,
        }
    }
}

impl Clients {
    /// Of the whole run, as far as full seconds are over.
    pub fn of(measured: &Measurements) -> Clients {
        let all = measured.between(Time::ZERO, Time::NEVER);
        Clients {
            reads: (&all.reads).into(),
            writes: (&all.writes).into(),
        }
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "\n          begun  answered  given up   tries       p50       p95       p99     p99.9   longest"
        )?;
        for (name, it) in [("reads", &self.reads), ("writes", &self.writes)] {
            write!(
                out,
                "{name:<6} {:>8} {:>9} {:>9} {:>7}",
                it.begun, it.answered, it.given_up, it.tries
            )?;
            for latency in [it.p50, it.p95, it.p99, it.p999, it.longest] {
                write!(out, " {:>9}", Span(latency / 10 * 10).to_string())?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
