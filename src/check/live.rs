//! The check of a running simulation: at every return, is the clients' history still
//! linearizable?
//!
//! A search at every return would cost more than the run. But a simulator knows a likely order:
//! the one in which commands were first applied. This *witness* is not trusted, it is checked. If
//! each write was applied between its invocation and its return with the outcome that its client
//! was told, and if each read found a value that the key had at some time in between, then the
//! witness is an order and the history is linearizable: a few comparisons for each operation.
//! Where the witness fails, the return is in *doubt* until a [`Judge`] has searched the key's last
//! operations.
//!
//! A search needs to know where to begin. At an *anchor* no operation of the key is under way and
//! its value is certain, whatever the order was: the last write, or a read since, overlapped no
//! write. What lies before can be forgotten. A search that finds no anchor, or takes too long,
//! decides nothing ([`Live::undecided`]).
//!
//! A read that was asked for as stale is not held to any order; it is told when it was stale.
//!
//! An operation that its client gave up has perhaps taken effect, or will, until the client has
//! an answer to a later command: then sessions refuse the old one (section 8). One of which the
//! client knows that it failed is no part of the history; if it runs all the same, the witness is
//! wrong, and a search finds out whether anybody saw it.

use super::Verdict;
use super::explain::{Explanation, explain};
use super::model::{Call, Observed, Reply, Value};
use super::search::Search;
use crate::base::{ClientId, Sorted, Time};
use crate::kv::{ClientCommand, Key, Operation, Outcome, Sequence};
use crate::raft::ReadLevel;
use std::collections::VecDeque;
use std::rc::Rc;

/// Ended operations of a key that are remembered.
const WINDOW: usize = 96;

/// Steps of a search, and of an explanation.
const STEPS: [u64; 2] = [20_000, 200_000];

/// An operation of a client that has ended, as it is remembered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// The client.
    pub client: ClientId,
    /// The operation's number in its session.
    pub sequence: Sequence,
    /// What was asked and answered. Its times count what has happened, and only order it.
    pub observed: Observed,
    /// When the client began.
    pub began: Time,
    /// When it had the answer; `None`: it gave up, or still waits.
    pub ended: Option<Time>,
}

/// Operations that can't all have happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterExample {
    /// The key.
    pub key: Key,
    /// What it held before all of them.
    pub start: Option<Value>,
    /// The operations, in the order in which they began.
    pub operations: Vec<Recorded>,
    /// Whether none of them can be left out.
    pub is_minimal: bool,
}

/// What became of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// An order explains it.
    Explained,
    /// It is older than its client's question, which the client allowed.
    Stale,
    /// The witness doesn't explain it: [`Live::settle`] finds out whether another order does.
    Doubtful,
    /// It was never asked for.
    Unasked,
}

/// Searches the operations of a key, which had this value before: is there an order that explains
/// them, and if not, why? [`judge`] does.
pub type Judge = fn(&[Observed], Option<Value>) -> (Verdict, Explanation);

/// The search that [`Live::settle`] is meant for.
pub fn judge(history: &[Observed], start: Option<Value>) -> (Verdict, Explanation) {
    let start = [start];
    match Search::new(history, &start).run(&mut STEPS[0].clone()) {
        Some(true) => (Verdict::Linearizable, Explanation::default()),
        Some(false) => {
            let why = explain(history, &start, &mut STEPS[1].clone(), || true);
            (Verdict::NotLinearizable, why)
        }
        None => (Verdict::Unknown, Explanation::default()),
    }
}

/// An operation under way.
#[derive(Clone, Debug)]
struct Open {
    recorded: Recorded,
    /// Whether no write overlaps it so far.
    alone: bool,
    /// What the witness says of a write.
    witnessed: Option<Reply>,
}

