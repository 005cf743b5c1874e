//! Why nothing moves, at the end of a run in which something waits.

use super::Unusable;
use crate::base::Time;
use crate::sim::{Simulation, StallReason};
use crate::view::{english, stall};
use serde::Serialize;
use std::io::Write;

/// What is waited for at the end of a run.
#[derive(Debug, Serialize)]
pub(super) struct Stalled {
    /// Since when something has been waited for in vain, in microseconds.
    #[serde(rename = "stalled_since")]
    since: Time,
    /// What is waited for, and what stands in its way.
    why_nothing_moves: Vec<Why>,
}

/// One thing that is waited for, or that stands in its way.
#[derive(Debug, Serialize)]
struct Why {
    #[serde(flatten)]
    reason: StallReason,
    /// The same in words.
    says: String,
}

impl Stalled {
    /// What a run waits for, if that has been in vain for long.
    pub fn of(run: &Simulation) -> Option<Stalled> {
        let since = run.stalled_since()?;
        let why = |reason: StallReason| Why {
            says: english().text(&stall(&reason)),
            reason,
        };
        let reasons = run.why_nothing_moves().into_iter();
        Some(Stalled {
            since,
            why_nothing_moves: reasons.map(why).collect(),
        })
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> Result<(), Unusable> {
        let (seconds, millis) = (self.since.0 / 1_000_000, self.since.0 / 1_000 % 1_000);
        writeln!(
            out,
            "\nStalled since {seconds}.{millis:03} s. Why nothing moves:"
        )?;
        for Why { says, .. } in &self.why_nothing_moves {
            writeln!(out, "  - {says}")?;
        }
        Ok(())
    }
}
