//! What the command line says of itself: help, completions, manual pages.

use crate::cli::{code, err, file, kvorum, out};

const COMMANDS: [&str; 7] = [
    "run",
    "sweep",
    "explore",
    "check",
    "replay",
    "completions",
    "man",
];

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = kvorum(&["completions", shell]);
        let script = out(&output);
        assert_eq!(code(&output), 0, "{shell}: {}", err(&output));
        for word in COMMANDS.iter().chain(&["keep-going", "budget"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let output = kvorum(&["completions", "tcsh"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("bash"), "{}", err(&output));
}

#[test]
fn manual_pages_are_printed_or_written() {
    let output = kvorum(&["man"]);
    let page = out(&output);
    assert_eq!(code(&output), 0);
    assert!(
        page.contains(".TH kvorum 1") && page.contains("Exit codes"),
        "{page}"
    );
    let (folder, name) = file("man");
    let output = kvorum(&["man", &name]);
    assert_eq!(
        (code(&output), out(&output)),
        (0, String::new()),
        "{}",
        err(&output)
    );
    for command in COMMANDS {
        let page = std::fs::read_to_string(folder.join(format!("kvorum-{command}.1")));
        assert!(
            page.is_ok_and(|page| page.contains(".SH SYNOPSIS")),
            "{command}"
        );
    }
    std::fs::remove_dir_all(folder).expect("it is there");
    let output = kvorum(&["man", "Cargo.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("Cargo.toml: "), "{}", err(&output));
}

/// One table, in the help and in the documentation.
#[test]
fn exit_codes_are_documented() {
    let help = out(&kvorum(&["--help"]));
    let page = std::fs::read_to_string("docs/command-line.md").expect("it exists");
    for (exit, says) in kvorum::cli::Exit::ALL {
        let (code, says) = (*exit as u8, says.trim());
        let row = format!("| {code} | {says} |");
        assert!(page.contains(&row), "docs/command-line.md: {row}");
        let line = help
            .lines()
            .find(|line| line.trim_start().starts_with(&code.to_string()));
        assert!(
            line.is_some_and(|line| line.contains(says)),
            "{code}: {help}"
        );
    }
}
