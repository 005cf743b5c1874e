//! `kvorum check`: is a history linearizable?

use super::history::{self, History, KeyHistory, Model, Origin};
use super::{Exit, Unusable, interrupt, progress};
use crate::sim::linearizability::{
    Call, Explanation, Observed, PartialOrder, Progress, Reply, Value, Verdict, check, explain,
};
use serde_json::json;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Check whether a history of clients is linearizable, key by key.
///
/// The history has one operation a line (JSON Lines), in any order:
///
///   {"client":3,"key":"x","op":"put","input":"1","output":{"ok":true},"invoke":12,"return":15}
///
/// Times are whole numbers in any unit; equal times are concurrent. Values are strings or
/// integers ("1" is not 1); a key is absent at first. Models: `register` (read, write, cas) and
/// `kv` (get, put, append, delete, cas); cas takes `[from,to]`, from may be null.
///
/// Outputs: {"value":"..."} of a read (null: absent); {"ok":true}; {"ok":false} of a cas that
/// missed; {"unknown":true}: it took effect before it returned, but nobody knows what it
/// answered; {"failed":true}: it certainly never happened. "return":null with "output":null: it
/// never returned, and has taken effect at some time since, or will, or never; its client may
/// go on.
///
/// A client does one operation after the other: two that overlap are refused. Blank lines, CRLF,
/// a byte order mark and further fields, also of an output, are ignored; a field that stands there
/// twice, a fraction and a negative time are refused.
///
/// Exit codes: 0 linearizable, 1 not linearizable (whatever else is undecided), 2 unusable input,
/// 3 undecided within the budget.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The history; `-` for the standard input.
    history: PathBuf,
    /// What the operations are. Without it, they tell.
    #[arg(long, value_enum)]
    model: Option<Model>,
    /// How long to search: a time (500ms, 60s, 5m, 1h); a bare number is steps, which give the
    /// same verdict everywhere. Once a key is not linearizable, a fifth of the time is kept for
    /// explaining it; of steps, as many again are for that, four million at most.
    #[arg(long, default_value = "60s", value_parser = Budget::parse)]
    budget: Budget,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Budget {
    Time(Duration),
    Steps(u64),
}

impl Budget {
    fn parse(text: &str) -> Result<Budget, String> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: u64 = digits
            .parse()
            .map_err(|_| "a number, or a number with ms, s, m or h".to_owned())?;
        let millis = match &text[digits.len()..] {
            "" if number > 0 => return Ok(Budget::Steps(number)),
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "" => return Err("at least one step".to_owned()),
            _ => return Err("the unit is ms, s, m or h".to_owned()),
        };
        let millis = number.checked_mul(millis).ok_or("too long")?;
        Ok(Budget::Time(Duration::from_millis(millis)))
    }

    fn allows_search(self, since: Instant, progress: Progress) -> bool {
        match self {
            Budget::Time(time) if progress.bad > 0 => since.elapsed() < time / 5 * 4,
            Budget::Time(time) => since.elapsed() < time,
            Budget::Steps(steps) => progress.steps < steps,
        }
    }

    /// Steps that the explanations of all bad keys may take.
    fn explanation(self) -> u64 {
        match self {
            Budget::Time(_) => EXPLANATION,
            Budget::Steps(steps) => steps.min(EXPLANATION),
        }
    }

    fn allows_explanation(self, since: Instant) -> bool {
        match self {
            Budget::Time(time) => since.elapsed() < time,
            Budget::Steps(_) => true,
        }
    }
}

/// Steps that explanations may take at most.
const EXPLANATION: u64 = 4_000_000;

/// Runs the command.
pub fn run(args: &Args, as_json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    let history = load(&args.history, args.model)?;
    let keys: Vec<&[Observed]> = history.keys.values().map(|key| &*key.observed).collect();
    let bar = progress::bar("checking", keys.len() as u64, false);
    interrupt::listen()?;
    let start = Instant::now();
    let verdicts = check(&keys, |progress| {
        bar.set_position(progress.decided as u64);
        args.budget.allows_search(start, progress) && interrupt::asked().is_none()
    });
    bar.finish_and_clear();
    let explanations = explain_all(&keys, &verdicts, args.budget, start);
    let report = Report {
        history: &history,
        explanations,
        verdicts,
    };
    if as_json {
        report.json(out)?;
    } else {
        report.text(out)?;
    }
    if let Some(signal) = interrupt::asked() {
        let decided = keys.len() - report.count(Verdict::Unknown);
        let all = many(keys.len() as u64, "key");
        return Ok(interrupt::say(signal, &format!("after {decided} of {all}")));
    }
    Ok(match report.verdict() {
        Verdict::Linearizable => Exit::Ok,
        Verdict::NotLinearizable => Exit::Broken,
        Verdict::Unknown => Exit::Undecided,
    })
}

