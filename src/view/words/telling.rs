//! A text by its key, with what stands in its gaps.

use crate::base::{ClientId, NodeId, Span};
use crate::raft::{Index, Term};
use crate::view::clean;
use std::borrow::Cow;

/// Something to be said: which text, and with what in its gaps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Telling {
    /// The text's section and name in the catalogue: `vote.counted`.
    pub key: Cow<'static, str>,
    /// What stands in the gaps, by their names, in the order of the English sentence.
    pub args: Vec<(&'static str, Arg)>,
    /// Sections of the Raft paper ("5.3"), or of the dissertation ("diss. 6.4"), that ask for it.
    pub refs: &'static [&'static str],
}

/// What stands in a gap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Arg {
    /// Text that is the same in every language: names, keys, values, spans of time. Never markup.
    Text(String),
    /// A number: a term, an index, a count, bytes. It may decide between the forms of the text.
    Number(u64),
    /// A number that is written with its thousands apart: `100,000`.
    Grouped(u64),
    /// A server, shown as a chip in the colour of the term that it had.
    Node {
        /// The server.
        id: NodeId,
        /// Its term at that moment.
        term: Term,
        /// Whether it led.
        leader: bool,
    },
    /// An entry, shown as a tile.
    Entry {
        /// Its index.
        index: Index,
        /// Its term.
        term: Term,
        /// Its label, such as `y←2`; `∅` for a no-op, empty if it is compacted away.
        label: String,
        /// Whether it was committed there and then.
        committed: bool,
    },
    /// Another text.
    Telling(Telling),
    /// Several things in a row: with "and" before the last.
    All(Vec<Arg>),
    /// Several things of which one is: with "or" before the last.
    Either(Vec<Arg>),
    /// Clauses in a row, with nothing but a comma between them.
    Clauses(Vec<Arg>),
    /// The sides of a partition, with a semicolon between them.
    Sides(Vec<Arg>),
    /// Nothing: the gap closes.
    Nothing,
}

impl Telling {
    /// The text of that key, with nothing in its gaps yet.
    pub fn new(key: impl Into<Cow<'static, str>>) -> Telling {
        Telling {
            key: key.into(),
            args: Vec::new(),
            refs: &[],
        }
    }

    /// Puts something into a gap. In one place, because a telling stands in hundreds.
    #[inline(never)]
    pub fn put(&mut self, name: &'static str, arg: Arg) {
        self.args.push((name, arg));
    }

    /// The same telling, with something in a gap.
    #[must_use]
    pub fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Telling {
        self.put(name, arg.into());
        self
    }

    /// Names the sections that ask for what it says.
    #[must_use]
    pub fn refs(mut self, refs: &'static [&'static str]) -> Telling {
        self.refs = refs;
        self
    }

    /// The first of the arguments, and of what they are made of, of which `find` knows something.
    pub fn find<T>(&self, find: &impl Fn(&Arg) -> Option<T>) -> Option<T> {
        self.args.iter().find_map(|(_, arg)| arg.find(find))
    }
}

impl Arg {
    fn find<T>(&self, find: &impl Fn(&Arg) -> Option<T>) -> Option<T> {
        let inside = || match self {
            Arg::Telling(telling) => telling.find(find),
            Arg::All(parts) | Arg::Either(parts) | Arg::Clauses(parts) | Arg::Sides(parts) => {
                parts.iter().find_map(|arg| arg.find(find))
            }
            _ => None,
        };
        find(self).or_else(inside)
    }
}

impl From<u64> for Arg {
    #[inline(never)]
    fn from(number: u64) -> Arg {
        Arg::Number(number)
    }
}

impl From<u8> for Arg {
    #[inline(never)]
    fn from(number: u8) -> Arg {
        Arg::Number(number.into())
    }
}

impl From<u32> for Arg {
    #[inline(never)]
    fn from(number: u32) -> Arg {
        Arg::Number(number.into())
    }
}

impl From<usize> for Arg {
    #[inline(never)]
    fn from(number: usize) -> Arg {
        Arg::Number(number as u64)
    }
}

impl From<String> for Arg {
    #[inline(never)]
    fn from(text: String) -> Arg {
        Arg::Text(text)
    }
}

impl From<&String> for Arg {
    #[inline(never)]
    fn from(text: &String) -> Arg {
        Arg::Text(text.clone())
    }
}

impl From<&str> for Arg {
    #[inline(never)]
    fn from(text: &str) -> Arg {
        Arg::Text(text.into())
    }
}

impl From<NodeId> for Arg {
    #[inline(never)]
    fn from(id: NodeId) -> Arg {
        Arg::Text(id.to_string())
    }
}

impl From<ClientId> for Arg {
    #[inline(never)]
    fn from(id: ClientId) -> Arg {
        Arg::Text(id.to_string())
    }
}

impl From<Span> for Arg {
    #[inline(never)]
    fn from(span: Span) -> Arg {
        Arg::Text(span.to_string())
    }
}

/// The text of that key.
impl From<&'static str> for Telling {
    #[inline(never)]
    fn from(key: &'static str) -> Telling {
        Telling::new(key)
    }
}

/// English that is no part of the catalogue, such as what is wrong with a file or with an address. It
/// may name what somebody wrote: what can't be seen in it is shown as a mark.
impl From<String> for Telling {
    #[inline(never)]
    fn from(text: String) -> Telling {
        tell!("english.text", text = clean(&text).into_owned())
    }
}

impl From<Telling> for Arg {
    #[inline(never)]
    fn from(telling: Telling) -> Arg {
        Arg::Telling(telling)
    }
}

impl From<Option<Telling>> for Arg {
    #[inline(never)]
    fn from(telling: Option<Telling>) -> Arg {
        telling.map_or(Arg::Nothing, Arg::Telling)
    }
}

impl From<&[NodeId]> for Arg {
    #[inline(never)]
    fn from(nodes: &[NodeId]) -> Arg {
        Arg::All(nodes.iter().map(|&node| node.into()).collect())
    }
}

/// A small number in words, a larger one in digits; `begins`: at the beginning of a sentence.
pub fn numeral(n: usize, begins: bool) -> Arg {
    match (n, begins) {
        (13.., _) => n.into(),
        (_, true) => Telling::new(format!("number.first-{n}")).into(),
        (_, false) => Telling::new(format!("number.{n}")).into(),
    }
}

/// A key of the catalogue, marked as such: a test sees to it that each is in every language.
macro_rules! key {
    ($key:literal) => {
        $key
    };
}

/// A telling: `tell!("vote.refused", node, to = line.node(to))`. An argument without a value is the
/// variable of its name.
macro_rules! tell {
    ($key:expr $(,)?) => { $crate::view::words::Telling::new($key) };
    ($key:expr $(, $name:ident $(= $value:expr)?)+ $(,)?) => {{
        let mut telling = $crate::view::words::Telling::new($key);
        $(telling.put(
            stringify!($name),
            $crate::view::words::Arg::from($crate::view::words::tell!(@ $name $($value)?)),
        );)+
        telling
    }};
    (@ $name:ident $value:expr) => { $value };
    (@ $name:ident) => { $name };
}

pub(crate) use {key, tell};
