//! Why a history is not linearizable, in as few operations as possible.
//!
//! The longest partial orders say how far one gets; the counter-example says what can't be. An
//! operation is left out of it only if that proves as much: a read is dropped, and a write is
//! allowed to take effect at any time, or never. So whatever the others saw may still have been
//! written, and what is left is impossible whatever else happened.

use super::model::{Call, Observed, Reply, Value};
use super::search::Search;

/// Why a key's history is not linearizable. Operations are told by their places in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Explanation {
    /// Operations that can't all have happened, in the order of their invocations.
    pub counter_example: Vec<usize>,
    /// Whether no operation can be left out of the counter-example. False if the budget ended.
    pub is_minimal: bool,
    /// The operation that can't return as it did, whatever came before: the first one.
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

/// The search for an explanation.
struct Inquiry<'a> {
    history: &'a [Observed],
    initial: &'a [Option<Value>],
    /// Steps that are left.
    steps: &'a mut u64,
}

/// Explains why the operations of a key, which was at one of the values of `initial` at first,
/// are not linearizable. It takes about `steps` steps at most, which it counts down.
pub fn explain(history: &[Observed], initial: &[Option<Value>], steps: &mut u64) -> Explanation {
    let mut inquiry = Inquiry {
        history,
        initial,
        steps,
    };
    let (begun, stuck) = inquiry.shortest_beginning();
    let partial_orders = inquiry.partial_orders(&begun);
    let (counter_example, is_minimal) = inquiry.minimize(&begun);
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
    /// Whether a history is certainly not linearizable.
    fn is_bad(&mut self, history: &[Observed]) -> bool {
        let size = history.len() as u64 + 1;
        if *self.steps < size {
            return false;
        }
        *self.steps -= size;
        let mut steps = SEARCH.min(*self.steps);
        let before = steps;
        let found = Search::new(history, self.initial).run(&mut steps);
        *self.steps -= before - steps;
        found == Some(false)
    }

    /// The operations invoked by `time`. What returned later had not returned by then.
    fn begun_by(&self, time: u64) -> Begun {
        let all = self.history.iter().cloned().enumerate();
        let mut begun: Begun = all.filter(|(_, o)| o.invoked <= time).collect();
        for (_, observed) in &mut begun {
            if observed.returned.is_some_and(|returned| returned > time) {
                observed.returned = None;
                observed.reply = Reply::Unknown;
            }
        }
        begun.sort_by_key(|(_, observed)| observed.invoked);
        begun
    }

    /// The shortest beginning of the history that is bad, and the operation whose return makes
    /// it so.
    fn shortest_beginning(&mut self) -> (Begun, Option<usize>) {
        let mut returns: Vec<(u64, usize)> = self
            .history
            .iter()
            .enumerate()
            .filter_map(|(at, observed)| Some((observed.returned?, at)))
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
        match returns.get(bad) {
            Some(&(time, at)) => (self.begun_by(time), Some(at)),
            None => (self.begun_by(u64::MAX), None),
        }
    }

    /// These may hold operations that return later: they had begun.
    fn partial_orders(&mut self, begun: &Begun) -> Vec<PartialOrder> {
        let all = begun.iter().map(|&(at, _)| self.history[at].clone());
        let history: Vec<Observed> = all.collect();
        let mut steps = SEARCH.min(*self.steps);
        let before = steps;
        let orders = Search::new(&history, self.initial).longest_orders(&mut steps);
        *self.steps -= before - steps;
        let mut found: Vec<PartialOrder> = Vec::new();
        for (root, order) in orders {
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
    fn minimize(&mut self, begun: &Begun) -> (Vec<usize>, bool) {
        let mut kept: Vec<usize> = (0..begun.len()).collect();
        let mut size = begun.len().next_power_of_two() / 2;
        while size > 0 {
            let before = kept.len();
            let mut first = 0;
            while first < kept.len() {
                let mut fewer = kept.clone();
                fewer.drain(first..(first + size).min(kept.len()));
                if self.is_bad(&relaxed(begun, &fewer)) {
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
        (kept, *self.steps > begun.len() as u64)
    }
}

/// The operations at `kept` as they are; the others bind nobody any more.
fn relaxed(begun: &Begun, kept: &[usize]) -> Vec<Observed> {
    let mut kept = kept.iter().peekable();
    let mut relaxed = Vec::with_capacity(begun.len());
    for (at, (_, observed)) in begun.iter().enumerate() {
        if kept.next_if_eq(&&at).is_some() {
            relaxed.push(observed.clone());
        } else if observed.call != Call::Get && observed.reply != Reply::Missed {
            relaxed.push(Observed {
                call: observed.call.clone(),
                reply: Reply::Unknown,
                invoked: 0,
                returned: None,
            });
        }
    }
    relaxed
}
