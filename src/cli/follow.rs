//! Every event of a run, while it goes on: for files.
//!
//! A timeline keeps what a screen shows, and forgets the oldest of it. So a second simulation
//! follows it, action by action, and what it tells is complete.

use super::{Unusable, about};
use crate::sim::{Event, Simulation, Timeline};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A simulation that follows a timeline which only goes forward.
pub(super) struct Follower {
    simulation: Simulation,
    actions: usize,
    events: Vec<Event>,
}

impl Follower {
    /// At the beginning of the timeline's run.
    pub fn new(timeline: &Timeline) -> Follower {
        let run = timeline.simulation();
        let mut simulation = Simulation::new(run.settings().clone(), run.seed())
            .expect("the settings of a run that goes on");
        simulation.keep_events(true);
        Follower {
            simulation,
            actions: 0,
            events: Vec::new(),
        }
    }

    /// Goes on to where the timeline is; `f` is told of every event on the way.
    pub fn follow(&mut self, timeline: &Timeline, f: &mut impl FnMut(&Event)) {
        for entry in &timeline.actions()[self.actions..] {
            self.process(entry.processed, f);
            self.simulation.wait_until(entry.at);
            let done = self.simulation.apply(entry.action.clone());
            debug_assert!(done.is_ok(), "what was done can be done: {done:?}");
            self.actions += 1;
        }
        self.process(timeline.simulation().processed(), f);
        self.simulation.wait_until(timeline.now());
        self.tell(f);
    }

    fn process(&mut self, until: u64, f: &mut impl FnMut(&Event)) {
        while self.simulation.processed() < until && self.simulation.step() {
            self.tell(f);
        }
    }

    fn tell(&mut self, f: &mut impl FnMut(&Event)) {
        self.simulation.take_events(&mut self.events);
        self.events.drain(..).for_each(|event| f(&event));
    }
}

/// A file of lines that grows with the run. The first thing that goes wrong ends it, not the run.
struct Lines {
    path: PathBuf,
    file: io::Result<BufWriter<File>>,
}

impl Lines {
    fn create(path: &Path) -> Lines {
        Lines {
            path: path.to_owned(),
            file: File::create(path).map(BufWriter::new),
        }
    }

    fn line(&mut self, value: &impl serde::Serialize) {
        let Ok(file) = &mut self.file else { return };
        let written = serde_json::to_writer(&mut *file, value)
            .map_err(io::Error::from)
            .and_then(|()| file.write_all(b"\n"));
        if let Err(error) = written {
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
    trace: Option<Lines>,
}

impl Files {
    /// Begins the files, before anything has happened.
    pub fn begin(timeline: &Timeline, trace: Option<&Path>) -> Files {
        let trace = trace.map(Lines::create);
        Files {
            follower: trace.is_some().then(|| Follower::new(timeline)),
            trace,
        }
    }

    /// Writes what has happened since.
    pub fn go_on(&mut self, timeline: &Timeline) {
        let Files { follower, trace } = self;
        let Some(follower) = follower else { return };
        follower.follow(timeline, &mut |event| {
            if let Some(trace) = trace {
                trace.line(event);
            }
        });
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What couldn't be written.
    pub fn end(self) -> Result<(), Unusable> {
        self.trace.map_or(Ok(()), Lines::end)
    }
}
