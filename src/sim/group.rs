//! What a run knows of a Raft group as a whole, beside its replicas.

use super::apply_rules::ApplyRules;
use crate::base::GroupId;
use crate::raft::{Index, Rules};

/// One group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The rules that its state machines go by, entry by entry.
    pub apply_rules: ApplyRules,
    /// The last entry that any replica has applied yet.
    pub furthest: Index,
}

impl Group {
    pub fn new(rules: Rules) -> Group {
        Group {
            apply_rules: ApplyRules::new(rules),
            furthest: 0,
        }
    }

    /// Other rules hold from now on.
    pub fn switch(&mut self, rules: Rules) {
        self.apply_rules.switch(self.furthest, rules);
    }
}

/// Where a group stands in lists of all groups. A laboratory has a group 0 there, without a replica.
#[inline(always)]
pub(super) fn place(group: GroupId) -> usize {
    group.0 as usize
}
