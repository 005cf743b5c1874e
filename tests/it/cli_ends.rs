//! How the commands end: exit codes, and what is said of what wasn't reached or written.

use crate::cli::{FAILING_SWEEP, code, err, file, json, kvorum, out};
use serde_json::Value;

/// A lesson whose last milestone never comes.
fn unreachable() -> String {
    let lesson = std::fs::read_to_string("www/lessons/replication.json").expect("it exists");
    let mut lesson: Value = serde_json::from_str(&lesson).expect("JSON");
    let never = serde_json::json!({
        "text": "Somebody gives up", "name": "nobody-gives-up", "when": "on gave-up"
    });
    let tasks = &mut lesson["steps"][0]["tasks"];
    tasks.as_array_mut().expect("a list").push(never);
    let (path, name) = file("unreachable.json");
    std::fs::write(path, lesson.to_string()).expect("it can be written");
    name
}

#[test]
fn a_milestone_that_is_not_reached_is_named() {
    let name = unreachable();
    let output = kvorum(&["run", &name]);
    assert_eq!(code(&output), 1);
    let said = out(&output);
    assert!(said.contains("after 30 s of waiting"), "{said}");
    let first = said.lines().find(|line| line.starts_with("  step 1, “"));
    let first = first.expect("the milestone is named");
    assert!(
        first.contains(": Somebody gives up (nobody-gives-up)"),
        "{first}"
    );
    let (exit, told) = json(&["run", &name, "--json"]);
    assert_eq!((exit, &told["lesson_ended"]), (1, &Value::from("waited")));
    let missed = &told["milestones_missed"][0];
    assert_eq!(
        (&missed["step"], &missed["name"]),
        (&1.into(), &"nobody-gives-up".into())
    );
}

