//! How fast the laboratory itself is: simulated seconds per second, what watching costs, and how
//! long it takes to travel in time.
//!
//! `cargo bench --no-default-features` prints the tables. Speeds are medians of five runs, in CPU
//! time where the system tells it; seeking is timed by the clock on the wall. The engine alone, beside its peers, is measured in `benches/peers`.
#![allow(clippy::disallowed_types)]

use kvorum::base::{Draws, Purpose, Span, Time};
use kvorum::run::Playhead;
use kvorum::sim::{LinkSettings, Property, Settings, Simulation};
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The timing and the network of the harness in `benches/peers`.
fn settings(nodes: u32, load: u32) -> Settings {
    let mut settings = Settings {
        nodes,
        load,
        ..Settings::default()
    };
    settings.timing.election_timeout_min = Span::millis(100);
    settings.timing.election_timeout_max = Span::millis(200);
    settings.link = LinkSettings {
        latency_min: Span::millis(1),
        latency_max: Span::millis(10),
        ..LinkSettings::default()
    };
    settings
}

/// The CPU time of this thread on Linux, else wall time: other work on the machine must not count.
fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let wall = START.get_or_init(Instant::now).elapsed();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_cpu = told.and_then(|told| told.split(' ').next()?.parse().ok());
    on_cpu.map_or(wall, Duration::from_nanos)
}

fn median(mut runs: Vec<Duration>) -> Duration {
    runs.sort_unstable();
    runs[runs.len() / 2]
}

/// Simulated seconds per CPU second of `simulated` seconds, after a warm-up of two.
fn speed(settings: &Settings, simulated: u64, prepare: impl Fn(&mut Simulation)) -> f64 {
    let run = || {
        let mut simulation = Simulation::new(settings.clone(), 42).expect("good settings");
        prepare(&mut simulation);
        simulation.run_until(Time::from_millis(2_000));
        let start = clock();
        for second in 3..simulated + 3 {
            simulation.run_until(Time::from_millis(second * 1_000));
            simulation.take_events(&mut Vec::new());
        }
        black_box(simulation.hash());
        clock() - start
    };
    simulated as f64 / median((0..5).map(|_| run()).collect()).as_secs_f64()
}

fn main() {
    println!("simulated seconds per CPU second | checks on | checks off | checks on, events kept");
    for (what, nodes, load, simulated) in [
        ("5 nodes, idle", 5, 0, 500),
        ("5 nodes, 1,000 operations/s", 5, 1_000, 20),
        ("25 nodes, idle", 25, 0, 60),
    ] {
        let settings = settings(nodes, load);
        let on = speed(&settings, simulated, |_| {});
        let off = speed(&settings, simulated, |simulation| {
            Property::ALL
                .into_iter()
                .for_each(|property| simulation.ignore(property));
        });
        let kept = speed(&settings, simulated, |simulation| {
            simulation.keep_events(true)
        });
        println!("{what} | {on:.0} | {off:.0} | {kept:.0}");
    }

    println!(
        "\nseek within the last ten virtual minutes, 5 nodes | median | 95th percentile | worst"
    );
    for load in [20, 100, 500] {
        let settings = Settings {
            load,
            ..Settings::default()
        };
        let mut playhead = Playhead::new(settings, 42).expect("good settings");
        let end = Time::ZERO + Span::secs(600);
        playhead.advance(end, || true);
        let mut draws = Draws::new(7, Purpose::Workload, 0);
        let mut seek = || {
            let to = Time(draws.below(end.0));
            let start = Instant::now();
            playhead.seek(to);
            start.elapsed()
        };
        let mut times: Vec<_> = (0..200).map(|_| seek()).collect();
        times.sort_unstable();
        let ms = |at: usize| times[at].as_secs_f64() * 1e3;
        println!(
            "{load} operations/s | {:.1} ms | {:.1} ms | {:.1} ms",
            ms(100),
            ms(190),
            ms(199)
        );
    }
}
