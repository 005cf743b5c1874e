//! Files that the command line reads and writes: mixed-up ones, compressed ones, and what it
//! doesn't overwrite.

use crate::cli::{FAILING_SWEEP, code, err, file, json, kvorum, out};
use flate2::Compression;
use flate2::write::GzEncoder;
use kvorum::run::ENGINE;
use std::io::Write;

fn write(name: &str, text: &str) -> String {
    let (path, name) = file(name);
    std::fs::write(path, text).expect("it can be written");
    name
}

/// The complaint of a command that can't use something.
fn refused(args: &[&str]) -> String {
    let output = kvorum(args);
    assert_eq!(code(&output), 2, "{args:?}: {}", out(&output));
    err(&output)
}

const HISTORY: &str = "{\"client\":1,\"key\":\"x\",\"op\":\"put\",\"input\":\"1\",\"output\":{\"ok\":true},\"invoke\":1,\"return\":2}\n";

const BY_HAND: &str = "tests/cases/recordings/hand-written.json";

#[test]
fn a_run_is_scripted_by_hand() {
    let (exit, told) = json(&["replay", BY_HAND, "--json"]);
    assert_eq!((exit, &told["ended"]), (0, &6_000_000.into()), "{told}");
}

/// The example of docs/recordings.md is a recording, and does what the text says.
#[test]
fn the_documented_recording_can_be_replayed() {
    let doc = std::fs::read_to_string("docs/recordings.md").expect("it exists");
    let (_, rest) = doc.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let name = write("documented.json", example);
    let (exit, told) = json(&["replay", &name, "--json"]);
    assert_eq!(exit, 1, "{told}");
    let violation = told["violation"].as_str().expect("something breaks");
    assert!(violation.contains("Linearizability"), "{violation}");
    assert_eq!(told["seed"], "7");
    assert_eq!(told["rules_off"].as_array().map(Vec::len), Some(2));
}

#[test]
fn an_error_names_file_field_and_unit() {
    let good = "{\"engine\":\"x\",\"seed\":\"7\",\"playhead\":3000000,\"journal\":[{\"at\":1000000,\"do\":{\"action\":\"heal\"}},{\"at\":2000000,\"do\":{\"action\":\"crash\",\"node\":1}}]}";
    let our_own = format!("\"engine\":\"{ENGINE}\",\"hash\":\"0123456789abcdef\"");
    for (from, to, named) in [
        ("3000000", "\"3s\"", "playhead: "),
        ("3000000", "-3", "playhead: "),
        ("3000000", "1.5", "playhead: only whole numbers"),
        (
            "3000000",
            "99999999999999",
            "playhead: 99999999999999 microseconds",
        ),
        ("\"at\":2000000", "\"at\":\"2s\"", "journal[1].at: "),
        (
            "\"at\":2000000",
            "\"at\":2.5",
            "journal[1].at: only whole numbers",
        ),
        (
            "\"at\":2000000",
            "\"at\":5",
            "journal[1].at: 5 microseconds, earlier",
        ),
        ("\"node\":1", "\"node\":9", "journal[1].do.node: "),
        ("\"engine\":\"x\"", &our_own, "hash: the run comes out as "),
        (
            "\"seed\"",
            "\"settings\":{\"timing\":{\"heartbeat\":\"50ms\"}},\"seed\"",
            "settings.timing.heartbeat: ",
        ),
    ] {
        let name = write("unit.json", &good.replace(from, to));
        let said = refused(&["replay", &name]);
        let place = format!("kvorum: {name}: ");
        assert!(
            said.starts_with(&place) && said.contains(named),
            "{to}: {said}"
        );
        let is_time = !to.contains("node") && !to.contains("hash") && !to.contains('.');
        assert!(!is_time || said.contains("microseconds"), "{to}: {said}");
    }
}

#[test]
fn no_number_of_the_system_stands_in_an_error() {
    for args in [
        &["replay", "no-such-file.json"][..],
        &["run", "no/such.json"],
        &["replay", "src"],
        &["check", "no-such-file.jsonl"],
        &["check", "src"],
    ] {
        let said = refused(args);
        assert!(!said.contains("os error"), "{said}");
    }
}

