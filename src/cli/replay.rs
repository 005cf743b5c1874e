//! `kvorum replay`: a recorded run, once more.

use super::follow::Files;
use super::sniff::Kind;
use super::story::{self, Outcome};
use super::{
    Exit, Found, Unusable, args, interrupt, link, overwrite, progress, say_json, unusable,
};
use std::io::Write;
use std::path::PathBuf;

/// Replay a recorded run, from a file or a share link, and compare it.
///
/// Exit code 0: it comes out as recorded and no property is broken; 1: a property is broken;
/// 2: it can't be read, or comes out differently (another engine, or it was changed); 3: a limit
/// stopped it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `sweep`, `run --record` or the laboratory wrote, or somebody by hand
    /// (docs/recordings.md), also if gzip has compressed it; a link, or a file with one; `-` for the
    /// standard input
    #[arg(value_name = "FILE|LINK")]
    what: String,
    /// Write every event as a line of JSON
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    trace: Option<PathBuf>,
    /// Write what the clients saw as a history, for `kvorum check`
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    history: Option<PathBuf>,
    /// Overwrite what stands in these files, whatever it is
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    if args.trace.is_some() && args.trace == args.history {
        return Err(unusable("--history: the file of --trace"));
    }
    let files = [
        (&args.trace, Kind::Trace, "--trace"),
        (&args.history, Kind::History, "--history"),
    ];
    for (path, kind, flag) in files {
        if let Some(path) = path {
            overwrite::ask(path, kind, flag, args.force)?;
        }
    }
    let source = link::read(&args.what)?;
    let recording = &source.recording;
    let mut timeline = recording.timeline().map_err(|it| source.blame(it))?;
    let mut files = Files::begin(&timeline, args.trace.as_deref(), args.history.as_deref());
    interrupt::listen().map_err(unusable)?;
    let end = recording.playhead;
    progress::advance("replaying", &mut timeline, end, |it| files.go_on(it));
    let written = files.end(&timeline);
    if let Some(problem) = timeline.script_problem() {
        return Err(source.blame(problem));
    }
    let interrupted = story::interrupted(&timeline, end, None);
    if interrupted.is_none() {
        let same = recording.confirm(timeline.simulation());
        same.map_err(|error| source.blame(error))?;
    }
    let mut outcome = Outcome::of(&timeline, recording.scenario.as_deref());
    outcome.interrupted = interrupted;
    if json {
        say_json(out, &outcome.with_error(&written)?)?;
    } else {
        story::tell(out, &timeline)?;
        outcome.tell(out)?;
    }
    let verdict = match (outcome.broken, &outcome.stopped) {
        (Some(_), _) => Exit::Broken,
        (None, Some(_)) => Exit::Undecided,
        (None, None) => Exit::Ok,
    };
    Ok(Found {
        exit: outcome.say_interrupted().unwrap_or(verdict),
        unwritten: written.err(),
    })
}
