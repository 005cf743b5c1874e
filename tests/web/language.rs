//! The language of a figure: from the catalogue around it, and changed while the run goes on.

use crate::bench::{mount, setting, settle};
use crate::stage::Page;
use kvorum::run::{ENGINE, Playhead};
use kvorum::sim::Settings;
use kvorum::view::Catalogue;
use kvorum::web::components::{Feed, Opening, SettingsForm};
use kvorum::web::language::{Language, Words};
use kvorum::web::page::options::Options;
use kvorum::web::store::Overlay;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[wasm_bindgen_test]
async fn a_component_speaks_the_language_around_it() {
    let mut it = setting(html! { <Feed /> });
    it.words = Words::built_in(Language::Chinese);
    let page = mount(it).await;
    assert_eq!(page.text("#h-events"), "发生了什么");
    let told = page.text(".kv-feed");
    assert!(told.contains("已提交") && told.contains("任期 4"), "{told}");
    assert!(
        page.all(".kv-feed [lang]").is_empty(),
        "all of it is Chinese"
    );
}

#[wasm_bindgen_test]
async fn what_a_language_lacks_is_marked_as_english() {
    let mut it = setting(html! { <Feed /> });
    it.words = Words::new(
        Language::Chinese,
        Catalogue::of_lines("zh-Hans\n\nfeed.title\tWhat <b>"),
    );
    let page = mount(it).await;
    assert_eq!(page.text("#h-events [lang=en]"), "What <b>");
}

#[wasm_bindgen_test]
async fn the_switch_changes_the_words_and_leaves_the_run() {
    let page = Page::open().await;
    let seed = page.text(".kv-seed");
    assert!(seed.starts_with("seed "), "{seed}");
    page.click(".kv-lang").await;
    let now = page.text(".kv-seed");
    assert_eq!(now, seed.replace("seed ", "种子 "), "the same run");
    let root = web_sys::window().unwrap().document().unwrap();
    let lang = || root.document_element().unwrap().get_attribute("lang");
    assert_eq!(lang().as_deref(), Some("zh-Hans"));
    page.click(".kv-lang").await;
    assert_eq!(
        (page.text(".kv-seed"), lang().as_deref()),
        (seed, Some("en"))
    );
}

#[wasm_bindgen_test]
async fn what_cannot_be_done_is_said_in_the_language_of_the_figure() {
    let page = Page::open().await;
    page.click(".kv-lang").await;
    page.press("#stage-S2").await;
    page.wait(".kv-pop [role=menuitem]").await;
    page.click(".kv-pop [role=menuitem]").await;
    // Two presses on one server in a row would be a double click.
    page.press("#stage-S3").await;
    page.key(".kv-pop", "Escape").await;
    page.press("#stage-S2").await;
    page.wait(".kv-pop small").await;
    assert_eq!(page.text(".kv-pop small"), "S2 已崩溃");
    page.key(".kv-pop", "z").await;
    page.wait(".kv-toast").await;
    assert_eq!(page.text(".kv-toast > span"), "node：S2 已崩溃");
    assert!(page.find(".kv-toast [lang]").is_none());
    page.click(".kv-lang").await;
}

#[wasm_bindgen_test]
async fn why_a_setting_cannot_be_is_said_in_the_language_around_it() {
    let mut it = setting(html! { <SettingsForm /> });
    it.words = Words::built_in(Language::Chinese);
    it.run = Some(Rc::new(Playhead::new(Settings::default(), 7).unwrap()));
    let page = mount(it).await;
    for (name, text, why) in [
        ("nodes", "102", "nodes：102 不在 1 到 101 之间"),
        (
            "timing.heartbeat",
            "50",
            "timing.heartbeat：“50”不符合要求；这里需要带单位（us、ms、s、m 或 h）的数，例如 150ms",
        ),
        ("start", "1:2", "start：S1 的日志中，任期必须在 1"),
    ] {
        let css = format!("[name='{name}']");
        let usual = page.one(&css).unchecked_into::<HtmlInputElement>().value();
        page.fill(&css, text).await;
        let error = page.text(&format!("[id='error-{name}']"));
        assert!(error.starts_with(why), "{text}: {error}");
        assert!(page.all(".err [lang]").is_empty(), "all of it is Chinese");
        page.fill(&css, &usual).await;
    }
}

#[wasm_bindgen_test]
async fn why_a_run_cannot_be_opened_is_said_in_the_language_around_it() {
    let run = |settings: &str| {
        format!(r#"{{"engine":"{ENGINE}","seed":"7","playhead":0,"settings":{{{settings}}}}}"#)
    };
    for (text, why, english) in [
        (
            run(r#""nodes":102"#),
            "settings.nodes：102 不在 1 到 101 之间",
            0,
        ),
        // What is wrong with a file is said in English, and marked.
        (run(r#""nodez":1"#), "The run can’t be read. ", 1),
    ] {
        let mut it = setting(html! { <Opening /> });
        it.words = Words::built_in(Language::Chinese);
        it.ui.overlay = Some(Overlay::Open(text.into()));
        let page = mount(it).await;
        settle().await;
        let error = page.text(".err");
        assert!(error.starts_with(why), "{error}");
        assert_eq!(page.all(".err [lang=en]").len(), english, "{error}");
    }
}

#[wasm_bindgen_test]
fn the_address_may_name_the_language() {
    let asked = |search: &str| Options::parse(search);
    assert_eq!(asked("?lang=zh-Hans").language, Some(Language::Chinese));
    assert_eq!(asked("").language, None);
    let odd = asked("?lang=<b>");
    assert_eq!(odd.language, None);
    assert_eq!(odd.problems, ["lang: “<b>” is none of en, zh-Hans"]);
}
