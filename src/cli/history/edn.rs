//! A reader of EDN, as much of it as histories of Jepsen need: form by form, with the line of
//! each, and with bounds on depth and size.

use super::{MAX_BYTES, MAX_LINE, unreadable};
use crate::cli::Unusable;
use std::io::{BufRead, Bytes};
use std::iter::Peekable;

/// How deep forms may be nested.
const MAX_DEPTH: usize = 64;

const STRAY: &str = "a bracket is closed that wasn't opened";

/// A form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Edn {
    Nil,
    Bool(bool),
    Integer(i128),
    /// A number with a fraction, or too large, as it is written.
    Number(String),
    Text(String),
    /// Without its colon.
    Keyword(String),
    Symbol(String),
    Vector(Vec<Edn>),
    List(Vec<Edn>),
    Set(Vec<Edn>),
    Map(Vec<(Edn, Edn)>),
}

impl Edn {
    /// What a map holds under a keyword.
    pub fn get(&self, name: &str) -> Option<&Edn> {
        let Edn::Map(pairs) = self else { return None };
        let is_it = |(key, _): &&(Edn, Edn)| matches!(key, Edn::Keyword(key) if key == name);
        pairs.iter().find(is_it).map(|(_, value)| value)
    }

    /// What it is, as it might be written, cut short.
    pub fn told(&self) -> String {
        let told = self.written();
        match told.char_indices().nth(80) {
            Some((end, _)) => format!("{}…", &told[..end]),
            None => told,
        }
    }

    fn written(&self) -> String {
        let all = |items: &[Edn]| {
            let items: Vec<_> = items.iter().take(20).map(Edn::written).collect();
            items.join(" ")
        };
        match self {
            Edn::Nil => "nil".into(),
            Edn::Bool(value) => value.to_string(),
            Edn::Integer(value) => value.to_string(),
            Edn::Number(text) | Edn::Symbol(text) => text.clone(),
            Edn::Text(text) => crate::cli::json::quoted(text).to_string(),
            Edn::Keyword(name) => format!(":{name}"),
            Edn::Vector(items) => format!("[{}]", all(items)),
            Edn::List(items) => format!("({})", all(items)),
            Edn::Set(items) => format!("#{{{}}}", all(items)),
            Edn::Map(pairs) => {
                let pair =
                    |(key, value): &(Edn, Edn)| format!("{} {}", key.written(), value.written());
                let pairs: Vec<_> = pairs.iter().take(20).map(pair).collect();
                format!("{{{}}}", pairs.join(", "))
            }
        }
    }
}

/// Reads one form after the other.
pub(super) struct Forms<R: BufRead> {
    bytes: Peekable<Bytes<R>>,
    /// The line of what comes next, from 1.
    pub line: u64,
    read: u64,
    /// What may be read of the form under way.
    until: u64,
}

impl<R: BufRead> Forms<R> {
    pub fn new(source: R) -> Forms<R> {
        Forms {
            bytes: source.bytes().peekable(),
            line: 1,
            read: 0,
            until: 0,
        }
    }

    /// The next form and the line in which it begins, at the top or in a vector around everything,
    /// into which this goes; `None` at the end.
    pub fn next(&mut self, is_inside: &mut bool) -> Result<Option<(u64, Edn)>, Unusable> {
        loop {
            self.until = self.read + MAX_LINE as u64;
            let Some(byte) = self.skip()? else {
                return match *is_inside {
                    true => Err(self.error("the vector isn't closed: the file is cut off")),
                    false => Ok(None),
                };
            };
            match byte {
                b'[' if !*is_inside => *is_inside = true,
                b']' if *is_inside => *is_inside = false,
                _ => {
                    let line = self.line;
                    if let Some(form) = self.form(0)? {
                        return Ok(Some((line, form)));
                    }
                    // A form was taken away, and none follows.
                    match self.peek()? {
                        None => continue,
                        Some(b']') if *is_inside => continue,
                        _ => return Err(self.error(STRAY)),
                    }
                }
            }
            self.take()?;
        }
    }

