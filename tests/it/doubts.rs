//! Settings that hardly work are doubted before a run, in words.

use kvorum::base::Span;
use kvorum::lesson::scenario;
use kvorum::raft::{Rules, Timing};
use kvorum::sim::{LinkSettings, Settings, SettingsDoubt};
use kvorum::view::{doubt, english};

fn with(shortest: u64, longest: u64, heartbeat: u64, latency: u64) -> Settings {
    Settings {
        timing: Timing {
            election_timeout_min: Span::millis(shortest),
            election_timeout_max: Span::millis(longest),
            heartbeat: Span::millis(heartbeat),
            ..Timing::default()
        },
        link: LinkSettings {
            latency_max: Span::millis(latency),
            ..LinkSettings::default()
        },
        ..Settings::default()
    }
}

fn said(of: &SettingsDoubt) -> String {
    english().text(&doubt(of))
}

#[test]
fn the_usual_settings_raise_no_doubts() {
    assert_eq!(Settings::default().doubts(), []);
    let lab = scenario::find("lab").unwrap();
    assert_eq!(lab.settings.doubts(), []);
}

#[test]
fn each_doubt_says_what_is_wrong() {
    let millis = Span::millis;
    let fsync = Settings::default().disk.fsync_max;
    let narrow = with(150, 150, 50, 10);
    let needed = millis(30) + fsync;
    let (spread, timeout) = (millis(0), millis(150));
    assert_eq!(
        narrow.doubts(),
        [SettingsDoubt::NarrowTimeouts { spread, needed }]
    );
    assert!(said(&narrow.doubts()[0]).starts_with("Election timeouts differ by 0 ms at most"));
    // Without PreVote one message says it all.
    let rules = Rules::FIGURE_2;
    let needed = millis(10) + fsync;
    let spread = needed - Span(1);
    let mut timing = narrow.timing;
    timing.election_timeout_max = timeout + spread;
    let narrow = Settings {
        rules,
        timing,
        ..narrow
    };
    assert_eq!(
        narrow.doubts(),
        [SettingsDoubt::NarrowTimeouts { spread, needed }]
    );
    timing.election_timeout_max = timeout + needed;
    assert_eq!(Settings { timing, ..narrow }.doubts(), []);
    let late = with(150, 300, 140, 10);
    let takes = timeout;
    assert_eq!(
        late.doubts(),
        [SettingsDoubt::LateHeartbeats { takes, timeout }]
    );
    assert!(said(&late.doubts()[0]).starts_with("A heartbeat may take 150 ms"));
    let slow = with(150, 600, 50, 80);
    let takes = millis(160) + fsync;
    assert_eq!(
        slow.doubts(),
        [SettingsDoubt::SlowAnswers { takes, timeout }]
    );
    assert!(said(&slow.doubts()[0]).starts_with("An answer may take"));
    // A single server waits for nobody.
    assert_eq!(Settings { nodes: 1, ..slow }.doubts(), []);
}
