//! Why no order explains a key's answers, in sentences.

use super::bar::{Bar, or_absent};
use super::effects::Effect;
use super::history::History;
use super::keys::{KeyStatus, KeyView, observed};
use crate::base::{NodeId, Time};
use crate::check::{Value, explain};
use crate::kv::{Operation, Outcome};
use crate::raft::{ReadLevel, Rule, Rules};
use crate::run::Playhead;
use crate::view::BarEnd;
use crate::view::text::seconds;
use crate::view::words::{Arg, Telling, numeral, tell};
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
    /// What is told of it.
    pub telling: Telling,
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
    pub title: Telling,
    /// Why, step by step.
    pub steps: Vec<Telling>,
    /// What lies behind it.
    pub cause: Option<Cause>,
}

impl Proof {
    /// Explains why the operations at these places are not linearizable.
    pub(super) fn find(history: &History, places: &[usize], playhead: &Playhead) -> Proof {
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
            title: Telling::default(),
            steps: Vec::new(),
            cause: None,
        };
        proof.title = proof.say_title(bars, places);
        proof.steps = proof.say_steps(bars);
        let rules = playhead.simulation().rules();
        proof.cause = stuck.map(|at| cause(&bars[at], rules, playhead));
        proof
    }

    fn say_title(&self, bars: &[Rc<Bar>], places: &[usize]) -> Telling {
        let Some(stuck) = self.stuck.map(|at| &bars[at]) else {
            let key = places.first().map(|&at| bars[at].operation.key());
            let key = key.map_or_else(String::new, |key| super::bar::short(key));
            return tell!("order.no-fit", key);
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
                match is_old {
                    true => tell!("order.read-old", client, key),
                    false => tell!("order.read-wrong", client, key),
                }
            }
            _ => tell!("order.cannot", client, asked = stuck.asked()),
        }
    }

    fn say_steps(&self, bars: &[Rc<Bar>]) -> Vec<Telling> {
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
        let after = others.iter().any(|bar| before(bar, stuck));
        let (client, asked, at) = (stuck.client, stuck.asked(), seconds(stuck.invoked));
        steps.push(match (others.is_empty(), after) {
            (true, _) => tell!("order.began", client, asked, at),
            (_, true) => tell!("order.began-later", client, asked, at),
            _ => tell!("order.overlaps-from", client, asked, at),
        });
        let mut values: Vec<String> = self.orders.iter().map(|it| value(&it.value)).collect();
        values.dedup();
        let key = super::bar::short(stuck.operation.key());
        if !values.is_empty() {
            let answer = stuck.answer().unwrap_or_default();
            let values = Arg::Either(values.into_iter().map(Arg::from).collect());
            steps.push(match stuck.operation.is_read() {
                true => tell!("order.it-read", key, values, answer),
                false => tell!("order.it-was-told", key, values, answer),
            });
        }
        steps
    }
}

/// Whether one was answered before the other began.
fn before(one: &Bar, other: &Bar) -> bool {
    one.answered().is_some_and(|at| at < other.invoked)
}

/// What one operation of the counter-example says.
fn step(bar: &Bar, has_others: bool, after: bool) -> Telling {
    let began = match (has_others, after) {
        (false, _) => None,
        (true, true) => Some(tell!("order.after-that")),
        (true, false) => Some(tell!("order.overlaps")),
    };
    let (client, asked) = (bar.client, bar.asked());
    match &bar.end {
        BarEnd::Answered(at, Outcome::Found { value }) => tell!(
            "order.found",
            client,
            asked,
            began,
            value = or_absent(value.as_deref()),
            at = seconds(*at)
        ),
        BarEnd::Answered(at, _) => tell!("order.answered", client, asked, began, at = seconds(*at)),
        _ => tell!(
            "order.never-answered",
            client,
            asked,
            began,
            at = seconds(bar.invoked)
        ),
    }
}

/// A value in words.
fn value(value: &Option<Value>) -> String {
    or_absent(value.as_ref().map(|it| it.as_text().as_ref()))
}

