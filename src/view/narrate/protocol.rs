//! What is told of the decisions of a server.

use super::{Moment, disk, list, membership, place, range, reads, snapshots};
use crate::base::NodeId;
use crate::raft::{CampaignReason, DropReason, EntryId, Index, Refusal, Term, Trace};
use crate::run::Majority;
use crate::view::words::{Arg, Telling, tell};

/// Tells a decision of `node`.
pub(super) fn tell(moment: &Moment<'_>, node: NodeId, trace: &Trace) -> Telling {
    match *trace {
        Trace::TermAdopted { .. }
        | Trace::SteppedDown { .. }
        | Trace::ElectionStarted { .. }
        | Trace::VoteGranted { .. }
        | Trace::VoteRefused { .. }
        | Trace::VoteCounted { .. }
        | Trace::BecameLeader { .. }
        | Trace::FollowsLeader { .. } => election(moment, node, trace),
        Trace::PreVoteStarted { .. }
        | Trace::PreVoteGranted { .. }
        | Trace::PreVoteRefused { .. }
        | Trace::PreVoteCounted { .. } => pre_vote(moment, node, trace),
        Trace::Resigned { .. }
        | Trace::TransferStarted { .. }
        | Trace::ToldToLead { .. }
        | Trace::TransferAborted { .. } => end_of_office(moment, node, trace),
        Trace::Appended { .. }
        | Trace::Stored { .. }
        | Trace::Truncated { .. }
        | Trace::AppendRefused { .. }
        | Trace::Matched { .. }
        | Trace::WentBack { .. } => replication(moment, node, trace),
        Trace::Committed {
            from,
            to,
            as_leader,
        } => committed(moment, node, [from + 1, to], as_leader),
        Trace::NotOwnTerm { id, term } => tell!(
            "log.not-own-term",
            entry = place(id),
            node = moment.node(node),
            term
        )
        .refs(&["5.4.2"]),
        Trace::ReadStarted { .. }
        | Trace::ReadConfirmed { .. }
        | Trace::LeaseRead { .. }
        | Trace::StaleRead { .. }
        | Trace::ReadsForwarded { .. }
        | Trace::ReadAsked { .. }
        | Trace::ReadAnswered { .. }
        | Trace::ReadsConfirmed { .. } => reads::tell(moment, node, trace),
        Trace::Dropped { from, term, why } => dropped(moment, node, from, term, why),
        Trace::ConfigurationAdopted { .. }
        | Trace::ConfigurationRolledBack { .. }
        | Trace::ChangeRefused { .. }
        | Trace::JointCommitted { .. }
        | Trace::LearnerCaughtUp { .. }
        | Trace::LeaderRemoved { .. } => membership::tell(moment, node, trace),
        Trace::DiskFilled { .. } | Trace::DiskFreed { .. } | Trace::DiskReplaced { .. } => {
            disk::tell(moment, node, trace)
        }
        Trace::SnapshotTaken { .. }
        | Trace::SnapshotBegun { .. }
        | Trace::SnapshotResumed { .. }
        | Trace::ChunkStored { .. }
        | Trace::ChunkMissing { .. }
        | Trace::SnapshotInstalled { .. }
        | Trace::SnapshotNotNeeded { .. } => snapshots::tell(moment, node, trace),
    }
}

