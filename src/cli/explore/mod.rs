//! `kvorum explore`: all worlds of a few servers in which each thing happens so often at most.

mod bounds;
mod report;
mod table;

use super::interrupt;
use super::sweep::cpu_time;
use super::{Exit, Found, Unusable, args, progress, say_json, unusable};
use crate::base::Span;
use crate::explore::{End, Reached, Search};
use crate::view::text::count;
use report::Report;
use std::io::Write;
use std::time::{Duration, Instant};

/// Search small worlds whole: everything that can happen to a few servers, in every order.
///
/// A world is a few servers, their disks, and the messages under way. From the first world on, every step
/// is taken that can be: any message arrives, or never does; any timer runs out; any server crashes, with
/// every part of what it was writing. How often each thing happens is bounded; no time passes. Each
/// world is held against Raft's properties. What breaks one is told as a story, in as few steps as can be.
///
/// Exit code 0: every world within the bounds was seen, and no property is broken; 1: one is; 2: bad
/// arguments; 3: memory, time or depth was used up before; 130: interrupted (129, 143: by SIGHUP,
/// SIGTERM).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub(super) worlds: bounds::Worlds,
    /// The longest way to a world, in steps
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    depth: Option<u32>,
    /// Memory for the search: 512M, 2G
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = args::bytes)]
    memory: u64,
    /// Time for the search: 60s, 5m
    #[arg(long = "for", value_name = "SPAN", value_parser = args::span, allow_negative_numbers = true)]
    time: Option<Span>,
    /// Print the tables of docs/explore.md, which have worlds of their own
    #[arg(long, conflicts_with_all = ["depth", "time"])]
    table: bool,
}

pub(super) fn run(args: &Args, json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    if args.table {
        interrupt::listen().map_err(unusable)?;
        return Ok(table::print(args.memory, out)?.into());
    }
    let bounds = args.worlds.bounds()?;
    let search = Search::new(bounds.clone());
    let mut search = search.map_err(|it| Unusable::field(it.option, it.why))?;
    interrupt::listen().map_err(unusable)?;
    let (begun, cpu) = (Instant::now(), cpu_time());
    let end = explore(args, &mut search);
    let took = (begun.elapsed(), cpu_time().saturating_sub(cpu));
    let report = Report::new(&bounds, &mut search, end, took);
    if json {
        say_json(out, &report)?;
    } else {
        report.tell(out)?;
    }
    Ok(report.exit().into())
}

/// Searches until there is an end, and shows how far it has come.
fn explore(args: &Args, search: &mut Search) -> End {
    let time = args.time.map(|span| Duration::from_micros(span.0));
    let begun = Instant::now();
    let bar = progress::bar("exploring", args.memory, true);
    let go_on = |reached: &Reached| {
        bar.set_position(reached.bytes);
        let (depth, worlds) = (reached.depth, count(reached.worlds, "world"));
        bar.set_message(format!("{worlds}, depth {depth}, memory"));
        interrupt::asked().is_none() && time.is_none_or(|time| begun.elapsed() < time)
    };
    let end = search.run(args.memory, args.depth.unwrap_or(u32::MAX), go_on);
    bar.finish_and_clear();
    end
}

/// What a search that was ended by a signal exits with.
fn interrupted(reached: &Reached) -> Option<Exit> {
    let signal = interrupt::asked()?;
    let worlds = count(reached.worlds, "world");
    let point = format!("after {worlds}, at depth {}", reached.depth);
    Some(interrupt::say(signal, &point))
}
