//! `kvorum run`: a scenario, from its seed.

use super::follow::Files;
use super::lesson::{self, Reading};
use super::series;
use super::settings::{self, Given};
use super::sniff::{self, Kind};
use super::story::{self, Outcome};
use super::{
    Exit, Found, Unusable, about, args, interrupt, link, overwrite, progress, say_json, trace,
    unusable,
};
use crate::base::{Span, Time};
use crate::lesson::{Guide, Scenario, scenario};
use crate::run::measure::Measurements;
use crate::run::recording::MAX_PLAYHEAD;
use crate::run::{Playhead, Recording};
use crate::view::{english, left_out, not_pressed};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How long a run without a story lasts.
const LENGTH: Span = Span::secs(10);

/// Run a scenario and tell its story, its verdicts and its hash.
///
/// A lesson is read to its end: each step's button is pressed as soon as somebody has the roles
/// that it needs. The milestones that weren't reached are listed. A file without steps is a
/// laboratory, and runs for 10s.
///
/// Exit code 0: every milestone is reached, and every property holds but the one that the lesson
/// breaks, and every assertion; 1: not; 2: bad arguments, or a bad file; 3: nothing is wrong, but --until came before
/// the lesson's end, or a limit stopped the run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The scenario's id, as in the laboratory's address, or a lesson's file; without one, the
    /// scenarios are listed
    #[arg(value_name = "SCENARIO|FILE")]
    scenario: Option<String>,
    /// The seed, instead of the scenario's own
    #[arg(long, value_parser = args::seed, allow_negative_numbers = true, requires = "scenario")]
    seed: Option<u64>,
    /// Run for so long: 30s, 1500ms, 20us, 2m, 1h; a bare number is seconds [default: to the lesson's end, else 10s]
    #[arg(long, value_name = "SPAN", value_parser = args::span, allow_negative_numbers = true, requires = "scenario")]
    until: Option<Span>,
    /// Rules to switch off besides the scenario's own: names with commas between; with `all` among
    /// them, instead of the scenario's own
    #[arg(long, value_name = "NAMES", value_parser = args::rules, allow_hyphen_values = true, requires = "scenario")]
    rules: Option<String>,
    /// List all settings, with their units and bounds, and run nothing
    #[arg(long)]
    settings: bool,
    #[command(flatten)]
    trace: trace::Wanted,
    /// Write what the clients saw as a history, for `kvorum check`, with faults and leaders as marks
    #[arg(long, value_name = "FILE", value_parser = args::file, requires = "scenario")]
    history: Option<PathBuf>,
    /// Write what is measured, second by second, here: latencies, goodput, what each node does and has; as
    /// lines of JSON if the name ends in .jsonl, else with commas (CSV)
    #[arg(long, value_name = "FILE", value_parser = args::file, requires = "scenario")]
    series: Option<PathBuf>,
    /// Write the run as a recording, for `kvorum replay`
    #[arg(long, value_name = "FILE", value_parser = args::file, requires = "scenario")]
    record: Option<PathBuf>,
    /// Overwrite what stands in these files, whatever it is
    #[arg(long, requires = "scenario")]
    force: bool,
    #[command(flatten)]
    given: Given,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    if args.settings {
        return settings::list(json, out).map(Found::from);
    }
    let Some(id) = &args.scenario else {
        if let Some((name, _)) = args.given.0.first() {
            return Err(unusable(format!(
                "{name}: a SCENARIO is needed, such as lab"
            )));
        }
        if args.trace.trace.is_some() {
            return Err(unusable("--trace: a SCENARIO is needed, such as lab"));
        }
        return list(json, out).map(Found::from);
    };
    let until = args.until.map(|span| Time::ZERO + span);
    if until.is_some_and(|until| until > MAX_PLAYHEAD) {
        return Err(unusable("--until: a run lasts a simulated day at most"));
    }
    let files = [
        (&args.trace.trace, Kind::Trace, "--trace"),
        (&args.history, Kind::History, "--history"),
        (&args.series, Kind::Series, "--series"),
        (&args.record, Kind::Recording, "--record"),
    ];
    overwrite::ask(&files, args.force)?;
    let scenario = find(id)?;
    let mut playhead = begin(&scenario, args)?;
    let is_cluster = playhead.simulation().settings().shards.are_many();
    let measures = is_cluster || args.series.is_some() || !scenario.assertions.is_empty();
    let mut files = Files::begin(&playhead, &args.trace, args.history.as_deref(), measures);
    interrupt::listen().map_err(unusable)?;
    let reading = match Guide::new(scenario.clone()) {
        Some(guide) => {
            let read = lesson::read(guide, &mut playhead, until, |it| files.go_on(it));
            let refused = |it| english().text(&not_pressed(&it));
            Some(read.map_err(refused).map_err(about(id))?)
        }
        None => None,
    };
    let end = match &reading {
        None => until.unwrap_or(scenario.ends.unwrap_or(Time::ZERO + LENGTH)),
        Some(_) => until.unwrap_or(playhead.now()),
    };
    progress::advance("running", &mut playhead, end, |it| files.go_on(it));
    let interrupted = story::interrupted(&playhead, end, reading.as_ref().map(|it| it.ended));
    let mut outcome = Outcome::of(&playhead, Some(&scenario.id));
    outcome.measure(files.measured(), &scenario);
    let story = files.take_story();
    let written = write(args, &scenario, &playhead, files);
    if let Some(problem) = playhead.script_problem() {
        return Err(unusable(english().text(&left_out(problem))).in_file(id));
    }
    outcome.reading = reading;
    outcome.expected = scenario.breaks.as_deref().map(Into::into);
    outcome.interrupted = interrupted;
    if json {
        say_json(out, &outcome.with_error(&written)?)?;
    } else {
        writeln!(out, "{}", scenario.title)?;
        story::tell_any(out, &playhead, &story)?;
        outcome.tell(out)?;
    }
    let verdict = verdict(&outcome, args.until.is_some());
    Ok(Found {
        exit: outcome.ends_with(verdict),
        unwritten: written.err(),
    })
}

