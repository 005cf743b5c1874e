//! Kvorum: a laboratory for a distributed key-value store.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod kv;
pub mod raft;
pub mod sim;
pub mod view;

#[cfg(all(any(feature = "web", feature = "api"), target_arch = "wasm32"))]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the only layer that meets the world: clock, entropy, sizes on the screen"
)]
pub mod web;