#[test]
fn until_before_the_end_of_a_lesson_leaves_it_undecided() {
    let output = kvorum(&["run", "replication", "--until", "200ms"]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    let said = out(&output);
    assert!(
        said.contains("when the time of --until was over:\n  step 1"),
        "{said}"
    );
    let (exit, told) = json(&["run", "replication", "--until", "200ms", "--json"]);
    assert_eq!((exit, &told["lesson_ended"]), (3, &Value::from("until")));
    let all = told["milestones_in_all"].as_u64().expect("a number") as usize;
    let many = |field: &str| told[field].as_array().expect("a list").len();
    assert!(many("milestones_missed") > 0);
    assert_eq!(many("milestones") + many("milestones_missed"), all);
    // After the end it is what it was.
    assert_eq!(
        json(&["run", "replication", "--until", "2s", "--json"]).0,
        0
    );
}

/// The lesson of a property that breaks, where another one is said to.
#[test]
fn a_surprise_is_said() {
    let lesson = std::fs::read_to_string("www/lessons/replication.json").expect("it exists");
    let mut lesson: Value = serde_json::from_str(&lesson).expect("JSON");
    lesson["breaks"] = "Log Matching".into();
    let (path, name) = file("no-surprise.json");
    std::fs::write(path, lesson.to_string()).expect("it can be written");
    let output = kvorum(&["run", &name]);
    assert_eq!(code(&output), 1);
    let said = out(&output);
    assert!(
        said.contains("The lesson breaks Log Matching; here it held."),
        "{said}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_outranks_what_cannot_be_written() {
    let (_, record) = file("outranks.json");
    let more = ["--record", &record, "--report", "/dev/full"];
    let output = kvorum(&[&FAILING_SWEEP[..], &more].concat());
    assert_eq!(code(&output), 1);
    assert!(
        out(&output).contains("\n1 run failed. Seed "),
        "{}",
        out(&output)
    );
    assert!(err(&output).contains("/dev/full: "), "{}", err(&output));
    // All is well, but for the file.
    let output = kvorum(&["run", "replication", "--trace", "/dev/full"]);
    assert_eq!(code(&output), 2);
    assert!(out(&output).contains("14 of 14 milestones reached"));
    assert!(err(&output).contains("/dev/full: "), "{}", err(&output));
    let output = kvorum(&["replay", &record, "--trace", "/dev/full", "--json"]);
    assert_eq!(code(&output), 1);
    let told: Value = serde_json::from_str(&out(&output)).expect("an object");
    assert_eq!(told["error"]["file"], "/dev/full");
    assert!(told["violation"].is_string());
}

/// How many threads there are, and which is faster, changes no count.
#[test]
fn a_sweep_counts_the_same_with_any_number_of_threads() {
    let counts = |jobs: &str| {
        let (_, record) = file(&format!("threads-{jobs}.json"));
        let more = ["--record", &record, "--json"];
        let output = kvorum(&[&FAILING_SWEEP[..], &more, &["--jobs", jobs, "--force"]].concat());
        assert_eq!(code(&output), 1);
        let told: Value = serde_json::from_str(&out(&output)).expect("an object");
        let counted = ["runs", "failures", "simulated_seconds", "coverage"];
        counted.map(|field| told[field].clone())
    };
    let alone = counts("1");
    assert!(alone[0].as_u64() > Some(0), "{alone:?}");
    assert_eq!(counts("8"), alone);
}

/// The standard output is a file, too.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_changes_no_result() {
    for (args, expected) in [
        (&["run", "replication"][..], 2),
        (&["run", "replication", "--until", "200ms"], 3),
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kvorum"));
        let command = command.args(args).stdout(full.expect("it exists"));
        let output = command.output().expect("it starts");
        assert_eq!(code(&output), expected, "{args:?}");
        assert!(
            err(&output).contains("standard output: "),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn one_run_is_one_run() {
    let output = kvorum(&["sweep", "--seeds", "7", "--storm", "1s"]);
    assert!(out(&output).contains("\n1 run, "), "{}", out(&output));
}

#[test]
fn a_quiet_command_prints_nothing_but_errors() {
    for (args, expected) in [
        (&["run", "replication", "--quiet"][..], 0),
        (&["-q", "run", "replication", "--until", "200ms"], 3),
        (&["sweep", "--seeds", "0..2", "--storm", "1s", "-q"], 0),
    ] {
        let output = kvorum(args);
        assert_eq!(
            (code(&output), out(&output), err(&output)),
            (expected, String::new(), String::new())
        );
    }
    let output = kvorum(&["run", "no-such-lesson", "--quiet"]);
    assert_eq!((code(&output), out(&output)), (2, String::new()));
    assert!(err(&output).contains("no-such-lesson"));
    assert_eq!(json(&["run", "replication", "--quiet", "--json"]).0, 0);
}

/// A number that can't be is refused at its argument, in words for people.
#[test]
fn numbers_are_refused_by_the_argument_that_has_them() {
    let run = ["run", "lab"];
    let sweep = ["sweep", "--seeds", "0..1"];
    for (args, flag, value) in [
        (&run[..], "--seed", "abc"),
        (&run, "--seed", "18446744073709551616"),
        (&run, "--seed", "-1"),
        (&run, "--nodes", "-1"),
        (&run, "--until", "-5"),
        (&run, "--load", "-5"),
        (&sweep, "--nodes", "x"),
        (&sweep, "--nodes", "-3"),
        (&sweep, "--nodes", "102"),
        (&sweep, "--jobs", "1.5"),
        (&sweep, "--jobs", "-3"),
        (&sweep, "--storm", "-3"),
        (&["check", "Cargo.toml"], "--budget", "-1"),
    ] {
        let output = kvorum(&[args, &[flag, value]].concat());
        assert_eq!(code(&output), 2);
        let said = err(&output);
        let place = format!("error: invalid value '{value}' for '{flag} <");
        assert!(said.starts_with(&place), "{said}");
        let of_rust = ["digit", "target type", "invalid float"];
        assert!(of_rust.iter().all(|word| !said.contains(word)), "{said}");
    }
}
