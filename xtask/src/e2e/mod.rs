//! End-to-end tests: the built site in a headless browser, as a visitor has it.
//!
//! A test is a function of [`Site`] in a module of this folder, named in [`TESTS`]. Each starts on
//! the page as a first visit shows it, at 1440 x 900, and fails if the console said anything.

use std::net::TcpListener;

use anyhow::{Context, Result, bail, ensure};

use crate::serve::Server;
use crate::webdriver::Page;
use crate::{dist, setup, shell};

mod page;

/// A test fails by its error.
type Test = fn(&Site) -> Result<()>;

/// Every test, by name.
const TESTS: &[(&str, Test)] = &[
    ("the_page_loads", page::loads),
    ("the_page_is_accessible", page::is_accessible),
    ("the_policy_is_enforced", page::policy_is_enforced),
];

/// Not the root of the host: the site has to work from any folder.
const PREFIX: &str = "/some/folder/";

/// What a test gets.
pub struct Site {
    /// The browser, with the site's page in it.
    pub page: Page,
    /// The address of the site, with a slash at its end.
    pub url: String,
}

impl Site {
    /// Fails on anything in the console.
    pub fn console_is_clean(&self) -> Result<()> {
        let said = self.page.console()?;
        ensure!(said.is_empty(), "the console says:\n{}", said.join("\n"));
        Ok(())
    }
}

/// Builds the site and runs the tests whose name has `filter` in it; how many passed.
pub fn run(filter: &str) -> Result<usize> {
    dist::run()?;
    setup::node_modules()?;
    let tests: Vec<_> = TESTS
        .iter()
        .filter(|test| test.0.contains(filter))
        .collect();
    ensure!(!tests.is_empty(), "no test has {filter:?} in its name");
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let url = Server::start(listener, &shell::root().join("dist"), PREFIX)?.url;
    let site = Site {
        page: Page::open()?,
        url,
    };
    println!("running {} end-to-end tests", tests.len());
    let mut failed = 0;
    for (name, test) in &tests {
        match attempt(&site, *test) {
            Ok(()) => println!("test {name} ... ok"),
            Err(error) => {
                failed += 1;
                println!("test {name} ... FAILED\n  {error:#}");
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
    site.page.enter(None)?;
    site.page.resize(1440, 900)?;
    site.page.prefer(&[("prefers-color-scheme", "light")])?;
    site.page.load("about:blank")?;
    site.page.console()?;
    site.page.load(&site.url)?;
    test(site)?;
    site.console_is_clean()
}