fn election(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::TermAdopted { term, from } => {
            let from = moment.node(from);
            tell!("vote.term-adopted", node, term, from).refs(&["5.1"])
        }
        Trace::SteppedDown {
            term,
            was_leader: true,
            because_of,
        } => {
            let because = moment.node(because_of);
            tell!("vote.leader-stepped-down", node, term, because).refs(&["5.1"])
        }
        Trace::SteppedDown {
            term, because_of, ..
        } => {
            let because = moment.node(because_of);
            tell!("vote.candidate-stepped-down", node, term, because).refs(&["5.2"])
        }
        Trace::ElectionStarted { term, why, .. } => {
            tell!("vote.started", why = stands(moment, id, why), term).refs(&["5.2"])
        }
        Trace::VoteGranted {
            to,
            term,
            theirs,
            ours,
        } => granted(moment, id, (to, term), (theirs, ours)),
        Trace::VoteRefused { to, term, why } => {
            let to = moment.node(to);
            let why = refused(moment, id, term, why);
            let refs = why.refs;
            tell!("vote.refused", node, to, why).refs(refs)
        }
        Trace::VoteCounted {
            from,
            granted,
            votes,
            needed,
            ..
        } => match granted {
            true if from == id => tell!("vote.counted-own", node, votes, needed),
            true => tell!(
                "vote.counted",
                node,
                from = moment.node(from),
                votes,
                needed
            ),
            false => tell!(
                "vote.counted-no",
                node,
                from = moment.node(from),
                votes,
                needed
            ),
        }
        .refs(&["5.2"]),
        Trace::BecameLeader { term, votes, .. } => elected(moment, id, term, votes),
        Trace::FollowsLeader { leader, term } => {
            let leader = moment.node(leader);
            tell!("vote.follows", node, leader, term).refs(&["5.2"])
        }
        _ => Telling::new(""),
    }
}

fn granted(
    moment: &Moment<'_>,
    id: NodeId,
    (to, term): (NodeId, Term),
    (theirs, ours): (EntryId, EntryId),
) -> Telling {
    let (node, to_itself, to) = (moment.node(id), to == id, moment.node(to));
    match theirs == ours {
        _ if to_itself => return tell!("vote.granted-itself", node, term).refs(&["5.2"]),
        true if ours == EntryId::START => tell!("vote.granted-empty", node, to, term),
        true => tell!("vote.granted-equal", node, to, term, ours = place(ours)),
        false => tell!(
            "vote.granted-later",
            node,
            to,
            term,
            theirs = place(theirs),
            ours = place(ours)
        ),
    }
    .refs(&["5.2", "5.4.1"])
}

fn elected(moment: &Moment<'_>, id: NodeId, term: Term, votes: u32) -> Telling {
    let node = moment.node(id);
    let by = match moment.retained.majorities {
        [Some(new), Some(old)] => tell!("vote.elected-both", both = both(old, new)),
        [Some(majority), None] => tell!("vote.elected-of", votes, all = majority.of),
        [None, _] => tell!("vote.elected-with", votes),
    };
    let holders = &moment.retained.holders;
    match holders.is_empty() {
        true => tell!("vote.elected-bare", node, term, by),
        false => tell!("vote.elected", node, term, by, voters = list(holders)),
    }
    .refs(&["5.2"])
}

/// What made a server stand for election.
fn stands(moment: &Moment<'_>, id: NodeId, why: CampaignReason) -> Telling {
    let node = moment.node(id);
    match why {
        CampaignReason::TimedOut => tell!("vote.timed-out", node),
        CampaignReason::Told => tell!("vote.told", node),
        CampaignReason::PreVotes => tell!("vote.pre-votes", node),
        CampaignReason::Transfer { from } => {
            tell!("vote.transfer", node, from = moment.node(from))
        }
    }
}

fn pre_vote(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::PreVoteStarted { term, why, .. } => {
            tell!("pre-vote.started", why = stands(moment, id, why), term)
        }
        Trace::PreVoteGranted { to, term } => {
            tell!("pre-vote.granted", node, to = moment.node(to), term)
        }
        Trace::PreVoteRefused { to, term, why } => {
            let why = refused(moment, id, term, why);
            tell!("pre-vote.refused", node, to = moment.node(to), why)
        }
        Trace::PreVoteCounted {
            from,
            granted,
            votes,
            needed,
            ..
        } => match granted {
            true if from == id => tell!("pre-vote.counted-own", node, votes, needed),
            true => tell!(
                "pre-vote.counted",
                node,
                from = moment.node(from),
                votes,
                needed
            ),
            false => tell!(
                "pre-vote.counted-no",
                node,
                from = moment.node(from),
                votes,
                needed
            ),
        },
        _ => Telling::new(""),
    }
    .refs(&["diss. 9.6"])
}

