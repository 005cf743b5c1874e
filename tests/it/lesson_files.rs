//! Lesson files that are wrong: the error names the place, and says what is allowed.

use crate::found::every_found;
use crate::kinds;
use kvorum::base::json;
use kvorum::lesson::Scenario;
use kvorum::lesson::facts::{Fact, HOWS, NAMES};
use kvorum::raft::Rules;
use kvorum::sim::{Found, Settings};
use kvorum::view::{english, unfit_file};
use std::collections::BTreeSet;

const LESSON: &str = r#"{
  "id": "a-crash", "place": 90, "topic": "Elections", "source": "paper 5.2",
  "level": 1, "minutes": 2, "title": "A crash", "summary": "One sentence.",
  "settings": { "nodes": 3, "rules": { "off": ["noop-on-election"] } }, "seed": 7,
  "steps": [{
    "title": "Silence", "text": "Before.", "done": "After.",
    "tasks": [{ "text": "It crashes", "name": "crash", "when": "on crashed by S1 and 2+ not with x=1" }],
    "prediction": { "question": "?", "choices": ["a", "b"], "answer": 1, "because": "." },
    "button": { "label": "Crash", "actions": [{ "action": "crash", "node": "@leader" }] }
  }]
}"#;

#[test]
fn a_good_file_is_read() {
    let lesson = Scenario::parse(LESSON).expect("it is right");
    assert_eq!((&*lesson.id, lesson.settings.nodes), ("a-crash", 3));
    let off = |rules: Rules| rules.off().map(|rule| rule.name()).collect::<Vec<_>>();
    assert_eq!(off(lesson.settings.rules), ["noop-on-election"]);
    assert_eq!(lesson.settings.link, Settings::default().link);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (right, wrong, said) in [
        (
            "\"seed\": 7",
            "\"seed\": 7.5",
            "line 4, column 81: seed: only whole numbers",
        ),
        (
            "\"seed\": 7",
            "\"seed\": 7, \"seed\": 8",
            "line 4, column 84: this name stands here twice",
        ),
        (
            "\"seed\": 7",
            "\"seed\": \"7\"",
            "seed: the string “7” stands here; a whole number, 0 or more, is needed",
        ),
        (
            "\"seed\": 7",
            "\"sead\": 7",
            "sead: there is no such field; there are id, place, ",
        ),
        ("\"seed\": 7,", "", "seed: is missing"),
        (
            "\"nodes\": 3",
            "\"nodes\": 0",
            "settings.nodes: 0 is not between 1 and ",
        ),
        (
            "\"nodes\": 3",
            "\"nods\": 3",
            "settings.nods: there is no such field; there are nodes, ",
        ),
        (
            "\"nodes\": 3",
            "\"nodes\": 3, \"start\": [{ \"term\": 1, \"log\": [2] }]",
            "settings.start: the log of S1 needs terms from 1 to the current one",
        ),
        (
            "\"nodes\": 3",
            "\"nodes\": 3, \"start\": [{ \"term\": 2, \"log\": [1, 2] }, { \"term\": 2, \"log\": [2, 2] }]",
            "settings.start: the log of S2 shares an entry with S1's, but not all before it",
        ),
        (
            "noop-on",
            "no-op-on",
            "settings.rules.off[0]: there is no rule “no-op-on-election”; there are ",
        ),
        (
            "Elections",
            "Votes",
            "topic: there is no “Votes”; there are Start here, ",
        ),
        ("\"level\": 1", "\"level\": 4", "level: 1, 2 or 3 is needed"),
        ("a-crash", "A crash", "id: 1 to 40 of a to z"),
        (
            "\"answer\": 1",
            "\"answer\": 2",
            "steps[0].prediction.answer: there is no such choice",
        ),
        (
            "on crashed",
            "on crash",
            "steps[0].tasks[0].when: “crash” follows “on”; it should be one of acted, ",
        ),
        (
            "2+ not",
            "two not",
            "steps[0].tasks[0].when: “two” stands here; one of some, no, all, 2, 2+, ",
        ),
        (
            "not with x=1",
            "not with x",
            "steps[0].tasks[0].when: a write such as x=1 should follow “with”",
        ),
        (
            "by S1",
            "by T1",
            "steps[0].tasks[0].when: “T1” stands here; one of S1, any, ",
        ),
        (
            "by S1 and",
            "by S1",
            "steps[0].tasks[0].when: “2+” stands here; one of S1, any, ",
        ),
        (
            "x=1",
            "x=1 to S2",
            "steps[0].tasks[0].when: “to” stands here; the end, “and” or “or” is needed",
        ),
        (
            "@leader",
            "@chief",
            "steps[0].button.actions[0]: “chief” stands here; one of S1, ",
        ),
        ("@leader", "leader", "steps[0].button.actions[0]: node: "),
        (
            "\"crash\", \"node",
            "\"crush\", \"node",
            "steps[0].button.actions[0]: action: there is no “crush”; there are request, ",
        ),
        (
            "\"node\": \"@leader\"",
            "\"nod\": 1",
            "steps[0].button.actions[0]: nod: there is no such field; there are node",
        ),
        (
            "\"tasks\": [{",
            "\"tasks\": [], \"x\": [{",
            "steps[0].x: there is no such field",
        ),
        (
            "}]\n}",
            "}]\n} x",
            "line 11, column 3: the text should end here",
        ),
        (
            "One sentence.",
            "One\nsentence.",
            "a line break or a control character in a string",
        ),
        (
            "One sentence.",
            "\\ud800",
            "four hexadecimal digits that make a character",
        ),
    ] {
        assert!(LESSON.contains(right), "{right}");
        let text = LESSON.replacen(right, wrong, 1);
        let error = Scenario::parse(&text).expect_err(wrong);
        let error = english().text(&unfit_file(&error));
        assert!(error.contains(said), "{wrong}: {error}");
        assert!(
            error.starts_with(said) || error.starts_with("line "),
            "{wrong}: {error}"
        );
    }
}

