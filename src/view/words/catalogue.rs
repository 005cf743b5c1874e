//! The texts of a language, and how words are made of them.

use super::{Arg, Telling};
use crate::base::json::{Json, JsonError, parse};
use crate::view::Word;
use std::sync::OnceLock;

/// Tellings inside of tellings, at most. None of ours comes near it.
const DEEPEST: u32 = 8;

/// The texts of a language.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Catalogue {
    /// Its tag, for the attribute `lang`: `en`, `zh-Hans`.
    pub lang: String,
    /// What its speakers call it.
    pub name: String,
    /// The sections of which it has every text.
    pub covers: Vec<String>,
    /// The texts by their keys, in parts, each in the order of the keys.
    parts: Vec<Vec<(String, Text)>>,
    /// Who has the texts that are missing here.
    instead: Option<Box<Catalogue>>,
}

/// What a key stands for.
#[derive(Clone, PartialEq, Debug)]
enum Text {
    /// One text.
    Plain(String),
    /// A text for each form that a number asks for.
    Forms {
        /// The gap with that number.
        by: String,
        /// The forms by name.
        forms: Vec<(String, String)>,
    },
}

impl Catalogue {
    /// Reads a file of `www/lang`.
    ///
    /// # Errors
    /// Names the place where it isn't what such a file should be.
    pub fn read(file: &str) -> Result<Catalogue, JsonError> {
        let Json::Object(fields) = parse(file)? else {
            return Err(JsonError::new("a catalogue is an object"));
        };
        let mut catalogue = Catalogue::default();
        for (name, value) in fields {
            let read = match (&*name, value) {
                ("lang" | "name", Json::Text(text)) => {
                    let of = match &*name {
                        "lang" => &mut catalogue.lang,
                        _ => &mut catalogue.name,
                    };
                    *of = text;
                    Ok(())
                }
                ("covers", Json::List(names)) => names
                    .into_iter()
                    .try_for_each(|name| string(name).map(|name| catalogue.covers.push(name))),
                ("words", value) => sections(value).map(|texts| catalogue.parts = vec![texts]),
                _ => Err(JsonError::new("isn't a field of a catalogue")),
            };
            read.map_err(|error| error.within(&name))?;
        }
        Ok(catalogue)
    }

    /// Reads a file as it is cut for the page (`xtask/src/words.rs`): the language's tag, then a line
    /// for each text, in the order of the keys, its parts between tabs: the key and the text, or the
    /// key, the number that decides, and the forms of the language. Behind a line without a key stand
    /// the texts of English that the language lacks.
    pub fn of_lines(file: &str) -> Catalogue {
        let mut lines = file.split('\n');
        let of = |lang: &str, lines: &mut dyn Iterator<Item = &str>| {
            let mut texts = Vec::new();
            for line in lines {
                let mut parts = line.split('\t');
                let key = parts.next().unwrap_or_default();
                if key.is_empty() {
                    break;
                }
                let first = parts.next().unwrap_or_default().to_owned();
                let mut forms = Vec::new();
                for (name, text) in plural_forms(lang).iter().zip(parts) {
                    forms.push(((*name).to_owned(), text.to_owned()));
                }
                let text = match forms.is_empty() {
                    true => Text::Plain(first),
                    false => Text::Forms { by: first, forms },
                };
                texts.push((key.to_owned(), text));
            }
            Catalogue {
                lang: lang.to_owned(),
                parts: vec![texts],
                ..Catalogue::default()
            }
        };
        let lang = lines.next().unwrap_or_default();
        let mut catalogue = of(lang, &mut lines);
        let english = of("en", &mut lines);
        catalogue.instead = Some(Box::new(english));
        catalogue
    }

    /// The same, with the texts that it lacks from another one.
    #[must_use]
    pub fn or(mut self, other: Catalogue) -> Catalogue {
        self.instead = Some(Box::new(other));
        self
    }

    /// Adds the texts of another part of the same language.
    pub fn add(&mut self, part: Catalogue) {
        self.parts.extend(part.parts);
        match (&mut self.instead, part.instead) {
            (Some(mine), Some(more)) => mine.add(*more),
            (mine, more) => *mine = mine.take().or(more),
        }
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flatten().map(|(key, _)| &**key)
    }

