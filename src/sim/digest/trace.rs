//! The fold of a server's decisions.

use super::{Digest, node, pair, tag};
use crate::raft::{CampaignReason, ChangeError, DropReason, Refusal, Trace};

impl Digest {
    pub(super) fn trace(&mut self, trace: &Trace) {
        match *trace {
            Trace::TermAdopted { term, from } => self.words([1, term, from.0.into()]),
            Trace::SteppedDown {
                term,
                was_leader,
                because_of,
            } => {
                self.words([2, term, was_leader.into(), because_of.0.into()]);
            }
            Trace::ElectionStarted { term, last, why } => {
                self.words([3, term, cause(why)]);
                self.entry_id(last);
            }
            Trace::VoteGranted {
                to,
                term,
                theirs,
                ours,
            } => {
                self.words([4, to.0.into(), term]);
                self.entry_id(theirs);
                self.entry_id(ours);
            }
            Trace::VoteRefused { to, term, why } => {
                self.words([5, to.0.into(), term]);
                self.refusal(why);
            }
            Trace::VoteCounted {
                from,
                term,
                granted,
                votes,
                needed,
            } => {
                self.words([6, pair(from.0, granted.into()), term, pair(votes, needed)]);
            }
            Trace::BecameLeader { term, last, votes } => {
                self.words([7, term, votes.into()]);
                self.entry_id(last);
            }
            Trace::FollowsLeader { leader, term } => self.words([8, leader.0.into(), term]),
            Trace::Appended {
                first,
                last,
                term,
                noop,
            } => {
                self.words([9, first, last, term, noop.into()]);
            }
            Trace::Stored { from, first, last } => self.words([10, from.0.into(), first, last]),
            Trace::Truncated {
                from,
                to,
                ours,
                theirs,
                leader,
            } => {
                self.words([11, from, to, ours, theirs, leader.0.into()]);
            }
            Trace::AppendRefused {
                from,
                prev_log,
                ours,
                last,
            } => {
                self.words([
                    12,
                    from.0.into(),
                    ours.is_some().into(),
                    ours.unwrap_or(0),
                    last,
                ]);
                self.entry_id(prev_log);
            }
            Trace::Matched { peer, match_index } => self.words([13, peer.0.into(), match_index]),
            Trace::WentBack {
                peer,
                from,
                to,
                lost,
            } => {
                self.words([14, peer.0.into(), from, to, lost.into()]);
            }
            Trace::Committed {
                from,
                to,
                as_leader,
            } => {
                self.words([15, from, to, as_leader.into()]);
            }
            Trace::NotOwnTerm { id, term } => {
                self.words([16, term]);
                self.entry_id(id);
            }
            Trace::ReadStarted { id, index } => self.words([17, id, index]),
            Trace::ReadConfirmed { id, index } => self.words([18, id, index]),
            Trace::Dropped { from, term, why } => self.words([19, pair(from.0, odd(why)), term]),
            Trace::PreVoteStarted { term, last, why } => {
                self.words([20, term, cause(why)]);
                self.entry_id(last);
            }
            Trace::PreVoteGranted { to, term } => self.words([21, to.0.into(), term]),
            Trace::PreVoteRefused { to, term, why } => {
                self.words([22, to.0.into(), term]);
                self.refusal(why);
            }
            Trace::PreVoteCounted {
                from,
                term,
                granted,
                votes,
                needed,
            } => {
                self.words([23, pair(from.0, granted.into()), term, pair(votes, needed)]);
            }
            Trace::Resigned {
                term,
                heard,
                needed,
            } => self.words([24, term, pair(heard, needed)]),
            Trace::TransferStarted { to, term, behind } => {
                self.words([25, to.0.into(), term, behind]);
            }
            Trace::ToldToLead { to, term } => self.words([26, to.0.into(), term]),
            Trace::TransferAborted { to, term } => self.words([27, to.0.into(), term]),
            Trace::ConfigurationAdopted {
                index,
                voters,
                outgoing,
                learners,
            } => {
                self.words([30, index, pair(voters, outgoing), learners.into()]);
            }
            Trace::ConfigurationRolledBack { lost, index } => self.words([31, lost, index]),
            Trace::ChangeRefused { why } => {
                self.word(32);
                self.change_error(why);
            }
            Trace::JointCommitted { index } => self.words([33, index]),
            Trace::LearnerCaughtUp { peer, match_index } => {
                self.words([34, peer.0.into(), match_index])
            }
            Trace::LeaderRemoved { term, index } => self.words([35, term, index]),
            Trace::DiskFilled { term, was_leader } => self.words([63, term, was_leader.into()]),
            Trace::DiskFreed { term } => self.words([64, term]),
            Trace::DiskReplaced { peer, match_index } => {
                self.words([65, peer.0.into(), match_index])
            }
            Trace::SnapshotTaken { last, bytes, first } => {
                self.words([36, bytes.into(), first]);
                self.entry_id(last);
            }
            Trace::SnapshotBegun {
                peer,
                needs,
                first,
                last,
                bytes,
            } => {
                self.words([37, pair(peer.0, bytes), needs, first]);
                self.entry_id(last);
            }
            Trace::SnapshotResumed { peer, from, to } => {
                self.words([38, peer.0.into(), pair(from, to)]);
            }
            Trace::ChunkStored {
                from,
                last,
                bytes,
                total,
            } => {
                self.words([39, from.0.into(), pair(bytes, total)]);
                self.entry_id(last);
            }
            Trace::ChunkMissing {
                from,
                last,
                bytes,
                offset,
            } => {
                self.words([40, from.0.into(), pair(bytes, offset)]);
                self.entry_id(last);
            }
            Trace::SnapshotInstalled {
                from,
                last,
                bytes,
                lost,
            } => {
                self.words([41, pair(from.0, bytes), lost]);
                self.entry_id(last);
            }
            Trace::SnapshotNotNeeded { from, last } => {
                self.words([42, from.0.into()]);
                self.entry_id(last);
            }
            Trace::LeaseRead { id, index, left } => self.words([50, id, index, left.0]),
            Trace::StaleRead { id, index } => self.words([51, id, index]),
            Trace::ReadsForwarded { leader, reads } => self.words([52, pair(leader.0, reads)]),
            Trace::ReadAsked { follower, index } => self.words([53, follower.0.into(), index]),
            Trace::ReadAnswered { follower, index } => self.words([54, follower.0.into(), index]),
            Trace::ReadsConfirmed {
                leader,
                index,
                reads,
            } => self.words([55, pair(leader.0, reads), index]),
        }
    }

