//! Functions fit on a screen: at most 70 lines.

use std::fs;
use std::path::Path;

/// The most lines of a function.
const LINES: usize = 70;

/// Those that are longer: each has an arm for every message or every action, and nothing else.
const LONGER: [&str; 2] = [
    "src/raft/node.rs: receive",
    "src/sim/check_action.rs: check_action",
];

/// The names of the functions in a file that are longer than a screen, with their lines.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |line: &str| {
        let head = line.trim_start();
        let head = head.strip_prefix("pub").map_or(head, |rest| {
            rest.strip_prefix('(')
                .and_then(|rest| rest.split_once(')'))
                .map_or(rest, |(_, rest)| rest)
        });
        let head = head.trim_start().trim_start_matches("const ");
        let name = head.trim_start_matches("async ").strip_prefix("fn ")?;
        let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        Some(name[..end?].to_owned())
    };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = begins(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let close = format!("{indent}}}");
        let end = lines[at..].iter().position(|line| *line == close);
        let one_line = line.ends_with('}') || line.ends_with(';');
        let length = end.filter(|_| !one_line).map_or(1, |end| end + 1);
        if length > LINES {
            found.push((name, length));
        }
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<(String, usize)>) {
    for entry in fs::read_dir(folder).expect("it is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).expect("it can be read");
            let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR"));
            let file = file.expect("it is in the package").display();
            let long = long_functions(&text).into_iter();
            found.extend(long.map(|(name, lines)| (format!("{file}: {name}"), lines)));
        }
    }
}

#[test]
fn functions_fit_on_a_screen() {
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found.sort();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, LONGER, "functions above {LINES} lines: {found:#?}");
}

#[test]
fn a_long_function_is_found() {
    let long = format!(
        "    pub(super) fn long(\n    ) {{\n{}    }}\n",
        "        a;\n".repeat(70)
    );
    let short = format!("const fn short() {{\n{}}}\n", "    a;\n".repeat(60));
    let text = format!("{short}fn none() {{}}\n{long}{short}");
    assert_eq!(long_functions(&text), [("long".to_owned(), 73)]);
}
