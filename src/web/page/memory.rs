//! What the page remembers from visit to visit: light or dark, and how much to show.

use super::links;
use super::options::Options;
use crate::web::store::{Level, Notice, Overlay, Theme, UiState, View};
use web_sys::{Element, Storage, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

/// The storage; there is none where the reader forbids it, and that is fine.
fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// The interface's state at the start of a visit: what the address asks for, else what was there
/// last time, else the calm first screen.
pub fn recall(options: &Options) -> UiState {
    let stored = read("kvorum.level")
        .and_then(|n| n.parse().ok())
        .and_then(|n: usize| Level::ALL.get(n).copied());
    // Whoever follows a link to a scenario wants to see it, not the welcome.
    let least = if options.view == Some(View::Clients) {
        Level::Panels
    } else if options.scenario.is_some() {
        Level::Guided
    } else {
        Level::Calm
    };
    let level = options
        .level
        .unwrap_or_else(|| stored.unwrap_or_default().max(least));
    let theme = options
        .theme
        .or_else(|| read("kvorum.theme").and_then(|t| Theme::parse(&t)));
    UiState {
        overlay: links::in_address().map(|run| Overlay::Open(run.into())),
        level,
        theme: theme.unwrap_or_default(),
        view: options.view.unwrap_or_default(),
        embed: options.embed,
        notice: (!options.problems.is_empty()).then(|| Notice::bad(options.problems.join(". "))),
        ..UiState::default()
    }
}

/// Shows the theme, and remembers it and the level. An embed leaves no trace.
pub fn keep(theme: Theme, level: Level, embed: bool) {
    let root: Option<Element> = window()
        .and_then(|w| w.document())
        .and_then(|d| d.document_element());
    if let Some(root) = root {
        let _ = match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            _ => root.set_attribute("data-theme", theme.name()),
        };
    }
    if let Some(storage) = storage().filter(|_| !embed) {
        let _ = storage.set_item("kvorum.theme", theme.name());
        let _ = storage.set_item("kvorum.level", &(level as usize).to_string());
    }
}
