//! The sentences for what a server decides.

use super::{Line, disk, list, membership, place, range, reads, snapshots};
use crate::base::NodeId;
use crate::raft::{CampaignReason, DropReason, EntryId, Index, Refusal, Term, Trace};
use crate::run::Majority;

/// Tells a decision of `node`.
pub(super) fn tell(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::TermAdopted { .. }
        | Trace::SteppedDown { .. }
        | Trace::ElectionStarted { .. }
        | Trace::VoteGranted { .. }
        | Trace::VoteRefused { .. }
        | Trace::VoteCounted { .. }
        | Trace::BecameLeader { .. }
        | Trace::FollowsLeader { .. } => election(line, node, trace),
        Trace::PreVoteStarted { .. }
        | Trace::PreVoteGranted { .. }
        | Trace::PreVoteRefused { .. }
        | Trace::PreVoteCounted { .. } => pre_vote(line, node, trace),
        Trace::Resigned { .. }
        | Trace::TransferStarted { .. }
        | Trace::ToldToLead { .. }
        | Trace::TransferAborted { .. } => end_of_office(line, node, trace),
        Trace::Appended { .. }
        | Trace::Stored { .. }
        | Trace::Truncated { .. }
        | Trace::AppendRefused { .. }
        | Trace::Matched { .. }
        | Trace::WentBack { .. } => replication(line, node, trace),
        Trace::Committed {
            from,
            to,
            as_leader,
        } => committed(line, node, from + 1, to, as_leader),
        Trace::NotOwnTerm { id, term } => line
            .strong(format!(
                "A majority holds {}, but it isn't committed",
                place(id)
            ))
            .text(": ")
            .node(node)
            .text(format!(
                " leads term {term}, and only an entry of that term counts."
            ))
            .refs(&["5.4.2"]),
        Trace::ReadStarted { .. }
        | Trace::ReadConfirmed { .. }
        | Trace::LeaseRead { .. }
        | Trace::StaleRead { .. }
        | Trace::ReadsForwarded { .. }
        | Trace::ReadAsked { .. }
        | Trace::ReadAnswered { .. }
        | Trace::ReadsConfirmed { .. } => reads::tell(line, node, trace),
        Trace::Dropped { from, term, why } => dropped(line, node, from, term, why),
        Trace::ConfigurationAdopted { .. }
        | Trace::ConfigurationRolledBack { .. }
        | Trace::ChangeRefused { .. }
        | Trace::JointCommitted { .. }
        | Trace::LearnerCaughtUp { .. }
        | Trace::LeaderRemoved { .. } => membership::tell(line, node, trace),
        Trace::DiskFilled { .. } | Trace::DiskFreed { .. } | Trace::DiskReplaced { .. } => {
            disk::tell(line, node, trace);
        }
        Trace::SnapshotTaken { .. }
        | Trace::SnapshotBegun { .. }
        | Trace::SnapshotResumed { .. }
        | Trace::ChunkStored { .. }
        | Trace::ChunkMissing { .. }
        | Trace::SnapshotInstalled { .. }
        | Trace::SnapshotNotNeeded { .. } => snapshots::tell(line, node, trace),
    }
}

