//! Runs that end, by a stall and by a limit: what is said of the end, and when it comes, is the same
//! natively and in the browser.

use kvorum::base::{Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{ReadLevel, Rule, Rules};
use kvorum::run::Playhead;
use kvorum::sim::{Action, Limits, LinkSettings, Settings};
use kvorum::view::{ClusterView, build, english, found, stall, stopped_by};

/// A run that ends.
pub struct End {
    /// The run, up to its end.
    pub run: fn() -> Playhead,
    /// When it ends, in microseconds.
    pub at: u64,
    /// The hash of all its events.
    pub hash: u64,
    /// Why it ends, and what is waited for there.
    pub says: &'static [&'static str],
}

/// The ends.
pub const ENDS: &[End] = &[
    End {
        run: stalled,
        at: 12_228_058,
        hash: 0xe797_f5be_612c_001d,
        says: &[
            "Stalled since 1 s: 5 servers, a majority, hear each other, but c1 got no answer to its operation 1.",
            "c1 has waited since 1 s for the answer to its operation 1. It asks S2, which takes S3 for the leader.",
            "S3 has committed nothing in its term 1: it doesn't know what is committed, and answers no reads before it does.",
        ],
    },
    End {
        run: flooded,
        at: 573_000,
        hash: 0xeb2a_1d3d_63f5_51aa,
        says: &[
            "506 requests and answers of clients are under way, or wait; limits.requests allows 500. Shorter latencies of the clients’ links, longer timeouts of clients, or less load help.",
        ],
    },
];

/// A leader that has committed nothing of its own term answers no reads (section 8), and without the
/// no-op it never has.
pub fn stalled() -> Playhead {
    let mut playhead = begun(Settings {
        rules: Rules::ALL.without(Rule::NoopOnElection),
        watch_liveness: true,
        ..Settings::default()
    });
    playhead.advance(Time::from_millis(1_000), || true);
    let operation = Operation::Get {
        key: "x".into(),
        level: ReadLevel::Linearizable,
    };
    let (to, attempts) = (None, 1_000);
    let read = Action::Request {
        operation,
        to,
        attempts,
    };
    playhead.act(read).expect("it can be asked");
    ended(playhead)
}

/// Every request asks again after a millisecond, and none arrives within the hour.
pub fn flooded() -> Playhead {
    let hour = Span::secs(3_600);
    let mut settings = Settings {
        client_link: LinkSettings {
            latency_min: hour,
            latency_max: hour,
            ..LinkSettings::default()
        },
        limits: Limits {
            requests: 500,
            ..Limits::default()
        },
        load: 1_000,
        ..Settings::default()
    };
    settings.clients.timeout = Span::millis(1);
    settings.clients.backoff_max = settings.clients.backoff_min;
    ended(begun(settings))
}

fn begun(settings: Settings) -> Playhead {
    Playhead::new(settings, 7).expect("its settings can be")
}

fn ended(mut playhead: Playhead) -> Playhead {
    playhead.advance(Time::from_millis(60_000), || true);
    playhead
}

/// What a screen is told of the run as it stands.
pub fn view(playhead: &Playhead) -> ClusterView {
    build(playhead.simulation(), None)
}

/// Why the run ended, in sentences, and why nothing moves.
pub fn says(playhead: &Playhead) -> Vec<String> {
    let view = view(playhead);
    let broken = view.violation.iter().map(found);
    let stopped = view.stopped.iter().map(stopped_by);
    let reasons = view
        .stalled
        .map(|_| playhead.simulation().why_nothing_moves());
    let reasons = reasons.unwrap_or_default();
    let stalled = reasons.iter().map(stall);
    let all = broken.chain(stopped).chain(stalled);
    all.map(|telling| english().text(&telling)).collect()
}

/// The runs that end otherwise than stands above, as lines to be read.
pub fn differences() -> Vec<String> {
    let found = ENDS.iter().map(|end| {
        let playhead = (end.run)();
        let (at, hash) = (playhead.now().0, playhead.simulation().hash());
        let says = says(&playhead);
        let ended = playhead.is_stopped();
        let same = ended && (at, hash) == (end.at, end.hash) && says == end.says;
        (!same).then(|| format!("ended: {ended}, at: {at}, hash: 0x{hash:016x}, says: {says:#?}"))
    });
    found.flatten().collect()
}
