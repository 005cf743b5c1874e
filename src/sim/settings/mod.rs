//! What a run is made of: with the seed, its whole beginning.
//!
//! The defaults are slow enough to be watched (a message takes about a hundredth of a second) and
//! keep the paper's proportions: broadcast time ≪ election timeout (section 5.6).

mod chaos;
mod doubts;
mod limits;
mod link;
mod shards;
mod table;
mod text;
mod why_not;

pub use chaos::{Chaos, Fault};
pub use doubts::SettingsDoubt;
pub use limits::{Limit, Limits, Stop};
pub use link::LinkSettings;
pub use shards::{PlacementName, ShardSettings};
pub use table::{FIELDS, Field, MAX_CLUSTER, MAX_LOAD, MAX_NODES, Unit};
pub use why_not::{SettingsError, WhyNotSetting};

use crate::base::{NodeId, Ratio, Span, documented};
use crate::raft::{Rules, Term, Timing};
use serde::{Deserialize, Serialize};

/// The longest log at the beginning of a run.
const MAX_BEGINNING: u64 = 256;

documented! {
    /// The settings of a run.
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct Settings {
        /// How many servers, from S1 on. All of them are voters.
        pub nodes: u32,
        /// The servers' timers and limits.
        #[serde(skip_serializing_if = "is_default")]
        pub timing: Timing,
        /// The rules of the protocol; a lesson may switch some off.
        #[serde(skip_serializing_if = "is_default")]
        pub rules: Rules,
        /// Every link between two servers.
        #[serde(skip_serializing_if = "is_default")]
        pub link: LinkSettings,
        /// Every link between a client and a server.
        #[serde(skip_serializing_if = "is_default")]
        pub client_link: LinkSettings,
        /// Every server's disk.
        #[serde(skip_serializing_if = "is_default")]
        pub disk: DiskSettings,
        /// Every client.
        #[serde(skip_serializing_if = "is_default")]
        pub clients: ClientSettings,
        /// Operations per simulated second that clients send of their own.
        pub load: u32,
        /// How clients read that send operations of their own.
        #[serde(skip_serializing_if = "is_default")]
        pub reads: ReadMix,
        /// Random faults from the start.
        #[serde(skip_serializing_if = "is_default")]
        pub chaos: Chaos,
        /// The servers' priorities, S1's first; servers without one have 0. Of two servers with
        /// equal logs, the one with the higher priority doesn't vote for the other; so a server isn't
        /// elected against a majority of a higher priority that has all its entries.
        pub priorities: Vec<u8>,
        /// What the servers' disks hold, S1's first; those without are empty.
        #[serde(skip_serializing_if = "is_default")]
        pub start: Vec<Beginning>,
        /// A server takes a snapshot and compacts its log after so many entries; 0: never.
        pub snapshot_every: u32,
        /// The operator forgets to switch off servers that were removed: they go on, and may
        /// campaign (dissertation 4.2.3).
        #[serde(skip_serializing_if = "is_default")]
        pub keep_removed: bool,
        /// What the run may hold at most.
        #[serde(skip_serializing_if = "is_default")]
        pub limits: Limits,
        /// Progress and Stability are watched also where a rule is off that only keeps the cluster
        /// going. A lesson shows on purpose what comes of that, and isn't to end there; a laboratory
        /// or a sweep wants to find it.
        #[serde(skip_serializing_if = "is_default")]
        pub watch_liveness: bool,
        /// A store of many shards, each served by a group of its own.
        #[serde(skip_serializing_if = "is_default")]
        pub shards: ShardSettings,
    }
}

documented! {
    /// How the clients of the load read; what is left is asked of the leader, through ReadIndex.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct ReadMix {
        /// The share of reads under a lease. Stale only if clocks are worse than the clock drift that
        /// the servers assume.
        pub lease: Ratio,
        /// The share of the others that ask any server, which asks the leader.
        pub anywhere: Ratio,
    }
}

/// What a server's disk holds before the run begins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// Its current term.
    pub term: Term,
    /// The term of each entry of its log, from index 1 on.
    pub log: Vec<Term>,
}

