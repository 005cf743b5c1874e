//! A machine's own clock: what Raft is told as the time.
//!
//! True time is the simulation's. A clock may be ahead or behind it (skew), run faster or slower
//! (drift), and be set (jump). Raft looks only at differences, so skew alone changes nothing,
//! drift bends its timeouts, and a jump makes one of them very short or very long.

use crate::base::{Ratio, Span, Time};

/// The most that a clock can be ahead or behind when it is set, or be moved by: an hour, in
/// microseconds.
pub const MAX_SKEW: i64 = 3_600_000_000;

/// The most that a clock can run faster or slower, in parts per million: a half.
pub const MAX_DRIFT: i32 = 500_000;

/// A clock. Integers only; it never shows less than zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    /// When it was set last, in true time.
    at: Time,
    /// What it showed then.
    shown: Time,
    /// How much faster than true time it runs, in parts per million.
    drift: i32,
}

impl Clock {
    /// What it shows at `now`.
    pub fn read(&self, now: Time) -> Time {
        let elapsed = now.since(self.at);
        if self.drift == 0 {
            // Most clocks; and it is asked before and after every step of a server.
            return self.shown + elapsed;
        }
        self.shown + scaled(elapsed, self.rate(), Ratio::ONE.0)
    }

    /// The first instant of true time at which it shows `local` or more. What it showed before it
    /// was set last counts as if it had run as it does now.
    pub fn when(&self, local: Time) -> Time {
        if self.drift == 0 {
            return Time((self.at.0 + local.0).saturating_sub(self.shown.0));
        }
        self.when_drifting(local)
    }

    #[cold]
    fn when_drifting(&self, local: Time) -> Time {
        if local < self.shown {
            let ago = scaled(self.shown.since(local), Ratio::ONE.0, self.rate());
            return Time(self.at.0.saturating_sub(ago.0));
        }
        let (ahead, rate) = (local.since(self.shown), self.rate());
        let early = scaled(ahead, Ratio::ONE.0, rate);
        // Rounded up: woken a microsecond too early, a server would be woken again and again.
        let exact = scaled(early, rate, Ratio::ONE.0) >= ahead;
        self.at + early + Span(u64::from(!exact))
    }

    /// How far it is ahead of true time, in microseconds; negative: behind.
    pub fn skew(&self, now: Time) -> i64 {
        self.read(now).0 as i64 - now.0 as i64
    }

    /// How much faster than true time it runs, in parts per million.
    pub fn drift(&self) -> i32 {
        self.drift
    }

    /// Sets it to true time plus `skew`, and its rate.
    pub(super) fn set(&mut self, now: Time, skew: i64, drift: i32) {
        let shown = Time(now.0.saturating_add_signed(skew));
        let at = now;
        *self = Clock { at, shown, drift };
    }

    /// Moves it by so many microseconds.
    pub(super) fn jump(&mut self, now: Time, by: i64) {
        let skew = self.skew(now).saturating_add(by);
        self.set(now, skew, self.drift);
    }

    fn rate(&self) -> u32 {
        Ratio::ONE.0.saturating_add_signed(self.drift)
    }
}

/// `span * times / by`, rounded down.
#[cold]
fn scaled(span: Span, times: u32, by: u32) -> Span {
    Span((u128::from(span.0) * u128::from(times) / u128::from(by)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_up_is_never_too_early_and_never_later_than_it_must_be() {
        let mut clock = Clock::default();
        for drift in [0, 1, -1, 7, -499_999, 500_000, -500_000, 123_456] {
            clock.set(Time(1_000_003), -17, drift);
            for local in (1_000_000..1_000_400).map(Time) {
                let when = clock.when(local);
                assert!(clock.read(when) >= local, "{drift}: {local:?} at {when:?}");
                let before = Time(when.0 - 1);
                assert!(
                    when <= Time(1_000_003) || clock.read(before) < local,
                    "{drift}"
                );
            }
        }
    }

    #[test]
    fn a_clock_is_set_moved_and_stops_at_zero() {
        let mut clock = Clock::default();
        assert_eq!((clock.read(Time(5)), clock.skew(Time(5))), (Time(5), 0));
        clock.set(Time(1_000), 50, 100_000);
        assert_eq!(clock.read(Time(2_000)), Time(2_150));
        clock.jump(Time(2_000), -150);
        assert_eq!((clock.skew(Time(2_000)), clock.drift()), (0, 100_000));
        clock.jump(Time(2_000), -MAX_SKEW);
        assert_eq!(clock.read(Time(2_000)), Time::ZERO);
        assert_eq!(clock.read(Time(3_000)), Time(1_100));
    }
}
