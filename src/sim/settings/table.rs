//! The table of all settings: name, unit, bounds, and where the value is.
//!
//! [`Settings::check`](super::Settings::check), the panel of the page and the command line read
//! it, so that a bound, a unit or a description stands in one place. What a setting is when nobody
//! says anything stands in the structures' `Default`; what it means, in their documentation.

use super::super::clock::MAX_DRIFT;
use super::{
    ClientSettings, DiskSettings, Fault, Limits, LinkSettings, ReadMix, Settings, SettingsError,
    ShardSettings, WhyNotSetting, error,
};
use crate::base::{Ratio, Span};
use crate::raft::Timing;
use std::fmt;

/// The most servers in a run.
pub const MAX_NODES: u32 = 101;

/// The most nodes of a store of many shards.
pub const MAX_CLUSTER: u32 = 2_000;

/// The most shards that a store begins with.
const MAX_SHARDS: u64 = 10_000;

/// The most operations per simulated second that the background load can ask for.
pub const MAX_LOAD: u32 = 10_000;

/// The shortest span after which servers and clients repeat themselves: a millisecond. With less,
/// a run would be all repetition, and its messages under way fill the memory.
const MIN_REPEAT: u64 = 1_000;

/// The longest span that a setting can have: an hour.
const MAX_SPAN: u64 = 3_600_000_000;

/// The most bytes that a limit of messages can allow: a gibibyte.
const MAX_BYTES: u64 = 1 << 30;

/// The most entries between two snapshots, or kept behind one.
const MAX_ENTRIES: u64 = 1_000_000;

/// The most messages to one follower that may be under way, and entries in one message.
const MAX_WINDOW: u64 = 4_096;

/// The most messages of a kind that a run can be allowed to hold: with them, a browser's tab lives.
const MAX_MESSAGES: u64 = 200_000;

/// The most bytes that a run can be allowed to hold.
const MAX_HELD: u64 = 128 << 20;

/// The most things to come that a run can be allowed to hold.
const MAX_TIMERS: u64 = 2_000_000;

/// Everything: the largest share, in parts per million.
const ONE: u64 = Ratio::ONE.0 as u64;

/// What a setting is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A whole number: `1500`.
    Count,
    /// A size: `512`, `64kB` (64,000 bytes), `64KiB` (65,536).
    Bytes,
    /// A length of time: `150ms`, `1.5s`, `20us`. In microseconds where it is a number.
    Time,
    /// A share: `5%`. In parts per million where it is a number.
    Share,
    /// `on` or `off`; 1 or 0 where it is a number.
    Switch,
    /// A number from 0 to 255 for each server: `2,0,1`.
    Priorities,
    /// The rules that are off: `-pre-vote,-check-quorum`; `all` if none is.
    Rules,
    /// The same, of a store of many shards: `-tombstone`.
    ShardRules,
    /// `balanced`, `ring`, `modulo` or `teams`.
    Placement,
    /// For each server its term and the terms of its log: `7:1,1,4/6:1,1`; `empty` if all are.
    Logs,
}

impl Unit {
    /// All of them.
    pub const ALL: [Unit; 10] = [
        Unit::Count,
        Unit::Bytes,
        Unit::Time,
        Unit::Share,
        Unit::Switch,
        Unit::Priorities,
        Unit::Rules,
        Unit::ShardRules,
        Unit::Placement,
        Unit::Logs,
    ];

