//! The words of a role or a milestone, one after the other.

use crate::base::JsonError;
use crate::base::json::quoted;
use std::rc::Rc;

/// Words that end a role: what follows them is something else.
const CONNECTIVES: [&str; 5] = ["and", "or", "by", "to", "from"];

/// The words that are left.
pub(super) struct Words<'a> {
    words: std::iter::Peekable<std::str::SplitWhitespace<'a>>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Words<'a> {
        let words = text.split_whitespace().peekable();
        Words { words }
    }

    /// The next word.
    pub fn next(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    /// The next word, unless it connects two parts.
    pub fn inside(&mut self) -> Option<&'a str> {
        self.words.next_if(|word| !CONNECTIVES.contains(word))
    }

    /// Whether the next word is this one; then it is taken.
    pub fn take(&mut self, word: &str) -> bool {
        self.words.next_if(|next| *next == word).is_some()
    }

    /// The next word, a number.
    pub fn number(&mut self, after: &str) -> Result<u64, JsonError> {
        let word = self.inside().unwrap_or_default();
        let number = word.parse();
        number.map_err(|_| JsonError::new(format!("a number should follow {}", quoted(after))))
    }

    /// The next words, `key=value`: what a client wrote.
    pub fn write(&mut self, after: &str) -> Result<Write, JsonError> {
        let word = self.inside().unwrap_or_default();
        match word.split_once('=') {
            Some((key, value)) => Ok(Write {
                key: key.into(),
                value: value.into(),
            }),
            None => Err(JsonError::new(format!(
                "a write such as x=1 should follow {}",
                quoted(after)
            ))),
        }
    }

    /// Nothing should be left.
    pub fn end(mut self) -> Result<(), JsonError> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(unknown(word, "the end, “and” or “or”")),
        }
    }
}

/// A word that doesn't belong there.
pub(super) fn unknown(word: &str, wanted: &str) -> JsonError {
    JsonError::new(format!("{} stands here; {wanted} is needed", quoted(word)))
}

/// A key and the value that some client gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// The key.
    pub key: Rc<str>,
    /// The value.
    pub value: Rc<str>,
}
