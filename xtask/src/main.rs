//! `cargo xtask …`: see [`xtask::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    match xtask::run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes in one line; a backtrace of ours would only bury them.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
