//! What goes where in a picture: rows of bars, and the span of time that is drawn.

use super::Drawn;
use crate::check::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Operations that are drawn at most.
const OPERATIONS: usize = 120;

/// Rows that are drawn at most.
const ROWS: usize = 40;

/// Operations of a counter-example that are numbered at most.
const CITED: usize = 40;

/// The width of the picture, and where the bars begin and end.
pub(super) const WIDTH: f64 = 1_200.0;
pub(super) const LEFT: f64 = 132.0;
pub(super) const RIGHT: f64 = WIDTH - 20.0;

/// A bar.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// The operation, by its place.
    pub at: usize,
    pub row: usize,
    pub from: f64,
    pub to: f64,
    /// Where the next bar of the row begins.
    pub room_until: f64,
}

/// What goes where.
pub(super) struct DrawingLayout {
    pub bars: Vec<Bar>,
    /// What stands before each row.
    pub rows: Vec<Option<Value>>,
    pub first: u64,
    pub last: u64,
    /// Operations that can't all have happened, in the order in which they began.
    pub cited: Vec<usize>,
    /// Operations that are not drawn.
    pub left_out: usize,
}

impl DrawingLayout {
    pub fn new(drawn: &Drawn<'_>) -> DrawingLayout {
        let subject = drawn.subject;
        let mut cited = cited(drawn);
        cited.sort_by_key(|&at| (subject.times(at).0, at));
        let chosen = chosen(drawn, &cited);
        let times = |at: &usize| {
            let (invoked, returned) = subject.times(*at);
            [Some(invoked), returned].into_iter().flatten()
        };
        let ends = || chosen.iter().flat_map(times);
        let (first, last) = (ends().min().unwrap_or(0), ends().max().unwrap_or(1));
        let mut plan = DrawingLayout {
            bars: Vec::new(),
            rows: Vec::new(),
            first,
            last: last.max(first.saturating_add(1)),
            cited,
            left_out: 0,
        };
        plan.place(drawn, chosen);
        plan.left_out = subject.len() - plan.bars.len();
        plan
    }

    /// Where a time is drawn.
    pub fn x(&self, time: u64) -> f64 {
        let time = time.clamp(self.first, self.last);
        let length = (self.last - self.first).max(1);
        let share = (time - self.first) as f64 / length as f64;
        // A little air on both sides.
        LEFT + 12.0 + share * (RIGHT - LEFT - 36.0)
    }

    /// Gives each client a row, or several if its operations overlap.
    fn place(&mut self, drawn: &Drawn<'_>, chosen: Vec<usize>) {
        let subject = drawn.subject;
        let mut clients: BTreeMap<Value, Vec<usize>> = BTreeMap::new();
        for at in chosen {
            clients.entry(subject.client(at)).or_default().push(at);
        }
        let cited: BTreeSet<usize> = self.cited.iter().copied().collect();
        let mut clients: Vec<_> = clients.into_iter().collect();
        // If there isn't room for all, those that matter come first.
        let matters = |all: &[usize]| all.iter().any(|at| cited.contains(at));
        clients.sort_by_key(|(client, all)| (!matters(all), by_number(client)));
        clients.truncate(ROWS);
        clients.sort_by_key(|(client, _)| by_number(client));
        for (client, mut all) in clients {
            all.sort_by_key(|&at| (subject.times(at).0, at));
            let first_row = self.rows.len();
            let mut ends: Vec<f64> = Vec::new();
            for at in all {
                let (invoked, returned) = subject.times(at);
                let from = self.x(invoked);
                let to = returned.map_or(RIGHT, |time| self.x(time).max(from + 3.0));
                let row = ends.iter().position(|&end| end <= from);
                let row = row.unwrap_or(ends.len());
                match ends.get_mut(row) {
                    Some(end) => *end = to,
                    None => ends.push(to),
                }
                self.bars.push(Bar {
                    at,
                    row: first_row + row,
                    from,
                    to,
                    room_until: RIGHT,
                });
            }
            let names = (0..ends.len()).map(|row| (row == 0).then(|| client.clone()));
            self.rows.extend(names);
        }
        let mut next: BTreeMap<usize, f64> = BTreeMap::new();
        self.bars
            .sort_by(|one, other| other.from.total_cmp(&one.from));
        for bar in &mut self.bars {
            let next = next.insert(bar.row, bar.from);
            bar.room_until = next.map_or(RIGHT, |next| next - 8.0);
        }
        self.bars.reverse();
    }
}

/// Integers by their size, before texts.
fn by_number(client: &Value) -> (bool, i128, Value) {
    let number = client.as_text().parse().unwrap_or_default();
    (!client.is_integer(), number, client.clone())
}

/// The operations of the counter-example that are numbered.
fn cited(drawn: &Drawn<'_>) -> Vec<usize> {
    let all = drawn.why.map_or(&[][..], |why| &why.counter_example);
    all[all.len().saturating_sub(CITED)..].to_vec()
}

/// What is drawn: what is cited, and of the others those that are nearest in time to it; or the
/// first ones.
fn chosen(drawn: &Drawn<'_>, cited: &[usize]) -> Vec<usize> {
    let subject = drawn.subject;
    let mut all: Vec<usize> = (0..subject.len()).collect();
    let begins = cited.iter().map(|&at| subject.times(at).0);
    let (Some(first), Some(last)) = (begins.clone().min(), begins.max()) else {
        all.sort_by_key(|&at| (subject.times(at).0, at));
        all.truncate(OPERATIONS);
        return all;
    };
    let distance = |at: usize| {
        let (invoked, returned) = subject.times(at);
        let until = returned.unwrap_or(u64::MAX);
        match () {
            () if until < first => first - until,
            () if invoked > last => invoked - last,
            () => 0,
        }
    };
    let is_cited: BTreeSet<usize> = cited.iter().copied().collect();
    all.sort_by_key(|&at| (!is_cited.contains(&at), distance(at), subject.times(at).0));
    all.truncate(OPERATIONS.max(cited.len()));
    all
}
