//! What came of a check, for people and for programs.

use super::subject::{Subject, Told};
use crate::check::{Explanation, PartialOrder, Verdict};
use crate::cli::history::{History, Model, json_value};
use crate::cli::interrupt;
use crate::view::text::count;
use serde_json::json;
use std::io::{self, Write};

/// Operations at the end of a partial order that are printed.
const TAIL: usize = 8;

/// Operations of a counter-example, and of a partial order in JSON, that are told at most.
const SHOWN: usize = 40;

/// The verdicts, and why the bad ones are bad.
pub(super) struct Report<'a> {
    pub history: &'a History,
    pub subjects: Vec<Subject<'a>>,
    pub verdicts: Vec<Verdict>,
    pub explanations: Vec<Option<Explanation>>,
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Linearizable => "linearizable",
        Verdict::NotLinearizable => "not linearizable",
        Verdict::Unknown => "unknown",
    }
}

impl Report<'_> {
    pub fn verdict(&self) -> Verdict {
        let worst = [Verdict::NotLinearizable, Verdict::Unknown];
        let mut worst = worst
            .into_iter()
            .filter(|worst| self.verdicts.contains(worst));
        worst.next().unwrap_or(Verdict::Linearizable)
    }

    /// Keys with that verdict.
    pub fn count(&self, wanted: Verdict) -> u64 {
        let found = self.subjects.iter().zip(&self.verdicts);
        let found = found.filter(|(_, verdict)| **verdict == wanted);
        found.map(|(subject, _)| subject.keys() as u64).sum()
    }

    /// All keys.
    pub fn keys(&self) -> u64 {
        self.subjects.iter().map(|it| it.keys() as u64).sum()
    }

    pub fn model(&self) -> Model {
        self.history.model.unwrap_or(Model::Kv)
    }

    /// What isn't known to be linearizable.
    fn findings(&self) -> impl Iterator<Item = (&Subject<'_>, Verdict, Option<&Explanation>)> {
        let found = self.verdicts.iter().zip(&self.explanations);
        let all = self.subjects.iter().zip(found);
        all.filter(|(_, (verdict, _))| **verdict != Verdict::Linearizable)
            .map(|(subject, (&verdict, why))| (subject, verdict, why.as_ref()))
    }

    /// Prints it for people.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn text(&self, out: &mut impl Write) -> io::Result<()> {
        for (subject, verdict, why) in self.findings() {
            let operations = count(subject.len() as u64, "operation");
            writeln!(out, "{}: {}, {operations}", subject.name(), name(verdict))?;
            if let Some(limit) = subject.limit().filter(|_| verdict == Verdict::Unknown) {
                writeln!(out, "  {limit}")?;
            }
            if let Some(why) = why {
                Story {
                    subject,
                    why,
                    model: self.model(),
                }
                .text(out)?;
            }
        }
        writeln!(out, "{}", self.summary())
    }

    /// All in one line.
    pub fn summary(&self) -> String {
        format!(
            "{}: {} on {}, {} linearizable, {} not linearizable, {} unknown",
            name(self.verdict()),
            count(self.history.operations, "operation"),
            count(self.keys(), "key"),
            self.count(Verdict::Linearizable),
            self.count(Verdict::NotLinearizable),
            self.count(Verdict::Unknown),
        )
    }

    /// Prints it for programs.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn json(&self, out: &mut impl Write) -> io::Result<()> {
        let findings: Vec<_> = self
            .findings()
            .map(|(subject, verdict, why)| {
                let mut told = json!({
                    "verdict": name(verdict).replace(' ', "_"),
                    "operations": subject.len(),
                });
                match subject {
                    Subject::Key(key, _) => told["key"] = json_value(Some(key)),
                    Subject::Joined(joined) => {
                        let keys = joined.keys.iter().map(|key| json_value(Some(key)));
                        told["keys"] = keys.collect();
                    }
                }
                if let Some(limit) = subject.limit().filter(|_| verdict == Verdict::Unknown) {
                    told["why"] = limit.into();
                }
                if let Some(why) = why {
                    let story = Story {
                        subject,
                        why,
                        model: self.model(),
                    };
                    story.json(&mut told);
                }
                told
            })
            .collect();
        let mut report = json!({
            "verdict": name(self.verdict()).replace(' ', "_"),
            "model": self.history.model.map(Model::name),
            "operations": self.history.operations,
            "linearizable": self.count(Verdict::Linearizable),
            "not_linearizable": self.count(Verdict::NotLinearizable),
            "unknown": self.count(Verdict::Unknown),
            "keys": findings,
        });
        if let Some(signal) = interrupt::asked() {
            report["interrupted"] = json!({ "signal": signal });
        }
        writeln!(out, "{report}")
    }
}

