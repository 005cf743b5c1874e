//! The rules that state machines go by, entry by entry.
//!
//! Some rules change what applying an entry does: [`Rule::SessionDedup`]. Servers apply the same
//! entry at different times, also again after a crash, and a snapshot holds what was done with
//! others. So such a rule is switched at one place of the log for all of them: behind the last
//! entry that any server has applied by then. The simulation knows it; no server has to.

use crate::raft::{Index, Rule, Rules};

/// Which rules hold where in the log.
#[derive(Clone, Debug)]
pub struct ApplyRules {
    /// From the beginning.
    first: Rules,
    /// The rules that hold behind each of these entries, in the order of the log.
    switches: Vec<(Index, Rules)>,
}

impl ApplyRules {
    pub fn new(rules: Rules) -> ApplyRules {
        ApplyRules {
            first: rules,
            switches: Vec::new(),
        }
    }

    /// The rules to apply the entry at `index` by.
    pub fn at(&self, index: Index) -> Rules {
        let behind = self.switches.iter().rev().find(|(after, _)| index > *after);
        behind.map_or(self.first, |&(_, rules)| rules)
    }

    /// Goes by `rules` behind the entry at `furthest`, which no switch before was further than.
    pub fn switch(&mut self, furthest: Index, rules: Rules) {
        let last = self.switches.last().map_or(self.first, |&(_, last)| last);
        if last.has(Rule::SessionDedup) == rules.has(Rule::SessionDedup) {
            return;
        }
        self.switches.retain(|&(after, _)| after < furthest);
        self.switches.push((furthest, rules));
    }
}
