//! Why transactions have no order, in as few of them as possible (see `explain` of one key).

use super::super::explain::{Explanation, PartialOrder};
use super::super::model::{Reply, Value};
use super::{Search, Transaction};

/// Steps of one search at most.
const SEARCH: u64 = 1 << 16;

/// Steps between two questions whether to go on.
const TURN: u64 = 1 << 12;

/// Operations of a history in whose beginnings one can't look for the first bad one.
const LONG: usize = 1 << 12;

struct Inquiry<'a> {
    initial: &'a [Option<Value>],
    steps: &'a mut u64,
    go_on: &'a mut dyn FnMut() -> bool,
    /// Whether some search was not finished.
    has_doubts: bool,
}

/// Explains why transactions are not linearizable where the keys hold `initial` at first. It takes
/// about `steps` steps at most, which it counts down, and ends soon after `go_on` says no.
pub fn explain(
    history: &[Transaction],
    initial: &[Option<Value>],
    steps: &mut u64,
    mut go_on: impl FnMut() -> bool,
) -> Explanation {
    let mut inquiry = Inquiry {
        initial,
        steps,
        go_on: &mut go_on,
        has_doubts: false,
    };
    let (begun, last) = inquiry.shortest_beginning(history);
    let for_order = (*inquiry.steps / 4).min(2 * SEARCH);
    *inquiry.steps -= for_order;
    let (counter_example, is_minimal) = inquiry.minimize(&begun);
    *inquiry.steps += for_order;
    let cut: Vec<Transaction> = begun.iter().map(|(_, it)| it.clone()).collect();
    let mut left = SEARCH.min(*inquiry.steps);
    *inquiry.steps -= left;
    let (order, stuck) = Search::new(&cut, initial).furthest(&mut left);
    *inquiry.steps += left;
    let order: Vec<usize> = order.into_iter().map(|at| begun[at].0).collect();
    Explanation {
        counter_example,
        is_minimal,
        stuck: last.or(stuck.map(|at| begun[at].0)),
        partial_orders: vec![PartialOrder { order, value: None }],
    }
}

/// A transaction that has begun, and what is known of it by some time.
type Begun = Vec<(usize, Transaction)>;

/// The transactions invoked by `time`. What returned later had not returned by then.
fn begun_by(history: &[Transaction], time: u64) -> Begun {
    let all = history.iter().cloned().enumerate();
    let mut begun: Begun = all.filter(|(_, it)| it.invoked <= time).collect();
    for (_, it) in &mut begun {
        if it.deadline().is_some_and(|returned| returned > time) {
            free(it);
        }
    }
    begun.sort_by_key(|(_, it)| it.invoked);
    begun
}

/// Makes it one that perhaps happens, at any time.
fn free(it: &mut Transaction) {
    it.returned = None;
    it.reply = Reply::Unknown;
    for (_, _, reply) in &mut it.steps {
        *reply = Reply::Unknown;
    }
}

/// The transactions at `kept` as they are; the others bind nobody any more.
fn relaxed(begun: &Begun, kept: &[usize]) -> Vec<Transaction> {
    let mut kept = kept.iter().peekable();
    let mut relaxed = Vec::with_capacity(begun.len());
    for (at, (_, it)) in begun.iter().enumerate() {
        if kept.next_if_eq(&&at).is_some() {
            relaxed.push(it.clone());
        } else if !it.is_read() {
            let mut it = it.clone();
            free(&mut it);
            it.invoked = 0;
            relaxed.push(it);
        }
    }
    relaxed
}

impl Inquiry<'_> {
    /// Whether a history certainly has no order.
    fn is_bad(&mut self, history: &[Transaction]) -> bool {
        let size = history.len() as u64 + 1;
        if *self.steps < size || !(self.go_on)() {
            *self.steps = 0;
            self.has_doubts = true;
            return false;
        }
        *self.steps -= size;
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

    /// The shortest beginning that is bad, and the transaction whose return makes it so. What a
    /// search doesn't finish counts as good.
    fn shortest_beginning(&mut self, history: &[Transaction]) -> (Begun, Option<usize>) {
        let returns = history.iter().enumerate();
        let mut returns: Vec<(u64, usize)> = returns
            .filter_map(|(at, it)| Some((it.deadline()?, at)))
            .collect();
        returns.sort_unstable();
        let (mut good, mut bad) = (0, returns.len());
        while good < bad && history.len() <= LONG {
            let middle = (good + bad) / 2;
            let begun = begun_by(history, returns[middle].0);
            let begun: Vec<_> = begun.into_iter().map(|it| it.1).collect();
            if self.is_bad(&begun) {
                bad = middle;
            } else {
                good = middle + 1;
            }
        }
        match returns.get(bad).filter(|_| history.len() <= LONG) {
            Some(&(time, at)) => (begun_by(history, time), Some(at)),
            None => (begun_by(history, u64::MAX), None),
        }
    }

    /// Leaves out what can be left out: halves first, then quarters, at last one by one.
    fn minimize(&mut self, begun: &Begun) -> (Vec<usize>, bool) {
        self.has_doubts = false;
        let mut kept: Vec<usize> = (0..begun.len()).collect();
        let mut size = kept.len().next_power_of_two() / 2;
        while size > 0 && *self.steps > 0 {
            let before = kept.len();
            let mut first = 0;
            while first < kept.len() && *self.steps > 0 {
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
        (kept, *self.steps > 0 && !self.has_doubts)
    }
}
