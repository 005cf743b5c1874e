//! A client history, one operation a line, in any order (JSON Lines).
//!
//! ```json
//! {"client":3,"key":"x","op":"put","input":"1","output":{"ok":true},"invoke":12,"return":15}
//! ```
//!
//! It is read line by line, a line at most [`MAX_LINE`] long, and refused at the first line that
//! can't be used.

use super::Unusable;
use super::json::Json;
use crate::sim::linearizability::{Call, Observed, Reply, Value};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::io::{BufRead, ErrorKind, Read};

/// The longest line, in bytes.
pub const MAX_LINE: usize = 16 << 20;

/// The most bytes of lines that are read: what is read stays in memory.
const MAX_BYTES: u64 = 4 << 30;

/// What the operations are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Model {
    /// read, write, cas
    Register,
    /// get, put, append, delete, cas
    Kv,
}

impl Model {
    /// Its name, as the argument has it.
    pub fn name(self) -> &'static str {
        match self {
            Model::Register => "register",
            Model::Kv => "kv",
        }
    }

    fn operations(self) -> &'static [&'static str] {
        match self {
            Model::Register => &["read", "write", "cas"],
            Model::Kv => &["get", "put", "append", "delete", "cas"],
        }
    }
}

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
    /// As the clients saw them.
    pub observed: Vec<Observed>,
    /// In the same order.
    pub origins: Vec<Origin>,
}

/// A whole history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    /// What the operations are; `None` if they don't tell.
    pub model: Option<Model>,
    /// By key. Operations that certainly never happened are left out.
    pub keys: BTreeMap<Value, KeyHistory>,
    /// All operations, those that never happened included.
    pub operations: u64,
}

/// When a client was busy, and the line that says so.
type Busy = (u64, u64, u64);

struct Reading {
    history: History,
    busy: BTreeMap<Value, Vec<Busy>>,
}

/// Reads a history. `advance` is told of the bytes that were read.
///
/// # Errors
/// Names the first line, and the field, that can't be used.
pub fn read(
    mut source: impl BufRead,
    model: Option<Model>,
    mut advance: impl FnMut(u64),
) -> Result<History, Unusable> {
    let mut reading = Reading {
        history: History {
            model,
            keys: BTreeMap::new(),
            operations: 0,
        },
        busy: BTreeMap::new(),
    };
    let mut line = Vec::new();
    let mut bytes = 0;
    for number in 1.. {
        line.clear();
        let mut bounded = source.by_ref().take(MAX_LINE as u64 + 1);
        let length = match bounded.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(length) => length as u64,
            Err(error) if error.kind() == ErrorKind::IsADirectory => {
                return Err(Unusable::new("it is a folder"));
            }
            Err(error) => return Err(Unusable::new(error.to_string()).at_line(number)),
        };
        advance(length);
        bytes += length;
        let check = |wrong: bool, message: &str| match wrong {
            true => Err(Unusable::new(message).at_line(number)),
            false => Ok(()),
        };
        check(
            line.len() > MAX_LINE,
            "longer than 16 MiB; one operation a line is expected",
        )?;
        check(
            bytes > MAX_BYTES,
            "more than 4 GiB so far; split the history by key: keys are checked one by one",
        )?;
        let text = match number {
            1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line),
            _ => &line,
        };
        if !text.trim_ascii().is_empty() {
            reading.line(text, number).map_err(|e| e.at_line(number))?;
        }
    }
    if reading.history.operations == 0 {
        return Err(Unusable::new("there is no operation in it"));
    }
    reading.clients_take_turns()?;
    Ok(reading.history)
}

