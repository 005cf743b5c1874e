//! `kvorum replay`: a recorded run, once more.

use super::story::{self, Outcome};
use super::{Exit, Unusable, args, link, progress, say_json, unusable};
use crate::sim::Recording;
use std::io::Write;
use std::path::PathBuf;

/// Replay a recorded run, from a file or a share link, and compare it.
///
/// Exit code 0: it comes out as recorded and no property is broken; 1: a property is broken;
/// 2: it can't be read, or comes out differently (another engine, or it was changed).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `sweep`, `run --record` or the laboratory wrote, a link, or `-`
    #[arg(value_name = "FILE|LINK")]
    what: String,
    /// Write every event as a line of JSON
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    trace: Option<PathBuf>,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    let recording = link::read(&args.what)?;
    let mut timeline = recording.timeline().map_err(unusable)?;
    progress::advance("replaying", &mut timeline, recording.playhead);
    if let Some(problem) = timeline.script_problem() {
        return Err(unusable(problem));
    }
    recording.confirm(timeline.simulation()).map_err(unusable)?;
    if let Some(path) = &args.trace {
        story::trace(&Recording::of(&timeline, None), path)?;
    }
    let outcome = Outcome::of(&timeline, recording.scenario.as_deref());
    if json {
        say_json(out, &outcome)?;
    } else {
        story::tell(out, &timeline)?;
        outcome.tell(out)?;
    }
    Ok(match timeline.simulation().violation() {
        None => Exit::Ok,
        Some(_) => Exit::Broken,
    })
}
