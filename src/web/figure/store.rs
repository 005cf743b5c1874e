//! What the components know, and what they may ask for.
//!
//! Data comes down through four contexts, each compared by pointer or by a few words, so that a
//! component is drawn again only when something that it shows has changed:
//!
//! | hook | value | changes |
//! | --- | --- | --- |
//! | [`use_view`] | [`ClusterView`]: the cluster at the playhead | when something discrete happens |
//! | [`use_story`] | [`Story`]: told events, marks, leaderships, branches, the lesson | with new events |
//! | [`use_clock`] | [`Clock`]: playing, speed, live or past | by a command |
//! | [`use_ui`] | [`UiState`]: selection, highlight, level, tabs | by a person |
//!
//! What moves with every frame (message positions, rings, clock text, the playhead) is in none of
//! them: it is set on the DOM by [`use_frame`](super::hooks::use_frame).
//!
//! Requests go up through the [`Handle`] of [`use_handle`]: `handle.act(Action::Heal)`,
//! `handle.run(Command::Play)`, `handle.ui(UiAction::Select(..))`. A component changes neither the simulation nor
//! the history. A test mounts a component in a [`Contexts`](super::app::Contexts) with a handle that
//! writes the commands down.
//!
//! **Synchronised highlight.** Put [`Handle::hover`] on `onpointerenter`/`onfocus` with the [`Item`]
//! that is shown, `handle.hover(None)` on `onpointerleave`/`onblur`, and draw the outline when
//! `ui.lit(&item)`.

use super::hooks::Frames;
use super::language::Words;
use super::look::Look;
use super::root::Root;
use crate::base::{ClientId, NodeId, Span, Time};
use crate::lesson::scenario::Prediction;
use crate::raft::{Index, Rule, Rules, Term};
use crate::run::Recording;
use crate::sim::{Action, Chaos, LinkSettings, MessageId};
use crate::view::{ClusterView, Telling, Told};
use std::ops::Deref;
use std::rc::Rc;
use yew::prelude::*;

pub use super::ui_state::{Level, Notice, Overlay, Tab, Theme, Tool, UiAction, UiState, View};

/// An `Rc` that is equal only to itself: comparing two views costs one comparison of pointers.
#[derive(Debug)]
pub struct Same<T: ?Sized>(pub Rc<T>);

impl<T: ?Sized> Clone for Same<T> {
    fn clone(&self) -> Self {
        Same(self.0.clone())
    }
}

impl<T: ?Sized> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Deref for Same<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Same<T> {
    fn from(value: T) -> Self {
        Same(Rc::new(value))
    }
}

/// Something that can be pointed at, in whatever instrument it is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// A server.
    Node(NodeId),
    /// A message under way.
    Message(MessageId),
    /// A link, in one direction; as a thing on the stage the smaller id comes first.
    Link(NodeId, NodeId),
    /// A log entry.
    Entry(Index, Term),
    /// A client.
    Client(ClientId),
    /// A key of the store.
    Key(Rc<str>),
    /// An event of the feed, by number.
    Event(u64),
    /// The partition.
    Wall,
}

/// The speed of virtual time: so many microseconds of it in one second of the wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Speed(pub u64);

impl Speed {
    /// The speeds of the slider, slowest first.
    pub const STEPS: [Speed; 12] = [
        Speed(1_000),
        Speed(2_000),
        Speed(5_000),
        Speed(10_000),
        Speed(25_000),
        Speed(50_000),
        Speed(100_000),
        Speed(250_000),
        Speed(500_000),
        Speed(1_000_000),
        Speed(5_000_000),
        Speed(20_000_000),
    ];

    /// The step that is nearest from below.
    pub fn step(self) -> usize {
        Self::STEPS.iter().rposition(|s| *s <= self).unwrap_or(0)
    }

    /// One step slower.
    pub fn slower(self) -> Speed {
        Self::STEPS[self.step().saturating_sub(1)]
    }

    /// One step faster.
    pub fn faster(self) -> Speed {
        Self::STEPS[(self.step() + 1).min(Self::STEPS.len() - 1)]
    }

    /// What one second of the wall clock is worth: `50 ms`, `5 s`.
    pub fn label(self) -> String {
        if self.0 >= 1_000_000 && self.0.is_multiple_of(1_000_000) {
            format!("{} s", self.0 / 1_000_000)
        } else {
            Span(self.0).to_string()
        }
    }
}

