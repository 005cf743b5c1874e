//! The command line, as a process: what it prints, and how it exits.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub fn kvorum(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kvorum"));
    command.args(args).output().expect("it starts")
}

/// Runs `kvorum` with an input: its exit code, and what it wrote to the standard output and the
/// standard error.
pub fn fed(args: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kvorum"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // It may have refused the input before it has read all of it.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("it ends");
    (code(&output), out(&output), err(&output))
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it exits by itself")
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

pub fn json(args: &[&str]) -> (i32, Value) {
    let output = kvorum(args);
    let value = serde_json::from_str(&out(&output));
    (
        code(&output),
        value.unwrap_or_else(|why| panic!("{why}: {}", err(&output))),
    )
}

pub fn file(name: &str) -> (PathBuf, String) {
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
    let reached = told["milestones"].as_array().map(Vec::len);
    assert_eq!(
        told["milestones_in_all"].as_u64(),
        reached.map(|it| it as u64)
    );
    let lines: Vec<Value> = std::fs::read_to_string(trace)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is a value"))
        .collect();
    assert_eq!(lines[0]["trace"], 1);
    assert_eq!(told["events"].as_u64(), Some(lines.len() as u64 - 1));
    assert!(
        lines[1..]
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

/// A sweep that finds a run which breaks a property.
pub const FAILING_SWEEP: [&str; 6] = [
    "sweep",
    "--seeds",
    "0..40",
    "--rules=-majority-quorum",
    "--storm",
    "5s",
];

#[test]
fn a_sweep_finds_shrinks_and_links_what_fails() {
    let (_, record) = file("failing.json");
    let (_, report) = file("report.json");
    let more = ["--record", &record, "--report", &report, "--json"];
    let args = [&FAILING_SWEEP[..], &more].concat();
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
    let empty = kvorum(&["sweep", "--seeds", "0..1", "--shard", "0/3"]);
    assert_eq!(code(&empty), 0);
    assert!(
        out(&empty).starts_with("This part is empty"),
        "{}",
        out(&empty)
    );
}

#[test]
fn the_last_seed_ends_a_sweep() {
    let seeds = "18446744073709551614..18446744073709551615";
    let (exit, told) = json(&[
        "sweep", "--seeds", seeds, "--storm", "1s", "--jobs", "2", "--json",
    ]);
    assert_eq!((exit, &told["runs"]), (0, &Value::from(1)));
}

#[test]
fn a_report_answers_only_the_same_sweep_and_gives_its_file_again() {
    let ((record_path, record), (other_path, other)) = (file("again.json"), file("other.json"));
    let (_, report) = file("again-report.json");
    let base = [
        "sweep",
        "--seeds",
        "0..12",
        "--rules=-majority-quorum",
        "--storm",
        "5s",
        "--jobs",
        "1",
        "--report",
        &report,
        "--json",
    ];
    let sweep = |more: &[&str]| json(&[&base[..], more].concat()).1;
    let first = sweep(&["--record", &record]);
    let recorded = std::fs::read_to_string(&record_path).expect("it was written");
    // Its file has gone, then it is wanted elsewhere: the report answers (its times are the same).
    std::fs::remove_file(&record_path).expect("it was there");
    assert_eq!(sweep(&[]), first);
    assert_eq!(
        std::fs::read_to_string(&record_path).ok(),
        Some(recorded.clone())
    );
    assert_eq!(
        sweep(&["--record", &other])["wall_seconds"],
        first["wall_seconds"]
    );
    assert_eq!(std::fs::read_to_string(other_path).ok(), Some(recorded));
    let all = sweep(&["--keep-going", "--record", &record]);
    assert_eq!(all["runs"], 12);
    assert!(
        all["failures"].as_u64() > first["failures"].as_u64(),
        "{all}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_told_first() {
    let args = [
        "sweep",
        "--seeds",
        "0..2",
        "--storm",
        "1s",
        "--report",
        "/dev/full",
    ];
    let output = kvorum(&args);
    assert_eq!(code(&output), 2);
    assert!(out(&output).contains("\n2 runs"), "{}", out(&output));
    assert!(err(&output).contains("/dev/full: "), "{}", err(&output));
    let (exit, told) = json(&[&args[..], &["--json"]].concat());
    assert_eq!((exit, &told["runs"]), (2, &Value::from(2)));
    assert_eq!(told["error"]["file"], "/dev/full");
}

#[test]
fn a_link_is_read_in_all_its_forms_or_refused_in_a_sentence() {
    let (_, record) = file("link.json");
    let (_, recorded) = json(&["run", "lab", "--until", "1s", "--record", &record, "--json"]);
    let (_, elsewhere) = file("link-failing.json");
    let more = ["--record", &elsewhere, "--json"];
    let (_, told) = json(&[&FAILING_SWEEP[..], &more].concat());
    let link = told["first_failure"]["link"].as_str().expect("a link");
    let (_, fragment) = link.split_once('#').expect("a fragment");
    for form in [
        fragment.to_owned(),
        format!("#{fragment}"),
        link.replace('#', "%23"),
        format!("http://127.0.0.1:8080/%23{}", fragment.replace('=', "%3D")),
    ] {
        let (exit, told) = json(&["replay", &form, "--json"]);
        assert_eq!(exit, 1, "{told}");
    }
    for form in ["http://x/", "http://x/#", "https://x/#r=AAAA"] {
        let output = kvorum(&["replay", form]);
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains("carries no run"), "{}", err(&output));
    }
    let output = kvorum(&["replay", &"x".repeat(5_000)]);
    assert!(code(&output) == 2 && output.stderr.len() < 1_000);
    assert_eq!(
        json(&["replay", &record, "--json"]).1["hash"],
        recorded["hash"]
    );
}

#[test]
fn a_program_gets_one_object_whatever_is_wrong() {
    for args in [
        &["sweep", "--json"][..],
        &["run", "lab", "--until", "soon", "--json"],
        &["fly", "--json"],
        &["run", "no-such-lesson", "--json"],
    ] {
        let (exit, told) = json(args);
        assert_eq!(exit, 2, "{told}");
        assert!(
            told["error"]["message"]
                .as_str()
                .is_some_and(|it| it.len() > 10)
        );
    }
    assert_eq!(code(&kvorum(&["--help", "--json"])), 0);
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
    let ids = list["scenarios"]
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
        (
            "replay",
            good,
            "\"nodes\": 3",
            "\"timing\": {\"heartbeat\": 999}",
            "settings.timing.heartbeat: 0.999 ms",
        ),
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
    for (action, field) in [
        (r#"{"action": "crash", "node": 99}"#, "node"),
        (r#"{"action": "crash", "node": 0}"#, "node"),
        (r#"{"action": "change_members", "voters": []}"#, "voters"),
        (
            r#"{"action": "change_members", "voters": [1, 2], "learners": [2]}"#,
            "learners",
        ),
        (
            r#"{"action": "partition", "groups": [[1, 2], [2, 3]]}"#,
            "groups",
        ),
    ] {
        let mut bad: Value = serde_json::from_str(&lesson).expect("JSON");
        let action: Value = serde_json::from_str(action).expect("JSON");
        bad["steps"][0]["button"] = serde_json::json!({"label": "x", "actions": [action]});
        let (path, name) = file("bad-button.json");
        std::fs::write(&path, bad.to_string()).expect("it can be written");
        let output = kvorum(&["run", &name]);
        let place = format!("bad-button.json: steps[0].button.actions[0].{field}: ");
        assert_eq!(code(&output), 2, "{action}");
        assert!(err(&output).contains(&place), "{}", err(&output));
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
        (&["run", "lab", "--until", "25d"], "--until"),
        (&["run", "lab", "--trace", "-"], "--trace"),
        (&["sweep", "--seeds", "0..9", "--site", "foo bar"], "--site"),
        (
            &["sweep", "--seeds", "0..9", "--report", "no/such/r.json"],
            "no/such/r.json",
        ),
        (
            &["sweep", "--seeds", "0..9", "--record", "no/such/x.json"],
            "no/such/x.json",
        ),
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

/// A key that was made to move the cursor or to turn the line around is written as JSON has it.
#[test]
fn a_terminal_does_not_do_what_a_file_says() {
    let (path, name) = file("odd.jsonl");
    let key = "a\u{202e}b\u{1b}[2J\u{9b}";
    let line = serde_json::json!({
        "client": 1, "key": key, "op": "get",
        "output": { "value": "never written" }, "invoke": 1, "return": 2,
    });
    std::fs::write(&path, line.to_string()).expect("it can be written");
    let is_odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    for arguments in [&["check", &name][..], &["check", &name, "--json"]] {
        let shown = out(&kvorum(arguments));
        assert!(
            !shown.contains(is_odd) && shown.contains("202e"),
            "{shown:?}"
        );
    }
    let (_, found) = json(&["check", &name, "--json"]);
    let says = serde_json::to_string(key).expect("a text");
    assert!(
        found.to_string().contains(&says),
        "JSON says the same: {found}"
    );
    let refused = err(&kvorum(&["check", "no\u{202e}file"]));
    assert!(!refused.contains(is_odd), "{refused:?}");
}
