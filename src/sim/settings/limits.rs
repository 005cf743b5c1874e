//! How much a run may hold, and how it says that it reached a limit.

use crate::base::{Time, documented, fold_fields, vocabulary};
use serde::{Deserialize, Serialize};

documented! {
    /// What a run may hold at most.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct Limits {
        /// The most messages between servers that are under way, with those that wait for a disk or
        /// at a paused server. A run that has more stops.
        pub packets: u32,
        /// The most messages under way between clients and servers, with the requests that servers
        /// haven't answered. A run that has more stops.
        pub requests: u32,
        /// The most bytes of all messages under way, of what the servers store, and of the answers
        /// that are remembered. A run that has more stops.
        pub bytes: u32,
        /// The most entries of one log behind its snapshot. A run that has more stops.
        pub entries: u32,
        /// The most things that are due at a time to come: arrivals, timers, the ends of clients'
        /// patience. A run that has more stops.
        pub timers: u32,
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            packets: 100_000,
            requests: 100_000,
            bytes: 64 << 20,
            entries: 500_000,
            timers: 1_000_000,
        }
    }
}

vocabulary! {
    /// One of the [`Limits`].
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[repr(u8)]
    pub enum Limit {
        /// [`Limits::packets`].
        "packets" Packets,
        /// [`Limits::requests`].
        "requests" Requests,
        /// [`Limits::bytes`].
        "bytes" Bytes,
        /// [`Limits::entries`].
        "entries" Entries,
        /// [`Limits::timers`].
        "timers" Timers,
    }
}

impl Limit {
    /// Every limit.
    pub const ALL: [Limit; 5] = [
        Limit::Packets,
        Limit::Requests,
        Limit::Bytes,
        Limit::Entries,
        Limit::Timers,
    ];

    /// The setting: `limits.packets`.
    pub const fn field(self) -> &'static str {
        match self {
            Limit::Packets => "limits.packets",
            Limit::Requests => "limits.requests",
            Limit::Bytes => "limits.bytes",
            Limit::Entries => "limits.entries",
            Limit::Timers => "limits.timers",
        }
    }

    /// What the settings allow.
    pub const fn of(self, limits: &Limits) -> u32 {
        match self {
            Limit::Packets => limits.packets,
            Limit::Requests => limits.requests,
            Limit::Bytes => limits.bytes,
            Limit::Entries => limits.entries,
            Limit::Timers => limits.timers,
        }
    }
}

/// A limit that was reached, when, and how much there was. The run ends there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
pub struct Stop {
    /// When. An event says so itself.
    #[serde(skip)]
    pub at: Time,
    /// The limit.
    pub limit: Limit,
    /// What the settings allow.
    pub allowed: u32,
    /// What there was.
    pub found: u64,
}

fold_fields!(Stop {
    at,
    limit,
    allowed,
    found,
});
