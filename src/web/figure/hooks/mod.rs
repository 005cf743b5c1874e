//! Hooks: what moves with every frame, and what the browser tells.

mod frame;
mod shape;
mod size;
mod visible;

pub use frame::{Frame, Frames, use_frame, wall};
pub use shape::{Shape, use_media, use_shape, use_still};
pub use size::use_size;
pub use visible::use_visible;
