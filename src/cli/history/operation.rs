//! What a client did, as it stands in a line: one table of names for reading and for writing.

use super::line::json_value;
use super::{Field, Model, expected, time, time_or_null, value, value_or_null};
use crate::check::{Call, Observed, Reply, Value};
use crate::cli::Unusable;
use crate::cli::json::{Json, quoted};
use serde::Serialize;
use serde_json::json;

/// What a client did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// Who did it: an integer or a text.
    pub client: Value,
    /// What was done, and what was answered.
    pub act: Act,
    /// Whether it is held to an order.
    pub judged: Judged,
    /// When it was invoked, in any unit.
    pub invoked: u64,
    /// When it returned; `None`: never.
    pub returned: Option<u64>,
}

/// Whether an operation is held to an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judged {
    /// It is.
    Yes,
    /// It certainly never happened.
    Failed,
    /// Its client allowed it to find an old value.
    Stale,
}

/// What was done, and what was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Something with one key.
    Single {
        /// The key.
        key: Value,
        /// What was asked.
        call: Call,
        /// What was answered.
        reply: Reply,
    },
    /// Several operations that take effect at once, or none of them.
    Transaction {
        /// In their order.
        steps: Vec<Step>,
        /// [`Reply::Missed`]: a compare-and-swap of it missed, and nothing happened.
        reply: Reply,
    },
    /// Several keys are read at once.
    Scan {
        /// Which.
        of: Keys,
        /// The keys that were there, and their values; `None`: nobody knows.
        found: Option<Vec<(Value, Value)>>,
    },
}

/// An operation of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The key.
    pub key: Value,
    /// What was asked.
    pub call: Call,
    /// What was answered.
    pub reply: Reply,
}

/// Keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keys {
    /// These.
    Listed(Vec<Value>),
    /// From the first on, before the second; `None`: no bound.
    Between([Option<Value>; 2]),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Append,
    Delete,
    Cas,
    Transaction,
    Scan,
}

/// What the models `kv` and `register` call an operation; empty: they don't have it.
const NAMES: [(Kind, &str, &str); 7] = [
    (Kind::Read, "get", "read"),
    (Kind::Write, "put", "write"),
    (Kind::Append, "append", ""),
    (Kind::Delete, "delete", ""),
    (Kind::Cas, "cas", "cas"),
    (Kind::Transaction, "txn", "txn"),
    (Kind::Scan, "scan", "scan"),
];

impl Model {
    fn names(self) -> impl Iterator<Item = (Kind, &'static str)> {
        let names = NAMES.iter().map(move |&(kind, kv, register)| match self {
            Model::Kv => (kind, kv),
            Model::Register => (kind, register),
        });
        names.filter(|(_, name)| !name.is_empty())
    }

    fn kind(self, name: &str) -> Option<Kind> {
        let mut names = self.names();
        names.find(|&(_, known)| known == name).map(|it| it.0)
    }

    fn name_of(self, kind: Kind) -> &'static str {
        let mut names = self.names().chain(Model::Kv.names());
        names.find(|it| it.0 == kind).map_or("", |it| it.1)
    }

    /// What it calls a call on one key.
    pub fn name_of_call(self, call: &Call) -> &'static str {
        self.name_of(match call {
            Call::Get => Kind::Read,
            Call::Put(_) => Kind::Write,
            Call::Append(_) => Kind::Append,
            Call::Delete => Kind::Delete,
            Call::Cas { .. } => Kind::Cas,
        })
    }
}

/// The kind of operation that has this name. Without a model, the first name that only one has
/// decides.
fn kind(json: &Json<'_>, model: &mut Option<Model>) -> Result<Kind, Unusable> {
    let Json::Text(name) = json else {
        return Err(Unusable::field("op", expected("a name", json)));
    };
    let [kv, register] = [Model::Kv, Model::Register].map(|model| model.kind(name));
    match (*model, kv, register) {
        (Some(Model::Kv), Some(kind), _) | (Some(Model::Register), _, Some(kind)) => Ok(kind),
        (None, Some(kind), Some(_)) => Ok(kind),
        (None, Some(kind), None) => {
            *model = Some(Model::Kv);
            Ok(kind)
        }
        (None, None, Some(kind)) => {
            *model = Some(Model::Register);
            Ok(kind)
        }
        (asked, ..) => {
            let asked = asked.unwrap_or(Model::Kv);
            let names: Vec<_> = asked.names().map(|(_, name)| name).collect();
            let (name, known) = (quoted(name), names.join(", "));
            let mut message = format!("{name} is no operation of the model {asked} ({known})");
            let others = [(Model::Register, register), (Model::Kv, kv)];
            if let Some((other, _)) = others.into_iter().find(|(_, has)| has.is_some()) {
                message += &format!("; the model {other} has it (--model)");
            }
            Err(Unusable::field("op", message))
        }
    }
}

/// The fields of an object, sorted by their names.
pub(super) struct Fields<'a, const N: usize> {
    names: [&'static str; N],
    found: [Option<&'a Json<'a>>; N],
}

