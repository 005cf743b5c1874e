//! How rough a storm is.

use super::{cluster, hostile};
use crate::base::{Draws, Purpose, Ratio, Span};
use crate::kv::MANY_SHARDS;
use crate::raft::{Rules, Timing};
use crate::sim::settings::ClientSettings;
use crate::sim::{Chaos, Fault, LinkSettings, ReadMix, Settings};

/// A kind of weather.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Now and then a fault, on a good network.
    Calm,
    /// A bad day: several kinds of faults at once, messages get lost.
    Rough,
    /// Everything breaks all the time, and where it hurts most.
    Hostile,
    /// A store of many shards: nodes join, are drained and die, racks fail. The page has none.
    Cluster,
}

impl Profile {
    /// Every profile that this build has, the mildest first.
    pub const ALL: &[Profile] = match MANY_SHARDS {
        true => &[
            Profile::Calm,
            Profile::Rough,
            Profile::Hostile,
            Profile::Cluster,
        ],
        false => &[Profile::Calm, Profile::Rough, Profile::Hostile],
    };

    /// Its name: `rough`.
    pub const fn name(self) -> &'static str {
        match self {
            Profile::Calm => "calm",
            Profile::Rough => "rough",
            Profile::Hostile => "hostile",
            Profile::Cluster => "cluster",
        }
    }

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Profile> {
        Profile::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// The chance of a fault of each kind to begin within a second, at most; in per cent.
    const fn worst(self) -> u32 {
        match self {
            Profile::Calm => 5,
            Profile::Rough | Profile::Cluster => 30,
            Profile::Hostile => 100,
        }
    }

    /// Faults of every kind at the profile's middling rate: without a swarm's draws.
    pub const fn chaos(self) -> Chaos {
        Chaos::all(Ratio::percent(self.worst() / 2))
    }

    /// What the run from `seed` is made of: half of all kinds of faults, each with a rate of its
    /// own, on a network that loses and doubles more or less.
    pub(super) fn settings(self, seed: u64, nodes: Option<u32>, rules: Rules) -> Settings {
        match self {
            Profile::Cluster if MANY_SHARDS => cluster::settings(seed, nodes, rules),
            Profile::Hostile => hostile::settings(seed, nodes, rules),
            _ => self.swarm(seed, nodes, rules),
        }
    }

    fn swarm(self, seed: u64, nodes: Option<u32>, rules: Rules) -> Settings {
        let draws = &mut Draws::new(seed, Purpose::Swarm, 0);
        let worst = self.worst();
        let mut chaos = Chaos::default();
        for &fault in Fault::BLIND {
            let (on, rate) = (draws.below(2) == 1, draws.below(worst.into()) + 1);
            if on {
                *chaos.rate_mut(fault) = Ratio::percent(rate as u32);
            }
        }
        let mut share = |percent: u64| Ratio::percent(draws.below(percent + 1) as u32);
        let most = u64::from(worst / 10);
        let (loss, duplicate) = (share(most), share(most));
        let link = LinkSettings {
            latency_min: Span::millis(1),
            latency_max: Span::millis(5 + draws.below(20)),
            loss,
            duplicate,
            reorder: draws.below(2) == 1,
        };
        // A lease is only as good as the clocks.
        let clocks_are_good = chaos.clock == Ratio::ZERO;
        let reads = ReadMix {
            lease: Ratio::percent(if clocks_are_good { 40 } else { 0 }),
            anywhere: Ratio::percent(50),
        };
        let drawn = [3, 5, 5, 7, 4][draws.below(5) as usize];
        let load = 10 + draws.below(30) as u32;
        let timing = Timing {
            max_chunk: [64, 256, 1_024][draws.below(3) as usize],
            keep_entries: [0, 0, 10][draws.below(3) as usize],
            ..Timing::default()
        };
        let snapshot_every = [0, 10, 30, 100][draws.below(4) as usize];
        let mut clients = ClientSettings::default();
        if draws.below(3) == 0 {
            clients.session_timeout = Span::millis(500 + draws.below(4_000));
        }
        Settings {
            nodes: nodes.unwrap_or(drawn),
            rules,
            link,
            client_link: link,
            load,
            reads,
            chaos,
            timing,
            snapshot_every,
            clients,
            ..Settings::default()
        }
    }
}
