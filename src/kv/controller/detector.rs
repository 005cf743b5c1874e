//! The failure detector: how a node is, by when it was heard last.
//!
//! It can be wrong, because a late message looks like a dead node. So a late node is suspect first, which
//! only keeps new replicas from it; what is done about a dead one is a move like any other, which does no
//! harm if the node is back before it ends.

use crate::base::{Span, Time};
use crate::kv::planner::Verdict;

/// After how long without a sign of life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// A node is suspect.
    pub suspect_after: Span,
    /// A node is dead.
    pub dead_after: Span,
}

/// How a node is that was heard at `heard`, or not since a controller began to listen then.
pub fn verdict(before: Verdict, heard: Time, now: Time, patience: Patience) -> Verdict {
    let silent = now.since(heard);
    match before {
        _ if silent >= patience.dead_after => Verdict::Dead,
        // It stays so, dead or not, until somebody takes it back.
        Verdict::Draining => Verdict::Draining,
        _ if silent >= patience.suspect_after => Verdict::Suspect,
        _ => Verdict::Alive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        suspect_after: Span::millis(1_000),
        dead_after: Span::millis(5_000),
    };

    fn after(before: Verdict, silent: u64) -> Verdict {
        let heard = Time::from_millis(10_000);
        verdict(before, heard, heard + Span::millis(silent), PATIENCE)
    }

    #[test]
    fn a_node_is_suspect_before_it_is_dead_and_alive_once_it_is_heard() {
        for before in [Verdict::Alive, Verdict::Suspect, Verdict::Dead] {
            let verdicts = [0, 999, 1_000, 4_999, 5_000].map(|silent| after(before, silent));
            let [alive, suspect, dead] = [Verdict::Alive, Verdict::Suspect, Verdict::Dead];
            assert_eq!(verdicts, [alive, alive, suspect, suspect, dead]);
        }
        assert_eq!(after(Verdict::Draining, 4_999), Verdict::Draining);
        assert_eq!(after(Verdict::Draining, 5_000), Verdict::Dead);
    }
}
