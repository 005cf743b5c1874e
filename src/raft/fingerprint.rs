//! What a server will do, in 128 bits: states that behave alike from here on have one fingerprint.
//!
//! A search of all that can happen (`explore`) asks whether it has been in a place before. For that,
//! what decides about the future counts, and nothing else. Left out are
//!
//! - *clocks*: timers, when somebody was heard, when a round began. Whoever compares fingerprints
//!   lets no time pass, and so leases and CheckQuorum play no part;
//! - *chance*: the draws of election timeouts, and how often a server has started or stood in vain;
//!   priorities count for nothing where all are equal;
//! - *what is only told*: refusals of a vote, the entries whose old term was noticed once;
//! - *numbers that nobody waits for*: of reads sent on, and of PreVotes, while no answer to them
//!   could still be taken. A later number is greater anyhow, and that is all it is for.
//!
//! Servers can be renamed on the way ([`Sketch::new`]), and order counts only where it means
//! something: then two clusters that differ by nothing but the names of their servers look the same.

use super::configuration::Configuration;
use super::input::{Append, Compaction, Write};
use super::log::{Entries, Log};
use super::message::{Body, Candidacy, Conflict, Message};
use super::node::{Raft, RoleState};
use super::progress::{Progress, ProgressState};
use super::read_index::{PendingRead, Reader};
use super::snapshot::{Chunk, Snapshot};
use super::types::{Entry, EntryId, HardState, Payload};
use crate::base::hash::mix;
use crate::base::{Digest, Fold, MemberId, NodeId};

/// A fingerprint in the making: two folds side by side, of 64 bits each.
#[derive(Clone, Copy, Debug)]
pub struct Sketch<'a> {
    names: &'a [NodeId],
    lanes: [u64; 2],
}

impl<'a> Sketch<'a> {
    /// An empty one in which server `id` has the name `names[id]`; behind the end of the list, its own.
    pub fn new(names: &'a [NodeId]) -> Sketch<'a> {
        Sketch {
            names,
            lanes: [0, 1],
        }
    }

    /// The fingerprint so far.
    pub fn value(self) -> [u64; 2] {
        self.lanes.map(mix)
    }

    /// Takes a number in.
    pub fn word(&mut self, word: u64) {
        let [one, two] = &mut self.lanes;
        *one = mix(*one ^ word);
        *two = (two.rotate_left(29) ^ word).wrapping_mul(0xd6e8_feb8_6659_fd93);
        *two ^= *two >> 32;
    }

    /// Takes a server in, by its name here.
    pub fn node(&mut self, id: NodeId) {
        let name = self.names.get(id.0 as usize).copied().unwrap_or(id);
        self.word(name.0.into());
    }

    /// Takes a member in, by its name here.
    pub fn member(&mut self, id: MemberId) {
        self.node(id.node());
        self.word(id.generation().into());
    }

    /// Takes something in that may not be there.
    pub fn option<T>(&mut self, it: Option<T>, take: impl FnOnce(&mut Self, T)) {
        self.word(it.is_some().into());
        if let Some(it) = it {
            take(self, it);
        }
    }

    /// Takes things in whose order means nothing.
    pub fn unordered<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        take: impl Fn(&mut Self, T),
    ) {
        let mut sum = [0_u64; 3];
        for item in items {
            let mut one = Sketch::new(self.names);
            take(&mut one, item);
            let [a, b] = one.value();
            sum = [sum[0].wrapping_add(a), sum[1].wrapping_add(b), sum[2] + 1];
        }
        sum.into_iter().for_each(|word| self.word(word));
    }

    fn fold(&mut self, it: &impl Fold) {
        let mut digest = Digest::default();
        it.fold(&mut digest);
        self.word(digest.value());
    }
}

/// What has a fingerprint.
pub trait Fingerprint {
    /// Takes it in.
    fn sketch(&self, into: &mut Sketch<'_>);

    /// Its fingerprint, with the servers renamed: see [`Sketch::new`].
    fn fingerprint(&self, names: &[NodeId]) -> [u64; 2] {
        let mut sketch = Sketch::new(names);
        self.sketch(&mut sketch);
        sketch.value()
    }
}

impl Fingerprint for EntryId {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.word(self.index);
        into.word(self.term);
    }
}

