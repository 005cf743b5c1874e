//! Signals: a command that is asked to end tells and writes what is known so far.
#![allow(
    clippy::disallowed_methods,
    reason = "it waits for a process to be ready"
)]

use crate::cli::{file, json};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A command that is at work.
struct Working(Child);

/// How often it is looked whether a command is ready, and how long it is waited in between: a minute
/// in all, so that nothing hangs.
const LOOKS: u32 = 12_000;
const PAUSE: Duration = Duration::from_millis(5);

impl Working {
    /// Starts it with signals as in a terminal, whatever this process was told to ignore (a shell
    /// without job control has what it puts into the background ignore SIGINT). It is at work once
    /// it listens to signals.
    fn start(args: &[&str]) -> Working {
        let usual = "--default-signal=HUP,INT,TERM";
        let program = env!("CARGO_BIN_EXE_kvorum");
        Working::of(Command::new("env").args([usual, program]).args(args))
    }

    fn of(command: &mut Command) -> Working {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut working = Working(piped.spawn().expect("it starts"));
        working.wait_for(|it| it.catches("TERM"));
        working
    }

    fn wait_for(&mut self, ready: impl Fn(&Working) -> bool) {
        for _ in 0..LOOKS {
            if ready(self) {
                return;
            }
            let ended = self.0.try_wait().expect("it can be asked");
            assert_eq!(ended, None, "it ended before it was asked to");
            sleep(PAUSE);
        }
        panic!("it isn't ready within a minute");
    }

    /// Whether it has a handler for a signal.
    fn catches(&self, signal: &str) -> bool {
        let bit = match signal {
            "HUP" => 0,
            "INT" => 1,
            _ => 14,
        };
        let path = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        // One that has ended has none.
        let mask = mask.map_or(Ok(0), |mask| u64::from_str_radix(mask.trim(), 16));
        mask.expect("a number") & (1 << bit) != 0
    }

    /// How much CPU time it has used, in hundredths of a second.
    fn cpu_ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.0.id());
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        // utime is the twelfth field behind the name, which stands in parentheses.
        let (_, rest) = stat.rsplit_once(") ").unwrap_or_default();
        let ticks = rest.split(' ').nth(11).map_or(Ok(0), str::parse);
        ticks.expect("a number")
    }

    fn signal(&self, signal: &str) {
        assert!(
            self.catches(signal),
            "SIG{signal} would end it, or not be heard"
        );
        self.send(signal);
    }

    fn send(&self, signal: &str) {
        let mut kill = Command::new("kill");
        let kill = kill.arg(format!("-{signal}")).arg(self.0.id().to_string());
        assert!(kill.status().expect("kill can be run").success());
    }

    /// Its exit code, what it printed, and what it complained of.
    fn end(self) -> (Option<i32>, String, String) {
        let ended: Output = self.0.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (ended.status.code(), text(ended.stdout), text(ended.stderr))
    }
}

fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

fn is_begun(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.len() > 0)
}

#[test]
fn an_interrupted_sweep_tells_and_writes_what_it_knows() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let (path, report) = file(&format!("interrupted-{signal}.json"));
        let args = ["sweep", "--seeds", "0..100000000", "--storm", "1s"];
        let more = ["--report", &report, "--json"];
        let working = Working::start(&[&args[..], &more].concat());
        working.signal(signal);
        let (exit, out, err) = working.end();
        assert_eq!(exit, Some(code), "{err}");
        let told = object(&out);
        assert_eq!(told["interrupted"]["signal"], format!("SIG{signal}"));
        assert_eq!(told["interrupted"]["runs_in_all"], 100_000_000);
        let runs = told["runs"].as_u64().expect("a number");
        let place = format!("interrupted by SIG{signal} after {runs} of 100000000 runs");
        assert!(err.contains(&place), "{err}");
        let written = std::fs::read_to_string(path).expect("a report");
        assert_eq!(object(&written), told);
    }
}

