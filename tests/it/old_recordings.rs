//! Recordings and links that an older engine wrote, in `tests/cases/recordings/85c28c36`: they are
//! read and replayed, and what comes out differently is told as such.

use crate::cli::{code, err, file, json, kvorum, out};
use kvorum::run::ENGINE;
use serde_json::{Value, json as object};

const FOLDER: &str = "tests/cases/recordings/85c28c36";

fn recorded(name: &str) -> Value {
    let text = std::fs::read_to_string(format!("{FOLDER}/{name}.json")).expect("it is there");
    serde_json::from_str(&text).expect("JSON")
}

/// Lessons read to their end, and what a sweep found. The engine has changed since: some of them
/// come to another hash, and events are counted differently before their actions.
#[test]
fn what_an_older_engine_recorded_is_replayed() {
    let mut different = 0;
    for (name, breaks) in [
        ("install-snapshot", None),
        ("joining", None),
        ("joint-consensus", None),
        ("network-partition", None),
        ("removed-leader", None),
        ("replication", None),
        ("figure-8", Some("Leader Completeness")),
        ("late-append", Some("Leader Completeness")),
        ("lease-and-drift", Some("Linearizability")),
        ("sweep", None),
    ] {
        let recording = recorded(name);
        assert_ne!(recording["engine"], ENGINE);
        let path = format!("{FOLDER}/{name}.json");
        let (exit, told) = json(&["replay", &path, "--json"]);
        let differs = told.get("differs");
        let expected = match (breaks, differs) {
            (Some(_), _) => 1,
            (None, Some(_)) => 3,
            (None, None) => 0,
        };
        assert_eq!(exit, expected, "{name}: {told}");
        let violation = told["violation"].as_str().unwrap_or_default();
        assert_eq!(
            violation.is_empty(),
            breaks.is_none(),
            "{name}: {violation}"
        );
        assert!(
            violation.starts_with(breaks.unwrap_or_default()),
            "{violation}"
        );
        if breaks.is_none() {
            assert_eq!(told["ended"], recording["playhead"], "{name}");
        }
        let is_same = told["hash"] == recording["hash"];
        let says = differs.and_then(|it| it["hash"].as_str());
        assert_eq!(is_same, says.is_none(), "{name}: {told}");
        if let Some(says) = says {
            different += 1;
            let engines = format!("recorded by 0.1.0-85c28c36, replayed by {ENGINE}");
            assert!(says.starts_with(&engines), "{says}");
            let said = out(&kvorum(&["replay", &path]));
            let says = format!("\nNot quite the run that was recorded: {says}.\n");
            assert!(said.contains(&says), "{said}");
        }
    }
    assert!(different > 0, "nothing comes out differently");
}

#[test]
fn a_link_of_an_older_engine_is_replayed() {
    let link = std::fs::read_to_string(format!("{FOLDER}/sweep.link")).expect("it is there");
    let path = format!("{FOLDER}/sweep.json");
    assert_eq!(
        json(&["replay", link.trim(), "--json"]),
        json(&["replay", &path, "--json"])
    );
}

/// A recording with an action that can't be done.
fn impossible(engine: &str, processed: Option<u64>) -> Value {
    let mut gone = object!({"at": 1_200_000, "do": {"action": "deliver_now", "message": 999_999}});
    if let Some(processed) = processed {
        gone["processed"] = processed.into();
    }
    object!({
        "engine": engine, "seed": "7", "playhead": 3_000_000,
        "journal": [
            {"at": 1_000_000, "do": {"action": "crash", "node": 2}},
            gone,
            {"at": 2_000_000, "do": {"action": "restart", "node": 2}},
        ],
    })
}

#[test]
fn what_cannot_be_done_any_more_is_left_out_and_named() {
    let (path, name) = file("left-out.json");
    let replay = |recording: Value| {
        std::fs::write(&path, recording.to_string()).expect("it can be written");
        let output = kvorum(&["replay", &name]);
        (code(&output), out(&output), err(&output))
    };
    let (exit, said, _) = replay(impossible("0.0.9-older", Some(40)));
    assert_eq!(exit, 3, "{said}");
    let left_out = "\nNot quite the run that was recorded: another engine recorded it.\n\
        Left out, because it can't be done here:\n  journal[1].do.message: ";
    assert!(said.contains(left_out), "{said}");
    assert!(
        said.contains("S2 restarts."),
        "what follows is done: {said}"
    );
    let (exit, told) = json(&["replay", &name, "--json"]);
    assert_eq!(exit, 3);
    let left_out = &told["differs"]["left_out"];
    assert_eq!(left_out.as_array().map(Vec::len), Some(1), "{told}");
    // What was written by hand, or recorded by this engine, is refused at that place.
    for (engine, processed, field) in [
        ("by hand", None, "journal[1].do.message: "),
        (ENGINE, Some(40), "journal[1].processed: "),
    ] {
        let (exit, _, complaint) = replay(impossible(engine, processed));
        assert_eq!(exit, 2);
        assert!(complaint.contains(field), "{complaint}");
    }
}
