//! The check of the clients' history while a run goes on: it says at every return what a search
//! through the whole history says.

use crate::support;
use kvorum::base::{ClientId, Draws, NodeId, Purpose, Span, Time};
use kvorum::check::{Case, Judgement, Live, Observed, Reply, Verdict, check, judge};
use kvorum::kv::{ApplySettings, ClientCommand, Operation, Outcome, Store, Value};
use kvorum::raft::{ReadLevel, Rule, Rules};
use kvorum::run::Playhead;
use kvorum::sim::{Action, Chaos, Property, Reserve, Settings, Simulation, Step};

fn get(level: ReadLevel) -> Operation {
    support::get("x", level)
}

fn put(value: &str) -> Operation {
    support::put("x", value)
}

/// What became of an answer in the end; `None`: it is stale, as its client allows.
fn settled(live: &mut Live, judgement: Judgement) -> Option<Verdict> {
    (judgement != Judgement::Stale).then(|| live.settle(judge))
}

/// An operation of the made-up run.
struct Under {
    client: ClientId,
    operation: Operation,
    /// What it did; `None` before it was applied.
    did: Option<Outcome>,
    given_up: bool,
    observed: usize,
}

/// A made-up run: clients ask, a store applies and answers, and sometimes the answer is a lie.
struct Made {
    draws: Draws,
    live: Live,
    store: Store,
    under: Vec<Under>,
    history: Vec<Observed>,
    clock: u64,
}

impl Made {
    fn value(&mut self) -> Value {
        self.draws.below(3).to_string().into()
    }

    fn ask(&mut self) {
        let (key, value) = ("x".into(), self.value());
        let operation = match self.draws.below(8) {
            0..3 => get(ReadLevel::Linearizable),
            3..5 => put(&value),
            5 => Operation::Append { key, value },
            6 => Operation::Delete { key },
            _ => Operation::Cas {
                key,
                expected: Some(self.value()),
                value,
            },
        };
        let client = ClientId(self.history.len() as u32 + 1);
        self.live.invoked(client, 1, &operation, Time::ZERO);
        self.under.push(Under {
            client,
            operation: operation.clone(),
            did: None,
            given_up: false,
            observed: self.history.len(),
        });
        self.history.push(Observed {
            call: (&operation).into(),
            reply: Reply::Unknown,
            invoked: self.clock,
            returned: None,
        });
    }

    fn apply(&mut self, at: usize) {
        let Under {
            client,
            ref operation,
            ..
        } = self.under[at];
        let command = ClientCommand::first(client, 1, operation.clone());
        let did = self
            .store
            .apply(self.clock, &command, ApplySettings::default())
            .outcome;
        if !operation.is_read() {
            self.live.applied(&command);
        }
        self.under[at].did = did;
    }

    /// Answers a client; `lies` of a hundred answers are lies.
    fn answer(&mut self, at: usize, lies: u64) -> Option<Verdict> {
        let lie = self.draws.below(100) < lies;
        let value = (self.draws.below(4) > 0).then(|| self.value());
        let Under {
            client,
            operation,
            did,
            ..
        } = &self.under[at];
        let outcome = match (did, operation) {
            (_, Operation::Get { .. }) if lie => Outcome::Found { value },
            (_, Operation::Cas { .. }) if lie => Outcome::Done,
            (None, _) if lie => Outcome::Done,
            (Some(did), _) => did.clone(),
            (None, _) => return None,
        };
        let judgement = self.live.returned(*client, operation, &outcome, Time::ZERO);
        let observed = &mut self.history[self.under[at].observed];
        observed.reply = (&outcome).into();
        observed.returned = Some(self.clock);
        self.under.remove(at);
        settled(&mut self.live, judgement)
    }
}

