//! Measures how long seeking takes: `cargo run --release --no-default-features --example seek`.
//!
//! Five servers under client load, more than ten simulated minutes of them; then jumps to random
//! instants of the last ten. Prints, for each load, the checkpoints and the time of a jump. Only
//! ratios carry over to another machine.
#![expect(clippy::disallowed_types, reason = "it measures time")]

use kvorum::base::{Draws, Purpose, Span, Time};
use kvorum::sim::{Settings, Timeline};
use std::time::{Duration, Instant};

const RUN: Time = Time::from_millis(720_000);
const BACK: Span = Span::secs(600);
const JUMPS: usize = 200;

fn main() {
    println!("load/s  events/s  checkpoints  median      p95         worst");
    for load in [0, 10, 100, 1_000] {
        let settings = Settings {
            load,
            ..Settings::default()
        };
        let mut timeline = Timeline::new(settings, 7).expect("the settings can be");
        timeline.advance(RUN, || true);
        let mut draws = Draws::new(7, Purpose::Workload, 1);
        let mut times: Vec<Duration> = (0..JUMPS)
            .map(|_| {
                let to = Time(RUN.0 - draws.below(BACK.0));
                let start = Instant::now();
                timeline.seek(to);
                start.elapsed()
            })
            .collect();
        times.sort();
        timeline.seek(RUN);
        let per_second = timeline.simulation().processed() * 1_000_000 / RUN.0;
        let (checkpoints, at) = (timeline.checkpoints().count(), |part| {
            times[JUMPS * part / 100]
        });
        println!(
            "{load:>6}  {per_second:>8}  {checkpoints:>11}  {:<10.1?}  {:<10.1?}  {:<10.1?}",
            at(50),
            at(95),
            times[JUMPS - 1],
        );
    }
}
