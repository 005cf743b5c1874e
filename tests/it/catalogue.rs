//! How a catalogue makes words of a telling, and lessons in other languages.

use crate::words::{others, root};
use kvorum::base::json::{Json, parse};
use kvorum::view::{Arg, Catalogue, Telling, Word};
use std::fs;
use std::path::PathBuf;

#[test]
fn what_people_type_is_never_read_as_a_text() {
    let catalogue = Catalogue::read(
        r#"{"lang": "en", "words": {"a": {"b": "**{key}** is {key}", "c": "<{inner}>"}}}"#,
    )
    .unwrap();
    let typed = "{key} **x** <b>";
    let telling = Telling::new("a.b").with("key", typed);
    let words = catalogue.words(&telling);
    let [strong, plain] = &words[..] else {
        panic!("{words:?}")
    };
    assert_eq!(*strong, Word::Strong { text: typed.into() });
    assert_eq!(
        *plain,
        Word::Text {
            text: format!(" is {typed}")
        }
    );
    let inner = Telling::new("a.c").with("inner", Arg::Telling(telling));
    assert_eq!(catalogue.text(&inner), format!("<{typed} is {typed}>"));
}

#[test]
fn what_a_language_lacks_is_said_in_english_and_marked() {
    let english = Catalogue::read(
        r#"{"lang": "en", "words": {"a": {"x": {"by": "n", "one": "{n} vote", "other": "{n} votes"}, "y": "why"}}}"#,
    )
    .unwrap();
    let other = Catalogue::read(r#"{"lang": "zh-Hans", "words": {"a": {"y": "为什么"}}}"#).unwrap();
    let other = other.or(english);
    let x = |n: u64| other.text(&Telling::new("a.x").with("n", n));
    assert_eq!((x(1), x(2)), ("1 vote".into(), "2 votes".into()));
    assert_eq!(other.text(&Telling::new("a.y")), "为什么");
    assert_eq!(
        (other.foreign("a.x"), other.foreign("a.y")),
        (Some("en"), None)
    );
    assert_eq!(
        other.text(&Telling::new("a.z")),
        "a.z",
        "a key that nobody has"
    );
}

#[test]
fn a_file_cut_for_the_page_says_the_same() {
    let first = "zh-Hans\na.x\t{n} 票\n\nb.y\tn\t{n} vote\t{n} votes";
    let mut catalogue = Catalogue::of_lines(first);
    catalogue.add(Catalogue::of_lines("zh-Hans\na.w\t丙\n\nc.z\tZ"));
    let said = |key: &'static str, n: u64| catalogue.text(&Telling::new(key).with("n", n));
    assert_eq!(
        (said("a.x", 1), said("a.w", 1)),
        ("1 票".into(), "丙".into())
    );
    assert_eq!(
        (said("b.y", 1), said("b.y", 2)),
        ("1 vote".into(), "2 votes".into())
    );
    assert_eq!(
        (said("c.z", 1), catalogue.foreign("c.z")),
        ("Z".into(), Some("en"))
    );
    assert_eq!(
        (catalogue.foreign("a.w"), catalogue.foreign("a.x")),
        (None, None)
    );
    assert_eq!(Catalogue::of_lines("").text(&Telling::new("a.x")), "a.x");
}

#[test]
fn a_damaged_catalogue_is_refused_by_its_place() {
    for (file, place) in [
        ("[]", "a catalogue is an object"),
        (r#"{"lang": 1}"#, "lang: isn't a field"),
        (r#"{"words": {"a": 1}}"#, "words.a: its texts"),
        (r#"{"words": {"a": {"b": 1}}}"#, "words.a.b: a text"),
        (
            r#"{"words": {"a": {"b": {"one": "x"}}}}"#,
            "words.a.b: a number",
        ),
    ] {
        let error = Catalogue::read(file).expect_err(file).to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

/// What differs between a lesson and its form in another language: there, a task and a button are their
/// texts alone.
fn lesson_differs(english: &Json, here: &Json, place: &str) -> Vec<String> {
    let named = |fields: &[(String, Json)], name: &str| {
        fields
            .iter()
            .find(|(of, _)| of == name)
            .map(|(_, value)| value.clone())
    };
    match (english, here) {
        (Json::Text(_), Json::Text(_)) => Vec::new(),
        (Json::List(english), Json::List(here)) if english.len() == here.len() => {
            let both = english.iter().zip(here).enumerate();
            both.flat_map(|(at, (english, here))| {
                lesson_differs(english, here, &format!("{place}[{at}]"))
            })
            .collect()
        }
        (Json::Object(english), Json::Object(here)) => {
            let words = [
                "title", "summary", "steps", "text", "done", "tasks", "button",
            ];
            let words = words
                .into_iter()
                .chain(["prediction", "question", "choices", "because"]);
            let mut wrong = Vec::new();
            for name in words {
                let place = format!("{place}.{name}");
                match (named(english, name), named(here, name)) {
                    (Some(english), Some(here)) => {
                        wrong.extend(lesson_differs(&english, &here, &place));
                    }
                    (None, None) => {}
                    _ => wrong.push(format!("{place} stands in one of them alone")),
                }
            }
            wrong
        }
        (Json::Object(english), Json::Text(_)) => {
            let is_text = |name| matches!(named(english, name), Some(Json::Text(_)));
            let has_text = is_text("text") || is_text("label");
            (!has_text)
                .then(|| format!("{place}: no text"))
                .into_iter()
                .collect()
        }
        _ => vec![format!("{place}: not the same")],
    }
}

#[test]
fn lessons_in_other_languages_have_the_same_steps() {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        parse(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    };
    let lessons = root().join("www/lessons");
    let mut found = 0;
    for other in others() {
        let folder = lessons.join(&other.lang);
        for file in fs::read_dir(folder).expect("lessons").flatten() {
            let english = read(lessons.join(file.file_name()));
            let wrong = lesson_differs(&english, &read(file.path()), "");
            assert!(wrong.is_empty(), "{:?}: {}", file.path(), wrong.join("\n"));
            found += 1;
        }
    }
    assert!(found >= 3, "{found}");
    let of = |text: &str| parse(text).unwrap();
    let english = of(r#"{"title": "X", "steps": [{"tasks": [{"text": "T"}]}]}"#);
    let short = of(r#"{"title": "X", "steps": [{"tasks": []}]}"#);
    assert_eq!(
        lesson_differs(&english, &short, ""),
        [".steps[0].tasks: not the same"]
    );
}
