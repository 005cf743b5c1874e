//! A history of clients, in one of two formats: one operation a line (JSON Lines, see [`Line`]), or
//! what Jepsen writes (EDN). Either may be compressed with gzip; the content tells.
//!
//! It is read piece by piece, and refused at the first line that can't be used.

mod collect;
mod edn;
mod format;
mod jepsen;
mod line;
mod operation;
mod output;

pub use collect::{History, Joined, KeyHistory, Origin};
pub use line::{Leadership, Line, Mark, json_value, write_line};
pub use operation::{Act, Judged, Keys, Operation, Row, Step};

use super::json::{self, Json};
use super::unusable::{Unusable, unusable};
use crate::check::Value;
use clap::ValueEnum;
use collect::Collector;
use flate2::bufread::MultiGzDecoder;
use format::Format;
use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// The longest line, in bytes.
pub const MAX_LINE: usize = 16 << 20;

/// The most bytes of lines that are read: what is read stays in memory.
const MAX_BYTES: u64 = 4 << 30;

/// What the operations are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Model {
    /// read, write, cas
    Register,
    /// get, put, append, delete, cas
    Kv,
}

impl Model {
    /// Its name, as the argument has it.
    pub fn name(self) -> &'static str {
        match self {
            Model::Register => "register",
            Model::Kv => "kv",
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of a history before it is read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// What the operations are. Without it, they tell.
    pub model: Option<Model>,
    /// What every key holds at first, but for those that the history names.
    pub initial: Option<Value>,
}

/// A field of an object.
type Field<'a> = (Cow<'a, str>, Json<'a>);

/// Reads a history. `advance` is told of the bytes that were read, unfolded ones if it is
/// compressed.
///
/// # Errors
/// Names the first line, and the field, that can't be used.
pub fn read(
    mut source: impl BufRead,
    given: Given,
    advance: impl FnMut(u64),
) -> Result<History, Unusable> {
    let mut magic = Vec::new();
    source
        .by_ref()
        .take(2)
        .read_to_end(&mut magic)
        .map_err(unreadable)?;
    let is_gzip = magic == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).chain(source);
    match is_gzip {
        true => {
            let unfolded = Unfolded(MultiGzDecoder::new(whole));
            let unfolded = BufReader::with_capacity(1 << 16, unfolded);
            read_plain(unfolded, given, advance)
        }
        false => read_plain(whole, given, advance),
    }
}

/// What a gzip file unfolds to. What is wrong with the file is told as such.
struct Unfolded<R>(R);

impl<R: Read> Read for Unfolded<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(to);
        read.map_err(|error| io::Error::new(error.kind(), format!("as a gzip file: {error}")))
    }
}

/// Whether a text is a history of Jepsen, as far as its beginning tells.
pub(super) fn is_edn(text: &[u8]) -> bool {
    let head = &text[..text.len().min(format::HEAD as usize)];
    let has = |key: &[u8]| head.windows(key.len()).any(|part| part == key);
    matches!(format::of(head), Ok(Format::Edn)) && (has(b":type ") || has(b":f "))
}

fn unreadable(error: io::Error) -> Unusable {
    match error.kind() {
        ErrorKind::IsADirectory => Unusable::new("it is a folder"),
        _ => unusable(error),
    }
}

fn read_plain(
    mut source: impl BufRead,
    given: Given,
    advance: impl FnMut(u64),
) -> Result<History, Unusable> {
    let mut head = Vec::new();
    let bounded = source.by_ref().take(format::HEAD);
    // What can't be read is told with its line later.
    let _ = { bounded }.read_to_end(&mut head);
    let format = format::of(&head)?;
    let mut collector = Collector::new(given);
    let whole = io::Cursor::new(&head).chain(source);
    match format {
        Format::Edn => jepsen::read(whole, &mut collector)?,
        Format::Lines => {
            read_lines(whole, &mut collector, advance).map_err(|error| {
                match format::hint(&head).filter(|_| collector.is_empty()) {
                    Some(hint) => Unusable::new(hint),
                    None => error,
                }
            })?;
        }
    }
    collector.finish()
}

fn read_lines(
    mut source: impl BufRead,
    collector: &mut Collector,
    mut advance: impl FnMut(u64),
) -> Result<(), Unusable> {
    let mut line = Vec::new();
    let mut bytes = 0;
    for number in 1.. {
        line.clear();
        let mut bounded = source.by_ref().take(MAX_LINE as u64 + 1);
        let length = match bounded.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(length) => length as u64,
            Err(error) => return Err(unreadable(error).at_line(number)),
        };
        advance(length);
        bytes += length;
        let check = |wrong: bool, message: &str| match wrong {
            true => Err(Unusable::new(message).at_line(number)),
            false => Ok(()),
        };
        check(
            line.len() > MAX_LINE,
            "longer than 16 MiB; one operation a line is expected",
        )?;
        check(
            bytes > MAX_BYTES,
            "more than 4 GiB so far; split the history by key: keys are checked one by one",
        )?;
        let text = match number {
            1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line),
            _ => &line,
        };
        if !text.trim_ascii().is_empty() {
            let read = json::read(text).and_then(|json| Line::read(&json, &mut collector.model));
            let added = read.and_then(|line| collector.add(line, number));
            added.map_err(|error| error.at_line(number))?;
        }
    }
    Ok(())
}

fn expected(what: &str, json: &Json<'_>) -> String {
    format!("{what} was expected, this is {}", json.what())
}

fn value(field: &'static str, json: &Json<'_>) -> Result<Value, Unusable> {
    match json {
        Json::Text(text) => Ok(Value::text(&**text)),
        Json::Integer(number) => Ok(Value::integer(*number)),
        other => Err(Unusable::field(
            field,
            expected("a string or a 64-bit integer", other),
        )),
    }
}

fn value_or_null(field: &'static str, json: &Json<'_>) -> Result<Option<Value>, Unusable> {
    match json {
        Json::Null => Ok(None),
        other => value(field, other).map(Some),
    }
}

/// A whole number: a time, in any unit.
fn time(field: &'static str, json: &Json<'_>) -> Result<u64, Unusable> {
    let time = match json {
        Json::Integer(time) => u64::try_from(*time).ok(),
        _ => None,
    };
    let what = "a whole number from 0 to 18446744073709551615";
    time.ok_or_else(|| Unusable::field(field, expected(what, json)))
}

/// A time that may be absent, and that isn't before another.
fn time_or_null(
    field: &'static str,
    json: &Json<'_>,
    (start, from): (&str, u64),
) -> Result<Option<u64>, Unusable> {
    if *json == Json::Null {
        return Ok(None);
    }
    let until = time(field, json)?;
    match until < from {
        true => {
            let message = format!("{until}, before its {start} {from}");
            Err(Unusable::field(field, message))
        }
        false => Ok(Some(until)),
    }
}
