//! `www/lessons/scenario.schema.json`: what stands in a lesson file, for editors.
//!
//! Most of it follows from the types. Here is what they don't say: the two small languages, and what
//! is checked after a file is read.

use super::checker::Checker;
use super::{assert_golden, plain_descriptions};
use crate::lesson::facts::{self, FORMERLY, HOWS, NAMES};
use crate::lesson::who::WORDS;
use crate::lesson::{ActionTemplate, Scenario, When, library};
use crate::sim::settings::{FIELDS, Unit};
use crate::sim::{Action, Property};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// One of these.
fn one_of(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts.into_iter().collect();
    format!("(?:{})", parts.join("|"))
}

/// A role (`lesson::who`): the words that an error lists, each of which may be denied, and a place.
fn role() -> String {
    let words = WORDS.trim_start_matches("one of ").split(", ");
    let words = words
        .filter(|word| !["not", "#2"].contains(word))
        .map(|word| {
            let parts = word.split(' ').map(|part| match part {
                "S1" => r"S\d+",
                "x=1" => r"\S*=\S*",
                "8" | "10" => r"\d+",
                plain => plain,
            });
            parts.collect::<Vec<_>>().join(r"\s+")
        });
    let word = format!(r"(?:not\s+)*{}", one_of(words));
    format!(r"{word}(?:\s+{word})*(?:\s+#[1-9]\d*)?")
}

/// One of the names of [`facts`], of today or before.
fn name(names: facts::Names) -> String {
    let known = names.concat();
    let before = FORMERLY.iter().filter(|(_, now)| known.contains(now));
    let before = before.map(|(before, _)| *before);
    one_of(
        known
            .iter()
            .copied()
            .chain(before)
            .map(|name| name.replace('_', "[-_]")),
    )
}

impl JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "Milestone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let role = role();
        let part = one_of([
            format!(r"(?:some|no|all|\d+\+?)\s+{role}"),
            format!(
                r"on\s+{}(?:\s+{})?(?:\s+by\s+{role})?(?:\s+to\s+{role})?",
                name(NAMES),
                name(HOWS)
            ),
            r"(?:answered|read)\s+\S*=\S*".into(),
        ]);
        json_schema!({
            "description": "A milestone: parts joined by `and` and `or`, such as `some leader settled`, \
                `2+ with y=7`, `on stepped-down leader by S2`, `answered x=1`.",
            "type": "string",
            "pattern": format!(r"^(?:(?:^\s*|\s+(?:and|or)\s+){part})+\s*$"),
        })
    }
}

/// What takes the place of a number in an action.
struct Role;

impl JsonSchema for Role {
    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let role = role();
        let message = format!(
            r"message\s+{}(?:\s+from\s+{role})?(?:\s+to\s+{role})?",
            name(HOWS)
        );
        json_schema!({
            "description": "In place of a server's number, a role: `@leader`, `@follower with x=1 #2`, \
                for each of its servers `@each down`, in a list all of them `@rest`. In place of a \
                message's, `@message append-entries from leader to S2`.",
            "type": "string",
            "pattern": format!(r"^@(?:each )?\s*{}\s*$", one_of([role.clone(), message])),
        })
    }
}

impl JsonSchema for ActionTemplate {
    fn schema_name() -> Cow<'static, str> {
        "ActionTemplate".into()
    }

    /// An action, with roles where it has servers and messages.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let role = generator.subschema_for::<Role>().to_value();
        let mut action = Action::json_schema(generator).to_value();
        let cases = action["oneOf"]
            .as_array_mut()
            .expect("an action of each kind");
        for fields in cases
            .iter_mut()
            .filter_map(|case| case["properties"].as_object_mut())
        {
            for (name, field) in fields {
                with_roles(field, &role, name == "message");
            }
        }
        action.try_into().expect("a schema")
    }
}

/// Lets roles stand where servers and other ends of links do, and where the number itself is meant.
fn with_roles(schema: &mut Value, role: &Value, itself: bool) {
    let target = schema["$ref"].as_str().unwrap_or_default();
    if itself || target.ends_with("/NodeId") || target.ends_with("/Address") {
        *schema = json!({ "anyOf": [schema.take(), role] });
    } else if let Some(cases) = schema.get_mut("anyOf") {
        let cases = cases.as_array_mut().into_iter().flatten();
        cases.for_each(|case| with_roles(case, role, false));
    } else if let Some(items) = schema.get_mut("items") {
        with_roles(items, role, false);
    }
}

/// The whole schema.
fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario>().to_value();
    let properties = Property::ALL.map(Property::name);
    for (place, word, wanted) in [
        ("/properties/id", "pattern", json!("^[a-z0-9-]{1,40}$")),
        ("/properties/level", "minimum", json!(1)),
        ("/properties/level", "maximum", json!(3)),
        (
            "/properties/breaks",
            "enum",
            json!([&properties[..], &[""]].concat()),
        ),
        ("/$defs/Step/properties/tasks", "minItems", json!(1)),
        (
            "/$defs/Step",
            "dependentRequired",
            json!({ "prediction": ["button"] }),
        ),
    ] {
        schema.pointer_mut(place).expect(place)[word] = wanted;
    }
    let breaks = &mut schema["properties"]["breaks"]["enum"];
    *breaks
        .as_array_mut()
        .expect("it is one")
        .last_mut()
        .expect("none") = Value::Null;
    for field in FIELDS {
        if matches!(
            field.unit,
            Unit::Count | Unit::Bytes | Unit::Time | Unit::Share
        ) {
            let place = place(&schema, field.name);
            let of = schema.pointer_mut(&place).expect(field.name);
            (of["minimum"], of["maximum"]) = (field.low.into(), field.high.into());
        }
    }
    plain_descriptions(&mut schema);
    schema
}

