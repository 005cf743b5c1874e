//! Every event knows the event that led to it, and the walk back ends where something began.

use crate::determinism::get;
use crate::runs::put;
use kvorum::base::{Address, NodeId, Ratio, Time};
use kvorum::sim::{
    Action, Chaos, DiskFault, Event, EventKind, LinkSettings, Loss, MessageKind, PacketKind,
    Settings, Simulation,
};

/// An event and what led to it, newest first.
fn why(events: &[Event], seq: u64) -> Vec<&Event> {
    let next = |event: &&Event| event.cause.map(|cause| &events[cause as usize]);
    std::iter::successors(Some(&events[seq as usize]), next).collect()
}

/// Every event of a run from its start on.
fn events_of(settings: Settings, seed: u64, actions: &[(u64, Action)], until: u64) -> Vec<Event> {
    let mut simulation = Simulation::new(settings, seed).expect("it can be");
    simulation.keep_events(true);
    for (at, action) in actions {
        simulation.run_until(Time::from_millis(*at));
        simulation.apply(action.clone()).expect("it can be done");
    }
    simulation.run_until(Time::from_millis(until));
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    events
}

/// The server at which an event happens, if it happens at one.
fn server(event: &Event) -> Option<NodeId> {
    match event.kind {
        EventKind::Traced { node, .. }
        | EventKind::Synced { node, .. }
        | EventKind::Applied { node, .. }
        | EventKind::Resumed { node, .. }
        | EventKind::Delivered {
            to: Address::Node(node),
            ..
        } => Some(node),
        _ => None,
    }
}

fn is_action(event: &Event) -> bool {
    matches!(event.kind, EventKind::Acted(_) | EventKind::ChaosActed(_))
}

/// The client's operation that an event belongs to.
fn operation(event: &Event) -> Option<(u32, u64)> {
    match &event.kind {
        EventKind::Invoked {
            client, sequence, ..
        }
        | EventKind::Asked {
            client, sequence, ..
        }
        | EventKind::Redirected {
            client, sequence, ..
        }
        | EventKind::TimedOut {
            client, sequence, ..
        }
        | EventKind::SessionExpired {
            client, sequence, ..
        }
        | EventKind::Delivered {
            kind: PacketKind::Answer {
                client, sequence, ..
            },
            ..
        } => Some((client.0, *sequence)),
        _ => None,
    }
}

/// Whether `cause` can have led to `event`.
fn fits(event: &Event, cause: Option<&Event>) -> bool {
    let Some(cause) = cause else {
        return match &event.kind {
            // What takes a fault back is a consequence of it.
            EventKind::ChaosActed(action) => !matches!(
                action,
                Action::Heal
                    | Action::Restore { .. }
                    | Action::Resume { .. }
                    | Action::Restart { .. }
            ),
            EventKind::Acted(_)
            | EventKind::Invoked { .. }
            | EventKind::Traced { .. }
            | EventKind::Violated(_) => true,
            // Time to send heartbeats, or to ask again.
            EventKind::Sent { from, .. } => matches!(from, Address::Node(_)),
            _ => false,
        };
    };
    let at = |node| server(cause) == Some(node) || is_action(cause);
    match &event.kind {
        EventKind::Acted(_) => false,
        EventKind::ChaosActed(_) => matches!(cause.kind, EventKind::ChaosActed(_)),
        EventKind::Delivered { message, .. } | EventKind::Lost { message, .. } => {
            match &cause.kind {
                EventKind::Sent { message: sent, .. } => sent == message,
                EventKind::Duplicated { copy, .. } => copy == message,
                EventKind::Acted(Action::Drop { message: dropped }) => dropped == message,
                _ => false,
            }
        }
        EventKind::Duplicated { message, .. } => match &cause.kind {
            EventKind::Sent { message: sent, .. } => sent == message,
            EventKind::Acted(Action::Duplicate { message: doubled }) => doubled == message,
            _ => false,
        },
        EventKind::Sent { from, .. } => match from {
            Address::Node(node) => at(*node),
            Address::Client(_) => matches!(cause.kind, EventKind::Asked { .. }),
            Address::Operator => true,
        },
        EventKind::Synced { node, .. }
        | EventKind::Applied { node, .. }
        | EventKind::Traced { node, .. } => at(*node),
        EventKind::Invoked { .. }
        | EventKind::Paused { .. }
        | EventKind::Resumed { .. }
        | EventKind::Crashed { .. }
        | EventKind::Restarted { .. }
        | EventKind::CutOff { .. } => is_action(cause),
        EventKind::Asked { .. } => {
            operation(event) == operation(cause)
                && matches!(
                    cause.kind,
                    EventKind::Invoked { .. }
                        | EventKind::TimedOut { .. }
                        | EventKind::Redirected { .. }
                )
        }
        EventKind::TimedOut {
            client, sequence, ..
        } => {
            matches!(cause.kind, EventKind::Asked { .. })
                && operation(cause) == Some((client.0, *sequence))
        }
        EventKind::Returned {
            client, sequence, ..
        }
        | EventKind::Redirected {
            client, sequence, ..
        }
        | EventKind::SessionExpired {
            client, sequence, ..
        } => {
            matches!(cause.kind, EventKind::Delivered { .. })
                && operation(cause) == Some((client.0, *sequence))
        }
        EventKind::GaveUp {
            client, sequence, ..
        } => operation(cause) == Some((client.0, *sequence)),
        _ => true,
    }
}

