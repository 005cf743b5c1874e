//! What a run was: its story in sentences, its verdicts, its events as JSON Lines.

use super::{Unusable, about, unusable};
use crate::sim::{ENGINE, EventKind, Property, Recording, Timeline, Weight};
use crate::view::narrate;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// What came of a run, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    pub engine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    pub seed: String,
    pub rules_off: Vec<&'static str>,
    /// Where it ended, in microseconds.
    pub ended: u64,
    pub events: u64,
    pub hash: String,
    pub verdicts: Vec<Verdict>,
    /// Milestones of the lesson that were reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<String>,
    /// How many it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestones_in_all: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
}

/// Whether a property held.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    pub property: &'static str,
    pub holds: bool,
}

impl Outcome {
    pub fn of(timeline: &Timeline, scenario: Option<&str>) -> Outcome {
        let run = timeline.simulation();
        let violation = run.violation();
        let broken = violation.map(|violation| violation.property());
        let violated = timeline
            .events()
            .rev()
            .find(|scene| matches!(scene.event.kind, EventKind::Violated(_)));
        let verdict = |property: Property| Verdict {
            property: property.name(),
            holds: broken != Some(property),
        };
        Outcome {
            engine: ENGINE,
            scenario: scenario.map(Into::into),
            seed: run.seed().to_string(),
            rules_off: run.settings().rules.off().map(|rule| rule.name()).collect(),
            ended: timeline.now().0,
            events: run.events_emitted(),
            hash: format!("{:016x}", run.hash()),
            verdicts: run.watched().map(verdict).collect(),
            milestones: Vec::new(),
            milestones_in_all: None,
            violation: violated.map(|scene| narrate(scene).sentence()),
        }
    }

    /// Prints it for people.
    pub fn tell(&self, out: &mut impl Write) -> Result<(), Unusable> {
        writeln!(out)?;
        for Verdict { property, holds } in &self.verdicts {
            writeln!(out, "  {} {property}", if *holds { "✓" } else { "✗" })?;
        }
        if let Some(violation) = &self.violation {
            writeln!(out, "\n{violation}")?;
        }
        let (seconds, micros) = (self.ended / 1_000_000, self.ended % 1_000_000);
        writeln!(
            out,
            "\nseed {}, {seconds}.{micros:06} s, {} events, hash {}, engine {}",
            self.seed, self.events, self.hash, self.engine
        )?;
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
pub(super) fn tell(out: &mut impl Write, timeline: &Timeline) -> Result<(), Unusable> {
    for scene in timeline.events() {
        if Weight::of(&scene.event.kind) >= Weight::Key {
            let told = narrate(scene);
            let refs = match told.refs {
                [] => String::new(),
                refs => format!(
                    "  ({})",
                    refs.iter().map(section).collect::<Vec<_>>().join(", ")
                ),
            };
            writeln!(
                out,
                "{:>12}  {}{refs}",
                scene.event.at.to_string(),
                told.sentence()
            )?;
        }
    }
    Ok(())
}

/// Writes every event of a run into a file, one JSON object a line.
pub(super) fn trace(recording: &Recording, path: &Path) -> Result<(), Unusable> {
    let name = path.display();
    let mut file = BufWriter::new(File::create(path).map_err(about(name))?);
    let mut wrong = Ok(());
    recording
        .events(|event| {
            if wrong.is_ok() {
                wrong = serde_json::to_writer(&mut file, event)
                    .map_err(std::io::Error::from)
                    .and_then(|()| file.write_all(b"\n"));
            }
        })
        .map_err(unusable)?;
    wrong
        .and_then(|()| file.flush())
        .map_err(about(path.display()))
}
