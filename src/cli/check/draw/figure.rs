//! One figure, as SVG.

use super::super::subject::{Told, asked};
use super::plan::{Bar, DrawingLayout, LEFT, RIGHT, WIDTH};
use super::style::{DEFS, LETTER, STYLE, clipped, escaped, ticks};
use super::{Drawn, SVG};
use crate::check::{Call, Reply, Verdict};
use crate::cli::history::{Act, Operation};
use crate::view::text::count;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Heights.
const HEAD: f64 = 76.0;
const ROW: f64 = 44.0;
const BAR: f64 = 16.0;
const SMALL_ROW: f64 = 22.0;

/// Marks and leaderships that are drawn at most.
const MARKS: usize = 60;

/// A figure under construction.
pub(super) struct Figure<'a> {
    drawn: &'a Drawn<'a>,
    plan: DrawingLayout,
    /// What stands in the circle of an operation, and where it is.
    numbers: BTreeMap<usize, (String, f64)>,
    out: String,
    y: f64,
}

impl<'a> Figure<'a> {
    pub fn new(drawn: &'a Drawn<'a>) -> Figure<'a> {
        let plan = DrawingLayout::new(drawn);
        let mut figure = Figure {
            drawn,
            plan,
            numbers: BTreeMap::new(),
            out: String::new(),
            y: HEAD,
        };
        figure.number();
        figure
    }

    /// Numbers what can't all have happened, or the order that was found.
    fn number(&mut self) {
        let subject = self.drawn.subject;
        let stuck = self.drawn.why.and_then(|why| why.stuck);
        let middle = |figure: &Figure<'_>, at: usize| {
            let bar = figure.plan.bars.iter().find(|bar| bar.at == at);
            bar.map(|bar| (bar.from + bar.to.min(bar.from + 200.0)) / 2.0)
        };
        for (number, &at) in self.plan.cited.clone().iter().enumerate() {
            let sign = match stuck {
                Some(stuck) if stuck == at => "✕".to_owned(),
                _ => (number + 1).to_string(),
            };
            if let Some(x) = middle(self, at) {
                self.numbers.insert(at, (sign, x));
            }
        }
        // Each may take effect from when those before it have, until those after it have to.
        let order = &self.drawn.order;
        let mut earliest = 0;
        let from: Vec<u64> = order
            .iter()
            .map(|&at| {
                earliest = earliest.max(subject.times(at).0);
                earliest
            })
            .collect();
        let mut latest = self.plan.last;
        let mut until: Vec<u64> = order
            .iter()
            .rev()
            .map(|&at| {
                latest = latest.min(subject.times(at).1.unwrap_or(u64::MAX));
                latest
            })
            .collect();
        until.reverse();
        for (number, &at) in order.iter().enumerate() {
            let (from, until) = (self.plan.x(from[number]), self.plan.x(until[number]));
            let x = (from + until.max(from)) / 2.0;
            if self.plan.bars.iter().any(|bar| bar.at == at) {
                self.numbers.insert(at, ((number + 1).to_string(), x));
            }
        }
    }

    /// The whole figure.
    pub fn svg(mut self) -> String {
        self.lanes();
        self.leaderships();
        self.marks();
        self.axis();
        self.list();
        self.legend();
        let height = self.y + 12.0;
        let title = escaped(&self.title());
        let told = escaped(&self.subtitle());
        let tone = match self.drawn.verdict {
            Verdict::NotLinearizable => "bad",
            Verdict::Unknown => "open",
            Verdict::Linearizable => "good",
        };
        let note = escaped(&self.note());
        format!(
            "{SVG}viewBox=\"0 0 {WIDTH} {height:.0}\" \
             width=\"{WIDTH}\" height=\"{height:.0}\">\n\
             <title>{title}</title>\n<desc>{told}</desc>\n<style>{STYLE}</style>\n{DEFS}\
             <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"10\"/>\n\
             <text class=\"title {tone}\" x=\"20\" y=\"32\">{title}</text>\n\
             <text class=\"told\" x=\"20\" y=\"54\">{told}</text>\n\
             <text class=\"note\" x=\"{RIGHT}\" y=\"32\" text-anchor=\"end\">{note}</text>\n\
             {}</svg>\n",
            self.out
        )
    }

    fn title(&self) -> String {
        let name = self.drawn.subject.name();
        match self.drawn.verdict {
            Verdict::NotLinearizable => format!("{name} is not linearizable"),
            Verdict::Linearizable => format!("{name} is linearizable"),
            Verdict::Unknown => format!("{name} is undecided"),
        }
    }

    fn subtitle(&self) -> String {
        let all = self.drawn.subject.len();
        let Some(why) = self.drawn.why else {
            return match self.drawn.verdict {
                Verdict::Linearizable if self.drawn.order.is_empty() => {
                    count(all as u64, "operation")
                }
                Verdict::Linearizable => "The numbers are an order in which the operations can \
                                          have taken effect."
                    .into(),
                _ => {
                    "No order was found within the budget, and no proof that there is none.".into()
                }
            };
        };
        let some = why.counter_example.len();
        let few = match why.is_minimal {
            true => "none of them can be left out",
            false => "perhaps not the fewest",
        };
        match some {
            1 => format!("1 of {all} operations can't have happened, whatever the others did."),
            _ => format!("{some} of {all} operations can't all have happened; {few}."),
        }
    }

    fn note(&self) -> String {
        match (self.plan.left_out, self.plan.cited.is_empty()) {
            (0, _) => String::new(),
            (left, false) => {
                let left = count(left as u64, "operation");
                format!("Drawn is what is nearest to the finding; {left} more are not.")
            }
            (left, true) => {
                let left = count(left as u64, "operation");
                format!("Drawn are the first operations; {left} more are not.")
            }
        }
    }

    // ---- operations ----

    fn lanes(&mut self) {
        let top = self.y;
        let bottom = top + ROW * self.plan.rows.len() as f64;
        for (row, name) in self.plan.rows.iter().enumerate() {
            let y = top + ROW * row as f64;
            let Some(name) = name else { continue };
            let short = escaped(&clipped(&format!("client {name}"), LEFT - 24.0));
            let _ = writeln!(
                self.out,
                "<path class=\"line\" d=\"M20 {y:.1}H{RIGHT}\"/>\
                 <text class=\"client\" x=\"20\" y=\"{:.1}\">{short}</text>",
                y + 31.0
            );
        }
        let _ = writeln!(
            self.out,
            "<path class=\"line\" d=\"M20 {bottom:.1}H{RIGHT}\"/>"
        );
        for bar in self.plan.bars.clone() {
            self.bar(&bar, top + ROW * bar.row as f64);
        }
        self.y = bottom + 8.0;
    }

    fn bar(&mut self, bar: &Bar, y: f64) {
        let (line, operation) = self.drawn.subject.operation(bar.at);
        let model = self.drawn.model;
        let told = Told {
            operation: &operation,
            model,
        };
        let stuck = self.drawn.why.and_then(|why| why.stuck) == Some(bar.at);
        let number = self.numbers.get(&bar.at);
        let focus = match (number, self.numbers.is_empty()) {
            _ if stuck => "stuck",
            (None, false) => "dim",
            _ => "",
        };
        let kind = kind(&operation);
        let label = label(&operation, self.drawn);
        let label = escaped(&clipped(&label, bar.room_until - bar.from));
        let until = operation.returned;
        let until = until.map_or("never".to_owned(), |until| until.to_string());
        let tip = format!(
            "line {line}: client {}: {told}, {} to {until}",
            operation.client, operation.invoked
        );
        let (tip, width) = (escaped(&tip), bar.to - bar.from);
        let (x, top) = (bar.from, y + 20.0);
        let _ = write!(
            self.out,
            "<g class=\"op {kind} {focus}\"><title>{tip}</title>\
             <text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{label}</text>\
             <rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\"/>",
            y + 15.0
        );
        if let Some((sign, at)) = number {
            let (at, middle) = (at.clamp(x + 1.0, bar.to - 1.0), top + BAR / 2.0);
            let class = if sign.len() > 2 { "sign small" } else { "sign" };
            let _ = write!(
                self.out,
                "<circle cx=\"{at:.1}\" cy=\"{middle:.1}\" r=\"8.5\"/>\
                 <text class=\"{class}\" x=\"{at:.1}\" y=\"{:.1}\">{sign}</text>",
                middle + 3.8
            );
        }
        self.out += "</g>\n";
    }

    // ---- the system ----

    /// Bars of the system, each with its text, in as few rows as there is room.
    fn strip(&mut self, name: &str, class: &str, mut spans: Vec<(u64, Option<u64>, String)>) {
        spans.retain(|(from, until, _)| {
            *from <= self.plan.last && until.is_none_or(|until| until >= self.plan.first)
        });
        let more = spans.len().saturating_sub(MARKS);
        spans.truncate(MARKS);
        if spans.is_empty() {
            return;
        }
        self.y += 10.0;
        let top = self.y;
        let mut ends: Vec<f64> = Vec::new();
        for (from, until, text) in spans {
            let x = self.plan.x(from);
            let to = match until {
                Some(until) => self.plan.x(until).max(x + 2.0),
                None => RIGHT - 12.0,
            };
            let is_instant = until == Some(from);
            let width = if is_instant { 2.0 } else { to - x };
            let kind = if is_instant { " instant" } else { "" };
            let shown = clipped(&text, RIGHT - x - 8.0);
            let end = (x + 10.0 + shown.chars().count() as f64 * LETTER).max(x + width + 4.0);
            let row = ends.iter().position(|&end| end <= x).unwrap_or(ends.len());
            match ends.get_mut(row) {
                Some(last) => *last = end,
                None => ends.push(end),
            }
            let y = top + row as f64 * SMALL_ROW;
            let (shown, text) = (escaped(&shown), escaped(&text));
            let _ = writeln!(
                self.out,
                "<g class=\"{class}{kind}\"><title>{text}</title>\
                 <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"18\" rx=\"2\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\">{shown}</text></g>",
                x + 6.0,
                y + 13.0
            );
        }
        let more = if more > 0 {
            format!(" ({more} more)")
        } else {
            String::new()
        };
        let _ = writeln!(
            self.out,
            "<text class=\"client\" x=\"20\" y=\"{:.1}\">{name}{more}</text>",
            top + 13.0
        );
        self.y = top + ends.len() as f64 * SMALL_ROW;
    }

    fn leaderships(&mut self) {
        let all = self.drawn.history.leaderships.iter();
        let spans = all
            .map(|it| {
                (
                    it.from,
                    it.until,
                    format!("{} leads term {}", it.leader, it.term),
                )
            })
            .collect();
        self.strip("leaders", "leader", spans);
    }

    fn marks(&mut self) {
        let all = self.drawn.history.marks.iter();
        let spans = all
            .map(|it| (it.at, Some(it.until.unwrap_or(it.at)), it.text.clone()))
            .collect();
        self.strip("faults", "mark", spans);
    }

    // ---- below ----

    fn axis(&mut self) {
        let (first, last) = (self.plan.first, self.plan.last);
        let y = self.y + 20.0;
        let mut grid = String::new();
        for time in ticks(first, last) {
            let x = self.plan.x(time);
            let _ = write!(grid, "M{x:.1} {HEAD}V{:.1}", y - 12.0);
            let _ = write!(
                self.out,
                "<text class=\"tick\" x=\"{x:.1}\" y=\"{y:.1}\">{time}</text>"
            );
        }
        // Behind everything.
        self.out = format!("<path class=\"grid\" d=\"{grid}\"/>\n{}\n", self.out);
        self.y = y + 12.0;
    }

    /// What the numbers stand for.
    fn list(&mut self) {
        for at in self.plan.cited.clone() {
            let Some((sign, _)) = self.numbers.get(&at).cloned() else {
                continue;
            };
            let (line, operation) = self.drawn.subject.operation(at);
            let told = Told {
                operation: &operation,
                model: self.drawn.model,
            };
            let until = operation.returned;
            let until = until.map_or("never".to_owned(), |until| until.to_string());
            let text = format!(
                "line {line}: client {}: {told}, {} to {until}",
                operation.client, operation.invoked
            );
            self.y += 20.0;
            let y = self.y;
            let is_stuck = sign == "✕";
            let class = if is_stuck { "item stuck" } else { "item" };
            let text = escaped(&clipped(&text, WIDTH - 80.0));
            let _ = writeln!(
                self.out,
                "<g class=\"{class}\"><circle cx=\"30\" cy=\"{:.1}\" r=\"8.5\"/>\
                 <text class=\"sign\" x=\"30\" y=\"{:.1}\">{sign}</text>\
                 <text class=\"text\" x=\"48\" y=\"{y:.1}\">{text}</text></g>",
                y - 4.0,
                y - 0.2
            );
        }
    }

    fn legend(&mut self) {
        self.y += 34.0;
        let y = self.y;
        let mut x = 20.0;
        let mut entries = vec![
            ("op write", "write"),
            ("op read", "read"),
            (
                "op unknown write",
                "no answer: perhaps happened, at any time since",
            ),
        ];
        if self.drawn.why.is_some_and(|why| why.stuck.is_some()) {
            entries.push(("op stuck", "can't have returned so, whatever came before"));
        }
        for (class, text) in entries {
            let _ = writeln!(
                self.out,
                "<g class=\"{class}\"><rect x=\"{x:.1}\" y=\"{:.1}\" width=\"30\" height=\"12\" rx=\"3\"/></g>\
                 <text class=\"note\" x=\"{:.1}\" y=\"{y:.1}\">{text}</text>",
                y - 10.5,
                x + 38.0
            );
            x += 62.0 + text.chars().count() as f64 * 6.2;
        }
        let _ = writeln!(
            self.out,
            "<text class=\"note\" x=\"{RIGHT}\" y=\"{y:.1}\" text-anchor=\"end\">time in the unit of the history</text>"
        );
    }
}

