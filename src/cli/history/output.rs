//! What was answered, as it stands in a line.

use super::line::json_value;
use super::operation::{Act, Fields, Judged, Operation, Step};
use super::{expected, value, value_or_null};
use crate::check::{Call, Reply, Value};
use crate::cli::Unusable;
use crate::cli::json::Json;
use serde_json::json;

/// The fields of an output. One of them stands in it; `missing` may have `ok` beside it.
const REPLIES: [&str; 6] = ["value", "values", "ok", "missing", "unknown", "failed"];

/// What every operation that returned may have for an output.
const OUTPUTS: &str = r#"{"unknown":true} or {"failed":true}"#;

/// Puts an answer into what was done; whether that is held to an order.
pub(super) fn read(
    output: &Json<'_>,
    has_returned: bool,
    act: &mut Act,
) -> Result<Judged, Unusable> {
    let wrong = |found: String, act: &Act| {
        let wanted = match has_returned {
            false => r#"it never returned, so null or {"unknown":true}"#.to_owned(),
            true => format!("{}, {OUTPUTS}", wanted(act)),
        };
        let message = format!("{wanted} was expected, {found}");
        Err(Unusable::field("output", message))
    };
    let fields = match output {
        Json::Null if !has_returned => return Ok(Judged::Yes),
        Json::Object(fields) => fields,
        other => return wrong(format!("this is {}", other.what()), act),
    };
    let sorted = Fields::sort(fields, REPLIES, "an output")?;
    let is_beside = |name: &str| name == "ok" && *sorted.or_null("missing") != Json::Null;
    let mut fields = fields.iter().filter(|(name, _)| !is_beside(name));
    let (name, json) = match (fields.next(), fields.next()) {
        (Some(only), None) => only,
        (Some((one, _)), Some((other, _))) => {
            return wrong(format!("{one:?} and {other:?} exclude each other"), act);
        }
        (None, _) => return wrong("this is empty".into(), act),
    };
    match (&**name, json) {
        ("unknown", Json::Bool(true)) => return Ok(Judged::Yes),
        _ if !has_returned => return wrong(format!("this has {name:?}"), act),
        ("failed", Json::Bool(true)) => return Ok(Judged::Failed),
        ("missing", Json::Bool(true)) if *sorted.or_null("ok") == Json::Bool(true) => {
            return wrong(r#""ok" is true, though the key is missing"#.into(), act);
        }
        _ => {}
    }
    match answer(name, json, act)? {
        true => Ok(Judged::Yes),
        false => wrong(format!("{name:?} is {}", json.what()), act),
    }
}

/// What an operation may have for an output.
fn wanted(act: &Act) -> &'static str {
    match act {
        Act::Single { call, .. } => match call {
            Call::Get => r#"{"value":...}"#,
            Call::Cas { creates: true, .. } => r#"{"ok":true}, {"ok":false}"#,
            Call::Cas { .. } => r#"{"ok":true}, {"ok":false}, {"missing":true}"#,
            Call::Delete => r#"{"ok":true}, {"missing":true}"#,
            _ => r#"{"ok":true}"#,
        },
        Act::Transaction { .. } => r#"{"values":[...]}, {"ok":true}, {"ok":false}"#,
        Act::Scan { .. } => r#"{"values":[[key,value],...]}"#,
    }
}

