//! A lesson that is read without anybody watching: every button is pressed, every milestone waited
//! for.

use super::interrupt;
use crate::base::{Span, Time};
use crate::lesson::{Guide, Phase, Refused, Scenario};
use crate::run::Playhead;
use crate::view::text::count;
use serde::Serialize;
use std::io::{self, Write};

/// How often the reader of a lesson looks.
const FRAME: Span = Span::millis(5);

/// How long the reader of a lesson waits for a milestone.
const PATIENCE: Span = Span::secs(30);

/// Why the reader of a lesson stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ended {
    /// Everything is done.
    Complete,
    /// The time of `--until` is over.
    Until,
    /// A property is broken, which ends the run.
    Broken,
    /// A limit stopped the run.
    Stopped,
    /// Nothing more came within [`PATIENCE`].
    Waited,
    /// A signal asked for the end.
    Interrupted,
}

/// A milestone that wasn't reached.
#[derive(Debug, Serialize)]
pub(super) struct Missed {
    /// The step, from 1.
    pub step: usize,
    /// Its headline.
    pub step_title: String,
    /// The task of the step, from 1.
    pub task: usize,
    /// What was to happen.
    pub text: String,
    /// Its name in the lesson's file.
    pub name: String,
}

/// How far a lesson was read.
#[derive(Debug, Serialize)]
pub(super) struct Reading {
    /// Why it ended.
    #[serde(rename = "lesson_ended")]
    pub ended: Ended,
    /// The names of the milestones that were reached, in order.
    pub milestones: Vec<String>,
    /// How many there are.
    pub milestones_in_all: usize,
    /// Those that weren't reached, in order.
    pub milestones_missed: Vec<Missed>,
}

/// Reads a lesson: does what each step asks for, until `until` at the latest. `look` sees the run
/// now and then.
///
/// # Errors
/// A button asks for something that can't be done.
pub(super) fn read(
    mut guide: Guide,
    playhead: &mut Playhead,
    until: Option<Time>,
    mut look: impl FnMut(&Playhead),
) -> Result<Reading, Refused> {
    let mut began = playhead.now();
    let ended = loop {
        look(playhead);
        let phase = guide.phase(playhead);
        if phase == Phase::Done {
            if guide.next(playhead) {
                began = playhead.now();
                continue;
            }
            break Ended::Complete;
        }
        let now = playhead.now();
        if playhead.simulation().violation().is_some() {
            break Ended::Broken;
        } else if playhead.is_stopped() {
            break Ended::Stopped;
        } else if interrupt::asked().is_some() {
            break Ended::Interrupted;
        } else if until.is_some_and(|until| now >= until) {
            break Ended::Until;
        } else if now >= began + PATIENCE {
            break Ended::Waited;
        }
        match phase {
            Phase::Predict => guide.predict(0),
            // Nobody has the role that the button needs yet: the reader looks on.
            Phase::Act if guide.press(playhead)? => {}
            _ => {
                let next = now + FRAME;
                playhead.advance(until.map_or(next, |until| next.min(until)), || true);
            }
        }
    };
    Ok(Reading::of(guide.scenario(), playhead.ticks().len(), ended))
}

impl Reading {
    fn of(scenario: &Scenario, reached: usize, ended: Ended) -> Reading {
        let steps = scenario.steps.iter().enumerate();
        let tasks = steps.flat_map(|(step, it)| {
            let tasks = it.tasks.iter().enumerate();
            tasks.map(move |(task, what)| Missed {
                step: step + 1,
                step_title: it.title.to_string(),
                task: task + 1,
                text: what.text.to_string(),
                name: what.name.to_string(),
            })
        });
        let mut all: Vec<_> = tasks.collect();
        let milestones_in_all = all.len();
        let missed = all.split_off(reached.min(milestones_in_all));
        Reading {
            ended,
            milestones: all.into_iter().map(|it| it.name).collect(),
            milestones_in_all,
            milestones_missed: missed,
        }
    }

    /// Whether every milestone was reached.
    pub fn is_complete(&self) -> bool {
        self.milestones_missed.is_empty()
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        let (reached, all) = (self.milestones.len(), self.milestones_in_all as u64);
        writeln!(out, "\n{reached} of {} reached", count(all, "milestone"))?;
        if self.is_complete() {
            return Ok(());
        }
        let why = match self.ended {
            Ended::Complete | Ended::Broken | Ended::Stopped => "when the run ended",
            Ended::Until => "when the time of --until was over",
            Ended::Waited => "after 30 s of waiting for the first of them",
            Ended::Interrupted => "when the run was interrupted",
        };
        writeln!(out, "Not reached {why}:")?;
        for Missed {
            step,
            step_title,
            task,
            text,
            name,
        } in &self.milestones_missed
        {
            let place = format!("step {step}, “{step_title}”, task {task}");
            writeln!(out, "  {place}: {text} ({name})")?;
        }
        Ok(())
    }
}
