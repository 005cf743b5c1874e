//! Durable Majority: elections and commits rest on disks (figure 2, persistent state).
//!
//! A server that votes, or says that it holds an entry, promises something that must outlive a
//! crash. So this looks at what reaches the disks, never at messages: whoever is elected needs the
//! vote, and whatever is committed needs a copy, on the disks of a majority (sections 5.2 and
//! 5.3), of a joint configuration on one of either half (section 6). And what a disk holds stays:
//! a vote for the rest of its term, an entry until another one conflicts with it.
//!
//! A broken protocol is caught here at the first wrong decision, long before the crashes come
//! together that would make a client notice. Where a person switches a rule of safety off, that is
//! what they want to see: then nobody watches this property.

use super::super::disk::{self, Disk, Volume};
use super::super::host::Host;
use super::super::replica::last_named;
use super::Found;
use super::by_host::ByHost;
use crate::base::{GroupId, NodeId, Shared};
use crate::kv::Command;
use crate::raft::{Compaction, Configuration, EntryId, HardState, Index, Log, Raft, Term, Write};

/// What has been seen so far.
#[derive(Clone, Default, Debug)]
pub struct DurabilityChecks {
    servers: ByHost<Server>,
}

#[derive(Clone, Default, Debug)]
struct Server {
    /// The newest term in which a vote for it became durable.
    term: Term,
    /// Whose votes those are.
    votes: Vec<NodeId>,
}

/// Where a node's machine stands.
const fn host(node: NodeId) -> usize {
    node.0 as usize - 1
}

impl DurabilityChecks {
    /// A server's sync is complete: its writes reach the disk now.
    pub(super) fn synced(&mut self, host: &Host, slot: usize) -> Option<Found> {
        let (node, disk) = (host.id(), host.disk());
        let volume = &disk.volumes[slot];
        let mut before = volume.hard_state();
        for now in disk.in_sync(slot).filter_map(|write| write.hard_state) {
            if takes_back(before, now) {
                return Some(Found::TakenBack { node, index: None });
            }
            self.voted(node, now);
            before = now;
        }
        let index = entry_taken_back(disk, slot, volume)?;
        Some(Found::TakenBack {
            node,
            index: Some(index),
        })
    }

    fn voted(
        &mut self,
        node: NodeId,
        HardState {
            current_term,
            voted_for,
            generation: _,
        }: HardState,
    ) {
        let Some(candidate) = voted_for else { return };
        let candidate = self.servers.get_mut(host(candidate.node()));
        if candidate.term < current_term {
            candidate.term = current_term;
            candidate.votes.clear();
        }
        if candidate.term == current_term && !candidate.votes.contains(&node) {
            candidate.votes.push(node);
        }
    }

    /// A server won a term.
    pub(super) fn became_leader(&self, raft: &Raft<Command>) -> Option<Found> {
        let (leader, term) = (raft.node(), raft.current_term());
        let own = self.servers.get(host(leader));
        let own = own.filter(|own| own.term == term);
        let votes = own.map_or(&[][..], |own| &own.votes);
        let members = raft.configuration();
        let named = last_named(raft.log(), raft.snapshot(), &raft.config().members);
        if members != named {
            let index = raft.configuration_index();
            return Some(Found::OtherMembers {
                leader,
                term,
                index,
            });
        }
        no_majority(raft, members, None, |id| votes.contains(&id))
    }

    /// A leader moved its commit index on from `before`.
    pub(super) fn committed(
        &self,
        raft: &Raft<Command>,
        before: Index,
        hosts: &Shared<Host>,
        group: GroupId,
    ) -> Option<Found> {
        let index = raft.commit_index();
        let position = raft.log().entry_id(index)?;
        let (leader, term) = (raft.node(), raft.current_term());
        if position.term != term {
            let at = position;
            return Some(Found::NotOwnTerm {
                leader,
                term,
                id: at,
            });
        }
        // A leader leaves a joint configuration in the same step in which it commits it.
        let (of, committed) = raft.configuration_at(index);
        let decides = match committed.is_joint() && of > before {
            true => committed,
            false => raft.configuration(),
        };
        no_majority(raft, decides, Some(index), |id| {
            has(&hosts[host(id)], group, position)
        })
    }
}

/// The half in which too few disks hold what a leader decides by: its votes, or the entry at `index`.
fn no_majority(
    raft: &Raft<Command>,
    members: &Configuration,
    index: Option<Index>,
    holds: impl Fn(NodeId) -> bool,
) -> Option<Found> {
    members.majorities().find_map(|half| {
        let durable = half.iter().filter(|&&id| holds(id.node())).count();
        (durable * 2 <= half.len()).then_some(Found::NoMajority {
            leader: raft.node(),
            term: raft.current_term(),
            index,
            durable: durable as u32,
            voters: half.len() as u32,
        })
    })
}

/// Whether a vote is forgotten, or given again.
fn takes_back(before: HardState, now: HardState) -> bool {
    let same_term = now.current_term == before.current_term;
    now.current_term < before.current_term
        || same_term && before.voted_for.is_some() && before.voted_for != now.voted_for
}

/// Whether a disk holds an entry. One that lost what it held did so by no fault of the protocol.
fn has(host: &Host, group: GroupId, at: EntryId) -> bool {
    let Some(slot) = host.slot(group) else {
        return false;
    };
    let volume = &host.disk().volumes[slot];
    let snapshot = volume.snapshot();
    volume.log().holds(at)
        || snapshot.is_some_and(|snapshot| snapshot.last.index >= at.index)
        || host.disk().is_spoilt()
}

/// The first entry that the sync takes off the disk without one that conflicts with it.
fn entry_taken_back(disk: &Disk, slot: usize, volume: &Volume) -> Option<Index> {
    let mut next = volume.log().last_index() + 1;
    let only_extends = disk.in_sync(slot).all(|write| {
        let append = write.append.as_ref();
        let follows = append.is_none_or(|append| append.first == next);
        next += append.map_or(0, |append| append.entries.len());
        follows && write.snapshot.is_none()
    });
    if only_extends {
        return None;
    }
    let mut log = volume.log().clone();
    let mut covered = volume.snapshot().map_or(0, |snapshot| snapshot.last.index);
    disk.in_sync(slot).find_map(|write| {
        let before = log.clone();
        disk::write_log(&mut log, write);
        let newer = write.snapshot.as_ref();
        let newer = newer.map_or(covered, |it| it.snapshot.last.index);
        let goes_back = newer < std::mem::replace(&mut covered, newer);
        goes_back
            .then_some(newer)
            .or_else(|| given_up(&before, write, &log))
    })
}

fn given_up(before: &Log<Command>, write: &Write<Command>, after: &Log<Command>) -> Option<Index> {
    if let Some(Compaction { base, .. }) = &write.snapshot {
        let cut = before.holds(*base) && after.last_index() < before.last_index();
        return cut.then_some(after.last_index() + 1);
    }
    let append = write.append.as_ref()?;
    let old = before.term_at(append.first)?;
    let conflicts = append.entries.get(0).is_some_and(|new| new.term != old);
    (!conflicts).then_some(append.first)
}
