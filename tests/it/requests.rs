//! Whom clients ask, and what they know of an operation that they give up.

use crate::run::{Run, ids};
use crate::support::{self, request};
use kvorum::base::{NodeId, Ratio, Span};
use kvorum::sim::settings::ClientSettings;
use kvorum::sim::{Action, Doubt, EventKind, Failed, Host, LinkSettings, Settings};

fn append(value: &str, to: NodeId, attempts: u32) -> Action {
    request(support::append("tape", value), Some(to), attempts)
}

fn unknown(why: Doubt) -> Failed {
    Failed::Indefinite { why }
}

/// What the servers that run hold, each.
fn tapes(run: &Run) -> Vec<Option<String>> {
    let hosts = run.simulation.hosts().iter();
    let up = hosts.filter(|host| host.raft().is_some());
    up.map(|host| host.store().get("tape").map(|value| value.to_string()))
        .collect()
}

/// Nobody else asks anything.
fn quiet(nodes: u32, seed: u64) -> Run {
    let settings = Settings {
        nodes,
        ..Settings::default()
    };
    Run::of(settings, seed)
}

fn others(run: &Run) -> Vec<NodeId> {
    let leader = run.leader();
    let all = run.simulation.hosts().iter().map(Host::id);
    all.filter(|&id| id != leader).collect()
}

/// Whom the clients asked, in turn.
fn asked(run: &Run) -> Vec<NodeId> {
    let asked = |kind: &EventKind| match kind {
        EventKind::Asked { node, .. } => Some(*node),
        _ => None,
    };
    run.events.iter().filter_map(|it| asked(&it.kind)).collect()
}

/// S1 and the learner S2 are cut off: S2 names S1, and S1 has heard of nobody since.
#[test]
fn servers_that_cannot_help_do_not_keep_a_client_to_themselves() {
    let mut run = Run::recorded("client-to-and-fro");
    let before = run.happened(|kind| matches!(kind, EventKind::Returned { .. }));
    run.pass(3_000);
    let answered = run.happened(|kind| matches!(kind, EventKind::Returned { .. }));
    assert_eq!((before, answered), (1, 2));
    // The first one asked S1. The second one asked nobody twice.
    let mut asked = asked(&run)[1..].to_vec();
    assert!(asked.starts_with(&ids(&[1, 2])), "{asked:?}");
    let tries = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), tries);
    assert_eq!(
        run.happened(|kind| matches!(kind, EventKind::GaveUp { .. })),
        0
    );
}

/// While nobody leads, every server has its turn before one has a second.
#[test]
fn servers_are_asked_in_turn() {
    let mut run = quiet(5, 4);
    let [a, b] = [others(&run)[0], others(&run)[1]];
    let groups = vec![vec![a, b], vec![run.leader()]];
    run.act(Action::partition(groups));
    run.act(append("x", a, 1_000));
    run.pass(20_000);
    let asked = asked(&run);
    assert!(asked.len() > 20, "{asked:?}");
    for round in asked.chunks_exact(5) {
        let mut round = round.to_vec();
        round.sort();
        assert_eq!(round, ids(&[1, 2, 3, 4, 5]), "{asked:?}");
    }
}

#[test]
fn what_every_server_refused_did_not_happen() {
    let mut run = quiet(3, 1);
    let asked = others(&run)[0];
    run.act(append("x", asked, 1));
    run.pass(2_000);
    assert_eq!(run.failed(), [Failed::Definite]);
    let leader = run.leader();
    run.act(append("y", leader, 1));
    run.pass(2_000);
    assert_eq!(tapes(&run), vec![Some("y".to_owned()); 3]);
}

/// It may wait there for ever, and run at last.
#[test]
fn of_a_request_at_a_paused_leader_nobody_knows() {
    let mut run = quiet(3, 1);
    let node = run.leader();
    run.act(Action::Pause { node });
    run.act(append("x", node, 1));
    run.pass(50);
    while run.failed().is_empty() {
        run.pass(1);
    }
    assert_eq!(run.failed(), [unknown(Doubt::Unanswered)]);
    run.act(Action::Resume { node });
    run.pass(3_000);
    let nowhere = vec![None; 3];
    let everywhere = vec![Some("x".to_owned()); 3];
    assert!([nowhere, everywhere].contains(&tapes(&run)));
}

