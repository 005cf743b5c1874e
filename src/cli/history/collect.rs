//! A history, key by key, as it is put together from its lines.

use super::line::{Leadership, Line, Mark};
use super::operation::{Act, Judged, Keys, Operation, Step};
use super::{Given, Model};
use crate::check::{Call, Case, Observed, Reply, Transaction, Value};
use crate::cli::Unusable;
use std::collections::{BTreeMap, BTreeSet};

/// Where an operation comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The line, from 1.
    pub line: u64,
    /// The client: an integer or a text.
    pub client: Value,
}

/// The operations on one key, and where each comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyHistory {
    /// What it held at first.
    pub initial: Option<Value>,
    /// As the clients saw them.
    pub observed: Vec<Observed>,
    /// In the same order.
    pub origins: Vec<Origin>,
}

/// The operations on keys that transactions or scans join, and where each comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Joined {
    /// The keys, in their order.
    pub keys: Vec<Value>,
    /// What each held at first.
    pub initial: Vec<Option<Value>>,
    /// As the clients saw them; keys are told by their places.
    pub transactions: Vec<Transaction>,
    /// The same, as they stand in the history.
    pub operations: Vec<Operation>,
    /// Their lines.
    pub lines: Vec<u64>,
}

/// A whole history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    /// What the operations are; `None` if they don't tell.
    pub model: Option<Model>,
    /// Keys that can be checked by themselves. Operations that certainly never happened, and those
    /// that were allowed to be stale, are left out.
    pub keys: BTreeMap<Value, KeyHistory>,
    /// Keys that have to be checked together.
    pub joined: Vec<Joined>,
    /// All operations, those that are left out included.
    pub operations: u64,
    /// What happened to the system, in the order of its beginning.
    pub marks: Vec<Mark>,
    /// Who led when, in the order of its beginning.
    pub leaderships: Vec<Leadership>,
}

impl KeyHistory {
    /// What is to be checked.
    pub fn case(&self) -> Case<'_> {
        Case::Key {
            history: &self.observed,
            initial: &self.initial,
        }
    }

    fn push(&mut self, observed: Observed, origin: Origin) {
        self.observed.push(observed);
        self.origins.push(origin);
    }
}

impl Joined {
    /// What is to be checked.
    pub fn case(&self) -> Case<'_> {
        Case::Joint {
            history: &self.transactions,
            initial: &self.initial,
        }
    }
}

/// When a client was busy, and the line that says so.
type Busy = (u64, u64, u64);

/// What was read so far.
pub(super) struct Collector {
    pub model: Option<Model>,
    /// What keys hold that the history doesn't name.
    default: Option<Value>,
    initial: BTreeMap<Value, Option<Value>>,
    keys: BTreeMap<Value, KeyHistory>,
    joining: Vec<(u64, Operation)>,
    operations: u64,
    marks: Vec<Mark>,
    leaderships: Vec<Leadership>,
    busy: BTreeMap<Value, Vec<Busy>>,
}

impl Collector {
    pub fn new(given: Given) -> Collector {
        Collector {
            model: given.model,
            default: given.initial,
            initial: BTreeMap::new(),
            keys: BTreeMap::new(),
            joining: Vec::new(),
            operations: 0,
            marks: Vec::new(),
            leaderships: Vec::new(),
            busy: BTreeMap::new(),
        }
    }

    /// Whether no operation was read yet.
    pub fn is_empty(&self) -> bool {
        self.operations == 0
    }

    pub fn add(&mut self, line: Line, number: u64) -> Result<(), Unusable> {
        match line {
            Line::Operation(operation) => self.add_operation(operation, number),
            Line::Mark(mark) => self.marks.push(mark),
            Line::Leadership(leadership) => self.leaderships.push(leadership),
            Line::Initial(values) => {
                for (key, value) in values {
                    let told = key.to_string();
                    if self.initial.insert(key, value).is_some() {
                        let message = format!("the key {told} has one already");
                        return Err(Unusable::field("initial", message));
                    }
                }
            }
        }
        Ok(())
    }

