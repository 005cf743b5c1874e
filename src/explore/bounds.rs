//! How large a world may get: its servers, and how often each thing may happen.

use crate::base::{MemberId, NodeId, Span};
use crate::raft::{Change, Configuration, Rule, Rules, Timing};

/// The most servers of a world.
pub const MAX_SERVERS: u32 = 7;

/// The most that one thing may happen.
pub const MAX_TIMES: u32 = 15;

/// The most changes of membership.
pub const MAX_CHANGES: usize = 8;

/// Rules that go by a clock. In a world without one they never hold anybody back, or always.
pub const BY_CLOCK: [Rule; 4] = [
    Rule::PreVote,
    Rule::CheckQuorum,
    Rule::LeaderStickiness,
    Rule::LeaseRestartWait,
];

/// Rules that nothing of a small world keeps: they are the key-value store's, the machine's, and the
/// leases'.
pub const ELSEWHERE: [Rule; 3] = [Rule::SessionDedup, Rule::DiskChecksum, Rule::LeaseMargin];

macro_rules! spendings {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What happens only so often.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Spending {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Spending {
            /// All of them, in the order of the command line.
            pub const ALL: &[Spending] = &[$(Spending::$name),+];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Spending::$name => $word,)+
                }
            }
        }
    };
}

spendings! {
    /// An election timer runs out.
    Timeout = "timeouts",
    /// A leader's heartbeat is due.
    Heartbeat = "heartbeats",
    /// A client's command comes to a leader.
    Command = "commands",
    /// A linearizable read comes to a server.
    Read = "reads",
    /// A server loses its memory, and starts again from its disk.
    Crash = "crashes",
    /// A write takes its time: until it is durable, other things happen.
    SlowWrite = "slow-writes",
    /// A message arrives, and will arrive again.
    Duplicate = "duplicates",
    /// A leader is told to hand over.
    Transfer = "transfers",
    /// A server compacts its log up to its commit index.
    Compaction = "compactions",
    /// A server loses its disk, and starts again with an empty one.
    Wipe = "wipes",
    /// A leader is told to end a joint configuration.
    Leave = "leaves",
}

/// What may still happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Budget {
    /// Four bits for each [`Spending`], then a bit for each change of membership.
    packed: u64,
}

const CHANGES: u32 = 4 * Spending::ALL.len() as u32;

impl Budget {
    /// The same, with so much of one thing; more than [`MAX_TIMES`] counts as that.
    #[must_use]
    pub fn with(self, of: Spending, times: u32) -> Budget {
        let (shift, times) = (4 * of as u32, u64::from(times.min(MAX_TIMES)));
        Budget {
            packed: self.packed & !(0xf << shift) | times << shift,
        }
    }

    /// How often something may still happen.
    pub fn left(self, of: Spending) -> u32 {
        (self.packed >> (4 * of as u32)) as u32 & 0xf
    }

    /// What is left after it has happened; `None` if it can't any more.
    pub fn spend(self, of: Spending) -> Option<Budget> {
        (self.left(of) > 0).then(|| Budget {
            packed: self.packed - (1 << (4 * of as u32)),
        })
    }

    /// The same, with each of so many changes once.
    pub(super) fn with_changes(self, changes: usize) -> Budget {
        Budget {
            packed: self.packed | ((1 << changes) - 1) << CHANGES,
        }
    }

    /// What is left after a change of membership was asked for; `None` if it was before.
    pub(super) fn change(self, nth: usize) -> Option<Budget> {
        let bit = 1 << (CHANGES as usize + nth);
        (self.packed & bit != 0).then_some(Budget {
            packed: self.packed & !bit,
        })
    }

    pub(super) const fn packed(self) -> u64 {
        self.packed
    }

    pub(super) const fn unpacked(packed: u64) -> Budget {
        Budget { packed }
    }
}

