//! A run to be passed on: settings, seed, journal and playhead.
//!
//! The same few values are a file for `kvorum replay`, what a share link carries in its fragment,
//! and what a sweep leaves of a failing run. They say which engine made them and what the events'
//! hash was at the playhead: a replay that comes out differently says so.

use super::{FileError, JournalEntry, Playhead, Unfit};
use crate::base::{JsonError, Time};
use crate::sim::{Action, Settings, Simulation};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version of the engine: that of the package, and what its pinned runs come out as. A test
/// holds it to them, so it changes whenever a run may come out differently.
pub const ENGINE: &str = "0.1.0-fefc59f6";

/// The most actions of a recording.
pub const MAX_ACTIONS: usize = 10_000;

/// The furthest playhead of a recording: a simulated day.
pub const MAX_PLAYHEAD: Time = Time(86_400_000_000);

/// A run, up to an instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// [`ENGINE`] of whoever recorded it.
    pub engine: String,
    /// The scenario whose lesson goes with it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The settings; what is absent is as in [`Settings::default`].
    #[serde(default)]
    pub settings: Settings,
    /// The seed. As text, because JSON's numbers are rounded elsewhere.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(with = "String"))]
    pub seed: u64,
    /// What was done.
    #[serde(default)]
    pub journal: Vec<Recorded>,
    /// Where the reader was: later actions follow it.
    pub playhead: Time,
    /// The hash of the events at the playhead, 16 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// An action and when it was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// When.
    pub at: Time,
    /// Events of the queue processed before it. Without it: everything due by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed: Option<u64>,
    /// What.
    #[serde(rename = "do")]
    pub action: Action,
}

fn as_text<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(seed)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let why = || D::Error::custom("seed: a whole number from 0 to 18446744073709551615 as text");
    text.parse().map_err(|_| why())
}

fn error<T>(field: impl Into<String>, why: impl Into<String>) -> Result<T, FileError> {
    let (field, why) = (field.into(), Unfit::File(why.into()));
    Err(FileError { field, why })
}

/// The longest id of a scenario, in characters.
const MAX_ID: usize = 40;

/// Whether this may be the id of a scenario, whatever wrote it: a lesson's file, a recording, an
/// address. An id is also a part of addresses and of file names, so it has nothing in it that
/// means something there.
///
/// # Errors
/// It may not; the error says what an id is made of.
pub fn check_id(id: &str) -> Result<(), JsonError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > MAX_ID || !id.chars().all(plain) {
        let why = format!("1 to {MAX_ID} of a to z, 0 to 9 and - are needed");
        return Err(JsonError::new(why));
    }
    Ok(())
}

impl Recording {
    /// The branch that a playhead is on, with the instant where it is.
    pub fn of(playhead: &Playhead, scenario: Option<&str>) -> Recording {
        let simulation = playhead.simulation();
        let recorded = |entry: &JournalEntry| Recorded {
            at: entry.at,
            processed: Some(entry.processed),
            action: entry.action.clone(),
        };
        Recording {
            engine: ENGINE.into(),
            scenario: scenario.map(Into::into),
            settings: simulation.settings().clone(),
            seed: simulation.seed(),
            journal: playhead.journal().iter().map(recorded).collect(),
            playhead: playhead.now(),
            hash: Some(hash_text(simulation)),
        }
    }

    /// The run at its beginning. The journal's actions are done as their times come; see
    /// [`Playhead::follow_recording`].
    ///
    /// # Errors
    /// Names the first field that can't be.
    pub fn start(&self) -> Result<Playhead, FileError> {
        self.check()?;
        let mut playhead = Playhead::new(self.settings.clone(), self.seed)?;
        playhead.follow_recording(self);
        Ok(playhead)
    }

    /// Checks everything that can be known before the run: whether an action can be done shows
    /// when its time comes.
    ///
    /// # Errors
    /// Names the first field that can't be.
    pub fn check(&self) -> Result<(), FileError> {
        if let Some(Err(wrong)) = self.scenario.as_deref().map(check_id) {
            return error("scenario", wrong.why);
        }
        self.settings.check()?;
        if self.playhead > MAX_PLAYHEAD {
            return error("playhead", beyond_a_day(self.playhead));
        }
        if self.journal.len() > MAX_ACTIONS {
            let many = self.journal.len();
            return error("journal", format!("{many} actions, at most {MAX_ACTIONS}"));
        }
        let mut before = (Time::ZERO, 0);
        for (place, entry) in self.journal.iter().enumerate() {
            let field = |name| format!("journal[{place}].{name}");
            if entry.at < before.0 {
                let why = "microseconds, earlier than the action before it, at";
                return error(field("at"), format!("{} {why} {}", entry.at.0, before.0.0));
            }
            if entry.at > MAX_PLAYHEAD {
                return error(field("at"), beyond_a_day(entry.at));
            }
            let processed = entry.processed.unwrap_or(before.1);
            if processed < before.1 {
                return error(field("processed"), "less than that of the action before it");
            }
            before = (entry.at, processed);
        }
        let is_hash =
            |text: &String| text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        if self.hash.as_ref().is_some_and(|text| !is_hash(text)) {
            return error("hash", "16 hexadecimal digits are needed");
        }
        Ok(())
    }

    /// Whether a replay that has come to the playhead is the run that was recorded.
    ///
    /// # Errors
    /// It isn't: another engine recorded it, or somebody changed it.
    pub fn confirm(&self, replayed: &Simulation) -> Result<(), FileError> {
        let found = hash_text(replayed);
        match &self.hash {
            Some(hash) if *hash != found && self.engine != ENGINE => error(
                "engine",
                format!(
                    "recorded by {}, replayed by {ENGINE}: the run comes out differently here",
                    shortened(&self.engine)
                ),
            ),
            Some(hash) if *hash != found => error(
                "hash",
                format!("the run comes out as {found}, not as {hash}: it was changed on the way"),
            ),
            _ => Ok(()),
        }
    }
}

fn beyond_a_day(time: Time) -> String {
    let (time, day) = (time.0, MAX_PLAYHEAD.0);
    format!("{time} microseconds, more than a simulated day, {day} microseconds")
}

/// Text of strangers, short enough for a sentence and without anything that isn't printed.
fn shortened(text: &str) -> String {
    let safe = text.chars().flat_map(char::escape_default);
    safe.take(40).collect()
}

fn hash_text(simulation: &Simulation) -> String {
    format!("{:016x}", simulation.hash())
}
