//! Time travel: every way to an instant ends in the same state as running straight to it.

use crate::runs::put;
use crate::support::{advance, ms};
use kvorum::base::{Draws, NodeId, Purpose, Ratio, Time};
use kvorum::kv::Operation;
use kvorum::lesson::scenario;
use kvorum::raft::{Rule, Rules, Trace};
use kvorum::run::{BranchId, JournalEntry, Leadership, Playhead, Weight};
use kvorum::sim::{Action, Chaos, EventKind, Settings, Simulation};

const SEED: u64 = 5;

fn rough() -> Settings {
    let rate = Ratio::percent(30);
    Settings {
        load: 400,
        // Disks fail less often: with as many faults as there may be, little goes on.
        chaos: Chaos {
            tear: Ratio::percent(5),
            corrupt: Ratio::percent(2),
            full: Ratio::percent(5),
            wipe: Ratio::percent(2),
            ..Chaos::all(rate)
        },
        ..Settings::default()
    }
}

fn playhead(settings: Settings) -> Playhead {
    Playhead::new(settings, SEED).expect("the settings can be")
}

/// A run of twenty seconds with some actions in it.
fn long_run() -> Playhead {
    let mut playhead = playhead(rough());
    for second in 1..=20 {
        advance(&mut playhead, ms(second * 1_000));
        if second % 3 == 0 {
            playhead
                .act(put("k", &second.to_string()))
                .expect("a client is idle");
        }
    }
    playhead
}

/// The same run without a history: from its start, through the journal.
fn straight(settings: &Settings, journal: &[JournalEntry], until: Time) -> Simulation {
    let mut simulation = Simulation::new(settings.clone(), SEED).expect("the settings can be");
    for entry in journal.iter().filter(|entry| entry.at <= until) {
        while simulation.processed() < entry.processed {
            assert!(simulation.step().went());
        }
        simulation.wait_until(entry.at);
        simulation
            .apply(entry.action.clone())
            .expect("it was possible");
    }
    simulation.run_until(until);
    simulation
}

fn state(simulation: &Simulation) -> (u64, u64, u64, Time) {
    let emitted = simulation.events_emitted();
    (
        simulation.hash(),
        simulation.processed(),
        emitted,
        simulation.now(),
    )
}

#[test]
fn seeking_anywhere_equals_running_straight_there() {
    let mut playhead = long_run();
    assert!(
        playhead.checkpoints().count() > 5,
        "there is something to restore"
    );
    let journal = playhead.journal().to_vec();
    let mut draws = Draws::new(SEED, Purpose::Workload, 99);
    let checkpoints: Vec<Time> = playhead.checkpoints().collect();
    let random = (0..40).map(|_| Time(draws.below(20_000_000)));
    let near = checkpoints
        .iter()
        .flat_map(|at| [Time(at.0.saturating_sub(1)), *at, Time(at.0 + 1)]);
    for at in random.chain(near).chain([Time::ZERO, ms(20_000)]) {
        playhead.seek(at);
        let expected = straight(&rough(), &journal, at);
        assert_eq!(state(playhead.simulation()), state(&expected), "at {at}");
    }
    assert_eq!(playhead.history().branches().len(), 1);
    assert_eq!(*playhead.journal(), journal);
}

#[test]
fn the_past_then_the_future_is_the_same_run() {
    let mut playhead = long_run();
    let (end, events) = (state(playhead.simulation()), playhead.events().len());
    for at in [19_999, 3, 12_345, 0] {
        playhead.seek(ms(at));
        assert!(!playhead.is_live());
        assert!(
            playhead
                .events()
                .all(|retained| retained.event.at <= ms(at))
        );
        advance(&mut playhead, ms(20_000));
        assert!(playhead.is_live());
        assert_eq!(state(playhead.simulation()), end);
        assert_eq!(playhead.events().len(), events);
    }
    playhead.seek(ms(10_000));
    advance(&mut playhead, ms(21_000));
    let expected = straight(&rough(), &playhead.journal(), ms(21_000));
    assert_eq!(state(playhead.simulation()), state(&expected));
}

