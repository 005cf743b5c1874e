//! The parts of the world: links, disks, machines and clients do what their settings say.

use crate::support::{self, events, request, stored};
use kvorum::base::{Address, NodeId, Ratio, Span, Time};
use kvorum::kv::{Operation, Outcome};
use kvorum::raft::{Body, Candidacy, Message};
use kvorum::sim::{
    Action, Event, EventKind, LinkSettings, Loss, PacketKind, Power, Settings, Simulation,
};
use std::collections::BTreeMap;

const S1: NodeId = NodeId(1);
const S2: NodeId = NodeId(2);
const S3: NodeId = NodeId(3);

fn millis(ms: u64) -> Time {
    Time::from_millis(ms)
}

/// A run whose events are kept, in which S1 leads.
fn led_by_s1(settings: Settings) -> Simulation {
    let mut simulation = Simulation::new(settings, 5).unwrap();
    simulation.keep_events(true);
    simulation.run_until(millis(50));
    simulation.apply(Action::time_out(S1)).unwrap();
    simulation.run_until(millis(300));
    assert_eq!(simulation.leader(), Some(S1));
    simulation
}

fn put(key: &str, value: &str) -> Action {
    request(support::put(key, value), Some(S1), 1)
}

/// When each message of a link left, and how long it took.
type Trips = Vec<(Time, Option<Span>)>;

/// The messages of each link, in the order in which they left.
fn trips(events: &[Event]) -> BTreeMap<(Address, Address), Trips> {
    let mut links: BTreeMap<_, Trips> = BTreeMap::new();
    let mut delivered = BTreeMap::new();
    for event in events {
        if let EventKind::Delivered { message, .. } = event.kind {
            delivered.insert(message, event.at);
        }
    }
    for event in events {
        if let EventKind::Sent {
            message, from, to, ..
        } = event.kind
        {
            let took = delivered.get(&message).map(|at| at.since(event.at));
            links.entry((from, to)).or_default().push((event.at, took));
        }
    }
    links
}

#[test]
fn a_message_more_on_one_link_shifts_no_other() {
    let mut plain = led_by_s1(Settings::default());
    let mut other = plain.clone();
    // S3 answers this old request at once: one message more from S3 to S2, and nothing else.
    other.forge(Message {
        from: S2.into(),
        to: S3.into(),
        term: 0,
        body: Body::RequestVote(Candidacy::default()),
    });
    plain.run_until(millis(3_000));
    other.run_until(millis(3_000));
    let (plain, other) = (trips(&events(&mut plain)), trips(&events(&mut other)));
    let asked = (S3.into(), S2.into());
    let silent = |link: &(Address, Address)| plain.get(link).map_or(0, Vec::len);
    assert_eq!(other[&asked].len(), silent(&asked) + 1);
    assert!(plain.values().map(Vec::len).sum::<usize>() > 400);
    for (link, trips) in &plain {
        if *link != asked {
            assert_eq!(Some(trips), other.get(link), "{link:?}");
        }
    }
}

/// Whether any message overtook an earlier one of its link.
fn overtaken(reorder: bool) -> bool {
    let link = LinkSettings {
        latency_min: Span::millis(1),
        latency_max: Span::millis(80),
        reorder,
        ..LinkSettings::default()
    };
    let settings = Settings {
        link,
        load: 100,
        ..Settings::default()
    };
    let mut simulation = led_by_s1(settings);
    simulation.run_until(millis(5_000));
    let mut newest = BTreeMap::new();
    let mut delivered = 0;
    let found = events(&mut simulation).iter().any(|event| {
        let EventKind::Delivered {
            message, from, to, ..
        } = event.kind
        else {
            return false;
        };
        delivered += 1;
        newest
            .insert((from, to), message)
            .is_some_and(|before| before > message)
    });
    assert!(delivered > 10);
    found
}

#[test]
fn messages_overtake_each_other_only_where_the_link_reorders() {
    assert!(overtaken(true));
    assert!(!overtaken(false));
}

