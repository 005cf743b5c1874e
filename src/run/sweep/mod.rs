//! Sweeps: many runs, one from each seed, to find one in which something breaks.
//!
//! A run of a sweep has two parts. In the *storm* random faults strike while clients write and
//! read; whatever happens, no property may break (safety). Then the faults end, and the cluster
//! must become available and agree again (liveness). Every run draws which faults its storm has
//! and how often they strike ("swarm testing"): a run with few kinds of faults goes deeper into
//! them than one with all of them.
//!
//! A run is a function of its [`SweepPlan`] and its seed; who runs many of them (threads, the workers
//! of a browser) doesn't matter. [`shrink()`] makes a failing run small enough to be read.

mod cluster;
mod coverage;
mod hostile;
mod profile;
mod shrink;
mod trial;

pub use coverage::Coverage;
pub use profile::Profile;
pub use shrink::shrink;
pub use trial::run;

use crate::base::{Span, Time};
use crate::kv::ShardRules;
use crate::raft::Rules;
use crate::sim::Stop;
use crate::sim::Violation;
use crate::sim::settings::{MAX_NODES, Settings, SettingsError, WhyNotSetting};

/// Seeds whose draws are looked at beside what a plan fixes: every number of servers is among them.
const DRAWS: u64 = 64;

/// What every run of a sweep has in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SweepPlan {
    /// How rough the storms are.
    pub profile: Profile,
    /// How many servers; `None`: each run draws its own number.
    pub nodes: Option<u32>,
    /// The rules of the protocol.
    pub rules: Rules,
    /// The rules of a store of many shards.
    pub shard_rules: ShardRules,
    /// How long a storm lasts.
    pub storm: Span,
    /// Settings that every run has as given instead of as drawn, by name and value, as
    /// [`Settings::set`] takes them.
    pub fixed: Vec<(String, String)>,
}

impl Default for SweepPlan {
    fn default() -> SweepPlan {
        SweepPlan {
            profile: Profile::Rough,
            nodes: None,
            rules: Rules::ALL,
            shard_rules: ShardRules::ALL,
            storm: Span::secs(25),
            fixed: Vec::new(),
        }
    }
}

impl SweepPlan {
    /// The longest storm: an hour.
    pub const MAX_STORM: Span = Span::secs(3_600);

    /// Checks the plan.
    ///
    /// # Errors
    /// Names the field that can't be.
    pub fn check(&self) -> Result<(), SettingsError> {
        let error = |field, why| Err(SettingsError { field, why });
        if self.storm > SweepPlan::MAX_STORM {
            let most = SweepPlan::MAX_STORM.to_string();
            return error("storm", WhyNotSetting::Above { most });
        }
        match self.nodes {
            Some(nodes) if !(1..=MAX_NODES).contains(&nodes) => {
                error("nodes", WhyNotSetting::not_between(nodes, 1, MAX_NODES))
            }
            _ => self.check_fixed(),
        }
    }

    /// Checks what is fixed beside what runs draw.
    fn check_fixed(&self) -> Result<(), SettingsError> {
        if self.fixed.is_empty() {
            return Ok(());
        }
        (0..DRAWS).try_for_each(|seed| self.try_settings(seed)?.check())
    }

    fn try_settings(&self, seed: u64) -> Result<Settings, SettingsError> {
        let mut settings = self.profile.settings(seed, self.nodes, self.rules);
        settings.watch_liveness = true;
        settings.shards.rules = self.shard_rules;
        let mut fixed = self.fixed.iter();
        fixed.try_for_each(|(name, value)| settings.set(name, value))?;
        Ok(settings)
    }

    /// The settings of the run from `seed`.
    ///
    /// # Panics
    /// If [`SweepPlan::check`] refuses the plan.
    pub fn settings(&self, seed: u64) -> Settings {
        self.try_settings(seed).expect("a plan that was checked")
    }
}

/// What came of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What broke, if anything did.
    pub failure: Option<Failure>,
    /// How long it ran.
    pub simulated: Span,
    /// The hash of its events.
    pub hash: u64,
    /// What happened in it.
    pub coverage: Coverage,
}

/// How a run failed.
#[derive(Clone, PartialEq, Debug)]
pub enum Failure {
    /// A property broke: safety is lost.
    Violated(Violation),
    /// A limit of the settings was reached.
    Stopped(Stop),
    /// The storm was over at `since`, and still nobody's write was answered: liveness is lost.
    Unavailable {
        /// Since when nothing was in the way.
        since: Time,
    },
    /// Everybody is at rest, but the servers disagree.
    Diverged {
        /// Since when nothing was in the way.
        since: Time,
    },
    /// A store of many shards goes on moving them, or rests and isn't as it should be.
    Restless {
        /// Since when nothing was in the way.
        since: Time,
    },
}

impl Failure {
    /// One word or two: the property, `availability` or `agreement`.
    pub fn name(&self) -> &'static str {
        match self {
            Failure::Violated(violation) => violation.property().name(),
            Failure::Stopped(stop) => stop.limit.field(),
            Failure::Unavailable { .. } => "Availability",
            Failure::Diverged { .. } => "Agreement",
            Failure::Restless { .. } => "Convergence",
        }
    }
}
