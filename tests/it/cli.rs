//! The command line, as a process: what it prints, and how it exits.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn kvorum(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvorum"));
    command.args(args).output().expect("it starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it exits by itself")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn json(args: &[&str]) -> (i32, Value) {
    let output = kvorum(args);
    let value = serde_json::from_str(&out(&output));
    (
        code(&output),
        value.unwrap_or_else(|why| panic!("{why}: {}", err(&output))),
    )
}

fn file(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _absent = std::fs::remove_file(&path);
    let name = path.to_str().expect("a plain name").to_owned();
    (path, name)
}

#[test]
fn a_lesson_is_read_to_its_end() {
    let (trace, trace_name) = file("lesson.jsonl");
    let (record, record_name) = file("lesson.json");
    let args = [
        "run",
        "replication",
        "--json",
        "--trace",
        &trace_name,
        "--record",
        &record_name,
    ];
    let (exit, told) = json(&args);
    assert_eq!(exit, 0, "{told}");
    assert!(
        told["milestones"]
            .as_array()
            .is_some_and(|all| all.len() > 5)
    );
    assert!(
        told["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|verdict| verdict["holds"] == true)
    );
    let lines: Vec<Value> = std::fs::read_to_string(trace)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is a value"))
        .collect();
    assert_eq!(told["events"].as_u64(), Some(lines.len() as u64));
    assert!(
        lines
            .iter()
            .enumerate()
            .all(|(at, event)| event["seq"] == at as u64)
    );
    let decided = |what| lines.iter().any(|event| event["decision"] == what);
    assert!(decided("became_leader") && decided("committed"));
    let (exit, again) = json(&["replay", &record_name, "--json"]);
    assert_eq!((exit, &again["hash"]), (0, &told["hash"]));
    drop(record);
}

#[test]
fn a_sweep_finds_shrinks_and_links_what_fails() {
    let (_, record) = file("failing.json");
    let (_, report) = file("report.json");
    let args = [
        "sweep",
        "--seeds",
        "0..40",
        "--rules=-majority-quorum",
        "--storm",
        "5s",
        "--record",
        &record,
        "--report",
        &report,
        "--json",
    ];
    let (exit, told) = json(&args);
    assert_eq!(exit, 1);
    let first = &told["first_failure"];
    let what = first["what"].as_str().expect("a name");
    assert!(
        first["actions"].as_u64().is_some_and(|many| many < 20),
        "{first}"
    );
    // The same sweep once more: the report stands there already.
    let (exit, again) = json(&args);
    assert_eq!((exit, &again), (1, &told));
    let link = first["link"].as_str().unwrap();
    for source in [link, &record] {
        let (exit, replayed) = json(&["replay", source, "--json"]);
        assert_eq!(exit, 1, "{source}");
        assert!(
            replayed["violation"]
                .as_str()
                .is_some_and(|it| it.contains(what))
        );
    }
    let cut = &link[..link.len() - 9];
    let output = kvorum(&["replay", cut]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("copy the whole link"),
        "{}",
        err(&output)
    );
}

#[test]
fn shards_make_up_the_whole() {
    let runs = |shard| {
        let (exit, told) = json(&[
            "sweep", "--seeds", "0..10", "--storm", "1s", "--json", "--shard", shard,
        ]);
        assert_eq!(exit, 0);
        told["runs"].as_u64().unwrap()
    };
    assert_eq!(["0/3", "1/3", "2/3"].map(runs), [3, 3, 4]);
}

/// Starts it, reads a line, and goes away.
fn read_one_line(args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvorum"));
    let command = command.args(args).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut output = BufReader::with_capacity(16, child.stdout.take().expect("a pipe"));
    output.read_line(&mut line).expect("a line");
    drop(output);
    let ended = child.wait_with_output().expect("it ends");
    (ended.status.code(), err(&ended))
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // More than a pipe holds.
    let ended = read_one_line(&["run", "lab", "--until", "5m", "--load", "50"]);
    assert_eq!(ended, (Some(141), String::new()));
}

#[test]
fn the_scenarios_can_be_listed() {
    let (exit, list) = json(&["run", "--json"]);
    let ids = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["id"].as_str());
    assert_eq!(exit, 0);
    assert!(ids.clone().any(|id| id == Some("lab")) && ids.count() > 30);
}

