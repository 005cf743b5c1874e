//! Is a history of clients linearizable?
//!
//! Every operation has to look as if it took effect at one instant between its invocation and
//! its return (Herlihy and Wing, 1990). A history is linearizable if each key's is, so that keys
//! are checked one by one ([`check`]), but for those that transactions join; finding the order of
//! one key is NP-complete, so the search has a budget, and what it didn't finish is
//! [`Verdict::Unknown`], never "ok".
//!
//! Reading order: `model` (operations), `states`, `history` and `needs` (what the search works
//! on), `search`, `appends` (what needs no search), `explain` (why not), [`joint`] (several keys
//! at once), `live` (the check of a running simulation).

mod appends;
mod explain;
mod history;
mod inquiry;
pub mod joint;
mod live;
mod model;
mod needs;
mod search;
mod seen;
mod states;

pub use explain::{Explanation, PartialOrder, explain};
pub use joint::Transaction;
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

/// What is checked apart from everything else.
#[derive(Clone, Copy, Debug)]
pub enum Case<'a> {
    /// One key.
    Key {
        /// What was done with it.
        history: &'a [Observed],
        /// What it held before.
        initial: &'a Option<Value>,
    },
    /// Keys that transactions join.
    Joint {
        /// What was done with them.
        history: &'a [Transaction],
        /// What each key held before.
        initial: &'a [Option<Value>],
    },
}

impl<'a> Case<'a> {
    /// A key that was absent before.
    pub fn of_key(history: &'a [Observed]) -> Case<'a> {
        Case::Key {
            history,
            initial: &None,
        }
    }

    /// Explains why it is not linearizable: see [`explain()`] and [`joint::explain()`].
    pub fn explain(self, steps: &mut u64, go_on: impl FnMut() -> bool) -> Explanation {
        match self {
            Case::Key { history, initial } => {
                explain(history, std::slice::from_ref(initial), steps, go_on)
            }
            Case::Joint { history, initial } => joint::explain(history, initial, steps, go_on),
        }
    }

    fn search(self) -> Either<'a> {
        match self {
            Case::Key { history, initial } => Either::Key(Box::new(Search::new(
                history,
                std::slice::from_ref(initial),
            ))),
            Case::Joint { history, initial } => {
                Either::Joint(Box::new(joint::Search::new(history, initial)))
            }
        }
    }
}

/// The search that a case needs.
enum Either<'a> {
    Key(Box<Search>),
    Joint(Box<joint::Search<'a>>),
}

impl Either<'_> {
    fn run(&mut self, steps: &mut u64) -> Option<bool> {
        match self {
            Either::Key(search) => search.run(steps),
            Either::Joint(search) => search.run(steps),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Either::Key(search) => search.bytes(),
            Either::Joint(search) => search.bytes(),
        }
    }

    fn has_given_up(&self) -> bool {
        matches!(self, Either::Joint(search) if search.has_given_up())
    }

    fn order(&self) -> Vec<usize> {
        match self {
            Either::Key(search) => search.order(),
            Either::Joint(search) => search.order(),
        }
    }
}

/// Checks each case. Those that are not decided soon share the time: one after the other, a bad
/// one might never end. `go_on` is asked between turns.
pub fn check(cases: &[Case<'_>], mut go_on: impl FnMut(Progress) -> bool) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Unknown; cases.len()];
    let mut progress = Progress::default();
    let mut waiting: Vec<(usize, Option<Either<'_>>)> =
        (0..cases.len()).map(|case| (case, None)).collect();
    let mut turn = TURN[0];
    while !waiting.is_empty() {
        let mut undecided = Vec::new();
        for (case, search) in waiting {
            if !go_on(progress) {
                return verdicts;
            }
            let mut search = search.unwrap_or_else(|| cases[case].search());
            let mut left = turn;
            match search.run(&mut left) {
                Some(true) => verdicts[case] = Verdict::Linearizable,
                Some(false) => verdicts[case] = Verdict::NotLinearizable,
                None if search.has_given_up() => {}
                None => undecided.push((case, Some(search))),
            }
            progress.decided += usize::from(verdicts[case] != Verdict::Unknown);
            progress.bad += usize::from(verdicts[case] == Verdict::NotLinearizable);
            progress.steps += turn - left;
        }
        waiting = undecided;
        give_up_the_greatest(&mut waiting);
        turn = (turn * 2).min(TURN[1]);
    }
    verdicts
}

/// An order of a case, by the places in its history, if there is one and if it is found within
/// `steps` steps; see [`KeyCheck::order`].
pub fn order(case: Case<'_>, steps: &mut u64) -> Option<Vec<usize>> {
    let mut search = case.search();
    (search.run(steps) == Some(true)).then(|| search.order())
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
fn give_up_the_greatest(waiting: &mut Vec<(usize, Option<Either<'_>>)>) {
    let bytes =
        |(_, search): &(usize, Option<Either<'_>>)| search.as_ref().map_or(0, Either::bytes);
    let mut sum: usize = waiting.iter().map(bytes).sum();
    while sum > MEMORY
        && let Some(at) = (0..waiting.len()).max_by_key(|&at| bytes(&waiting[at]))
    {
        sum -= bytes(&waiting.remove(at));
    }
}