/// Who answered what can't be, and which rule would have kept it from that.
fn cause(bar: &Bar, rules: Rules, playhead: &Playhead) -> Cause {
    let level = match bar.operation {
        Operation::Get { level, .. } => Some(level),
        _ => None,
    };
    let off = |rules_of: &[Rule]| rules_of.iter().copied().find(|&rule| !rules.has(rule));
    let lease = [
        Rule::LeaseMargin,
        Rule::LeaderStickiness,
        Rule::LeaseRestartWait,
    ];
    let (says, refs, rule): (_, &'static [&'static str], _) = match level {
        Some(ReadLevel::Linearizable) if off(&[Rule::ReadIndexQuorum]).is_some() => (
            tell!("order.local-reads"),
            &["8", "diss. 6.4"],
            Some(Rule::ReadIndexQuorum),
        ),
        Some(ReadLevel::Lease) if off(&lease).is_some() => {
            (tell!("order.by-lease"), &["diss. 6.4.1"], off(&lease))
        }
        _ => switched_off(rules),
    };
    let telling = match level {
        Some(_) => who_answered(bar, playhead, says),
        None => says,
    };
    Cause {
        telling,
        refs,
        rule,
    }
}

/// Who answered a read, and whether somebody led in its place, before what is said of it.
fn who_answered(bar: &Bar, playhead: &Playhead, says: Telling) -> Telling {
    let Some((term, leader)) = standing(bar) else {
        return says;
    };
    let node = Arg::Node {
        id: bar.node,
        term,
        leader,
    };
    let answered = bar.answered().unwrap_or_default();
    let leaderships = playhead.leaderships();
    let mut leaderships = leaderships.iter();
    match leaderships.find(|leadership| leadership.term > term && leadership.from <= answered) {
        Some(by) => tell!(
            "order.was-replaced",
            node,
            at = seconds(by.from),
            by = by.leader,
            says
        ),
        None => tell!("order.server-answered", node, says),
    }
}

fn switched_off(rules: Rules) -> (Telling, &'static [&'static str], Option<Rule>) {
    let off: Vec<Rule> = rules.off().collect();
    let names: Vec<Arg> = off.iter().map(|rule| rule.name().into()).collect();
    let says = match names.len() {
        0 => tell!("order.no-rule-off"),
        n => tell!("order.rules-off", rules = Arg::All(names), n),
    };
    let alone = (off.len() == 1).then(|| off[0]);
    (says, &[], alone)
}

/// The term of the server that answered, and whether it took itself for the leader.
fn standing(bar: &Bar) -> Option<(u64, bool)> {
    let of = |id: NodeId| bar.servers.as_ref()?.iter().find(|it| it.id == id);
    of(bar.node).map(|it| (it.term, it.leader))
}

/// Keys that a sentence names; of more it says how many.
const NAMED: usize = 5;

/// How much of the history the proof needs, and how the other keys are.
pub fn enough(proof: &Proof, broken: &KeyView, keys: &[KeyView]) -> Telling {
    let n = proof.counter_example.len();
    let (all, key) = (
        numeral(broken.operations, false),
        super::bar::short(&broken.name),
    );
    let proves = match (n, proof.is_minimal) {
        (1, _) => tell!("order.one-is-enough", all, key),
        (_, true) => tell!("order.are-enough", n = numeral(n, true), all, key),
        _ => tell!("order.prove-it", n = numeral(n, true), all, key),
    };
    let with = |status: KeyStatus| -> Vec<Arg> {
        let others = keys.iter().filter(|key| key.status == status);
        others
            .filter(|key| key.name != broken.name)
            .map(|key| super::bar::short(&key.name).into())
            .collect()
    };
    let fine = with(KeyStatus::Linearizable);
    let fine = match fine.len() {
        0 => None,
        n if n > NAMED => Some(tell!("order.many-fine", n)),
        n => Some(tell!("order.fine", keys = Arg::All(fine), n)),
    };
    let too = with(KeyStatus::Broken);
    let too = match too.len() {
        0 => None,
        n if n > NAMED => Some(tell!("order.many-broken", n)),
        n => Some(tell!("order.broken", keys = Arg::All(too), n)),
    };
    tell!("order.enough", proves, fine, too)
}
