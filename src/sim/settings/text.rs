//! Settings as text: what a person types for one, and how its value is written.
//!
//! Everything is whole numbers: `1.5ms` is 1,500 microseconds, and what is finer than the unit in
//! which a setting is kept is refused, never rounded.

use super::table::{FIELDS, Field, MAX_CLUSTER, Unit};
use super::{Beginning, PlacementName, Settings, SettingsError, WhyNotSetting};
use crate::base::json::quoted;
use crate::base::{Span, UnknownRule};
use crate::kv::{ShardRule, ShardRules};
use crate::raft::{Rule, Rules, Term};

/// Names for units, each with how many of the smallest one it is.
type Names = &'static [(&'static str, u64)];

const TIMES: Names = &[
    ("us", 1),
    ("µs", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("min", 60_000_000),
    ("h", 3_600_000_000),
];

const SIZES: Names = &[
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

const SHARES: Names = &[("%", 10_000), ("ppm", 1)];

const COUNTS: Names = &[("", 1)];

pub(super) const PRIORITIES: Field = Field {
    name: "priorities",
    unit: Unit::Priorities,
    low: 0,
    high: u8::MAX as u64,
    get: None,
};

pub(super) const RULES: Field = Field {
    name: "rules",
    unit: Unit::Rules,
    low: 0,
    high: 0,
    get: None,
};

pub(super) const PLACEMENT: Field = Field {
    name: "shards.placement",
    unit: Unit::Placement,
    low: 0,
    high: 0,
    get: None,
};

pub(super) const SHARD_RULES: Field = Field {
    name: "shards.rules",
    unit: Unit::ShardRules,
    low: 0,
    high: 0,
    get: None,
};

pub(super) const START: Field = Field {
    name: "start",
    unit: Unit::Logs,
    low: 0,
    high: 0,
    get: None,
};

/// The rules that are off, by name; `all` if none is.
fn off(names: impl Iterator<Item = &'static str>) -> String {
    let off: Vec<_> = names.map(|name| format!("-{name}")).collect();
    if off.is_empty() {
        "all".into()
    } else {
        off.join(",")
    }
}

/// What the disks hold; `empty` if none holds anything.
fn logs(settings: &Settings) -> String {
    let disk = |disk: &Beginning| format!("{}:{}", disk.term, joined(&disk.log));
    let disks: Vec<_> = settings.start.iter().map(disk).collect();
    if disks.is_empty() {
        "empty".into()
    } else {
        disks.join("/")
    }
}

fn joined(numbers: &[impl ToString]) -> String {
    let texts: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// The numbers of a list; `wrong` says of one that it is none.
fn split<T: std::str::FromStr>(
    text: &str,
    wrong: impl Fn(String) -> WhyNotSetting,
) -> Result<Vec<T>, WhyNotSetting> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let one = |part: &str| part.trim().parse().map_err(|_| wrong(quoted(part)));
    text.split(',').map(one).collect()
}

fn beginning(text: &str) -> Result<Beginning, WhyNotSetting> {
    let terms = |text| split::<Term>(text, |text| WhyNotSetting::NoTerm { text });
    let (term, log) = text.split_once(':').ok_or(WhyNotSetting::NoColon)?;
    let &[term] = terms(term)?.as_slice() else {
        return Err(WhyNotSetting::OneTerm);
    };
    let log = terms(log.trim())?;
    Ok(Beginning { term, log })
}

fn no_rule(unknown: UnknownRule) -> WhyNotSetting {
    WhyNotSetting::NoRule {
        name: quoted(&unknown.name),
        known: unknown.known.join(", "),
    }
}

impl Settings {
    /// A setting as text, as [`Settings::set`] reads it. A range has two ends:
    /// `link.latency` is `8ms..14ms`.
    ///
    /// # Errors
    /// There is no setting of that name.
    pub fn get(&self, name: &str) -> Result<String, SettingsError> {
        let ends = range(name);
        let (Some(lower), Some(upper)) = (ends.0, ends.1) else {
            return Ok(known(name)?.text(self));
        };
        Ok(format!("{}..{}", lower.text(self), upper.text(self)))
    }

    /// Sets a setting, or both ends of a range: `link.latency=8ms..14ms`, or `12ms` for a range of
    /// one value. Only its own bounds are checked: others may be set after it, and then
    /// [`Settings::check`] looks at all together.
    ///
    /// # Errors
    /// There is no setting of that name, the text is none of its values, or it is out of bounds.
    /// Nothing has changed then.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SettingsError> {
        let ends = range(name);
        let (Some(lower), Some(upper)) = (ends.0, ends.1) else {
            return known(name)?.set(self, text);
        };
        let (min, max) = text.split_once("..").unwrap_or((text, text));
        let mut changed = self.clone();
        lower.set(&mut changed, min)?;
        upper.set(&mut changed, max)?;
        upper.check_range(&changed)?;
        *self = changed;
        Ok(())
    }
}

/// The ends of the range of that name, if it is one.
fn range(name: &str) -> (Option<&'static Field>, Option<&'static Field>) {
    let end = |suffix| {
        let mut fields = FIELDS.iter();
        fields.find(|field| field.name.strip_suffix(suffix) == Some(name))
    };
    (end("_min"), end("_max"))
}

fn known(name: &str) -> Result<&'static Field, SettingsError> {
    Field::find(name).ok_or_else(|| {
        let own = |field: &&Field| field.parts().1 == name;
        let same = FIELDS.iter().filter(own);
        let mut known: Vec<_> = same.map(|field| field.name).collect();
        if known.is_empty() {
            known = FIELDS.iter().map(|field| field.name).collect();
        }
        SettingsError {
            field: "settings",
            why: WhyNotSetting::NoSetting {
                name: quoted(name),
                known: known.join(", "),
            },
        }
    })
}

