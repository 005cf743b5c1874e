//! `kvorum sweep`: many runs on all cores, and the first that fails made small.

mod table;

use super::args::{self, Shard};
use super::interrupt;
use super::report::{self, FirstFailure, Interrupted, Summary, Swept};
use super::settings::{self, OfSweep};
use super::sniff::Kind;
use super::{Exit, Found, Unusable, link, overwrite, progress, say_json, unusable};
use crate::base::Span;
use crate::kv::ShardRules;
use crate::raft::Rules;
use crate::run::Recording;
use crate::run::sweep::{Coverage, Profile, Report, SweepPlan, run as trial, shrink};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The shortest time, in seconds, from which a rate is told.
const MEASURABLE: f64 = 0.01;

/// How long the sweep waits for a run before it looks whether a signal asks for the end.
const LOOK: Duration = Duration::from_millis(50);

/// Tries that shrinking a failing run may take.
const TRIES: u32 = 5_000;

/// Run many seeds under random faults, each checked by everything there is.
///
/// Each run is a storm of faults drawn from its seed (safety: no property may break), then calm
/// (liveness: the cluster must serve and agree again). The failing run with the lowest seed is
/// shrunk to a few actions, written as a file for `kvorum replay` and shown as a link.
///
/// Ctrl C ends a sweep with what is known so far. Exit code 0: no run failed; 1: one did; 2: bad
/// arguments, or a file can't be written though no run failed; 130: interrupted before one did
/// (129, 143: by SIGHUP, SIGTERM).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The seeds, the last one not included: 0..50000; a bare number is that seed alone
    #[arg(long, value_name = "A..B", value_parser = args::seeds, allow_negative_numbers = true)]
    seeds: Range<u64>,
    /// How rough the storms are
    #[arg(long, default_value = "rough", value_parser = profile())]
    profile: Profile,
    /// How many servers each run has [default: each run draws 3, 4, 5 or 7]
    #[arg(long, value_parser = args::nodes, allow_negative_numbers = true)]
    nodes: Option<u32>,
    /// How long each storm lasts: 25s, 1500ms, 20us, 2m, 1h; a bare number is seconds
    #[arg(long, value_name = "SPAN", default_value = "25s", value_parser = args::span, allow_negative_numbers = true)]
    storm: Span,
    /// Rules to switch off: names with commas between
    #[arg(long, value_name = "NAMES", value_parser = args::rules, allow_hyphen_values = true)]
    rules: Option<String>,
    /// Run part I of N only, I from 0 to N - 1: for the jobs of an array
    #[arg(long, value_name = "I/N", value_parser = args::shard)]
    shard: Option<Shard>,
    /// Threads [default: as many as there are cores]
    #[arg(long, value_parser = args::jobs, allow_negative_numbers = true)]
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
    /// Sweep without each rule, or each of --rules, until something breaks; print a table of what is found and how soon
    #[arg(long, conflicts_with_all = ["shard", "keep_going", "report", "record"])]
    table: bool,
    /// With --table: put it into this file too, between the lines <!-- table --> and <!-- end of table -->
    #[arg(long, requires = "table", value_name = "FILE", value_parser = args::file)]
    into: Option<PathBuf>,
    /// Overwrite what stands in these files, whatever it is
    #[arg(long)]
    force: bool,
    /// Where the laboratory is served, for the link
    #[arg(long, value_name = "URL", value_parser = args::site, default_value = "http://127.0.0.1:8080/")]
    site: String,
    #[command(flatten)]
    given: OfSweep,
}

