//! Histories of Jepsen: maps with `:type`, `:process`, `:f` and `:value`, in the order in which
//! things happened.
//!
//! That order is all that counts, so that the place of a map is taken for its time. Each operation
//! is two maps of one process; one that only begins never returned.

use super::Model;
use super::collect::Collector;
use super::edn::{Edn, Forms};
use super::line::{Line, Mark};
use super::operation::{Act, Judged, Operation, Step};
use crate::check::{Call, Reply, Value};
use crate::cli::Unusable;
use std::collections::BTreeMap;
use std::io::BufRead;

/// An operation that has begun.
struct Begun {
    line: u64,
    at: u64,
    f: String,
    act: Act,
}

/// What is read of a history.
#[derive(Default)]
struct Reading {
    begun: BTreeMap<Value, Begun>,
    /// What the nemesis has begun: what it was called, and since when.
    faults: Vec<(String, u64)>,
    marks: Vec<Mark>,
}

/// Reads a history.
///
/// # Errors
/// Names the line, and the key of the map, that can't be used.
pub(super) fn read(source: impl BufRead, collector: &mut Collector) -> Result<(), Unusable> {
    let mut forms = Forms::new(source);
    let mut reading = Reading::default();
    let mut is_inside = false;
    let mut at = 0;
    while let Some((line, form)) = forms.next(&mut is_inside)? {
        let added = reading.add(&form, line, at, collector);
        added.map_err(|error| error.at_line(line))?;
        at += 1;
    }
    for (client, begun) in reading.begun {
        let operation = Operation {
            client,
            act: begun.act,
            judged: Judged::Yes,
            invoked: begun.at,
            returned: None,
        };
        collector.add(Line::Operation(operation), begun.line)?;
    }
    let open = reading.faults.into_iter();
    let open = open.map(|(text, at)| Mark {
        at,
        until: None,
        text,
    });
    for mark in reading.marks.into_iter().chain(open) {
        collector.add(Line::Mark(mark), 0)?;
    }
    Ok(())
}

fn keyword<'a>(form: &'a Edn, field: &'static str) -> Result<&'a str, Unusable> {
    let wrong = |message: String| Err(Unusable::field(field, message));
    match form.get(field.trim_start_matches(':')) {
        Some(Edn::Keyword(name)) => Ok(name),
        Some(other) => wrong(format!("a keyword was expected, this is {}", other.told())),
        None => wrong("is missing".into()),
    }
}

impl Reading {
    fn add(
        &mut self,
        form: &Edn,
        line: u64,
        at: u64,
        collector: &mut Collector,
    ) -> Result<(), Unusable> {
        if !matches!(form, Edn::Map(_)) {
            let message = format!("a map was expected, this is {}", form.told());
            return Err(Unusable::new(message));
        }
        let kind = keyword(form, ":type")?;
        let f = keyword(form, ":f")?;
        let value = form.get("value").unwrap_or(&Edn::Nil);
        let client = match form.get("process") {
            Some(Edn::Keyword(name)) if name == "nemesis" => {
                self.nemesis(f, value, at);
                return Ok(());
            }
            Some(process) => scalar(":process", process)?,
            None => return Err(Unusable::field(":process", "is missing")),
        };
        if kind == "invoke" {
            let act = act(f, value, &mut collector.model)?;
            let f = f.to_owned();
            let begun = Begun { line, at, f, act };
            return match self.begun.insert(client.clone(), begun) {
                None => Ok(()),
                Some(before) => {
                    let message = format!("{client} is busy with line {}", before.line);
                    Err(Unusable::field(":process", message))
                }
            };
        }
        let Some(begun) = self.begun.remove(&client) else {
            let message = format!("{client} has invoked nothing that could end here");
            return Err(Unusable::field(":process", message));
        };
        if begun.f != f {
            let message = format!(":{f}, but line {} invoked :{}", begun.line, begun.f);
            return Err(Unusable::field(":f", message));
        }
        let mut act = begun.act;
        let judged = match kind {
            "ok" => {
                answer(&mut act, value)?;
                Judged::Yes
            }
            "fail" => Judged::Failed,
            "info" => Judged::Yes,
            _ => {
                let message = format!(":invoke, :ok, :fail or :info was expected, this is :{kind}");
                return Err(Unusable::field(":type", message));
            }
        };
        let operation = Operation {
            client,
            act,
            judged,
            invoked: begun.at,
            returned: Some(at),
        };
        collector.add(Line::Operation(operation), begun.line)
    }

