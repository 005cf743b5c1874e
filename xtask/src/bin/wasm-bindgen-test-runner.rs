//! `wasm-bindgen-test-runner` at the version that Cargo.lock pins: cargo and wasm-pack run the
//! browser tests with it.
//!
//! A browser leaves its profile in the temporary folder. So the runner starts itself once more with
//! a folder of its own there, and removes that when the tests have ended.

use std::process::{Command, exit};

/// Set for the inner of the two processes.
const INNER: &str = "KVORUM_TEST_RUNNER_INNER";

fn main() -> anyhow::Result<()> {
    if std::env::var_os(INNER).is_some() {
        return wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os());
    }
    let folder = xtask::temporary::Folder::new()?;
    let status = folder
        .set_for(&mut Command::new(std::env::current_exe()?))
        .args(std::env::args_os().skip(1))
        .env(INNER, "1")
        .status()?;
    folder.remove()?;
    exit(status.code().unwrap_or(1));
}
