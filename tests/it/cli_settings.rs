//! Settings on the command line: each has a flag and a name.

use crate::cli::{code, err, file, json, kvorum, out};
use kvorum::run::Recording;
use kvorum::sim::settings::FIELDS;

fn recorded(args: &[&str]) -> Recording {
    let (path, name) = file("settings.json");
    let base = ["run", "lab", "--until", "1ms", "--record", &name];
    let output = kvorum(&[&base[..], args].concat());
    assert_eq!(code(&output), 0, "{args:?}: {}", err(&output));
    let text = std::fs::read_to_string(path).expect("it was written");
    serde_json::from_str(&text).expect("a recording")
}

#[test]
fn a_flag_and_a_name_set_the_same() {
    let flags = recorded(&[
        "--nodes",
        "3",
        "--election-timeout",
        "200ms..400ms",
        "--link-loss",
        "5%",
    ]);
    let settings = &flags.settings;
    assert_eq!(settings.nodes, 3);
    assert_eq!(settings.timing.election_timeout_min.0, 200_000);
    assert_eq!(settings.timing.election_timeout_max.0, 400_000);
    assert_eq!(settings.link.loss.0, 50_000);
    let names = ["--set", "nodes=3", "--set", "link.loss=5%"];
    let more = [
        "--set",
        "timing.election_timeout_max=400ms",
        "--set",
        "timing.election_timeout_min=200ms",
    ];
    assert_eq!(recorded(&[&names[..], &more].concat()).settings, *settings);
}

#[test]
fn every_setting_is_listed_and_has_a_flag() {
    let (exit, told) = json(&["run", "--settings", "--json"]);
    assert_eq!(exit, 0);
    let listed = told["settings"].as_array().expect("a list");
    let help = out(&kvorum(&["run", "--help"]));
    let text = out(&kvorum(&["run", "--settings"]));
    for field in FIELDS.iter().filter(|field| field.name != "rules") {
        let ends = ["_min", "_max"]
            .iter()
            .find_map(|end| field.name.strip_suffix(end));
        let name = ends.unwrap_or(field.name);
        let row = listed
            .iter()
            .find(|it| it["name"] == name)
            .unwrap_or_else(|| panic!("{name}"));
        let flag = row["flag"].as_str().expect("a flag");
        assert!(help.contains(&format!("\n      {flag} <")), "{flag}");
        assert!(text.contains(&format!("\n{flag} or {name}: ")), "{flag}");
        let usual = row["default"].as_str().expect("a text");
        if usual != "none" {
            let given = format!("{name}={usual}");
            assert_eq!(
                recorded(&[flag, usual]).settings,
                recorded(&["--set", &given]).settings
            );
        }
    }
}

#[test]
fn a_setting_that_cannot_be_is_refused_by_name() {
    for (args, named) in [
        (&["run", "lab", "--nodes", "0"][..], "--nodes"),
        (
            &["run", "lab", "--election-timeout", "5"],
            "--election-timeout",
        ),
        (
            &["run", "lab", "--election-timeout", "300ms..150ms"],
            "--election-timeout",
        ),
        (&["run", "lab", "--set", "link.los=5%"], "link.los"),
        (&["run", "lab", "--set", "nodes"], "NAME=VALUE"),
        (&["run", "lab", "--heartbeat", "400ms"], "timing.heartbeat"),
        (&["run", "--nodes", "3"], "SCENARIO"),
        (
            &["sweep", "--seeds", "0..2", "--heartbeat", "20ms"],
            "timing.heartbeat",
        ),
        (
            &["sweep", "--seeds", "0..2", "--set", "link.latency_min=5ms"],
            "both ends",
        ),
        (&["sweep", "--seeds", "0..2", "--set", "nodes=3"], "--nodes"),
        // A run of three servers has no room for it.
        (
            &["sweep", "--seeds", "0..2", "--priorities", "1,2,3,4"],
            "priorities",
        ),
    ] {
        let output = kvorum(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", out(&output));
        let said = err(&output);
        assert!(
            said.contains(named) && !said.contains("panicked"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn a_sweep_keeps_what_is_fixed_and_says_so() {
    let base = [
        "sweep", "--seeds", "0..4", "--storm", "1s", "--nodes", "3", "--json",
    ];
    let (_, drawn) = json(&base);
    let more = [
        "--priorities",
        "1,2,3",
        "--set",
        "load=0",
        "--chaos-crash",
        "0%",
    ];
    let (exit, fixed) = json(&[&base[..], &more].concat());
    assert_eq!(exit, 0, "{fixed}");
    let texts = serde_json::json!(["chaos.crash=0%", "priorities=1,2,3", "load=0"]);
    assert_eq!(fixed["sweep"]["settings"], texts);
    let of = |told: &serde_json::Value| told["coverage"]["crashes"].as_u64();
    assert!(of(&drawn) != Some(0), "{drawn}");
    assert_eq!(of(&fixed).unwrap_or(0), 0, "{fixed}");
}

#[test]
fn settings_that_hardly_work_are_doubted() {
    let args = ["run", "lab", "--until", "1s", "--election-timeout", "150ms"];
    let said = out(&kvorum(&args));
    assert!(
        said.contains("\nDoubtful settings: Election timeouts differ by 0 ms"),
        "{said}"
    );
    let (exit, told) = json(&[&args[..], &["--json"]].concat());
    assert_eq!(
        (exit, &told["doubts"][0]["doubt"]),
        (0, &"narrow_timeouts".into())
    );
    let said = out(&kvorum(&["run", "lab", "--until", "1s"]));
    assert!(!said.contains("Doubtful"), "{said}");
}
