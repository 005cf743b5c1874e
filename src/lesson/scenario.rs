//! Scenarios: a configuration, a story in steps, and milestones that prove it.
//!
//! A lesson is a file, `ID.json` in `www/lessons`, and this module says by its types what stands in
//! it: every field below is a field of the file, and every other one is an error that names the
//! place. [This layer](super) explains the two small languages that a file uses: *roles*
//! in place of servers ([`who`](super::who)), and the *milestones* that tick a task off
//! ([`when`](super::when)).
//!
//! ```json
//! {
//!   "id": "a-crash", "place": 90, "topic": "Elections", "source": "paper 5.2",
//!   "level": 1, "minutes": 2, "title": "A crash", "summary": "One sentence for the gallery.",
//!   "settings": { "nodes": 3, "rules": { "off": ["noop-on-election"] } }, "seed": 7,
//!   "steps": [{
//!     "title": "Silence", "text": "Before it is done.", "done": "When it is done.",
//!     "tasks": [
//!       { "text": "One server leads", "name": "a-leader", "when": "some leader" },
//!       { "text": "It crashes", "name": "a-crash", "when": "on crashed" }
//!     ],
//!     "button": {
//!       "label": "Crash the leader",
//!       "actions": [{ "action": "crash", "node": "@leader" }]
//!     }
//!   }]
//! }
//! ```

#[cfg(not(feature = "split"))]
use super::assertion::Assertion;
use super::library;
use super::template::ActionTemplate;
use super::when::When;
use crate::base::JsonError;
#[cfg(not(feature = "split"))]
use crate::base::Time;
use crate::base::json::{self, quoted};
use crate::raft::Rules;
#[cfg(not(feature = "split"))]
use crate::run::Recorded;
use crate::run::recording::check_id;
use crate::run::{FileError, Milestones, Playhead};
use crate::sim::{Event, Property, Settings, SettingsError, Simulation};
use serde::Deserialize;
use std::rc::Rc;

/// Every scenario that is built in, in the order of the gallery; the free laboratory comes last.
///
/// # Panics
/// Never: the tests read every file.
pub fn all() -> Vec<Rc<Scenario>> {
    let lessons = library::ids().map(|id| match find(id) {
        Ok(lesson) => lesson,
        Err(error) => panic!("{id}: {error}"),
    });
    lessons.chain([Rc::new(Scenario::lab())]).collect()
}

/// The built-in scenario of that id.
///
/// # Errors
/// There is none; the error lists those that there are.
pub fn find(id: &str) -> Result<Rc<Scenario>, FileError> {
    match library::text(known(id)?) {
        Some(text) => Scenario::parse(text).map(Rc::new),
        None => Ok(Rc::new(Scenario::lab())),
    }
}

/// The same id, if there is such a scenario.
///
/// # Errors
/// There is none; the error lists those that there are.
pub fn known(id: &str) -> Result<&'static str, JsonError> {
    let mut ids = library::ids().chain([LAB]);
    ids.clone().find(|known| *known == id).ok_or_else(|| {
        let mut why = format!("there is no {}; there are ", quoted(id));
        let last = ids.next_back().unwrap_or_default();
        ids.for_each(|id| why.extend([id, ", "]));
        JsonError::new(why + last).within("scenario")
    })
}

/// The free laboratory's id.
pub const LAB: &str = "lab";

/// A lesson, or a free laboratory.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name in links, and of its file: `network-partition`.
    pub id: Rc<str>,
    /// Where it stands in the gallery: the lowest first.
    pub place: u32,
    /// The heading that it belongs to there.
    pub topic: Topic,
    /// Where the story is from: a section of the paper, a chapter of the thesis, an incident.
    pub source: Rc<str>,
    /// How much one has to know: 1 to 3.
    pub level: u8,
    /// How long it takes to read.
    pub minutes: u8,
    /// Its title.
    pub title: Rc<str>,
    /// One sentence for the gallery.
    pub summary: Rc<str>,
    /// Servers, timing, network, disks, rules: those that differ from [`Settings::default`].
    #[serde(default)]
    pub settings: Settings,
    /// The seed when the link names none.
    pub seed: u64,
    /// Whether only this seed tells the story; others are as good unless it is set.
    #[serde(default)]
    pub only_this_seed: bool,
    /// The property that the story breaks, by its name ([`Property::name`]): the run ends there.
    #[serde(default)]
    pub breaks: Option<Rc<str>>,
    /// The guided steps, in order.
    pub steps: Vec<Step>,
    /// What is done by itself, in the order of time, until a person acts.
    #[cfg(not(feature = "split"))]
    #[serde(default)]
    pub script: Vec<Recorded>,
    /// When a run without steps ends, in microseconds; without it, after 10 s.
    #[cfg(not(feature = "split"))]
    #[serde(default)]
    pub ends: Option<Time>,
    /// What the run must have achieved by then.
    #[cfg(not(feature = "split"))]
    #[serde(default)]
    pub assertions: Vec<Assertion>,
}

