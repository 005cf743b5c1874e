//! What a client of many shards knows: which group has a key, and who leads it.
//!
//! Its map may be out of date. Whoever refuses says what it knows, and that goes into the map; where
//! that doesn't help, because nobody of a group is there any more, the client asks group 0 for its map.

use crate::base::{GroupId, NodeId, Sorted};
use crate::kv::{Descriptor, MANY_SHARDS, ShardMap};
use crate::sim::servers::Servers;
use std::rc::Rc;

/// Descriptors from refusals that are kept until the next map comes.
const LEARNT: usize = 16;

/// What a client knows.
#[derive(Clone, Debug)]
pub(super) struct Route {
    map: Rc<ShardMap>,
    /// What refusals said since the map came: it may be newer.
    learnt: Vec<Rc<Descriptor>>,
    leaders: Sorted<GroupId, NodeId>,
    /// The group of the operation under way, and its members.
    pub group: GroupId,
    pub members: Servers,
    /// Nobody it knows of can help: it asks group 0 next.
    pub lost: bool,
    /// The member of group 0 that it asks next.
    seed: usize,
}

impl Route {
    pub fn new(map: Rc<ShardMap>) -> Route {
        Route {
            map,
            learnt: Vec::new(),
            leaders: Sorted::default(),
            group: GroupId::FIRST,
            members: Servers::default(),
            lost: false,
            seed: 0,
        }
    }

    /// Turns to the group of a key. Returns who leads it, as far as is known.
    pub fn turn_to(&mut self, key: &str) -> Option<NodeId> {
        if !MANY_SHARDS {
            return None;
        }
        let Some(shard) = self.map.find(key) else {
            self.lost = true;
            return None;
        };
        self.lost = false;
        self.group = shard.group;
        self.members = Servers::of(&shard.members);
        let leader = self.leaders.get(&shard.group).copied();
        leader.filter(|&leader| self.members.has(leader))
    }

    /// Who leads the group that it turned to.
    pub fn is_led_by(&mut self, leader: Option<NodeId>) {
        match leader {
            Some(leader) if self.leaders.get(&self.group) != Some(&leader) => {
                self.leaders.insert(self.group, leader);
            }
            Some(_) => {}
            None => self.leaders.remove(&self.group),
        }
    }

    /// Takes in what a refusal says. Returns whether it was news.
    pub fn learn(&mut self, descriptors: &[Rc<Descriptor>]) -> bool {
        let mut news = false;
        for descriptor in descriptors.iter().filter(|_| MANY_SHARDS) {
            if Rc::make_mut(&mut self.map).learn(descriptor) {
                news = true;
                self.learnt.push(descriptor.clone());
            }
        }
        let excess = self.learnt.len().saturating_sub(LEARNT);
        self.learnt.drain(..excess);
        news
    }

    /// Takes group 0's map in. What refusals said stays, where it is newer.
    pub fn replace(&mut self, map: &Rc<ShardMap>) {
        self.map = map.clone();
        let learnt = std::mem::take(&mut self.learnt);
        self.learn(&learnt);
    }

    /// The next member of group 0 to ask.
    pub fn next_seed(&mut self, seeds: &[NodeId]) -> NodeId {
        self.seed += 1;
        seeds[self.seed % seeds.len()]
    }
}

/// Those that a client may ask: the members of the key's group, where it knows one.
pub(super) fn servers<'a>(route: Option<&'a Route>, all: &'a Servers) -> &'a Servers {
    let members = route.map(|route| &route.members);
    members.filter(|it| it.len() > 0).unwrap_or(all)
}
