//! `--trace-format etcd`: a run in the words of the specification of etcd's Raft, for its trace validation
//! (etcd-io/raft, `tla/Traceetcdraft.tla`; the format is that of its `state_trace.go`).
//!
//! That specification begins with the founders' configuration in each log, as many entries of term 1 as
//! there are founders. So indexes here are higher by their number, and terms by one. It has no PreVote, no reads, no
//! hand-over and no lost writes; it forgets no commit index in a crash, and says what a follower answers. Therefore
//! its state is kept here beside the run's ([`Mirror`]), each line is an action of it, and what goes wrong at an action
//! that it doesn't have ends the trace with a word about it. A message that a server ignores is a
//! lost one there; one that is doubled, one that was sent twice.

use super::lines::MessageDetail;
use super::mirror::Mirror;
use super::specified::{Record, Reply};
use crate::base::NodeId;
use crate::raft::{DropReason, Refusal, Role, Term, Trace};
use crate::sim::{Event, EventKind, MessageId, MessageKind, PacketKind, ServerState, Simulation};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A message of the specification.
#[derive(Clone, Debug)]
enum Sent {
    Request(Record),
    Answer(Record),
}

/// The writer.
#[derive(Debug, Default)]
pub(super) struct Etcd {
    mirror: Mirror,
    /// The messages that the specification has under way, by the number of ours.
    messages: BTreeMap<MessageId, Sent>,
    /// Answers that are decided and wait for a disk, by who gives them.
    answers: Vec<(NodeId, Reply)>,
}

/// What the specification doesn't have.
fn unmapped(what: &str) -> io::Result<()> {
    Err(io::Error::other(format!(
        "the specification of etcd's Raft has no {what}: what follows isn't mapped"
    )))
}

impl Etcd {
    /// The beginning: each server starts with the founders' configuration.
    pub fn begin(run: &Simulation, out: &mut impl Write) -> io::Result<Etcd> {
        let settings = run.settings();
        if !settings.start.is_empty() {
            unmapped("logs at the beginning but the founders' configuration")?;
        }
        let mirror = Mirror::new(settings.nodes);
        mirror.bootstrap(out)?;
        Ok(Etcd {
            mirror,
            ..Etcd::default()
        })
    }

    /// An event, among those of the same step.
    pub fn event(
        &mut self,
        (event, step): (&Event, &[Event]),
        detail: Option<&MessageDetail>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match &event.kind {
            EventKind::Sent { message, kind, .. } => {
                let (Some((from, to, kind)), Some(detail)) = (servers(event, kind), detail) else {
                    return Ok(());
                };
                self.sent(*message, (from, to), kind, detail, out)
            }
            EventKind::Duplicated { message, copy } => self.doubled(*message, *copy, out),
            EventKind::Lost { message, .. } => {
                self.messages.remove(message);
                Ok(())
            }
            EventKind::Delivered { message, kind, .. } => {
                let sent = self.messages.remove(message);
                let (Some((from, to, kind)), Some(detail)) = (servers(event, kind), detail) else {
                    return Ok(());
                };
                if matches!(kind, MessageKind::InstallSnapshot { .. }) {
                    return Ok(());
                }
                let ignored = step
                    .iter()
                    .any(|it| it.cause == Some(event.seq) && ignores(it));
                match sent {
                    Some(sent) if !ignored => self.delivered((from, to), (kind, detail), sent, out),
                    _ => Ok(()),
                }
            }
            EventKind::Traced { node, trace, .. } => self.decided(*node, trace, out),
            EventKind::Synced { node, last, .. } => self.mirror.synced(*node, last.index, out),
            EventKind::Crashed { node, .. } => {
                self.answers.retain(|(from, _)| from != node);
                self.mirror.crash(*node);
                Ok(())
            }
            EventKind::Restarted { node, last, .. } => {
                match self.mirror.restart(*node, *last, out)? {
                    true => Ok(()),
                    false => unmapped("crash that loses what wasn't on the disk"),
                }
            }
            EventKind::Refused { .. } => unmapped("lost disks"),
            EventKind::Joined { .. } | EventKind::Rejoined { .. } => {
                unmapped("members that join this way")
            }
            _ => Ok(()),
        }
    }

    /// A server after a step: it stands as in the specification.
    pub fn compare(&self, node: NodeId, state: &ServerState) -> io::Result<()> {
        match self.mirror.agrees(node, state) {
            true => Ok(()),
            false => unmapped(&format!("such step of {node}")),
        }
    }

