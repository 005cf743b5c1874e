//! The oracle accepts what keeps to the paper, and refuses what doesn't: lessons, storms, rules that are
//! switched off, traces that were forged.

use super::{Refused, judge};
use crate::scenarios;
use crate::traces::Traced;
use kvorum::base::Time;
use kvorum::lesson::scenario;
use kvorum::raft::{Rule, Rules};
use kvorum::run::Playhead;
use kvorum::run::sweep::{Profile, SweepPlan};
use kvorum::sim::Simulation;
use serde_json::{Value, json};

/// The lessons that the oracle refuses: each breaks a rule of the paper that a trace's terms show. The others
/// that break something break what clients see of the state machine or of its clock (`duplicate-request`,
/// `lease-and-drift`).
const BROKEN: [&str; 11] = [
    "break-consensus",
    "figure-8",
    "forgotten-vote",
    "late-append",
    "majority-lost",
    "naive-membership",
    "removed-leader",
    "single-server-bug",
    "stale-read",
    "torn-write",
    "vote-restriction",
];

/// The trace of a run that was played before.
fn again(playhead: &Playhead) -> String {
    let run = playhead.simulation();
    let fresh = Simulation::new(run.settings().clone(), run.seed()).expect("it can be");
    let mut traced = Traced::go_on(fresh, true);
    for entry in playhead.actions().iter() {
        traced.step_until(entry.processed);
        traced.run.wait_until(entry.at);
        traced.act(entry.action.clone());
    }
    traced.step_until(run.processed());
    assert_eq!(traced.run.hash(), run.hash());
    traced.text().to_owned()
}

/// The trace of a storm.
fn storm(profile: Profile, rules: Rules, seed: u64, millis: u64) -> String {
    let plan = SweepPlan {
        profile,
        rules,
        ..SweepPlan::default()
    };
    let mut traced = Traced::new(plan.settings(seed), seed, seed.is_multiple_of(4));
    traced.run_until(Time::from_millis(millis));
    traced.text().to_owned()
}

/// The number of the line with our own finding, from 1.
fn finding(trace: &str) -> Option<usize> {
    let mut lines = trace.lines();
    let place = lines.position(|line| line.contains("\"event\":\"violated\""))?;
    Some(place + 1)
}

#[test]
fn it_knows_nothing_of_the_program() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/oracle");
    for file in std::fs::read_dir(folder).expect("it is there") {
        let path = file.expect("it can be read").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        let knows = text.contains(concat!("kvorum", "::")) || text.contains(concat!("crate", "::"));
        assert_eq!(knows, path.ends_with("tests.rs"), "{}", path.display());
    }
}

#[test]
fn it_judges_the_lessons() {
    let mut refused = Vec::new();
    for lesson in scenarios::lessons() {
        let trace = again(&scenarios::read(&lesson, lesson.seed, |_| {}));
        if let Err(Refused { line, why }) = judge(&trace) {
            let ours = finding(&trace);
            assert!(
                ours.is_some_and(|ours| line <= ours),
                "{}, line {line}: {why}",
                lesson.id
            );
            refused.push(lesson.id.to_string());
        }
    }
    refused.sort();
    assert_eq!(refused, BROKEN);
}

#[test]
fn it_accepts_storms() {
    let mut lines = 0;
    for seed in 0..240 {
        let profile = if seed % 2 == 0 {
            Profile::Rough
        } else {
            Profile::Hostile
        };
        let trace = storm(profile, Rules::ALL, seed, 5_000);
        let Refused { line, why } = match judge(&trace) {
            Ok(many) => {
                lines += many;
                continue;
            }
            Err(refused) => refused,
        };
        panic!("seed {seed}, line {line}: {why}");
    }
    assert!(lines > 1_000_000, "{lines}");
}