#[test]
fn a_recording_may_be_compressed() {
    let (path, name) = file("compressed.json.gz");
    let text = std::fs::read(BY_HAND).expect("it exists");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&text).expect("it fits");
    let bytes = gzip.finish().expect("it fits");
    std::fs::write(&path, &bytes).expect("it can be written");
    assert_eq!(
        json(&["replay", &name, "--json"]),
        json(&["replay", BY_HAND, "--json"])
    );
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("it can be written");
    let said = refused(&["replay", &name]);
    assert!(
        said.contains("compressed.json.gz: as a gzip file: "),
        "{said}"
    );
    // A gigabyte of nothing.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..1_024 {
        gzip.write_all(&zeros).expect("it fits");
    }
    std::fs::write(&path, gzip.finish().expect("it fits")).expect("it can be written");
    let said = refused(&["replay", &name]);
    assert!(said.contains("longer than"), "{said}");
}

#[test]
fn mixed_up_files_are_told_apart() {
    let history = write("mixed-history.jsonl", HISTORY);
    let by_hand = std::fs::read_to_string(BY_HAND).expect("it exists");
    let list = write("mixed-list.json", &format!("[{by_hand}]"));
    let edn = write(
        "mixed-history.edn",
        "[{:type :invoke, :process 0, :f :read, :value nil}]",
    );
    let page = write("mixed-page.html", "<!doctype html><title>Kvorum</title>");
    let empty = write("mixed-empty.json", "");
    let (_, trace) = file("mixed-trace.jsonl");
    let (_, report) = file("mixed-report.json");
    let lesson = "www/lessons/replication.json";
    assert_eq!(code(&kvorum(&["run", "replication", "--trace", &trace])), 0);
    let sweep = [
        "sweep", "--seeds", "0..1", "--storm", "1s", "--report", &report,
    ];
    assert_eq!(code(&kvorum(&sweep)), 0);
    for (command, name, hint) in [
        (
            "replay",
            history.as_str(),
            "a history of clients: `kvorum check`",
        ),
        ("replay", &edn, "a history of clients: `kvorum check`"),
        ("run", &edn, "a history of clients: `kvorum check`"),
        ("replay", lesson, "a lesson: `kvorum run`"),
        ("replay", &trace, "a trace of events"),
        ("replay", &report, "the report of a sweep"),
        ("replay", &list, "a list"),
        ("replay", &page, "a web page"),
        ("replay", &empty, "the file is empty"),
        ("replay", "docs/laboratory.png", "this is no text"),
        ("run", BY_HAND, "the recording of a run: `kvorum replay`"),
        ("run", &history, "a history of clients: `kvorum check`"),
        ("run", &report, "the report of a sweep"),
    ] {
        let said = refused(&[command, name]);
        assert!(
            said.contains(name) && said.contains(hint),
            "{command} {name}: {said}"
        );
    }
}

#[test]
fn a_link_is_replayed_from_a_file_and_not_run() {
    let (_, record) = file("linked-failing.json");
    let (_, told) = json(&[&FAILING_SWEEP[..], &["--record", &record, "--json"]].concat());
    let link = told["first_failure"]["link"].as_str().expect("a link");
    let name = write("linked.txt", &format!("{link}\n"));
    assert_eq!(
        json(&["replay", &name, "--json"]),
        json(&["replay", &record, "--json"])
    );
    for what in [link, &name] {
        let said = refused(&["run", what]);
        assert!(said.contains("`kvorum replay` takes it"), "{said}");
    }
}

/// Where no terminal is, nothing of another kind is overwritten.
#[test]
fn what_is_of_another_kind_is_not_overwritten() {
    let kept = write("kept.txt", "dear diary");
    let history = write("kept-history.jsonl", HISTORY);
    let sweep = ["sweep", "--seeds", "0..1", "--storm", "1s"];
    let run = ["run", "lab", "--until", "1s"];
    for (args, flag) in [
        (&sweep[..], "--report"),
        (&sweep, "--record"),
        (&run, "--record"),
        (&run, "--trace"),
        (&["replay", BY_HAND], "--trace"),
        (&["check", &history], "--svg"),
        (&["check", &history], "--html"),
    ] {
        let args = [args, &[flag, &kept]].concat();
        let said = refused(&args);
        assert!(said.contains(&kept) && said.contains(flag), "{said}");
        assert!(said.contains("--force"), "{said}");
        assert_eq!(
            std::fs::read_to_string(&kept).expect("it is there"),
            "dear diary"
        );
    }
    let lesson = std::fs::read_to_string("www/lessons/replication.json").expect("it exists");
    let lesson_name = write("kept-lesson.json", &lesson);
    let said = refused(&[&sweep[..], &["--report", &lesson_name]].concat());
    assert!(
        said.contains("a lesson already, not the report of a sweep"),
        "{said}"
    );
    // By force it is; and then it is one, which needs none.
    for more in [&["--force"][..], &[]] {
        let args = [&sweep[..], &["--report", &kept], more].concat();
        assert_eq!(code(&kvorum(&args)), 0);
    }
    let said = refused(&[&run[..], &["--trace", &kept]].concat());
    assert!(
        said.contains("the report of a sweep already, not a trace"),
        "{said}"
    );
}

