//! The options in the address of the page.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};

/// A message names each field that makes no sense, and the page goes on without it.
pub fn bad_ones_are_named(site: &Site) -> Result<()> {
    for (options, fields) in [
        ("?scenario=%3Cscript%3E", &["scenario: "][..]),
        ("?seed=seven", &["seed: "]),
        ("?seed=-1", &["seed: "]),
        ("?seed=18446744073709551616", &["seed: "]),
        (
            "?scenario=&seed=&level=9&theme=pink&embed=no&what=1",
            &[
                "scenario: ",
                "seed: ",
                "level: ",
                "theme: ",
                "embed: ",
                "what: ",
            ],
        ),
    ] {
        site.open(options)?;
        site.wait_for(1, ".kv-toast.bad")?;
        let says = site.text(".kv-toast.bad")?;
        for field in fields {
            ensure!(says.contains(field), "{options}: {says}");
        }
        site.page.press(&[" "])?;
        site.wait_for(1, "[aria-label^=Pause]")?;
    }
    site.page.click(".kv-toast .x")?;
    site.wait_for(0, ".kv-toast")
}

/// The seed of the address, or some seed if there is none: another one at every load.
pub fn seed_is_shown(site: &Site) -> Result<()> {
    for seed in ["0", "42", "18446744073709551615"] {
        same(
            "the seed",
            shown(site, &format!("&seed={seed}"))?,
            seed.into(),
        )?;
    }
    let (one, other) = (shown(site, "")?, shown(site, "")?);
    ensure!(one.parse::<u64>().is_ok(), "the seed: {one:?}");
    ensure!(one != other, "two visits have the seed {one}");
    Ok(())
}

fn shown(site: &Site, options: &str) -> Result<String> {
    site.open(&format!("?level=2{options}"))?;
    let shown = site.page.text(".kv-branch button.sub")?;
    Ok(shown.trim_start_matches("seed ").to_owned())
}

/// The same seed gives the same hash after a new load, another seed another; and an action that
/// can't be is refused by name.
pub fn seed_decides_the_run(site: &Site) -> Result<()> {
    let mut hashes = Vec::new();
    for seed in ["7", "7", "8"] {
        site.open("")?;
        let told = site.page.js_later(&format!(
            "const done = arguments[0];
            import('{}kvorum-api.js').then(async ({{ Kvorum, ready }}) => {{
                await ready;
                const run = new Kvorum({{ scenario: 'lab', seed: '{seed}' }});
                run.run(2000);
                run.act({{ action: 'crash', node: run.view().leader }});
                run.run(2000);
                try {{
                    run.act({{ action: 'crash', node: 77 }});
                }} catch (error) {{
                    done([run.hash(), error.message]);
                }}
            }}).catch((error) => done(['', String(error)]));",
            site.url
        ))?;
        let (hash, refusal): (String, String) = serde_json::from_value(told)?;
        ensure!(refusal.starts_with("node"), "node 77: {refusal}");
        same("the hash's digits", hash.len(), 16)?;
        hashes.push(hash);
    }
    same("the same seed", &hashes[0], &hashes[1])?;
    ensure!(hashes[0] != hashes[2], "two seeds, one hash: {}", hashes[0]);
    Ok(())
}

/// What a script does wrong is a KvorumError of the module, with the field; the run goes on.
pub fn scripts_get_named_errors(site: &Site) -> Result<()> {
    site.open("")?;
    let told = site.page.js_later(&format!(
        "const done = arguments[0];
        import('{}kvorum-api.js').then(async ({{ Kvorum, KvorumError, ready }}) => {{
            await ready;
            const told = [];
            const attempt = (what) => {{
                try {{
                    what();
                    told.push('nothing is thrown');
                }} catch (error) {{
                    told.push(error instanceof KvorumError ? error.message : `${{error}}`);
                }}
            }};
            const run = new Kvorum({{ scenario: 'lab', seed: '7' }});
            attempt(() => new Kvorum({{ settings: {{ nodes: '5' }} }}));
            attempt(() => run.act({{ get action() {{ throw new Error('mine'); }} }}));
            attempt(() => run.switchTo('x'));
            told.push(run.run(1000));
            run.free();
            attempt(() => run.now);
            done(told);
        }}).catch((error) => done([String(error)]));",
        site.url
    ))?;
    let wanted = json!([
        "settings.nodes must be a whole number from 1 to 101",
        "action: can't be read: mine",
        "branch must be a whole number from 0 to 4294967295",
        1000,
        "this: the run was freed; begin another one",
    ]);
    same("what is thrown", told, wanted)
}
