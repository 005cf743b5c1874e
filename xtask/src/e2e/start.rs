//! When the page doesn't start, or isn't the newest: it says why, and what to do.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;

use super::Site;
use super::page::axe_everywhere;
use crate::serve::Fault;
use crate::shell;

/// Whatever it is that doesn't come, the reason takes the place of "Loading…".
pub fn says_why(site: &Site) -> Result<()> {
    let arrive = "A part of its program didn’t arrive";
    let policy = "A Content-Security-Policy forbids a part of the page";
    let stricter = index()?.replace(" 'wasm-unsafe-eval'", "");
    for (part, fault, why) in [
        ("/kvorum.js", Fault::Missing, arrive),
        ("/kvorum-web.js", Fault::Broken, arrive),
        ("/kvorum-web-pieces.js", Fault::Missing, arrive),
        ("_bg.wasm", Fault::Missing, arrive),
        (
            "_bg.wasm",
            Fault::Other(b"no module".into()),
            "Its program can’t be used",
        ),
        ("/index.html", Fault::Other(stricter.into()), policy),
    ] {
        site.faults.clear();
        site.faults.add(part, fault);
        let address = match part {
            "/index.html" => format!("{}index.html?seed=7", site.url),
            _ => format!("{}?seed=7", site.url),
        };
        site.page.load("about:blank")?;
        site.page.load(&address)?;
        failed(site, why).with_context(|| part.to_owned())?;
    }
    axe_everywhere(site, &["light", "dark"])?;
    site.faults.clear();
    let script = json!({ "source": "delete globalThis.WebAssembly;" });
    let hook = site
        .page
        .devtools("Page.addScriptToEvaluateOnNewDocument", script)?;
    site.page.load("about:blank")?;
    site.page.load(&format!("{}?seed=7", site.url))?;
    failed(site, "This browser runs no WebAssembly here")?;
    site.page
        .devtools("Page.removeScriptToEvaluateOnNewDocument", hook)?;
    site.page.console()?;
    Ok(())
}

/// What hasn't come within 20 seconds is said to be late; if it comes after that, all is well.
pub fn says_that_it_is_late(site: &Site) -> Result<()> {
    site.faults.add("_bg.wasm", Fault::Silent);
    site.page.load("about:blank")?;
    site.page.load(&format!("{}?seed=7", site.url))?;
    site.page
        .wait("document.querySelector('#app').textContent.includes('Loading…')")?;
    failed(site, "hasn’t arrived within 20 seconds")?;
    site.faults.clear();
    site.page.click(".kv-boot button")?;
    site.wait_for(1, "#app #stage")?;
    site.page.console()?;
    Ok(())
}

/// Opened from a disk, the page says that it needs a server.
pub fn files_need_a_server(site: &Site) -> Result<()> {
    let file = shell::root().join("dist/index.html");
    site.page.load("about:blank")?;
    site.page.load(&format!("file://{}", file.display()))?;
    failed(site, "Opened as a file, the page can’t load its program")?;
    site.page.console()?;
    Ok(())
}

/// In a sandbox without an origin no module can be had; the page says what the frame needs.
pub fn sandboxes_need_an_origin(site: &Site) -> Result<()> {
    site.page
        .js("const frame = document.createElement('iframe');
        frame.id = 'sandboxed';
        frame.sandbox = 'allow-scripts';
        frame.src = '?seed=7&embed';
        document.body.append(frame);")?;
    site.page.enter(Some("#sandboxed"))?;
    failed(site, "The page stands in a sandboxed frame")?;
    site.page.enter(None)?;
    site.page.console()?;
    Ok(())
}

/// A piece that went with the version before: the page offers to reload, and the run goes along.
pub fn new_versions_keep_the_run(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=1")?;
    site.type_keys(&[".", ".", ".", "2", "x"])?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    let script = fs::read_to_string(shell::root().join("dist/kvorum.js"))?;
    let newer = script.replace("build = \"", "build = \"0");
    ensure!(newer != script, "the loader has no version");
    site.faults.add("/kvorum.js", Fault::Other(newer.into()));
    site.faults.add("split_panels", Fault::Missing);
    site.page.press(&["?"])?;
    site.wait_for(1, "dialog.kv-newer")?;
    axe_everywhere(site, &["light", "dark"])?;
    site.faults.clear();
    site.page.console()?;
    site.page.click(".kv-newer .pri")?;
    site.page.wait("location.hash.startsWith('#run=1.')")?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    site.all_there()?;
    site.wait_for(0, ".kv-toast.bad")
}

/// A page that a cache kept, of a version whose files are gone.
pub fn old_pages_say_so(site: &Site) -> Result<()> {
    let old = index()?.replace("kvorum-build\" content=\"", "kvorum-build\" content=\"0");
    let address = format!("{}index.html?seed=7", site.url);
    site.faults.add(
        "/index.html",
        Fault::Other(old.replace("styles/app-", "styles/app-0").into()),
    );
    site.page.load("about:blank")?;
    site.page.load(&address)?;
    site.wait_for(1, "dialog.kv-newer")?;

    site.faults.add("/kvorum-web.js", Fault::Missing);
    site.page.load("about:blank")?;
    site.page.load(&address)?;
    failed(site, "This page is older than the site")?;
    site.faults.clear();
    site.page.click(".kv-boot button")?;
    site.wait_for(1, "#app #stage")?;
    site.page.console()?;
    Ok(())
}

/// The page as it was built.
fn index() -> Result<String> {
    Ok(fs::read_to_string(shell::root().join("dist/index.html"))?)
}

/// Waits until the page says this in its own place, and nothing else is there.
fn failed(site: &Site, why: &str) -> Result<()> {
    site.wait_for(1, ".kv-boot [role=alert]")?;
    let says = site.page.text("#app")?;
    ensure!(says.contains(why), "{says}");
    ensure!(!says.contains("Loading…"), "{says}");
    Ok(())
}