#[test]
fn loss_and_duplication_come_in_the_share_that_was_set() {
    let link = LinkSettings {
        loss: Ratio::percent(10),
        duplicate: Ratio::percent(20),
        ..LinkSettings::default()
    };
    let mut simulation = led_by_s1(Settings {
        link,
        ..Settings::default()
    });
    simulation.run_until(millis(60_000));
    let events = events(&mut simulation);
    let count =
        |wanted: fn(&EventKind) -> bool| events.iter().filter(|event| wanted(&event.kind)).count();
    let sent = count(|kind| matches!(kind, EventKind::Sent { .. }));
    let lost = count(|kind| {
        matches!(
            kind,
            EventKind::Lost {
                why: Loss::Random,
                ..
            }
        )
    });
    let doubled = count(|kind| matches!(kind, EventKind::Duplicated { .. }));
    assert!(
        (sent * 8 / 100..sent * 12 / 100).contains(&lost),
        "{lost} of {sent}"
    );
    // A message that is lost is not doubled: 20 % of 90 %.
    assert!(
        (sent * 15 / 100..sent * 21 / 100).contains(&doubled),
        "{doubled} of {sent}"
    );
}

#[test]
fn a_cut_stops_one_direction_of_one_link() {
    let mut simulation = led_by_s1(Settings::default());
    simulation.apply(Action::cut(S1, S2)).unwrap();
    // What had passed the middle of the link still arrives.
    simulation.run_until(millis(310));
    events(&mut simulation);
    simulation.run_until(millis(2_000));
    let arrived = |events: &[Event], wanted| {
        events.iter().any(|event| match event.kind {
            EventKind::Delivered { from, to, .. } => (from, to) == wanted,
            _ => false,
        })
    };
    let during = events(&mut simulation);
    assert!(!arrived(&during, (S1.into(), S2.into())));
    assert!(arrived(&during, (S2.into(), S1.into())) && arrived(&during, (S1.into(), S3.into())));
    simulation.apply(Action::restore(S1, S2)).unwrap();
    simulation.run_until(millis(4_000));
    let links = trips(&events(&mut simulation));
    assert!(links.keys().any(|&(_, to)| to == S2.into()));
}

fn is_append(kind: PacketKind) -> bool {
    kind.inner_name() == "append_entries"
}

#[test]
fn a_partition_loses_what_has_yet_to_reach_the_wall() {
    let mut simulation = led_by_s1(Settings::default());
    simulation.apply(put("x", "1")).unwrap();
    let all = |simulation: &Simulation| {
        simulation
            .packets()
            .filter(|it| is_append(it.kind()))
            .count()
    };
    while all(&simulation) < 4 {
        assert!(simulation.step().went());
    }
    let groups = vec![vec![S1, S2], vec![S3]];
    simulation.apply(Action::partition(groups)).unwrap();
    assert_eq!(simulation.network().partition().unwrap().groups.len(), 4);
    events(&mut simulation);
    simulation.run_until(simulation.now() + Span::millis(30));
    let events = events(&mut simulation);
    let appends = events.iter().filter_map(|event| match event.kind {
        EventKind::Delivered { to, kind, .. } if is_append(kind) => Some((to, None)),
        EventKind::Lost { to, kind, why, .. } if is_append(kind) => Some((to, Some(why))),
        _ => None,
    });
    let fates: BTreeMap<_, _> = appends.collect();
    assert_eq!(fates[&S2.into()], None);
    for node in 3..=5 {
        assert_eq!(fates[&NodeId(node).into()], Some(Loss::Partition));
    }
    simulation.apply(Action::Heal).unwrap();
    simulation.run_until(millis(3_000));
    assert!(
        simulation
            .hosts()
            .iter()
            .all(|host| host.store().get("x").is_some())
    );
}

