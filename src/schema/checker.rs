//! Checks a value against a schema: the words of JSON Schema that our schemas use.

use regex_lite::Regex;
use serde_json::Value;

/// What says nothing of the value.
const SILENT: [&str; 7] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "format",
    "examples",
];

/// A schema and where its definitions are.
pub(super) struct Checker<'a>(pub &'a Value);

impl Checker<'_> {
    /// What is wrong with the value, by its place; nothing if it fits.
    pub fn check(&self, value: &Value) -> Vec<String> {
        self.at("", self.0, value)
    }

    fn at(&self, place: &str, schema: &Value, value: &Value) -> Vec<String> {
        let words = match schema {
            Value::Object(words) => words,
            Value::Bool(true) => return Vec::new(),
            _ => return vec![format!("{place}: nothing may stand here")],
        };
        let mut wrong = Vec::new();
        for (word, wanted) in words {
            if !SILENT.contains(&word.as_str()) {
                wrong.extend(self.word(place, schema, (word, wanted), value));
            }
        }
        wrong
    }

    /// # Panics
    /// At a word that isn't known here.
    fn word(
        &self,
        place: &str,
        schema: &Value,
        (word, wanted): (&str, &Value),
        value: &Value,
    ) -> Vec<String> {
        let fits = match word {
            "$ref" => {
                let target = wanted.as_str().and_then(|it| self.0.pointer(&it[1..]));
                return self.at(place, target.expect("a definition"), value);
            }
            "properties" | "items" | "additionalProperties" => {
                return self.inside(place, schema, (word, wanted), value);
            }
            "anyOf" | "oneOf" => {
                let cases = wanted.as_array().expect("cases").iter();
                let fitting = cases
                    .filter(|case| self.at(place, case, value).is_empty())
                    .count();
                fitting == 1 || fitting > 1 && word == "anyOf"
            }
            "const" => value == wanted,
            "enum" => wanted.as_array().is_some_and(|all| all.contains(value)),
            "type" => match wanted {
                Value::Array(names) => names.iter().any(|name| is(name, value)),
                name => is(name, value),
            },
            "required" => names(wanted).all(|name| value.get(name).is_some()),
            "dependentRequired" => {
                wanted
                    .as_object()
                    .expect("fields")
                    .iter()
                    .all(|(name, needs)| {
                        value.get(name).is_none_or(Value::is_null)
                            || names(needs).all(|it| value.get(it).is_some())
                    })
            }
            "minimum" => value
                .as_i64()
                .is_none_or(|it| it >= wanted.as_i64().expect("a number")),
            "maximum" => value
                .as_i64()
                .is_none_or(|it| it <= wanted.as_i64().expect("a number")),
            "minItems" => value
                .as_array()
                .is_none_or(|it| it.len() as u64 >= wanted.as_u64().expect("a number")),
            "maxItems" => value
                .as_array()
                .is_none_or(|it| it.len() as u64 <= wanted.as_u64().expect("a number")),
            "prefixItems" => {
                let cases = wanted.as_array().expect("cases").iter();
                let items = value.as_array().into_iter().flatten().zip(cases);
                let wrong = items.flat_map(|(item, case)| self.at(place, case, item));
                return wrong.collect();
            }
            "pattern" => {
                let pattern = Regex::new(wanted.as_str().expect("a pattern")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            other => panic!("{place}: {other} isn't known"),
        };
        if fits {
            Vec::new()
        } else {
            vec![format!("{place}: {word}")]
        }
    }

    /// What stands in an object or in a list.
    fn inside(
        &self,
        place: &str,
        schema: &Value,
        (word, wanted): (&str, &Value),
        value: &Value,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (at, item) in value
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|_| word == "items")
        {
            wrong.extend(self.at(&format!("{place}/{at}"), wanted, item));
        }
        for (name, field) in value.as_object().into_iter().flatten() {
            let known = schema["properties"].get(name);
            let schema = match word {
                "properties" => known,
                "additionalProperties" => Some(wanted).filter(|_| known.is_none()),
                _ => None,
            };
            wrong.extend(
                schema
                    .into_iter()
                    .flat_map(|schema| self.at(&format!("{place}/{name}"), schema, field)),
            );
        }
        wrong
    }
}

fn names(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn is(name: &Value, value: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} isn't known"),
    }
}