/// The classes of an operation.
fn kind(operation: &Operation) -> &'static str {
    let (is_read, reply) = match &operation.act {
        Act::Single { call, reply, .. } => (call.is_read(), Some(reply)),
        Act::Transaction { steps, reply } => {
            (steps.iter().all(|it| it.call.is_read()), Some(reply))
        }
        Act::Scan { found, .. } => (true, found.is_none().then_some(&Reply::Unknown)),
    };
    let looks = matches!(reply, Some(Reply::Missed | Reply::Absent));
    match (is_read || looks, reply) {
        (true, Some(Reply::Unknown)) => "unknown read",
        (false, Some(Reply::Unknown)) => "unknown write",
        (true, _) => "read",
        (false, _) => "write",
    }
}

/// What stands above a bar: short, the answer behind an arrow.
fn label(operation: &Operation, drawn: &Drawn<'_>) -> String {
    let Act::Single { call, reply, .. } = &operation.act else {
        let model = drawn.model;
        return Told { operation, model }.to_string();
    };
    let asked = asked(drawn.model, None, call);
    match reply {
        Reply::Found(None) => format!("{asked} → absent"),
        Reply::Found(Some(value)) => format!("{asked} → {value}"),
        Reply::Missed => format!("{asked} → missed"),
        Reply::Absent => format!("{asked} → missing key"),
        Reply::Done if matches!(call, Call::Cas { .. }) => format!("{asked} → ok"),
        Reply::Done => asked,
        Reply::Unknown => format!("{asked} → ?"),
    }
}
