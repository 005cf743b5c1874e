//! The front end: Yew in front of the engine, which it only reaches through the driver.
//!
//! [`store`] is the interface between the two halves: what components are given and what they may
//! ask for. [`app`] lays the page out and gives each instrument its place; the instruments are in
//! [`components`]; what moves with every frame goes through [`hooks`].

pub mod api;
pub mod app;
pub mod black_box;
mod chronicle;
pub mod components;
pub mod deeds;
pub mod driver;
pub mod hooks;
pub mod icons;
mod keys;
mod memory;
pub mod options;
pub mod store;
mod ui_state;

pub use app::App;

/// Mounts the page into the element with the id `app`, if there is one.
pub fn start() {
    black_box::install();
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.get_element_by_id("app")) {
        root.set_text_content(None);
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
