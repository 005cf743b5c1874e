//! The simulator: a cluster, its network, its disks and its clients, all from one seed.
//!
//! [`Simulation`] drives everything; nothing else does. Reading order: [`settings`] (what a run
//! is made of), [`action`] (what a person does to it), [`event`] and [`violation`] (what was observed), then
//! `queue`, [`network`], [`disk`], [`host`], [`replica`] and [`client`] (the parts), [`simulation`],
//! `arrivals`, `dispatch` and `act` (how they move), and [`invariants`] (what must always hold).
//!
//! Single-threaded, discrete events in the order of (time, sequence), integers only. The same
//! settings, seed and actions give the same events, and so the same hash, natively and in
//! WebAssembly.

mod act;
pub mod action;
mod apply_rules;
mod arrivals;
#[cfg(not(target_arch = "wasm32"))]
pub mod aside;
mod chaos;
mod check_action;
pub mod client;
pub mod clock;
mod context;
pub mod disk;
pub mod disk_fault;
pub mod disk_record;
mod dispatch;
pub mod event;
mod event_log;
pub mod failed;
mod group;
pub mod host;
pub mod invariants;
pub mod limits;
pub mod network;
mod operator;
pub mod packet;
pub mod packet_kind;
mod queue;
pub mod replica;
mod reserve;
mod servers;
pub mod settings;
mod shards;
pub mod simulation;
pub mod stall;
pub mod violation;
mod watch;
mod why_not;
mod workload;

pub use action::{Action, MessageId};
#[cfg(not(target_arch = "wasm32"))]
pub use aside::{Aside, AsideKind, ServerState};
pub use client::{Client, ClientOperation};
pub use clock::Clock;
pub use disk::{Disk, Volume};
pub use disk_record::{DiskError, DiskFault, DiskRecord};
pub use event::{Event, EventKind, Loss};
pub use failed::{Doubt, Failed};
pub use host::{Host, Power};
pub use network::{InFlight, Network, Partition};
pub use packet::{Answer, Content, Hint, MemberChange, MemberReply, MemberRequest, Packet, Waiter};
pub use packet_kind::{MessageKind, PacketKind};
pub use replica::Replica;
pub use reserve::Reserve;
pub use settings::{
    Chaos, ClientSettings, DiskSettings, Fault, Limit, Limits, LinkSettings, ReadMix, Settings,
    SettingsDoubt, SettingsError, Stop, WhyNotSetting,
};
pub use simulation::{Simulation, Step};
pub use stall::{Lack, LackReason, StallReason, Unable};
pub use violation::{Found, Owed, Property, Violation};
pub use why_not::{ActionError, WhyNot};
