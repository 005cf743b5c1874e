//! The integration tests, one crate. They run natively; `tests/web/main.rs` runs in a browser.
#![cfg(not(target_arch = "wasm32"))]

mod aimed;
#[cfg(feature = "cli")]
mod catalogue;
mod causes;
mod check;
mod circles;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod cli_ends;
#[cfg(feature = "cli")]
mod cli_files;
#[cfg(feature = "cli")]
mod cli_helps;
#[cfg(feature = "cli")]
mod cli_history;
#[cfg(feature = "cli")]
mod cli_settings;
#[cfg(feature = "cli")]
mod cli_shards;
#[cfg(feature = "cli")]
mod cli_stalls;
#[cfg(feature = "cli")]
mod cli_table;
mod client_links;
mod clients;
mod clocks;
mod cluster;
mod colors;
mod determinism;
mod disks;
mod doubts;
#[cfg(feature = "cli")]
mod explore;
#[cfg(feature = "cli")]
mod formats;
mod found;
mod functions;
mod golden;
mod groups;
#[cfg(feature = "cli")]
mod histories;
mod history;
mod invariants;
mod joint;
mod kinds;
mod lesson_files;
mod limits;
mod linearizability;
mod links;
mod live;
mod log;
mod membership;
mod memory;
mod narrate;
mod network;
mod odd;
#[cfg(feature = "cli")]
mod old_recordings;
mod operator;
#[cfg(feature = "cli")]
mod oracle;
mod owed;
mod paper;
mod planner;
mod playhead;
mod progress;
mod recorded;
mod recording;
mod rejoin;
mod requests;
mod rules;
mod run;
#[path = "../runs/mod.rs"]
mod runs;
mod scenarios;
mod sessions;
mod settings;
mod shard_map;
#[cfg(all(feature = "cli", target_os = "linux"))]
mod signals;
mod snapshots;
mod soak;
mod stability;
mod stall;
mod stories;
mod support;
mod sweep;
mod switched;
mod tidy;
#[cfg(feature = "cli")]
mod traces;
#[cfg(feature = "cli")]
mod traces_etcd;
mod view;
mod words;
