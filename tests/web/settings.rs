//! The panel with the settings of a run.

use crate::bench::{Page, actions, commands, mount, setting, settle};
use kvorum::base::{Span, Time};
use kvorum::run::{Playhead, Recording};
use kvorum::sim::Settings;
use kvorum::sim::settings::FIELDS;
use kvorum::web::components::SettingsForm;
use kvorum::web::store::{Command, UiAction};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::html;

/// The form beside a run that was begun with these settings and has gone on for a second.
async fn beside(settings: Settings) -> Page {
    let mut playhead = Playhead::new(settings, 7).unwrap();
    playhead.advance(Time::from_millis(1_000), || true);
    let mut it = setting(html! { <SettingsForm /> });
    it.run = Some(Rc::new(playhead));
    mount(it).await
}

/// The run that was begun, if one was.
fn begun() -> Option<Recording> {
    match commands().pop()? {
        Command::Open(recording) => Some(*recording),
        other => panic!("{other:?}"),
    }
}

fn value(page: &Page, name: &str) -> String {
    let field = page.one(&format!("[name='{name}']"));
    field.unchecked_into::<HtmlInputElement>().value()
}

#[wasm_bindgen_test]
async fn every_setting_but_the_rules_has_its_field_with_unit_bounds_and_default() {
    let page = beside(Settings::default()).await;
    let shown = |name: &str| name != "rules" && !name.starts_with("shards.");
    for field in FIELDS.iter().filter(|field| shown(field.name)) {
        let input = page.one(&format!("[name='{}']", field.name));
        assert!(input.has_attribute("aria-label"), "{field:?}");
        let hint = input.get_attribute("aria-describedby").unwrap();
        let hint = page.text(&format!("[id='{hint}']"));
        assert!(hint.contains("efault "), "{field:?}: {hint}");
        assert!(hint.contains(field.says()) || field.name.ends_with("_max"));
    }
    assert_eq!(value(&page, "timing.heartbeat"), "50 ms");
    assert_eq!(value(&page, "timing.clock_drift"), "1%");
    assert_eq!(value(&page, "timing.max_in_flight_bytes"), "1 MiB");
    let hint = page.text("[id='hint-timing.election_timeout_min']");
    let wanted = "0 ms to 3600 s, default 150 ms to 300 ms.";
    assert!(hint.ends_with(wanted), "{hint}");
}

#[wasm_bindgen_test]
async fn a_new_run_begins_with_what_was_typed_and_nothing_else() {
    let page = beside(Settings {
        nodes: 3,
        ..Settings::default()
    })
    .await;
    page.fill("[name='timing.heartbeat']", "0.04 s").await;
    page.fill("[name='link.loss']", "2.5%").await;
    page.fill("[name='priorities']", "2,0,1").await;
    page.click("[name='link.reorder']").await;
    page.send("form", "submit").await;
    let mut wanted = Settings {
        nodes: 3,
        ..Settings::default()
    };
    wanted.timing.heartbeat = Span::millis(40);
    wanted.link.loss = kvorum::base::Ratio(25_000);
    wanted.link.reorder = true;
    wanted.priorities = vec![2, 0, 1];
    let run = begun().expect("a run begins");
    assert_eq!(
        (&run.settings, run.seed, run.playhead),
        (&wanted, 7, Time::ZERO)
    );
    assert!(run.journal.is_empty() && run.hash.is_none() && run.check().is_ok());
    assert_eq!(actions()[0], UiAction::Overlay(None));
    // Back to what is usual, with another seed.
    let page = beside(wanted).await;
    page.saying("footer button", "Another seed").click();
    page.saying("footer button", "Back to defaults").click();
    settle().await;
    assert_eq!(value(&page, "nodes"), "5");
    assert_eq!(value(&page, "priorities"), "");
    page.send("form", "submit").await;
    let run = begun().expect("a run begins");
    assert_eq!(run.settings, Settings::default());
    assert_ne!(run.seed, 7);
}

#[wasm_bindgen_test]
async fn what_cannot_be_is_named_beside_its_field_and_begins_nothing() {
    let page = beside(Settings::default()).await;
    for (name, text, why) in [
        ("nodes", "102", "nodes: 102 is not between 1 and 101"),
        ("nodes", "", "nodes: “” is not a whole number"),
        ("nodes", "<b>", "nodes: “<b>” is not a whole number"),
        (
            "timing.heartbeat",
            "50",
            "timing.heartbeat: “50” is not a number with its unit",
        ),
        (
            "timing.heartbeat",
            "150ms",
            "timing.heartbeat: 150 ms is not below the shortest",
        ),
        (
            "timing.election_timeout_max",
            "10ms",
            "timing.election_timeout_max: 10 ms is less",
        ),
        (
            "disk.fsync_max",
            "-1ms",
            "disk.fsync_max: “-1ms” is not a number",
        ),
        ("start", "1:2", "start: the log of S1 needs terms"),
    ] {
        let css = format!("[name='{name}']");
        let usual = value(&page, name);
        page.fill(&css, text).await;
        let error = page.text(&format!("[id='error-{name}']"));
        assert!(error.starts_with(why), "{text}: {error}");
        let field = page.one(&css);
        assert_eq!(field.get_attribute("aria-invalid").as_deref(), Some("true"));
        assert!(
            field
                .get_attribute("aria-describedby")
                .unwrap()
                .contains("error-")
        );
        assert!(page.text(".reads").contains("1 setting can’t be"));
        page.send("form", "submit").await;
        assert_eq!(begun(), None, "{name} = {text}");
        let document = web_sys::window().unwrap().document().unwrap();
        let focused: HtmlElement = document.active_element().unwrap().unchecked_into();
        assert_eq!(focused.get_attribute("name").as_deref(), Some(name));
        // Nothing that was typed is lost.
        assert_eq!(value(&page, name), text);
        page.fill(&css, &usual).await;
        assert!(page.all(".err").is_empty(), "{name}");
    }
}

#[wasm_bindgen_test]
async fn the_read_out_follows_what_is_typed() {
    let page = beside(Settings::default()).await;
    assert_eq!(page.all(".reads .good").len(), 4);
    page.fill("[name='timing.election_timeout_max']", "150ms")
        .await;
    assert_eq!(page.all(".reads .bad").len(), 1);
    assert!(page.text(".reads .bad").contains("split"));
    page.fill("[name='nodes']", "1").await;
    assert_eq!(page.all(".reads li").len(), 1);
}
