//! The key-value store: what the replicated log is for.
//!
//! A [`Command`] is what stands in the log, an [`Operation`] what a client asks for, an
//! [`Outcome`] what it is answered. The [`Store`] is the state machine: every server applies the
//! same commands in the same order and so holds the same map.
//!
//! Of many groups each holds the keys of one shard: [`slot`](mod@slot) and [`KeyRange`] say which keys those
//! are, and a [`ShardMap`] where they are served, as far as somebody knows. [`planner`] says which replica
//! should be elsewhere.

/// Whether this build carries a store of many shards. The page's doesn't yet: its first load has no room
/// for what a run of one group can't reach, and what comes later is still to be cut off from it. Whatever is behind
/// this is left out there by the compiler. The engine for scripts has it.
pub const MANY_SHARDS: bool = cfg!(not(feature = "split"));

pub mod admin;
pub mod command;
pub mod controller;
pub mod encoding;
pub mod key_range;
pub mod logged;
pub mod merging;
pub mod planner;
pub mod registry;
pub mod report;
pub mod session;
pub mod shard;
mod shard_encoding;
pub mod shard_map;
mod shard_rules;
pub mod slot;
mod splitting;
pub mod store;

pub use admin::{Absorb, AdminCommand, Freeze, Split, TakeBack};
pub use command::{
    ClientCommand, FieldError, Key, MAX_KEY, MAX_VALUE, Operation, Outcome, Sequence,
    SessionNumber, Value,
};
pub use encoding::DecodeError;
pub use key_range::{Border, CutError, KeyRange};
pub use logged::Command;
pub use registry::{Registry, RegistryChange, Stage, Task};
pub use report::{Demand, GroupReport, NodeReport, ReplicaReport, StepRequest};
pub use session::Sessions;
pub use shard::{Fence, Frozen, Merges, Shard, SplitError};
pub use shard_map::{Descriptor, MapError, ShardMap};
pub use shard_rules::{ShardRule, ShardRules};
pub use slot::{SLOTS, slot};
pub use store::{Applied, ApplySettings, Store, Stored};
