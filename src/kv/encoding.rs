//! A store as bytes, for snapshots (section 7): the pairs, then the sessions, each list behind its
//! length, numbers in little-endian order and of fixed width.
//!
//! The same store always gives the same bytes, on every server and every machine: two snapshots
//! of one index can be compared by their checksums. Bytes that can't be a store are an error that
//! says where, never a panic.

use super::command::{Outcome, Value};
use crate::base::{Digest, Fold};
use std::fmt;
use std::rc::Rc;

/// The first bytes of every encoded store; the digit is the version of the format.
const MAGIC: &[u8; 4] = b"kvs2";

/// Bytes that are no store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodeError {
    /// The field that can't be read.
    pub field: &'static str,
    /// Where it begins.
    pub at: u64,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: can't be read at byte {}", self.field, self.at)
    }
}

impl std::error::Error for DecodeError {}

/// Bytes in the making.
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub fn new() -> Encoder {
        Encoder(MAGIC.to_vec())
    }

    pub fn finish(self) -> Rc<[u8]> {
        self.0.into()
    }

    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn word(&mut self, word: u64) {
        self.0.extend_from_slice(&word.to_le_bytes());
    }

    pub fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn value(&mut self, value: Option<&Value>) {
        self.byte(value.is_some().into());
        if let Some(value) = value {
            self.text(value);
        }
    }

    pub fn outcome(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Done => self.byte(0),
            Outcome::Found { value } => {
                self.byte(1);
                self.value(value.as_ref());
            }
            Outcome::Differs { found } => {
                self.byte(2);
                self.value(found.as_ref());
            }
        }
    }
}

impl Fold for Encoder {
    fn fold(&self, digest: &mut Digest) {
        self.0.fold(digest);
    }
}

/// Bytes that are being read.
pub(super) struct Decoder<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Decoder<'a> {
    pub fn new(all: &'a [u8]) -> Result<Decoder<'a>, DecodeError> {
        let mut decoder = Decoder { all, at: 0 };
        match decoder.take("format", MAGIC.len())? == MAGIC {
            true => Ok(decoder),
            false => Err(DecodeError {
                field: "format",
                at: 0,
            }),
        }
    }

    /// The end: nothing may follow.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.at == self.all.len() {
            true => Ok(()),
            false => Err(self.error("end")),
        }
    }

    pub fn error(&self, field: &'static str) -> DecodeError {
        DecodeError {
            field,
            at: self.at as u64,
        }
    }

    fn take(&mut self, field: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.all.get(self.at..end));
        let taken = taken.ok_or(self.error(field))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(field, N)?);
        Ok(array)
    }

    pub fn byte(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array(field).map(|[byte]| byte)
    }

    pub fn word(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_le_bytes)
    }

    pub fn number(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub fn text(&mut self, field: &'static str) -> Result<Rc<str>, DecodeError> {
        let error = self.error(field);
        let length = self.number(field)? as usize;
        let text = str::from_utf8(self.take(field, length)?);
        text.map(Rc::from).map_err(|_| error)
    }

    pub fn value(&mut self, field: &'static str) -> Result<Option<Value>, DecodeError> {
        let error = self.error(field);
        match self.byte(field)? {
            0 => Ok(None),
            1 => self.text(field).map(Some),
            _ => Err(error),
        }
    }

    /// One of these, by its place: a byte.
    pub fn one_of<T: Copy>(&mut self, field: &'static str, all: &[T]) -> Result<T, DecodeError> {
        let error = self.error(field);
        let place = self.byte(field)?;
        all.get(usize::from(place)).copied().ok_or(error)
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.at == self.all.len()
    }

    pub fn outcome(&mut self) -> Result<Outcome, DecodeError> {
        let field = "session.outcome";
        let error = self.error(field);
        Ok(match self.byte(field)? {
            0 => Outcome::Done,
            1 => Outcome::Found {
                value: self.value(field)?,
            },
            2 => Outcome::Differs {
                found: self.value(field)?,
            },
            _ => return Err(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::base::{ClientId, Draws, Purpose, Span, Time};
    use crate::kv::{ApplySettings, ClientCommand, Operation, Store};

    /// A store with values, sessions and every kind of outcome.
    fn store() -> Store {
        let mut store = Store::default();
        let put = |key: &str, value: &str| Operation::Put {
            key: key.into(),
            value: value.into(),
        };
        let cas = |expected: Option<&str>| Operation::Cas {
            key: "k".into(),
            expected: expected.map(Into::into),
            value: "new".into(),
        };
        let operations = [put("k", "v"), put("🦀", ""), cas(None), cas(Some("v"))];
        for (index, operation) in (1..).zip(operations) {
            let command = ClientCommand {
                session: 3,
                at: Time::from_millis(2_000 * index),
                ..ClientCommand::first(ClientId(index as u32), index, operation)
            };
            // The first session has expired in the end.
            let by = ApplySettings {
                session_timeout: Span::secs(5),
                ..ApplySettings::default()
            };
            store.apply(index, &command, by);
        }
        assert_eq!(store.sessions().len(), 3);
        store
    }

    #[test]
    fn what_is_encoded_comes_back() {
        for store in [Store::default(), store()] {
            let bytes = store.encode();
            assert_eq!(Store::decode(&bytes), Ok(store));
        }
    }

    #[test]
    fn bytes_that_are_no_store_are_errors() {
        let good = store().encode();
        for cut in 0..good.len() {
            assert!(Store::decode(&good[..cut]).is_err(), "{cut} bytes");
        }
        let error = Store::decode(&[&good[..], &[0]].concat()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("end: can't be read at byte {}", good.len())
        );
        assert_eq!(Store::decode(b"nonsense").unwrap_err().field, "format");
        // Whatever the bytes say, they say it without a panic.
        let mut draws = Draws::new(1, Purpose::Workload, 0);
        for _ in 0..2_000 {
            let mut bad = good.to_vec();
            for _ in 0..3 {
                let at = draws.below(bad.len() as u64) as usize;
                bad[at] = draws.word() as u8;
            }
            let _either = Store::decode(&bad);
        }
    }
}
