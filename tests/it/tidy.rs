//! The rules of the source that no compiler checks.
//!
//! Each rule is a function of one file that gives what is wrong in it; `rules_bite` shows each of
//! them a file that breaks it.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer imports only layers to its left. The last two stand beside each other: neither
/// imports the other.
const LAYERS: [&str; 11] = [
    "base", "raft", "explore", "kv", "check", "sim", "run", "lesson", "view", "web", "cli",
];

/// The layers that meet the world.
const OUTER: [&str; 2] = ["web", "cli"];

/// The layers that decide what happens in a run.
const ENGINE: [&str; 8] = [
    "base", "raft", "explore", "kv", "check", "sim", "run", "lesson",
];

/// No file is longer.
const LINES: usize = 500;

/// Words that have no place left of `web`: input and output, clocks, chance, other threads.
const IMPURE: [&str; 12] = [
    "std::fs",
    "std::io",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "std::time",
    "thread_local!",
    "println!",
    "eprintln!",
    "getrandom",
    "size_of",
];

/// Where the components are.
const COMPONENTS: &str = "src/web/components/";

/// Who leads a run; only a figure's driver has one.
const RUNS: [&str; 3] = ["Playhead", "Simulation", "Driver"];

/// Words that stand for work not done.
const UNFINISHED: [&str; 5] = ["todo!", "unimplemented!", "dbg!", "TODO", "FIXME"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with one of the extensions under `folder`, by their path from the root.
fn files(folder: &str, extensions: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            if entry.file_name() == "target" {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
            {
                let path = path.strip_prefix(root()).expect("under the root");
                found.push(path.to_str().expect("a plain name").replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn rust_files() -> Vec<String> {
    let folders = ["src", "tests", "benches", "xtask/src"];
    folders
        .iter()
        .flat_map(|folder| files(folder, &["rs"]))
        .collect()
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Asserts that `rule` finds nothing wrong in any of the files.
fn assert_tidy(paths: &[String], rule: impl Fn(&str, &str) -> Vec<String>) {
    assert!(!paths.is_empty(), "no file to look at");
    let wrong: Vec<String> = paths
        .iter()
        .flat_map(|path| rule(path, &text(path)))
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// The layer that a file belongs to.
fn layer(path: &str) -> Option<usize> {
    let inside = path.strip_prefix("src/")?;
    let name = inside.split(['/', '.']).next()?;
    LAYERS.iter().position(|layer| *layer == name)
}

fn in_engine(path: &str) -> bool {
    layer(path).is_some_and(|at| ENGINE.contains(&LAYERS[at]))
}

/// The lines of a file without their comments, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| {
        let end = line
            .match_indices("//")
            .find(|(start, _)| !line[..*start].ends_with(':'))
            .map_or(line.len(), |(start, _)| start);
        (at + 1, &line[..end])
    })
}

/// Whether `word` stands in `line` with nothing of an identifier around it.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

/// The first names of the paths that start with `crate::`, `kvorum::` or a chain of `super::`.
fn roots_of_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let clean: String = code(text).map(|(_, line)| format!("{line}\n")).collect();
    for start in ["crate::", "kvorum::", "super::"] {
        for (at, _) in clean.match_indices(start) {
            let line = clean[..at].matches('\n').count() + 1;
            let rest = &clean[at + start.len()..];
            let names = match rest.strip_prefix('{') {
                Some(group) => heads(group),
                None => vec![rest],
            };
            found.extend(names.into_iter().map(|name| {
                let name = name.trim_start();
                let end = name
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(name.len());
                (line, name[..end].to_owned())
            }));
        }
    }
    found
}

/// Where each member of a group of imports starts: `a::{b, c}, d}` has `a…` and `d…`.
fn heads(group: &str) -> Vec<&str> {
    let (mut starts, mut depth) = (vec![group], 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(&group[at + 1..]),
            _ => {}
        }
    }
    starts
}

fn imports_to_the_right(path: &str, text: &str) -> Vec<String> {
    let Some(own) = layer(path) else {
        return Vec::new();
    };
    let left = match LAYERS[own] {
        outer if OUTER.contains(&outer) => LAYERS.len() - OUTER.len(),
        _ => own,
    };
    let foreign = |name: &str| {
        let at = LAYERS.iter().position(|layer| *layer == name);
        at.is_some_and(|at| at != own && at >= left)
    };
    roots_of_paths(text)
        .into_iter()
        .filter(|(_, name)| foreign(name))
        .map(|(line, name)| format!("{path}:{line}: {} imports {name}", LAYERS[own]))
        .collect()
}

fn no_header(path: &str, text: &str) -> Vec<String> {
    if text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!("{path}:1: says not what it is for (//!)")]
}

fn too_long(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines <= LINES {
        return Vec::new();
    }
    vec![format!("{path}: {lines} lines; at most {LINES}")]
}

fn floats(path: &str, text: &str) -> Vec<String> {
    let literal = |line: &str| {
        line.match_indices('.').any(|(at, _)| {
            let digits = |c: char| c.is_ascii_digit() || c == '_';
            let before = line[..at].trim_end_matches(digits);
            before.len() < at
                && !before.ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '"')
                && line[at + 1..].starts_with(|c: char| c.is_ascii_digit())
        })
    };
    // A line with a text in it may well say 0.5.
    let bad = |line: &str| {
        has_word(line, "f64") || has_word(line, "f32") || !line.contains('"') && literal(line)
    };
    code(text)
        .filter(|(_, line)| bad(line))
        .map(|(line, code)| format!("{path}:{line}: a float: {}", code.trim()))
        .collect()
}

