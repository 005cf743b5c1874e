//! `www/kvorum-api.d.ts`: the JavaScript API's types.
//!
//! The class and its functions are written by hand, in `src/web/api/kvorum-api.d.ts`; a test holds
//! their names to what the API exports. All data is rendered from the Rust types' schemas: what goes
//! in as it is read, with all that may be left out, and what only comes out as it is written.

use super::written::{Swept, ToldEvent, ToldReason};
use super::{CLIENT, assert_golden, plain};
use crate::raft::Rules;
use crate::run::{JournalEntry, Recording};
use crate::sim::{Action, Failed, LackReason, Settings, StallReason};
use crate::view::{ClusterView, StoreView};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const CLASS: &str = include_str!("../web/api/kvorum-api.d.ts");

/// Columns of a line.
const WIDTH: usize = 100;

/// What else a schema may say; of some of it, TypeScript has no word.
const KNOWN: [&str; 16] = [
    "$ref",
    "const",
    "enum",
    "type",
    "items",
    "prefixItems",
    "required",
    "additionalProperties",
    "description",
    "default",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
];

/// The schemas of all data, by the names of their types.
fn definitions() -> Map<String, Value> {
    let mut written = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    written.subschema_for::<ClusterView>();
    written.subschema_for::<StoreView>();
    written.subschema_for::<ToldEvent>();
    written.subschema_for::<StallReason>();
    written.subschema_for::<LackReason>();
    written.subschema_for::<Failed>();
    written.subschema_for::<ToldReason>();
    written.subschema_for::<JournalEntry>();
    written.subschema_for::<Recording>();
    written.subschema_for::<Swept>();
    let mut read = SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator();
    read.subschema_for::<Action>();
    read.subschema_for::<Settings>();
    read.subschema_for::<Rules>();
    let mut all = written.take_definitions(true);
    all.extend(read.take_definitions(true));
    all
}

/// The whole file.
fn render() -> String {
    let definitions = definitions();
    let mut file = CLASS.to_owned();
    for (name, schema) in &definitions {
        file += "\n";
        file += &comment(schema, "");
        let render = Render {
            definitions: &definitions,
            own: name,
        };
        let of = render.of(schema, "");
        let space = if of.starts_with('\n') { "" } else { " " };
        file += &format!("export type {name} ={space}{of};\n");
    }
    file
}

/// The documentation of a schema, if it has one.
fn comment(schema: &Value, indent: &str) -> String {
    let Some(doc) = schema["description"].as_str().map(plain) else {
        return String::new();
    };
    let doc = doc.replace("*/", "* /");
    if indent.len() + doc.chars().count() + 8 <= WIDTH {
        return format!("{indent}/** {doc} */\n");
    }
    let mut lines = vec![String::new()];
    for word in doc.split(' ') {
        let line = lines.last_mut().expect("it has a first one");
        if line.chars().count() + word.chars().count() + indent.len() + 4 > WIDTH {
            lines.push(format!(" {word}"));
        } else {
            line.extend([" ", word]);
        }
    }
    let lines: String = lines
        .iter()
        .map(|line| format!("{indent} *{line}\n"))
        .collect();
    format!("{indent}/**\n{lines}{indent} */\n")
}

/// A type as a part of another one.
fn group(part: &str, indent: &str) -> String {
    match part.strip_prefix('\n') {
        Some(_) => format!("({part}\n{indent})"),
        None if part.contains(" | ") && !part.starts_with('{') => format!("({part})"),
        None => part.to_owned(),
    }
}

/// Renders a definition's schema.
struct Render<'a> {
    definitions: &'a Map<String, Value>,
    /// The definition's name.
    own: &'a str,
}