#[test]
fn events_can_be_visited_one_by_one_in_both_directions() {
    let mut playhead = playhead(Settings {
        load: 10,
        ..Settings::default()
    });
    let mut visited = Vec::new();
    for _ in 0..60 {
        let seq = playhead.next_event(None).expect("something happens");
        let retained = playhead.event(seq).expect("it is retained");
        assert!(Weight::of(&retained.event.kind) >= Weight::Key);
        assert_eq!(retained.event.at, playhead.now());
        visited.push((seq, state(playhead.simulation())));
    }
    assert!(visited.is_sorted());
    let last = visited.pop().expect("it has been filled");
    // Several events of one step are one stop on the way back.
    visited.dedup_by_key(|(_, state)| *state);
    for (_, expected) in visited.iter().rev().filter(|(_, state)| *state != last.1) {
        playhead.previous_event(None).expect("there was one");
        assert_eq!(state(playhead.simulation()), *expected);
    }
    assert_eq!(playhead.previous_event(None), None);
    playhead.seek_event(last.0);
    assert_eq!(state(playhead.simulation()), last.1);
}

#[test]
fn events_of_one_kind_can_be_visited() {
    let mut playhead = playhead(Settings::default());
    advance(&mut playhead, ms(1_000));
    playhead.act(put("a", "1")).expect("a client is idle");
    advance(&mut playhead, ms(2_000));
    let is_commit = |kind: &EventKind| match kind {
        EventKind::Traced { trace, .. } => matches!(trace, Trace::Committed { .. }),
        _ => false,
    };
    let mut events = playhead.events().rev();
    let commit = events.find(|retained| is_commit(&retained.event.kind));
    let commit = commit.expect("it was committed").event.kind.clone();
    drop(events);
    playhead.seek(Time::ZERO);
    let mut found = 0;
    while !playhead.is_live()
        && let Some(seq) = playhead.next_event(Some(&commit))
    {
        let retained = playhead.event(seq).expect("it is retained");
        assert!(is_commit(&retained.event.kind));
        found += 1;
        if found == 2 {
            break;
        }
    }
    assert_eq!(found, 2, "the no-op and the put");
    let seq = playhead.previous_event(Some(&commit)).expect("the no-op");
    assert!(is_commit(
        &playhead.event(seq).expect("it is retained").event.kind
    ));
}

#[test]
fn acting_in_the_past_keeps_the_old_branch() {
    let mut playhead = playhead(Settings::default());
    advance(&mut playhead, ms(1_000));
    playhead.act(put("a", "1")).expect("a client is idle");
    advance(&mut playhead, ms(3_000));
    let main = (playhead.branch().id, state(playhead.simulation()));
    let leader = playhead.simulation().leader().expect("it was elected");

    playhead.seek(ms(1_500));
    let acted = playhead
        .act(Action::Crash { node: leader })
        .expect("it runs");
    let branch = acted.branched.expect("it was in the past");
    assert!(playhead.is_live() && playhead.end() == ms(1_500));
    assert_eq!(
        (playhead.branch().id, playhead.branch().parent),
        (branch, Some(main.0))
    );
    assert_eq!(playhead.branch().name, format!("crash {leader}"));
    assert_eq!(playhead.branch().forked_at, ms(1_500));
    assert_eq!(playhead.journal().len(), 2);
    advance(&mut playhead, ms(3_000));
    let other = state(playhead.simulation());
    assert_ne!(other, main.1);

    assert!(playhead.switch(main.0));
    assert_eq!((playhead.now(), playhead.journal().len()), (ms(3_000), 1));
    assert_eq!(state(playhead.simulation()), main.1);
    assert!(playhead.switch(branch));
    assert_eq!(state(playhead.simulation()), other);
    assert!(!playhead.switch(kvorum::run::BranchId(99)));
    // Both have the same past.
    playhead.seek(ms(1_400));
    let past = state(playhead.simulation());
    playhead.switch(main.0);
    assert_eq!(state(playhead.simulation()), past);
    // Going on from where the old branch ended is no new branch.
    playhead.seek(ms(3_000));
    assert_eq!(
        playhead.act(Action::Heal).map(|acted| acted.branched),
        Ok(None)
    );
}

