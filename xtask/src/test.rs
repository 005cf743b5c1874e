//! Every check and every test, in the order in which they fail soonest.

use std::path::Path;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::setup::{self, WASM};
use crate::shell::{cargo, command, read, root, run, run_and_read};
use crate::{e2e, licenses};

/// Rustdoc's warnings are errors; links to private items are none, for those are documented too.
const RUSTDOC: &str = "-D warnings -A rustdoc::private-intra-doc-links";

/// A heading and what is done under it; the number of tests that passed.
type Step = (&'static str, fn() -> Result<usize>);

const STEPS: &[Step] = &[
    ("Install what is missing", install),
    ("Formatting", || check(&["fmt", "--all", "--check"])),
    ("Licences, and Cargo.lock up to date", || {
        licenses::check().map(|()| 0)
    }),
    ("Types of the JavaScript API", types),
    ("Clippy, native", || {
        check(&[
            "clippy",
            "--locked",
            "--workspace",
            "--no-default-features",
            "--features",
            "kvorum/cli",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    }),
    ("Clippy, wasm", || {
        check(&[
            "clippy",
            "--locked",
            "--target",
            WASM,
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    }),
    ("Documentation, native and wasm", documentation),
    ("The engine without any web dependency", engine_alone),
    ("Native tests", native_tests),
    (
        "Browser tests (wasm-pack test --headless --chrome)",
        browser_tests,
    ),
    ("End-to-end tests of the built site", || e2e::run("")),
];

/// Runs every step; stops at the first that fails.
pub fn run_all() -> Result<()> {
    let start = Instant::now();
    let mut passed = 0;
    for (index, (heading, step)) in STEPS.iter().enumerate() {
        let started = Instant::now();
        println!("\n== {}/{} {heading}", index + 1, STEPS.len());
        passed += step().with_context(|| format!("step {:?}", heading))?;
        println!("== done in {:.1} s", started.elapsed().as_secs_f64());
    }
    println!(
        "\nEverything passed in {:.0} s.",
        start.elapsed().as_secs_f64()
    );
    println!("test result: ok. {passed} passed; 0 failed");
    Ok(())
}

fn install() -> Result<usize> {
    setup::wasm_target()?;
    setup::chromedriver()?;
    setup::wasm_pack()?;
    setup::node_modules()?;
    // The wasm-bindgen tools that wasm-pack will look for.
    check(&["build", "--locked", "--package", "xtask", "--bins"])
}

fn check(args: &[&str]) -> Result<usize> {
    run(&mut cargo(args)).map(|()| 0)
}

/// A script that uses the API's types, and misuses them where it says so.
fn types() -> Result<usize> {
    let tsc = ["node_modules/typescript/bin/tsc", "--noEmit", "--strict"];
    let careful = ["--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
    let modules = ["--target", "esnext", "--module", "esnext"];
    let how = ["--moduleResolution", "bundler", "tests/types/example.ts"];
    let args = [&tsc[..], &careful, &modules, &how].concat();
    run(&mut command("node", &args)).map(|()| 0)
}

fn documentation() -> Result<usize> {
    let doc = ["doc", "--locked", "--no-deps"];
    let inside = [&doc[..], &["--document-private-items", "--lib"]].concat();
    let native = ["--no-default-features", "--features", "cli"];
    for more in [&native[..], &["--target", WASM]] {
        run(cargo(&[&inside, more].concat()).env("RUSTDOCFLAGS", RUSTDOC))?;
    }
    // As people type it, who see nothing private.
    for more in [&["--no-default-features"][..], &[]] {
        run(cargo(&[&doc, more].concat()).env("RUSTDOCFLAGS", "-D warnings"))?;
    }
    Ok(0)
}

fn engine_alone() -> Result<usize> {
    check(&["check", "--locked", "--no-default-features"])?;
    let tree = read(&mut cargo(&[
        "tree",
        "--locked",
        "--no-default-features",
        "--edges",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
    ]))?;
    let web = [
        "wasm-bindgen",
        "js-sys",
        "web-sys",
        "yew",
        "getrandom",
        "serde-wasm-bindgen",
    ];
    for package in tree.lines().filter_map(|line| line.split(' ').next()) {
        if web.contains(&package) {
            bail!("the engine depends on {package}");
        }
    }
    Ok(0)
}

fn native_tests() -> Result<usize> {
    let mut total = 0;
    let test = ["test", "--locked", "--no-default-features"];
    for more in [
        &["--doc"][..],
        &["--features", "cli", "--lib", "--bins", "--tests"],
        // With the profile that has built xtask already.
        &["--package", "xtask", "--profile", "dev", "--lib"],
    ] {
        total += passed(&run_and_read(&mut cargo(&[&test, more].concat()))?);
    }
    Ok(total)
}

/// As a user types it, with our own wasm-bindgen on PATH; every test that the sources hold has to
/// have run.
fn browser_tests() -> Result<usize> {
    let own = env::current_exe()?;
    let folders = env::var_os("PATH").unwrap_or_default();
    let path = own.parent().into_iter().map(Into::into);
    let path = env::join_paths(path.chain(env::split_paths(&folders)))?;
    let mut wasm_pack = command(
        &setup::wasm_pack()?.to_string_lossy(),
        &["test", "--headless", "--chrome"],
    );
    // A backtrace of the test runner tells nothing about a test.
    wasm_pack.env("PATH", path).env("RUST_BACKTRACE", "0");
    let ran = passed(&run_and_read(&mut wasm_pack)?);
    let written = written_browser_tests(root().join("src").as_path())?
        + written_browser_tests(root().join("tests").as_path())?;
    ensure!(
        ran == written && ran > 0,
        "{written} browser tests stand in the sources, {ran} have passed"
    );
    Ok(ran)
}

/// How many tests of the browser the sources in `folder` hold.
fn written_browser_tests(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            count += written_browser_tests(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path)?;
            let marked = |line: &&str| line.trim() == "#[wasm_bindgen_test]";
            count += source.lines().filter(marked).count();
        }
    }
    Ok(count)
}

/// The sum of all lines such as `test result: ok. 12 passed; 0 failed`.
fn passed(output: &str) -> usize {
    output
        .lines()
        .filter_map(|line| line.split_once("test result: ok. ")?.1.split(' ').next())
        .filter_map(|number| number.parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn results_are_summed() {
        let output = "\ntest result: ok. 2 passed; 0 failed\nx\n    test result: ok. 40 passed;\n";
        assert_eq!(passed(output), 42);
        assert_eq!(passed("running 0 tests"), 0);
    }
}
