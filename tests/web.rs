//! Browser tests: components mounted in a real page.
#![cfg(all(feature = "web", target_arch = "wasm32"))]

#[path = "web/bench.rs"]
mod bench;
#[path = "web/clients.rs"]
mod clients;
#[path = "web/fixture.rs"]
mod fixture;
#[path = "web/membership.rs"]
mod membership;
#[path = "web/panels.rs"]
mod panels;
#[path = "web/rules.rs"]
mod rules;
#[path = "runs/mod.rs"]
mod runs;
#[path = "web/stage.rs"]
mod stage;
#[path = "web/stall.rs"]
mod stall;
#[path = "web/tables.rs"]
mod tables;

use kvorum::web::api::Kvorum;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts the app into an element of its own.
fn mount() -> web_sys::Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let root = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    stage::render(&root);
    root
}

#[wasm_bindgen_test]
async fn the_app_names_itself() {
    let root = mount();
    bench::turns(15).await;
    let brand = root.query_selector(".kv-brand").unwrap().expect("a brand");
    assert!(brand.text_content().unwrap().contains("Kvorum"));
}

#[wasm_bindgen_test]
fn runs_have_the_same_hashes_as_natively() {
    let found = runs::differences();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// An object from its JSON.
fn object(json: &str) -> wasm_bindgen::JsValue {
    js_sys::JSON::parse(json).expect("it is JSON")
}

/// What an error says.
fn said<T>(result: Result<T, wasm_bindgen::JsError>) -> String {
    let error = wasm_bindgen::JsValue::from(result.err().expect("it can't be"));
    String::from(js_sys::Error::from(error).message())
}

#[wasm_bindgen_test]
fn scripts_can_drive_a_cluster() {
    let mut run = Kvorum::new(object(r#"{"scenario": "lab", "seed": "7"}"#))
        .ok()
        .unwrap();
    assert_eq!(run.run(1_000.0).ok(), Some(1_000.0));
    let put = r#"{"action": "request", "operation": {"op": "put", "key": "y", "value": "<7>"}}"#;
    assert_eq!(run.act(object(put)).ok(), Some(None));
    run.run(1_000.0).ok().unwrap();
    let view = js_sys::JSON::stringify(&run.view().ok().unwrap()).unwrap();
    let view = String::from(view);
    assert!(view.contains(r#""key":"y","value":"<7>""#), "{view}");
    assert!(
        view.contains(r#""seed":"7""#) && view.contains(&run.hash()),
        "{view}"
    );
    let events = js_sys::JSON::stringify(&run.events(0.0).ok().unwrap()).unwrap();
    let events = String::from(events);
    assert!(events.contains("y←<7> is committed"), "{events}");
    // Acting in the past begins a branch; the first one is still there.
    let end = run.hash();
    run.seek(500.0).ok().unwrap();
    assert_eq!(run.act(object(r#"{"action": "heal"}"#)).ok(), Some(Some(1)));
    run.switch_to(0).ok().unwrap();
    run.seek(2_000.0).ok().unwrap();
    assert_eq!(run.hash(), end);
}

#[wasm_bindgen_test]
fn the_api_names_the_field_that_cannot_be() {
    for (options, field) in [
        (r#"{"scenario": "<b>"}"#, "scenario: "),
        (r#"{"scenario": 3}"#, "scenario: "),
        (r#"{"seed": 7}"#, "seed: "),
        (r#"{"seed": "18446744073709551616"}"#, "seed: "),
        (r#"{"speed": 7}"#, "speed: "),
        (r#"{"settings": {"nodes": 0}}"#, "nodes: "),
        (r#"{"settings": {"nodes": "many"}}"#, "nodes: "),
        (r#"7"#, "options: "),
    ] {
        let said = said(Kvorum::new(object(options)));
        assert!(said.starts_with(field), "{options}: {said}");
    }
    let mut run = Kvorum::new(object("{}")).ok().unwrap();
    for (action, field) in [
        (r#"{"action": "crash", "node": 77}"#, "node: "),
        (r#"{"action": "crash", "node": "S1"}"#, "node: "),
        (r#"{"action": "drop", "message": 1}"#, "message: "),
        (
            r#"{"action": "request", "operation": {"op": "put", "key": ""}}"#,
            "operation: ",
        ),
        (r#"{"action": "explode"}"#, "action: "),
        ("[]", "action: "),
    ] {
        let said = said(run.act(object(action)));
        assert!(said.starts_with(field), "{action}: {said}");
    }
    assert!(said(run.run(-1.0)).starts_with("ms: "));
    assert!(said(run.seek(f64::NAN)).starts_with("ms: "));
    assert!(said(run.events(0.5)).starts_with("since: "));
    assert!(said(run.switch_to(9)).starts_with("branch: "));
}
