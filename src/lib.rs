//! Kvorum: a laboratory for a distributed key-value store.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod kv;
pub mod raft;
pub mod view;
