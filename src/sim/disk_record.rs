//! The records on a disk, what is done to them, and why a server can't trust them.

use crate::base::vocabulary;
use crate::raft::Index;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What is done to a disk.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    pub enum DiskFault {
        /// The power fails in the middle of its next sync: half a record stays behind.
        "tear" Tear,
        /// A bit flips in a record that is durable. Found when the server starts the next time.
        "corrupt" Corrupt,
        /// No space is left: nothing becomes durable any more.
        "fill" Fill,
        /// There is space again.
        "free" Free,
        /// Everything on it is gone, and the server with it until somebody restarts it.
        "wipe" Wipe,
    }
}

impl DiskFault {
    /// Whether the server loses what it promised.
    pub(super) const fn spoils(self) -> bool {
        matches!(self, DiskFault::Corrupt | DiskFault::Wipe)
    }
}

vocabulary! {
    /// A record on a disk.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "record")]
    pub enum DiskRecord {
        /// An entry of the log.
        "entry" Entry {
            /// Its index.
            index: Index,
        },
        /// The snapshot.
        "snapshot" Snapshot {
            /// The last entry in it.
            index: Index,
        },
        /// The term and the vote.
        "hard_state" HardState,
    }
}

vocabulary! {
    /// Why a server takes no part: what is wrong with its disk.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "why")]
    pub enum DiskError {
        /// The bootstrap record is missing.
        "not_bootstrapped" NotBootstrapped,
        /// A durable record doesn't have the checksum that it should have.
        "corrupt" Corrupt {
            /// The record.
            at: DiskRecord,
        },
    }
}