#[test]
fn undo_takes_the_last_action_and_its_future_back() {
    let mut playhead = playhead(Settings::default());
    assert_eq!(playhead.undo(), None);
    advance(&mut playhead, ms(1_000));
    let before = state(playhead.simulation());
    playhead.act(put("a", "1")).expect("a client is idle");
    advance(&mut playhead, ms(2_000));
    let events = playhead.events().len();
    assert_eq!(playhead.undo(), Some(put("a", "1")));
    assert_eq!(state(playhead.simulation()), before);
    assert!(playhead.is_live() && playhead.journal().is_empty());
    assert!(playhead.events().len() < events);
    advance(&mut playhead, ms(2_000));
    let straight = straight(&Settings::default(), &[], ms(2_000));
    assert_eq!(state(playhead.simulation()), state(&straight));

    // Undoing what began a branch goes back to the branch before.
    let (main, end) = (playhead.branch().id, state(playhead.simulation()));
    playhead.seek(ms(1_200));
    playhead.act(put("b", "2")).expect("a client is idle");
    advance(&mut playhead, ms(5_000));
    assert_eq!(playhead.undo(), Some(put("b", "2")));
    assert_eq!(
        (playhead.history().branches().len(), playhead.branch().id),
        (1, main)
    );
    assert_eq!((playhead.now(), playhead.is_live()), (ms(1_200), false));
    advance(&mut playhead, ms(2_000));
    assert_eq!(state(playhead.simulation()), end);
}

#[test]
fn what_cannot_be_done_leaves_no_trace() {
    let mut playhead = playhead(Settings::default());
    advance(&mut playhead, ms(1_000));
    let before = state(playhead.simulation());
    let nobody = NodeId(77);
    let bad = [
        Action::Crash { node: nobody },
        Action::Restart { node: NodeId(1) },
        Action::Drop { message: u64::MAX },
        put("", "empty keys can't be"),
    ];
    for action in bad.clone() {
        playhead.act(action).expect_err("it can't be done");
    }
    playhead.seek(ms(500));
    for action in bad {
        playhead.act(action).expect_err("nor in the past");
    }
    assert_eq!(
        (
            playhead.history().branches().len(),
            playhead.journal().len()
        ),
        (1, 0)
    );
    advance(&mut playhead, ms(1_000));
    assert_eq!(state(playhead.simulation()), before);
}

#[test]
fn a_broken_rule_stops_the_clock() {
    let settings = Settings {
        rules: Rules::ALL.without(Rule::MajorityQuorum),
        ..Settings::default()
    };
    let mut playhead = playhead(settings);
    advance(&mut playhead, ms(1_000));
    let groups = vec![[1, 2].map(NodeId).to_vec(), [3, 4, 5].map(NodeId).to_vec()];
    playhead.act(Action::partition(groups)).expect("it can be");
    for value in 0..10 {
        let until = Time(playhead.now().0 + 300_000);
        playhead.advance(until, || true);
        for node in [1, 3].map(NodeId) {
            let operation = Operation::Put {
                key: "k".into(),
                value: value.to_string().into(),
            };
            let to = Some(node);
            // Once the rule is broken, nothing can be done any more: that is what is tested.
            let _ = playhead.act(Action::Request {
                operation,
                to,
                attempts: 0,
            });
        }
    }
    let stopped = playhead.now();
    assert!(playhead.is_stopped(), "two leaders with two voters each");
    assert_eq!(playhead.advance(ms(60_000), || true), stopped);
    assert_eq!(playhead.end(), stopped);
    let is_violation = |kind: &EventKind| matches!(kind, EventKind::Violated(_));
    let mut marks = playhead.marks();
    assert!(marks.any(|mark| is_violation(&mark.event.kind) && mark.event.at == stopped));
    drop(marks);
    // The past is as open as ever, and leads there again.
    playhead.seek(ms(1_000));
    assert!(!playhead.is_stopped());
    assert_eq!(playhead.advance(ms(60_000), || true), stopped);
}