#[test]
fn a_single_message_can_be_dropped_delayed_doubled_and_hurried() {
    let mut simulation = led_by_s1(Settings::default());
    while simulation.messages().count() < 4 {
        assert!(simulation.step().went());
    }
    let ids: Vec<_> = simulation.packets().map(|flight| flight.id).collect();
    let due = |simulation: &Simulation, id| {
        simulation
            .packets()
            .find(|flight| flight.id == id)
            .map(|flight| flight.due)
    };
    let was_due = due(&simulation, ids[1]).unwrap();
    let by = Span::millis(500);
    simulation.apply(Action::Drop { message: ids[0] }).unwrap();
    simulation
        .apply(Action::Delay {
            message: ids[1],
            by,
        })
        .unwrap();
    simulation
        .apply(Action::Duplicate { message: ids[2] })
        .unwrap();
    simulation
        .apply(Action::DeliverNow { message: ids[3] })
        .unwrap();
    assert_eq!(due(&simulation, ids[1]), Some(was_due + by));
    assert_eq!(
        simulation
            .apply(Action::Drop { message: ids[0] })
            .unwrap_err()
            .field,
        "message"
    );
    let now = simulation.now();
    simulation.run_until(millis(2_000));
    let events = events(&mut simulation);
    let delivered = |id| {
        let found = |event: &&Event| matches!(event.kind, EventKind::Delivered { message, .. } if message == id);
        events.iter().find(found).map(|event| event.at)
    };
    assert_eq!(delivered(ids[0]), None);
    assert_eq!(delivered(ids[1]), Some(was_due + by));
    assert_eq!(delivered(ids[3]), Some(now));
    let copy = events.iter().find_map(|event| match event.kind {
        EventKind::Duplicated { message, copy } if message == ids[2] => Some(copy),
        _ => None,
    });
    assert_eq!(delivered(copy.unwrap()), delivered(ids[2]));
}

#[test]
fn a_crash_loses_what_was_not_synced_and_nothing_else() {
    let mut simulation = led_by_s1(Settings::default());
    simulation.apply(put("x", "1")).unwrap();
    simulation.run_until(millis(500));
    let slow = Span::secs(2);
    let (fsync_min, fsync_max) = (slow, slow);
    simulation
        .apply(Action::SetDisk {
            node: S1,
            fsync_min,
            fsync_max,
        })
        .unwrap();
    simulation.apply(put("x", "2")).unwrap();
    simulation.run_until(millis(520));
    let host = simulation.host(S1).unwrap();
    let (durable, written) = (host.volume().log().last(), host.raft().unwrap().last());
    assert_eq!(written.index, durable.index + 1);
    simulation.apply(Action::Crash { node: S1 }).unwrap();
    events(&mut simulation);
    assert_eq!(simulation.host(S1).unwrap().power(), Power::Crashed);
    assert!(simulation.host(S1).unwrap().store().is_empty());
    // The fsync that was running never completes.
    simulation.run_until(millis(2_600));
    simulation.apply(Action::Restart { node: S1 }).unwrap();
    let restarted = events(&mut simulation)
        .into_iter()
        .find_map(|event| match event.kind {
            EventKind::Restarted { last, .. } => Some(last),
            _ => None,
        });
    assert_eq!(restarted, Some(durable));
    simulation.run_until(millis(8_000));
    assert_eq!(stored(&simulation, S1, "x").as_deref(), Some("2"));
}

#[test]
fn writes_that_wait_for_an_fsync_share_the_next_one() {
    let mut simulation = led_by_s1(Settings::default());
    let (fsync_min, fsync_max) = (Span::millis(200), Span::millis(200));
    simulation
        .apply(Action::SetDisk {
            node: S1,
            fsync_min,
            fsync_max,
        })
        .unwrap();
    events(&mut simulation);
    for value in 0..10 {
        simulation.apply(put("x", &value.to_string())).unwrap();
        simulation.run_until(simulation.now() + Span::millis(2));
    }
    simulation.run_until(millis(1_500));
    let synced = |event: &&Event| matches!(event.kind, EventKind::Synced { node: S1, .. });
    assert_eq!(events(&mut simulation).iter().filter(synced).count(), 2);
    assert_eq!(stored(&simulation, S1, "x").as_deref(), Some("9"));
}

