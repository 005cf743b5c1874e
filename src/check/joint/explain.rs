//! Why transactions have no order, in as few of them as possible (see `explain` of one key).

use super::super::explain::{Explanation, PartialOrder};
use super::super::inquiry::{Inquiry, LONG, SEARCH};
use super::super::model::{Reply, Value};
use super::{Search, Transaction};

/// The history, and what may still be searched in it.
struct Asked<'a> {
    initial: &'a [Option<Value>],
    left: Inquiry<'a>,
}

/// Explains why transactions are not linearizable where the keys hold `initial` at first. It takes
/// about `steps` steps at most, which it counts down, and ends soon after `go_on` says no.
pub fn explain(
    history: &[Transaction],
    initial: &[Option<Value>],
    steps: &mut u64,
    mut go_on: impl FnMut() -> bool,
) -> Explanation {
    let left = Inquiry::new(steps, &mut go_on);
    let mut asked = Asked { initial, left };
    let (begun, last) = asked.shortest_beginning(history);
    let for_order = (*asked.left.steps / 4).min(2 * SEARCH);
    *asked.left.steps -= for_order;
    let (counter_example, is_minimal) = asked.minimize(&begun);
    *asked.left.steps += for_order;
    let cut: Vec<Transaction> = begun.iter().map(|(_, it)| it.clone()).collect();
    let mut left = SEARCH.min(*asked.left.steps);
    *asked.left.steps -= left;
    let (order, stuck) = Search::new(&cut, initial).furthest(&mut left);
    *asked.left.steps += left;
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

/// Whether a history certainly has no order.
fn is_bad(initial: &[Option<Value>], left: &mut Inquiry<'_>, history: &[Transaction]) -> bool {
    if !left.may_search(history.len()) {
        return false;
    }
    let mut search = Search::new(history, initial);
    left.is_bad(&mut |steps| search.run(steps))
}

impl Asked<'_> {
    /// The shortest beginning that is bad, and the transaction whose return makes it so.
    fn shortest_beginning(&mut self, history: &[Transaction]) -> (Begun, Option<usize>) {
        let deadlines = history.iter().map(Transaction::deadline);
        let found = match history.len() > LONG {
            true => None,
            false => self.left.first_bad_return(deadlines, |left, time| {
                let begun = begun_by(history, time).into_iter();
                let begun: Vec<_> = begun.map(|(_, it)| it).collect();
                is_bad(self.initial, left, &begun)
            }),
        };
        match found {
            Some((time, at)) => (begun_by(history, time), Some(at)),
            None => (begun_by(history, u64::MAX), None),
        }
    }

    /// What can't be left out.
    fn minimize(&mut self, begun: &Begun) -> (Vec<usize>, bool) {
        let all = (0..begun.len()).collect();
        let (kept, is_minimal) = self.left.minimize(all, |left, fewer| {
            is_bad(self.initial, left, &relaxed(begun, fewer))
        });
        (kept.into_iter().map(|at| begun[at].0).collect(), is_minimal)
    }
}
