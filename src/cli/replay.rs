//! `kvorum replay`: a recorded run, once more.

use super::follow::Files;
use super::sniff::Kind;
use super::story::{self, Differs, Outcome};
use super::{
    Exit, Found, Unusable, args, interrupt, link, overwrite, progress, say_json, trace, unusable,
};
use crate::run::ENGINE;
use crate::view::{english, left_out};
use std::io::Write;
use std::path::PathBuf;

/// Replay a recorded run, from a file or a share link, and compare it.
///
/// What another engine recorded may come out differently here: that is said, and what of it can't
/// be done here is left out.
///
/// Exit code 0: it comes out as recorded and no property is broken; 1: a property is broken;
/// 2: it can't be read, or was changed since it was recorded; 3: a limit stopped it, or another
/// engine recorded it and it comes out differently here.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `sweep`, `run --record` or the laboratory wrote, or somebody by hand
    /// (docs/recordings.md), also if gzip has compressed it; a link, or a file with one; `-` for the
    /// standard input
    #[arg(value_name = "FILE|LINK")]
    what: String,
    #[command(flatten)]
    trace: trace::Wanted,
    /// Write what the clients saw as a history, for `kvorum check`
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    history: Option<PathBuf>,
    /// Overwrite what stands in these files, whatever it is
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    let files = [
        (&args.trace.trace, Kind::Trace, "--trace"),
        (&args.history, Kind::History, "--history"),
    ];
    overwrite::ask(&files, args.force)?;
    let source = link::read(&args.what)?;
    let recording = &source.recording;
    let mut playhead = recording.start().map_err(|it| source.blame(it))?;
    let mut files = Files::begin(&playhead, &args.trace, args.history.as_deref(), false);
    interrupt::listen().map_err(unusable)?;
    let end = recording.playhead;
    progress::advance("replaying", &mut playhead, end, |it| files.go_on(it));
    let written = files.end(&playhead);
    if let Some(problem) = playhead.script_problem() {
        return Err(source.blame(unusable(english().text(&left_out(problem)))));
    }
    let interrupted = story::interrupted(&playhead, end, None);
    let same = match interrupted {
        None => recording.confirm(playhead.simulation()),
        Some(_) => Ok(()),
    };
    let differs = Differs::of(&playhead, same.as_ref().err());
    if recording.engine == ENGINE {
        same.map_err(|error| source.blame(error))?;
    }
    let mut outcome = Outcome::of(&playhead, recording.scenario.as_deref());
    outcome.interrupted = interrupted;
    outcome.differs = differs;
    if json {
        say_json(out, &outcome.with_error(&written)?)?;
    } else {
        story::tell(out, &playhead)?;
        outcome.tell(out)?;
    }
    let undecided = outcome.stopped.is_some() || outcome.differs.is_some();
    let verdict = match outcome.broken {
        Some(_) => Exit::Broken,
        None if undecided => Exit::Undecided,
        None => Exit::Ok,
    };
    Ok(Found {
        exit: outcome.ends_with(verdict),
        unwritten: written.err(),
    })
}
