//! Recordings: a run that is passed on comes out the same, and nothing in one can do harm.

use crate::runs;
use kvorum::base::{NodeId, Ratio, Time};
use kvorum::lesson::scenario;
use kvorum::run::{ENGINE, Playhead, Recorded, Recording};
use kvorum::sim::{Action, Chaos, Settings};
use kvorum::view::{english, left_out};
use proptest::prelude::*;

/// A run with actions of every origin, to be passed on.
fn recorded() -> (Playhead, Recording) {
    let mut playhead = scenario::find("lab").unwrap().start(7).unwrap();
    let node = NodeId(2);
    let chaos = Chaos::all(Ratio::percent(20));
    for (at, action) in [
        (700, Action::SetLoad { per_second: 50 }),
        (1_000, Action::Crash { node }),
        (1_000, Action::SetChaos { chaos }),
        (
            9_000,
            Action::SetChaos {
                chaos: Chaos::default(),
            },
        ),
    ] {
        playhead.advance(Time::from_millis(at), || true);
        playhead.act(action).unwrap();
    }
    playhead.advance(Time::from_millis(12_000), || true);
    let recording = Recording::of(&playhead, Some("lab"));
    (playhead, recording)
}

fn replay(recording: &Recording) -> Playhead {
    let mut playhead = recording.start().unwrap();
    playhead.advance(recording.playhead, || true);
    playhead
}

#[test]
fn the_engine_is_named_after_its_pinned_runs() {
    let mut fold = kvorum::base::Checksum::default();
    runs::RUNS.iter().for_each(|run| fold.word(run.hash));
    let name = format!("{}-{:08x}", env!("CARGO_PKG_VERSION"), fold.0 as u32);
    assert_eq!(ENGINE, name, "ENGINE in src/run/recording.rs");
}

#[test]
fn a_recording_as_text_comes_out_as_the_same_run() {
    let (playhead, recording) = recorded();
    let text = serde_json::to_string(&recording).unwrap();
    let read: Recording = serde_json::from_str(&text).unwrap();
    assert_eq!(read, recording);
    let again = replay(&read);
    read.confirm(again.simulation()).unwrap();
    assert_eq!(*again.journal(), *playhead.journal());
    assert_eq!(again.script_problem(), None);
    assert_eq!(again.simulation().hash(), playhead.simulation().hash());
}

#[test]
fn without_counts_an_action_comes_after_everything_due() {
    let (playhead, mut recording) = recorded();
    for entry in &mut recording.journal {
        entry.processed = None;
    }
    assert_eq!(
        replay(&recording).simulation().hash(),
        playhead.simulation().hash()
    );
}

#[test]
fn who_acts_before_a_script_ends_is_on_their_own() {
    let (_, recording) = recorded();
    let mut playhead = recording.start().unwrap();
    playhead.advance(Time::from_millis(800), || true);
    assert!(playhead.is_following());
    playhead.act(Action::Heal).unwrap();
    playhead.advance(recording.playhead, || true);
    assert_eq!(playhead.journal().len(), 2);
}

#[test]
fn what_cannot_be_done_is_named_and_ends_the_script() {
    let (_, mut recording) = recorded();
    recording.journal[2].action = Action::Crash { node: NodeId(2) };
    let playhead = replay(&recording);
    let problem = english().text(&left_out(playhead.script_problem().unwrap()));
    assert_eq!(problem, "journal[2].do.node: S2 is crashed");
    assert_eq!(playhead.journal().len(), 2);
    assert_eq!(playhead.now(), recording.playhead);

    let (_, mut recording) = recorded();
    recording.journal[1].processed = Some(1);
    let why = recording.start().map(|_| ()).unwrap_err();
    assert_eq!(why.field, "journal[1].processed");
    for late in &mut recording.journal[1..] {
        late.processed = late.processed.map(|count| count + 100_000);
    }
    recording.journal[1].processed = Some(recording.journal[0].processed.unwrap() + 1);
    let playhead = replay(&recording);
    assert_eq!(
        playhead.script_problem().unwrap().field(),
        "journal[1].processed"
    );
}

#[test]
fn another_engine_and_another_run_are_told_apart() {
    let (_, mut recording) = recorded();
    recording.seed += 1;
    let playhead = replay(&recording);
    let why = recording.confirm(playhead.simulation()).unwrap_err();
    assert_eq!(why.field, "hash");
    recording.engine = "0.0.1\u{202e}-<b>".into();
    let why = recording.confirm(playhead.simulation()).unwrap_err();
    assert_eq!(why.field, "engine");
    assert!(why.to_string().contains(r"0.0.1\u{202e}-<b>"), "{why}");
}

