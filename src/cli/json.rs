//! JSON as it stands in a line: nothing is thrown away, so that a field that comes twice, or an
//! integer that is none, can be told.

use super::Unusable;
use crate::check::Value;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A JSON value.
#[derive(Clone, PartialEq, Debug)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number without a fraction that fits in 64 bits, signed or not.
    Integer(i128),
    /// Any other number, as it is written.
    Number(Cow<'a, str>),
    /// A string.
    Text(Cow<'a, str>),
    /// A list.
    Array(Vec<Json<'a>>),
    /// Fields, in the order in which they stand there.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl Json<'_> {
    /// What it is, for messages.
    pub fn what(&self) -> String {
        match self {
            Json::Null => "null".into(),
            Json::Bool(value) => value.to_string(),
            Json::Integer(value) => value.to_string(),
            Json::Number(written) => {
                let why = match written.contains(['.', 'e', 'E']) {
                    true => "with a fraction or an exponent",
                    false => "which is too large",
                };
                match written.len() {
                    ..=40 => format!("{written}, {why}"),
                    digits => format!("{}… ({digits} characters), {why}", &written[..20]),
                }
            }
            Json::Text(text) if text.chars().count() > 40 => "a long string".into(),
            Json::Text(text) => format!("the string {}", quoted(text)),
            Json::Array(_) => "a list".into(),
            Json::Object(_) => "an object".into(),
        }
    }
}

/// A text in quotes, as JSON has it.
pub fn quoted(text: &str) -> Value {
    Value::text(text)
}

/// Reads one JSON value.
///
/// # Errors
/// Says what is wrong, and at which column.
pub fn read(text: &[u8]) -> Result<Json<'_>, Unusable> {
    let mut json = serde_json::from_slice(text).map_err(|error| {
        if std::str::from_utf8(text).is_err() {
            return Unusable::new("this is no text: UTF-8 is expected");
        }
        if error.is_eof() {
            return Unusable::new("ends too early: the line is cut off");
        }
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        if said.starts_with("number out of range") {
            // No number of 64 bits, nor one with an exponent, has as many digits.
            let numbers = numbers(text).map(|written| Json::Number(written.into()));
            let largest = numbers.max_by_key(|it| match it {
                Json::Number(written) => written.len(),
                _ => 0,
            });
            let told = largest.map_or(String::new(), |it| format!(": {}", it.what()));
            return Unusable::new(format!("a number is out of range{told}"));
        }
        let said = said.replace(&format!(" at line {line} column {column}"), "");
        Unusable::new(format!("no JSON at column {column}: {said}"))
    })?;
    spell(&mut json, text);
    Ok(json)
}

/// Gives numbers that are no 64-bit integers as they are written: they stand in the text in the
/// same order as in the value.
fn spell<'a>(json: &mut Json<'a>, text: &'a [u8]) {
    fn visit<'a>(json: &mut Json<'a>, see: &mut impl FnMut(&mut Json<'a>)) {
        match json {
            Json::Integer(_) | Json::Number(_) => see(json),
            Json::Array(items) => items.iter_mut().for_each(|item| visit(item, see)),
            Json::Object(fields) => fields.iter_mut().for_each(|(_, item)| visit(item, see)),
            _ => {}
        }
    }
    let mut is_needed = false;
    visit(json, &mut |it| is_needed |= matches!(it, Json::Number(_)));
    if is_needed {
        let mut numbers = numbers(text);
        visit(json, &mut |it| {
            let written = numbers.next().unwrap_or_default();
            if let Json::Number(number) = it {
                *number = Cow::Borrowed(written);
            }
        });
    }
}

/// The numbers that stand in a JSON text, outside of strings.
fn numbers(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut is_text = false;
        while let Some(&byte) = text.get(at) {
            match byte {
                b'\\' if is_text => at += 1,
                b'"' => is_text = !is_text,
                b'-' | b'0'..=b'9' if !is_text => break,
                _ => {}
            }
            at += 1;
        }
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let is_part = |byte: &u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
        let end = rest.iter().position(|byte| !is_part(byte));
        let (number, _) = rest.split_at(end.unwrap_or(rest.len()));
        at += number.len();
        std::str::from_utf8(number).ok()
    })
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Cow::Borrowed("")))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<Json<'de>, Json<'de>>()? {
            let Json::Text(name) = name else {
                return Err(A::Error::custom("a field's name has to be a string"));
            };
            fields.push((name, value));
        }
        Ok(Json::Object(fields))
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_they_are_written() {
        let text = br#"["\"7",{"8":1,"b":[99999999999999999999999,-1]},1.0,1e3,-0]"#;
        let Ok(Json::Array(items)) = read(text) else {
            panic!("a list");
        };
        let Json::Object(fields) = &items[1] else {
            panic!("an object");
        };
        let Json::Array(inner) = &fields[1].1 else {
            panic!("a list");
        };
        assert_eq!(
            inner[0].what(),
            "99999999999999999999999, which is too large"
        );
        assert_eq!(inner[1], Json::Integer(-1));
        assert_eq!(items[2].what(), "1.0, with a fraction or an exponent");
        assert_eq!(items[3].what(), "1e3, with a fraction or an exponent");
        let long = "9".repeat(10_000);
        let error = read(long.as_bytes()).expect_err("it is out of range");
        let said = "a number is out of range: 99999999999999999999… (10000 characters), which is too large";
        assert_eq!(error.message, said);
    }
}
