//! What a run was: its story in sentences, and its verdicts.

use super::args;
use super::interrupt::{self, Signal};
use super::lesson::{Ended, Reading};
use super::series::Clients;
use super::shards;
use super::stall::Stalled;
use super::{Exit, Unusable, unusable};
use crate::base::{GroupId, Time};
use crate::lesson::Scenario;
use crate::lesson::assertion::Judged;
use crate::run::measure::Measurements;
use crate::run::{ENGINE, FileError, Playhead, RetainedEvent, Weight};
use crate::sim::{Event, EventKind, Property, SettingsDoubt};
use crate::view::{self, StoreView, english, narrate, stopped_by};
use serde::Serialize;
use std::io::{self, Write};
use std::rc::Rc;

/// What came of a run, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    pub engine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    pub seed: String,
    pub rules_off: Vec<&'static str>,
    /// Why its settings may keep it from finding a leader.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// Where it ended, in microseconds.
    pub ended: u64,
    pub events: u64,
    pub hash: String,
    pub verdicts: Vec<Verdict>,
    /// How far its lesson was read.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// The property that is broken.
    #[serde(skip)]
    pub broken: Option<&'static str>,
    /// The property that the lesson breaks.
    #[serde(rename = "should_break", skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
    /// The limit that stopped it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// What is waited for in vain.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub stalled: Option<Stalled>,
    /// In what it isn't the run that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<Differs>,
    /// Its nodes and shards, if it has many of them.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub shards: Option<StoreView>,
    /// What became of the clients' operations, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Clients>,
    /// What the scenario asserts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assertions: Vec<Judged>,
    /// The signal that ended it, and the end that it didn't come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interrupted>,
}

/// What the settings make doubtful.
#[derive(Debug, Serialize)]
pub(super) struct Doubt {
    #[serde(flatten)]
    pub of: SettingsDoubt,
    pub says: String,
}

/// A limit that stopped a run.
#[derive(Debug, Serialize)]
pub(super) struct Stopped {
    /// The setting.
    pub limit: &'static str,
    /// What there was too much of, and what can be done.
    pub why: String,
}

/// In what a replay isn't the run that another engine recorded.
#[derive(Debug, Serialize)]
pub(super) struct Differs {
    /// Where it is told that the hash is another one; absent if it is the same, or there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// The actions that couldn't be done here, each with its place and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<String>,
}

impl Differs {
    /// What became of a recording: `other` says that the run comes out differently.
    pub fn of(playhead: &Playhead, other: Option<&FileError>) -> Option<Differs> {
        let left_out = playhead.left_out().iter();
        let left_out = left_out.map(|it| english().text(&view::left_out(it)));
        let differs = Differs {
            hash: other.map(|error| error.why.to_string()),
            left_out: left_out.collect(),
        };
        (differs.hash.is_some() || !differs.left_out.is_empty()).then_some(differs)
    }

    /// Prints it for people.
    fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        let says = self.hash.as_deref();
        let says = says.unwrap_or("another engine recorded it");
        writeln!(out, "\nNot quite the run that was recorded: {says}.")?;
        if !self.left_out.is_empty() {
            writeln!(out, "Left out, because it can't be done here:")?;
        }
        for action in &self.left_out {
            writeln!(out, "  {action}")?;
        }
        Ok(())
    }
}

/// A run that a signal ended.
#[derive(Debug, Serialize)]
pub(super) struct Interrupted {
    pub signal: Signal,
    /// Where it would have ended, in microseconds; absent of a lesson, which takes as long as it
    /// takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// Whether a signal ended a run before `end`, or before its lesson had ended.
pub(super) fn interrupted(
    playhead: &Playhead,
    end: Time,
    lesson: Option<Ended>,
) -> Option<Interrupted> {
    let signal = interrupt::asked()?;
    let cut = playhead.now() < end && !playhead.is_stopped();
    let unread = lesson == Some(Ended::Interrupted);
    (cut || unread).then(|| Interrupted {
        signal,
        before: cut.then_some(end.0),
    })
}

/// Whether a property held.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub property: &'static str,
    pub holds: bool,
}