impl Field {
    /// Its value as text, as [`Field::set`] reads it.
    pub fn text(&self, settings: &Settings) -> String {
        match (self.number(settings), self.unit) {
            (Some(number), unit) => unit.written(number),
            (None, Unit::Priorities) => joined(&settings.priorities),
            (None, Unit::Rules) => off(settings.rules.off().map(Rule::name)),
            (None, Unit::ShardRules) => off(settings.shards.rules.off().map(ShardRule::name)),
            (None, Unit::Placement) => settings.shards.placement.name().into(),
            (None, _) => logs(settings),
        }
    }

    /// Sets it to what a text says: see [`Settings::set`].
    ///
    /// # Errors
    /// The text is none of its values, or it is out of bounds. Nothing has changed then.
    pub fn set(&self, settings: &mut Settings, text: &str) -> Result<(), SettingsError> {
        let wrong = |why| SettingsError {
            field: self.name,
            why,
        };
        if self.get.is_some() {
            let number = self.unit.read(text).map_err(wrong)?;
            // A store of many shards may have more; whether it is one may be set later.
            if self.name != "nodes" || number > MAX_CLUSTER.into() || number == 0 {
                self.check_number(number)?;
            }
            self.set_number(settings, number);
            return Ok(());
        }
        let text = text.trim();
        match self.unit {
            Unit::Priorities => {
                let priorities = split(text, |text| WhyNotSetting::NoPriority { text });
                settings.priorities = priorities.map_err(wrong)?;
            }
            Unit::Rules => {
                let rules = Rules::ALL.but(text).map_err(no_rule);
                settings.rules = rules.map_err(wrong)?;
            }
            Unit::ShardRules => {
                let rules = ShardRules::ALL.but(text).map_err(no_rule);
                settings.shards.rules = rules.map_err(wrong)?;
            }
            Unit::Placement => {
                let named = PlacementName::ALL.into_iter().find(|it| it.name() == text);
                let unreadable = || wrong(Unit::Placement.unreadable(text));
                settings.shards.placement = named.ok_or_else(unreadable)?;
            }
            _ if matches!(text, "" | "empty") => settings.start = Vec::new(),
            _ => {
                let disks = text.split('/').map(beginning).collect::<Result<_, _>>();
                settings.start = disks.map_err(wrong)?;
            }
        }
        Ok(())
    }
}

