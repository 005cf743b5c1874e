//! Kvorum: a laboratory for a distributed key-value store.
//!
//! One package, one direction: `base <- raft <- explore <- kv <- check <- sim <- run <- lesson <- view <- { web, cli }`. Each layer imports only
//! those to its left, and everything left of `web` is pure: no clock, no ambient randomness, no
//! I/O. Where is …?
//!
//! - the protocol: [`raft`], which reads as a chapter
//! - every order of events in a small cluster: [`explore`]
//! - the state machine and the sessions of clients: [`kv`]
//! - what clients may see of it: [`check`]
//! - time, network, disks, faults, properties checked while it runs: [`sim`]
//! - time travel, recordings, links, sweeps: [`run`]
//! - lessons and their milestones: [`lesson`]
//! - what a screen is told, and the words for it: [`view`]
//! - ids, virtual time, seeded draws, the event hash, tables of names: [`base`]
//! - the page and the JavaScript API: `web`, compiled for wasm32 only
//! - the native command line: `cli`, beside `web`
//!
//! `examples/` has two programs: `three_servers` drives the protocol alone, `run_and_check` a whole
//! cluster under faults.
//!
//! ```
//! use kvorum::base::Time;
//! use kvorum::sim::{Settings, Simulation};
//!
//! let mut run = Simulation::new(Settings::default(), 7)?;
//! run.run_until(Time::from_millis(1_000));
//! assert!(run.leader().is_some() && run.violation().is_none());
//! # Ok::<(), kvorum::sim::SettingsError>(())
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod check;
pub mod explore;
pub mod kv;
pub mod lesson;
pub mod raft;
pub mod run;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod schema;
pub mod sim;
pub mod view;

#[cfg(all(any(feature = "web", feature = "api"), target_arch = "wasm32"))]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the only layer that meets the world: clock, entropy, sizes on the screen"
)]
pub mod web;

#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it meets the world too: files, terminals, budgets of time"
)]
pub mod cli;