    fn sent(
        &mut self,
        message: MessageId,
        (from, to): (NodeId, NodeId),
        kind: &MessageKind,
        detail: &MessageDetail,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let sent = match *kind {
            MessageKind::RequestVote { .. } => self.mirror.ask(from, to, out)?.map(Sent::Request),
            MessageKind::AppendEntries { .. } | MessageKind::Heartbeat { .. } => {
                let append = self.mirror.append(from, to, detail, out)?;
                append.map(Sent::Request)
            }
            MessageKind::RequestVoteReply { granted, .. } => self.answer(from, |it| {
                it.to == to && it.round.is_none() && it.yes == granted
            }),
            MessageKind::AppendEntriesReply { success, .. } => self.answer(from, |it| {
                it.to == to && it.round == detail.round && it.yes == success
            }),
            _ => None,
        };
        if let Some(sent) = sent {
            self.messages.insert(message, sent);
            self.mirror.ready(from, out)?;
        }
        Ok(())
    }

    /// The first of a server's answers that fits leaves.
    fn answer(&mut self, from: NodeId, fits: impl Fn(&Reply) -> bool) -> Option<Sent> {
        let place = self
            .answers
            .iter()
            .position(|(who, it)| *who == from && fits(it))?;
        Some(Sent::Answer(self.answers.remove(place).1.record))
    }

    /// What is doubled was sent twice, as long as its sender still stands as it did.
    fn doubled(
        &mut self,
        message: MessageId,
        copy: MessageId,
        out: &mut impl Write,
    ) -> io::Result<()> {
        if let Some(Sent::Request(record)) = self.messages.get(&message).cloned()
            && self.mirror.sends_again(&record, out)?
        {
            self.mirror.ready(record.from, out)?;
            self.messages.insert(copy, Sent::Request(record));
        }
        Ok(())
    }

    fn delivered(
        &mut self,
        (from, to): (NodeId, NodeId),
        (kind, detail): (&MessageKind, &MessageDetail),
        sent: Sent,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match sent {
            Sent::Answer(record) => self.mirror.hear(to, &record, out),
            Sent::Request(record) => {
                let round = match kind {
                    MessageKind::RequestVote { .. } => None,
                    // Nobody answers a notice; who refuses an old term answers no round.
                    _ if self.mirror.is_past(to, &record) => Some(0),
                    _ => detail.round,
                };
                let silent = detail.round == Some(0);
                let (yes, record) = self.mirror.receive(to, &record, out)?;
                if !silent {
                    let reply = Reply {
                        to: from,
                        round,
                        yes,
                        record,
                    };
                    self.answers.push((to, reply));
                }
                Ok(())
            }
        }
    }

    fn decided(&mut self, node: NodeId, trace: &Trace, out: &mut impl Write) -> io::Result<()> {
        match *trace {
            Trace::TermAdopted { term, .. } if self.mirror.knows_term(node, term) => Ok(()),
            Trace::TermAdopted { .. } => {
                unmapped("terms that come with other messages, such as a PreVote")
            }
            Trace::ElectionStarted { .. } => self.mirror.stand(node, out),
            Trace::VoteCounted { from, .. } if from == node => self.mirror.own_vote(node, out),
            Trace::VoteRefused {
                why: Refusal::LowerPriority { .. },
                ..
            } => unmapped("priorities"),
            Trace::BecameLeader { .. } => self.mirror.win(node, out),
            Trace::Appended { first, last, .. } => {
                self.mirror.replicate(node, last + 1 - first, out)
            }
            Trace::Committed {
                to,
                as_leader: true,
                ..
            } => match self.mirror.commit(node, to, out)? {
                true => Ok(()),
                false => unmapped("such commit"),
            },
            Trace::Resigned { .. } | Trace::DiskFilled { .. } => self.mirror.step_down(node, out),
            Trace::ConfigurationAdopted { .. } => {
                unmapped("changes of the members as this program makes them")
            }
            Trace::SnapshotInstalled { .. } => unmapped("snapshots in parts"),
            _ => Ok(()),
        }
    }
}

/// The servers between whom a message travels, and what it is.
fn servers<'a>(event: &Event, kind: &'a PacketKind) -> Option<(NodeId, NodeId, &'a MessageKind)> {
    let (EventKind::Sent { from, to, .. } | EventKind::Delivered { from, to, .. }) = &event.kind
    else {
        return None;
    };
    match kind {
        PacketKind::Message { group, kind } if group.is_first() => {
            Some((from.node()?, to.node()?, kind))
        }
        _ => None,
    }
}

/// Whether a server ignores what it was handed: then it is a lost message in the specification.
fn ignores(decision: &Event) -> bool {
    let EventKind::Traced { trace, .. } = &decision.kind else {
        return false;
    };
    match trace {
        Trace::VoteRefused { why, .. } => matches!(why, Refusal::HearsLeader { .. }),
        Trace::Dropped { why, .. } => {
            matches!(
                why,
                DropReason::DiskFull | DropReason::Stranger | DropReason::SecondLeader
            )
        }
        _ => false,
    }
}

/// The name of a role there. Who asks before it stands is what it was.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Leader => "StateLeader",
        Role::Candidate => "StateCandidate",
        Role::Follower | Role::PreCandidate => "StateFollower",
    }
}

/// A term there.
pub(super) const fn term_there(term: Term) -> Term {
    term + 1
}
