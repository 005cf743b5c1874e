//! What every layer stands on: identifiers, virtual time, seeded draws, the event hash, tables of names, and JSON.
//!
//! Nothing here knows of Raft. Everything is an integer of fixed width, so that a run gives the
//! same bits natively and in WebAssembly.

pub(crate) mod documented;
pub mod hash;
pub mod id;
pub mod json;
pub mod order;
pub mod ratio;
pub(crate) mod reasons;
pub mod rng;
pub mod shared;
pub mod sorted;
pub(crate) mod switches;
pub mod time;
pub(crate) mod vocabulary;

pub(crate) use documented::documented;
pub(crate) use hash::fold_fields;
pub use hash::{Checksum, Digest, Fold};
pub use id::{Address, ClientId, GroupId, MemberId, NodeId};
pub use json::{Json, JsonError};
pub use ratio::Ratio;
pub(crate) use reasons::reasons;
pub use rng::{Draws, Purpose};
pub use shared::{CopyOnWrite, Shared};
pub use sorted::Sorted;
pub use switches::UnknownRule;
pub(crate) use switches::switches;
pub use time::{Span, Time};
pub(crate) use vocabulary::vocabulary;
