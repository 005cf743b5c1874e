//! The catalogues: each key that the program uses is there, none is there in vain, and the languages
//! say the same things.

use kvorum::lesson::Scenario;
use kvorum::raft::Rule;
use kvorum::sim::settings::{FIELDS, Unit};
use kvorum::sim::{Fault, WhyNot, WhyNotSetting};
use kvorum::view::Catalogue;
use kvorum::view::settings::{form, groups, says};
use kvorum::view::words::plural_forms;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn language(file: &Path) -> Catalogue {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    Catalogue::read(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"))
}

fn english() -> Catalogue {
    language(&root().join("www/lang/en.json"))
}

/// Every language but English.
pub fn others() -> Vec<Catalogue> {
    let files = fs::read_dir(root().join("www/lang")).expect("www/lang");
    let files = files.map(|file| file.expect("a file").path());
    files
        .filter(|file| !file.ends_with("en.json"))
        .map(|file| language(&file))
        .collect()
}

/// The names in the gaps of a text, and whether it is well made.
fn gaps(text: &str) -> Result<BTreeSet<&str>, String> {
    if text.matches("**").count() % 2 == 1 {
        return Err(format!("a strong part doesn't end: {text}"));
    }
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let gap = rest[at..]
            .strip_prefix('{')
            .and_then(|it| it.split_once('}'));
        let (name, after) = gap.ok_or_else(|| format!("a brace stands alone: {text}"))?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("no name of a gap, {name:?}: {text}"));
        }
        found.insert(name);
        rest = after;
    }
    Ok(found)
}

/// The gaps of all forms of a key, and the number that decides between them.
fn gaps_of<'a>(catalogue: &'a Catalogue, key: &str) -> BTreeSet<&'a str> {
    let mut all: BTreeSet<&str> = catalogue.decides(key).into_iter().collect();
    for (_, text) in catalogue.forms(key) {
        all.extend(gaps(text).unwrap_or_else(|why| panic!("{key}: {why}")));
    }
    all
}

/// What the source says that it uses: the keys, each with the names of its arguments where they
/// stand beside it.
fn used() -> BTreeMap<String, Vec<Option<BTreeSet<String>>>> {
    let mut used: BTreeMap<String, Vec<Option<BTreeSet<String>>>> = BTreeMap::new();
    let mut folders = vec![root().join("src")];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                let code = without_comments(&text);
                for (key, args) in uses(&code) {
                    used.entry(key).or_default().push(args);
                }
            }
        }
    }
    used
}

fn without_comments(text: &str) -> String {
    let code = |line: &str| match line.trim_start().starts_with("//") {
        true => String::new(),
        false => line.to_owned(),
    };
    text.lines().map(|line| code(line) + "\n").collect()
}

/// The uses in a text: `tell!("key", name, name = value)`, the same with the words before it in
/// `t!` and `h!`, and `key!("key")`, whose arguments stand elsewhere.
fn uses(code: &str) -> Vec<(String, Option<BTreeSet<String>>)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("!(") {
        let name = code[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_');
        let name = name.into_iter().next().unwrap_or_default();
        if !["tell", "key", "t", "h"].contains(&name) {
            continue;
        }
        let mut parts = arguments(&code[at + 2..]).into_iter();
        if ["t", "h"].contains(&name) {
            parts.next();
        }
        let key = parts.next().unwrap_or_default();
        let Some(key) = key.strip_prefix('"').and_then(|it| it.strip_suffix('"')) else {
            continue;
        };
        let names = parts.map(|part| part.split('=').next().unwrap_or_default().trim().to_owned());
        let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
        found.push((key.to_owned(), (name != "key").then_some(names)));
    }
    found
}

/// The arguments of a call, from behind its parenthesis on.
fn arguments(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => {
                letters.next();
            }
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("a part").push(letter);
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .collect()
}

/// What is wrong with the uses, seen beside English.
fn misused(
    english: &Catalogue,
    used: &BTreeMap<String, Vec<Option<BTreeSet<String>>>>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let by_name = by_name();
    for (key, places) in used {
        if english.forms(key).is_empty() {
            wrong.push(format!("{key}: no such text in English"));
            continue;
        }
        let gaps = gaps_of(english, key);
        for given in places.iter().flatten() {
            let given: BTreeSet<&str> = given.iter().map(|name| &**name).collect();
            if given != gaps {
                wrong.push(format!(
                    "{key}: has the gaps {gaps:?}, and is given {given:?}"
                ));
            }
        }
    }
    let idle = english
        .keys()
        .filter(|key| !used.contains_key(*key) && !by_name.contains(*key));
    wrong.extend(idle.map(|key| format!("{key}: nobody says it")));
    wrong
}

