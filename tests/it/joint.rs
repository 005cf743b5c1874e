//! The search for an order of transactions, against one that tries them all.

use kvorum::check::{Call, Case, Reply, Transaction, Value, Verdict, check, order};
use proptest::prelude::*;

type State = Vec<Option<Value>>;

/// What the keys hold after a transaction that took effect; `None`: it can't have been answered so.
fn after(it: &Transaction, before: &State) -> Option<State> {
    let mut state = before.clone();
    for (key, call, reply) in &it.steps {
        let value = state[*key].clone();
        state[*key] = match call {
            Call::Get => match reply {
                Reply::Found(found) if *found != value => return None,
                _ => value,
            },
            Call::Put(new) => Some(new.clone()),
            Call::Append(more) => {
                let old = value.map_or(String::new(), |old| old.as_text().to_string());
                Some(Value::text(old + more.as_text()))
            }
            Call::Delete => None,
            Call::Cas {
                expected,
                value: new,
                creates,
            } => {
                if value != *expected && !(*creates && value.is_none()) {
                    // Nothing of it happens.
                    return (it.reply != Reply::Done).then(|| before.clone());
                }
                Some(new.clone())
            }
        };
    }
    (it.reply != Reply::Missed).then_some(state)
}

/// Whether there is an order, by trying them all.
fn has_order(left: &[&Transaction], state: &State) -> bool {
    let Some(earliest) = left.iter().filter_map(|it| it.deadline()).min() else {
        return true;
    };
    (0..left.len()).any(|at| {
        let mut rest = left.to_vec();
        let next = rest.remove(at);
        next.invoked <= earliest && after(next, state).is_some_and(|state| has_order(&rest, &state))
    })
}

/// What is drawn for a transaction: its steps, when it is invoked, takes effect and returns, and
/// what becomes of its answer.
type Drawn = (Vec<(usize, Call)>, u64, u64, u64, u8, Option<Value>);

fn happened(mut drawn: Vec<Drawn>, initial: &State) -> Vec<Transaction> {
    drawn.sort_by_key(|(_, invoked, point, ..)| invoked + point);
    let mut state = initial.clone();
    let mut history = Vec::new();
    for (steps, invoked, point, more, fate, lie) in drawn {
        let blank = |(key, call): &(usize, Call)| (*key, call.clone(), Reply::Unknown);
        let mut it = Transaction {
            steps: steps.iter().map(blank).collect(),
            reply: Reply::Done,
            invoked,
            returned: (fate > 1).then_some(invoked + point + more),
        };
        let next = after(&it, &state);
        if next.is_none() {
            it.reply = Reply::Missed;
        } else {
            // What each read finds, with what came before it in the transaction.
            for at in 0..steps.len() {
                let begun = Transaction {
                    steps: it.steps[..at].to_vec(),
                    ..it.clone()
                };
                let (key, call, reply) = &mut it.steps[at];
                if *call == Call::Get {
                    let before = after(&begun, &state).expect("it happened");
                    *reply = Reply::Found(before[*key].clone());
                }
            }
        }
        match fate {
            0..=2 => {
                it.reply = Reply::Unknown;
                it.steps.iter_mut().for_each(|step| step.2 = Reply::Unknown);
            }
            3 => match it
                .steps
                .iter_mut()
                .find(|it| matches!(it.2, Reply::Found(_)))
            {
                Some(read) => read.2 = Reply::Found(lie),
                None if it.reply == Reply::Missed => it.reply = Reply::Done,
                None => {}
            },
            _ => {}
        }
        if fate > 0 {
            state = next.unwrap_or(state);
        }
        history.push(it);
    }
    history
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (1..4u8).prop_map(|n| Value::text(n.to_string())),
        1 => Just(Value::integer(1)),
    ]
}

fn drawn(fates: u8) -> impl Strategy<Value = Vec<Drawn>> {
    let maybe = prop_oneof![2 => values().prop_map(Some), 1 => Just(None)];
    let lie = maybe.clone();
    let call = (0..9u8, values(), maybe).prop_map(|(kind, value, expected)| match kind {
        0..4 => Call::Get,
        4..6 => Call::Put(value),
        6 => Call::Append(value),
        7 => Call::Delete,
        _ => Call::Cas {
            creates: expected.is_none(),
            expected,
            value,
        },
    });
    let steps = prop::collection::vec((0..3usize, call), 1..4);
    let one = (steps, 0..16u64, 0..6u64, 0..6u64, 0..fates, lie);
    prop::collection::vec(one, 1..8)
}

fn agrees(drawn: Vec<Drawn>, initial: &State) {
    let history = happened(drawn, initial);
    let all: Vec<_> = history.iter().collect();
    let expected = match has_order(&all, initial) {
        true => Verdict::Linearizable,
        false => Verdict::NotLinearizable,
    };
    let case = Case::Joint {
        history: &history,
        initial,
    };
    assert_eq!(check(&[case], |_| true), [expected], "{history:#?}");
    match order(case, &mut 1_000_000) {
        Some(order) => is_an_order(&history, &order, initial),
        None => explains(case, &history, initial),
    }
}

/// Fails unless the transactions can have taken effect in this order, and all others needn't have.
fn is_an_order(history: &[Transaction], order: &[usize], initial: &State) {
    let mut state = initial.clone();
    for (n, &at) in order.iter().enumerate() {
        let Some(next) = after(&history[at], &state) else {
            panic!("operation {at} of {order:?} at {state:?}: {history:#?}");
        };
        state = next;
        let mut later = order[n + 1..]
            .iter()
            .filter_map(|&at| history[at].deadline());
        assert!(!order[..n].contains(&at), "{order:?}: {history:#?}");
        assert!(
            later.all(|end| end >= history[at].invoked),
            "{order:?}: {history:#?}"
        );
    }
    let mut missed = (0..history.len()).filter(|at| !order.contains(at));
    assert!(
        missed.all(|at| history[at].deadline().is_none()),
        "{order:?}: {history:#?}"
    );
}

/// Fails unless the counter-example alone is bad, as it was when the operation at which everything
/// gets stuck returned, with all else free. What changed nothing is as good as not there.
fn explains(case: Case<'_>, history: &[Transaction], initial: &State) {
    let why = case.explain(&mut 1_000_000, || true);
    assert!(why.is_minimal && !why.counter_example.is_empty());
    let until = why.stuck.and_then(|at| history[at].deadline());
    let until = until.expect("it returned");
    let mut freed = Vec::new();
    for (at, it) in history.iter().enumerate() {
        let mut it = it.clone();
        let is_cited = why.counter_example.contains(&at);
        if !is_cited && it.is_read() {
            continue;
        }
        if !is_cited || it.deadline().is_some_and(|end| end > until) {
            it.reply = Reply::Unknown;
            it.steps.iter_mut().for_each(|step| step.2 = Reply::Unknown);
        }
        if it.invoked <= until {
            it.invoked = if is_cited { it.invoked } else { 0 };
            freed.push(it);
        }
    }
    let is_bad = !has_order(&freed.iter().collect::<Vec<_>>(), initial);
    assert!(is_bad, "{why:?} {history:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn transactions_agree_with_trying_all_orders(drawn in drawn(20)) {
        agrees(drawn, &vec![None; 3]);
    }

    #[test]
    fn transactions_that_mostly_never_returned_agree_too(drawn in drawn(5)) {
        agrees(drawn, &vec![Some(Value::text("1")), None, Some(Value::integer(1))]);
    }
}