impl Unit {
    /// A number in this unit, as [`Unit::read`] reads it: `150ms`, `5%`, `1MiB`.
    pub fn written(self, number: u64) -> String {
        let names: &[&str] = match self {
            Unit::Time => &["h", "s", "ms", "us"],
            Unit::Bytes => &["MiB", "KiB"],
            Unit::Share => return share(number),
            Unit::Switch => return (if number == 0 { "off" } else { "on" }).into(),
            _ => &[],
        };
        let whole = names.iter().find_map(|name| {
            let size = self.size(name)?;
            let whole = number > 0 && number.is_multiple_of(size);
            whole.then(|| format!("{}{name}", number / size))
        });
        let zero = if self == Unit::Time { "ms" } else { "" };
        whole.unwrap_or_else(|| format!("{number}{zero}"))
    }

    /// A number in this unit in a sentence: a blank stands before the unit.
    pub fn told(self, number: u64) -> String {
        // From ten seconds on a span is shown in thousandths of a second.
        if self == Unit::Time && (number < 10_000_000 || number.is_multiple_of(1_000)) {
            return Span(number).to_string();
        }
        let mut text = self.written(number);
        if self != Unit::Share
            && let Some(at) = text
                .find(|c: char| c.is_ascii_alphabetic())
                .filter(|&at| at > 0)
        {
            text.insert(at, ' ');
        }
        text
    }

    /// Reads what a person wrote.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn read(self, text: &str) -> Result<u64, WhyNotSetting> {
        let text = text.trim();
        if self == Unit::Switch {
            return match text {
                "on" | "yes" | "true" => Ok(1),
                "off" | "no" | "false" => Ok(0),
                _ => Err(WhyNotSetting::NoSwitch { text: quoted(text) }),
            };
        }
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'));
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let unit = unit.trim_start();
        if number.chars().all(|c| c == '0') && !number.is_empty() && unit.is_empty() {
            return Ok(0);
        }
        let size = self.size(unit).ok_or_else(|| self.unreadable(text))?;
        scaled(number, size).map_err(|fine| match fine {
            true => self.too_fine(text),
            false => self.unreadable(text),
        })
    }

    fn unreadable(self, text: &str) -> WhyNotSetting {
        let text = quoted(text);
        WhyNotSetting::Unreadable { text, unit: self }
    }

    fn too_fine(self, text: &str) -> WhyNotSetting {
        let finest = match self {
            Unit::Time | Unit::Share => self,
            _ => Unit::Count,
        };
        let text = quoted(text);
        WhyNotSetting::TooFine { text, finest }
    }

    /// How many of the smallest unit this one is.
    fn size(self, name: &str) -> Option<u64> {
        let names = match self {
            Unit::Time => TIMES,
            Unit::Bytes => SIZES,
            Unit::Share => SHARES,
            _ => COUNTS,
        };
        let same = |it: &&(&str, u64)| it.0.eq_ignore_ascii_case(name);
        names.iter().find(same).map(|(_, size)| *size)
    }
}

/// A share in per cent: `5%`, `0.25%`.
fn share(number: u64) -> String {
    let (whole, rest) = (number / 10_000, number % 10_000);
    if rest == 0 {
        return format!("{whole}%");
    }
    let digits = format!("{rest:04}");
    format!("{whole}.{}%", digits.trim_end_matches('0'))
}

/// A number, perhaps with a fraction, times `size`.
///
/// # Errors
/// It is no number (false), or the result isn't whole or is too large (true).
fn scaled(number: &str, size: u64) -> Result<u64, bool> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| {
        let text = text.replace('_', "");
        let good = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        good.then_some(text).ok_or(false)
    };
    let (whole, fraction) = (digits(whole)?, digits(fraction)?);
    let whole: u64 = whole.parse().map_err(|_| true)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 9 {
        return Err(true);
    }
    let parts = 10_u64.pow(fraction.len() as u32);
    let fraction: u64 = fraction.parse().unwrap_or(0);
    let part = fraction.checked_mul(size).ok_or(true)?;
    if !part.is_multiple_of(parts) {
        return Err(true);
    }
    let whole = whole.checked_mul(size).ok_or(true)?;
    whole.checked_add(part / parts).ok_or(true)
}
