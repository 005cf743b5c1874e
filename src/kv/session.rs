//! Client sessions: a retried command runs once (section 8; dissertation 6.3).
//!
//! A client that gets no answer can't know whether its command took effect, so it sends it again,
//! and the log may hold it twice. The state machine remembers, for each client, the number of
//! its last command and what it did; the second copy is answered from there. A client has one
//! operation under way at a time, so the last one is enough. Sessions are part of the replicated
//! state: every server decides alike.
//!
//! They don't stay for ever. Each command carries the time at which its leader appended it, and
//! the greatest so far is the *log's time*: the same on every server at the same entry, whatever
//! their clocks show. A session that has run nothing for a while of that time expires: what it
//! remembers is dropped, all but its number. A command of an expired session may have run before,
//! so it is answered with an error and never runs; its client goes on with the next session. A
//! leader's clock that leaps ahead makes sessions expire early, which costs an error and no more.
//!
//! The dissertation has a client register each session with a command of its own. Here a session is
//! opened by its first command; that a number is never opened twice takes the place of that.

use super::command::{Outcome, Sequence, SessionNumber};
use super::encoding::{DecodeError, Decoder, Encoder};
use crate::base::{ClientId, Sorted, Span, Time};

/// A client's newest session.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Session {
    number: SessionNumber,
    /// What it ran last; `None` once it has expired.
    last: Option<Ran>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Ran {
    sequence: Sequence,
    outcome: Outcome,
    /// The log's time.
    at: Time,
}

/// The last command of every client. Cloning shares.
#[derive(Clone, Debug, Default)]
pub struct Sessions {
    newest: Sorted<ClientId, Session>,
    /// The greatest time of any command so far.
    time: Time,
    /// No live session ran anything before this: until that is long ago, none expires.
    since: Time,
}

impl PartialEq for Sessions {
    fn eq(&self, other: &Sessions) -> bool {
        // When to look next is no part of the state.
        (&self.newest, self.time) == (&other.newest, other.time)
    }
}

impl Eq for Sessions {}

/// What the sessions know of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Nothing: it has to run.
    New,
    /// It ran, and did this.
    Ran(Outcome),
    /// A later one of the same session ran: nobody waits for this one any more.
    Superseded,
    /// Its session is over. Whether it ran, nobody knows any more.
    Expired,
}

impl Sessions {
    /// The log's time moves on to `now`, unless it is there already. Sessions that ran nothing for
    /// longer than `timeout` expire; a timeout of 0 is none.
    pub fn pass(&mut self, now: Time, timeout: Span) {
        self.time = self.time.max(now);
        if timeout == Span::ZERO || self.time.since(self.since) <= timeout {
            return;
        }
        let live = |session: &Session| session.last.as_ref().map(|last| last.at);
        let is_over = |at: Time| self.time.since(at) > timeout;
        let over = self.newest.pairs().iter();
        let over = over.filter(|(_, session)| live(session).is_some_and(is_over));
        for (client, number) in over
            .map(|(client, session)| (*client, session.number))
            .collect::<Vec<_>>()
        {
            self.newest.insert(client, Session { number, last: None });
        }
        let left = self.newest.pairs().iter();
        let left = left.filter_map(|(_, session)| live(session));
        self.since = left.min().unwrap_or(self.time);
    }

    /// What is known of command number `sequence` of `client` in its session.
    pub fn seen(&self, client: ClientId, number: SessionNumber, sequence: Sequence) -> Seen {
        let Some(session) = self.newest.get(&client) else {
            return Seen::New;
        };
        match &session.last {
            _ if session.number < number => Seen::New,
            Some(last) if session.number == number => match sequence.cmp(&last.sequence) {
                std::cmp::Ordering::Greater => Seen::New,
                std::cmp::Ordering::Equal => Seen::Ran(last.outcome.clone()),
                std::cmp::Ordering::Less => Seen::Superseded,
            },
            _ => Seen::Expired,
        }
    }

    /// What a command did, if it ran and nothing came after it in its session.
    pub fn ran(
        &self,
        client: ClientId,
        number: SessionNumber,
        sequence: Sequence,
    ) -> Option<Outcome> {
        match self.seen(client, number, sequence) {
            Seen::Ran(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Remembers what a command did.
    pub fn remember(
        &mut self,
        client: ClientId,
        number: SessionNumber,
        sequence: Sequence,
        outcome: Outcome,
    ) {
        let at = self.time;
        let last = Some(Ran {
            sequence,
            outcome,
            at,
        });
        self.newest.insert(client, Session { number, last });
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        out.word(self.time.0);
        out.number(self.newest.pairs().len() as u32);
        for (client, Session { number, last }) in self.newest.pairs() {
            out.number(client.0);
            out.number(*number);
            out.byte(last.is_some().into());
            if let Some(last) = last {
                out.word(last.at.0);
                out.word(last.sequence);
                out.outcome(&last.outcome);
            }
        }
    }

    pub(super) fn decode(bytes: &mut Decoder<'_>) -> Result<Sessions, DecodeError> {
        let mut sessions = Sessions {
            time: Time(bytes.word("sessions.time")?),
            ..Sessions::default()
        };
        for _ in 0..bytes.number("sessions")? {
            let client = ClientId(bytes.number("session.client")?);
            let number = bytes.number("session.number")?;
            let error = bytes.error("session.live");
            let last = match bytes.byte("session.live")? {
                0 => None,
                1 => Some(Ran {
                    at: Time(bytes.word("session.at")?),
                    sequence: bytes.word("session.sequence")?,
                    outcome: bytes.outcome()?,
                }),
                _ => return Err(error),
            };
            sessions.newest.insert(client, Session { number, last });
        }
        Ok(sessions)
    }

    /// How many clients have a session that hasn't expired.
    pub fn len(&self) -> usize {
        let pairs = self.newest.pairs().iter();
        pairs.filter(|(_, session)| session.last.is_some()).count()
    }

    /// Whether no client has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
