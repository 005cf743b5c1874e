//! Who is a member of the cluster, and who counts (section 6; dissertation, chapter 4).
//!
//! The log itself says so: a configuration is an entry. Usually it is a list of voters. While the
//! voters are being changed it may be *joint*: then a decision needs a majority of the new voters
//! and a majority of the outgoing ones, each counted for itself. *Learners* get the log as
//! everybody does, and are never counted (4.2.1).

use super::quorum::{self, Tally};
use super::rules::Rules;
use super::types::Index;
use crate::base::order::sort;
use crate::base::{MemberId, NodeId, fold_fields};
use std::rc::Rc;

/// The members of a cluster. Cheap to clone: it travels in the log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Configuration {
    lists: Rc<Lists>,
}

/// Each sorted, without doubles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Lists {
    voters: Vec<MemberId>,
    outgoing: Vec<MemberId>,
    learners: Vec<MemberId>,
    auto_leave: bool,
    /// The highest generation that any member ever had.
    generation: u32,
}

fold_fields!(Configuration { lists });
fold_fields!(Lists {
    voters,
    outgoing,
    learners,
    auto_leave,
    generation,
});

/// Ids as a set, in the one way in which they are kept.
fn set(ids: impl IntoIterator<Item = impl Into<MemberId>>) -> Vec<MemberId> {
    let mut ids: Vec<_> = ids.into_iter().map(Into::into).collect();
    sort(&mut ids);
    ids.dedup();
    ids
}

impl Configuration {
    /// A configuration of these voters, as a group is founded with it; doubles count once. Without any
    /// it is what a server starts with that is going to join a group: it knows nobody.
    pub fn new(voters: impl IntoIterator<Item = impl Into<MemberId>>) -> Configuration {
        Configuration::of(Lists {
            voters: set(voters),
            generation: MemberId::FOUNDER,
            ..Lists::default()
        })
    }

    fn of(lists: Lists) -> Configuration {
        Configuration {
            lists: lists.into(),
        }
    }

    /// The same voters, and these learners.
    #[must_use]
    pub fn with_learners(
        &self,
        learners: impl IntoIterator<Item = impl Into<MemberId>>,
    ) -> Configuration {
        let mut lists = (*self.lists).clone();
        lists.learners = set(learners);
        Configuration::of(lists)
    }

    /// The configuration after this one that has members on these machines. Who is a member stays the
    /// one that it is; each of the others is a new one, with a generation that none had before.
    #[must_use]
    pub fn followed_by(&self, voters: &[NodeId], learners: &[NodeId]) -> Configuration {
        let mut generation = self.lists.generation;
        let mut members = self.members();
        let mut member = |&node: &NodeId| {
            let known = members.iter().find(|it| it.node() == node).copied();
            known.unwrap_or_else(|| {
                generation += 1;
                members.push(MemberId::new(node, generation));
                MemberId::new(node, generation)
            })
        };
        let voters = set(voters.iter().map(&mut member));
        let learners = set(learners.iter().map(member));
        Configuration::of(Lists {
            voters,
            learners,
            generation,
            ..Lists::default()
        })
    }

    /// The joint configuration on the way from this one to `next`: C-old,new of section 6. With
    /// `auto_leave` the leader goes on to `next` once the joint one is committed.
    #[must_use]
    pub fn joint_with(&self, next: &Configuration, auto_leave: bool) -> Configuration {
        Configuration::of(Lists {
            outgoing: self.lists.voters.clone(),
            auto_leave,
            ..(*next.lists).clone()
        })
    }

    /// Where a joint configuration leads: C-new of section 6.
    #[must_use]
    pub fn left(&self) -> Configuration {
        Configuration::of(Lists {
            outgoing: Vec::new(),
            auto_leave: false,
            ..(*self.lists).clone()
        })
    }

    /// The voters; of a joint configuration, the new ones. In the order of their ids.
    pub fn voters(&self) -> &[MemberId] {
        &self.lists.voters
    }

