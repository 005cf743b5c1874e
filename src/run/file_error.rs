//! What is wrong with a file that holds a run or a lesson.

use crate::base::JsonError;
use crate::sim::{SettingsError, WhyNotSetting};
use std::fmt;

/// What is wrong with a recording or with a lesson's file, and where.
///
/// [`Display`](fmt::Display) is for programmers. Readers get
/// [`unfit_file`](crate::view::unfit_file) in their language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// The field, with its place: `journal[3].node`; empty: the file.
    pub field: String,
    /// What is wrong with it.
    pub why: Unfit,
}

/// What is wrong with a field of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// A setting can't be.
    Setting(WhyNotSetting),
    /// Something else. What is wrong with a file is said in English only.
    File(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        self.why.fmt(f)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Setting(why) => why.fmt(f),
            Unfit::File(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for FileError {}

impl From<SettingsError> for FileError {
    fn from(SettingsError { field, why }: SettingsError) -> FileError {
        FileError {
            field: format!("settings.{field}"),
            why: Unfit::Setting(why),
        }
    }
}

impl From<JsonError> for FileError {
    fn from(JsonError { path, why }: JsonError) -> FileError {
        FileError {
            field: path,
            why: Unfit::File(why),
        }
    }
}
