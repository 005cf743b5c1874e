//! The lines of a trace.

use crate::base::{GroupId, MemberId, NodeId, Time};
use crate::kv::Command;
use crate::raft::{
    Body, Configuration, Conflict, EntryId, Index, Message, Round, Rules, Term, Timing, Trace,
};
use crate::run::ENGINE;
use crate::sim::settings::Beginning;
use crate::sim::{Aside, AsideKind, Event, Replica, Simulation};
use serde::Serialize;

/// The number of this format: another one means that a reader has to be changed.
pub const FORMAT: u32 = 1;

/// The first line: what the run is made of, as far as a step depends on it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Header<'a> {
    /// The number of the format: 1.
    pub trace: u32,
    /// The engine's version.
    pub engine: &'a str,
    /// The seed of all draws, as text, because JSON's numbers are rounded elsewhere.
    pub seed: String,
    /// How many servers there are, from 1 on; all of them vote.
    pub servers: u32,
    /// The rules that don't hold.
    pub rules: Rules,
    /// The servers' times and limits, in microseconds, entries and bytes.
    pub timing: &'a Timing,
    /// What the disks hold before the run begins, server 1 first; those without are empty.
    pub beginnings: &'a [Beginning],
}

impl Header<'_> {
    /// That of a run.
    pub fn of(run: &Simulation) -> Header<'_> {
        let settings = run.settings();
        Header {
            trace: FORMAT,
            engine: ENGINE,
            seed: run.seed().to_string(),
            servers: settings.nodes,
            rules: settings.rules,
            timing: &settings.timing,
            beginnings: &settings.start,
        }
    }
}

/// An event, and what a step rests on beyond what it says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Line<'a> {
    /// The event.
    #[serde(flatten)]
    pub event: &'a Event,
    /// The rest.
    #[serde(flatten)]
    pub detail: Option<Detail>,
}

/// What stands beside the events. It has no number.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Beside<'a> {
    /// When.
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub kind: &'a AsideKind,
}

impl<'a> From<&'a Aside> for Beside<'a> {
    fn from(aside: &'a Aside) -> Beside<'a> {
        Beside {
            at: aside.at,
            kind: &aside.kind,
        }
    }
}

/// What a step rests on beyond what the event says.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Detail {
    /// Of a sync.
    Synced {
        /// Who has the vote on the disk.
        vote: Option<NodeId>,
        /// The last entry of the snapshot on the disk; 0 without one.
        snapshot: Index,
        /// How many writes of the server became durable, those among them that only keep messages in
        /// order.
        writes: u32,
    },
    /// Of a restart.
    Restarted {
        /// The term that it found.
        term: Term,
        /// The vote that it found.
        vote: Option<NodeId>,
        /// The commit index with which it starts: what its snapshot covers.
        commit: Index,
        /// The last entry of the snapshot that it found; 0 without one.
        snapshot: Index,
    },
    /// Of a configuration that a server goes by from now on.
    Configuration {
        /// Who is a member by it.
        members: Members,
    },
    /// Of a message between servers.
    Message(Box<MessageDetail>),
}

/// The members by a configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Members {
    /// The voters; of a joint configuration, the new ones.
    pub voters: Vec<Member>,
    /// The old voters of a joint configuration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outgoing: Vec<Member>,
    /// Those who get the log without a vote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub learners: Vec<Member>,
}

/// A member. A server that is taken out and in again is another member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Member {
    /// The server.
    pub node: NodeId,
    /// Which of the members that there have ever been: 1 for all founders.
    pub generation: u32,
}

impl From<&Configuration> for Members {
    fn from(configuration: &Configuration) -> Members {
        let all = |ids: &[MemberId]| {
            let member = |id: &MemberId| Member {
                node: id.node(),
                generation: id.generation(),
            };
            ids.iter().map(member).collect()
        };
        Members {
            voters: all(configuration.voters()),
            outgoing: all(configuration.outgoing()),
            learners: all(configuration.learners()),
        }
    }
}

/// So many entries, one after the other, of the same term.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// Their term.
    pub term: Term,
    /// How many.
    pub entries: u64,
}

/// A configuration among the entries of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Configured {
    /// Its index.
    pub index: Index,
    /// Who is a member by it.
    #[serde(flatten)]
    pub members: Members,
}