/// Lives one run; what was judged in it.
fn live_through(seed: u64, lies: u64) -> Vec<Verdict> {
    let mut made = Made {
        draws: Draws::new(seed, Purpose::Workload, 0),
        live: Live::default(),
        store: Store::default(),
        under: Vec::new(),
        history: Vec::new(),
        clock: 0,
    };
    let mut judged = Vec::new();
    for _ in 0..40 {
        made.clock += 1;
        let kind = made.draws.below(8);
        let at = made.draws.below(made.under.len().max(1) as u64) as usize;
        let asking = made.under.iter().filter(|under| !under.given_up).count();
        let Some(under) = made.under.get_mut(at) else {
            made.ask();
            continue;
        };
        match kind {
            0..3 if asking < 4 && made.history.len() < 16 => made.ask(),
            3..5 if under.did.is_none() => made.apply(at),
            5 if made.draws.below(6) == 0 && !under.given_up => {
                under.given_up = true;
                made.live.gave_up(under.client, &under.operation, false);
            }
            6.. if !under.given_up => {
                let Some(judgement) = made.answer(at, lies) else {
                    continue;
                };
                judged.push(judgement);
                let verdict = check(&[Case::of_key(&made.history)], |_| true)[0];
                assert!(
                    judgement == verdict || judgement == Verdict::Unknown,
                    "seed {seed}: {judgement:?}, {verdict:?}: {:#?}",
                    made.history
                );
                if judgement == Verdict::NotLinearizable {
                    let example = made.live.counter_example().expect("it tells");
                    assert!(!example.operations.is_empty());
                    break;
                }
            }
            _ => {}
        }
    }
    judged
}

#[test]
fn it_agrees_with_a_search_through_the_whole_history() {
    let mut counts = [0; 3];
    for seed in 0..6_000 {
        for judgement in live_through(seed, [0, 4, 30][seed as usize % 3]) {
            assert!(seed % 3 > 0 || judgement == Verdict::Linearizable);
            counts[judgement as usize] += 1;
        }
    }
    let [explained, impossible, unknown] = counts;
    assert!(explained > 10_000 && impossible > 500, "{counts:?}");
    assert!(unknown * 100 < explained, "{counts:?}");
}

/// A client that knows that its write failed, and another one that reads it all the same.
#[test]
fn what_failed_for_sure_is_never_seen() {
    for never in [false, true] {
        let mut live = Live::default();
        let (now, writer, reader) = (Time::ZERO, ClientId(1), ClientId(2));
        let command = ClientCommand::first(writer, 1, put("x"));
        live.invoked(writer, 1, &command.operation, now);
        live.gave_up(writer, &command.operation, never);
        live.applied(&command);
        let get = Operation::Get {
            key: command.operation.key().clone(),
            level: ReadLevel::Linearizable,
        };
        live.invoked(reader, 1, &get, now);
        let value = Some("x".into());
        let judgement = live.returned(reader, &get, &Outcome::Found { value }, now);
        let verdict = match never {
            true => Verdict::NotLinearizable,
            false => Verdict::Linearizable,
        };
        assert_eq!(settled(&mut live, judgement), Some(verdict));
    }
}

#[test]
fn a_stale_read_that_was_asked_for_is_marked_and_no_violation() {
    let mut live = Live::default();
    let now = Time::ZERO;
    let client = ClientId(1);
    let mut write = |sequence, value| {
        let command = ClientCommand::first(client, sequence, put(value));
        live.invoked(client, sequence, &command.operation, now);
        live.applied(&command);
        live.returned(client, &command.operation, &Outcome::Done, now)
    };
    assert_eq!(write(1, "old"), Judgement::Explained);
    assert_eq!(write(2, "new"), Judgement::Explained);
    let mut read = |level, value: &str| {
        let operation = get(level);
        let value = Some(value.into());
        live.invoked(client, 3, &operation, now);
        live.returned(client, &operation, &Outcome::Found { value }, now)
    };
    assert_eq!(read(ReadLevel::Stale, "old"), Judgement::Stale);
    assert_eq!(read(ReadLevel::Stale, "new"), Judgement::Explained);
    assert_eq!(read(ReadLevel::Lease, "old"), Judgement::Doubtful);
    assert_eq!(live.settle(judge), Verdict::NotLinearizable);
    let example = live.counter_example().expect("a counter-example");
    assert!(example.is_minimal);
    let values: Vec<_> = example.operations.iter().map(|it| it.sequence).collect();
    // The key was absent at first: who wrote "old", who wrote over it, and who read it.
    assert_eq!(values, [1, 2, 3]);
}

