//! Several playheads look at one history, windows of it hold everything, and every event walks back
//! to where it began.

use crate::runs::put;
use crate::support::ms;
use kvorum::base::{NodeId, Ratio, Span, Time};
use kvorum::raft::Trace;
use kvorum::run::{
    BranchId, History, JournalEntry, MAX_WINDOW, Playhead, RetainedEvent, Weight, Window,
    WindowError,
};
use kvorum::sim::{Action, Chaos, Event, EventKind, Settings, Simulation};
use std::rc::Rc;

const SEED: u64 = 11;
const MAIN: BranchId = BranchId(0);

fn rough(load: u32) -> Settings {
    Settings {
        load,
        chaos: Chaos {
            corrupt: Ratio::ZERO,
            wipe: Ratio::ZERO,
            ..Chaos::all(Ratio::percent(30))
        },
        ..Settings::default()
    }
}

/// A run of so many seconds, with an action in every third.
fn long_run(settings: Settings, seconds: u64) -> Playhead {
    let mut playhead = Playhead::new(settings, SEED).expect("it can be");
    for second in 1..=seconds {
        playhead.advance(ms(second * 1_000), || true);
        if second % 3 == 0 {
            let action = put("k", &second.to_string());
            playhead.act(action).expect("a client is idle");
        }
    }
    playhead
}

/// The same run without a history, with every event of it.
fn straight(settings: Settings, journal: &[JournalEntry], until: Time) -> (Simulation, Vec<Event>) {
    let mut simulation = Simulation::new(settings, SEED).expect("it can be");
    simulation.keep_events(true);
    for entry in journal.iter().filter(|entry| entry.at <= until) {
        while simulation.processed() < entry.processed {
            assert!(simulation.step().went());
        }
        simulation.wait_until(entry.at);
        simulation.apply(entry.action.clone()).expect("it was done");
    }
    simulation.run_until(until);
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    (simulation, events)
}

fn state(simulation: &Simulation) -> (u64, u64, u64, Time) {
    let (hash, emitted) = (simulation.hash(), simulation.events_emitted());
    (hash, simulation.processed(), emitted, simulation.now())
}

fn facts(window: &Window) -> Vec<Event> {
    let facts = window.events.iter().map(|it| it.event.clone());
    facts.collect()
}

#[test]
fn a_window_holds_what_a_run_that_kept_everything_has_seen() {
    let mut playhead = long_run(rough(60), 15);
    playhead.seek(ms(7_000));
    let (history, here) = (playhead.history().clone(), state(playhead.simulation()));
    let (_, all) = straight(rough(60), &playhead.journal(), ms(15_000));
    let checkpoint = playhead.checkpoints().nth(1).expect("it is long enough");
    let action = playhead.journal()[1].at;
    let spans = [
        (0, 15_000_000),
        (0, 0),
        (3_000_000, 3_000_000),
        (action.0, action.0),
        (2_345_678, 2_987_654),
        (checkpoint.0 - 1, checkpoint.0 + 1),
        (checkpoint.0, checkpoint.0 + 200_000),
        (14_900_000, 99_000_000),
    ];
    for (from, to) in spans.map(|(from, to)| (Time(from), Time(to))) {
        for detail in [Weight::Quiet, Weight::Key] {
            let window = history.window(MAIN, from..=to, detail).expect("it fits");
            let is_in = |event: &&Event| {
                (from..=to).contains(&event.at) && Weight::of(&event.kind) >= detail
            };
            let expected: Vec<Event> = all.iter().filter(is_in).cloned().collect();
            assert_eq!(facts(&window), expected, "{from} to {to}");
            assert_eq!(window.until, to.min(ms(15_000)));
            let (there, _) = straight(rough(60), &playhead.journal(), window.until);
            assert_eq!(window.hash, there.hash(), "{from} to {to}");
        }
    }
    // Nothing has moved for it.
    assert_eq!(state(playhead.simulation()), here);
    // What is retained anyway comes back as it was, with its surroundings.
    let window = history.window(MAIN, ms(2_000)..=ms(7_000), Weight::Detail);
    let window = window.expect("it fits").events;
    let retained: Vec<_> = playhead
        .events()
        .filter(|it| it.event.at >= ms(2_000))
        .collect();
    assert!(retained.len() > 100);
    assert_eq!(window, retained);
}

