//! The key-value console: its answers, and what it makes of odd input.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::webdriver::key;

/// Every operation, to the leader and to a given server.
pub fn answers(site: &Site) -> Result<()> {
    open(site)?;
    for (operation, fields, answer) in [
        ("put", &[("key", "x"), ("value", "1")][..], "done, "),
        ("get", &[("key", "x")], "1, "),
        ("append", &[("key", "x"), ("value", "2")], "done, "),
        ("get", &[("key", "x")], "12, "),
        ("delete", &[("key", "x")], "done, "),
        ("get", &[("key", "x")], "absent, "),
        (
            "compare and swap",
            &[("key", "x"), ("value", "3")],
            "done, ",
        ),
        (
            "compare and swap",
            &[("key", "x"), ("value", "4")],
            "not done, found 3, ",
        ),
    ] {
        ask(site, operation, fields)?;
        answered(site, answer)?;
    }
    site.page.click(".kv-ask .absent input")?;
    for (expected, answer) in [("7", "not done, found 3, "), ("3", "done, ")] {
        let fields = [("key", "x"), ("expected", expected), ("value", "9")];
        ask(site, "compare and swap", &fields)?;
        answered(site, answer)?;
    }

    let follower = ".kv-node[data-role=follower] [data-item]";
    let follower = site.page.js(&format!(
        "return document.querySelector('{follower}').dataset.item.slice(1)"
    ))?;
    let follower = follower.as_str().unwrap_or_default();
    site.page.click(".kv-play")?;
    site.page
        .click(&format!(".kv-ask .to option[value='{follower}']"))?;
    ask(site, "get", &[("key", "x")])?;
    // Time stands still, so nobody can have answered.
    let waits = format!("asked S{follower}");
    site.page.wait(&format!(
        "document.querySelector('.kv-ops li.waits span')?.textContent.endsWith('{waits}')"
    ))?;
    site.page.click(".kv-play")?;
    answered(site, "9, ")
}

/// What is refused is named at its field; what is taken is text and nothing else.
pub fn takes_odd_input(site: &Site) -> Result<()> {
    open(site)?;
    let alert = "<script>alert(1)</script>";
    site.page
        .js("globalThis.alert = () => globalThis.alerted = true")?;
    for (field, fields) in [
        ("key", [("key", String::new()), ("value", "1".into())]),
        ("key", [("key", "k".repeat(257)), ("value", "1".into())]),
        (
            "value",
            [("key", "x".into()), ("value", "v".repeat(65 * 1024))],
        ),
    ] {
        ask(
            site,
            "put",
            &fields.each_ref().map(|(name, text)| (*name, text.as_str())),
        )?;
        site.page.wait(&format!(
            "document.querySelector('#ask-error').textContent.startsWith('{field}: ')
            && document.activeElement.name === '{field}'
            && document.activeElement.getAttribute('aria-invalid') === 'true'"
        ))?;
    }
    same("requests", site.texts(".kv-ops li")?.len(), 0)?;

    let long = "0123456789".repeat(1024);
    for (key, value, shown) in [
        ("long", long.as_str(), &long[..39]),
        ("🦊", "🚀 ünï", "🚀 ünï, "),
        (alert, alert, alert),
        ("e", "", "\"\", "),
    ] {
        ask(site, "put", &[("key", key), ("value", value)])?;
        answered(site, "done, ")?;
        ask(site, "get", &[("key", key)])?;
        answered(site, shown)?;
        let row = format!(".kv-map th[title={}]", json!(key));
        site.wait_for(1, &row)?;
    }
    let harmed = site.page.js(
        "return [!!globalThis.alerted, document.querySelector('#app script') !== null,
            document.documentElement.scrollWidth > innerWidth]",
    )?;
    same(
        "alerted, has a script, too wide",
        harmed,
        json!([false, false, false]),
    )
}

/// The free laboratory with its console open, a leader, and time that runs fast.
fn open(site: &Site) -> Result<()> {
    site.open("?scenario=lab&seed=7&level=2")?;
    site.type_keys(&["]", "]", "]", "]", " "])?;
    site.wait_for(1, ".kv-node[data-role=leader]")?;
    site.page.press(&["r"])?;
    site.page.wait("document.activeElement.name === 'key'")
}

/// Fills the form in as a visitor would, and sends it.
pub fn ask(site: &Site, operation: &str, fields: &[(&str, &str)]) -> Result<()> {
    let sent = site.texts(".kv-ops li")?.len();
    let option = site.page.js(&format!(
        "return [...document.querySelectorAll('.kv-ask .op option')]
            .findIndex((option) => option.textContent === '{operation}')"
    ))?;
    site.page
        .click(&format!(".kv-ask .op option[value='{option}']"))?;
    for (name, text) in fields {
        let field = format!(".kv-ask input[name={name}]");
        site.wait_for(1, &field)?;
        site.page
            .js(&format!("document.querySelector('{field}').select()"))?;
        // Empty text would leave the selection as it is.
        site.page.press(&[key::DELETE])?;
        site.page
            .devtools("Input.insertText", json!({ "text": text }))?;
        let is = site
            .page
            .js(&format!("return document.querySelector('{field}').value"))?;
        same(name, is, json!(text))?;
    }
    site.page.click(".kv-ask button[type=submit]")?;
    let error = "document.querySelector('#ask-error').textContent";
    site.page.wait(&format!(
        "{error} || document.querySelectorAll('.kv-ops li').length > {sent}"
    ))
}

/// Waits for the answer to the newest request: it begins like this.
fn answered(site: &Site, begins: &str) -> Result<()> {
    let newest = ".kv-ops li:first-child";
    site.wait_for(1, &format!("{newest}.done"))?;
    let answer = site.text(&format!("{newest} > span"))?;
    ensure!(answer.starts_with(begins), "{answer:?}, not {begins:?}");
    Ok(())
}
