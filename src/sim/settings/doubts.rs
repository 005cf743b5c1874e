//! Settings that can be, but hardly work: what to doubt about them before a run.

use super::Settings;
use crate::base::Span;
use crate::raft::Rule;
use serde::Serialize;

/// Why a cluster with these settings may find no leader, or not keep one. `view::doubts` has words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "doubt", rename_all = "snake_case")]
pub enum SettingsDoubt {
    /// Election timeouts lie so close together that servers often stand at the same time and split
    /// the votes.
    NarrowTimeouts {
        /// The longest election timeout less the shortest.
        spread: Span,
        /// The time from the end of a server's timer until all others know that it stands.
        needed: Span,
    },
    /// A heartbeat may come after the shortest election timeout.
    LateHeartbeats {
        /// The heartbeat interval and the way of a message.
        takes: Span,
        /// The shortest election timeout.
        timeout: Span,
    },
    /// Candidates wait for answers that take longer than the shortest election timeout.
    SlowAnswers {
        /// There and back, and what the voter writes in between.
        takes: Span,
        /// The shortest election timeout.
        timeout: Span,
    },
}

impl Settings {
    /// What in these settings may keep a cluster without faults from finding and keeping a leader.
    /// Rules of elections are those of the settings. Empty for a single server.
    pub fn doubts(&self) -> Vec<SettingsDoubt> {
        if self.nodes < 2 {
            return Vec::new();
        }
        let (timing, way, write) = (&self.timing, self.link.latency_max, self.disk.fsync_max);
        let timeout = timing.election_timeout_min;
        let spread = Span(timing.election_timeout_max.0.saturating_sub(timeout.0));
        // Asking first goes there and back before the request whose term counts is written and sent.
        let ways = if self.rules.has(Rule::PreVote) { 3 } else { 1 };
        let needed = way * ways + write;
        let mut doubts = Vec::new();
        if spread < needed {
            doubts.push(SettingsDoubt::NarrowTimeouts { spread, needed });
        }
        let takes = timing.heartbeat + way;
        if takes >= timeout {
            doubts.push(SettingsDoubt::LateHeartbeats { takes, timeout });
        }
        let takes = way * 2 + write;
        if takes >= timeout {
            doubts.push(SettingsDoubt::SlowAnswers { takes, timeout });
        }
        doubts
    }
}
