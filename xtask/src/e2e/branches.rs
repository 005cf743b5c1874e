//! Going back, and acting there: by keyboard alone.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::webdriver::key;

/// An action in the past starts a branch; the old one is as it was.
pub fn act_in_the_past(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["]", "]", "]", " "])?;
    site.wait_for(1, ".kv-node[data-role=leader]")?;
    site.page.press(&[" "])?;
    site.wait_for(1, "[aria-label^=Play]")?;
    let (end, events) = (clock(site)?, site.texts(".kv-feed li p")?);

    site.page
        .js("document.querySelector('.kv-tlsvg').focus()")?;
    site.type_keys(&[key::LEFT, key::LEFT, key::PAGE_DOWN])?;
    site.wait_for(1, ".kv-past")?;
    ensure!(clock(site)? < end, "the clock stands at {}", clock(site)?);
    site.type_keys(&["4", "x"])?;
    site.wait_for(1, "#stage .kv-node[data-role=crashed] #stage-S4")?;
    site.wait_for(2, ".kv-branch option")?;
    let told = site.text(".kv-toast")?;
    ensure!(told.contains("starts at"), "the message: {told:?}");

    site.page.click(".kv-branch option:first-child")?;
    site.wait_for(0, ".kv-node[data-role=crashed]")?;
    site.page.click(".kv-past button")?;
    site.wait_for(0, ".kv-past")?;
    same("the old branch's end", clock(site)?, end)?;
    same("its events", site.texts(".kv-feed li p")?, events)?;
    site.page.click(".kv-branch option:last-child")?;
    site.wait_for(1, "#stage .kv-node[data-role=crashed] #stage-S4")
}

/// The digits of the clock.
fn clock(site: &Site) -> Result<f64> {
    let digits = site
        .page
        .js("return +document.querySelector('.kv-clock output').textContent")?;
    ensure!(digits != json!(null), "no clock");
    Ok(digits.as_f64().unwrap_or(f64::NAN))
}
