//! What scripts and lesson files are made of, as types and as a schema: both files are rendered from
//! the types here, and a test compares them with the ones in `www`. `UPDATE_GOLDENFILES=1` rewrites
//! them; read the diff.

mod checker;
mod lesson;
#[cfg(feature = "cli")]
mod trace;
mod typescript;

#[path = "../web/api/written.rs"]
#[allow(dead_code, reason = "only its types are of interest here")]
mod written;

use crate::base::Address;
use crate::kv::ShardRule;
use crate::raft::Rule;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::path::Path;

/// A client as an address.
const CLIENT: &str = "^c\\d+$";

/// Compares a rendered file with the one in the repository, or rewrites that.
#[allow(
    clippy::disallowed_methods,
    reason = "a test that is asked to rewrite a file"
)]
fn assert_golden(path: &str, rendered: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        return std::fs::write(file, rendered).expect(path);
    }
    let there = std::fs::read_to_string(file).unwrap_or_default();
    let differs = there.lines().zip(rendered.lines()).find(|(a, b)| a != b);
    assert!(
        there == rendered,
        "{path} isn't what the types say; UPDATE_GOLDENFILES=1 rewrites it: {differs:?}"
    );
}

/// Documentation on one line, without the links that only rustdoc can follow.
fn plain(doc: &str) -> String {
    let mut text = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some((start, end)) = link(&text) {
        let inside = &text[start + 1..end];
        let rest = &text[end + 1..];
        let rest = match rest.strip_prefix('(').and_then(|it| it.split_once(')')) {
            Some((_, rest)) => rest,
            None => rest,
        };
        text = format!("{}{inside}{rest}", &text[..start]);
    }
    text.replace("`None`", "`null`")
}

/// Where the first link's text begins and ends: `[text](target)`, or [`a name`] in brackets.
fn link(text: &str) -> Option<(usize, usize)> {
    text.match_indices('[').find_map(|(start, _)| {
        let end = start + text[start..].find(']')?;
        let is_link = text[start..].starts_with("[`") || text[end..].starts_with("](");
        is_link.then_some((start, end))
    })
}

/// Makes every description in a schema plain.
fn plain_descriptions(schema: &mut Value) {
    match schema {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| match value {
            Value::String(text) if name == "description" => *text = plain(text),
            value => plain_descriptions(value),
        }),
        Value::Array(items) => items.iter_mut().for_each(plain_descriptions),
        _ => {}
    }
}

impl JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whoever sends and receives: a server's number, a client `\"c1\"`, or `\"operator\"`.",
            "oneOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": CLIENT },
                { "const": "operator" },
            ],
        })
    }
}

/// The names of rules, each with what it demands.
macro_rules! rules {
    ($($Rule:ident: $what:literal,)+) => {$(
        impl JsonSchema for $Rule {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Rule).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let names = $Rule::ALL.iter();
                let name = |rule: &$Rule| json!({ "const": rule.name(), "description": rule.says() });
                json_schema!({ "description": $what, "oneOf": names.map(name).collect::<Value>() })
            }
        }
    )+};
}

rules! {
    Rule: "The name of a rule of the protocol.",
    ShardRule: "The name of a rule of a store of many shards.",
}

#[test]
fn documentation_is_plain_outside_of_rustdoc() {
    for (doc, text) in [
        (" a\n b", "a b"),
        (
            "all, or the last [`WINDOW`] of it",
            "all, or the last `WINDOW` of it",
        ),
        ("a [role](super::who), [`x`](y)", "a role, `x`"),
        ("a [list] of two; `None`", "a [list] of two; `null`"),
    ] {
        assert_eq!(plain(doc), text);
    }
}
