//! What a history is made of: operations on one key, as their clients saw them.
//!
//! The models `register` (read, write, compare-and-swap) and `kv` (get, put, append, delete,
//! compare-and-swap) have one meaning here: a register is a key that nobody appends to or
//! deletes. A key is absent at first, unless something else is said.

use crate::kv;
use std::fmt::{self, Write};
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
            write_quoted(&self.text, f)
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
        /// Whether it also sets the value if the key is absent.
        creates: bool,
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
                creates: false,
            },
        }
    }
}

impl Reply {
    /// The bytes of the value that was found.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Reply::Found(Some(value)) => value.text.len() as u64,
            _ => 0,
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
    /// A compare-and-swap found another value than it expected, or none.
    Missed,
    /// A compare-and-swap or a delete found no value, and changed nothing.
    Absent,
    /// Nobody knows what came of it: it may take effect at any time after its invocation, also
    /// after it has returned, or never.
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

impl Call {
    /// Whether it only looks.
    pub fn is_read(&self) -> bool {
        *self == Call::Get
    }

    /// The value after this call took effect at `value`. `None`: it can't have been answered so.
    pub fn run(&self, reply: &Reply, value: Option<&Value>) -> Option<Option<Value>> {
        let kept = || value.cloned();
        match (self, reply) {
            (Call::Get, Reply::Found(found)) => (found.as_ref() == value).then(kept),
            (Call::Get, _) => Some(kept()),
            (Call::Put(new), _) => Some(Some(new.clone())),
            (Call::Append(more), _) => Some(Some(Value::appended(value, more))),
            (Call::Delete | Call::Cas { creates: false, .. }, Reply::Absent) => {
                value.is_none().then_some(None)
            }
            (Call::Delete, _) => Some(None),
            (Call::Cas { value: new, .. }, reply) => match (self.hits(value), reply) {
                (false, Reply::Done) | (true, Reply::Missed) | (_, Reply::Absent) => None,
                (true, _) => Some(Some(new.clone())),
                (false, _) => Some(kept()),
            },
        }
    }

    /// Whether a compare-and-swap sets its value where the key is at `value`.
    pub fn hits(&self, value: Option<&Value>) -> bool {
        match self {
            Call::Cas {
                expected, creates, ..
            } => expected.as_ref() == value || *creates && value.is_none(),
            _ => true,
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
    /// When it returned; `None`: never.
    pub returned: Option<u64>,
}

impl Observed {
    /// When it took effect at the latest, if it did; `None`: nobody knows, not even whether.
    pub fn deadline(&self) -> Option<u64> {
        match self.reply {
            Reply::Unknown => None,
            _ => self.returned,
        }
    }

    /// The value after the operation took effect at `value`. `None`: what was answered can't be.
    pub fn run(&self, value: Option<&Value>) -> Option<Option<Value>> {
        self.call.run(&self.reply, value)
    }
}

/// A text as JSON has it: what moves the cursor or turns the direction of writing is escaped.
fn write_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                write!(f, "\\u{:04x}", c as u32)?;
            }
            _ if c.is_control() => write!(f, "\\u{:04x}", c as u32)?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_as_json_has_it() {
        let told = |text: &str| Value::text(text).to_string();
        assert_eq!(told("it's \"x\" \\"), r#""it's \"x\" \\""#);
        assert_eq!(told("a\n\u{1b}[1m\u{202e}"), r#""a\n\u001b[1m\u202e""#);
        assert_eq!(Value::integer(-1).to_string(), "-1");
    }
}