#[test]
fn an_acknowledged_write_that_was_never_applied_is_seen() {
    let mut live = Live::default();
    let now = Time::ZERO;
    live.invoked(ClientId(1), 1, &put("1"), now);
    // The search takes the client's word for it; the next read doesn't find it.
    let judged = live.returned(ClientId(1), &put("1"), &Outcome::Done, now);
    assert_eq!(settled(&mut live, judged), Some(Verdict::Linearizable));
    let read = get(ReadLevel::Linearizable);
    live.invoked(ClientId(2), 1, &read, now);
    let nothing = Outcome::Found { value: None };
    let judged = live.returned(ClientId(2), &read, &nothing, now);
    assert_eq!(settled(&mut live, judged), Some(Verdict::NotLinearizable));
}

#[test]
fn it_remembers_a_bounded_past_and_forgets_none_that_matters() {
    let mut live = Live::default();
    let now = Time::ZERO;
    for sequence in 1..=5_000 {
        let client = ClientId(sequence as u32 % 7 + 1);
        let command = ClientCommand::first(client, sequence, put(&sequence.to_string()));
        live.invoked(client, sequence, &command.operation, now);
        live.applied(&command);
        let judged = live.returned(client, &command.operation, &Outcome::Done, now);
        assert_eq!(judged, Judgement::Explained);
    }
    let read = get(ReadLevel::Linearizable);
    live.invoked(ClientId(9), 1, &read, now);
    let old = Outcome::Found {
        value: Some("17".into()),
    };
    let judged = live.returned(ClientId(9), &read, &old, now);
    assert_eq!(settled(&mut live, judged), Some(Verdict::NotLinearizable));
    let example = live.counter_example().expect("a counter-example");
    assert!(example.operations.len() <= 2, "{example:#?}");
    assert_eq!(live.undecided(), 0);
}

/// The run of a cluster in storms, under heavy load.
fn storm(seed: u64, ignored: &[Property]) -> Simulation {
    let settings = Settings {
        load: 200,
        chaos: Chaos::all(kvorum::base::Ratio::percent(40)),
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, seed).unwrap();
    ignored
        .iter()
        .for_each(|&property| simulation.ignore(property));
    simulation.run_until(Time::from_millis(8_000));
    simulation
}

#[test]
fn storms_under_load_leave_no_answer_undecided() {
    for seed in 0..6 {
        let simulation = storm(seed, &[]);
        assert_eq!(simulation.violation(), None);
        assert_eq!(simulation.undecided(), 0);
        assert_eq!(simulation.counter_example(), None);
        // Watching changes nothing.
        assert_eq!(simulation.hash(), storm(seed, &Property::ALL).hash());
    }
}

/// Rules of a cluster whose old leader answers reads after another one was elected.
fn careless() -> Rules {
    Rules::ALL
        .without(Rule::ReadIndexQuorum)
        .without(Rule::CheckQuorum)
}

/// An old leader is asked after a new one has written. `act` does something, lets the run go on
/// until so many milliseconds, and returns the leader.
fn ask_the_deposed(mut act: impl FnMut(Action, u64) -> Option<NodeId>) {
    let ask = |operation, to| Action::Request {
        operation,
        to: Some(to),
        attempts: 1,
    };
    let old = NodeId(1);
    act(Action::time_out(old), 300);
    act(ask(put("old"), old), 600);
    let groups = vec![[1, 2].map(NodeId).to_vec(), [3, 4, 5].map(NodeId).to_vec()];
    let new = act(Action::partition(groups), 2_500).expect("the majority has a leader");
    assert!(new > NodeId(2));
    act(ask(put("new"), new), 3_000);
    act(ask(get(ReadLevel::Linearizable), old), 3_500);
}

