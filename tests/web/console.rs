//! The console, mounted with the run of the fixture.

use super::bench::{commands, show};
use kvorum::kv::{MAX_VALUE, Operation};
use kvorum::sim::Action;
use kvorum::web::components::Console;
use kvorum::web::store::Command;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

#[wasm_bindgen_test]
async fn the_console_sends_what_is_typed() {
    let page = show(html! { <Console /> }).await;
    page.fill("[name=key]", "🗝 <b>").await;
    let long = "v".repeat(10 * 1024);
    page.fill("[name=value]", &long).await;
    page.send("form", "submit").await;
    let operation = Operation::Put {
        key: "🗝 <b>".into(),
        value: long.as_str().into(),
    };
    assert_eq!(
        commands(),
        [Command::Act(Action::Request {
            operation,
            to: None,
            attempts: 0
        })]
    );
    assert_eq!(page.text(".err"), "");
}

#[wasm_bindgen_test]
async fn the_console_names_the_field_that_is_wrong() {
    let page = show(html! { <Console /> }).await;
    page.fill("[name=key]", "").await;
    page.send("form", "submit").await;
    assert!(
        page.text(".err").starts_with("key:"),
        "{}",
        page.text(".err")
    );
    assert_eq!(
        page.one("[name=key]")
            .get_attribute("aria-invalid")
            .unwrap(),
        "true"
    );
    page.fill("[name=key]", "x").await;
    assert_eq!(page.text(".err"), "", "typing clears it");
    page.fill("[name=value]", &"v".repeat(MAX_VALUE + 1)).await;
    page.send("form", "submit").await;
    assert!(
        page.text(".err").starts_with("value:"),
        "{}",
        page.text(".err")
    );
    assert!(commands().is_empty());
}

#[wasm_bindgen_test]
async fn the_console_tells_what_became_of_requests() {
    let page = show(html! { <Console /> }).await;
    let lines: Vec<_> = page
        .all(".kv-ops li")
        .iter()
        .map(|l| l.text_content().unwrap())
        .collect();
    assert_eq!(lines.len(), 9);
    assert!(
        lines[0].contains("c1") && lines[0].contains("waits since 2.692"),
        "{}",
        lines[0]
    );
    assert!(
        lines[2].contains("done, 67 ms by S4, try 2"),
        "{}",
        lines[2]
    );
    assert!(
        lines[4].contains("<script>") && lines[4].contains("nobody knows"),
        "{}",
        lines[4]
    );
}
