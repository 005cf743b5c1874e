//! The lines of a history, as they are read and as they are written.
//!
//! ```json
//! {"client":3,"key":"x","op":"put","input":"1","output":{"ok":true},"invoke":12,"return":15}
//! {"initial":{"x":"0"}}
//! {"mark":"partition {1,2} | {3,4,5}","at":20,"until":35}
//! {"leader":"S2","term":3,"from":17,"until":null}
//! ```

use super::operation::{Fields, Operation};
use super::{Model, value, value_or_null};
use crate::check::Value;
use crate::cli::Unusable;
use crate::cli::json::{self, Json, quoted};
use serde_json::json;
use std::io::{self, Write};

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// What a client did.
    Operation(Operation),
    /// What keys hold before everything.
    Initial(Vec<(Value, Option<Value>)>),
    /// Something that happened to the system: a fault, mostly.
    Mark(Mark),
    /// A server led.
    Leadership(Leadership),
}

/// Something that happened to the system, to be drawn.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// When it began, in the unit of the operations.
    pub at: u64,
    /// When it ended; `None`: it is an instant.
    pub until: Option<u64>,
    /// What it was.
    pub text: String,
}

/// The time for which a server led, to be drawn.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Leadership {
    /// When it began, in the unit of the operations.
    pub from: u64,
    /// When it ended; `None`: it led on.
    pub until: Option<u64>,
    /// The server's name.
    pub leader: String,
    /// The term.
    pub term: u64,
}

/// Writes one line. Operations are named as `model` names them.
///
/// # Errors
/// If it can't be written.
pub fn write_line(out: &mut impl Write, line: &Line, model: Model) -> io::Result<()> {
    match line {
        Line::Operation(operation) => serde_json::to_writer(&mut *out, &operation.row(model))?,
        Line::Initial(values) => {
            let pairs: Vec<_> = values
                .iter()
                .map(|(key, value)| json!([json_value(Some(key)), json_value(value.as_ref())]))
                .collect();
            serde_json::to_writer(&mut *out, &json!({ "initial": pairs }))?;
        }
        Line::Mark(Mark { at, until, text }) => {
            let text = quoted(text);
            write!(out, r#"{{"mark":{text},"at":{at}"#)?;
            if let Some(until) = until {
                write!(out, r#","until":{until}"#)?;
            }
            write!(out, "}}")?;
        }
        Line::Leadership(it) => {
            let (leader, Leadership { from, term, .. }) = (quoted(&it.leader), it);
            let until = it
                .until
                .map_or("null".to_owned(), |until| until.to_string());
            write!(
                out,
                r#"{{"leader":{leader},"term":{term},"from":{from},"until":{until}}}"#
            )?;
        }
    }
    out.write_all(b"\n")
}

/// A value for a JSON writer.
pub fn json_value(value: Option<&Value>) -> serde_json::Value {
    match value {
        None => serde_json::Value::Null,
        Some(value) if value.is_integer() => {
            let number = value.as_text().parse::<serde_json::Number>();
            number.map_or_else(|_| value.as_text().to_string().into(), Into::into)
        }
        Some(value) => value.as_text().to_string().into(),
    }
}

impl Line {
    /// Reads a line, as [`write_line`] writes it. Without a model, the operation's name tells.
    ///
    /// # Errors
    /// Names the field that can't be used.
    pub fn parse(text: &[u8], mut model: Option<Model>) -> Result<Line, Unusable> {
        Line::read(&json::read(text)?, &mut model)
    }

    /// Reads a line. Without a model, the first name that only one model has decides.
    pub(super) fn read(json: &Json<'_>, model: &mut Option<Model>) -> Result<Line, Unusable> {
        let Json::Object(fields) = json else {
            let message = format!("an object was expected, this is {}", json.what());
            return Err(Unusable::new(message));
        };
        let has = |name: &str| fields.iter().any(|(field, _)| field == name);
        match () {
            () if has("op") => Operation::read(fields, model).map(Line::Operation),
            () if has("mark") => Mark::read(fields).map(Line::Mark),
            () if has("leader") => Leadership::read(fields).map(Line::Leadership),
            () if has("initial") => initial(fields).map(Line::Initial),
            () => match foreign(&has) {
                Some(what) => Err(Unusable::new(what)),
                None => Operation::read(fields, model).map(Line::Operation),
            },
        }
    }
}

/// What a file is that was given instead of a history, by the fields of an object in it.
pub(super) fn foreign(has: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    if has("journal") || has("settings") && has("seed") {
        return Some(
            "this is the recording of a run, no history: `kvorum replay` takes it, and \
             `kvorum run --history` writes a history",
        );
    }
    if has("seq") && has("event") {
        return Some(
            "these are the events of a run (`--trace`), no history: `kvorum run --history` \
             writes one",
        );
    }
    None
}

fn text(field: &'static str, json: &Json<'_>) -> Result<String, Unusable> {
    match json {
        Json::Text(text) if !text.is_empty() => Ok(text.clone().into_owned()),
        other => {
            let message = format!("a text was expected, this is {}", other.what());
            Err(Unusable::field(field, message))
        }
    }
}

impl Mark {
    fn read(fields: &[super::Field<'_>]) -> Result<Mark, Unusable> {
        let found = Fields::sort(fields, ["mark", "at", "until"], "a mark")?;
        let at = super::time("at", found.get("at")?)?;
        let until = found.or_null("until");
        let until = super::time_or_null("until", until, ("at", at))?;
        let text = text("mark", found.get("mark")?)?;
        Ok(Mark { at, until, text })
    }
}

impl Leadership {
    fn read(fields: &[super::Field<'_>]) -> Result<Leadership, Unusable> {
        let names = ["leader", "term", "from", "until"];
        let found = Fields::sort(fields, names, "a leadership")?;
        let from = super::time("from", found.get("from")?)?;
        let until = found.or_null("until");
        Ok(Leadership {
            leader: text("leader", found.get("leader")?)?,
            term: super::time("term", found.get("term")?)?,
            until: super::time_or_null("until", until, ("from", from))?,
            from,
        })
    }
}

/// `{"initial":{"x":1}}`, or `{"initial":[["x",1],[2,"b"]]}` for keys that are integers.
fn initial(fields: &[super::Field<'_>]) -> Result<Vec<(Value, Option<Value>)>, Unusable> {
    let found = Fields::sort(fields, ["initial"], "initial values")?;
    let pair =
        |key: Result<Value, Unusable>, json: &Json<'_>| Ok((key?, value_or_null("initial", json)?));
    match found.get("initial")? {
        Json::Object(values) => {
            let values = values.iter();
            values
                .map(|(key, json)| pair(Ok(Value::text(&**key)), json))
                .collect()
        }
        Json::Array(pairs) => {
            let pairs = pairs.iter();
            pairs
                .map(|it| match it {
                    Json::Array(it) if it.len() == 2 => pair(value("initial", &it[0]), &it[1]),
                    other => {
                        let message =
                            format!("[key, value] was expected, this is {}", other.what());
                        Err(Unusable::field("initial", message))
                    }
                })
                .collect()
        }
        other => {
            let wanted = r#"{"key":value, ...} or [[key,value], ...] was expected"#;
            let message = format!("{wanted}, this is {}", other.what());
            Err(Unusable::field("initial", message))
        }
    }
}