fn profile() -> impl clap::builder::TypedValueParser<Value = Profile> {
    let names = Profile::ALL.iter().map(|it| it.name()).collect::<Vec<_>>();
    PossibleValuesParser::new(names)
        .map(|name| Profile::from_name(&name).expect("one of the possible values"))
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    let plan = plan(args)?;
    if args.table {
        interrupt::listen().map_err(unusable)?;
        return Ok(table::print(args, &plan, json, out)?.into());
    }
    let seeds = shard(&args.seeds, args.shard);
    let what = Swept::new(&plan, &seeds, args.keep_going);
    let files = [
        (&args.report, Kind::Report, "--report"),
        (&args.record, Kind::Recording, "--record"),
    ];
    overwrite::ask(&files, args.force)?;
    let known = report::known(args.report.as_deref(), &what)?;
    let (summary, written) = match known {
        Some(mut summary) => {
            let written = report::write_again(&mut summary, args.record.as_ref());
            (summary, written)
        }
        None => {
            interrupt::listen().map_err(unusable)?;
            let summary = sweep(args, &plan, seeds, what)?;
            let forced = args.force || args.record.is_some();
            let written = report::write_all(&summary, args.report.as_ref(), forced);
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
        report::tell(&summary, out)?;
    }
    let interrupted = summary.interrupted.as_ref();
    let interrupted = interrupted.map_or(Exit::Ok, |it| it.say(summary.runs));
    let verdict = match summary.failures {
        0 => Exit::Ok,
        _ => Exit::Broken,
    };
    Ok(Found {
        exit: verdict.or(interrupted),
        unwritten: written.err(),
    })
}

/// What the arguments ask for.
fn plan(args: &Args) -> Result<SweepPlan, Unusable> {
    let off = args.rules.as_deref().unwrap_or_default();
    let (rules, shard_rules) = args::but(off, Rules::ALL, ShardRules::ALL).map_err(unusable)?;
    let plan = SweepPlan {
        profile: args.profile,
        nodes: args.nodes,
        rules,
        shard_rules,
        storm: args.storm,
        fixed: args.given.0.0.clone(),
    };
    settings::check_for_sweep(&args.given.0)?;
    plan.check()?;
    Ok(plan)
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

/// What the threads have in common.
struct Shared {
    plan: SweepPlan,
    next: AtomicU64,
    /// No seed from here on is begun any more.
    end: AtomicU64,
    keep_going: bool,
}

/// What a thread tells of a run, and the CPU time that it took.
type Told = (Report, Duration);

/// What the runs came to so far, in the order of their seeds: so it doesn't depend on which thread was
/// faster, nor on what others had begun when the first run failed.
#[derive(Default)]
struct Sum {
    coverage: Coverage,
    runs: u64,
    failures: u64,
    simulated: Span,
    cpu: Duration,
    first: Option<Report>,
    /// What was simulated until it failed, and in all runs before it.
    until_first: Span,
    keep_going: bool,
    /// Every seed below this one is added.
    next: u64,
    /// Runs of seeds beyond it.
    beyond: BTreeMap<u64, Told>,
}

impl Sum {
    fn add(&mut self, one: Told) {
        self.beyond.insert(one.0.seed, one);
        while let Some(one) = self.beyond.remove(&self.next) {
            self.next = self.next.saturating_add(1);
            self.count(one);
        }
    }

    /// Adds what ran beyond a seed that nobody waits for any more.
    fn add_rest(&mut self) {
        for (_, one) in std::mem::take(&mut self.beyond) {
            self.count(one);
        }
    }

    fn count(&mut self, (report, took): Told) {
        if self.failures > 0 && !self.keep_going {
            return;
        }
        self.coverage.merge(&report.coverage);
        self.runs += 1;
        self.simulated = self.simulated + report.simulated;
        self.cpu += took;
        if report.failure.is_some() {
            self.failures += 1;
            if self.first.is_none() {
                self.until_first = self.simulated;
                self.first = Some(report);
            }
        }
    }
}

fn sweep(
    args: &Args,
    plan: &SweepPlan,
    seeds: Range<u64>,
    what: Swept,
) -> Result<Summary, Unusable> {
    let in_all = seeds.end - seeds.start;
    let begun = Instant::now();
    let (sum, stopped) = run_all(plan, seeds, args.jobs, args.keep_going);
    let wall = begun.elapsed().as_secs_f64();
    let cpu = sum.cpu.as_secs_f64();
    let rate = |many: f64, seconds: f64| (seconds >= MEASURABLE).then(|| rounded(many / seconds));
    let seconds = sum.simulated.0 as f64 / 1e6;
    let small = sum.first.map(|report| make_small(args, plan, &report));
    let (first_failure, was_cut) = match small.transpose()? {
        Some((first, was_cut)) => (Some(first), was_cut),
        None => (None, false),
    };
    let interrupted = interrupt::asked().filter(|_| stopped || was_cut);
    Ok(Summary {
        sweep: what,
        runs: sum.runs,
        failures: sum.failures,
        simulated_seconds: sum.simulated.0 / 1_000_000,
        wall_seconds: rounded(wall),
        cpu_seconds: rounded(cpu),
        seeds_per_second: rate(sum.runs as f64, wall),
        simulated_seconds_per_cpu_second: rate(seconds, cpu),
        coverage: sum
            .coverage
            .counts()
            .map(|(name, count)| (name.into(), count))
            .collect(),
        first_failure,
        interrupted: interrupted.map(|signal| Interrupted {
            signal,
            runs_in_all: in_all,
            next_seed: stopped.then(|| sum.next.to_string()),
        }),
    })
}

/// Runs the seeds in threads; and whether a signal ended that.
fn run_all(
    plan: &SweepPlan,
    seeds: Range<u64>,
    jobs: Option<usize>,
    keep_going: bool,
) -> (Sum, bool) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let in_all = seeds.end - seeds.start;
    let bar = progress::bar("sweeping", in_all, false);
    let mut sum = Sum {
        next: seeds.start,
        keep_going,
        ..Sum::default()
    };
    let shared = Arc::new(Shared {
        plan: plan.clone(),
        next: AtomicU64::new(seeds.start),
        end: AtomicU64::new(seeds.end),
        keep_going,
    });
    let (tell, told) = mpsc::channel::<Told>();
    let start = |_| {
        let (tell, shared) = (tell.clone(), shared.clone());
        thread::spawn(move || work(&shared, &tell))
    };
    let threads: Vec<_> = (0..jobs.unwrap_or(cores)).map(start).collect();
    drop(tell);
    loop {
        match told.recv_timeout(LOOK) {
            Ok(one) => sum.add(one),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        bar.set_position(sum.runs);
        if sum.failures > 0 {
            bar.set_message(format!("{} failed", sum.failures));
        }
        if interrupt::asked().is_some() {
            // Runs under way are given up: nobody waits for them.
            shared.end.store(0, Ordering::Relaxed);
            told.try_iter().for_each(|one| sum.add(one));
            sum.add_rest();
            bar.finish_and_clear();
            let left_out = sum.runs < in_all;
            return (sum, left_out);
        }
    }
    bar.finish_and_clear();
    for thread in threads {
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
    (sum, false)
}

fn work(shared: &Shared, tell: &mpsc::Sender<Told>) {
    loop {
        // Past the end nothing is added: the last seed may be the greatest number.
        let end = shared.end.load(Ordering::Relaxed);
        let after = |next: u64| (next < end).then(|| next + 1);
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        let Ok(seed) = shared.next.fetch_update(set, get, after) else {
            return;
        };
        let before = cpu_time();
        let report = trial(&shared.plan, seed);
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

/// Shrinks a failing run; and whether a signal ended that.
fn make_small(
    args: &Args,
    plan: &SweepPlan,
    report: &Report,
) -> Result<(FirstFailure, bool), Unusable> {
    let seed = report.seed;
    let bar = progress::bar("shrinking", TRIES.into(), false);
    let mut was_cut = false;
    let small = shrink(plan, seed, &mut |tries, actions| {
        bar.set_position(tries.into());
        bar.set_message(format!("shrinking seed {seed}: {actions} actions"));
        was_cut = interrupt::asked().is_some();
        tries < TRIES && !was_cut
    });
    bar.finish_and_clear();
    let failure = report.failure.as_ref();
    let recording: Recording = small.expect("a run that failed fails again");
    let default = || PathBuf::from(format!("failing-{seed}.json"));
    let file = args.record.clone().unwrap_or_else(default);
    let first = FirstFailure {
        seed: seed.to_string(),
        what: failure.map_or_else(String::new, |failure| failure.name().into()),
        actions: recording.journal.len(),
        file,
        link: link::to_link(&recording, &args.site)?,
    };
    Ok((first, was_cut))
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The CPU time of this thread where the system tells it (Linux), else the time on the wall.
pub(super) fn cpu_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|told| told.split(' ').next()?.parse().ok());
    told.map_or_else(wall_time, Duration::from_nanos)
}

fn wall_time() -> Duration {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default()
}