    /// The texts of a key, by the names of their forms; one without a form has no name. None if the
    /// language lacks it.
    pub fn forms(&self, key: &str) -> Vec<(&str, &str)> {
        match self.own(key) {
            None => Vec::new(),
            Some(Text::Plain(text)) => vec![("", text)],
            Some(Text::Forms { forms, .. }) => forms.iter().map(|(n, t)| (&**n, &**t)).collect(),
        }
    }

    /// The gap whose number decides between the forms of a key, if it has forms.
    pub fn decides(&self, key: &str) -> Option<&str> {
        match self.own(key)? {
            Text::Plain(_) => None,
            Text::Forms { by, .. } => Some(by),
        }
    }

    /// The text of a key, as it stands in the file, and the language if it isn't this one. For texts
    /// without gaps.
    pub fn plain<'a>(&'a self, key: &'a str) -> (&'a str, Option<&'a str>) {
        match self.find(key) {
            Some((of, Text::Plain(text))) => (text, (of.lang != self.lang).then_some(&*of.lang)),
            _ => (key, None),
        }
    }

    /// A text of a lesson in this language, by what it is in English; none if nobody translated it.
    pub fn lesson(&self, english: &str) -> Option<&str> {
        match self.own(&format!("\"{english}"))? {
            Text::Plain(text) => Some(text),
            Text::Forms { .. } => None,
        }
    }

    /// The language in which a key is said, if that isn't this one.
    pub fn foreign(&self, key: &str) -> Option<&str> {
        match self.find(key) {
            Some((of, _)) if of.lang != self.lang => Some(&of.lang),
            _ => None,
        }
    }

    /// What a telling says, in pieces.
    pub fn words(&self, telling: &Telling) -> Vec<Word> {
        let mut out = Vec::new();
        self.say(telling, false, DEEPEST, &mut out);
        out
    }

    /// What a telling says, as plain text.
    pub fn text(&self, telling: &Telling) -> String {
        self.words(telling).iter().map(Word::to_string).collect()
    }

    fn own(&self, key: &str) -> Option<&Text> {
        self.parts.iter().find_map(|texts| {
            let at = texts.binary_search_by(|(of, _)| (**of).cmp(key));
            at.ok().map(|at| &texts[at].1)
        })
    }

    fn find(&self, key: &str) -> Option<(&Catalogue, &Text)> {
        let own = self.own(key).map(|text| (self, text));
        own.or_else(|| self.instead.as_ref()?.find(key))
    }

    fn say(&self, telling: &Telling, strong: bool, depth: u32, out: &mut Vec<Word>) {
        let Some((of, text)) = self.find(&telling.key).filter(|_| depth > 0) else {
            return push(out, strong, &telling.key);
        };
        let template = match text {
            Text::Plain(text) => text,
            Text::Forms { by, forms } => {
                let number = telling.args.iter().find(|(name, _)| name == by);
                let wanted = form(&of.lang, number.map(|(_, arg)| arg));
                let fits = forms.iter().find(|(name, _)| name == wanted);
                match fits.or(forms.last()) {
                    Some((_, text)) => text,
                    None => return,
                }
            }
        };
        let (mut strong, mut rest) = (strong, &**template);
        while let Some(at) = rest.find(['{', '*']) {
            push(out, strong, &rest[..at]);
            let mark = &rest[at..];
            rest = match mark.split_once('}').filter(|_| mark.starts_with('{')) {
                Some((gap, after)) => {
                    let mut args = telling.args.iter();
                    if let Some((_, arg)) = args.find(|(of, _)| *of == &gap[1..]) {
                        self.fill(arg, strong, depth - 1, out);
                    }
                    after
                }
                // Stars come in twos.
                None => {
                    strong = !strong;
                    mark.get(2..).unwrap_or_default()
                }
            };
        }
        push(out, strong, rest);
    }

    fn fill(&self, arg: &Arg, strong: bool, depth: u32, out: &mut Vec<Word>) {
        match arg {
            Arg::Nothing => {}
            Arg::Text(text) => push(out, strong, text),
            Arg::Number(number) => push(out, strong, &number.to_string()),
            Arg::Grouped(number) => push(out, strong, &grouped(*number)),
            Arg::Node { id, term, leader } => out.push(Word::Node {
                id: *id,
                term: *term,
                leader: *leader,
            }),
            Arg::Entry {
                index,
                term,
                label,
                committed,
            } => out.push(Word::Entry {
                index: *index,
                term: *term,
                label: label.clone(),
                committed: *committed,
            }),
            Arg::Telling(telling) => self.say(telling, strong, depth, out),
            Arg::All(parts) => {
                let between = [super::key!("list.between"), super::key!("list.last")];
                self.row(parts, between, strong, depth, out);
            }
            Arg::Either(parts) => {
                let between = [super::key!("list.between"), super::key!("list.or")];
                self.row(parts, between, strong, depth, out);
            }
            Arg::Clauses(parts) => {
                self.row(parts, [super::key!("list.clauses"); 2], strong, depth, out);
            }
            Arg::Sides(parts) => {
                self.row(parts, [super::key!("list.sides"); 2], strong, depth, out);
            }
        }
    }

    /// Several things in a row, with what stands between them and before the last.
    fn row(
        &self,
        parts: &[Arg],
        [between, last]: [&'static str; 2],
        strong: bool,
        depth: u32,
        out: &mut Vec<Word>,
    ) {
        for (at, part) in parts.iter().enumerate() {
            match at {
                0 => {}
                _ if at + 1 == parts.len() => self.say(&Telling::new(last), strong, depth, out),
                _ => self.say(&Telling::new(between), strong, depth, out),
            }
            self.fill(part, strong, depth, out);
        }
    }
}

