//! What the checks found, into the hash.

use super::{Digest, node, pair};
use crate::sim::invariants::{Found, Owed, Violation};

impl Digest {
    pub(super) fn violation(&mut self, Violation { at, found }: &Violation) {
        self.word(at.0);
        match *found {
            Found::TwoLeaders {
                term,
                first,
                second,
            } => {
                self.words([1, term, pair(first.0, second.0)]);
            }
            Found::LeaderRewrote {
                leader,
                term,
                from,
                last,
            } => {
                self.words([2, leader.0.into(), term, from, last]);
            }
            Found::LogsDiffer { node, id } => {
                self.words([3, node.0.into()]);
                self.entry_id(id);
            }
            Found::LeaderLacks {
                leader,
                term,
                committed,
                committed_in,
            } => {
                self.words([4, leader.0.into(), term, committed_in]);
                self.entry_id(committed);
            }
            Found::AppliedDiffer { node, other, index } => {
                self.words([5, pair(node.0, other.0), index]);
            }
            Found::RanTwice {
                node,
                client,
                sequence,
                index,
            } => {
                self.words([6, pair(node.0, client.0), sequence, index]);
            }
            Found::StatesDiffer { node, other, index } => {
                self.words([7, pair(node.0, other.0), index]);
            }
            Found::QuorumsApart {
                leader,
                term,
                index,
                committed,
            } => {
                self.words([8, leader.0.into(), term, index, committed]);
            }
            Found::LeaderOutside {
                leader,
                term,
                index,
            } => {
                self.words([9, leader.0.into(), term, index]);
            }
            Found::WentBack { node, from, to } => {
                self.words([10, node.0.into(), from.0, from.1, to.0, to.1]);
            }
            Found::WriteLost {
                leader,
                term,
                index,
            } => {
                self.words([11, leader.0.into(), term, index]);
            }
            Found::NoOrder {
                node,
                client,
                sequence,
            } => {
                self.words([12, pair(node.0, client.0), sequence]);
            }
            Found::NoMajority {
                leader,
                term,
                index,
                durable,
                voters,
            } => {
                let index = index.unwrap_or(0);
                self.words([13, leader.0.into(), term, index, pair(durable, voters)]);
            }
            Found::TakenBack { node, index } => {
                self.words([14, node.0.into(), index.unwrap_or(0)]);
            }
            Found::NotOwnTerm { leader, term, id } => {
                self.words([16, leader.0.into(), term]);
                self.entry_id(id);
            }
            Found::OtherMembers {
                leader,
                term,
                index,
            } => {
                self.words([17, leader.0.into(), term, index]);
            }
            Found::HastyChange {
                leader,
                term,
                index,
            } => {
                self.words([18, leader.0.into(), term, index]);
            }
            Found::ReadBehind {
                node,
                index,
                committed,
            } => {
                self.words([15, node.0.into(), index, committed]);
            }
            Found::LeaseRuns {
                leader,
                term,
                holder,
            } => {
                self.words([19, leader.0.into(), term, holder.0.into()]);
            }
            Found::Stalled {
                since,
                owed,
                leader,
                members,
            } => {
                let (what, client, sequence) = match owed {
                    Owed::Leader => (0, 0, 0),
                    Owed::Commit => (1, 0, 0),
                    Owed::Answer { client, sequence } => (2, client.0, sequence),
                };
                self.words([20, since.0, node(leader), members.into()]);
                self.words([pair(what, client), sequence]);
            }
            Found::Deposed { leader, term, by } => {
                self.words([21, term, pair(leader.0, by.0)]);
            }
        }
    }
}
