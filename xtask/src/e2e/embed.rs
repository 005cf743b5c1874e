//! Figures in posts, and a cluster in somebody else's script.

use anyhow::{Result, ensure};

use super::page::{axe_everywhere, fits};
use super::{Site, same};

/// An embed stands still until it is clicked, and fits its frame.
pub fn waits_for_a_click(site: &Site) -> Result<()> {
    site.page.resize(720, 480)?;
    site.open("?embed&scenario=first-election")?;
    site.wait_for(1, ".kv-embed")?;
    site.frames(30)?;
    same("the clock", site.text(".kv-ebar .clk")?, "0.000 s".into())?;
    fits(site)?;
    play_until_somebody_leads(site)?;
    site.page.click(".kv-play")?;
    axe_everywhere(site, &["light", "dark"])
}

/// Each figure of the example post plays by itself.
pub fn post_plays(site: &Site) -> Result<()> {
    site.page.load(&format!("{}post.html", site.url))?;
    let figures = site.texts("iframe")?.len();
    ensure!(figures >= 2, "{figures} figures");
    for figure in 1..=figures {
        let frame = format!("figure:nth-of-type({figure}) iframe");
        site.page.js(&format!(
            "document.querySelector('{frame}').scrollIntoView({{ block: 'center' }})"
        ))?;
        site.page.enter(Some(&frame))?;
        site.wait_for(1, ".kv-embed #stage")?;
        play_until_somebody_leads(site)?;
        site.page.click(".kv-play")?;
        site.page.enter(None)?;
    }
    axe_everywhere(site, &["light", "dark"])
}

fn play_until_somebody_leads(site: &Site) -> Result<()> {
    site.wait_for(1, ".kv-play[aria-label^=Play]")?;
    site.page.click(".kv-play")?;
    site.wait_for(1, ".kv-node[data-role=leader]")
}

/// The example of the JavaScript API runs.
pub fn script_runs(site: &Site) -> Result<()> {
    site.page.load(&format!("{}api.html", site.url))?;
    site.page
        .wait("document.querySelector('#status').textContent.startsWith('Seed 7, 2.2')")?;
    let hash = site.page.text("#hash")?;
    let halves = hash.split_once(" = ");
    ensure!(
        halves.is_some_and(|(a, b)| a == b && a.len() == 16),
        "the hashes: {hash}"
    );
    same("servers", site.texts("#nodes tr")?.len(), 5)?;
    let error = site.page.text("#error")?;
    ensure!(error.starts_with("node"), "the error: {error}");
    axe_everywhere(site, &["light", "dark"])
}