documented! {
    /// How long a disk takes to make something durable.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct DiskSettings {
        /// The shortest fsync.
        pub fsync_min: Span,
        /// The longest fsync.
        pub fsync_max: Span,
    }
}

documented! {
    /// How patient a client is.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct ClientSettings {
        /// How long a try may take before the client asks again.
        pub timeout: Span,
        /// The longest wait before the second try. It doubles with every further one; what a client
        /// really waits is drawn from the upper half, so that clients don't come back in step.
        pub backoff_min: Span,
        /// The longest wait before any further try: there the doubling ends.
        pub backoff_max: Span,
        /// Tries before the client gives up. Following a hint to the leader is a try of its own.
        pub max_attempts: u32,
        /// How long a session that runs nothing lives, by the time in the log (dissertation 6.3); 0: for
        /// ever. A client that wrote nothing for half of it goes on with another session.
        pub session_timeout: Span,
        /// The most clients that the load uses, each with one operation under way at a time; what
        /// comes when all are busy is left out.
        #[serde(skip_serializing_if = "is_usual_many")]
        pub many: u32,
    }
}

/// Clients that the load leaves to people.
const FOR_PEOPLE: u32 = 32;

impl ClientSettings {
    /// The most clients in a run: a person's requests always find one that the load leaves alone.
    pub const fn most(&self) -> usize {
        (self.many + FOR_PEOPLE) as usize
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            nodes: 5,
            timing: Timing::default(),
            rules: Rules::ALL,
            link: LinkSettings::default(),
            client_link: LinkSettings::default(),
            disk: DiskSettings::default(),
            clients: ClientSettings::default(),
            load: 0,
            reads: ReadMix::default(),
            chaos: Chaos::default(),
            priorities: Vec::new(),
            start: Vec::new(),
            snapshot_every: 1_000,
            keep_removed: false,
            limits: Limits::default(),
            watch_liveness: false,
            shards: ShardSettings::default(),
        }
    }
}

impl Default for DiskSettings {
    fn default() -> DiskSettings {
        DiskSettings {
            fsync_min: Span::millis(1),
            fsync_max: Span::millis(3),
        }
    }
}

impl Default for ClientSettings {
    fn default() -> ClientSettings {
        ClientSettings {
            timeout: Span::millis(500),
            backoff_min: Span::millis(50),
            backoff_max: Span::millis(800),
            max_attempts: 12,
            session_timeout: Span::secs(3_600),
            many: 32,
        }
    }
}

fn is_usual_many(many: &u32) -> bool {
    *many == ClientSettings::default().many
}

/// What is as usual isn't written down.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn error(field: &'static str, why: WhyNotSetting) -> Result<(), SettingsError> {
    Err(SettingsError { field, why })
}

/// A span that has to be below that of another setting.
fn not_below(value: Span, setting: &'static str, limit: Span) -> WhyNotSetting {
    WhyNotSetting::NotBelow {
        value: value.to_string(),
        setting,
        limit: limit.to_string(),
    }
}

impl Settings {
    /// A server's priority at the start.
    pub(super) fn priority(&self, node: NodeId) -> u8 {
        let at = node.0 as usize - 1;
        self.priorities.get(at).copied().unwrap_or(0)
    }

