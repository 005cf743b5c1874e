//! Servers that come, vote and go, and a leadership that moves, by hand.

use anyhow::{Result, ensure};

use super::page::axe_everywhere;
use super::{Site, same};
use crate::webdriver::key;

/// A server is added, becomes a voter, gets the leadership, and is removed: with the keys and with
/// the menu, and all of it stands in a link.
pub fn changes_by_hand(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["]", "]", "]", " "])?;
    site.wait_for(1, ".kv-node[data-role=leader]")?;
    site.page
        .click(".kv-tools [aria-label='Add a server (A)']")?;
    site.wait_for(1, ".kv-node[data-role=learner] #stage-S6")?;
    same("servers", site.texts(".kv-node .sid")?.len(), 6)?;

    // A learner can't lead, and its menu says so.
    site.type_keys(&["6", key::ENTER])?;
    site.page.wait(
        "[...document.querySelectorAll('.kv-pop button[disabled] small')]
            .some((why) => why.textContent === 'S6 has no vote and can\\'t lead')",
    )?;
    axe_everywhere(site, &["light", "dark"])?;
    site.page.press(&["u"])?;
    site.wait_for(1, ".kv-node[data-role=follower] #stage-S6")?;
    site.page
        .wait("document.querySelector('.kv-node[data-role=leader] [aria-label*=\"of 6\"]')")?;
    site.type_keys(&["6", "y"])?;
    site.wait_for(1, ".kv-node[data-role=leader] #stage-S6")?;

    // The inspector has the same, with the clock and the disk.
    site.page.press(&["k"])?;
    site.wait_for(1, ".kv-turn")?;
    site.all_there()?;
    axe_everywhere(site, &["light", "dark"])?;
    site.page.press(&[key::SHIFT, "x"])?;
    site.wait_for(0, "#stage-S6")?;
    let journal = site.text(".kv-feed")?;
    ensure!(!journal.contains("abandon"), "{journal}");
    Ok(())
}