impl Render<'_> {
    /// The type of a schema, whose lines after the first begin with `indent`.
    fn of(&self, schema: &Value, indent: &str) -> String {
        let Some(fields) = schema.as_object() else {
            return "unknown".into();
        };
        // The case in which an optional part is absent.
        if fields.is_empty() {
            return "{}".into();
        }
        let mut parts = Vec::new();
        for (key, value) in fields {
            match key.as_str() {
                "properties" => parts.push(self.object(schema, indent)),
                "oneOf" | "anyOf" => parts.push(self.any(value, indent)),
                "allOf" => {
                    let all = value.as_array().into_iter().flatten();
                    parts.extend(all.map(|part| self.of(part, indent)));
                }
                "additionalProperties" if value.is_object() => {
                    parts.push(format!("Record<string, {}>", self.of(value, indent)));
                }
                other => assert!(KNOWN.contains(&other), "{}: what is {other}?", self.own),
            }
        }
        // What a tagged variant holds is named beside its tag.
        let whole = parts.is_empty() || schema.get("$ref").is_some();
        parts.extend(self.leaf(schema, indent).filter(|_| whole));
        assert!(!parts.is_empty(), "{}: no type for {schema}", self.own);
        match &parts[..] {
            [one] => one.clone(),
            _ => {
                let parts: Vec<String> = parts.iter().map(|it| group(it, indent)).collect();
                parts.join(" & ")
            }
        }
    }

    /// The type of a schema without parts of its own.
    fn leaf(&self, schema: &Value, indent: &str) -> Option<String> {
        if let Some(target) = schema["$ref"].as_str() {
            return target.rsplit('/').next().map(Into::into);
        }
        if let Some(value) = schema.get("const") {
            return Some(value.to_string());
        }
        if schema["pattern"] == CLIENT {
            return Some("`c${number}`".into());
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> = values.iter().map(Value::to_string).collect();
            return Some(values.join(" | "));
        }
        let names = match &schema["type"] {
            Value::Array(names) => names.iter().collect(),
            name => vec![name],
        };
        let names = names.into_iter().map(|name| match name.as_str()? {
            "integer" | "number" => Some("number".into()),
            "array" => Some(self.list(schema, indent)),
            "object" => Some("{}".into()),
            plain @ ("string" | "boolean" | "null") => Some(plain.into()),
            _ => None,
        });
        Some(names.collect::<Option<Vec<String>>>()?.join(" | "))
    }

    fn list(&self, schema: &Value, indent: &str) -> String {
        match schema["prefixItems"].as_array() {
            Some(items) => {
                let items: Vec<String> = items.iter().map(|it| self.of(it, indent)).collect();
                format!("[{}]", items.join(", "))
            }
            None => format!("Array<{}>", self.of(&schema["items"], indent)),
        }
    }

    /// One of several; by its name, if another definition is just that.
    fn any(&self, cases: &Value, indent: &str) -> String {
        let same = |(name, other): &(&String, &Value)| {
            let named = other.get("oneOf").or_else(|| other.get("anyOf"));
            *name != self.own && named == Some(cases) && other.get("properties").is_none()
        };
        if let Some((name, _)) = self.definitions.iter().find(same) {
            return name.clone();
        }
        let deeper = format!("{indent}  ");
        let cases = cases.as_array().expect("a list of cases").iter();
        let case = |case: &Value| {
            let doc = comment(case, &deeper);
            format!(
                "\n{doc}{deeper}| {}",
                group(&self.of(case, &deeper), &deeper)
            )
        };
        let cases: Vec<(bool, String)> = cases
            .map(|it| (it.get("description").is_some(), case(it)))
            .collect();
        if cases
            .iter()
            .all(|(documented, case)| !documented && !case.trim().contains('\n'))
        {
            let names: Vec<&str> = cases.iter().map(|(_, case)| &case.trim()[2..]).collect();
            return names.join(" | ");
        }
        cases.into_iter().map(|(_, case)| case).collect()
    }

    /// An object, its tag first.
    fn object(&self, schema: &Value, indent: &str) -> String {
        let deeper = format!("{indent}  ");
        let required: BTreeSet<&str> = match schema["required"].as_array() {
            Some(names) => names.iter().filter_map(Value::as_str).collect(),
            None => BTreeSet::new(),
        };
        let fields = schema["properties"].as_object().expect("fields by name");
        let (tags, others): (Vec<_>, Vec<_>) =
            fields.iter().partition(|(_, it)| it.get("const").is_some());
        let mut object = String::from("{\n");
        for (name, field) in tags.into_iter().chain(others) {
            let optional = if required.contains(name.as_str()) {
                ""
            } else {
                "?"
            };
            let of = self.of(field, &deeper);
            object += &format!(
                "{}{deeper}{name}{optional}: {of};\n",
                comment(field, &deeper)
            );
        }
        object + indent + "}"
    }
}

/// What the API exports: methods of the class as `Kvorum.run`, functions by their names.
fn exported() -> BTreeSet<String> {
    let sources = [
        include_str!("../web/api/mod.rs"),
        include_str!("../web/api/sweep.rs"),
    ];
    let (mut bound, mut renamed) = (false, None);
    let mut names = BTreeSet::new();
    for line in sources.into_iter().flat_map(str::lines) {
        if line.starts_with("#[wasm_bindgen]") {
            bound = true;
        } else if line == "}" {
            (bound, renamed) = (false, None);
        } else if let Some((_, rest)) = line.split_once("js_name = ") {
            renamed = rest.split([')', ',']).next();
        } else if let Some((indent, rest)) = line.split_once("pub fn ").filter(|_| bound) {
            let name = rest.split('(').next().expect("its name");
            let name = match name {
                "new" => "constructor",
                name => renamed.take().unwrap_or(name),
            };
            let class = if indent.is_empty() { "" } else { "Kvorum." };
            names.insert(format!("{class}{name}"));
        }
    }
    names
}

/// What the hand-written part declares, in the same way.
fn declared() -> BTreeSet<String> {
    let mut class = false;
    let names = CLASS.lines().filter_map(|line| {
        let start = line.trim_start_matches("  ");
        if start.len() == line.len() {
            class = line.starts_with("export class Kvorum ");
            let name = line.strip_prefix("export function ")?;
            return name.split('(').next().map(Into::into);
        }
        let start = start
            .trim_start_matches("static ")
            .trim_start_matches("readonly ");
        let end = start.find(['(', ':'])?;
        let name = Some(&start[..end]).filter(|_| class)?;
        let is_name = name.chars().all(|letter| letter.is_ascii_alphabetic());
        is_name.then(|| format!("Kvorum.{name}"))
    });
    names.collect()
}

#[test]
fn the_types_of_the_api_are_those_of_the_engine() {
    assert_golden("www/kvorum-api.d.ts", &render());
}

#[test]
fn every_export_is_declared_and_no_other() {
    let exported = exported();
    assert!(
        exported.len() > 15 && exported.contains("Kvorum.whyNothingMoves"),
        "{exported:?}"
    );
    assert_eq!(declared(), exported);
}