/// Why the bad keys are bad. None takes more than a part of what is left of the steps.
fn explain_all(
    keys: &[&[Observed]],
    verdicts: &[Verdict],
    budget: Budget,
    start: Instant,
) -> Vec<Option<Explanation>> {
    let is_bad = |verdict: &Verdict| *verdict == Verdict::NotLinearizable;
    let mut bad = verdicts.iter().filter(|it| is_bad(it)).count() as u64;
    let bar = progress::bar("explaining", bad, false);
    let mut steps = budget.explanation();
    let explain_one = |(key, verdict): (&&[Observed], &Verdict)| {
        if !is_bad(verdict) {
            return None;
        }
        let share = steps / bad.min(4);
        let mut left = share;
        let why = explain(key, &[None], &mut left, || {
            budget.allows_explanation(start) && interrupt::asked().is_none()
        });
        // What it used counts: `explain` leaves nothing of a share that was too small.
        steps -= share - left;
        bad -= 1;
        bar.inc(1);
        Some(why)
    };
    let explanations = keys.iter().zip(verdicts).map(explain_one).collect();
    bar.finish_and_clear();
    explanations
}

fn load(path: &Path, model: Option<Model>) -> Result<History, Unusable> {
    let name = path.display().to_string();
    if name == "-" {
        let read = history::read(io::stdin().lock(), model, |_| {});
        return read.map_err(|error| error.in_file("standard input"));
    }
    let read = || {
        let file = File::open(path).map_err(|error| Unusable::new(error.to_string()))?;
        let length = file.metadata().map_or(0, |data| data.len());
        let bar = progress::bar("reading", length, true);
        let source = BufReader::with_capacity(1 << 16, file);
        let history = history::read(source, model, |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        history
    };
    read().map_err(|error| error.in_file(&name))
}

/// The verdicts, and why the bad ones are bad.
struct Report<'a> {
    history: &'a History,
    verdicts: Vec<Verdict>,
    explanations: Vec<Option<Explanation>>,
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Linearizable => "linearizable",
        Verdict::NotLinearizable => "not linearizable",
        Verdict::Unknown => "unknown",
    }
}

impl Report<'_> {
    fn verdict(&self) -> Verdict {
        let worst = [Verdict::NotLinearizable, Verdict::Unknown];
        let mut worst = worst
            .into_iter()
            .filter(|worst| self.verdicts.contains(worst));
        worst.next().unwrap_or(Verdict::Linearizable)
    }

    fn count(&self, wanted: Verdict) -> usize {
        self.verdicts
            .iter()
            .filter(|&&verdict| verdict == wanted)
            .count()
    }

    fn keys(&self) -> impl Iterator<Item = (&Value, &KeyHistory, Verdict, Option<&Explanation>)> {
        let found = self.verdicts.iter().zip(&self.explanations);
        self.history
            .keys
            .iter()
            .zip(found)
            .map(|((key, history), (&verdict, why))| (key, history, verdict, why.as_ref()))
    }

    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        for (key, history, verdict, why) in self.keys() {
            let operations = many(history.observed.len() as u64, "operation");
            writeln!(out, "{key}: {}, {operations}", name(verdict))?;
            if let Some(why) = why {
                explain_text(history, why, out)?;
            }
        }
        writeln!(
            out,
            "{}: {} on {}, {} linearizable, {} not linearizable, {} unknown",
            name(self.verdict()),
            many(self.history.operations, "operation"),
            many(self.verdicts.len() as u64, "key"),
            self.count(Verdict::Linearizable),
            self.count(Verdict::NotLinearizable),
            self.count(Verdict::Unknown),
        )
    }

    fn json(&self, out: &mut impl Write) -> io::Result<()> {
        let keys: Vec<_> = self
            .keys()
            .map(|(key, history, verdict, why)| {
                let mut told = json!({
                    "key": json_value(Some(key)),
                    "verdict": name(verdict).replace(' ', "_"),
                    "operations": history.observed.len(),
                });
                if let Some(why) = why {
                    told["counter_example"] = json_operations(history, shown(history, why));
                    told["counter_example_operations"] = why.counter_example.len().into();
                    told["minimal"] = why.is_minimal.into();
                    told["stuck"] = why.stuck.map(|at| history.origins[at].line).into();
                    let orders = why.partial_orders.iter();
                    told["partial_orders"] = orders
                        .map(|PartialOrder { order, value }| {
                            let last = &order[order.len().saturating_sub(SHOWN)..];
                            let lines = last.iter().map(|&at| history.origins[at].line);
                            json!({
                                "operations": order.len(),
                                "lines": lines.collect::<Vec<_>>(),
                                "value": json_value(value.as_ref()),
                            })
                        })
                        .collect();
                }
                told
            })
            .collect();
        let model = self.history.model.map(Model::name);
        let mut report = json!({
            "verdict": name(self.verdict()).replace(' ', "_"),
            "model": model,
            "operations": self.history.operations,
            "keys": keys,
        });
        if let Some(signal) = interrupt::asked() {
            report["interrupted"] = json!({ "signal": signal });
        }
        writeln!(out, "{report}")
    }
}