/// Why one subject is bad.
struct Story<'a> {
    subject: &'a Subject<'a>,
    why: &'a Explanation,
    model: Model,
}

impl Story<'_> {
    fn json(&self, told: &mut serde_json::Value) {
        let why = self.why;
        let operation = |&at: &usize| {
            let (line, operation) = self.subject.operation(at);
            json!({"line": line, "operation": operation.row(self.model)})
        };
        told["counter_example"] = self.shown().iter().map(operation).collect();
        told["counter_example_operations"] = why.counter_example.len().into();
        told["minimal"] = why.is_minimal.into();
        told["stuck"] = why.stuck.map(|at| self.subject.line(at)).into();
        let order = |PartialOrder { order, .. }: &PartialOrder| {
            let last = &order[order.len().saturating_sub(SHOWN)..];
            let lines = last.iter().map(|&at| self.subject.line(at));
            let mut told = json!({
                "operations": order.len(),
                "lines": lines.collect::<Vec<_>>(),
            });
            let values = self.subject.values_after(order);
            match self.subject {
                Subject::Key(..) => {
                    let value = values.first().and_then(|(_, value)| value.as_ref());
                    told["value"] = json_value(value);
                }
                Subject::Joined(_) => {
                    let pair = |(key, value): &(_, Option<_>)| {
                        json!([json_value(Some(key)), json_value(value.as_ref())])
                    };
                    told["values"] = values.iter().map(pair).collect();
                }
            }
            told
        };
        told["partial_orders"] = why.partial_orders.iter().map(order).collect();
    }

    /// The operations of a counter-example, or if that is long, those that began last before the
    /// stuck one returned.
    fn shown(&self) -> &[usize] {
        let all = &self.why.counter_example;
        let invoked = |at: usize| self.subject.times(at).0;
        let until = self.why.stuck.and_then(|at| self.subject.times(at).1);
        let end = all.partition_point(|&at| {
            all.len() <= SHOWN || until.is_none_or(|until| invoked(at) <= until)
        });
        &all[end.saturating_sub(SHOWN)..end]
    }

    fn tell(&self, out: &mut dyn Write, at: usize) -> io::Result<()> {
        let (line, operation) = self.subject.operation(at);
        let told = Told {
            operation: &operation,
            model: self.model,
        };
        let returned = operation
            .returned
            .map_or("never".to_owned(), |time| time.to_string());
        let (client, invoked) = (&operation.client, operation.invoked);
        writeln!(
            out,
            "    line {line}: client {client}: {told}, {invoked} to {returned}"
        )
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let why = self.why;
        let shown = self.shown();
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
            self.tell(out, at)?;
        }
        for PartialOrder { order, .. } in &why.partial_orders {
            let shown = &order[order.len().saturating_sub(TAIL)..];
            let last = match shown.len() {
                all if all == order.len() => String::new(),
                some => format!(", the last {some}"),
            };
            let operations = count(order.len() as u64, "operation");
            writeln!(out, "  a longest partial order, {operations}{last}:")?;
            for &at in shown {
                self.tell(out, at)?;
            }
            writeln!(out, "    then {}", self.values(order))?;
        }
        let Some(stuck) = why.stuck else {
            return Ok(());
        };
        match &*why.partial_orders {
            [] => writeln!(out, "  the search got no further than to:")?,
            _ => writeln!(out, "  none of them leads to:")?,
        }
        self.tell(out, stuck)
    }

    /// `the key is "a"`, `"x" is "1", "y" is absent`
    fn values(&self, order: &[usize]) -> String {
        let values = self.subject.values_after(order);
        let told = |(key, value): &(_, Option<_>)| {
            let value = value.as_ref();
            let value = value.map_or("absent".to_owned(), ToString::to_string);
            match self.subject {
                Subject::Key(..) => format!("the key is {value}"),
                Subject::Joined(_) => format!("{key} is {value}"),
            }
        };
        let last = values.iter().take(TAIL).map(told).collect::<Vec<_>>();
        match values.len().saturating_sub(TAIL) {
            0 => last.join(", "),
            more => format!(
                "{}, and {} more",
                last.join(", "),
                count(more as u64, "key")
            ),
        }
    }
}