impl Reading {
    fn line(&mut self, text: &[u8], number: u64) -> Result<(), Unusable> {
        let json: Json<'_> = serde_json::from_slice(text).map_err(|error| {
            if error.is_eof() {
                Unusable::new("ends too early: the line is cut off")
            } else {
                let (line, column) = (error.line(), error.column());
                let said = error.to_string();
                let said = said.replace(&format!(" at line {line} column {column}"), "");
                Unusable::new(format!("no JSON at column {column}: {said}"))
            }
        })?;
        let line = Line::new(&json)?;
        let name = line.operation(&mut self.history.model)?;
        let client = line.client()?;
        let key = value("key", line.key)?;
        let call = line.call(name)?;
        let (invoked, returned) = line.times()?;
        let reply = line.reply(&call, returned)?;
        self.history.operations += 1;
        if let Some(returned) = returned {
            let busy = self.busy.entry(client.clone()).or_default();
            busy.push((invoked, returned, number));
        }
        let key = self.history.keys.entry(key).or_default();
        let Some(reply) = reply else { return Ok(()) };
        key.observed.push(Observed {
            call,
            reply,
            invoked,
            returned,
        });
        key.origins.push(Origin {
            line: number,
            client,
        });
        Ok(())
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
}

/// The fields of a line.
struct Line<'a> {
    client: &'a Json<'a>,
    key: &'a Json<'a>,
    op: &'a Json<'a>,
    input: &'a Json<'a>,
    output: &'a Json<'a>,
    invoke: &'a Json<'a>,
    returned: &'a Json<'a>,
}

/// What an operation's output may be, if it returned.
const OUTPUTS: &str = r#"{"unknown":true} or {"failed":true}"#;

/// The fields of an output that mean something: one of them stands in it.
const REPLIES: [&str; 4] = ["value", "ok", "unknown", "failed"];

