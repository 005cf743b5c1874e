//! How long a frame's script takes in the built site: `cargo xtask frames`.
//!
//! A figure for docs/performance.md, never a test: it depends on the machine and on what else runs there.

use std::net::TcpListener;

use anyhow::{Context, Result};
use serde_json::json;

use crate::serve::Server;
use crate::webdriver::Page;
use crate::{dist, shell};

/// Frames that are measured.
const FRAMES: u32 = 600;

/// Measures each frame's callbacks, and what they leave to do right behind them (Yew renders
/// there), until nothing is left.
const WATCH: &str = "
    globalThis.spent = [];
    const raf = globalThis.requestAnimationFrame;
    globalThis.requestAnimationFrame = (frame) => raf((now) => {
      const start = performance.now();
      frame(now);
      let rest = Promise.resolve();
      for (let turn = 0; turn < 8; turn++) rest = rest.then(() => {});
      rest.then(() => spent.push(performance.now() - start));
    });";

/// Builds the site and prints the figures.
pub fn run() -> Result<()> {
    dist::run(dist::Care::Full)?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let url = Server::start(listener, &shell::root().join("dist"), "/")?.url;
    let page = Page::open()?;
    page.resize(1440, 900)?;
    page.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": WATCH }),
    )?;
    println!("script per frame in ms, 5 servers, all panels open | median | 95th percentile");
    for (what, speed) in [("1 s = 50 ms", 0), ("1 s = 500 ms", 3)] {
        page.load(&format!("{url}?scenario=lab&seed=7&level=3"))?;
        page.wait("document.querySelector('.kv-play')")?;
        page.click(".kv-play")?;
        for _ in 0..speed {
            page.press(&["]"])?;
        }
        let told = page.text(".kv-speed b")?;
        page.js("spent.length = 0")?;
        page.js_later(&format!(
            "const done = arguments[0];
            const wait = () => spent.length < {FRAMES} ? setTimeout(wait, 100) : done();
            wait();"
        ))?;
        let spent = page.js("return spent.sort((a, b) => a - b)")?;
        let spent: Vec<f64> = serde_json::from_value(spent).context("numbers")?;
        let at = |share: usize| spent[spent.len() * share / 100];
        println!("{what} ({told}) | {:.1} | {:.1}", at(50), at(95));
    }
    page.close()
}