#[test]
fn bad_fields_are_named() {
    let (_, good) = recorded();
    let check = |change: &dyn Fn(&mut Recording)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad.start().map(|_| ()).unwrap_err().field
    };
    let field = check(&|it| {
        it.settings = Settings {
            nodes: 0,
            ..Settings::default()
        }
    });
    assert_eq!(field, "settings.nodes");
    assert_eq!(check(&|it| it.playhead = Time::NEVER), "playhead");
    assert_eq!(check(&|it| it.journal[3].at = Time::ZERO), "journal[3].at");
    assert_eq!(check(&|it| it.hash = Some("12".into())), "hash");
    let many = Recorded {
        at: Time::ZERO,
        processed: None,
        action: Action::Heal,
    };
    let field = check(&|it| it.journal = vec![many.clone(); 10_001]);
    assert_eq!(field, "journal");
    for (field, text) in [
        ("seed", r#"{"engine":"","seed":"-1","playhead":0}"#),
        ("playhead", r#"{"engine":"","seed":"1"}"#),
        (
            "colour",
            r#"{"engine":"","seed":"1","playhead":0,"colour":1}"#,
        ),
    ] {
        let why = serde_json::from_str::<Recording>(text)
            .unwrap_err()
            .to_string();
        assert!(why.contains(field), "{why}");
    }
}

#[test]
fn what_nobody_knows_is_refused_at_every_depth() {
    let read = |text: &str| {
        let json = kvorum::base::json::parse(text).unwrap();
        json.read::<Recording>().unwrap_err().to_string()
    };
    let action = |action: &str| {
        read(&format!(
            r#"{{"engine":"x","seed":"7","playhead":0,"journal":[{{"at":0,"do":{action}}}]}}"#
        ))
    };
    for (text, wrong) in [
        (
            r#"{"action":"heal","node":1}"#,
            "node: there is no such field",
        ),
        (
            r#"{"action":"add_server","node":1}"#,
            "node: there is no such field",
        ),
        (
            r#"{"action":"leave_joint","way":1}"#,
            "way: there is no such field",
        ),
        (
            r#"{"action":"crash","node":1,"x":1}"#,
            "x: there is no such field",
        ),
        (
            r#"{"action":"request","operation":{"op":"get","key":"x","vaule":1}}"#,
            "vaule: there is no such field; there are key, level",
        ),
        // Nor numbers for names.
        (
            r#"{"action":2,"node":1}"#,
            "action: the number 2 stands here; a name is needed",
        ),
    ] {
        let said = action(text);
        assert!(
            said.starts_with(&format!("journal[0].do.{wrong}")),
            "{text}: {said}"
        );
    }
    let settings = |settings: &str| {
        read(&format!(
            r#"{{"engine":"x","seed":"7","playhead":0,"settings":{settings}}}"#
        ))
    };
    for (text, said) in [
        ("[5]", "settings: a list stands here; an object is needed"),
        (
            r#"{"timing":[150000]}"#,
            "settings.timing: a list stands here; an object is needed",
        ),
        (
            r#"{"rules":[[]]}"#,
            "settings.rules: a list stands here; an object is needed",
        ),
        (
            r#"{"timing":7}"#,
            "settings.timing: the number 7 stands here; an object is needed",
        ),
        (
            r#"{"nodes":"5"}"#,
            "settings.nodes: the string “5” stands here; a whole number from 0 to 4294967295 is \
             needed",
        ),
        (
            r#"{"nodes":4294967296}"#,
            "settings.nodes: the number 4294967296 stands here; a whole number from 0 to \
             4294967295 is needed",
        ),
        (
            r#"{"keep_removed":null}"#,
            "settings.keep_removed: null stands here; true or false is needed",
        ),
    ] {
        assert_eq!(settings(text), said);
    }
    // An action by itself: also what is inside of its fields has its place.
    for (text, place) in [
        (
            r#"{"action":"request","operation":{"op":"get","key":"x","v":1}}"#,
            "operation.v",
        ),
        (
            r#"{"action":"request","operation":{"op":"put","key":"x"}}"#,
            "operation.value",
        ),
        (r#"{"action":"set_network","link":{"los":1}}"#, "link.los"),
        (r#"{"action":"partition","groups":[[1,"2"]]}"#, "groups"),
        (r#"{"action":"crash","node":"S1"}"#, "node"),
        (r#"{"action":"crash"}"#, "node"),
        (r#"{"node":1}"#, "action"),
    ] {
        let json = kvorum::base::json::parse(text).unwrap();
        let error = json.read::<Action>().unwrap_err();
        assert_eq!(error.path, place, "{text}: {error}");
    }
    for action in [
        r#"{"action":"heal"}"#,
        r#"{"action":"add_server"}"#,
        r#"{"action":"leave_joint"}"#,
    ] {
        let json = kvorum::base::json::parse(action).unwrap();
        let read: Action = json.read().unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), action);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is changed in a recording, its replay ends and never panics.
    #[test]
    fn a_damaged_recording_does_no_harm(place in 0usize..4_000, byte in b'0'..=b'}') {
        let (_, recording) = recorded();
        let mut text = serde_json::to_vec(&recording).unwrap();
        let place = place % text.len();
        text[place] = byte;
        if let Ok(read) = serde_json::from_slice::<Recording>(&text)
            && let Ok(mut playhead) = read.start()
        {
            playhead.advance(read.playhead.min(Time::from_millis(15_000)), || true);
            let _ = read.confirm(playhead.simulation());
        }
    }
}
