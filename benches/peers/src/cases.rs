//! The named cases. Every case returns `(metric, value)` pairs; the caller prints
//! `case,impl,n,metric,value`.

use crate::drive::{Cluster, Drain};
use crate::sim::{Opts, Sim};
use crate::{Node, Tuning, alloc};

pub type Row = (&'static str, f64);

/// Seconds, supplied by the platform: CPU time where it can be had.
pub type Clock = fn() -> f64;

fn drain_for(t: Tuning) -> Drain {
    match t {
        Tuning::Default => Drain::Each,
        Tuning::Batch | Tuning::Lazy => Drain::Round,
    }
}

/// Commands per run, so that a run takes a few hundred milliseconds on the slowest peer.
pub fn total_for(n: u32, window: u64) -> u64 {
    let base = if window == 1 { 600_000 } else { 1_200_000 };
    (base / u64::from(n)).max(10_000)
}

/// `lat` (window 1) and `pipe` (window 256): committed and applied on all nodes, per second.
pub fn throughput<N: Node>(n: u32, t: Tuning, window: u64, clock: Clock) -> Vec<Row> {
    let d = drain_for(t);
    let total = total_for(n, window);
    let mut c = Cluster::<N>::new(n, t, 1);
    c.run(0, total / 10, window, d); // warm-up
    c.messages = 0;
    let t0 = clock();
    c.run(total / 10, total, window, d);
    let dt = clock() - t0;
    vec![
        ("cmds_per_s", total as f64 / dt),
        ("msgs_per_cmd", c.messages as f64 / total as f64),
    ]
}

/// Allocator calls and bytes per command, all nodes together (the client's own 100-byte buffer
/// is one of the calls).
pub fn allocations<N: Node>(n: u32, t: Tuning, window: u64) -> Vec<Row> {
    let d = drain_for(t);
    let total = 20_000;
    let mut c = Cluster::<N>::new(n, t, 1);
    c.run(0, 20_000, window, d); // fill the key space: later applies overwrite in place
    alloc::start();
    c.run(20_000, total, window, d);
    let a = alloc::stop();
    vec![
        ("allocs_per_cmd", a.calls as f64 / total as f64),
        ("alloc_bytes_per_cmd", a.bytes as f64 / total as f64),
    ]
}

/// Peak live heap while 1M log entries are appended with no compaction.
pub fn memory<N: Node>(n: u32, t: Tuning) -> Vec<Row> {
    let d = drain_for(t);
    let mut c = Cluster::<N>::new(n, t, 1);
    c.run(0, 20_000, 256, d);
    alloc::start();
    c.run(20_000, 1_000_000, 256, d);
    let a = alloc::stop();
    let mb = 1.0 / (1 << 20) as f64;
    vec![
        ("peak_mib_per_1m_entries_all_nodes", a.peak as f64 * mb),
        ("live_mib_per_1m_entries_all_nodes", a.live as f64 * mb),
        (
            "live_bytes_per_entry_per_node",
            a.live as f64 / 1e6 / f64::from(n),
        ),
    ]
}

/// Simulated time: how much faster than real time, and how many events per second.
pub fn sim<N: Node>(o: Opts, t: Tuning, clock: Clock) -> Vec<Row> {
    let mut s = Sim::<N>::new(o, t);
    s.run_until(2_000_000);
    assert!(s.has_leader(), "no leader after 2 simulated seconds");
    let before = s.report();
    let t0 = clock();
    s.run_until((2 + o.seconds) * 1_000_000);
    let dt = clock() - t0;
    let r = s.report();
    vec![
        ("sim_s_per_wall_s", o.seconds as f64 / dt),
        ("events_per_s", (r.events - before.events) as f64 / dt),
        ("delivered_msgs", (r.delivered - before.delivered) as f64),
        ("applied_cmds", (r.applied - before.applied) as f64),
        ("elections", (r.elections - before.elections) as f64),
        // 48 bits of the run digest: equal values mean bit-identical runs
        ("digest48", (r.digest >> 16) as f64),
    ]
}

/// Allocator calls per simulated event.
pub fn sim_alloc<N: Node>(o: Opts, t: Tuning) -> Vec<Row> {
    let mut s = Sim::<N>::new(o, t);
    s.run_until(2_000_000);
    let before = s.report();
    alloc::start();
    s.run_until((2 + o.seconds) * 1_000_000);
    let a = alloc::stop();
    let r = s.report();
    vec![(
        "allocs_per_event",
        a.calls as f64 / (r.events - before.events) as f64,
    )]
}

/// The sim cases: (name, load per s, fifo links, leader killed every s).
pub const SIMS: &[(&str, u64, bool, u64)] = &[
    ("sim-idle", 0, true, 0),
    ("sim-load", 1000, true, 0),
    ("sim-reorder", 1000, false, 0),
    ("sim-kill", 1000, true, 5),
];

pub fn sim_opts(name: &str, n: u32) -> Option<Opts> {
    let &(_, load, fifo, kill_every) = SIMS.iter().find(|s| s.0 == name)?;
    // about a second of wall time on raft-rs
    let seconds = match (load, n) {
        (0, ..=9) => 2000,
        (0, ..=49) => 300,
        (0, _) => 60,
        (_, ..=9) => 60,
        (_, ..=49) => 20,
        (_, _) => 10,
    };
    Some(Opts {
        n,
        seconds,
        load,
        fifo,
        kill_every,
        seed: 42,
    })
}

/// Runs a case by name; `None` if there is no such case.
pub fn run<N: Node>(case: &str, n: u32, t: Tuning, clock: Clock) -> Option<Vec<Row>> {
    Some(match case {
        "lat" => throughput::<N>(n, t, 1, clock),
        "pipe" => throughput::<N>(n, t, 256, clock),
        "alloc-lat" => allocations::<N>(n, t, 1),
        "alloc-pipe" => allocations::<N>(n, t, 256),
        "mem" => memory::<N>(n, t),
        _ => {
            if let Some(base) = case.strip_prefix("alloc-") {
                sim_alloc::<N>(sim_opts(base, n)?, t)
            } else {
                sim::<N>(sim_opts(case, n)?, t, clock)
            }
        }
    })
}
