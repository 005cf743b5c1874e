//! Every event has a sentence, and the sentence can be read.

use crate::kinds::{AT, S1, every_kind, put, traces};
use kvorum::base::{ClientId, GroupId, NodeId, Ratio, Time};
use kvorum::kv::Operation;
use kvorum::raft::{ReadLevel, Rules, Trace, Way};
use kvorum::run::{Majority, Playhead, RetainedEvent, ServerThen, Weight};
use kvorum::sim::{Action, Chaos, Event, EventKind, Settings};
use kvorum::view::{Told, Word, english, label, narrate};
use std::collections::BTreeSet;

/// The longest sentence, in characters.
const LONGEST: usize = 140;

/// An event after which S1 leads term 4 of five servers and three of them hold y←2 at 9@4.
fn retained(kind: EventKind) -> RetainedEvent {
    let standing = |id| ServerThen {
        id: NodeId(id),
        term: 4,
        leader: id == 1,
    };
    RetainedEvent {
        event: Event {
            seq: 0,
            at: Time::ZERO,
            cause: None,
            kind,
        },
        servers: (1..=5).map(standing).collect(),
        entry: Some(AT),
        command: Some((ClientId(2), put("y", "2"))),
        members: None,
        noop: false,
        holders: [1, 3, 5].map(NodeId).into(),
        majorities: [Some(Majority { of: 5, with: 3 }), None],
    }
}

fn assert_readable(told: &Told) {
    let said = told.sentence();
    let fits = (8..=LONGEST).contains(&said.chars().count());
    assert!(
        fits,
        "{:?}: {} characters: {said}",
        told.kind,
        said.chars().count()
    );
    assert!(said.ends_with('.'), "{said}");
    assert!(!said.contains("  ") && !said.contains(" ."), "{said}");
    assert!(said.starts_with(|c: char| !c.is_whitespace()), "{said}");
    assert!(
        english()
            .words(&told.telling)
            .iter()
            .all(|word| !matches!(word, Word::Text { text } if text.is_empty()))
    );
}

#[test]
fn every_event_has_a_sentence() {
    for kind in every_kind() {
        let mut retained = retained(kind);
        let told = narrate(&retained);
        assert_readable(&told);
        assert_eq!(told.mark, Weight::of(&told.kind) == Weight::Mark);
        assert!(told.key || !told.mark);
        // Also when nothing is known of the moment.
        retained.entry = None;
        retained.command = None;
        retained.holders = Box::default();
        retained.majorities = [None; 2];
        assert_readable(&narrate(&retained));
    }
}

#[test]
fn sections_of_the_paper_are_named() {
    for trace in traces() {
        let told = narrate(&retained(EventKind::Traced {
            node: S1,
            group: GroupId::FIRST,
            trace,
        }));
        assert!(!told.refs.is_empty(), "{}", told.sentence());
    }
}

#[test]
fn sentences_say_the_consequence_and_name_nodes_and_numbers() {
    let said = |trace| {
        narrate(&retained(EventKind::Traced {
            node: S1,
            group: GroupId::FIRST,
            trace,
        }))
        .sentence()
    };
    let all: BTreeSet<String> = traces().into_iter().map(said).collect();
    for expected in [
        "#9 y←2 is committed: on S1, S3 and S5, in S1's own term.",
        "S1 leads term 4 with 3 of 5 votes: S1, S3 and S5.",
        "S1 refuses S2: its log ends at 5@3, the candidate's at 4@3.",
        "S1 appends #9 y←2 for c2.",
        "S1 hears that S2 holds #9 y←2. 3 of 5 do, a majority.",
        "S1 removes #8 to #9 of term 3: S2 holds an entry of term 4 there.",
    ] {
        assert!(all.contains(expected), "{expected}\n{all:#?}");
    }
}

#[test]
fn a_read_that_nobody_answers_has_no_late_effect() {
    let said = |operation| {
        let mut retained = retained(EventKind::TimedOut {
            client: ClientId(1),
            sequence: 3,
            node: S1,
        });
        retained.command = Some((ClientId(1), operation));
        narrate(&retained).sentence()
    };
    let get = Operation::Get {
        key: "x".into(),
        level: ReadLevel::Linearizable,
    };
    assert_eq!(said(get), "c1 hears nothing from S1 about get x.");
    let late = "c1 hears nothing from S1 about x←1. It may still take effect.";
    assert_eq!(said(put("x", "1")), late);
}

