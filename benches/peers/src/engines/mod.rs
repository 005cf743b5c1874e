//! One adapter for each engine.

pub mod floor;
pub mod kvorum;
pub mod omni;
pub mod raft_rs;