impl<'a, const N: usize> Fields<'a, N> {
    /// # Errors
    /// Names a field that isn't one of `names`, or that stands there twice.
    pub fn sort(
        fields: &'a [Field<'a>],
        names: [&'static str; N],
        of: &str,
    ) -> Result<Fields<'a, N>, Unusable> {
        let mut found = [None; N];
        for (name, json) in fields {
            let Some(at) = names.iter().position(|known| known == name) else {
                let (name, known) = (quoted(name), names.join(", "));
                return Err(Unusable::new(format!(
                    "{name} is no field of {of}: these are {known}"
                )));
            };
            if found[at].replace(json).is_some() {
                return Err(Unusable::field(names[at], "stands there twice"));
            }
        }
        Ok(Fields { names, found })
    }

    fn find(&self, name: &str) -> Option<&'a Json<'a>> {
        let at = self.names.iter().position(|known| *known == name)?;
        self.found[at]
    }

    /// A field that has to be there.
    pub fn get(&self, name: &'static str) -> Result<&'a Json<'a>, Unusable> {
        let missing = || Unusable::field(name, "is missing");
        self.find(name).ok_or_else(missing)
    }

    /// A field that may be absent.
    pub fn or_null(&self, name: &str) -> &'a Json<'a> {
        self.find(name).unwrap_or(&Json::Null)
    }

    fn flag(&self, name: &'static str) -> Result<bool, Unusable> {
        match self.or_null(name) {
            Json::Null => Ok(false),
            Json::Bool(flag) => Ok(*flag),
            other => Err(Unusable::field(name, expected("true or false", other))),
        }
    }
}

const FIELDS: [&str; 9] = [
    "client",
    "key",
    "op",
    "input",
    "output",
    "invoke",
    "return",
    "create_if_not_exists",
    "stale",
];

impl Operation {
    pub(super) fn read(
        fields: &[Field<'_>],
        model: &mut Option<Model>,
    ) -> Result<Operation, Unusable> {
        let fields = Fields::sort(fields, FIELDS, "an operation")?;
        let kind = kind(fields.get("op")?, model)?;
        let client = value("client", fields.get("client")?)?;
        let mut act = read_act(kind, &fields, model)?;
        let invoked = time("invoke", fields.get("invoke")?)?;
        let returned = fields.get("return")?;
        let returned = time_or_null("return", returned, ("invoke", invoked))?;
        let output = fields.get("output")?;
        let mut judged = super::output::read(output, returned.is_some(), &mut act)?;
        if fields.flag("stale")? {
            let is_read = matches!(
                act,
                Act::Scan { .. }
                    | Act::Single {
                        call: Call::Get,
                        ..
                    }
            );
            if !is_read {
                return Err(Unusable::field("stale", "only what reads can be stale"));
            }
            judged = Judged::Stale;
        }
        Ok(Operation {
            client,
            act,
            judged,
            invoked,
            returned,
        })
    }

    /// An operation on one key that is to be judged.
    pub fn single(client: Value, key: Value, observed: &Observed) -> Operation {
        let Observed { call, reply, .. } = observed.clone();
        Operation {
            client,
            act: Act::Single { key, call, reply },
            judged: Judged::Yes,
            invoked: observed.invoked,
            returned: observed.returned,
        }
    }

    /// For a JSON writer, as `Operation::read` takes it.
    pub fn row(&self, model: Model) -> Row {
        let (kind, key, input) = self.act.row(model);
        Row {
            client: json_value(Some(&self.client)),
            key,
            op: model.name_of(kind),
            create_if_not_exists: matches!(&self.act, Act::Single { call, .. } if creates(call)),
            input,
            output: super::output::row(self),
            stale: self.judged == Judged::Stale,
            invoke: self.invoked,
            returned: self.returned,
        }
    }
}

/// A line, ready to be written.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    client: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<serde_json::Value>,
    op: &'static str,
    input: serde_json::Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    create_if_not_exists: bool,
    output: serde_json::Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    invoke: u64,
    #[serde(rename = "return")]
    returned: Option<u64>,
}

fn creates(call: &Call) -> bool {
    matches!(call, Call::Cas { creates: true, .. })
}

/// What was asked; nobody knows yet what was answered.
fn read_act(
    kind: Kind,
    fields: &Fields<'_, 9>,
    model: &mut Option<Model>,
) -> Result<Act, Unusable> {
    let input = fields.or_null("input");
    let creates = fields.flag("create_if_not_exists")?;
    if creates && kind != Kind::Cas {
        let message = "only a cas of one key can have it";
        return Err(Unusable::field("create_if_not_exists", message));
    }
    if let Kind::Transaction | Kind::Scan = kind
        && *fields.or_null("key") != Json::Null
    {
        let message = "this operation has its keys in its input";
        return Err(Unusable::field("key", message));
    }
    match kind {
        Kind::Transaction => Ok(Act::Transaction {
            steps: read_steps(input, model)?,
            reply: Reply::Unknown,
        }),
        Kind::Scan => Ok(Act::Scan {
            of: read_keys(input)?,
            found: None,
        }),
        _ => Ok(Act::Single {
            key: value("key", fields.get("key")?)?,
            call: call(kind, input, creates).map_err(|why| Unusable::field("input", why))?,
            reply: Reply::Unknown,
        }),
    }
}

