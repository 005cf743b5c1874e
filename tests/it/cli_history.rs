//! `--history`: what the clients of a run saw, as `kvorum check` reads it.

use crate::cli::{code, err, file, json, kvorum, out};
use serde_json::Value;

fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("it was written");
    let line = |line| serde_json::from_str(line).expect("a line is a value");
    text.lines().map(line).collect()
}

#[test]
fn the_history_of_a_run_with_faults_is_linearizable() {
    let ((path, name), (trace_path, trace)) = (file("faults.jsonl"), file("faults-trace.jsonl"));
    let run = [
        "run", "lab", "--until", "12s", "--load", "40", "--seed", "3",
    ];
    let faults = [
        "--chaos-crash",
        "20%",
        "--chaos-partition",
        "30%",
        "--chaos-pause",
        "20%",
    ];
    let files = ["--history", &name, "--trace", &trace];
    let output = kvorum(&[&run[..], &faults, &files].concat());
    assert_eq!(code(&output), 0, "{}", err(&output));
    let output = kvorum(&["check", &name]);
    assert_eq!(code(&output), 0, "{}{}", out(&output), err(&output));
    // Every operation that began stands there once, and what happened beside.
    let (history, events) = (lines(&path), lines(&trace_path));
    let of = |event: &str| events.iter().filter(|it| it["event"] == event).count();
    let operations = history.iter().filter(|it| it.get("op").is_some());
    assert_eq!(operations.clone().count(), of("invoked"));
    let answered = operations.filter(|it| !it["return"].is_null()).count();
    assert!(
        answered >= of("returned") && of("returned") > 100,
        "{answered}"
    );
    let marks = |word: &str| {
        let told = history.iter().filter_map(|it| it["mark"].as_str());
        told.filter(|told| told.contains(word)).count()
    };
    assert_eq!(marks("crashes"), of("crashed"));
    let led = history.iter().filter(|it| it.get("leader").is_some());
    let became = |it: &&Value| it["decision"] == "became_leader";
    assert_eq!(led.count(), events.iter().filter(became).count());
}

/// The example of docs/recordings.md: without two rules, an old leader answers from its memory.
#[test]
fn without_a_rule_the_history_is_not_linearizable() {
    let doc = std::fs::read_to_string("docs/recordings.md").expect("it exists");
    let (_, rest) = doc.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let ((path, recording), (history_path, history)) = (file("stale.json"), file("stale.jsonl"));
    std::fs::write(path, example).expect("it can be written");
    let (exit, _) = json(&["replay", &recording, "--history", &history, "--json"]);
    assert_eq!(exit, 1);
    let output = kvorum(&["check", &history]);
    assert_eq!(code(&output), 1, "{}{}", out(&output), err(&output));
    let told = lines(&history_path);
    let wall = told
        .iter()
        .find(|it| it["at"] == 1_500_000)
        .expect("a mark");
    // The run ended before the wall did.
    assert_eq!(
        wall["until"],
        json(&["replay", &recording, "--json"]).1["ended"]
    );
}

#[test]
fn a_file_has_one_purpose() {
    let (_, name) = file("twice.jsonl");
    for other in ["--trace", "--record"] {
        let output = kvorum(&["run", "lab", "--history", &name, other, &name]);
        assert_eq!(code(&output), 2, "{other}");
        assert!(err(&output).contains("the file of --"), "{}", err(&output));
    }
}
