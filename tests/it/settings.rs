//! The table of settings: it is complete, its bounds are those that hold, and changed settings go
//! into a link and come back.

use kvorum::base::json::{self, Json};
use kvorum::base::{Ratio, Span};
use kvorum::raft::Rule;
use kvorum::sim::settings::{FIELDS, Field, Unit};
use kvorum::sim::{Settings, SettingsError, Simulation};
use kvorum::view::{english, unfit};

/// The names of all leaves of a JSON object, with dots. Rules are one setting.
fn leaves(json: &Json, path: &str, found: &mut Vec<String>) {
    match json {
        Json::Object(fields) if !path.ends_with("rules") => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                leaves(value, &format!("{path}{dot}{name}"), found);
            }
        }
        _ => found.push(path.into()),
    }
}

/// What a reader gets to see of an error.
fn said(error: &SettingsError) -> String {
    english().text(&unfit(error))
}

/// Settings that differ from the usual ones in every field.
fn changed() -> Settings {
    let mut settings = Settings::default();
    for field in FIELDS {
        let text = match (field.unit, field.name) {
            (Unit::Priorities, _) => "1,2".into(),
            (Unit::Rules, _) => "-pre-vote".into(),
            (Unit::ShardRules, _) => "-tombstone".into(),
            (Unit::Logs, _) => "1:1".into(),
            (Unit::Placement, _) => "teams".into(),
            (_, "shards.count") => "9".into(),
            // A quarter of the keys with which shards are split.
            (_, "shards.merge_keys") => "250000".into(),
            (_, "shards.heartbeat") => "77ms".into(),
            (_, "shards.suspect_after") => "78ms".into(),
            (_, "timing.heartbeat") => "77ms".into(),
            (_, name) if name.ends_with("_min") => "7001us".into(),
            _ => match field.number(&settings) {
                Some(usual) if usual == field.high => field.unit.written(field.low),
                _ => field.unit.written(field.high),
            },
        };
        settings.set(field.name, &text).unwrap();
    }
    settings
        .set("timing.election_timeout", "170ms..1h")
        .unwrap();
    settings
}

#[test]
fn every_setting_stands_in_the_table_once() {
    // What is as usual isn't written: so nothing is.
    let text = serde_json::to_string(&changed()).unwrap();
    let mut written = Vec::new();
    leaves(&json::parse(&text).unwrap(), "", &mut written);
    written.sort();
    let mut known: Vec<_> = FIELDS.iter().map(|field| field.name.to_owned()).collect();
    known.sort();
    assert_eq!(known, written);
}

#[test]
fn what_the_table_allows_can_be_and_is_read_again() {
    let settings = Settings {
        // That doesn't go with many shards.
        start: Vec::new(),
        ..changed()
    };
    assert_eq!(settings.check(), Ok(()));
    let text = serde_json::to_string(&settings).unwrap();
    let again: Settings = json::parse(&text).unwrap().read().unwrap();
    assert_eq!(again, settings);
    assert!(Simulation::new(settings, 1).is_ok());
}

