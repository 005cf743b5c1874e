//! `--trace`: what happened, line by line, with what somebody who knows nothing of this program needs
//! to check each step (docs/trace.md).
//!
//! An event says what the screen tells. What a step rests on beyond that (the entry before the new
//! ones, the terms of the entries, the round) is looked up here in the run itself, so that no run pays for it
//! that nobody traces.

mod etcd;
mod lines;
mod mirror;
mod specified;

pub use lines::{Beside, Header, Line};

use lines::MessageDetail;

use super::args;
use crate::raft::Index;
use crate::sim::{
    Aside, AsideKind, Event, EventKind, MessageId, PacketKind, Simulation, packet::Content,
};
use etcd::Etcd;
use lines::{Detail, Members, group_of};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What of a run is traced.
#[derive(Debug, Default, clap::Args)]
pub struct Wanted {
    /// Write what happens as lines of JSON (docs/trace.md)
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    pub trace: Option<PathBuf>,
    /// With --trace: also how a server stands after each of its steps
    #[arg(long, requires = "trace")]
    pub trace_states: bool,
    /// With --trace: whose words are written
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "kvorum",
        requires = "trace",
        conflicts_with = "trace_states"
    )]
    pub trace_format: Format,
}

/// Whose words are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum Format {
    /// This program's
    #[default]
    Kvorum,
    /// Those of the specification of etcd's Raft, for its trace validation
    Etcd,
}

/// What a trace has, and what is known of the messages under way.
#[derive(Debug, Default)]
pub struct Trace {
    format: Format,
    states: bool,
    messages: BTreeMap<MessageId, Box<MessageDetail>>,
    etcd: Etcd,
}

impl Trace {
    /// A trace; with `states` it says after each step how the server stands.
    pub fn new(format: Format, states: bool) -> Trace {
        Trace {
            format,
            states,
            ..Trace::default()
        }
    }

    /// Has a run keep what a trace needs.
    pub fn watch(simulation: &mut Simulation) {
        simulation.keep_events(true);
        simulation.keep_asides(true);
    }

    /// Writes the first line, or the first lines.
    ///
    /// # Errors
    /// It can't be written, or the format has no words for such a beginning.
    pub fn begin(&mut self, simulation: &Simulation, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Kvorum => line(out, &Header::of(simulation)),
            Format::Etcd => {
                self.etcd = Etcd::begin(simulation, out)?;
                Ok(())
            }
        }
    }

    /// Writes what has happened in the last step of a run, or while an action was done.
    ///
    /// # Errors
    /// It can't be written, or the format has no words for what has happened.
    pub fn write(
        &mut self,
        simulation: &Simulation,
        events: &[Event],
        asides: &[Aside],
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut asides = asides.iter().peekable();
        for event in events {
            while let Some(aside) = asides.next_if(|it| it.after <= event.seq) {
                self.aside(aside, out)?;
            }
            let synced = asides.peek().filter(|it| it.after == event.seq + 1);
            let writes = synced.and_then(|it| match it.kind {
                AsideKind::Synced { writes } => Some(writes),
                _ => None,
            });
            let detail = self.detail(simulation, &event.kind, writes.unwrap_or(0));
            match (self.format, &detail) {
                (Format::Kvorum, _) => line(out, &Line { event, detail })?,
                (Format::Etcd, Some(Detail::Message(detail))) => {
                    self.etcd.event((event, events), Some(detail), out)?;
                }
                (Format::Etcd, _) => self.etcd.event((event, events), None, out)?,
            }
        }
        asides.try_for_each(|aside| self.aside(aside, out))
    }

    fn aside(&self, aside: &Aside, out: &mut impl Write) -> io::Result<()> {
        match aside.kind {
            AsideKind::Stepped { node, state, .. } if self.format == Format::Etcd => {
                self.etcd.compare(node, &state)
            }
            _ if self.format == Format::Etcd => Ok(()),
            AsideKind::Synced { .. } => Ok(()),
            AsideKind::Stepped { .. } if !self.states => Ok(()),
            _ => line(out, &lines::Beside::from(aside)),
        }
    }

    /// What a step rests on beyond what the event says.
    fn detail(&mut self, run: &Simulation, kind: &EventKind, writes: u32) -> Option<Detail> {
        match *kind {
            EventKind::Sent {
                message,
                kind: PacketKind::Message { .. },
                ..
            } => {
                let detail = Trace::look_up(run, message)?;
                self.messages.insert(message, detail.clone());
                Some(Detail::Message(detail))
            }
            EventKind::Duplicated { message, copy } => {
                let detail = self.messages.get(&message)?.clone();
                self.messages.insert(copy, detail);
                None
            }
            EventKind::Delivered { message, .. } | EventKind::Lost { message, .. } => {
                self.messages.remove(&message).map(Detail::Message)
            }
            EventKind::Synced { node, group, .. } => {
                let volume = run.host(node)?.volume_of(group)?;
                Some(Detail::Synced {
                    vote: volume.hard_state().voted_for.map(|id| id.node()),
                    snapshot: volume.snapshot().map_or(0, |it| it.last.index),
                    writes,
                })
            }
            EventKind::Restarted { node, group, .. } => {
                let volume = run.host(node)?.volume_of(group)?;
                let snapshot = volume.snapshot().map_or(0, |it| it.last.index);
                Some(Detail::Restarted {
                    term: volume.hard_state().current_term,
                    vote: volume.hard_state().voted_for.map(|id| id.node()),
                    commit: snapshot,
                    snapshot,
                })
            }
            EventKind::Traced { node, group, trace } => {
                let index = lines::adopted(&trace)?;
                let members = members_at(run, (node, group), index)?;
                Some(Detail::Configuration { members })
            }
            _ => None,
        }
    }

    /// What a message that has just left carries; what is under way unchanged is looked up once.
    fn look_up(run: &Simulation, message: MessageId) -> Option<Box<MessageDetail>> {
        match &run.network().packet(message)?.packet.content {
            Content::Raft(_, message) => Some(MessageDetail::of(message).into()),
            _ => None,
        }
    }
}

/// The members by the configuration that stands at an index of a server's log.
fn members_at(
    run: &Simulation,
    (node, group): (crate::base::NodeId, crate::base::GroupId),
    index: Index,
) -> Option<Members> {
    let raft = group_of(run, node, group)?.raft()?;
    let entry = raft.log().entry(index);
    let in_log = entry.and_then(|entry| entry.configuration());
    let named = in_log.unwrap_or_else(|| raft.configuration_at(index).1);
    Some(Members::from(named))
}

fn line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
