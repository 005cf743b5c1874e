//! The clients' operations and the verdict on them, as the Clients view shows them.

use crate::support::{get, put, request};
use kvorum::base::{NodeId, Span, Time};
use kvorum::kv::Operation;
use kvorum::raft::{ReadLevel, Rule, Rules};
use kvorum::run::Playhead;
use kvorum::sim::{Action, Failed, Settings};
use kvorum::view::clients::{
    Bar, BarEnd, ClientsView, KeyStatus, Ledger, Proof, Stretch, enough, stretches,
};
use kvorum::view::{Telling, english, narrate};

const ENOUGH: u64 = 1 << 30;

fn wait(playhead: &mut Playhead, ms: u64) {
    let until = playhead.now() + Span::millis(ms);
    playhead.advance(until, || true);
}

fn ask(playhead: &mut Playhead, operation: Operation, to: Option<u32>, attempts: u32) {
    let request = request(operation, to.map(NodeId), attempts);
    playhead.act(request).expect("it can be asked");
}

/// Five servers with these rules, led by S1.
fn led_by_s1(rules: Rules) -> Playhead {
    let settings = Settings {
        rules,
        ..Settings::default()
    };
    let mut playhead = Playhead::new(settings, 7).expect("the settings can be");
    wait(&mut playhead, 20);
    playhead.act(Action::time_out(NodeId(1))).unwrap();
    wait(&mut playhead, 500);
    assert_eq!(playhead.simulation().leader(), Some(NodeId(1)));
    playhead
}

fn look(playhead: &Playhead) -> ClientsView {
    let mut ledger = Ledger::default();
    ledger.follow(playhead);
    ledger.check(playhead, None, ENOUGH);
    assert!(!ledger.is_busy());
    ledger.view()
}

/// The mock-up's run: S1 is cut off with S2, the others elect and write, S1 is asked.
fn old_leader_is_asked(rules: Rules, level: ReadLevel) -> Playhead {
    let mut playhead = led_by_s1(rules);
    for (key, value) in [("y", "5"), ("x", "4")] {
        ask(&mut playhead, put(key, value), None, 0);
        wait(&mut playhead, 200);
    }
    let groups = [&[1, 2][..], &[3, 4, 5]].map(|side| side.iter().map(|&n| NodeId(n)));
    let groups = groups.to_vec();
    playhead.act(Action::partition(groups)).unwrap();
    ask(&mut playhead, put("y", "7"), Some(1), 1);
    while playhead.simulation().leader() == Some(NodeId(1)) {
        wait(&mut playhead, 10);
    }
    wait(&mut playhead, 100);
    let leader = playhead.simulation().leader().map(|id| id.0);
    ask(&mut playhead, put("y", "2"), leader, 1);
    wait(&mut playhead, 200);
    ask(&mut playhead, get("y", level), Some(1), 1);
    wait(&mut playhead, 200);
    playhead
}

fn local_reads() -> Rules {
    Rules::ALL
        .without(Rule::CheckQuorum)
        .without(Rule::ReadIndexQuorum)
}

fn said(telling: &Telling) -> String {
    english().text(telling)
}

fn names(view: &ClientsView, places: &[usize]) -> Vec<String> {
    places.iter().map(|&at| view.bars[at].asked()).collect()
}

#[test]
fn an_old_value_is_proven_in_three_operations() {
    let playhead = old_leader_is_asked(local_reads(), ReadLevel::Linearizable);
    let view = look(&playhead);
    let (key, proof) = view.broken().expect("y is broken");
    assert_eq!(&*key.name, "y");
    assert!(proof.is_minimal);
    let small = names(&view, &proof.counter_example);
    assert_eq!(small, ["put y 5", "put y 2", "get y"]);
    assert!(
        said(&proof.title).ends_with(" read an old value of y"),
        "{}",
        said(&proof.title)
    );
    let stuck: &Bar = &view.bars[proof.stuck.unwrap()];
    assert_eq!(stuck.answer().as_deref(), Some("5"));
    assert_eq!(Some(proof.at), stuck.answered());
    let steps: Vec<String> = proof.steps.iter().map(said).collect();
    assert_eq!(steps.len(), 4, "{steps:#?}");
    assert!(
        steps[0].contains("’s put y 5 was answered at 0."),
        "{}",
        steps[0]
    );
    assert!(
        steps[1].contains("put y 2 began after that and was answered"),
        "{}",
        steps[1]
    );
    assert!(steps[2].ends_with("so it must come after."), "{}", steps[2]);
    assert!(steps[3].starts_with("By then y is "), "{}", steps[3]);
    assert!(
        steps[3].contains('2') && steps[3].ends_with("It read 5."),
        "{}",
        steps[3]
    );
    let enough = said(&enough(proof, key, &view.keys));
    assert_eq!(
        enough,
        "Three of the four operations on y are enough to prove it. Key x is fine."
    );
    let cause = proof.cause.as_ref().expect("a rule is off");
    assert_eq!(cause.rule, Some(Rule::ReadIndexQuorum));
    let says = said(&cause.telling);
    assert!(says.starts_with("S1 was replaced at "), "{says}");
}

