//! Links of strangers: the page says what is wrong with one, early, and stays a laboratory.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};

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

/// Waits until the dialog says so; the laboratory is there behind it.
fn refused(site: &Site, why: &str) -> Result<()> {
    site.wait_for(1, "dialog .err")?;
    let says = site.text("dialog .err")?;
    ensure!(says.contains(why), "{says}");
    site.wait_for(1, "#stage")
}
