//! How much memory a long run takes, with all that the page keeps of it: events, marks,
//! checkpoints.
//!
//! `cargo bench --no-default-features --bench memory` runs a day of five servers at 100 operations
//! a second, while chaos adds and removes servers until the run has no number left, and prints the
//! peak of the process (Linux: `VmHWM`). `-- HOURS` runs for so long instead.

use kvorum::base::{Ratio, Span, Time};
use kvorum::run::Playhead;
use kvorum::sim::{Chaos, Settings};

/// A line of this process's status, in MB.
fn status(name: &str) -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024 / 1_000_000
}

fn main() {
    let hours = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let hours: u64 = hours.unwrap_or(24);
    let settings = Settings {
        load: 100,
        chaos: Chaos {
            membership: Ratio::percent(20),
            crash: Ratio::percent(2),
            wipe: Ratio::percent(1),
            ..Chaos::default()
        },
        ..Settings::default()
    };
    let mut playhead = Playhead::new(settings, 42).expect("good settings");
    println!("virtual hours | servers so far | checkpoints | memory, MB | peak, MB");
    for hour in 1..=hours {
        let until = Time::ZERO + Span::secs(3_600 * hour);
        playhead.advance(until, || true);
        assert_eq!(
            playhead.now(),
            until,
            "{:?}",
            playhead.simulation().violation()
        );
        let servers = playhead.simulation().hosts().len();
        let checkpoints = playhead.checkpoints().count();
        let [now, peak] = ["VmRSS", "VmHWM"].map(status);
        println!("{hour} | {servers} | {checkpoints} | {now} | {peak}");
    }
}