/// Puts an answer into what was done; whether it can be one.
fn answer(name: &str, json: &Json<'_>, act: &mut Act) -> Result<bool, Unusable> {
    match act {
        Act::Single { call, reply, .. } => {
            *reply = match (name, json, &*call) {
                ("value", found, Call::Get) => Reply::Found(value_or_null("output", found)?),
                ("missing", Json::Bool(true), Call::Get) => Reply::Found(None),
                ("missing", Json::Bool(true), Call::Delete) => Reply::Absent,
                (
                    "missing",
                    Json::Bool(true),
                    Call::Cas {
                        creates, expected, ..
                    },
                ) if !creates && expected.is_some() => Reply::Absent,
                ("ok", Json::Bool(true), call) if !call.is_read() => Reply::Done,
                ("ok", Json::Bool(false), Call::Cas { .. }) => Reply::Missed,
                _ => return Ok(false),
            };
        }
        Act::Transaction { steps, reply } => {
            let tests = |step: &Step| matches!(step.call, Call::Cas { .. });
            *reply = match (name, json) {
                ("values", Json::Array(values)) => {
                    read_values(steps, values)?;
                    Reply::Done
                }
                ("ok", Json::Bool(true)) => Reply::Done,
                ("ok", Json::Bool(false)) if steps.iter().any(tests) => Reply::Missed,
                _ => return Ok(false),
            };
        }
        Act::Scan { found, .. } => {
            let ("values", Json::Array(pairs)) = (name, json) else {
                return Ok(false);
            };
            *found = Some(read_pairs(pairs)?);
        }
    }
    Ok(true)
}

/// One value for each step: what a read found, null for the others.
fn read_values(steps: &mut [Step], values: &[Json<'_>]) -> Result<(), Unusable> {
    if values.len() != steps.len() {
        let (has, wants) = (values.len(), steps.len());
        let message =
            format!("{wants} values were expected, one a micro-operation, these are {has}");
        return Err(Unusable::field("output", message));
    }
    for (step, found) in steps.iter_mut().zip(values) {
        if step.call.is_read() {
            step.reply = Reply::Found(value_or_null("output", found)?);
        } else if *found != Json::Null {
            let message = expected("null for what reads nothing", found);
            return Err(Unusable::field("output", message));
        }
    }
    Ok(())
}

fn read_pairs(pairs: &[Json<'_>]) -> Result<Vec<(Value, Value)>, Unusable> {
    let pair = |json: &Json<'_>| match json {
        Json::Array(pair) if pair.len() == 2 => {
            Ok((value("output", &pair[0])?, value("output", &pair[1])?))
        }
        other => Err(Unusable::field("output", expected("[key, value]", other))),
    };
    let mut found: Vec<_> = pairs.iter().map(pair).collect::<Result<_, _>>()?;
    found.sort();
    match found.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(twice) => {
            let message = format!("the key {} stands there twice", twice[0].0);
            Err(Unusable::field("output", message))
        }
        None => Ok(found),
    }
}

/// For a JSON writer, as [`read`] takes it.
pub(super) fn row(operation: &Operation) -> serde_json::Value {
    if operation.judged == Judged::Failed {
        return json!({"failed": true});
    }
    let of_reply = |reply: &Reply| match reply {
        Reply::Found(value) => json!({"value": json_value(value.as_ref())}),
        Reply::Done => json!({"ok": true}),
        Reply::Missed => json!({"ok": false}),
        Reply::Absent => json!({"missing": true}),
        Reply::Unknown if operation.returned.is_none() => serde_json::Value::Null,
        Reply::Unknown => json!({"unknown": true}),
    };
    match &operation.act {
        Act::Single { reply, .. } => of_reply(reply),
        Act::Transaction {
            steps,
            reply: Reply::Done,
        } if steps.iter().any(|it| it.reply != Reply::Unknown) => {
            let values = steps.iter().map(|step| match &step.reply {
                Reply::Found(value) => json_value(value.as_ref()),
                _ => serde_json::Value::Null,
            });
            json!({"values": values.collect::<Vec<_>>()})
        }
        Act::Transaction { reply, .. } => of_reply(reply),
        Act::Scan { found: None, .. } => of_reply(&Reply::Unknown),
        Act::Scan {
            found: Some(found), ..
        } => {
            let pairs = found.iter();
            let pairs = pairs.map(|(key, value)| [json_value(Some(key)), json_value(Some(value))]);
            json!({"values": pairs.collect::<Vec<_>>()})
        }
    }
}
