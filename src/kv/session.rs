//! Client sessions: a retried command runs once (section 8).
//!
//! A client that gets no answer can't know whether its command took effect, so it sends it again,
//! and the log may hold it twice. The state machine remembers, for each client, the number of
//! its last command and what it did; the second copy is answered from there. A client has one
//! operation under way at a time, so the last one is enough. Sessions are part of the replicated
//! state: every server decides alike.

use super::command::{Outcome, Sequence};
use super::encoding::{DecodeError, Decoder, Encoder};
use crate::base::{ClientId, Sorted};

#[derive(Clone, PartialEq, Eq, Debug)]
struct Session {
    sequence: Sequence,
    outcome: Outcome,
}

/// The last command of every client. Cloning shares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sessions {
    last: Sorted<ClientId, Session>,
}

/// What the sessions know of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Nothing: it has to run.
    New,
    /// It ran, and did this.
    Ran(Outcome),
    /// A later one of the same client ran: nobody waits for this one any more.
    Superseded,
}

impl Sessions {
    /// What is known of command number `sequence` of `client`.
    pub fn seen(&self, client: ClientId, sequence: Sequence) -> Seen {
        match self.last.get(&client) {
            Some(last) if last.sequence == sequence => Seen::Ran(last.outcome.clone()),
            Some(last) if last.sequence > sequence => Seen::Superseded,
            _ => Seen::New,
        }
    }

    /// Remembers what a command did.
    pub fn remember(&mut self, client: ClientId, sequence: Sequence, outcome: Outcome) {
        self.last.insert(client, Session { sequence, outcome });
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        out.number(self.len() as u32);
        for (client, Session { sequence, outcome }) in self.last.pairs() {
            out.number(client.0);
            out.word(*sequence);
            out.outcome(outcome);
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Sessions, DecodeError> {
        let mut sessions = Sessions::default();
        for _ in 0..bytes.number("sessions")? {
            let client = ClientId(bytes.number("session.client")?);
            let sequence = bytes.word("session.sequence")?;
            let outcome = bytes.outcome()?;
            sessions.remember(client, sequence, outcome);
        }
        Ok(sessions)
    }

    /// How many clients have a session.
    pub fn len(&self) -> usize {
        self.last.pairs().len()
    }

    /// Whether no client has a session.
    pub fn is_empty(&self) -> bool {
        self.last.pairs().is_empty()
    }
}
