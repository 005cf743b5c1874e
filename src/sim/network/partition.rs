//! A partition of the network: walls between groups of addresses.

use super::place;
use crate::base::order::sort;
use crate::base::{Address, NodeId, Time};

/// Whoever is in no group hears everybody.
const NONE: u32 = u32::MAX;

/// A partition of the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// The groups; every server is in exactly one.
    pub groups: Vec<Vec<Address>>,
    /// Since when.
    pub since: Time,
    /// The group of each address, by its place.
    group_of: Vec<u32>,
}

impl Partition {
    /// These groups; a server that is in none stands alone.
    pub(super) fn new(groups: &[Vec<Address>], nodes: u32, since: Time) -> Partition {
        let mut partition = Partition {
            groups: Vec::new(),
            since,
            group_of: Vec::new(),
        };
        for group in groups.iter().filter(|group| !group.is_empty()) {
            let mut group = group.clone();
            sort(&mut group);
            partition.push(group);
        }
        for node in (1..=nodes).map(NodeId).map(Address::Node) {
            if partition.group(node) == NONE {
                partition.push(vec![node]);
            }
        }
        partition
    }

    fn push(&mut self, group: Vec<Address>) {
        let number = self.groups.len() as u32;
        group.iter().for_each(|&member| self.set(member, number));
        self.groups.push(group);
    }

    fn set(&mut self, address: Address, group: u32) {
        let at = place(address);
        if self.group_of.len() <= at {
            self.group_of.resize(at + 1, NONE);
        }
        self.group_of[at] = group;
    }

    fn group(&self, address: Address) -> u32 {
        self.group_of.get(place(address)).copied().unwrap_or(NONE)
    }

    /// Whether a wall stands between two addresses.
    pub(super) fn parts(&self, from: Address, to: Address) -> bool {
        let (from, to) = (self.group(from), self.group(to));
        from != to && from != NONE && to != NONE
    }

    /// One more server, on the largest side; of equal ones, on the first.
    pub(super) fn add(&mut self, node: NodeId) {
        let sizes = self.sides().map(|side| side.count());
        let largest = sizes.enumerate().rev().max_by_key(|&(_, size)| size);
        let group = largest.map_or(0, |(group, _)| group);
        self.groups[group].push(node.into());
        self.set(node.into(), group as u32);
    }

    /// The servers of each group.
    pub fn sides(
        &self,
    ) -> impl DoubleEndedIterator<Item = impl Iterator<Item = NodeId>> + ExactSizeIterator {
        let servers = |group: &Vec<Address>| -> Vec<NodeId> {
            group.iter().filter_map(|it| it.node()).collect()
        };
        self.groups
            .iter()
            .map(move |group| servers(group).into_iter())
    }
}
