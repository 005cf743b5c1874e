//! A reader's way through a lesson: which step is open, and what is done of it.
//!
//! What is done is read from the history: tasks are ticked by what happened before the playhead,
//! so going back unticks them. The guide only remembers where the reader is, what they predicted,
//! and which actions were its own.

use super::scenario::{Scenario, Step};
use crate::base::Time;
use crate::run::{JournalEntry, Playhead, Tick};
use crate::sim::ActionError;
use std::rc::Rc;

/// A reader in a lesson.
#[derive(Clone, Debug)]
pub struct Guide {
    scenario: Rc<Scenario>,
    step: usize,
    /// The choice in each step.
    predictions: Vec<Option<usize>>,
    /// What the steps' buttons did, and in which step.
    own: Vec<(usize, JournalEntry)>,
}

/// An action of a step's button that can't be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The step's place, from 0.
    pub step: usize,
    /// The action's place in the button, from 0.
    pub action: usize,
    /// Why.
    pub error: ActionError,
}

/// How the open step stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The reader has to choose what they expect.
    Predict,
    /// The button is to be pressed.
    Act,
    /// The clock has to run on until the tasks are done.
    Watch,
    /// All tasks are done.
    Done,
    /// The reader went back to before the step, or did something that isn't part of it.
    OffTrack,
}

impl Guide {
    /// The first step of a lesson; `None` if the scenario has no steps.
    pub fn new(scenario: Rc<Scenario>) -> Option<Guide> {
        (!scenario.steps.is_empty()).then(|| Guide {
            step: 0,
            predictions: vec![None; scenario.steps.len()],
            own: Vec::new(),
            scenario,
        })
    }

    /// The lesson.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The open step's place, from 0.
    pub fn place(&self) -> usize {
        self.step
    }

    /// The open step.
    pub fn step(&self) -> &Step {
        &self.scenario.steps[self.step]
    }

    /// The reader's choice in the open step.
    pub fn prediction(&self) -> Option<usize> {
        self.predictions[self.step]
    }

    /// Tasks of the open step that are done at the playhead: the first so many.
    pub fn done(&self, playhead: &Playhead) -> usize {
        let done = playhead.ticks().len().saturating_sub(self.tasks_before());
        done.min(self.step().tasks.len())
    }

    /// How the open step stands at the playhead.
    pub fn phase(&self, playhead: &Playhead) -> Phase {
        let step = self.step();
        if self.done(playhead) == step.tasks.len() {
            return Phase::Done;
        }
        let Some(start) = self.start(playhead) else {
            return Phase::OffTrack;
        };
        let actions = playhead.actions();
        let is_own = |entry: &JournalEntry| self.own.iter().any(|(_, own)| own == entry);
        let strange = |entry: &JournalEntry| entry.at >= start && !is_own(entry);
        if !step.free && actions.iter().any(strange) {
            return Phase::OffTrack;
        }
        if step.prediction.is_some() && self.prediction().is_none() {
            return Phase::Predict;
        }
        let pressed = self
            .own
            .iter()
            .any(|(place, entry)| *place == self.step && actions.contains(entry));
        match step.button {
            Some(_) if !pressed => Phase::Act,
            _ => Phase::Watch,
        }
    }

    /// Remembers what the reader expects. A choice that doesn't exist is ignored, and so is a
    /// second thought.
    pub fn predict(&mut self, choice: usize) {
        let choices = self
            .step()
            .prediction
            .as_ref()
            .map_or(0, |prediction| prediction.choices.len());
        let place = &mut self.predictions[self.step];
        if choice < choices && place.is_none() {
            *place = Some(choice);
        }
    }

    /// Presses the open step's button: its actions are done one after the other, each with the
    /// servers that have its roles by then. Whether that did anything: not if there is no button,
    /// or nobody in the role that it needs.
    ///
    /// # Errors
    /// Names what makes an action impossible.
    pub fn press(&mut self, playhead: &mut Playhead) -> Result<bool, Refused> {
        let Some(button) = &self.scenario.steps[self.step].button else {
            return Ok(false);
        };
        let (step, pressed) = (self.step, self.own.len());
        for (place, template) in button.actions.iter().enumerate() {
            let refused = |error| Refused {
                step,
                action: place,
                error,
            };
            for action in template.actions(playhead.simulation()) {
                playhead.act(action).map_err(refused)?;
                if let Some(entry) = playhead.actions().last() {
                    self.own.push((self.step, entry.clone()));
                }
            }
        }
        Ok(self.own.len() > pressed)
    }

    /// Opens the next step, if this one is done and isn't the last. Whether it did.
    pub fn next(&mut self, playhead: &Playhead) -> bool {
        let last = self.step + 1 == self.scenario.steps.len();
        let go = !last && self.phase(playhead) == Phase::Done;
        self.step += usize::from(go);
        go
    }

    /// Opens the step before. The run stays where it is.
    pub fn back(&mut self) {
        self.step = self.step.saturating_sub(1);
    }

    /// Goes to where the open step began, and leaves what came after it to another branch. If
    /// this branch never came that far, the latest step that it came to is opened.
    pub fn start_again(&mut self, playhead: &mut Playhead) {
        loop {
            let Some(last) = self.tasks_before().checked_sub(1) else {
                playhead.seek(Time::ZERO);
                break;
            };
            let tick = playhead.branch().ticks().get(last).copied();
            if let Some(Tick { seq, .. }) = tick {
                playhead.seek_event(seq);
                break;
            }
            self.step -= 1;
        }
        playhead.branch_off();
    }

    /// When the open step began: when the one before was done. `None` if it wasn't yet.
    fn start(&self, playhead: &Playhead) -> Option<Time> {
        match self.tasks_before().checked_sub(1) {
            Some(last) => playhead.ticks().get(last).map(|tick| tick.at),
            None => Some(Time::ZERO),
        }
    }

    fn tasks_before(&self) -> usize {
        let before = &self.scenario.steps[..self.step];
        before.iter().map(|step| step.tasks.len()).sum()
    }
}
