//! The integration tests, one crate. They run natively; `tests/web.rs` runs in a browser.
#![cfg(not(target_arch = "wasm32"))]

mod administrator;
#[cfg(feature = "cli")]
mod check;
#[cfg(feature = "cli")]
mod cli;
mod clients;
mod clocks;
mod cluster;
mod colors;
mod determinism;
mod disks;
mod found;
mod golden;
mod invariants;
mod kinds;
mod lesson_files;
mod linearizability;
mod live;
mod log;
mod membership;
mod narrate;
mod network;
mod odd;
mod paper;
mod recorded;
mod recording;
mod rejoin;
mod rules;
mod run;
#[path = "../runs/mod.rs"]
mod runs;
mod scenarios;
mod sessions;
mod settings;
mod snapshots;
mod soak;
mod stories;
mod sweep;
mod tidy;
mod timeline;
mod view;
