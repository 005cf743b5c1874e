//! The search for an order: against one that tries them all, and on histories that are known.

use kvorum::check::{Call, Case, KeyCheck, Observed, Reply, Value, Verdict, check};
use proptest::prelude::*;

/// Whether there is an order, by trying them all.
fn has_order(left: &[&Observed], value: Option<&Value>) -> bool {
    let earliest = left.iter().filter_map(|o| o.deadline()).min();
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

fn verdict(history: &[Observed], initial: &Option<Value>) -> Verdict {
    check(&[Case::Key { history, initial }], |_| true)[0]
}

/// Whole numbers by chance, below a bound: any generator will do.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

/// What another system's test would record: clients take turns on some keys, one operation in ten
/// never returns, and its client goes on under another name. By key.
fn recorded(kv: bool, operations: usize, clients: u64, keys: u64) -> Vec<Vec<Observed>> {
    let mut chance = Chance(7);
    let mut free = vec![0; clients as usize];
    let mut drawn: Vec<_> = (0..operations)
        .map(|_| {
            let client = chance.below(clients) as usize;
            let invoked = free[client] + 1 + chance.below(20);
            let point = invoked + chance.below(40);
            free[client] = point + chance.below(40);
            (point, invoked, free[client])
        })
        .collect();
    drawn.sort_unstable();
    let mut values: Vec<Option<Value>> = vec![None; keys as usize];
    let mut histories = vec![Vec::new(); keys as usize];
    for (number, (_, invoked, returned)) in drawn.into_iter().enumerate() {
        let key = chance.below(keys) as usize;
        let value = &mut values[key];
        let text = Value::text(format!("{number} "));
        let mut few = || Value::integer(chance.below(5).into());
        let (one, other) = (few(), few());
        let call = match (kv, chance.below(10)) {
            (_, 0..4) => Call::Get,
            (true, 4) => Call::Put(text),
            (true, 5) => Call::Delete,
            (true, _) => Call::Append(text),
            (false, 4..7) => Call::Put(one),
            (false, _) => Call::Cas {
                expected: Some(one),
                value: other,
                creates: false,
            },
        };
        let (lost, happens) = (chance.below(10) == 0, chance.below(2) == 0);
        let reply = match &call {
            _ if lost => Reply::Unknown,
            Call::Get => Reply::Found(value.clone()),
            call if !call.hits(value.as_ref()) => Reply::Missed,
            _ => Reply::Done,
        };
        let returned = (!lost).then_some(returned);
        let observed = Observed {
            call,
            reply,
            invoked,
            returned,
        };
        if !lost || happens {
            *value = observed.run(value.as_ref()).expect("it is what happened");
        }
        histories[key].push(observed);
    }
    histories
}

#[test]
fn histories_of_other_systems_are_judged_whole() {
    for kv in [false, true] {
        let mut histories = recorded(kv, 20_000, 300, 200);
        let judge = |histories: &[Vec<Observed>]| {
            let keys: Vec<_> = histories.iter().map(|key| Case::of_key(key)).collect();
            check(&keys, |progress| progress.steps < 20_000_000)
        };
        assert_eq!(judge(&histories), [Verdict::Linearizable; 200], "kv: {kv}");
        // One read lies: it found what nobody ever wrote there, or what was there long before.
        let reads = |(_, it): &(usize, &Observed)| matches!(it.reply, Reply::Found(Some(_)));
        let found: Vec<_> = histories[7]
            .iter()
            .enumerate()
            .filter(reads)
            .map(|it| it.0)
            .collect();
        let old = histories[7][found[0]].reply.clone();
        let nowhere = Reply::Found(Some(Value::text("nowhere")));
        for lie in [Some(nowhere), kv.then_some(old)].into_iter().flatten() {
            histories[7][found[found.len() - 1]].reply = lie;
            let mut expected = [Verdict::Linearizable; 200];
            expected[7] = Verdict::NotLinearizable;
            assert_eq!(judge(&histories), expected, "kv: {kv}");
        }
    }
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
        b'c' => Call::Cas {
            expected,
            value,
            creates: false,
        },
        _ => Call::Cas {
            expected,
            value,
            creates: true,
        },
    })
}

/// What is drawn for an operation: the call, when it is invoked, takes effect and returns, and
/// what becomes of its reply.
type Drawn = (Call, u64, u64, u64, u8, Option<Value>);

