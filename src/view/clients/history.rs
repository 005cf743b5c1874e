//! The operations up to the playhead, read from the events that its history remembers.

use super::bar::{Bar, BarEnd};
use crate::base::ClientId;
use crate::kv::Sequence;
use crate::run::{Playhead, RetainedEvent};
use crate::sim::EventKind;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most operations that are remembered.
pub(super) const MOST: usize = 4_096;

/// A client's newest operation.
#[derive(Clone, Copy, Debug)]
struct Newest {
    sequence: Sequence,
    place: usize,
}

/// The operations, in the order of their invocations.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    bars: Vec<Rc<Bar>>,
    clients: BTreeMap<ClientId, Newest>,
    /// The newest event that was read.
    read: Option<Rc<RetainedEvent>>,
    /// Whether operations are missing at the beginning.
    is_cut: bool,
    /// Whether places mean other operations than before.
    begins_anew: bool,
    /// Places of what is new: begun or answered.
    touched: Vec<usize>,
}

impl History {
    pub fn bars(&self) -> &[Rc<Bar>] {
        &self.bars
    }

    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.clients.keys().copied()
    }

    /// Whether operations are missing at the beginning: then nobody knows what the keys were.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether everything begins anew, and the places of what is new. Asked once.
    pub fn take_news(&mut self) -> (bool, Vec<usize>) {
        (
            std::mem::take(&mut self.begins_anew),
            std::mem::take(&mut self.touched),
        )
    }

    /// Reads on, or anew if the playhead has gone back or to another branch. Whether that brings
    /// any news.
    pub fn follow(&mut self, playhead: &Playhead) -> bool {
        let emitted = playhead.simulation().events_emitted();
        // Branches share the events that they have in common.
        let goes_on = self.read.as_ref().is_some_and(|read| {
            let seq = read.event.seq;
            let same = |retained: Rc<RetainedEvent>| Rc::ptr_eq(&retained, read);
            seq < emitted && playhead.event(seq).is_some_and(same)
        });
        if !goes_on {
            let had_any = !self.bars.is_empty();
            *self = History {
                begins_anew: had_any || self.begins_anew,
                ..History::default()
            };
        }
        let first = self.read.as_ref().map_or(0, |read| read.event.seq + 1);
        for retained in playhead.events_since(first) {
            self.read(&retained);
            self.read = Some(retained.clone());
        }
        let is_here = |id| self.clients.contains_key(&id);
        let asked = playhead.simulation().clients();
        let silent = asked.filter(|client| client.operations().next().is_some());
        self.is_cut |= silent.map(|client| client.id()).any(|id| !is_here(id));
        self.bound();
        self.begins_anew || !self.touched.is_empty()
    }

    fn read(&mut self, retained: &RetainedEvent) {
        let at = retained.event.at;
        match &retained.event.kind {
            EventKind::Asked {
                client,
                sequence,
                node,
                attempt,
            } => {
                let (client, sequence) = (*client, *sequence);
                if *attempt == 1
                    && let Some((_, operation)) = &retained.command
                {
                    let before = self.clients.get(&client).map_or(0, |it| it.sequence);
                    self.is_cut |= sequence != before + 1;
                    let place = self.bars.len();
                    self.clients.insert(client, Newest { sequence, place });
                    self.bars.push(Rc::new(Bar {
                        client,
                        sequence,
                        operation: operation.clone(),
                        node: *node,
                        attempts: 1,
                        invoked: at,
                        end: BarEnd::Waiting,
                        servers: None,
                    }));
                    self.touched.push(place);
                } else if let Some(bar) = self.change(client, sequence) {
                    bar.node = *node;
                    bar.attempts = *attempt;
                }
            }
            EventKind::Returned {
                client,
                sequence,
                node,
                outcome,
            } => {
                if let Some(bar) = self.change(*client, *sequence) {
                    bar.node = *node;
                    bar.end = BarEnd::Answered(at, outcome.clone());
                    bar.servers = Some(retained.servers.clone());
                }
            }
            EventKind::GaveUp {
                client,
                sequence,
                failed,
            } => {
                if let Some(bar) = self.change(*client, *sequence) {
                    bar.end = BarEnd::GaveUp(at, *failed);
                }
            }
            _ => {}
        }
    }

    /// The client's newest operation, to be changed; `None` if its beginning is not remembered.
    fn change(&mut self, client: ClientId, sequence: Sequence) -> Option<&mut Bar> {
        let newest = self.clients.get(&client);
        let Some(newest) = newest.filter(|newest| newest.sequence == sequence) else {
            self.is_cut = true;
            return None;
        };
        self.touched.push(newest.place);
        Some(Rc::make_mut(&mut self.bars[newest.place]))
    }

    /// Forgets the older half of too many operations.
    fn bound(&mut self) {
        if self.bars.len() <= MOST {
            return;
        }
        // Whoever still waits for something that old has lost it.
        let gone = self.bars.len() - MOST / 2;
        self.bars.drain(..gone);
        self.clients.retain(|_, newest| newest.place >= gone);
        for newest in self.clients.values_mut() {
            newest.place -= gone;
        }
        self.touched = (0..self.bars.len()).collect();
        self.begins_anew = true;
        self.is_cut = true;
    }
}
