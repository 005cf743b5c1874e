//! A history as a picture: a file of its own, with its colours and texts in it.

mod figure;
mod plan;
mod style;

use super::report::Report;
use super::subject::{Subject, Told};
use crate::check::{Explanation, Verdict, order};
use crate::cli::history::{History, Model};
use crate::cli::unusable::{Unusable, about};
use crate::view::text::count;
use figure::Figure;
use std::fs;
use std::path::Path;
use style::escaped;

/// Steps that the search for an order to be drawn may take.
const STEPS: u64 = 2_000_000;

/// Figures of a page at most.
const FIGURES: usize = 8;

/// How a picture begins.
pub const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" class=\"kvorum\" ";

/// How a page with pictures begins.
pub const HTML: &str = "<!doctype html>\n<html lang=\"en\" class=\"kvorum-check\">\n";

/// Where the pictures go.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub svg: Option<&'a Path>,
    pub html: Option<&'a Path>,
}

/// What is drawn of a subject.
pub(super) struct Drawn<'a> {
    pub subject: &'a Subject<'a>,
    pub history: &'a History,
    pub model: Model,
    pub verdict: Verdict,
    pub why: Option<&'a Explanation>,
    /// An order, by places, of what is linearizable.
    pub order: Vec<usize>,
}

impl Files<'_> {
    /// Writes the files; what goes wrong. A file that can't be written doesn't keep the other one
    /// from being written.
    pub fn write(self, report: &Report<'_>) -> Option<Unusable> {
        let write = |path: Option<&Path>, draw: &dyn Fn(&Report<'_>) -> String| {
            let path = path?;
            let written = fs::write(path, draw(report));
            written.map_err(about(path.display())).err()
        };
        let [svg, html] = [write(self.svg, &svg), write(self.html, &html)];
        match (svg, html) {
            (Some(one), Some(other)) => {
                let message = format!("{}; {other}", one.message);
                Some(Unusable { message, ..one })
            }
            (one, other) => one.or(other),
        }
    }
}

/// What is worth a picture: what is not linearizable, then what is undecided; if all is well, the
/// keys with most operations.
fn chosen(report: &Report<'_>, at_most: usize) -> Vec<usize> {
    let rank = |&at: &usize| {
        let verdict = match report.verdicts[at] {
            Verdict::NotLinearizable => 0,
            Verdict::Unknown => 1,
            Verdict::Linearizable => 2,
        };
        (verdict, std::cmp::Reverse(report.subjects[at].len()), at)
    };
    let mut all: Vec<usize> = (0..report.subjects.len()).collect();
    all.sort_by_key(rank);
    let worst = all.first().map(|at| rank(at).0);
    all.retain(|at| Some(rank(at).0) == worst);
    all.truncate(at_most);
    all
}

fn figure(report: &Report<'_>, at: usize) -> String {
    let subject = &report.subjects[at];
    let verdict = report.verdicts[at];
    let witness = match verdict {
        Verdict::Linearizable => order(subject.case(), &mut STEPS.clone()),
        _ => None,
    };
    Figure::new(&Drawn {
        subject,
        history: report.history,
        model: report.model(),
        verdict,
        why: report.explanations[at].as_ref(),
        order: witness.unwrap_or_default(),
    })
    .svg()
}

fn svg(report: &Report<'_>) -> String {
    chosen(report, 1)
        .first()
        .map(|&at| figure(report, at))
        .unwrap_or_default()
}

fn html(report: &Report<'_>) -> String {
    let chosen = chosen(report, FIGURES);
    let summary = escaped(&report.summary());
    let mut body = format!("<h1>{summary}</h1>\n");
    let same = report.verdicts.iter();
    let verdict = chosen.first().map(|&at| report.verdicts[at]);
    let same = same.filter(|&&other| Some(other) == verdict).count();
    if same > chosen.len() {
        let (some, all) = (chosen.len(), count(same as u64, "history"));
        let all = all.replace("historys", "histories");
        body += &format!("<p>{some} of {all} with this verdict are drawn.</p>\n");
    }
    for at in chosen {
        body += &format!("<figure>{}</figure>\n", figure(report, at));
        if let Some(why) = &report.explanations[at] {
            let subject = &report.subjects[at];
            let tell = |&at: &usize| {
                let (line, operation) = subject.operation(at);
                let model = report.model();
                let operation = &operation;
                let told = Told { operation, model }.to_string();
                format!("<li>line {line}: {}</li>", escaped(&told))
            };
            for found in &why.partial_orders {
                let last = found.order.iter().rev().take(8).rev();
                let list: String = last.map(tell).collect();
                let operations = count(found.order.len() as u64, "operation");
                body += &format!(
                    "<details><summary>A longest partial order, {operations}; its end:</summary><ol>{list}</ol></details>\n"
                );
            }
        }
    }
    format!(
        "{HTML}<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{summary}</title>\n<style>{PAGE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// The look of a page. Figures bring their own.
const PAGE: &str = ":root{color-scheme:light dark}\
body{margin:0 auto;max-width:1240px;padding:24px 20px;font:15px/1.5 system-ui,sans-serif;\
color:light-dark(#16181d,#edf0f5);background:light-dark(#eef0f3,#0a0d12)}\
h1{font-size:20px;margin:0 0 16px}figure{margin:0 0 16px;overflow-x:auto}\
figure svg{display:block;min-width:760px;width:100%;height:auto}details{margin:0 0 12px}";
