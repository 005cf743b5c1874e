//! What a client that gave up knows of its operation, in words: the same in the feed, in the Clients
//! view and on the stage.

use crate::sim::{Doubt, Failed};

/// What becomes of the operation: the end of a sentence.
pub fn outlook(failed: Failed) -> &'static str {
    match failed {
        Failed::Definite => "it didn’t happen, and never will",
        Failed::Indefinite { .. } => "nobody knows whether it takes effect",
    }
}

/// Why that is known, or can't be known: a sentence without its full stop.
pub fn reason(failed: Failed) -> &'static str {
    match failed {
        Failed::Definite => "Every try was refused before anything was done",
        Failed::Indefinite { why } => match why {
            Doubt::Unanswered => "A try was never answered",
            Doubt::LeadershipLost => "A leader had it in its log, and then led no longer",
            Doubt::SessionExpired => {
                "Its session has expired, and an earlier try may have run before that"
            }
            Doubt::MaybeCopied => "The network may have copied a try, and the copy may run",
        },
    }
}
