//! When the program panics.

use anyhow::{Result, ensure};

use super::{Site, same};

/// A panic shows seed and journal, and Restart begins the same run again.
///
/// The page has no way to panic that is known. So the browser is made to refuse what it never
/// refuses: a new element.
pub fn shows_the_run(site: &Site) -> Result<()> {
    site.open("?scenario=replication&seed=42&level=2&rules=-persist-vote")?;
    site.type_keys(&["2", "x"])?;
    site.wait_for(1, ".kv-node[data-role=crashed]")?;
    site.page
        .js("Node.prototype.insertBefore = () => { throw new Error('on purpose'); }")?;
    site.page.press(&["?"])?;
    site.wait_for(1, ".kv-stopped")?;
    let says = site.page.text(".kv-stopped")?;
    for part in ["The simulation stopped", "Scenario replication, seed 42"] {
        ensure!(says.contains(part), "no {part:?} in {says:?}");
    }
    let journal = site
        .page
        .js("return document.querySelector('.kv-stopped textarea').value")?;
    let journal: serde_json::Value = serde_json::from_str(journal.as_str().unwrap_or_default())?;
    same(
        "the action",
        journal[0]["action"]["action"].as_str(),
        Some("crash"),
    )?;
    same("its server", journal[0]["action"]["node"].as_u64(), Some(2))?;
    let said = site.page.console()?.join("\n");
    ensure!(said.contains("panicked"), "the console: {said:?}");

    site.page.click(".kv-stopped a")?;
    site.page
        .wait("location.search.startsWith('?scenario=replication&seed=42&rules=all,')")?;
    site.page.wait("document.querySelector('#app #stage')")?;
    site.wait_for(0, ".kv-stopped")?;
    let off = site
        .page
        .js("return document.querySelector('.kv-off').title")?;
    let off = off.as_str().unwrap_or_default();
    ensure!(off.contains("persist-vote"), "the rules: {off:?}");
    Ok(())
}
