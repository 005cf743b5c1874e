//! Makes scripts and style sheets small, by esbuild.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::setup;
use crate::shell::{command, root};

/// The same `text`, a script (`js`) or a style sheet (`css`), as short as it gets. What it exports, or as
/// no module has on the outermost level, keeps its name.
pub fn minify(text: &[u8], language: &str) -> Result<Vec<u8>> {
    setup::node_modules()?;
    let loader = format!("--loader={language}");
    let options = ["--minify", &loader];
    let quiet = ["--charset=utf8", "--log-level=error"];
    // A script or a program: what npm makes of it depends on whether it may run scripts of packages.
    let tool = root().join("node_modules/.bin/esbuild");
    let mut esbuild = command(&tool.to_string_lossy(), &[&options[..], &quiet].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("can't start esbuild")?;
    esbuild.stdin.take().context("piped")?.write_all(text)?;
    let output = esbuild.wait_with_output()?;
    ensure!(output.status.success(), "esbuild ({})", output.status);
    Ok(output.stdout)
}
