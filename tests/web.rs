//! Browser tests: components mounted in a real page.
#![cfg(all(feature = "web", target_arch = "wasm32"))]

#[path = "web/api.rs"]
mod api;
#[path = "web/api_arguments.rs"]
mod api_arguments;
#[path = "web/bench.rs"]
mod bench;
#[path = "web/clients.rs"]
mod clients;
#[path = "web/figures.rs"]
mod figures;
#[path = "web/fixture.rs"]
mod fixture;
#[path = "web/hidden.rs"]
mod hidden;
#[path = "web/language.rs"]
mod language;
#[path = "web/membership.rs"]
mod membership;
#[path = "web/pacer.rs"]
mod pacer;
#[path = "web/panels.rs"]
mod panels;
#[path = "web/rules.rs"]
mod rules;
#[path = "runs/mod.rs"]
mod runs;
#[path = "web/settings.rs"]
mod settings;
#[path = "web/stage.rs"]
mod stage;
#[path = "web/stall.rs"]
mod stall;
#[path = "web/tables.rs"]
mod tables;
#[path = "web/told.rs"]
mod told;

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
