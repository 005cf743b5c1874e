//! The pieces of the page's code that come on demand.

use anyhow::{Result, ensure};

use super::panels::press;
use super::{Site, same};
use crate::serve::Fault;

/// The first screen loads no piece, the laboratory its own, a panel the other.
pub fn come_when_needed(site: &Site) -> Result<()> {
    site.open("?level=0")?;
    site.frames(10)?;
    same("pieces on the first screen", loaded(site)?, vec![])?;
    site.page.click(".kv-firstbar button")?;
    site.wait_for(1, "[role=slider]")?;
    site.all_there()?;
    let lab = loaded(site)?;
    ensure!(lab.contains(&"split_lab.wasm".into()), "{lab:?}");
    ensure!(lab.contains(&"split_narrator.wasm".into()), "{lab:?}");
    ensure!(!lab.contains(&"split_panels.wasm".into()), "{lab:?}");
    site.page.click("[aria-label^=Keyboard]")?;
    site.wait_for(1, "dialog .kv-help")?;
    let all = loaded(site)?;
    ensure!(all.contains(&"split_panels.wasm".into()), "{all:?}");
    Ok(())
}

/// Without a connection the page says so where the panel would be, and another try gets it.
pub fn can_be_tried_again(site: &Site) -> Result<()> {
    site.open("?level=0")?;
    site.page.js(
        "globalThis.online = fetch; globalThis.fetch = () => Promise.reject(new Error('gone'));",
    )?;
    site.page.click("[aria-label^=Keyboard]")?;
    site.wait_for(1, "dialog .kv-wait[role=alert]")?;
    let said = site.page.console()?.join("\n");
    ensure!(said.contains("gone"), "the console: {said}");
    site.page.js("globalThis.fetch = globalThis.online;")?;
    site.page.click(".kv-wait button")?;
    site.wait_for(1, "dialog .kv-help")
}

/// A run goes on while nobody can tell what happens; it is told as soon as somebody can.
pub fn narrate_late(site: &Site) -> Result<()> {
    site.open("?level=0")?;
    site.faults.add("split_narrator", Fault::Missing);
    site.page.click(".kv-center button")?;
    site.wait_for(1, ".kv-toast.bad")?;
    let told = site.text(".kv-toast.bad span")?;
    ensure!(told.starts_with("What happens can’t be told"), "{told}");
    site.all_there()?;
    site.page
        .wait("document.querySelectorAll('.kv-msg').length > 0")?;
    same("lines of the feed", site.texts(".kv-feed li")?.len(), 0)?;
    site.page.console()?;
    site.faults.clear();
    site.type_keys(&[" "])?;
    site.page
        .wait("document.querySelectorAll('.kv-feed li').length > 0")
}

/// What is asked of the run before the code is here that does it: it is done as soon as that comes, or a
/// message says that it can't be.
pub fn obey_late(site: &Site) -> Result<()> {
    site.open("?level=0")?;
    site.faults.add("split_commands", Fault::Missing);
    site.type_keys(&["a"])?;
    site.wait_for(1, ".kv-toast.bad")?;
    let told = site.text(".kv-toast.bad span")?;
    ensure!(told.starts_with("That can’t be done"), "{told}");
    same("servers", site.texts(".kv-node")?.len(), 5)?;
    site.page.console()?;
    site.faults.clear();
    site.type_keys(&["a"])?;
    site.wait_for(6, ".kv-node")
}

/// Under chaos a run stands still until the code comes that throws its dice. An action that is asked for
/// meanwhile is done then.
pub fn act_late(site: &Site) -> Result<()> {
    site.open("?seed=7&level=2&scenario=lab")?;
    site.page.js(
        "const online = fetch, held = new Promise((release) => { globalThis.release = release; });
        globalThis.fetch = async (file, ...rest) => {
            if (String(file.url ?? file).includes('split_reserve')) { await held; }
            return online(file, ...rest);
        };",
    )?;
    press(site, "[role=tab]", "Rules")?;
    site.wait_for(1, ".kv-rules")?;
    press(site, ".kv-rules .kv-seg button", "Chaos")?;
    press(site, ".kv-rules .presets button", "hostile")?;
    site.wait_for(1, ".kv-rules .presets [aria-pressed=true]")?;
    site.type_keys(&["4", "x"])?;
    site.frames(5)?;
    same(
        "crashed servers",
        site.texts(".kv-node[data-role=crashed]")?.len(),
        0,
    )?;
    site.page.js("release();")?;
    site.wait_for(1, "#stage .kv-node[data-role=crashed] #stage-S4")
}

/// A piece that never comes has failed after half a minute, here after a tenth of a second.
pub fn never_come(site: &Site) -> Result<()> {
    site.open("?level=0")?;
    site.page.js("const timeout = AbortSignal.timeout;
        AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 300);")?;
    site.faults.add("split_panels", Fault::Silent);
    site.page.click("[aria-label^=Keyboard]")?;
    site.wait_for(1, "dialog .kv-wait[role=alert]")?;
    let said = site.page.console()?.join("\n");
    let given_up = said.contains("aborted") || said.contains("timed out");
    ensure!(given_up, "the console: {said}");
    site.faults.clear();
    site.page.click(".kv-wait button")?;
    site.wait_for(1, "dialog .kv-help")
}

/// What was loaded besides what the first screen needs: pieces and the style sheet of the panels.
fn loaded(site: &Site) -> Result<Vec<String>> {
    let names = site
        .page
        .js("return performance.getEntriesByType('resource')
            .map((entry) => entry.name.split('/').pop())
            .filter((name) => name.endsWith('.wasm') || /^(on-demand|instruments|panels)-/.test(name))
            .filter((name) => name !== 'kvorum-web_bg.wasm');")?;
    Ok(serde_json::from_value(names)?)
}
