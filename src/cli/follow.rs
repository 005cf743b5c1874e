//! Every event of a run, while it goes on: for files.
//!
//! A history keeps what a screen shows, and forgets the oldest of it. So a second simulation
//! follows it, action by action, and what it tells is complete.

use super::chronicle::Chronicle;
use super::story;
use super::trace::{self, Trace};
use super::{Unusable, about};
use crate::run::Playhead;
use crate::run::measure::Measurements;
use crate::sim::{Aside, Event, Simulation};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A simulation that follows a playhead which only goes forward.
pub(super) struct Follower {
    simulation: Simulation,
    actions: usize,
    events: Vec<Event>,
    asides: Vec<Aside>,
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
            asides: Vec::new(),
        }
    }

    /// Goes on to where the playhead is; `f` is shown what happened after each step on the way.
    pub fn follow(&mut self, playhead: &Playhead, f: &mut impl Told) {
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

    fn process(&mut self, until: u64, f: &mut impl Told) {
        while self.simulation.processed() < until && self.simulation.step().went() {
            self.tell(f);
        }
    }

    fn tell(&mut self, f: &mut impl Told) {
        self.simulation.take_events(&mut self.events);
        self.simulation.take_asides(&mut self.asides);
        f(&self.simulation, &self.events, &self.asides);
        self.events.clear();
        self.asides.clear();
    }
}

/// Who is shown what happened: the run now, the events since the last time, what stands beside them.
pub(super) trait Told: FnMut(&Simulation, &[Event], &[Aside]) {}

impl<F: FnMut(&Simulation, &[Event], &[Aside])> Told for F {}

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
    trace: Option<(Growing, Trace)>,
    history: Option<(Growing, Chronicle)>,
    measured: Option<Measurements>,
    /// What befell nodes and shards.
    story: Vec<Event>,
}

impl Files {
    /// Begins the files, before anything has happened; and measures the run, if somebody wants to know.
    pub fn begin(
        playhead: &Playhead,
        trace: &trace::Wanted,
        history: Option<&Path>,
        measures: bool,
    ) -> Files {
        let is_wanted = trace.trace.is_some() || history.is_some() || measures;
        let mut follower = is_wanted.then(|| Follower::new(playhead));
        if let Some(follower) = follower.as_mut().filter(|_| trace.trace.is_some()) {
            Trace::watch(&mut follower.simulation);
        }
        let traced = trace.trace.as_deref().zip(follower.as_ref());
        let traced = traced.map(|(path, follower)| {
            let mut file = Growing::create(path);
            let mut trace = Trace::new(trace.trace_format, trace.trace_states);
            file.write(|file| trace.begin(&follower.simulation, file));
            (file, trace)
        });
        Files {
            follower,
            trace: traced,
            history: history.map(|path| (Growing::create(path), Chronicle::default())),
            measured: measures.then(Measurements::default),
            story: Vec::new(),
        }
    }

    /// Writes what has happened since.
    pub fn go_on(&mut self, playhead: &Playhead) {
        let Files {
            follower,
            trace,
            history,
            measured,
            story,
        } = self;
        let Some(follower) = follower else { return };
        if let Some((_, chronicle)) = history {
            chronicle.look(playhead);
        }
        follower.follow(
            playhead,
            &mut |run: &Simulation, events: &[Event], asides: &[Aside]| {
                if let Some(measured) = measured {
                    measured.see(run, events);
                    let told = events.iter().filter(|it| story::is_of_cluster(&it.kind));
                    story.extend(told.cloned());
                }
                if let Some((file, trace)) = trace {
                    file.write(|file| trace.write(run, events, asides, file));
                }
                if let Some((file, chronicle)) = history {
                    for event in events {
                        file.write(|file| chronicle.event(event, file));
                    }
                }
            },
        );
    }

    /// What was measured.
    pub fn measured(&self) -> Option<&Measurements> {
        self.measured.as_ref()
    }

    /// What befell nodes and shards so far, if it was measured; whoever asks next gets what follows.
    pub fn take_story(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.story)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// What couldn't be written.
    pub fn end(self, playhead: &Playhead) -> Result<(), Unusable> {
        let traced = self.trace.map_or(Ok(()), |(file, _)| file.end());
        let history = self.history.map_or(Ok(()), |(mut file, chronicle)| {
            file.write(|file| chronicle.finish(playhead, file));
            file.end()
        });
        traced.and(history)
    }
}