/// A heading of the gallery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub enum Topic {
    /// For a first visit.
    #[serde(rename = "Start here")]
    Start,
    /// How a leader is found, and lost.
    Elections,
    /// Who may go on when the network doesn't.
    Partitions,
    /// What is written, kept, cut off and applied.
    #[serde(rename = "Log and disk")]
    Log,
    /// What a client sees.
    Clients,
    /// Servers that come and go.
    Membership,
    /// A rule of the paper, and what happens without it.
    #[serde(rename = "Break a rule")]
    Rules,
    /// Things that happened.
    Incidents,
}

/// One step of a guided lesson.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The headline.
    pub title: Rc<str>,
    /// Two or three sentences, before the step is done.
    pub text: Rc<str>,
    /// What the reader sees when it is done.
    pub done: Rc<str>,
    /// Whether the reader may do anything besides: nothing leads astray.
    #[serde(default)]
    pub free: bool,
    /// What is to happen, in the order in which it is ticked off.
    pub tasks: Vec<Task>,
    /// A question to answer before the button works.
    #[serde(default)]
    pub prediction: Option<Rc<Prediction>>,
    /// What the step's button says and does; without one, the reader presses play and watches.
    #[serde(default)]
    pub button: Option<Button>,
}

/// A line with a check box, ticked by what the engine did.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What is to happen.
    pub text: Rc<str>,
    /// A name for tests, unique in the lesson: `minority-leader-has-uncommitted-entry`.
    pub name: Rc<str>,
    /// When it has happened: looked at after each event, true once is true for the step.
    pub when: When,
}

/// A question with choices.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// The question.
    pub question: Rc<str>,
    /// The choices.
    pub choices: Vec<Rc<str>>,
    /// The right one, from 0.
    pub answer: usize,
    /// Why, shown after the reader has chosen.
    pub because: Rc<str>,
}

/// A step's button.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// What it says: "Crash the leader".
    pub label: Rc<str>,
    /// What it does, one after the other.
    pub actions: Vec<ActionTemplate>,
}

/// What has to happen for each task of a scenario's steps, in order.
#[derive(Debug)]
struct Tasks(Vec<When>);

impl Milestones for Tasks {
    fn is_reached(&self, number: usize, simulation: &Simulation, event: &Event) -> bool {
        let when = self.0.get(number);
        when.is_some_and(|when| when.holds(simulation, event))
    }
}

impl Scenario {
    /// The free laboratory: five servers, and no story.
    pub fn lab() -> Scenario {
        Scenario {
            id: LAB.into(),
            place: u32::MAX,
            topic: Topic::Start,
            source: "".into(),
            level: 1,
            minutes: 0,
            title: "Free laboratory".into(),
            summary: "Five servers, no story. Write, crash, cut, go back, try again.".into(),
            settings: Settings {
                watch_liveness: true,
                ..Settings::default()
            },
            seed: 7,
            only_this_seed: false,
            breaks: None,
            steps: Vec::new(),
            #[cfg(not(feature = "split"))]
            script: Vec::new(),
            #[cfg(not(feature = "split"))]
            ends: None,
            #[cfg(not(feature = "split"))]
            assertions: Vec::new(),
        }
    }

    /// The first lesson without its story: what the first screen shows before any file is there.
    pub fn opening() -> Scenario {
        Scenario {
            id: "first-election".into(),
            title: "The first election".into(),
            settings: Settings {
                rules: Rules::FIGURE_2,
                ..Settings::default()
            },
            seed: 3,
            ..Scenario::lab()
        }
    }