/// Whether a run came out as its scenario says; `cut_short`, if somebody asked for a part of it. A
/// broken property outranks a limit that stopped the run.
fn verdict(outcome: &Outcome, cut_short: bool) -> Exit {
    let complete = outcome.reading.as_ref().is_none_or(Reading::is_complete);
    let as_told = outcome.broken == outcome.expected.as_deref();
    let asserted = outcome.assertions.iter().map(|it| it.holds);
    let (fails, unknown) = asserted.fold((false, false), |(fails, unknown), holds| {
        (fails | (holds == Some(false)), unknown | holds.is_none())
    });
    match (outcome.broken, &outcome.stopped) {
        (Some(_), _) if !as_told => Exit::Broken,
        _ if fails => Exit::Broken,
        _ if unknown => Exit::Undecided,
        (None, Some(_)) => Exit::Undecided,
        _ if as_told && complete => Exit::Ok,
        // Nothing is wrong as far as it went.
        _ if cut_short => Exit::Undecided,
        _ => Exit::Broken,
    }
}

/// Ends the files of a run.
fn write(
    args: &Args,
    scenario: &Scenario,
    playhead: &Playhead,
    files: Files,
) -> Result<(), Unusable> {
    let series = match (&args.series, files.measured()) {
        (Some(path), Some(measured)) => write_series(path, measured),
        _ => Ok(()),
    };
    let recorded = args.record.as_ref().map_or(Ok(()), |path| {
        let recording = Recording::of(playhead, Some(&scenario.id));
        let text = serde_json::to_string_pretty(&recording).map_err(unusable)?;
        std::fs::write(path, text).map_err(about(path.display()))
    });
    files.end(playhead).and(recorded).and(series)
}

fn write_series(path: &Path, measured: &Measurements) -> Result<(), Unusable> {
    let mut text = Vec::new();
    let written = series::write(path, measured, &mut text);
    let written = written.and_then(|()| std::fs::write(path, text));
    written.map_err(about(path.display()))
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
        return Ok(scenario::find(name)?);
    }
    if link::holds_run(name) {
        return Err(unusable(Kind::Link.hint().unwrap_or_default()));
    }
    let text = link::text(name).map_err(|error| error.in_file(name))?;
    let lesson = Scenario::parse(&text).map(Rc::new);
    lesson.map_err(|error| {
        let hint = match sniff::kind(&text) {
            Kind::Lesson => None,
            other => other.hint(),
        };
        let why = hint.map_or_else(|| error.into(), unusable);
        why.in_file(name)
    })
}

fn begin(scenario: &Scenario, args: &Args) -> Result<Playhead, Unusable> {
    let mut scenario = scenario.clone();
    let settings = &mut scenario.settings;
    let off = args.rules.as_deref().unwrap_or_default();
    let rules = args::but(off, settings.rules, settings.shards.rules);
    (settings.rules, settings.shards.rules) = rules.map_err(unusable)?;
    args.given.apply(settings)?;
    let seed = args.seed.unwrap_or(scenario.seed);
    Ok(scenario.start(seed)?)
}

#[cfg(test)]
mod tests {
    use super::super::story::Stopped;
    use super::*;

    #[test]
    fn a_broken_property_outranks_a_limit_that_stopped_the_run() {
        let lab = Scenario::lab();
        let playhead = lab.start(1).expect("it can be");
        let verdict = |broken, expected: Option<&str>, stopped: bool| {
            let mut outcome = Outcome::of(&playhead, None);
            outcome.broken = broken;
            outcome.expected = expected.map(Into::into);
            outcome.stopped = stopped.then(|| Stopped {
                limit: "limits.packets",
                why: String::new(),
            });
            verdict(&outcome, false)
        };
        let safety = Some("Log Matching");
        for stopped in [false, true] {
            assert_eq!(verdict(safety, None, stopped), Exit::Broken);
            assert_eq!(
                verdict(safety, Some("Linearizability"), stopped),
                Exit::Broken
            );
            assert_eq!(verdict(safety, safety, stopped), Exit::Ok);
        }
        assert_eq!(verdict(None, None, true), Exit::Undecided);
        assert_eq!(verdict(None, safety, true), Exit::Undecided);
        assert_eq!(verdict(None, None, false), Exit::Ok);
        assert_eq!(verdict(None, safety, false), Exit::Broken);
    }
}
