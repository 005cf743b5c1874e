//! The front end: Yew in front of the engine, which it only reaches through the driver.
//!
//! [`store`] is the interface between the two halves: what components are given and what they may
//! ask for. [`app`] lays the page out and gives each instrument its place; the instruments are in
//! [`components`]; what moves with every frame goes through [`hooks`].

pub mod app;
pub mod components;
pub mod hooks;
pub mod icons;
pub mod store;
mod ui_state;
