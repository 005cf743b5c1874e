//! Virtual time and the browser's frames.

use anyhow::{Result, ensure};
use serde_json::json;

use super::Site;

/// After an hour without frames, time goes on where it stood: at most 250 ms of the wall clock
/// count, at 50 ms a second.
pub fn hidden_tab_owes_nothing(site: &Site) -> Result<()> {
    site.open("?level=2&seed=7")?;
    // From now on, frames come by hand, as those of a hidden tab don't come at all.
    site.page.js(
        "globalThis.requestAnimationFrame = (frame) => { globalThis.held = frame; return 1; };
        globalThis.give = (wall) => { const frame = held; held = null; frame(wall); };",
    )?;
    site.page.click(".kv-play")?;
    site.page.wait("globalThis.held")?;
    let read = "+document.querySelector('.kv-clock output').textContent * 1000";
    let times = site.page.js(&format!(
        "const wall = performance.now();
        const seen = [];
        for (const late of [0, 16, 3600016, 3600032, 3600048]) {{
            give(wall + late);
            seen.push({read});
        }}
        return seen;"
    ))?;
    let times: Vec<f64> = serde_json::from_value(times)?;
    let steps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The digits are whole milliseconds.
    let fits = |step: f64, most: f64| step >= 0.0 && step < most + 1.0;
    ensure!(
        steps[1] > 10.0,
        "the long frame counts for nothing: {steps:?}"
    );
    for (step, most) in steps.iter().zip([0.8, 12.5, 0.8, 0.8]) {
        ensure!(
            fits(*step, most),
            "virtual milliseconds per frame: {steps:?}"
        );
    }
    ensure!(
        site.page.js("return !!globalThis.held")? == json!(true),
        "time has stopped"
    );
    Ok(())
}
