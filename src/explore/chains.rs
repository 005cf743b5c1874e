//! Histories: each list of entries that any log of any world has had, once.
//!
//! A history is a node of a tree, named by a number; what it continues is its parent. So two logs are
//! compared without a look at their entries.

use super::local::Command;
use crate::raft::{Configuration, Entry, EntryId, Index, Log, Snapshot, Term};
use std::rc::Rc;

/// A list of entries from the first one on.
pub type Chain = u32;

/// The list without entries.
pub const EMPTY: Chain = 0;

#[derive(Debug)]
struct Node {
    before: Chain,
    index: Index,
    entry: Option<Entry<Command>>,
    /// The last one in it whose entry is a configuration; [`EMPTY`] if none is.
    configured: Chain,
    longer: Vec<Chain>,
}

/// All of them.
#[derive(Debug)]
pub struct Chains {
    nodes: Vec<Node>,
}

impl Default for Chains {
    fn default() -> Chains {
        let empty = Node {
            before: EMPTY,
            index: 0,
            entry: None,
            configured: EMPTY,
            longer: Vec::new(),
        };
        Chains { nodes: vec![empty] }
    }
}

impl Chains {
    fn extended(&mut self, before: Chain, entry: &Entry<Command>) -> Chain {
        let node = &self.nodes[before as usize];
        let mut longer = node.longer.iter().copied();
        let known = longer.find(|&it| self.nodes[it as usize].entry.as_ref() == Some(entry));
        if let Some(known) = known {
            return known;
        }
        let new = self.nodes.len() as Chain;
        let (index, configured) = (node.index + 1, node.configured);
        self.nodes.push(Node {
            before,
            index,
            configured: match entry.configuration() {
                Some(_) => new,
                None => configured,
            },
            entry: Some(entry.clone()),
            longer: Vec::new(),
        });
        self.nodes[before as usize].longer.push(new);
        new
    }

    /// What a log holds, together with what the snapshot before it covers.
    pub fn of(&mut self, log: &Log<Command>, snapshot: Option<&Rc<Snapshot>>) -> Chain {
        let covered = snapshot.map_or(EMPTY, |snapshot| decoded(&snapshot.state));
        let mut chain = self.prefix(covered, log.base().index);
        for index in log.first_index()..=log.last_index() {
            if let Some(entry) = log.entry(index) {
                chain = self.extended(chain, entry);
            }
        }
        chain
    }

    /// How many entries there are.
    pub fn len(&self, chain: Chain) -> Index {
        self.nodes[chain as usize].index
    }

    /// The term of the last entry.
    pub fn term(&self, chain: Chain) -> Term {
        let entry = self.nodes[chain as usize].entry.as_ref();
        entry.map_or(0, |entry| entry.term)
    }

    /// The name of the last entry.
    pub fn last(&self, chain: Chain) -> EntryId {
        EntryId {
            index: self.len(chain),
            term: self.term(chain),
        }
    }

    /// The entries of a history, from the last to the first.
    pub fn back(&self, chain: Chain) -> impl Iterator<Item = &Entry<Command>> {
        let mut at = chain;
        std::iter::from_fn(move || {
            let node = &self.nodes[at as usize];
            at = node.before;
            node.entry.as_ref()
        })
    }

    /// The first entries of a history, at most `len`.
    pub fn prefix(&self, mut chain: Chain, len: Index) -> Chain {
        while self.len(chain) > len {
            chain = self.nodes[chain as usize].before;
        }
        chain
    }

    /// Whether `chain` begins with all of `start`.
    pub fn begins_with(&self, chain: Chain, start: Chain) -> bool {
        self.prefix(chain, self.len(start)) == start
    }

    /// The last configuration in a history, and its index.
    pub fn configuration(&self, chain: Chain) -> Option<(Index, &Configuration)> {
        let node = &self.nodes[self.nodes[chain as usize].configured as usize];
        let configuration = node.entry.as_ref()?.configuration()?;
        Some((node.index, configuration))
    }

    /// The configurations in a history behind an index, the earliest first.
    pub fn configurations(&self, chain: Chain, behind: Index) -> Vec<(Index, &Configuration)> {
        let mut found: Vec<_> = std::iter::successors(self.configuration(chain), |&(index, _)| {
            self.configuration(self.prefix(chain, index - 1))
        })
        .take_while(|&(index, _)| index > behind)
        .collect();
        found.reverse();
        found
    }

    /// Log Matching: the last index at which both have an entry of the same term, though something up
    /// to there differs.
    pub fn mismatch(&self, one: Chain, other: Chain) -> Option<Index> {
        let shared = self.len(one).min(self.len(other));
        let (mut one, mut other) = (self.prefix(one, shared), self.prefix(other, shared));
        while one != other {
            if self.term(one) == self.term(other) {
                return Some(self.len(one));
            }
            one = self.nodes[one as usize].before;
            other = self.nodes[other as usize].before;
        }
        None
    }
}

/// The state machine of a small world remembers which entries it has applied, by the number of the
/// history.
pub fn encoded(chain: Chain) -> Rc<[u8]> {
    chain.to_le_bytes().into()
}

fn decoded(state: &[u8]) -> Chain {
    state.try_into().map_or(EMPTY, Chain::from_le_bytes)
}
