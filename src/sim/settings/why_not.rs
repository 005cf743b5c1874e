//! Why a setting can't be, as data; the words for it are made in `view`.

use super::Unit;
use crate::base::{NodeId, reasons};
use std::fmt;

reasons! {
    /// Why a setting can't be. Numbers are written in the setting's unit, and what somebody typed is
    /// quoted. The words stand in the section `why-not-setting`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub enum WhyNotSetting {
        /// It is out of bounds.
        "not-between" NotBetween {
            /// Its value.
            value: String,
            /// The least that it can be.
            low: String,
            /// The most that it can be.
            high: String,
        },
        /// It is too much.
        "above" Above {
            /// The most that it can be.
            most: String,
        },
        /// The upper end of a range is below the lower one.
        "less-than-minimum" LessThanMinimum {
            /// The upper end.
            value: String,
            /// The lower one.
            minimum: String,
        },
        /// Heartbeats don't come before followers campaign.
        "slow-heartbeat" SlowHeartbeat {
            /// The heartbeat interval.
            value: String,
            /// The shortest election timeout.
            timeout: String,
        },
        /// It has to be below another setting, and isn't.
        "not-below" NotBelow {
            /// Its value.
            value: String,
            /// The other setting.
            setting: &'static str,
            /// The other's value.
            limit: String,
        },
        /// It has to be at most a quarter of another setting, and isn't.
        "more-than-quarter" MoreThanQuarter {
            /// Its value.
            value: u32,
            /// The other setting.
            setting: &'static str,
            /// The other's value.
            limit: u32,
        },
        /// It says something of more servers than there are.
        "more-than-servers" MoreThanServers {
            /// So many servers there are.
            nodes: u32,
        },
        /// Of something on nodes of its own, there is more than there are nodes.
        "more-than-nodes" MoreThanNodes {
            /// So much of it.
            value: u32,
            /// So many nodes there are.
            nodes: u32,
        },
        /// Many shards aren't in this build.
        "one-group-only" OneGroupOnly,
        /// Disks that hold something don't go with many shards.
        "start-with-shards" StartWithShards,
        /// Terms of a log at the beginning that can't be.
        "log-terms" LogTerms {
            /// The server.
            node: NodeId,
        },
        /// Two logs at the beginning break Log Matching.
        "log-match" LogMatch {
            /// The server.
            node: NodeId,
            /// The one with which its log has an entry in common.
            other: NodeId,
        },
        /// There is no such setting.
        "no-setting" NoSetting {
            /// What was asked for.
            name: String,
            /// The settings that are meant, perhaps.
            known: String,
        },
        /// There is no such rule.
        "no-rule" NoRule {
            /// What was asked for.
            name: String,
            /// The rules that there are.
            known: String,
        },
        /// A text is no value of the setting.
        "unreadable" Unreadable {
            /// What was typed.
            text: String,
            /// What is wanted.
            unit: Unit,
        },
        /// A text is finer than the setting is kept, or too large for a number.
        "too-fine" TooFine {
            /// What was typed.
            text: String,
            /// What stands for the finest part.
            finest: Unit,
        },
        /// A text is no switch.
        "no-switch" NoSwitch {
            /// What was typed.
            text: String,
        },
        /// A text is no priority.
        "no-priority" NoPriority {
            /// What was typed.
            text: String,
        },
        /// A text is no term.
        "no-term" NoTerm {
            /// What was typed.
            text: String,
        },
        /// A log at the beginning is written without its server's term.
        "no-colon" NoColon,
        /// A log at the beginning is written with several terms for its server, or none.
        "one-term" OneTerm,
    }
}

impl WhyNotSetting {
    /// A number isn't between its bounds.
    pub fn not_between(
        value: impl ToString,
        low: impl ToString,
        high: impl ToString,
    ) -> WhyNotSetting {
        WhyNotSetting::NotBetween {
            value: value.to_string(),
            low: low.to_string(),
            high: high.to_string(),
        }
    }
}

/// A setting that can't be.
///
/// [`Display`](fmt::Display) is for programmers. Readers get [`unfit`](crate::view::unfit) in their
/// language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsError {
    /// The setting, with dots: `link.latency_max`.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: WhyNotSetting,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}

impl std::error::Error for SettingsError {}
