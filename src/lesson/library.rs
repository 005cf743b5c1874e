//! The files of the lessons, as the native program has them built in.

macro_rules! lessons {
    ($($id:literal,)+) => {
        /// The ids of all lessons, in the order of the gallery.
        pub const IDS: &[&str] = &[$($id),+];

        /// The lesson's file. The page never asks: it fetches them, so none is in its module.
        pub fn text(id: &str) -> Option<&'static str> {
            match id {
                $($id => Some(include_str!(concat!("../../www/lessons/", $id, ".json"))),)+
                _ => None,
            }
        }
    };
}

lessons! {
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
