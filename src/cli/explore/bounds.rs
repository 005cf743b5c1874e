//! The options that say how large the worlds are.

use crate::base::NodeId;
use crate::cli::Unusable;
use crate::explore::{BY_CLOCK, Bounds, Budget, MAX_TIMES, Spending};
use crate::raft::{Change, Configuration, Rule, Way};

/// How large the worlds are.
#[derive(Clone, Debug, clap::Args)]
pub struct Worlds {
    /// How many servers there are: S1, S2, …
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=7))]
    pub servers: u32,
    /// Who is a member at first, voters, then learners: 1,2,3 or 1,2/3 [default: all vote]
    #[arg(long, value_name = "LIST", value_parser = members)]
    pub members: Option<Members>,
    /// Begin with S1 leading, its first entry committed everywhere
    #[arg(long)]
    pub led: bool,
    /// Election timers that run out
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = times())]
    pub timeouts: u32,
    /// Heartbeats of leaders
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub heartbeats: u32,
    /// Commands that come to leaders
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = times())]
    pub commands: u32,
    /// Linearizable reads that come to any server
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub reads: u32,
    /// Crashes; the server starts again from its disk
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = times())]
    pub crashes: u32,
    /// Writes that take their time: other things happen before they are durable
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub slow_writes: u32,
    /// Messages that arrive twice
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub duplicates: u32,
    /// Leadership transfers
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub transfers: u32,
    /// Snapshots, with which a log is compacted
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub compactions: u32,
    /// Disks that are lost; only without bootstrap-record does the server come back
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub wipes: u32,
    /// Orders to end a joint configuration
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times())]
    pub leaves: u32,
    /// A change of membership that may be asked for once: 1,2 or 1,2/3, with :joint or :stay behind it
    #[arg(long = "change", value_name = "LIST", value_parser = change)]
    pub changes: Vec<Change>,
    /// Entries in one message at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: u32,
    /// Rules to switch off: names with commas between
    #[arg(long, value_name = "RULES", value_parser = rule, value_delimiter = ',')]
    pub without: Vec<Rule>,
    /// Rules to switch on that go by a clock, and are off otherwise: pre-vote, check-quorum,
    /// leader-stickiness, lease-restart-wait
    #[arg(long, value_name = "RULES", value_parser = by_clock, value_delimiter = ',')]
    pub with: Vec<Rule>,
}

/// Voters and learners.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Members {
    voters: Vec<NodeId>,
    learners: Vec<NodeId>,
}

fn times() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(..=i64::from(MAX_TIMES))
}

fn rule(name: &str) -> Result<Rule, String> {
    Rule::from_name(name.trim()).map_err(|unknown| unknown.to_string())
}

fn by_clock(name: &str) -> Result<Rule, String> {
    let rule = rule(name)?;
    let known = || format!("{} goes by no clock, and is on anyhow", rule.name());
    BY_CLOCK.contains(&rule).then_some(rule).ok_or_else(known)
}

fn ids(text: &str) -> Result<Vec<NodeId>, String> {
    let id = |name: &str| {
        let number = name.trim().trim_start_matches(['S', 's']).parse();
        let number = number.ok().filter(|&number: &u32| number > 0);
        number.map(NodeId).ok_or_else(|| {
            format!("\"{name}\" is no server: write 1,2,3 or 1,2/3 (voters, then learners)")
        })
    };
    let names = text.split(',').filter(|name| !name.trim().is_empty());
    names.map(id).collect()
}

fn members(text: &str) -> Result<Members, String> {
    let (voters, learners) = text.split_once('/').unwrap_or((text, ""));
    let (voters, learners) = (ids(voters)?, ids(learners)?);
    if voters.is_empty() {
        return Err("nobody votes".into());
    }
    if let Some(both) = learners.iter().find(|id| voters.contains(id)) {
        return Err(format!("{both} is named as a voter and as a learner"));
    }
    Ok(Members { voters, learners })
}

fn change(text: &str) -> Result<Change, String> {
    let (list, way) = text.split_once(':').unwrap_or((text, "shortest"));
    let ways = [Way::Shortest, Way::Joint, Way::Stay];
    let known = ways.into_iter().find(|it| it.name() == way);
    let way = known.ok_or_else(|| format!("\"{way}\" is no way: shortest, joint or stay"))?;
    let Members { voters, learners } = members(list)?;
    Ok(Change {
        voters,
        learners,
        way,
    })
}

impl Worlds {
    /// What the search goes by.
    pub fn bounds(&self) -> Result<Bounds, Unusable> {
        let mut bounds = Bounds::new(self.servers);
        let spent = Spending::ALL.iter().map(|&of| (of, self.times(of)));
        bounds.budget = spent.fold(Budget::default(), |it, (of, times)| it.with(of, times));
        if let Some(Members { voters, learners }) = &self.members {
            let members = Configuration::new(voters.iter().copied());
            bounds.members = members.with_learners(learners.iter().copied());
        }
        bounds.led = self.led;
        bounds.batch = self.batch;
        bounds.changes = self.changes.clone();
        bounds.rules = self
            .with
            .iter()
            .fold(bounds.rules, |it, &rule| it.with(rule));
        bounds.rules = self
            .without
            .iter()
            .fold(bounds.rules, |it, &rule| it.without(rule));
        let checked = bounds.check();
        checked.map_err(|it| Unusable::new(it.to_string()))?;
        Ok(bounds)
    }

    fn times(&self, of: Spending) -> u32 {
        match of {
            Spending::Timeout => self.timeouts,
            Spending::Heartbeat => self.heartbeats,
            Spending::Command => self.commands,
            Spending::Read => self.reads,
            Spending::Crash => self.crashes,
            Spending::SlowWrite => self.slow_writes,
            Spending::Duplicate => self.duplicates,
            Spending::Transfer => self.transfers,
            Spending::Compaction => self.compactions,
            Spending::Wipe => self.wipes,
            Spending::Leave => self.leaves,
        }
    }
}