/// The texts of all sections, by section and name.
fn sections(value: Json) -> Result<Vec<(String, Text)>, JsonError> {
    let Json::Object(sections) = value else {
        return Err(JsonError::new("its sections should stand here"));
    };
    let mut texts = Vec::new();
    for (section, value) in sections {
        let Json::Object(named) = value else {
            return Err(JsonError::new("its texts should stand here").within(&section));
        };
        for (name, value) in named {
            let read = text(value).map_err(|error| error.within(&name).within(&section))?;
            texts.push((format!("{section}.{name}"), read));
        }
    }
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(texts)
}

fn text(value: Json) -> Result<Text, JsonError> {
    let fields = match value {
        Json::Object(fields) => fields,
        value => return string(value).map(Text::Plain),
    };
    let (mut by, mut forms) = (String::new(), Vec::new());
    for (name, value) in fields {
        let value = string(value).map_err(|error| error.within(&name))?;
        match &*name {
            "by" => by = value,
            _ => forms.push((name, value)),
        }
    }
    match by.is_empty() || forms.is_empty() {
        true => Err(JsonError::new(
            "a number that decides (by) and forms are needed",
        )),
        false => Ok(Text::Forms { by, forms }),
    }
}

fn string(value: Json) -> Result<String, JsonError> {
    match value {
        Json::Text(text) => Ok(text),
        _ => Err(JsonError::new("a text should stand here")),
    }
}

/// Adds to the last piece what is of its kind.
fn push(out: &mut Vec<Word>, strong: bool, more: &str) {
    match out.last_mut() {
        _ if more.is_empty() => {}
        Some(Word::Text { text }) if !strong => text.push_str(more),
        Some(Word::Strong { text }) if strong => text.push_str(more),
        _ if strong => out.push(Word::Strong { text: more.into() }),
        _ => out.push(Word::Text { text: more.into() }),
    }
}

/// The names of the forms that a language has, by Unicode's plural rules for whole numbers.
pub fn plural_forms(lang: &str) -> &'static [&'static str] {
    match lang {
        "zh-Hans" => &["other"],
        _ => &["one", "other"],
    }
}

fn form(lang: &str, number: Option<&Arg>) -> &'static str {
    match number {
        Some(Arg::Number(1) | Arg::Grouped(1)) => plural_forms(lang)[0],
        _ => "other",
    }
}

/// A number with commas: 100,000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The English that is built in: for the command line, for scripts, and for tests. The page gets its
/// language as a file.
pub fn english() -> &'static Catalogue {
    static ENGLISH: OnceLock<Catalogue> = OnceLock::new();
    ENGLISH.get_or_init(|| {
        let file = include_str!("../../../www/lang/en.json");
        Catalogue::read(file).unwrap_or_default()
    })
}