    /// Reads a lesson's file.
    ///
    /// # Errors
    /// Names the place in the file, what is wrong there, and what is allowed.
    pub fn parse(text: &str) -> Result<Scenario, FileError> {
        let scenario: Scenario = json::parse(text)?.read()?;
        check_id(&scenario.id).map_err(|wrong| wrong.within("id"))?;
        scenario.settings.check()?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Every text that a reader gets to see, so that a screen can make it fit to be shown.
    pub fn texts(&mut self) -> Vec<&mut Rc<str>> {
        let mut texts = vec![&mut self.source, &mut self.title, &mut self.summary];
        for step in &mut self.steps {
            // A field that is added has to be put here, or left out on purpose.
            let Step {
                title,
                text,
                done,
                free: _,
                tasks,
                prediction,
                button,
            } = step;
            texts.extend([title, text, done]);
            texts.extend(tasks.iter_mut().map(|task| &mut task.text));
            texts.extend(button.iter_mut().map(|button| &mut button.label));
            if let Some(prediction) = prediction {
                let it = Rc::make_mut(prediction);
                texts.extend([&mut it.question, &mut it.because]);
                texts.extend(&mut it.choices);
            }
        }
        texts
    }

    /// The tasks of all steps, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.steps.iter().flat_map(|step| &step.tasks)
    }

    /// The start of its run from `seed`, whose tasks are ticked off as they are done.
    ///
    /// # Errors
    /// Names the setting that can't be.
    pub fn start(&self, seed: u64) -> Result<Playhead, SettingsError> {
        Ok(self.play(Simulation::new(self.settings.clone(), seed)?))
    }

    /// The same of a simulation that stands at the start of its run.
    pub fn play(&self, start: Simulation) -> Playhead {
        let tasks = Tasks(self.tasks().map(|task| task.when.clone()).collect());
        let mut playhead = Playhead::of(start);
        playhead.tick_off(Rc::new(tasks));
        #[cfg(not(feature = "split"))]
        if !self.script.is_empty() {
            playhead.follow(self.script.clone());
        }
        playhead
    }

    /// What the types can't say of its story.
    fn check(&self) -> Result<(), JsonError> {
        let error = |path: &str, why: &str| Err(JsonError::new(why).within(path));
        if !(1..=3).contains(&self.level) {
            return error("level", "1, 2 or 3 is needed");
        }
        let names: Vec<_> = Property::ALL.iter().map(|p| p.name()).collect();
        if let Some(breaks) = &self.breaks
            && !names.contains(&&**breaks)
        {
            return error("breaks", &format!("there are {}", names.join(", ")));
        }
        #[cfg(not(feature = "split"))]
        self.check_assertions()?;
        for (at, step) in self.steps.iter().enumerate() {
            let place = format!("steps[{at}]");
            let asks = step.prediction.as_ref();
            if asks.is_some_and(|it| it.answer >= it.choices.len()) {
                let path = format!("{place}.prediction.answer");
                return error(&path, "there is no such choice; the first one is 0");
            }
            if step.tasks.is_empty() {
                return error(&format!("{place}.tasks"), "a step needs a task to tick off");
            }
            if asks.is_some() && step.button.is_none() {
                let path = format!("{place}.prediction");
                return error(&path, "a question holds a button back: the step needs one");
            }
        }
        Ok(())
    }

    #[cfg(not(feature = "split"))]
    fn check_assertions(&self) -> Result<(), JsonError> {
        for (at, pair) in self.script.windows(2).enumerate() {
            if pair[1].at < pair[0].at {
                let error = JsonError::new("before the action that stands before it");
                return Err(error.within("at").within(&format!("script[{}]", at + 1)));
            }
        }
        for (at, assertion) in self.assertions.iter().enumerate() {
            let place = format!("assertions[{at}]");
            assertion.check().map_err(|error| error.within(&place))?;
            let ends = self.ends.unwrap_or(Time::NEVER);
            if assertion.from.max(assertion.until.unwrap_or(Time::ZERO)) > ends {
                return Err(JsonError::new("after the run's end").within(&place));
            }
        }
        Ok(())
    }
}
