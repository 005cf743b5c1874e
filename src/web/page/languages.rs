//! The files of the languages: what the first screen says, and the rest, which comes behind it.
//!
//! `www/start.js` fetches them. It chooses the language before this module is here, so that its first
//! file comes together with the module. `cargo xtask dist` cuts the files (`xtask/src/words.rs`);
//! where nothing is cut (in tests), the languages are built in.

use crate::view::Catalogue;
use crate::web::language::{Language, Words};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

// An error says why a file can't be had, or that the script isn't there.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    fn language() -> Result<String, JsValue>;
    #[wasm_bindgen(js_namespace = kvorumPage, catch)]
    async fn words(tag: &str, part: u32) -> Result<JsValue, JsValue>;
}

/// The words that are in use on a page, so that the rest of them can be fetched.
#[derive(Default)]
pub struct Languages(RefCell<Vec<Words>>);

/// The language that the address, the reader's last visit or the browser asks for.
pub fn preferred() -> Language {
    let tag = language().ok();
    tag.and_then(|tag| Language::parse(&tag))
        .unwrap_or_default()
}

impl Languages {
    /// The words of a language, as far as the page has needed any language's so far.
    ///
    /// # Errors
    /// Says which file can't be had.
    pub async fn load(&self, language: Language) -> Result<Words, String> {
        if !cfg!(feature = "split") {
            return Ok(Words::built_in(language));
        }
        let known = |words: &&Words| words.language() == language;
        if let Some(words) = self.0.borrow().iter().find(known) {
            return Ok(words.clone());
        }
        let words = Words::new(language, part(language, 0).await?);
        self.0.borrow_mut().push(words.clone());
        if self.0.borrow().iter().any(Words::is_complete) {
            self.complete().await?;
        }
        Ok(words)
    }

    /// Gets the rest of the words that are in use, for what comes after the first screen.
    ///
    /// # Errors
    /// Says which file can't be had.
    pub async fn complete(&self) -> Result<(), String> {
        let in_use = self.0.borrow().clone();
        for words in in_use {
            if !words.is_complete() {
                words.add(part(words.language(), 1).await?);
            }
        }
        Ok(())
    }
}

/// What the first screen says (0), or the rest (1).
async fn part(language: Language, part: u32) -> Result<Catalogue, String> {
    match words(language.tag(), part).await {
        Ok(text) => Ok(Catalogue::of_lines(&text.as_string().unwrap_or_default())),
        Err(error) => Err(error.as_string().unwrap_or_default()),
    }
}
