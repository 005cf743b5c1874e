//! The black box: when we panic, the page shows seed, journal and a way to go on.
//!
//! A panic ends the module for good (it aborts), so this is written with plain DOM calls from the
//! panic hook, and what it shows was put aside before.

use super::links;
use crate::raft::Rules;
use crate::sim::timeline::JournalEntry;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

thread_local! {
    static LAST: RefCell<Record> = RefCell::default();
}

/// What is needed to see a run again.
#[derive(Clone, Default)]
struct Record {
    scenario: Rc<str>,
    seed: u64,
    rules: Rules,
    usual: Rules,
    journal: Vec<JournalEntry>,
}

/// Puts the run aside, as it stands: its rules, and those that the scenario has.
pub fn remember(
    scenario: &Rc<str>,
    seed: u64,
    [rules, usual]: [Rules; 2],
    journal: &[JournalEntry],
) {
    LAST.with_borrow_mut(|last| {
        (last.scenario, last.seed) = (scenario.clone(), seed);
        (last.rules, last.usual) = (rules, usual);
        if last.journal != journal {
            last.journal = journal.to_vec();
        }
    });
}

/// From now on, a panic shows itself on the page.
pub fn install() {
    // Yew would put its own in the place of one that it doesn't know of.
    yew::set_custom_panic_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let what = info.to_string();
        js_console(&what);
        let record = LAST.try_with(|last| last.try_borrow().map(|r| r.clone()).unwrap_or_default());
        let record = record.unwrap_or_default();
        let journal = serde_wasm_bindgen::to_value(&record.journal)
            .ok()
            .and_then(|v| js_sys::JSON::stringify(&v).ok())
            .map_or_else(String::new, String::from);
        let Record {
            scenario,
            seed,
            rules,
            usual,
            ..
        } = record;
        let query = links::start(&scenario, &seed.to_string(), rules, usual);
        show(&what, &scenario, seed, &query, &journal);
    }));
}

fn js_console(what: &str) {
    // The only place where the page writes to the console: something is badly wrong.
    web_sys::console::error_1(&JsValue::from_str(what));
}

/// Shows what happened over the page, with a button that starts the same run again: `query` is
/// what its address asks for.
pub fn show(what: &str, scenario: &str, seed: u64, query: &str, journal: &str) {
    let Some(document) = web_sys::window().and_then(|w| w.document()) else {
        return;
    };
    let run = format!("Scenario {scenario}, seed {seed}");
    let _ = fill(&document, what, &run, query, journal);
}

fn fill(
    document: &Document,
    what: &str,
    run: &str,
    query: &str,
    journal: &str,
) -> Result<(), JsValue> {
    let Some(body) = document.body() else {
        return Ok(());
    };
    let element = |tag: &str, class: &str, text: &str| -> Result<Element, JsValue> {
        let element = document.create_element(tag)?;
        if !class.is_empty() {
            element.set_attribute("class", class)?;
        }
        element.set_text_content(Some(text));
        Ok(element)
    };
    let panel = element("div", "kv-dialog kv-stopped", "")?;
    panel.set_attribute("role", "alertdialog")?;
    panel.set_attribute("aria-label", "The simulation stopped")?;
    panel.append_child(&*element("h2", "", "The simulation stopped")?)?;
    panel.append_child(&*element("p", "", "This is a mistake in Kvorum, not in the run. Seed and journal below give the same run again; please report them.")?)?;
    panel.append_child(&*element("pre", "kv-code", what)?)?;
    panel.append_child(&*element("p", "", run)?)?;
    let text = element("textarea", "kv-code", journal)?;
    text.set_attribute("readonly", "")?;
    text.set_attribute("rows", "6")?;
    text.set_attribute("aria-label", "Journal")?;
    panel.append_child(&text)?;
    let restart = element("a", "kv-btn pri", "Restart")?;
    restart.set_attribute("href", query)?;
    panel.append_child(&restart)?;
    body.append_child(&panel)?;
    if let Some(root) = document.get_element_by_id("app") {
        root.set_attribute("inert", "")?;
    }
    Ok(())
}
