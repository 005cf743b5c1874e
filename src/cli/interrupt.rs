//! Signals that ask a command to end: it tells and writes what is known so far.
//!
//! The loops of the long commands ask [`asked`] now and then. A second signal ends the program at
//! once. A signal that was ignored when the program started, as under `nohup`, stays ignored.

use super::Exit;
use serde::Serialize;
use signal_hook::{consts, flag};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// The number of the first signal that came; 0: none.
static CAME: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// A signal that asks for the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, serde::Deserialize)]
pub enum Signal {
    /// The terminal has gone.
    #[serde(rename = "SIGHUP")]
    Hangup = 1,
    /// Somebody pressed Ctrl C.
    #[serde(rename = "SIGINT")]
    Interrupt = 2,
    /// Somebody asked for the end.
    #[serde(rename = "SIGTERM")]
    Terminate = 15,
}

impl Signal {
    const ALL: [Signal; 3] = [Signal::Hangup, Signal::Interrupt, Signal::Terminate];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Signal::Hangup => "SIGHUP",
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
        }
    }

    /// The number that this system knows it by, if it does.
    const fn number(self) -> Option<i32> {
        match self {
            #[cfg(unix)]
            Signal::Hangup => Some(consts::SIGHUP),
            #[cfg(not(unix))]
            Signal::Hangup => None,
            Signal::Interrupt => Some(consts::SIGINT),
            Signal::Terminate => Some(consts::SIGTERM),
        }
    }

    /// How a command ends that it has ended.
    pub const fn exit(self) -> Exit {
        match self {
            Signal::Hangup => Exit::HungUp,
            Signal::Interrupt => Exit::Interrupted,
            Signal::Terminate => Exit::Terminated,
        }
    }
}

/// From now on, the first of the signals is remembered, and the second one ends the program.
///
/// # Errors
/// The system refuses to tell of a signal.
pub(super) fn listen() -> io::Result<()> {
    let came = Arc::new(AtomicUsize::new(0));
    if CAME.set(came.clone()).is_err() {
        return Ok(());
    }
    let again = Arc::new(AtomicBool::new(false));
    let ignored = ignored();
    for signal in Signal::ALL {
        let Some(number) = signal.number() else {
            continue;
        };
        if ignored & (1 << (number - 1)) != 0 {
            continue;
        }
        // In this order: at the first signal nothing is remembered yet.
        flag::register_conditional_shutdown(number, signal.exit() as i32, again.clone())?;
        flag::register(number, again.clone())?;
        flag::register_usize(number, came.clone(), signal as usize)?;
    }
    Ok(())
}

/// The signal that has asked for the end, if one has.
pub fn asked() -> Option<Signal> {
    let came = CAME.get()?.load(Ordering::Relaxed);
    Signal::ALL.into_iter().find(|&it| it as usize == came)
}

/// Says on the standard error that a signal ended the command, and where.
pub(super) fn say(signal: Signal, point: &str) -> Exit {
    // Nobody may be there to read it: the terminal may have gone.
    let _ = writeln!(
        io::stderr(),
        "kvorum: interrupted by {} {point}",
        signal.name()
    );
    signal.exit()
}

/// The signals that are ignored, a bit for each, the lowest for number 1; none where the system
/// doesn't say (it does on Linux).
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
