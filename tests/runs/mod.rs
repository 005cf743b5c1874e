//! Whole runs and their hashes, in one place: the native tests and the ones in the browser must
//! find the same.
//!
//! A hash changes when the engine decides anything differently. The tests then print what they
//! found; if the change was meant, it goes here.

pub mod ends;

use kvorum::base::{NodeId, Ratio, Span, Time};
use kvorum::kv::Operation;
use kvorum::lesson::scenario::{self, Scenario};
use kvorum::raft::ReadLevel;
use kvorum::run::Playhead;
use kvorum::sim::{Action, Chaos, LinkSettings};

/// A run from its beginning.
pub struct Run {
    /// The scenario.
    pub scenario: &'static str,
    /// The seed.
    pub seed: u64,
    /// What is done, and when in milliseconds.
    pub actions: fn() -> Vec<(u64, Action)>,
    /// How long it runs, in milliseconds.
    pub until: u64,
    /// The hash of all its events.
    pub hash: u64,
}

/// The runs.
pub const RUNS: &[Run] = &[
    Run {
        scenario: "first-election",
        seed: 3,
        actions: Vec::new,
        until: 5_000,
        hash: 0xf2aa_6280_28c6_2f27,
    },
    Run {
        scenario: "network-partition",
        seed: 7,
        actions: partition,
        until: 10_000,
        hash: 0x7aad_43f3_f995_31e6,
    },
    Run {
        scenario: "replication",
        seed: u64::MAX,
        actions: crashes,
        until: 10_000,
        hash: 0x05a5_0d7c_95d4_d9db,
    },
    Run {
        scenario: "lab",
        seed: 0,
        actions: storm,
        until: 60_000,
        hash: 0x1157_4342_76b2_33de,
    },
    Run {
        scenario: "stale-read",
        seed: 1,
        actions: leads_twice,
        until: 7_000,
        hash: 0x83e8_03c6_e6c1_eeed,
    },
    Run {
        scenario: "scaling",
        seed: 5,
        actions: Vec::new,
        until: 15_000,
        hash: 0xd3d1_0a29_d442_99cc,
    },
    Run {
        scenario: "node-dies-for-good",
        seed: 5,
        actions: Vec::new,
        until: 15_000,
        hash: 0xd04f_f810_2ee6_70a2,
    },
    Run {
        scenario: "shard-partition",
        seed: 5,
        actions: Vec::new,
        until: 15_000,
        hash: 0x1698_4347_42ef_ae8c,
    },
    Run {
        scenario: "two-controllers",
        seed: 5,
        actions: Vec::new,
        until: 15_000,
        hash: 0x8910_3a95_1b93_fb53,
    },
];

/// A run of a scenario, played up to an instant: what is done, and when in milliseconds.
pub fn played(scenario: &Scenario, seed: u64, actions: Vec<(u64, Action)>, until: u64) -> Playhead {
    let mut playhead = scenario.start(seed).expect("its settings can be");
    for (at, action) in actions {
        playhead.advance(Time::from_millis(at), || true);
        playhead.act(action).expect("it can be done");
    }
    playhead.advance(Time::from_millis(until), || true);
    playhead
}

/// What the run's hash really is.
pub fn hash(run: &Run) -> u64 {
    let scenario = scenario::find(run.scenario).expect("it exists");
    let playhead = played(&scenario, run.seed, (run.actions)(), run.until);
    playhead.simulation().hash()
}

/// The runs whose hashes differ from what stands above, as lines to be read.
pub fn differences() -> Vec<String> {
    let found = RUNS.iter().map(|run| (run, hash(run)));
    let wrong = found.filter(|(run, hash)| run.hash != *hash);
    wrong
        .map(|(run, hash)| format!("{}, seed {}: 0x{hash:016x}", run.scenario, run.seed))
        .collect()
}

/// A client, whichever is free, writes.
pub fn put(key: &str, value: &str) -> Action {
    Action::Request {
        operation: Operation::Put {
            key: key.into(),
            value: value.into(),
        },
        to: None,
        attempts: 0,
    }
}

fn partition() -> Vec<(u64, Action)> {
    let side = |ids: &[u32]| ids.iter().map(|&id| NodeId(id)).collect::<Vec<_>>();
    let groups = vec![side(&[1, 2]), side(&[3, 4, 5])];
    vec![
        (900, put("y", "5")),
        (1_500, Action::partition(groups)),
        (1_600, put("y", "7")),
        (3_000, put("y", "2")),
        (3_000, put("🦀", "")),
        (5_000, Action::Heal),
    ]
}

fn crashes() -> Vec<(u64, Action)> {
    let node = NodeId(4);
    vec![
        (1_000, put("x", "1")),
        (1_010, Action::Crash { node }),
        (1_500, put("x", "2")),
        (4_000, Action::Restart { node }),
        (5_000, Action::Pause { node: NodeId(1) }),
        (7_000, Action::Resume { node: NodeId(1) }),
    ]
}

/// A heartbeat of S1's first leadership is answered in its second, and the answer comes when S1 is cut
/// off with S2 and asked.
fn leads_twice() -> Vec<(u64, Action)> {
    let [s1, s2, s3] = [1, 2, 3].map(NodeId);
    let latency = |from: NodeId, to: NodeId, millis| {
        let link = LinkSettings {
            latency_min: Span::millis(millis),
            latency_max: Span::millis(millis),
            reorder: true,
            ..LinkSettings::default()
        };
        Action::set_link(from, to, link)
    };
    let read = Action::Request {
        operation: Operation::Get {
            key: "x".into(),
            level: ReadLevel::Linearizable,
        },
        to: Some(s1),
        attempts: 1,
    };
    let groups = vec![vec![s1, s2], [3, 4, 5].map(NodeId).to_vec()];
    vec![
        (100, Action::time_out(s1)),
        (700, put("x", "1")),
        (3_000, latency(s1, s3, 1_500)),
        (3_100, latency(s1, s3, 10)),
        (3_200, Action::transfer(s1, s2)),
        (3_600, Action::transfer(s2, s1)),
        (4_400, latency(s3, s1, 1_000)),
        (4_700, latency(s3, s1, 10)),
        (5_100, Action::partition(groups)),
        (5_200, read),
    ]
}

fn storm() -> Vec<(u64, Action)> {
    let rate = Ratio::percent(20);
    let chaos = Chaos::all(rate);
    vec![
        (500, Action::SetLoad { per_second: 100 }),
        (1_000, Action::SetChaos { chaos }),
    ]
}
