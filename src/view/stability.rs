//! Whether a leader can be elected and stays in office with these settings: arithmetic on the
//! settings alone (section 5.6: broadcast time ≪ election timeout ≪ time between failures).
//!
//! Nothing here is a proof. It is what a reader would compute before a run begins, from the longest
//! latency and the longest fsync, without loss, with clocks that agree.

use super::doubts::doubt;
use super::words::{Telling, tell};
use crate::base::Span;
use crate::raft::Rule;
use crate::sim::{Settings, SettingsDoubt};

/// How well something stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rating {
    /// It works, with room to spare.
    Good,
    /// It works as long as nothing else is in the way.
    Tight,
    /// It doesn't work, or hardly ever.
    Bad,
}

/// One line of the read-out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What is looked at.
    pub what: Telling,
    /// How it stands.
    pub rating: Rating,
    /// The figures, and what they mean.
    pub says: Telling,
}

/// All readings, for settings that can be ([`Settings::check`]).
pub fn stability(settings: &Settings) -> Vec<Reading> {
    let mut readings = Vec::new();
    if settings.nodes > 1 {
        readings.push(broadcast(settings));
        readings.push(heartbeats(settings));
        readings.push(spread(settings));
    }
    readings.push(answers(settings));
    // What the engine itself doubts is said in the same words everywhere.
    for found in settings.doubts() {
        let at = match found {
            SettingsDoubt::SlowAnswers { .. } => 0,
            SettingsDoubt::LateHeartbeats { .. } => 1,
            SettingsDoubt::NarrowTimeouts { .. } => 2,
        };
        if let Some(reading) = readings.get_mut(at) {
            reading.rating = reading.rating.max(Rating::Tight);
            reading.says = doubt(&found);
        }
    }
    readings
}

/// How long a server needs until all others have durably taken what it sent, and said so.
fn broadcast_time(settings: &Settings) -> Span {
    settings.link.latency_max * 2 + settings.disk.fsync_max
}

/// How long an election takes from the moment when a timer runs out: perhaps a round of PreVote,
/// then the candidate makes its own vote durable and asks for the others.
fn election_time(settings: &Settings) -> Span {
    let asks_before = settings.rules.has(Rule::PreVote);
    let before = settings.link.latency_max * if asks_before { 2 } else { 0 };
    before + settings.disk.fsync_max + broadcast_time(settings)
}

/// `a / b` with one decimal: `8.6`.
fn times(a: Span, b: Span) -> String {
    let tenths = a.0.saturating_mul(10) / b.0.max(1);
    match tenths {
        1_000.. => format!("{}", tenths / 10),
        _ => format!("{}.{}", tenths / 10, tenths % 10),
    }
}

fn broadcast(settings: &Settings) -> Reading {
    let (takes, shortest) = (
        broadcast_time(settings),
        settings.timing.election_timeout_min,
    );
    let election = election_time(settings);
    let rating = match () {
        () if election >= shortest => Rating::Bad,
        () if election * 2 > shortest => Rating::Tight,
        () => Rating::Good,
    };
    let ratio = times(shortest, takes);
    let means = match rating {
        Rating::Good => tell!("stability.election-good"),
        Rating::Tight => tell!("stability.election-tight"),
        Rating::Bad => tell!("stability.election-bad", election),
    };
    Reading {
        what: tell!("stability.broadcast"),
        rating,
        says: tell!("stability.broadcast-says", takes, shortest, ratio, means),
    }
}

fn heartbeats(settings: &Settings) -> Reading {
    let timing = &settings.timing;
    let (heartbeat, shortest) = (timing.heartbeat, timing.election_timeout_min);
    let jitter = settings.link.latency_max - settings.link.latency_min;
    let left = shortest - jitter;
    // So many heartbeats in a row may get lost before a timer runs out.
    let fit = left.0.saturating_sub(1) / heartbeat.0.max(1);
    let rating = match fit {
        0 => Rating::Bad,
        1 => Rating::Tight,
        _ => Rating::Good,
    };
    let means = match fit {
        0 => tell!("stability.heartbeats-none", jitter),
        1 => tell!("stability.heartbeats-one"),
        _ => tell!("stability.heartbeats-some", lost = fit - 1),
    };
    Reading {
        what: tell!("stability.heartbeats"),
        rating,
        says: tell!("stability.heartbeats-says", heartbeat, fit, means),
    }
}

