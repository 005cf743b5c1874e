//! The five properties of figure 3.
//!
//! The trick is one number per entry: the hash of the log up to it. The first server that writes
//! the entry (index, term) settles that hash. Log Matching says that everybody else who writes it
//! must arrive at the same one; as long as that holds, index and term alone tell the whole log
//! before them, and each of the other checks is a single comparison.
//!
//! A snapshot stands for the log up to its last entry, which must be the one that was applied
//! there, and its state must be the same on every server. What every server has compacted is
//! forgotten here too, so that a run may go on for days.

use super::super::disk_record::DiskRecord;
use super::super::host::Host;
use super::super::replica::ReplicaIndex;
use super::Found;
use super::by_host::ByHost;
use crate::base::{Digest, Fold, NodeId, Sorted};
use crate::kv::Command;
use crate::raft::{Append, EntryId, Index, Log, Raft, Snapshot, Term};
use std::collections::VecDeque;
use std::rc::Rc;

/// A growing list that shares its full chunks with its clones, and forgets its first ones.
#[derive(Clone, Debug)]
struct Chunks<T> {
    chunks: VecDeque<Rc<Vec<T>>>,
    forgotten: u64,
    len: u64,
}

const CHUNK: u64 = 256;

impl<T: Clone> Chunks<T> {
    fn new() -> Chunks<T> {
        Chunks {
            chunks: VecDeque::new(),
            forgotten: 0,
            len: 0,
        }
    }

    fn get(&self, at: u64) -> Option<&T> {
        let chunk = (at / CHUNK).checked_sub(self.forgotten)?;
        self.chunks.get(chunk as usize)?.get((at % CHUNK) as usize)
    }

    /// Forgets what comes before `at`, a chunk at a time.
    fn forget_before(&mut self, at: u64) {
        while self.forgotten < at / CHUNK && self.chunks.pop_front().is_some() {
            self.forgotten += 1;
        }
    }

    fn push(&mut self, value: T) {
        if self.len.is_multiple_of(CHUNK) {
            let chunk = Vec::with_capacity(CHUNK as usize);
            self.chunks.push_back(Rc::new(chunk));
        }
        if let Some(last) = self.chunks.back_mut() {
            Rc::make_mut(last).push(value);
            self.len += 1;
        }
    }
}

/// The hash of the log up to each entry that was ever written, by index and term.
#[derive(Clone, Debug)]
struct Prefixes {
    /// The first term that was seen at each index, and the hash. Index 1 is at 0.
    first: Chunks<(Term, u64)>,
    /// Further terms at the same index: entries of leaders that lost theirs.
    more: Sorted<(Index, Term), u64>,
}

impl Prefixes {
    fn get(&self, EntryId { index, term }: EntryId) -> Option<u64> {
        if index == 0 {
            return Some(0);
        }
        match self.first.get(index - 1) {
            Some(&(first, hash)) if first == term => Some(hash),
            _ => self.more.get(&(index, term)).copied(),
        }
    }

    /// The hash of `log` up to `index`.
    fn of(&self, log: &Log<Command>, index: Index) -> Option<u64> {
        self.get(log.entry_id(index)?)
    }

    /// Settles the hash of an entry; whether it agrees with what was settled before.
    fn settle(&mut self, at: EntryId, hash: u64) -> bool {
        if let Some(settled) = self.get(at) {
            return settled == hash;
        }
        if at.index == self.first.len + 1 {
            self.first.push((at.term, hash));
        } else {
            self.more.insert((at.index, at.term), hash);
        }
        true
    }
}

/// The furthest entry that the leaders of a term and of all earlier ones have committed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Committed {
    at: EntryId,
    hash: u64,
    in_term: Term,
}

/// Where a server is.
#[derive(Clone, Copy, Default, Debug)]
struct Server {
    /// Where its log ends.
    last: Index,
    term: Term,
    commit: Index,
}

/// What has been seen so far.
#[derive(Clone, Debug)]
pub struct RaftChecks {
    prefixes: Prefixes,
    /// Who won each term.
    leaders: Sorted<Term, NodeId>,
    committed: Sorted<Term, Committed>,
    /// The hash of each applied prefix, and who applied it first. Index 1 is at 0.
    applied: Chunks<(u64, NodeId)>,
    /// The hash of the state and the members after an entry, and whose snapshot had it first.
    states: Sorted<Index, (u64, NodeId)>,
    /// Where each server is.
    servers: ByHost<Server>,
    /// The last index of a write that was acknowledged, by the newest term with a leader then.
    acknowledged: Sorted<Term, Index>,
}

impl RaftChecks {
    pub(super) fn new() -> RaftChecks {
        RaftChecks {
            prefixes: Prefixes {
                first: Chunks::new(),
                more: Sorted::default(),
            },
            leaders: Sorted::default(),
            committed: Sorted::default(),
            applied: Chunks::new(),
            states: Sorted::default(),
            servers: ByHost::default(),
            acknowledged: Sorted::default(),
        }
    }