/// Rules without which a storm soon takes a step that isn't in the paper, whatever comes of it. Others
/// need a story: the lessons have those of `commit-own-term-only`, `joint-consensus` and `noop-before-change`.
const SHOWN_BY_STORMS: [Rule; 11] = [
    Rule::OneVotePerTerm,
    Rule::LogUpToDate,
    Rule::PreviousEntryMatches,
    Rule::TruncateOnlyOnConflict,
    Rule::MajorityQuorum,
    Rule::PersistVote,
    Rule::PersistLog,
    Rule::ReadIndexQuorum,
    Rule::ConfigurationOnAppend,
    Rule::RemovedLeaderStepsDown,
    Rule::BootstrapRecord,
];

#[test]
fn it_refuses_storms_without_a_rule() {
    for rule in SHOWN_BY_STORMS {
        let refused = (0..60).find_map(|seed| {
            let trace = storm(Profile::Hostile, Rules::ALL.without(rule), seed, 6_000);
            let (judged, ours) = (judge(&trace).err(), finding(&trace));
            let in_time = |line: usize| ours.is_none_or(|ours| line <= ours);
            assert!(
                judged.as_ref().is_none_or(|it| in_time(it.line)),
                "{}, seed {seed}: found before {judged:?}",
                rule.name()
            );
            judged.map(|it| (seed, it))
        });
        println!("{}: {refused:?}", rule.name());
        assert!(refused.is_some(), "{}", rule.name());
    }
}

