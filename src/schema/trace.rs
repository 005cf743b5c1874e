//! `docs/trace.schema.json`: the lines of a trace, for whoever reads one.

use super::checker::Checker;
use super::{assert_golden, plain_descriptions};
use crate::cli::trace::{Beside, Format, Header, Line, Trace};
use crate::run::sweep::{Profile, SweepPlan};
use crate::sim::{EventKind, Simulation};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A line of a trace: the first one, an event, or what stands beside the events.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only the types are of interest here")]
enum AnyLine {
    First(Header<'static>),
    Event(Line<'static>),
    Beside(Beside<'static>),
}

fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<AnyLine>();
    schema.insert("title".into(), json!("A line of a trace of Kvorum"));
    let mut schema = schema.to_value();
    plain_descriptions(&mut schema);
    schema
}

/// The lines of a few storms with all faults, blind and aimed, changes of the members and snapshots.
fn storms() -> Vec<Value> {
    let mut text = Vec::new();
    for seed in 0..24 {
        let plan = SweepPlan {
            profile: [Profile::Rough, Profile::Hostile][seed as usize % 2],
            // Who is paused while it writes hears of it later.
            fixed: [("chaos.pause", "80%"), ("chaos.disk", "80%")]
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            ..SweepPlan::default()
        };
        let mut run = Simulation::new(plan.settings(seed), seed).expect("it can be");
        let mut trace = Trace::new(Format::Kvorum, true);
        Trace::watch(&mut run);
        trace.begin(&run, &mut text).expect("memory is there");
        let (mut events, mut asides) = (Vec::new(), Vec::new());
        while run.now().0 < 6_000_000 && run.step().went() {
            run.take_events(&mut events);
            run.take_asides(&mut asides);
            let told = trace.write(&run, &events, &asides, &mut text);
            told.expect("memory is there");
            events.clear();
            asides.clear();
        }
    }
    let text = String::from_utf8(text).expect("it is text");
    let value = |line| serde_json::from_str(line).expect("a line is a value");
    text.lines().map(value).collect()
}

/// The names of all fields that a schema speaks of.
fn fields(schema: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(words) => {
            let named = words.get("properties").and_then(Value::as_object);
            into.extend(named.into_iter().flat_map(|it| it.keys().cloned()));
            words.values().for_each(|it| fields(it, into));
        }
        Value::Array(items) => items.iter().for_each(|it| fields(it, into)),
        _ => {}
    }
}

/// What kind of line it is and which fields it has: lines alike need not all be looked at.
fn shape(line: &Value) -> String {
    let kind = ["event", "decision", "action", "why"].map(|name| &line[name]);
    let fields = line.as_object().expect("an object").keys();
    let packet = &line["kind"]["type"];
    format!("{kind:?} {packet} {:?}", fields.collect::<Vec<_>>())
}

#[test]
fn the_schema_of_traces_is_that_of_their_types() {
    let text = serde_json::to_string_pretty(&schema()).expect("it is JSON");
    assert_golden("docs/trace.schema.json", &(text + "\n"));
}

#[test]
fn the_lines_of_storms_fit_the_schema() {
    let schema = schema();
    let mut known = BTreeSet::new();
    fields(&schema, &mut known);
    let (checker, mut kinds) = (Checker(&schema), BTreeSet::new());
    let mut seen = BTreeMap::new();
    for line in storms() {
        let times = seen.entry(shape(&line)).or_insert(0);
        *times += 1;
        if *times > 10 {
            continue;
        }
        assert_eq!(checker.check(&line), Vec::<String>::new(), "{line}");
        for name in line.as_object().expect("an object").keys() {
            assert!(known.contains(name), "{name} in {line}");
        }
        kinds.extend(line["event"].as_str().map(str::to_owned));
    }
    let beside = ["heard", "stepped"];
    let seen = |name: &&&str| kinds.contains(**name);
    let seen = EventKind::NAMES.iter().chain(&beside).filter(seen);
    assert!(seen.count() > 20, "{kinds:?}");
    assert!(beside.iter().all(|it| kinds.contains(*it)), "{kinds:?}");
    for wrong in [
        json!({ "seq": 1, "at": 2, "event": "restarted", "node": 3 }),
        json!({ "seq": 1, "at": 2, "event": "flown", "node": 3 }),
        json!({ "at": 2, "event": "heard", "node": "S3", "synced": 4 }),
    ] {
        assert!(!checker.check(&wrong).is_empty(), "{wrong}");
    }
}
