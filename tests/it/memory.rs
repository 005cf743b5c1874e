//! What a timeline remembers has a budget in bytes; what has to go is said, and the run is the same.

use kvorum::base::{Span, Time};
use kvorum::kv::Operation;
use kvorum::run::{BranchId, Timeline};
use kvorum::sim::{Action, EventKind, LinkSettings, Settings};

fn timeline(settings: Settings) -> Timeline {
    Timeline::new(settings, 5).expect("settings that can be")
}

fn ms(ms: u64) -> Time {
    Time::from_millis(ms)
}

fn run(timeline: &mut Timeline, until: Time) {
    assert_eq!(timeline.advance(until, || true), until);
}

/// With tens of thousands of messages under way a checkpoint is heavy: few are kept, and any instant can
/// still be visited.
#[test]
fn checkpoints_keep_to_their_budget() {
    let mut settings = Settings {
        nodes: 25,
        ..Settings::default()
    };
    settings.timing.heartbeat = Span::millis(1);
    settings.timing.election_timeout_min = Span::secs(3);
    settings.timing.election_timeout_max = Span::secs(4);
    settings.link.reorder = true;
    let link = LinkSettings {
        latency_max: Span::secs(1),
        ..settings.link
    };
    let mut timeline = timeline(settings);
    run(&mut timeline, ms(5_000));
    timeline
        .act(Action::SetNetwork { link })
        .expect("it can be");
    run(&mut timeline, ms(12_000));
    assert!(!timeline.is_stopped());
    let kept: Vec<Time> = timeline.checkpoints().collect();
    assert!((5..=40).contains(&kept.len()), "{}", kept.len());
    assert!(timeline.checkpoint_bytes() > 48 << 20);
    assert!(timeline.checkpoint_bytes() <= 96 << 20);
    let end = timeline.simulation().hash();
    timeline.seek(ms(11_000));
    assert_eq!(timeline.now(), ms(11_000));
    timeline.seek(ms(12_000));
    assert_eq!(timeline.simulation().hash(), end);

    // A branch that was left keeps the beginning, and fewer of the others.
    timeline.seek(ms(11_000));
    timeline.act(Action::Heal).expect("it is no change");
    timeline.switch(BranchId(0));
    assert_eq!(timeline.checkpoints().next(), Some(Time::ZERO));
    assert!(timeline.checkpoint_bytes() <= 64 << 20);
    timeline.seek(ms(12_000));
    assert_eq!(timeline.simulation().hash(), end);
}

/// Each read holds another value of 300 kB: events are forgotten before that fills a memory.
#[test]
fn events_with_long_values_keep_to_their_budget() {
    let mut timeline = timeline(Settings::default());
    run(&mut timeline, ms(1_000));
    let mut now = 1_000;
    let mut act = |timeline: &mut Timeline, operation| {
        let (to, attempts) = (None, 0);
        let request = Action::Request {
            operation,
            to,
            attempts,
        };
        timeline.act(request).expect("a client is idle");
        now += 150;
        run(timeline, ms(now));
    };
    let append = |bytes: usize| Operation::Append {
        key: "k".into(),
        value: "x".repeat(bytes).into(),
    };
    for _ in 0..6 {
        act(&mut timeline, append(50_000));
    }
    for _ in 0..220 {
        act(&mut timeline, append(1));
        let (key, level) = ("k".into(), Default::default());
        act(&mut timeline, Operation::Get { key, level });
    }
    assert!(
        !timeline.is_stopped(),
        "{:?}",
        timeline.simulation().stopped()
    );
    assert!(timeline.forgotten() > Some(ms(2_000)));
    let value = |kind: &EventKind| match kind {
        EventKind::Returned { outcome, .. } => outcome.bytes(),
        _ => 0,
    };
    let kept: u64 = timeline.marks().map(|mark| value(&mark.event.kind)).sum();
    assert!((24 << 20..=48 << 20).contains(&kept), "{kept}");
}
