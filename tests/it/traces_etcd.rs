//! `--trace-format etcd`: the lines have the shape that the trace validation of etcd's Raft reads
//! (`state_trace.go` and `tla/Traceetcdraft.tla` of etcd-io/raft).

use crate::cli::{code, err, file, kvorum};
use serde_json::Value;
use std::collections::BTreeMap;

/// The names of the events that the specification's trace knows.
const NAMES: [&str; 16] = [
    "InitState",
    "BecomeCandidate",
    "BecomeFollower",
    "BecomeLeader",
    "Commit",
    "Replicate",
    "ApplyConfChange",
    "Ready",
    "SendAppendEntriesRequest",
    "ReceiveAppendEntriesRequest",
    "SendAppendEntriesResponse",
    "ReceiveAppendEntriesResponse",
    "SendRequestVoteRequest",
    "ReceiveRequestVoteRequest",
    "SendRequestVoteResponse",
    "ReceiveRequestVoteResponse",
];

/// A lesson in that format: its events, and what was said.
fn told(lesson: &str) -> (i32, Vec<Value>, String) {
    let (path, name) = file(&format!("etcd-{lesson}.ndjson"));
    let output = kvorum(&["run", lesson, "--trace", &name, "--trace-format", "etcd"]);
    let text = std::fs::read_to_string(path).expect("it was written");
    let line = |line| {
        let mut value: Value = serde_json::from_str(line).expect("a line is a value");
        assert_eq!(value["tag"], "trace");
        value["event"].take()
    };
    (
        code(&output),
        text.lines().map(line).collect(),
        err(&output),
    )
}

fn fields(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut names: Vec<_> = object.keys().map(String::as_str).collect();
    names.retain(|name| *name != "msg" && *name != "prop");
    names.sort_unstable();
    names
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

#[test]
fn every_line_has_the_fields_of_etcd() {
    let (exit, events, said) = told("leader-crash");
    assert_eq!(exit, 0, "{said}");
    for event in &events {
        let name = event["name"].as_str().expect("a name");
        assert!(NAMES.contains(&name), "{name}");
        assert_eq!(
            fields(event),
            ["conf", "log", "name", "nid", "role", "state"]
        );
        assert_eq!(fields(&event["state"]), ["commit", "term", "vote"]);
        assert!(event["nid"].is_string() && event["state"]["vote"].is_string());
        let conf = event["conf"].as_array().expect("two lists");
        assert!(conf.len() == 2 && conf.iter().all(Value::is_array));
        let of_message = name.starts_with("Send") || name.starts_with("Receive");
        assert_eq!(event.get("msg").is_some(), of_message, "{name}");
        if of_message {
            let expected = [
                "commit",
                "entries",
                "from",
                "index",
                "logTerm",
                "reject",
                "rejectHint",
                "term",
                "to",
                "type",
                "vote",
            ];
            assert_eq!(fields(&event["msg"]), expected);
        }
    }
    let many = |name: &str| events.iter().filter(|it| it["name"] == name).count();
    assert!(
        NAMES.iter().all(|name| many(name) > 0),
        "{:?}",
        NAMES.map(many)
    );
}

/// The founders' configuration comes first, an entry for each; indexes and terms count from there.
#[test]
fn servers_begin_with_the_founders() {
    let (_, events, _) = told("replication");
    let first: Vec<_> = events
        .iter()
        .filter(|it| it["nid"] == "2")
        .take(8)
        .collect();
    let names = first
        .iter()
        .map(|it| it["name"].as_str().unwrap_or_default());
    let apply = ["ApplyConfChange"; 5];
    let begin = ["InitState", "BecomeFollower"].into_iter();
    assert!(names.eq(begin.chain(apply).chain(["Ready"])));
    let ready = first[7];
    assert_eq!(
        (&ready["log"], &ready["state"]["commit"]),
        (&5.into(), &5.into())
    );
    let leader = events
        .iter()
        .find(|it| it["name"] == "BecomeLeader")
        .expect("one leads");
    assert!(number(&leader["state"]["term"]) >= 2);
}

/// What arrives was sent before, and handed over by a Ready.
#[test]
fn what_arrives_was_sent_and_ready() {
    let (_, events, _) = told("network-partition");
    let (mut waiting, mut sent) = (Vec::new(), BTreeMap::new());
    let mut arrived = 0;
    for event in &events {
        let (name, message) = (event["name"].as_str().expect("a name"), &event["msg"]);
        if name.starts_with("Send") {
            waiting.push(message.to_string());
        } else if name == "Ready" {
            for message in waiting.drain(..) {
                *sent.entry(message).or_insert(0) += 1;
            }
        } else if name.starts_with("Receive") {
            let left: &mut i32 = sent.entry(message.to_string()).or_default();
            assert!(*left > 0, "{event} was never sent");
            *left -= 1;
            arrived += 1;
        }
    }
    assert!(arrived > 80, "{arrived}");
}

/// A leader commits what a majority of five has acknowledged to it, itself among them.
#[test]
fn a_majority_answers_before_a_commit() {
    let (_, events, _) = told("network-partition");
    let mut known = BTreeMap::new();
    let mut commits = 0;
    for event in &events {
        let (node, message) = (event["nid"].to_string(), &event["msg"]);
        match event["name"].as_str().expect("a name") {
            "BecomeLeader" => {
                known.retain(|(leader, _), _| *leader != node);
                known.insert((node.clone(), node), number(&event["log"]));
            }
            "ReceiveAppendEntriesResponse" if message["reject"] == false => {
                let most = known
                    .entry((node, message["from"].to_string()))
                    .or_default();
                *most = number(&message["index"]).max(*most);
            }
            "Commit" => {
                let to = number(&event["state"]["commit"]);
                let has = known
                    .iter()
                    .filter(|((leader, _), most)| *leader == node && **most >= to);
                assert!(has.count() >= 3, "{event}");
                commits += 1;
            }
            _ => {}
        }
    }
    assert!(commits > 2, "{commits}");
}

#[test]
fn what_the_specification_lacks_is_said() {
    for (lesson, what) in [
        ("joining", "members"),
        ("removed-leader", "members"),
        ("install-snapshot", "snapshots"),
        ("figure-7", "beginning"),
        ("figure-8", "such commit"),
    ] {
        let (exit, events, said) = told(lesson);
        assert_eq!(exit, 2, "{lesson}: {said}");
        assert!(
            said.contains(what) && said.contains("isn't mapped"),
            "{said}"
        );
        assert!(
            events
                .iter()
                .all(|it| NAMES.contains(&it["name"].as_str().unwrap_or("?")))
        );
    }
}
