//! Milestones: what must have happened for a task to be done.
//!
//! A milestone is a sentence. It speaks of the servers' state after an event, of the event, or of
//! what a client was told; `and` and `or` join such parts, `and` first.
//!
//! | part | true when |
//! | --- | --- |
//! | `some ROLE`, `no ROLE`, `all ROLE` | at least one server, no server, every server is [in that role](super::who) |
//! | `2 ROLE`, `2+ ROLE` | exactly two servers are; at least two |
//! | `on EVENT [HOW] [by ROLE] [to ROLE]` | the event is that one: `on crashed`, `on vote-refused log-behind by S2 to S3`; [`super::facts`] names them |
//! | `answered x=1` | some client was told that its write is done |
//! | `read x=1` | some client was told that this is the value |
//!
//! `some leader settled`: a leader has committed an entry of its term. `2 leading`: two servers
//! lead at once. `all shows y=5`: every map says so. `1+ with y=7 and no committed y=7`: somebody
//! holds the write, and nobody knows it committed.

use super::facts::{self, Fact};
use super::who::{Who, writes};
use super::words::{Words, Write, unknown};
use crate::base::JsonError;
use crate::kv::Outcome;
use crate::sim::{Event, Simulation};
use serde::Deserialize;

/// A milestone: parts joined by "or", each of parts joined by "and".
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct When(Vec<Vec<Part>>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Servers(Count, Who),
    On {
        name: &'static str,
        how: Option<&'static str>,
        by: Option<Who>,
        to: Option<Who>,
    },
    Answered(Write),
    Read(Write),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Count {
    All,
    Exactly(usize),
    AtLeast(usize),
}

impl TryFrom<String> for When {
    type Error = JsonError;

    fn try_from(text: String) -> Result<When, JsonError> {
        let mut words = Words::new(&text);
        let mut any = vec![vec![Part::read(&mut words)?]];
        loop {
            if words.take("or") {
                any.push(vec![Part::read(&mut words)?]);
            } else if words.take("and") {
                let part = Part::read(&mut words)?;
                any.last_mut().expect("it has a first one").push(part);
            } else {
                words.end()?;
                return Ok(When(any));
            }
        }
    }
}

impl When {
    /// Whether it is true after this event.
    pub fn holds(&self, simulation: &Simulation, event: &Event) -> bool {
        let holds = |part: &Part| part.holds(simulation, event);
        self.0.iter().any(|all| all.iter().all(holds))
    }
}

impl Part {
    fn read(words: &mut Words<'_>) -> Result<Part, JsonError> {
        let Some(word) = words.next() else {
            return Err(JsonError::new("a milestone is missing"));
        };
        let count = match word {
            "on" => return Part::on(words),
            "answered" => return Ok(Part::Answered(words.write(word)?)),
            "read" => return Ok(Part::Read(words.write(word)?)),
            "some" => Count::AtLeast(1),
            "no" => Count::Exactly(0),
            "all" => Count::All,
            _ => match (word.parse(), word.strip_suffix('+').map(str::parse)) {
                (Ok(n), _) => Count::Exactly(n),
                (_, Some(Ok(n))) => Count::AtLeast(n),
                _ => {
                    let wanted = "one of some, no, all, 2, 2+, on, answered, read";
                    return Err(unknown(word, wanted));
                }
            },
        };
        Ok(Part::Servers(count, Who::read(words)?))
    }

    fn on(words: &mut Words<'_>) -> Result<Part, JsonError> {
        let name = facts::known("on", words.inside(), facts::NAMES)?;
        let how = match words.inside() {
            None => None,
            how => Some(facts::known(name, how, facts::HOWS)?),
        };
        let (mut by, mut to) = (None, None);
        if words.take("by") {
            by = Some(Who::read(words)?);
        }
        if words.take("to") {
            to = Some(Who::read(words)?);
        }
        Ok(Part::On { name, how, by, to })
    }

    fn holds(&self, simulation: &Simulation, event: &Event) -> bool {
        match self {
            Part::Servers(count, who) => {
                let found = who.count(simulation);
                match *count {
                    Count::All => found == simulation.hosts().len(),
                    Count::Exactly(n) => found == n,
                    Count::AtLeast(n) => found >= n,
                }
            }
            Part::On { name, how, by, to } => {
                let fact = Fact::of(&event.kind);
                let is = |who: &Option<Who>, node| match (who, node) {
                    (None, _) => true,
                    (Some(who), Some(node)) => who.is(simulation, node),
                    (Some(_), None) => false,
                };
                fact.name == *name
                    && how.is_none_or(|how| fact.how == how)
                    && is(by, fact.by)
                    && is(to, fact.to)
            }
            Part::Answered(write) => told(simulation, |operation, outcome| {
                writes(operation, write) && *outcome == Outcome::Done
            }),
            Part::Read(Write { key, value }) => told(simulation, |operation, outcome| {
                let found = Some(value.clone());
                operation.key() == key && *outcome == Outcome::Found { value: found }
            }),
        }
    }
}

/// Whether some client was answered so.
fn told(simulation: &Simulation, so: impl Fn(&crate::kv::Operation, &Outcome) -> bool) -> bool {
    let mut operations = simulation.clients().flat_map(|client| client.operations());
    operations.any(|it| {
        let outcome = it.outcome.as_ref();
        outcome.is_some_and(|outcome| so(&it.operation, outcome))
    })
}