    /// The old voters of a joint configuration; empty otherwise.
    pub fn outgoing(&self) -> &[MemberId] {
        &self.lists.outgoing
    }

    /// Those who get the log and don't vote. Some may still be outgoing voters.
    pub fn learners(&self) -> &[MemberId] {
        &self.lists.learners
    }

    /// The highest generation that any member ever had.
    pub fn generation(&self) -> u32 {
        self.lists.generation
    }

    /// Whether decisions need two majorities.
    pub fn is_joint(&self) -> bool {
        !self.lists.outgoing.is_empty()
    }

    /// Whether a leader ends this joint configuration by itself, once it is committed.
    pub fn leaves_by_itself(&self) -> bool {
        self.is_joint() && self.lists.auto_leave
    }

    /// Whether it knows nobody: what a server starts with that is going to join.
    pub fn is_empty(&self) -> bool {
        self.lists.voters.is_empty()
    }

    /// The sets of voters, each of which has to agree by majority: one, or two if it is joint.
    pub fn majorities(&self) -> impl Iterator<Item = &[MemberId]> + Clone {
        let halves = [self.voters(), self.outgoing()];
        halves.into_iter().take(1 + usize::from(self.is_joint()))
    }

    /// Whether this member votes, in either majority.
    pub fn is_voter(&self, id: MemberId) -> bool {
        self.majorities()
            .any(|voters| voters.binary_search(&id).is_ok())
    }

    /// Whether this member gets the log without having a vote.
    pub fn is_learner(&self, id: MemberId) -> bool {
        self.learners().binary_search(&id).is_ok() && !self.is_voter(id)
    }

    /// The member on this machine.
    pub fn member_on(&self, node: NodeId) -> Option<MemberId> {
        let mut lists = self.majorities().chain([self.learners()]);
        lists.find_map(|list| {
            let at = list.binary_search_by_key(&node, |id| id.node()).ok()?;
            Some(list[at])
        })
    }

    /// Whether the member on this machine votes.
    pub fn has_voter_on(&self, node: NodeId) -> bool {
        self.member_on(node).is_some_and(|id| self.is_voter(id))
    }

    /// Whether the member on this machine gets the log without having a vote.
    pub fn has_learner_on(&self, node: NodeId) -> bool {
        self.member_on(node).is_some_and(|id| self.is_learner(id))
    }

    /// Everybody, in the order of the ids.
    pub fn members(&self) -> Vec<MemberId> {
        set(self.majorities().flatten().chain(self.learners()).copied())
    }

    /// How many voters a decision needs; of a joint configuration, among the new ones.
    pub fn quorum(&self, rules: Rules) -> u32 {
        quorum::needed(self.voters().len() as u32, rules)
    }

    /// Counts votes: `vote` says what a voter answered, if it did. Of a joint configuration, the
    /// count of the majority that has further to go.
    pub fn tally(&self, rules: Rules, vote: impl Fn(MemberId) -> Option<bool>) -> Tally {
        let count = |voters: &[MemberId]| {
            let needed = quorum::needed(voters.len() as u32, rules);
            quorum::tally(voters.iter().map(|&id| vote(id)), needed)
        };
        let new = count(self.voters());
        if !self.is_joint() {
            return new;
        }
        let old = count(self.outgoing());
        if old.missing() > new.missing() {
            old
        } else {
            new
        }
    }

    /// Whether those for whom `says` holds are a quorum, of a joint configuration one of either
    /// majority. Each asks it in the order of the ids.
    pub fn is_quorum(&self, rules: Rules, says: impl FnMut(MemberId) -> bool + Clone) -> bool {
        self.majorities().all(|voters| {
            let needed = quorum::needed(voters.len() as u32, rules);
            let mut says = says.clone();
            voters.iter().filter(|&&id| says(id)).count() as u32 >= needed
        })
    }

