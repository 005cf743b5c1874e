//! What the specification of etcd's Raft has: messages, and servers that handle them.

use crate::base::NodeId;
use crate::raft::{Index, Role, Round, Term};
use std::collections::VecDeque;

/// A message of the specification, with its own indexes and terms.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub kind: &'static str,
    pub from: NodeId,
    pub to: NodeId,
    pub term: Term,
    /// The entry before, or the candidate's last one; of an answer what it acknowledges.
    pub index: Index,
    pub log_term: Term,
    pub entries: Vec<Term>,
    pub commit: Index,
    pub reject: bool,
}

/// An answer that is decided.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub to: NodeId,
    /// The round that it answers; `None` for a vote.
    pub round: Option<Round>,
    pub yes: bool,
    pub record: Record,
}

/// A server there.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub role: Role,
    pub term: Term,
    pub vote: Option<NodeId>,
    pub log: Vec<Term>,
    pub commit: Index,
    /// What it knows of the others' logs, and of its own disk's.
    pub matched: Vec<Index>,
    /// Answers to itself that wait for its disk.
    pub own: VecDeque<Index>,
    /// Term, vote, length of the log and commit index as they are stored.
    pub durable: (Term, Option<NodeId>, usize, Index),
}

impl Server {
    /// HandleRequestVoteRequest.
    pub fn grant(&mut self, record: &Record) -> bool {
        let ours = (
            self.log.last().copied().unwrap_or(0),
            self.log.len() as Index,
        );
        let free = self.vote.is_none_or(|vote| vote == record.from);
        let grants = record.term == self.term && (record.log_term, record.index) >= ours && free;
        if grants {
            self.vote = Some(record.from);
        }
        grants
    }

    /// HandleAppendEntriesRequest: what is acknowledged, if it is accepted.
    pub fn take(&mut self, record: &Record) -> Option<Index> {
        let before = record.index as usize;
        let holds = before == 0 || self.log.get(before - 1) == Some(&record.log_term);
        if record.term < self.term || !holds {
            return None;
        }
        let here = &self.log[before..];
        let common = here
            .iter()
            .zip(&record.entries)
            .take_while(|(a, b)| a == b)
            .count();
        if common < record.entries.len() {
            self.log.truncate(before + common);
            self.log.extend(&record.entries[common..]);
        }
        let through = record.index + record.entries.len() as Index;
        // What begins before the commit index changes nothing more there.
        if record.index < self.commit {
            return Some(self.commit);
        }
        self.commit = record.commit.min(through);
        Some(through)
    }
}
