//! Hooks: what moves with every frame, and what the browser tells.

mod frame;
mod shape;

pub use frame::{Frame, Frames, use_frame};
pub use shape::{Shape, use_media, use_shape, use_still};
