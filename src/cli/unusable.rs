//! What can't be used, and where: errors of every command.

use crate::run::FileError;
use crate::sim::SettingsError;
use crate::view::{english, unfit, unfit_file};
use serde_json::json;
use std::fmt;
use std::io;

/// Input that can't be used, or a file that can't be written. Whatever is known of the place comes
/// first in the message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unusable {
    /// The file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The field.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub message: String,
}

impl Unusable {
    pub(super) fn new(message: impl Into<String>) -> Unusable {
        Unusable {
            message: message.into(),
            ..Unusable::default()
        }
    }

    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Unusable {
        Unusable {
            field: Some(field),
            ..Unusable::new(message)
        }
    }

    pub(super) fn at_line(self, line: u64) -> Unusable {
        Unusable {
            line: self.line.or(Some(line)),
            ..self
        }
    }

    pub(super) fn in_file(self, file: &str) -> Unusable {
        Unusable {
            file: Some(file.to_owned()),
            ..self
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let Unusable {
            file,
            line,
            field,
            message,
        } = self;
        json!({"file": file, "line": line, "field": field, "message": message})
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unusable {}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Unusable {
        unusable(error)
    }
}

impl From<SettingsError> for Unusable {
    fn from(error: SettingsError) -> Unusable {
        Unusable::new(english().text(&unfit(&error)))
    }
}

impl From<FileError> for Unusable {
    fn from(error: FileError) -> Unusable {
        Unusable::new(english().text(&unfit_file(&error)))
    }
}

/// Whatever went wrong, in its own words, without a number that only the system knows.
pub(super) fn unusable(error: impl fmt::Display) -> Unusable {
    let said = error.to_string();
    let end = said.find(" (os error ").unwrap_or(said.len());
    Unusable::new(&said[..end])
}

/// Whatever went wrong with that file.
pub(super) fn about<E: fmt::Display>(file: impl fmt::Display) -> impl FnOnce(E) -> Unusable {
    move |error| unusable(error).in_file(&file.to_string())
}
