//! What to doubt about settings.

use super::words::{Telling, tell};
use crate::sim::SettingsDoubt;

/// What is wrong and what to change.
pub fn doubt(doubt: &SettingsDoubt) -> Telling {
    match *doubt {
        SettingsDoubt::NarrowTimeouts { spread, needed } => {
            tell!("doubt.narrow-timeouts", spread, needed)
        }
        SettingsDoubt::LateHeartbeats { takes, timeout } => {
            tell!("doubt.late-heartbeats", takes, timeout)
        }
        SettingsDoubt::SlowAnswers { takes, timeout } => {
            tell!("doubt.slow-answers", takes, timeout)
        }
    }
}
