//! Why a history is not linearizable, in as few operations as possible.
//!
//! The longest partial orders say how far one gets; the counter-example says what can't be. An
//! operation is left out of it only if that proves as much: a read is dropped, and a write is
//! allowed to take effect at any time, or never. So whatever the others saw may still have been
//! written, and what is left is impossible whatever else happened.
//!
//! A long history is too much for that at once: then the search says where it gets stuck, and
//! the operations shortly before that place are tried alone.

use super::inquiry::{Inquiry, LONG, SEARCH};
use super::model::{Call, Observed, Reply, Value};
use super::search::{Longest, Search};
use std::collections::BTreeSet;

/// Why a key's history is not linearizable. Operations are told by their places in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Explanation {
    /// Operations that can't all have happened, in the order of their invocations.
    pub counter_example: Vec<usize>,
    /// Whether no operation can be left out of the counter-example. False if the budget ended.
    pub is_minimal: bool,
    /// The operation that can't return as it did, whatever came before: the first one. If the
    /// budget ended, the one at which the search got stuck.
    pub stuck: Option<usize>,
    /// The longest orders of what came before it, longest first.
    pub partial_orders: Vec<PartialOrder>,
}

/// An order of some of the operations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartialOrder {
    /// The operations.
    pub order: Vec<usize>,
    /// The value after them.
    pub value: Option<Value>,
}

/// Partial orders that are told at most.
const ORDERS: usize = 3;

/// Sizes of what is tried alone of a longer history.
const WINDOWS: [usize; 3] = [64, 512, 4_096];

/// The history, and what may still be searched in it.
struct Asked<'a> {
    history: &'a [Observed],
    initial: &'a [Option<Value>],
    left: Inquiry<'a>,
}

/// Explains why the operations of a key, which was at one of the values of `initial` at first,
/// are not linearizable. It takes about `steps` steps at most, which it counts down, and ends
/// soon after `go_on` says no: then the counter-example may be the whole history.
pub fn explain(
    history: &[Observed],
    initial: &[Option<Value>],
    steps: &mut u64,
    mut go_on: impl FnMut() -> bool,
) -> Explanation {
    let left = Inquiry::new(steps, &mut go_on);
    let mut asked = Asked {
        history,
        initial,
        left,
    };
    let (begun, stuck) = asked.shortest_beginning();
    let for_orders = (*asked.left.steps / 4).min(2 * SEARCH);
    *asked.left.steps -= for_orders;
    let (counter_example, is_minimal) = asked.minimize(begun.clone(), stuck);
    *asked.left.steps += for_orders;
    let partial_orders = asked.partial_orders(&begun);
    Explanation {
        counter_example,
        is_minimal,
        stuck,
        partial_orders,
    }
}

/// An operation that has begun, and what is known of it by some time.
type Begun = Vec<(usize, Observed)>;

fn only(begun: &Begun) -> Vec<Observed> {
    begun.iter().map(|(_, observed)| observed.clone()).collect()
}

/// Whether a history is certainly not linearizable.
fn is_bad(initial: &[Option<Value>], left: &mut Inquiry<'_>, history: &[Observed]) -> bool {
    if !left.may_search(history.len()) {
        return false;
    }
    let mut search = Search::new(history, initial);
    left.is_bad(&mut |steps| search.run(steps))
}

/// The operations invoked by `time`. What returned later had not returned by then.
fn begun_by(history: &[Observed], time: u64) -> Begun {
    let all = history.iter().cloned().enumerate();
    let mut begun: Begun = all.filter(|(_, o)| o.invoked <= time).collect();
    for (_, observed) in &mut begun {
        if observed.deadline().is_some_and(|returned| returned > time) {
            observed.returned = None;
            observed.reply = Reply::Unknown;
        }
    }
    begun.sort_by_key(|(_, observed)| observed.invoked);
    begun
}

