//! The lessons: each a scenario with a story in steps.
//!
//! A lesson is a file of `www/lessons`; [`scenario`](super::scenario) shows one and says what its
//! fields mean. The page fetches a lesson when it is opened; natively they are all built in, so
//! that a test can play each of them under many seeds.
//!
//! Nothing is scripted but what a reader's button does, and that is said in **roles**: the leader,
//! a follower of it, the side without it. So another seed, with other servers in the roles and
//! other times, tells the same story. An action is written as everywhere else (in the journal, in
//! the JavaScript API), but where a server's number stands, `"@leader"` may stand, or any other
//! role of [`who`]; [`deed`] puts the numbers in when the button is pressed.
//!
//! A task is ticked off by a **milestone**, a sentence such as `"some leader settled"`, `"2 with
//! y=7"` or `"on stepped-down leader"`, which [`when`] explains. It is looked at after each event,
//! and only after the tasks before it are done.
//!
//! A lesson that breaks a rule begins with the rule on, shows that it holds, and then switches it
//! off (`{"action": "set_rules", ...}`): the run ends with the violation, and the field `breaks`
//! names the property.

pub mod deed;
pub mod facts;
pub mod when;
pub mod who;
mod words;

pub use deed::Deed;
pub use when::When;
pub use who::Who;

macro_rules! lessons {
    ($($id:literal,)+) => {
        /// The ids of all lessons, in the order of the gallery.
        pub const IDS: &[&str] = &[$($id),+];

        /// The lesson's file. The page never asks: it fetches them, so none is in its module.
        pub fn text(id: &str) -> Option<&'static str> {
            match id {
                $($id => Some(include_str!(concat!("../../../www/lessons/", $id, ".json"))),)+
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
