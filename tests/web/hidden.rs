//! Characters that can't be seen don't get onto the screen, whoever wrote them: the author of a lesson,
//! whoever made a link, a client.

use super::bench::{mount, setting};
use super::fixture::at;
use super::runs::put;
use js_sys::{Array, Function};
use kvorum::view::{build, text};
use kvorum::web::components::*;
use kvorum::web::figure::chronicle::Chronicle;
use kvorum::web::page::lessons;
use kvorum::web::page::on_demand::Pieces;
use kvorum::web::page::options::Options;
use kvorum::web::store::Notice;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;
use yew::prelude::*;

/// A lesson whose every text turns the direction of writing.
const LESSON: &str = r#"{
  "id": "turned", "place": 1, "topic": "Elections", "source": "paper\u202e 5.2", "level": 1, "minutes": 1,
  "title": "Title\u202e", "summary": "Summary\u2066", "seed": 7,
  "steps": [{
    "title": "Step\u202e", "text": "Text\u2067", "done": "Done\u2069",
    "tasks": [{ "text": "Task\u200f", "name": "a-task", "when": "on crashed" }],
    "prediction": { "question": "Question\u202d", "choices": ["One\u202e", "Two\u200b"], "answer": 0, "because": "Because\u202e" },
    "button": { "label": "Label\u202e", "actions": [{ "action": "crash", "node": 1 }] }
  }]
}"#;

/// All texts and attributes in an element.
const SHOWN: &str = "
    const texts = (node) => [node.nodeValue, ...[...node.attributes ?? []].map(({ value }) => value),
        ...[...node.childNodes].flatMap(texts)];
    return texts(root).filter(Boolean);";

/// Those that hold a character that can't be seen.
fn hidden(root: &Element) -> Vec<String> {
    let shown = Function::new_with_args("root", SHOWN);
    let shown: Array = shown.call1(&JsValue::NULL, root).unwrap().unchecked_into();
    let shown: Vec<_> = shown.iter().filter_map(|text| text.as_string()).collect();
    assert!(shown.len() > 100, "{shown:?}");
    // A newline between two tags is nothing but space.
    let is_hidden = |text: &String| text::characters(text).any(|(c, hidden)| hidden && c != '\n');
    shown.into_iter().filter(is_hidden).collect()
}

/// Every panel that shows a text from outside, with texts that are full of such characters.
#[wasm_bindgen_test]
async fn what_cannot_be_seen_is_a_mark_in_every_panel() {
    let lesson = Rc::new(lessons::parse(LESSON).unwrap());
    let mut playhead = lesson.start(7).unwrap();
    playhead.advance(at(1_000), || true);
    playhead.act(put("k\u{202e}ey", "v\u{2066}alue")).unwrap();
    playhead.advance(at(2_000), || true);
    playhead.seek(at(1_500));
    playhead
        .act(put("o\u{202e}ther", "b\u{200b}ranch"))
        .unwrap();
    playhead.advance(at(2_000), || true);
    let mut chronicle = Chronicle::new(lesson, Default::default());
    chronicle.predict(1);
    let story = chronicle.story(&playhead, Pieces::default().narrator_here());
    assert!(story.branches.len() == 2 && story.guide.is_some());
    let wrong = Options::parse("?scenario=a%E2%80%AEb&level=%E2%80%AE&%E2%80%AE=1").problems;
    assert_eq!(wrong.len(), 3);
    let mut it = setting(html! { <>
        <Bar /><Guide /><Feed /><Transport /><Logs /><Maps /><Clients /><Toast /><Console /><Stage /><Share /><Embed autoplay=false />
    </> });
    it.view = Rc::new(build(playhead.simulation(), None));
    it.story = Rc::new(story);
    it.run = Some(Rc::new(playhead));
    it.ui.notice = Some(Notice::bad(wrong.join(". ")));
    let page = mount(it).await;
    assert_eq!(hidden(&page.0), [""; 0]);
    for (css, text) in [
        (".kv-guide h2", "Step\u{fffd}"),
        (".kv-guide .q", "Question\u{fffd}"),
        (".kv-scn b", "Title\u{fffd}"),
        (".kv-toast span", "level: “\u{fffd}” is not a number"),
        (".kv-branch select", "put o\u{fffd}ther"),
        (".kv-feed", "k\u{fffd}ey"),
    ] {
        assert!(page.text(css).contains(text), "{css}: {}", page.text(css));
    }
}
