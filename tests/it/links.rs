//! Links and recordings of strangers: whatever stands in one, it is refused by name, and early.

use kvorum::base::{Checksum, Ratio, Time, json};
use kvorum::lesson::scenario;
use kvorum::run::recording::check_id;
use kvorum::run::{Recording, link};
use kvorum::sim::{Action, Chaos};

/// The text of a recording with actions of several kinds.
fn text() -> String {
    let mut playhead = scenario::find("lab").unwrap().start(7).unwrap();
    let chaos = Chaos::all(Ratio::percent(5));
    for action in [
        r#"{"action":"set_load","per_second":50}"#,
        r#"{"action":"request","operation":{"op":"put","key":"y","value":"7"}}"#,
        r#"{"action":"crash","node":2}"#,
        r#"{"action":"heal"}"#,
    ] {
        playhead
            .act(json::parse(action).unwrap().read().unwrap())
            .unwrap();
        playhead.advance(
            playhead.now() + Time::from_millis(300).since(Time::ZERO),
            || true,
        );
    }
    playhead.act(Action::SetChaos { chaos }).unwrap();
    serde_json::to_string(&Recording::of(&playhead, Some("lab"))).unwrap()
}

fn read(text: &str) -> Result<Recording, String> {
    let recording = json::parse(text).and_then(|it| it.read());
    let recording: Recording = recording.map_err(|why| why.to_string())?;
    recording.check().map_err(|why| why.to_string())?;
    Ok(recording)
}

#[test]
fn the_id_of_a_scenario_has_an_alphabet() {
    for id in ["lab", "figure-8", &"a".repeat(40)] {
        check_id(id).unwrap();
    }
    for id in [
        "",
        "../api.html?logout=1&x=#",
        "a/b",
        "a.b",
        "a b",
        "A",
        "é",
        "lab\0",
        "\u{202e}lab",
        &"a".repeat(41),
    ] {
        assert!(check_id(id).is_err(), "{id:?}");
        let text = serde_json::json!({ "engine": "", "scenario": id, "seed": "1", "playhead": 0 });
        let why = read(&text.to_string()).unwrap_err();
        assert_eq!(why, "scenario: 1 to 40 of a to z, 0 to 9 and - are needed");
    }
}

/// Eight million characters that would take a hundred times as long, or as much, as any run.
#[test]
fn a_text_takes_no_more_than_a_run_can() {
    let zeros = format!("[{}0]", "0,".repeat(4 << 20));
    let why = json::parse(&zeros).unwrap_err();
    assert!(why.why.ends_with("more than 300,000 values"), "{why}");
    let fields: String = (0..600_000).map(|n| format!("\"{n:x}\":0,")).collect();
    let why = json::parse(&format!("{{{fields}\"x\":0}}")).unwrap_err();
    assert!(
        why.why.ends_with("more than 200 fields in one object"),
        "{why}"
    );
    let lists = format!("[{}", "[[],[],[]],".repeat(700_000));
    let why = json::parse(&lists).unwrap_err();
    assert!(why.why.ends_with("more than 300,000 values"), "{why}");
}

/// What may stand in the place of a value.
const VALUES: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1",
    "65536",
    "4294967296",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "1.5",
    "1e9",
    "\"\"",
    "\"x\"",
    "\"\\u202e\\u0000\"",
    "\"../../x\"",
    "[]",
    "{}",
    "[[[[[[[[1]]]]]]]]",
    "[1,2,3,4,5,6,7,8,9,10]",
    "{\"a\":1,\"a\":2}",
    "{\"off\":[\"pre-vote\",\"pre-vote\"]}",
];

/// The text with something changed, by the draws of `seed`.
fn mutated(text: &str, seed: u64) -> String {
    let mut draws = Checksum(seed);
    let mut below = |n: usize| {
        draws.word(1);
        (draws.0 % n as u64) as usize
    };
    let mut text = text.to_owned();
    for _ in 0..=below(3) {
        let mut at = below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let end_of_value = |from: usize| {
            let end = text[from..].find([',', '}', ']']);
            end.map_or(text.len(), |end| from + end)
        };
        match below(8) {
            0 => text.truncate(at.max(1)),
            1 => text.insert(
                at,
                ['"', '{', '[', ',', ':', '\\', '0', '\u{202e}'][below(8)],
            ),
            2 => drop(text.remove(at)),
            3 => {
                let end = end_of_value(at);
                let again = text[at..end].to_owned();
                text.insert_str(at, &again);
            }
            _ => {
                let from = text[at..].find(':').map_or(at, |colon| at + colon + 1);
                let end = end_of_value(from);
                text.replace_range(from..end, VALUES[below(VALUES.len())]);
            }
        }
    }
    text
}

