//! What a client asks of the store, and what it is answered.

use crate::base::{ClientId, Time, fold_fields, vocabulary};
use crate::raft::ReadLevel;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// A key: text of 1 to [`MAX_KEY`] bytes.
pub type Key = Rc<str>;

/// A value: text of 0 to [`MAX_VALUE`] bytes.
pub type Value = Rc<str>;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 256;

/// The longest value, in bytes.
pub const MAX_VALUE: usize = 64 * 1024;

vocabulary! {
    /// An operation on one key.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "op", deny_unknown_fields)]
    pub enum Operation {
        /// Read the value. It doesn't go through the log.
        "get" Get {
            /// The key.
            key: Key,
            /// What the answer has to be.
            #[serde(default, skip_serializing_if = "is_usual")]
            level: ReadLevel,
        },
        /// Set the value.
        "put" Put {
            /// The key.
            key: Key,
            /// The new value.
            value: Value,
        },
        /// Put `value` behind what is there; an absent key counts as empty.
        "append" Append {
            /// The key.
            key: Key,
            /// What is added.
            value: Value,
        },
        /// Remove the key.
        "delete" Delete {
            /// The key.
            key: Key,
        },
        /// Set the value only if it is `expected` now.
        "cas" Cas {
            /// The key.
            key: Key,
            /// The value that must be there; `None`: the key must be absent.
            expected: Option<Value>,
            /// The new value.
            value: Value,
        },
    }
}

fn is_usual(level: &ReadLevel) -> bool {
    *level == ReadLevel::default()
}

impl Operation {
    /// The key that it reads or writes.
    pub fn key(&self) -> &Key {
        match self {
            Operation::Get { key, .. }
            | Operation::Put { key, .. }
            | Operation::Append { key, .. }
            | Operation::Delete { key }
            | Operation::Cas { key, .. } => key,
        }
    }

    /// The value that it writes, if it writes one.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Operation::Get { .. } | Operation::Delete { .. } => None,
            Operation::Put { value, .. }
            | Operation::Append { value, .. }
            | Operation::Cas { value, .. } => Some(value),
        }
    }

    /// The bytes of its key and its value.
    pub fn bytes(&self) -> u64 {
        (self.key().len() + self.value().map_or(0, |it| it.len())) as u64
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        matches!(self, Operation::Get { .. })
    }

    /// Checks the sizes.
    ///
    /// # Errors
    /// Names the first field that is empty or too long.
    pub fn check(&self) -> Result<(), FieldError> {
        let field = |name, text: &str, min, max| {
            if (min..=max).contains(&text.len()) {
                Ok(())
            } else {
                Err(FieldError {
                    field: name,
                    bytes: text.len(),
                    min,
                    max,
                })
            }
        };
        field("key", self.key(), 1, MAX_KEY)?;
        match self {
            Operation::Get { .. } | Operation::Delete { .. } => Ok(()),
            Operation::Put { value, .. } | Operation::Append { value, .. } => {
                field("value", value, 0, MAX_VALUE)
            }
            Operation::Cas {
                expected, value, ..
            } => {
                field("expected", expected.as_deref().unwrap_or(""), 0, MAX_VALUE)?;
                field("value", value, 0, MAX_VALUE)
            }
        }
    }
}

/// A field of an operation that is empty or too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// The field's name.
    pub field: &'static str,
    /// Its length in bytes.
    pub bytes: usize,
    /// The shortest length allowed.
    pub min: usize,
    /// The longest length allowed.
    pub max: usize,
}

/// A number that a client gives to its operations, from 1, counting up. A retry keeps it.
pub type Sequence = u64;

/// The number of a client's session, from 1, counting up: a client has one at a time.
pub type SessionNumber = u32;

/// A client's operation and the session that it belongs to (section 8).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientCommand {
    /// The client whose session it is.
    pub client: ClientId,
    /// Which of its sessions.
    pub session: SessionNumber,
    /// The operation's number. Numbers go on from session to session.
    pub sequence: Sequence,
    /// When the leader appended it, by its own clock: by this time sessions expire.
    pub at: Time,
    /// The operation; never a read.
    pub operation: Operation,
}

fold_fields!(ClientCommand {
    client,
    session,
    sequence,
    at,
    operation,
});

impl ClientCommand {
    /// A command of a client's first session, at the beginning of time.
    pub fn first(client: ClientId, sequence: Sequence, operation: Operation) -> ClientCommand {
        ClientCommand {
            client,
            session: 1,
            sequence,
            at: Time::ZERO,
            operation,
        }
    }
}

vocabulary! {
    /// What an operation did.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
    #[serde(tag = "outcome")]
    pub enum Outcome {
        /// A read found this; `None`: the key is absent.
        "found" Found {
            /// The value.
            value: Option<Value>,
        },
        /// A write took effect.
        "done" Done,
        /// A compare-and-swap found something else and changed nothing.
        "differs" Differs {
            /// What it found.
            found: Option<Value>,
        },
    }
}

impl Outcome {
    /// The bytes of the value that was found.
    pub fn bytes(&self) -> u64 {
        match self {
            Outcome::Found { value: found } | Outcome::Differs { found } => {
                found.as_ref().map_or(0, |value| value.len() as u64)
            }
            Outcome::Done => 0,
        }
    }
}
