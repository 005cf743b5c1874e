//! `kvorum run`: a scenario, from its seed.

use super::story::{self, Outcome};
use super::{Exit, Unusable, about, args, link, progress, say_json, unusable};
use crate::base::{Span, Time};
use crate::sim::recording::MAX_PLAYHEAD;
use crate::sim::{Guide, Phase, Recording, Refused, Scenario, Timeline, scenario};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

/// How long a run without a story lasts.
const LENGTH: Span = Span::secs(10);

/// How often the reader of a lesson looks.
const FRAME: Span = Span::millis(5);

/// How long the reader of a lesson waits for a step.
const PATIENCE: Span = Span::secs(30);

/// Run a scenario and tell its story, its verdicts and its hash.
///
/// A lesson is read to its end: each step's button is pressed as soon as somebody has the roles
/// that it needs. A file without steps is a laboratory, and runs for 10s. Exit code 0: every
/// milestone is reached, and every property holds but the one that the lesson breaks; 1: not;
/// 2: bad arguments, or a bad file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scenario's id, as in the laboratory's address, or a lesson's file; without one, the
    /// scenarios are listed
    #[arg(value_name = "SCENARIO|FILE")]
    scenario: Option<String>,
    /// The seed, instead of the scenario's own
    #[arg(long, requires = "scenario")]
    seed: Option<u64>,
    /// Run for so long: 30s, 1500ms, 20us, 2m, 1h; a bare number is seconds [default: to the lesson's end, else 10s]
    #[arg(long, value_name = "SPAN", value_parser = args::span, requires = "scenario")]
    until: Option<Span>,
    /// Rules to switch off besides the scenario's own: names with commas between; with `all` among
    /// them, instead of the scenario's own
    #[arg(long, value_name = "NAMES", value_parser = args::rules, allow_hyphen_values = true, requires = "scenario")]
    rules: Option<String>,
    /// Operations per second that clients send of their own
    #[arg(long, requires = "scenario")]
    load: Option<u32>,
    /// Write every event as a line of JSON
    #[arg(long, value_name = "FILE", value_parser = args::file, requires = "scenario")]
    trace: Option<PathBuf>,
    /// Write the run as a recording, for `kvorum replay`
    #[arg(long, value_name = "FILE", value_parser = args::file, requires = "scenario")]
    record: Option<PathBuf>,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    let Some(id) = &args.scenario else {
        return list(json, out);
    };
    if args.trace.is_some() && args.trace == args.record {
        return Err(unusable("--record: the file of --trace"));
    }
    let until = args.until.map(|span| Time::ZERO + span);
    if until.is_some_and(|until| until > MAX_PLAYHEAD) {
        return Err(unusable("--until: a run lasts a simulated day at most"));
    }
    let scenario = find(id)?;
    let mut timeline = begin(&scenario, args)?;
    let (reached, tasks) = match Guide::new(scenario.clone()) {
        Some(guide) => read(guide, &mut timeline, until).map_err(about(id))?,
        None => (0, 0),
    };
    let end = match tasks {
        0 => Time::ZERO + LENGTH,
        _ => timeline.now(),
    };
    progress::advance("running", &mut timeline, until.unwrap_or(end));
    let recording = Recording::of(&timeline, Some(&scenario.id));
    if let Some(path) = &args.record {
        let text = serde_json::to_string_pretty(&recording).map_err(unusable)?;
        std::fs::write(path, text).map_err(about(path.display()))?;
    }
    if let Some(path) = &args.trace {
        story::trace(&recording, path)?;
    }
    let mut outcome = Outcome::of(&timeline, Some(&scenario.id));
    let done = scenario.tasks().take(reached);
    outcome.milestones = done.map(|task| task.name.to_string()).collect();
    outcome.milestones_in_all = Some(tasks).filter(|&tasks| tasks > 0);
    if json {
        say_json(out, &outcome)?;
    } else {
        writeln!(out, "{}", scenario.title)?;
        story::tell(out, &timeline)?;
        if tasks > 0 {
            writeln!(out, "\n{reached} of {tasks} milestones reached")?;
        }
        outcome.tell(out)?;
    }
    let cut_short = args.until.is_some();
    let broken = timeline
        .simulation()
        .violation()
        .map(|it| it.property().name());
    let as_told = broken == scenario.breaks.as_deref() || cut_short && broken.is_none();
    let good = as_told && (reached == tasks || cut_short);
    Ok(if good { Exit::Ok } else { Exit::Broken })
}

/// All scenarios.
fn list(json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    let all = scenario::all();
    if json {
        let told = all
            .iter()
            .map(|it| json!({"id": it.id, "title": it.title, "summary": it.summary}));
        say_json(out, &json!({"scenarios": told.collect::<Vec<_>>()}))?;
    } else {
        for scenario in all {
            writeln!(out, "{:<20} {}", scenario.id, scenario.summary)?;
        }
    }
    Ok(Exit::Ok)
}

/// A built-in scenario, or that of a file: a name with a dot or a slash in it.
fn find(name: &str) -> Result<Rc<Scenario>, Unusable> {
    if !name.contains(['.', '/', '\\']) {
        return scenario::find(name).map_err(unusable);
    }
    let text = link::text(name).map_err(about(name))?;
    Scenario::parse(&text).map(Rc::new).map_err(about(name))
}

fn begin(scenario: &Scenario, args: &Args) -> Result<Timeline, Unusable> {
    let mut scenario = scenario.clone();
    let settings = &mut scenario.settings;
    let off = args.rules.as_deref().unwrap_or_default();
    settings.rules = settings.rules.but(off).map_err(unusable)?;
    settings.load = args.load.unwrap_or(settings.load);
    let seed = args.seed.unwrap_or(scenario.seed);
    Timeline::of(&scenario, seed).map_err(unusable)
}

/// Reads a lesson: does what each step asks for. Returns the milestones reached, and all there
/// are.
///
/// # Errors
/// A button asks for something that can't be done.
fn read(
    mut guide: Guide,
    timeline: &mut Timeline,
    until: Option<Time>,
) -> Result<(usize, usize), Refused> {
    let steps = guide.scenario().steps.iter();
    let tasks = steps.map(|step| step.tasks.len()).sum();
    let mut began = timeline.now();
    while !timeline.is_stopped() && timeline.now() < began + PATIENCE {
        if until.is_some_and(|until| timeline.now() >= until) {
            break;
        }
        match guide.phase(timeline) {
            Phase::Predict => guide.predict(0),
            // Nobody has the role that the button needs yet: the reader looks on.
            Phase::Act if guide.press(timeline)? => {}
            Phase::Done if guide.next(timeline) => began = timeline.now(),
            Phase::Done => break,
            Phase::Act | Phase::Watch | Phase::OffTrack => {
                let next = timeline.now() + FRAME;
                timeline.advance(until.map_or(next, |until| next.min(until)), || true);
            }
        }
    }
    Ok((timeline.ticks().len(), tasks))
}
