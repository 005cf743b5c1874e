//! The page in another language.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Site, same};
use crate::webdriver::key;

/// What is the same in every language, beside what is shorter than three letters: names of the protocol,
/// of operations, of units and of keys, and values of settings as they are typed.
const NOTATION: &str = "Kvorum|Raft|Diego Ongaro|RequestVote|AppendEntries|PreVote|InstallSnapshot|TimeoutNow|ReadIndex\
    |CheckQuorum|fsync|Index|commit|match|next|put|get|append|delete|main|Shift|Esc|Home|End|Enter|Alt|English|MiB|KiB|TCP|off|empty";

/// The address names the language: bar, lesson and feed speak it, and the switch leads back. So does
/// what is said on the first screen with words that come later.
pub fn chinese_is_spoken(site: &Site) -> Result<()> {
    site.open("?level=0&lang=zh-Hans")?;
    site.type_keys(&["3", "x", "p"])?;
    site.wait_for(1, ".kv-toast")?;
    let refused = site.text(".kv-toast span")?;
    same("refused", refused, "node：S3 已崩溃".into())?;
    site.open("?scenario=replication&level=2&lang=zh-Hans")?;
    let bar = site.text(".kv-bar")?;
    ensure!(
        bar.contains("分享") && bar.contains("一次写入，五份副本"),
        "the bar: {bar}"
    );
    let guide = site.text(".kv-guide")?;
    ensure!(guide.contains("先有领导者"), "the guide: {guide}");
    site.page.press(&[" "])?;
    site.page
        .wait("document.querySelectorAll('.kv-feed li').length > 3")?;
    let told = site.text(".kv-feed li")?;
    ensure!(told.contains("任期"), "the feed: {told}");
    let lang = "document.documentElement.lang === 'zh-Hans'";
    site.page.wait(lang)?;
    site.page.click(".kv-lang")?;
    site.page.wait("document.documentElement.lang === 'en'")?;
    let bar = site.text(".kv-bar")?;
    ensure!(bar.contains("Share"), "the bar: {bar}");
    Ok(())
}

/// What is shown or read out in a Chinese page is Chinese, or marked as English: the first screen, the
/// lessons that are in Chinese, the laboratory with each of its panels.
pub fn no_english_is_left(site: &Site) -> Result<()> {
    for scenario in ["first-election", "replication", "network-partition", "lab"] {
        for level in [0, 2] {
            site.open(&format!("?scenario={scenario}&level={level}&lang=zh-Hans"))?;
            all_is_chinese(site)?;
        }
        site.page.press(&[" "])?;
        site.page
            .wait("document.querySelectorAll('.kv-feed li').length > 9")?;
        all_is_chinese(site)?;
    }
    for tab in 1..5 {
        let css = format!(".kv-dock [role=tab]:nth-of-type({tab})");
        site.page.click(&css)?;
        site.all_there()?;
        all_is_chinese(site)?;
    }
    for key in ["g", "s", "?"] {
        site.page.press(&[key])?;
        site.wait_for(1, "dialog[open]")?;
        site.all_there()?;
        all_is_chinese(site)?;
        site.page.press(&[key::ESCAPE])?;
    }
    site.page.click(".kv-lang")?;
    site.page.wait("document.documentElement.lang === 'en'")
}

fn all_is_chinese(site: &Site) -> Result<()> {
    let notation = json!(format!("\\b(\\w*({NOTATION}))\\b"));
    let english = site.page.js(&format!(
        "const notation = new RegExp({notation}, 'g'), found = new Set();
        const look = (element, text) => {{
            const own = element.closest('[lang=en], script, style, noscript, kbd, input, textarea');
            if (!own && /[A-Za-z]{{3}}/.test(text.replace(notation, ''))) found.add(text);
        }};
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) look(walker.currentNode.parentElement, walker.currentNode.data);
        for (const name of ['aria-label', 'title', 'placeholder'])
            for (const element of document.querySelectorAll(`[${{name}}]`)) look(element, element.getAttribute(name));
        return [...found];"
    ))?;
    same("not marked as English", english, json!([]))
}

/// A language that there isn't is named, and the page goes on in English.
pub fn unknown_ones_are_named(site: &Site) -> Result<()> {
    site.open("?lang=tlh")?;
    site.wait_for(1, ".kv-toast.bad")?;
    let says = site.text(".kv-toast.bad")?;
    ensure!(says.contains("lang: “tlh”"), "{says}");
    site.page.click(".kv-toast .x")?;
    site.wait_for(0, ".kv-toast")
}
