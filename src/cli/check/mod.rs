//! `kvorum check`: is a history linearizable?

mod draw;
mod report;
mod subject;

use super::history::{self, Given, History, Model};
use super::sniff::Kind;
use super::{Exit, Found, Unusable, args, interrupt, overwrite, progress};
use crate::check::{Case, Explanation, Progress, Value, Verdict, check};
use crate::view::text::count;
use draw::Files;
pub(super) use draw::{HTML, SVG};
use report::Report;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use subject::Subject;

/// Check whether a history of clients is linearizable, key by key.
///
/// The history has one operation a line (JSON Lines), in any order:
///
///   {"client":3,"key":"x","op":"put","input":"1","output":{"ok":true},"invoke":12,"return":15}
///
/// Times are whole numbers in any unit; equal times are concurrent. Values are strings or
/// integers ("1" is not 1); a key is absent at first. Models: `register` (read, write, cas) and
/// `kv` (get, put, append, delete, cas); cas takes `[from,to]`, from may be null, and with
/// "create_if_not_exists":true it also sets a key that is absent.
///
/// Outputs: {"value":"..."} of a read (null: absent); {"ok":true}; {"ok":false} of a cas that
/// missed; {"missing":true} of a cas or a delete that found no key; {"unknown":true}: nobody knows
/// what came of it: it may have happened at any time since its invocation, may do so after its
/// return, or never; {"failed":true}: it certainly never happened. "return":null with
/// "output":null: it never returned, which is as good as unknown; its client may go on. A read
/// with "stale":true was allowed to find an old value, and isn't judged.
///
/// Transactions take effect at once or not at all; scans read several keys at once:
///
///   {"client":1,"op":"txn","input":[["get","x"],["put","y","2"]],"output":{"values":["1",null]},...}
///   {"client":2,"op":"scan","input":{"from":"a","to":"m"},"output":{"values":[["b","1"]]},...}
///   {"client":2,"op":"scan","input":{"keys":["x","y"]},"output":{"values":[]},...}
///
/// The values of a transaction are what its reads found, null for its other operations; or
/// {"ok":true}; or {"ok":false}: a cas of it missed, so nothing happened. A scan finds the keys
/// from `from` on and before `to`; those that it doesn't list were absent. Keys that a transaction
/// or a scan joins are judged together, up to 256 keys with 20000 operations.
///
/// Other lines say what keys hold at first, and what is only drawn: what happened to the system
/// ("until" may be absent), and who led.
///
///   {"initial":{"x":"0"}}        or, for keys that are integers, {"initial":[[5,"0"]]}
///   {"mark":"partition {1,2} | {3,4,5}","at":20,"until":35}
///   {"leader":"S2","term":3,"from":17,"until":null}
///
/// A client does one operation after the other: two that overlap are refused. So is a field that
/// isn't named here. Blank lines, CRLF and a byte order mark are ignored.
///
/// Histories of Jepsen (EDN) are taken as well: maps with :type, :process, :f and :value, one after
/// the other or in one vector. :f is one of :read, :write, :cas, :get, :put, :delete, and :txn of
/// [:r k nil] and [:w k v]; a value of two is a key and its value, a cas of one key [from to]. Times
/// are the places of the maps; :info is unknown, :fail never happened, and what :nemesis does is
/// drawn. Lists, sets, queues and the like are refused by name. Either format may be compressed
/// with gzip.
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
    /// What keys hold at first that the history has no initial value for: an integer or a text.
    #[arg(long, value_name = "VALUE", value_parser = Initial::parse, allow_negative_numbers = true)]
    initial: Option<Initial>,
    /// Draw the first history that isn't linearizable, or a large one if all are
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    svg: Option<PathBuf>,
    /// Draw up to eight of them into a page
    #[arg(long, value_name = "FILE", value_parser = args::file)]
    html: Option<PathBuf>,
    /// Overwrite what stands in these files, whatever it is
    #[arg(long)]
    force: bool,
    /// How long to search: a time (500ms, 60s, 5m, 1h); a bare number is steps, which give the
    /// same verdict everywhere. Once a key is not linearizable, a fifth of the time is kept for
    /// explaining it; of steps, as many again are for that, four million at most.
    #[arg(long, default_value = "60s", value_parser = Budget::parse, allow_negative_numbers = true)]
    budget: Budget,
}

/// An initial value.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Initial {
    Integer(i64),
    Text(String),
}

