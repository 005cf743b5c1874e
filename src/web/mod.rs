//! The front end: Yew in front of the engine, which it only reaches through the driver.
//!
//! [`page`] is what there is one of: how it starts, what it keeps and fetches, the code that comes on
//! demand. [`figure`] is what there may be several of: a run with its driver, its clock and its
//! state. [`store`] is the interface between the two halves of a figure: what components are given and
//! what they may ask for; the instruments are in [`components`]; what moves with every frame goes
//! through [`hooks`]. [`api`] is the engine for scripts: a module of its own, which the page doesn't
//! load.

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "web")]
pub mod components;
#[cfg(feature = "web")]
pub mod figure;
#[cfg(feature = "web")]
pub mod icons;
#[cfg(feature = "web")]
pub mod page;

#[cfg(feature = "web")]
pub use figure::{App, hooks, language, store};
#[cfg(feature = "web")]
pub use page::start;
