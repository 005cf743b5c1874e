//! JSON that people write: scenario files, settings, actions.
//!
//! One reader for every place that takes such text, so that an error looks the same in the page
//! and on the command line, and says where: `steps[2].tasks[0].when: ...`. [`parse`] makes a
//! [`Json`] of the text, and [`Json`] is a deserializer, so that a type says by its derive what
//! it is made of. Numbers are whole: nothing in a run is a fraction.

mod read;

use std::fmt;

/// How deep lists and objects may stand in one another.
const MAX_DEPTH: u32 = 64;

/// The most values of a text, those inside of others too. A value takes more memory than the two
/// characters that it can be written with.
const MAX_VALUES: u32 = 300_000;

/// The most fields of an object: each name is compared with those before it.
const MAX_FIELDS: usize = 200;

/// A value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number from 0 to 2^64 - 1.
    Number(u64),
    /// A whole number below 0.
    Negative(i64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object: its fields in the order of the text, no name twice.
    Object(Vec<(String, Json)>),
}

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    /// The place: `steps[2].button.actions[0].node`, or `line 3, column 7` for what is no JSON.
    pub path: String,
    /// What is wrong there, and what would be right.
    pub why: String,
}

impl JsonError {
    /// An error at the place where it is found; [`JsonError::within`] adds where that is.
    pub fn new(why: impl Into<String>) -> JsonError {
        JsonError {
            path: String::new(),
            why: why.into(),
        }
    }

    /// The same error, seen from outside of the field `name`.
    #[must_use]
    pub fn within(mut self, name: &str) -> JsonError {
        let dot = match self.path.as_bytes().first() {
            None | Some(b'[') => "",
            Some(_) => ".",
        };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.why);
        }
        write!(f, "{}: {}", self.path, self.why)
    }
}

impl std::error::Error for JsonError {}

/// What somebody wrote, fit for a message: short, and nothing in it that moves a terminal.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    format!("“{short}”")
}

/// Reads a text.
///
/// # Errors
/// The line and the column from which on it is no JSON, or none that is taken here.
pub fn parse(text: &str) -> Result<Json, JsonError> {
    let mut parser = Parser {
        text,
        at: 0,
        place: Vec::new(),
        left: MAX_VALUES,
    };
    let value = parser.value(0).and_then(|value| {
        parser.space();
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err("the text should end here"),
        }
    });
    value.map_err(|why| {
        let before = &text[..parser.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let inside = parser.place.iter();
        let inside = inside.fold(JsonError::new(why), |it, name| it.within(name));
        JsonError {
            path: format!("line {line}, column {column}"),
            why: inside.to_string(),
        }
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Of what is wrong: the fields that it stands in, the innermost first.
    place: Vec<String>,
    /// How many values may still come.
    left: u32,
}

type Found<T> = Result<T, &'static str>;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn value(&mut self, depth: u32) -> Found<Json> {
        if depth > MAX_DEPTH {
            return Err("lists and objects stand too deep in one another: at most 64");
        }
        self.left = self.left.checked_sub(1).ok_or("more than 300,000 values")?;
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let words = [
                    ("null", Json::Null),
                    ("true", Json::Bool(true)),
                    ("false", Json::Bool(false)),
                ];
                for (word, value) in words {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err("a value should stand here")
            }
        }
    }

    fn object(&mut self, depth: u32) -> Found<Json> {
        self.at += 1;
        let mut fields: Vec<(String, Json)> = Vec::new();
        if self.take(b'}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err("a name in quotes should stand here");
            }
            let name = self.string()?;
            if fields.iter().any(|(known, _)| *known == name) {
                self.at = start;
                return Err("this name stands here twice");
            }
            if fields.len() == MAX_FIELDS {
                self.at = start;
                return Err("more than 200 fields in one object");
            }
            if !self.take(b':') {
                return Err("a colon should stand here");
            }
            match self.value(depth + 1) {
                Ok(value) => fields.push((name, value)),
                Err(why) => {
                    self.place.push(name);
                    return Err(why);
                }
            }
            if self.take(b'}') {
                return Ok(Json::Object(fields));
            }
            if !self.take(b',') {
                return Err("a comma or a closing brace should stand here");
            }
        }
    }

    fn list(&mut self, depth: u32) -> Found<Json> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            match self.value(depth + 1) {
                Ok(value) => items.push(value),
                Err(why) => {
                    self.place.push(format!("[{}]", items.len()));
                    return Err(why);
                }
            }
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err("a comma or a closing bracket should stand here");
            }
        }
    }

    fn number(&mut self) -> Found<Json> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let digits = &rest[..end.unwrap_or(rest.len())];
        let value = match digits.strip_prefix('-') {
            None => digits.parse().map(Json::Number).ok(),
            Some(_) => digits.parse().map(Json::Negative).ok(),
        };
        let value = value.ok_or("only whole numbers are taken, and none above 2^64 - 1")?;
        self.at += digits.len();
        Ok(value)
    }

    fn string(&mut self) -> Found<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .ok_or("a string doesn't end")?;
            text.push_str(&rest[..end]);
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err("a line break or a control character in a string"),
            }
        }
    }

    fn escape(&mut self) -> Found<char> {
        let next = self.text.as_bytes().get(self.at + 1);
        let plain = match next {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => return self.unicode(),
            _ => return Err("there is no such escape"),
        };
        self.at += 2;
        Ok(plain)
    }

    /// `\u00e9`, or two of them for a character beyond the basic plane.
    fn unicode(&mut self) -> Found<char> {
        const WRONG: &str = "four hexadecimal digits that make a character should stand here";
        let mut units = Vec::new();
        while units.len() < 2 && self.text[self.at..].starts_with("\\u") {
            let digits = self.text.get(self.at + 2..self.at + 6).ok_or(WRONG)?;
            units.push(u16::from_str_radix(digits, 16).map_err(|_| WRONG)?);
            self.at += 6;
            if let Some(Ok(found)) = char::decode_utf16(units.iter().copied()).next() {
                return Ok(found);
            }
        }
        Err(WRONG)
    }
}
