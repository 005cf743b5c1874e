//! The list of lessons: `lessons/index.json`, made of the files beside it, so that a gallery need
//! not load each of them.

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::module::Files;

/// Where the lessons stand in the site.
const FOLDER: &str = "lessons/";

/// Beside the lessons: what stands in one, for editors.
const SCHEMA: &str = "scenario.schema.json";

/// What the list takes over from a lesson; its steps are counted.
const FIELDS: [&str; 8] = [
    "id", "topic", "source", "level", "minutes", "title", "summary", "seed",
];

/// The list, in the order of the lessons' places.
pub fn index(files: &Files) -> Result<String> {
    let mut cards = Vec::new();
    for (path, bytes) in files.range(FOLDER.to_owned()..) {
        let Some(name) = path.strip_prefix(FOLDER) else {
            break;
        };
        if name == SCHEMA {
            continue;
        }
        let lesson = serde_json::from_slice(bytes).with_context(|| path.clone())?;
        let place = lesson_field(&lesson, "place", path)?.as_u64();
        let id = lesson_field(&lesson, "id", path)?.as_str();
        anyhow::ensure!(
            id.is_some_and(|id| format!("{id}.json") == name),
            "{path}: its id is {id:?}"
        );
        cards.push((place, card(&lesson, path)?));
    }
    cards.sort_by_key(|(place, _)| *place);
    let list = cards.into_iter().map(|(_, card)| card).collect();
    Ok(Value::Array(list).to_string())
}

fn lesson_field<'a>(lesson: &'a Value, name: &str, path: &str) -> Result<&'a Value> {
    let field = lesson.get(name);
    field.with_context(|| format!("{path}: no field {name}"))
}

fn card(lesson: &Value, path: &str) -> Result<Value> {
    let mut card = Map::new();
    for name in FIELDS {
        card.insert(name.into(), lesson_field(lesson, name, path)?.clone());
    }
    let steps = lesson_field(lesson, "steps", path)?.as_array();
    card.insert("steps".into(), steps.map_or(0, Vec::len).into());
    Ok(card.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_list_is_in_order_and_counts_steps() {
        let lesson = |id: &str, place: u64| {
            json!({
                "id": id, "place": place, "topic": "Elections", "source": "paper 5.2",
                "level": 1, "minutes": 2, "title": "T", "summary": "S", "seed": 7,
                "steps": [{}, {}],
            })
        };
        let file = |name: &str, lesson: &Value| (name.to_owned(), lesson.to_string().into_bytes());
        let mut files = Files::from([
            file("lessons/a.json", &lesson("a", 2)),
            file("lessons/b.json", &lesson("b", 1)),
            file("lessons/scenario.schema.json", &json!({})),
            file("post.html", &json!(null)),
        ]);
        let list: Value = serde_json::from_str(&index(&files).unwrap()).unwrap();
        assert_eq!((&list[0]["id"], &list[1]["id"]), (&json!("b"), &json!("a")));
        assert_eq!(list[0]["steps"], 2);
        assert_eq!(list.as_array().map(Vec::len), Some(2));
        files.extend([file("lessons/c.json", &lesson("d", 3))]);
        assert!(index(&files).is_err(), "a file of another name");
    }
}
