//! What the page remembers from visit to visit: light or dark, how much to show, and the language
//! (which `www/start.js` reads).

use super::options::Options;
use super::{languages, links};
use crate::web::language::Language;
use crate::web::store::{Level, Notice, Overlay, Theme, UiState, View};
use web_sys::Storage;

/// The storage; there is none where the reader forbids it, and that is fine.
fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// The interface's state at the start of a visit: what the address asks for, else what was there
/// last time, else the calm first screen. Only the laboratory has an address and remembers.
pub fn recall(options: &Options, lab: bool) -> UiState {
    let read = |key| lab.then(|| read(key)).flatten();
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
        overlay: lab
            .then(links::in_address)
            .flatten()
            .map(|run| Overlay::Open(run.into())),
        level,
        theme: theme.unwrap_or_default(),
        language: options.language.unwrap_or_else(languages::preferred),
        view: options.view.unwrap_or_default(),
        embed: options.embed,
        notice: (!options.problems.is_empty()).then(|| Notice::bad(options.problems.join(". "))),
        ..UiState::default()
    }
}

/// Remembers theme, level and language of the laboratory. An embed leaves no trace.
pub fn keep(theme: Theme, level: Level, language: Language, embed: bool) {
    if let Some(storage) = storage().filter(|_| !embed) {
        let _ = storage.set_item("kvorum.theme", theme.name());
        let _ = storage.set_item("kvorum.lang", language.tag());
        let _ = storage.set_item("kvorum.level", &(level as usize).to_string());
    }
}