fn election(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::TermAdopted { term, from } => line
            .node(node)
            .text(format!(" hears of term {term} from "))
            .node(from)
            .text(" and adopts it.")
            .refs(&["5.1"]),
        Trace::SteppedDown {
            term,
            was_leader: true,
            because_of,
        } => line
            .node(node)
            .strong(format!(" no longer leads term {term}"))
            .text(": it hears of a newer term from ")
            .node(because_of)
            .text(".")
            .refs(&["5.1"]),
        Trace::SteppedDown {
            term, because_of, ..
        } => line
            .node(node)
            .text(format!(" stops campaigning in term {term}: it hears from "))
            .node(because_of)
            .text(".")
            .refs(&["5.2"]),
        Trace::ElectionStarted { term, why, .. } => {
            stands(line, node, why);
            line.text(format!(" It asks for votes in term {term}."))
                .refs(&["5.2"]);
        }
        Trace::VoteGranted { to, term, .. } if to == node => line
            .node(node)
            .text(format!(" votes for itself in term {term}."))
            .refs(&["5.2"]),
        Trace::VoteGranted {
            to,
            term,
            theirs,
            ours,
        } => line
            .node(node)
            .text(" votes for ")
            .node(to)
            .text(match theirs == ours {
                true if ours == EntryId::START => format!(" in term {term}: both logs are empty."),
                true => format!(" in term {term}: both logs end at {}.", place(ours)),
                false => format!(
                    " in term {term}: its log ends at {}, later than {}.",
                    place(theirs),
                    place(ours)
                ),
            })
            .refs(&["5.2", "5.4.1"]),
        Trace::VoteRefused { to, term, why } => {
            line.node(node).text(" refuses ").node(to);
            refused(line, node, term, why);
        }
        Trace::VoteCounted {
            from,
            granted,
            votes,
            needed,
            ..
        } => {
            line.node(node);
            match granted {
                true if from == node => line.text(" counts its own vote"),
                true => line.text(" has the vote of ").node(from),
                false => line.text(" doesn't get the vote of ").node(from),
            };
            line.text(format!(": {votes} of the {needed} that it needs."))
                .refs(&["5.2"]);
        }
        Trace::BecameLeader { term, votes, .. } => {
            let [majority, outgoing] = line.retained.majorities;
            let from = list(&line.retained.holders);
            line.node(node)
                .strong(format!(" leads term {term}"))
                .text(match (majority, outgoing) {
                    (Some(new), Some(old)) => format!(" by both majorities, {}", both(old, new)),
                    (Some(majority), None) => format!(" with {votes} of {} votes", majority.of),
                    (None, _) => format!(" with {votes} votes"),
                })
                .text(if from.is_empty() {
                    ".".into()
                } else {
                    format!(": {from}.")
                })
                .refs(&["5.2"]);
        }
        Trace::FollowsLeader { leader, term } => line
            .node(node)
            .text(" follows ")
            .node(leader)
            .text(format!(" in term {term}."))
            .refs(&["5.2"]),
        _ => {}
    }
}

/// What made a server stand for election.
fn stands(line: &mut Line<'_>, node: NodeId, why: CampaignReason) {
    line.node(node);
    match why {
        CampaignReason::TimedOut => line.text(" heard no leader in time."),
        CampaignReason::Told => line.text(" is told to stand for election."),
        CampaignReason::PreVotes => line.text(" knows that a majority would vote for it."),
        CampaignReason::Transfer { from } => {
            line.text(" shall take over from ").node(from).text(".")
        }
    };
}

fn pre_vote(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::PreVoteStarted { term, why, .. } => {
            stands(line, node, why);
            line.text(format!(
                " Before it begins term {term}, it asks who would vote for it."
            ));
        }
        Trace::PreVoteGranted { to, term } => {
            line.node(node)
                .text(" would vote for ")
                .node(to)
                .text(format!(" in term {term}. It promises nothing."));
        }
        Trace::PreVoteRefused { to, term, why } => {
            line.node(node).text(" wouldn't vote for ").node(to);
            refused(line, node, term, why);
        }
        Trace::PreVoteCounted {
            from,
            granted,
            votes,
            needed,
            ..
        } => {
            line.node(node);
            match granted {
                true if from == node => line.text(" would vote for itself"),
                true => line.text(" would have the vote of ").node(from),
                false => line.text(" wouldn't get the vote of ").node(from),
            };
            line.text(format!(": {votes} of the {needed} that it needs."));
        }
        _ => {}
    }
    line.refs(&["diss. 9.6"]);
}

