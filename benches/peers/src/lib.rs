//! Deterministic single-threaded harness that puts the same work on every consensus engine:
//! N nodes in one thread, 100-byte commands, a zero-delay FIFO network or a simulated network
//! with per-link latency, every committed command applied to a hash map on every node.
//!
//! An engine takes part by implementing [`Node`]; `drive` holds the loops that measure it.

pub mod alloc;
pub mod cases;
pub mod cmd;
pub mod drive;
pub mod engines;
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// Counting allocator, transparent (one relaxed load) unless `alloc::start` was called.
#[global_allocator]
static GLOBAL: alloc::Counting = alloc::Counting;

/// How a node is set up and driven. `raft-rs` has switches with a large effect on throughput,
/// so the harness measures the crate's defaults and the best settings found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tuning {
    /// The engine's documented defaults, outputs collected after every single input.
    Default,
    /// The engine's own batching switched on, outputs collected once per round of deliveries.
    Batch,
    /// `Batch`, and followers learn the commit index lazily, with the next append or heartbeat.
    Lazy,
}

/// One member of a replica group, free of I/O: inputs are messages, ticks and proposals,
/// outputs are messages and commands applied to `kv`.
pub trait Node: Sized {
    type Msg;
    /// Name printed in the `impl` column.
    fn name(t: Tuning) -> &'static str;
    /// Ids are 0..n. `seed` fixes every random choice.
    fn new(id: u32, n: u32, t: Tuning, seed: u64) -> Self;
    /// Start an election now.
    fn campaign(&mut self);
    /// One tick of the logical clock (10 simulated ms).
    fn tick(&mut self);
    fn is_leader(&self) -> bool;
    /// The node's term/ballot, for the determinism digest.
    fn term(&self) -> u64;
    fn recv(&mut self, m: Self::Msg);
    /// Returns false if the command was refused (not leader, flow control).
    fn propose(&mut self, cmd: Vec<u8>) -> bool;
    /// Persist what must be persisted, apply what is committed, and hand over the messages to
    /// send as `(to, message)`. Returns with nothing left to do.
    fn drain(&mut self, out: &mut Vec<(u32, Self::Msg)>);
    /// The replicated state of this node.
    fn kv(&self) -> &cmd::Kv;

    /// Whether the engine names the instants at which it wants to be woken. The simulation then
    /// calls `set_now` before every input and `wake` at the deadline, and never `tick`.
    const DEADLINES: bool = false;
    fn set_now(&mut self, _us: u64) {}
    fn deadline(&self) -> u64 {
        u64::MAX
    }
    fn wake(&mut self) {}
}
