//! Several figures in one document share a module; what stops it stops one of them.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{Site, same};

/// A page with three figures, made of what the site's own page loads.
const PAGE: &str = "
    const done = arguments[0];
    fetch('index.html').then((it) => it.text()).then((text) => {
        const built = new DOMParser().parseFromString(text, 'text/html');
        document.body.replaceChildren();
        for (const options of ['?scenario=first-election&seed=5', '?scenario=replication&seed=42', '?scenario=lab&seed=7']) {
            const host = document.createElement('div');
            host.dataset.kvorum = options;
            document.body.append(host);
        }
        document.head.append(...built.querySelectorAll('link[rel=stylesheet], meta[name=kvorum-words]'));
        for (const name of ['start.js', 'figures.js', 'kvorum.js']) {
            const script = document.createElement('script');
            script.src = name;
            script.async = false;
            if (name === 'kvorum.js') script.type = 'module';
            document.head.append(script);
        }
        done();
    });";

/// The browser refuses the second figure what it never refuses: a new element.
const REFUSE: &str = "
    globalThis.insert = Node.prototype.insertBefore;
    Node.prototype.insertBefore = function (...what) {
        if (document.querySelectorAll('[data-kvorum]')[1].contains(this)) throw new Error('on purpose');
        return insert.apply(this, what);
    };";

/// How often the module was fetched.
const FETCHED: &str = "
    return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('kvorum-web_bg.wasm')).length;";

/// Where each figure is: nothing, where it isn't there.
fn moments(site: &Site) -> Result<Vec<Value>> {
    (1..=3)
        .map(|number| {
            site.page.js(&format!(
                "return document.querySelector('[data-kvorum]:nth-child({number}) .clk')?.textContent ?? null"
            ))
        })
        .collect()
}

/// Presses keys in a figure.
fn press(site: &Site, number: u32, keys: &[&str]) -> Result<()> {
    site.page.js(&format!(
        "document.querySelector('#f{number}-stage').focus()"
    ))?;
    site.type_keys(keys)
}

/// The figure whose program stopped shows its run and Restart; the others are where they were, in a
/// fresh instance of the same module, and go on.
pub fn a_trap_stops_one(site: &Site) -> Result<()> {
    site.page.load(&format!("{}stopped.js", site.url))?;
    site.page.js_later(PAGE)?;
    site.page
        .wait("[1, 2, 3].every((n) => document.querySelector(`#f${n}-stage .kv-node`))")?;
    site.all_there()?;
    press(site, 1, &[".", ".", "2"])?;
    site.wait_for(1, "#f1-stage .kv-node.sel")?;
    press(site, 1, &["x"])?;
    site.wait_for(1, "#f1-stage .kv-node[data-role=crashed]")?;
    press(site, 2, &[".", ".", ".", "."])?;
    press(site, 3, &["."])?;
    site.frames(5)?;
    let (before, fetched) = (moments(site)?, site.page.js(FETCHED)?);
    let times: Vec<_> = before.iter().map(Value::to_string).collect();
    ensure!(times[0] != times[1] && times[1] != times[2], "{times:?}");

    site.page.js(REFUSE)?;
    press(site, 2, &["?"])?;
    site.wait_for(1, "[data-kvorum]:nth-child(2) .kv-stopped textarea")?;
    site.page.js("Node.prototype.insertBefore = insert")?;
    let said = site.page.console()?.join("\n");
    ensure!(said.contains("panicked"), "the console: {said:?}");
    let says = site.text(".kv-stopped")?;
    for part in ["The simulation stopped", "replication, seed 42, 0 actions"] {
        ensure!(says.contains(part), "no {part:?} in {says:?}");
    }
    let link = site
        .page
        .js("return document.querySelector('.kv-stopped textarea').value")?;
    let start = format!("{}#run=1.", site.url);
    ensure!(
        link.as_str().unwrap_or_default().starts_with(&start),
        "the link: {link}"
    );

    // The others are there again, as they were.
    site.page
        .wait("[1, 3].every((n) => document.querySelector(`#f${n}-stage .kv-node`))")?;
    site.wait_for(1, "#f1-stage .kv-node[data-role=crashed]")?;
    site.frames(5)?;
    let after = moments(site)?;
    same("the first", &after[0], &before[0])?;
    same("the second", &after[1], &Value::Null)?;
    same("the third", &after[2], &before[2])?;
    press(site, 3, &["."])?;
    site.frames(5)?;
    ensure!(moments(site)?[2] != before[2], "the third stands still");

    // So is the one that had stopped, if one wants it.
    site.page.click(".kv-stopped .pri")?;
    site.page
        .wait("document.querySelector('#f2-stage .kv-node')")?;
    site.wait_for(0, ".kv-stopped")?;
    site.frames(5)?;
    same("the second, again", &moments(site)?[1], &before[1])?;
    press(site, 2, &["?"])?;
    site.wait_for(1, "[data-kvorum]:nth-child(2) dialog[open]")?;
    same("modules fetched", site.page.js(FETCHED)?, fetched)
}