#[test]
fn what_is_of_the_same_kind_is_overwritten() {
    let ((trace_path, trace), (_, record)) = (file("same.jsonl"), file("same.json"));
    for until in ["2s", "1s"] {
        let args = [
            "run", "lab", "--until", until, "--trace", &trace, "--record", &record,
        ];
        assert_eq!(code(&kvorum(&args)), 0);
    }
    let (_, told) = json(&["replay", &record, "--json"]);
    assert_eq!(told["ended"], 1_000_000);
    let lines = std::fs::read_to_string(trace_path)
        .expect("it is there")
        .lines()
        .count();
    assert_eq!(told["events"].as_u64(), Some(lines as u64 - 1));
}

/// The file that nobody named is found occupied only when a run has failed.
#[test]
fn the_usual_file_of_a_failing_run_overwrites_nothing_else() {
    let (folder, _) = file("occupied");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).expect("a folder");
    let sweep = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kvorum"));
        command
            .args(FAILING_SWEEP)
            .arg("--json")
            .current_dir(&folder)
            .output()
            .expect("it starts")
    };
    let first: serde_json::Value = serde_json::from_str(&out(&sweep())).expect("an object");
    let name = first["first_failure"]["file"].as_str().expect("a file");
    std::fs::write(folder.join(name), "dear diary").expect("it can be written");
    let again = sweep();
    assert_eq!(code(&again), 1);
    assert!(
        err(&again).contains(name) && err(&again).contains("--record"),
        "{}",
        err(&again)
    );
    let told: serde_json::Value = serde_json::from_str(&out(&again)).expect("an object");
    assert_eq!(told["first_failure"], first["first_failure"]);
    let kept = std::fs::read_to_string(folder.join(name)).expect("it is there");
    assert_eq!(kept, "dear diary");
}

/// Pictures take the place of pictures, not of other people's pages and pictures.
#[test]
fn pictures_overwrite_nothing_but_pictures() {
    let history = write("drawn-history.jsonl", HISTORY);
    for (flag, foreign, kind) in [
        (
            "--svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>",
            "a picture of a history",
        ),
        (
            "--html",
            "<!doctype html>\n<html lang=\"en\">\n<title>My post</title>",
            "a page with pictures of a history",
        ),
    ] {
        let name = write("drawn", foreign);
        let args = ["check", &history, flag, &name];
        let said = refused(&args);
        let place = format!("{name}: {flag}: there is a web page already, not {kind}");
        assert!(said.contains(&place), "{said}");
        assert_eq!(
            std::fs::read_to_string(&name).expect("it is there"),
            foreign
        );
        for more in [&["--force"][..], &[]] {
            assert_eq!(code(&kvorum(&[&args[..], more].concat())), 0);
        }
        let said = refused(&["replay", &name]);
        assert!(said.contains("this is a picture of a history"), "{said}");
    }
    let said = refused(&["check", &history, "--svg", "x", "--html", "x"]);
    assert!(said.contains("--html: the file of --svg"), "{said}");
}

/// Histories that are no text, or that were cut off.
#[test]
fn a_history_that_cannot_be_read_is_told_as_what_it_is() {
    let (path, name) = file("unreadable.jsonl");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(HISTORY.repeat(50).as_bytes())
        .expect("it fits");
    let whole = gzip.finish().expect("it fits");
    let foreign = HISTORY.replace("\"x\"", "\"\u{fffd}\"").into_bytes();
    let at = foreign
        .iter()
        .position(|&byte| byte == 0xef)
        .expect("it is there");
    let broken = [&foreign[..at], b"\xff", &foreign[at + 3..]].concat();
    for (bytes, expected) in [
        (
            &b"\xff\xfe{\0\"\0"[..],
            "line 1: this is no text: UTF-8 is expected",
        ),
        (&broken, "line 1: this is no text: UTF-8 is expected"),
        (&whole[..whole.len() / 2], "line 1: as a gzip file: "),
    ] {
        std::fs::write(&path, bytes).expect("it can be written");
        let said = refused(&["check", &name]);
        let place = format!("kvorum: {name}: {expected}");
        assert!(said.starts_with(&place), "{said}");
    }
}
