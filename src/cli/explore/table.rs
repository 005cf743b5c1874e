//! The tables of `docs/explore.md`: worlds that are searched whole, and what is found in them without a
//! rule.

use super::bounds::Worlds;
use super::cpu_time;
use crate::cli::{Exit, Unusable, interrupt, unusable};
use crate::explore::{End, Reached, Search};
use crate::raft::Rule;
use clap::Parser;
use std::io::Write;

/// Worlds in which every rule holds, as options of the command line.
const WHOLE: &[&str] = &[
    "--timeouts 2 --commands 1 --crashes 1",
    "--timeouts 3 --commands 0 --crashes 0",
    "--timeouts 2 --commands 1 --crashes 0 --duplicates 1",
    "--timeouts 2 --commands 0 --crashes 0 --heartbeats 1 --batch 1",
    "--timeouts 2 --commands 1 --crashes 1 --slow-writes 1",
    "--timeouts 2 --commands 0 --crashes 0 --with pre-vote",
    "--led --timeouts 1 --commands 1 --crashes 0 --reads 1",
    "--led --timeouts 1 --commands 1 --crashes 0 --transfers 1",
    "--led --timeouts 1 --commands 1 --crashes 0 --heartbeats 1 --compactions 1",
    "--led --timeouts 1 --commands 2 --crashes 1 --duplicates 1 --batch 1",
    "--led --members 1/2,3 --timeouts 1 --commands 0 --crashes 1 --change 1,2/3 --change 1,2,3",
    "--led --members 1,2/3 --timeouts 2 --commands 0 --crashes 0 --change 1,2,3 --change 1,3/2",
    "--led --timeouts 2 --commands 0 --crashes 0 --change 1,2/3:joint",
    "--servers 4 --timeouts 2 --commands 0 --crashes 0",
    "--servers 5 --timeouts 2 --commands 0 --crashes 0",
    "--servers 4 --led --timeouts 2 --commands 0 --crashes 0 --change 1,2,3 --change 2,3,4",
];

/// Worlds in which something is broken without a rule.
const WITHOUT: &[(Rule, &str)] = &[
    (
        Rule::OneVotePerTerm,
        "--timeouts 2 --commands 0 --crashes 0",
    ),
    (Rule::LogUpToDate, "--timeouts 2 --commands 0 --crashes 0"),
    (
        Rule::PreviousEntryMatches,
        "--led --timeouts 2 --commands 1 --crashes 0",
    ),
    (
        Rule::TruncateOnlyOnConflict,
        "--led --timeouts 0 --commands 2 --crashes 0",
    ),
    (
        Rule::CommitOwnTermOnly,
        "--timeouts 4 --commands 0 --crashes 0 --batch 1",
    ),
    (
        Rule::MajorityQuorum,
        "--timeouts 1 --commands 0 --crashes 0",
    ),
    (Rule::PersistVote, "--timeouts 2 --commands 0 --crashes 1"),
    (
        Rule::PersistLog,
        "--led --timeouts 0 --commands 1 --crashes 1 --slow-writes 1",
    ),
    (
        Rule::ReadIndexQuorum,
        "--led --timeouts 1 --commands 0 --crashes 0 --reads 1",
    ),
    (
        Rule::JointConsensus,
        "--led --timeouts 1 --commands 0 --crashes 0 --change 1",
    ),
    (
        Rule::NoopBeforeChange,
        "--servers 4 --led --timeouts 2 --commands 0 --crashes 0 --change 1,2,3 --change 2,3,4",
    ),
    (
        Rule::ConfigurationOnAppend,
        "--led --members 1/2,3 --timeouts 1 --commands 0 --crashes 1 --change 1,2/3 --change 1,2,3",
    ),
    (
        Rule::OneChangeAtATime,
        "--led --timeouts 1 --commands 0 --crashes 0 --change 1,2 --change 1",
    ),
    (
        Rule::RemovedLeaderStepsDown,
        "--led --timeouts 0 --commands 1 --crashes 0 --change 2,3",
    ),
    (
        Rule::BootstrapRecord,
        "--led --timeouts 1 --commands 0 --crashes 0 --wipes 1",
    ),
];

/// A row's options.
#[derive(Parser)]
struct Row {
    #[command(flatten)]
    worlds: Worlds,
}

/// Prints both tables. Rows take seconds, the longest a minute.
pub fn print(memory: u64, out: &mut impl Write) -> Result<Exit, Unusable> {
    writeln!(
        out,
        "| options | worlds | longest way | worlds/s | bytes/world | seconds |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for options in WHOLE {
        let (end, reached, seconds) = search(options, memory)?;
        let Some(end) = end else {
            return Ok(interrupted());
        };
        let worlds = match end {
            End::Exhausted => reached.worlds.to_string(),
            other => format!("{} ({other:?})", reached.worlds),
        };
        let rate = (reached.worlds as f64 / seconds / 1e3).round();
        writeln!(
            out,
            "| `{options}` | {worlds} | {} | {rate} k | {} | {seconds:.2} |",
            reached.depth,
            reached.of_worlds / reached.worlds,
        )?;
        out.flush()?;
    }
    writeln!(
        out,
        "\n| without | options | broken | steps | worlds | seconds |"
    )?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | ---: |")?;
    for (rule, options) in WITHOUT {
        let all = format!("{options} --without {}", rule.name());
        let (end, reached, seconds) = search(&all, memory)?;
        let broken = match end {
            None => return Ok(interrupted()),
            Some(End::Found(broken)) => broken.property().to_owned(),
            Some(other) => format!("{other:?}"),
        };
        let (name, depth, worlds) = (rule.name(), reached.depth, reached.worlds);
        writeln!(
            out,
            "| `{name}` | `{options}` | {broken} | {depth} | {worlds} | {seconds:.2} |"
        )?;
    }
    Ok(Exit::Ok)
}

/// Searches the worlds of a row: how that ended (none if a signal ended it), how far it came, and the
/// CPU time that it took, in seconds.
fn search(options: &str, memory: u64) -> Result<(Option<End>, Reached, f64), Unusable> {
    let words = ["explore"].into_iter().chain(options.split(' '));
    let row = Row::try_parse_from(words).map_err(unusable)?;
    let mut search = Search::new(row.worlds.bounds()?).map_err(unusable)?;
    let begun = cpu_time();
    let end = search.run(memory, u32::MAX, |_| interrupt::asked().is_none());
    let seconds = cpu_time().saturating_sub(begun).as_secs_f64();
    let end = interrupt::asked().is_none().then_some(end);
    Ok((end, search.reached(), seconds))
}

fn interrupted() -> Exit {
    interrupt::asked().map_or(Exit::Ok, |it| interrupt::say(it, "after the rows above"))
}