#[test]
fn in_storms_every_event_has_a_cause_that_fits() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let link = LinkSettings {
            loss: Ratio::percent(2),
            duplicate: Ratio::percent(5),
            ..LinkSettings::default()
        };
        let settings = Settings {
            load: 60,
            link,
            client_link: link,
            chaos: Chaos::all(Ratio::percent(40)),
            snapshot_every: [0, 20][(seed % 2) as usize],
            ..Settings::default()
        };
        let events = events_of(settings, seed, &[], 8_000);
        assert!(events.len() > 1_000);
        for event in &events {
            kinds.insert(event.kind.name());
            let walk = why(&events, event.seq);
            let is_earlier = |two: &[&Event]| two[0].seq > two[1].seq && two[0].at >= two[1].at;
            assert!(walk.windows(2).all(is_earlier), "seed {seed}: {walk:?}");
            assert!(
                fits(event, walk.get(1).copied()),
                "seed {seed}: {event:?} is no consequence of {:?}",
                walk.get(1)
            );
        }
    }
    for name in [
        "lost",
        "duplicated",
        "crashed",
        "resumed",
        "cut_off",
        "redirected",
        "timed_out",
        "gave_up",
        "rejoined",
    ] {
        assert!(kinds.contains(name), "no storm had an event {name}");
    }
}

/// The walk back from the last answer that a client got.
fn why_returned(events: &[Event]) -> Vec<&Event> {
    let is_answer = |event: &&Event| matches!(event.kind, EventKind::Returned { .. });
    let last = events.iter().rev().find(is_answer).expect("an answer");
    why(events, last.seq)
}

/// Where in a walk a message of that kind was delivered.
fn heard(walk: &[&Event], wanted: impl Fn(MessageKind) -> bool) -> Option<usize> {
    walk.iter().position(|event| {
        matches!(event.kind, EventKind::Delivered { kind: PacketKind::Message { kind, .. }, .. } if wanted(kind))
    })
}

#[test]
fn a_read_s_answer_walks_back_to_its_request_through_the_round() {
    let actions = [(2_000, put("x", "1")), (3_000, get("x"))];
    let events = events_of(Settings::default(), 7, &actions, 4_000);
    let walk = why_returned(&events);
    let first = walk.last().expect("never empty");
    assert_eq!(first.kind, EventKind::Acted(get("x")));
    let reply = heard(&walk, |it| {
        matches!(it, MessageKind::AppendEntriesReply { .. })
    });
    let round = heard(&walk, |it| matches!(it, MessageKind::Heartbeat { .. }));
    assert!(reply.is_some() && reply < round, "{walk:#?}");
    // Nothing is written for a read.
    let synced = |event: &&Event| matches!(event.kind, EventKind::Synced { .. });
    assert!(!walk.iter().any(synced), "{walk:#?}");
}

#[test]
fn a_write_s_answer_walks_back_to_its_request_through_a_disk() {
    let events = events_of(Settings::default(), 7, &[(2_000, put("x", "1"))], 3_000);
    let walk = why_returned(&events);
    let first = walk.last().expect("never empty");
    assert_eq!(first.kind, EventKind::Acted(put("x", "1")));
    let reply = heard(&walk, |it| {
        matches!(it, MessageKind::AppendEntriesReply { .. })
    });
    let append = heard(&walk, |it| matches!(it, MessageKind::AppendEntries { .. }));
    let synced = walk
        .iter()
        .position(|it| matches!(it.kind, EventKind::Synced { .. }));
    assert!(
        reply.is_some() && reply < synced && synced < append,
        "{walk:#?}"
    );
}