/// The chance, in per cent, that after the first timer has run out no other does before its
/// owner has heard of the candidate.
fn alone(settings: &Settings) -> u64 {
    let timing = &settings.timing;
    let range = (timing.election_timeout_max - timing.election_timeout_min).0;
    let heard = (settings.link.latency_max + settings.disk.fsync_max).0;
    if range <= heard {
        return 0;
    }
    // The others' timers run out anywhere in the range. All but the old leader stand.
    let others = settings.nodes.saturating_sub(2).max(1);
    let free = u128::from(range - heard) * 1_000_000 / u128::from(range);
    let chance = (0..others).fold(1_000_000, |chance, _| chance * free / 1_000_000);
    (chance / 10_000) as u64
}

fn spread(settings: &Settings) -> Reading {
    let timing = &settings.timing;
    let range = timing.election_timeout_max - timing.election_timeout_min;
    let heard = settings.link.latency_max + settings.disk.fsync_max;
    let chance = alone(settings);
    let rating = match chance {
        40.. => Rating::Good,
        10.. => Rating::Tight,
        _ => Rating::Bad,
    };
    let means = match chance {
        0 => tell!("stability.spread-none"),
        100 => tell!("stability.spread-all"),
        some => tell!("stability.spread-some", percent = some),
    };
    Reading {
        what: tell!("stability.spread"),
        rating,
        says: tell!("stability.spread-says", range, heard, means),
    }
}

fn answers(settings: &Settings) -> Reading {
    let patience = settings.clients.timeout;
    let replicated = match settings.nodes {
        1 => settings.disk.fsync_max,
        _ => broadcast_time(settings),
    };
    let takes = settings.client_link.latency_max * 2 + replicated;
    let rating = match () {
        () if takes >= patience => Rating::Bad,
        () if takes * 2 > patience => Rating::Tight,
        () => Rating::Good,
    };
    let means = match rating {
        Rating::Good => tell!("stability.answers-good"),
        Rating::Tight => tell!("stability.answers-tight"),
        Rating::Bad => tell!("stability.answers-bad"),
    };
    Reading {
        what: tell!("stability.answers"),
        rating,
        says: tell!("stability.answers-says", takes, patience, means),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::words::english;

    fn of(changes: &[(&str, &str)]) -> Vec<Rating> {
        let mut settings = Settings::default();
        for (name, text) in changes {
            settings.set(name, text).unwrap();
        }
        settings.check().unwrap();
        let readings = stability(&settings);
        let says = |it: &Reading| english().text(&it.says);
        assert!(readings.iter().all(|it| says(it).ends_with('.')));
        readings.iter().map(|it| it.rating).collect()
    }

    #[test]
    fn the_usual_settings_stand_well() {
        use Rating::Good;
        assert_eq!(of(&[]), [Good; 4]);
    }

    #[test]
    fn each_line_is_about_its_own_settings() {
        use Rating::{Bad, Good, Tight};
        let calm = ("link.latency", "5ms..10ms");
        type Case<'a> = (&'a [(&'a str, &'a str)], [Rating; 4]);
        let cases: &[Case<'_>] = &[
            (&[calm], [Good, Good, Good, Good]),
            (&[("link.latency", "8ms..60ms")], [Bad, Tight, Tight, Good]),
            (&[("link.latency", "1ms..120ms")], [Bad, Bad, Bad, Tight]),
            (
                &[calm, ("timing.heartbeat", "100ms")],
                [Good, Tight, Good, Good],
            ),
            (
                &[calm, ("timing.heartbeat", "149ms")],
                [Good, Bad, Good, Good],
            ),
            (
                &[calm, ("timing.election_timeout_max", "150ms")],
                [Good, Good, Bad, Good],
            ),
            (
                &[calm, ("timing.election_timeout_max", "180ms")],
                [Good, Good, Tight, Good],
            ),
            (&[calm, ("nodes", "101")], [Good, Good, Bad, Good]),
            (&[calm, ("disk.fsync", "40ms")], [Tight, Good, Tight, Good]),
            (
                &[calm, ("clients.timeout", "40ms")],
                [Good, Good, Good, Bad],
            ),
        ];
        for (changes, wanted) in cases {
            assert_eq!(of(changes), wanted, "{changes:?}");
        }
        // A server alone needs no votes.
        assert_eq!(
            of(&[("nodes", "1"), ("timing.election_timeout", "150ms")]),
            [Good]
        );
    }

    #[test]
    fn the_figures_are_told() {
        let readings = stability(&Settings::default());
        let says = readings.iter().map(|it| english().text(&it.says));
        let says: Vec<_> = says.collect();
        assert!(says[0].starts_with(
            "Round trip and fsync take up to 31 ms; the shortest election timeout, 150 ms, is 4.8 \
             times that."
        ));
        assert!(says[1].starts_with("One every 50 ms; 2 fit into the shortest election timeout."));
        assert!(says[2].contains("differ by up to 150 ms") && says[2].contains("within 17 ms"));
        assert!(says[3].starts_with("A write takes up to 59 ms, a try waits 500 ms."));
    }
}
