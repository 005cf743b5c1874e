//! A cluster under load, worked by actions, and what happens in it.

use kvorum::base::{MemberId, NodeId, Span, Time};
use kvorum::raft::Trace;
use kvorum::run::Recording;
use kvorum::sim::{Action, ActionError, Event, EventKind, Failed, Settings, Simulation};
use kvorum::view::{english, refused};

pub struct Run {
    pub simulation: Simulation,
    pub events: Vec<Event>,
}

pub fn ids(ids: &[u32]) -> Vec<NodeId> {
    ids.iter().map(|&id| NodeId(id)).collect()
}

/// What an action that can't be done is refused with.
pub fn says_why(error: &ActionError) -> String {
    english().text(&refused(error))
}

impl Run {
    /// Servers of which one leads.
    pub fn new(nodes: u32, seed: u64) -> Run {
        Run::of(
            Settings {
                nodes,
                load: 20,
                ..Settings::default()
            },
            seed,
        )
    }

    /// The same, of these settings.
    pub fn of(settings: Settings, seed: u64) -> Run {
        let mut simulation = Simulation::new(settings, seed).expect("the settings can be");
        simulation.keep_events(true);
        let events = Vec::new();
        let mut run = Run { simulation, events };
        run.pass(1_000);
        run
    }

    /// A recording in `tests/cases/recordings`, up to its last action. Another engine recorded
    /// it: its actions are done at their times, and its hash is not looked at.
    pub fn recorded(name: &str) -> Run {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/recordings");
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).expect("it is there");
        let recording: Recording = serde_json::from_str(&text).expect("it is a recording");
        recording.check().expect("it can be replayed");
        let mut simulation =
            Simulation::new(recording.settings, recording.seed).expect("the settings can be");
        simulation.keep_events(true);
        let events = Vec::new();
        let mut run = Run { simulation, events };
        for entry in recording.journal {
            run.until(entry.at);
            run.act(entry.action);
        }
        run
    }

    /// Lets time pass, in which no property may break.
    pub fn pass(&mut self, ms: u64) {
        self.until(self.simulation.now() + Span::millis(ms));
    }

    /// The same, up to an instant.
    pub fn until(&mut self, until: Time) {
        self.simulation.run_until(until);
        self.simulation.take_events(&mut self.events);
        assert_eq!(self.simulation.violation(), None);
    }

    pub fn act(&mut self, action: Action) {
        self.simulation.apply(action).expect("it can be done");
    }

    /// Why an action can't be done.
    pub fn refused(&mut self, action: Action) -> String {
        let error = self.simulation.apply(action).expect_err("it can't be done");
        says_why(&error)
    }

    pub fn leader(&self) -> NodeId {
        self.simulation.leader().expect("somebody leads")
    }

    pub fn voters(&self) -> Vec<NodeId> {
        MemberId::nodes(self.simulation.configuration().voters())
    }

    /// How many events were like that.
    pub fn happened(&self, test: impl Fn(&EventKind) -> bool) -> usize {
        self.events.iter().filter(|it| test(&it.kind)).count()
    }

    /// What the clients that gave up knew of their operations, in turn.
    pub fn failed(&self) -> Vec<Failed> {
        let failed = |event: &Event| match event.kind {
            EventKind::GaveUp { failed, .. } => Some(failed),
            _ => None,
        };
        self.events.iter().filter_map(failed).collect()
    }

    /// How many decisions of servers were like that.
    pub fn saw(&self, test: impl Fn(&Trace) -> bool) -> usize {
        self.happened(|kind| matches!(kind, EventKind::Traced { trace, .. } if test(trace)))
    }
}