    /// A server is set up, or born, with this log; `born` is the hash of the state that it begins
    /// with, where it has one.
    pub(super) fn begins(&mut self, host: usize, log: &Log<Command>, born: Option<u64>) {
        *self.servers.get_mut(host) = Server {
            last: log.last_index(),
            ..Server::default()
        };
        let mut digest = Digest(0);
        if let Some(state) = born
            && self.prefixes.settle(log.base(), state)
            && self.applied.len == 0
        {
            self.applied.push((state, NodeId(host as u32 + 1)));
        }
        for index in log.first_index()..=log.last_index() {
            if let (Some(entry), Some(at)) = (log.entry(index), log.entry_id(index)) {
                entry.fold(&mut digest);
                digest = Digest(digest.value());
                self.prefixes.settle(at, digest.0);
            }
        }
    }

    /// The hosts that have, or had, a replica.
    pub(super) fn hosts(&self) -> impl Iterator<Item = usize> {
        self.servers.hosts()
    }

    /// A server won a term: Election Safety and Leader Completeness.
    pub(super) fn became_leader(&mut self, raft: &Raft<Command>) -> Option<Found> {
        let (term, leader) = (raft.current_term(), raft.node());
        match self.leaders.get(&term) {
            Some(&first) if first != leader => {
                return Some(Found::TwoLeaders {
                    term,
                    first,
                    second: leader,
                });
            }
            _ => self.leaders.insert(term, leader),
        }
        let committed = self.committed.below(&term);
        committed
            .and_then(|(_, committed)| self.lacks(raft, committed))
            .or_else(|| self.lost_write(raft))
    }

    /// A server's commit index before what it does now.
    pub(super) fn commit_before(&self, host: usize) -> Index {
        self.servers.get(host).map_or(0, |it| it.commit)
    }

    /// The furthest entry that any leader has committed.
    pub(super) fn furthest_commit(&self) -> Index {
        let newest = self.committed.pairs().last();
        newest.map_or(0, |(_, committed)| committed.at.index)
    }

    /// A client was told that the command at `index` took effect.
    pub(super) fn acknowledged(&mut self, index: Index) {
        let newest = self.leaders.pairs().last().map_or(0, |&(term, _)| term);
        let pairs = self.acknowledged.pairs();
        if pairs.last().is_none_or(|&(_, last)| last < index) {
            self.acknowledged.insert(newest, index);
        }
    }

    /// No Write Lost.
    fn lost_write(&self, raft: &Raft<Command>) -> Option<Found> {
        let log = raft.log();
        let &(_, index) = self.acknowledged.below(&raft.current_term())?;
        let &(hash, _) = self.applied.get(index.checked_sub(1)?)?;
        // What every running server had compacted is forgotten here: then it agreed.
        let holds = match self.prefixes.of(log, index) {
            Some(own) => own == hash,
            None => index <= log.last_index(),
        };
        (!holds).then_some(Found::WriteLost {
            leader: raft.node(),
            term: raft.current_term(),
            index,
        })
    }

    /// A log lost what it held from `from` on. If that was committed, other properties say so.
    fn cut_back(&mut self, host: usize, from: Index) {
        let server = self.servers.get_mut(host);
        server.commit = server.commit.min(from - 1);
    }

    /// A server has done something: Never Back.
    pub(super) fn moved(&mut self, host: usize, raft: &Raft<Command>) -> Option<Found> {
        let to = (raft.current_term(), raft.commit_index());
        let server = self.servers.get_mut(host);
        let from = (server.term, server.commit);
        (server.term, server.commit) = to;
        (to.0 < from.0 || to.1 < from.1).then_some(Found::WentBack {
            node: raft.node(),
            from,
            to,
        })
    }

    fn lacks(&self, raft: &Raft<Command>, committed: &Committed) -> Option<Found> {
        let (log, index) = (raft.log(), committed.at.index);
        // What the log has compacted it applied: then that is the hash.
        let holds = match index < log.base().index {
            true => self.applied.get(index - 1).map(|it| it.0),
            false => self.prefixes.of(log, index),
        };
        (holds != Some(committed.hash)).then_some(Found::LeaderLacks {
            leader: raft.node(),
            term: raft.current_term(),
            committed: committed.at,
            committed_in: committed.in_term,
        })
    }

    /// A server cut its log from `from` on: Leader Append-Only.
    pub(super) fn truncated(
        &mut self,
        host: usize,
        raft: &Raft<Command>,
        from: Index,
    ) -> Option<Found> {
        let last = std::mem::replace(&mut self.servers.get_mut(host).last, from - 1);
        self.cut_back(host, from);
        raft.is_leader().then_some(Found::LeaderRewrote {
            leader: raft.node(),
            term: raft.current_term(),
            from,
            last,
        })
    }