#[test]
fn a_window_that_cannot_be_says_why() {
    let playhead = long_run(
        Settings {
            load: 400,
            ..Settings::default()
        },
        5,
    );
    let history = playhead.history();
    let window = |branch, from, to| history.window(branch, from..=to, Weight::Quiet);
    let nowhere = BranchId(7);
    let error = window(nowhere, ms(0), ms(1)).expect_err("no such branch");
    assert_eq!(error, WindowError::NoBranch(nowhere));
    assert_eq!(error.to_string(), "branch: there is no branch 7");
    let error = window(MAIN, ms(2), ms(1)).expect_err("backwards");
    let (from, to) = (ms(2), ms(1));
    assert_eq!(error, WindowError::Backwards { from, to });
    let Err(WindowError::TooMany { fits_until }) = window(MAIN, ms(0), ms(5_000)) else {
        panic!("that is too much");
    };
    assert!(ms(1_000) < fits_until && fits_until < ms(5_000));
    let fits = window(MAIN, ms(0), Time(fits_until.0 - 1)).expect("it fits");
    assert!(fits.events.len() <= MAX_WINDOW);
    assert!(
        fits.events.len() > MAX_WINDOW - 1_000,
        "{}",
        fits.events.len()
    );
    // What comes later isn't empty, only not known yet.
    let later = window(MAIN, ms(9_000), ms(10_000)).expect("it fits");
    assert!(later.events.is_empty() && later.until == ms(5_000));
}

#[test]
fn playheads_do_not_move_each_other() {
    let mut first = long_run(rough(60), 9);
    let history = first.history().clone();
    let journal = first.journal().to_vec();
    let (here, events) = (state(first.simulation()), first.events().len());
    let mut second = history.playhead();
    assert_eq!((second.now(), second.events().len()), (Time::ZERO, 0));
    second.seek(ms(4_321));
    let (there, _) = straight(rough(60), &journal, ms(4_321));
    assert_eq!(state(second.simulation()), state(&there));
    assert!(second.events().all(|it| it.event.at <= ms(4_321)));
    // Through what is known nothing is remembered again.
    second.advance(ms(9_000), || true);
    assert_eq!(
        (state(first.simulation()), first.events().len()),
        (here, events)
    );
    assert_eq!(
        (state(second.simulation()), second.events().len()),
        (here, events)
    );
    // Beyond the end it makes the branch longer; the first one follows when it goes on.
    second.advance(ms(12_000), || true);
    assert!(second.is_live() && !first.is_live());
    assert_eq!((first.end(), first.now()), (ms(12_000), ms(9_000)));
    assert_eq!(
        (state(first.simulation()), first.events().len()),
        (here, events)
    );
    first.advance(ms(12_000), || true);
    assert_eq!(state(first.simulation()), state(second.simulation()));
    assert!(first.events().eq(second.events()));
    let (straight, all) = straight(rough(60), &journal, ms(12_000));
    assert_eq!(state(first.simulation()), state(&straight));
    let retained = all.iter().filter(|it| Weight::of(&it.kind) > Weight::Quiet);
    assert!(
        first
            .events()
            .map(|it| it.event.clone())
            .eq(retained.cloned())
    );
}

#[test]
fn another_branch_is_another_playhead_s_business() {
    let mut first = long_run(Settings::default(), 5);
    let history = first.history().clone();
    let before = (
        first.branch().id,
        state(first.simulation()),
        first.journal().len(),
    );
    let mut second = history.playhead();
    second.seek(ms(2_000));
    let crash = Action::Crash { node: NodeId(1) };
    let acted = second.act(crash.clone()).expect("it runs");
    let branch = acted.branched.expect("in the past");
    second.advance(ms(6_000), || true);
    assert_eq!((second.branch().id, history.branches().len()), (branch, 2));
    let still = (
        first.branch().id,
        state(first.simulation()),
        first.journal().len(),
    );
    assert_eq!(still, before);
    assert!(first.is_live() && first.journal().iter().all(|it| it.action != crash));
    // Both see what either did.
    let of = |branch, to| {
        history
            .window(branch, ms(0)..=to, Weight::Quiet)
            .expect("it fits")
    };
    assert_eq!(of(branch, ms(6_000)).hash, second.simulation().hash());
    assert_eq!(of(MAIN, ms(5_000)).hash, first.simulation().hash());
    assert!(first.switch(branch));
    assert_eq!(first.now(), ms(5_000));
    first.advance(ms(6_000), || true);
    assert_eq!(state(first.simulation()), state(second.simulation()));
}

#[test]
fn a_branch_stays_while_somebody_looks_at_it() {
    let mut first = long_run(Settings::default(), 2);
    let mut second = first.clone();
    second.act(put("a", "1")).expect("a client is idle");
    for round in 0..40 {
        first.seek(ms(1_000 + round));
        first.act(Action::Heal).expect("it can be");
        first.advance(ms(1_500), || true);
    }
    let history = first.history().clone();
    assert_eq!((history.branches().len(), history.branches_gone()), (32, 9));
    assert_eq!(second.branch().id, MAIN);
    second.advance(ms(3_000), || true);
    let (there, _) = straight(Settings::default(), &second.journal(), ms(3_000));
    assert_eq!(state(second.simulation()), state(&there));
    // Once nobody looks at it, it makes room like any other.
    drop(second);
    first.seek(ms(1_001));
    first.act(Action::Heal).expect("it can be");
    assert!(history.branch(MAIN).is_none());
}