/// The texts that go with the rows of a table, by the names of the rows.
fn by_name() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for rule in Rule::ALL {
        keys.extend(["rule", "rule-name"].map(|of| format!("{of}.{}", rule.name())));
    }
    for fault in Fault::ALL {
        keys.extend(["fault", "fault-name"].map(|of| format!("{of}.{}", fault.name())));
    }
    let fields = FIELDS.iter().filter(|field| field.unit != Unit::Rules);
    keys.extend(fields.map(|field| says(field).key.into_owned()));
    for group in groups() {
        keys.insert(group.heading().key.into_owned());
        keys.extend(group.rows.iter().map(|row| row.label().key.into_owned()));
    }
    keys.extend(reasons().map(|(key, _)| key));
    keys.extend(Unit::ALL.map(|unit| form(unit).key.into_owned()));
    let finest = [Unit::Count, Unit::Time, Unit::Share];
    keys.extend(finest.map(|unit| format!("setting-finest.{unit}")));
    keys.extend(["lab.title", "lab.summary"].map(str::to_owned));
    for n in 0..=12 {
        keys.extend(["number.", "number.first-"].map(|of| format!("{of}{n}")));
    }
    keys
}

/// The texts of the reasons why an action can't be done and why a setting can't be, with the names
/// of the fields that a reason brings. Of the action that changes a setting, the setting's is said.
fn reasons() -> impl Iterator<Item = (String, &'static [&'static str])> {
    let sections = [
        ("why-not", WhyNot::ROWS),
        ("why-not-setting", WhyNotSetting::ROWS),
    ];
    let rows = sections.into_iter().flat_map(|(section, rows)| {
        let key = move |(name, fields): &(_, _)| (format!("{section}.{name}"), *fields);
        rows.iter().map(key)
    });
    rows.filter(|(key, _)| key != "why-not.setting")
}

/// What a language lacks, or says otherwise than English.
fn differences(english: &Catalogue, other: &Catalogue) -> Vec<String> {
    let mut wrong = Vec::new();
    let lang = &other.lang;
    let section = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
    let sections: BTreeSet<String> = english.keys().map(section).collect();
    for name in &other.covers {
        if !sections.contains(name) {
            wrong.push(format!("{lang}: there is no section {name}"));
        }
    }
    for key in english.keys() {
        let covered = other.covers.contains(&section(key));
        if other.forms(key).is_empty() {
            if covered {
                wrong.push(format!("{lang}: {key} is missing"));
            }
            continue;
        }
        let forms: Vec<&str> = other.forms(key).iter().map(|(name, _)| *name).collect();
        let wanted = plural_forms(lang);
        if forms != [""] && forms != wanted {
            wrong.push(format!(
                "{lang}: {key} has the forms {forms:?}, not {wanted:?}"
            ));
        }
        let (theirs, ours) = (gaps_of(english, key), gaps_of(other, key));
        // A number that only decides needn't be said.
        let silent = english.decides(key).filter(|by| {
            let says = |(_, text): &(&str, &str)| text.contains(&format!("{{{by}}}"));
            !english.forms(key).iter().any(says)
        });
        let needn_t = |name: &&str| Some(*name) == silent;
        if theirs
            .symmetric_difference(&ours)
            .any(|name| !needn_t(name))
        {
            wrong.push(format!(
                "{lang}: {key} has the gaps {ours:?}, not {theirs:?}"
            ));
        }
    }
    let unknown = other.keys().filter(|key| english.forms(key).is_empty());
    wrong.extend(unknown.map(|key| format!("{lang}: {key} isn't in English")));
    wrong
}

#[test]
fn what_the_program_says_stands_in_english_and_nothing_else_does() {
    let (english, used) = (english(), used());
    assert!(used.len() > 200, "{}", used.len());
    let wrong = misused(&english, &used);
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    for key in by_name() {
        assert!(!english.forms(&key).is_empty(), "{key}: no such text");
    }
    for key in english.keys() {
        let names: Vec<&str> = english.forms(key).iter().map(|(name, _)| *name).collect();
        assert!(
            names == [""] || names == plural_forms("en"),
            "{key}: {names:?}"
        );
    }
    let sections: BTreeSet<_> = english
        .keys()
        .filter_map(|key| key.split('.').next())
        .collect();
    let covered: BTreeSet<_> = english.covers.iter().map(|name| &**name).collect();
    assert_eq!(covered, sections, "English covers everything");
}

