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
pub mod driver;
#[cfg(feature = "web")]
pub mod hooks;
#[cfg(feature = "web")]
pub mod icons;
#[cfg(feature = "web")]
mod keys;
#[cfg(feature = "web")]
pub mod lessons;
#[cfg(feature = "web")]
pub mod links;
#[cfg(feature = "web")]
mod memory;
#[cfg(feature = "web")]
pub mod menu_entries;
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
#[cfg(feature = "web")]
use ui_state::Level;

/// Mounts the page into the element with the id `app`, if there is one, with the scenario that
/// its address asks for. If that can't be had, the page opens as a free laboratory and says why.
#[cfg(feature = "web")]
pub fn start() {
    black_box::install();
    let Some(window) = web_sys::window() else {
        return;
    };
    let mut options = options::Options::parse(&window.location().search().unwrap_or_default());
    let document = window.document();
    let Some(root) = document.and_then(|document| document.get_element_by_id("app")) else {
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        let first = crate::lesson::Scenario::opening();
        let id = options.scenario.unwrap_or(&first.id);
        // The first screen and an embed show no story: the first lesson's may come later.
        let early = memory::recall(&options).level == Level::Calm || options.embed;
        let scenario = match id == &*first.id && early {
            true => Ok(first.into()),
            false => lessons::load(id).await,
        };
        let scenario = scenario.unwrap_or_else(|problem| {
            options.problems.push(problem);
            crate::lesson::Scenario::lab().into()
        });
        root.set_text_content(None);
        let props = app::AppProps { options, scenario };
        yew::Renderer::<App>::with_root_and_props(root, props).render();
    });
}