    /// What the nemesis does is told twice: as it begins, and as it is done. What it starts lasts
    /// until it stops it.
    fn nemesis(&mut self, f: &str, value: &Edn, at: u64) {
        let name = |text: &str| match value {
            Edn::Nil => text.to_owned(),
            value => format!("{text} {}", value.told()),
        };
        let after = |word: &str| {
            let rest = f.strip_prefix(word)?;
            let rest = rest
                .strip_prefix('-')
                .or(rest.is_empty().then_some("fault"));
            rest.map(str::to_owned)
        };
        if let Some(what) = after("start") {
            let is_new = !self.faults.iter().any(|(open, _)| open.starts_with(&what));
            if is_new {
                self.faults.push((name(&what), at));
            }
        } else if let Some(what) = after("stop") {
            let open = self
                .faults
                .iter()
                .position(|(open, _)| open.starts_with(&what));
            if let Some(open) = open {
                let (text, since) = self.faults.remove(open);
                let until = Some(at);
                let at = since;
                self.marks.push(Mark { at, until, text });
            }
        } else {
            match self.marks.last_mut() {
                Some(last) if last.until.is_none() && last.text.starts_with(f) => {
                    last.until = Some(at);
                }
                _ => self.marks.push(Mark {
                    at,
                    until: None,
                    text: name(f),
                }),
            }
        }
    }
}

/// A key or a value.
fn scalar(field: &'static str, form: &Edn) -> Result<Value, Unusable> {
    match form {
        Edn::Integer(number) => Ok(Value::integer(*number)),
        Edn::Text(text) => Ok(Value::text(&**text)),
        Edn::Keyword(name) => Ok(Value::text(format!(":{name}"))),
        other => {
            let wanted = "a 64-bit integer, a text or a keyword was expected";
            let told = other.told();
            Err(Unusable::field(field, format!("{wanted}, this is {told}")))
        }
    }
}

fn scalar_or_nil(field: &'static str, form: &Edn) -> Result<Option<Value>, Unusable> {
    match form {
        Edn::Nil => Ok(None),
        other => scalar(field, other).map(Some),
    }
}

/// What the key is called where the history names none.
const ONLY_KEY: &str = "register";

/// The key and what belongs to it. A tuple of a cas is one only if a pair is in it.
fn key_and_value(value: &Edn, is_cas: bool) -> Result<(Value, &Edn), Unusable> {
    match value {
        Edn::Vector(pair) if pair.len() == 2 => {
            let is_keyed = !is_cas || matches!(&pair[1], Edn::Vector(inner) if inner.len() == 2);
            match is_keyed {
                true => Ok((scalar(":value", &pair[0])?, &pair[1])),
                false => Ok((Value::text(ONLY_KEY), value)),
            }
        }
        other => Ok((Value::text(ONLY_KEY), other)),
    }
}

/// What is not an operation on registers, and whose it is.
const OTHERS: [(&str, &[&str]); 6] = [
    ("a list", &["append"]),
    (
        "a set or a counter",
        &["add", "add-element", "inc", "increment", "dec", "decrement"],
    ),
    (
        "a queue",
        &[
            "enqueue",
            "dequeue",
            "drain",
            "send",
            "poll",
            "subscribe",
            "assign",
        ],
    ),
    ("a lock", &["acquire", "release", "lock", "unlock"]),
    ("a bank", &["transfer", "transaction"]),
    (
        "another workload",
        &["insert", "upsert", "generate", "broadcast", "echo"],
    ),
];

