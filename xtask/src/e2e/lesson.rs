//! The lesson of the partition, from its first step to its last, by its buttons alone.

use anyhow::{Result, ensure};
use serde_json::json;

use super::page::axe_everywhere;
use super::{Site, same};

/// With the system's preference for light.
pub fn in_light(site: &Site) -> Result<()> {
    play(site, "light")
}

/// With the system's preference for dark.
pub fn in_dark(site: &Site) -> Result<()> {
    play(site, "dark")
}

fn play(site: &Site, theme: &str) -> Result<()> {
    site.page.prefer(&[("prefers-color-scheme", theme)])?;
    site.open("?scenario=network-partition&level=2")?;
    is_dark(site, theme == "dark")?;
    // From 50 ms to 500 ms per second.
    site.type_keys(&["]", "]", "]"])?;
    site.page.click(".kv-play")?;
    next(site, 1)?;
    site.wait_for(1, LEADER)?;

    press(site, "Write y = 5")?;
    next(site, 2)?;
    maps_say(site, &["5"; 5])?;

    press(site, "Cut the network 2 | 3")?;
    next(site, 3)?;
    site.wait_for(1, "#stage-w")?;
    same(
        "the sides",
        sorted(site.texts(".kv-side-lab .h")?),
        vec!["2 of 5, no quorum".into(), "3 of 5, quorum".into()],
    )?;

    press(site, "Write y = 7 through the old leader")?;
    next(site, 4)?;
    same("dashed y←7", tiles(site, "unc", "y←7")?, 2)?;

    next(site, 5)?;
    site.wait_for(2, LEADER)?;

    press(site, "Write y = 2 through the new leader")?;
    next(site, 6)?;
    site.wait_for(2, LEADER)?;
    same("dashed y←7", tiles(site, "unc", "y←7")?, 2)?;
    site.page
        .wait(&format!("{} === 3", tiles_are("com", "y←2")))?;
    let maps = sorted(values_of_y(site)?);
    same("the maps", maps, sorted_strings(&["5", "5", "2", "2", "2"]))?;
    site.page.click(".kv-play")?;
    axe_everywhere(site, &[theme])?;
    site.page.click(".kv-play")?;

    let healing = site
        .page
        .js("return document.querySelector('.kv-guide .pri').disabled")?;
    same("healing before the answer is off", healing, json!(true))?;
    site.page.click(".kv-guide .choices button:nth-child(2)")?;
    site.page
        .wait("document.querySelector('.kv-guide .because')?.textContent.startsWith('Yes.')")?;
    press(site, "Heal the network")?;
    next(site, 7)?;
    site.wait_for(0, "#stage-w")?;
    site.wait_for(1, LEADER)?;

    primary(site, "Explore freely")?;
    maps_say(site, &["2"; 5])?;
    same(
        "y←7",
        tiles(site, "unc", "y←7")? + tiles(site, "com", "y←7")?,
        0,
    )?;
    let note = site.text(".kv-maps .kv-note")?;
    ensure!(
        note.contains("agree on every key"),
        "the maps' note: {note}"
    );
    same(
        "the badge",
        site.page.text(".kv-inv")?,
        "12 invariants hold".into(),
    )?;
    site.page.click(".kv-guide .pri")
}

const LEADER: &str = ".kv-node[data-role=leader]";

/// Waits until the step's button says so and can be pressed.
fn primary(site: &Site, label: &str) -> Result<()> {
    let label = json!(label);
    site.page.wait(&format!(
        "document.querySelector('.kv-guide .pri:not(:disabled)')?.textContent === {label}"
    ))
}

pub fn press(site: &Site, label: &str) -> Result<()> {
    primary(site, label)?;
    site.page.click(".kv-guide .pri")
}

/// Waits until every task of step `n` has ticked itself, and turns the card.
pub fn next(site: &Site, n: usize) -> Result<()> {
    let step = ".kv-guide .step";
    same(
        "the step",
        site.text(step)?,
        format!("Guide, step {n} of 8"),
    )?;
    press(site, "Next")?;
    site.page.wait(&format!(
        "document.querySelector('{step}').textContent.includes('{} of')",
        n + 1
    ))
}

/// A condition's left side: how many tiles in the logs are in this state and say this.
fn tiles_are(state: &str, says: &str) -> String {
    format!(
        "[...document.querySelectorAll('.kv-log td.{state} b')].filter((b) => b.textContent === '{says}').length"
    )
}

fn tiles(site: &Site, state: &str, says: &str) -> Result<u64> {
    let n = site
        .page
        .js(&format!("return {}", tiles_are(state, says)))?;
    Ok(n.as_u64().unwrap_or_default())
}

/// The row of y in the table of the state machines.
fn values_of_y(site: &Site) -> Result<Vec<String>> {
    site.texts(".kv-map tbody tr:has(th[title=y]) td > span:first-child")
}

fn maps_say(site: &Site, values: &[&str]) -> Result<()> {
    same(
        "the maps' y",
        sorted(values_of_y(site)?),
        sorted_strings(values),
    )
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

fn sorted_strings(texts: &[&str]) -> Vec<String> {
    sorted(texts.iter().map(ToString::to_string).collect())
}

/// The theme shows: the page is darker than its text, or not.
fn is_dark(site: &Site, dark: bool) -> Result<()> {
    let darker = site
        .page
        .js("const style = getComputedStyle(document.body);
        const light = (color) => color.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0);
        return light(style.backgroundColor) < light(style.color);")?;
    same("darker than its text", darker, json!(dark))
}
