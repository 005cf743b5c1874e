//! What the checks found, in one sentence each.

use super::stall::instant;
use super::{membership, place};
use crate::base::{NodeId, Time};
use crate::sim::{Found, Owed, Property, Violation};

/// What was found, in one sentence.
pub fn found(violation: &Violation) -> String {
    match violation.found {
        Found::TwoLeaders {
            term,
            first,
            second,
        } => format!("{first} and {second} both won term {term}."),
        Found::LeaderRewrote {
            leader,
            term,
            from,
            last,
        } => format!(
            "{leader}, leader of term {term}, changed its own log from #{from} on; it ended at #{last}."
        ),
        Found::LogsDiffer { node, id } => format!(
            "{node} holds {} as another log does, but not the same entries before it.",
            place(id)
        ),
        Found::LeaderLacks {
            leader,
            term,
            committed,
            committed_in,
        } => format!(
            "{leader} leads term {term} without {}, which was committed in term {committed_in}.",
            place(committed)
        ),
        Found::AppliedDiffer { node, other, index } => {
            format!("{node} and {other} applied different entries at #{index}.")
        }
        Found::RanTwice {
            node,
            client,
            sequence,
            index,
        } => format!("{node} ran operation {sequence} of {client} again, at #{index}."),
        Found::StatesDiffer { node, other, index } => {
            format!("{node} and {other} have different states after #{index}.")
        }
        Found::QuorumsApart {
            leader,
            term,
            index,
            committed,
        } => format!(
            "{leader} leads term {term} by the members {}: their majorities may miss those of the members {}.",
            membership::of(index),
            membership::of(committed)
        ),
        Found::LeaderOutside {
            leader,
            term,
            index,
        } => format!(
            "{leader} goes on leading term {term}, although #{index}, which leaves it out, is committed."
        ),
        Found::WentBack { node, from, to } => format!(
            "{node} went back from term {} and commit index {} to term {} and commit index {}.",
            from.0, from.1, to.0, to.1
        ),
        Found::WriteLost {
            leader,
            term,
            index,
        } => format!("{leader} leads term {term} without #{index}, which a client was told of."),
        Found::NoOrder {
            node,
            client,
            sequence,
        } => format!(
            "{node} answered operation {sequence} of {client}, and no order of the operations on its key explains the answer."
        ),
        Found::NoMajority {
            leader,
            term,
            index,
            durable,
            voters,
        } => {
            let what = match index {
                Some(index) => format!("commits #{index} in"),
                None => "leads".to_owned(),
            };
            format!("{leader} {what} term {term} on {durable} disks of {voters}.")
        }
        Found::TakenBack { node, index } => {
            let what = index.map_or_else(|| "its vote".to_owned(), |index| format!("#{index}"));
            format!("{node} wrote over {what}, and nothing conflicted with it.")
        }
        Found::NotOwnTerm { leader, term, id } => format!(
            "{leader}, leader of term {term}, commits {} by counting its copies.",
            place(id)
        ),
        Found::OtherMembers {
            leader,
            term,
            index,
        } => format!(
            "{leader} leads term {term} by the members {}, which aren't the last in its log.",
            membership::of(index)
        ),
        Found::HastyChange {
            leader,
            term,
            index,
        } => format!(
            "{leader} changes the members with #{index}, and the last change, or an entry of term {term}, isn't committed."
        ),
        Found::ReadBehind {
            node,
            index,
            committed,
        } => format!(
            "{node} answers a read as of #{index}, although #{committed} was committed when it was asked."
        ),
        Found::LeaseRuns {
            leader,
            term,
            holder,
        } => format!(
            "{leader} is elected in term {term} while {holder} has a lease: it may answer reads without asking."
        ),
        Found::Stalled {
            since,
            owed,
            leader,
            members,
        } => stalled(since, owed, leader, members),
        Found::Deposed { leader, term, by } => {
            let why = match by == leader {
                true => "it resigned".into(),
                false => format!("{by} has a newer term"),
            };
            format!(
                "{leader}, leader of term {term}, was deposed although a majority heard it: {why}."
            )
        }
    }
}

fn stalled(since: Time, owed: Owed, leader: Option<NodeId>, members: u32) -> String {
    let by = match members {
        1 => "one server is a majority".into(),
        _ => format!("{members} servers, a majority, hear each other"),
    };
    let who = leader.map_or_else(|| "nobody".into(), |leader| leader.to_string());
    let what = match owed {
        Owed::Leader => "nobody has led".into(),
        Owed::Commit => format!("{who} has committed nothing"),
        Owed::Answer { client, sequence } => {
            format!("{client} got no answer to its operation {sequence}")
        }
    };
    format!("Stalled since {}: {by}, but {what}.", instant(since))
}

/// Where the paper asks for it.
pub(super) fn section(property: Property) -> &'static [&'static str] {
    match property {
        Property::ElectionSafety => &["5.2"],
        Property::LeaderAppendOnly | Property::LogMatching => &["5.3"],
        Property::LeaderCompleteness => &["5.4"],
        Property::StateMachineSafety => &["5.4.3"],
        Property::ConfigurationSafety => &["6", "diss. 4"],
        Property::NeverBack => &["5.1"],
        Property::DurableMajority => &["5.2", "5.3"],
        Property::FreshReads => &["8", "diss. 6.4"],
        Property::Progress => &["5.6"],
        Property::Stability => &["diss. 4.2.3", "diss. 9.6"],
        Property::ExactlyOnce | Property::NoWriteLost | Property::Linearizability => &["8"],
    }
}
