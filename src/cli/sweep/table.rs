//! The table in `docs/rules.md`: what a sweep finds without each rule, and how soon.

use super::{Args, Sum, run_all};
use crate::cli::{Exit, Unusable, interrupt, say_json, unusable};
use crate::raft::{Rule, Rules};
use crate::run::sweep::{Failure, SweepPlan};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// What a sweep without a rule came to.
#[derive(Serialize)]
struct Row {
    rule: &'static str,
    /// The first seed that fails; absent if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seed: Option<String>,
    /// What the run from that seed breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'static str>,
    /// The simulated seconds until then, those of the runs before it among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulated_seconds: Option<u64>,
}

impl Row {
    fn new(rule: Rule, sum: Sum) -> Row {
        let first = sum.first.as_ref();
        let failure = first.and_then(|report| report.failure.as_ref());
        Row {
            rule: rule.name(),
            first_seed: first.map(|report| report.seed.to_string()),
            what: failure.map(Failure::name),
            simulated_seconds: first.map(|_| sum.until_first.0 / 1_000_000),
        }
    }

    fn told(&self) -> String {
        let first = self.first_seed.as_deref().unwrap_or("none");
        let what = self.what.unwrap_or("nothing");
        let seconds = self
            .simulated_seconds
            .map_or("".into(), |it| it.to_string());
        let rule = self.rule;
        format!("| `{rule}` | {first} | {what} | {seconds} |\n")
    }
}

const HEAD: &str = "| without | first seed | what breaks | simulated seconds until then |\n\
                    | --- | ---: | --- | ---: |\n";

/// The lines between which a file has the table.
const BEGINS: &str = "<!-- table -->\n";
const ENDS: &str = "<!-- end of table -->\n";

/// A file's text with another table.
fn with_table(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGINS)?;
    let (_, after) = rest.split_once(ENDS)?;
    Some([before, BEGINS, table, ENDS, after].concat())
}

/// Puts the table into a file.
fn put(table: &str, path: &Path) -> Result<(), Unusable> {
    let unusable = |why: &dyn std::fmt::Display| unusable(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|it| unusable(&it))?;
    let text = with_table(&text, table);
    let text = text.ok_or_else(|| unusable(&"it has no place for a table"))?;
    std::fs::write(path, text).map_err(|it| unusable(&it))
}

/// Sweeps without each rule that the plan is without, or each one there is, until something breaks, and prints a
/// row for each.
pub(super) fn print(
    args: &Args,
    plan: &SweepPlan,
    json: bool,
    out: &mut impl Write,
) -> Result<Exit, Unusable> {
    let mut table = HEAD.to_owned();
    if !json {
        out.write_all(table.as_bytes())?;
    }
    let mut rows = Vec::new();
    let given: Vec<Rule> = plan.rules.off().collect();
    let rules = if given.is_empty() { Rule::ALL } else { &given };
    for &rule in rules {
        let plan = SweepPlan {
            rules: Rules::ALL.without(rule),
            ..plan.clone()
        };
        let (sum, stopped) = run_all(&plan, args.seeds.clone(), args.jobs, false);
        if stopped {
            break;
        }
        let row = Row::new(rule, sum);
        let told = row.told();
        if !json {
            out.write_all(told.as_bytes())?;
            out.flush()?;
        }
        table += &told;
        rows.push(row);
    }
    if json {
        say_json(out, &rows)?;
    }
    let whole = rows.len() == rules.len();
    if let Some(path) = args.into.as_deref().filter(|_| whole) {
        put(&table, path)?;
    }
    let point = "after the rows above";
    Ok(interrupt::asked().map_or(Exit::Ok, |signal| interrupt::say(signal, point)))
}