/// What is known of a key.
#[derive(Clone, Debug, Default)]
struct Watch {
    open: Vec<Open>,
    /// Clients that gave up writes and have no answer to a later one; the last such write.
    lost: Vec<(ClientId, Sequence)>,
    /// The last operations that ended, in that order.
    window: VecDeque<Recorded>,
    /// Operations that have left the window.
    forgotten: u64,
    /// Anchors: how many operations had ended, and the value.
    anchors: VecDeque<(u64, Option<Value>)>,
    /// The value at the next quiet moment, if the operations leave no doubt of it.
    certain: Option<Option<Value>>,
    /// The witness: since when the key had which value. The first has a successor that
    /// somebody under way may have seen.
    values: VecDeque<(u64, Option<Value>)>,
    /// Whether the witness has failed since the last anchor.
    doubted: bool,
}

/// The check of all keys. Cheap to clone: clones share what neither has changed since.
#[derive(Clone, Debug, Default)]
pub struct Live {
    keys: Sorted<Key, Rc<Watch>>,
    /// The keys with writes that a client gave up.
    lost: Sorted<ClientId, Vec<Key>>,
    /// Things that have happened.
    clock: u64,
    /// The key whose last return is in doubt, and when that was.
    doubt: Option<(Key, u64)>,
    undecided: u64,
    /// The bytes of the values in the windows of all keys.
    bytes: u64,
    counter_example: Option<Rc<CounterExample>>,
}

/// Whether its client allows an answer that is older than the question.
fn may_be_stale(operation: &Operation) -> bool {
    let stale = ReadLevel::Stale;
    matches!(operation, Operation::Get { level, .. } if *level == stale)
}

impl Live {
    /// A client began an operation.
    pub fn invoked(
        &mut self,
        client: ClientId,
        sequence: Sequence,
        operation: &Operation,
        now: Time,
    ) {
        self.clock += 1;
        let key = operation.key();
        let invoked = self.clock;
        let watch = self.keys.get_or_insert_with(key, || {
            Rc::new(Watch {
                certain: Some(None),
                anchors: [(0, None)].into(),
                values: [(0, None)].into(),
                ..Watch::default()
            })
        });
        let watch = Rc::make_mut(watch);
        let is_write = |open: &Open| open.recorded.observed.call != Call::Get;
        let alone = watch.lost.is_empty() && !watch.open.iter().any(is_write);
        if !operation.is_read() {
            watch.open.iter_mut().for_each(|open| open.alone = false);
        }
        let observed = Observed {
            call: operation.into(),
            reply: Reply::Unknown,
            invoked,
            returned: None,
        };
        watch.open.push(Open {
            recorded: Recorded {
                client,
                sequence,
                observed,
                began: now,
                ended: None,
            },
            alone,
            witnessed: None,
        });
    }

    /// A command was applied for the first time, by whichever server.
    pub fn applied(&mut self, command: &ClientCommand) {
        self.clock += 1;
        let now = self.clock;
        let Some(watch) = self.watch(command.operation.key()) else {
            return;
        };
        let value = watch.values.back().and_then(|(_, value)| value.as_ref());
        let call = Call::from(&command.operation);
        let reply = match &call {
            Call::Cas { .. } if !call.hits(value) => Reply::Missed,
            _ => Reply::Done,
        };
        let observed = Observed {
            call,
            reply: reply.clone(),
            invoked: now,
            returned: None,
        };
        let after = observed.run(value).unwrap_or_default();
        let is_it = |open: &&mut Open| {
            open.recorded.client == command.client && open.recorded.sequence == command.sequence
        };
        match watch.open.iter_mut().find(is_it) {
            Some(open) => open.witnessed = Some(reply),
            None => watch.doubted |= !watch.is_lost(command.client, command.sequence),
        }
        watch.values.push_back((now, after));
        watch.forget_values();
    }