    fn error(&self, message: &str) -> Unusable {
        Unusable::new(message).at_line(self.line)
    }

    fn peek(&mut self) -> Result<Option<u8>, Unusable> {
        match self.bytes.peek() {
            None => Ok(None),
            Some(Ok(byte)) => Ok(Some(*byte)),
            Some(Err(_)) => self.take(),
        }
    }

    fn take(&mut self) -> Result<Option<u8>, Unusable> {
        let byte = self.bytes.next().transpose();
        let byte = byte.map_err(|error| unreadable(error).at_line(self.line))?;
        self.read += 1;
        self.line += u64::from(byte == Some(b'\n'));
        if self.read > MAX_BYTES {
            return Err(self.error("more than 4 GiB so far; split the history by key"));
        }
        if self.read > self.until {
            return Err(self.error("a form of more than 16 MiB; one map an operation is expected"));
        }
        Ok(byte)
    }

    /// Goes to the next form, and gives its first byte.
    fn skip(&mut self) -> Result<Option<u8>, Unusable> {
        while let Some(byte) = self.peek()? {
            match byte {
                b';' => while !matches!(self.take()?, None | Some(b'\n')) {},
                b',' => _ = self.take()?,
                _ if byte.is_ascii_whitespace() => _ = self.take()?,
                _ => return Ok(Some(byte)),
            }
        }
        Ok(None)
    }

    /// Reads a form; `None` at the end of what is around it.
    fn form(&mut self, depth: usize) -> Result<Option<Edn>, Unusable> {
        if depth > MAX_DEPTH {
            return Err(self.error("forms are nested too deeply"));
        }
        let Some(byte) = self.skip()? else {
            return Err(self.error("ends too early: the file is cut off"));
        };
        Ok(Some(match byte {
            b')' | b']' | b'}' => return Ok(None),
            b'(' => Edn::List(self.items(b')', depth)?),
            b'[' => Edn::Vector(self.items(b']', depth)?),
            b'{' => self.map(depth)?,
            b'"' => Edn::Text(self.text()?),
            b'#' => return self.tagged(depth),
            b'\\' => {
                self.take()?;
                Edn::Text(self.word()?)
            }
            b':' => {
                self.take()?;
                Edn::Keyword(self.word()?)
            }
            _ => atom(self.word()?),
        }))
    }

    /// `#{...}` is a set; `#_` takes the next form away; `#name` says what the next form is, which
    /// nobody here asks.
    fn tagged(&mut self, depth: usize) -> Result<Option<Edn>, Unusable> {
        self.take()?;
        if self.peek()? == Some(b'{') {
            return Ok(Some(Edn::Set(self.items(b'}', depth)?)));
        }
        if self.peek()? == Some(b'_') {
            self.take()?;
            self.form(depth + 1)?;
            if self.skip()?.is_none() {
                return Ok(None);
            }
        } else {
            self.word()?;
        }
        self.form(depth + 1)
    }