    /// The highest index above `floor` that a quorum holds, of a joint configuration a quorum of
    /// either majority. `value` says what a voter has (an index, a time, a round), and is asked
    /// in the order of the ids.
    pub fn held_by_quorum(
        &self,
        rules: Rules,
        floor: Index,
        value: impl FnMut(MemberId) -> Index + Clone,
    ) -> Option<Index> {
        let mut lowest = Index::MAX;
        for voters in self.majorities() {
            let needed = quorum::needed(voters.len() as u32, rules);
            let held = voters.iter().copied().map(value.clone());
            lowest = lowest.min(quorum::held(held, needed, floor)?);
        }
        Some(lowest)
    }

    /// Whether every quorum of this configuration shares a voter with every quorum of `other`:
    /// only then may both be in force, on different servers, at the same time.
    pub fn overlaps(&self, other: &Configuration) -> bool {
        let pairs = self
            .majorities()
            .flat_map(|ours| other.majorities().map(move |theirs| (ours, theirs)));
        pairs
            .into_iter()
            .any(|(ours, theirs)| quorum::always_meet(ours, theirs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: impl IntoIterator<Item = u32>) -> Vec<MemberId> {
        ids.into_iter().map(|id| NodeId(id).into()).collect()
    }

    fn member(id: u32) -> MemberId {
        NodeId(id).into()
    }

    fn of(voters: impl IntoIterator<Item = u32>) -> Configuration {
        Configuration::new(ids(voters))
    }

    #[test]
    fn a_joint_configuration_needs_both_majorities() {
        let joint = of(1..=3).joint_with(&of(3..=7), true);
        let held = |match_index: [u64; 7]| {
            joint.held_by_quorum(Rules::ALL, 0, |id| match_index[id.node().0 as usize - 1])
        };
        assert_eq!(held([9, 9, 9, 0, 0, 0, 0]), None, "only the old ones");
        assert_eq!(held([0, 0, 9, 9, 9, 9, 9]), None, "only the new ones");
        assert_eq!(held([0, 8, 9, 7, 6, 0, 0]), Some(6));
        let votes = |yes: &[u32]| joint.tally(Rules::ALL, |id| Some(yes.contains(&id.node().0)));
        assert!(!votes(&[1, 2, 3]).won() && !votes(&[4, 5, 6, 7]).won());
        assert!(votes(&[2, 3, 4, 5]).won());
        assert_eq!(joint.left(), of(3..=7));
    }

    #[test]
    fn a_learner_is_never_counted() {
        let three = of(1..=3).with_learners(ids([4, 5]));
        let match_index = |id: MemberId| if id.node().0 >= 3 { 9 } else { 0 };
        assert_eq!(three.held_by_quorum(Rules::ALL, 0, match_index), None);
        let tally = three.tally(Rules::ALL, |id| Some(id.node().0 >= 3));
        assert_eq!((tally.granted, tally.needed), (1, 2));
        assert!(three.is_learner(member(4)) && !three.is_voter(member(4)));
        assert_eq!(three.members(), ids(1..=5));
    }

    #[test]
    fn an_outgoing_voter_is_a_learner_only_afterwards() {
        let next = of([1, 2]).with_learners(ids([3]));
        let joint = of(1..=3).joint_with(&next, true);
        assert!(joint.is_voter(member(3)) && !joint.is_learner(member(3)));
        assert!(joint.left().is_learner(member(3)));
    }

    #[test]
    fn configurations_that_may_follow_each_other_overlap() {
        assert!(of(1..=3).overlaps(&of(1..=4)), "one more (4.1)");
        assert!(!of(1..=3).overlaps(&of(1..=5)), "figure 10");
        let joint = of(1..=3).joint_with(&of(3..=7), true);
        assert!(of(1..=3).overlaps(&joint) && joint.overlaps(&of(3..=7)));
        assert!(!of(1..=3).overlaps(&of(3..=7)));
        assert!(!of(1..=5).overlaps(&of(2..=4)), "the bug of 2015");
    }
}
