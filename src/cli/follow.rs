//! Every event of a run, while it goes on: for files.
//!
//! A history keeps what a screen shows, and forgets the oldest of it. So a second simulation
//! follows it, action by action, and what it tells is complete.

use super::chronicle::Chronicle;
use super::{Unusable, about};
use crate::run::Playhead;
use crate::sim::{Event, Simulation};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A simulation that follows a playhead which only goes forward.
pub(super) struct Follower {
    simulation: Simulation,
    actions: usize,
    events: Vec<Event>,
}

impl Follower {
    /// At the beginning of the playhead's run.
    pub fn new(playhead: &Playhead) -> Follower {
        let run = playhead.simulation();
        let mut simulation = Simulation::new(run.settings().clone(), run.seed())
            .expect("the settings of a run that goes on");
        simulation.keep_events(true);
        Follower {
            simulation,
            actions: 0,
            events: Vec::new(),
        }
    }

    /// Goes on to where the playhead is; `f` is told of every event on the way.
    pub fn follow(&mut self, playhead: &Playhead, f: &mut impl FnMut(&Event)) {
        for entry in &playhead.actions()[self.actions..] {
            self.process(entry.processed, f);
            self.simulation.wait_until(entry.at);
            let done = self.simulation.apply(entry.action.clone());
            debug_assert!(done.is_ok(), "what was done can be done: {done:?}");
            self.actions += 1;
        }
        self.process(playhead.simulation().processed(), f);
        self.simulation.wait_until(playhead.now());
        self.tell(f);
    }

    fn process(&mut self, until: u64, f: &mut impl FnMut(&Event)) {
        while self.simulation.processed() < until && self.simulation.step().went() {
            self.tell(f);
        }
    }

    fn tell(&mut self, f: &mut impl FnMut(&Event)) {
        self.simulation.take_events(&mut self.events);
        self.events.drain(..).for_each(|event| f(&event));
    }
}

/// A file that grows with the run. The first thing that goes wrong ends it, not the run.
struct Growing {
    path: PathBuf,
    file: io::Result<BufWriter<File>>,
}

impl Growing {
    fn create(path: &Path) -> Growing {
        Growing {
            path: path.to_owned(),
            file: File::create(path).map(BufWriter::new),
        }
    }

    fn write(&mut self, f: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
        let Ok(file) = &mut self.file else { return };
        if let Err(error) = f(file) {
            self.file = Err(error);
        }
    }

    fn end(self) -> Result<(), Unusable> {
        let written = self.file.and_then(|mut file| file.flush());
        written.map_err(about(self.path.display()))
    }
}

/// The files that are written while a run goes on.
#[derive(Default)]
pub(super) struct Files {
    follower: Option<Follower>,
    trace: Option<Growing>,
    history: Option<(Growing, Chronicle)>,
}

impl Files {
    /// Begins the files, before anything has happened.
    pub fn begin(playhead: &Playhead, trace: Option<&Path>, history: Option<&Path>) -> Files {
        let is_wanted = trace.is_some() || history.is_some();
        Files {
            follower: is_wanted.then(|| Follower::new(playhead)),
            trace: trace.map(Growing::create),
            history: history.map(|path| (Growing::create(path), Chronicle::default())),
        }
    }

    /// Writes what has happened since.
    pub fn go_on(&mut self, playhead: &Playhead) {
        let Files {
            follower,
            trace,
            history,
        } = self;
        let Some(follower) = follower else { return };
        if let Some((_, chronicle)) = history {
            chronicle.look(playhead);
        }
        follower.follow(playhead, &mut |event| {
            if let Some(trace) = trace {
                trace.write(|file| {
                    serde_json::to_writer(&mut *file, event)?;
                    file.write_all(b"\n")
                });
            }
            if let Some((file, chronicle)) = history {
                file.write(|file| chronicle.event(event, file));
            }
        });
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What couldn't be written.
    pub fn end(self, playhead: &Playhead) -> Result<(), Unusable> {
        let traced = self.trace.map_or(Ok(()), Growing::end);
        let history = self.history.map_or(Ok(()), |(mut file, chronicle)| {
            file.write(|file| chronicle.finish(playhead, file));
            file.end()
        });
        traced.and(history)
    }
}
