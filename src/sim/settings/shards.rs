//! How a store is spread over many groups.

use crate::base::{Span, documented};
use crate::kv::{Key, KeyRange, MANY_SHARDS, SLOTS, ShardRules};
use serde::{Deserialize, Serialize};

documented! {
    /// A store of many shards, each served by a group of its own. Without any there is one group, and
    /// every server has all keys.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct ShardSettings {
        /// How many shards the store begins with; 0: one group for all keys, without a controller.
        pub count: u32,
        /// Replicas of each shard.
        pub replicas: u32,
        /// Keys are spread in their order, over ranges; else by their checksum, over slots.
        pub ranges: bool,
        /// Failure domains: the nodes stand in so many racks, in turn.
        pub racks: u32,
        /// Where replicas should be.
        pub placement: PlacementName,
        /// Points of each node on the ring, where the placement is one.
        pub ring_points: u32,
        /// Teams that each node is in, where the placement goes by teams.
        pub teams_per_node: u32,
        /// How often a node tells the controller that it is there, and with what load.
        pub heartbeat: Span,
        /// A node that wasn't heard for so long is suspect: it gets nothing new.
        pub suspect_after: Span,
        /// A node that wasn't heard for so long is dead: its replicas are rebuilt elsewhere.
        pub dead_after: Span,
        /// Replicas that may move away from one node at a time.
        pub moves_from: u32,
        /// Replicas that may move to one node at a time.
        pub moves_to: u32,
        /// Replicas that may move at a time in all.
        pub moves: u32,
        /// A shard with more keys is split; 0: none is.
        pub split_keys: u32,
        /// Neighbours that have fewer keys together are merged; 0: none are. Where shards are split, at most a quarter of
        /// the keys with which they are.
        #[serde(skip_serializing_if = "super::is_default")]
        pub merge_keys: u32,
        /// The keys that the load reads and writes, spread evenly over the alphabet.
        pub keys: u32,
        /// Which rules of a store of many shards are off, by name.
        #[serde(skip_serializing_if = "super::is_default")]
        pub rules: ShardRules,
    }
}

/// The name of a placement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlacementName {
    /// As many replicas on each node.
    #[default]
    Balanced,
    /// By the nodes' points on a ring of hashes.
    Ring,
    /// By the remainder of a division.
    Modulo,
    /// On teams of nodes.
    Teams,
}

impl PlacementName {
    /// All of them.
    pub const ALL: [PlacementName; 4] = [
        PlacementName::Balanced,
        PlacementName::Ring,
        PlacementName::Modulo,
        PlacementName::Teams,
    ];

    /// What it is called, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            PlacementName::Balanced => "balanced",
            PlacementName::Ring => "ring",
            PlacementName::Modulo => "modulo",
            PlacementName::Teams => "teams",
        }
    }
}

const LETTERS: u64 = 26;

/// Four letters as a number to the base 26.
fn letters(number: u64) -> String {
    let digits = (0..4)
        .rev()
        .map(|place| number / LETTERS.pow(place) % LETTERS);
    digits.map(|digit| char::from(b'a' + digit as u8)).collect()
}

impl Default for ShardSettings {
    fn default() -> ShardSettings {
        ShardSettings {
            count: 0,
            replicas: 3,
            ranges: false,
            racks: 1,
            placement: PlacementName::Balanced,
            ring_points: 64,
            teams_per_node: 5,
            heartbeat: Span::millis(200),
            suspect_after: Span::millis(1_000),
            dead_after: Span::secs(5),
            moves_from: 2,
            moves_to: 2,
            moves: 4,
            split_keys: 0,
            merge_keys: 0,
            keys: 1_000,
            rules: ShardRules::ALL,
        }
    }
}

impl ShardSettings {
    /// Whether there are many groups, and a controller.
    pub const fn are_many(&self) -> bool {
        MANY_SHARDS && self.count > 0
    }

    /// The keys that the load reads and writes.
    pub(in crate::sim) fn load_keys(&self) -> impl Iterator<Item = Key> + use<> {
        let count = u64::from(self.keys);
        (0..count).map(move |nth| letters(nth * LETTERS.pow(4) / count).into())
    }

    /// The keys of each shard at the beginning: slots, or ranges of keys.
    pub(in crate::sim) fn ranges(&self) -> Vec<KeyRange> {
        let count = self.count;
        let slot = |nth: u32| (u32::from(SLOTS) * nth / count) as u16;
        let key = |nth: u32| -> Key {
            let number = u64::from(nth) * LETTERS.pow(4) / u64::from(count);
            letters(number).trim_end_matches('a').into()
        };
        let range = |nth: u32| match self.ranges {
            false => KeyRange::Slots {
                first: slot(nth),
                last: (u32::from(SLOTS) * (nth + 1) / count - 1) as u16,
            },
            true => KeyRange::Keys {
                from: key(nth),
                to: (nth + 1 < count).then(|| key(nth + 1)),
            },
        };
        (0..count).map(range).collect()
    }
}