/// It has no file of a lesson, and its texts are found by what they are in English.
#[test]
fn the_free_laboratory_is_in_the_languages() {
    let (lab, english) = (Scenario::lab(), english());
    for (key, text) in [("lab.title", lab.title), ("lab.summary", lab.summary)] {
        assert_eq!(english.forms(key), [("", &*text)]);
    }
}

/// What a reason brings is what its text asks for; the other languages are held to English.
#[test]
fn every_reason_has_its_words() {
    let english = english();
    assert!(reasons().count() > 60);
    for (key, fields) in reasons() {
        let gaps = gaps_of(&english, &key);
        let fields: BTreeSet<&str> = fields.iter().copied().collect();
        assert_eq!(gaps, fields, "{key}");
    }
}

#[test]
fn the_languages_say_the_same() {
    let english = english();
    for other in others() {
        let wrong = differences(&english, &other);
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}

/// Files whose code is here before the rest of the words.
const FIRST_SCREEN: [&str; 9] = [
    "src/view/leap.rs",
    "src/web/components/bar.rs",
    "src/web/components/first_run.rs",
    "src/web/components/live.rs",
    "src/web/components/overlays.rs",
    "src/web/components/toast.rs",
    "src/web/components/words.rs",
    "src/web/figure",
    "src/web/components/stage",
];

/// Files among them whose code comes on demand, or whose texts are shown by what does.
const LATER: [&str; 5] = [
    "src/web/components/stage/menu.rs",
    "src/web/components/stage/tools.rs",
    "src/web/figure/menu_entries.rs",
    "src/web/figure/driver/end.rs",
    "src/web/figure/language.rs",
];

#[test]
fn the_first_screen_says_what_is_in_its_file() {
    let cut = fs::read_to_string(root().join("xtask/src/words.rs")).expect("the cut");
    let (_, first) = cut.split_once("pub const FIRST").expect("the sections");
    let (first, _) = first.split_once("];").expect("their end");
    let first: BTreeSet<&str> = first.split('"').skip(1).step_by(2).collect();
    assert!(first.contains("list"), "{first:?}");
    let mut files: Vec<PathBuf> = FIRST_SCREEN.map(|path| root().join(path)).into();
    let mut looked_at = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let inside = fs::read_dir(path).expect("a folder").flatten();
            files.extend(inside.map(|entry| entry.path()));
            continue;
        }
        if LATER.iter().any(|later| path.ends_with(later)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        for (key, _) in uses(&without_comments(&text)) {
            let section = key.split('.').next().unwrap_or_default();
            assert!(first.contains(section), "{path:?}: {key} comes later");
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

/// The checks above find what they are for.
#[test]
fn what_is_wrong_is_found() {
    let read = |words: &str| {
        Catalogue::read(&format!(
            r#"{{"lang": "zh-Hans", "name": "x", "covers": ["a"], "words": {words}}}"#
        ))
        .unwrap()
    };
    let source = r#"tell!("a.x", node = f(1, "b"), term); t!(words, "a.gone"); key!("a.y");"#;
    let used = uses(source)
        .into_iter()
        .map(|(key, names)| (key, vec![names]))
        .collect();
    let ours = read(r#"{"a": {"x": "{node}", "y": "{n}", "idle": "z"}}"#);
    let wrong = misused(&ours, &used);
    assert_eq!(
        wrong,
        [
            r#"a.gone: no such text in English"#,
            r#"a.x: has the gaps {"node"}, and is given {"node", "term"}"#,
            r#"a.idle: nobody says it"#,
        ]
    );
    let theirs = read(
        r#"{"a": {"x": "{nodes}", "y": {"by": "n", "one": "{n}", "other": "{n}"}}, "b": {"c": ""}}"#,
    );
    assert_eq!(
        differences(&ours, &theirs),
        [
            "zh-Hans: a.idle is missing",
            r#"zh-Hans: a.x has the gaps {"nodes"}, not {"node"}"#,
            r#"zh-Hans: a.y has the forms ["one", "other"], not ["other"]"#,
            "zh-Hans: b.c isn't in English",
        ]
    );
    for bad in ["a {b", "a} b", "**a", "{}", "{A}"] {
        assert!(gaps(bad).is_err(), "{bad}");
    }
}
