//! Whatever settings and actions ask for, a run holds no more than it may: it stops, and says why.

use crate::run::{ids, says_why};
use crate::runs::put;
use kvorum::base::{NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::ReadLevel;
use kvorum::run::recording::MAX_ACTIONS;
use kvorum::run::{Playhead, Recording};
use kvorum::sim::{
    Action, EventKind, Limit, Limits, LinkSettings, Settings, Simulation, Step, Stop,
};
use kvorum::view::build;

const HOUR: Span = Span::secs(3_600);

/// A link on which everything takes an hour.
const SLOW: LinkSettings = LinkSettings {
    latency_min: HOUR,
    latency_max: HOUR,
    loss: Ratio::ZERO,
    duplicate: Ratio::ZERO,
    reorder: true,
};

/// Runs on for a virtual minute; the limit that stopped it before.
fn stop_of(simulation: &mut Simulation) -> Option<Stop> {
    let until = simulation.now() + Span::secs(60);
    simulation.run_until(until);
    simulation.stopped().copied()
}

/// Settings that fill a memory, with the limit that they reach.
fn floods() -> Vec<(Settings, Limit)> {
    let usual = Settings::default;
    let limits = Limits {
        packets: 5_000,
        requests: 5_000,
        bytes: 1 << 20,
        entries: 1_000,
        timers: 5_000,
    };
    let mut all = Vec::new();
    let mut flood = |limit, make: fn(&mut Settings)| {
        let mut settings = Settings { limits, ..usual() };
        make(&mut settings);
        all.push((settings, limit));
    };
    flood(Limit::Packets, |it| {
        it.timing.heartbeat = Span::millis(1);
        (it.link, it.nodes) = (SLOW, 25);
        it.link.latency_min = Span::ZERO;
    });
    flood(Limit::Packets, |it| {
        it.timing.election_timeout_min = Span::millis(60);
        it.timing.election_timeout_max = Span::millis(90);
        (it.link, it.nodes) = (SLOW, 25);
        it.link.duplicate = Ratio::ONE;
    });
    // Answers wait for an fsync.
    flood(Limit::Packets, |it| {
        it.timing.heartbeat = Span::millis(1);
        it.nodes = 25;
        it.chaos.disk = Ratio::ONE;
        it.disk.fsync_max = Span::secs(300);
    });
    flood(Limit::Requests, |it| {
        (it.client_link, it.load) = (SLOW, 10_000);
        it.clients.timeout = Span::millis(1);
        it.clients.backoff_max = it.clients.backoff_min;
        it.limits.timers *= 10;
    });
    flood(Limit::Bytes, |it| {
        it.limits.bytes = 5_000;
        (it.load, it.snapshot_every) = (1_000, 100);
    });
    flood(Limit::Entries, |it| {
        (it.load, it.snapshot_every) = (1_000, 0);
    });
    flood(Limit::Timers, |it| {
        (it.load, it.clients.timeout) = (1_000, HOUR);
        it.snapshot_every = 100;
    });
    all
}

#[test]
fn every_flood_ends_at_its_limit_and_nothing_grows_beyond() {
    for (settings, limit) in floods() {
        let mut simulation = Simulation::new(settings.clone(), 7).unwrap();
        simulation.keep_events(true);
        let stop = stop_of(&mut simulation).unwrap_or_else(|| panic!("{limit:?}: {settings:?}"));
        assert_eq!(stop.limit, limit, "{stop:?}");
        assert_eq!(stop.at, simulation.now());
        let allowed = u64::from(stop.allowed);
        assert!(stop.found > allowed && stop.found < 2 * allowed, "{stop:?}");
        for limit in Limit::ALL {
            let allowed = u64::from(limit.of(&settings.limits));
            assert!(simulation.held(limit) < 2 * allowed, "{limit:?}");
        }
        let mut events = Vec::new();
        simulation.take_events(&mut events);
        let last = events.last().map(|event| event.kind.clone());
        assert_eq!(last, Some(EventKind::Stopped(stop)));
    }
}

#[test]
fn a_stop_is_an_end_everywhere_alike_and_the_past_can_be_visited() {
    let (settings, _) = floods().remove(0);
    let mut simulation = Simulation::new(settings.clone(), 7).unwrap();
    let stop = stop_of(&mut simulation).expect("it is a flood");
    assert_eq!(simulation.step(), Step::Stopped);
    let refused = simulation.apply(Action::Heal).unwrap_err();
    assert_eq!(
        says_why(&refused),
        "action: the run was stopped by limits.packets"
    );
    let end = simulation.now();
    simulation.wait_until(end + HOUR);
    assert_eq!(simulation.now(), end);

    let mut playhead = Playhead::new(settings.clone(), 7).unwrap();
    playhead.advance(Time::ZERO + HOUR, || true);
    assert!(playhead.is_stopped() && playhead.now() == end);
    assert_eq!(playhead.simulation().hash(), simulation.hash());
    assert_eq!(playhead.simulation().stopped(), Some(&stop));
    let view = build(playhead.simulation(), None);
    assert_eq!(view.stopped, Some(stop));
    let told = serde_json::to_value(&view).expect("a view can be written");
    let told = &told["stopped"];
    assert_eq!(told["limit"], "limits.packets");
    assert_eq!(told["at"], stop.at.0);
    let what = told["what"].as_str().expect("a sentence");
    assert!(
        what.contains("5,000") && what.contains("limits.packets"),
        "{what}"
    );
    let recording = Recording::of(&playhead, None);

    // Before the end the clock goes, and another way leads on.
    let before = Time(end.0 / 2);
    playhead.seek(before);
    assert!(!playhead.is_stopped() && playhead.now() == before);
    assert_eq!(build(playhead.simulation(), None).stopped, None);
    // What is on its way for an hour holds nothing up.
    let link = LinkSettings {
        reorder: true,
        ..LinkSettings::default()
    };
    playhead.act(Action::SetNetwork { link }).unwrap();
    playhead.advance(before + Span::secs(10), || true);
    assert!(
        !playhead.is_stopped(),
        "{:?}",
        playhead.simulation().stopped()
    );

    let mut again = recording.start().unwrap();
    again.advance(recording.playhead + HOUR, || true);
    assert_eq!(again.now(), end);
    assert_eq!(recording.confirm(again.simulation()), Ok(()));

    // With more allowed it goes on: the limit is part of the run.
    let mut more = settings;
    more.limits = Limits {
        packets: 20_000,
        ..Limits::default()
    };
    let mut simulation = Simulation::new(more, 7).unwrap();
    assert!(stop_of(&mut simulation).is_some_and(|later| later.at > stop.at));
}

#[test]
fn what_a_person_does_counts_too() {
    let mut settings = Settings::default();
    settings.limits = Limits {
        packets: 300,
        timers: 300,
        ..settings.limits
    };
    let begin = || {
        let mut simulation = Simulation::new(settings.clone(), 1).unwrap();
        while simulation.messages().next().is_none() {
            simulation.step();
        }
        let message = simulation.packets().next().map(|it| it.id).expect("one");
        (simulation, message)
    };
    // Copies of a message, and a message that is delayed again and again.
    let (mut simulation, message) = begin();
    let copies = (0..1_000).take_while(|_| simulation.apply(Action::Duplicate { message }).is_ok());
    assert!((250..=301).contains(&copies.count()));
    assert!(simulation.stopped().is_some());
    let (mut simulation, message) = begin();
    let by = Span(1);
    let delays = (0..1_000).take_while(|_| simulation.apply(Action::Delay { message, by }).is_ok());
    assert!((250..=301).contains(&delays.count()));
    assert_eq!(
        simulation.stopped().map(|stop| stop.limit),
        Some(Limit::Timers)
    );

    // The network slows down in the middle of a run.
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    simulation.run_until(Time::ZERO + Span::secs(1));
    simulation.apply(Action::SetNetwork { link: SLOW }).unwrap();
    simulation.run_until(Time::ZERO + Span::secs(3_000));
    assert!(simulation.held(Limit::Packets) <= 110_000);
}

/// Appends make a value of any length; each read remembers one.
#[test]
fn values_that_grow_are_counted_wherever_they_are_remembered() {
    let mut settings = Settings::default();
    settings.limits.bytes = 2 << 20;
    let mut simulation = Simulation::new(settings, 1).unwrap();
    simulation.run_until(Time::ZERO + Span::secs(1));
    let key = || "k".into();
    let append = |bytes: usize| Operation::Append {
        key: key(),
        value: "x".repeat(bytes).into(),
    };
    let level = ReadLevel::Linearizable;
    let get = || Operation::Get { key: key(), level };
    let mut done = 0;
    for operation in [append(50_000)]
        .into_iter()
        .chain((0..200).flat_map(|_| [append(1), get()]))
    {
        let (to, attempts) = (None, 0);
        let request = Action::Request {
            operation,
            to,
            attempts,
        };
        if simulation.apply(request).is_err() {
            break;
        }
        done += 1;
        let until = simulation.now() + Span::millis(200);
        simulation.run_until(until);
    }
    assert_eq!(
        simulation.stopped().map(|stop| stop.limit),
        Some(Limit::Bytes),
        "{done}"
    );
    assert!(simulation.held(Limit::Bytes) < 3 << 20);
    // Five stores hold a fifth of a megabyte: the rest is what clients and checks remember.
    assert!((20..100).contains(&done), "{done}");
}

#[test]
fn bytes_are_given_back() {
    let settings = Settings {
        load: 200,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, 3).unwrap();
    simulation.run_until(Time::ZERO + Span::secs(20));
    assert!(simulation.held(Limit::Bytes) > 1_000);
    for node in ids(&[1, 2, 3, 4, 5]) {
        simulation.apply(Action::Crash { node }).unwrap();
    }
    simulation.apply(Action::SetLoad { per_second: 0 }).unwrap();
    simulation.run_until(Time::ZERO + Span::secs(60));
    // Nothing is under way, and stores are memory. What is remembered has short values.
    assert_eq!(
        simulation.held(Limit::Packets) + simulation.held(Limit::Requests),
        0
    );
    let remembered = simulation.held(Limit::Bytes);
    assert!(remembered < 200_000, "{remembered}");
}

#[test]
fn changes_and_actions_wait_in_bounded_numbers() {
    let mut simulation = Simulation::new(Settings::default(), 1).unwrap();
    let promote = Action::PromoteServer { node: NodeId(1) };
    let asked = (0..1_000).take_while(|_| simulation.apply(promote.clone()).is_ok());
    assert_eq!(asked.count(), 64);
    let refused = simulation.apply(promote).unwrap_err();
    assert_eq!(refused.field, "action");

    let mut playhead = Playhead::new(Settings::default(), 1).unwrap();
    for _ in 0..MAX_ACTIONS {
        playhead.act(Action::Heal).unwrap();
    }
    assert_eq!(playhead.act(put("k", "v")).unwrap_err().field, "action");
    assert_eq!(Recording::of(&playhead, None).check(), Ok(()));
}

/// Links of two hundred characters that once filled gigabytes.
#[cfg(feature = "cli")]
#[test]
fn links_that_are_bombs_stop() {
    let bombs = [
        ("retry-bomb", "limits.requests"),
        ("elect-bomb", "limits.packets"),
        ("hb-bomb", "limits.packets"),
    ];
    for (name, limit) in bombs {
        let path = format!("tests/cases/links/{name}.link");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kvorum"));
        let output = command.args(["replay", &path, "--json"]).output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert_eq!(told["stopped"]["limit"], limit, "{told}");
        assert!(told["ended"].as_u64() < Some(60_000_000), "{told}");
    }
}