#[test]
fn a_paused_server_answers_when_it_goes_on() {
    let mut simulation = led_by_s1(Settings::default());
    simulation.apply(Action::Pause { node: S2 }).unwrap();
    simulation.apply(put("x", "1")).unwrap();
    simulation.run_until(millis(3_000));
    let waiting = simulation.host(S2).unwrap().waiting() as u32;
    assert!(waiting > 20);
    assert!(simulation.host(S2).unwrap().store().is_empty());
    events(&mut simulation);
    simulation.apply(Action::Resume { node: S2 }).unwrap();
    let events = events(&mut simulation);
    let resumed = EventKind::Resumed { node: S2, waiting };
    assert!(events.iter().any(|event| event.kind == resumed));
    // It heard the leader before it looked at its timer: it does not campaign.
    assert_eq!(simulation.leader(), Some(S1));
    simulation.run_until(millis(4_000));
    assert_eq!(simulation.leader(), Some(S1));
    assert_eq!(simulation.host(S2).unwrap().store().len(), 1);
}

#[test]
fn what_a_paused_server_keeps_is_bounded() {
    let mut simulation = led_by_s1(Settings::default());
    simulation.apply(Action::Pause { node: S2 }).unwrap();
    simulation.run_until(millis(120_000));
    assert_eq!(
        simulation.host(S2).unwrap().waiting(),
        kvorum::sim::host::MAX_WAITING
    );
    let overflow = |event: &Event| {
        matches!(
            event.kind,
            EventKind::Lost {
                why: Loss::Overflow,
                ..
            }
        )
    };
    assert!(events(&mut simulation).iter().any(overflow));
    simulation.apply(Action::Resume { node: S2 }).unwrap();
    simulation.run_until(millis(125_000));
    assert_eq!(simulation.violation(), None);
}

#[test]
fn a_retried_append_runs_once() {
    let lossy = LinkSettings {
        loss: Ratio::percent(40),
        duplicate: Ratio::percent(20),
        ..LinkSettings::default()
    };
    let mut simulation = led_by_s1(Settings {
        client_link: lossy,
        ..Settings::default()
    });
    let mut expected = String::new();
    let mut tries = 0;
    for number in 0..20 {
        let value = format!("{number},");
        expected.push_str(&value);
        let operation = Operation::Append {
            key: "tape".into(),
            value: value.into(),
        };
        let attempts = 100;
        simulation
            .apply(Action::Request {
                operation,
                to: None,
                attempts,
            })
            .unwrap();
        while simulation.clients().any(|client| !client.is_idle()) {
            assert!(simulation.step().went());
        }
        let client = simulation.clients().next().unwrap();
        let last = client.operations().next_back().unwrap();
        assert_eq!(last.outcome, Some(Outcome::Done));
        tries += last.attempts;
    }
    assert!(tries > 30, "{tries} tries: nothing was lost");
    assert_eq!(simulation.clients().len(), 1);
    let tape = |node| simulation.host(node).unwrap().store().get("tape").cloned();
    assert_eq!(tape(S1).as_deref(), Some(&*expected));
}

#[test]
fn a_client_is_redirected_or_gives_up() {
    let mut simulation = led_by_s1(Settings::default());
    let ask = |to, attempts| Action::Request {
        operation: Operation::Delete { key: "x".into() },
        to: Some(to),
        attempts,
    };
    simulation.apply(ask(S3, 2)).unwrap();
    simulation.run_until(millis(600));
    let told = events(&mut simulation);
    let redirected = |event: &Event| {
        matches!(
            event.kind,
            EventKind::Redirected {
                node: S3,
                hint: Some(S1),
                ..
            }
        )
    };
    let answered = |event: &Event| matches!(event.kind, EventKind::Returned { node: S1, .. });
    assert!(told.iter().any(redirected) && told.iter().any(answered));

    simulation.apply(Action::Crash { node: S3 }).unwrap();
    simulation.apply(ask(S3, 1)).unwrap();
    simulation.run_until(millis(2_000));
    let told = events(&mut simulation);
    let timed_out = |event: &Event| matches!(event.kind, EventKind::TimedOut { node: S3, .. });
    let gave_up = |event: &Event| matches!(event.kind, EventKind::GaveUp { .. });
    assert!(told.iter().any(timed_out) && told.iter().any(gave_up));
}
