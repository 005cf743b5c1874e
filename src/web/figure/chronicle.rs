//! The story of a run, kept up to date: told events, marks, leaderships, the lesson's card.

use super::store::*;
use crate::base::Time;
use crate::lesson::guide::{Guide, Phase};
use crate::lesson::scenario::Scenario;
use crate::raft::Rules;
use crate::run::Weight;
use crate::run::{Playhead, RetainedEvent};
use crate::sim::{Action, ActionError, EventKind, Settings};
use crate::view::words::tell;
use crate::view::{Telling, Told, clean, narrate};
use crate::web::page::on_demand::Narrator;
use std::rc::Rc;

/// The latest events are all told.
const RECENT: usize = 300;

/// From this many events back, the key ones are told as well: what repeats, lost messages above all,
/// must not push out what it follows from.
const WINDOW: usize = 2_048;

/// The story as it was told last.
pub struct Chronicle {
    scenario: Rc<Scenario>,
    guide: Option<Guide>,
    /// The rules that the scenario has when nobody changes them.
    usual: Rules,
    stale: bool,
    branch: usize,
    told: Rc<Vec<Rc<Told>>>,
    marks: Rc<Vec<Rc<Told>>>,
    walls: Vec<(Time, Option<Time>)>,
}

impl Chronicle {
    /// The story of a run that begins.
    pub fn new(scenario: Rc<Scenario>, usual: Rules) -> Chronicle {
        Chronicle {
            guide: Guide::new(scenario.clone()),
            scenario,
            usual,
            stale: false,
            branch: 0,
            told: Rc::default(),
            marks: Rc::default(),
            walls: Vec::new(),
        }
    }

    /// The rules that the scenario has when nobody changes them.
    pub const fn usual(&self) -> Rules {
        self.usual
    }

    /// The scenario.
    pub const fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    /// Whether the lesson's card changed since the story was told.
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Turns the lesson's card: back to any step, or on to the next if this one is done.
    pub fn turn_to(&mut self, step: usize, playhead: &Playhead) {
        self.stale = true;
        let Some(guide) = &mut self.guide else {
            return;
        };
        while guide.place() > step {
            guide.back();
        }
        while guide.place() < step && guide.next(playhead) {}
    }

    /// Notes the reader's answer to the question of this step.
    pub fn predict(&mut self, choice: usize) {
        self.stale = true;
        if let Some(guide) = &mut self.guide {
            guide.predict(choice);
        }
    }

    /// Presses the button of this step.
    ///
    /// # Errors
    /// Names what makes its action impossible now.
    pub fn press(&mut self, playhead: &mut Playhead) -> Result<bool, ActionError> {
        self.stale = true;
        self.guide
            .as_mut()
            .map_or(Ok(false), |guide| guide.press(playhead))
            .map_err(|refused| refused.error)
    }

    /// Goes back to where the open step began.
    pub fn start_again(&mut self, playhead: &mut Playhead) {
        self.stale = true;
        if let Some(guide) = &mut self.guide {
            guide.start_again(playhead);
        }
    }

    /// The events to tell up to the playhead, oldest first: the latest all, before them the key
    /// ones, and before those the marks.
    fn worth_telling<'a>(
        &self,
        playhead: &'a Playhead,
    ) -> impl Iterator<Item = Rc<RetainedEvent>> + use<'a> {
        let events = playhead.events();
        let (window, recent) = (
            events.len().saturating_sub(WINDOW),
            events.len().saturating_sub(RECENT),
        );
        let first = playhead.events().nth(window).map_or(0, |s| s.event.seq);
        let older = self.marks.partition_point(|mark| mark.seq < first);
        let marks = playhead.marks().take(older);
        let key = move |(i, retained): &(usize, Rc<RetainedEvent>)| {
            *i >= recent || Weight::of(&retained.event.kind) >= Weight::Key
        };
        let retained_events = events.enumerate().skip(window).filter(key);
        marks
            .skip(older.saturating_sub(RECENT))
            .chain(retained_events.map(|(_, retained)| retained))
    }

    /// Brings the told events up to the playhead.
    pub fn tell(&mut self, playhead: &Playhead) {
        self.marks = retell(&self.marks, playhead.marks());
        self.told = retell(&self.told, self.worth_telling(playhead));
        self.walls = walls(&self.marks);
    }

    /// The story is to be told anew: there is somebody now who has the words.
    pub const fn retell(&mut self) {
        self.stale = true;
    }

    /// Tells the story as it stands at the playhead; what happened, if there is somebody
    /// who has the words.
    pub fn story(&mut self, playhead: &Playhead, narrator: Option<Narrator>) -> Story {
        self.stale = false;
        let branch = playhead.branch().id.0 as usize;
        if branch != self.branch {
            // Numbers mean something else on another branch.
            self.told = Rc::default();
            self.marks = Rc::default();
            self.walls = Vec::new();
            self.branch = branch;
        }
        if let Some(narrator) = narrator {
            (narrator.tell)(self, playhead);
        }
        Story {
            scenario: self.scenario.id.clone(),
            title: self.scenario.title.clone(),
            summary: summary(playhead.simulation().settings()),
            timeout: self.scenario.settings.timing.election_timeout_max,
            told: self.told.clone(),
            marks: self.marks.clone(),
            leaderships: playhead
                .leaderships()
                .iter()
                .map(|r| LeadershipView {
                    leader: r.leader,
                    term: r.term,
                    from: r.from,
                    to: r.to,
                })
                .collect(),
            walls: self.walls.clone(),
            checkpoints: playhead.checkpoints().collect(),
            branches: playhead
                .history()
                .branches()
                .iter()
                .map(|b| BranchView {
                    id: b.id.0 as usize,
                    name: clean(&b.name).into_owned(),
                    forked_at: b.parent.map(|_| b.forked_at),
                    end: b.end(),
                })
                .collect(),
            branch,
            forgotten: playhead.forgotten(),
            branches_gone: playhead.history().branches_gone(),
            actions: playhead.journal().len(),
            guide: self.guide.as_ref().map(|guide| card(guide, playhead)),
            weather: weather(playhead, self.usual),
        }
    }
}

