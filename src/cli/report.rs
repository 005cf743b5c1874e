//! The report of a sweep: what was swept, what came of it, as JSON and for people.

use super::args;
use super::interrupt::{self, Signal};
use super::settings::Given;
use super::sniff::Kind;
use super::{Exit, Unusable, about, link, overwrite, unusable};
use crate::run::ENGINE;
use crate::run::sweep::SweepPlan;
use crate::view::text::count;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a sweep found.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) struct Summary {
    /// What was swept: equal for equal sweeps by the same engine.
    pub sweep: Swept,
    pub runs: u64,
    pub failures: u64,
    pub simulated_seconds: u64,
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// Absent if it was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds_per_second: Option<f64>,
    /// Absent if it was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated_seconds_per_cpu_second: Option<f64>,
    pub coverage: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure: Option<FirstFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interrupted>,
}

/// What is swept.
#[derive(PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
pub(super) struct Swept {
    pub engine: String,
    pub profile: String,
    /// Absent: each run draws its own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u32>,
    pub rules_off: Vec<String>,
    /// Settings that no run drew, each as `NAME=VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    pub storm_microseconds: u64,
    pub first_seed: String,
    /// The one after the last.
    pub end_seed: String,
    pub keep_going: bool,
}

impl Swept {
    pub fn new(plan: &SweepPlan, seeds: &Range<u64>, keep_going: bool) -> Swept {
        Swept {
            engine: ENGINE.into(),
            profile: plan.profile.name().into(),
            nodes: plan.nodes,
            rules_off: args::rules_off(plan.rules, plan.shard_rules)
                .map(Into::into)
                .collect(),
            settings: Given(plan.fixed.clone()).texts(),
            storm_microseconds: plan.storm.0,
            first_seed: seeds.start.to_string(),
            end_seed: seeds.end.to_string(),
            keep_going,
        }
    }
}

/// A sweep that a signal ended.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) struct Interrupted {
    pub signal: Signal,
    /// How many runs it would have had.
    pub runs_in_all: u64,
    /// Every seed below this one was run. Absent if all were, and it was the shrinking of the
    /// failing run that was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_seed: Option<String>,
}

impl Interrupted {
    /// Says so on the standard error.
    pub fn say(&self, runs: u64) -> Exit {
        let Interrupted {
            signal,
            runs_in_all,
            next_seed,
        } = self;
        let point = match next_seed {
            Some(next) => {
                format!("after {runs} of {runs_in_all} runs; every seed below {next} was run")
            }
            None => "while the failing run was being shrunk".into(),
        };
        interrupt::say(*signal, &point)
    }
}

/// The failing run with the lowest seed.
#[derive(Debug, Serialize, serde::Deserialize)]
pub(super) struct FirstFailure {
    pub seed: String,
    pub what: String,
    pub actions: usize,
    pub file: PathBuf,
    pub link: String,
}

/// The summary in the report, if it is one of this very sweep, and whole.
pub(super) fn known(report: Option<&Path>, what: &Swept) -> Result<Option<Summary>, Unusable> {
    let Some(path) = report.filter(|path| path.is_file()) else {
        return Ok(None);
    };
    let text = link::text_of(File::open(path).map_err(about(path.display()))?);
    let text = text.map_err(|error| error.in_file(&path.display().to_string()))?;
    let summary = serde_json::from_str::<Summary>(&text).ok();
    Ok(summary.filter(|it| it.sweep == *what && it.interrupted.is_none()))
}

/// Writes down the failing run, if there is one, and the report. `force`: whatever stands in the
/// file of the failing run.
pub(super) fn write_all(
    summary: &Summary,
    report: Option<&PathBuf>,
    force: bool,
) -> Result<(), Unusable> {
    let failing = summary.first_failure.as_ref();
    let failing = failing.map_or(Ok(()), |first| write(first, force));
    let reported = report.map_or(Ok(()), |path| {
        let text = serde_json::to_string_pretty(summary).map_err(unusable)?;
        std::fs::write(path, text).map_err(about(path.display()))
    });
    failing.and(reported)
}

/// Writes the failing run of a report down again, if it is wanted elsewhere or its file has gone.
pub(super) fn write_again(summary: &mut Summary, record: Option<&PathBuf>) -> Result<(), Unusable> {
    let Some(first) = &mut summary.first_failure else {
        return Ok(());
    };
    if let Some(path) = record {
        first.file.clone_from(path);
    } else if first.file.exists() {
        return Ok(());
    }
    write(first, true)
}

/// Writes the failing run down: its link holds it.
fn write(first: &FirstFailure, force: bool) -> Result<(), Unusable> {
    let name = first.file.display();
    let other = overwrite::other(&first.file, Kind::Recording);
    if let Some(found) = other.map_err(about(&name))?.filter(|_| !force) {
        let why = format!(
            "there is {} already; --record names another file",
            found.name()
        );
        return Err(unusable(why).in_file(&name.to_string()));
    }
    let source = link::read(&first.link)?;
    let text = serde_json::to_string_pretty(&source.recording).map_err(unusable)?;
    std::fs::write(&first.file, text).map_err(about(name))
}

pub(super) fn tell(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let runs = count(summary.runs, "run");
    let runs = match &summary.interrupted {
        Some(it) => format!("{} of {}", summary.runs, count(it.runs_in_all, "run")),
        None if summary.runs == 0 => {
            return writeln!(
                out,
                "This part is empty: there are fewer seeds than parts. Nothing was run."
            );
        }
        _ => runs,
    };
    for (what, count) in &summary.coverage {
        writeln!(out, "{count:>12}  {what}")?;
    }
    let seconds = count(summary.simulated_seconds, "simulated second");
    write!(out, "\n{runs}, {seconds}")?;
    if let Some(rate) = summary.seeds_per_second {
        let wall = summary.wall_seconds;
        write!(out, " in {wall} s: {rate} seeds/s")?;
    }
    if let Some(rate) = summary.simulated_seconds_per_cpu_second {
        write!(out, ", {rate} simulated seconds per CPU second")?;
    }
    writeln!(out)?;
    let Some(first) = &summary.first_failure else {
        let so_far = summary.interrupted.as_ref().map_or("", |_| " so far");
        return writeln!(out, "No run failed{so_far}.");
    };
    writeln!(
        out,
        "{} failed. Seed {}: {}, with {} in {}:\n{}",
        count(summary.failures, "run"),
        first.seed,
        first.what,
        count(first.actions as u64, "action"),
        first.file.display(),
        first.link,
    )
}