    fn change_error(&mut self, why: ChangeError) {
        match why {
            ChangeError::NotLeader { hint } => self.words([1, node(hint)]),
            ChangeError::NoVoters => self.word(2),
            ChangeError::VoterAndLearner { node } => self.words([3, node.0.into()]),
            ChangeError::LeaderAsLearner => self.word(4),
            ChangeError::NoDifference => self.word(5),
            ChangeError::UnderWay { index } => self.words([6, index]),
            ChangeError::NotCommittedInTerm => self.word(7),
            ChangeError::NotCaughtUp { node } => self.words([8, node.0.into()]),
            ChangeError::NotJoint => self.word(9),
        }
    }

    fn refusal(&mut self, why: Refusal) {
        match why {
            Refusal::OldTerm { ours } => self.words([1, ours]),
            Refusal::AlreadyVoted { for_whom } => self.words([2, for_whom.0.into()]),
            Refusal::LogBehind { theirs, ours } => {
                self.word(3);
                self.entry_id(theirs);
                self.entry_id(ours);
            }
            Refusal::HearsLeader { leader } => self.words([4, node(leader)]),
            Refusal::LowerPriority { theirs, ours } => {
                self.words([5, theirs.into(), ours.into()]);
            }
        }
    }
}

fn cause(why: CampaignReason) -> u64 {
    match why {
        CampaignReason::TimedOut => 0,
        CampaignReason::Told => 1,
        CampaignReason::PreVotes => 2,
        CampaignReason::Transfer { from } => tag(3, from.0.into()),
    }
}

const fn odd(why: DropReason) -> u32 {
    match why {
        DropReason::OldTerm => 1,
        DropReason::Stranger => 2,
        DropReason::NotExpected => 3,
        DropReason::Stale => 4,
        DropReason::SecondLeader => 5,
        DropReason::Superseded => 6,
        DropReason::Impossible => 7,
        DropReason::DiskFull => 8,
    }
}