#[test]
fn an_undo_takes_those_along_that_were_behind_it() {
    let mut first = Playhead::new(Settings::default(), SEED).expect("it can be");
    first.advance(ms(1_000), || true);
    first.act(put("a", "1")).expect("a client is idle");
    first.advance(ms(4_000), || true);
    let (mut early, mut late) = (first.clone(), first.clone());
    early.seek(ms(500));
    late.seek(ms(3_000));
    assert_eq!(first.undo(), Some(put("a", "1")));
    // Somebody goes on where the others don't know yet.
    first.act(put("b", "2")).expect("a client is idle");
    first.advance(ms(3_500), || true);
    let (there, _) = straight(Settings::default(), &first.journal(), ms(3_500));
    assert_eq!(late.actions().len(), 1);
    for playhead in [&mut early, &mut late] {
        playhead.advance(ms(3_500), || true);
        assert_eq!(state(playhead.simulation()), state(&there));
        assert!(playhead.events().eq(first.events()));
    }
    // A branch that is gone leaves its readers on the one that it had left.
    first.seek(ms(2_000));
    first.act(put("c", "3")).expect("a client is idle");
    first.advance(ms(3_000), || true);
    let mut late = first.clone();
    assert_eq!(first.undo(), Some(put("c", "3")));
    assert_eq!(late.branch().id, MAIN);
    late.seek(ms(3_500));
    assert_eq!(state(late.simulation()), state(&there));
}

#[test]
fn every_event_walks_back_to_its_beginning_also_where_it_was_forgotten() {
    let playhead = long_run(rough(400), 20);
    let forgotten = playhead.forgotten().expect("so many can't be retained");
    assert!(forgotten > Time::ZERO);
    let history = playhead.history();
    let (_, all) = straight(rough(400), &playhead.journal(), ms(20_000));
    let walk = |seq: u64| {
        let next = |event: &&Event| event.cause.map(|cause| &all[cause as usize]);
        std::iter::successors(Some(&all[seq as usize]), next)
    };
    let last = all.len() as u64 - 1;
    for seq in (0..=last).step_by(4_999).chain([last]) {
        let found = history.why(MAIN, seq).expect("it happened");
        assert!(found.iter().map(|it| &it.event).eq(walk(seq)), "{seq}");
        let first = found.last().expect("never empty");
        assert_eq!(first.event.cause, None);
    }
    // The look-up of one that isn't retained finds nothing, and that is all.
    assert_eq!(playhead.event(0), None);
    let retained = playhead.events().next().expect("there are some");
    let cause = retained.event.cause.map(|seq| playhead.event(seq));
    assert_eq!(cause, Some(None));
    assert!(
        playhead
            .why(retained.event.seq)
            .is_some_and(|it| it.len() > 1)
    );
    assert!(history.why(MAIN, last + 1).is_none());
    assert!(history.why(BranchId(9), 0).is_none());
}

#[test]
fn a_history_says_what_it_is_of() {
    let history = History::new(rough(7), SEED).expect("it can be");
    assert_eq!((history.settings(), history.seed()), (rough(7), SEED));
    let settings = Settings {
        nodes: 0,
        ..Settings::default()
    };
    let error = History::new(settings, SEED).expect_err("nobody");
    assert_eq!(error.field, "nodes");
}

#[test]
fn a_window_that_begins_amid_an_election_knows_who_voted() {
    let mut amid = 0;
    for crash in 9_600..9_900 {
        let mut playhead = Playhead::new(Settings::default(), SEED).expect("it can be");
        playhead.advance(ms(crash), || true);
        let node = playhead.simulation().leader().expect("elected");
        playhead.act(Action::Crash { node }).expect("it runs");
        playhead.advance(ms(11_000), || true);
        let checkpoint = playhead.checkpoints().nth(1).expect("after ten seconds");
        let won = |it: &Rc<RetainedEvent>| match it.event.kind {
            EventKind::Traced { trace, .. } => matches!(trace, Trace::BecameLeader { .. }),
            _ => false,
        };
        let Some(election) = playhead.events().rev().find(won) else {
            continue;
        };
        let at = election.event.at;
        if !(checkpoint < at && at.since(checkpoint) < Span::millis(5)) {
            continue;
        }
        let window = playhead.history().window(MAIN, at..=at, Weight::Mark);
        let window = window.expect("it fits").events;
        assert_eq!(window.iter().find(|it| won(it)), Some(&election), "{crash}");
        assert!(election.holders.len() >= 3);
        amid += 1;
    }
    assert!(amid > 0);
}
