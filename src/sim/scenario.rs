//! Scenarios: a configuration, a story in steps, and milestones that prove it.

use super::action::Action;
use super::event::Event;
use super::lessons;
use super::settings::Settings;
use super::simulation::Simulation;
use std::fmt;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    vec![
        lessons::first_election::scenario(),
        lessons::replication::scenario(),
        lessons::network_partition::scenario(),
        lessons::lab(),
    ]
});

/// Every scenario, in the order in which one might meet them.
pub fn all() -> &'static [Scenario] {
    &ALL
}

/// The scenario of that id.
///
/// # Errors
/// There is none; the error lists those that there are.
pub fn find(id: &str) -> Result<&'static Scenario, UnknownScenario> {
    let found = all().iter().find(|scenario| scenario.id == id);
    found.ok_or_else(|| UnknownScenario { id: id.into() })
}

/// A scenario that doesn't exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownScenario {
    /// What was asked for.
    pub id: String,
}

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scenario: there is no \"")?;
        for c in self.id.chars().take(40) {
            write!(f, "{}", c.escape_debug())?;
        }
        let known: Vec<_> = all().iter().map(|scenario| scenario.id).collect();
        write!(f, "\"; there are {}", known.join(", "))
    }
}

impl std::error::Error for UnknownScenario {}

/// A lesson, or a free laboratory.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name in links: `network-partition`.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// One sentence for the gallery.
    pub summary: &'static str,
    /// Servers, timing, network, disks, rules.
    pub settings: Settings,
    /// The seed when the link names none.
    pub seed: u64,
    /// The guided steps, in order.
    pub steps: &'static [Step],
}

/// One step of a guided lesson.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The headline.
    pub title: &'static str,
    /// Two or three sentences, before the step is done.
    pub text: &'static str,
    /// What the reader sees when it is done.
    pub done: &'static str,
    /// What is to happen, in the order in which it is ticked off.
    pub tasks: &'static [Task],
    /// A question to answer before the button works.
    pub prediction: Option<Prediction>,
    /// What the step's button says and does; `None`: the reader presses play and watches.
    pub button: Option<Button>,
}

/// A line with a check box, ticked by what the engine did.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// What is to happen.
    pub text: &'static str,
    /// Whether it has happened, given the state and every event since the run began.
    pub milestone: Milestone,
}

/// A predicate over the events and the state of a run.
#[derive(Clone, Copy, Debug)]
pub struct Milestone {
    /// A name for tests: `minority-leader-has-uncommitted-entry`.
    pub name: &'static str,
    /// Called after each event of the run; true once is true for the step.
    pub reached: fn(&Simulation, &Event) -> bool,
}

/// A question with choices.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    /// The question.
    pub question: &'static str,
    /// The choices.
    pub choices: &'static [&'static str],
    /// The right one.
    pub answer: usize,
    /// Why, shown after the reader has chosen.
    pub because: &'static str,
}

/// A step's button.
#[derive(Clone, Copy, Debug)]
pub struct Button {
    /// What it says: "Crash the leader".
    pub label: &'static str,
    /// What it does, given the state: roles, not ids, so that another seed works as well.
    pub actions: fn(&Simulation) -> Vec<Action>,
}
