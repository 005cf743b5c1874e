//! Servers that come, vote and go, and a leadership that moves, by hand.

use anyhow::{Result, ensure};

use super::page::axe_everywhere;
use super::panels::press;
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

const BUTTONS: &str = ".kv-turn button";

/// The laboratory at ten times its speed, with a leader.
fn with_leader(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["]", "]", "]", " "])?;
    site.wait_for(1, ".kv-node[data-role=leader]")
}

/// Selects a server with its key, and waits until the next key is about it.
fn select(site: &Site, id: &str) -> Result<()> {
    site.page.press(&[id])?;
    site.wait_for(1, &format!(".kv-node.sel #stage-S{id}"))?;
    site.frames(3).map(drop)
}

/// A voter leaves and a learner takes its place, through a joint configuration that stays until
/// somebody leaves it; the inspector says what the members shall be.
pub fn exchanges_voters(site: &Site) -> Result<()> {
    with_leader(site)?;
    site.page.press(&["a"])?;
    site.wait_for(1, ".kv-node[data-role=learner] #stage-S6")?;
    select(site, "6")?;
    site.page.press(&["k"])?;
    site.wait_for(1, ".kv-turn .kv-seg")?;
    let why = site.text(".kv-turn .kv-entries")?;
    ensure!(why.contains("press a server"), "{why}");
    axe_everywhere(site, &["light", "dark"])?;
    press(site, BUTTONS, "S1 votes")?;
    press(site, BUTTONS, "S1 learns")?;
    press(site, BUTTONS, "S6 learns")?;
    press(site, BUTTONS, "S6 is out")?;
    press(site, BUTTONS, "joint, stay")?;
    same("wishes", site.texts(".kv-turn .kv-btn.pri")?.len(), 2)?;
    press(site, BUTTONS, "Change the members")?;
    site.wait_for(1, ".kv-walltag button")?;
    same(
        "majorities",
        site.texts(".kv-side-lab g > .s")?.join(" | "),
        "5 of 5 old voters | 5 of 5 new voters".into(),
    )?;
    axe_everywhere(site, &["light", "dark"])?;

    // It waits; the button behind its title ends it, and so would `L` on any server.
    site.frames(20)?;
    site.wait_for(2, ".kv-pips")?;
    site.page.click(".kv-walltag button")?;
    site.wait_for(0, ".kv-pips")?;
    site.wait_for(0, "#stage-S1")?;
    site.wait_for(1, ".kv-node[data-role=follower] #stage-S6")
}

/// A server whose disk was wiped takes no part, says so, and comes back under a new number.
pub fn rejoins(site: &Site) -> Result<()> {
    with_leader(site)?;
    select(site, "2")?;
    site.page.press(&["k"])?;
    site.wait_for(1, ".kv-turn")?;
    press(site, BUTTONS, "Wipe it")?;
    site.wait_for(1, ".kv-node[data-role=crashed] #stage-S2")?;
    site.page.press(&["x"])?;
    site.wait_for(1, ".kv-node[data-role=removed] #stage-S2")?;
    let plate = site.text(".kv-node[data-role=removed] .kv-plate .role")?;
    same("the plate", plate, "No part".into())?;
    select(site, "2")?;
    site.page.press(&[key::ENTER])?;
    site.page.wait(
        "[...document.querySelectorAll('.kv-pop [role=menuitem]:not([disabled])')]
            .some((entry) => entry.textContent.startsWith('Rejoin under a new id'))",
    )?;
    site.page.press(&["n"])?;
    site.wait_for(0, "#stage-S2")?;
    site.wait_for(1, ".kv-node[data-role=follower] #stage-S6")
}

/// A leader that hears nobody resigns: for a moment the stage shows its crown struck through.
pub fn resigns(site: &Site) -> Result<()> {
    with_leader(site)?;
    let leader = site
        .page
        .js("return document.querySelector('[data-role=leader] [id^=stage-S]').id.slice(7)")?;
    let leader = leader.as_str().unwrap_or_default();
    select(site, leader)?;
    site.note(".kv-node.resigned .out")?;
    site.page.press(&["i"])?;
    site.page.wait("most === 1")?;
    same(
        "whose",
        site.texts(&format!(".kv-node[data-role=leader] #stage-S{leader}"))?
            .len(),
        0,
    )?;
    // It fades, and is gone.
    site.wait_for(0, ".kv-node.resigned")
}
