//! Virtual time: integer microseconds since the start of a run.

use super::fold_fields;
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use std::fmt;
use std::ops::{Add, AddAssign, Mul, Sub, SubAssign};

/// An instant of virtual time, in microseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Time(pub u64);

fold_fields!(Time(..));

/// A length of virtual time, in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Span(pub u64);

fold_fields!(Span(..));

/// Reads a number of microseconds; an error says that it is one.
struct Micros;

impl Visitor<'_> for Micros {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of microseconds")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
        u64::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        from.deserialize_u64(Micros).map(Time)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Span, D::Error> {
        from.deserialize_u64(Micros).map(Span)
    }
}

impl Time {
    /// The start of every run.
    pub const ZERO: Time = Time(0);
    /// Later than any instant of a run.
    pub const NEVER: Time = Time(u64::MAX);

    /// The instant `ms` milliseconds after the start.
    pub const fn from_millis(ms: u64) -> Time {
        Time(ms * 1_000)
    }

    /// The time since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of `us` microseconds.
    pub const fn micros(us: u64) -> Span {
        Span(us)
    }

    /// A span of `ms` milliseconds.
    pub const fn millis(ms: u64) -> Span {
        Span(ms * 1_000)
    }

    /// A span of `s` seconds.
    pub const fn secs(s: u64) -> Span {
        Span(s * 1_000_000)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl SubAssign<Span> for Time {
    fn sub_assign(&mut self, span: Span) {
        self.0 = self.0.saturating_sub(span.0);
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Span {
    type Output = Span;
    fn mul(self, times: u64) -> Span {
        Span(self.0.saturating_mul(times))
    }
}

/// Seconds with microseconds: `2.712000`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// Milliseconds, from ten seconds on seconds; with a fraction only where there is one: `36 ms`,
/// `1.5 ms`, `58.788 s`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (thousandths, unit) = match self.0 {
            0..10_000_000 => (self.0, "ms"),
            _ => (self.0 / 1_000, "s"),
        };
        let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
        if rest == 0 {
            write!(f, "{whole} {unit}")
        } else {
            let digits = format!("{rest:03}");
            write!(f, "{whole}.{} {unit}", digits.trim_end_matches('0'))
        }
    }
}
