//! One finding of each kind that the checks can make.

use crate::kinds::{AT, S1, S2};
use kvorum::base::{ClientId, Span, Time};
use kvorum::sim::{Found, Owed};

pub fn every_found() -> Vec<Found> {
    let (term, node, other, index) = (4, S1, S2, 9);
    vec![
        Found::TwoLeaders {
            term,
            first: S1,
            second: S2,
        },
        Found::NotOwner {
            node,
            client: ClientId(7),
            sequence: 3,
            index,
        },
        Found::CalledDead {
            node,
            other,
            silent: Span::millis(120),
        },
        Found::LeaderRewrote {
            leader: S1,
            term,
            from: 8,
            last: 9,
        },
        Found::LogsDiffer { node, id: AT },
        Found::LeaderLacks {
            leader: S1,
            term: 5,
            committed: AT,
            committed_in: 4,
        },
        Found::AppliedDiffer { node, other, index },
        Found::StatesDiffer { node, other, index },
        Found::QuorumsApart {
            leader: S1,
            term,
            index,
            committed: 0,
        },
        Found::LeaderOutside {
            leader: S1,
            term,
            index,
        },
        Found::WentBack {
            node,
            from: (term, index),
            to: (term, 8),
        },
        Found::WriteLost {
            leader: S1,
            term,
            index,
        },
        Found::NoOrder {
            node,
            client: ClientId(2),
            sequence: 2,
        },
        Found::RanTwice {
            node,
            client: ClientId(2),
            sequence: 3,
            index,
        },
        Found::NoMajority {
            leader: S1,
            term,
            index: None,
            durable: 1,
            voters: 3,
        },
        Found::NoMajority {
            leader: S1,
            term,
            index: Some(index),
            durable: 1,
            voters: 3,
        },
        Found::NotOwnTerm {
            leader: S1,
            term: 5,
            id: AT,
        },
        Found::OtherMembers {
            leader: S1,
            term,
            index,
        },
        Found::HastyChange {
            leader: S1,
            term,
            index,
        },
        Found::ReadBehind {
            node,
            index: 7,
            committed: index,
        },
        Found::LeaseRuns {
            leader: S1,
            term,
            holder: node,
        },
        Found::Stalled {
            since: Time::from_millis(12_300),
            owed: Owed::Leader,
            leader: None,
            members: 3,
        },
        Found::Stalled {
            since: Time::from_millis(12_300),
            owed: Owed::Commit,
            leader: Some(S1),
            members: 1,
        },
        Found::Stalled {
            since: Time::from_millis(12_300),
            owed: Owed::Answer {
                client: ClientId(2),
                sequence: 3,
            },
            leader: Some(S1),
            members: 3,
        },
        Found::Deposed {
            leader: S1,
            term,
            by: S1,
        },
        Found::Deposed {
            leader: S1,
            term,
            by: S2,
        },
        Found::TakenBack { node, index: None },
        Found::TakenBack {
            node,
            index: Some(index),
        },
    ]
}