/// A leader gives up, or hands over.
fn end_of_office(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::Resigned {
            term,
            heard,
            needed,
        } => tell!("leader.resigned", node, term, heard, needed).refs(&["diss. 6.2"]),
        Trace::TransferStarted { to, behind: 0, .. } => {
            tell!("leader.transfer-level", node, to = moment.node(to)).refs(&["diss. 3.10"])
        }
        Trace::TransferStarted { to, behind, .. } => {
            tell!("leader.transfer", node, to = moment.node(to), behind).refs(&["diss. 3.10"])
        }
        Trace::ToldToLead { to, .. } => {
            let to = moment.node(to);
            tell!("leader.told-to-lead", node, to).refs(&["diss. 3.10", "diss. 6.4.1"])
        }
        Trace::TransferAborted { to, term } => {
            let to = moment.node(to);
            tell!("leader.transfer-aborted", node, to, term).refs(&["diss. 3.10"])
        }
        _ => Telling::new(""),
    }
}

/// Why a vote was refused.
fn refused(moment: &Moment<'_>, id: NodeId, term: Term, why: Refusal) -> Telling {
    match why {
        Refusal::OldTerm { ours } => tell!("vote.old-term", term, node = id, ours).refs(&["5.1"]),
        Refusal::AlreadyVoted { for_whom } if for_whom == id => {
            tell!("vote.voted-itself", term).refs(&["5.2"])
        }
        Refusal::AlreadyVoted { for_whom } => {
            tell!("vote.voted", term, whom = moment.node(for_whom)).refs(&["5.2"])
        }
        Refusal::LogBehind { theirs, ours } => tell!(
            "vote.log-behind",
            ours = place(ours),
            theirs = place(theirs)
        )
        .refs(&["5.4.1"]),
        Refusal::HearsLeader { leader: None } => tell!("vote.just-started").refs(&["diss. 6.4.1"]),
        Refusal::HearsLeader {
            leader: Some(leader),
        } if leader == id => tell!("vote.leads").refs(&["diss. 4.2.3"]),
        Refusal::HearsLeader {
            leader: Some(leader),
        } => tell!("vote.hears-leader", leader = moment.node(leader)).refs(&["diss. 4.2.3"]),
        Refusal::LowerPriority { theirs, ours } => {
            let [ours, theirs] = [ours, theirs].map(u64::from);
            tell!("vote.lower-priority", ours, theirs).refs(&["diss. 3.10"])
        }
    }
}

fn replication(moment: &Moment<'_>, id: NodeId, trace: &Trace) -> Telling {
    let node = moment.node(id);
    match *trace {
        Trace::Appended {
            first, last, noop, ..
        } => appended(moment, node, (first, last), noop),
        Trace::Stored { from, first, last } => tell!(
            "log.stored",
            node,
            entries = moment.entries(first, last, false),
            from = moment.node(from)
        )
        .refs(&["5.3"]),
        Trace::Truncated {
            from,
            to,
            ours,
            theirs,
            leader,
        } => tell!(
            "log.truncated",
            node,
            entries = range(from, to),
            ours,
            leader = moment.node(leader),
            theirs
        )
        .refs(&["5.3"]),
        Trace::AppendRefused {
            from,
            prev_log,
            ours,
            last,
        } => append_refused(node, moment.node(from), prev_log, ours, last),
        Trace::Matched { peer, match_index } => tell!(
            "log.matched",
            node,
            peer = moment.node(peer),
            entry = moment.entry(match_index, false),
            copies = copies(moment)
        )
        .refs(&["5.3"]),
        Trace::WentBack { peer, to, lost, .. } => {
            let peer = moment.node(peer);
            match lost {
                true => tell!("log.went-back-lost", node, peer, to),
                false => tell!("log.went-back", node, peer, to),
            }
            .refs(&["5.3"])
        }
        _ => Telling::new(""),
    }
}

