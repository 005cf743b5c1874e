//! Why no order explains a key's answers, in sentences.

use super::bar::{Bar, or_absent};
use super::effects::Effect;
use super::history::History;
use super::keys::{KeyStatus, KeyView, observed};
use crate::base::{NodeId, Time};
use crate::check::{Value, explain};
use crate::kv::{Operation, Outcome};
use crate::raft::{ReadLevel, Rule, Rules};
use crate::run::timeline::Timeline;
use crate::view::text::seconds;
use crate::view::{BarEnd, Word};
use std::rc::Rc;

/// Steps that the search for a small counter-example may take.
const STEPS: u64 = 1 << 18;

/// One of the longest orders of what came before the answer that can't be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofOrder {
    /// The operations, by their places among the bars.
    pub bars: Vec<usize>,
    /// The value of the key after them.
    pub value: Option<Value>,
}

/// What lies behind it, as far as the run tells.
#[derive(Clone, PartialEq, Debug)]
pub struct Cause {
    /// In words.
    pub words: Vec<Word>,
    /// Sections of the paper, or of the dissertation.
    pub refs: &'static [&'static str],
    /// The rule that would have prevented it, if one is off that would.
    pub rule: Option<Rule>,
}

/// The proof that no order explains a key's answers.
#[derive(Clone, PartialEq, Debug)]
pub struct Proof {
    /// Operations that can't all have happened, in the order of their invocations.
    pub counter_example: Vec<usize>,
    /// Whether none of them can be left out.
    pub is_minimal: bool,
    /// The first answer that can't be.
    pub stuck: Option<usize>,
    /// The longest orders of what came before it.
    pub orders: Vec<ProofOrder>,
    /// When that answer was given.
    pub at: Time,
    /// The headline, as a part of a sentence: `c5 read an old value of y`.
    pub title: String,
    /// Why, step by step.
    pub steps: Vec<Vec<Word>>,
    /// What lies behind it.
    pub cause: Option<Cause>,
}

fn text(text: impl Into<String>) -> Word {
    Word::Text { text: text.into() }
}

fn strong(text: impl Into<String>) -> Word {
    Word::Strong { text: text.into() }
}

impl Proof {
    /// Explains why the operations at these places are not linearizable.
    pub(super) fn find(history: &History, places: &[usize], timeline: &Timeline) -> Proof {
        let mut steps = STEPS;
        let why = explain(&observed(history, places), &[None], &mut steps, || true);
        let bars = history.bars();
        let place = |at: usize| places[at];
        let last = places.iter().filter_map(|&at| bars[at].answered()).max();
        let stuck = why.stuck.map(place);
        let mut proof = Proof {
            counter_example: why.counter_example.into_iter().map(place).collect(),
            is_minimal: why.is_minimal,
            stuck,
            orders: why
                .partial_orders
                .into_iter()
                .map(|found| ProofOrder {
                    bars: found.order.into_iter().map(place).collect(),
                    value: found.value,
                })
                .collect(),
            at: stuck
                .and_then(|at| bars[at].answered())
                .or(last)
                .unwrap_or_default(),
            title: String::new(),
            steps: Vec::new(),
            cause: None,
        };
        proof.title = proof.say_title(bars, places);
        proof.steps = proof.say_steps(bars);
        let rules = timeline.simulation().rules();
        proof.cause = stuck.map(|at| cause(&bars[at], rules, timeline));
        proof
    }

    fn say_title(&self, bars: &[Rc<Bar>], places: &[usize]) -> String {
        let Some(stuck) = self.stuck.map(|at| &bars[at]) else {
            let key = places.first().map(|&at| bars[at].operation.key().clone());
            return format!("the answers about {} fit no order", key.unwrap_or_default());
        };
        let key = super::bar::short(stuck.operation.key());
        let client = stuck.client;
        match &stuck.end {
            BarEnd::Answered(_, Outcome::Found { value }) => {
                let was = |effect: &Effect| {
                    let was = effect.value.as_ref().map(|it| it.as_text().as_ref());
                    was == value.as_deref()
                };
                let order = self.orders.first().map_or(&[][..], |it| &it.bars);
                let is_old = value.is_none()
                    || super::effects::effects(bars, order, self.at)
                        .iter()
                        .any(was);
                let what = if is_old { "an old" } else { "a wrong" };
                format!("{client} read {what} value of {key}")
            }
            _ => format!("{client}’s {} can’t have ended as it did", stuck.asked()),
        }
    }

    fn say_steps(&self, bars: &[Rc<Bar>]) -> Vec<Vec<Word>> {
        let mut steps = Vec::new();
        let all = self.counter_example.iter();
        let others: Vec<&Rc<Bar>> = all
            .filter(|&&at| Some(at) != self.stuck)
            .map(|&at| &bars[at])
            .collect();
        for (n, bar) in others.iter().enumerate() {
            let after = others[..n].iter().any(|it| before(it, bar));
            steps.push(step(bar, n > 0, after));
        }
        let Some(stuck) = self.stuck.map(|at| &bars[at]) else {
            return steps;
        };
        let name = [text(format!("{}’s ", stuck.client)), strong(stuck.asked())];
        let mut last = name.to_vec();
        let after = others.iter().any(|bar| before(bar, stuck));
        let began = seconds(stuck.invoked);
        last.push(text(match (others.is_empty(), after) {
            (true, _) => format!(" began at {began}."),
            (_, true) => format!(" began later, at {began}, so it must come after."),
            _ => format!(" overlaps, from {began} on."),
        }));
        steps.push(last);
        let mut values: Vec<String> = self.orders.iter().map(|it| value(&it.value)).collect();
        values.dedup();
        let key = super::bar::short(stuck.operation.key());
        if !values.is_empty() {
            let answer = stuck.answer().unwrap_or_default();
            let verb = if stuck.operation.is_read() {
                "It read"
            } else {
                "It was told"
            };
            steps.push(vec![
                text(format!("By then {key} is ")),
                strong(values.join(" or ")),
                text(format!(", whatever the order. {verb} ")),
                strong(answer),
                text("."),
            ]);
        }
        steps
    }
}

