//! Browser tests: components mounted in a real page.
#![cfg(all(feature = "web", target_arch = "wasm32"))]

#[path = "runs/mod.rs"]
mod runs;

use std::time::Duration;

use kvorum::web::App;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use yew::platform::time::sleep;

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts the app into an element of its own.
fn mount() -> web_sys::Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    yew::Renderer::<App>::with_root(root.clone()).render();
    root
}

#[wasm_bindgen_test]
async fn the_app_names_itself() {
    let root = mount();
    sleep(Duration::from_millis(50)).await;
    let brand = root.query_selector(".kv-brand").unwrap().expect("a brand");
    assert!(brand.text_content().unwrap().contains("Kvorum"));
}

#[wasm_bindgen_test]
fn runs_have_the_same_hashes_as_natively() {
    let found = runs::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