#[test]
fn of_a_request_that_was_lost_nobody_knows() {
    let mut run = quiet(3, 1);
    let link = LinkSettings {
        loss: Ratio::ONE,
        ..LinkSettings::default()
    };
    run.act(Action::SetClientNetwork { link });
    let leader = run.leader();
    run.act(append("x", leader, 2));
    run.pass(5_000);
    assert_eq!(run.failed(), [unknown(Doubt::Unanswered)]);
    assert_eq!(tapes(&run), vec![None; 3]);
}

/// The leader hears nobody, and leaves office; the others hold what it had appended. Its answer
/// is no refusal: the next leader commits it.
#[test]
fn a_leader_that_leaves_office_does_not_refuse_what_it_appended() {
    for seed in 0..10 {
        let mut run = quiet(3, seed);
        let leader = run.leader();
        for from in others(&run) {
            run.act(Action::cut(from, leader));
        }
        run.act(append("x", leader, 1));
        run.pass(3_000);
        let told = run.failed();
        assert_eq!(told, [unknown(Doubt::LeadershipLost)], "seed {seed}");
        let appended =
            |kind: &EventKind| matches!(kind, EventKind::Redirected { appended: true, .. });
        assert_eq!(run.happened(appended), 1);
        let others = others(&run);
        let holds = |node: &NodeId| {
            let host = run.simulation.host(*node).expect("it is there");
            host.store().get("tape").is_some()
        };
        assert!(others.iter().any(holds), "seed {seed}: it takes effect");
    }
}

/// One of the two was refused. The other one may come to a server that leads by then.
#[test]
fn of_a_request_that_the_network_may_copy_nobody_knows() {
    let mut run = quiet(3, 1);
    let link = LinkSettings {
        duplicate: Ratio::ONE,
        ..LinkSettings::default()
    };
    run.act(Action::SetClientNetwork { link });
    let asked = others(&run)[0];
    run.act(append("x", asked, 1));
    run.pass(2_000);
    assert_eq!(run.failed(), [unknown(Doubt::MaybeCopied)]);
}

/// The only try is the one that its session's end keeps from running. With an earlier one that
/// nobody answered, nobody knows.
#[test]
fn an_expired_session_keeps_the_try_that_was_answered_from_running() {
    for earlier in [false, true] {
        let settings = Settings {
            nodes: 3,
            clients: ClientSettings {
                session_timeout: Span::secs(4),
                ..ClientSettings::default()
            },
            ..Settings::default()
        };
        let mut run = Run::of(settings, 1);
        let node = run.leader();
        run.act(append("a", node, 1));
        run.pass(500);
        if earlier {
            let link = LinkSettings {
                loss: Ratio::ONE,
                ..LinkSettings::default()
            };
            run.act(Action::SetClientNetwork { link });
        }
        run.act(append("b", node, 10));
        run.pass(5);
        let link = LinkSettings::default();
        run.act(Action::SetClientNetwork { link });
        let by = 10_000_000;
        run.act(Action::JumpClock { node, by });
        run.pass(3_000);
        let told = match earlier {
            false => Failed::Definite,
            true => unknown(Doubt::SessionExpired),
        };
        assert_eq!(run.failed(), [told]);
        let held = tapes(&run);
        assert!(
            held.iter().all(|tape| tape.as_deref() == Some("a")),
            "{held:?}"
        );
    }
}

/// A server that was paused refuses the first try after the client has turned to another one.
#[test]
fn a_late_refusal_is_a_refusal() {
    for resumes in [false, true] {
        let mut run = quiet(5, 2);
        let leader = run.leader();
        // The next one in turn doesn't lead either.
        let node = NodeId(leader.0 % 5 + 1);
        run.act(Action::Pause { node });
        run.act(append("x", node, 2));
        let timed_out = |kind: &EventKind| matches!(kind, EventKind::TimedOut { .. });
        while run.happened(timed_out) == 0 {
            run.pass(1);
        }
        if resumes {
            run.act(Action::Resume { node });
        }
        run.pass(2_000);
        let told = match resumes {
            true => Failed::Definite,
            false => unknown(Doubt::Unanswered),
        };
        assert_eq!(run.failed(), [told]);
    }
}