impl Outcome {
    pub fn of(playhead: &Playhead, scenario: Option<&str>) -> Outcome {
        let run = playhead.simulation();
        let violation = run.violation();
        let broken = violation.map(|violation| violation.property());
        let violated = playhead
            .events()
            .rev()
            .find(|retained| matches!(retained.event.kind, EventKind::Violated(_)));
        let doubt = |of: SettingsDoubt| Doubt {
            says: english().text(&view::doubt(&of)),
            of,
        };
        let verdict = |property: Property| Verdict {
            property: property.name(),
            holds: broken != Some(property),
        };
        Outcome {
            engine: ENGINE,
            scenario: scenario.map(Into::into),
            seed: run.seed().to_string(),
            rules_off: args::rules_off(run.settings().rules, run.settings().shards.rules).collect(),
            doubts: run.settings().doubts().into_iter().map(doubt).collect(),
            ended: playhead.now().0,
            events: run.events_emitted(),
            hash: format!("{:016x}", run.hash()),
            verdicts: run.watched().map(verdict).collect(),
            shards: StoreView::of(run),
            reading: None,
            broken: broken.map(Property::name),
            expected: None,
            violation: violated.map(|retained| narrate(&retained).sentence()),
            stopped: run.stopped().map(|stop| Stopped {
                limit: stop.limit.field(),
                why: english().text(&stopped_by(stop)),
            }),
            stalled: Stalled::of(run),
            differs: None,
            clients: None,
            assertions: Vec::new(),
            interrupted: None,
        }
    }

    /// With what was measured, and what the scenario asserts of it.
    pub fn measure(&mut self, measured: Option<&Measurements>, scenario: &Scenario) {
        let Some(measured) = measured else { return };
        self.clients = Some(Clients::of(measured));
        let (asserted, now) = (scenario.assertions.iter(), Time(self.ended));
        self.assertions = asserted.map(|it| it.judge(measured, now)).collect();
    }

    /// With what couldn't be written into a file.
    pub fn with_error(
        &self,
        written: &Result<(), Unusable>,
    ) -> Result<serde_json::Value, Unusable> {
        let mut told = serde_json::to_value(self).map_err(unusable)?;
        if let Err(error) = written {
            told["error"] = error.json();
        }
        Ok(told)
    }

