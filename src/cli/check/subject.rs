//! What is judged apart: a key, or keys that transactions join.

use crate::check::joint::{MAX_KEYS, MAX_OPERATIONS};
use crate::check::{Call, Case, Reply, Value};
use crate::cli::history::{Act, Joined, KeyHistory, Keys, Model, Operation, Step};
use crate::view::text::count;
use std::fmt;

/// A key, or keys that transactions join.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Key(&'a Value, &'a KeyHistory),
    Joined(&'a Joined),
}

/// Keys that are named at most.
const NAMED: usize = 3;

impl<'a> Subject<'a> {
    pub fn case(&self) -> Case<'a> {
        match self {
            Subject::Key(_, key) => key.case(),
            Subject::Joined(joined) => joined.case(),
        }
    }

    /// `"x"`, or `"x", "y" (joined by transactions)`
    pub fn name(&self) -> String {
        match self {
            Subject::Key(key, _) => key.to_string(),
            Subject::Joined(joined) => {
                let keys = joined.keys.iter().take(NAMED).map(Value::to_string);
                let mut name = keys.collect::<Vec<_>>().join(", ");
                if joined.keys.len() > NAMED {
                    let more = (joined.keys.len() - NAMED) as u64;
                    name += &format!(" and {}", count(more, "more key"));
                }
                match joined.keys.len() {
                    1 => name,
                    _ => name + " (joined by transactions)",
                }
            }
        }
    }

    /// How many keys it has.
    pub fn keys(&self) -> usize {
        match self {
            Subject::Key(..) => 1,
            Subject::Joined(joined) => joined.keys.len(),
        }
    }

    /// How many operations it has.
    pub fn len(&self) -> usize {
        match self {
            Subject::Key(_, key) => key.observed.len(),
            Subject::Joined(joined) => joined.transactions.len(),
        }
    }

    /// Why it isn't searched, if it isn't.
    pub fn limit(&self) -> Option<String> {
        let Subject::Joined(joined) = self else {
            return None;
        };
        let (keys, operations) = (joined.keys.len(), joined.transactions.len());
        (keys > MAX_KEYS || operations > MAX_OPERATIONS).then(|| {
            format!(
                "transactions join {keys} keys with {operations} operations: at most {MAX_KEYS} \
                 keys with {MAX_OPERATIONS} operations are searched together"
            )
        })
    }

    /// The line of an operation.
    pub fn line(&self, at: usize) -> u64 {
        match self {
            Subject::Key(_, key) => key.origins[at].line,
            Subject::Joined(joined) => joined.lines[at],
        }
    }

    /// Whose an operation is.
    pub fn client(&self, at: usize) -> Value {
        match self {
            Subject::Key(_, key) => key.origins[at].client.clone(),
            Subject::Joined(joined) => joined.operations[at].client.clone(),
        }
    }

    /// When an operation was invoked, and when it returned.
    pub fn times(&self, at: usize) -> (u64, Option<u64>) {
        match self {
            Subject::Key(_, key) => (key.observed[at].invoked, key.observed[at].returned),
            Subject::Joined(joined) => {
                let it = &joined.transactions[at];
                (it.invoked, it.returned)
            }
        }
    }

    /// An operation, and its line.
    pub fn operation(&self, at: usize) -> (u64, Operation) {
        let operation = match self {
            Subject::Key(key, history) => {
                let client = history.origins[at].client.clone();
                Operation::single(client, (*key).clone(), &history.observed[at])
            }
            Subject::Joined(joined) => joined.operations[at].clone(),
        };
        (self.line(at), operation)
    }

    /// What the keys hold after operations in an order.
    pub fn values_after(&self, order: &[usize]) -> Vec<(Value, Option<Value>)> {
        match self {
            Subject::Key(key, history) => {
                let initial = history.initial.clone();
                let value = order.iter().fold(initial, |value, &at| {
                    history.observed[at].run(value.as_ref()).flatten()
                });
                vec![((*key).clone(), value)]
            }
            Subject::Joined(joined) => {
                let mut values = joined.initial.clone();
                for &at in order {
                    let effect = joined.transactions[at].run(|key| values[key].as_ref());
                    for (key, value) in effect.unwrap_or_default() {
                        values[key] = value;
                    }
                }
                joined.keys.iter().cloned().zip(values).collect()
            }
        }
    }
}

/// An operation in words: `put "1", ok`, `read, found "2"`.
pub(super) struct Told<'a> {
    pub operation: &'a Operation,
    pub model: Model,
}

fn or_absent(value: Option<&Value>) -> String {
    value.map_or("absent".to_owned(), Value::to_string)
}

/// What was asked, with the key if there is one to be named.
pub(super) fn asked(model: Model, key: Option<&Value>, call: &Call) -> String {
    let mut told = model.name_of_call(call).to_owned();
    if let Some(key) = key {
        told += &format!(" {key}");
    }
    match call {
        Call::Get | Call::Delete => told,
        Call::Put(value) | Call::Append(value) => format!("{told} {value}"),
        Call::Cas {
            expected,
            value,
            creates,
        } => {
            let or = if *creates { " or absent" } else { "" };
            format!(
                "{told} from {}{or} to {value}",
                or_absent(expected.as_ref())
            )
        }
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = self.model;
        let reply = match &self.operation.act {
            Act::Single { call, reply, .. } => {
                f.write_str(&asked(model, None, call))?;
                reply
            }
            Act::Transaction { steps, reply } => {
                let told = |Step { key, call, reply }: &Step| {
                    let asked = asked(model, Some(key), call);
                    match reply {
                        Reply::Found(value) => format!("{asked} = {}", or_absent(value.as_ref())),
                        _ => asked,
                    }
                };
                let steps: Vec<_> = steps.iter().map(told).collect();
                write!(f, "txn [{}]", steps.join(", "))?;
                reply
            }
            Act::Scan { of, found } => {
                match of {
                    Keys::Listed(keys) => {
                        let keys: Vec<_> = keys.iter().map(Value::to_string).collect();
                        write!(f, "scan {}", keys.join(", "))?;
                    }
                    Keys::Between([from, to]) => {
                        f.write_str("scan")?;
                        for (word, bound) in [("from", from), ("to", to)] {
                            if let Some(bound) = bound {
                                write!(f, " {word} {bound}")?;
                            }
                        }
                    }
                }
                if let Some(found) = found {
                    let pairs = found.iter().map(|(key, value)| format!("{key} = {value}"));
                    let pairs = pairs.collect::<Vec<_>>();
                    return match pairs.is_empty() {
                        true => f.write_str(", found nothing"),
                        false => write!(f, ", found {}", pairs.join(", ")),
                    };
                }
                &Reply::Unknown
            }
        };
        match reply {
            Reply::Found(value) => write!(f, ", found {}", or_absent(value.as_ref())),
            Reply::Done => f.write_str(", ok"),
            Reply::Missed => f.write_str(", missed"),
            Reply::Absent => f.write_str(", missing key"),
            Reply::Unknown if self.operation.returned.is_none() => f.write_str(", never returned"),
            Reply::Unknown => f.write_str(", unknown"),
        }
    }
}