#[test]
fn joined_pictures_stay_whole_and_other_joiners_are_seen() {
    let shown = |value: &str| label(&put("k", value));
    for whole in ["👩\u{200d}🚀", "❤\u{fe0f}\u{200d}🔥", "🧔🏽\u{200d}♂\u{fe0f}"] {
        assert_eq!(shown(whole), format!("k←{whole}"));
    }
    assert_eq!(shown("a\u{200d}b"), "k←a\u{fffd}b");
    assert_eq!(shown("🚀\u{200d}"), "k←🚀\u{fffd}");
    assert_eq!(shown("👩\u{200d}\u{202e}🚀"), "k←👩\u{fffd}\u{fffd}🚀");
    let crowd = "👩\u{200d}".repeat(20);
    let cut = shown(&crowd);
    assert!(cut.ends_with("👩…"), "no joiner is left over: {cut:?}");
}

#[test]
fn what_people_type_stays_text() {
    let hostile = "<script>alert(1)</script>\u{202e}\n\u{7}";
    for value in [hostile, "", &"🦀".repeat(2_500)] {
        let operation = put("<b>&amp;", value);
        let mut retained = retained(EventKind::Applied {
            node: S1,
            group: GroupId::FIRST,
            id: AT,
        });
        retained.command = Some((ClientId(1), operation.clone()));
        let told = narrate(&retained);
        assert_readable(&told);
        let said = told.sentence();
        assert!(said.contains("<b>&amp;"), "no escape is added: {said}");
        assert!(!said.contains(['\u{202e}', '\n', '\u{7}']), "{said}");
        assert!(
            label(&operation).chars().count() <= 24,
            "{}",
            label(&operation)
        );
    }
}

#[test]
fn a_rough_run_can_be_told_from_its_beginning() {
    let rate = Ratio::percent(40);
    let settings = Settings {
        load: 40,
        chaos: Chaos::all(rate),
        ..Settings::default()
    };
    for seed in 0..5 {
        let mut playhead = Playhead::new(settings.clone(), seed).expect("the settings can be");
        playhead.advance(Time::from_millis(10_000), || true);
        assert!(playhead.events().len() > 500);
        for retained in playhead.events() {
            let told = narrate(&retained);
            assert_readable(&told);
            assert_eq!((told.seq, told.at), (retained.event.seq, retained.event.at));
        }
    }
}

#[test]
fn configurations_are_told_by_their_members() {
    let settings = Settings {
        nodes: 3,
        rules: Rules::ALL,
        snapshot_every: 6,
        ..Settings::default()
    };
    let mut playhead = Playhead::new(settings, 1).expect("the settings can be");
    let voters: Vec<NodeId> = (1..=5).map(NodeId).collect();
    let change = Action::ChangeMembers {
        voters,
        learners: Vec::new(),
        way: Way::default(),
    };
    for (action, until) in [
        (Action::AddServer, 1_000),
        (Action::AddServer, 4_000),
        (change, 7_000),
        (Action::RemoveServer { node: NodeId(5) }, 12_000),
    ] {
        playhead.act(action).expect("it can be done");
        playhead.advance(Time::from_millis(until), || true);
    }
    let told: Vec<Told> = playhead
        .events()
        .map(|retained| narrate(&retained))
        .collect();
    told.iter().for_each(assert_readable);
    let said: Vec<String> = told.iter().map(Told::sentence).collect();
    for expected in [
        "C {1 2 3 + learner 4}",
        " appends #",
        "C_old,new {1 2 3 | 1 2 3 4 5}: one of the 3 old voters and one of the 5 new ones.",
        "So do 2 of 3 old voters and ",
        "C_old,new {1 2 3 | 1 2 3 4 5} is committed: 2 of 3 old voters and ",
        "C {1 2 3 4} is committed",
        "It says who the members are, and leaves the store alone.",
    ] {
        let found = said.iter().any(|sentence| sentence.contains(expected));
        let about: Vec<_> = said.iter().filter(|s| s.contains('{')).collect();
        assert!(found, "{expected}\n{about:#?}");
    }
    // An entry that says who the members are is no no-op, before and after it is compacted away.
    let index = |told: &Told| match told.kind {
        EventKind::Traced {
            trace: Trace::ConfigurationAdopted { index, .. },
            ..
        } => Some(index),
        _ => None,
    };
    let members: BTreeSet<u64> = told.iter().filter_map(index).collect();
    for word in told.iter().flat_map(|told| english().words(&told.telling)) {
        if let Word::Entry { index, label, .. } = word {
            assert!(!members.contains(&index) || label != "∅", "#{index}");
        }
    }
}
