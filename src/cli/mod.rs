//! The native command line, `kvorum`: one file for each subcommand.
//!
//! What they share: `--json` (one JSON object on the standard output instead of text), `--quiet`, the
//! exit codes ([`Exit`]), an error that names the file, the line and the field ([`Unusable`]),
//! progress bars on the standard error, only on a terminal, and signals ([`interrupt`]). Results go
//! to the standard output, all else to the standard error. A reader that goes away early, such as
//! `head`, ends the program without a word.

mod args;
mod check;
mod chronicle;
mod explore;
mod follow;
pub mod history;
pub mod interrupt;
mod json;
mod lesson;
mod link;
mod manual;
mod output;
mod overwrite;
mod progress;
mod replay;
mod report;
mod run;
mod series;
mod settings;
mod shards;
mod sniff;
mod stall;
mod story;
mod sweep;
pub mod trace;
mod unusable;

pub use unusable::Unusable;

use crate::view::text::escaped;
use clap::{Parser, Subcommand};
use output::Output;
use serde_json::json;
use std::io::{self, Write};
use std::process::ExitCode;
use unusable::{about, unusable};

/// A laboratory for a distributed key-value store: Raft, checked while it runs.
#[derive(Parser)]
#[command(name = "kvorum", version, max_term_width = 100, after_help = Exit::table())]
struct Cli {
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Print nothing but errors: the exit code is the result. With --json the object is printed
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Sweep(sweep::Args),
    Explore(Box<explore::Args>),
    Check(check::Args),
    Replay(replay::Args),
    Completions(manual::Completions),
    Man(manual::Man),
}

macro_rules! exits {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// How a command ended.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Exit {
            $($(#[doc = $doc])+ $name = $code,)+
        }

        impl Exit {
            /// Every exit code with its meaning.
            pub const ALL: &[(Exit, &str)] = &[$((Exit::$name, concat!($($doc),+)),)+];
        }
    };
}

exits! {
    /// all is well
    Ok = 0,
    /// a property, an assertion or linearizability is broken, or a milestone isn't reached
    Broken = 1,
    /// the input can't be used, or a file can't be written though all is well
    Unusable = 2,
    /// undecided: budget used up, --until too early, stopped by a limit, or unlike its recording
    Undecided = 3,
    /// ended by SIGHUP; what was known by then is told and written, and isn't code 1
    HungUp = 129,
    /// ended by SIGINT, Ctrl C; what was known by then is told and written, and isn't code 1
    Interrupted = 130,
    /// nobody reads the output any more
    NoReader = 141,
    /// ended by SIGTERM; what was known by then is told and written, and isn't code 1
    Terminated = 143,
}

impl Exit {
    /// The codes for the help.
    fn table() -> String {
        let rows = Exit::ALL.iter().map(|(exit, says)| {
            let says = says.trim();
            format!("\n  {:<5} {says}", *exit as u8)
        });
        format!("Exit codes:{}", rows.collect::<String>())
    }

    /// A result stands whatever else goes wrong; only where all is well, that counts.
    fn or(self, other: Exit) -> Exit {
        match self {
            Exit::Ok => other,
            result => result,
        }
    }
}

/// What a command found, and what of it couldn't be written into files.
struct Found {
    exit: Exit,
    unwritten: Option<Unusable>,
}

impl From<Exit> for Found {
    fn from(exit: Exit) -> Found {
        Found {
            exit,
            unwritten: None,
        }
    }
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
    let is_text = matches!(cli.command, Command::Completions(_) | Command::Man(_));
    let mut out = Output::new(cli.quiet && !cli.json && !is_text);
    if cli.quiet {
        progress::hide();
    }
    let result = match &cli.command {
        Command::Run(args) => run::run(args, cli.json, &mut out),
        Command::Sweep(args) => sweep::run(args, cli.json, &mut out),
        Command::Explore(args) => explore::run(args, cli.json, &mut out),
        Command::Check(args) => check::run(args, cli.json, &mut out),
        Command::Replay(args) => replay::run(args, cli.json, &mut out),
        Command::Completions(args) => {
            manual::completions(args, cli.json, &mut out).map(Found::from)
        }
        Command::Man(args) => manual::man(args, cli.json, &mut out).map(Found::from),
    };
    let found = result.unwrap_or_else(|error| {
        if cli.json {
            let _ = writeln!(out, "{}", json!({ "error": error.json() }));
        }
        Found {
            exit: Exit::Unusable,
            unwritten: Some(error),
        }
    });
    let mut exit = found.exit;
    let written = out.end();
    // Somebody may have closed the standard error as well.
    let mut complain = |error: &dyn std::fmt::Display| {
        let _ = writeln!(io::stderr(), "kvorum: {}", escaped(&error.to_string()));
        exit = exit.or(Exit::Unusable);
    };
    if let Some(error) = &found.unwritten {
        complain(error);
    }
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            if interrupt::asked().is_none() {
                exit = Exit::NoReader;
            }
        }
        Err(error) => complain(&format_args!("standard output: {error}")),
        Ok(()) => {}
    }
    ExitCode::from(exit as u8)
}