    /// How the command ends. If a signal ended the run, the standard error says so; what is broken
    /// by then outranks it.
    pub fn ends_with(&self, verdict: Exit) -> Exit {
        let Some(Interrupted { signal, before }) = &self.interrupted else {
            return verdict;
        };
        let at = Time(self.ended);
        let before = before.map_or(String::new(), |end| format!(" of {}", Time(end)));
        let point = format!("at {at}{before} s of simulated time; this is the run so far");
        let interrupted = interrupt::say(*signal, &point);
        match verdict {
            Exit::Broken if self.broken.is_some() => verdict,
            _ => interrupted,
        }
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> Result<(), Unusable> {
        if let Some(reading) = &self.reading {
            reading.tell(out)?;
        }
        if let Some(shards) = &self.shards {
            shards::tell(shards, out)?;
        }
        if let Some(clients) = &self.clients {
            clients.tell(out)?;
        }
        writeln!(out)?;
        for Judged { says, holds, seen } in &self.assertions {
            let sign = holds.map_or("?", |holds| if holds { "✓" } else { "✗" });
            let seen = match seen {
                None => "not measured".into(),
                Some((low, high)) if low == high => low.to_string(),
                Some((low, high)) => format!("{low} to {high}"),
            };
            writeln!(out, "  {sign} {says}: {seen}")?;
        }
        for Verdict { property, holds } in &self.verdicts {
            writeln!(out, "  {} {property}", if *holds { "✓" } else { "✗" })?;
        }
        if let Some(violation) = &self.violation {
            writeln!(out, "\n{violation}")?;
        }
        if let Some(Stopped { why, .. }) = &self.stopped {
            writeln!(out, "\nThe run was stopped: {why}")?;
        }
        if let Some(stalled) = &self.stalled {
            stalled.tell(out)?;
        }
        self.tell_surprise(out)?;
        if let Some(differs) = &self.differs {
            differs.tell(out)?;
        }
        for doubt in &self.doubts {
            writeln!(out, "\nDoubtful settings: {}", doubt.says)?;
        }
        let (seconds, micros) = (self.ended / 1_000_000, self.ended % 1_000_000);
        writeln!(
            out,
            "\nseed {}, {seconds}.{micros:06} s, {} events, hash {}, engine {}",
            self.seed, self.events, self.hash, self.engine
        )?;
        Ok(())
    }

    /// Says where the run and its lesson disagree about what breaks.
    fn tell_surprise(&self, out: &mut impl Write) -> Result<(), Unusable> {
        let complete = self.reading.as_ref().is_some_and(Reading::is_complete);
        match (&self.expected, self.broken) {
            (Some(expected), None) if complete => {
                writeln!(out, "\nThe lesson breaks {expected}; here it held.")?;
            }
            (Some(expected), Some(broken)) if expected != broken => {
                writeln!(out, "\nThe lesson breaks {expected}; here {broken} broke.")?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// A section of the paper, or the dissertation's, which says so itself.
fn section(reference: &&str) -> String {
    let sign = if reference.starts_with(|c: char| c.is_ascii_digit()) {
        "§"
    } else {
        ""
    };
    format!("{sign}{reference}")
}

/// Prints what is worth a sentence, oldest first.
pub(super) fn tell(out: &mut impl Write, playhead: &Playhead) -> Result<(), Unusable> {
    for retained in playhead.events() {
        if Weight::of(&retained.event.kind) >= Weight::Key {
            tell_one(out, &retained)?;
        }
    }
    Ok(())
}

/// Prints the story of a run; of a store of many shards, what befell its nodes and shards.
pub(super) fn tell_any(
    out: &mut impl Write,
    playhead: &Playhead,
    of_cluster: &[Event],
) -> Result<(), Unusable> {
    match playhead.simulation().settings().shards.are_many() {
        true => tell_cluster(out, of_cluster),
        false => tell(out, playhead),
    }
}

/// Prints what befell nodes and shards. What each of many groups does, and each client, is too much to read.
fn tell_cluster(out: &mut impl Write, events: &[Event]) -> Result<(), Unusable> {
    let nobody: Rc<[_]> = [].into();
    for event in events {
        tell_one(out, &RetainedEvent::bare(event.clone(), nobody.clone()))?;
    }
    Ok(())
}

/// Whether an event belongs to the story of a store of many shards.
pub(super) fn is_of_cluster(kind: &EventKind) -> bool {
    match kind {
        EventKind::Ended { .. } => true,
        EventKind::Traced { .. }
        | EventKind::Asked { .. }
        | EventKind::Returned { .. }
        | EventKind::GaveUp { .. } => false,
        EventKind::Restarted { group, .. } => *group == GroupId::REGISTRY,
        kind => Weight::of(kind) == Weight::Mark,
    }
}

fn tell_one(out: &mut impl Write, retained: &RetainedEvent) -> io::Result<()> {
    let told = narrate(retained);
    let refs: Vec<_> = told.refs.iter().map(section).collect();
    let refs = match &refs[..] {
        [] => String::new(),
        refs => format!("  ({})", refs.join(", ")),
    };
    let (at, sentence) = (retained.event.at.to_string(), told.sentence());
    writeln!(out, "{at:>12}  {sentence}{refs}")
}
