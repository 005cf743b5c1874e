//! `kvorum sweep --table`: what a sweep finds without each rule, as a table in a file.

use crate::cli::{code, err, file, json, kvorum, out};

const WITHOUT: &str = "--rules=-session-dedup,-leader-append-only";

fn table<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let args = [
        "sweep",
        "--table",
        "--profile",
        "hostile",
        "--seeds",
        "0..2",
        "--storm",
        "5s",
        WITHOUT,
    ];
    [&args[..], more].concat()
}

#[test]
fn a_table_has_a_row_for_each_rule_and_is_put_into_a_file() {
    let (path, name) = file("table.md");
    let before = "Above.\n<!-- table -->\nold\n<!-- end of table -->\nBelow.\n";
    std::fs::write(&path, before).expect("it can be written");
    let output = kvorum(&table(&["--into", &name]));
    assert_eq!(code(&output), 0, "{}", err(&output));
    let told = out(&output);
    let rows: Vec<_> = told
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(rows.len(), 2, "{told}");
    assert!(
        rows[0].starts_with("| `leader-append-only` | none | nothing |  |"),
        "{told}"
    );
    assert!(rows[1].contains("Exactly Once"), "{told}");
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(
        text,
        format!("Above.\n<!-- table -->\n{told}<!-- end of table -->\nBelow.\n")
    );
}

#[test]
fn a_table_in_json_says_when_it_was_found() {
    let (exit, rows) = json(&table(&["--json"]));
    assert_eq!(exit, 0);
    let (kept, missed) = (&rows[0], &rows[1]);
    assert_eq!(kept["rule"], "leader-append-only");
    assert!(
        kept["first_seed"].is_null() && kept["simulated_seconds"].is_null(),
        "{kept}"
    );
    assert_eq!(missed["what"], "Exactly Once");
    assert!(missed["simulated_seconds"].is_u64(), "{missed}");
}

#[test]
fn a_file_without_a_place_for_a_table_stays() {
    let (path, name) = file("no-table.md");
    std::fs::write(&path, "nothing\n").expect("it can be written");
    let output = kvorum(&table(&["--into", &name]));
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("no place for a table"),
        "{}",
        err(&output)
    );
    assert_eq!(
        std::fs::read_to_string(&path).expect("it is there"),
        "nothing\n"
    );
}
