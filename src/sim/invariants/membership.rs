//! Configuration Safety: whoever decides shares a server with whoever decided before (section 6).
//!
//! A configuration decides twice: a leader is elected by it, and entries are committed by it. Each
//! time it is compared with the last configuration that was committed in an earlier term, or
//! before: every majority of the one must share a server with every majority of the other. Then
//! the new decision can't miss the old one. Only lists of members are compared, and only when a
//! leader is elected or a configuration is committed.

use super::Found;
use crate::base::Sorted;
use crate::kv::Command;
use crate::raft::{Configuration, Index, Raft, Term};

/// What has been seen so far.
#[derive(Clone, Debug)]
pub struct MembershipChecks {
    /// The last configuration that was committed in each term, with its entry.
    committed: Sorted<Term, (Index, Configuration)>,
}

impl MembershipChecks {
    pub(super) fn new(founders: Configuration) -> MembershipChecks {
        let mut committed = Sorted::default();
        committed.insert(0, (0, founders));
        MembershipChecks { committed }
    }

    /// A server won a term by its configuration.
    pub(super) fn became_leader(&self, raft: &Raft<Command>) -> Option<Found> {
        let term = raft.current_term();
        let (_, (committed, members)) = self.committed.below(&term)?;
        let apart = !raft.configuration().overlaps(members);
        apart.then(|| Found::QuorumsApart {
            leader: raft.node(),
            term,
            index: raft.configuration_index(),
            committed: *committed,
        })
    }

    /// A leader moved its commit index.
    pub(super) fn committed(&mut self, raft: &Raft<Command>) -> Option<Found> {
        let (term, leader) = (raft.current_term(), raft.node());
        let (index, members) = raft.configuration_at(raft.commit_index());
        if raft.is_leader() && !members.is_voter(raft.id()) {
            return Some(Found::LeaderOutside {
                leader,
                term,
                index,
            });
        }
        let (_, (committed, before)) = self.committed.below(&(term + 1))?;
        if index <= *committed {
            return None;
        }
        let apart = !members.overlaps(before);
        let found = apart.then_some(Found::QuorumsApart {
            leader,
            term,
            index,
            committed: *committed,
        });
        self.committed.insert(term, (index, members.clone()));
        found
    }
}

/// A leader has appended a change of its members.
pub(super) fn changed(raft: &Raft<Command>) -> Option<Found> {
    let (term, commit) = (raft.current_term(), raft.commit_index());
    let index = raft.configuration_index();
    let (before, _) = raft.configuration_at(index.saturating_sub(1));
    let hasty = before > commit || raft.log().term_at(commit) != Some(term);
    hasty.then(|| Found::HastyChange {
        leader: raft.node(),
        term,
        index,
    })
}
