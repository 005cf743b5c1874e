//! Runs that once came to a bad end, as recordings in `tests/cases/recordings`: what they must lead
//! to. Their hashes are those of the engine that recorded them, and are not looked at. Where the
//! operator's packets take time that it once didn't, what was done at that moment comes as much later.

use kvorum::base::{NodeId, Time};
use kvorum::raft::{Index, Raft, Role};
use kvorum::run::Recording;
use kvorum::sim::{Action, Simulation};

const S4: NodeId = NodeId(4);

/// A recorded run, with what is left of its journal.
struct Replay {
    simulation: Simulation,
    journal: std::vec::IntoIter<kvorum::run::Recorded>,
}

impl Replay {
    fn of(name: &str) -> Replay {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/recordings");
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).expect("it is there");
        let recording: Recording = serde_json::from_str(&text).expect("a recording");
        recording.check().expect("it can be replayed");
        Replay {
            simulation: Simulation::new(recording.settings, recording.seed).expect("settings"),
            journal: recording.journal.into_iter(),
        }
    }

    /// Goes on to `until`, doing what the journal says. A message that isn't under way in this
    /// engine can't be delivered, and who has no vote has no timer to run out; everything else can
    /// be done.
    fn go_on(&mut self, until: Time) -> &Simulation {
        while let Some(next) = self.journal.as_slice().first().filter(|it| it.at <= until) {
            self.simulation.run_until(next.at);
            let action = next.action.clone();
            let may_fail = matches!(action, Action::DeliverNow { .. } | Action::TimeOut { .. });
            let done = self.simulation.apply(action);
            assert!(done.is_ok() || may_fail, "{done:?}");
            self.journal.next();
        }
        self.simulation.run_until(until);
        assert_eq!(self.simulation.violation(), None);
        &self.simulation
    }

    /// Goes on to the end of the journal.
    fn play_the_journal(&mut self) -> Time {
        let end = self
            .journal
            .as_slice()
            .last()
            .map_or(Time::ZERO, |it| it.at);
        self.go_on(end);
        end
    }
}

fn raft(simulation: &Simulation, node: NodeId) -> &Raft<kvorum::kv::Command> {
    simulation
        .host(node)
        .and_then(|host| host.raft())
        .expect("it runs")
}

/// The highest commit index of a server that runs.
fn committed(simulation: &Simulation) -> Index {
    let rafts = simulation.hosts().iter().filter_map(|host| host.raft());
    rafts.map(Raft::commit_index).max().unwrap_or(0)
}

#[test]
fn a_follower_goes_on_with_the_snapshot_that_another_leader_began() {
    let mut replay = Replay::of("snapshot-livelock");
    let end = replay.play_the_journal();
    let simulation = replay.go_on(Time(end.0 + 5_000_000));
    for node in [2, 3] {
        let store = simulation.host(NodeId(node)).expect("it is there").store();
        assert_eq!(store.get("y").map(|value| &**value), Some("1"), "S{node}");
    }
}

#[test]
fn a_learner_that_restarts_does_not_stand() {
    let mut replay = Replay::of("leader-outside");
    let end = replay.play_the_journal();
    let before = committed(&replay.simulation);
    for millis in 1..10_000 {
        let simulation = replay.go_on(Time(end.0 + millis * 1_000));
        let s4 = raft(simulation, S4);
        assert_eq!((s4.role(), s4.election_timer()), (Role::Follower, None));
    }
    let simulation = &replay.simulation;
    assert!(simulation.leader().is_some() && committed(simulation) > before);
    assert!(
        !raft(simulation, S4).configuration().is_joint(),
        "the change was finished"
    );
}

#[test]
fn a_learner_that_hears_of_its_demotion_late_does_not_stand() {
    let mut replay = Replay::of("leader-outside-no-restart");
    // It has got the next configuration, and the commit of its own demotion with it.
    let s4 = raft(replay.go_on(Time::from_millis(1_950)), S4);
    assert!(s4.configuration().is_joint() && !s4.configuration().has_voter_on(S4));
    assert_eq!(s4.election_timer(), None);
    for millis in 195..600 {
        let s4 = raft(replay.go_on(Time::from_millis(millis * 10)), S4);
        assert_eq!(s4.role(), Role::Follower, "told to stand, and it doesn't");
    }
}

#[test]
fn a_priority_prevents_no_election() {
    let mut replay = Replay::of("priority-hub");
    let simulation = replay.go_on(Time::from_millis(5_000));
    assert_eq!(simulation.leader(), Some(NodeId(2)));
    assert!(committed(simulation) > 0);
}

#[test]
fn timeouts_that_are_all_alike_prevent_no_election() {
    let mut replay = Replay::of("no-range-of-timeouts");
    let simulation = replay.go_on(Time::from_millis(5_000));
    assert!(simulation.leader().is_some() && committed(simulation) > 0);
}
