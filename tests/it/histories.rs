//! `kvorum check` on the histories of `tests/cases/histories`, and on the formats that it takes.

use crate::cli::fed;
use kvorum::check::{Call, Reply, Value};
use kvorum::cli::history::{
    Act, Given, Judged, Keys, Leadership, Line, Mark, Model, Operation, Step, read, write_line,
};
use serde_json::json;

/// Runs `kvorum check` with an input: its exit code, and what it wrote.
fn check(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    fed(&[&["check"], arguments].concat(), input)
}

/// Asserts how `kvorum check` ends with these lines; what it wrote.
fn ends_with(code: i32, arguments: &[&str], lines: &[&str]) -> String {
    let input = lines.join("\n");
    let (found, out, error) = check(&[&["-"], arguments].concat(), input.as_bytes());
    assert_eq!(found, code, "{input}\n{out}{error}");
    out + &error
}

fn case(name: &str) -> String {
    format!("tests/cases/histories/{name}.jsonl")
}

#[test]
fn what_nobody_knows_has_perhaps_happened_whenever_it_returned() {
    for name in ["indefinite_never", "indefinite_with_time"] {
        let (code, out, error) = check(&[&case(name)], b"");
        assert_eq!(code, 0, "{name}: {out}{error}");
    }
}

#[test]
fn a_cas_may_create_the_key() {
    let (code, out, error) = check(&[&case("create_if_not_exists")], b"");
    assert_eq!(code, 0, "{out}{error}");
    let cas = |output: &str, creates: &str| {
        format!(
            r#"{{"client":1,"key":5,"op":"cas","input":[1,2],"output":{output},"invoke":0,"return":1,"create_if_not_exists":{creates}}}"#
        )
    };
    ends_with(1, &[], &[&cas(r#"{"ok":true}"#, "false")]);
    ends_with(1, &[], &[&cas(r#"{"ok":false}"#, "true")]);
    let told = ends_with(2, &[], &[&cas(r#"{"missing":true}"#, "true")]);
    assert!(told.contains("line 1: output: "), "{told}");
    let put = cas(r#"{"ok":true}"#, "true")
        .replace("cas", "put")
        .replace("[1,2]", "1");
    let told = ends_with(2, &[], &[&put]);
    assert!(told.contains("line 1: create_if_not_exists: "), "{told}");
}

#[test]
fn a_missing_key_is_an_answer_of_its_own() {
    let line = |op: &str, input: &str, output: &str, at: u64| {
        let end = at + 1;
        format!(
            r#"{{"client":1,"key":"x","op":"{op}","input":{input},"output":{output},"invoke":{at},"return":{end}}}"#
        )
    };
    let missing = r#"{"missing":true}"#;
    let put = line("put", "\"a\"", r#"{"ok":true}"#, 0);
    for (op, input) in [("cas", r#"["a","b"]"#), ("delete", "null"), ("get", "null")] {
        ends_with(0, &[], &[&line(op, input, missing, 2)]);
        ends_with(
            0,
            &[],
            &[&line(op, input, r#"{"ok":false,"missing":true}"#, 2)],
        );
        let told = ends_with(1, &[], &[&put, &line(op, input, missing, 2)]);
        assert!(op == "get" || told.contains("missing key"), "{told}");
        let told = ends_with(
            2,
            &[],
            &[&line(op, input, r#"{"ok":true,"missing":true}"#, 2)],
        );
        assert!(told.contains("line 1: output: "), "{told}");
    }
    // It has no effect.
    let get = line("get", "null", r#"{"value":null}"#, 4);
    let delete = line("delete", "null", missing, 2);
    ends_with(0, &[], &[&delete, &get]);
    ends_with(2, &[], &[&line("put", "\"a\"", missing, 2)]);
    ends_with(2, &[], &[&line("cas", "[null,\"a\"]", missing, 2)]);
}

#[test]
fn integers_that_are_too_large_are_told_as_written() {
    let (code, _, error) = check(&[&case("hugeint")], b"");
    assert_eq!(code, 2);
    let said = "line 1: input: a string or a 64-bit integer was expected, this is \
                99999999999999999999999, which is too large";
    assert!(error.contains(said), "{error}");
    let (code, _, error) = check(&[&case("hugetime")], b"");
    assert_eq!(code, 2);
    let said = "this is 18446744073709551616, which is too large";
    assert!(
        error.contains("line 1: return: ") && error.contains(said),
        "{error}"
    );
}

#[test]
fn operations_are_told_in_the_words_of_the_history() {
    let (code, out, _) = check(&[&case("knossos13")], b"");
    assert_eq!(code, 1);
    for told in [
        "line 1: client 1: write \"a\", ok, 0 to 5",
        "line 4: client 2: read, found \"b\", 21 to 22",
    ] {
        assert!(out.contains(told), "{out}");
    }
    for word in ["put", "get", "Some", "None", "Put"] {
        assert!(!out.contains(word), "{word}: {out}");
    }
    let (code, out, _) = check(&["--json", &case("knossos13")], b"");
    assert_eq!(code, 1);
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let first = &told["keys"][0]["counter_example"][0];
    assert_eq!(first["line"], 1);
    let line = r#"{"client":1,"key":"reg","op":"write","input":"a","output":{"ok":true},"invoke":0,"return":5}"#;
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(first["operation"], line);
}

#[test]
fn reads_that_contradict_each_other_need_no_search() {
    let name = case("contradictory_appends_unknown");
    let (code, out, error) = check(&["--budget", "20000", &name], b"");
    assert_eq!(code, 1, "{out}{error}");
}

fn single(key: &str, call: Call, reply: Reply) -> Act {
    let key = Value::text(key);
    Act::Single { key, call, reply }
}

/// Some lines of every kind.
fn lines() -> Vec<Line> {
    let text = |text: &str| Value::text(text);
    let cas = |creates: bool| Call::Cas {
        expected: (!creates).then(|| text("a")),
        value: text("\"b\"\n"),
        creates,
    };
    let step = |key: &str, call, reply| Step {
        key: text(key),
        call,
        reply,
    };
    let steps = vec![
        step("x", Call::Get, Reply::Found(Some(text("1")))),
        step("y", Call::Put(Value::integer(7)), Reply::Unknown),
        step("y", Call::Get, Reply::Found(None)),
        step("z", Call::Append(text("!")), Reply::Unknown),
        step("z", cas(false), Reply::Unknown),
    ];
    let unsaid = steps
        .iter()
        .map(|it| step("x", it.call.clone(), Reply::Unknown));
    let unsaid: Vec<_> = unsaid.collect();
    let between = Keys::Between([Some(text("a")), None]);
    let acts = [
        single("x", Call::Get, Reply::Found(None)),
        single("x", Call::Get, Reply::Found(Some(Value::integer(-1)))),
        single("x", Call::Put(text("1")), Reply::Done),
        single("x", Call::Append(text("1")), Reply::Unknown),
        single("x", Call::Delete, Reply::Absent),
        single("x", cas(false), Reply::Missed),
        single("x", cas(true), Reply::Done),
        Act::Transaction {
            steps,
            reply: Reply::Done,
        },
        Act::Transaction {
            steps: unsaid.clone(),
            reply: Reply::Missed,
        },
        Act::Transaction {
            steps: unsaid,
            reply: Reply::Unknown,
        },
        Act::Scan {
            of: Keys::Listed(vec![text("x"), Value::integer(3)]),
            found: Some(vec![(text("x"), text("1"))]),
        },
        Act::Scan {
            of: between,
            found: Some(vec![]),
        },
    ];
    let operations = acts.into_iter().zip(0..).map(|(act, at)| {
        Line::Operation(Operation {
            client: Value::integer(at.into()),
            act,
            judged: Judged::Yes,
            invoked: at * 2,
            returned: Some(at * 2 + 1),
        })
    });
    let other = |judged, reply, returned: Option<u64>| {
        Line::Operation(Operation {
            client: Value::text("c9"),
            act: single("x", Call::Get, reply),
            judged,
            invoked: returned.unwrap_or(9) - 1,
            returned,
        })
    };
    let rest = [
        other(Judged::Failed, Reply::Unknown, Some(2)),
        other(Judged::Stale, Reply::Found(None), Some(4)),
        other(Judged::Yes, Reply::Unknown, None),
        Line::Initial(vec![
            (text("x"), Some(text("0"))),
            (Value::integer(3), None),
        ]),
        Line::Mark(Mark {
            at: 3,
            until: None,
            text: "S1 \"crashes\"".into(),
        }),
        Line::Mark(Mark {
            at: 3,
            until: Some(9),
            text: "partition {1,2} | {3,4,5}".into(),
        }),
        Line::Leadership(Leadership {
            leader: "S2".into(),
            term: 3,
            from: 1,
            until: None,
        }),
        Line::Leadership(Leadership {
            leader: "S3".into(),
            term: 4,
            from: 1,
            until: Some(u64::MAX),
        }),
    ];
    operations.chain(rest).collect()
}

#[test]
fn what_is_written_is_read_again() {
    for line in lines() {
        let mut written = Vec::new();
        write_line(&mut written, &line, Model::Kv).expect("memory");
        let told = String::from_utf8(written.clone()).expect("UTF-8");
        assert_eq!(Line::parse(&written, Some(Model::Kv)), Ok(line), "{told}");
    }
}

#[test]
fn marks_and_leaderships_are_in_the_history() {
    let mut text = Vec::new();
    for line in lines() {
        write_line(&mut text, &line, Model::Kv).expect("memory");
    }
    let history = read(&*text, Given::default(), |_| {}).expect("usable");
    assert_eq!(history.marks.len(), 2);
    assert_eq!(history.leaderships[0].leader, "S2");
    assert_eq!(history.operations, 15);
    let bad = [
        (r#"{"mark":"","at":1}"#, "mark: a text"),
        (r#"{"mark":"x"}"#, "at: is missing"),
        (
            r#"{"mark":"x","at":2,"until":1}"#,
            "until: 1, before its at 2",
        ),
        (
            r#"{"mark":"x","at":2,"to":1}"#,
            "\"to\" is no field of a mark",
        ),
        (r#"{"leader":"S1","from":2}"#, "term: is missing"),
        (r#"{"initial":7}"#, "initial: "),
        (
            "{\"initial\":{\"x\":1}}\n{\"initial\":{\"x\":1}}",
            "line 2: initial: the key \"x\"",
        ),
    ];
    for (line, said) in bad {
        let told = ends_with(2, &[], &[line]);
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn keys_may_hold_something_at_first() {
    let read = |found: &str| {
        format!(
            r#"{{"client":1,"key":"x","op":"read","output":{{"value":{found}}},"invoke":0,"return":1}}"#
        )
    };
    ends_with(1, &[], &[&read("7")]);
    ends_with(0, &["--initial", "7"], &[&read("7")]);
    ends_with(1, &["--initial", "7"], &[&read("\"7\"")]);
    ends_with(0, &["--initial", "\"7\""], &[&read("\"7\"")]);
    ends_with(0, &["--initial", "a"], &[&read("\"a\"")]);
    let header = r#"{"initial":{"x":7,"y":1}}"#;
    ends_with(0, &[], &[&read("7"), header]);
    ends_with(0, &["--initial", "8"], &[header, &read("7")]);
    ends_with(1, &[], &[r#"{"initial":[["y",7]]}"#, &read("7")]);
    ends_with(0, &[], &[r#"{"initial":[["x",7]]}"#, &read("7")]);
}

#[test]
fn good_keys_are_one_count() {
    let read = |key: u64, found: &str| {
        format!(
            r#"{{"client":{key},"key":{key},"op":"read","output":{{"value":{found}}},"invoke":0,"return":1}}"#
        )
    };
    let lines: Vec<_> = (0..50).map(|key| read(key, "null")).collect();
    let mut lines: Vec<_> = lines.iter().map(|line| &**line).collect();
    let told = ends_with(0, &[], &lines);
    assert_eq!(told.lines().count(), 1, "{told}");
    let bad = read(50, "1");
    lines.push(&bad);
    let told = ends_with(1, &[], &lines);
    assert!(
        told.starts_with("50: not linearizable, 1 operation\n"),
        "{told}"
    );
    let last = "51 operations on 51 keys, 50 linearizable, 1 not linearizable, 0 unknown\n";
    assert!(told.ends_with(last), "{told}");
    let told = ends_with(1, &["--json"], &lines);
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["linearizable"], json!(50));
    assert_eq!(told["keys"].as_array().map(Vec::len), Some(1));
}