/// A history that really happened, in which some operations were lost, and some lie. One that was
/// lost and answered nothing may have taken effect long after it returned.
fn happened(mut drawn: Vec<Drawn>, initial: Option<Value>) -> Vec<Observed> {
    drawn.sort_by_key(|&(_, invoked, point, ..)| invoked + point);
    let mut value = initial;
    let mut history = Vec::new();
    for (call, invoked, point, more, fate, lie) in drawn {
        let tells_absence = more % 2 == 0;
        let mut reply = match &call {
            Call::Get => Reply::Found(value.clone()),
            Call::Delete if value.is_none() && tells_absence => Reply::Absent,
            call if call.hits(value.as_ref()) => Reply::Done,
            Call::Cas { creates: false, .. } if value.is_none() && tells_absence => Reply::Absent,
            _ => Reply::Missed,
        };
        // A return that says nothing may come before anything has happened.
        let late = if fate == 2 { point } else { 0 };
        let observed = |reply| Observed {
            call: call.clone(),
            reply,
            invoked,
            returned: (fate > 1).then_some(invoked + point + more - late),
        };
        if fate > 0 {
            value = observed(Reply::Unknown).run(value.as_ref()).unwrap();
        }
        match (fate, &call) {
            (0..=2, _) => reply = Reply::Unknown,
            (3, Call::Get) => reply = Reply::Found(lie),
            (3, Call::Delete) => reply = Reply::Absent,
            (3, Call::Cas { .. }) if reply == Reply::Done => reply = Reply::Missed,
            (3, Call::Cas { .. }) => reply = Reply::Done,
            _ => {}
        }
        history.push(observed(reply));
    }
    history
}

/// `fates` to one, an operation is lost before it happened, and as likely after it.
fn drawn(kinds: &'static [u8], fates: u8) -> impl Strategy<Value = Vec<Drawn>> {
    let lie = prop_oneof![3 => values().prop_map(Some), 1 => Just(None)];
    let one = (calls(kinds), 0..16u64, 0..6u64, 0..6u64, 0..fates, lie);
    prop::collection::vec(one, 1..9)
}

fn agrees(drawn: Vec<Drawn>) {
    // What the first lie says is there before, and every other time nothing.
    let initial = drawn
        .first()
        .and_then(|(.., more, _, lie)| lie.clone().filter(|_| more % 2 == 1));
    agrees_on(&happened(drawn.clone(), initial.clone()), &initial);
    let history = happened(drawn, None);
    agrees_on(&history, &None);
    let mut search = KeyCheck::new(&history);
    while search.go_on(&mut 3) == Verdict::Unknown {}
    let found = search.go_on(&mut 1);
    assert_eq!(found, verdict(&history, &None), "interrupted");
    if found == Verdict::Linearizable {
        is_an_order(&history, &search.order());
    }
}

fn agrees_on(history: &[Observed], initial: &Option<Value>) {
    let found = verdict(history, initial) == Verdict::Linearizable;
    let all: Vec<_> = history.iter().collect();
    let expected = has_order(&all, initial.as_ref());
    assert_eq!(found, expected, "{initial:?}: {history:#?}");
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
            .filter_map(|o| o.deadline())
            .any(|end| end < history[at].invoked);
        assert!(
            !too_late && !order[..n].contains(&at),
            "{order:?}: {history:#?}"
        );
    }
    let may_miss = |o: &Observed| o.deadline().is_none();
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
    fn reads_and_writes_agree_with_trying_all_orders(drawn in drawn(b"ggppd", 20)) {
        agrees(drawn);
    }

    #[test]
    fn registers_agree_with_trying_all_orders(drawn in drawn(b"gpccd", 20)) {
        agrees(drawn);
    }

    #[test]
    fn appends_agree_with_trying_all_orders(drawn in drawn(b"ggaaapd", 20)) {
        agrees(drawn);
    }

    #[test]
    fn appends_alone_agree_with_trying_all_orders(drawn in drawn(b"ggaa", 20)) {
        agrees(drawn);
    }

    #[test]
    fn creating_agrees_with_trying_all_orders(drawn in drawn(b"gpkkcd", 20)) {
        agrees(drawn);
    }

    #[test]
    fn everything_agrees_with_trying_all_orders(drawn in drawn(b"gpadck", 20)) {
        agrees(drawn);
    }

    #[test]
    fn what_mostly_never_returned_agrees_with_trying_all_orders(drawn in drawn(b"ggpacdk", 4)) {
        agrees(drawn);
    }
}