/// Where a setting stands in the schema: `link.loss` in the definition of a link's settings.
fn place(schema: &Value, setting: &str) -> String {
    let mut of = "/$defs/Settings".to_owned();
    let mut place = String::new();
    for name in setting.split('.') {
        place = format!("{of}/properties/{name}");
        let field = schema.pointer(&place).expect(setting);
        let target = field["$ref"].as_str().unwrap_or_default();
        of = target.trim_start_matches('#').to_owned();
    }
    place
}

fn lesson(id: &str) -> Value {
    serde_json::from_str(library::text(id).expect(id)).expect(id)
}

#[test]
fn the_schema_of_lessons_is_that_of_their_types() {
    let text = serde_json::to_string_pretty(&schema()).expect("it is JSON");
    assert_golden("www/lessons/scenario.schema.json", &(text + "\n"));
}

#[test]
fn every_lesson_fits() {
    let schema = schema();
    for id in library::IDS {
        assert_eq!(Checker(&schema).check(&lesson(id)), [""; 0], "{id}");
    }
}

/// Where a lesson is changed, to what, and whether it is still one.
#[rustfmt::skip]
const CHANGES: &[(&str, &str, bool)] = &[
    ("/place", r#""1""#, false),
    ("/sead", "7", false),
    ("/seed", "-7", false),
    ("/id", r#""A crash""#, false),
    ("/level", "4", false),
    ("/topic", r#""Votes""#, false),
    ("/breaks", r#""Consensus""#, false),
    ("/breaks", r#""Log Matching""#, true),
    ("/settings", r#"{ "nodes": 0 }"#, false),
    ("/settings", r#"{ "link": { "latency_max": 4000000000 } }"#, false),
    ("/settings", r#"{ "link": { "latency": 1 } }"#, false),
    ("/settings", r#"{ "rules": { "off": ["no-op-on-election"] } }"#, false),
    ("/settings", r#"{ "rules": { "off": ["pre-vote"] } }"#, true),
    ("/settings", r#"{ "timing": { "heartbeat": 40000 }, "priorities": [2] }"#, true),
    ("/steps/0/free", r#""yes""#, false),
    ("/steps/0/tasks", "[]", false),
    (WHEN, "7", false),
    (WHEN, r#""some leader settled""#, true),
    (WHEN, r#""2+ not with y=7 or all follower #2 and answered x=1""#, true),
    (WHEN, r#""on lost append by S1 to not S2""#, true),
    (WHEN, r#""on vote-refused log-behind by S2""#, true),
    (WHEN, r#""on crash""#, false),
    (WHEN, r#""some chief""#, false),
    (WHEN, r#""some leader settled some""#, false),
    (WHEN, r#""two leading""#, false),
    (WHEN, r#""read x""#, false),
    (ACTION, r#"{ "action": "heal" }"#, true),
    (ACTION, r#"{ "action": "heal", "node": 1 }"#, false),
    (ACTION, r#"{ "action": "crash", "node": "@leader" }"#, true),
    (ACTION, r#"{ "action": "crash", "node": "leader" }"#, false),
    (ACTION, r#"{ "action": "crash", "node": "@each not up" }"#, true),
    (ACTION, r#"{ "action": "crash", "node": "@chief" }"#, false),
    (ACTION, r#"{ "action": "crash" }"#, false),
    (ACTION, r#"{ "action": "crush", "node": 1 }"#, false),
    (ACTION, r#"{ "action": "drop", "message": "@message append-entries to S2" }"#, true),
    (ACTION, r#"{ "action": "drop", "message": "@message letter" }"#, false),
    (ACTION, r#"{ "action": "partition", "groups": [["@minority", 3], ["c1"]] }"#, true),
    (ACTION, r#"{ "action": "partition", "groups": [["d1"]] }"#, false),
    (ACTION, r#"{ "action": "request", "operation": { "op": "delete", "key": "x" } }"#, true),
    (ACTION, r#"{ "action": "request", "operation": { "op": "set", "key": "x" } }"#, false),
    (ACTION, r#"{ "action": "change_members", "voters": ["@rest"], "way": "joint" }"#, true),
];

const WHEN: &str = "/steps/0/tasks/0/when";
const ACTION: &str = "/steps/0/button/actions/0";

#[test]
fn schema_and_reader_agree() {
    let schema = schema();
    let mut good = lesson("network-partition");
    good["steps"][0]["button"] = json!({ "label": "Do it", "actions": [{ "action": "heal" }] });
    for (place, value, fits) in CHANGES {
        let mut lesson = good.clone();
        let (inside, name) = place.rsplit_once('/').expect("a place");
        let inside = lesson.pointer_mut(inside).expect(place);
        let value = serde_json::from_str(value).expect(value);
        match inside.as_array_mut() {
            Some(list) => list[0] = value,
            None => inside[name] = value,
        }
        let read = Scenario::parse(&lesson.to_string());
        assert_eq!(read.is_ok(), *fits, "reader: {place} {read:?}");
        let wrong = Checker(&schema).check(&lesson);
        assert_eq!(wrong.is_empty(), *fits, "schema: {place} {wrong:?}");
    }
}