impl Asked<'_> {
    /// How far one gets in a history; by places in it.
    fn longest(&mut self, history: &[Observed]) -> Longest {
        if !self.left.may_search(history.len()) {
            return Longest::default();
        }
        let mut steps = SEARCH.min(*self.left.steps);
        let before = steps;
        let search = Search::new(history, self.initial);
        let longest = search.longest_orders(&mut steps, &mut self.left.go_on);
        *self.left.steps -= before - steps;
        longest
    }

    /// The shortest beginning of the history that is bad, and the operation whose return makes
    /// it so; if that isn't found, all, and where a search gets stuck.
    fn shortest_beginning(&mut self) -> (Begun, Option<usize>) {
        let is_long = self.history.len() > LONG;
        if !is_long && let Some(found) = self.bad_beginning_by_halves() {
            return found;
        }
        let stuck = self.longest(self.history).stuck;
        let returned = stuck.and_then(|at| self.history[at].deadline());
        if let Some(begun) = returned.map(|time| begun_by(self.history, time))
            && self.focus(&begun, stuck).is_some()
        {
            return (begun, stuck);
        }
        let all = begun_by(self.history, u64::MAX);
        if is_long && is_bad(self.initial, &mut self.left, &only(&all)) {
            return self.bad_beginning_by_halves().unwrap_or((all, stuck));
        }
        (all, stuck)
    }

    fn bad_beginning_by_halves(&mut self) -> Option<(Begun, Option<usize>)> {
        let (history, initial) = (self.history, self.initial);
        let deadlines = history.iter().map(Observed::deadline);
        let found = self.left.first_bad_return(deadlines, |left, time| {
            is_bad(initial, left, &only(&begun_by(history, time)))
        });
        let (time, at) = found?;
        Some((begun_by(history, time), Some(at)))
    }

    /// A long beginning without what the last operations of it, and those with the value of the
    /// stuck one, don't need to be impossible; and which these are.
    fn focus(&mut self, begun: &Begun, stuck: Option<usize>) -> Option<(Begun, Vec<usize>)> {
        let stuck = &self.history[stuck?];
        for size in WINDOWS.into_iter().filter(|&size| size * 4 < begun.len()) {
            let last = begun.len() - size;
            let is_near = |at: usize| at >= last || has_same_value(&begun[at].1, stuck);
            let kept: Vec<usize> = (0..begun.len()).filter(|&at| is_near(at)).collect();
            let fewer = relaxed(begun, &kept);
            if is_bad(self.initial, &mut self.left, &only(&fewer)) {
                let numbers: BTreeSet<usize> = kept.iter().map(|&at| begun[at].0).collect();
                let is_kept = |&at: &usize| numbers.contains(&fewer[at].0);
                let kept = (0..fewer.len()).filter(is_kept).collect();
                return Some((fewer, kept));
            }
        }
        None
    }

    /// These may hold operations that return later: they had begun.
    fn partial_orders(&mut self, begun: &Begun) -> Vec<PartialOrder> {
        let all = begun.iter().map(|&(at, _)| self.history[at].clone());
        let history: Vec<Observed> = all.collect();
        let mut found: Vec<PartialOrder> = Vec::new();
        for (root, order) in self.longest(&history).orders {
            let value = order.iter().fold(self.initial[root].clone(), |value, &at| {
                history[at].run(value.as_ref()).flatten()
            });
            if found.len() < ORDERS && found.iter().all(|other| other.value != value) {
                found.push(PartialOrder {
                    order: order.iter().map(|&at| begun[at].0).collect(),
                    value,
                });
            }
        }
        found
    }

    /// What can't be left out.
    fn minimize(&mut self, begun: Begun, stuck: Option<usize>) -> (Vec<usize>, bool) {
        let (begun, kept) = self.focus(&begun, stuck).unwrap_or_else(|| {
            let all = (0..begun.len()).collect();
            (begun, all)
        });
        let initial = self.initial;
        let (kept, is_minimal) = self.left.minimize(kept, |left, fewer| {
            is_bad(initial, left, &only(&relaxed(&begun, fewer)))
        });
        (kept.into_iter().map(|at| begun[at].0).collect(), is_minimal)
    }
}

/// The value that an operation found or leaves, if it tells.
fn value(observed: &Observed) -> Option<&Value> {
    match (&observed.call, &observed.reply) {
        (Call::Put(value) | Call::Cas { value, .. }, _) => Some(value),
        (Call::Get, Reply::Found(found)) => found.as_ref(),
        _ => None,
    }
}

fn has_same_value(one: &Observed, other: &Observed) -> bool {
    value(one).is_some() && value(one) == value(other)
}

/// The operations at `kept` as they are; the others bind nobody any more. Reads of these are left
/// out, and so are writes that none of `kept` could notice.
fn relaxed(begun: &Begun, kept: &[usize]) -> Begun {
    let only_registers = begun
        .iter()
        .all(|(_, it)| matches!(it.call, Call::Get | Call::Put(_)));
    let seen: BTreeSet<&Value> = kept.iter().filter_map(|&at| value(&begun[at].1)).collect();
    let is_noticed = |observed: &Observed| {
        !only_registers || value(observed).is_some_and(|it| seen.contains(it))
    };
    let mut kept = kept.iter().peekable();
    let mut relaxed = Vec::with_capacity(begun.len());
    for (at, (number, observed)) in begun.iter().enumerate() {
        if kept.next_if_eq(&&at).is_some() {
            relaxed.push((*number, observed.clone()));
        } else if observed.call != Call::Get
            && !matches!(observed.reply, Reply::Missed | Reply::Absent)
            && is_noticed(observed)
        {
            let free = Observed {
                call: observed.call.clone(),
                reply: Reply::Unknown,
                invoked: 0,
                returned: None,
            };
            relaxed.push((*number, free));
        }
    }
    relaxed
}
