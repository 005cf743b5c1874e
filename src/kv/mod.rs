//! The key-value store: what the replicated log is for.
//!
//! A [`Command`] is what stands in the log, an [`Operation`] what a client asks for, an
//! [`Outcome`] what it is answered. The [`Store`] is the state machine: every server applies the
//! same commands in the same order and so holds the same map.
//!
//! Of many groups each holds the keys of one shard: [`slot`](mod@slot) and [`KeyRange`] say which keys those
//! are, and a [`ShardMap`] where they are served, as far as somebody knows. [`planner`] says which replica
//! should be elsewhere.

pub mod command;
pub mod encoding;
pub mod key_range;
pub mod planner;
pub mod session;
pub mod shard_map;
pub mod slot;
pub mod store;

pub use command::{
    Command, FieldError, Key, MAX_KEY, MAX_VALUE, Operation, Outcome, Sequence, SessionNumber,
    Value,
};
pub use encoding::DecodeError;
pub use key_range::{Border, CutError, KeyRange};
pub use session::Sessions;
pub use shard_map::{Descriptor, MapError, ShardMap};
pub use slot::{SLOTS, slot};
pub use store::{Applied, Store, Stored};
