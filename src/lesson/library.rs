//! The files of the lessons, as the native program has them built in.

use crate::kv::MANY_SHARDS;

macro_rules! files {
    ($ids:ident, $text:ident in $folder:literal: $($id:literal,)+) => {
        /// Their ids, in the order of the gallery.
        pub const $ids: &[&str] = &[$($id),+];

        fn $text(id: &str) -> Option<&'static str> {
            match id {
                $($id => Some(include_str!(concat!($folder, $id, ".json"))),)+
                _ => None,
            }
        }
    };
}

/// The file of a lesson or a scenario. The page never asks: it fetches them, so none is in its module.
pub fn text(id: &str) -> Option<&'static str> {
    lesson(id).or_else(|| match MANY_SHARDS {
        true => store(id),
        false => None,
    })
}

/// The ids of all that there are.
pub fn ids() -> impl DoubleEndedIterator<Item = &'static str> + Clone {
    let store = if MANY_SHARDS { STORE } else { &[] };
    IDS.iter().chain(store).copied()
}

files! { STORE, store in "store/":
    "scaling",
    "node-dies-for-good",
    "shard-partition",
    "two-controllers",
}

files! { IDS, lesson in "../../www/lessons/":
    "first-election",
    "replication",
    "network-partition",
    "joining",
    "split-vote",
    "leader-crash",
    "commit-point",
    "figure-7",
    "figure-8",
    "no-op",
    "vote-restriction",
    "forgotten-vote",
    "late-append",
    "stale-read",
    "lease-and-drift",
    "duplicate-request",
    "disruptive-rejoin",
    "half-deaf-leader",
    "slow-follower",
    "install-snapshot",
    "naive-membership",
    "joint-consensus",
    "single-server-bug",
    "removed-leader",
    "empty-voter",
    "even-cluster",
    "three-way",
    "majority-lost",
    "torn-write",
    "break-consensus",
}
