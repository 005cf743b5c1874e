//! Which modules of a layer need each other: the circles that ARCHITECTURE.md names, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// By module: which others of its layer it names in its imports.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// The circles of each layer that has some.
const CIRCLES: [(&str, &[&str]); 8] = [
    ("check", &["history", "needs"]),
    ("kv", &["admin", "logged"]),
    (
        "raft",
        &[
            "append",
            "leader",
            "membership",
            "node",
            "read_index",
            "transfer",
        ],
    ),
    ("raft", &["configuration", "quorum", "types"]),
    ("run", &["history", "playhead"]),
    (
        "sim",
        &["chaos", "invariants", "operator", "reserve", "simulation"],
    ),
    ("sim", &["disk", "disk_fault"]),
    (
        "view",
        &["cluster_view", "members", "narrate", "standstill_view"],
    ),
];

/// What a file imports from its own layer; it stands `depth` modules below the layer's root.
fn imports(text: &str, layer: &str, depth: usize) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let word = |rest: &str| -> String {
        let letters = rest.chars();
        letters
            .take_while(|it| it.is_alphanumeric() || *it == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    for statement in code.split("use ").skip(1) {
        let supers = statement
            .split("super::")
            .take_while(|it| it.is_empty())
            .count();
        let path = &statement["super::".len() * supers..];
        let whole = statement.strip_prefix(&format!("crate::{layer}::"));
        if supers > 0 && supers >= depth {
            found.insert(word(path));
        } else if let Some(rest) = whole {
            found.insert(word(rest));
        }
    }
    found
}

fn read(folder: &Path, layer: &str, module: Option<&str>, depth: usize, needs: &mut Needs) {
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            read(
                &path,
                layer,
                Some(module.unwrap_or(&name)),
                depth + 1,
                needs,
            );
        } else if let Some(module) = module.or((name != "mod").then_some(&*name)) {
            let text = fs::read_to_string(&path).expect("it can be read");
            let depth = if name == "mod" { depth - 1 } else { depth };
            let found = imports(&text, layer, depth);
            needs.entry(module.to_owned()).or_default().extend(found);
        }
    }
}

/// The modules that a module reaches by what it needs.
fn reach<'a>(needs: &'a Needs, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        let others = needs.get(module).into_iter().flatten();
        let others = others.filter(|it| *it != module && needs.contains_key(*it));
        next.extend(
            others
                .filter(|it| reached.insert(it.as_str()))
                .map(|it| &**it),
        );
    }
    reached
}

fn circles(needs: &Needs) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<&str, _> = needs.keys().map(|it| (&**it, reach(needs, it))).collect();
    let circle = |module: &&str| {
        let back = |other: &&&str| reached[**other].contains(module);
        reached[module]
            .iter()
            .filter(back)
            .copied()
            .collect::<Vec<_>>()
    };
    let all = reached.keys().map(circle);
    all.filter(|circle| !circle.is_empty()).collect()
}

#[test]
fn modules_of_a_layer_need_each_other_only_where_that_has_a_reason() {
    for layer in [
        "base", "raft", "explore", "kv", "check", "sim", "run", "lesson", "view",
    ] {
        let mut needs = Needs::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(layer);
        read(&folder, layer, None, 1, &mut needs);
        let named = CIRCLES.iter().filter(|(of, _)| *of == layer);
        let named: BTreeSet<Vec<&str>> = named.map(|(_, circle)| circle.to_vec()).collect();
        assert_eq!(circles(&needs), named, "{layer}");
    }
}

#[test]
fn a_circle_is_found() {
    let needs = |pairs: &[(&str, &str)]| {
        let mut needs = Needs::new();
        for (module, text) in pairs {
            needs.insert((*module).to_owned(), imports(text, "sim", 1));
        }
        needs
    };
    let ring = needs(&[
        ("a", "use super::b::B;"),
        ("b", "use super::{x, y};\nuse crate::sim::c::C;"),
        (
            "c",
            "use super::a::A;\n#[cfg(test)]\nmod tests { use super::d; }",
        ),
        ("d", "use super::a::A;"),
    ]);
    assert_eq!(circles(&ring), BTreeSet::from([vec!["a", "b", "c"]]));
    let line = needs(&[("a", "use super::b::B;"), ("b", "use crate::base::a;")]);
    assert_eq!(circles(&line), BTreeSet::new());
}