/// What a message between servers carries beyond what the event says. Which fields there are depends on
/// its type.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MessageDetail {
    /// AppendEntries: the entry before the new ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<EntryId>,
    /// AppendEntries: the terms of the entries, as runs; none in a heartbeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Run>,
    /// AppendEntries: the configurations among the entries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configurations: Vec<Configured>,
    /// AppendEntries: the leader's commit index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Index>,
    /// The leader's round of messages, or that which is answered. 0: nobody answers it, or the answer
    /// says no more than its term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
    /// RequestVote, RequestPreVote: where the candidate's log ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<EntryId>,
    /// RequestVote, RequestPreVote: whether the leader told it to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<bool>,
    /// RequestVote, RequestPreVote: the candidate's priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// RequestPreVote and its answer: the sender's number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<u64>,
    /// InstallSnapshot: the term of the last entry in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_term: Option<Term>,
    /// InstallSnapshot: who is a member as of that entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    /// The answer to AppendEntries or InstallSnapshot: which of its disks answers, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<u32>,
    /// A refusal of AppendEntries: where to look next, the conflicting term and its first index there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<EntryId>,
    /// ReadIndex and its answer: the sender's number for the reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// Which member the sender is, if it is no founder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_generation: Option<u32>,
    /// Which member it is meant for, if that is no founder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_generation: Option<u32>,
}

impl MessageDetail {
    /// That of a message.
    pub fn of(message: &Message<Command>) -> MessageDetail {
        let generation = |id: MemberId| Some(id.generation()).filter(|&it| it != MemberId::FOUNDER);
        MessageDetail {
            from_generation: generation(message.from),
            to_generation: generation(message.to),
            ..MessageDetail::said(&message.body)
        }
    }

    fn said(body: &Body<Command>) -> MessageDetail {
        let mut it = MessageDetail::default();
        match body {
            Body::RequestVote(candidate) | Body::RequestPreVote { candidate, .. } => {
                it.last = Some(candidate.last_log);
                it.transfer = Some(candidate.transfer);
                it.priority = Some(candidate.priority);
                if let Body::RequestPreVote { campaign, .. } = body {
                    it.campaign = Some(*campaign);
                }
            }
            Body::AppendEntries {
                prev_log,
                entries,
                leader_commit,
                round,
            } => {
                it.prev = Some(*prev_log);
                it.commit = Some(*leader_commit);
                it.round = Some(*round);
                for (index, entry) in (prev_log.index + 1..).zip(entries.iter()) {
                    it.add_entry(entry.term);
                    it.configurations
                        .extend(entry.configuration().map(|named| Configured {
                            index,
                            members: named.into(),
                        }));
                }
            }
            Body::AppendEntriesAccepted { round, disk, .. }
            | Body::InstallSnapshotReply { round, disk, .. } => {
                (it.round, it.disk) = (Some(*round), Some(*disk));
            }
            Body::AppendEntriesRejected {
                hint: Conflict { term, index },
                round,
                disk,
                ..
            } => {
                let (index, term) = (*index, *term);
                (it.round, it.disk) = (Some(*round), Some(*disk));
                it.hint = Some(EntryId { index, term });
            }
            Body::RequestPreVoteReply { campaign, .. } => it.campaign = Some(*campaign),
            Body::InstallSnapshot { chunk, round } => {
                (it.round, it.last_term) = (Some(*round), Some(chunk.last.term));
                it.members = Some((&chunk.configuration).into());
            }
            Body::ReadIndex { batch } | Body::ReadIndexReply { batch, .. } => {
                it.batch = Some(*batch);
            }
            Body::RequestVoteReply { .. } | Body::TimeoutNow => {}
        }
        it
    }

    fn add_entry(&mut self, term: Term) {
        match self.terms.last_mut() {
            Some(run) if run.term == term => run.entries += 1,
            _ => self.terms.push(Run { term, entries: 1 }),
        }
    }
}

/// The index of the configuration that a server goes by from now on, if it decided that.
pub(super) fn adopted(trace: &Trace) -> Option<Index> {
    match *trace {
        Trace::ConfigurationAdopted { index, .. }
        | Trace::ConfigurationRolledBack { index, .. } => Some(index),
        _ => None,
    }
}

/// A server's replica of a group.
pub(super) fn group_of(run: &Simulation, node: NodeId, group: GroupId) -> Option<&Replica> {
    run.host(node)?.replica_of(group)
}
