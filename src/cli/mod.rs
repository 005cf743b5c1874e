//! The native command line, `kvorum`: one file for each subcommand.
//!
//! What they share: `--json` (one JSON object on the standard output instead of text), the exit
//! codes ([`Exit`]), an error that names the line and the field ([`Unusable`]), and progress bars on
//! the standard error, only on a terminal. Results go to the standard output, all else to the
//! standard error. A reader that goes away early, such as `head`, ends the program without a word.

mod args;
mod check;
pub mod history;
mod json;
mod link;
mod progress;
mod replay;
mod run;
mod story;
mod sweep;

use clap::{Parser, Subcommand};
use serde_json::json;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// A laboratory for a distributed key-value store: Raft, checked while it runs.
#[derive(Parser)]
#[command(name = "kvorum", version, max_term_width = 100)]
struct Cli {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Sweep(sweep::Args),
    Check(check::Args),
    Replay(replay::Args),
}

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// A property is broken.
    Broken = 1,
    /// The input can't be used: a bad argument, file, line or field.
    Unusable = 2,
    /// Nothing is known: the budget was used up before.
    Undecided = 3,
    /// Nobody reads the output any more: what a shell calls a program that a closed pipe has ended.
    NoReader = 141,
}

/// Input that can't be used. Whatever is known of the place comes first in the message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unusable {
    /// The file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The field.
    pub field: Option<&'static str>,
    /// What is wrong with it.
    pub message: String,
    /// It isn't the input: nobody reads the output any more.
    no_reader: bool,
    /// The JSON object that was printed says it already.
    is_told: bool,
}

impl Unusable {
    fn new(message: impl Into<String>) -> Unusable {
        Unusable {
            message: message.into(),
            ..Unusable::default()
        }
    }

    fn field(field: &'static str, message: impl Into<String>) -> Unusable {
        Unusable {
            field: Some(field),
            ..Unusable::new(message)
        }
    }

    fn at_line(self, line: u64) -> Unusable {
        Unusable {
            line: self.line.or(Some(line)),
            ..self
        }
    }

    fn in_file(self, file: &str) -> Unusable {
        Unusable {
            file: Some(file.to_owned()),
            ..self
        }
    }

    /// For programs.
    fn json(&self) -> serde_json::Value {
        let Unusable {
            file,
            line,
            field,
            message,
            ..
        } = self;
        json!({"file": file, "line": line, "field": field, "message": message})
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unusable {}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Unusable {
        Unusable {
            no_reader: error.kind() == io::ErrorKind::BrokenPipe,
            ..unusable(error)
        }
    }
}

/// Whatever went wrong, in its own words.
fn unusable(error: impl fmt::Display) -> Unusable {
    Unusable::new(error.to_string())
}

/// Whatever went wrong with that file.
fn about<E: fmt::Display>(file: impl fmt::Display) -> impl FnOnce(E) -> Unusable {
    move |error| unusable(error).in_file(&file.to_string())
}

/// Writes one JSON value.
fn say_json(out: &mut impl Write, value: &impl serde::Serialize) -> Result<(), Unusable> {
    serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// Tells what is wrong with the arguments, or the help that they ask for.
fn refuse(error: &clap::Error) -> ExitCode {
    // Somebody may have closed the output.
    let _ = error.print();
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        // What follows the first paragraph is advice for people.
        let message = text.split("\n\n").next().unwrap_or_default();
        let error = json!({ "error": Unusable::new(message).json() });
        let _ = writeln!(io::stdout(), "{error}");
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Unusable as u8))
}

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let result = match &cli.command {
        Command::Run(args) => run::run(args, cli.json, &mut out),
        Command::Sweep(args) => sweep::run(args, cli.json, &mut out),
        Command::Check(args) => check::run(args, cli.json, &mut out),
        Command::Replay(args) => replay::run(args, cli.json, &mut out),
    };
    let result = result.and_then(|exit| Ok(out.flush().map(|()| exit)?));
    let exit = result.unwrap_or_else(|error| {
        if error.no_reader {
            return Exit::NoReader;
        }
        // Somebody may have closed the standard error as well.
        let _ = writeln!(io::stderr(), "kvorum: {error}");
        if cli.json && !error.is_told {
            let _ = writeln!(out, "{}", json!({ "error": error.json() }));
        }
        Exit::Unusable
    });
    // A reader that has gone needs no answer.
    let _ = out.flush();
    ExitCode::from(exit as u8)
}
