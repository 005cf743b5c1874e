//! What a history remembers has a budget in bytes; what has to go is said, and the run is the same.

use crate::support::{advance, ms};
use kvorum::base::{Span, Time};
use kvorum::kv::Operation;
use kvorum::run::{BranchId, Playhead};
use kvorum::sim::{Action, EventKind, LinkSettings, Settings};

fn playhead(settings: Settings) -> Playhead {
    Playhead::new(settings, 5).expect("settings that can be")
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
    let mut playhead = playhead(settings);
    advance(&mut playhead, ms(5_000));
    playhead
        .act(Action::SetNetwork { link })
        .expect("it can be");
    advance(&mut playhead, ms(12_000));
    assert!(!playhead.is_stopped());
    let kept: Vec<Time> = playhead.checkpoints().collect();
    assert!((5..=40).contains(&kept.len()), "{}", kept.len());
    assert!(playhead.checkpoint_bytes() > 48 << 20);
    assert!(playhead.checkpoint_bytes() <= 96 << 20);
    let end = playhead.simulation().hash();
    playhead.seek(ms(11_000));
    assert_eq!(playhead.now(), ms(11_000));
    playhead.seek(ms(12_000));
    assert_eq!(playhead.simulation().hash(), end);

    // A branch that was left keeps the beginning, and fewer of the others.
    playhead.seek(ms(11_000));
    playhead.act(Action::Heal).expect("it is no change");
    playhead.switch(BranchId(0));
    assert_eq!(playhead.checkpoints().next(), Some(Time::ZERO));
    assert!(playhead.checkpoint_bytes() <= 64 << 20);
    playhead.seek(ms(12_000));
    assert_eq!(playhead.simulation().hash(), end);
}

/// Each read holds another value of 300 kB: events are forgotten before that fills a memory.
#[test]
fn events_with_long_values_keep_to_their_budget() {
    let mut playhead = playhead(Settings::default());
    advance(&mut playhead, ms(1_000));
    let mut now = 1_000;
    let mut act = |playhead: &mut Playhead, operation| {
        let (to, attempts) = (None, 0);
        let request = Action::Request {
            operation,
            to,
            attempts,
        };
        playhead.act(request).expect("a client is idle");
        now += 150;
        advance(playhead, ms(now));
    };
    let append = |bytes: usize| Operation::Append {
        key: "k".into(),
        value: "x".repeat(bytes).into(),
    };
    for _ in 0..6 {
        act(&mut playhead, append(50_000));
    }
    for _ in 0..220 {
        act(&mut playhead, append(1));
        let (key, level) = ("k".into(), Default::default());
        act(&mut playhead, Operation::Get { key, level });
    }
    assert!(
        !playhead.is_stopped(),
        "{:?}",
        playhead.simulation().stopped()
    );
    assert!(playhead.forgotten() > Some(ms(2_000)));
    let value = |kind: &EventKind| match kind {
        EventKind::Returned { outcome, .. } => outcome.bytes(),
        _ => 0,
    };
    let kept: u64 = playhead.marks().map(|mark| value(&mark.event.kind)).sum();
    assert!((24 << 20..=48 << 20).contains(&kept), "{kept}");
}
