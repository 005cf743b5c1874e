//! Which group serves which keys, as far as somebody knows.
//!
//! Who owns a key is decided in the log of the group that holds it, never here: a map may be out of date,
//! and whoever asks the wrong group is told the descriptors that put it right ([`ShardMap::learn`]).
//! Group 0 keeps a map that covers all keys ([`ShardMap::check`]); nodes, balancers and clients
//! keep what they were told, which may have gaps.

use super::key_range::KeyRange;
use super::slot::{SLOTS, slot};
use crate::base::{GroupId, NodeId};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is known of a shard.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descriptor {
    /// The group that serves it.
    pub group: GroupId,
    /// Its keys.
    pub keys: KeyRange,
    /// How often its keys have changed: a split or a merge is newer than what was before it.
    pub range_epoch: u64,
    /// How often its members have changed.
    pub members_epoch: u64,
    /// Where its replicas are.
    pub members: Vec<NodeId>,
}

impl Descriptor {
    /// Whether it is out of date where `other` is known. Of two that overlap, the one with the newer
    /// keys holds: a split and a merge give all of their shards an epoch above those before.
    pub fn is_older(&self, other: &Descriptor) -> bool {
        let members = |it: &Descriptor| (it.range_epoch, it.members_epoch);
        match self.group == other.group {
            true => members(self) < members(other),
            false => self.range_epoch < other.range_epoch,
        }
    }
}

/// Shards, in the order of their keys; no two of them overlap.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ShardMap {
    shards: Vec<Rc<Descriptor>>,
}

/// What is wrong with a map that should cover all keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MapError {
    /// There is no shard.
    Empty,
    /// Slots that run backwards, or beyond the last one; keys that end before they begin.
    Range(GroupId),
    /// Slots beside ranges of keys.
    Mixed(GroupId, GroupId),
    /// Two groups for one key.
    Overlap(GroupId, GroupId),
    /// Nobody's keys: before this group's.
    GapBefore(GroupId),
    /// Nobody's keys: behind this group's.
    GapBehind(GroupId),
    /// A group that serves two shards.
    Twice(GroupId),
}

impl ShardMap {
    /// A map of these shards.
    ///
    /// # Errors
    /// They don't cover every key exactly once, or a group has two of them.
    pub fn new(shards: impl IntoIterator<Item = Descriptor>) -> Result<ShardMap, MapError> {
        let mut shards: Vec<_> = shards.into_iter().map(Rc::new).collect();
        for shard in &shards {
            if !is_sound(&shard.keys) {
                return Err(MapError::Range(shard.group));
            }
        }
        shards.sort_by_key(|shard| shard.keys.begin());
        let map = ShardMap { shards };
        map.check()?;
        Ok(map)
    }

    /// Whether every key has exactly one shard.
    ///
    /// # Errors
    /// Names the groups between which that isn't so.
    pub fn check(&self) -> Result<(), MapError> {
        let (Some(first), Some(last)) = (self.shards.first(), self.shards.last()) else {
            return Err(MapError::Empty);
        };
        for pair in self.shards.windows(2) {
            let (one, next) = (&pair[0], &pair[1]);
            if is_slots(&one.keys) != is_slots(&next.keys) {
                return Err(MapError::Mixed(one.group, next.group));
            }
            if one.keys.overlaps(&next.keys) {
                return Err(MapError::Overlap(one.group, next.group));
            }
            if one.keys.join(&next.keys).is_none() {
                return Err(MapError::GapBefore(next.group));
            }
        }
        let all = match is_slots(&first.keys) {
            true => KeyRange::ALL_SLOTS,
            false => KeyRange::all_keys(),
        };
        if first.keys.begin() != all.begin() {
            return Err(MapError::GapBefore(first.group));
        }
        let ends = match &last.keys {
            KeyRange::Slots { last, .. } => last + 1 == SLOTS,
            KeyRange::Keys { to, .. } => to.is_none(),
        };
        if !ends {
            return Err(MapError::GapBehind(last.group));
        }
        let mut groups: Vec<_> = self.shards.iter().map(|shard| shard.group).collect();
        groups.sort_unstable();
        match groups.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(MapError::Twice(pair[0])),
            None => Ok(()),
        }
    }

    /// The shard of a key, if one is known.
    pub fn find(&self, key: &str) -> Option<&Rc<Descriptor>> {
        let slot = slot(key);
        let behind = self.shards.partition_point(|shard| match &shard.keys {
            KeyRange::Slots { first, .. } => *first <= slot,
            KeyRange::Keys { from, .. } => **from <= *key,
        });
        let shard = self.shards.get(behind.checked_sub(1)?)?;
        shard.keys.has(key).then_some(shard)
    }

    /// The shard of a group, if it is known.
    pub fn of(&self, group: GroupId) -> Option<&Rc<Descriptor>> {
        self.shards.iter().find(|shard| shard.group == group)
    }

    /// All shards that are known, in the order of their keys.
    pub fn shards(&self) -> impl ExactSizeIterator<Item = &Rc<Descriptor>> {
        self.shards.iter()
    }

    /// Takes in what somebody says of a shard, in place of everything older that it overlaps with.
    /// Returns whether that was news.
    pub fn learn(&mut self, news: &Rc<Descriptor>) -> bool {
        let concerns = |it: &Rc<Descriptor>| it.group == news.group || it.keys.overlaps(&news.keys);
        let known = self.shards.iter().filter(|it| concerns(it));
        if known.clone().any(|it| !it.is_older(news)) {
            return false;
        }
        self.shards.retain(|it| !concerns(it));
        let begin = news.keys.begin();
        let at = self.shards.partition_point(|it| it.keys.begin() < begin);
        self.shards.insert(at, news.clone());
        true
    }
}

fn is_slots(keys: &KeyRange) -> bool {
    matches!(keys, KeyRange::Slots { .. })
}

/// Whether it holds anything, and nothing that isn't there.
fn is_sound(keys: &KeyRange) -> bool {
    match keys {
        KeyRange::Slots { first, last } => first <= last && *last < SLOTS,
        KeyRange::Keys { from, to } => to.as_ref().is_none_or(|to| from < to),
    }
}