#[test]
fn the_bounds_of_the_table_are_those_of_the_check() {
    let numbers = || {
        FIELDS
            .iter()
            .filter(|it| it.number(&Settings::default()).is_some())
    };
    for field in numbers() {
        for beyond in [field.low.checked_sub(1), field.high.checked_add(1)] {
            let Some(beyond) = beyond.filter(|_| field.unit != Unit::Switch) else {
                continue;
            };
            let (group, name) = field.parts();
            let inner = format!(r#"{{"{name}":{beyond}}}"#);
            let text = match group {
                "" => inner,
                _ => format!(r#"{{"{group}":{inner}}}"#),
            };
            let read: Settings = json::parse(&text).unwrap().read().unwrap();
            let error = read.check().unwrap_err();
            assert_eq!(error.field, field.name, "{text}: {error}");
            assert_eq!(error.why.name(), "not-between", "{error}");
        }
    }
    assert!(numbers().count() > 40);
}

#[test]
fn what_is_written_is_read_again() {
    let mut settings = Settings::default();
    let changes = [
        ("nodes", "7"),
        ("timing.heartbeat", "40500us"),
        ("timing.max_chunk", "64KiB"),
        ("clients.session_timeout", "0ms"),
        ("link.loss", "0.25%"),
        ("link.reorder", "on"),
        ("priorities", "2,0,1"),
        ("rules", "-pre-vote,-check-quorum"),
        ("start", "7:1,1,4/6:1,1/0:"),
        ("link.latency", "8ms..14ms"),
        ("timing.election_timeout", "1s..1h"),
    ];
    for (name, text) in changes {
        settings.set(name, text).unwrap();
        assert_eq!(settings.get(name).as_deref(), Ok(text), "{name}");
    }
    let mut again = Settings::default();
    for field in FIELDS {
        again.set(field.name, &field.text(&settings)).unwrap();
    }
    assert_eq!(again, settings);
    settings.set("rules", "all").unwrap();
    settings.set("start", "empty").unwrap();
    settings.set("priorities", "").unwrap();
    for name in ["rules", "start", "priorities"] {
        let usual = Settings::default();
        assert_eq!(settings.get(name), usual.get(name));
    }
}

#[test]
fn units_are_read() {
    let read = |name: &str, text: &str| {
        let field = Field::find(name).unwrap();
        let mut settings = Settings::default();
        let set = field.set(&mut settings, text);
        set.map(|()| field.number(&settings).unwrap())
    };
    let cases = [
        ("timing.heartbeat", "1.5ms", 1_500),
        ("timing.heartbeat", " 20 ms ", 20_000),
        ("timing.heartbeat", "0.0015s", 1_500),
        ("timing.heartbeat", "1MS", 1_000),
        ("clients.session_timeout", "1m", 60_000_000),
        ("clients.session_timeout", "0.5h", 1_800_000_000),
        ("clients.session_timeout", "0", 0),
        ("link.loss", "5 %", 50_000),
        ("link.loss", "20ppm", 20),
        ("link.loss", "100.000%", 1_000_000),
        ("timing.max_chunk", "1.5kB", 1_500),
        ("timing.max_chunk", "1.5KiB", 1_536),
        ("timing.max_chunk", "512", 512),
        ("snapshot_every", "1_500", 1_500),
        ("link.reorder", "yes", 1),
    ];
    for (name, text, number) in cases {
        assert_eq!(read(name, text), Ok(number), "{name} = {text}");
    }
}

#[test]
fn what_is_no_value_is_refused_by_name_and_changes_nothing() {
    let cases = [
        ("nodes", "0", "0 is not between 1 and 101"),
        ("nodes", "1.5", "“1.5” is too large, or finer than one"),
        ("nodes", "", "“” is not a whole number"),
        ("nodes", "five", "“five” is not a whole number"),
        ("nodes", "-1", "“-1” is not a whole number"),
        ("nodes", "5ms", "“5ms” is not a whole number"),
        ("nodes", "18446744073709551616", "too large"),
        (
            "timing.heartbeat",
            "50",
            "“50” is not a number with its unit",
        ),
        (
            "timing.heartbeat",
            "0",
            "0 ms is not between 1 ms and 3600 s",
        ),
        (
            "timing.heartbeat",
            "1.2.3ms",
            "is not a number with its unit",
        ),
        ("timing.heartbeat", "1.0005ms", "finer than a microsecond"),
        ("timing.heartbeat", "99999999999999999h", "too large"),
        (
            "timing.heartbeat",
            "3 days",
            "is not a number with its unit",
        ),
        ("link.loss", "0.05", "“0.05” is not a share in per cent"),
        ("link.loss", "101%", "101% is not between 0% and 100%"),
        ("link.loss", "0.00001%", "finer than one part in a million"),
        (
            "timing.max_chunk",
            "2GiB",
            "2048 MiB is not between 1 and 1024 MiB",
        ),
        ("link.reorder", "maybe", "“maybe” is neither on nor off"),
        ("priorities", "1,256", "“256” is not a number from 0 to 255"),
        ("rules", "-no-such", "there is no rule “no-such”"),
        ("start", "1,1", "for each server its term, a colon"),
        ("start", "1:x", "“x” is not a term"),
        (
            "clients.session_timeout",
            "3600000001us",
            "3600000001 us is not between",
        ),
        (
            "link.latency_max",
            "2h",
            "7200 s is not between 0 ms and 3600 s",
        ),
    ];
    for (name, text, why) in cases {
        let mut settings = Settings::default();
        let error = settings.set(name, text).unwrap_err();
        assert!(said(&error).contains(why), "{name} = {text}: {error}");
        assert_eq!(error.field, name);
        assert_eq!(settings, Settings::default());
    }
    let mut settings = Settings::default();
    let error = settings.set("link.latency", "9ms..8ms").unwrap_err();
    let why = "link.latency_max: 8 ms is less than the minimum, 9 ms";
    assert_eq!(said(&error), why);
    assert_eq!(settings, Settings::default());
}

#[test]
fn unknown_names_are_refused_with_those_that_there_are() {
    let mut settings = Settings::default();
    let error = said(&settings.set("heartbeat", "50ms").unwrap_err());
    let why =
        "settings: there is no setting “heartbeat”; there are timing.heartbeat, shards.heartbeat";
    assert_eq!(error, why);
    let error = said(&settings.get("x").unwrap_err());
    assert!(
        error.contains("nodes, timing.election_timeout_min,"),
        "{error}"
    );
}

#[test]
fn the_end_of_a_range_needs_no_other_to_be_set_first() {
    let mut settings = Settings::default();
    settings.set("timing.election_timeout_min", "2s").unwrap();
    assert!(settings.check().is_err());
    settings.set("timing.election_timeout_max", "3s").unwrap();
    settings.set("link.loss", "1%").unwrap();
    settings.set("rules", "-pre-vote").unwrap();
    assert_eq!(settings.check(), Ok(()));
    assert_eq!(settings.timing.election_timeout_min, Span::secs(2));
    assert_eq!(settings.link.loss, Ratio::percent(1));
    assert!(!settings.rules.has(Rule::PreVote));
}

#[test]
fn what_does_not_go_with_many_shards_is_refused_by_name() {
    let check = |sets: &[(&str, &str)]| {
        let mut settings = Settings::default();
        settings.set("shards.count", "4").unwrap();
        for (name, text) in sets {
            settings.set(name, text).unwrap();
        }
        settings.check().map_err(|error| said(&error))
    };
    assert_eq!(check(&[("nodes", "1500")]), Ok(()));
    for (sets, error) in [
        (
            &[("nodes", "2")][..],
            "shards.replicas: 3 is more than there are nodes, 2",
        ),
        (
            &[("shards.racks", "6")],
            "shards.racks: 6 is more than there are nodes, 5",
        ),
        (
            &[("shards.heartbeat", "1s")],
            "shards.heartbeat: 1000 ms is not below shards.suspect_after, 1000 ms",
        ),
        (
            &[("shards.dead_after", "1s")],
            "shards.suspect_after: 1000 ms is not below shards.dead_after, 1000 ms",
        ),
        (
            &[("start", "1:1")],
            "start: disks that hold something go with one group only",
        ),
    ] {
        assert_eq!(check(sets), Err(error.into()));
    }
    // Without them there are fewer nodes.
    let mut settings = Settings::default();
    settings.set("nodes", "1500").unwrap();
    assert_eq!(
        said(&settings.check().unwrap_err()),
        "nodes: 1500 is not between 1 and 101"
    );
    let beyond = settings.set("nodes", "2001").unwrap_err();
    assert_eq!(said(&beyond), "nodes: 2001 is not between 1 and 101");
}
