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
//! Where shards are merged, two tables become one ([`Sessions::join`]): of each client the greatest session and in it
//! the greatest number. What is live in either stays live; if the other one had expired with a greater number, that
//! number's outcome is lost, and what comes after it runs.
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
    /// The number of that, once it has expired, where another group's table may be joined with this one; else 0.
    ended: Sequence,
}

impl Session {
    /// The number of its last command, as far as it is known.
    fn sequence(&self) -> Sequence {
        self.last.as_ref().map_or(self.ended, |last| last.sequence)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Ran {
    sequence: Sequence,
    /// What it did; `None` if that was forgotten in the group where it ran.
    outcome: Option<Outcome>,
    /// The log's time.
    at: Time,
}

impl Session {
    /// What two groups together know of one session.
    fn joined(&self, other: &Session) -> Session {
        let live = [self, other].into_iter().filter_map(|it| it.last.as_ref());
        let Some(at) = live.clone().map(|ran| ran.at).max() else {
            let ended = self.ended.max(other.ended);
            return Session {
                ended,
                ..self.clone()
            };
        };
        let sequence = self.sequence().max(other.sequence());
        let mut known = live.filter(|ran| ran.sequence == sequence);
        let outcome = known.find_map(|ran| ran.outcome.clone());
        let last = Some(Ran {
            sequence,
            outcome,
            at,
        });
        Session {
            last,
            ended: 0,
            ..self.clone()
        }
    }

    fn encode(&self, out: &mut Encoder) {
        match &self.last {
            None if self.ended == 0 => out.byte(EXPIRED),
            None => {
                out.byte(EXPIRED_WITH_NUMBER);
                out.word(self.ended);
            }
            Some(Ran {
                sequence,
                outcome,
                at,
            }) => {
                out.byte(if outcome.is_some() {
                    LIVE
                } else {
                    OUTCOME_LOST
                });
                out.word(at.0);
                out.word(*sequence);
                outcome.iter().for_each(|outcome| out.outcome(outcome));
            }
        }
    }

    fn decode(number: SessionNumber, bytes: &mut Decoder<'_>) -> Result<Session, DecodeError> {
        let all = [EXPIRED, LIVE, EXPIRED_WITH_NUMBER, OUTCOME_LOST];
        let kind = bytes.one_of("session.live", &all)?;
        let (mut last, mut ended) = (None, 0);
        match kind {
            EXPIRED => {}
            EXPIRED_WITH_NUMBER => ended = bytes.word("session.ended")?,
            _ => {
                let (at, sequence) = (bytes.word("session.at")?, bytes.word("session.sequence")?);
                let known = kind == LIVE;
                last = Some(Ran {
                    sequence,
                    outcome: known.then(|| bytes.outcome()).transpose()?,
                    at: Time(at),
                });
            }
        }
        Ok(Session {
            number,
            last,
            ended,
        })
    }
}

// How a session stands in a snapshot.
const EXPIRED: u8 = 0;
const LIVE: u8 = 1;
const EXPIRED_WITH_NUMBER: u8 = 2;
const OUTCOME_LOST: u8 = 3;

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
    /// longer than `timeout` expire; a timeout of 0 is none. `keeps`: the number of what they ran last stays.
    pub fn pass(&mut self, now: Time, timeout: Span, keeps: bool) {
        self.time = self.time.max(now);
        if timeout == Span::ZERO || self.time.since(self.since) <= timeout {
            return;
        }
        let live = |session: &Session| session.last.as_ref().map(|last| last.at);
        let is_over = |at: Time| self.time.since(at) > timeout;
        let over = self.newest.pairs().iter();
        let over = over.filter(|(_, session)| live(session).is_some_and(is_over));
        let expired = |session: &Session| Session {
            number: session.number,
            last: None,
            ended: if keeps { session.sequence() } else { 0 },
        };
        for (client, session) in over
            .map(|(client, session)| (*client, expired(session)))
            .collect::<Vec<_>>()
        {
            self.newest.insert(client, session);
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
                std::cmp::Ordering::Equal => match &last.outcome {
                    Some(outcome) => Seen::Ran(outcome.clone()),
                    None => Seen::Expired,
                },
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
            outcome: Some(outcome),
            at,
        });
        let ended = 0;
        let session = Session {
            number,
            last,
            ended,
        };
        self.newest.insert(client, session);
    }