/// The first leadership of a server.
fn of(playhead: &Playhead, leader: NodeId) -> Option<Leadership> {
    let leaderships = playhead.leaderships();
    let mut its = leaderships.iter().filter(|it| it.leader == leader);
    its.next().copied()
}

#[test]
fn concurrent_leaders_are_two_leaderships() {
    let lesson = scenario::find("network-partition").expect("it exists");
    let mut playhead = lesson.start(1).expect("it can be");
    advance(&mut playhead, ms(1_000));
    let leader = playhead.simulation().leader().expect("it was elected");
    let others = (1..=5).map(NodeId).filter(|&id| id != leader).collect();
    let groups = vec![vec![leader], others];
    playhead.act(Action::partition(groups)).expect("it can be");
    advance(&mut playhead, ms(2_000));
    let leaderships = playhead.leaderships().to_vec();
    let [.., old, new] = &leaderships[..] else {
        panic!("two leaders: {leaderships:?}");
    };
    assert_eq!((old.leader, old.to, new.to), (leader, None, None));
    assert!(new.term > old.term && new.from > old.from);
    playhead.act(Action::Heal).expect("it can be");
    advance(&mut playhead, ms(3_000));
    let old = of(&playhead, leader);
    assert!(old.is_some_and(|old| old.to.is_some_and(|to| to > ms(2_000))));
    // What is known of the future stays known; what is undone doesn't.
    playhead.seek(ms(500));
    assert!(
        playhead.leaderships().len() >= 2 && playhead.marks().any(|mark| mark.event.at > ms(500))
    );
    playhead.seek(ms(3_000));
    playhead.undo();
    let old = of(&playhead, leader);
    assert_eq!(old.and_then(|old| old.to), None);
}

#[test]
fn interrupted_runs_go_on_where_they_stopped() {
    let mut playhead = playhead(rough());
    let mut stops = 0;
    while playhead.now() < ms(3_000) {
        let now = playhead.advance(ms(3_000), || false);
        stops += 1;
        if stops < 100 {
            // Never in the middle of an instant: one time, one state.
            let expected = straight(&rough(), &[], now);
            assert_eq!(state(playhead.simulation()), state(&expected), "{now}");
        }
    }
    assert!(stops > 100);
    let expected = straight(&rough(), &[], ms(3_000));
    assert_eq!(state(playhead.simulation()), state(&expected));
}

#[test]
fn memory_is_bounded() {
    let mut playhead = playhead(Settings {
        load: 30,
        ..Settings::default()
    });
    advance(&mut playhead, ms(1_000_000));
    assert!(playhead.events().len() <= 1 << 16);
    assert!(playhead.marks().count() <= 10_240);
    let checkpoints: Vec<Time> = playhead.checkpoints().collect();
    assert!(checkpoints.len() <= 1_024, "{}", checkpoints.len());
    assert_eq!(checkpoints[0], Time::ZERO);
    // The first branch is gone back to each time, so that each action begins another one.
    for round in 0..36 {
        playhead.switch(BranchId(0));
        playhead.seek(ms(900_000 + round));
        playhead
            .act(Action::Heal)
            .or_else(|_| playhead.act(put("k", "v")))
            .expect("one of them can be");
    }
    assert_eq!(
        (
            playhead.history().branches().len(),
            playhead.history().branches_gone()
        ),
        (32, 5)
    );
}
