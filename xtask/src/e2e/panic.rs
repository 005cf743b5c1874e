//! When the program stops: by a panic, or because there is no memory left.

use anyhow::{Result, ensure};

use super::Site;

/// A panic shows the run, and Restart goes to the same one: its settings, its actions, its moment.
///
/// The page has no way to panic that is known. So the browser is made to refuse what it never
/// refuses: a new element.
pub fn shows_the_run(site: &Site) -> Result<()> {
    site.open("?scenario=replication&seed=42&level=2&rules=-persist-vote")?;
    site.type_keys(&[".", ".", ".", "2", "x"])?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    let at = site.page.js(MOMENT)?;
    site.page
        .js("Node.prototype.insertBefore = () => { throw new Error('on purpose'); }")?;
    site.page.press(&["?"])?;
    site.wait_for(1, ".kv-stopped .pri")?;
    let said = site.page.console()?.join("\n");
    ensure!(said.contains("panicked"), "the console: {said:?}");
    stopped(
        site,
        &[
            "This is a mistake in Kvorum",
            "replication, seed 42, 1 action",
        ],
    )?;

    site.page.click(".kv-stopped .pri")?;
    reopened(site)?;
    ensure!(site.page.js(MOMENT)? == at, "another moment than {at}");
    let off = site
        .page
        .js("return document.querySelector('.kv-off').title")?;
    let off = off.as_str().unwrap_or_default();
    ensure!(off.contains("persist-vote"), "the rules: {off:?}");
    Ok(())
}

/// Memory that can't grow ends the program by a trap. The page says so, and keeps the run.
pub fn memory_is_full(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=42&level=2")?;
    site.type_keys(&["2", "x"])?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    // All that there may be is taken, though not used: it costs nothing.
    site.page.js_later(
        "const done = arguments[0];
        import(new URL('kvorum.js', location).href).then(({ ready }) => ready).then(({ memory }) => {
            for (let pages = 16384; pages >= 1;) {
                try { memory.grow(pages); } catch { pages >>= 1; }
            }
            done();
        });",
    )?;
    site.page.click(".kv-play")?;
    site.wait_for(1, ".kv-stopped .pri")?;
    stopped(
        site,
        &["The run filled the page’s memory", "lab, seed 42, 1 action"],
    )?;
    site.page.console()?;
    site.page.click(".kv-stopped .pri")?;
    reopened(site)
}

/// Where the reader is.
const MOMENT: &str = "return document.querySelector('[role=slider]').getAttribute('aria-valuenow')";

/// The page says this, and has a link; nothing of the page behind can be used.
fn stopped(site: &Site, parts: &[&str]) -> Result<()> {
    let says = site.page.text(".kv-stopped")?;
    for part in ["The simulation stopped"].iter().chain(parts) {
        ensure!(says.contains(part), "no {part:?} in {says:?}");
    }
    let link = site
        .page
        .js("return document.querySelector('.kv-stopped textarea').value")?;
    let link = link.as_str().unwrap_or_default();
    ensure!(link.contains("#run=1."), "the link: {link:?}");
    site.wait_for(1, "#app[inert]")?;
    site.type_keys(&["?", "g"])?;
    site.wait_for(0, "dialog")
}

/// The run of the link is there again.
fn reopened(site: &Site) -> Result<()> {
    site.page.wait("location.hash.startsWith('#run=1.')")?;
    site.wait_for(0, ".kv-stopped")?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    site.all_there()?;
    site.wait_for(0, ".kv-toast.bad")
}
