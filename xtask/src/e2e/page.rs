//! The page as a whole: it loads, is accessible, and keeps to its Content-Security-Policy.

use std::fs;

use anyhow::{Result, ensure};
use serde_json::json;

use super::Site;
use crate::shell;

/// The app takes the place of what the page shows while it loads.
pub fn loads(site: &Site) -> Result<()> {
    site.page.wait("document.querySelector('#app #stage')")?;
    ensure!(!site.page.text("h1")?.is_empty(), "no heading");
    let loading = site
        .page
        .js("return document.body.textContent.includes('Loading…')")?;
    ensure!(loading == json!(false), "still loading");
    Ok(())
}

/// axe finds nothing, in both themes.
pub fn is_accessible(site: &Site) -> Result<()> {
    site.page.wait("document.querySelector('#app #stage')")?;
    for theme in ["light", "dark"] {
        site.page.prefer(&[("prefers-color-scheme", theme)])?;
        axe(site)?;
    }
    Ok(())
}

/// Fails with what axe finds wrong on the page as it is now.
pub fn axe(site: &Site) -> Result<()> {
    let axe = fs::read_to_string(shell::root().join("node_modules/axe-core/axe.min.js"))?;
    let findings = site.page.js_later(&format!(
        "{axe};
        const done = arguments[arguments.length - 1];
        const told = (v) => `${{v.id}}: ${{v.help}} (${{v.nodes.map((n) => n.target).join(', ')}})`;
        axe.run().then((r) => done(r.violations.map(told)), (e) => done([String(e)]));"
    ))?;
    ensure!(findings == json!([]), "axe finds {findings:#}");
    Ok(())
}

/// The browser refuses what the policy forbids, so that a clean console means something.
pub fn policy_is_enforced(site: &Site) -> Result<()> {
    site.page
        .js("const script = document.createElement('script');
        script.textContent = 'globalThis.inlineScriptRan = true';
        document.body.append(script);")?;
    let ran = site.page.js("return !!globalThis.inlineScriptRan")?;
    ensure!(ran == json!(false), "an inline script ran");
    let said = site.page.console()?.join("\n");
    ensure!(said.contains("Content Security Policy"), "console: {said}");
    Ok(())
}
