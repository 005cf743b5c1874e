//! `--trace`: the lines beside the events, and what they carry.

use crate::runs::put;
use kvorum::base::{GroupId, NodeId, Span, Time};
use kvorum::cli::trace::{Format, Trace};
use kvorum::sim::{Action, DiskSettings, Settings, Simulation};
use serde_json::Value;

/// A run that is traced.
pub struct Traced {
    pub run: Simulation,
    trace: Trace,
    text: Vec<u8>,
}

impl Traced {
    pub fn new(settings: Settings, seed: u64, states: bool) -> Traced {
        Traced::go_on(Simulation::new(settings, seed).expect("it can be"), states)
    }

    /// A run that hasn't begun yet.
    pub fn go_on(mut run: Simulation, states: bool) -> Traced {
        Trace::watch(&mut run);
        let mut text = Vec::new();
        let mut trace = Trace::new(Format::Kvorum, states);
        trace.begin(&run, &mut text).expect("memory is there");
        Traced { run, trace, text }
    }

    pub fn run_until(&mut self, until: Time) {
        while self.run.next_at().is_some_and(|at| at <= until) && self.run.step().went() {
            self.tell();
        }
        self.run.wait_until(until);
    }

    /// Goes on until so many steps of the run are done.
    pub fn step_until(&mut self, processed: u64) {
        while self.run.processed() < processed && self.run.step().went() {
            self.tell();
        }
    }

    pub fn act(&mut self, action: Action) {
        self.run.apply(action).expect("it can be done");
        self.tell();
    }

    pub fn tell(&mut self) {
        let (mut events, mut asides) = (Vec::new(), Vec::new());
        self.run.take_events(&mut events);
        self.run.take_asides(&mut asides);
        let told = self
            .trace
            .write(&self.run, &events, &asides, &mut self.text);
        told.expect("memory is there");
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.text).expect("it is text")
    }

    fn lines(&self) -> Vec<Value> {
        let value = |line| serde_json::from_str(line).expect("a line is a value");
        self.text().lines().map(value).collect()
    }
}

/// Three servers; S2's disk is slow, it is paused while it writes, goes on, and crashes later.
fn paused_while_it_writes(states: bool) -> (u64, Vec<Value>) {
    let settings = Settings {
        nodes: 3,
        disk: DiskSettings {
            fsync_min: Span::millis(20),
            fsync_max: Span::millis(20),
        },
        ..Settings::default()
    };
    let node = NodeId(2);
    let mut traced = Traced::new(settings, 1, states);
    traced.act(Action::TimeOut {
        node: NodeId(1),
        group: GroupId::FIRST,
    });
    traced.run_until(Time::from_millis(400));
    traced.act(put("x", "1"));
    while traced
        .run
        .host(node)
        .expect("it is there")
        .disk()
        .due()
        .is_none()
    {
        traced.run_until(traced.run.next_at().expect("it goes on"));
    }
    traced.act(Action::Pause { node });
    traced.run_until(traced.run.now() + Span::millis(30));
    traced.act(Action::Resume { node });
    traced.run_until(Time::from_millis(900));
    traced.act(Action::Crash { node });
    traced.act(Action::Restart { node });
    traced.run_until(Time::from_millis(1_200));
    (traced.run.hash(), traced.lines())
}

#[test]
fn a_paused_server_hears_of_its_write_when_it_goes_on() {
    let (_, lines) = paused_while_it_writes(false);
    let place = |of: &dyn Fn(&Value) -> bool| lines.iter().position(of).expect("it is there");
    let heard = place(&|it| it["event"] == "heard");
    let resumed = place(&|it| it["event"] == "resumed");
    let synced = place(&|it| it["seq"] == lines[heard]["synced"] && it["seq"].is_u64());
    assert!(synced < resumed && resumed < heard);
    assert_eq!(lines[synced]["event"], "synced");
    assert_eq!(
        (&lines[synced]["node"], &lines[heard]["node"]),
        (&2.into(), &2.into())
    );
    assert!(lines[synced]["writes"].as_u64() > Some(0));
    // Its answer leaves only then.
    let answers = |it: &Value| it["event"] == "sent" && it["cause"] == lines[heard]["synced"];
    assert!(place(&answers) > heard);
    let many = lines.iter().filter(|it| it["event"] == "heard").count();
    assert_eq!(many as u64, lines[synced]["writes"].as_u64().unwrap_or(0));
}

#[test]
fn a_restarted_server_tells_what_it_found() {
    let (_, lines) = paused_while_it_writes(false);
    let last = |event| {
        let mut back = lines.iter().rev();
        back.find(|it| it["event"] == event && it["node"] == 2)
            .expect("it is there")
    };
    let restarted = lines.iter().position(|it| it["event"] == "restarted");
    let before = &lines[..restarted.expect("it is there")];
    let synced = before
        .iter()
        .rev()
        .find(|it| it["event"] == "synced" && it["node"] == 2);
    let (restarted, synced) = (last("restarted"), synced.expect("it is there"));
    for field in ["term", "vote", "last", "snapshot"] {
        assert_eq!(restarted[field], synced[field], "{field}");
    }
    assert_eq!(
        (&restarted["vote"], &restarted["commit"]),
        (&1.into(), &0.into())
    );
}

#[test]
fn states_stand_behind_what_came_of_a_step_and_change_nothing() {
    let (hash, plain) = paused_while_it_writes(false);
    let (same, lines) = paused_while_it_writes(true);
    assert_eq!(hash, same);
    let states = |it: &&Value| it["event"] == "stepped";
    let others: Vec<_> = lines.iter().filter(|it| !states(it)).collect();
    assert!(others.len() == plain.len() && others.iter().zip(&plain).all(|(a, b)| *a == b));
    // A leader's commit index is in its state from the step on in which it decided so.
    let decided = |it: &Value| it["decision"] == "committed" && it["as_leader"] == true;
    let committed = lines.iter().position(decided).expect("it is there");
    let leader = |it: &&Value| states(it) && it["node"] == lines[committed]["node"];
    let after = lines[committed..].iter().find(leader).expect("it is there");
    let before = lines[..committed]
        .iter()
        .rfind(leader)
        .expect("it is there");
    assert_eq!(after["commit"], lines[committed]["to"]);
    assert_eq!(before["commit"], lines[committed]["from"]);
    assert_eq!(
        (&after["role"], &after["vote"]),
        (&"leader".into(), &1.into())
    );
}

#[test]
fn an_append_carries_what_a_step_needs() {
    let (_, lines) = paused_while_it_writes(false);
    let append = |it: &&Value| it["kind"]["type"] == "append_entries";
    let sent = lines
        .iter()
        .find(|it| append(it) && it["event"] == "sent")
        .expect("it is there");
    let run = &sent["terms"][0];
    assert_eq!((&run["term"], &run["entries"]), (&1.into(), &1.into()));
    assert_eq!(
        (&sent["prev"]["index"], &sent["commit"]),
        (&0.into(), &0.into())
    );
    let same = |it: &&Value| it["event"] == "delivered" && it["message"] == sent["message"];
    let arrived = lines.iter().find(same).expect("it is there");
    for field in ["prev", "terms", "commit", "round"] {
        assert!(
            !sent[field].is_null() && arrived[field] == sent[field],
            "{field}"
        );
    }
}
