//! Is a history of clients linearizable?
//!
//! Every operation has to look as if it took effect at one instant between its invocation and
//! its return (Herlihy and Wing, 1990). A history is linearizable if each key's is, so that keys
//! are checked one by one ([`check`]); finding the order of one key is NP-complete, so the search
//! has a budget, and what it didn't finish is [`Verdict::Unknown`], never "ok".
//!
//! Reading order: `model` (operations), `states`, `history` and `needs` (what the search works
//! on), `search`, `explain` (why not), `live` (the check of a running simulation).

mod explain;
mod history;
mod live;
mod model;
mod needs;
mod search;
mod seen;
mod states;

pub use explain::{Explanation, PartialOrder, explain};
pub use live::{CounterExample, Judge, Judgement, Live, Recorded, judge};
pub use model::{Call, Observed, Reply, Value};

use search::Search;

/// What was found out about a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// There is an order.
    Linearizable,
    /// There is none.
    NotLinearizable,
    /// The budget was used up before.
    Unknown,
}

/// How far a check is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Steps of the search so far.
    pub steps: u64,
    /// Keys that are decided.
    pub decided: usize,
    /// Keys that are not linearizable.
    pub bad: usize,
}

/// Steps of a key before the next key has its turn: first, and at most.
const TURN: [u64; 2] = [1 << 12, 1 << 17];

/// Bytes that all searches may remember. Beyond, the greatest is given up.
const MEMORY: usize = 1 << 30;

/// Checks the history of each key. Keys that are not decided soon share the time: one after the
/// other, a bad one might never end. `go_on` is asked between turns.
pub fn check(keys: &[&[Observed]], mut go_on: impl FnMut(Progress) -> bool) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Unknown; keys.len()];
    let mut progress = Progress::default();
    let mut waiting: Vec<(usize, Option<Search>)> =
        (0..keys.len()).map(|key| (key, None)).collect();
    let mut turn = TURN[0];
    while !waiting.is_empty() {
        let mut undecided = Vec::new();
        for (key, search) in waiting {
            if !go_on(progress) {
                return verdicts;
            }
            let mut search = search.unwrap_or_else(|| Search::new(keys[key], &[None]));
            let mut left = turn;
            match search.run(&mut left) {
                Some(true) => verdicts[key] = Verdict::Linearizable,
                Some(false) => verdicts[key] = Verdict::NotLinearizable,
                None => undecided.push((key, Some(search))),
            }
            progress.decided += usize::from(verdicts[key] != Verdict::Unknown);
            progress.bad += usize::from(verdicts[key] == Verdict::NotLinearizable);
            progress.steps += turn - left;
        }
        waiting = undecided;
        give_up_the_greatest(&mut waiting);
        turn = (turn * 2).min(TURN[1]);
    }
    verdicts
}

/// The check of one key, to be gone on with as there is time.
#[derive(Clone, Debug)]
pub struct KeyCheck(Search);

impl KeyCheck {
    /// The check of these operations of a key that is absent at first.
    pub fn new(history: &[Observed]) -> KeyCheck {
        KeyCheck(Search::new(history, &[None]))
    }

    /// Goes on for about `steps` steps, which it counts down.
    pub fn go_on(&mut self, steps: &mut u64) -> Verdict {
        match self.0.run(steps) {
            Some(true) => Verdict::Linearizable,
            Some(false) => Verdict::NotLinearizable,
            None => Verdict::Unknown,
        }
    }

    /// Once it is linearizable: an order in which the operations can have taken effect, by their
    /// places in the history. Writes that never returned and that nobody saw are not in it, nor
    /// are reads without an answer.
    pub fn order(&self) -> Vec<usize> {
        self.0.order()
    }
}

/// Keeps what the searches remember below [`MEMORY`].
fn give_up_the_greatest(waiting: &mut Vec<(usize, Option<Search>)>) {
    let bytes = |(_, search): &(usize, Option<Search>)| search.as_ref().map_or(0, Search::bytes);
    let mut sum: usize = waiting.iter().map(bytes).sum();
    while sum > MEMORY
        && let Some(at) = (0..waiting.len()).max_by_key(|&at| bytes(&waiting[at]))
    {
        sum -= bytes(&waiting.remove(at));
    }
}