#[test]
fn an_interrupted_search_tells_how_far_it_came() {
    let args = ["explore", "--timeouts", "6", "--commands", "3", "--json"];
    let mut working = Working::start(&args);
    working.wait_for(|it| it.cpu_ticks() > 20);
    working.signal("INT");
    let (exit, out, err) = working.end();
    let told = object(&out);
    assert_eq!(
        (exit, &told["exhausted"]),
        (Some(130), &false.into()),
        "{err}"
    );
    let place = format!("interrupted by SIGINT after {} worlds", told["worlds"]);
    assert!(err.contains(&place), "{err}");
}

#[test]
fn a_report_that_was_cut_short_answers_no_later_sweep() {
    let (path, report) = file("cut-short.json");
    let args = ["sweep", "--storm", "1s", "--report", &report, "--json"];
    let (_, whole) = json(&[&args[..], &["--seeds", "0..2"]].concat());
    let mut cut = whole;
    cut["runs"] = 1.into();
    cut["interrupted"] =
        serde_json::json!({"signal": "SIGINT", "runs_in_all": 2, "next_seed": "1"});
    std::fs::write(path, cut.to_string()).expect("it can be written");
    let (exit, told) = json(&[&args[..], &["--seeds", "0..2"]].concat());
    assert_eq!((exit, &told["runs"]), (0, &Value::from(2)));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (pipe, name) = file("pipe");
    let made = Command::new("mkfifo").arg(&name).status();
    assert!(made.expect("mkfifo can be run").success());
    // Nobody reads the pipe: the report is never written.
    let args = [
        "sweep",
        "--seeds",
        "0..100000000",
        "--storm",
        "1s",
        "--report",
        &name,
    ];
    let working = Working::start(&args);
    working.signal("INT");
    working.signal("TERM");
    let (exit, out, _) = working.end();
    // Which of two signals under way is seen first is the system's affair.
    assert!(matches!(exit, Some(130 | 143)), "{exit:?}");
    assert_eq!(out, "");
    std::fs::remove_file(pipe).expect("it is there");
}

#[test]
fn what_is_ignored_from_the_start_stays_ignored() {
    let (_, report) = file("nohup.json");
    let program = env!("CARGO_BIN_EXE_kvorum");
    let script = format!(
        "trap '' HUP; exec env --default-signal=INT,TERM {program} sweep --seeds 0..100000000 --storm 1s --report {report} --json"
    );
    let working = Working::of(Command::new("sh").arg("-c").arg(script));
    assert!(!working.catches("HUP"));
    working.send("HUP");
    working.signal("INT");
    let (exit, out, err) = working.end();
    assert_eq!(exit, Some(130), "{err}");
    assert_eq!(object(&out)["interrupted"]["signal"], "SIGINT");
}

#[test]
fn an_interrupted_run_has_files_up_to_where_it_was() {
    let ((trace_path, trace), (_, record)) = (file("cut.jsonl"), file("cut.json"));
    let args = ["run", "lab", "--until", "24h", "--load", "50", "--json"];
    let more = ["--trace", &trace, "--record", &record];
    let mut working = Working::start(&[&args[..], &more].concat());
    working.wait_for(|_| is_begun(&trace_path));
    working.signal("INT");
    let (exit, out, err) = working.end();
    let told = object(&out);
    assert_eq!(exit, Some(130), "{err}");
    assert_eq!(told["interrupted"]["signal"], "SIGINT");
    assert_eq!(told["interrupted"]["before"], 86_400_000_000_u64);
    assert!(err.contains("interrupted by SIGINT at "), "{err}");
    assert!(err.contains(" of 86400.000000 s"), "{err}");
    let trace = std::fs::read_to_string(trace_path).expect("a trace");
    let lines: Vec<Value> = trace.lines().map(object).collect();
    let events = lines.iter().filter(|line| line.get("seq").is_some());
    assert_eq!(told["events"].as_u64(), Some(events.count() as u64));
    let (exit, again) = json(&["replay", &record, "--json"]);
    assert_eq!((exit, &again["hash"]), (0, &told["hash"]));
    assert_eq!(again["ended"], told["ended"]);
}