/// # Errors
/// Says what the input should be.
fn call(kind: Kind, input: &Json<'_>, creates: bool) -> Result<Call, String> {
    let said = |error: Unusable| error.message;
    let one = || value("input", input).map_err(said);
    match (kind, input) {
        (Kind::Read, Json::Null) => Ok(Call::Get),
        (Kind::Delete, Json::Null) => Ok(Call::Delete),
        (Kind::Read | Kind::Delete, other) => Err(format!(
            "this operation takes none, this is {}",
            other.what()
        )),
        (Kind::Append, _) => Ok(Call::Append(one()?)),
        (Kind::Cas, Json::Array(pair)) if pair.len() == 2 => Ok(Call::Cas {
            expected: value_or_null("input", &pair[0]).map_err(said)?,
            value: value("input", &pair[1]).map_err(said)?,
            creates,
        }),
        (Kind::Cas, other) => Err(expected("[from, to]", other)),
        _ => Ok(Call::Put(one()?)),
    }
}

/// `[["get","x"],["put","y","2"]]`
fn read_steps(input: &Json<'_>, model: &mut Option<Model>) -> Result<Vec<Step>, Unusable> {
    let wanted = "a list of micro-operations [op, key, input]";
    let Json::Array(items) = input else {
        return Err(Unusable::field("input", expected(wanted, input)));
    };
    let mut steps = Vec::with_capacity(items.len());
    for (item, number) in items.iter().zip(1..) {
        let wrong = |why: String| Unusable::field("input", format!("number {number}: {why}"));
        let (name, key, input) = match item {
            Json::Array(parts) => match &parts[..] {
                [name, key] => (name, key, &Json::Null),
                [name, key, input] => (name, key, input),
                _ => return Err(wrong(expected(wanted, item))),
            },
            _ => return Err(wrong(expected(wanted, item))),
        };
        let kind = kind(name, model).map_err(|error| wrong(error.message))?;
        if let Kind::Transaction | Kind::Scan = kind {
            return Err(wrong("an operation on one key is needed".into()));
        }
        steps.push(Step {
            key: value("input", key).map_err(|error| wrong(error.message))?,
            call: call(kind, input, false).map_err(wrong)?,
            reply: Reply::Unknown,
        });
    }
    match steps.is_empty() {
        true => Err(Unusable::field(
            "input",
            "there is no micro-operation in it",
        )),
        false => Ok(steps),
    }
}

/// `{"keys":["x","y"]}` or `{"from":"a","to":"m"}`
fn read_keys(input: &Json<'_>) -> Result<Keys, Unusable> {
    let wanted = r#"{"keys":[...]}, or {"from":...,"to":...}"#;
    let Json::Object(fields) = input else {
        return Err(Unusable::field("input", expected(wanted, input)));
    };
    let fields = Fields::sort(fields, ["keys", "from", "to"], "the input of a scan")?;
    match fields.or_null("keys") {
        Json::Null => Ok(Keys::Between([
            value_or_null("input", fields.or_null("from"))?,
            value_or_null("input", fields.or_null("to"))?,
        ])),
        Json::Array(keys) if fields.find("from").or(fields.find("to")).is_none() => {
            let keys: Result<_, _> = keys.iter().map(|key| value("input", key)).collect();
            Ok(Keys::Listed(keys?))
        }
        _ => Err(Unusable::field("input", expected(wanted, input))),
    }
}

fn input_row(call: &Call) -> serde_json::Value {
    match call {
        Call::Get | Call::Delete => serde_json::Value::Null,
        Call::Put(value) | Call::Append(value) => json_value(Some(value)),
        Call::Cas {
            expected, value, ..
        } => json!([json_value(expected.as_ref()), json_value(Some(value))]),
    }
}

impl Act {
    fn row(&self, model: Model) -> (Kind, Option<serde_json::Value>, serde_json::Value) {
        match self {
            Act::Single { key, call, .. } => {
                let kind = model.kind(model.name_of_call(call));
                let kind = kind.or(Model::Kv.kind(Model::Kv.name_of_call(call)));
                let key = Some(json_value(Some(key)));
                (kind.unwrap_or(Kind::Read), key, input_row(call))
            }
            Act::Transaction { steps, .. } => {
                let step = |step: &Step| {
                    let name = model.name_of_call(&step.call);
                    match (json_value(Some(&step.key)), input_row(&step.call)) {
                        (key, serde_json::Value::Null) => json!([name, key]),
                        (key, input) => json!([name, key, input]),
                    }
                };
                (Kind::Transaction, None, steps.iter().map(step).collect())
            }
            Act::Scan { of, .. } => {
                let input = match of {
                    Keys::Listed(keys) => {
                        let keys = keys.iter().map(|key| json_value(Some(key)));
                        json!({ "keys": keys.collect::<Vec<_>>() })
                    }
                    Keys::Between([from, to]) => {
                        json!({ "from": json_value(from.as_ref()), "to": json_value(to.as_ref()) })
                    }
                };
                (Kind::Scan, None, input)
            }
        }
    }
}
