//! `kvorum check`, end to end: what it prints, how it ends, and what it refuses.

use crate::cli::fed;
use kvorum::cli::history::Given;
use proptest::prelude::*;

/// Runs `kvorum check` with an input: its exit code, and what it wrote.
fn check(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    fed(&[&["check"], arguments].concat(), input)
}

/// A line: client, key, operation, input, output, invoke and return.
fn line(client: u32, op: &str, input: &str, output: &str, times: [&str; 2]) -> String {
    let [invoke, returned] = times;
    format!(
        r#"{{"client":{client},"key":"x","op":"{op}","input":{input},"output":{output},"invoke":{invoke},"return":{returned}}}"#
    ) + "\n"
}

const PUT: &str =
    r#"{"client":3,"key":"x","op":"put","input":"1","output":{"ok":true},"invoke":12,"return":15}"#;

/// A history of a register, given by its lines.
fn ends_with(code: i32, lines: &[String]) {
    let (found, out, error) = check(&["-"], lines.concat().as_bytes());
    assert_eq!(found, code, "{out}{error}{}", lines.concat());
}

#[test]
fn a_history_that_has_an_order_ends_with_0() {
    let (code, out, error) = check(&["-"], PUT.as_bytes());
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(
        out == "linearizable: 1 operation on 1 key, 1 linearizable, 0 not linearizable, 0 unknown\n",
        "{out}"
    );
    // In any order, with a mark, with blank lines and foreign ends of lines.
    let read = line(1, "get", "null", r#"{"value":"1"}"#, ["15", "20"]);
    ends_with(
        0,
        &[
            "\u{feff}".into(),
            read,
            "\r\n \n".into(),
            PUT.into(),
            "\r\n".into(),
        ],
    );
}

#[test]
fn a_stale_read_ends_with_1_and_is_explained() {
    let lines = [
        line(1, "write", "\"a\"", r#"{"ok":true}"#, ["0", "1"]),
        line(1, "write", "\"b\"", r#"{"ok":true}"#, ["2", "3"]),
        line(2, "write", "\"c\"", r#"{"ok":true}"#, ["0", "9"]),
        line(3, "read", "null", r#"{"value":"a"}"#, ["4", "5"]),
    ]
    .concat();
    let (code, out, _) = check(&["-", "--model", "register"], lines.as_bytes());
    assert_eq!(code, 1);
    let story = "\
\"x\": not linearizable, 4 operations
  these can't all have happened (none can be left out):
    line 1: client 1: write \"a\", ok, 0 to 1
    line 2: client 1: write \"b\", ok, 2 to 3
    line 4: client 3: read, found \"a\", 4 to 5
";
    assert!(out.starts_with(story), "{out}");
    assert!(
        out.contains("a longest partial order, 3 operations:"),
        "{out}"
    );
    assert!(
        out.contains("  none of them leads to:\n    line 4:"),
        "{out}"
    );

    let (code, out, _) = check(&["--json", "-"], lines.as_bytes());
    assert_eq!(code, 1);
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["verdict"], "not_linearizable");
    assert_eq!(told["keys"][0]["stuck"], 4);
    assert_eq!(told["keys"][0]["counter_example"][2]["line"], 4);
    assert_eq!(told["keys"][0]["minimal"], true);
}

#[test]
fn equal_times_are_concurrent() {
    let write = |value, times| line(1, "write", value, r#"{"ok":true}"#, times);
    let read = |times| line(2, "read", "null", r#"{"value":null}"#, times);
    ends_with(0, &[write("1", ["0", "5"]), read(["5", "6"])]);
    ends_with(1, &[write("1", ["0", "5"]), read(["6", "6"])]);
}

#[test]
fn a_text_is_no_integer() {
    let write = line(1, "write", "1", r#"{"ok":true}"#, ["0", "1"]);
    let read = |value| line(1, "read", "null", value, ["2", "3"]);
    ends_with(0, &[write.clone(), read(r#"{"value":1}"#)]);
    ends_with(1, &[write, read(r#"{"value":"1"}"#)]);
}

#[test]
fn what_never_returned_has_perhaps_happened() {
    let write = |value, output, returned| line(1, "write", value, output, ["1", returned]);
    let read = |client, value, at| line(client, "read", "null", value, at);
    let lost = write("1", "null", "null");
    // At any time, or never; its client goes on.
    ends_with(0, &[lost.clone(), read(1, r#"{"value":null}"#, ["8", "9"])]);
    let seen = [
        read(1, r#"{"value":null}"#, ["8", "9"]),
        read(1, r#"{"value":1}"#, ["10", "11"]),
    ];
    ends_with(0, &[&[lost][..], &seen].concat());
    // That it returned says nothing if it doesn't say what came of it; what failed never was.
    let unknown = write("1", r#"{"unknown":true}"#, "2");
    ends_with(0, &[&[unknown.clone()][..], &seen].concat());
    ends_with(0, &[unknown, read(1, r#"{"value":null}"#, ["8", "9"])]);
    let failed = write("1", r#"{"failed":true}"#, "2");
    ends_with(1, &[&[failed.clone()][..], &seen].concat());
    let (_, out, _) = check(&["-"], failed.as_bytes());
    assert!(
        out.starts_with("linearizable: 1 operation on 1 key"),
        "{out}"
    );
    ends_with(0, &[failed, read(1, r#"{"value":null}"#, ["8", "9"])]);
}

#[test]
fn compare_and_swap_hits_or_misses() {
    let cas = |input, output, times| line(1, "cas", input, output, times);
    let hit = cas("[null,7]", r#"{"ok":true}"#, ["0", "1"]);
    let miss = |from| cas(from, r#"{"ok":false}"#, ["2", "3"]);
    ends_with(0, &[hit.clone(), miss("[8,9]")]);
    ends_with(1, &[hit.clone(), miss("[7,9]")]);
    let unknown = cas("[7,9]", r#"{"unknown":true}"#, ["2", "3"]);
    let read = |value| line(2, "read", "null", value, ["4", "5"]);
    ends_with(0, &[hit.clone(), unknown.clone(), read(r#"{"value":9}"#)]);
    ends_with(0, &[hit.clone(), unknown.clone(), read(r#"{"value":7}"#)]);
    ends_with(1, &[hit, unknown, read(r#"{"value":8}"#)]);
}

#[test]
fn appends_put_texts_together() {
    let append = |value, times| line(1, "append", value, r#"{"ok":true}"#, times);
    let get = |value| line(2, "get", "null", value, ["9", "9"]);
    let both = [append("\"a\"", ["0", "5"]), append("2", ["5", "7"])].concat();
    ends_with(0, &[both.clone(), get(r#"{"value":"a2"}"#)]);
    ends_with(0, &[both.clone(), get(r#"{"value":"2a"}"#)]);
    ends_with(1, &[both.clone(), get(r#"{"value":"a"}"#)]);
    let delete = line(3, "delete", "null", r#"{"ok":true}"#, ["8", "8"]);
    ends_with(0, &[both, delete, get(r#"{"value":null}"#)]);
}

/// Many appends that are under way together, and a read of a little less than all of them: no
/// search is soon through with these, since they fit together in so many ways.
fn hard() -> String {
    let mut lines = String::new();
    for client in 1..=40 {
        let text = format!("\"{}\"", "a".repeat(client as usize));
        lines += &line(client, "append", &text, r#"{"ok":true}"#, ["1", "100"]);
    }
    let found = format!("{{\"value\":\"{}\"}}", "a".repeat(40 * 41 / 2 - 1));
    lines + &line(91, "get", "null", &found, ["101", "102"])
}

#[test]
fn a_budget_that_is_used_up_ends_with_3_unless_something_is_bad() {
    let (code, out, _) = check(&["-", "--budget", "5000"], hard().as_bytes());
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("\"x\": unknown"), "{out}");
    let bad = line(99, "get", "null", r#"{"value":1}"#, ["3", "4"]).replace("\"x\"", "\"y\"");
    let (code, out, _) = check(&["-", "--budget", "9000"], (hard() + &bad).as_bytes());
    assert_eq!(code, 1, "{out}");
}

/// Many clients on one key write a value each, and read; the last read finds what was there long
/// before. Also without a lie in it.
fn long(with_lie: bool) -> String {
    let mut lines = String::new();
    for at in 0..9_000_u64 {
        let (client, value) = (at as u32 % 150, at.to_string());
        // About 150 are under way together, and take effect halfway.
        let times = [at * 2, at * 2 + 250 + at % 40];
        let times = times.map(|time| time.to_string());
        let times = [&*times[0], &*times[1]];
        if at % 3 == 0 {
            lines += &line(client, "put", &value, r#"{"ok":true}"#, times);
        } else if at >= 240 {
            let found = (at - at % 3) - 60;
            let found = if with_lie && at == 8_000 { 300 } else { found };
            let found = format!("{{\"value\":{found}}}");
            lines += &line(client, "get", "null", &found, times);
        }
    }
    lines
}

#[test]
fn a_long_history_is_explained_within_the_budget() {
    let (code, out, error) = check(&["-"], long(false).as_bytes());
    assert_eq!(code, 0, "{out}{error}");
    let (code, out, _) = check(
        &["-", "--budget", "5000000", "--json"],
        long(true).as_bytes(),
    );
    assert_eq!(code, 1);
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let key = &told["keys"][0];
    assert_eq!(key["minimal"], true, "{key}");
    assert_eq!(key["counter_example"].as_array().map(Vec::len), Some(3));
    assert!(out.len() < 20_000);
}

#[test]
fn an_explanation_that_is_cut_short_is_small_and_says_so() {
    // Bad in one step, and too long for as many steps of explanation.
    let lie = line(999, "get", "null", r#"{"value":-1}"#, ["300", "301"]);
    let text = long(false) + &lie;
    let (code, out, _) = check(&["-", "--budget", "2000"], text.as_bytes());
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("not the fewest: the budget ended"), "{out}");
    assert!(out.lines().count() < 60, "{out}");
    let (_, out, _) = check(&["-", "--budget", "2000", "--json"], text.as_bytes());
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let key = &told["keys"][0];
    assert_eq!(key["minimal"], false);
    assert_eq!(key["counter_example"].as_array().map(Vec::len), Some(40));
    assert!(key["counter_example_operations"].as_u64() > Some(5_000));
}

#[test]
fn what_cannot_be_used_ends_with_2_and_names_line_and_field() {
    let refuse = |lines: &str, named: &[&str]| {
        let (code, out, error) = check(&["-"], lines.as_bytes());
        assert_eq!((code, out.as_str()), (2, ""), "{lines}");
        for name in named {
            assert!(error.contains(name), "{name} is not in: {error}");
        }
    };
    let with = |from: &str, to: &str| {
        assert!(PUT.contains(from));
        format!("{PUT}\n{}\n", PUT.replace(from, to))
    };
    for (from, to, field) in [
        ("\"put\"", "\"fly\"", "op: "),
        ("\"put\"", "\"read\"", "op: "),
        ("\"put\"", "7", "op: "),
        ("\"op\":\"put\",", "", "op: is missing"),
        (
            "\"return\":15",
            "\"retrun\":15",
            "\"retrun\" is no field of an operation",
        ),
        (",\"return\":15", "", "return: is missing"),
        (
            "\"op\"",
            "\"to\":1,\"op\"",
            "\"to\" is no field of an operation: these are client",
        ),
        ("\"key\":\"x\"", "\"key\":null", "key: "),
        ("\"client\":3", "\"client\":true", "client: "),
        (
            "\"client\":3",
            "\"client\":3,\"client\":4",
            "client: stands there twice",
        ),
        ("12", "-1", "invoke: "),
        ("12", "1.5", "invoke: "),
        ("12", "18446744073709551616", "invoke: "),
        ("12", "\"12\"", "invoke: "),
        ("15", "11", "return: 11, before its invoke 12"),
        ("15", "null", "output: it never returned"),
        ("\"input\":\"1\"", "\"input\":1.5", "input: "),
        ("\"input\":\"1\"", "\"input\":null", "input: "),
        ("\"put\"", "\"get\"", "input: this operation takes none"),
        ("\"put\"", "\"cas\"", "input: [from, to]"),
        ("{\"ok\":true}", "null", "output: "),
        ("{\"ok\":true}", "{\"ok\":false}", "output: "),
        ("{\"ok\":true}", "{\"value\":1}", "output: "),
        ("{\"ok\":true}", "{\"unknown\":false}", "output: "),
        (
            "{\"ok\":true}",
            "{\"ok\":false}",
            "was expected, \"ok\" is false",
        ),
        (
            "{\"ok\":true}",
            "{\"ok\":true,\"ok\":true}",
            "ok: stands there twice",
        ),
        (
            "{\"ok\":true}",
            "{\"ok\":true,\"failed\":true}",
            "\"ok\" and \"failed\" exclude each other",
        ),
        (
            "{\"ok\":true}",
            "{\"index\":4}",
            "\"index\" is no field of an output",
        ),
        ("{\"ok\":true}", "{}", "this is empty"),
        ("\"input\":\"1\"", "\"input\":1.0", "this is 1.0, with"),
        ("12", "1e3", "this is 1e3, with"),
        (
            "12",
            "14",
            "invoke: 14, but client 3 was busy with line 1 until 15",
        ),
    ] {
        refuse(&with(from, to), &["line 2: ", field]);
    }
    refuse("", &["there is no operation"]);
    refuse(&format!("{PUT}\n[]\n"), &["line 2: an object"]);
    refuse(
        &format!("{PUT}\n{}", &PUT[..60]),
        &["line 2: ends too early"],
    );
    refuse(&format!("{PUT} {PUT}"), &["line 1: no JSON at column"]);
    refuse(&"[".repeat(10_000), &["the file is a list"]);
    refuse(&"{\"a\":".repeat(10_000), &["line 1: no JSON"]);
    refuse(&"x".repeat((16 << 20) + 1), &["line 1: longer than 16 MiB"]);
    let (code, _, error) = check(&["-"], b"{\"client\":\"\xff\"}");
    assert!(code == 2 && error.contains("line 1"), "{error}");
    let (code, out, _) = check(&["-", "--json"], with("12", "-1").as_bytes());
    assert!(code == 2 && out.contains(r#""field":"invoke""#) && out.contains(r#""line":2"#));
    for arguments in [
        &["no/such.jsonl"][..],
        &["src"],
        &["-", "--budget", "0"],
        &[],
    ] {
        assert_eq!(check(arguments, b"").0, 2, "{arguments:?}");
    }
    assert_eq!(check(&["-", "--model", "list"], PUT.as_bytes()).0, 2);
    let (code, _, error) = check(&["-", "--model", "register"], PUT.as_bytes());
    assert!(
        code == 2 && error.contains("the model kv has it"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Anything may stand in a file: lines with pieces cut out, doubled or replaced.
    #[test]
    fn nothing_in_a_file_makes_the_parser_panic(
        edits in prop::collection::vec((0..300usize, 0..12usize, "[\\PC\"{}:,\\[\\]0-9-]{0,4}"), 1..6),
    ) {
        let mut text = format!("{PUT}\n{}\n{PUT}", PUT.replace("12", "16").replace("15", "null")).into_bytes();
        for (at, length, by) in edits {
            let at = at.min(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, by.bytes());
        }
        if let Err(error) = kvorum::cli::history::read(&*text, Given::default(), |_| {}) {
            prop_assert!(!error.message.is_empty());
        }
    }
}
