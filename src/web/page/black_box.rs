//! The black box: the runs of all figures, kept outside of this module's memory.
//!
//! A panic or a trap ends the module for good, and perhaps there is no memory left. So whatever is
//! needed to see the run again is handed to the page's plain script (`www/start.js`) as it comes:
//! the recording when a run begins, actions when they are done, the instant and the events' hash
//! with each frame. When the module stops, that script says so, with a link to the run and Restart;
//! other figures are opened again from what is kept here, in a fresh instance of the module.
//! Where there is no such script, nothing is kept.

use crate::run::{BranchId, JournalEntry, Playhead};
use crate::run::{ENGINE, Recorded, Recording};
use serde::Serialize;
use std::cell::Cell;
use std::panic::PanicHookInfo;
use wasm_bindgen::prelude::*;

/// What stops a wait for the server, in milliseconds.
pub const PATIENCE: u32 = 30_000;

// An error says that the script isn't there.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = kvorumPage, js_name = run, catch)]
    fn begin_run(figure: u32, recording: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, js_name = journal, catch)]
    fn keep_journal(figure: u32, from: u32, entries: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, js_name = at, catch)]
    fn keep_instant(figure: u32, playhead: f64, hash: u64) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    fn stopped(what: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    fn works(figure: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    fn missing() -> Result<(), JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    fn failed(why: &str) -> Result<(), JsValue>;
}

/// Where the run of a figure is kept.
pub struct BlackBox {
    figure: u32,
    /// The branch, and how many actions of it are kept; none while the actions are those of a
    /// recording that is being followed.
    kept: Cell<Option<(BranchId, usize)>>,
    /// Whether what is kept is a run that is about to be opened again: nothing may take its place.
    reopens: Cell<bool>,
}

impl BlackBox {
    /// For the figure with this number; `reopens` if the run that is kept will be opened in it.
    pub const fn new(figure: u32, reopens: bool) -> BlackBox {
        BlackBox {
            figure,
            kept: Cell::new(None),
            reopens: Cell::new(reopens),
        }
    }

    /// A run begins, with the recording whose actions it is going to follow.
    pub fn begin(&self, playhead: &Playhead, scenario: &str, followed: Option<&Recording>) {
        self.kept.set(None);
        if self.reopens.get() && followed.is_none() {
            return;
        }
        self.reopens.set(false);
        let recording = Recording {
            // Whose journal it is says how exactly it can be followed.
            engine: followed.map_or(ENGINE.into(), |it| it.engine.clone()),
            journal: followed.map_or(Vec::new(), |it| it.journal.clone()),
            ..Recording::of(playhead, Some(scenario))
        };
        let _ = as_object(&recording).and_then(|recording| begin_run(self.figure, &recording));
    }

    /// The run is at this instant now.
    pub fn keep(&self, playhead: &Playhead) {
        if self.reopens.get() {
            return;
        }
        let simulation = playhead.simulation();
        let _ = keep_instant(self.figure, playhead.now().0 as f64, simulation.hash());
        if playhead.is_following() {
            return;
        }
        let (branch, journal) = (playhead.branch().id, playhead.journal());
        let now = Some((branch, journal.len()));
        let kept = self.kept.replace(now);
        if kept == now {
            return;
        }
        let from = match kept {
            Some((known, count)) if known == branch => count.min(journal.len()),
            _ => 0,
        };
        let new: Vec<_> = journal[from..].iter().map(recorded).collect();
        let _ =
            as_object(&new).and_then(|entries| keep_journal(self.figure, from as u32, &entries));
    }
}

fn recorded(entry: &JournalEntry) -> Recorded {
    Recorded {
        at: entry.at,
        processed: Some(entry.processed),
        action: entry.action.clone(),
    }
}

fn as_object(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}

/// From here on this figure is at work: whatever stops the module was done for it.
pub fn at_work(figure: u32) {
    let _ = works(figure);
}

/// A part of the page didn't arrive: perhaps because the site has a new version.
pub fn piece_missing() {
    let _ = missing();
}

/// Something is missing without which there is no page.
pub fn cannot_start(why: &str) {
    let _ = failed(why);
}

/// From now on, a panic shows itself on the page.
pub fn install() {
    // Yew would put its own in the place of one that it doesn't know of.
    yew::set_custom_panic_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let what = info.to_string();
        // The only place where the program writes to the console: something is badly wrong.
        web_sys::console::error_1(&JsValue::from_str(&what));
        let _ = stopped(&what);
    }));
}