/// How a trace is forged: the first line for which that can be is changed, or goes. It is shown the next one.
type Forgery = (&'static str, fn(&mut Value, &str) -> Change);

enum Change {
    No,
    Done,
    Gone,
}

fn add(value: &mut Value, by: i64) -> Change {
    let number = value.as_i64().expect("a number");
    *value = json!(number + by);
    Change::Done
}

fn is(line: &Value, event: &str, what: &str) -> bool {
    let kind = &line["kind"]["type"];
    line["event"] == event && (line["decision"] == what || *kind == what)
}

const FORGERIES: &[Forgery] = &[
    ("an append is altered on its way", |it, _| {
        match is(it, "delivered", "append_entries") {
            true => add(&mut it["commit"], 1),
            false => Change::No,
        }
    }),
    (
        "a leader names an entry before that it doesn't hold",
        |it, _| match is(it, "sent", "append_entries") && it["prev"]["index"] != 0 {
            true => add(&mut it["prev"]["term"], 1),
            false => Change::No,
        },
    ),
    ("a leader sends entries of another term", |it, _| {
        match is(it, "sent", "append_entries") {
            true => add(&mut it["terms"][0]["term"], 1),
            false => Change::No,
        }
    }),
    ("a leader says more is committed", |it, _| {
        match is(it, "sent", "heartbeat") {
            true => add(&mut it["commit"], 1),
            false => Change::No,
        }
    }),
    (
        "an answer leaves before the disk has what it says",
        |it, next| {
            let index = format!("\"success\":true,\"index\":{}}}", it["last"]["index"]);
            match it["event"] == "synced" && it["last"]["index"] != 0 && next.contains(&index) {
                true => Change::Gone,
                false => Change::No,
            }
        },
    ),
    ("a disk has what nobody wrote", |it, _| {
        match it["event"] == "synced" {
            true => add(&mut it["last"]["index"], 1),
            false => Change::No,
        }
    }),
    ("a vote wasn't counted", |it, _| {
        match is(it, "traced", "vote_counted") {
            true => Change::Gone,
            false => Change::No,
        }
    }),
    ("nobody stood", |it, _| {
        match is(it, "traced", "election_started") {
            true => Change::Gone,
            false => Change::No,
        }
    }),
    ("a candidate's log is longer than it is", |it, _| {
        match is(it, "sent", "request_vote") {
            true => add(&mut it["last"]["index"], 1),
            false => Change::No,
        }
    }),
    ("a vote goes to who didn't ask", |it, _| {
        match is(it, "traced", "vote_granted") {
            true => add(&mut it["to"], 1),
            false => Change::No,
        }
    }),
    ("a leader commits more", |it, _| {
        match it["as_leader"] == true {
            true => add(&mut it["to"], 1),
            false => Change::No,
        }
    }),
    ("a follower commits more", |it, _| {
        match it["as_leader"] == false {
            true => add(&mut it["to"], 1),
            false => Change::No,
        }
    }),
    ("an entry isn't applied", |it, _| {
        match it["event"] == "applied" {
            true => Change::Gone,
            false => Change::No,
        }
    }),
    ("an entry is applied out of turn", |it, _| {
        match it["event"] == "applied" {
            true => add(&mut it["id"]["index"], 1),
            false => Change::No,
        }
    }),
    ("a follower doesn't say what it stored", |it, _| {
        match is(it, "traced", "stored") {
            true => Change::Gone,
            false => Change::No,
        }
    }),
    ("a follower acknowledges more", |it, _| {
        match is(it, "sent", "append_entries_reply") && it["kind"]["success"] == true {
            true => add(&mut it["kind"]["index"], 1),
            false => Change::No,
        }
    }),
    ("a restart forgets the vote", |it, _| {
        match it["event"] == "restarted" && it["vote"].is_u64() {
            true => {
                it["vote"] = Value::Null;
                Change::Done
            }
            false => Change::No,
        }
    }),
    ("a restart forgets an entry", |it, _| {
        match it["event"] == "restarted" && it["last"]["index"] != 0 {
            true => add(&mut it["last"]["index"], -1),
            false => Change::No,
        }
    }),
    ("a restart knows what is committed", |it, _| {
        match it["event"] == "restarted" {
            true => add(&mut it["commit"], 1),
            false => Change::No,
        }
    }),
    ("a cut without a conflict", |it, _| {
        match is(it, "traced", "truncated") {
            true => add(&mut it["from"], -1),
            false => Change::No,
        }
    }),
    ("a snapshot of more than was applied", |it, _| {
        match is(it, "traced", "snapshot_taken") {
            true => add(&mut it["last"]["index"], 1),
            false => Change::No,
        }
    }),
    ("a server goes by other members", |it, _| {
        match is(it, "traced", "configuration_adopted") {
            true => {
                it["members"]["voters"] = json!([]);
                Change::Done
            }
            false => Change::No,
        }
    }),
    ("a read is confirmed that nobody asked", |it, _| {
        match is(it, "traced", "read_started") {
            true => Change::Gone,
            false => Change::No,
        }
    }),
];

#[test]
fn it_refuses_forged_traces() {
    let partition = scenario::find("network-partition").expect("it exists");
    let seeds = (1..24).filter(|seed| seed % 4 != 0);
    let profiles = [Profile::Rough, Profile::Hostile].into_iter().cycle();
    let traces: Vec<_> = seeds
        .zip(profiles)
        .map(|(seed, profile)| storm(profile, Rules::ALL, seed, 6_000))
        .chain([again(&scenarios::read(&partition, partition.seed, |_| {}))])
        .collect();
    for (name, forge) in FORGERIES {
        let mut refused = 0;
        for trace in &traces {
            let mut lines: Vec<_> = trace.lines().map(str::to_owned).collect();
            let done = (0..lines.len()).find(|&place| {
                let mut line = serde_json::from_str(&lines[place]).expect("a line is a value");
                let next = lines.get(place + 1).map_or("", String::as_str);
                match forge(&mut line, next) {
                    Change::No => return false,
                    Change::Done => lines[place] = line.to_string(),
                    Change::Gone => drop(lines.remove(place)),
                }
                true
            });
            if done.is_some() {
                let judged = judge(&lines.join("\n"));
                assert!(judged.is_err(), "{name}");
                refused += 1;
            }
            if refused == 3 {
                break;
            }
        }
        assert!(refused > 0, "{name}: nothing to forge");
    }
}
