//! The Clients view, through the lesson of the partition: the old leader is asked.

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::console::ask;
use super::lesson::{next, press};
use super::page::{axe_everywhere, fits};
use super::{Site, same};
use crate::webdriver::key;

const TITLE: &str = ".kv-verdict h2";

/// With local reads the old leader answers with an old value: the view says so, proves it, leads
/// to the moment, and runs the same again with ReadIndex, where it doesn't happen.
pub fn see_an_old_value(site: &Site) -> Result<()> {
    site.open("?scenario=network-partition&seed=7&view=clients&level=2")?;
    site.wait_for(1, ".kv-clients .kv-filter")?;
    axe_everywhere(site, &["light"])?;
    local_reads(site)?;
    site.type_keys(&["]", "]", "]"])?;
    // Bars of some seconds ago must still be there, however slow the browser is.
    for _ in 0..8 {
        site.page.click(".kv-clients .zoom button:first-child")?;
    }
    site.page.click(".kv-play")?;
    next(site, 1)?;
    press(site, "Write y = 5")?;
    next(site, 2)?;
    press(site, "Cut the network 2 | 3")?;
    next(site, 3)?;
    press(site, "Write y = 7 through the old leader")?;
    next(site, 4)?;
    let seven = bar(site, "put y 7")?;
    let old = seven.split("via S").nth(1).and_then(|rest| rest.get(..1));
    let old = old.context("no server in the bar's name")?.to_owned();
    next(site, 5)?;
    press(site, "Write y = 2 through the new leader")?;
    next(site, 6)?;
    is_titled(site, "Linearizable so far")?;

    site.page.press(&["r"])?;
    site.page.wait("document.activeElement.name === 'key'")?;
    site.page
        .click(&format!(".kv-ask .to option[value='{old}']"))?;
    ask(site, "get", &[("key", "y")])?;
    site.wait_for(1, ".kv-verdict.bad")?;
    site.wait_for(0, "[aria-label^=Pause]")?;
    same(
        "the badge",
        site.text(".kv-inv")?,
        "Linearizability broken".to_owned(),
    )?;
    let title = site.text(TITLE)?;
    ensure!(title.ends_with("read an old value of y"), "{title}");
    same(
        "bars that can’t be",
        site.texts(".kv-lanes .kv-op.bad .body")?.len(),
        1,
    )?;
    site.page.click(".kv-dtabs [role=tab]:first-child")?;
    site.wait_for(1, ".kv-why")?;
    let why = site.text(".kv-why")?;
    ensure!(why.contains("so it must come after"), "{why}");
    axe_everywhere(site, &["light", "dark"])?;
    for (width, height) in [(390, 844), (720, 900), (1180, 800), (1440, 900)] {
        site.page.resize(width, height)?;
        site.frames(3)?;
        fits(site).with_context(|| format!("{width} px"))?;
    }
    walks_the_bars(site)?;
    site.page.click(".kv-verdict .pri")?;
    site.wait_for(1, ".kv-verdict.bad")?;

    let before = site.texts(".kv-clock output")?;
    site.page.click(".kv-insp .pri")?;
    site.wait_for(0, ".kv-verdict.bad")?;
    is_titled(site, "Linearizable so far")?;
    same("the moment", site.texts(".kv-clock output")?, before)?;
    let fresh = bar(site, "get y")?;
    ensure!(
        !fresh.contains("answer 5"),
        "the old leader answers: {fresh}"
    );
    site.wait_for(0, ".kv-insp .pri")?;
    site.page.press(&["q"])?;
    site.wait_for(0, ".kv-clients")?;
    site.wait_for(5, ".kv-node")
}

/// The same seed with reads that ask nobody.
fn local_reads(site: &Site) -> Result<()> {
    let local = ".kv-filter .kv-seg button:first-child";
    site.page.click(local)?;
    site.wait_for(1, &format!("{local}[aria-pressed=true]"))
}

/// What the bar says whose name has this in it.
fn bar(site: &Site, says: &str) -> Result<String> {
    let named = format!(".kv-op[role=button][aria-label*={}]", json!(says));
    site.page
        .wait(&format!("document.querySelector({})", json!(named)))?;
    let name = site.page.js(&format!(
        "return [...document.querySelectorAll({})].pop().getAttribute('aria-label')",
        json!(named)
    ))?;
    Ok(name.as_str().unwrap_or_default().to_owned())
}

fn is_titled(site: &Site, title: &str) -> Result<()> {
    let is = format!("document.querySelector('{TITLE}').textContent");
    site.page.wait(&format!("{is} === {}", json!(title)))
}

/// One bar is a stop for the Tab key; arrows go on from there, and Enter goes to its moment.
fn walks_the_bars(site: &Site) -> Result<()> {
    let stop = ".kv-op[tabindex='0']";
    site.wait_for(1, stop)?;
    site.page
        .js(&format!("document.querySelector(\"{stop}\").focus()"))?;
    let active = "document.activeElement.id";
    let last = site.page.js(&format!("return {active}"))?;
    site.page.press(&[key::LEFT])?;
    site.page
        .wait(&format!("{active} && {active} !== {last}"))?;
    site.wait_for(1, ".kv-optip")?;
    site.page.js("document.activeElement.drawn = 'once'")?;
    site.page.press(&[key::ENTER])?;
    site.wait_for(0, ".kv-verdict.bad")?;
    // The bar isn't drawn anew: that would lose the focus.
    site.page.wait("document.activeElement.drawn === 'once'")?;
    site.page.press(&["."])?;
    site.page.press(&[key::END])?;
    site.page.js("document.activeElement.blur()")?;
    site.page.press(&[key::END])?;
    site.wait_for(1, ".kv-verdict.bad")
}
