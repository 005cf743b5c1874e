//! End-to-end tests: the built site in a headless browser, as a visitor has it.
//!
//! A test is a function of [`Site`] in a module of this folder, named in [`TESTS`]. Each starts on
//! the page as a first visit shows it, at 1440 x 900, and fails if the console said anything.

use std::net::TcpListener;

use anyhow::{Context, Result, bail, ensure};

use serde_json::{Value, json};

use crate::serve::{Faults, Server};
use crate::webdriver::Page;
use crate::{dist, setup, shell};

mod branches;
mod clients;
mod clock;
mod console;
mod embed;
mod figures;
mod keyboard;
mod language;
mod lesson;
mod links;
mod membership;
mod options;
mod page;
mod panels;
mod panic;
mod pieces;
mod start;

/// A test fails by its error.
type Test = fn(&Site) -> Result<()>;

/// Every test, by name.
const TESTS: &[(&str, Test)] = &[
    ("the_page_loads", page::loads),
    ("the_page_is_accessible", page::is_accessible),
    ("the_dialogs_are_accessible", page::dialogs_are_accessible),
    ("the_policy_is_enforced", page::policy_is_enforced),
    ("pieces_come_when_needed", pieces::come_when_needed),
    (
        "a_missing_piece_can_be_tried_again",
        pieces::can_be_tried_again,
    ),
    ("the_gallery_opens_lessons", panels::gallery_opens_lessons),
    (
        "the_first_screen_gets_its_lesson",
        panels::first_screen_learns,
    ),
    ("rules_switch_off", panels::rules_switch_off),
    ("settings_begin_a_run", panels::settings_begin_a_run),
    ("links_hold_runs", panels::links_hold_runs),
    ("names_in_links_lead_nowhere", links::names_lead_nowhere),
    ("links_that_unfold_to_too_much", links::bombs_are_refused),
    ("links_that_flood", links::floods_end_at_a_limit),
    ("sweeps_find_runs", panels::sweeps_find_runs),
    ("the_partition_lesson_in_light", lesson::in_light),
    ("the_partition_lesson_in_dark", lesson::in_dark),
    ("servers_come_vote_and_go", membership::changes_by_hand),
    ("voters_are_exchanged", membership::exchanges_voters),
    ("a_lost_disk_rejoins", membership::rejoins),
    ("a_leader_resigns", membership::resigns),
    ("the_console_answers", console::answers),
    ("the_console_takes_odd_input", console::takes_odd_input),
    ("bad_options_are_named", options::bad_ones_are_named),
    ("chinese_is_spoken", language::chinese_is_spoken),
    ("no_english_is_left", language::no_english_is_left),
    (
        "an_unknown_language_is_named",
        language::unknown_ones_are_named,
    ),
    ("the_seed_is_shown", options::seed_is_shown),
    ("the_seed_decides_the_run", options::seed_decides_the_run),
    (
        "scripts_get_named_errors",
        options::scripts_get_named_errors,
    ),
    ("the_clients_see_an_old_value", clients::see_an_old_value),
    ("acting_in_the_past_branches", branches::act_in_the_past),
    ("keys_open_and_close_help", keyboard::opens_and_closes_help),
    ("escape_leaves_a_field", keyboard::escape_leaves_a_field),
    ("keys_work_the_stage", keyboard::works_the_stage),
    ("keys_step_by_kind", keyboard::steps_by_kind),
    ("a_leap_says_how_far", keyboard::leaps_say_how_far),
    ("a_thumb_works_the_menu", page::thumbs_work_the_menu),
    ("an_embed_waits_for_a_click", embed::waits_for_a_click),
    ("the_example_post_plays", embed::post_plays),
    ("the_example_script_runs", embed::script_runs),
    ("a_hidden_tab_owes_nothing", clock::hidden_tab_owes_nothing),
    ("a_trap_stops_one_figure", figures::a_trap_stops_one),
    ("a_panic_shows_the_run", panic::shows_the_run),
    ("a_full_memory_shows_the_run", panic::memory_is_full),
    ("a_start_that_fails_says_why", start::says_why),
    ("a_start_that_is_late_says_so", start::says_that_it_is_late),
    ("a_file_is_no_page", start::files_need_a_server),
    (
        "a_sandbox_says_what_it_needs",
        start::sandboxes_need_an_origin,
    ),
    (
        "a_new_version_keeps_the_run",
        start::new_versions_keep_the_run,
    ),
    ("a_page_of_an_old_version_says_so", start::old_pages_say_so),
    ("a_piece_that_never_comes", pieces::never_come),
    ("a_story_that_is_told_late", pieces::narrate_late),
    ("a_command_that_is_done_late", pieces::obey_late),
    ("an_action_that_waits_for_chaos", pieces::act_late),
];

/// Not the root of the host: the site has to work from any folder.
const PREFIX: &str = "/some/folder/";

/// What a test gets.
pub struct Site {
    /// The browser, with the site's page in it.
    pub page: Page,
    /// The address of the site, with a slash at its end.
    pub url: String,
    /// What goes wrong with its files; nothing, when a test begins.
    pub faults: Faults,
}