fn appended(moment: &Moment<'_>, node: Arg, (first, last): (Index, Index), noop: bool) -> Telling {
    if noop {
        let entry = moment.entry(first, false);
        return tell!("log.appended-noop", node, entry).refs(&["5.4.2", "8"]);
    }
    let entries = moment.entries(first, last, false);
    match moment.client() {
        Some(client) if first == last => {
            tell!("log.appended-client", node, entries, client)
        }
        _ => tell!("log.appended", node, entries),
    }
    .refs(match moment.retained.members {
        Some(_) => &["6"],
        None => &["5.3"],
    })
}

fn append_refused(
    node: Arg,
    from: Arg,
    prev_log: EntryId,
    ours: Option<Term>,
    last: Index,
) -> Telling {
    let index = prev_log.index;
    match ours {
        None => tell!("log.refused-gap", node, from, index, last),
        Some(ours) => tell!(
            "log.refused-term",
            node,
            from,
            index,
            ours,
            theirs = prev_log.term
        ),
    }
    .refs(&["5.3"])
}

/// How many hold the entry, and what that means; with a space before it.
fn copies(moment: &Moment<'_>) -> Option<Telling> {
    let needed = |majority: Majority| majority.of / 2 + 1;
    match moment.retained.majorities {
        [Some(new), Some(old)] => {
            let with_majority = |majority: &Majority| majority.with >= needed(*majority);
            let both = both(old, new);
            Some(match [old, new].iter().all(with_majority) {
                true => tell!("log.copies-both-majorities", both),
                false => tell!("log.copies-both", both),
            })
        }
        [Some(majority), None] => {
            let Majority { with, of } = majority;
            Some(match () {
                () if with + 1 == needed(majority) => tell!("log.copies-one-short", with, of),
                () if with == needed(majority) => tell!("log.copies-majority", with, of),
                () => tell!("log.copies", with, of),
            })
        }
        [None, _] => None,
    }
}

/// How it stands while two majorities are needed.
fn both(old: Majority, new: Majority) -> Telling {
    tell!(
        "log.both",
        old = old.with,
        old_voters = old.of,
        new = new.with,
        new_voters = new.of
    )
}

fn committed(
    moment: &Moment<'_>,
    id: NodeId,
    [first, last]: [Index; 2],
    as_leader: bool,
) -> Telling {
    let entries = moment.entries(first, last, true);
    let (node, count) = (moment.node(id), last - first + 1);
    if !as_leader {
        return tell!("log.commit-learnt", node, entries, count).refs(&["5.3"]);
    }
    if moment.retained.noop && first == last && first > 1 {
        tell!("log.committed-noop", entries).refs(&["5.4.2", "8"])
    } else if let [Some(new), Some(old)] = moment.retained.majorities {
        tell!("log.committed-both", entries, both = both(old, new), count).refs(&["6", "5.4.2"])
    } else {
        let holders = list(&moment.retained.holders);
        tell!("log.committed", entries, holders, node, count).refs(&["5.3", "5.4.2"])
    }
}

fn dropped(moment: &Moment<'_>, id: NodeId, from: NodeId, term: Term, why: DropReason) -> Telling {
    let why = match why {
        DropReason::OldTerm => tell!("drop.old-term", term),
        DropReason::Stranger => tell!("drop.stranger"),
        DropReason::NotExpected => tell!("drop.not-expected"),
        DropReason::Stale => tell!("drop.stale"),
        DropReason::SecondLeader => tell!("drop.second-leader", term),
        DropReason::Superseded => tell!("drop.superseded"),
        DropReason::Impossible => tell!("drop.impossible"),
        DropReason::DiskFull => tell!("drop.disk-full"),
    };
    let (node, from) = (moment.node(id), moment.node(from));
    tell!("drop.dropped", node, from, why).refs(&["5.1"])
}
