//! Majorities: any two of them share a server, and all of Raft's safety rests on that.

use super::rules::{Rule, Rules};
use super::types::Index;
use crate::base::MemberId;

/// How many of `voters` a decision needs: more than half.
pub fn needed(voters: u32, rules: Rules) -> u32 {
    let majority = voters / 2 + 1;
    if rules.has(Rule::MajorityQuorum) {
        majority
    } else {
        (majority - 1).max(1)
    }
}

/// The state of an election.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Yes-votes so far.
    pub granted: u32,
    /// No-votes so far.
    pub refused: u32,
    /// Yes-votes needed.
    pub needed: u32,
}

impl Tally {
    /// Whether the election is won.
    pub fn won(self) -> bool {
        self.missing() == 0
    }

    /// Yes-votes that are still missing.
    pub fn missing(self) -> u32 {
        self.needed.saturating_sub(self.granted)
    }
}

/// Counts votes, `None` being a voter that hasn't answered.
pub fn tally(votes: impl Iterator<Item = Option<bool>>, needed: u32) -> Tally {
    let mut tally = Tally {
        granted: 0,
        refused: 0,
        needed,
    };
    for vote in votes.flatten() {
        if vote {
            tally.granted += 1
        } else {
            tally.refused += 1
        }
    }
    tally
}

/// The highest index above `floor` that `needed` voters hold: the `needed`-th largest of theirs.
pub fn held(
    values: impl Iterator<Item = Index> + Clone,
    needed: u32,
    floor: Index,
) -> Option<Index> {
    let above = values.filter(|&index| index > floor);
    let (mut holders, mut lowest) = (0, Index::MAX);
    for index in above.clone() {
        (holders, lowest) = (holders + 1, lowest.min(index));
    }
    // Commits follow each other closely: hardly ever are there more than needed.
    if holders <= needed {
        return (holders == needed).then_some(lowest);
    }
    let holders = |index| above.clone().filter(|&it| it >= index).count() as u32;
    above.clone().filter(|&it| holders(it) >= needed).max()
}

/// Whether every majority of `ours` shares a voter with every majority of `theirs`. They don't if
/// each can fill up with voters of its own and what is then missing fits beside each other among
/// those that both have. Both are sorted.
pub(super) fn always_meet(ours: &[MemberId], theirs: &[MemberId]) -> bool {
    let both = ours.iter().filter(|id| theirs.binary_search(id).is_ok());
    let both = both.count() as u32;
    let from_both = |voters: &[MemberId]| {
        let voters = voters.len() as u32;
        needed(voters, Rules::ALL).saturating_sub(voters - both)
    };
    from_both(ours) + from_both(theirs) > both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_majority_is_more_than_half() {
        for (voters, majority) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (9, 5), (101, 51)] {
            assert_eq!(needed(voters, Rules::ALL), majority, "{voters} voters");
        }
        assert_eq!(needed(5, Rules::ALL.without(Rule::MajorityQuorum)), 2);
        assert_eq!(needed(1, Rules::ALL.without(Rule::MajorityQuorum)), 1);
    }

    #[test]
    fn the_held_index_is_the_needed_th_largest() {
        let held = |values: &[Index]| {
            super::held(
                values.iter().copied(),
                needed(values.len() as u32, Rules::ALL),
                0,
            )
        };
        assert_eq!(held(&[7]), Some(7));
        assert_eq!(held(&[9, 3]), Some(3));
        assert_eq!(held(&[10, 2, 9]), Some(9));
        assert_eq!(held(&[10, 0, 9, 0, 8]), Some(8));
        assert_eq!(held(&[10, 0, 0]), None);
        let many: Vec<Index> = (1..=101).collect();
        assert_eq!(held(&many), Some(51));
    }
}