    /// A client has its answer.
    pub fn returned(
        &mut self,
        client: ClientId,
        operation: &Operation,
        outcome: &Outcome,
        now: Time,
    ) -> Judgement {
        self.clock += 1;
        let at = self.clock;
        let key = operation.key();
        let Some(watch) = self.watch(key) else {
            return Judgement::Unasked;
        };
        let Some(mut open) = watch.take(client) else {
            return Judgement::Unasked;
        };
        open.recorded.observed.reply = outcome.into();
        open.recorded.observed.returned = Some(at);
        open.recorded.ended = Some(now);
        let is_witnessed = watch.witnesses(&open);
        if may_be_stale(operation) {
            watch.forget_values();
            return match is_witnessed {
                true => Judgement::Explained,
                false => Judgement::Stale,
            };
        }
        watch.doubted |= !is_witnessed;
        watch.settle(&open);
        let sequence = open.recorded.sequence;
        let (more, less) = watch.remember(open.recorded);
        let in_doubt = watch.doubted;
        if !in_doubt {
            watch.rest(at);
        }
        self.bytes += more;
        self.bytes -= less;
        if !operation.is_read() {
            self.retire(client, sequence);
        }
        if in_doubt {
            self.doubt = Some((key.clone(), at));
            return Judgement::Doubtful;
        }
        Judgement::Explained
    }

    /// Settles the doubt about the last return: whether there is an order that explains it.
    pub fn settle(&mut self, judge: Judge) -> Verdict {
        let Some((key, at)) = self.doubt.take() else {
            return Verdict::Linearizable;
        };
        let since = self.keys.get(&key).and_then(|watch| watch.since_anchor());
        let Some((start, recorded)) = since else {
            self.undecided += 1;
            return Verdict::Unknown;
        };
        let observed: Vec<_> = recorded.iter().map(|it| it.observed.clone()).collect();
        let (verdict, why) = judge(&observed, start.clone());
        if verdict == Verdict::NotLinearizable {
            let operations = why.counter_example.iter().map(|&at| recorded[at].clone());
            self.counter_example = Some(Rc::new(CounterExample {
                operations: operations.collect(),
                is_minimal: why.is_minimal,
                key,
                start,
            }));
            return verdict;
        }
        self.undecided += u64::from(verdict == Verdict::Unknown);
        if let Some(watch) = self.watch(&key) {
            watch.rest(at);
        }
        verdict
    }

    /// A client gave up. `never`: it knows that the operation didn't happen; otherwise it has perhaps
    /// taken effect, or will.
    pub fn gave_up(&mut self, client: ClientId, operation: &Operation, never: bool) {
        self.clock += 1;
        let at = self.clock;
        let key = operation.key();
        let Some(watch) = self.watch(key) else { return };
        let Some(open) = watch.take(client) else {
            return;
        };
        if !operation.is_read() && !never {
            watch.certain = None;
            watch.lost.retain(|&(other, _)| other != client);
            watch.lost.push((client, open.recorded.sequence));
            let (more, less) = watch.remember(open.recorded);
            self.bytes += more;
            self.bytes -= less;
            let mut keys = self.lost.get(&client).cloned().unwrap_or_default();
            if !keys.contains(key) {
                keys.push(key.clone());
                self.lost.insert(client, keys);
            }
        }
        if let Some(watch) = self.watch(key) {
            watch.rest(at);
        }
    }

    /// The operations behind the last return that no order explains.
    pub fn counter_example(&self) -> Option<&CounterExample> {
        self.counter_example.as_deref()
    }

    /// Returns that neither the witness nor a search could explain or refute.
    pub fn undecided(&self) -> u64 {
        self.undecided
    }

    /// The bytes of the values that are remembered.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn watch(&mut self, key: &Key) -> Option<&mut Watch> {
        self.keys.get_mut(key).map(Rc::make_mut)
    }

    /// A later command of the client has its answer: what it gave up before is over.
    fn retire(&mut self, client: ClientId, sequence: Sequence) {
        if self.lost.get(&client).is_none_or(Vec::is_empty) {
            return;
        }
        let keys = self.lost.get(&client).cloned().unwrap_or_default();
        for key in &keys {
            if let Some(watch) = self.watch(key) {
                let is_over = |&(other, last): &_| other == client && last < sequence;
                watch.lost.retain(|lost| !is_over(lost));
            }
        }
        self.lost.insert(client, Vec::new());
    }
}