#[test]
fn with_the_rule_on_nothing_is_broken() {
    let rules = Rules::ALL.without(Rule::CheckQuorum);
    let playhead = old_leader_is_asked(rules, ReadLevel::Linearizable);
    let view = look(&playhead);
    assert_eq!(view.broken(), None);
    assert!(
        view.keys
            .iter()
            .all(|key| key.status == KeyStatus::Linearizable)
    );
    assert_eq!(view.stale_reads, 0);
}

#[test]
fn a_read_that_asked_for_an_old_value_does_not_count() {
    let playhead = old_leader_is_asked(Rules::ALL.without(Rule::CheckQuorum), ReadLevel::Stale);
    let view = look(&playhead);
    let last = view.bars.last().unwrap();
    assert_eq!(last.answer().as_deref(), Some("5"), "it is old");
    assert!(!last.counts());
    assert_eq!((view.broken(), view.stale_reads), (None, 1));
    assert_eq!(view.key("y").unwrap().operations, 3);
}

#[test]
fn what_a_key_must_be_follows_the_order() {
    let playhead = old_leader_is_asked(local_reads(), ReadLevel::Linearizable);
    let view = look(&playhead);
    let values = |name: &str| -> Vec<Option<String>> {
        let stretches = stretches(&view.key(name).unwrap().effects);
        let of = |it: &Stretch| it.value.as_ref().map(|value| value.as_text().to_string());
        stretches.iter().map(of).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(values("x"), [None, text("4")]);
    let y = values("y");
    assert_eq!(y[..2], [None, text("5")]);
    assert!(y.contains(&text("2")), "{y:?}");
    for key in &view.keys {
        let mut before = Time::ZERO;
        for effect in key.effects.iter() {
            let bar = &view.bars[effect.bar];
            assert!(bar.invoked <= effect.at && before <= effect.at);
            assert!(bar.answered().is_none_or(|at| effect.at <= at), "{bar:?}");
            before = effect.at;
        }
    }
}

#[test]
fn whoever_is_not_answered_waits_or_gives_up() {
    let mut playhead = led_by_s1(Rules::ALL);
    for node in [2, 3, 4] {
        playhead.act(Action::Crash { node: NodeId(node) }).unwrap();
    }
    ask(&mut playhead, put("z", "1"), Some(1), 1);
    wait(&mut playhead, 100);
    let end = |playhead: &Playhead| look(playhead).bars[0].end.clone();
    assert_eq!(end(&playhead), BarEnd::Waiting);
    wait(&mut playhead, 3_000);
    assert!(matches!(
        end(&playhead),
        BarEnd::GaveUp(_, Failed::Indefinite { .. })
    ));
    let view = look(&playhead);
    assert_eq!(view.key("z").unwrap().status, KeyStatus::Linearizable);
    assert!(
        view.key("z").unwrap().effects.is_empty(),
        "nobody saw it happen"
    );
}

/// What every server refused is no part of the history, and the feed says so.
#[test]
fn what_failed_for_sure_is_no_part_of_the_history() {
    let mut playhead = led_by_s1(Rules::ALL);
    ask(&mut playhead, put("z", "1"), Some(2), 1);
    let mut ledger = Ledger::default();
    ledger.follow(&playhead);
    let operations = |ledger: &Ledger| ledger.view().key("z").map(|key| key.operations);
    assert_eq!(operations(&ledger), Some(1));
    wait(&mut playhead, 100);
    ledger.follow(&playhead);
    let end = ledger.view().bars[0].end.clone();
    assert!(matches!(end, BarEnd::GaveUp(_, Failed::Definite)));
    assert_eq!(operations(&ledger), Some(0));
    ledger.check(&playhead, None, ENOUGH);
    let status = ledger.view().key("z").map(|key| key.status);
    assert_eq!(status, Some(KeyStatus::Linearizable));
    let mut told = playhead
        .events_since(0)
        .map(|retained| narrate(&retained).sentence());
    let last = told.rfind(|it| it.contains("gives up"));
    let says = "c1 gives up on z←1: it didn’t happen, and never will. \
                Every try was refused before anything was done.";
    assert_eq!(last.as_deref(), Some(says));
}

/// A key that would turn the line around, or pass for another one, is seen for what it is.
#[test]
fn bars_show_what_cannot_be_seen() {
    let mut playhead = led_by_s1(Rules::ALL);
    ask(&mut playhead, put("a\u{202e}b", "1\u{1b}[2J"), None, 1);
    ask(&mut playhead, get("a\u{200b}b", ReadLevel::Stale), None, 1);
    wait(&mut playhead, 100);
    let view = look(&playhead);
    let asked: Vec<String> = view.bars.iter().map(|bar| bar.asked()).collect();
    assert_eq!(asked, ["put a\u{fffd}b 1\u{fffd}[2J", "get a\u{fffd}b"]);
}

/// Going along, back, and onto another branch shows what a fresh look shows.
#[test]
fn going_along_is_as_good_as_looking_anew() {
    let mut playhead = led_by_s1(Rules::ALL);
    playhead.act(Action::SetLoad { per_second: 200 }).unwrap();
    let mut ledger = Ledger::default();
    let mut compare = |playhead: &Playhead, steps| {
        ledger.follow(playhead);
        ledger.check(playhead, None, steps);
        if steps == ENOUGH {
            let (along, anew) = (ledger.view(), look(playhead));
            assert_eq!(along.bars, anew.bars);
            assert_eq!(along.clients, anew.clients);
            let found = |view: &ClientsView| -> Vec<_> {
                let keys = view.keys.iter();
                keys.map(|key| (key.name.clone(), key.operations, key.status))
                    .collect()
            };
            assert_eq!(found(&along), found(&anew));
        }
    };
    for _ in 0..10 {
        wait(&mut playhead, 50);
        compare(&playhead, 100);
        wait(&mut playhead, 50);
        compare(&playhead, ENOUGH);
    }
    let middle = playhead.now();
    wait(&mut playhead, 300);
    compare(&playhead, ENOUGH);
    playhead.seek(middle);
    compare(&playhead, ENOUGH);
    ask(&mut playhead, put("new", "1"), None, 0);
    wait(&mut playhead, 700);
    compare(&playhead, ENOUGH);
    playhead.undo().expect("the request");
    wait(&mut playhead, 200);
    compare(&playhead, ENOUGH);
}

#[test]
fn nothing_is_called_linearizable_before_it_was_found_out() {
    let mut playhead = led_by_s1(Rules::ALL);
    playhead.act(Action::SetLoad { per_second: 100 }).unwrap();
    wait(&mut playhead, 1_000);
    let mut ledger = Ledger::default();
    ledger.follow(&playhead);
    let standings = |ledger: &Ledger| -> Vec<KeyStatus> {
        let view = ledger.view();
        view.keys.iter().map(|key| key.status).collect()
    };
    let all = standings(&ledger).len();
    assert!(all > 4);
    assert_eq!(standings(&ledger), vec![KeyStatus::Checking; all]);
    ledger.check(&playhead, None, 64);
    let still = standings(&ledger);
    assert!(still.contains(&KeyStatus::Checking), "64 steps do it all");
    let mut rounds = 0;
    while ledger.is_busy() {
        ledger.check(&playhead, None, 64);
        rounds += 1;
        assert!(rounds < 10_000);
    }
    assert_eq!(standings(&ledger), vec![KeyStatus::Linearizable; all]);
}

/// What is forgotten leaves the verdict open.
#[test]
fn without_its_beginning_a_history_is_not_judged() {
    let mut playhead = led_by_s1(Rules::ALL);
    playhead.act(Action::SetLoad { per_second: 2_000 }).unwrap();
    let mut ledger = Ledger::default();
    let asked = |playhead: &Playhead| -> u64 {
        let last = playhead.simulation().clients();
        last.filter_map(|it| it.operations().next_back())
            .map(|it| it.sequence)
            .sum()
    };
    while asked(&playhead) < 5_000 {
        wait(&mut playhead, 100);
        ledger.follow(&playhead);
        assert!(playhead.now() < Time::from_millis(60_000), "it stalls");
    }
    let view = ledger.view();
    assert!(view.bars.len() <= 4_096, "{}", view.bars.len());
    let forgotten = |key: &kvorum::view::clients::KeyView| key.status == KeyStatus::Forgotten;
    assert!(!view.keys.is_empty() && view.keys.iter().all(forgotten));
    assert!(!ledger.is_busy());
    let proof: Option<&std::rc::Rc<Proof>> = view.broken().map(|found| found.1);
    assert_eq!(proof, None);
}

/// Nobody has to ask anything for it: the view says how reads are answered.
#[test]
fn other_rules_are_news() {
    let mut playhead = led_by_s1(Rules::ALL);
    let mut ledger = Ledger::default();
    ledger.follow(&playhead);
    assert!(!ledger.follow(&playhead));
    let rules = Rules::ALL.without(Rule::ReadIndexQuorum);
    playhead.act(Action::SetRules { rules }).unwrap();
    assert!(ledger.follow(&playhead));
    assert_eq!(ledger.view().rules, rules);
}