    /// Its name. What a value of it looks like stands in the catalogue, under the name in the section
    /// `setting-form`.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Bytes => "bytes",
            Unit::Time => "time",
            Unit::Share => "share",
            Unit::Switch => "switch",
            Unit::Priorities => "priorities",
            Unit::Rules => "rules",
            Unit::ShardRules => "shard-rules",
            Unit::Placement => "placement",
            Unit::Logs => "logs",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A setting.
pub struct Field {
    /// Its name, with the group: `timing.heartbeat`. In JSON, the dot is an object in the other.
    pub name: &'static str,
    /// What it is written in.
    pub unit: Unit,
    /// The least that it can be, as a number.
    pub low: u64,
    /// The most that it can be, as a number. With `low` 0 where it isn't a number.
    pub high: u64,
    /// Its value, if that is a number.
    pub(super) get: Option<fn(&Settings) -> u64>,
}

/// What is a number in the table. What is above the type's greatest becomes that; bounds are
/// below it.
trait Number {
    fn number(&self) -> u64;
    fn of(number: u64) -> Self;
}

impl Number for u32 {
    fn number(&self) -> u64 {
        u64::from(*self)
    }
    fn of(number: u64) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

impl Number for Ratio {
    fn number(&self) -> u64 {
        u64::from(self.0)
    }
    fn of(number: u64) -> Ratio {
        Ratio(u32::of(number))
    }
}

impl Number for Span {
    fn number(&self) -> u64 {
        self.0
    }
    fn of(number: u64) -> Span {
        Span(number)
    }
}

impl Number for bool {
    fn number(&self) -> u64 {
        u64::from(*self)
    }
    fn of(number: u64) -> bool {
        number != 0
    }
}

macro_rules! fields {
    ($($unit:ident $first:ident $(. $rest:ident)*, $low:expr, $high:expr;)+) => {
        /// All settings: those that are numbers, group by group, and then the others.
        pub static FIELDS: &[Field] = &[
            $(Field {
                name: concat!(stringify!($first) $(, ".", stringify!($rest))*),
                unit: Unit::$unit,
                low: $low,
                high: $high,
                get: Some(|settings| settings.$first$(.$rest)*.number()),
            },)+
            super::text::PRIORITIES,
            super::text::RULES,
            super::text::START,
            super::text::PLACEMENT,
            super::text::SHARD_RULES,
        ];

        /// How those that are numbers are changed, in the same order. Apart from the others, which
        /// every check reads: the first screen of the page changes no setting.
        static SETTERS: &[fn(&mut Settings, u64)] = &[
            $(|settings, number| settings.$first$(.$rest)* = Number::of(number),)+
        ];
    };
}

fields! {
    Count nodes, 1, MAX_NODES as u64;
    Time timing.election_timeout_min, 0, MAX_SPAN;
    Time timing.election_timeout_max, 0, MAX_SPAN;
    Time timing.heartbeat, MIN_REPEAT, MAX_SPAN;
    Count timing.max_in_flight, 1, MAX_WINDOW;
    Count timing.max_batch, 1, MAX_WINDOW;
    Bytes timing.max_in_flight_bytes, 1, MAX_BYTES;
    Bytes timing.max_chunk, 1, MAX_BYTES;
    Count timing.keep_entries, 0, MAX_ENTRIES;
    Share timing.clock_drift, 0, MAX_DRIFT as u64;
    Time link.latency_min, 0, MAX_SPAN;
    Time link.latency_max, 0, MAX_SPAN;
    Share link.loss, 0, ONE;
    Share link.duplicate, 0, ONE;
    Switch link.reorder, 0, 1;
    Time client_link.latency_min, 0, MAX_SPAN;
    Time client_link.latency_max, 0, MAX_SPAN;
    Share client_link.loss, 0, ONE;
    Share client_link.duplicate, 0, ONE;
    Switch client_link.reorder, 0, 1;
    Time disk.fsync_min, 0, MAX_SPAN;
    Time disk.fsync_max, 0, MAX_SPAN;
    Time clients.timeout, MIN_REPEAT, MAX_SPAN;
    Time clients.backoff_min, MIN_REPEAT, MAX_SPAN;
    Time clients.backoff_max, 0, MAX_SPAN;
    Count clients.max_attempts, 1, 1_000;
    Time clients.session_timeout, 0, MAX_SPAN;
    Count clients.many, 1, 10_000;
    Count load, 0, MAX_LOAD as u64;
    Share reads.lease, 0, ONE;
    Share reads.anywhere, 0, ONE;
    Share chaos.crash, 0, ONE;
    Share chaos.pause, 0, ONE;
    Share chaos.partition, 0, ONE;
    Share chaos.cut, 0, ONE;
    Share chaos.link, 0, ONE;
    Share chaos.disk, 0, ONE;
    Share chaos.transfer, 0, ONE;
    Share chaos.clock, 0, ONE;
    Share chaos.tear, 0, ONE;
    Share chaos.corrupt, 0, ONE;
    Share chaos.full, 0, ONE;
    Share chaos.wipe, 0, ONE;
    Share chaos.membership, 0, ONE;
    Share chaos.shape, 0, ONE;
    Share chaos.former, 0, ONE;
    Share chaos.ambush, 0, ONE;
    Share chaos.reshape, 0, ONE;
    Share chaos.drift, 0, ONE;
    Share chaos.probe, 0, ONE;
    Share chaos.surge, 0, ONE;
    Share chaos.depose, 0, ONE;
    Share chaos.usurp, 0, ONE;
    Share chaos.newcomer, 0, ONE;
    Count snapshot_every, 0, MAX_ENTRIES;
    Switch keep_removed, 0, 1;
    Count limits.packets, 1, MAX_MESSAGES;
    Count limits.requests, 1, MAX_MESSAGES;
    Bytes limits.bytes, 1, MAX_HELD;
    Count limits.entries, 1, MAX_ENTRIES;
    Count limits.timers, 1, MAX_TIMERS;
    Switch watch_liveness, 0, 1;
    Count shards.count, 0, MAX_SHARDS;
    Count shards.replicas, 1, 7;
    Switch shards.ranges, 0, 1;
    Count shards.racks, 1, 100;
    Count shards.ring_points, 1, 1_024;
    Count shards.teams_per_node, 1, 100;
    Time shards.heartbeat, MIN_REPEAT, MAX_SPAN;
    Time shards.suspect_after, MIN_REPEAT, MAX_SPAN;
    Time shards.dead_after, MIN_REPEAT, MAX_SPAN;
    Count shards.moves_from, 1, 1_000;
    Count shards.moves_to, 1, 1_000;
    Count shards.moves, 0, 10_000;
    Count shards.split_keys, 0, MAX_ENTRIES;
    Count shards.merge_keys, 0, MAX_ENTRIES;
    Count shards.keys, 1, 100_000;
}

impl Field {
    /// The setting of that name.
    pub fn find(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The name's parts: `timing` and `heartbeat`. The group of a setting without one is empty.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }

    /// What it means, in a sentence or some: its documentation.
    pub fn says(&self) -> &'static str {
        let (group, name) = self.parts();
        let docs = match group {
            "timing" => Timing::DOCS,
            "link" | "client_link" => LinkSettings::DOCS,
            "disk" => DiskSettings::DOCS,
            "clients" => ClientSettings::DOCS,
            "reads" => ReadMix::DOCS,
            "limits" => Limits::DOCS,
            "shards" => ShardSettings::DOCS,
            "chaos" => {
                let fault = Fault::ALL.iter().find(|fault| fault.name() == name);
                return fault.map_or("", |fault| fault.says()).trim();
            }
            _ => Settings::DOCS,
        };
        let found = docs.iter().find(|(of, _)| *of == name);
        found.map_or("", |(_, says)| says).trim()
    }

