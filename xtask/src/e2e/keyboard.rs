//! The laboratory without a pointer.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::webdriver::key;

/// `?` opens help; Escape closes it and gives the focus back.
pub fn opens_and_closes_help(site: &Site) -> Result<()> {
    site.open("?level=2")?;
    site.page.press(&["2"])?;
    site.page.wait("document.activeElement.id === 'stage-S2'")?;
    site.page.press(&["?"])?;
    site.wait_for(1, "dialog[open] .kv-help")?;
    site.page
        .wait("document.querySelector('dialog').contains(document.activeElement)")?;
    site.page.press(&[key::ESCAPE])?;
    site.wait_for(0, "dialog")?;
    site.page.wait("document.activeElement.id === 'stage-S2'")
}

/// `R` puts the cursor into a field of the console, and Escape takes it out again: the next keys are
/// commands.
pub fn escape_leaves_a_field(site: &Site) -> Result<()> {
    site.open("?level=2")?;
    site.page.press(&["r"])?;
    site.page.wait("document.activeElement.matches('input')")?;
    site.type_keys(&["h", key::ESCAPE])?;
    site.page.wait("!document.activeElement.matches('input')")?;
    site.type_keys(&["w", "1", "2", key::ENTER])?;
    site.wait_for(1, "#stage-w")
}

/// Selects, crashes, restarts, walls and heals; Enter on a server opens its actions.
pub fn works_the_stage(site: &Site) -> Result<()> {
    site.open("?level=2")?;
    let crashed = ".kv-node[data-role=crashed] #stage-S3";
    // Where a frame takes long, a key comes before everything is done about the one before it.
    let slow = |rate: u32| {
        let rate = json!({ "rate": rate });
        site.page.devtools("Emulation.setCPUThrottlingRate", rate)
    };
    slow(20)?;
    site.type_keys(&["3", "x"])?;
    site.wait_for(1, crashed)?;
    site.wait_for(1, ".kv-node.sel #stage-S3")?;
    slow(1)?;
    site.page.press(&["x"])?;
    site.wait_for(0, crashed)?;

    site.type_keys(&["w", "1", "2", key::ENTER])?;
    site.wait_for(1, "#stage-w")?;
    same(
        "sides",
        site.texts(".kv-side-lab .h")?.join(" | "),
        "2 of 5, no quorum | 3 of 5, quorum".into(),
    )?;
    let server = "document.querySelector('#stage-S3')";
    site.page.js(&format!("{server}.drawn = 'once'"))?;
    site.note(".kv-healed path")?;
    site.page.press(&["h"])?;
    site.wait_for(0, "#stage-w")?;
    // It splits in the middle, and is gone.
    site.page.wait("most === 2")?;
    // What stays isn't drawn anew: that would lose the focus.
    site.page.wait(&format!("{server}.drawn === 'once'"))?;
    site.wait_for(0, ".kv-healed")?;

    site.type_keys(&["3", key::ENTER])?;
    site.wait_for(1, "[role=menu]")?;
    site.page.press(&[key::ESCAPE])?;
    site.wait_for(0, "[role=menu]")?;
    site.page.wait("document.activeElement.id === 'stage-S3'")
}

/// Shift and a step go to the next event of the same kind, and back.
pub fn steps_by_kind(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    // All five apply the no-op of the first leader.
    site.type_keys(&["]", "]", "]", " "])?;
    site.wait_for(5, ".kv-log td.ap")?;
    site.type_keys(&[" ", ",", ",", ","])?;
    let first = newest(site)?;
    ensure!(first.contains("applies"), "{first}");
    site.page.press(&[key::SHIFT, "."])?;
    let second = newest(site)?;
    ensure!(second.contains("applies") && second != first, "{second}");
    site.page.press(&[key::SHIFT, ","])?;
    same("back", newest(site)?, first)
}

/// In an idle cluster the next event is far away: the page says how far it has gone.
pub fn leaps_say_how_far(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["]", "]", "]", " "])?;
    site.wait_for(5, ".kv-log td.ap")?;
    site.page.press(&[" "])?;
    // A leader, and nobody asks for anything: at most a last event, and then a minute of nothing.
    site.type_keys(&[".", ".", ".", ".", "."])?;
    site.page.wait(
        "document.querySelector('.kv-toast')?.textContent.includes(' s on, and nothing worth telling has happened.')",
    )
}

/// The newest line of the feed.
fn newest(site: &Site) -> Result<String> {
    site.frames(5)?;
    site.page.text(".kv-feed li")
}