impl Initial {
    /// An integer if it is one, else a text; what stands in quotes is a text in any case.
    fn parse(text: &str) -> Result<Initial, String> {
        if let Ok(number) = text.parse() {
            return Ok(Initial::Integer(number));
        }
        match serde_json::from_str(text) {
            Ok(text) => Ok(Initial::Text(text)),
            Err(_) if text.starts_with('"') => Err("the text doesn't end".to_owned()),
            Err(_) => Ok(Initial::Text(text.to_owned())),
        }
    }

    fn value(&self) -> Value {
        match self {
            Initial::Integer(number) => Value::integer((*number).into()),
            Initial::Text(text) => Value::text(&**text),
        }
    }
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
pub fn run(args: &Args, as_json: bool, out: &mut impl Write) -> Result<Found, Unusable> {
    let given = Given {
        model: args.model,
        initial: args.initial.as_ref().map(Initial::value),
    };
    let files = [
        (&args.svg, Kind::Picture, "--svg"),
        (&args.html, Kind::Pictures, "--html"),
    ];
    overwrite::ask(&files, args.force)?;
    let history = load(&args.history, given)?;
    let keys = history.keys.iter();
    let keys = keys.map(|(key, history)| Subject::Key(key, history));
    let subjects: Vec<_> = keys
        .chain(history.joined.iter().map(Subject::Joined))
        .collect();
    let cases: Vec<_> = subjects.iter().map(Subject::case).collect();
    let bar = progress::bar("checking", cases.len() as u64, false);
    interrupt::listen()?;
    let start = Instant::now();
    let verdicts = check(&cases, |progress| {
        bar.set_position(progress.decided as u64);
        args.budget.allows_search(start, progress) && interrupt::asked().is_none()
    });
    bar.finish_and_clear();
    let explanations = explain_all(&cases, &verdicts, args.budget, start);
    let report = Report {
        history: &history,
        subjects,
        explanations,
        verdicts,
    };
    match as_json {
        true => report.json(out)?,
        false => report.text(out)?,
    }
    let files = Files {
        svg: args.svg.as_deref(),
        html: args.html.as_deref(),
    };
    let unwritten = files.write(&report);
    let interrupted = interrupt::asked().map(|signal| {
        let all = count(report.keys(), "key");
        let decided = report.keys() - report.count(Verdict::Unknown);
        interrupt::say(signal, &format!("after {decided} of {all}"))
    });
    let exit = match (report.verdict(), interrupted) {
        (Verdict::NotLinearizable, _) => Exit::Broken,
        (_, Some(interrupted)) => interrupted,
        (Verdict::Linearizable, None) => Exit::Ok,
        (Verdict::Unknown, None) => Exit::Undecided,
    };
    Ok(Found { exit, unwritten })
}

/// Why the bad ones are bad. None takes more than a part of what is left of the steps.
fn explain_all(
    cases: &[Case<'_>],
    verdicts: &[Verdict],
    budget: Budget,
    start: Instant,
) -> Vec<Option<Explanation>> {
    let is_bad = |verdict: &Verdict| *verdict == Verdict::NotLinearizable;
    let mut bad = verdicts.iter().filter(|it| is_bad(it)).count() as u64;
    let bar = progress::bar("explaining", bad, false);
    let mut steps = budget.explanation();
    let explain_one = |(case, verdict): (&Case<'_>, &Verdict)| {
        if !is_bad(verdict) {
            return None;
        }
        let share = steps / bad.min(4);
        let mut left = share;
        let why = case.explain(&mut left, || {
            budget.allows_explanation(start) && interrupt::asked().is_none()
        });
        // What it used counts: `explain` leaves nothing of a share that was too small.
        steps -= share - left;
        bad -= 1;
        bar.inc(1);
        Some(why)
    };
    let explanations = cases.iter().zip(verdicts).map(explain_one).collect();
    bar.finish_and_clear();
    explanations
}

fn load(path: &Path, given: Given) -> Result<History, Unusable> {
    let name = path.display().to_string();
    if name == "-" {
        let read = history::read(io::stdin().lock(), given, |_| {});
        return read.map_err(|error| error.in_file("standard input"));
    }
    let read = || {
        let file = File::open(path)?;
        let length = file.metadata().map_or(0, |data| data.len());
        let bar = progress::bar("reading", length, true);
        let source = bar.wrap_read(file);
        let source = BufReader::with_capacity(1 << 16, source);
        let history = history::read(source, given, |_| {});
        bar.finish_and_clear();
        history
    };
    read().map_err(|error| error.in_file(&name))
}
