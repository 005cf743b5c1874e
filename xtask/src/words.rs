//! The files of the languages, cut in two: what the first screen says, and the rest. What a language
//! lacks is put in from English, in a field of its own.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::module::Files;

/// Where the languages stand in the site.
const FOLDER: &str = "lang/";

/// The sections that the first screen needs.
pub const FIRST: [&str; 8] = [
    "list",
    "english",
    "number",
    "role",
    "kind",
    "first",
    "stage",
    "property-name",
];

/// The section with what is said of the free laboratory, as of a lesson.
const LAB: &str = "lab";

/// A language: its tag, and its two files.
pub struct Cut {
    /// Its tag: `zh-Hans`.
    pub lang: String,
    /// What the first screen says, and the rest.
    pub parts: [String; 2],
}

/// Takes the languages out of the site's sources, with the lessons that are in them, and cuts them.
pub fn cut(files: &mut Files) -> Result<Vec<Cut>> {
    let lessons = lessons(files)?;
    let paths = files.keys().filter(|path| path.starts_with(FOLDER));
    let paths: Vec<String> = paths.cloned().collect();
    let mut languages = Vec::new();
    for path in paths {
        let bytes = files.remove(&path).expect("it is there");
        let file: Value = serde_json::from_slice(&bytes).with_context(|| path.clone())?;
        let lang = file["lang"].as_str().context("no lang")?.to_owned();
        ensure!(
            path == format!("{FOLDER}{lang}.json"),
            "{path}: it is {lang}"
        );
        languages.push((lang, file));
    }
    let english = languages.iter().find(|(lang, _)| lang == "en");
    let english = english.context("no English")?.1["words"].clone();
    let cut = |(lang, file): &(String, Value)| -> Result<Cut> {
        let mut texts = lessons.get(lang).cloned().unwrap_or_default();
        // The free laboratory has no file of a lesson.
        for (name, texts) in ["title", "summary"].into_iter().zip(&mut texts) {
            if let (Some(english), Some(here)) = (
                english[LAB][name].as_str(),
                file["words"][LAB][name].as_str(),
            ) && english != here
            {
                texts.insert(english.to_owned(), here.to_owned());
            }
        }
        let [first, rest] = [true, false].map(|first| part(file, &english, &texts, first));
        Ok(Cut {
            lang: lang.clone(),
            parts: [first?, rest?],
        })
    };
    languages.iter().map(cut).collect()
}

/// The texts of lessons, by what they are in English: the titles, which the first screen shows, and
/// the others.
type Lessons = [BTreeMap<String, String>; 2];

/// Takes the lessons in other languages out of the sources: `lessons/zh-Hans/ID.json`.
fn lessons(files: &mut Files) -> Result<BTreeMap<String, Lessons>> {
    let mut found: BTreeMap<String, Lessons> = BTreeMap::new();
    let paths: Vec<String> = files.keys().cloned().collect();
    for path in paths {
        let parts: Vec<&str> = path.split('/').collect();
        let ["lessons", lang, name] = parts[..] else {
            continue;
        };
        let bytes = files.remove(&path).expect("it is there");
        let here: Value = serde_json::from_slice(&bytes).with_context(|| path.clone())?;
        let english = files.get(&format!("lessons/{name}"));
        let english = english.with_context(|| format!("{path}: no such lesson"))?;
        let english: Value = serde_json::from_slice(english)?;
        let texts = found.entry(lang.to_owned()).or_default();
        let title = [&english["title"], &here["title"]].map(Value::as_str);
        if let [Some(english), Some(here)] = title {
            texts[0].insert(english.to_owned(), here.to_owned());
        }
        pair(&english, &here, &mut texts[1]).with_context(|| path.clone())?;
    }
    Ok(found)
}

