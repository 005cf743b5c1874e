//! Browser tests: components mounted in a real page.
#![cfg(all(feature = "web", target_arch = "wasm32"))]

mod api;
mod api_arguments;
mod bench;
mod clients;
mod console;
mod figures;
mod fixture;
mod hidden;
mod language;
mod membership;
mod pacer;
mod panels;
mod rules;
#[path = "../runs/mod.rs"]
mod runs;
mod settings;
mod stage;
mod stall;
mod tables;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn runs_have_the_same_hashes_as_natively() {
    let found = runs::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A stall is a verdict: when it comes, and what is said of it, must not depend on who counts.
#[wasm_bindgen_test]
fn runs_end_as_natively() {
    let found = runs::ends::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
