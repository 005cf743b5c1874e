//! What a client that gave up knows of its operation: the same in the feed, in the Clients view and on
//! the stage.

use crate::sim::{Doubt, Failed};
use crate::view::words::{Telling, tell};

/// What becomes of the operation: the end of a sentence.
pub fn outlook(failed: Failed) -> Telling {
    match failed {
        Failed::Definite => tell!("failed.definite"),
        Failed::Indefinite { .. } => tell!("failed.indefinite"),
    }
}

/// Why that is known, or can't be known: a sentence without its full stop.
pub fn reason(failed: Failed) -> Telling {
    match failed {
        Failed::Definite => tell!("failed.refused"),
        Failed::Indefinite { why } => match why {
            Doubt::Unanswered => tell!("failed.unanswered"),
            Doubt::LeadershipLost => tell!("failed.leadership-lost"),
            Doubt::SessionExpired => tell!("failed.session-expired"),
            Doubt::MaybeCopied => tell!("failed.maybe-copied"),
        },
    }
}