    /// Checks every setting: each by itself, as [`FIELDS`] says, and then what holds between them.
    ///
    /// # Errors
    /// Names the first setting that can't be, and why.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.check_group("")?;
        let (heartbeat, shortest) = (self.timing.heartbeat, self.timing.election_timeout_min);
        if heartbeat >= shortest {
            let why = WhyNotSetting::SlowHeartbeat {
                value: heartbeat.to_string(),
                timeout: shortest.to_string(),
            };
            return error("timing.heartbeat", why);
        }
        if self.priorities.len() > self.nodes as usize {
            let nodes = self.nodes;
            return error("priorities", WhyNotSetting::MoreThanServers { nodes });
        }
        check_start(&self.start, self.nodes)?;
        self.check_shards()
    }

    /// Checks what holds between the settings of many shards and others.
    fn check_shards(&self) -> Result<(), SettingsError> {
        let ShardSettings {
            replicas,
            racks,
            heartbeat,
            suspect_after,
            dead_after,
            split_keys,
            merge_keys,
            ..
        } = self.shards;
        if !self.shards.are_many() {
            return match self.shards.count {
                0 => Ok(()),
                _ => error("shards.count", WhyNotSetting::OneGroupOnly),
            };
        }
        let nodes = self.nodes;
        if !(1..=MAX_CLUSTER).contains(&nodes) {
            return error("nodes", WhyNotSetting::not_between(nodes, 1, MAX_CLUSTER));
        }
        for (field, value) in [("shards.replicas", replicas), ("shards.racks", racks)] {
            if value > nodes {
                return error(field, WhyNotSetting::MoreThanNodes { value, nodes });
            }
        }
        if heartbeat >= suspect_after {
            let why = not_below(heartbeat, "shards.suspect_after", suspect_after);
            return error("shards.heartbeat", why);
        }
        if suspect_after >= dead_after {
            let why = not_below(suspect_after, "shards.dead_after", dead_after);
            return error("shards.suspect_after", why);
        }
        if split_keys > 0 && merge_keys > split_keys / 4 {
            let why = WhyNotSetting::MoreThanQuarter {
                value: merge_keys,
                setting: "shards.split_keys",
                limit: split_keys,
            };
            return error("shards.merge_keys", why);
        }
        if !self.start.is_empty() {
            return error("start", WhyNotSetting::StartWithShards);
        }
        Ok(())
    }

    /// Checks the fields whose names begin with `prefix`, each by itself, and the ranges among
    /// them.
    fn check_group(&self, prefix: &str) -> Result<(), SettingsError> {
        let fields = || FIELDS.iter().filter(|it| it.name.starts_with(prefix));
        fields().try_for_each(|field| field.check(self))?;
        fields().try_for_each(|field| field.check_range(self))
    }
}

/// Terms never fall along a log; logs with the same entry agree up to it (Log Matching).
fn check_start(start: &[Beginning], nodes: u32) -> Result<(), SettingsError> {
    if start.len() > nodes as usize {
        return error("start", WhyNotSetting::MoreThanServers { nodes });
    }
    for (at, Beginning { term, log }) in start.iter().enumerate() {
        let node = NodeId(at as u32 + 1);
        if log.len() as u64 > MAX_BEGINNING {
            return error(
                "start",
                WhyNotSetting::not_between(log.len(), 0, MAX_BEGINNING),
            );
        }
        if !log.is_sorted() || log.first() == Some(&0) || log.last() > Some(term) {
            return error("start", WhyNotSetting::LogTerms { node });
        }
        for (other, theirs) in start[..at].iter().enumerate() {
            let same = log.iter().zip(&theirs.log).map(|(a, b)| a == b);
            let same: Vec<bool> = same.collect();
            if !same.is_sorted_by(|before, after| before >= after) {
                let other = NodeId(other as u32 + 1);
                return error("start", WhyNotSetting::LogMatch { node, other });
            }
        }
    }
    Ok(())
}

impl LinkSettings {
    /// Checks the settings of a link. The fields are named as in [`Settings::link`].
    pub(super) fn check(self) -> Result<(), SettingsError> {
        Settings {
            link: self,
            ..Settings::default()
        }
        .check_group("link.")
    }
}

impl DiskSettings {
    /// Checks the settings of a disk. The fields are named by themselves.
    pub(super) fn check(self) -> Result<(), SettingsError> {
        let settings = Settings {
            disk: self,
            ..Settings::default()
        };
        settings.check_group("disk.").map_err(|mut wrong| {
            wrong.field = wrong.field.strip_prefix("disk.").unwrap_or(wrong.field);
            wrong
        })
    }
}

impl Chaos {
    /// Checks the rates.
    pub(super) fn check(self) -> Result<(), SettingsError> {
        Settings {
            chaos: self,
            ..Settings::default()
        }
        .check_group("chaos.")
    }
}
