//! Kvorum: a laboratory for a distributed key-value store.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod base;
pub mod kv;
pub mod raft;
pub mod sim;
pub mod view;

/// The front end: so far the empty page. Its modules in `src/web/` take this place.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the only layer that meets the world: clock, entropy, sizes on the screen"
)]
pub mod web {
    use yew::prelude::*;

    /// The whole page.
    #[component]
    pub fn App() -> Html {
        html! {
            <main>
                <h1>{ "Kvorum" }</h1>
            </main>
        }
    }

    /// Mounts the page into the element with the id `app`, if there is one.
    pub fn start() {
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(root) = document.and_then(|document| document.get_element_by_id("app")) {
            yew::Renderer::<App>::with_root(root).render();
        }
    }
}
