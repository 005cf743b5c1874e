//! The log against a plain vector, whatever is done to it; and the size of what carries it.

use kvorum::raft::{Entries, Entry, EntryId, Log, Message, Payload};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Push(u16),
    Extend { from: u64, len: u64 },
    Truncate(u64),
    Compact(u64),
    Install { ahead: u64 },
    Clone,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (1..400_u16).prop_map(Change::Push),
        2 => (0..900_u64, 1..40_u64).prop_map(|(from, len)| Change::Extend { from, len }),
        1 => (1..900_u64).prop_map(Change::Truncate),
        2 => (1..900_u64).prop_map(Change::Compact),
        1 => (1..50_u64).prop_map(|ahead| Change::Install { ahead }),
        1 => Just(Change::Clone),
    ]
}

/// Compares the log with the model, of which the first `base` entries were compacted away.
fn check(log: &Log<u64>, model: &[(u64, u64)], base: u64) {
    assert_eq!(log.last_index(), model.len() as u64);
    assert_eq!(log.last().term, model.last().map_or(0, |e| e.0));
    assert_eq!(log.base().index, base);
    let base_term = base.checked_sub(1).map_or(0, |at| model[at as usize].0);
    assert_eq!(log.term_at(base), Some(base_term));
    for index in 1..=base {
        assert_eq!(log.entry(index), None);
        assert!(index == base || log.term_at(index).is_none());
    }
    for (index, &(term, command)) in (1..).zip(model).skip(base as usize) {
        assert_eq!(log.term_at(index), Some(term));
        assert_eq!(
            log.entry(index),
            Some(&Entry {
                term,
                payload: Payload::Command(command)
            })
        );
    }
    assert_eq!(log.entry(0), None);
    assert_eq!(log.entry(model.len() as u64 + 1), None);
    let middle = base + (model.len() as u64 - base) / 2 + 1;
    for (first, max) in [(base + 1, 3), (base + 250, 20), (middle, 700)] {
        let slice: Vec<_> = log.slice(first, max).iter().map(|e| e.term).collect();
        let expected: Vec<_> = model
            .iter()
            .skip(first as usize - 1)
            .take(max as usize)
            .map(|e| e.0)
            .collect();
        assert_eq!(slice, expected, "from {first}, at most {max}");
    }
    assert!(log.slice(base, 5).is_empty());
    for &(term, _) in model.iter().skip(base as usize).step_by(97) {
        let last = model
            .iter()
            .rposition(|e| e.0 == term)
            .map(|at| at as u64 + 1);
        assert_eq!(log.last_of_term(term, u64::MAX / 2), last);
        let first = model
            .iter()
            .position(|e| e.0 == term)
            .map(|at| (at as u64).max(base) + 1);
        assert_eq!(
            Some(log.first_of_term(term, last.expect("it is there"))),
            first
        );
    }
}

proptest! {
    #[test]
    fn a_log_is_a_vector(changes in prop::collection::vec(change(), 1..60)) {
        let (mut log, mut model) = (Log::default(), Vec::new());
        // An older copy that shares segments with the log and grows by itself.
        let (mut old, mut old_model, mut old_base) = (Log::default(), Vec::new(), 0);
        let (mut term, mut base) = (1, 0);
        for (command, change) in (0..).zip(changes) {
            term += command % 2;
            match change {
                Change::Push(count) => {
                    for at in 0..u64::from(count) {
                        let command = command * 1_000 + at;
                        log.push(Entry { term, payload: Payload::Command(command) });
                        model.push((term, command));
                    }
                }
                Change::Extend { from, len } => {
                    let entries: Entries<u64> = (from..from + len)
                        .map(|command| Entry { term, payload: Payload::Command(command) })
                        .collect();
                    let (half, rest) = (entries.slice(0, len / 2), entries.slice(len / 2, len));
                    log.extend(&half);
                    log.extend(&rest);
                    model.extend((from..from + len).map(|command| (term, command)));
                }
                Change::Truncate(from) => {
                    log.truncate(from);
                    model.truncate((from - 1).max(base) as usize);
                }
                Change::Compact(to) => {
                    let to = to.min(log.last_index());
                    if let Some(at) = log.entry_id(to) {
                        log.rebase(at);
                        base = to;
                    }
                }
                Change::Install { ahead } => {
                    let index = log.last_index() + ahead;
                    log.rebase(EntryId { index, term });
                    model.resize(index as usize, (term, 0));
                    base = index;
                }
                Change::Clone => {
                    (old, old_model, old_base) = (log.clone(), model.clone(), base);
                    old.push(Entry { term, payload: Payload::Command(u64::MAX) });
                    old_model.push((term, u64::MAX));
                }
            }
        }
        check(&log, &model, base);
        check(&old, &old_model, old_base);
    }
}

/// Queues and buffers move messages by value.
#[test]
fn a_message_fits_a_cache_line() {
    assert!(
        size_of::<Message<()>>() <= 64,
        "{} bytes",
        size_of::<Message<()>>()
    );
}
