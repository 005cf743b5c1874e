//! Whom the administrator believes.
//!
//! A server that was deposed goes on leading in its own eyes until it hears of that, and names
//! members that may have been replaced long ago. What the administrator does on the word of such a
//! server can't be taken back: it switches machines off for good. So it looks at the other machines
//! first. It sees only those that run.
//!
//! A leader *still leads* if a majority of its voters (of each half of a joint configuration) runs
//! and knows of no newer term than its own. Terms are durable, and whoever was elected after it had
//! the votes of a majority: one of those voters would know the newer term. A single voter that is
//! cut off and campaigns in vain proves nothing.
//!
//! Its configuration is *confirmed* if besides
//! - it is committed, is not going to be left by itself, and the leader has committed an entry of
//!   its own term: before that, it may not know what its predecessors committed (5.4.2);
//! - that majority goes by the same configuration;
//! - no server that runs goes by another one whose entry is newer, by term and index.
//!
//! Then no other configuration has been committed since, and none can be but by a change that the
//! administrator asks for. A server that a confirmed configuration leaves out is never needed for
//! a majority again.

use crate::base::NodeId;
use crate::kv::Command;
use crate::raft::{Index, Raft, Rules, Term};
use crate::sim::host::{Host, Power};
use crate::sim::simulation::Simulation;

/// The term and the index of the entry that a server's configuration stands in. Where a snapshot
/// covers that entry, its last term counts, which is no older.
fn entry(raft: &Raft<Command>) -> (Term, Index) {
    let index = raft.configuration_index();
    let covered = || raft.log().base().term;
    (raft.log().term_at(index).unwrap_or_else(covered), index)
}

impl Simulation {
    /// The servers of the protocol that run.
    fn running(&self) -> impl Iterator<Item = &Raft<Command>> {
        let up = self.hosts.iter().filter(|host| host.power == Power::Up);
        up.filter_map(Host::raft)
    }

    /// The leader of the highest term among the servers that run, if it still leads.
    pub(super) fn present_leader(&self) -> Option<&Raft<Command>> {
        let leaders = self.running().filter(|raft| raft.is_leader());
        let leader = leaders.max_by_key(|raft| raft.current_term())?;
        self.still_leads(leader, |_| true).then_some(leader)
    }

    /// Whether a majority of its voters runs, knows no newer term, and passes the test.
    fn still_leads(&self, leader: &Raft<Command>, passes: impl Fn(&Raft<Command>) -> bool) -> bool {
        let follows = |node: NodeId| {
            let voter = self.running().find(|raft| raft.id() == node);
            voter.is_some_and(|it| it.current_term() <= leader.current_term() && passes(it))
        };
        // More than half, whatever rule is off: what follows can't be taken back.
        leader.configuration().is_quorum(Rules::ALL, &follows)
    }

    /// Whether the members are those that this leader names, for certain.
    pub(super) fn is_confirmed(&self, leader: &Raft<Command>) -> bool {
        let (members, commit) = (leader.configuration(), leader.commit_index());
        let lasts = leader.configuration_index() <= commit && !members.leaves_by_itself();
        let knows_commits = leader.log().term_at(commit) == Some(leader.current_term());
        let agrees = |raft: &Raft<Command>| raft.configuration() == members;
        let is_newer = |raft: &Raft<Command>| !agrees(raft) && entry(raft) > entry(leader);
        lasts && knows_commits && !self.running().any(is_newer) && self.still_leads(leader, agrees)
    }
}