impl Fingerprint for HardState {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.word(self.current_term);
        into.option(self.voted_for, Sketch::member);
        into.word(self.generation.into());
    }
}

impl Fingerprint for Configuration {
    fn sketch(&self, into: &mut Sketch<'_>) {
        for list in [self.voters(), self.outgoing(), self.learners()] {
            into.unordered(list, |into, &id| into.member(id));
        }
        into.word(self.leaves_by_itself().into());
        into.word(self.generation().into());
    }
}

impl<C: Fold> Fingerprint for Entry<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.word(self.term);
        match &self.payload {
            Payload::Noop => into.word(1),
            Payload::Command(command) => {
                into.word(2);
                into.fold(command);
            }
            Payload::Configuration(configuration) => {
                into.word(3);
                configuration.sketch(into);
            }
        }
    }
}

impl<C: Fold> Fingerprint for Entries<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.word(self.len());
        self.iter().for_each(|entry| entry.sketch(into));
    }
}

impl<C: Fold> Fingerprint for Log<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        self.base().sketch(into);
        into.word(self.last_index());
        for index in self.first_index()..=self.last_index() {
            into.option(self.entry(index), |into, entry| entry.sketch(into));
        }
    }
}

impl Fingerprint for Snapshot {
    fn sketch(&self, into: &mut Sketch<'_>) {
        self.last.sketch(into);
        into.word(self.checksum);
        self.configuration.sketch(into);
    }
}

impl Fingerprint for Chunk {
    fn sketch(&self, into: &mut Sketch<'_>) {
        self.last.sketch(into);
        into.word(self.checksum);
        self.configuration.sketch(into);
        into.word(self.offset.into());
        into.word(self.end().into());
    }
}

impl<C: Fold> Fingerprint for Write<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.option(self.hard_state, |into, it| it.sketch(into));
        into.option(self.append.as_ref(), |into, Append { first, entries }| {
            into.word(*first);
            entries.sketch(into);
        });
        into.option(self.snapshot.as_ref(), |into, it| {
            let Compaction { snapshot, base } = it;
            snapshot.sketch(into);
            base.sketch(into);
        });
        into.unordered(&self.after, |into, message| message.sketch(into));
    }
}

impl<C: Fold> Fingerprint for Message<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.member(self.from);
        into.member(self.to);
        into.word(self.term);
        self.body.sketch(into);
    }
}

fn candidacy(into: &mut Sketch<'_>, it: &Candidacy) {
    it.last_log.sketch(into);
    into.word(it.transfer.into());
}

impl<C: Fold> Fingerprint for Body<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        match self {
            Body::RequestVote(candidate) => {
                into.word(1);
                candidacy(into, candidate);
            }
            Body::RequestVoteReply { granted } => words(into, [2, u64::from(*granted)]),
            Body::AppendEntries {
                prev_log,
                entries,
                leader_commit,
                round,
            } => {
                words(into, [3, *leader_commit, u64::from(*round)]);
                prev_log.sketch(into);
                entries.sketch(into);
            }
            Body::AppendEntriesAccepted {
                match_index,
                round,
                disk,
            } => words(into, [4, *match_index, (*round).into(), (*disk).into()]),
            Body::AppendEntriesRejected {
                prev_log_index,
                hint: Conflict { term, index },
                round,
                disk,
            } => {
                words(into, [5, *prev_log_index, *term, *index]);
                words(into, [(*round).into(), (*disk).into()]);
            }
            Body::RequestPreVote {
                candidate,
                campaign,
            } => {
                words(into, [6, *campaign]);
                candidacy(into, candidate);
            }
            Body::RequestPreVoteReply { granted, campaign } => {
                words(into, [7, u64::from(*granted), *campaign]);
            }
            Body::TimeoutNow => into.word(8),
            Body::InstallSnapshot { chunk, round } => {
                words(into, [9, u64::from(*round)]);
                chunk.sketch(into);
            }
            Body::InstallSnapshotReply {
                last,
                bytes,
                round,
                disk,
            } => {
                words(into, [10, *last, (*bytes).into()]);
                words(into, [(*round).into(), (*disk).into()]);
            }
            Body::ReadIndex { batch } => words(into, [11, *batch]),
            Body::ReadIndexReply { batch, index } => words(into, [12, *batch, *index]),
        }
    }
}