impl Default for Speed {
    /// Slow enough to read.
    fn default() -> Speed {
        Speed(50_000)
    }
}

/// How virtual time runs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Clock {
    /// Whether it runs.
    pub playing: bool,
    /// How fast it is to run.
    pub speed: Speed,
    /// How fast it really runs, where the machine can't keep up: the label says it.
    pub actual: Option<Speed>,
    /// Whether the playhead is at the newest instant of its branch.
    pub live: bool,
}

/// A stretch of leadership, for the ribbons of the timeline.
#[derive(Clone, PartialEq, Debug)]
pub struct LeadershipView {
    /// Who leads.
    pub leader: NodeId,
    /// In which term.
    pub term: Term,
    /// Since when.
    pub from: Time,
    /// Until when; `None`: still.
    pub to: Option<Time>,
}

/// A branch of the run.
#[derive(Clone, PartialEq, Debug)]
pub struct BranchView {
    /// Its number: [`Command::Switch`] takes it.
    pub id: usize,
    /// Named after the action that made it; `main` for the first.
    pub name: String,
    /// Where it left its parent; `None` for the first.
    pub forked_at: Option<Time>,
    /// Its newest instant.
    pub end: Time,
}

/// One line of the lesson's step.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskView {
    /// What is to happen.
    pub text: Rc<str>,
    /// Whether it has.
    pub done: bool,
}

/// The lesson's step that is on the card.
#[derive(Clone, Debug)]
pub struct GuideView {
    /// Which step, from 0.
    pub step: usize,
    /// Of how many.
    pub steps: usize,
    /// The headline.
    pub title: Rc<str>,
    /// What it says now: the step's text, or what is seen when it is done.
    pub text: Rc<str>,
    /// The check boxes.
    pub tasks: Vec<TaskView>,
    /// Whether all of them are ticked.
    pub done: bool,
    /// The reader changed the story, or went back before the step:
    /// [`Command::StartStepAgain`] brings them back.
    pub off_track: bool,
    /// The question to answer before the button works.
    pub prediction: Option<Rc<Prediction>>,
    /// What the reader chose.
    pub predicted: Option<usize>,
    /// What the button says.
    pub button: Option<Rc<str>>,
}

/// What is known of the run besides its present state.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The scenario's name in links.
    pub scenario: Rc<str>,
    /// Its title.
    pub title: Rc<str>,
    /// What the bar says of it: "5 nodes, PreVote off".
    pub summary: Telling,
    /// The longest election timeout: a whole timer ring.
    pub timeout: Span,
    /// The events up to the playhead that the feed tells, oldest first; bounded.
    pub told: Rc<Vec<Rc<Told>>>,
    /// Key events of the whole branch, also behind the playhead, oldest first.
    pub marks: Rc<Vec<Rc<Told>>>,
    /// Leaderships of the whole branch, oldest first.
    pub leaderships: Vec<LeadershipView>,
    /// Partitions of the whole branch: from, to (`None`: still up).
    pub walls: Vec<(Time, Option<Time>)>,
    /// Keyframes.
    pub checkpoints: Vec<Time>,
    /// All branches.
    pub branches: Vec<BranchView>,
    /// The number of the one that is shown.
    pub branch: usize,
    /// Up to when events of this branch are forgotten, if any are.
    pub forgotten: Option<Time>,
    /// Branches that made room for newer ones.
    pub branches_gone: u32,
    /// Actions that can be undone.
    pub actions: usize,
    /// The lesson, if the scenario has steps.
    pub guide: Option<GuideView>,
    /// What is in the run's way.
    pub weather: Weather,
}

/// The rules, and what chaos, network and load are at the playhead.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Weather {
    /// The rules of the run.
    pub rules: Rules,
    /// Those that the scenario has.
    pub usual: Rules,
    /// Random faults.
    pub chaos: Chaos,
    /// Operations that clients send of their own, a second.
    pub load: u32,
    /// Links that have no settings of their own.
    pub link: LinkSettings,
}

