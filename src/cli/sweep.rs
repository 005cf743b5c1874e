//! `kvorum sweep`: many runs on all cores, and the first that fails made small.

use super::args::{self, Shard};
use super::{Exit, Unusable, about, link, progress, say_json, unusable};
use crate::base::Span;
use crate::raft::Rules;
use crate::sim::sweep::{Coverage, Plan, Profile, Report, run as trial, shrink};
use crate::sim::{ENGINE, Recording};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The most threads: as many as a system surely gives.
const MAX_JOBS: usize = 1_024;

/// The shortest time, in seconds, from which a rate is told.
const MEASURABLE: f64 = 0.01;

/// Tries that shrinking a failing run may take.
const TRIES: u32 = 5_000;

/// Run many seeds under random faults, each checked by everything there is.
///
/// Each run is a storm of faults drawn from its seed (safety: no property may break), then calm
/// (liveness: the cluster must serve and agree again). The failing run with the lowest seed is
/// shrunk to a few actions, written as a file for `kvorum replay` and shown as a link. Exit code
/// 0: no run failed; 1: one did; 2: bad arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The seeds, the last one not included: 0..50000; a bare number is that seed alone
    #[arg(long, value_name = "A..B", value_parser = args::seeds)]
    seeds: Range<u64>,
    /// How rough the storms are
    #[arg(long, default_value = "rough", value_parser = profile())]
    profile: Profile,
    /// How many servers each run has [default: each run draws 3, 4, 5 or 7]
    #[arg(long)]
    nodes: Option<u32>,
    /// How long each storm lasts: 25s, 1500ms, 20us, 2m, 1h; a bare number is seconds
    #[arg(long, value_name = "SPAN", default_value = "25s", value_parser = args::span)]
    storm: Span,
    /// Rules to switch off: names with commas between
    #[arg(long, value_name = "NAMES", value_parser = args::rules, allow_hyphen_values = true)]
    rules: Option<String>,
    /// Run part I of N only, I from 0 to N - 1: for the jobs of an array
    #[arg(long, value_name = "I/N", value_parser = args::shard)]
    shard: Option<Shard>,
    /// Threads [default: as many as there are cores]
    #[arg(long)]
    jobs: Option<usize>,
    /// Go on after a failure, and count them
    #[arg(long)]
    keep_going: bool,
    /// Write the result here as JSON; if it stands there already for the same sweep, don't run it
    /// again
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    report: Option<PathBuf>,
    /// Where the failing run is written [default: failing-SEED.json]
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    record: Option<PathBuf>,
    /// Where the laboratory is served, for the link
    #[arg(long, value_name = "URL", value_parser = args::site, default_value = "http://127.0.0.1:8080/")]
    site: String,
}

fn profile() -> impl clap::builder::TypedValueParser<Value = Profile> {
    let names = Profile::ALL.map(Profile::name);
    PossibleValuesParser::new(names)
        .map(|name| Profile::from_name(&name).expect("one of the possible values"))
}

/// What a sweep found.
#[derive(Debug, Serialize, serde::Deserialize)]
struct Summary {
    /// What was swept: equal for equal sweeps by the same engine.
    sweep: String,
    runs: u64,
    failures: u64,
    simulated_seconds: u64,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// Absent if it was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seeds_per_second: Option<f64>,
    /// Absent if it was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    simulated_seconds_per_cpu_second: Option<f64>,
    coverage: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_failure: Option<FirstFailure>,
}

/// The failing run with the lowest seed.
#[derive(Debug, Serialize, serde::Deserialize)]
struct FirstFailure {
    seed: String,
    what: String,
    actions: usize,
    file: PathBuf,
    link: String,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    let off = args.rules.as_deref().unwrap_or_default();
    let plan = Plan {
        profile: args.profile,
        nodes: args.nodes,
        rules: Rules::ALL.but(off).map_err(unusable)?,
        storm: args.storm,
    };
    plan.check().map_err(unusable)?;
    if args
        .jobs
        .is_some_and(|jobs| !(1..=MAX_JOBS).contains(&jobs))
    {
        return Err(unusable(format!("--jobs: from 1 to {MAX_JOBS} threads")));
    }
    if args.report.is_some() && args.report == args.record {
        return Err(unusable("--record: the file of --report"));
    }
    let seeds = shard(&args.seeds, args.shard);
    let going_on = if args.keep_going { ", all of them" } else { "" };
    let what = format!("{ENGINE} {plan:?} seeds {seeds:?}{going_on}");
    for path in [&args.report, &args.record].into_iter().flatten() {
        try_to_write(path).map_err(about(path.display()))?;
    }
    let known = known(args.report.as_deref(), &what)?;
    let (summary, written) = match known {
        Some(mut summary) => {
            let written = write_again(&mut summary, args.record.as_ref());
            (summary, written)
        }
        None => {
            let summary = sweep(args, &plan, seeds, what)?;
            let written = write_all(&summary, args.report.as_ref());
            (summary, written)
        }
    };
    // What was found is told even if it can't be written down.
    if json {
        let mut told = serde_json::to_value(&summary).map_err(unusable)?;
        if let Err(error) = &written {
            told["error"] = error.json();
        }
        say_json(out, &told)?;
    } else {
        tell(&summary, out)?;
    }
    written.map_err(|error| Unusable {
        is_told: true,
        ..error
    })?;
    Ok(if summary.failures == 0 {
        Exit::Ok
    } else {
        Exit::Broken
    })
}