fn words(path: &str, text: &str, banned: &[&str]) -> Vec<String> {
    text.lines()
        .enumerate()
        .flat_map(|(at, line)| {
            banned
                .iter()
                .filter(move |word| has_word(line, word))
                .map(move |word| format!("{path}:{}: {word}", at + 1))
        })
        .collect()
}

fn reaches_a_run(path: &str, text: &str) -> Vec<String> {
    let named = |line: &str| RUNS.into_iter().find(|word| has_word(line, word));
    code(text)
        .filter_map(|(at, line)| Some(format!("{path}:{at}: {}", named(line)?)))
        .collect()
}

fn impure(path: &str, text: &str) -> Vec<String> {
    let code: String = code(text).map(|(_, line)| format!("{line}\n")).collect();
    words(path, &code, &IMPURE)
}

/// What documents say of the repository: its paths, the commands of xtask, targets of cargo.
fn stale_names(path: &str, text: &str) -> Vec<String> {
    let commands = self::text("xtask/src/lib.rs");
    let manifest = self::text("Cargo.toml");
    let mut wrong = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if path.ends_with(".rs") && !line.trim_start().starts_with("//") {
            continue;
        }
        let mut complain = |what: String| wrong.push(format!("{path}:{}: {what}", at + 1));
        for name in line.split('`').skip(1).step_by(2).chain(links(line)) {
            if is_path(name) && !exists(path, name) {
                complain(format!("no such file: {name}"));
            }
        }
        for command in words_after(line, "cargo xtask ") {
            if !commands.contains(&format!("[\"{command}\"")) {
                complain(format!("no such command: cargo xtask {command}"));
            }
        }
        for kind in ["bench", "bin", "test"] {
            for name in words_after(line, &format!("--{kind} ")) {
                let places = ["benches/NAME.rs", "tests/NAME.rs", "tests/NAME/main.rs"];
                let in_place = places
                    .iter()
                    .any(|place| exists("", &place.replace("NAME", name)));
                if !in_place && !manifest.contains(&format!("name = \"{name}\"")) {
                    complain(format!("no such {kind}: {name}"));
                }
            }
        }
    }
    wrong
}

/// The targets of Markdown links into the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.contains("://") && target.contains('/') | target.contains('.'))
}

/// Whether a name in a text is a path of the repository: `src/raft`, `README.md`.
fn is_path(name: &str) -> bool {
    let folders = [
        "src/", "tests/", "benches/", "www/", "xtask/", ".ci/", ".cargo/",
    ];
    let plain = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    name.chars().all(plain)
        && (folders.iter().any(|folder| name.starts_with(folder))
            || [".md", ".toml"].iter().any(|end| name.ends_with(end)))
}

fn exists(document: &str, name: &str) -> bool {
    let beside = Path::new(document).parent().unwrap_or(Path::new(""));
    root().join(name).exists() || root().join::<PathBuf>(beside.join(name)).exists()
}

/// The words that follow `start` in a line.
fn words_after<'a>(line: &'a str, start: &str) -> Vec<&'a str> {
    let end = |c: char| !c.is_alphanumeric() && c != '-' && c != '_';
    line.match_indices(start)
        .filter_map(|(at, _)| line[at + start.len()..].split(end).next())
        .filter(|word| !word.is_empty() && !word.chars().all(char::is_uppercase))
        .collect()
}

fn layer_files(wanted: fn(&str) -> bool) -> Vec<String> {
    files("src", &["rs"])
        .into_iter()
        .filter(|path| wanted(path))
        .collect()
}

#[test]
fn layers_import_only_to_the_left() {
    assert_tidy(&rust_files(), imports_to_the_right);
}

#[test]
fn files_say_what_they_are_for() {
    assert_tidy(&rust_files(), no_header);
}

#[test]
fn files_fit_in_the_head() {
    assert_tidy(&rust_files(), too_long);
}