/// Seeds of which every one fails before long.
const FAILING: [&str; 6] = [
    "sweep",
    "--rules=-majority-quorum",
    "--storm",
    "5s",
    "--keep-going",
    "--json",
];

#[test]
fn what_an_interrupted_sweep_has_found_outranks_the_signal() {
    let ((path, report), (_, record)) = (file("found.json"), file("found-failing.json"));
    let _ = std::fs::remove_file(path);
    // The first seeds fail within a moment, and nothing says so before the end.
    let seeds = ["--seeds", "0..100000000", "--jobs", "1"];
    let files = ["--report", &report, "--record", &record];
    let mut working = Working::start(&[&FAILING[..], &seeds, &files].concat());
    let ran = |it: &Working| it.cpu_ticks() > 200;
    working.wait_for(ran);
    working.signal("TERM");
    let (exit, out, err) = working.end();
    let told = object(&out);
    assert!(
        told["failures"].as_u64().is_some_and(|many| many > 0),
        "{told}"
    );
    assert_eq!(told["interrupted"]["signal"], "SIGTERM");
    assert!(err.contains("interrupted by SIGTERM after "), "{err}");
    assert_eq!(exit, Some(1));
    assert_eq!(json(&["replay", &record, "--json"]).0, 1);
}

/// A history that no search is soon through with: many appends that are under way together, and a
/// read of a little less than all of them.
fn hard() -> String {
    let line = |client: u32, op: &str, input: String, output: String, times: [u32; 2]| {
        let [invoke, returned] = times;
        format!(
            "{{\"client\":{client},\"key\":\"x\",\"op\":\"{op}\",\"input\":{input},\"output\":{output},\"invoke\":{invoke},\"return\":{returned}}}\n"
        )
    };
    let mut lines = String::new();
    for client in 1..=40_u32 {
        let text = format!("\"{}\"", "a".repeat(client as usize));
        lines += &line(client, "append", text, "{\"ok\":true}".into(), [1, 100]);
    }
    let found = format!("{{\"value\":\"{}\"}}", "a".repeat(40 * 41 / 2 - 1));
    lines + &line(91, "get", "null".into(), found, [101, 102])
}

#[test]
fn an_interrupted_check_tells_what_is_decided() {
    let (path, name) = file("hard.jsonl");
    let easy = "{\"client\":99,\"key\":\"y\",\"op\":\"put\",\"input\":\"1\",\"output\":{\"ok\":true},\"invoke\":1,\"return\":2}\n";
    std::fs::write(path, hard() + easy).expect("it can be written");
    let working = Working::start(&["check", &name, "--budget", "24h", "--json"]);
    working.signal("INT");
    let (exit, out, err) = working.end();
    assert_eq!(exit, Some(130), "{err}");
    assert!(err.contains("interrupted by SIGINT after "), "{err}");
    let told = object(&out);
    assert_eq!(told["interrupted"]["signal"], "SIGINT");
    assert_eq!(told["verdict"], "unknown");
}

#[test]
fn what_an_interrupted_check_has_found_outranks_the_signal() {
    let (path, name) = file("bad-and-hard.jsonl");
    let bad = |key: &str, value: &str| {
        format!(
            "{{\"client\":98,\"key\":\"{key}\",\"op\":\"get\",\"output\":{{\"value\":\"{value}\"}},\"invoke\":1,\"return\":2}}\n"
        )
    };
    std::fs::write(path, bad("a", "never written") + &hard()).expect("it can be written");
    let mut working = Working::start(&["check", &name, "--budget", "24h", "--json"]);
    working.wait_for(|it| it.cpu_ticks() > 50);
    working.signal("INT");
    let (exit, out, err) = working.end();
    assert!(err.contains("interrupted by SIGINT after "), "{err}");
    let told = object(&out);
    assert_eq!(told["verdict"], "not_linearizable");
    assert_eq!(exit, Some(1));
}
