//! What a client knows of the tries of an operation, and so of the operation if it gives up.
//!
//! An operation *definitely failed* only if every try was refused before anything was done, and no
//! copy of a try can still run. A client knows that of a try by the server's answer, and only by
//! that: a request that nobody answered may wait at a server that is paused, or stand in a log.
//! It also knows whether its link delivers a request at most once; if it may deliver it twice, a
//! refusal says nothing of the copy.

use crate::sim::failed::{Doubt, Failed};

/// Tries without an answer that are told apart; with more, nothing else matters.
const MOST: usize = 64;

/// The tries of the operation under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries {
    /// Those of which no answer says that they won't run, by their numbers.
    open: Vec<u32>,
    /// What no later answer can mend.
    doubt: Option<Doubt>,
}

impl Tries {
    /// A try is sent; `copies` says whether the link may deliver it twice.
    pub fn sent(&mut self, attempt: u32, copies: bool) {
        if self.open.len() < MOST {
            self.open.push(attempt);
        } else {
            self.doubt = self.doubt.or(Some(Doubt::Unanswered));
        }
        if copies {
            self.copied();
        }
    }

    /// A try may have been delivered twice.
    pub fn copied(&mut self) {
        self.doubt = self.doubt.or(Some(Doubt::MaybeCopied));
    }

    /// A server has answered that a try won't run.
    pub fn refused(&mut self, attempt: u32) {
        self.open.retain(|&open| open != attempt);
    }

    /// A leader has answered that it had appended a try and leads no longer.
    pub fn lost(&mut self) {
        self.doubt = Some(Doubt::LeadershipLost);
    }

    /// What is known of the operation if its client gives up. `expired`: because its session has
    /// expired.
    pub fn failed(&self, expired: bool) -> Failed {
        let unanswered = || (!self.open.is_empty()).then_some(Doubt::Unanswered);
        let doubt = match self.doubt {
            Some(Doubt::LeadershipLost) => self.doubt,
            doubt => unanswered().or(doubt),
        };
        match doubt {
            None => Failed::Definite,
            Some(_) if expired => Failed::Indefinite {
                why: Doubt::SessionExpired,
            },
            Some(why) => Failed::Indefinite { why },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(why: Doubt) -> Failed {
        Failed::Indefinite { why }
    }

    #[test]
    fn only_if_every_try_was_refused_nothing_happened() {
        let mut tries = Tries::default();
        assert_eq!(tries.failed(false), Failed::Definite);
        tries.sent(1, false);
        tries.sent(2, false);
        tries.refused(2);
        tries.refused(2);
        assert_eq!(tries.failed(false), doubt(Doubt::Unanswered));
        assert_eq!(tries.failed(true), doubt(Doubt::SessionExpired));
        tries.refused(1);
        assert_eq!(tries.failed(false), Failed::Definite);
        assert_eq!(tries.failed(true), Failed::Definite);
        tries.lost();
        assert_eq!(tries.failed(false), doubt(Doubt::LeadershipLost));
    }

    #[test]
    fn a_refusal_says_nothing_of_a_copy() {
        let mut tries = Tries::default();
        tries.sent(1, true);
        assert_eq!(tries.failed(false), doubt(Doubt::Unanswered));
        tries.refused(1);
        assert_eq!(tries.failed(false), doubt(Doubt::MaybeCopied));
    }

    #[test]
    fn any_number_of_tries_takes_little_room() {
        let mut tries = Tries::default();
        (1..=1_000).for_each(|attempt| tries.sent(attempt, false));
        assert_eq!(tries.open.len(), MOST);
        (1..=1_000).for_each(|attempt| tries.refused(attempt));
        assert_eq!(tries.failed(false), doubt(Doubt::Unanswered));
    }
}