/// Part I of N of the seeds: of nearly equal size, next to each other.
fn shard(seeds: &Range<u64>, shard: Option<Shard>) -> Range<u64> {
    let Some(Shard { number, of }) = shard else {
        return seeds.clone();
    };
    let many = u128::from(seeds.end - seeds.start);
    let edge = |number: u64| seeds.start + (many * u128::from(number) / u128::from(of)) as u64;
    edge(number)..edge(number + 1)
}

/// The summary in the report, if it is one of this very sweep.
fn known(report: Option<&Path>, what: &str) -> Result<Option<Summary>, Unusable> {
    let Some(path) = report.filter(|path| path.is_file()) else {
        return Ok(None);
    };
    let text = link::text_of(File::open(path).map_err(about(path.display()))?);
    let text = text.map_err(about(path.display()))?;
    let summary = serde_json::from_str::<Summary>(&text).ok();
    Ok(summary.filter(|summary| summary.sweep == what))
}

/// Finds out before the work whether a file can be written, and leaves it as it is.
fn try_to_write(path: &Path) -> io::Result<()> {
    let is_new = path.symlink_metadata().is_err();
    if !is_new && !path.is_file() && !path.is_dir() {
        // To open a pipe and close it would end its reader.
        return Ok(());
    }
    File::options().append(true).create(true).open(path)?;
    if is_new {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Writes down the failing run, if there is one, and the report.
fn write_all(summary: &Summary, report: Option<&PathBuf>) -> Result<(), Unusable> {
    summary.first_failure.as_ref().map_or(Ok(()), write)?;
    let Some(path) = report else { return Ok(()) };
    let text = serde_json::to_string_pretty(summary).map_err(unusable)?;
    std::fs::write(path, text).map_err(about(path.display()))
}

/// Writes the failing run of a report down again, if it is wanted elsewhere or its file has gone.
fn write_again(summary: &mut Summary, record: Option<&PathBuf>) -> Result<(), Unusable> {
    let Some(first) = &mut summary.first_failure else {
        return Ok(());
    };
    if let Some(path) = record {
        first.file.clone_from(path);
    } else if first.file.exists() {
        return Ok(());
    }
    write(first)
}

/// Writes the failing run down: its link holds it.
fn write(first: &FirstFailure) -> Result<(), Unusable> {
    let recording = link::read(&first.link)?;
    let text = serde_json::to_string_pretty(&recording).map_err(unusable)?;
    std::fs::write(&first.file, text).map_err(about(first.file.display()))
}

/// What the threads have in common.
struct Shared<'a> {
    plan: &'a Plan,
    next: AtomicU64,
    /// No seed from here on is begun any more.
    end: AtomicU64,
    keep_going: bool,
}

/// What a thread tells of a run, and the CPU time that it took.
type Told = (Report, Duration);

fn sweep(args: &Args, plan: &Plan, seeds: Range<u64>, what: String) -> Result<Summary, Unusable> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.unwrap_or(cores);
    let bar = progress::bar("sweeping", seeds.end - seeds.start, false);
    let begun = Instant::now();
    let shared = Shared {
        plan,
        next: AtomicU64::new(seeds.start),
        end: AtomicU64::new(seeds.end),
        keep_going: args.keep_going,
    };
    let mut coverage = Coverage::default();
    let (mut runs, mut failures, mut simulated, mut cpu) = (0, 0, 0, Duration::ZERO);
    let mut first: Option<Report> = None;
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel::<Told>();
        for _ in 0..jobs {
            let (tell, shared) = (tell.clone(), &shared);
            scope.spawn(move || work(shared, &tell));
        }
        drop(tell);
        for (report, took) in told {
            coverage.merge(&report.coverage);
            runs += 1;
            simulated += report.simulated.0;
            cpu += took;
            bar.inc(1);
            if report.failure.is_some() {
                failures += 1;
                bar.set_message(format!("{failures} failed"));
                if first.as_ref().is_none_or(|first| report.seed < first.seed) {
                    first = Some(report);
                }
            }
        }
    });
    bar.finish_and_clear();
    let wall = begun.elapsed().as_secs_f64();
    let cpu = cpu.as_secs_f64();
    let rate = |many: f64, seconds: f64| (seconds >= MEASURABLE).then(|| rounded(many / seconds));
    let seconds = simulated as f64 / 1e6;
    Ok(Summary {
        sweep: what,
        runs,
        failures,
        simulated_seconds: simulated / 1_000_000,
        wall_seconds: rounded(wall),
        cpu_seconds: rounded(cpu),
        seeds_per_second: rate(runs as f64, wall),
        simulated_seconds_per_cpu_second: rate(seconds, cpu),
        coverage: coverage
            .counts()
            .map(|(name, count)| (name.into(), count))
            .collect(),
        first_failure: first
            .map(|report| make_small(args, plan, &report))
            .transpose()?,
    })
}