fn refuse(f: &str) -> Unusable {
    let of = OTHERS.iter().find(|(_, names)| names.contains(&f));
    let of = of.map_or(String::new(), |(what, _)| {
        format!(", an operation of {what},")
    });
    Unusable::field(
        ":f",
        format!(
            ":{f}{of} isn't checked here; :read, :write, :cas, :get, :put, :delete are, and :txn \
             of :r and :w. Leave its maps out, or check the history with Elle or with Jepsen's \
             own checkers"
        ),
    )
}

/// What was asked.
fn act(f: &str, value: &Edn, model: &mut Option<Model>) -> Result<Act, Unusable> {
    if f == "txn" {
        return Ok(Act::Transaction {
            steps: steps(value)?,
            reply: Reply::Unknown,
        });
    }
    let (key, value) = match (f, value) {
        ("delete", Edn::Integer(_) | Edn::Text(_) | Edn::Keyword(_)) => {
            (scalar(":value", value)?, &Edn::Nil)
        }
        _ => key_and_value(value, f == "cas")?,
    };
    let (call, of) = match (f, value) {
        ("read", _) => (Call::Get, Some(Model::Register)),
        ("get", _) => (Call::Get, Some(Model::Kv)),
        ("delete", _) => (Call::Delete, Some(Model::Kv)),
        ("write", value) => (Call::Put(scalar(":value", value)?), Some(Model::Register)),
        ("put", value) => (Call::Put(scalar(":value", value)?), Some(Model::Kv)),
        ("cas", Edn::Vector(pair)) if pair.len() == 2 => {
            let call = Call::Cas {
                expected: scalar_or_nil(":value", &pair[0])?,
                value: scalar(":value", &pair[1])?,
                creates: false,
            };
            (call, None)
        }
        ("cas", other) => {
            let message = format!("[from to] was expected, this is {}", other.told());
            return Err(Unusable::field(":value", message));
        }
        _ => return Err(refuse(f)),
    };
    *model = model.or(of);
    Ok(Act::Single {
        key,
        call,
        reply: Reply::Unknown,
    })
}

/// `[[:r k nil] [:w k v]]`
fn steps(value: &Edn) -> Result<Vec<Step>, Unusable> {
    let wrong = |form: &Edn| {
        let message = format!(
            "[[:r k nil] [:w k v] ...] was expected, this is {}",
            form.told()
        );
        Unusable::field(":value", message)
    };
    let (Edn::Vector(items) | Edn::List(items)) = value else {
        return Err(wrong(value));
    };
    let step = |item: &Edn| match item {
        Edn::Vector(parts) => match &parts[..] {
            [Edn::Keyword(f), key, value] => {
                let (call, reply) = match &**f {
                    "r" => match value {
                        Edn::Vector(_) => return Err(refuse("append")),
                        value => {
                            let found = scalar_or_nil(":value", value)?;
                            (Call::Get, Reply::Found(found))
                        }
                    },
                    "w" => (Call::Put(scalar(":value", value)?), Reply::Unknown),
                    other => return Err(refuse(other)),
                };
                let key = scalar(":value", key)?;
                Ok(Step { key, call, reply })
            }
            _ => Err(wrong(item)),
        },
        other => Err(wrong(other)),
    };
    match items.is_empty() {
        true => Err(wrong(value)),
        false => items.iter().map(step).collect(),
    }
}

/// Puts an answer into what was asked.
fn answer(act: &mut Act, value: &Edn) -> Result<(), Unusable> {
    match act {
        Act::Single { call, reply, .. } => {
            *reply = match call {
                Call::Get => {
                    let (_, found) = key_and_value(value, false)?;
                    Reply::Found(scalar_or_nil(":value", found)?)
                }
                _ => Reply::Done,
            };
        }
        Act::Transaction {
            steps: asked,
            reply,
        } => {
            let found = steps(value)?;
            let is_same = found.len() == asked.len()
                && found
                    .iter()
                    .zip(&*asked)
                    .all(|(one, other)| one.call == other.call && one.key == other.key);
            if !is_same {
                let message = "these aren't the micro-operations that were invoked";
                return Err(Unusable::field(":value", message));
            }
            *asked = found;
            *reply = Reply::Done;
        }
        Act::Scan { .. } => {}
    }
    Ok(())
}
