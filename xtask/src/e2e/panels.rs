//! What opens on demand: gallery, rules and chaos, shared runs, sweeps.

use anyhow::{Result, ensure};
use serde_json::json;

use super::page::{axe_everywhere, fits};
use super::{Site, same};

const THEMES: &[&str] = &["light", "dark"];

/// Every lesson is in the gallery; words and topics choose among them, and a card opens one.
pub fn gallery_opens_lessons(site: &Site) -> Result<()> {
    site.open("?seed=7&level=0")?;
    site.page.click(".kv-brand")?;
    site.page
        .wait("document.querySelectorAll('.kv-card').length > 3")?;
    axe_everywhere(site, THEMES)?;
    let all = site.texts(".kv-card h4")?.len();
    fill(site, ".kv-find input", "minority")?;
    site.wait_for(1, ".kv-card")?;
    fill(site, ".kv-find input", "nothing of the kind")?;
    site.wait_for(0, ".kv-card")?;
    fill(site, ".kv-find input", "")?;
    site.wait_for(all, ".kv-card")?;
    press(site, ".kv-galbar .kv-seg button", "Partitions")?;
    site.page.wait(&format!(
        "document.querySelectorAll('.kv-card').length < {all}"
    ))?;
    site.page
        .click(".kv-card[href='?scenario=network-partition']")?;
    site.wait_for(0, "dialog")?;
    site.page.wait(
        "document.querySelector('.kv-guide h2')?.textContent && document.querySelector('.kv-scn b').textContent.startsWith('Old leader')",
    )?;
    site.page.click(".kv-scn")?;
    site.wait_for(1, ".kv-card[aria-current]")?;
    for width in [390, 720, 1180] {
        site.page.resize(width, 800)?;
        site.frames(3)?;
        fits(site)?;
    }
    axe_everywhere(site, THEMES)
}

/// The first screen needs no lesson; who leaves it gets one, for the run that is under way.
pub fn first_screen_learns(site: &Site) -> Result<()> {
    site.open("?seed=7&level=0")?;
    site.page.press(&[" "])?;
    site.page
        .wait("document.querySelector('.kv-guide .kv-tasks, .kv-guide li')")?;
    site.page
        .wait("document.querySelector('.kv-node[data-role=leader]')")?;
    let done = site
        .page
        .wait("document.querySelector('.kv-guide li.done')");
    ensure!(
        done.is_ok(),
        "no task is ticked: {}",
        site.text(".kv-guide")?
    );
    Ok(())
}

/// A switch begins a new run without the rule; the bar says so, and so does the address.
pub fn rules_switch_off(site: &Site) -> Result<()> {
    site.open("?seed=7&level=2&scenario=lab&rules=-pre-vote")?;
    same("the badge", site.text(".kv-off")?, "pre-vote off".into())?;
    site.page.click(".kv-off")?;
    site.wait_for(1, ".kv-rules")?;
    site.page.press(&["."])?;
    site.page
        .wait("document.querySelector('.clk, .kv-clock, output')")?;
    site.page
        .click("[role=switch][aria-labelledby=rule-persist-vote]")?;
    site.wait_for(2, "[role=switch][aria-checked=false]")?;
    same("the badge", site.text(".kv-off")?, "2 rules off".into())?;
    axe_everywhere(site, THEMES)?;
    press(site, ".kv-rules .state button", "Switch all on")?;
    site.wait_for(0, "[role=switch][aria-checked=false]")?;
    site.wait_for(0, ".kv-off")?;
    press(site, ".kv-rules .kv-seg button", "Chaos")?;
    press(site, ".kv-rules .presets button", "hostile")?;
    site.page.wait(
        "document.querySelector('.kv-rules .presets [aria-pressed=true]').textContent === 'hostile'",
    )?;
    same(
        "the first rate",
        site.page.text(".kv-dial output")?,
        "50 %".into(),
    )?;
    axe_everywhere(site, THEMES)?;
    site.open("?rules=-pre-vote,-x")?;
    let says = site.text(".kv-toast.bad")?;
    ensure!(says.contains("rules: there is no rule “x”"), "{says}");
    Ok(())
}