/// Files of which one thing is wrong: the message says where.
#[test]
fn a_bad_file_is_refused_with_the_place() {
    let good = r#"{"engine": "x", "settings": {"nodes": 3}, "seed": "7", "playhead": 1000,
        "journal": [{"at": 0, "do": {"action": "crash", "node": 1}}]}"#;
    let lesson = std::fs::read_to_string("www/lessons/replication.json").expect("it exists");
    for (command, text, from, to, named) in [
        ("replay", good, "\"nodes\": 3", "\"nodes\": 0", "nodes"),
        (
            "replay",
            good,
            "\"nodes\": 3",
            "\"nodes\": \"many\"",
            "settings.nodes",
        ),
        (
            "replay",
            good,
            "{\"nodes\": 3}",
            "{\"rules\": {\"off\": [\"no\"]}}",
            "settings.rules.off[0]: there is no rule “no”",
        ),
        ("replay", good, "\"node\": 1", "\"node\": -1", "journal[0]"),
        ("replay", good, "crash", "explode", "journal[0]"),
        ("replay", good, "1000", "99999999999999", "playhead"),
        ("run", &lesson, "\"seed\"", "\"sead\"", "sead"),
        (
            "run",
            &lesson,
            "\"settings\": {",
            "\"settings\": { \"nodes\": 0,",
            "nodes",
        ),
    ] {
        let (path, name) = file("bad.json");
        std::fs::write(&path, text.replace(from, to)).expect("it can be written");
        let output = kvorum(&[command, &name]);
        let said = err(&output);
        assert_eq!(code(&output), 2, "{to}: {said}");
        assert!(
            said.contains(named) && !said.contains("panicked"),
            "{to}: {said}"
        );
    }
    let (path, name) = file("long.json");
    let long = std::fs::File::create(&path).expect("it can be written");
    long.set_len(3 << 30).expect("a file with a hole");
    for command in ["run", "replay"] {
        let output = kvorum(&[command, &name]);
        assert_eq!(code(&output), 2);
        assert!(
            err(&output).contains("long.json: longer than"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (args, named) in [
        (&["run", "replicatoin"][..], "replicatoin"),
        (&["run", "lab", "--until", "soon"], "--until"),
        (
            &["run", "lab", "--rules=-no-such-rule"],
            "there is no rule “no-such-rule”; there are one-vote-per-term, ",
        ),
        (&["run", "lab", "--load", "10001"], "load"),
        (&["sweep"], "--seeds"),
        (&["sweep", "--seeds", "9..3"], "--seeds"),
        (&["sweep", "--seeds", "0..9", "--nodes", "0"], "nodes"),
        (
            &["sweep", "--seeds", "0..9", "--profile", "mild"],
            "--profile",
        ),
        (&["sweep", "--seeds", "0..9", "--shard", "3/3"], "--shard"),
        (&["sweep", "--seeds", "0..9", "--jobs", "0"], "--jobs"),
        (&["sweep", "--seeds", "0..9", "--jobs", "9999999"], "--jobs"),
        (&["run", "lab", "--until", "25h"], "--until"),
        (&["run", "--seed", "3"], "SCENARIO"),
        (&["run", "src"], "src"),
        (&["run", "lab", "--trace", "x", "--record", "x"], "--record"),
        (
            &["sweep", "--seeds", "0..9", "--report", "x", "--record", "x"],
            "--record",
        ),
        (&["replay", "no-such-file.json"], "no-such-file.json"),
        (&["replay", "#run=1.00000000.AAAA"], "link"),
        (&["fly"], "fly"),
    ] {
        let output = kvorum(args);
        assert_eq!(code(&output), 2, "{args:?}");
        let said = err(&output);
        assert!(
            said.contains(named) && !said.contains("panicked"),
            "{args:?}: {said}"
        );
    }
}
