//! What comes in from JavaScript: a plain copy first, then the reader that links have as well.

use super::Refused;
use crate::base::Time;
use crate::base::json::{self, Json, JsonError};
use crate::sim::settings::{FIELDS, Field, Unit};
use crate::sim::{Settings, SettingsError};
use crate::view::{english, why_not_setting};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/api/plain.js")]
extern "C" {
    /// The error of this API: `field` and `message`.
    #[wasm_bindgen(reexport)]
    pub type KvorumError;

    #[wasm_bindgen(constructor)]
    fn new(field: &str, why: &str) -> KvorumError;

    #[wasm_bindgen(catch)]
    fn plain(name: &str, value: &JsValue) -> Result<Option<String>, JsValue>;
}

/// The error that names this field.
pub(super) fn bad(field: &str, why: &str) -> Refused {
    KvorumError::new(field, why).into()
}

/// The error of a reader; what it complains about without a place is the argument itself.
pub(super) fn wrong(name: &str, error: &JsonError) -> Refused {
    let path = if error.path.is_empty() {
        name
    } else {
        &error.path
    };
    bad(path, &error.why)
}

/// Why a setting can't be.
pub(super) fn unfitting(error: &SettingsError) -> String {
    english().text(&why_not_setting(&error.why))
}

/// A copy of an argument; `None`: it is undefined.
pub(super) fn copy(name: &str, value: &JsValue) -> Result<Option<Json>, Refused> {
    let Some(text) = plain(name, value)? else {
        return Ok(None);
    };
    let json = json::parse(&text).map_err(|error| wrong(name, &error))?;
    Ok(Some(json))
}

/// Reads an argument as a type that says what it is made of.
pub(super) fn read<T: DeserializeOwned>(name: &str, value: &JsValue) -> Result<T, Refused> {
    let json = copy(name, value)?.ok_or_else(|| bad(name, "must be an object"))?;
    if !matches!(json, Json::Object(_)) {
        return Err(bad(name, "must be an object"));
    }
    json.read().map_err(|error| wrong(name, &error))
}

/// The fields of an options object; without one, none.
///
/// # Errors
/// It is no object, or has a field that nobody knows.
pub(super) fn options(
    name: &str,
    value: &JsValue,
    known: &[&str],
) -> Result<Vec<(String, Json)>, Refused> {
    let fields = match copy(name, value)? {
        None => Vec::new(),
        Some(Json::Object(fields)) => fields,
        Some(_) => return Err(bad(name, "must be an object")),
    };
    let unknown = |(field, _): &&(String, Json)| !known.contains(&field.as_str());
    match fields.iter().find(unknown) {
        Some((field, _)) => {
            let why = format!("there is no such option; there are {}", known.join(", "));
            Err(bad(&shortened(field), &why))
        }
        None => Ok(fields),
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Takes a field out; `None`: it isn't there.
pub(super) fn take(fields: &mut Vec<(String, Json)>, name: &str) -> Option<Json> {
    let at = fields.iter().position(|(field, _)| field == name)?;
    Some(fields.swap_remove(at).1)
}

/// A string, if it is there.
pub(super) fn text(name: &str, value: Option<Json>) -> Result<Option<String>, Refused> {
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(_) => Err(bad(name, "must be a string")),
    }
}

/// A whole number from 0 to `high`, if it is there.
pub(super) fn whole(name: &str, value: Option<Json>, high: u64) -> Result<Option<u64>, Refused> {
    match value {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(number)) if number <= high => Ok(Some(number)),
        Some(_) => {
            let why = format!("must be a whole number from 0 to {high}");
            Err(bad(name, &why))
        }
    }
}

/// An argument that is a whole number from 0 to `high`.
pub(super) fn count(name: &str, value: &JsValue, high: u64) -> Result<u64, Refused> {
    let number = value
        .as_f64()
        .filter(|n| n.fract() == 0.0 && *n >= 0.0 && *n <= high as f64);
    number
        .map(|n| n as u64)
        .ok_or_else(|| bad(name, &format!("must be a whole number from 0 to {high}")))
}

/// An argument that is a time: a number of milliseconds, up to a simulated day.
pub(super) fn milliseconds(value: &JsValue) -> Result<Time, Refused> {
    const MAX_MS: f64 = 86_400_000.0;
    let ms = value.as_f64().filter(|ms| (0.0..=MAX_MS).contains(ms));
    ms.map(|ms| Time((ms * 1_000.0).round() as u64))
        .ok_or_else(|| bad("ms", "must be a number from 0 to 86400000"))
}

/// A seed as a string.
pub(super) fn seed(name: &str, text: &str) -> Result<u64, Refused> {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    let seed = text.parse().ok().filter(|_| digits);
    seed.ok_or_else(|| {
        bad(
            name,
            "must be a whole number from 0 to 18446744073709551615, as a string",
        )
    })
}

/// An argument that is a seed.
pub(super) fn seed_argument(name: &str, value: &JsValue) -> Result<u64, Refused> {
    seed(name, &value.as_string().unwrap_or_default())
}

/// The settings of a scenario, with the given ones in their place, at every depth.
pub(super) fn settings(usual: &Settings, given: Json) -> Result<Settings, Refused> {
    if !matches!(given, Json::Object(_)) {
        return Err(bad("settings", "must be an object"));
    }
    let usual = copy("settings", &super::write(usual)?)?;
    let mut all = usual.unwrap_or(Json::Object(Vec::new()));
    merge(&mut all, given);
    let settings: Settings = all.read().map_err(|error| {
        let why = match Field::find(&error.path) {
            Some(field) if field.unit != Unit::Rules => wanted(field),
            _ => error.why.clone(),
        };
        match error.path.as_str() {
            "" => bad("settings", &why),
            path => bad(&format!("settings.{path}"), &why),
        }
    })?;
    let field = |name: &str| format!("settings.{name}");
    if let Some(beyond) = FIELDS.iter().find(|field| field.check(&settings).is_err()) {
        return Err(bad(&field(beyond.name), &wanted(beyond)));
    }
    settings
        .check()
        .map_err(|error| bad(&field(error.field), &unfitting(&error)))?;
    Ok(settings)
}

/// Puts the fields of an object in the place of another's; what is no object takes the place of
/// all.
fn merge(into: &mut Json, from: Json) {
    match (into, from) {
        (Json::Object(fields), Json::Object(given)) => {
            for (name, value) in given {
                match fields.iter_mut().find(|(field, _)| *field == name) {
                    Some((_, old)) => merge(old, value),
                    None => fields.push((name, value)),
                }
            }
        }
        (into, from) => *into = from,
    }
}

/// What a setting has to be, for a script: numbers without units.
fn wanted(field: &Field) -> String {
    let (low, high) = (field.low, field.high);
    let number = |unit: &str| format!("must be a whole number{unit} from {low} to {high}");
    match field.unit {
        Unit::Count => number(""),
        Unit::Bytes => number(" of bytes"),
        Unit::Time => number(" of microseconds"),
        Unit::Share => number(" of parts per million"),
        Unit::Switch => "must be true or false".into(),
        Unit::Priorities => "must be a list of whole numbers from 0 to 255".into(),
        Unit::Rules | Unit::ShardRules => {
            "must be an object with a list of names: {off: [\"pre-vote\"]}".into()
        }
        Unit::Placement => "must be balanced, ring, modulo or teams".into(),
        Unit::Logs => "must be a list of objects with term and log".into(),
    }
}