/// A link holds the run: opened elsewhere it comes to the same moment, and a damaged one says so.
pub fn links_hold_runs(site: &Site) -> Result<()> {
    site.open("?seed=11&level=2&scenario=lab")?;
    site.page.click(".kv-play")?;
    site.page
        .wait("document.querySelector('.kv-node[data-role=leader]')")?;
    site.page.click(".kv-play")?;
    site.page.press(&["1", "x"])?;
    let moment = "return document.querySelector('[role=slider]').getAttribute('aria-valuenow')";
    let at = site.page.js(moment)?;
    site.page.click(".kv-bar .share")?;
    site.page
        .wait("document.querySelector('.kv-link-field:focus')?.value.length > 100")?;
    axe_everywhere(site, THEMES)?;
    let link = site
        .page
        .js("return document.querySelector('.kv-link-field').value")?;
    let link = link.as_str().unwrap_or_default().to_owned();
    site.page.load("about:blank")?;
    site.page.load(&link)?;
    site.page
        .wait("document.querySelector('.kv-node[data-role=crashed]')")?;
    site.all_there()?;
    same("the moment", site.page.js(moment)?, at)?;
    same("a toast", site.texts(".kv-toast.bad")?.len(), 0)?;
    site.page.load("about:blank")?;
    site.page.load(&link[..link.len() - 4])?;
    site.wait_for(1, "dialog .err")?;
    let says = site.text("dialog .err")?;
    ensure!(says.contains("copy the whole link"), "{says}");
    axe_everywhere(site, THEMES)
}

/// A sweep runs in workers; with a rule off it finds a failing run, which opens in the laboratory.
pub fn sweeps_find_runs(site: &Site) -> Result<()> {
    site.open("?seed=7&level=2&scenario=lab&rules=-one-vote-per-term")?;
    site.page.click(".kv-off")?;
    site.wait_for(1, ".kv-rules")?;
    press(site, ".kv-rules .kv-seg button", "Chaos")?;
    site.page.click(".kv-rules .more button")?;
    site.wait_for(1, ".kv-sweep")?;
    press(site, ".kv-sweep .kv-acts button", "Start")?;
    site.page
        .wait("document.querySelector('.kv-sweep .failed button')")?;
    axe_everywhere(site, &["light"])?;
    site.page.click(".kv-sweep .failed button")?;
    site.wait_for(0, "dialog")?;
    site.page.wait("document.querySelector('.kv-inv.bad')")?;
    site.page
        .js("document.querySelectorAll('.kv-toast .x').forEach((button) => button.click())")?;
    Ok(())
}

/// Clicks the one of these that says so.
pub fn press(site: &Site, css: &str, text: &str) -> Result<()> {
    let pressed = site.page.js(&format!(
        "const button = [...document.querySelectorAll({})].find((b) => b.textContent.trim() === {});
        button?.click();
        return !!button;",
        json!(css),
        json!(text)
    ))?;
    ensure!(pressed == json!(true), "no button {text:?} in {css}");
    Ok(())
}

fn fill(site: &Site, css: &str, text: &str) -> Result<()> {
    site.page.js(&format!(
        "const field = document.querySelector({});
        field.value = {};
        field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));",
        json!(css),
        json!(text)
    ))?;
    Ok(())
}

/// A person sets what a run is made of and begins it; the link of the run holds the settings.
pub fn settings_begin_a_run(site: &Site) -> Result<()> {
    site.open("?seed=7&level=2&scenario=lab")?;
    site.page.press(&["s"])?;
    site.wait_for(1, "dialog[open] .kv-set")?;
    axe_everywhere(site, THEMES)?;
    let set = |name: &str, text: &str| fill(site, &format!(".kv-set [name='{name}']"), text);
    set("nodes", "0")?;
    site.wait_for(1, ".kv-set .err")?;
    axe_everywhere(site, THEMES)?;
    press(site, ".kv-set footer button", "Start a new run")?;
    site.page.wait("document.activeElement.name === 'nodes'")?;
    set("nodes", "3")?;
    set("timing.heartbeat", "40 ms")?;
    site.wait_for(0, ".kv-set .err")?;
    press(site, ".kv-set footer button", "Start a new run")?;
    site.wait_for(0, "dialog")?;
    site.wait_for(3, ".kv-node")?;
    same(
        "the seed",
        site.page.text(".kv-branch button.sub")?,
        "seed 7".into(),
    )?;
    site.page.click(".kv-btn.share")?;
    site.page
        .wait("document.querySelector('.kv-link-field')?.value.includes('#')")?;
    let link = site
        .page
        .js("return document.querySelector('.kv-link-field').value")?;
    let link = link.as_str().unwrap_or_default().to_owned();
    site.page.load("about:blank")?;
    site.page.load(&link)?;
    site.wait_for(3, ".kv-node")
}