    /// Its value, if it is a number: microseconds, parts per million, bytes, a count, 0 or 1.
    pub fn number(&self, settings: &Settings) -> Option<u64> {
        self.get.map(|get| get(settings))
    }

    /// Sets what is a number.
    pub(super) fn set_number(&self, settings: &mut Settings, number: u64) {
        let at = FIELDS.iter().position(|field| field.name == self.name);
        if let Some(set) = at.and_then(|at| SETTERS.get(at)) {
            set(settings, number);
        }
    }

    /// The two ends of a range, of which this is the upper one: `link.latency_min` and
    /// `link.latency_max`.
    pub fn range(&self) -> Option<(&'static Field, &'static Field)> {
        let upper = Field::find(self.name).filter(|it| it.name.ends_with("_max"))?;
        let stem = upper.name.strip_suffix("_max")?;
        let mut lower = FIELDS.iter();
        let lower = lower.find(|it| it.name.strip_suffix("_min") == Some(stem))?;
        Some((lower, upper))
    }

    /// Refuses a value outside of the bounds.
    ///
    /// # Errors
    /// Names the field and its bounds.
    pub fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        match self.number(settings) {
            // Many shards are spread over more nodes: see `Settings::check`.
            Some(_) if self.name == "nodes" && settings.shards.are_many() => Ok(()),
            Some(number) => self.check_number(number),
            None => Ok(()),
        }
    }

    pub(super) fn check_number(&self, number: u64) -> Result<(), SettingsError> {
        if (self.low..=self.high).contains(&number) {
            return Ok(());
        }
        let told = |number| self.unit.told(number);
        let why = WhyNotSetting::not_between(told(number), told(self.low), told(self.high));
        error(self.name, why)
    }

    /// Refuses the upper end of a range that is below the lower one.
    pub(super) fn check_range(&self, settings: &Settings) -> Result<(), SettingsError> {
        let Some((lower, upper)) = self.range() else {
            return Ok(());
        };
        let (min, max) = (lower.number(settings), upper.number(settings));
        if min <= max {
            return Ok(());
        }
        let told = |number: Option<u64>| self.unit.told(number.unwrap_or_default());
        let (minimum, value) = (told(min), told(max));
        error(self.name, WhyNotSetting::LessThanMinimum { value, minimum })
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_allowed_and_what_is_said_is_plain() {
        let usual = Settings::default();
        for field in FIELDS {
            assert_eq!(field.check(&usual), Ok(()));
            let says = field.says();
            assert!(says.len() > 10 && says.ends_with('.'), "{field:?}: {says}");
            assert!(!says.contains(['`', '[', '_']), "{field:?}: {says}");
        }
    }

    #[test]
    fn ranges_have_two_ends() {
        let ranges = FIELDS.iter().filter_map(Field::range);
        let names: Vec<_> = ranges.map(|(min, max)| [min.name, max.name]).collect();
        assert_eq!(
            names,
            [
                ["timing.election_timeout_min", "timing.election_timeout_max"],
                ["link.latency_min", "link.latency_max"],
                ["client_link.latency_min", "client_link.latency_max"],
                ["disk.fsync_min", "disk.fsync_max"],
                ["clients.backoff_min", "clients.backoff_max"],
            ]
        );
    }
}