/// The card of the open step.
fn card(guide: &Guide, playhead: &Playhead) -> GuideView {
    let (step, ticked, phase) = (guide.step(), guide.done(playhead), guide.phase(playhead));
    let tasks = step.tasks.iter().enumerate();
    let done = phase == Phase::Done;
    GuideView {
        step: guide.place(),
        steps: guide.scenario().steps.len(),
        title: step.title.clone(),
        text: if done { &step.done } else { &step.text }.clone(),
        tasks: tasks
            .map(|(i, task)| TaskView {
                text: task.text.clone(),
                done: i < ticked,
            })
            .collect(),
        done,
        off_track: phase == Phase::OffTrack,
        prediction: step.prediction.clone(),
        predicted: guide.prediction(),
        button: step.button.as_ref().map(|button| button.label.clone()),
    }
}

/// Tells these events, with the words that were found before for those that were told already.
fn retell(
    old: &Rc<Vec<Rc<Told>>>,
    retained_events: impl Iterator<Item = Rc<RetainedEvent>>,
) -> Rc<Vec<Rc<Told>>> {
    let mut known = old.iter().peekable();
    let mut new = Vec::with_capacity(old.len() + 4);
    for retained in retained_events {
        while known.next_if(|t| t.seq < retained.event.seq).is_some() {}
        let told = known.next_if(|t| {
            t.seq == retained.event.seq
                && t.at == retained.event.at
                && t.kind == retained.event.kind
        });
        new.push(told.map_or_else(|| Rc::new(narrate(&retained)), Rc::clone));
    }
    if new.len() == old.len() && new.iter().zip(old.iter()).all(|(a, b)| Rc::ptr_eq(a, b)) {
        old.clone()
    } else {
        Rc::new(new)
    }
}

/// From when to when the network was divided.
fn walls(marks: &[Rc<Told>]) -> Vec<(Time, Option<Time>)> {
    let mut walls: Vec<(Time, Option<Time>)> = Vec::new();
    for mark in marks {
        let (EventKind::Acted(action) | EventKind::ChaosActed(action)) = &mark.kind else {
            continue;
        };
        let open = walls.last_mut().filter(|(_, to)| to.is_none());
        match (action, open) {
            (Action::Partition { .. }, None) => walls.push((mark.at, None)),
            (Action::Heal, Some(wall)) => wall.1 = Some(mark.at),
            _ => {}
        }
    }
    walls
}

/// What the bar says of a run: "5 nodes".
fn summary(settings: &Settings) -> Telling {
    let nodes = settings.nodes;
    match settings.rules {
        Rules::FIGURE_2 => tell!("first.nodes-basic", nodes),
        _ => tell!("first.nodes", nodes),
    }
}

/// What is in the way of the run at the playhead.
fn weather(playhead: &Playhead, usual: Rules) -> Weather {
    let simulation = playhead.simulation();
    Weather {
        rules: simulation.rules(),
        usual,
        chaos: *simulation.chaos(),
        load: simulation.load_per_second(),
        link: *simulation.network().settings(),
    }
}
