//! What the checks found, in one sentence each.

use super::stall::instant;
use super::{membership, place};
use crate::base::{NodeId, Time};
use crate::sim::{Found, Owed, Property, Violation};
use crate::view::words::{Telling, tell};

/// What was found, in one sentence.
pub fn found(violation: &Violation) -> Telling {
    match violation.found {
        Found::LeaderOutside { .. }
        | Found::NoMajority { .. }
        | Found::NotOwnTerm { .. }
        | Found::OtherMembers { .. }
        | Found::HastyChange { .. }
        | Found::LeaseRuns { .. } => wrong_leader(&violation.found),
        Found::RanTwice { .. }
        | Found::NotOwner { .. }
        | Found::WriteLost { .. }
        | Found::NoOrder { .. }
        | Found::ReadBehind { .. } => owed_to_clients(&violation.found),
        Found::CalledDead {
            node,
            other,
            silent,
        } => tell!("found.called-dead", node, other, silent),
        Found::TwoLeaders { .. }
        | Found::LeaderRewrote { .. }
        | Found::LogsDiffer { .. }
        | Found::LeaderLacks { .. }
        | Found::AppliedDiffer { .. }
        | Found::StatesDiffer { .. }
        | Found::QuorumsApart { .. }
        | Found::WentBack { .. }
        | Found::TakenBack { .. } => servers_disagree(&violation.found),
        Found::Stalled {
            since,
            owed,
            leader,
            members,
        } => stalled(since, owed, leader, members),
        Found::Deposed { leader, term, by } if by == leader => {
            tell!("found.resigned", leader, term)
        }
        Found::Deposed { leader, term, by } => tell!("found.deposed", leader, term, by),
    }
}

/// Two servers that contradict each other, or one that contradicts what it was before.
fn servers_disagree(found: &Found) -> Telling {
    match *found {
        Found::TwoLeaders {
            term,
            first,
            second,
        } => tell!("found.two-leaders", first, second, term),
        Found::LeaderRewrote {
            leader,
            term,
            from,
            last,
        } => tell!("found.leader-rewrote", leader, term, from, last),
        Found::LogsDiffer { node, id } => tell!("found.logs-differ", node, entry = place(id)),
        Found::LeaderLacks {
            leader,
            term,
            committed,
            committed_in,
        } => tell!(
            "found.leader-lacks",
            leader,
            term,
            entry = place(committed),
            committed_in
        ),
        Found::AppliedDiffer { node, other, index } => {
            tell!("found.applied-differ", node, other, index)
        }
        Found::StatesDiffer { node, other, index } => {
            tell!("found.states-differ", node, other, index)
        }
        Found::QuorumsApart {
            leader,
            term,
            index,
            committed,
        } => tell!(
            "found.quorums-apart",
            leader,
            term,
            members = membership::of(index),
            others = membership::of(committed)
        ),
        Found::WentBack { node, from, to } => tell!(
            "found.went-back",
            node,
            from_term = from.0,
            from_index = from.1,
            to_term = to.0,
            to_index = to.1
        ),
        Found::TakenBack { node, index: None } => tell!("found.vote-taken-back", node),
        Found::TakenBack {
            node,
            index: Some(index),
        } => tell!("found.entry-taken-back", node, index),
        _ => Telling::new(""),
    }
}

/// What no client may see.
fn owed_to_clients(found: &Found) -> Telling {
    match *found {
        Found::RanTwice {
            node,
            client,
            sequence,
            index,
        } => tell!("found.ran-twice", node, sequence, client, index),
        Found::NotOwner {
            node,
            client,
            sequence,
            index,
        } => tell!("found.not-owner", node, sequence, client, index),
        Found::WriteLost {
            leader,
            term,
            index,
        } => tell!("found.write-lost", leader, term, index),
        Found::NoOrder {
            node,
            client,
            sequence,
        } => tell!("found.no-order", node, sequence, client),
        Found::ReadBehind {
            node,
            index,
            committed,
        } => tell!("found.read-behind", node, index, committed),
        _ => Telling::new(""),
    }
}

/// What a leader did against the rules.
fn wrong_leader(found: &Found) -> Telling {
    match *found {
        Found::LeaderOutside {
            leader,
            term,
            index,
        } => tell!("found.leader-outside", leader, term, index),
        Found::NoMajority {
            leader,
            term,
            index: None,
            durable,
            voters,
        } => tell!("found.leads-without", leader, term, durable, voters),
        Found::NoMajority {
            leader,
            term,
            index: Some(index),
            durable,
            voters,
        } => tell!(
            "found.commits-without",
            leader,
            index,
            term,
            durable,
            voters
        ),
        Found::NotOwnTerm { leader, term, id } => {
            tell!("found.not-own-term", leader, term, entry = place(id))
        }
        Found::OtherMembers {
            leader,
            term,
            index,
        } => tell!(
            "found.other-members",
            leader,
            term,
            members = membership::of(index)
        ),
        Found::HastyChange {
            leader,
            term,
            index,
        } => tell!("found.hasty-change", leader, index, term),
        Found::LeaseRuns {
            leader,
            term,
            holder,
        } => tell!("found.lease-runs", leader, term, holder),
        _ => Telling::new(""),
    }
}

fn stalled(since: Time, owed: Owed, leader: Option<NodeId>, members: u32) -> Telling {
    let what = match (owed, leader) {
        (Owed::Leader, _) => tell!("found.owed-leader"),
        (Owed::Commit, None) => tell!("found.owed-commit-nobody"),
        (Owed::Commit, Some(leader)) => tell!("found.owed-commit", leader),
        (Owed::Answer { client, sequence }, _) => tell!("found.owed-answer", client, sequence),
    };
    tell!("found.stalled", since = instant(since), members, what)
}

/// What a property is called.
pub fn property_name(property: Property) -> Telling {
    match property {
        Property::ElectionSafety => tell!("property-name.election-safety"),
        Property::LeaderAppendOnly => tell!("property-name.leader-append-only"),
        Property::LogMatching => tell!("property-name.log-matching"),
        Property::LeaderCompleteness => tell!("property-name.leader-completeness"),
        Property::StateMachineSafety => tell!("property-name.state-machine-safety"),
        Property::ExactlyOnce => tell!("property-name.exactly-once"),
        Property::ConfigurationSafety => tell!("property-name.configuration-safety"),
        Property::NeverBack => tell!("property-name.never-back"),
        Property::NoWriteLost => tell!("property-name.no-write-lost"),
        Property::Linearizability => tell!("property-name.linearizability"),
        Property::DurableMajority => tell!("property-name.durable-majority"),
        Property::FreshReads => tell!("property-name.fresh-reads"),
        Property::Progress => tell!("property-name.progress"),
        Property::Stability => tell!("property-name.stability"),
        Property::OneOwner => tell!("property-name.one-owner"),
        Property::Accuracy => tell!("property-name.accuracy"),
    }
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
        Property::OneOwner | Property::Accuracy => &[],
        Property::ExactlyOnce | Property::NoWriteLost | Property::Linearizability => &["8"],
    }
}
