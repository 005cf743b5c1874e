//! The language of a figure: what its components ask for their words.
//!
//! A component gets the words from the handle around it, which is a context, so that two figures on a
//! page may speak two languages. [`t!`](macro@t) is a text, for attributes and labels; [`h!`](macro@h) is the same
//! for an element's content: strong words are strong, and what the language lacks
//! is marked as English.

use crate::view::{Catalogue, Telling, Word};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use yew::prelude::*;

/// The languages that there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// English, which the others are made from.
    #[default]
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// Its tag, in links, in the storage and for the attribute `lang`.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-Hans",
        }
    }

    /// What its speakers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Chinese => "中文",
        }
    }

    /// The language of that tag.
    pub fn parse(tag: &str) -> Option<Language> {
        Language::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
    }
}

/// The words of a figure.
#[derive(Clone)]
pub struct Words(Rc<Held>);

struct Held {
    language: Language,
    catalogue: RefCell<Catalogue>,
    complete: Cell<bool>,
}

impl PartialEq for Words {
    fn eq(&self, other: &Words) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.language().tag())
    }
}

impl Default for Words {
    fn default() -> Words {
        Words::built_in(Language::English)
    }
}

impl Words {
    /// What the first screen of a figure says in this language.
    pub fn new(language: Language, first: Catalogue) -> Words {
        Words(Rc::new(Held {
            language,
            catalogue: RefCell::new(first),
            complete: Cell::new(false),
        }))
    }

    /// The words that are built in: all of them where nothing comes on demand, else none.
    pub fn built_in(language: Language) -> Words {
        let words = Words::new(language, code::built_in(language));
        words.0.complete.set(true);
        words
    }

    /// Adds what is said after the first screen.
    pub fn add(&self, rest: Catalogue) {
        self.0.catalogue.borrow_mut().add(rest);
        self.0.complete.set(true);
    }

    /// Whether all of it is here.
    pub fn is_complete(&self) -> bool {
        self.0.complete.get()
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// What a telling says. It takes the telling, so that what frees it stands in one place.
    #[inline(never)]
    pub fn say(&self, telling: Telling) -> String {
        self.text(&telling)
    }

    /// The same of one that is needed further.
    pub fn text(&self, telling: &Telling) -> String {
        self.0.catalogue.borrow().text(telling)
    }

    /// The text of a key without gaps.
    #[inline(never)]
    pub fn label(&self, key: &'static str) -> String {
        self.0.catalogue.borrow().plain(key).0.to_owned()
    }

    /// The same in an element.
    #[inline(never)]
    pub fn label_html(&self, key: &'static str) -> Html {
        let catalogue = self.0.catalogue.borrow();
        match catalogue.plain(key) {
            (_, Some(_)) => self.html(&Telling::new(key)),
            (text, None) if text.contains('*') => self.html(&Telling::new(key)),
            (text, None) => html! { { text } },
        }
    }

    /// A text of a lesson, by what it is in English.
    pub fn lesson(&self, english: &str) -> String {
        let catalogue = self.0.catalogue.borrow();
        catalogue.lesson(english).unwrap_or(english).to_owned()
    }

    /// The same in an element: what nobody translated is marked as English.
    pub fn lesson_html(&self, english: &str) -> Html {
        match self.0.catalogue.borrow().lesson(english) {
            Some(text) => html! { { text } },
            None if self.language() == Language::English => html! { { english } },
            None => html! { <span lang="en">{ english }</span> },
        }
    }

    /// What a telling says, in elements.
    #[inline(never)]
    pub fn say_html(&self, telling: Telling) -> Html {
        self.html(&telling)
    }

    /// The same of one that is needed further.
    pub fn html(&self, telling: &Telling) -> Html {
        self.drawn(telling, plain)
    }

    /// What a telling says, each piece as `draw` makes it.
    #[inline(never)]
    pub fn drawn(&self, telling: &Telling, draw: fn(&Word) -> Html) -> Html {
        let catalogue = self.0.catalogue.borrow();
        let said = catalogue.words(telling).iter().map(draw).collect();
        match catalogue.foreign(&telling.key) {
            None => said,
            Some(lang) => html! { <span lang={lang.to_owned()}>{ said }</span> },
        }
    }
}

/// A piece as text; the first screen needs no more.
pub fn plain(word: &Word) -> Html {
    match word {
        Word::Strong { text } => html! { <b>{ text }</b> },
        text => html! { { text.to_string() } },
    }
}

#[cfg(feature = "split")]
mod code {
    use super::{Catalogue, Language};

    pub fn built_in(_: Language) -> Catalogue {
        Catalogue::default()
    }
}

#[cfg(not(feature = "split"))]
mod code {
    use super::{Catalogue, Language};
    use crate::view::english;

    pub fn built_in(language: Language) -> Catalogue {
        match language {
            Language::English => english().clone(),
            Language::Chinese => {
                let file = include_str!("../../../www/lang/zh-Hans.json");
                Catalogue::read(file)
                    .unwrap_or_default()
                    .or(english().clone())
            }
        }
    }
}

/// A text of the catalogue: `t!(words, "first.seed", seed)`.
macro_rules! t {
    ($words:expr, $key:literal $(,)?) => {
        $words.label($key)
    };
    ($words:expr, $($telling:tt)+) => {
        $words.say($crate::view::words::tell!($($telling)+))
    };
}

/// The same for what stands inside of an element.
macro_rules! h {
    ($words:expr, $key:literal $(,)?) => {
        $words.label_html($key)
    };
    ($words:expr, $($telling:tt)+) => {
        $words.say_html($crate::view::words::tell!($($telling)+))
    };
}

pub(crate) use {h, t};