/// Puts each text of `here` beside the one that stands in its place in English. There a task and a
/// button are more than their text.
fn pair(english: &Value, here: &Value, texts: &mut BTreeMap<String, String>) -> Result<()> {
    match (english, here) {
        (Value::Object(english), Value::Object(here)) => {
            here.iter().try_for_each(|(name, here)| {
                let english = english
                    .get(name)
                    .with_context(|| format!("no {name} in English"))?;
                pair(english, here, texts)
            })
        }
        (Value::Array(english), Value::Array(here)) => {
            ensure!(
                english.len() == here.len(),
                "{} for {}",
                here.len(),
                english.len()
            );
            let mut both = english.iter().zip(here);
            both.try_for_each(|(english, here)| pair(english, here, texts))
        }
        (Value::Object(english), here) => {
            let text = english.get("text").or_else(|| english.get("label"));
            pair(text.context("no text in English")?, here, texts)
        }
        (Value::String(english), Value::String(here)) => {
            texts.insert(english.clone(), here.clone());
            Ok(())
        }
        _ => anyhow::bail!("{here} in the place of {english}"),
    }
}

/// One part of a language, as `view::words` reads it: a line for each text, in the order of the keys.
fn part(file: &Value, english: &Value, lessons: &Lessons, first: bool) -> Result<String> {
    let (own, english) = (lines(&file["words"], first)?, lines(english, first)?);
    let mut text = file["lang"].as_str().unwrap_or_default().to_owned();
    // A quotation mark comes before every letter.
    for (english, here) in &lessons[usize::from(!first)] {
        text += &format!("\n\"{english}\t{here}");
    }
    for line in own.values() {
        text += &format!("\n{line}");
    }
    let lacking: Vec<_> = english
        .iter()
        .filter(|(key, _)| !own.contains_key(*key))
        .collect();
    if !lacking.is_empty() {
        text.push('\n');
    }
    for (_, line) in lacking {
        text += &format!("\n{line}");
    }
    Ok(text)
}

/// The lines of the sections that belong to a part, by their keys.
fn lines(words: &Value, first: bool) -> Result<BTreeMap<String, String>> {
    let mut lines = BTreeMap::new();
    for (section, texts) in words.as_object().context("no words")? {
        if section == LAB || FIRST.contains(&&**section) != first {
            continue;
        }
        for (name, text) in texts.as_object().context("no texts")? {
            let key = format!("{section}.{name}");
            let parts: Vec<&str> = match text {
                Value::String(text) => vec![text],
                forms => ["by", "one", "other"]
                    .iter()
                    .filter_map(|form| forms[form].as_str())
                    .collect(),
            };
            let odd = parts.iter().any(|part| part.contains(['\t', '\n']));
            ensure!(
                !odd && !parts.is_empty(),
                "{key}: a tab or a line break in it"
            );
            lines.insert(key.clone(), format!("{key}\t{}", parts.join("\t")));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_language_lacks_is_english() {
        let file = |name: &str, value: Value| (name.to_owned(), value.to_string().into_bytes());
        let mut files = Files::from([
            file(
                "lang/en.json",
                json!({"lang": "en", "name": "English", "words": {
                    "first": {"b": {"by": "n", "one": "B", "other": "Bs"}, "a": "A"},
                    "feed": {"c": "C"}}}),
            ),
            file(
                "lang/zh-Hans.json",
                json!({"lang": "zh-Hans", "name": "x", "words": {"first": {"a": "甲"}}}),
            ),
            file(
                "lessons/x.json",
                json!({"title": "X", "steps": [{"tasks": [{"text": "T"}], "button": {"label": "L"}}]}),
            ),
            file(
                "lessons/zh-Hans/x.json",
                json!({"title": "某", "steps": [{"tasks": ["任务"], "button": "按"}]}),
            ),
        ]);
        let cut = cut(&mut files).unwrap();
        assert_eq!(files.len(), 1, "they are cut, not copied");
        assert_eq!(
            cut[0].parts,
            ["en\nfirst.a\tA\nfirst.b\tn\tB\tBs", "en\nfeed.c\tC"]
        );
        let chinese = [
            "zh-Hans\n\"X\t某\nfirst.a\t甲\n\nfirst.b\tn\tB\tBs",
            "zh-Hans\n\"L\t按\n\"T\t任务\n\"X\t某\n\nfeed.c\tC",
        ];
        assert_eq!(cut[1].parts, chinese);
    }
}
