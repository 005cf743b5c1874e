//! What a history is made of: operations on one key, as their clients saw them.
//!
//! The models `register` (read, write, compare-and-swap) and `kv` (get, put, append, delete,
//! compare-and-swap) have one meaning here: a register is a key that nobody appends to or
//! deletes. A key is absent at first.

use crate::kv;
use std::fmt;
use std::rc::Rc;

/// A value: a text or an integer. The text `1` is not the integer 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Value {
    text: Rc<str>,
    integer: bool,
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Rc<str>>) -> Value {
        Value {
            text: text.into(),
            integer: false,
        }
    }

    /// An integer, of any size.
    pub fn integer(number: i128) -> Value {
        Value {
            text: number.to_string().into(),
            integer: true,
        }
    }

    /// The text, or the integer's digits.
    pub fn as_text(&self) -> &Rc<str> {
        &self.text
    }

    /// Whether it is an integer.
    pub fn is_integer(&self) -> bool {
        self.integer
    }

    /// This value with `more` behind it: always a text.
    pub fn appended(value: Option<&Value>, more: &Value) -> Value {
        match value {
            Some(old) => Value::text(format!("{}{}", old.text, more.text)),
            None => Value::text(more.text.clone()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.integer {
            f.write_str(&self.text)
        } else {
            write!(f, "{:?}", self.text)
        }
    }
}

/// What a client asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// The value.
    Get,
    /// Set the value.
    Put(Value),
    /// Put a text behind the value. An absent key counts as empty, an integer as its digits.
    Append(Value),
    /// Remove the key.
    Delete,
    /// Set the value only if it is `expected` (`None`: absent).
    Cas {
        /// The value that must be there.
        expected: Option<Value>,
        /// The new value.
        value: Value,
    },
}

impl From<&kv::Operation> for Call {
    fn from(operation: &kv::Operation) -> Call {
        let text = |value: &kv::Value| Value::text(value.clone());
        match operation {
            kv::Operation::Get { .. } => Call::Get,
            kv::Operation::Put { value, .. } => Call::Put(text(value)),
            kv::Operation::Append { value, .. } => Call::Append(text(value)),
            kv::Operation::Delete { .. } => Call::Delete,
            kv::Operation::Cas {
                expected, value, ..
            } => Call::Cas {
                expected: expected.as_ref().map(text),
                value: text(value),
            },
        }
    }
}

/// What a client was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// A get found this; `None`: the key was absent.
    Found(Option<Value>),
    /// The operation took effect.
    Done,
    /// A compare-and-swap found another value than it expected.
    Missed,
    /// It took effect, if it was one to, but what it answered is not known.
    Unknown,
}

impl From<&kv::Outcome> for Reply {
    fn from(outcome: &kv::Outcome) -> Reply {
        match outcome {
            kv::Outcome::Found { value } => {
                Reply::Found(value.as_ref().map(|value| Value::text(value.clone())))
            }
            kv::Outcome::Done => Reply::Done,
            kv::Outcome::Differs { .. } => Reply::Missed,
        }
    }
}

/// An operation of one client on one key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// What was asked.
    pub call: Call,
    /// What was answered; [`Reply::Unknown`] if it never returned.
    pub reply: Reply,
    /// When it was invoked, in any unit.
    pub invoked: u64,
    /// When it returned. `None`: never. Then it may have taken effect at any time since it was
    /// invoked, or never.
    pub returned: Option<u64>,
}

impl Observed {
    /// Whether the operation took effect, if it did at `value`; and the value after it.
    /// `None`: what was answered can't be.
    pub fn run(&self, value: Option<&Value>) -> Option<Option<Value>> {
        let kept = || value.cloned();
        match (&self.call, &self.reply) {
            (Call::Get, Reply::Found(found)) => (found.as_ref() == value).then(kept),
            (Call::Get, _) => Some(kept()),
            (Call::Put(new), _) => Some(Some(new.clone())),
            (Call::Append(more), _) => Some(Some(Value::appended(value, more))),
            (Call::Delete, _) => Some(None),
            (
                Call::Cas {
                    expected,
                    value: new,
                },
                reply,
            ) => {
                let hits = expected.as_ref() == value;
                match reply {
                    Reply::Done if !hits => None,
                    Reply::Missed if hits => None,
                    _ if hits => Some(Some(new.clone())),
                    _ => Some(kept()),
                }
            }
        }
    }
}
