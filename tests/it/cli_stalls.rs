//! Runs that stand still, and runs that a limit stops: what the command line tells of them.

use crate::cli::{code, file, json, kvorum, out};
use serde_json::{Value, json as object};

/// A leader without anything of its own answers no reads: a client asks in vain from 1 s on.
const RULES: [&str; 1] = ["noop-on-election"];

fn write(name: &str, value: &Value) -> String {
    let (path, name) = file(name);
    std::fs::write(path, value.to_string()).expect("it can be written");
    name
}

fn asks() -> [Value; 2] {
    let get = object!({"op": "get", "key": "x"});
    [
        object!({"action": "time_out", "node": 1}),
        object!({"action": "request", "operation": get, "attempts": 1_000}),
    ]
}

/// The verdict, since when, and who waits for what, in words and as data.
fn tells_the_stall(args: &[&str], since: u64) {
    let output = kvorum(args);
    let said = out(&output);
    assert_eq!(code(&output), 1, "{said}");
    let seconds = format!("{}.{:03}", since / 1_000_000, since / 1_000 % 1_000);
    let why =
        format!("\n\nStalled since {seconds} s. Why nothing moves:\n  - c1 has waited since ");
    assert!(said.contains(&why), "{said}");
    let (_, reasons) = said
        .split_once("Why nothing moves:\n")
        .expect("it is there");
    let reasons: Vec<&str> = reasons
        .lines()
        .take_while(|line| !line.is_empty())
        .collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons[0].contains(" for the answer to its operation 1. It asks S"),
        "{reasons:?}"
    );
    assert!(
        reasons[1].starts_with("  - S1 has committed nothing in its term 1: "),
        "{reasons:?}"
    );
    assert!(said.contains("\n  ✗ Progress\n  ✓ Stability\n"), "{said}");
    let violation = "Progress is broken: Stalled since ";
    let majority =
        "5 servers, a majority, hear each other, but c1 got no answer to its operation 1.";
    let verdict = said
        .lines()
        .filter(|line| line.contains(violation) && line.contains(majority));
    assert_eq!(
        verdict.count(),
        2,
        "in the story, and as the verdict: {said}"
    );

    let (exit, told) = json(&[args, &["--json"]].concat());
    assert_eq!((exit, &told["stalled_since"]), (1, &since.into()));
    let why = told["why_nothing_moves"].as_array().expect("a list");
    assert_eq!(
        (why[0]["reason"].as_str(), why[0]["client"].as_u64()),
        (Some("unanswered"), Some(1))
    );
    assert_eq!(
        why[1],
        object!({
            "reason": "nothing_of_its_term", "leader": 1, "term": 1,
            "says": reasons[1].trim_start_matches("  - "),
        })
    );
    let verdicts = told["verdicts"].as_array().expect("a list");
    let broken: Vec<_> = verdicts.iter().filter(|it| it["holds"] == false).collect();
    assert_eq!(broken, [&object!({"property": "Progress", "holds": false})]);
    assert!(
        told["violation"]
            .as_str()
            .is_some_and(|it| it.starts_with(violation))
    );
}

#[test]
fn replay_tells_since_when_and_why_nothing_moves() {
    let [first, second] = asks();
    let recording = object!({
        "engine": "by hand", "seed": "7", "playhead": 60_000_000,
        "settings": {"watch_liveness": true, "rules": {"off": RULES}},
        "journal": [{"at": 100_000, "do": first}, {"at": 1_000_000, "do": second}],
    });
    let name = write("stalled.json", &recording);
    tells_the_stall(&["replay", &name], 1_000_000);
}

#[test]
fn run_tells_since_when_and_why_nothing_moves() {
    let step = |title: &str, action: Value, text: &str, name: &str, when: &str| {
        object!({
            "title": title, "text": title, "done": title,
            "tasks": [{"text": text, "name": name, "when": when}],
            "button": {"label": title, "actions": [action]},
        })
    };
    let [first, second] = asks();
    let lesson = object!({
        "id": "stalled", "place": 1, "topic": "Log and disk", "source": "paper 8", "level": 1,
        "minutes": 1, "title": "A read in vain", "summary": "Nobody answers.", "seed": 7,
        "settings": {"watch_liveness": true, "rules": {"off": RULES}},
        "steps": [
            step("S1 stands", first, "S1 leads", "s1-leads", "some S1 leader"),
            step("A client reads", second, "It gives up", "gives-up", "on gave-up"),
        ],
    });
    let name = write("stalled-lesson.json", &lesson);
    let (_, told) = json(&["run", &name, "--json"]);
    assert_eq!(told["lesson_ended"], "broken");
    let since = told["stalled_since"].as_u64().expect("a time");
    tells_the_stall(&["run", &name], since);
}

