//! The integration tests, one crate. They run natively; `tests/web.rs` runs in a browser.
#![cfg(not(target_arch = "wasm32"))]

mod cluster;
mod colors;
mod determinism;
mod golden;
mod invariants;
mod kinds;
mod log;
mod narrate;
mod network;
mod odd;
mod paper;
mod scenarios;
mod soak;
mod stories;
mod tidy;
mod timeline;
mod view;
