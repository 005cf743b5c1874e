//! `kvorum check` on histories of several keys, of Jepsen, compressed ones, and on files that are
//! something else; and the pictures that it draws.

use crate::cli::fed;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// Asserts how `kvorum check` ends with this input; what it wrote.
fn ends_with(code: i32, arguments: &[&str], input: impl AsRef<[u8]>) -> String {
    let arguments = [&["check", "-"], arguments].concat();
    let (found, out, error) = fed(&arguments, input.as_ref());
    assert_eq!(found, code, "{out}{error}");
    out + &error
}

/// An operation without a key: client and time, operation, input, output.
fn line(at: u64, op: &str, input: &str, output: &str) -> String {
    let end = at + 1;
    format!(
        r#"{{"client":1,"op":"{op}","input":{input},"output":{output},"invoke":{at},"return":{end}}}"#
    ) + "\n"
}

fn of_key(at: u64, key: &str, op: &str, input: &str, output: &str) -> String {
    line(at, op, input, output).replace("\"op\"", &format!("\"key\":{key},\"op\""))
}

const OK: &str = r#"{"ok":true}"#;

#[test]
fn transactions_are_judged_with_the_keys_that_they_join() {
    let both = line(0, "txn", r#"[["put","x","1"],["put","y","1"]]"#, OK);
    let read = |values: &str| line(2, "txn", r#"[["get","x"],["get","y"]]"#, values);
    ends_with(0, &[], both.clone() + &read(r#"{"values":["1","1"]}"#));
    let told = ends_with(1, &[], both.clone() + &read(r#"{"values":["1",null]}"#));
    let lines = [
        "\"x\", \"y\" (joined by transactions): not linearizable, 2 operations",
        r#"    line 1: client 1: txn [put "x" "1", put "y" "1"], ok, 0 to 1"#,
        r#"    line 2: client 1: txn [get "x" = "1", get "y" = absent], ok, 2 to 3"#,
        r#"    then "x" is "1", "y" is "1""#,
        "not linearizable: 2 operations on 2 keys, 0 linearizable, 2 not linearizable, 0 unknown",
    ];
    for line in lines {
        assert!(told.contains(line), "{line} is not in: {told}");
    }
    // Each key alone could be explained: two snapshots see two writes in different orders.
    let write = |client: u64, key: &str| {
        of_key(0, key, "put", "\"1\"", OK)
            .replace("\"client\":1", &format!("\"client\":{client}"))
            .replace("\"return\":1", "\"return\":9")
    };
    let snapshot = |client: u64, values: &str| {
        line(2, "txn", r#"[["get","x"],["get","y"]]"#, values)
            .replace("\"client\":1", &format!("\"client\":{client}"))
    };
    let skewed = write(1, "\"x\"")
        + &write(2, "\"y\"")
        + &snapshot(3, r#"{"values":["1",null]}"#)
        + &snapshot(4, r#"{"values":[null,"1"]}"#);
    ends_with(1, &[], &skewed);
    ends_with(0, &[], skewed.replace("[null,\"1\"]", "[\"1\",\"1\"]"));
    // A compare-and-swap that misses undoes all of it; one without an answer binds nobody.
    let cas = |output: &str| {
        line(
            4,
            "txn",
            r#"[["put","x","2"],["cas","y",["7","8"]]]"#,
            output,
        )
    };
    let after = line(
        6,
        "txn",
        r#"[["get","x"],["get","y"]]"#,
        r#"{"values":["1","1"]}"#,
    );
    ends_with(0, &[], both.clone() + &cas(r#"{"ok":false}"#) + &after);
    ends_with(1, &[], both.clone() + &cas(OK) + &after);
    ends_with(0, &[], both.clone() + &cas(r#"{"unknown":true}"#) + &after);
    ends_with(0, &[], both.clone() + &cas(r#"{"failed":true}"#) + &after);
    // Keys that nothing joins are judged alone.
    let alone = of_key(4, "\"z\"", "get", "null", r#"{"value":"1"}"#);
    let told = ends_with(1, &[], both + &alone);
    assert!(
        told.starts_with("\"z\": not linearizable, 1 operation\n"),
        "{told}"
    );
}

#[test]
fn scans_read_several_keys_at_once() {
    let put = |at, key: &str| of_key(at, key, "put", "\"1\"", OK);
    let puts = put(0, "\"a\"") + &put(2, "\"b\"") + &put(4, "\"c\"") + &put(6, "7");
    let scan = |input: &str, values: &str| {
        puts.clone() + &line(8, "scan", input, &format!("{{\"values\":{values}}}"))
    };
    ends_with(
        0,
        &[],
        scan(r#"{"from":"a","to":"c"}"#, r#"[["a","1"],["b","1"]]"#),
    );
    ends_with(1, &[], scan(r#"{"from":"a","to":"c"}"#, r#"[["a","1"]]"#));
    ends_with(0, &[], scan(r#"{"from":"b"}"#, r#"[["b","1"],["c","1"]]"#));
    ends_with(1, &[], scan("{}", r#"[["b","1"],["c","1"],["a","1"]]"#));
    ends_with(
        0,
        &[],
        scan("{}", r#"[["b","1"],["c","1"],["a","1"],[7,"1"]]"#),
    );
    ends_with(
        0,
        &[],
        scan(r#"{"keys":["a",7,"d"]}"#, r#"[[7,"1"],["a","1"]]"#),
    );
    let told = ends_with(2, &[], scan(r#"{"keys":["a"]}"#, r#"[["b","1"]]"#));
    assert!(told.contains("line 5: output: the key \"b\""), "{told}");
    let told = ends_with(2, &[], scan(r#"{"keys":["a"],"from":"b"}"#, "[]"));
    assert!(told.contains("line 5: input: "), "{told}");
}

#[test]
fn what_is_wrong_with_a_transaction_is_named() {
    for (op, input, output, said) in [
        ("txn", "[]", OK, "input: there is no micro-operation"),
        (
            "txn",
            "[[\"get\"]]",
            OK,
            "input: number 1: a list of micro-operations",
        ),
        (
            "txn",
            "[[\"get\",\"x\"],[\"fly\",\"x\"]]",
            OK,
            "input: number 2: \"fly\" is no operation",
        ),
        (
            "txn",
            "[[\"txn\",\"x\"]]",
            OK,
            "input: number 1: an operation on one key",
        ),
        ("txn", "[[\"get\",\"x\"]]", r#"{"ok":false}"#, "output: "),
        (
            "txn",
            "[[\"get\",\"x\"]]",
            r#"{"values":[]}"#,
            "output: 1 values were expected",
        ),
        (
            "txn",
            "[[\"put\",\"x\",1]]",
            r#"{"values":[1]}"#,
            "output: null for what reads nothing",
        ),
        (
            "scan",
            "null",
            r#"{"values":[]}"#,
            "input: {\"keys\":[...]}",
        ),
        ("scan", "{}", OK, "output: {\"values\":[[key,value],...]}"),
        (
            "scan",
            "{}",
            r#"{"values":[["x",1],["x",1]]}"#,
            "stands there twice",
        ),
    ] {
        let told = ends_with(2, &[], line(0, op, input, output));
        assert!(
            told.contains("line 1: ") && told.contains(said),
            "{said}: {told}"
        );
    }
}

#[test]
fn too_many_keys_together_are_undecided_at_once() {
    let puts: Vec<_> = (0..300).map(|key| format!("[\"put\",{key},1]")).collect();
    let told = ends_with(3, &[], line(0, "txn", &format!("[{}]", puts.join(",")), OK));
    assert!(
        told.contains("transactions join 300 keys with 1 operations"),
        "{told}"
    );
}

// ---- Jepsen ----

const REGISTER: &str = r#"
{:type :invoke, :f :write, :value 1, :process 0, :time 10, :index 0}
{:type :info, :f :start-partition, :value :majority, :process :nemesis, :time 11, :index 1}
{:type :info, :f :start-partition, :value [:isolated {"n1" #{"n2"}}], :process :nemesis}
{:type :ok, :f :write, :value 1, :process 0, :time 12, :index 2}
{:type :invoke, :f :cas, :value [1 2], :process 1}
{:type :info, :f :cas, :value [1 2], :process 1, :error :timeout}
{:type :info, :f :stop-partition, :value nil, :process :nemesis}
{:type :invoke, :f :read, :value nil, :process 2}
{:type :ok, :f :read, :value 1, :process 2}
{:type :invoke, :f :cas, :value [1 7], :process 2}
{:type :fail, :f :cas, :value [1 7], :process 2}
{:type :invoke, :f :read, :value nil, :process 2}
"#;

#[test]
fn histories_of_jepsen_are_taken() {
    ends_with(0, &[], REGISTER);
    let late = "{:type :ok, :f :read, :value 2, :process 2}\n";
    ends_with(0, &[], format!("{REGISTER}{late}"));
    let told = ends_with(
        1,
        &[],
        REGISTER.to_owned() + &late.replace('2', "7").replace(":process 7", ":process 2"),
    );
    assert!(
        told.contains("\"register\": not linearizable, 4 operations"),
        "{told}"
    );
    assert!(told.contains("line 13: client 2: read, found 7"), "{told}");
    // One vector of maps, records, and keys of their own.
    let vector = format!(
        "[{}]",
        REGISTER.replace("{:type", "#jepsen.history.Op{:type")
    );
    ends_with(0, &[], vector);
    let keyed = r#"
{:type :invoke, :f :write, :value [5 1], :process 0}
{:type :invoke, :f :read, :value [6 nil], :process 1}
{:type :ok, :f :write, :value [5 1], :process 0}
{:type :ok, :f :read, :value [6 nil], :process 1}
{:type :invoke, :f :cas, :value [5 [1 2]], :process 1}
{:type :ok, :f :cas, :value [5 [1 2]], :process 1}
{:type :invoke, :f :read, :value [5 nil], :process 1}
{:type :ok, :f :read, :value [5 2], :process 1}
"#;
    ends_with(0, &[], keyed);
    let told = ends_with(1, &[], keyed.replace("[5 2], ", "[5 1], "));
    assert!(
        told.starts_with("5: not linearizable, 3 operations"),
        "{told}"
    );
    let kv = r#"
{:type :invoke, :f :put, :value ["x" "a"], :process 0}
{:type :ok, :f :put, :value ["x" "a"], :process 0}
{:type :invoke, :f :delete, :value "x", :process 0}
{:type :ok, :f :delete, :value "x", :process 0}
{:type :invoke, :f :get, :value ["x" nil], :process 0}
{:type :ok, :f :get, :value ["x" nil], :process 0}
"#;
    ends_with(0, &[], kv);
    let told = ends_with(
        1,
        &["--model", "kv"],
        kv.replace("[\"x\" nil], :process 0}\n\"", "").replacen(
            ":ok, :f :get, :value [\"x\" nil]",
            ":ok, :f :get, :value [\"x\" \"a\"]",
            1,
        ),
    );
    assert!(told.contains("get, found \"a\""), "{told}");
    let txn = r#"
{:type :invoke, :f :txn, :value [[:w 1 1] [:w 2 1]], :process 0}
{:type :ok, :f :txn, :value [[:w 1 1] [:w 2 1]], :process 0}
{:type :invoke, :f :txn, :value [[:r 1 nil] [:r 2 nil]], :process 0}
{:type :ok, :f :txn, :value [[:r 1 1] [:r 2 1]], :process 0}
"#;
    ends_with(0, &[], txn);
    ends_with(1, &[], txn.replace("[:r 2 1]", "[:r 2 nil]"));
}

#[test]
fn what_is_not_taken_of_jepsen_is_named() {
    let one =
        |f: &str, value: &str| format!("\n{{:type :invoke, :f {f}, :value {value}, :process 0}}\n");
    for (text, said) in [
        (
            one(":append", "[1 2]"),
            ":f: :append, an operation of a list, isn't checked here",
        ),
        (
            one(":txn", "[[:append 1 2]]"),
            ":append, an operation of a list",
        ),
        (
            one(":txn", "[[:r 1 [1 2]]]"),
            ":append, an operation of a list",
        ),
        (one(":enqueue", "1"), ":enqueue, an operation of a queue"),
        (one(":add", "1"), ":add, an operation of a set"),
        (one(":fly", "1"), ":fly isn't checked here; :read, :write"),
        (
            one(":write", "1.5"),
            ":value: a 64-bit integer, a text or a keyword was expected",
        ),
        (one(":cas", "1"), ":value: [from to] was expected"),
        (
            one(":read", "nil").replace(":invoke", ":ok"),
            ":process: 0 has invoked nothing",
        ),
        (
            one(":read", "nil").replace(":f :read,", ""),
            ":f: is missing",
        ),
        (
            one(":read", "nil").replace(":process 0", ""),
            ":process: is missing",
        ),
    ] {
        let told = ends_with(2, &[], &text);
        assert!(
            told.contains("line 2: ") && told.contains(said),
            "{said}: {told}"
        );
    }
    let twice = one(":read", "nil") + &one(":read", "nil");
    let told = ends_with(2, &[], twice);
    assert!(
        told.contains("line 4: :process: 0 is busy with line 2"),
        "{told}"
    );
    let told = ends_with(
        2,
        &[],
        one(":read", "nil")
            .replace(":invoke", ":ok")
            .replace("{:type", "7 {:type"),
    );
    assert!(told.contains("line 2: "), "{told}");
}

// ---- files ----

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text).expect("memory");
    packed.finish().expect("memory")
}

#[test]
fn gzip_is_unpacked() {
    ends_with(0, &[], gzip(REGISTER.as_bytes()));
    let put = of_key(0, "\"x\"", "put", "\"1\"", OK);
    ends_with(0, &[], gzip(put.as_bytes()));
    let bad = put.clone() + &put.replace("\"put\"", "\"fly\"");
    let told = ends_with(2, &[], gzip(bad.as_bytes()));
    assert!(told.contains("line 2: op: "), "{told}");
    let mut cut = gzip(put.repeat(50).as_bytes());
    cut.truncate(cut.len() / 2);
    ends_with(2, &[], cut);
    // A line without an end isn't kept in memory.
    let told = ends_with(2, &[], gzip(&vec![b' '; 64 << 20]));
    assert!(told.contains("longer than 16 MiB"), "{told}");
}

#[test]
fn what_is_no_history_is_told_apart() {
    let recording = fs::read_to_string("tests/cases/histories/recording.json").expect("a file");
    for (text, said) in [
        (
            recording.clone(),
            "this is the recording of a run, no history: `kvorum replay` takes it",
        ),
        (
            recording.replace('\n', ""),
            "this is the recording of a run",
        ),
        (
            r#"{"seq":0,"at":1,"event":"sent"}"#.into(),
            "these are the events of a run",
        ),
        ("#run=AAAA".into(), "this is a link to a run"),
        (
            "https://x.example/#run=AAAA".into(),
            "this is a link to a run",
        ),
        (
            format!("[{}]", of_key(0, "1", "put", "1", OK).trim()),
            "jq -c '.[]'",
        ),
        ("[\n  {\n".into(), "jq -c '.[]'"),
        (
            "{\n \"client\": 1, \"op\": \"get\"\n}".into(),
            "jq -c . FILE",
        ),
    ] {
        let told = ends_with(2, &[], &text);
        assert!(told.contains(said), "{said}: {told}");
    }
    let told = ends_with(2, &[], [0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
    assert!(told.contains("zstd -d"), "{told}");
    let (code, _, error) = fed(&["replay", "tests/cases/histories/knossos13.jsonl"], b"");
    assert_eq!(code, 2);
    assert!(error.contains("`kvorum check`"), "{error}");
}

// ---- pictures ----

fn target(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(name)
}

/// A history with everything in it that is drawn.
fn drawn() -> String {
    let marks = r#"{"initial":{"<x>":"\u202e&"}}
{"mark":"partition {1,2} | <3>","at":1,"until":12}
{"leader":"S2","term":3,"from":0,"until":null}
"#;
    let key = "\"<x>\"";
    let write = of_key(0, key, "put", "\"a\"", OK);
    let lost = of_key(2, key, "put", "\"b\"", r#"{"unknown":true}"#)
        .replace("\"client\":1", "\"client\":\"</svg>\"");
    let read = of_key(10, key, "get", "null", r#"{"value":"b"}"#);
    let old = of_key(20, key, "get", "null", r#"{"value":"a"}"#);
    marks.to_owned() + &write + &lost + &read + &old
}

#[test]
fn pictures_are_drawn_and_their_texts_are_data() {
    let (svg, html) = (target("check.svg"), target("check.html"));
    let [svg, html] = [&svg, &html].map(|path| path.to_str().expect("UTF-8"));
    let arguments = ["--svg", svg, "--html", html];
    ends_with(1, &arguments, drawn());
    let text = fs::read_to_string(svg).expect("it was written");
    let page = fs::read_to_string(html).expect("it was written");
    assert!(text.starts_with("<svg ") && page.starts_with("<!doctype html>"));
    for part in [
        "&quot;&lt;x&gt;&quot; is not linearizable",
        "3 of 4 operations can't all have happened",
        "S2 leads term 3",
        "partition {1,2} | &lt;3&gt;",
        "line 7: client 1: get, found &quot;a&quot;, 20 to 21",
        "client &quot;&lt;/svg&gt;&quot;",
    ] {
        assert!(text.contains(part) && page.contains(part), "{part}: {text}");
    }
    for text in [&text, &page] {
        assert!(!text.contains("<x>") && !text.contains('\u{202e}') && !text.contains("<3>"));
        assert_eq!(text.matches("</svg>").count(), 1);
    }
    // Well-formed: what opens is closed.
    for name in ["g", "text", "svg", "title", "style", "defs"] {
        let opened =
            text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
        assert_eq!(
            opened,
            text.matches(&format!("</{name}>")).count(),
            "{name}"
        );
    }
    // An order is numbered, and a long history is cut.
    let good: String = (0..500)
        .map(|at| of_key(at * 2, "\"x\"", "put", "1", OK))
        .collect();
    ends_with(0, &["--svg", svg], good);
    let text = fs::read_to_string(svg).expect("it was written");
    assert!(
        text.contains("380 operations more are not") && text.contains(">120</text>"),
        "{text}"
    );
    assert!(text.len() < 100_000, "{}", text.len());
}

#[test]
fn a_verdict_outranks_a_file_that_cannot_be_written() {
    let put = || of_key(0, "\"x\"", "put", "\"1\"", OK);
    if cfg!(target_os = "linux") {
        let full = ["--svg", "/dev/full"];
        let told = ends_with(1, &full, drawn());
        assert!(told.contains("not linearizable: 4 operations"), "{told}");
        assert!(told.contains("kvorum: /dev/full: "), "{told}");
        let told = ends_with(2, &full, put());
        assert!(told.contains("linearizable: 1 operation"), "{told}");
    }
    // What surely can't be written is said before the work.
    let told = ends_with(2, &["--svg", "no/such/folder/x.svg"], drawn());
    assert!(told.starts_with("kvorum: no/such/folder/x.svg: "), "{told}");
    let told = ends_with(2, &["--svg", "-"], drawn());
    assert!(told.contains("a file is needed"), "{told}");
}