    fn add_operation(&mut self, operation: Operation, line: u64) {
        self.operations += 1;
        if let Some(returned) = operation.returned {
            let busy = self.busy.entry(operation.client.clone()).or_default();
            busy.push((operation.invoked, returned, line));
        }
        let (invoked, returned) = (operation.invoked, operation.returned);
        let is_judged = operation.judged == Judged::Yes;
        match operation.act {
            Act::Single { key, call, reply } => {
                let key = self.keys.entry(key).or_default();
                if is_judged {
                    let observed = Observed {
                        call,
                        reply,
                        invoked,
                        returned,
                    };
                    let client = operation.client;
                    key.push(observed, Origin { line, client });
                }
            }
            Act::Transaction { ref steps, .. } => {
                for step in steps {
                    self.keys.entry(step.key.clone()).or_default();
                }
                if is_judged {
                    self.joining.push((line, operation));
                }
            }
            Act::Scan { ref of, ref found } => {
                let listed = match of {
                    Keys::Listed(keys) => &keys[..],
                    Keys::Between(_) => &[],
                };
                let found = found.iter().flatten().map(|(key, _)| key);
                for key in listed.iter().chain(found) {
                    self.keys.entry(key.clone()).or_default();
                }
                if is_judged {
                    self.joining.push((line, operation));
                }
            }
        }
    }

    /// All that was read.
    ///
    /// # Errors
    /// If that is nothing, or if a client did two things at once.
    pub fn finish(mut self) -> Result<History, Unusable> {
        if self.operations == 0 {
            return Err(Unusable::new("there is no operation in it"));
        }
        self.clients_take_turns()?;
        for key in self.initial.keys() {
            if !self.joining.is_empty() && !self.keys.contains_key(key) {
                self.keys.insert(key.clone(), KeyHistory::default());
            }
        }
        for (key, history) in &mut self.keys {
            let value = self.initial.get(key).unwrap_or(&self.default);
            history.initial = value.clone();
        }
        let joining = std::mem::take(&mut self.joining);
        let joined = self.join(joining)?;
        self.marks.sort();
        self.leaderships.sort();
        Ok(History {
            model: self.model,
            keys: self.keys,
            joined,
            operations: self.operations,
            marks: self.marks,
            leaderships: self.leaderships,
        })
    }

    /// A client does one thing after the other. Only what never returned may still go on.
    fn clients_take_turns(&mut self) -> Result<(), Unusable> {
        for (client, busy) in &mut self.busy {
            busy.sort_unstable();
            for pair in busy.windows(2) {
                let [(.., until, other), (invoked, _, line)] = [pair[0], pair[1]];
                if invoked < until {
                    let message = format!(
                        "{invoked}, but client {client} was busy with line {other} until {until}"
                    );
                    return Err(Unusable::field("invoke", message).at_line(line));
                }
            }
        }
        Ok(())
    }

    /// The keys that a scan reads.
    fn keys_of(&self, of: &Keys) -> Vec<Value> {
        match of {
            Keys::Listed(keys) => {
                let keys: BTreeSet<_> = keys.iter().cloned().collect();
                keys.into_iter().collect()
            }
            Keys::Between([from, to]) => {
                let is_in = |key: &&Value| {
                    from.as_ref()
                        .is_none_or(|from| is_before(key, from) == Some(false))
                        && to
                            .as_ref()
                            .is_none_or(|to| is_before(key, to) == Some(true))
                };
                self.keys.keys().filter(is_in).cloned().collect()
            }
        }
    }

