//! The page as a whole: it loads, is accessible, and keeps to its Content-Security-Policy.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::shell;
use crate::webdriver::key;

/// The app takes the place of what the page shows while it loads.
pub fn loads(site: &Site) -> Result<()> {
    site.page.wait("document.querySelector('#app #stage')")?;
    ensure!(!site.page.text("h1")?.is_empty(), "no heading");
    let loading = site
        .page
        .js("return document.body.textContent.includes('Loading…')")?;
    ensure!(loading == json!(false), "still loading");
    fits(site)?;
    site.page.resize(390, 844)?;
    site.frames(3)?;
    fits(site)
}

/// Fails if anything makes the page larger than its window.
pub fn fits(site: &Site) -> Result<()> {
    let size = site.page.js("const root = document.documentElement;
        return [root.scrollWidth - innerWidth, root.scrollHeight - innerHeight];")?;
    same("pixels too wide, too high", size, json!([0, 0]))
}

/// axe finds nothing at any level, in both themes, on a desk and on a phone.
pub fn is_accessible(site: &Site) -> Result<()> {
    for level in 0..4 {
        site.open(&format!("?seed=7&level={level}"))?;
        axe_everywhere(site, THEMES)?;
    }
    Ok(())
}

/// On a phone the quick actions stand at the bottom, each high enough for a thumb.
pub fn thumbs_work_the_menu(site: &Site) -> Result<()> {
    site.page.resize(390, 844)?;
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["2", key::ENTER])?;
    site.wait_for(1, "[role=menu]")?;
    let low = site.page.js(
        "const menu = document.querySelector('[role=menu]').getBoundingClientRect();
        const rows = [...document.querySelectorAll('[role=menuitem], .kv-bar button')];
        const high = (element) => element.getBoundingClientRect().height;
        return [
            ...rows.filter((row) => high(row) < 44).map((row) => row.textContent),
            ...(menu.left < 0 || menu.right > innerWidth || menu.bottom > innerHeight ? ['the menu'] : []),
        ];",
    )?;
    same("what is too small", low, json!([]))?;
    fits(site)
}

/// Nor with a dialog open, or another panel.
pub fn dialogs_are_accessible(site: &Site) -> Result<()> {
    site.open("?seed=7&level=3")?;
    for open in ["[aria-label^=Keyboard]", ".kv-scn", ".kv-inv"] {
        site.page.click(open)?;
        site.wait_for(1, "dialog[open]")?;
        site.all_there()?;
        axe_everywhere(site, THEMES)?;
        site.page.press(&[key::ESCAPE])?;
        site.wait_for(0, "dialog")?;
    }
    for tab in 2..=5 {
        site.page
            .click(&format!(".kv-dtabs [role=tab]:nth-child({tab})"))?;
        site.all_there()?;
        axe_everywhere(site, THEMES)?;
    }
    Ok(())
}

/// Light and dark.
const THEMES: &[&str] = &["light", "dark"];

/// Fails with what axe finds in these themes, on a desk and on a phone. The window is 1440 x 900
/// then, and the last theme stays.
pub fn axe_everywhere(site: &Site, themes: &[&str]) -> Result<()> {
    for theme in themes {
        site.page.prefer(&[("prefers-color-scheme", theme)])?;
        for (width, height) in [(390, 844), (1440, 900)] {
            site.page.resize(width, height)?;
            // The page sees the new size in a frame, and draws itself in the next.
            site.frames(3)?;
            axe(site).with_context(|| format!("{theme}, {width} px"))?;
        }
    }
    Ok(())
}

/// Fails with what axe finds wrong on the page as it is now.
fn axe(site: &Site) -> Result<()> {
    let axe = fs::read_to_string(shell::root().join("node_modules/axe-core/axe.min.js"))?;
    let findings = site.page.js_later(&format!(
        "{axe};
        const done = arguments[arguments.length - 1];
        const ends = (a) => a.playState === 'running' && a.effect.getComputedTiming().endTime < Infinity;
        const still = Promise.allSettled(document.getAnimations().filter(ends).map((a) => a.finished));
        const told = (v) => `${{v.id}}: ${{v.help}} (${{v.nodes.map((n) => n.target).join(', ')}})`;
        still.then(() => axe.run()).then((r) => done(r.violations.map(told)), (e) => done([String(e)]));"
    ))?;
    ensure!(findings == json!([]), "axe finds {findings:#}");
    Ok(())
}

/// The browser refuses what the policy forbids, so that a clean console means something.
pub fn policy_is_enforced(site: &Site) -> Result<()> {
    let header = site.page.js_later(
        "fetch('').then((page) => arguments[0](page.headers.get('Content-Security-Policy')))",
    )?;
    let header = header.as_str().unwrap_or_default();
    ensure!(
        header.contains("default-src 'none'"),
        "the header: {header:?}"
    );
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