    fn items(&mut self, end: u8, depth: usize) -> Result<Vec<Edn>, Unusable> {
        self.take()?;
        let mut items = Vec::new();
        while let Some(item) = self.form(depth + 1)? {
            items.push(item);
        }
        match self.take()? {
            Some(byte) if byte == end => Ok(items),
            Some(_) => Err(self.error(STRAY)),
            None => Err(self.error("ends too early: the file is cut off")),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Edn, Unusable> {
        let mut items = self.items(b'}', depth)?.into_iter();
        let mut pairs = Vec::new();
        while let Some(key) = items.next() {
            let Some(value) = items.next() else {
                return Err(self.error("a map has a key without a value"));
            };
            if pairs.iter().any(|(other, _)| *other == key) {
                let told = key.told();
                return Err(self.error(&format!("the key {told} stands twice in a map")));
            }
            pairs.push((key, value));
        }
        Ok(Edn::Map(pairs))
    }

    fn text(&mut self) -> Result<String, Unusable> {
        self.take()?;
        let mut bytes = Vec::new();
        loop {
            match self.take()? {
                None => return Err(self.error("ends too early: a text isn't closed")),
                Some(b'"') => break,
                Some(b'\\') => {
                    let escaped = match self.take()? {
                        Some(b'n') => '\n',
                        Some(b't') => '\t',
                        Some(b'r') => '\r',
                        Some(b'b') => '\u{8}',
                        Some(b'f') => '\u{c}',
                        Some(byte @ (b'"' | b'\\')) => char::from(byte),
                        Some(b'u') => self.unicode()?,
                        _ => return Err(self.error("a text has an unknown escape")),
                    };
                    bytes.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(byte) => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| self.error("a text is no UTF-8"))
    }

    /// Four hexadecimal digits; half of a pair becomes a sign for what can't be shown.
    fn unicode(&mut self) -> Result<char, Unusable> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.take()?.map(char::from);
            let Some(digit) = digit.and_then(|digit| digit.to_digit(16)) else {
                return Err(self.error("a text has an unknown escape"));
            };
            code = code * 16 + digit;
        }
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Everything up to a delimiter.
    fn word(&mut self) -> Result<String, Unusable> {
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek()? {
            let ends = byte.is_ascii_whitespace() || b"()[]{}\",;".contains(&byte);
            if ends {
                break;
            }
            bytes.extend(self.take()?);
        }
        match String::from_utf8(bytes) {
            Ok(word) if !word.is_empty() => Ok(word),
            _ => Err(self.error("this is no EDN")),
        }
    }
}

fn atom(word: String) -> Edn {
    match &*word {
        "nil" => Edn::Nil,
        "true" => Edn::Bool(true),
        "false" => Edn::Bool(false),
        _ => {
            let digits = word.strip_prefix(['-', '+']).unwrap_or(&word);
            if !digits.starts_with(|c: char| c.is_ascii_digit()) {
                return Edn::Symbol(word);
            }
            let whole: Option<i64> = word.strip_suffix('N').unwrap_or(&word).parse().ok();
            whole.map_or(Edn::Number(word), |it| Edn::Integer(it.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, String)>, Unusable> {
        let mut forms = Forms::new(text.as_bytes());
        let mut is_inside = false;
        let mut found = Vec::new();
        while let Some((line, form)) = forms.next(&mut is_inside)? {
            found.push((line, form.told()));
        }
        Ok(found)
    }

    #[test]
    fn forms_are_read_one_by_one() {
        let text =
            "; a history\n{:a 1, :b [nil true \"x\\n\\u0041\"]}\n#op{:c -2N :d #{1.5}} #_ 7 :e";
        let told = read(text).expect("EDN");
        let lines: Vec<_> = told.iter().map(|it| it.0).collect();
        assert_eq!(lines, [2, 3, 3]);
        assert_eq!(told[0].1, r#"{:a 1, :b [nil true "x\nA"]}"#);
        assert_eq!(told[1].1, "{:c -2, :d #{1.5}}");
        assert_eq!(read("[{:a 1}\n{:b 2}]\n").expect("EDN").len(), 2);
        assert_eq!(read("[{:a 1} #_ 7]\n#_ 8").expect("EDN").len(), 1);
        assert_eq!(read("").expect("nothing"), []);
    }

    #[test]
    fn what_is_no_edn_is_refused_with_its_line() {
        let deep = "[".repeat(100_000);
        for (bad, line) in [
            ("{:a 1}\n{:a", 2),
            ("{:a 1}\n}", 2),
            ("{:a 1}\n]\n{:a 1}", 2),
            ("{:a 1}\n#_ 7 )", 2),
            ("{:a #_ 7", 1),
            ("{:a}", 1),
            ("{:a 1 :a 2}", 1),
            ("[{:a 1}", 1),
            ("\n\"abc", 2),
            ("(1]", 1),
            ("\"\\x\"", 1),
            (&deep, 1),
        ] {
            let error = read(bad).expect_err(&bad[..bad.len().min(20)]);
            assert_eq!(error.line, Some(line), "{error}");
        }
    }
}