#[test]
fn an_election_walks_back_to_the_timer_that_ran_out() {
    let events = events_of(Settings::default(), 7, &[], 2_000);
    let is_vote = |event: &&Event| {
        matches!(
            event.kind,
            EventKind::Sent {
                kind: PacketKind::Message {
                    kind: MessageKind::RequestVoteReply { .. },
                    ..
                },
                ..
            }
        )
    };
    let vote = events.iter().find(is_vote).expect("an election");
    let walk = why(&events, vote.seq);
    let first = walk.last().expect("never empty");
    assert!(matches!(first.kind, EventKind::Traced { .. }), "{walk:#?}");
    assert_eq!(first.cause, None);
}

#[test]
fn a_torn_write_s_crash_walks_back_to_the_fault() {
    let tear = Action::Disk {
        node: NodeId(2),
        fault: DiskFault::Tear,
    };
    let actions = [(2_000, tear.clone()), (3_000, put("x", "1"))];
    let events = events_of(Settings::default(), 7, &actions, 4_000);
    let crashed = |event: &&Event| matches!(event.kind, EventKind::Crashed { .. });
    let crash = events.iter().find(crashed).expect("a crash");
    let walk = why(&events, crash.seq);
    assert_eq!(walk.len(), 2, "{walk:#?}");
    assert_eq!(walk[1].kind, EventKind::Acted(tear));
}

#[test]
fn what_a_paused_server_hears_later_was_sent_before() {
    let mut simulation = Simulation::new(Settings::default(), 7).expect("it can be");
    simulation.keep_events(true);
    simulation.run_until(Time::from_millis(2_000));
    let node = simulation.leader().expect("elected");
    simulation.apply(Action::Pause { node }).expect("it can be");
    simulation.run_until(Time::from_millis(2_100));
    simulation
        .apply(Action::Resume { node })
        .expect("it can be");
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    let resumed = |event: &&Event| matches!(event.kind, EventKind::Resumed { .. });
    let resumed = events.iter().find(resumed).expect("it goes on");
    let find = |seq: u64| &events[seq as usize];
    let mut heard = 0;
    for event in events.iter().filter(|event| event.seq > resumed.seq) {
        assert!(fits(event, event.cause.map(find)), "{event:?}");
        heard += u32::from(matches!(event.kind, EventKind::Delivered { .. }));
    }
    assert!(heard > 0);
    // Then it looks at the clock, because it goes on.
    let last = events.last().expect("it sends heartbeats");
    assert!(matches!(last.kind, EventKind::Sent { .. }), "{last:?}");
    assert_eq!(last.cause, Some(resumed.seq));
}

#[test]
fn a_dropped_message_is_lost_because_of_the_action() {
    let mut simulation = Simulation::new(Settings::default(), 7).expect("it can be");
    simulation.keep_events(true);
    simulation.run_until(Time::from_millis(2_000));
    while simulation.packets().next().is_none() {
        simulation.step();
    }
    let message = simulation.packets().next().expect("under way").id;
    simulation
        .apply(Action::Duplicate { message })
        .expect("it can be done");
    simulation
        .apply(Action::Drop { message })
        .expect("it can be done");
    simulation.run_until(Time::from_millis(3_000));
    let mut events = Vec::new();
    simulation.take_events(&mut events);
    let lost = events
        .iter()
        .find(|event| matches!(event.kind, EventKind::Lost { .. }));
    let lost = lost.expect("it was dropped");
    assert!(matches!(
        lost.kind,
        EventKind::Lost {
            why: Loss::Dropped,
            ..
        }
    ));
    assert_eq!(
        why(&events, lost.seq)[1].kind,
        EventKind::Acted(Action::Drop { message })
    );
    let copy = events.iter().find_map(|event| match event.kind {
        EventKind::Duplicated { copy, .. } => Some((event, copy)),
        _ => None,
    });
    let (doubled, copy) = copy.expect("it was doubled");
    let acted = EventKind::Acted(Action::Duplicate { message });
    assert_eq!(why(&events, doubled.seq)[1].kind, acted);
    let is_it = |event: &&Event| matches!(event.kind, EventKind::Delivered { message, .. } if message == copy);
    let arrived = events.iter().find(is_it).expect("the copy arrives");
    assert_eq!(arrived.cause, Some(doubled.seq));
}