    /// A server extended its log, or replaced the end of it: Leader Append-Only and Log Matching.
    pub(super) fn wrote(
        &mut self,
        host: usize,
        raft: &Raft<Command>,
        append: &Append<Command>,
    ) -> Option<Found> {
        let Append { first, entries } = append;
        let end = first - 1 + entries.len();
        let last = std::mem::replace(&mut self.servers.get_mut(host).last, end);
        self.cut_back(host, *first);
        if *first <= last && raft.is_leader() {
            return Some(Found::LeaderRewrote {
                leader: raft.node(),
                term: raft.current_term(),
                from: *first,
                last,
            });
        }
        let mut hash = self.prefixes.of(raft.log(), first - 1)?;
        for (index, entry) in (*first..).zip(entries.iter()) {
            let mut digest = Digest(hash);
            entry.fold(&mut digest);
            hash = digest.value();
            let at = EntryId {
                index,
                term: entry.term,
            };
            if !self.prefixes.settle(at, hash) {
                return Some(Found::LogsDiffer {
                    node: raft.node(),
                    id: at,
                });
            }
        }
        None
    }

    /// A server started from its disk: if it misread a record there, what it makes of it must be
    /// what was written (Log Matching, State Machine Safety).
    pub(super) fn restarted(&mut self, at: ReplicaIndex, host: &Host) -> Option<Found> {
        let volume = &host.disk().volumes[at.slot];
        let log = volume.log();
        *self.servers.get_mut(at.host) = Server {
            last: log.last_index(),
            ..Server::default()
        };
        match volume.misread? {
            DiskRecord::Entry { index } => {
                let position = log.entry_id(index)?;
                let mut digest = Digest(self.prefixes.of(log, index - 1)?);
                log.entry(index)?.fold(&mut digest);
                (!self.prefixes.settle(position, digest.value())).then_some(Found::LogsDiffer {
                    node: host.id(),
                    id: position,
                })
            }
            DiskRecord::Snapshot { .. } => {
                let raft = host.replicas[at.slot].raft()?;
                self.compacted(at.host, raft, volume.snapshot()?)
            }
            DiskRecord::HardState => None,
        }
    }

    /// A leader moved its commit index: Leader Completeness, of the leaders of later terms that
    /// were elected before. Returns what those have to hold, if there may be any.
    pub(super) fn committed(&mut self, raft: &Raft<Command>) -> Option<Committed> {
        let (term, index) = (raft.current_term(), raft.commit_index());
        let at = raft.log().entry_id(index)?;
        let committed = Committed {
            at,
            hash: self.prefixes.get(at)?,
            in_term: term,
        };
        let earlier = self.committed.below(&(term + 1));
        if earlier.is_none_or(|(_, earlier)| earlier.at.index < index) {
            self.committed.insert(term, committed);
        }
        let newest = self.leaders.pairs().last();
        if newest.is_some_and(|&(newest, _)| newest <= term) {
            return None;
        }
        let pairs = self.committed.pairs().iter();
        let behind = pairs.filter(|(later, c)| *later > term && c.at.index < index);
        let behind: Vec<_> = behind.map(|&(later, _)| later).collect();
        for later in behind {
            self.committed.insert(later, committed);
        }
        Some(committed)
    }

    /// Whether the leader of a later term lacks what was committed in an earlier one.
    pub(super) fn any_lacks<'a>(
        &self,
        committed: &Committed,
        rafts: impl Iterator<Item = &'a Raft<Command>>,
    ) -> Option<Found> {
        let term = committed.in_term;
        let mut later = rafts.filter(|raft| raft.is_leader() && raft.current_term() > term);
        later.find_map(|raft| self.lacks(raft, committed))
    }

    /// A server applied an entry: State Machine Safety.
    pub(super) fn applied(&mut self, node: NodeId, at: EntryId) -> Option<Found> {
        let (hash, index) = (self.prefixes.get(at)?, at.index);
        match self.applied.get(index - 1) {
            None if index <= self.applied.len => {}
            None => self.applied.push((hash, node)),
            Some(&(first, other)) if first != hash => {
                return Some(Found::AppliedDiffer { node, other, index });
            }
            Some(_) => {}
        }
        None
    }

    /// A server took a snapshot, or got one: State Machine Safety.
    pub(super) fn compacted(
        &mut self,
        host: usize,
        raft: &Raft<Command>,
        snapshot: &Snapshot,
    ) -> Option<Found> {
        let (node, index) = (raft.node(), snapshot.last.index);
        self.servers.get_mut(host).last = raft.log().last_index();
        let hash = self.prefixes.get(snapshot.last)?;
        if let Some(&(applied, other)) = self.applied.get(index - 1)
            && applied != hash
        {
            return Some(Found::AppliedDiffer { node, other, index });
        }
        let mut state = Digest(snapshot.checksum);
        snapshot.configuration.fold(&mut state);
        match self.states.get(&index) {
            None => self.states.insert(index, (state.value(), node)),
            Some(&(other_state, other)) if other_state != state.value() => {
                return Some(Found::StatesDiffer { node, other, index });
            }
            Some(_) => {}
        }
        None
    }

    /// Every server that runs has compacted its log up to `index`: forgets what comes before.
    pub(super) fn forget_before(&mut self, index: Index) {
        let place = index.saturating_sub(1);
        self.prefixes.first.forget_before(place);
        self.prefixes.more.forget_below(&(index, 0));
        self.applied.forget_before(place);
        self.states.forget_below(&index);
    }
}