impl<'a> Line<'a> {
    fn new(json: &'a Json<'a>) -> Result<Line<'a>, Unusable> {
        let Json::Object(fields) = json else {
            let message = format!("an object was expected, this is {}", json.what());
            return Err(Unusable::new(message));
        };
        let find = |name: &'static str| {
            let mut found = fields.iter().filter(|(field, _)| field == name);
            let first = found.next().map(|(_, value)| value);
            match found.next() {
                Some(_) => Err(Unusable::field(name, "stands there twice")),
                None => Ok(first),
            }
        };
        let get = |name| find(name)?.ok_or_else(|| Unusable::field(name, "is missing"));
        Ok(Line {
            client: get("client")?,
            key: get("key")?,
            op: get("op")?,
            input: find("input")?.unwrap_or(&Json::Null),
            invoke: get("invoke")?,
            returned: get("return")?,
            output: get("output")?,
        })
    }

    /// The operation's name. Without a model, the first name that only one model has decides.
    fn operation(&self, model: &mut Option<Model>) -> Result<&'a str, Unusable> {
        let Json::Text(name) = self.op else {
            return Err(Unusable::field("op", expected("a name", self.op)));
        };
        let has = |model: &Model| model.operations().contains(&&**name);
        let mut having = [Model::Register, Model::Kv].into_iter().filter(has);
        match (*model, having.next(), having.next()) {
            (Some(model), ..) if has(&model) => {}
            (None, Some(_), Some(_)) => {}
            (None, Some(only), None) => *model = Some(only),
            (asked, other, _) => {
                let asked = asked.unwrap_or(Model::Kv);
                let names = asked.operations().join(", ");
                let mut message = format!(
                    "{name:?} is no operation of the model {} ({names})",
                    asked.name()
                );
                if let Some(other) = other {
                    message += &format!("; the model {} has it (--model)", other.name());
                }
                return Err(Unusable::field("op", message));
            }
        }
        Ok(name)
    }

    fn client(&self) -> Result<Value, Unusable> {
        value("client", self.client)
    }

    fn call(&self, name: &str) -> Result<Call, Unusable> {
        let input = || value("input", self.input);
        match name {
            "get" | "read" | "delete" => match self.input {
                Json::Null => Ok(if name == "delete" {
                    Call::Delete
                } else {
                    Call::Get
                }),
                other => {
                    let message = format!("a {name} takes none, this is {}", other.what());
                    Err(Unusable::field("input", message))
                }
            },
            "append" => Ok(Call::Append(input()?)),
            "cas" => match self.input {
                Json::Array(pair) if pair.len() == 2 => Ok(Call::Cas {
                    expected: value_or_null("input", &pair[0])?,
                    value: value("input", &pair[1])?,
                }),
                other => Err(Unusable::field("input", expected("[from, to]", other))),
            },
            _ => Ok(Call::Put(input()?)),
        }
    }

    fn times(&self) -> Result<(u64, Option<u64>), Unusable> {
        let time = |field, json: &Json<'_>| {
            match json {
                Json::Integer(time) => u64::try_from(*time).ok(),
                _ => None,
            }
            .ok_or_else(|| {
                let what = "a whole number from 0 to 18446744073709551615";
                Unusable::field(field, expected(what, json))
            })
        };
        let invoked = time("invoke", self.invoke)?;
        if *self.returned == Json::Null {
            return Ok((invoked, None));
        }
        let returned = time("return", self.returned)?;
        if returned < invoked {
            let message = format!("{returned}, before its invoke {invoked}");
            return Err(Unusable::field("return", message));
        }
        Ok((invoked, Some(returned)))
    }

    /// The answer; `None` if the operation certainly never happened.
    fn reply(&self, call: &Call, returned: Option<u64>) -> Result<Option<Reply>, Unusable> {
        let wants = match call {
            Call::Get => r#"{"value":...}"#,
            Call::Cas { .. } => r#"{"ok":true}, {"ok":false}"#,
            _ => r#"{"ok":true}"#,
        };
        let wrong = |found: String| {
            let wanted = match returned {
                None => r#"it never returned, so null or {"unknown":true}"#.to_owned(),
                Some(_) => format!("{wants}, {OUTPUTS}"),
            };
            let message = format!("{wanted} was expected, {found}");
            Err(Unusable::field("output", message))
        };
        let fields = match self.output {
            Json::Null if returned.is_none() => return Ok(Some(Reply::Unknown)),
            Json::Object(fields) => fields,
            other => return wrong(format!("this is {}", other.what())),
        };
        let mut known = fields.iter().filter(|(name, _)| REPLIES.contains(&&**name));
        let (name, output) = match (known.next(), known.next()) {
            (Some(only), None) => only,
            (Some((one, _)), Some((other, _))) if one == other => {
                return wrong(format!("{one:?} stands there twice"));
            }
            (Some((one, _)), Some((other, _))) => {
                return wrong(format!("{one:?} and {other:?} exclude each other"));
            }
            (None, _) => return wrong("this has none of these fields".into()),
        };
        match (&**name, output, call) {
            ("unknown", Json::Bool(true), _) => Ok(Some(Reply::Unknown)),
            _ if returned.is_none() => wrong(format!("this has {name:?}")),
            ("failed", Json::Bool(true), _) => Ok(None),
            ("value", found, Call::Get) => Ok(Some(Reply::Found(value_or_null("output", found)?))),
            ("ok", Json::Bool(true), call) if *call != Call::Get => Ok(Some(Reply::Done)),
            ("ok", Json::Bool(false), Call::Cas { .. }) => Ok(Some(Reply::Missed)),
            _ => wrong(format!("{name:?} is {}", output.what())),
        }
    }
}

fn expected(what: &str, json: &Json<'_>) -> String {
    format!("{what} was expected, this is {}", json.what())
}

fn value(field: &'static str, json: &Json<'_>) -> Result<Value, Unusable> {
    match json {
        Json::Text(text) => Ok(Value::text(&**text)),
        Json::Integer(number) => Ok(Value::integer(*number)),
        other => Err(Unusable::field(
            field,
            expected("a string or a 64-bit integer", other),
        )),
    }
}

fn value_or_null(field: &'static str, json: &Json<'_>) -> Result<Option<Value>, Unusable> {
    match json {
        Json::Null => Ok(None),
        other => value(field, other).map(Some),
    }
}