/// Nobody owes anything where every message is lost; the reason is told all the same.
#[test]
fn what_nobody_owes_is_no_failure_and_has_a_reason() {
    let args = [
        "run",
        "lab",
        "--nodes",
        "3",
        "--load",
        "5",
        "--link-loss",
        "100%",
    ];
    let output = kvorum(&args);
    let said = out(&output);
    assert_eq!(code(&output), 0, "{said}");
    assert!(
        said.contains("\nStalled since 0.000 s. Why nothing moves:\n"),
        "{said}"
    );
    assert!(said.contains("\n  - Nobody leads.\n"), "{said}");
    let s1 = "\n  - S1 can't win an election, it would get 1 of 2 votes: S2 doesn't hear S1 (the link loses \
        everything), S3 doesn't hear S1 (the link loses everything).\n";
    assert!(said.contains(s1), "{said}");
    let (exit, told) = json(&[&args[..], &["--json"]].concat());
    assert_eq!((exit, &told["stalled_since"]), (0, &0.into()));
    assert!(told.get("violation").is_none());
}

/// What a sweep finds, and what the run that it wrote down comes to.
fn sweep_of(name: &str, args: &[&str]) -> (Value, i32, Value, String) {
    let (_, record) = file(&format!("{name}.json"));
    let (_, report) = file(&format!("{name}-report.json"));
    let files = ["--record", &record, "--report", &report];
    let args = [&["sweep"], args, &files].concat();
    let (exit, told) = json(&[&args[..], &["--json"]].concat());
    assert_eq!(exit, 1, "{told}");
    let written = std::fs::read_to_string(&report).expect("a report");
    assert_eq!(serde_json::from_str::<Value>(&written).expect("JSON"), told);
    let said = out(&kvorum(&[&args[..], &["--force"]].concat()));
    let (exit, replayed) = json(&["replay", &record, "--json"]);
    (told, exit, replayed, said)
}

#[test]
fn a_sweep_tells_of_a_run_that_a_limit_stopped() {
    let args = [
        "--seeds",
        "0..3",
        "--storm",
        "2s",
        "--set",
        "limits.packets=3",
    ];
    let (told, exit, replayed, said) = sweep_of("sweep-limit", &args);
    assert_eq!(told["first_failure"]["what"], "limits.packets");
    assert!(
        said.contains(" failed. Seed 0: limits.packets, with "),
        "{said}"
    );
    assert_eq!(told["sweep"]["settings"], object!(["limits.packets=3"]));
    assert_eq!(
        (exit, &replayed["stopped"]["limit"]),
        (3, &"limits.packets".into())
    );
}

/// Without the no-op a leader commits nothing that it inherited, here a change of the members.
#[test]
fn a_sweep_tells_of_a_run_that_stalled() {
    let args = [
        "--seeds",
        "0..100",
        "--rules=-noop-on-election",
        "--profile",
        "calm",
        "--storm",
        "60s",
        "--load",
        "0",
        "--chaos-membership",
        "5%",
        "--chaos-crash",
        "5%",
        "--chaos-wipe",
        "0%",
        "--chaos-cut",
        "0%",
    ];
    let (told, exit, replayed, said) = sweep_of("sweep-stall", &args);
    assert_eq!(told["first_failure"]["what"], "Progress");
    assert!(said.contains(": Progress, with "), "{said}");
    assert_eq!(exit, 1);
    let violation = replayed["violation"].as_str().expect("it is told");
    assert!(
        violation.starts_with("Progress is broken: Stalled since "),
        "{violation}"
    );
    let why = replayed["why_nothing_moves"].as_array().expect("a list");
    let reasons: Vec<_> = why.iter().map(|it| it["reason"].as_str()).collect();
    assert_eq!(
        reasons,
        [Some("uncommitted"), Some("only_inherited")],
        "{why:#?}"
    );
    let all = out(&kvorum(&["sweep", "--seeds", "0..100", "--storm", "1s"]));
    assert!(all.contains("\nNo run failed."), "{all}");
}

#[test]
fn a_run_that_a_limit_stopped_is_undecided_and_says_which() {
    let args = ["run", "replication", "--set", "limits.packets=3"];
    let output = kvorum(&args);
    let said = out(&output);
    assert_eq!(code(&output), 3, "{said}");
    assert!(said.contains("\nThe run was stopped: "), "{said}");
    assert!(said.contains("limits.packets"), "{said}");
    assert!(
        said.contains("\nNot reached when the run ended:\n"),
        "{said}"
    );
    let (exit, told) = json(&[&args[..], &["--json"]].concat());
    assert_eq!(
        (exit, &told["stopped"]["limit"]),
        (3, &"limits.packets".into())
    );
    assert_eq!(told["lesson_ended"], "stopped");
}
