//! The search for an order: against one that tries them all, and on histories that are known.

use kvorum::sim::linearizability::{Call, KeyCheck, Observed, Reply, Value, Verdict, check};
use proptest::prelude::*;

/// Whether there is an order, by trying them all.
fn has_order(left: &[&Observed], value: Option<&Value>) -> bool {
    let earliest = left.iter().filter_map(|o| o.returned).min();
    let Some(earliest) = earliest else {
        return true;
    };
    (0..left.len()).any(|at| {
        let mut rest = left.to_vec();
        let next = rest.remove(at);
        next.invoked <= earliest
            && next
                .run(value)
                .is_some_and(|value| has_order(&rest, value.as_ref()))
    })
}

fn verdict(history: &[Observed]) -> Verdict {
    check(&[history], |_| true)[0]
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (1..4u8).prop_map(|n| Value::text(n.to_string())),
        1 => Just(Value::text("")),
        1 => Just(Value::integer(1)),
    ]
}

fn calls(kinds: &'static [u8]) -> impl Strategy<Value = Call> {
    let maybe = prop_oneof![3 => values().prop_map(Some), 1 => Just(None)];
    (0..kinds.len(), values(), maybe).prop_map(|(kind, value, expected)| match kinds[kind] {
        b'g' => Call::Get,
        b'p' => Call::Put(value),
        b'a' => Call::Append(value),
        b'd' => Call::Delete,
        _ => Call::Cas { expected, value },
    })
}

/// What is drawn for an operation: the call, when it is invoked, takes effect and returns, and
/// what becomes of its reply.
type Drawn = (Call, u64, u64, u64, u8, Option<Value>);

/// A history that really happened, in which some operations were lost, and some lie.
fn happened(mut drawn: Vec<Drawn>) -> Vec<Observed> {
    drawn.sort_by_key(|&(_, invoked, point, ..)| invoked + point);
    let mut value: Option<Value> = None;
    let mut history = Vec::new();
    for (call, invoked, point, more, fate, lie) in drawn {
        let mut reply = match &call {
            Call::Get => Reply::Found(value.clone()),
            Call::Cas { expected, .. } if *expected != value => Reply::Missed,
            _ => Reply::Done,
        };
        let observed = |reply| Observed {
            call: call.clone(),
            reply,
            invoked,
            returned: (fate > 1).then_some(invoked + point + more),
        };
        if fate > 0 {
            value = observed(Reply::Unknown).run(value.as_ref()).unwrap();
        }
        match (fate, &call) {
            (0..=2, _) => reply = Reply::Unknown,
            (3, Call::Get) => reply = Reply::Found(lie),
            (3, Call::Cas { .. }) if reply == Reply::Done => reply = Reply::Missed,
            (3, Call::Cas { .. }) => reply = Reply::Done,
            _ => {}
        }
        history.push(observed(reply));
    }
    history
}

fn drawn(kinds: &'static [u8]) -> impl Strategy<Value = Vec<Drawn>> {
    let lie = prop_oneof![3 => values().prop_map(Some), 1 => Just(None)];
    let one = (calls(kinds), 0..16u64, 0..6u64, 0..6u64, 0..20u8, lie);
    prop::collection::vec(one, 1..9)
}

fn agrees(history: &[Observed]) {
    let found = verdict(history) == Verdict::Linearizable;
    let all: Vec<_> = history.iter().collect();
    assert_eq!(found, has_order(&all, None), "{history:#?}");
    let mut search = KeyCheck::new(history);
    while search.go_on(&mut 3) == Verdict::Unknown {}
    assert_eq!(search.go_on(&mut 1), verdict(history), "interrupted");
    if found {
        is_an_order(history, &search.order());
    }
}

/// Fails unless the operations can have taken effect in this order, and all others needn't have.
fn is_an_order(history: &[Observed], order: &[usize]) {
    let mut value = None;
    for (n, &at) in order.iter().enumerate() {
        let Some(next) = history[at].run(value.as_ref()) else {
            panic!("operation {at} of {order:?} at {value:?}: {history:#?}");
        };
        value = next;
        let later = order[n + 1..].iter().map(|&at| &history[at]);
        let too_late = later
            .filter_map(|o| o.returned)
            .any(|end| end < history[at].invoked);
        assert!(
            !too_late && !order[..n].contains(&at),
            "{order:?}: {history:#?}"
        );
    }
    let may_miss =
        |o: &Observed| o.returned.is_none() || o.call == Call::Get && o.reply == Reply::Unknown;
    let missed = (0..history.len()).filter(|at| !order.contains(at));
    for at in missed {
        assert!(
            may_miss(&history[at]),
            "{at} is not in {order:?}: {history:#?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_and_writes_agree_with_trying_all_orders(drawn in drawn(b"ggppd")) {
        agrees(&happened(drawn));
    }

    #[test]
    fn registers_agree_with_trying_all_orders(drawn in drawn(b"gpccd")) {
        agrees(&happened(drawn));
    }

    #[test]
    fn appends_agree_with_trying_all_orders(drawn in drawn(b"ggaaapd")) {
        agrees(&happened(drawn));
    }

    #[test]
    fn everything_agrees_with_trying_all_orders(drawn in drawn(b"gpadc")) {
        agrees(&happened(drawn));
    }
}
