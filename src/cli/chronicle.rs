//! What the clients of a run saw, as a history for `kvorum check`.

use super::history::write_line;
use super::history::{Judged, Leadership, Line, Mark, Model, Operation};
use crate::base::{ClientId, NodeId, Time};
use crate::check::{Call, Observed, Reply, Value};
use crate::kv;
use crate::raft::ReadLevel;
use crate::run::Playhead;
use crate::run::RetainedEvent;
use crate::sim::{Action, Event, EventKind, Failed};
use crate::view::narrate;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What a mark tells that goes on until something ends it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Lasting {
    Partition,
    Down(NodeId),
    Paused(NodeId),
}

/// The operations under way, and the marks so far.
#[derive(Default)]
pub(super) struct Chronicle {
    open: BTreeMap<ClientId, (kv::Sequence, Time, kv::Operation)>,
    marks: Vec<Mark>,
    /// Places of marks that go on.
    lasting: BTreeMap<Lasting, usize>,
    /// The next event of which a mark may be made.
    next: u64,
}

impl Chronicle {
    /// Takes an event in; writes the operation that ends with it.
    pub fn event(&mut self, event: &Event, out: &mut impl Write) -> io::Result<()> {
        match &event.kind {
            EventKind::Invoked {
                client,
                sequence,
                operation,
            } => {
                let begun = (*sequence, event.at, operation.clone());
                self.open.insert(*client, begun);
                Ok(())
            }
            EventKind::Returned {
                client, outcome, ..
            } => self.close(
                *client,
                Some(event.at),
                Reply::from(outcome),
                Judged::Yes,
                out,
            ),
            EventKind::GaveUp { client, failed, .. } => match failed {
                Failed::Definite => {
                    let at = Some(event.at);
                    self.close(*client, at, Reply::Unknown, Judged::Failed, out)
                }
                // It may happen after the client has gone on.
                Failed::Indefinite { .. } => {
                    self.close(*client, None, Reply::Unknown, Judged::Yes, out)
                }
            },
            _ => Ok(()),
        }
    }

    fn close(
        &mut self,
        client: ClientId,
        returned: Option<Time>,
        reply: Reply,
        judged: Judged,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let Some((_, invoked, operation)) = self.open.remove(&client) else {
            return Ok(());
        };
        let is_stale =
            matches!(&operation, kv::Operation::Get { level, .. } if *level == ReadLevel::Stale);
        let observed = Observed {
            call: Call::from(&operation),
            reply,
            invoked: invoked.0,
            returned: returned.map(|at| at.0),
        };
        let client = Value::integer(client.0.into());
        let key = Value::text(operation.key().clone());
        let mut line = Operation::single(client, key, &observed);
        line.judged = match judged {
            Judged::Yes if is_stale => Judged::Stale,
            other => other,
        };
        write_line(out, &Line::Operation(line), Model::Kv)
    }

    /// Looks at what has happened to the system since.
    pub fn look(&mut self, playhead: &Playhead) {
        for retained in playhead.events_since(self.next) {
            self.next = retained.event.seq + 1;
            self.see(&retained);
        }
    }

    fn see(&mut self, retained: &RetainedEvent) {
        let begins = match &retained.event.kind {
            EventKind::Acted(action) | EventKind::ChaosActed(action) => match action {
                Action::Request { .. } | Action::SetLoad { .. } => return,
                // What comes of it is told by an event of its own.
                Action::Crash { .. }
                | Action::Restart { .. }
                | Action::Pause { .. }
                | Action::Resume { .. } => return,
                Action::Heal => return self.end(Lasting::Partition, retained.event.at),
                Action::Partition { .. } => {
                    self.end(Lasting::Partition, retained.event.at);
                    Some(Lasting::Partition)
                }
                _ => None,
            },
            EventKind::Crashed { node, .. } => Some(Lasting::Down(*node)),
            EventKind::Paused { node } => Some(Lasting::Paused(*node)),
            EventKind::Restarted { node, .. } => {
                return self.end(Lasting::Down(*node), retained.event.at);
            }
            EventKind::Resumed { node, .. } => {
                return self.end(Lasting::Paused(*node), retained.event.at);
            }
            _ => return,
        };
        if let Some(begins) = begins {
            self.lasting.insert(begins, self.marks.len());
        }
        self.marks.push(Mark {
            at: retained.event.at.0,
            until: None,
            text: narrate(retained).sentence(),
        });
    }

    fn end(&mut self, what: Lasting, at: Time) {
        if let Some(place) = self.lasting.remove(&what) {
            self.marks[place].until = Some(at.0);
        }
    }

    /// Writes the operations that are still under way, the marks, and who led.
    pub fn finish(mut self, playhead: &Playhead, out: &mut impl Write) -> io::Result<()> {
        let waiting: Vec<_> = self.open.keys().copied().collect();
        for client in waiting {
            self.close(client, None, Reply::Unknown, Judged::Yes, out)?;
        }
        let now = playhead.now().0;
        for &place in self.lasting.values() {
            self.marks[place].until = Some(now);
        }
        for mark in self.marks {
            write_line(out, &Line::Mark(mark), Model::Kv)?;
        }
        for leadership in playhead.leaderships().iter() {
            let leadership = Leadership {
                from: leadership.from.0,
                until: leadership.to.map(|to| to.0),
                leader: leadership.leader.to_string(),
                term: leadership.term,
            };
            write_line(out, &Line::Leadership(leadership), Model::Kv)?;
        }
        Ok(())
    }
}