impl Watch {
    fn take(&mut self, client: ClientId) -> Option<Open> {
        let mut all = self.open.iter();
        let at = all.position(|open| open.recorded.client == client)?;
        Some(self.open.remove(at))
    }

    /// Whether this command of a client that gave it up may still run.
    fn is_lost(&self, client: ClientId, sequence: Sequence) -> bool {
        self.lost.contains(&(client, sequence))
    }

    // ---- the witness ----

    /// Whether the witness explains what a client was told.
    fn witnesses(&self, open: &Open) -> bool {
        let observed = &open.recorded.observed;
        let Reply::Found(found) = &observed.reply else {
            return open.witnessed.as_ref() == Some(&observed.reply);
        };
        let ends = self.values.iter().skip(1).map(|&(since, _)| since);
        let ends = ends.chain([u64::MAX]);
        let mut values = self.values.iter().zip(ends);
        values.any(|((_, value), end)| end >= observed.invoked && value == found)
    }

    /// Forgets the values that ended before anybody under way began.
    fn forget_values(&mut self) {
        let invoked = self.open.iter().map(|open| open.recorded.observed.invoked);
        let first = invoked.min().unwrap_or(u64::MAX);
        while self.values.get(1).is_some_and(|&(since, _)| since < first) {
            self.values.pop_front();
        }
    }

    // ---- anchors ----

    /// What an operation that returned says about the value now.
    fn settle(&mut self, open: &Open) {
        let Observed { call, reply, .. } = &open.recorded.observed;
        match (call, reply) {
            (Call::Get, Reply::Found(found)) if open.alone => self.certain = Some(found.clone()),
            (Call::Get, _) => {}
            _ if !open.alone => self.certain = None,
            (Call::Put(value) | Call::Cas { value, .. }, Reply::Done) => {
                self.certain = Some(Some(value.clone()));
            }
            (Call::Delete, _) => self.certain = Some(None),
            (Call::Append(more), _) => {
                let before = self.certain.take();
                self.certain = before.map(|before| Some(Value::appended(before.as_ref(), more)));
            }
            _ => {}
        }
    }

    /// If nothing is under way and the value is certain, the past is over.
    fn rest(&mut self, now: u64) {
        if self.open.is_empty()
            && self.lost.is_empty()
            && let Some(value) = &self.certain
        {
            let ended = self.forgotten + self.window.len() as u64;
            if self.doubted {
                self.values = [(now, value.clone())].into();
                self.doubted = false;
            }
            if self.anchors.back().is_none_or(|&(last, _)| last < ended) {
                self.anchors.push_back((ended, value.clone()));
            }
        }
        self.forget_values();
    }

    /// Returns by how many bytes of values the window has grown, and by how many it has shrunk.
    fn remember(&mut self, recorded: Recorded) -> (u64, u64) {
        let more = recorded.observed.reply.bytes();
        let mut less = 0;
        self.window.push_back(recorded);
        if self.window.len() > WINDOW {
            let gone = self.window.pop_front();
            less = gone.map_or(0, |gone| gone.observed.reply.bytes());
            self.forgotten += 1;
            while self
                .anchors
                .front()
                .is_some_and(|&(ended, _)| ended < self.forgotten)
            {
                self.anchors.pop_front();
            }
        }
        (more, less)
    }

    /// The value at the first anchor, and everything since; what is under way comes last.
    fn since_anchor(&self) -> Option<(Option<Value>, Vec<&Recorded>)> {
        let (ended, value) = self.anchors.front()?;
        let over = (ended - self.forgotten) as usize;
        let mut recorded: Vec<_> = self.window.iter().skip(over).collect();
        recorded.extend(self.open.iter().map(|open| &open.recorded));
        Some((value.clone(), recorded))
    }
}