#[test]
fn a_module_with_a_folder_stands_inside_of_it() {
    let files = rust_files();
    let beside = files.iter().filter(|path| {
        let folder = path.trim_end_matches(".rs");
        files.iter().any(|it| it.starts_with(&format!("{folder}/")))
    });
    assert_eq!(beside.collect::<Vec<_>>(), [] as [&String; 0]);
}

#[test]
fn the_engine_has_no_floats() {
    assert_tidy(&layer_files(in_engine), floats);
}

#[test]
fn layers_left_of_web_touch_nothing_outside() {
    let left_of_web = |path: &str| layer(path).is_some_and(|at| !OUTER.contains(&LAYERS[at]));
    assert_tidy(&layer_files(left_of_web), impure);
}

/// A component asks and is answered; the run it never holds.
#[test]
fn components_reach_no_run() {
    let paths = layer_files(|path| path.starts_with(COMPONENTS));
    assert_tidy(&paths, reaches_a_run);
}

#[test]
fn nothing_is_left_for_later() {
    let itself = |path: &String| path != "tests/it/tidy.rs";
    let paths: Vec<String> = rust_files().into_iter().filter(itself).collect();
    assert_tidy(&paths, |path, text| words(path, text, &UNFINISHED));
}

#[test]
fn documents_name_what_exists() {
    let mut paths = rust_files();
    paths.retain(|path| path != "tests/it/tidy.rs");
    let documents = [
        "README.md",
        "ARCHITECTURE.md",
        "index.html",
        "docs/command-line.md",
        "docs/glossary.md",
        "docs/performance.md",
    ];
    paths.extend(
        documents
            .iter()
            .filter(|name| exists("", name))
            .map(|name| (*name).to_owned()),
    );
    assert_tidy(&paths, stale_names);
}

#[test]
fn lock_files_name_no_host_of_their_own() {
    let index = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    for source in text("Cargo.lock")
        .lines()
        .filter_map(|line| line.strip_prefix("source = "))
    {
        assert_eq!(source, index);
    }
    assert!(!text("package-lock.json").contains("://"));
}

#[test]
fn rules_bite() {
    let raft = "src/raft/log.rs";
    for import in [
        "use crate::sim::Host;",
        "use crate::{base::Time, kv};",
        "use crate::{\n    base::{Span, Time},\n    view::Told,\n};",
        "use super::super::kv;",
        "fn f(x: crate::web::App) {}",
    ] {
        assert_eq!(imports_to_the_right(raft, import).len(), 1, "{import}");
    }
    for import in [
        "use crate::base::sim;",
        "use super::kvs;",
        "// crate::sim",
        "use crate::raft;",
    ] {
        assert!(imports_to_the_right(raft, import).is_empty(), "{import}");
    }
    for [from, to] in [["cli", "web"], ["web", "cli"]] {
        let path = format!("src/{from}/mod.rs");
        assert_eq!(
            imports_to_the_right(&path, &format!("use crate::{to}::x;")).len(),
            1
        );
        assert!(imports_to_the_right(&path, "use crate::{view, sim::Event};").is_empty());
        assert!(imports_to_the_right(&path, &format!("use crate::{from}::x;")).is_empty());
    }
    for float in ["let x: f64 = y;", "let x = 0.5;", "f(1_000.25)"] {
        assert_eq!(floats(raft, float).len(), 1, "{float}");
    }
    for whole in ["self.0.1", "0..5", "x.0.0", "1.max(2)", "// 0.5", "a1.0"] {
        assert!(floats(raft, whole).is_empty(), "{whole}");
    }
    assert_eq!(impure(raft, "use std::time::Instant; // std::fs").len(), 1);
    assert_eq!(words(raft, "    todo!()", &UNFINISHED).len(), 1);
    for (line, wrong) in [
        ("run: &Playhead", 1),
        ("// Playhead", 0),
        ("use_playhead()", 0),
    ] {
        assert_eq!(reaches_a_run(COMPONENTS, line).len(), wrong, "{line}");
    }
    assert_eq!(no_header(raft, "use std::fmt;").len(), 1);
    assert_eq!(too_long(raft, &"\n".repeat(LINES + 1)).len(), 1);
    for stale in [
        "see `src/raft/no_such.rs`",
        "[map](no/such.md)",
        "run `cargo xtask fly`",
        "`cargo bench --bench no_such`",
    ] {
        assert_eq!(stale_names("README.md", stale).len(), 1, "{stale}");
    }
    for fresh in [
        "`src/base`",
        "[x](Cargo.toml)",
        "`cargo xtask serve --port N`",
        "--test it",
    ] {
        assert!(stale_names("README.md", fresh).is_empty(), "{fresh}");
    }
}
