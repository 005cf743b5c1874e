//! How a catalogue makes words of a telling.

use kvorum::view::{Arg, Catalogue, Telling, Word};

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
