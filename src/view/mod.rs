//! What any front end shows: plain data, the words for it, and where it stands on the stage.
//!
//! Nothing here keeps state or changes the run.

pub mod geometry;