/// Everything that a search goes by: equal bounds, equal worlds.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// How many servers there are: S1, S2, …
    pub servers: u32,
    /// Those of them that are members at first.
    pub members: Configuration,
    /// Whether S1 leads at the beginning, by a no-op that everybody holds and knows to be committed.
    /// Otherwise nobody has a term or an entry.
    pub led: bool,
    /// The rules that hold. Those [`BY_CLOCK`] are switched off first, unless one wants them.
    pub rules: Rules,
    /// How many entries a message carries at most.
    pub batch: u32,
    /// How often each thing may happen.
    pub budget: Budget,
    /// Changes of membership: each may be asked for once, of any server.
    pub changes: Vec<Change>,
    /// How the search is made smaller.
    pub reductions: Reductions,
}

/// What makes a search smaller without leaving anything out that matters. All are on, but where
/// they are compared with the plain search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reductions {
    /// Servers that nothing tells apart are exchanged.
    pub symmetry: bool,
    /// A step that was computed once is remembered.
    pub memory: bool,
    /// Messages that can't do anything any more are forgotten.
    pub forgetting: bool,
}

impl Reductions {
    /// All of them.
    pub const ALL: Reductions = Reductions {
        symmetry: true,
        memory: true,
        forgetting: true,
    };
    /// None.
    pub const NONE: Reductions = Reductions {
        symmetry: false,
        memory: false,
        forgetting: false,
    };
}

impl Bounds {
    /// So many servers, all of them members, with every rule that needs no clock; nothing may happen.
    pub fn new(servers: u32) -> Bounds {
        let rules = BY_CLOCK.into_iter().fold(Rules::ALL, Rules::without);
        Bounds {
            servers,
            members: Configuration::new((1..=servers).map(NodeId)),
            led: false,
            rules,
            batch: 64,
            budget: Budget::default(),
            changes: Vec::new(),
            reductions: Reductions::ALL,
        }
    }

    /// The same, in which something may happen so often.
    #[must_use]
    pub fn with(mut self, of: Spending, times: u32) -> Bounds {
        self.budget = self.budget.with(of, times);
        self
    }

    /// The same without a rule.
    #[must_use]
    pub fn without(mut self, rule: Rule) -> Bounds {
        self.rules = self.rules.without(rule);
        self
    }

    /// Times that leave everything open: no time passes, and yet a heartbeat may be due, and a voter's
    /// loyalty over, at any moment. Only a leader's patience never ends.
    pub(super) fn timing(&self) -> Timing {
        Timing {
            election_timeout_min: Span::ZERO,
            election_timeout_max: Span::secs(1),
            heartbeat: Span::ZERO,
            max_batch: self.batch,
            ..Timing::default()
        }
    }

    /// Whether there can be such worlds.
    ///
    /// # Errors
    /// Says what is wrong, with the option of the command line.
    pub fn check(&self) -> Result<(), BoundsError> {
        let wrong = |option, why: String| Err(BoundsError { option, why });
        if self.servers == 0 || self.servers > MAX_SERVERS {
            return wrong("servers", format!("there can be 1 to {MAX_SERVERS}"));
        }
        let exists = |id: &NodeId| (1..=self.servers).contains(&id.0);
        let members = MemberId::nodes(&self.members.members());
        if members.is_empty() || !members.iter().all(exists) {
            return wrong("members", format!("S1 to S{} exist", self.servers));
        }
        if self.led && !self.members.has_voter_on(NodeId(1)) {
            return wrong("led", "S1 is no voter, and can't lead".into());
        }
        if let Some(rule) = ELSEWHERE.iter().find(|&&rule| !self.rules.has(rule)) {
            return wrong(
                "without",
                format!("{} plays no part in a small world", rule.name()),
            );
        }
        if self.batch == 0 {
            return wrong("batch", "a message carries 1 entry at least".into());
        }
        if self.changes.len() > MAX_CHANGES {
            return wrong("change", format!("at most {MAX_CHANGES} changes"));
        }
        for change in &self.changes {
            if !change.voters.iter().chain(&change.learners).all(exists) {
                return wrong("change", format!("S1 to S{} exist", self.servers));
            }
        }
        Ok(())
    }
}

/// Why there can be no such worlds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoundsError {
    /// The option of the command line.
    pub option: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for BoundsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--{}: {}", self.option, self.why)
    }
}

impl std::error::Error for BoundsError {}