impl Site {
    /// Fails on anything in the console.
    pub fn console_is_clean(&self) -> Result<()> {
        let said = self.page.console()?;
        ensure!(said.is_empty(), "the console says:\n{}", said.join("\n"));
        Ok(())
    }

    /// Loads the page with these options, `?seed=7`, and waits until it stands.
    pub fn open(&self, options: &str) -> Result<()> {
        self.page.load(&format!("{}{options}", self.url))?;
        self.page.wait("document.querySelector('#app #stage')")?;
        self.all_there()
    }

    /// Waits until nothing on the page waits for its code.
    pub fn all_there(&self) -> Result<()> {
        self.wait_for(0, ".kv-wait")
    }

    /// The texts of all elements that `css` selects, hidden parts included.
    pub fn texts(&self, css: &str) -> Result<Vec<String>> {
        let texts = self.page.js(&format!(
            "return [...document.querySelectorAll({})].map((element) => element.textContent);",
            json!(css)
        ))?;
        Ok(serde_json::from_value(texts)?)
    }

    /// The same in one string.
    pub fn text(&self, css: &str) -> Result<String> {
        Ok(self.texts(css)?.concat())
    }

    /// Waits until exactly `n` elements are there that `css` selects.
    pub fn wait_for(&self, n: usize, css: &str) -> Result<()> {
        let css = json!(css);
        self.page
            .wait(&format!("document.querySelectorAll({css}).length === {n}"))
    }

    /// Notes from now on in `globalThis.most` how many elements that `css` selects were there at
    /// once: some are soon gone.
    pub fn note(&self, css: &str) -> Result<Value> {
        let css = json!(css);
        self.page.js(&format!(
            "globalThis.most = 0;
            const count = () => {{ most = Math.max(most, document.querySelectorAll({css}).length); }};
            new MutationObserver(count).observe(document.body, {{ childList: true, subtree: true }});"
        ))
    }

    /// Where the page stands, for whoever reads why a test failed without its picture.
    fn state(&self) -> Result<Value> {
        self.page.js(
            "const text = (css) => document.querySelector(css)?.textContent;
            return {
                clock: text('.kv-clock output'), message: text('.kv-toast'),
                focus: document.activeElement?.outerHTML.slice(0, 120),
            };",
        )
    }

    /// Presses one key after the other, where the focus is.
    pub fn type_keys(&self, keys: &[&str]) -> Result<()> {
        keys.iter().try_for_each(|key| self.page.press(&[*key]))
    }

    /// Lets so many frames pass.
    pub fn frames(&self, n: u32) -> Result<Value> {
        self.page.js_later(&format!(
            "const done = arguments[0];
            const next = (left) => left ? requestAnimationFrame(() => next(left - 1)) : done();
            next({n});"
        ))
    }
}

/// Fails unless both are equal; `what` says what they are.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: T, should: T) -> Result<()> {
    ensure!(is == should, "{what}: {is:?} instead of {should:?}");
    Ok(())
}

/// Builds the site and runs the tests whose name has `filter` in it; how many passed.
pub fn run(filter: &str) -> Result<usize> {
    dist::run(dist::Care::Full)?;
    setup::node_modules()?;
    let tests: Vec<_> = TESTS
        .iter()
        .filter(|test| test.0.contains(filter))
        .collect();
    ensure!(!tests.is_empty(), "no test has {filter:?} in its name");
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let Server { url, faults } = Server::start(listener, &shell::root().join("dist"), PREFIX)?;
    let site = Site {
        page: Page::open()?,
        url,
        faults,
    };
    println!("running {} end-to-end tests", tests.len());
    let mut failed = 0;
    for (name, test) in &tests {
        match attempt(&site, *test) {
            Ok(()) => println!("test {name} ... ok"),
            Err(error) => {
                failed += 1;
                println!("test {name} ... FAILED\n  {error:#}");
                for line in site.page.console().unwrap_or_default() {
                    println!("  console: {line}");
                }
                println!("  the page: {}", site.state().unwrap_or_default());
                let picture = shell::root().join(format!("target/e2e/{name}.png"));
                match site.page.screenshot(&picture) {
                    Ok(()) => println!("  see {}", picture.display()),
                    Err(error) => println!("  no picture of it: {error:#}"),
                }
            }
        }
    }
    site.page.close().context("after the tests")?;
    if failed > 0 {
        bail!("{failed} of {} end-to-end tests failed", tests.len());
    }
    println!("test result: ok. {} passed; 0 failed", tests.len());
    Ok(tests.len())
}

/// Runs one test from a clean start.
fn attempt(site: &Site, test: Test) -> Result<()> {
    site.faults.clear();
    site.page.enter(None)?;
    site.page.resize(1440, 900)?;
    site.page.prefer(&[("prefers-color-scheme", "light")])?;
    site.page.load("about:blank")?;
    site.page.console()?;
    site.page.load(&site.url)?;
    test(site)?;
    site.console_is_clean()
}