/// A leader gives up, or hands over.
fn end_of_office(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::Resigned {
            term,
            heard,
            needed,
        } => line
            .node(node)
            .strong(format!(" resigns from term {term}"))
            .text(format!(
                ": for an election timeout it heard {heard} of the {needed} that it needs, itself among them."
            ))
            .refs(&["diss. 6.2"]),
        Trace::TransferStarted { to, behind, .. } => line
            .node(node)
            .text(" hands over to ")
            .node(to)
            .text(match behind {
                0 => ", which holds all its entries. It takes no more commands.".into(),
                1 => ", which still lacks 1 entry. It takes no more commands.".into(),
                _ => format!(", which still lacks {behind} entries. It takes no more commands."),
            })
            .refs(&["diss. 3.10"]),
        Trace::ToldToLead { to, .. } => line
            .node(node)
            .text(" tells ")
            .node(to)
            .text(" to stand for election now; it won't rely on its lease any more.")
            .refs(&["diss. 3.10", "diss. 6.4.1"]),
        Trace::TransferAborted { to, term } => line
            .node(node)
            .text(" gives up handing over to ")
            .node(to)
            .text(format!(" and goes on in term {term}."))
            .refs(&["diss. 3.10"]),
        _ => {}
    }
}

/// Why a vote was refused.
fn refused(line: &mut Line<'_>, node: NodeId, term: Term, why: Refusal) {
    match why {
        Refusal::OldTerm { ours } => line
            .text(format!(": term {term} is over, {node} is in term {ours}."))
            .refs(&["5.1"]),
        Refusal::AlreadyVoted { for_whom } if for_whom == node => line
            .text(format!(": it voted for itself in term {term}."))
            .refs(&["5.2"]),
        Refusal::AlreadyVoted { for_whom } => line
            .text(format!(": its vote of term {term} went to "))
            .node(for_whom)
            .text(".")
            .refs(&["5.2"]),
        Refusal::LogBehind { theirs, ours } => line
            .text(format!(
                ": its log ends at {}, the candidate's at {}.",
                place(ours),
                place(theirs)
            ))
            .refs(&["5.4.1"]),
        Refusal::HearsLeader { leader: None } => line
            .text(": it has just started, and may have followed a leader before.")
            .refs(&["diss. 6.4.1"]),
        Refusal::HearsLeader {
            leader: Some(leader),
        } if leader == node => line
            .text(": it leads, and hears its followers.")
            .refs(&["diss. 4.2.3"]),
        Refusal::HearsLeader {
            leader: Some(leader),
        } => line
            .text(": it has just heard its leader, ")
            .node(leader)
            .text(".")
            .refs(&["diss. 4.2.3"]),
        Refusal::LowerPriority { theirs, ours } => line
            .text(format!(
                ": their logs are equal, and its own priority is higher, {ours} against {theirs}."
            ))
            .refs(&["diss. 3.10"]),
    }
}

fn replication(line: &mut Line<'_>, node: NodeId, trace: &Trace) {
    match *trace {
        Trace::Appended {
            first, noop: true, ..
        } => line
            .node(node)
            .text(" appends ")
            .entry(first, false)
            .text(", empty: only an entry of its own term lets it commit older ones.")
            .refs(&["5.4.2", "8"]),
        Trace::Appended { first, last, .. } => {
            line.node(node)
                .text(" appends ")
                .entries(first, last, false);
            match line.client() {
                Some(client) if first == last => line.text(format!(" for {client}.")),
                _ => line.text("."),
            };
            line.refs(if line.retained.members.is_some() {
                &["6"]
            } else {
                &["5.3"]
            });
        }
        Trace::Stored { from, first, last } => line
            .node(node)
            .text(" takes ")
            .entries(first, last, false)
            .text(" from ")
            .node(from)
            .text(".")
            .refs(&["5.3"]),
        Trace::Truncated {
            from,
            to,
            ours,
            theirs,
            leader,
        } => line
            .node(node)
            .strong(format!(" removes {} of term {ours}", range(from, to)))
            .text(": ")
            .node(leader)
            .text(format!(" holds an entry of term {theirs} there."))
            .refs(&["5.3"]),
        Trace::AppendRefused {
            from,
            prev_log,
            ours,
            last,
        } => {
            line.node(node).text(" refuses entries from ").node(from);
            line.text(match ours {
                None => format!(
                    ": they follow #{}, and its log ends at #{last}.",
                    prev_log.index
                ),
                Some(ours) => format!(
                    ": its #{} is of term {ours}, the leader's of term {}.",
                    prev_log.index, prev_log.term
                ),
            })
            .refs(&["5.3"]);
        }
        Trace::Matched { peer, match_index } => {
            line.node(node)
                .text(" hears that ")
                .node(peer)
                .text(" holds ")
                .entry(match_index, false)
                .text(".");
            copies(line);
            line.refs(&["5.3"]);
        }
        Trace::WentBack { peer, to, lost, .. } => line
            .node(node)
            .text(" tries ")
            .node(peer)
            .text(format!(
                " again from #{to}: {}.",
                if lost {
                    "no answer came"
                } else {
                    "the entry before didn't fit"
                }
            ))
            .refs(&["5.3"]),
        _ => {}
    }
}