fn work(shared: &Shared<'_>, tell: &mpsc::Sender<Told>) {
    loop {
        // Past the end nothing is added: the last seed may be the greatest number.
        let end = shared.end.load(Ordering::Relaxed);
        let after = |next: u64| (next < end).then(|| next + 1);
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        let Ok(seed) = shared.next.fetch_update(set, get, after) else {
            return;
        };
        let before = cpu_time();
        let report = trial(shared.plan, seed);
        let took = cpu_time().saturating_sub(before);
        if report.failure.is_some() && !shared.keep_going {
            // Lower seeds that run already go on: the lowest failing one is the same in every
            // sweep.
            shared.end.fetch_min(seed, Ordering::Relaxed);
        }
        if tell.send((report, took)).is_err() {
            return;
        }
    }
}

/// Shrinks a failing run.
fn make_small(args: &Args, plan: &Plan, report: &Report) -> Result<FirstFailure, Unusable> {
    let seed = report.seed;
    let bar = progress::bar("shrinking", TRIES.into(), false);
    let small = shrink(plan, seed, &mut |tries, actions| {
        bar.set_position(tries.into());
        bar.set_message(format!("shrinking seed {seed}: {actions} actions"));
        tries < TRIES
    });
    bar.finish_and_clear();
    let failure = report.failure.as_ref();
    let recording: Recording = small.expect("a run that failed fails again");
    let default = || PathBuf::from(format!("failing-{seed}.json"));
    let file = args.record.clone().unwrap_or_else(default);
    Ok(FirstFailure {
        seed: seed.to_string(),
        what: failure.map_or_else(String::new, |failure| failure.name().into()),
        actions: recording.journal.len(),
        file,
        link: link::to_link(&recording, &args.site)?,
    })
}

fn tell(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if summary.runs == 0 {
        return writeln!(
            out,
            "This part is empty: there are fewer seeds than parts. Nothing was run."
        );
    }
    for (what, count) in &summary.coverage {
        writeln!(out, "{count:>12}  {what}")?;
    }
    let seconds = summary.simulated_seconds;
    write!(out, "\n{} runs, {seconds} simulated seconds", summary.runs)?;
    if let Some(rate) = summary.seeds_per_second {
        let wall = summary.wall_seconds;
        write!(out, " in {wall} s: {rate} seeds/s")?;
    }
    if let Some(rate) = summary.simulated_seconds_per_cpu_second {
        write!(out, ", {rate} simulated seconds per CPU second")?;
    }
    writeln!(out)?;
    let Some(first) = &summary.first_failure else {
        return writeln!(out, "No run failed.");
    };
    writeln!(
        out,
        "{} failed. Seed {}: {}, with {} actions in {}:\n{}",
        summary.failures,
        first.seed,
        first.what,
        first.actions,
        first.file.display(),
        first.link,
    )
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The CPU time of this thread where the system tells it (Linux), else the time on the wall.
fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|told| told.split(' ').next()?.parse().ok());
    told.map_or_else(wall_time, Duration::from_nanos)
}

fn wall_time() -> Duration {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default()
}