/// Whether one was answered before the other began.
fn before(one: &Bar, other: &Bar) -> bool {
    one.answered().is_some_and(|at| at < other.invoked)
}

/// What one operation of the counter-example says.
fn step(bar: &Bar, has_others: bool, after: bool) -> Vec<Word> {
    let began = match (has_others, after) {
        (false, _) => "",
        (true, true) => " began after that and",
        (true, false) => " overlaps it and",
    };
    let ended = match &bar.end {
        BarEnd::Answered(at, Outcome::Found { value }) => format!(
            "{began} found {} at {}.",
            or_absent(value.as_deref()),
            seconds(*at)
        ),
        BarEnd::Answered(at, _) => format!("{began} was answered at {}.", seconds(*at)),
        _ => format!(
            "{began} was never answered: it may have happened at any time since {}, or never.",
            seconds(bar.invoked)
        ),
    };
    vec![
        text(format!("{}’s ", bar.client)),
        strong(bar.asked()),
        text(ended),
    ]
}

/// A value in words.
fn value(value: &Option<Value>) -> String {
    or_absent(value.as_ref().map(|it| it.as_text().as_ref()))
}

/// Who answered what can't be, and which rule would have kept it from that.
fn cause(bar: &Bar, rules: Rules, timeline: &Timeline) -> Cause {
    let mut words = Vec::new();
    let level = match bar.operation {
        Operation::Get { level, .. } => Some(level),
        _ => None,
    };
    let answered = bar.answered().unwrap_or_default();
    if let Some((term, leader)) = standing(bar)
        && level.is_some()
    {
        words.push(Word::Node {
            id: bar.node,
            term,
            leader,
        });
        let mut leaderships = timeline.leaderships().iter();
        match leaderships.find(|leadership| leadership.term > term && leadership.from <= answered) {
            Some(by) => words.push(text(format!(
                " was replaced at {} by {} and does not know it. ",
                seconds(by.from),
                by.leader
            ))),
            None => words.push(text(" answered. ")),
        }
    }
    let off = |rules_of: &[Rule]| rules_of.iter().copied().find(|&rule| !rules.has(rule));
    let lease = [
        Rule::LeaseMargin,
        Rule::LeaderStickiness,
        Rule::LeaseRestartWait,
    ];
    let (says, refs, rule): (_, &'static [&'static str], _) = match level {
        Some(ReadLevel::Linearizable) if off(&[Rule::ReadIndexQuorum]).is_some() => (
            "With local reads it answers from its own map. A leader must first hear from a majority that it still leads.".into(),
            &["8", "diss. 6.4"],
            Some(Rule::ReadIndexQuorum),
        ),
        Some(ReadLevel::Lease) if off(&lease).is_some() => (
            "It answered by its lease, which must end before anybody else can be elected.".into(),
            &["diss. 6.4.1"],
            off(&lease),
        ),
        _ => switched_off(rules),
    };
    words.push(text(says));
    Cause { words, refs, rule }
}

fn switched_off(rules: Rules) -> (String, &'static [&'static str], Option<Rule>) {
    let off: Vec<Rule> = rules.off().collect();
    let names: Vec<&str> = off.iter().map(|rule| rule.name()).collect();
    let says = match &names[..] {
        [] => "No rule is off: this is a defect of Kvorum, and its authors would like to see it."
            .into(),
        [one] => format!("The rule {one} is off."),
        [most @ .., last] => format!("The rules {} and {last} are off.", most.join(", ")),
    };
    let alone = (off.len() == 1).then(|| off[0]);
    (says, &[], alone)
}

/// The term of the server that answered, and whether it took itself for the leader.
fn standing(bar: &Bar) -> Option<(u64, bool)> {
    let of = |id: NodeId| bar.servers.as_ref()?.iter().find(|it| it.id == id);
    of(bar.node).map(|it| (it.term, it.leader))
}

/// How much of the history the proof needs, and how the other keys are: two sentences.
pub fn enough(proof: &Proof, broken: &KeyView, keys: &[KeyView]) -> String {
    let n = proof.counter_example.len();
    let all = spelled(broken.operations);
    let name = super::bar::short(&broken.name);
    let mut says = match (n, proof.is_minimal) {
        (1, _) => format!("One of the {all} operations on {name} is enough to prove it."),
        (_, true) => capital(format!(
            "{} of the {all} operations on {name} are enough to prove it.",
            spelled(n)
        )),
        _ => capital(format!(
            "{} of the {all} operations on {name} prove it; fewer may do.",
            spelled(n)
        )),
    };
    let with = |status: KeyStatus| -> Vec<String> {
        let others = keys.iter().filter(|key| key.status == status);
        others
            .filter(|key| key.name != broken.name)
            .map(|key| super::bar::short(&key.name))
            .collect()
    };
    for (status, is) in [
        (KeyStatus::Linearizable, "fine"),
        (KeyStatus::Broken, "not linearizable either"),
    ] {
        match &with(status)[..] {
            [] => {}
            [one] => says += &format!(" Key {one} is {is}."),
            [most @ .., last] if most.len() < 5 => {
                says += &format!(" Keys {} and {last} are {is}.", most.join(", "));
            }
            many => says += &format!(" {} other keys are {is}.", many.len()),
        }
    }
    says
}

fn spelled(n: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .get(n)
        .map_or_else(|| n.to_string(), |&word| word.into())
}

fn capital(text: String) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