/// How many hold the entry, and what that means.
fn copies(line: &mut Line<'_>) {
    let needed = |majority: Majority| majority.of / 2 + 1;
    match line.retained.majorities {
        [Some(new), Some(old)] => {
            line.text(format!(" So do {}", both(old, new)));
            if [old, new]
                .iter()
                .all(|majority| majority.with >= needed(*majority))
            {
                line.text(", ").strong("both majorities");
            }
        }
        [Some(majority), None] => {
            line.text(format!(" {} of {} do", majority.with, majority.of));
            if majority.with + 1 == needed(majority) {
                line.text(", ").strong("one short of a majority");
            } else if majority.with == needed(majority) {
                line.text(", ").strong("a majority");
            }
        }
        [None, _] => return,
    }
    line.text(".");
}

/// How it stands while two majorities are needed.
fn both(old: Majority, new: Majority) -> String {
    format!(
        "{} of {} old voters and {} of {} new ones",
        old.with, old.of, new.with, new.of
    )
}

fn committed(line: &mut Line<'_>, node: NodeId, first: Index, last: Index, as_leader: bool) {
    if !as_leader {
        line.node(node)
            .text(" learns that ")
            .entries(first, last, true)
            .text(if first == last {
                " is committed."
            } else {
                " are committed."
            })
            .refs(&["5.3"]);
        return;
    }
    let holders = list(&line.retained.holders);
    let (noop, majorities) = (line.retained.noop, line.retained.majorities);
    line.entries(first, last, true).strong(if first == last {
        " is committed"
    } else {
        " are committed"
    });
    if noop && first == last && first > 1 {
        line.text(". With it, every earlier entry is settled too.")
            .refs(&["5.4.2", "8"]);
    } else if let [Some(new), Some(old)] = majorities {
        line.text(format!(": {} hold it.", both(old, new)))
            .refs(&["6", "5.4.2"]);
    } else {
        line.text(format!(": on {holders}, in "))
            .node(node)
            .text("'s own term.")
            .refs(&["5.3", "5.4.2"]);
    }
}

fn dropped(line: &mut Line<'_>, node: NodeId, from: NodeId, term: Term, why: DropReason) {
    line.node(node).text(" ignores a message from ").node(from);
    let why = match why {
        DropReason::OldTerm => format!(": its term {term} is over."),
        DropReason::Stranger => ": it waits for no answer from there.".into(),
        DropReason::NotExpected => ": it no longer waits for that answer.".into(),
        DropReason::Stale => ": it knows better by now.".into(),
        DropReason::SecondLeader => format!(": both claim to lead term {term}."),
        DropReason::Superseded => ": its own term moved on meanwhile.".into(),
        DropReason::Impossible => ": it contradicts what is committed.".into(),
        DropReason::DiskFull => ": its disk is full, so it can promise nothing.".into(),
    };
    line.text(why).refs(&["5.1"]);
}