    /// What is asked of each key.
    fn steps(&self, operation: &Operation, line: u64) -> Result<(Vec<Step>, Reply), Unusable> {
        match &operation.act {
            Act::Single { .. } => Ok((Vec::new(), Reply::Done)),
            Act::Transaction { steps, reply } => Ok((steps.clone(), reply.clone())),
            Act::Scan { of, found } => {
                let keys = self.keys_of(of);
                let foreign = found.iter().flatten().find(|(key, _)| !keys.contains(key));
                if let Some((key, _)) = foreign {
                    let message = format!("the key {key} isn't one of those that were asked for");
                    return Err(Unusable::field("output", message).at_line(line));
                }
                let reply = |key: &Value| match found {
                    None => Reply::Unknown,
                    Some(found) => {
                        let at = found.binary_search_by(|(other, _)| other.cmp(key));
                        Reply::Found(at.ok().map(|at| found[at].1.clone()))
                    }
                };
                let step = |key: Value| Step {
                    reply: reply(&key),
                    call: Call::Get,
                    key,
                };
                let steps = keys.into_iter().map(step).collect();
                let reply = found.as_ref().map_or(Reply::Unknown, |_| Reply::Done);
                Ok((steps, reply))
            }
        }
    }

    /// Takes keys that have operations in common out of `keys`, and puts them together.
    fn join(&mut self, joining: Vec<(u64, Operation)>) -> Result<Vec<Joined>, Unusable> {
        let numbers: BTreeMap<Value, usize> = self.keys.keys().cloned().zip(0..).collect();
        let mut parents: Vec<usize> = (0..numbers.len()).collect();
        let mut all = Vec::with_capacity(joining.len());
        for (line, operation) in joining {
            let (steps, reply) = self.steps(&operation, line)?;
            for pair in steps.windows(2) {
                let [one, other] =
                    [&pair[0], &pair[1]].map(|it| root(&mut parents, numbers[&it.key]));
                parents[one.max(other)] = one.min(other);
            }
            all.push((line, operation, steps, reply));
        }
        let mut joined: BTreeMap<usize, Joined> = BTreeMap::new();
        for (.., steps, _) in &all {
            if let Some(step) = steps.first() {
                joined
                    .entry(root(&mut parents, numbers[&step.key]))
                    .or_default();
            }
        }
        let mut places = BTreeMap::new();
        for (key, &number) in &numbers {
            let Some(component) = joined.get_mut(&root(&mut parents, number)) else {
                continue;
            };
            let history = self.keys.remove(key).unwrap_or_default();
            places.insert(key.clone(), component.keys.len());
            component.add_key(key, history);
        }
        for (line, operation, steps, reply) in all {
            let Some(first) = steps.first() else { continue };
            let root = root(&mut parents, numbers[&first.key]);
            let steps = steps.into_iter();
            let steps = steps
                .map(|it| (places[&it.key], it.call, it.reply))
                .collect();
            if let Some(component) = joined.get_mut(&root) {
                component.transactions.push(Transaction {
                    steps,
                    reply,
                    invoked: operation.invoked,
                    returned: operation.returned,
                });
                component.operations.push(operation);
                component.lines.push(line);
            }
        }
        Ok(joined.into_values().collect())
    }
}

impl Joined {
    fn add_key(&mut self, key: &Value, history: KeyHistory) {
        let place = self.keys.len();
        self.keys.push(key.clone());
        self.initial.push(history.initial);
        for (observed, origin) in history.observed.into_iter().zip(history.origins) {
            let operation = Operation::single(origin.client, key.clone(), &observed);
            let reply = match observed.reply {
                Reply::Unknown => Reply::Unknown,
                _ => Reply::Done,
            };
            self.transactions.push(Transaction {
                steps: vec![(place, observed.call, observed.reply)],
                reply,
                invoked: observed.invoked,
                returned: observed.returned,
            });
            self.operations.push(operation);
            self.lines.push(origin.line);
        }
    }
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// Whether a key comes before another; `None`: one is a text and the other an integer.
fn is_before(key: &Value, other: &Value) -> Option<bool> {
    let integer = |it: &Value| it.as_text().parse::<i128>().unwrap_or_default();
    match (key.is_integer(), other.is_integer()) {
        (true, true) => Some(integer(key) < integer(other)),
        (false, false) => Some(key.as_text() < other.as_text()),
        _ => None,
    }
}