    /// Takes in what another group remembers, whose keys come to this one. The log's time is the later of both.
    pub fn join(&mut self, other: &Sessions) {
        self.time = self.time.max(other.time);
        self.since = self.since.min(other.since);
        for (client, theirs) in other.newest.pairs() {
            let joined = match self.newest.get(client) {
                Some(ours) if ours.number > theirs.number => continue,
                Some(ours) if ours.number == theirs.number => ours.joined(theirs),
                _ => theirs.clone(),
            };
            self.newest.insert(*client, joined);
        }
    }

    pub(super) fn encode(&self, out: &mut Encoder) {
        out.word(self.time.0);
        out.number(self.newest.pairs().len() as u32);
        for (client, session) in self.newest.pairs() {
            out.number(client.0);
            out.number(session.number);
            session.encode(out);
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
            let session = Session::decode(number, bytes)?;
            sessions.newest.insert(client, session);
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

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: ClientId = ClientId(1);

    /// A table in which the client has run this, at this second of the log's time.
    fn ran(number: SessionNumber, sequence: Sequence, secs: u64) -> Sessions {
        let mut sessions = Sessions::default();
        sessions.pass(Time::from_millis(secs * 1_000), Span::secs(10), true);
        sessions.remember(CLIENT, number, sequence, Outcome::Done);
        sessions
    }

    fn expired(number: SessionNumber, sequence: Sequence) -> Sessions {
        let mut sessions = ran(number, sequence, 0);
        sessions.pass(Time::from_millis(11_000), Span::secs(10), true);
        assert!(sessions.is_empty());
        sessions
    }

    #[test]
    fn what_either_group_ran_runs_in_neither() {
        let done = || Seen::Ran(Outcome::Done);
        let rows = [
            // The greater number of one session.
            (
                ran(1, 4, 1),
                ran(1, 9, 2),
                1,
                [Seen::Superseded, done(), Seen::New],
            ),
            // A later session.
            (
                ran(2, 9, 1),
                ran(1, 4, 2),
                2,
                [Seen::Superseded, done(), Seen::New],
            ),
            (
                ran(2, 9, 1),
                ran(1, 4, 2),
                1,
                [Seen::Expired, Seen::Expired, Seen::Expired],
            ),
            // What is live in one group stays live; the outcome that the other one forgot is lost.
            (
                expired(1, 9),
                ran(1, 4, 5),
                1,
                [Seen::Superseded, Seen::Expired, Seen::New],
            ),
            (
                expired(1, 4),
                ran(1, 9, 5),
                1,
                [Seen::Superseded, done(), Seen::New],
            ),
            (
                expired(1, 9),
                expired(1, 4),
                1,
                [Seen::Expired, Seen::Expired, Seen::Expired],
            ),
        ];
        for (at, (one, other, number, seen)) in rows.into_iter().enumerate() {
            for (ours, theirs) in [(&one, &other), (&other, &one)] {
                let mut joined = ours.clone();
                joined.join(theirs);
                let found = [8, 9, 10].map(|sequence| joined.seen(CLIENT, number, sequence));
                assert_eq!(found, seen, "row {at}");
                assert_eq!(joined.time, one.time.max(other.time));
                let mut out = Encoder::new();
                joined.encode(&mut out);
                let bytes = out.finish();
                let again = Decoder::new(&bytes).and_then(|mut it| Sessions::decode(&mut it));
                assert_eq!(again, Ok(joined));
            }
        }
    }
}
