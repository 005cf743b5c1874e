//! Runs of the simulation: a run is its settings, its seed and a journal of actions.
//!
//! [`history`] remembers one, and a [`playhead`] goes to any instant of it; [`recording`] is a run to be
//! passed on, which [`link`] packs for an address; [`sweep`] runs many seeds and makes a failing run
//! small. What a run is *for* (a lesson, a figure) is known further right.

mod file_error;
pub mod history;
pub mod link;
#[cfg(not(feature = "split"))]
pub mod measure;
pub mod playhead;
pub mod recording;
pub mod sweep;

pub use file_error::{FileError, Unfit};
pub use history::{
    Branch, BranchId, History, JournalEntry, Leadership, MAX_WINDOW, Majority, Milestones,
    RetainedEvent, ServerThen, Tick, Weight, Window, WindowError, holders,
};
pub use playhead::{Acted, Playhead, ScriptError};
pub use recording::{ENGINE, Recorded, Recording};
