//! The keys that a shard holds: slots that follow each other, or keys that do.
//!
//! A store is spread one way or the other as a whole. Slots spread the load whatever the keys are;
//! ranges of keys keep neighbours together, so that they can be scanned.

use super::command::Key;
use super::slot::{SLOTS, slot};
use crate::base::{Digest, Fold};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Some of all keys, without a gap.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyRange {
    /// The keys whose slots are from `first` to `last`, both included.
    Slots {
        /// The first slot.
        first: u16,
        /// The last slot.
        last: u16,
    },
    /// The keys from `from` on, in the order of their bytes, that come before `to`.
    Keys {
        /// The first key; the empty one, which no key is, for no bound.
        from: Key,
        /// The first key behind it; `None`: it has no end.
        to: Option<Key>,
    },
}

/// Where a range of keys can be cut in two: what is to begin the second part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Border {
    /// A slot.
    Slot(u16),
    /// A key.
    Key(Key),
}

/// Why a range can't be cut there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CutError {
    /// One of the parts would be empty, or the border lies outside.
    Edge,
    /// Slots are cut at slots, ranges of keys at keys.
    OtherKind,
}

impl KeyRange {
    /// All keys, by their slots.
    pub const ALL_SLOTS: KeyRange = KeyRange::Slots {
        first: 0,
        last: SLOTS - 1,
    };

    /// All keys, in their order.
    pub fn all_keys() -> KeyRange {
        KeyRange::Keys {
            from: "".into(),
            to: None,
        }
    }

    /// Whether a key lies in it.
    pub fn has(&self, key: &str) -> bool {
        match self {
            KeyRange::Slots { first, last } => (*first..=*last).contains(&slot(key)),
            KeyRange::Keys { from, to } => {
                **from <= *key && to.as_ref().is_none_or(|to| *key < **to)
            }
        }
    }

    /// Whether all of it lies in another one of its kind.
    pub fn within(&self, other: &KeyRange) -> bool {
        match (self, other) {
            (
                KeyRange::Slots { first, last },
                KeyRange::Slots {
                    first: other_first,
                    last: other_last,
                },
            ) => other_first <= first && last <= other_last,
            (
                KeyRange::Keys { from, to },
                KeyRange::Keys {
                    from: other_from,
                    to: other_to,
                },
            ) => {
                let ends = match (to, other_to) {
                    (_, None) => true,
                    (None, Some(_)) => false,
                    (Some(to), Some(other)) => to <= other,
                };
                other_from <= from && ends
            }
            _ => false,
        }
    }

    /// Whether a key lies in both, if they are of one kind.
    pub fn overlaps(&self, other: &KeyRange) -> bool {
        match (self, other) {
            (
                KeyRange::Slots { first, last },
                KeyRange::Slots {
                    first: other_first,
                    last: other_last,
                },
            ) => first <= other_last && other_first <= last,
            (
                KeyRange::Keys { from, to },
                KeyRange::Keys {
                    from: other_from,
                    to: other_to,
                },
            ) => {
                let before =
                    |end: &Option<Key>, begin: &Key| end.as_ref().is_some_and(|end| end <= begin);
                !before(to, other_from) && !before(other_to, from)
            }
            _ => false,
        }
    }

    /// The two parts that a border cuts it into.
    ///
    /// # Errors
    /// The border is at an edge, outside, or of the other kind; a single slot can't be cut.
    pub fn cut(&self, border: &Border) -> Result<(KeyRange, KeyRange), CutError> {
        match (self, border) {
            (&KeyRange::Slots { first, last }, &Border::Slot(at)) => {
                if at <= first || at > last {
                    return Err(CutError::Edge);
                }
                let left = KeyRange::Slots {
                    first,
                    last: at - 1,
                };
                Ok((left, KeyRange::Slots { first: at, last }))
            }
            (KeyRange::Keys { from, to }, Border::Key(at)) => {
                let inside = from < at && to.as_ref().is_none_or(|to| at < to);
                if !inside {
                    return Err(CutError::Edge);
                }
                let left = KeyRange::Keys {
                    from: from.clone(),
                    to: Some(at.clone()),
                };
                let right = KeyRange::Keys {
                    from: at.clone(),
                    to: to.clone(),
                };
                Ok((left, right))
            }
            _ => Err(CutError::OtherKind),
        }
    }

    /// Both together, if this one ends where the other begins.
    pub fn join(&self, next: &KeyRange) -> Option<KeyRange> {
        match (self, next) {
            (
                &KeyRange::Slots { first, last },
                &KeyRange::Slots {
                    first: begin,
                    last: end,
                },
            ) => {
                (last.checked_add(1) == Some(begin)).then_some(KeyRange::Slots { first, last: end })
            }
            (
                KeyRange::Keys { from, to },
                KeyRange::Keys {
                    from: begin,
                    to: end,
                },
            ) => (to.as_ref() == Some(begin)).then(|| KeyRange::Keys {
                from: from.clone(),
                to: end.clone(),
            }),
            _ => None,
        }
    }

    /// Where it begins.
    pub fn begin(&self) -> Border {
        match self {
            KeyRange::Slots { first, .. } => Border::Slot(*first),
            KeyRange::Keys { from, .. } => Border::Key(from.clone()),
        }
    }
}

impl Fold for Border {
    fn fold(&self, digest: &mut Digest) {
        match self {
            Border::Slot(slot) => digest.word((*slot).into()),
            Border::Key(key) => key.fold(digest),
        }
    }
}

impl Fold for KeyRange {
    fn fold(&self, digest: &mut Digest) {
        match self {
            KeyRange::Slots { first, last } => {
                digest.word(u64::from(*first) << 16 | u64::from(*last));
            }
            KeyRange::Keys { from, to } => {
                from.fold(digest);
                to.fold(digest);
            }
        }
    }
}

impl fmt::Display for KeyRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyRange::Slots { first, last } => write!(f, "slots {first}–{last}"),
            KeyRange::Keys { from, to: None } => write!(f, "keys from “{from}”"),
            KeyRange::Keys { from, to: Some(to) } => write!(f, "keys from “{from}” to “{to}”"),
        }
    }
}