/// What a person asks of the run.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Do this to the simulation, at the playhead.
    Act(Action),
    /// Let time run.
    Play,
    /// Stop time.
    Pause,
    /// How fast.
    Speed(Speed),
    /// Go to this instant.
    Seek(Time),
    /// Go to the next event that the feed tells, running on if there is none yet.
    Next,
    /// Go to the event before.
    Previous,
    /// Go to the next event of the kind of the last one.
    NextAlike,
    /// Go to the event of that kind before.
    PreviousAlike,
    /// Go to the newest instant of the branch.
    Newest,
    /// Take the last action and its future back.
    Undo,
    /// Show this branch.
    Switch(usize),
    /// Start this scenario anew; the seed is decimal, `None`: a fresh one.
    Load {
        /// Its name in links.
        scenario: String,
        /// The seed.
        seed: Option<String>,
    },
    /// Fetch the lesson that goes with the run, if the first screen did without.
    Teach,
    /// Start this scenario anew with these rules: the same seed, and the weather that is now.
    Rules(Rules),
    /// Show this run.
    Open(Box<Recording>),
    /// Run the same seed again up to here, with the same actions at the same times, but with this
    /// rule on or off.
    Again {
        /// The rule.
        rule: Rule,
        /// Whether it is to be on.
        on: bool,
    },
    /// Turn the guide's card to this step; forward only by one, and only if this one is done.
    Step(usize),
    /// Press the button of the guide's step.
    PressStep,
    /// Go back to where the guide's step began.
    StartStepAgain,
    /// Answer the guide's question.
    Predict(usize),
}

/// The handle through which components ask for things.
#[derive(Clone)]
pub struct Handle(Rc<Reach>);

/// What a handle leads to.
pub struct Reach {
    /// What the figure says everything with.
    pub words: Words,
    /// Where commands go: the driver, or a test's notebook.
    pub commands: Callback<Command>,
    /// Where changes of the interface's own state go.
    pub actions: Callback<UiAction>,
    /// Who is called with every frame.
    pub frames: Rc<Frames>,
    /// Who records the run as it is.
    pub record: Callback<(), Recording>,
    /// What of the run is asked by those that need more of it than all are given.
    pub look: Look,
    /// Where the figure stands.
    pub root: Rc<Root>,
}

impl From<Reach> for Handle {
    fn from(reach: Reach) -> Handle {
        Handle(Rc::new(reach))
    }
}

impl Deref for Handle {
    type Target = Reach;
    fn deref(&self) -> &Reach {
        &self.0
    }
}

impl PartialEq for Handle {
    /// Each figure has frames of its own; in another language, all is drawn again.
    fn eq(&self, other: &Handle) -> bool {
        Rc::ptr_eq(&self.frames, &other.frames) && self.words == other.words
    }
}

impl Handle {
    /// Sends a command.
    pub fn run(&self, command: Command) {
        self.commands.emit(command);
    }

    /// Does something to the simulation, now.
    pub fn act(&self, action: Action) {
        self.run(Command::Act(action));
    }

    /// Changes the interface.
    pub fn ui(&self, action: UiAction) {
        self.actions.emit(action);
    }

    /// Lights this thing up wherever it is drawn.
    pub fn hover(&self, item: Option<Item>) {
        self.ui(UiAction::Hover(item));
    }

    /// Selects a thing.
    pub fn select(&self, item: Item) {
        self.ui(UiAction::Select(Some(item)));
    }

    /// Says something in passing.
    pub fn notice(&self, text: impl Into<Telling>) {
        self.ui(UiAction::Notice(Notice::plain(text)));
    }
}

/// The handle.
#[hook]
pub fn use_handle() -> Handle {
    use_context::<Handle>().expect("a lab around every component")
}

/// Where the figure stands.
#[hook]
pub fn use_root() -> Rc<Root> {
    use_handle().root.clone()
}

/// What the figure says everything with.
#[hook]
pub fn use_words() -> Words {
    use_handle().words.clone()
}

/// The cluster at the playhead.
#[hook]
pub fn use_view() -> Same<ClusterView> {
    use_context::<Same<ClusterView>>().expect("a view around every component")
}

/// The story of the run.
#[hook]
pub fn use_story() -> Same<Story> {
    use_context::<Same<Story>>().expect("a story around every component")
}

/// The clock.
#[hook]
pub fn use_clock() -> Clock {
    use_context::<Clock>().expect("a clock around every component")
}

/// The interface's own state.
#[hook]
pub fn use_ui() -> Same<UiState> {
    use_context::<Same<UiState>>().expect("a state around every component")
}
