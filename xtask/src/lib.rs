//! Builds the site, serves it and runs every test: `cargo xtask serve`, `cargo xtask test`.
//!
//! Each command installs what it needs where that is missing, says so, and does nothing twice.
//! Nothing is installed by hand: the wasm-bindgen tools are programs of this package, and
//! Cargo.lock keeps them at the version of the library.
#![forbid(unsafe_code)]

use anyhow::{Context, Result, bail};

mod dist;
mod e2e;
mod frames;
mod lessons;
mod licenses;
mod minify;
mod module;
mod names;
mod serve;
mod setup;
mod shell;
mod sizes;
pub mod temporary;
mod test;
pub mod webdriver;
mod words;

/// What `cargo xtask help` prints.
const USAGE: &str = "\
cargo xtask serve [--port N]  build the site, serve it on 127.0.0.1 and print the address
cargo xtask dist              build the site into dist/ and print the size of each file
cargo xtask test              every check and every test; what continuous integration runs
cargo xtask e2e [NAME]        build the site and run the end-to-end tests whose name has NAME in it
cargo xtask frames            build the site and print how long a frame's script takes";

/// Runs the command that the arguments name.
pub fn run(args: Vec<String>) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve"] => serve::run(None),
        ["serve", "--port", port] => {
            let port = port
                .parse()
                .with_context(|| format!("--port wants a number up to 65535, not {port:?}"))?;
            serve::run(Some(port))
        }
        ["dist"] => dist::run(dist::Care::Full),
        ["test"] => test::run_all(),
        ["frames"] => frames::run(),
        ["e2e"] => e2e::run("").map(drop),
        ["e2e", filter] => e2e::run(filter).map(drop),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("no such command; there are\n{USAGE}"),
    }
}