#[test]
fn no_text_is_too_odd() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "\"",
        "nul",
        "-",
        "{\"a\"}",
        "[1,]",
        "\u{feff}{}",
        "é",
    ] {
        assert!(json::parse(text).is_err(), "{text:?}");
        assert!(Scenario::parse(text).is_err(), "{text:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(
        json::parse(&deep)
            .expect_err("too deep")
            .why
            .contains("deep")
    );
    for at in 0..LESSON.len() {
        assert!(Scenario::parse(&LESSON[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn words_of_earlier_files_still_read() {
    let milestone = |event: &str| {
        let lesson = LESSON.replace("on crashed by S1", &format!("on {event}"));
        format!("{:?}", Scenario::parse(&lesson).expect(event).steps)
    };
    for (before, now) in [
        ("befell crash", "chaos-acted crash"),
        ("lost vote by S1", "lost request-vote-reply by S1"),
        ("sent append by S1", "sent append-entries by S1"),
        ("lost appended", "lost append-entries-reply"),
        ("lost pre-vote", "lost request-pre-vote-reply"),
        ("sent snapshot", "sent install-snapshot"),
        ("sent chunk-taken", "sent install-snapshot-reply"),
        ("sent read-index-answer", "sent read-index-reply"),
        ("appended noop", "appended noop"),
        ("election-started timer", "election_started timed_out"),
        ("takes-no-part", "refused"),
    ] {
        assert_eq!(milestone(before), milestone(now), "{before}");
    }
}

/// What has no sample would have no sentence either, and nobody would notice.
#[test]
fn every_row_of_the_tables_has_a_sample_and_no_other_name_is_used() {
    let events = kinds::every_kind();
    let facts: Vec<Fact> = events.iter().map(Fact::of).collect();
    let mut names: BTreeSet<_> = facts.iter().map(|fact| fact.name).collect();
    let mut hows: BTreeSet<_> = facts.iter().map(|fact| fact.how).collect();
    // Decisions, and messages between servers, go by names of their own.
    names.insert("traced");
    hows.insert("message");
    let found: BTreeSet<_> = every_found().iter().map(Found::name).collect();
    let rows = |tables: &[&'static [&'static str]]| tables.concat().into_iter().collect();
    assert_eq!(names, rows(NAMES));
    assert_eq!(found, rows(&[Found::NAMES]));
    let mut known: BTreeSet<_> = rows(HOWS);
    known.insert("");
    assert_eq!(hows, known);
}

#[test]
fn the_first_screen_shows_the_run_of_the_first_lesson() {
    let opening = Scenario::opening();
    let text = include_str!("../../www/lessons/first-election.json");
    let lesson = Scenario::parse(text).expect("it is right");
    assert_eq!(kvorum::lesson::library::IDS[0], &*opening.id);
    assert_eq!((&opening.id, &opening.title), (&lesson.id, &lesson.title));
    assert_eq!(opening.settings, lesson.settings);
    assert_eq!(opening.seed, lesson.seed);
}