/// Thousands of changed recordings: each is read as a run, which ends, or is refused with the name
/// of a field or of a place in the text.
#[test]
fn no_changed_recording_does_harm() {
    let text = text();
    let (mut good, mut named) = (0, 0);
    for seed in 0..6_000 {
        let changed = mutated(&text, seed);
        let outcome = std::panic::catch_unwind(|| match read(&changed) {
            Err(why) => Err(why),
            Ok(recording) => {
                let mut playhead = recording.start().expect("it was checked");
                let mut patience = 20;
                let until = recording.playhead.min(Time::from_millis(1_500));
                playhead.advance(until, || {
                    patience -= 1;
                    patience > 0
                });
                Ok(())
            }
        });
        match outcome.unwrap_or_else(|_| panic!("seed {seed} panics: {changed}")) {
            Ok(()) => good += 1,
            Err(why) => {
                // What is no object has no field that could be named.
                let whole = |why: &String| why.ends_with("an object is needed");
                let (place, said) = why.split_once(": ").unwrap_or_else(|| {
                    assert!(whole(&why), "{seed}: {why}");
                    ("all", why.as_str())
                });
                assert!(!place.is_empty() && !said.is_empty(), "{seed}: {why}");
                assert!(why.len() < 2_000, "{seed}: {why}");
                named += 1;
            }
        }
    }
    assert!(good > 100 && named > 3_000, "{good} good, {named} refused");
}

/// Nor does a changed frame.
#[test]
fn no_changed_frame_does_harm() {
    let frame = link::frame(text().as_bytes());
    for seed in 0..2_000 {
        let changed = mutated(&frame, seed);
        if changed != frame {
            assert!(link::unframe(&changed).is_err(), "{seed}: {changed}");
        }
    }
}

#[cfg(feature = "cli")]
mod as_a_process {
    use flate2::{Compression, write::DeflateEncoder};
    use kvorum::run::link;
    use std::io::Write;
    use std::process::{Command, Output};

    fn replay(what: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kvorum"));
        command.args(["replay", what]).output().expect("it starts")
    }

    fn refused(output: &Output, why: &str) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{said}");
    }

    fn framed(text: &[u8]) -> String {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text).unwrap();
        link::frame(&packed.finish().unwrap())
    }

    #[test]
    fn a_link_that_names_another_path_is_refused() {
        let link = include_str!("../cases/links/other-path.link");
        refused(&replay(link.trim()), "scenario: 1 to 40 of a to z");
    }

    #[test]
    fn links_that_hold_no_run_say_so() {
        for (text, why) in [
            (&b"{\"engine\":\"\xff\"}"[..], "utf-8"),
            (b"{\"engine\":\"\",\"engine\":\"\"}", "stands here twice"),
            (b"[]", "link: "),
            (b"", "line 1, column 1"),
        ] {
            refused(&replay(&framed(text)), why);
        }
        let mut cut = DeflateEncoder::new(Vec::new(), Compression::fast());
        cut.write_all(&[b' '; 5_000]).unwrap();
        let cut = cut.finish().unwrap();
        refused(&replay(&link::frame(&cut[..cut.len() / 2])), "link: ");
    }

    /// 120 MB in a link: the process gets 120 MB of addresses, and needs fewer.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_link_that_unfolds_without_end_is_refused_early() {
        let bomb = framed(&vec![b' '; 120 << 20]);
        assert!(bomb.len() < link::MAX_LINK, "{}", bomb.len());
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("bomb.link");
        std::fs::write(&file, bomb).unwrap();
        let limited = format!(
            "ulimit -v 120000; exec {} replay {}",
            env!("CARGO_BIN_EXE_kvorum"),
            file.display()
        );
        let output = Command::new("sh").args(["-c", &limited]).output().unwrap();
        refused(&output, "it unfolds to more than 8388608 bytes");
    }
}
