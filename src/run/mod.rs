//! Runs of the simulation: a run is its settings, its seed and a journal of actions.
//!
//! [`timeline`] goes to any instant of one and remembers what it saw; [`recording`] is a run to be
//! passed on, which [`link`] packs for an address; [`sweep`] runs many seeds and makes a failing run
//! small. What a run is *for* (a lesson, a figure) is known further right.

pub mod link;
pub mod recording;
pub mod sweep;
pub mod timeline;

pub use recording::{ENGINE, Recorded, Recording, RecordingError};
pub use timeline::{
    Acted, Branch, BranchId, JournalEntry, Leadership, Majority, Milestones, RetainedEvent,
    ServerThen, Tick, Timeline, Weight,
};
