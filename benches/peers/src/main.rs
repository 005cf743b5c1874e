//! `cargo run --release -- <case> [impl] [n] [repeats]`, e.g. `-- pipe raft-rs-batch 3`.
//! Prints `case,impl,n,metric,value`, one line per metric, the value being the median of the
//! repeats (default 5). `-- all` runs everything.

use peers::cases::{self, Row};
use peers::engines::floor::Floor;
use peers::engines::kvorum::Kvorum;
use peers::engines::omni::Omni;
use peers::engines::raft_rs::RaftRs;
use peers::{Node, Tuning};

/// CPU time of this thread, not wall time: the harness is single-threaded, and other work on
/// the machine must not count. `WALL=1` measures wall time instead.
fn clock() -> f64 {
    let id = if std::env::var_os("WALL").is_some() {
        libc::CLOCK_MONOTONIC
    } else {
        libc::CLOCK_THREAD_CPUTIME_ID
    };
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    unsafe { libc::clock_gettime(id, &mut t) };
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

type Runner = fn(&str, u32, Tuning) -> Option<Vec<Row>>;

fn runner<N: Node>(case: &str, n: u32, t: Tuning) -> Option<Vec<Row>> {
    cases::run::<N>(case, n, t, clock)
}

fn impls() -> Vec<(&'static str, Tuning, Runner)> {
    vec![
        (
            Floor::name(Tuning::Default),
            Tuning::Default,
            runner::<Floor>,
        ),
        (Floor::name(Tuning::Batch), Tuning::Batch, runner::<Floor>),
        (
            RaftRs::name(Tuning::Default),
            Tuning::Default,
            runner::<RaftRs>,
        ),
        (RaftRs::name(Tuning::Batch), Tuning::Batch, runner::<RaftRs>),
        (RaftRs::name(Tuning::Lazy), Tuning::Lazy, runner::<RaftRs>),
        (Omni::name(Tuning::Default), Tuning::Default, runner::<Omni>),
        (Omni::name(Tuning::Batch), Tuning::Batch, runner::<Omni>),
        (
            Kvorum::name(Tuning::Default),
            Tuning::Default,
            runner::<Kvorum>,
        ),
        (Kvorum::name(Tuning::Batch), Tuning::Batch, runner::<Kvorum>),
        (Kvorum::name(Tuning::Lazy), Tuning::Lazy, runner::<Kvorum>),
    ]
}

/// Default sizes of a case.
fn sizes(case: &str) -> &'static [u32] {
    if case.contains("sim") {
        &[5, 25, 101]
    } else if case == "mem" {
        &[3]
    } else {
        &[3, 5, 25]
    }
}

/// Combinations that would say nothing new, or measure something else.
fn applies(case: &str, name: &str) -> bool {
    let sim = case.contains("sim");
    match name {
        // no message at all when idle, no election after a kill
        "floor" => case != "sim-idle" && case != "alloc-sim-idle" && case != "sim-kill",
        // the simulation drains after every event, so only the engine's own switches matter
        "floor-batch" | "omnipaxos-batch" | "kvorum-batch" => !sim,
        // needs a heartbeat before a single command reaches every follower
        "raft-rs-lazy" => case != "lat" && case != "alloc-lat",
        // requires in-order links
        "omnipaxos" => case != "sim-reorder",
        _ => true,
    }
}

fn median(mut v: Vec<f64>) -> f64 {
    v.sort_by(f64::total_cmp);
    v[v.len() / 2]
}

type Samples = Vec<Vec<Row>>;

/// Prints the median of every metric, and the spread of the rates.
fn print(case: &str, name: &str, n: u32, all: &Samples) {
    for (i, &(metric, _)) in all[0].iter().enumerate() {
        let v: Vec<f64> = all.iter().map(|r| r[i].1).collect();
        println!("{case},{name},{n},{metric},{}", fmt(median(v.clone())));
        if metric.ends_with("_per_s") || metric.ends_with("_wall_s") {
            let lo = v.iter().copied().fold(f64::INFINITY, f64::min);
            let hi = v.iter().copied().fold(0.0, f64::max);
            println!("{case},{name},{n},{metric}.min,{}", fmt(lo));
            println!("{case},{name},{n},{metric}.max,{}", fmt(hi));
        }
        if metric == "digest48" {
            assert!(
                v.iter().all(|d| *d == v[0]),
                "{case} {name} {n}: runs differ"
            );
        }
    }
}

fn fmt(v: f64) -> String {
    if v.fract() == 0.0 || v.abs() >= 1000.0 {
        format!("{v:.0}")
    } else {
        format!("{v:.3}")
    }
}

fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    let case = a.first().map(String::as_str).unwrap_or("help");
    let cases: Vec<&str> = match case {
        "all" => vec![
            "lat",
            "pipe",
            "alloc-lat",
            "alloc-pipe",
            "mem",
            "sim-idle",
            "sim-load",
            "sim-reorder",
            "sim-kill",
            "alloc-sim-idle",
            "alloc-sim-load",
        ],
        "help" => {
            eprintln!(
                "cases: lat pipe alloc-lat alloc-pipe mem sim-idle sim-load sim-reorder sim-kill alloc-sim-idle alloc-sim-load all"
            );
            eprintln!(
                "impls: {}",
                impls().iter().map(|i| i.0).collect::<Vec<_>>().join(" ")
            );
            eprintln!("usage: cargo run --release -- <case> [impl|all] [n|all] [repeats=5]");
            return;
        }
        c => vec![c],
    };
    let want = a.get(1).map(String::as_str).unwrap_or("all");
    let reps = a.get(3).and_then(|s| s.parse().ok()).unwrap_or(5);
    for case in cases {
        let ns: Vec<u32> = match a.get(2).and_then(|s| s.parse().ok()) {
            Some(n) => vec![n],
            None => sizes(case).to_vec(),
        };
        // counts do not vary between runs
        let reps = if case.starts_with("alloc") || case == "mem" {
            1
        } else {
            reps
        };
        for n in ns {
            let mut chosen: Vec<_> = impls()
                .into_iter()
                .filter(|i| want == i.0 || want == "all" && applies(case, i.0))
                .map(|i| (i, Samples::new()))
                .collect();
            // repeats outermost, so that drift of the machine hits every engine alike
            for _ in 0..reps {
                for ((_, t, run), samples) in &mut chosen {
                    match run(case, n, *t) {
                        Some(rows) => samples.push(rows),
                        None => {
                            eprintln!("no such case: {case}");
                            std::process::exit(2);
                        }
                    }
                }
            }
            for ((name, _, _), samples) in &chosen {
                print(case, name, n, samples);
            }
        }
    }
}
