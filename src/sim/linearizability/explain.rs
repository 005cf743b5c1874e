//! Why a history is not linearizable, in as few operations as possible.
//!
//! The longest partial orders say how far one gets; the counter-example says what can't be. An
//! operation is left out of it only if that proves as much: a read is dropped, and a write is
//! allowed to take effect at any time, or never. So whatever the others saw may still have been
//! written, and what is left is impossible whatever else happened.
//!
//! A long history is too much for that at once: then the search says where it gets stuck, and
//! the operations shortly before that place are tried alone.

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

/// Steps of one search at most.
const SEARCH: u64 = 1 << 16;

/// Steps between two questions whether to go on.
const TURN: u64 = 1 << 13;

/// Operations of a history in whose beginnings one can't look for the first bad one.
const LONG: usize = 1 << 12;

/// Sizes of what is tried alone of a longer history.
const WINDOWS: [usize; 3] = [64, 512, 4_096];

/// The search for an explanation.
struct Inquiry<'a> {
    history: &'a [Observed],
    initial: &'a [Option<Value>],
    /// Steps that are left.
    steps: &'a mut u64,
    /// Asked before each search.
    go_on: &'a mut dyn FnMut() -> bool,
    /// Whether some search was not finished.
    has_doubts: bool,
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
    let mut inquiry = Inquiry {
        history,
        initial,
        steps,
        go_on: &mut go_on,
        has_doubts: false,
    };
    let (begun, stuck) = inquiry.shortest_beginning();
    let for_orders = (*inquiry.steps / 4).min(2 * SEARCH);
    *inquiry.steps -= for_orders;
    let (counter_example, is_minimal) = inquiry.minimize(begun.clone(), stuck);
    *inquiry.steps += for_orders;
    let partial_orders = inquiry.partial_orders(&begun);
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

impl Inquiry<'_> {
    /// Whether there is time for another search of so many operations. Once there isn't, there
    /// never is again.
    fn may_search(&mut self, size: usize) -> bool {
        let size = size as u64 + 1;
        let may = *self.steps >= size && (self.go_on)();
        *self.steps = if may { *self.steps - size } else { 0 };
        self.has_doubts |= !may;
        may
    }

    /// Whether a history is certainly not linearizable.
    fn is_bad(&mut self, history: &[Observed]) -> bool {
        if !self.may_search(history.len()) {
            return false;
        }
        let mut search = Search::new(history, self.initial);
        let mut left = SEARCH.min(*self.steps);
        let mut found = None;
        while found.is_none() && left > 0 && (self.go_on)() {
            let turn = left.min(TURN);
            let mut steps = turn;
            found = search.run(&mut steps);
            // A search whose memory is full takes no steps.
            let used = (turn - steps).max(1);
            left -= used;
            *self.steps -= used;
        }
        self.has_doubts |= found.is_none();
        found == Some(false)
    }

    /// How far one gets in a history; by places in it.
    fn longest(&mut self, history: &[Observed]) -> Longest {
        if !self.may_search(history.len()) {
            return Longest::default();
        }
        let mut steps = SEARCH.min(*self.steps);
        let before = steps;
        let search = Search::new(history, self.initial);
        let longest = search.longest_orders(&mut steps, &mut self.go_on);
        *self.steps -= before - steps;
        longest
    }

    /// The operations invoked by `time`. What returned later had not returned by then.
    fn begun_by(&self, time: u64) -> Begun {
        let all = self.history.iter().cloned().enumerate();
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

    /// The shortest beginning of the history that is bad, and the operation whose return makes
    /// it so; if that isn't found, all, and where a search gets stuck.
    fn shortest_beginning(&mut self) -> (Begun, Option<usize>) {
        let is_long = self.history.len() > LONG;
        if !is_long && let Some(found) = self.bad_beginning_by_halves() {
            return found;
        }
        let stuck = self.longest(self.history).stuck;
        let returned = stuck.and_then(|at| self.history[at].deadline());
        if let Some(begun) = returned.map(|time| self.begun_by(time))
            && self.focus(&begun, stuck).is_some()
        {
            return (begun, stuck);
        }
        let all = self.begun_by(u64::MAX);
        if is_long && self.is_bad(&only(&all)) {
            return self.bad_beginning_by_halves().unwrap_or((all, stuck));
        }
        (all, stuck)
    }

    /// What a search doesn't finish counts as good: a later beginning may be easier.
    fn bad_beginning_by_halves(&mut self) -> Option<(Begun, Option<usize>)> {
        let mut returns: Vec<(u64, usize)> = self
            .history
            .iter()
            .enumerate()
            .filter_map(|(at, observed)| Some((observed.deadline()?, at)))
            .collect();
        returns.sort_unstable();
        let (mut good, mut bad) = (0, returns.len());
        while good < bad {
            let middle = (good + bad) / 2;
            let begun = self.begun_by(returns[middle].0);
            if self.is_bad(&only(&begun)) {
                bad = middle;
            } else {
                good = middle + 1;
            }
        }
        let &(time, at) = returns.get(bad)?;
        Some((self.begun_by(time), Some(at)))
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
            if self.is_bad(&only(&fewer)) {
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

    /// Leaves out what can be left out: halves first, then quarters, at last one by one.
    fn minimize(&mut self, begun: Begun, stuck: Option<usize>) -> (Vec<usize>, bool) {
        let (begun, mut kept) = self.focus(&begun, stuck).unwrap_or_else(|| {
            let all = (0..begun.len()).collect();
            (begun, all)
        });
        self.has_doubts = false;
        let mut size = kept.len().next_power_of_two() / 2;
        while size > 0 && *self.steps > 0 {
            let before = kept.len();
            let mut first = 0;
            while first < kept.len() && *self.steps > 0 {
                let mut fewer = kept.clone();
                fewer.drain(first..(first + size).min(kept.len()));
                if self.is_bad(&only(&relaxed(&begun, &fewer))) {
                    kept = fewer;
                } else {
                    first += size;
                }
            }
            if size > 1 || kept.len() == before {
                size /= 2;
            }
        }
        let kept = kept.into_iter().map(|at| begun[at].0).collect();
        (kept, *self.steps > 0 && !self.has_doubts)
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