fn words<const N: usize>(into: &mut Sketch<'_>, words: [u64; N]) {
    words.into_iter().for_each(|word| into.word(word));
}

impl<C: Fold> Fingerprint for Raft<C> {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.member(self.id());
        into.word(self.config.disk.into());
        self.hard_state.sketch(into);
        self.log.sketch(into);
        self.sketch_membership(into);
        into.word(self.disk_full.into());
        into.option(self.snapshot.as_ref(), |into, it| it.sketch(into));
        into.option(self.incoming.as_ref(), |into, it| {
            it.last.sketch(into);
            words(into, [it.checksum, it.received().into(), it.term]);
            it.early.values().for_each(|chunk| chunk.sketch(into));
            into.word(it.early.len() as u64);
        });
        words(into, [self.durable_index, self.commit_index]);
        words(into, [self.writes.into()]);
        self.sketch_role(into);
        self.sketch_reads(into);
    }
}

impl<C: Fold> Raft<C> {
    fn sketch_membership(&self, into: &mut Sketch<'_>) {
        let membership = &self.membership;
        // The rest of what it knows stands in its log.
        if let Some((index, configuration)) = membership.known.first() {
            into.word(*index);
            configuration.sketch(into);
        }
        into.word(self.configuration_index());
        words(into, [membership.votes, membership.stands].map(u64::from));
    }

    fn sketch_role(&self, into: &mut Sketch<'_>) {
        let yes = |votes: &[(MemberId, bool)]| {
            let yes = votes.iter().filter(|(_, granted)| *granted);
            yes.map(|&(id, _)| id).collect::<Vec<_>>()
        };
        match &self.state {
            RoleState::Follower { leader } => {
                into.word(1);
                into.option(*leader, Sketch::member);
            }
            RoleState::PreCandidate { votes } => {
                words(into, [2, self.campaign]);
                into.unordered(yes(votes), Sketch::member);
            }
            RoleState::Candidate { votes } => {
                into.word(3);
                into.unordered(yes(votes), Sketch::member);
            }
            RoleState::Leader(leader) => {
                words(into, [4, leader.round.into()]);
                into.unordered(&leader.peers, |into, peer| peer.sketch(into));
                into.word(leader.reads.len() as u64);
                leader.reads.iter().for_each(|read| read.sketch(into));
                into.option(self.transfers_to(), Sketch::member);
            }
        }
    }

    fn sketch_reads(&self, into: &mut Sketch<'_>) {
        let reads = &self.forwarded;
        into.option(reads.to, |into, (leader, term)| {
            into.member(leader);
            into.word(term);
        });
        if !reads.asked.is_empty() {
            into.word(reads.batch);
        }
        into.unordered(&reads.asked, |into, &id| into.word(id));
        into.unordered(&reads.waiting, |into, &id| into.word(id));
        into.unordered(&reads.confirmed, |into, &(id, index)| {
            words(into, [id, index])
        });
    }
}

impl Fingerprint for PendingRead {
    fn sketch(&self, into: &mut Sketch<'_>) {
        match self.reader {
            Reader::Caller(id) => words(into, [1, id]),
            Reader::Follower(follower, batch) => {
                into.member(follower);
                into.word(batch);
            }
        }
        into.option(self.index, Sketch::word);
        into.word(self.round.into());
    }
}

impl Fingerprint for Progress {
    fn sketch(&self, into: &mut Sketch<'_>) {
        into.member(self.id);
        words(into, [self.match_index, self.next_index, self.commit_sent]);
        words(into, [self.heard_round, self.sent.1].map(u64::from));
        into.word(match self.state {
            ProgressState::Probe { waiting } => waiting.into(),
            ProgressState::Replicate => 2,
            ProgressState::Snapshot => 3,
        });
        into.option(self.disk, |into, disk| into.word(disk.into()));
        into.option(self.sending.as_ref(), |into, it| {
            it.snapshot.sketch(into);
            words(into, [it.received, it.sent, it.reported].map(u64::from));
            into.word(it.ended.into());
        });
        into.word(self.in_flight.len() as u64);
        for &(last, bytes) in self.in_flight.iter() {
            words(into, [last, bytes.into()]);
        }
        into.option(self.catch_up.as_ref(), |into, it| {
            words(into, [it.until, it.short.into()]);
        });
    }
}
