//! The front end: Yew in front of the engine, which it only reaches through the driver.
//!
//! [`store`] is the interface between the two halves: what components are given and what they may
//! ask for. [`app`] lays the page out and gives each instrument its place; the instruments are in
//! [`components`]; what moves with every frame goes through [`hooks`]. [`api`] is the engine for
//! scripts: a module of its own, which the page doesn't load.

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "web")]
pub mod app;
#[cfg(feature = "web")]
pub mod black_box;
#[cfg(feature = "web")]
pub mod chronicle;
#[cfg(feature = "web")]
pub mod components;
#[cfg(feature = "web")]
pub mod deeds;
#[cfg(feature = "web")]
pub mod driver;
#[cfg(feature = "web")]
pub mod hooks;
#[cfg(feature = "web")]
pub mod icons;
#[cfg(feature = "web")]
mod keys;
#[cfg(feature = "web")]
mod memory;
#[cfg(feature = "web")]
pub mod on_demand;
#[cfg(feature = "web")]
pub mod options;
#[cfg(feature = "web")]
pub mod store;
#[cfg(feature = "web")]
mod ui_state;

#[cfg(feature = "web")]
pub use app::App;

/// Mounts the page into the element with the id `app`, if there is one.
#[cfg(feature = "web")]
pub fn start() {
    black_box::install();
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.get_element_by_id("app")) {
        root.set_text_content(None);
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
