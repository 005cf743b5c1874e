//! Installs what is missing, once; says what it installs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, command, find, read, root, run};

/// What runs in the browser is compiled for this.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for wasm.
pub fn wasm_target() -> Result<()> {
    let library = read(&mut command(
        "rustc",
        &["--print", "target-libdir", "--target", WASM],
    ))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    println!("Installing Rust's {WASM} target");
    run(&mut command("rustup", &["target", "add", WASM]))
        .with_context(|| format!("please install Rust's {WASM} target: rustup target add {WASM}"))
}

/// The driver of a headless Chromium.
pub fn chromedriver() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMEDRIVER") {
        return Ok(path.into());
    }
    if find("chromedriver").is_none() {
        apt(&["chromium", "chromium-driver"])?;
    }
    find("chromedriver").context("chromedriver is not on PATH")
}

/// wasm-pack, which runs the browser tests as its users do.
pub fn wasm_pack() -> Result<PathBuf> {
    if let Some(path) = find("wasm-pack") {
        return Ok(path);
    }
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || std::env::home_dir().unwrap_or_default().join(".cargo"),
        PathBuf::from,
    );
    let path = home
        .join("bin/wasm-pack")
        .with_extension(std::env::consts::EXE_EXTENSION);
    if !path.exists() {
        println!("Installing wasm-pack (once; it takes some minutes)");
        let args = ["install", "--locked", "--version", "0.15.1", "wasm-pack"];
        run(&mut cargo(&args))?;
    }
    Ok(path)
}

/// The packages of package.json; they check the site or make it small, and are no part of it.
pub fn node_modules() -> Result<()> {
    let changed = |file: &str| fs::metadata(root().join(file)).and_then(|m| m.modified());
    if changed("node_modules/.package-lock.json")
        .is_ok_and(|installed| changed("package-lock.json").is_ok_and(|lock| installed >= lock))
    {
        return Ok(());
    }
    if find("npm").is_none() {
        apt(&["nodejs", "npm"])?;
    }
    println!("Installing the packages of package-lock.json");
    run(&mut command(
        "npm",
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    ))
}

/// Installs Debian packages, or says how to.
fn apt(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    let is_root = read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if find("apt-get").is_none() {
        bail!("please install {names} (these are the names of Debian's packages) and try again");
    }
    if !is_root {
        bail!("please install what is missing: sudo apt-get install {names}");
    }
    println!("Installing {names}");
    let apt_get = |args: &[&str]| {
        run(command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"))
            .with_context(|| format!("please install what is missing: apt-get install {names}"))
    };
    apt_get(&["update", "--quiet"])?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    apt_get(&[&install, packages].concat())
}
