//! What each rule is for: switched off, something breaks, and something sees it; switched on, the
//! same run is clean.
//!
//! The table is `TABLE`; `docs/rules.md` is the same to read. `UPDATE_GOLDENFILES=1` rewrites it.

pub mod elections;
mod leases;
mod membership;

use crate::disks::{bad_record, replaced_disk, wiped_voter};
use crate::invariants::{forge_a_second_leader, seen_by_clients, storm};
use crate::stories::{figure_8, forgotten_entry, forgotten_vote};
use kvorum::raft::{Rule, Rules};
use kvorum::sim::Property;
use std::fmt;

/// What is seen to go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// A property that is checked after every event is broken, and the run stops.
    Broken(Property),
    /// A client is never answered. Nobody owes it that: no majority hears each other, or one of it
    /// is paused; but with the rule there is an answer.
    Stuck,
}

impl From<Property> for Seen {
    fn from(property: Property) -> Seen {
        Seen::Broken(property)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Broken(property) => write!(f, "{}", property.name()),
            Seen::Stuck => f.write_str("a client is never answered"),
        }
    }
}

/// The run that shows it.
enum Run {
    /// A story, act by act, with its name.
    Story(&'static str, fn(Rules) -> Option<Seen>),
    /// The first storm of random faults that breaks it.
    Storm,
}

struct Row {
    rule: Rule,
    /// What goes wrong without it.
    damage: &'static str,
    seen: Seen,
    /// The other rules: one that would prevent the same damage is off.
    base: Rules,
    run: Run,
}

const fn row(rule: Rule, damage: &'static str, seen: Seen, base: Rules, run: Run) -> Row {
    Row {
        rule,
        damage,
        seen,
        base,
        run,
    }
}

/// Rules without which storms show even in what clients were told, with nobody looking into the
/// servers.
const SEEN_BY_CLIENTS: [Rule; 6] = [
    Rule::OneVotePerTerm,
    Rule::LogUpToDate,
    Rule::MajorityQuorum,
    Rule::SessionDedup,
    Rule::BootstrapRecord,
    Rule::DiskChecksum,
];

/// Where the part of docs/rules.md begins that isn't written here.
const SWEPT: &str = "\n## What a sweep finds\n";

/// Rules that a sweep can't miss alone: docs/rules.md has the proofs.
const UNREACHABLE: [Rule; 2] = [Rule::LeaderAppendOnly, Rule::DiskIncarnation];

/// Storms that are tried.
const STORMS: u64 = 300;

static TABLE: &[Row] = &[
    row(
        Rule::OneVotePerTerm,
        "a server votes twice, and a term gets two leaders",
        Seen::Broken(Property::ElectionSafety),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::LogUpToDate,
        "a server with an old log is elected and overwrites what was committed",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::PreviousEntryMatches,
        "entries are put behind a gap or behind others",
        Seen::Broken(Property::LogMatching),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::LeaderAppendOnly,
        "a leader lets another one rewrite its log",
        Seen::Broken(Property::LeaderAppendOnly),
        Rules::FIGURE_2,
        Run::Story("a forged second leader", |rules| {
            forge_a_second_leader(rules).map(Seen::from)
        }),
    ),
    row(
        Rule::TruncateOnlyOnConflict,
        "an old message cuts entries away that were acknowledged",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::CommitOwnTermOnly,
        "an entry is called committed and then overwritten (figure 8)",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2,
        Run::Story("figure 8", |rules| figure_8(rules).map(Seen::from)),
    ),
    row(
        Rule::MajorityQuorum,
        "two sides of a partition elect a leader each, and both commit",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::NoopOnElection,
        "a new leader doesn't know what is committed, and no read is answered until somebody writes",
        Seen::Broken(Property::Progress),
        Rules::ALL,
        Run::Story("a read after an election", elections::read_after_election),
    ),
    row(
        Rule::PersistVote,
        "a crash makes a server forget its vote, and it votes again",
        Seen::Broken(Property::ElectionSafety),
        Rules::FIGURE_2,
        Run::Story("a forgotten vote", |rules| {
            forgotten_vote(rules).map(Seen::from)
        }),
    ),
    row(
        Rule::PersistLog,
        "a crash makes two servers forget an entry that they acknowledged",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2,
        Run::Story("a forgotten entry", |rules| {
            forgotten_entry(rules).map(Seen::from)
        }),
    ),
    row(
        Rule::SessionDedup,
        "a retried command runs twice",
        Seen::Broken(Property::ExactlyOnce),
        Rules::ALL,
        Run::Storm,
    ),
    row(
        Rule::ReadIndexQuorum,
        "a leader that was replaced answers from its old state",
        Seen::Broken(Property::Linearizability),
        Rules::ALL.without(Rule::CheckQuorum),
        Run::Story("a leader cut off", leases::read_at_a_leader_cut_off),
    ),
    row(
        Rule::PreVote,
        "a server that was cut off comes back with a higher term",
        Seen::Broken(Property::Stability),
        Rules::ALL,
        Run::Story("back from a partition", elections::back_from_a_partition),
    ),
    row(
        Rule::CheckQuorum,
        "a leader without a majority goes on, and those who hear it elect nobody else",
        Seen::Stuck,
        Rules::ALL,
        Run::Story("one in the middle", elections::one_in_the_middle),
    ),
    row(
        Rule::LeaderStickiness,
        "a voter helps to replace a leader that relies on it",
        Seen::Broken(Property::Linearizability),
        Rules::ALL.without(Rule::PreVote),
        Run::Story("a disloyal voter", leases::disloyal_voter),
    ),
    row(
        Rule::LeaseRestartWait,
        "a voter forgets in a crash whom it heard",
        Seen::Broken(Property::Linearizability),
        Rules::ALL,
        Run::Story("a forgetful voter", leases::forgetful_voter),
    ),
    row(
        Rule::LeaseMargin,
        "a slow clock makes a lease outlive the voters' patience",
        Seen::Broken(Property::Linearizability),
        Rules::ALL,
        Run::Story("a slow clock", leases::slow_clock),
    ),
    row(
        Rule::BootstrapRecord,
        "a voter that lost its disk passes for a new one, and helps to elect a leader that lacks what it had held",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2,
        Run::Story("a wiped voter", |rules| wiped_voter(rules).map(Seen::from)),
    ),
    row(
        Rule::DiskChecksum,
        "a record in which a bit has flipped, or half a record, passes for a good one",
        Seen::Broken(Property::LogMatching),
        Rules::FIGURE_2,
        Run::Story("a bad record", |rules| bad_record(rules).map(Seen::from)),
    ),
    row(
        Rule::DiskIncarnation,
        "a leader counts a copy of an entry that its holder lost with its disk",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2.without(Rule::BootstrapRecord),
        Run::Story("a replaced disk", |rules| {
            replaced_disk(rules).map(Seen::from)
        }),
    ),
    row(
        Rule::JointConsensus,
        "a new majority decides while an old one knows nothing of it (figure 10)",
        Seen::Broken(Property::ConfigurationSafety),
        Rules::FIGURE_2,
        Run::Story("three become five at one stroke", membership::naive_change),
    ),
    row(
        Rule::NoopBeforeChange,
        "one leader's unfinished change and another one's don't overlap (the bug of 2015)",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2,
        Run::Story("the bug of 2015", membership::bug_of_2015),
    ),
    row(
        Rule::ConfigurationOnAppend,
        "servers forget in a crash that a change was committed, and elect by the old members",
        Seen::Broken(Property::ConfigurationSafety),
        Rules::FIGURE_2,
        Run::Story("a forgotten commit", membership::forgotten_commit),
    ),
    row(
        Rule::OneChangeAtATime,
        "two changes of one voter each are together one of two, and majorities miss each other",
        Seen::Broken(Property::LeaderCompleteness),
        Rules::FIGURE_2,
        Run::Story("two changes at once", membership::two_changes_at_once),
    ),
    row(
        Rule::RemovedLeaderStepsDown,
        "a server leads a cluster of which it is no member",
        Seen::Broken(Property::ConfigurationSafety),
        Rules::ALL,
        Run::Story("a removed leader", membership::removed_leader),
    ),
    row(
        Rule::LearnerCatchesUp,
        "a voter that has nothing yet is needed for every commit (dissertation 4.2.1)",
        Seen::Stuck,
        Rules::ALL,
        Run::Story("an empty voter", membership::empty_voter),
    ),
];

impl Row {
    /// Plays the run with the rule and without it; says where it was.
    fn play(&self) -> String {
        let (on, off) = (self.base, self.base.without(self.rule));
        let name = self.rule.name();
        match self.run {
            Run::Story(story, play) => {
                assert_eq!(play(on), None, "{story}, with {name}");
                assert_eq!(play(off), Some(self.seen), "{story}, without {name}");
                story.into()
            }
            Run::Storm => {
                let seen = |seed: &u64| storm(*seed, off).map(Seen::from) == Some(self.seen);
                let seed = (0..STORMS).find(seen);
                let seed = seed.unwrap_or_else(|| panic!("no storm needs {name}"));
                assert_eq!(storm(seed, on), None, "seed {seed}, with {name}");
                format!("storm, seed {seed}")
            }
        }
    }
}

/// The first storm without the rule that makes what clients were told impossible.
fn by_clients(rule: Rule) -> String {
    let seen = |seed: &u64| seen_by_clients(*seed, Rules::ALL.without(rule)).is_some();
    let name = rule.name();
    let seed = (0..STORMS).find(seen);
    let seed = seed.unwrap_or_else(|| panic!("no client sees that {name} is off"));
    assert_eq!(seen_by_clients(seed, Rules::ALL), None, "seed {seed}");
    format!("`{name}` (seed {seed})")
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs it decides whether to rewrite"
)]
fn every_rule_is_missed_when_it_is_off() {
    let mut text = String::from(
        "# What each rule is for\n\n\
         Switched off, something breaks, and something sees it; switched on, the same run is clean.\n\
         The table is written by `tests/it/rules`, which plays every row both ways. A storm is a run with\n\
         every fault at random; a story is played act by act.\n\n\
         | rule | without it | what is seen | where |\n\
         | --- | --- | --- | --- |\n",
    );
    for row in TABLE {
        let (rule, damage, seen, place) = (row.rule.name(), row.damage, row.seen, row.play());
        text += &format!("| `{rule}` | {damage} | {seen} | {place} |\n");
    }
    let seen: Vec<_> = SEEN_BY_CLIENTS.into_iter().map(by_clients).collect();
    text += &format!(
        "\nThe check of a property stops the run before a client notices. Where nothing is checked but \
         Linearizability,\nstorms without these rules break it: {}.\n",
        seen.join(", ")
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rules.md");
    // What follows is what a sweep finds: `kvorum sweep --table --into` writes that.
    let written = std::fs::read_to_string(path).expect("docs/rules.md exists");
    let place = written
        .find(SWEPT)
        .expect("docs/rules.md says what a sweep finds");
    let (written, swept) = written.split_at(place);
    if std::env::var_os("UPDATE_GOLDENFILES").is_some() {
        std::fs::write(path, [&text, swept].concat()).expect("docs can be written");
    }
    assert_eq!(written, text, "docs/rules.md");
}

#[test]
fn every_rule_has_a_row() {
    for &rule in Rule::ALL {
        let rows = TABLE.iter().filter(|row| row.rule == rule).count();
        assert_eq!(rows, 1, "{}", rule.name());
    }
}

/// The table that a sweep wrote has a row for each rule, and damage in each but for those whose rule can't be missed
/// alone.
#[test]
fn a_sweep_misses_every_rule_that_can_be_missed_alone() {
    let page = std::fs::read_to_string("docs/rules.md").expect("it exists");
    let (_, swept) = page.split_once(SWEPT).expect("what a sweep finds");
    let rows: Vec<Vec<&str>> = swept
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let names: Vec<_> = rows.iter().map(|row| row[1].trim_matches('`')).collect();
    let known: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names, known);
    for (row, rule) in rows.iter().zip(Rule::ALL) {
        assert_eq!(row[2] == "none", UNREACHABLE.contains(rule), "{row:?}");
    }
}
