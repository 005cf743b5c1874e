//! What to doubt about settings, in words.

use crate::sim::SettingsDoubt;

/// A sentence that says what is wrong and what to change.
pub fn doubt(doubt: &SettingsDoubt) -> String {
    match doubt {
        SettingsDoubt::NarrowTimeouts { spread, needed } => format!(
            "Election timeouts differ by {spread} at most, less than the {needed} that others need to \
             hear of a candidate: votes will often be split. Widen the range of election timeouts."
        ),
        SettingsDoubt::LateHeartbeats { takes, timeout } => format!(
            "A heartbeat may take {takes} to come, and the shortest election timeout is {timeout}: \
             followers will stand though their leader is well. Shorten the heartbeat interval, or \
             lengthen the election timeouts."
        ),
        SettingsDoubt::SlowAnswers { takes, timeout } => format!(
            "An answer may take {takes}, and the shortest election timeout is {timeout}: elections may \
             end before their votes are there. Lengthen the election timeouts."
        ),
    }
}