#[test]
fn a_deposed_leader_that_answers_breaks_linearizability_and_can_be_ignored() {
    let run = |ignore: bool, rules| {
        let settings = Settings {
            rules,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, 3).unwrap();
        if ignore {
            simulation.ignore(Property::Linearizability);
        }
        ask_the_deposed(|action, until| {
            simulation.apply(action).unwrap();
            simulation.run_until(Time::from_millis(until));
            simulation.leader()
        });
        simulation
    };
    let broken = run(false, careless());
    let violation = broken.violation().expect("a violation");
    assert_eq!(violation.property(), Property::Linearizability);
    assert!(violation.nodes().eq([NodeId(1)]));
    let example = broken.counter_example().expect("a counter-example");
    assert!(
        example.is_minimal && example.operations.len() == 3,
        "{example:#?}"
    );
    assert_eq!(run(true, careless()).violation(), None);
    assert_eq!(run(false, Rules::ALL).violation(), None);
}

#[test]
fn a_run_without_a_judge_stands_still_at_its_first_doubt() {
    let run = |reserve| {
        let settings = Settings {
            rules: careless(),
            ..Settings::default()
        };
        let mut playhead = Playhead::new(settings, 3).unwrap();
        playhead.set_reserve(reserve);
        ask_the_deposed(|action, until| {
            playhead.act(action).unwrap();
            playhead.advance(Time::from_millis(until), || true);
            playhead.simulation().leader()
        });
        playhead
    };
    let judged = run(Some(Reserve::ALL));
    let end = judged.now();
    let mut waiting = run(None);
    for back_to in [end, Time::from_millis(2_000)] {
        waiting.seek(back_to);
        waiting.advance(end + Span::secs(1), || true);
        assert_eq!(waiting.simulation().clone().step(), Step::AwaitsReserve);
        assert_eq!((waiting.now(), waiting.is_stopped()), (end, false));
    }
    let mut other = waiting.clone();
    waiting.set_reserve(Some(Reserve::ALL));
    for back_to in [end, Time::from_millis(2_000)] {
        waiting.seek(back_to);
        waiting.advance(end + Span::secs(1), || true);
        assert!(waiting.is_stopped());
        assert_eq!(waiting.simulation().hash(), judged.simulation().hash());
        assert!(waiting.events().eq(judged.events()));
    }
    // Whoever else waits goes on, too; nothing is remembered twice.
    other.advance(end + Span::secs(1), || true);
    assert!(other.is_stopped());
    assert!(other.events().eq(judged.events()));
}

#[test]
fn a_run_without_a_reserve_stands_still_where_the_members_change() {
    let run = |reserve| {
        let mut playhead = Playhead::new(Settings::default(), 3).unwrap();
        playhead.set_reserve(reserve);
        playhead.advance(Time::from_millis(1_000), || true);
        playhead.act(Action::AddServer).unwrap();
        playhead.advance(Time::from_millis(5_000), || true);
        playhead
    };
    let whole = run(Some(Reserve::ALL));
    let configuration = whole.simulation().configuration();
    assert_eq!(configuration.learners().len(), 1, "it learns by then");
    let mut waiting = run(None);
    assert!(waiting.simulation().awaits_reserve());
    assert_eq!(waiting.now(), Time::from_millis(1_000));
    waiting.set_reserve(Some(Reserve::ALL));
    waiting.advance(Time::from_millis(5_000), || true);
    assert_eq!(waiting.simulation().hash(), whole.simulation().hash());
}

#[test]
fn a_run_without_a_reserve_stands_still_where_there_is_chaos() {
    let settings = Settings {
        chaos: Chaos::all(kvorum::base::Ratio::percent(40)),
        ..Settings::default()
    };
    let end = Time::from_millis(5_000);
    let mut whole = Simulation::new(settings.clone(), 3).unwrap();
    whole.run_until(end);
    let mut waiting = Simulation::with_reserve(settings, 3, None).unwrap();
    waiting.run_until(end);
    assert!(waiting.awaits_reserve());
    assert_eq!((waiting.now(), waiting.processed()), (Time::ZERO, 0));
    waiting.set_reserve(Some(Reserve::ALL));
    waiting.run_until(end);
    assert_eq!(waiting.hash(), whole.hash());
}
