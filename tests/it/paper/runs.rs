//! Sentences about whole runs: applying, clients, and how timing bears on availability.

use super::*;
use crate::runs::put;
use crate::support::{act, events, first_answer};
use kvorum::base::NodeId;
use kvorum::kv::Outcome;
use kvorum::sim::{Action, Event, EventKind, LinkSettings, Settings, Simulation};

fn run(settings: Settings, seed: u64) -> Simulation {
    let mut simulation = Simulation::new(settings, seed).expect("the settings can be");
    simulation.keep_events(true);
    simulation
}

fn wait(simulation: &mut Simulation, ms: u64) {
    simulation.run_until(simulation.now() + Span::millis(ms));
    assert_eq!(simulation.violation(), None);
}

fn latency(ms: u64) -> LinkSettings {
    LinkSettings {
        latency_min: Span::millis(ms),
        latency_max: Span::millis(ms),
        ..LinkSettings::default()
    }
}

/// After the crash of a leader of five: how many terms the next one took, and how long.
fn failover(width: u64, seed: u64) -> (Term, Span) {
    let timing = Timing {
        election_timeout_max: Span::millis(150 + width),
        ..Timing::default()
    };
    let settings = Settings {
        timing,
        rules: Rules::FIGURE_2,
        link: latency(10),
        ..Settings::default()
    };
    let mut simulation = run(settings, seed);
    act(&mut simulation, Action::time_out(S1));
    wait(&mut simulation, 1_000);
    assert_eq!(simulation.leader(), Some(S1));
    let term = |simulation: &Simulation, id| {
        let raft = simulation.host(id).and_then(|host| host.raft());
        raft.expect("it is up").current_term()
    };
    let (before, crash) = (term(&simulation, S1), simulation.now());
    act(&mut simulation, Action::Crash { node: S1 });
    while simulation.leader().is_none() {
        assert!(simulation.step().went());
        if simulation.now().since(crash) > Span::secs(30) {
            return (Term::MAX, Span::secs(30));
        }
    }
    let leader: NodeId = simulation.leader().expect("there is one");
    let terms = term(&simulation, leader) - before;
    (terms, simulation.now().since(crash))
}

paper! {
    "figure 2, all servers" "A server applies what is committed, each entry once and in the order of the log."
    entries_are_applied_in_order {
        let link = LinkSettings { reorder: true, duplicate: kvorum::base::Ratio::percent(20), ..LinkSettings::default() };
        let mut simulation = run(Settings { link, load: 200, ..Settings::default() }, 1);
        wait(&mut simulation, 3_000);
        let mut applied = vec![Vec::new(); 5];
        for event in events(&mut simulation) {
            if let EventKind::Applied { node, id, .. } = event.kind {
                applied[node.0 as usize - 1].push(id);
            }
        }
        for log in &applied {
            assert!(log.len() > 300 && log.iter().map(|id| id.index).eq(1..=log.len() as Index));
            let shared = log.len().min(applied[0].len());
            assert_eq!(log[..shared], applied[0][..shared]);
        }
    }

    "figure 2, leaders" "A client is answered once the leader has applied its command, not before."
    a_client_is_answered_when_its_command_was_applied {
        let mut simulation = run(Settings { nodes: 3, ..Settings::default() }, 1);
        act(&mut simulation, Action::time_out(S1));
        wait(&mut simulation, 200);
        for node in [S2, S3] {
            act(&mut simulation, Action::Pause { node });
        }
        act(&mut simulation, put("x", "1"));
        wait(&mut simulation, 200);
        let returned = |event: &Event| matches!(event.kind, EventKind::Returned { .. });
        assert!(!events(&mut simulation).iter().any(returned));
        act(&mut simulation, Action::Resume { node: S2 });
        wait(&mut simulation, 200);
        let told = events(&mut simulation);
        let applied = |event: &Event| matches!(event.kind, EventKind::Applied { node: S1, .. });
        let place = |of: &dyn Fn(&Event) -> bool| told.iter().position(of).expect("it happened");
        assert!(place(&applied) < place(&returned));
    }

    "5.6" "Where messages take longer than election timeouts nobody comes to lead, and nothing breaks; when they don't any more, work goes on."
    slow_messages_cost_availability_and_no_more {
        for (rules, seed) in [(Rules::FIGURE_2, 1), (Rules::ALL, 2)] {
            let mut simulation = run(Settings { link: latency(400), rules, ..Settings::default() }, seed);
            act(&mut simulation, put("x", "1"));
            wait(&mut simulation, 10_000);
            let won = |event: &Event| matches!(event.kind, EventKind::Traced { trace: Trace::BecameLeader { .. }, .. });
            assert!(!events(&mut simulation).iter().any(won));
            assert_eq!(first_answer(&simulation), None);
            act(&mut simulation, Action::SetNetwork { link: latency(5) });
            wait(&mut simulation, 3_000);
            act(&mut simulation, put("x", "1"));
            wait(&mut simulation, 2_000);
            assert_eq!(first_answer(&simulation), Some(Outcome::Done));
        }
    }

    "diss. 9.1" "With timeouts spread widely beside the latency, a leader that fails is replaced within two of the longest."
    a_leader_is_soon_replaced {
        let slow = (0..50).filter(|&seed| failover(150, seed).1 > Span::millis(600)).count();
        assert!(slow <= 5, "{slow} of 50 took longer");
    }

    "diss. 9.2" "The wider the spread, the fewer votes are split."
    spread_timeouts_split_few_votes {
        let split = |width| (0..50).filter(|&seed| failover(width, seed).0 > 1).count();
        let (narrow, usual, wide) = (split(5), split(50), split(150));
        assert!(narrow > usual && usual > wide, "{narrow}, {usual} and {wide} of 50");
        assert!(narrow > 25 && wide < 15, "{narrow}, {usual} and {wide} of 50");
    }

    "8" "A client whose leader has crashed finds the next one, and its command isn't lost."
    a_client_finds_the_next_leader {
        for seed in 0..10 {
            let mut simulation = run(Settings::default(), seed);
            wait(&mut simulation, 1_000);
            let node = simulation.leader().expect("somebody leads");
            act(&mut simulation, put("x", "1"));
            act(&mut simulation, Action::Crash { node });
            wait(&mut simulation, 5_000);
            assert_eq!(first_answer(&simulation), Some(Outcome::Done), "seed {seed}");
            let next = simulation.leader().expect("somebody leads");
            let host = simulation.host(next).expect("it is there");
            assert_eq!(host.store().get("x").map(|value| value.to_string()), Some("1".into()));
        }
    }
}
