//! Every decision of a server, with its reason.
//!
//! Traces are facts, not words: the sentences on the screen are made of them by the view layer.

use super::change::ChangeError;
pub use super::reason::{CampaignReason, DropReason, Refusal};
use super::types::{EntryId, Index, Term};
use crate::base::{NodeId, Span, vocabulary};
use serde::Serialize;

vocabulary! {
    /// Something a server decided.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "decision")]
    pub enum Trace {
        /// It saw a newer term and adopted it (section 5.1).
        "term_adopted" TermAdopted {
            /// The new term.
            term: Term,
            /// Who told it.
            from: NodeId,
        },
        /// It stopped being a candidate or leader because of a message.
        "stepped_down" SteppedDown {
            /// The term in which it was candidate or leader.
            term: Term,
            /// Whether it was the leader.
            was_leader: bool,
            /// Who made it step down.
            because_of: NodeId,
        },
        /// Its election timer ran out, or it was told to, and it asks for votes (section 5.2).
        "election_started" ElectionStarted {
            /// The term it campaigns in.
            term: Term,
            /// Where its log ends.
            last: EntryId,
            /// What made it stand.
            why: CampaignReason,
        },
        /// It gave its vote (sections 5.2, 5.4.1).
        "vote_granted" VoteGranted {
            /// The candidate.
            to: NodeId,
            /// The candidate's term.
            term: Term,
            /// Where the candidate's log ends.
            theirs: EntryId,
            /// Where its own log ends.
            ours: EntryId,
        },
        /// It refused its vote.
        "vote_refused" VoteRefused {
            /// The candidate.
            to: NodeId,
            /// The candidate's term.
            term: Term,
            /// Why.
            why: Refusal,
        },
        /// A candidate counted a vote.
        "vote_counted" VoteCounted {
            /// Who voted.
            from: NodeId,
            /// The term.
            term: Term,
            /// Whether it was a yes.
            granted: bool,
            /// Yes-votes so far.
            votes: u32,
            /// Yes-votes needed.
            needed: u32,
        },
        /// It won the election (section 5.2).
        "became_leader" BecameLeader {
            /// The term it leads.
            term: Term,
            /// Where its log ended when it won.
            last: EntryId,
            /// The votes that made it leader.
            votes: u32,
        },
        /// It follows this leader from now on.
        "follows_leader" FollowsLeader {
            /// The leader.
            leader: NodeId,
            /// The leader's term.
            term: Term,
        },
        /// A leader appended entries of its own (a no-op, or commands).
        "appended" Appended {
            /// The first new index.
            first: Index,
            /// The last new index.
            last: Index,
            /// The leader's term.
            term: Term,
            /// Whether it is the no-op of section 8.
            noop: bool,
        },
        /// A follower took entries from the leader.
        "stored" Stored {
            /// The leader.
            from: NodeId,
            /// The first index that was new to it.
            first: Index,
            /// The last new index.
            last: Index,
        },
        /// A server cut its log where it conflicts with the leader's (section 5.3).
        "truncated" Truncated {
            /// The first index that was removed.
            from: Index,
            /// The last index that was removed.
            to: Index,
            /// The term of the first removed entry.
            ours: Term,
            /// The term of the leader's entry there.
            theirs: Term,
            /// The leader.
            leader: NodeId,
        },
        /// A follower refused entries: the one before them is missing or differs (section 5.3).
        "append_refused" AppendRefused {
            /// The leader.
            from: NodeId,
            /// The entry that should stand before the new ones.
            prev_log: EntryId,
            /// Its own term at that index; `None` if its log is too short.
            ours: Option<Term>,
            /// The end of its log.
            last: Index,
        },
        /// A leader learned that a follower holds its log through `match_index`.
        "matched" Matched {
            /// The follower.
            peer: NodeId,
            /// The last index known to agree and to be durable there.
            match_index: Index,
        },
        /// A leader moved a follower's next index back, after a refusal or a loss.
        "went_back" WentBack {
            /// The follower.
            peer: NodeId,
            /// The old next index.
            from: Index,
            /// The new next index.
            to: Index,
            /// Whether entries were lost on the way; otherwise the follower refused them.
            lost: bool,
        },
        /// The commit index moved (section 5.3, and 5.4.2 for a leader).
        "committed" Committed {
            /// The old commit index.
            from: Index,
            /// The new commit index.
            to: Index,
            /// Whether this server decided it, as the leader.
            as_leader: bool,
        },
        /// A majority holds an entry of an earlier term: that alone doesn't commit it (section 5.4.2).
        "not_own_term" NotOwnTerm {
            /// The entry on a majority.
            id: EntryId,
            /// The leader's term.
            term: Term,
        },
        /// A read got its read index; it waits for a quorum round (section 8).
        "read_started" ReadStarted {
            /// The caller's number.
            id: u64,
            /// The read index.
            index: Index,
        },
        /// A quorum confirmed the leadership after the read began.
        "read_confirmed" ReadConfirmed {
            /// The caller's number.
            id: u64,
            /// The read index.
            index: Index,
        },
        /// A message was dropped.
        "dropped" Dropped {
            /// The sender.
            from: NodeId,
            /// Its term.
            term: Term,
            /// Why.
            why: DropReason,
        },
        /// It asks whether it would be elected (dissertation 9.6).
        "pre_vote_started" PreVoteStarted {
            /// The term in which it would campaign.
            term: Term,
            /// Where its log ends.
            last: EntryId,
            /// What made it ask.
            why: CampaignReason,
        },
        /// It would vote for a server.
        "pre_vote_granted" PreVoteGranted {
            /// Who asked.
            to: NodeId,
            /// The term in which that one would campaign.
            term: Term,
        },
        /// It wouldn't vote for a server.
        "pre_vote_refused" PreVoteRefused {
            /// Who asked.
            to: NodeId,
            /// The term in which that one would campaign.
            term: Term,
            /// Why.
            why: Refusal,
        },
        /// The answer to a PreVote was counted.
        "pre_vote_counted" PreVoteCounted {
            /// Who answered.
            from: NodeId,
            /// The term in which it would campaign.
            term: Term,
            /// Whether it was a yes.
            granted: bool,
            /// Yeses so far.
            votes: u32,
            /// Yeses needed.
            needed: u32,
        },
        /// A leader heard no majority for an election timeout and gave up (dissertation 6.2).
        "resigned" Resigned {
            /// The term that it led.
            term: Term,
            /// The voters heard within the timeout, itself among them.
            heard: u32,
            /// How many it needs.
            needed: u32,
        },
        /// A leader begins to hand over (dissertation 3.10): it takes no commands meanwhile.
        "transfer_started" TransferStarted {
            /// The next leader.
            to: NodeId,
            /// The term that ends.
            term: Term,
            /// Entries that the next leader still lacks.
            behind: u64,
        },
        /// The next leader holds everything and is told to stand for election.
        "told_to_lead" ToldToLead {
            /// The next leader.
            to: NodeId,
            /// The term that ends.
            term: Term,
        },
        /// Nothing came of a transfer: commands are taken again.
        "transfer_aborted" TransferAborted {
            /// Who should have led.
            to: NodeId,
            /// The term, which goes on.
            term: Term,
        },
        /// It goes by another configuration from now on: the last one in its log (section 6).
        "configuration_adopted" ConfigurationAdopted {
            /// The configuration's entry; 0 for the one that it started with.
            index: Index,
            /// How many vote; of a joint configuration, how many of the new ones.
            voters: u32,
            /// How many of the old ones must agree as well; 0 unless it is joint.
            outgoing: u32,
            /// How many get the log without a vote.
            learners: u32,
        },
        /// A configuration lost its effect with its entry (section 6).
        "configuration_rolled_back" ConfigurationRolledBack {
            /// The last entry with a configuration that is lost.
            lost: Index,
            /// The last one that is left; 0 for the one that it started with.
            index: Index,
        },
        /// A leader was asked for a change of membership that can't be, or not now.
        "change_refused" ChangeRefused {
            /// Why.
            why: ChangeError,
        },
        /// Both majorities hold the joint configuration: its leader goes on to the new one (section 6).
        "joint_committed" JointCommitted {
            /// The joint configuration's entry.
            index: Index,
        },
        /// A learner's log keeps up with the leader's: it may become a voter (dissertation 4.2.1).
        "learner_caught_up" LearnerCaughtUp {
            /// The learner.
            peer: NodeId,
            /// How far.
            match_index: Index,
        },
        /// The configuration without this leader is committed: its work is done (section 6).
        "leader_removed" LeaderRemoved {
            /// The term that it led.
            term: Term,
            /// The configuration's entry.
            index: Index,
        },
        /// Its disk is full: it can promise nothing, and so neither leads nor answers.
        "disk_filled" DiskFilled {
            /// Its term.
            term: Term,
            /// Whether it led.
            was_leader: bool,
        },
        /// Its disk has space again: it takes part again.
        "disk_freed" DiskFreed {
            /// Its term.
            term: Term,
        },
        /// A leader hears from a follower whose disk is another one: what it held counts no more.
        "disk_replaced" DiskReplaced {
            /// The follower.
            peer: NodeId,
            /// What it was known to hold.
            match_index: Index,
        },
        /// It replaced its log up to an entry by a snapshot of its state machine (section 7).
        "snapshot_taken" SnapshotTaken {
            /// The last entry in the snapshot.
            last: EntryId,
            /// The size of the state.
            bytes: u32,
            /// The first index that its log still holds, or will hold.
            first: Index,
        },
        /// A leader begins to send its snapshot: the follower needs entries that are compacted.
        "snapshot_begun" SnapshotBegun {
            /// The follower.
            peer: NodeId,
            /// The entry that it needs next.
            needs: Index,
            /// The first index that the leader's log still holds.
            first: Index,
            /// The last entry in the snapshot.
            last: EntryId,
            /// The size of the state.
            bytes: u32,
        },
        /// A leader sends chunks again: they were lost, or the follower lost what it had.
        "snapshot_resumed" SnapshotResumed {
            /// The follower.
            peer: NodeId,
            /// The bytes that had been sent.
            from: u32,
            /// The bytes from which it goes on.
            to: u32,
        },
        /// A follower took a chunk of a snapshot (figure 13).
        "chunk_stored" ChunkStored {
            /// The leader.
            from: NodeId,
            /// The last entry in the snapshot.
            last: EntryId,
            /// The bytes that it has now.
            bytes: u32,
            /// The bytes that there are.
            total: u32,
        },
        /// A follower got a chunk that doesn't continue what it has: it keeps it until the ones before it are there.
        "chunk_missing" ChunkMissing {
            /// The leader.
            from: NodeId,
            /// The last entry in the snapshot.
            last: EntryId,
            /// The bytes that it has.
            bytes: u32,
            /// Where the chunk begins.
            offset: u32,
        },
        /// A follower has the whole snapshot: it replaces its log and its state machine (figure 13).
        "snapshot_installed" SnapshotInstalled {
            /// The leader.
            from: NodeId,
            /// The last entry in the snapshot.
            last: EntryId,
            /// The size of the state.
            bytes: u32,
            /// Entries of its own behind that one, which belong to another history and are gone.
            lost: u64,
        },
        /// A follower holds everything that a snapshot covers: its log stays (figure 13, step 6).
        "snapshot_not_needed" SnapshotNotNeeded {
            /// The leader.
            from: NodeId,
            /// The last entry in the snapshot.
            last: EntryId,
        },
        /// A leader answers a read without asking anybody (dissertation 6.4.1).
        "lease_read" LeaseRead {
            /// The caller's number.
            id: u64,
            /// Its commit index.
            index: Index,
            /// How long the lease still runs.
            left: Span,
        },
        /// A server answers a read from what it has.
        "stale_read" StaleRead {
            /// The caller's number.
            id: u64,
            /// Its commit index.
            index: Index,
        },
        /// A follower sends reads on to the leader, in one message (dissertation 6.4).
        "reads_forwarded" ReadsForwarded {
            /// The leader.
            leader: NodeId,
            /// How many.
            reads: u32,
        },
        /// The leader got a follower's reads; they wait for a quorum round.
        "read_asked" ReadAsked {
            /// The follower.
            follower: NodeId,
            /// The read index.
            index: Index,
        },
        /// A quorum confirmed the leadership after a follower's reads came.
        "read_answered" ReadAnswered {
            /// The follower.
            follower: NodeId,
            /// The read index.
            index: Index,
        },
        /// A follower heard that its reads may be answered once it has applied `index`.
        "reads_confirmed" ReadsConfirmed {
            /// The leader.
            leader: NodeId,
            /// The read index.
            index: Index,
            /// How many.
            reads: u32,
        },
    }
}