fn json_value(value: Option<&Value>) -> serde_json::Value {
    match value {
        None => serde_json::Value::Null,
        Some(value) if value.is_integer() => {
            value.as_text().parse::<serde_json::Number>().map_or_else(
                |_| value.as_text().to_string().into(),
                serde_json::Value::Number,
            )
        }
        Some(value) => value.as_text().to_string().into(),
    }
}

fn json_operations(history: &KeyHistory, places: &[usize]) -> serde_json::Value {
    let told = places.iter().map(|&at| {
        let (observed, origin) = (&history.observed[at], &history.origins[at]);
        json!({
            "line": origin.line,
            "client": json_value(Some(&origin.client)),
            "operation": Told(observed).to_string(),
            "invoke": observed.invoked,
            "return": observed.returned,
        })
    });
    told.collect()
}

/// Operations at the end of a partial order that are printed.
const TAIL: usize = 8;

/// Operations of a counter-example, and of a partial order in JSON, that are told at most.
const SHOWN: usize = 40;

/// The operations of a counter-example, or if that is long, those that began last before the
/// stuck one returned.
fn shown<'a>(history: &KeyHistory, why: &'a Explanation) -> &'a [usize] {
    let all = &why.counter_example;
    let until = why.stuck.and_then(|at| history.observed[at].returned);
    let end = all.partition_point(|&at| {
        all.len() <= SHOWN || until.is_none_or(|until| history.observed[at].invoked <= until)
    });
    &all[end.saturating_sub(SHOWN)..end]
}

/// `1 key`, `2 keys`.
fn many(number: u64, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

fn explain_text(history: &KeyHistory, why: &Explanation, out: &mut impl Write) -> io::Result<()> {
    let tell = |out: &mut dyn Write, at: usize| {
        let (observed, origin) = (&history.observed[at], &history.origins[at]);
        let returned = observed
            .returned
            .map_or("never".to_owned(), |time| time.to_string());
        let Origin { line, client } = origin;
        let (told, invoked) = (Told(observed), observed.invoked);
        writeln!(
            out,
            "    line {line}: client {client}: {told}, {invoked} to {returned}"
        )
    };
    let shown = shown(history, why);
    let all = why.counter_example.len();
    if shown.len() < all {
        let some = shown.len();
        writeln!(
            out,
            "  {all} operations can't all have happened (not the fewest: the budget ended), here {some} of them:"
        )?;
    } else if why.is_minimal {
        writeln!(
            out,
            "  these can't all have happened (none can be left out):"
        )?;
    } else {
        writeln!(
            out,
            "  these can't all have happened (perhaps not the fewest):"
        )?;
    }
    for &at in shown {
        tell(out, at)?;
    }
    for PartialOrder { order, value } in &why.partial_orders {
        let shown = &order[order.len().saturating_sub(TAIL)..];
        let value = value.as_ref().map_or("absent".to_owned(), Value::to_string);
        let last = match shown.len() {
            all if all == order.len() => String::new(),
            some => format!(", the last {some}"),
        };
        writeln!(
            out,
            "  a longest partial order, {}{last}:",
            many(order.len() as u64, "operation")
        )?;
        for &at in shown {
            tell(out, at)?;
        }
        writeln!(out, "    then the key is {value}")?;
    }
    let Some(stuck) = why.stuck else {
        return Ok(());
    };
    match &*why.partial_orders {
        [] => writeln!(out, "  the search got no further than to:")?,
        _ => writeln!(out, "  none of them leads to:")?,
    }
    tell(out, stuck)
}

/// An operation in words: `put "1"`, `get, found "2"`.
struct Told<'a>(&'a Observed);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_absent =
            |value: &Option<Value>| value.as_ref().map_or("absent".to_owned(), Value::to_string);
        match &self.0.call {
            Call::Get => write!(f, "get")?,
            Call::Put(value) => write!(f, "put {value}")?,
            Call::Append(value) => write!(f, "append {value}")?,
            Call::Delete => write!(f, "delete")?,
            Call::Cas { expected, value } => {
                write!(f, "cas from {} to {value}", or_absent(expected))?;
            }
        }
        match &self.0.reply {
            Reply::Found(value) => write!(f, ", found {}", or_absent(value)),
            Reply::Done => write!(f, ", ok"),
            Reply::Missed => write!(f, ", missed"),
            Reply::Unknown if self.0.returned.is_none() => write!(f, ", never returned"),
            Reply::Unknown => write!(f, ", unknown"),
        }
    }
}
