//! What there may be several of: a run, its driver, and what shows it.
//!
//! [`app`] lays a figure out and gives each instrument its place; [`root`] is where it stands, with
//! what belongs to it alone; [`driver`] turns frames into virtual time and owns the run; [`store`] is
//! what its components are given and may ask for.

pub mod app;
pub mod chronicle;
pub mod driver;
pub mod hooks;
mod keys;
pub mod language;
pub mod look;
pub mod menu_entries;
pub mod root;
pub mod store;
pub mod ui_state;

pub use app::App;
