//! Links of strangers: the page says what is wrong with one, early, and stays a laboratory.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::webdriver::key;

/// A recording names its scenario by what would be another file's address.
const OTHER_PATH: &str = include_str!("../../../tests/cases/links/other-path.link");

/// 32 MB of spaces in 44,000 characters.
const BOMB: &str = include_str!("../../../tests/cases/links/unfolds-to-32-mb.link");

/// A name that could lead anywhere is refused before anything is fetched, on the page and in a
/// figure.
pub fn names_lead_nowhere(site: &Site) -> Result<()> {
    for options in ["?seed=7&level=2", "?seed=7&embed"] {
        site.page.load("about:blank")?;
        site.open(&format!("{options}{}", OTHER_PATH.trim()))?;
        refused(site, "scenario: 1 to 40 of a to z, 0 to 9 and - are needed")?;
        let fetched = site.page.js(
            "return performance.getEntriesByType('resource').map((entry) => entry.name)
                .filter((name) => /api|logout/.test(name));",
        )?;
        same("what was fetched", fetched, json!([]))?;
    }
    Ok(())
}

/// A link that unfolds to too much is refused before the browser has unfolded the rest.
pub fn bombs_are_refused(site: &Site) -> Result<()> {
    site.open("?seed=7&level=2")?;
    site.page.js("globalThis.taken = 0;
        const write = WritableStreamDefaultWriter.prototype.write;
        WritableStreamDefaultWriter.prototype.write = function (slice) {
            taken += slice.length;
            return write.call(this, slice);
        };")?;
    site.page
        .js(&format!("location.hash = {}", json!(BOMB.trim())))?;
    refused(site, "it unfolds to more than 8,388,608 bytes")?;
    let taken = site.page.js("return taken")?.as_u64().unwrap_or_default();
    ensure!((1..=12 << 10).contains(&taken), "{taken} bytes were taken");
    Ok(())
}

/// Links that would fill the memory, and the limits that they reach.
const FLOODS: [(&str, &str); 3] = [
    (
        include_str!("../../../tests/cases/links/retry-bomb.link"),
        "limits.requests allows 100,000",
    ),
    (
        include_str!("../../../tests/cases/links/elect-bomb.link"),
        "limits.packets allows 100,000",
    ),
    (
        include_str!("../../../tests/cases/links/hb-bomb.link"),
        "limits.packets allows 100,000",
    ),
];

/// What would fill the memory ends at a limit of the run, on the page and in a figure. The page says
/// which and what to change, and lives: the settings are there, and the way back to the beginning.
pub fn floods_end_at_a_limit(site: &Site) -> Result<()> {
    for (link, limit) in FLOODS {
        for options in ["?seed=7&level=2", "?seed=7&embed"] {
            site.page.load("about:blank")?;
            site.open(&format!("{options}{}", link.trim()))?;
            site.wait_for(1, ".kv-toast.bad")?;
            let says = site.text(".kv-toast.bad span")?;
            ensure!(says.contains(limit) && says.contains(" help."), "{says}");
            if options.contains("embed") {
                same(
                    "the figure",
                    site.text(".say b")?,
                    "Stopped by a limit.".into(),
                )?;
                // The way to the laboratory takes the run along.
                site.page
                    .js("document.querySelector('.kv-ebar .brand').focus()")?;
                site.page
                    .wait("document.querySelector('.kv-ebar .brand').hash.startsWith('#run=1.')")?;
            } else {
                // Pressing play says it again.
                site.page.click(".kv-toast .x")?;
                site.wait_for(0, ".kv-toast")?;
                site.page.click(".kv-play")?;
                site.wait_for(1, ".kv-toast.bad")?;
            }
            site.page.click(".kv-toast button")?;
            site.wait_for(1, "dialog .kv-set")?;
            site.all_there()?;
            site.page.press(&[key::ESCAPE])?;
            site.wait_for(0, "dialog")?;
        }
    }
    // The last one is a figure.
    site.page.click(".cta")?;
    site.page
        .wait("document.querySelector('.kv-ebar .clk').textContent === '0.000 s'")
}

/// Waits until the dialog says so; the laboratory is there behind it.
fn refused(site: &Site, why: &str) -> Result<()> {
    site.wait_for(1, "dialog .err")?;
    let says = site.text("dialog .err")?;
    ensure!(says.contains(why), "{says}");
    site.wait_for(1, "#stage")
}
