//! What was found out about each key.

use super::effects::{Effect, effects};
use super::history::History;
use super::why::Proof;
use crate::check::{KeyCheck, Observed, Verdict};
use crate::kv::Key;
use crate::run::Playhead;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Steps after which the search for one key's order is cut off.
const BUDGET: u64 = 1 << 21;

/// Steps that making one operation ready for the search counts for.
const READY: u64 = 8;

/// Where the check of a key stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyStatus {
    /// It goes on.
    Checking,
    /// One order explains every answer.
    Linearizable,
    /// None does.
    Broken,
    /// The search was cut off before it found out.
    CutOff,
    /// The beginning of the run is forgotten, so nobody knows what the key was.
    Forgotten,
}

/// What is known of a key.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyView {
    /// Its name.
    pub name: Key,
    /// Operations on it that count.
    pub operations: usize,
    /// Where its check stands.
    pub status: KeyStatus,
    /// An order that explains every answer, or all before the one that can't be; while a check
    /// goes on, the one that was found last.
    pub effects: Rc<Vec<Effect>>,
    /// Why there is no order.
    pub proof: Option<Rc<Proof>>,
}

/// A key and its check.
#[derive(Clone, Debug, Default)]
struct Checked {
    /// Places of the operations that count.
    bars: Vec<usize>,
    /// Whether an answer came since it was found out.
    is_stale: bool,
    /// The search under way, and the steps that it may still take.
    search: Option<(KeyCheck, u64)>,
    verdict: Option<Verdict>,
    effects: Rc<Vec<Effect>>,
    proof: Option<Rc<Proof>>,
}

/// All keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    keys: BTreeMap<Key, Checked>,
    is_cut: bool,
}

impl Keys {
    /// Notes what is new in the history.
    pub fn take_in(&mut self, history: &mut History) {
        let (anew, touched) = history.take_news();
        if anew {
            self.keys.clear();
        }
        self.is_cut = history.is_cut();
        for place in touched {
            let bar = &history.bars()[place];
            if !bar.counts() {
                continue;
            }
            let key = self.keys.entry(bar.operation.key().clone()).or_default();
            if bar.never_happened() {
                key.bars.retain(|&other| other != place);
                key.is_stale = key.proof.is_none();
                key.search = None;
                continue;
            }
            if key.bars.last().is_none_or(|&last| last < place) {
                key.bars.push(place);
            }
            // Only an answer can need another order, and a broken history stays broken.
            if bar.answered().is_some() && key.proof.is_none() {
                key.is_stale = true;
                key.search = None;
            }
        }
    }

    pub fn is_busy(&self) -> bool {
        !self.is_cut && self.keys.values().any(|key| key.is_stale)
    }

    pub fn check(
        &mut self,
        history: &History,
        playhead: &Playhead,
        first: Option<&Key>,
        mut steps: u64,
    ) -> bool {
        if self.is_cut {
            return false;
        }
        let mut news = false;
        if let Some(key) = first.and_then(|first| self.keys.get_mut(first)) {
            news |= key.go_on(history, playhead, &mut steps);
        }
        for key in self.keys.values_mut() {
            news |= steps > 0 && key.go_on(history, playhead, &mut steps);
        }
        news
    }

    pub fn view(&self, history: &History) -> Vec<KeyView> {
        let status = |key: &Checked| match key.verdict {
            _ if history.is_cut() => KeyStatus::Forgotten,
            _ if key.proof.is_some() => KeyStatus::Broken,
            _ if key.is_stale => KeyStatus::Checking,
            Some(Verdict::Unknown) => KeyStatus::CutOff,
            _ => KeyStatus::Linearizable,
        };
        let view = |(name, key): (&Key, &Checked)| KeyView {
            name: name.clone(),
            operations: key.bars.len(),
            status: status(key),
            effects: key.effects.clone(),
            proof: key.proof.clone(),
        };
        self.keys.iter().map(view).collect()
    }
}

impl Checked {
    /// Goes on with the check, if there is any; whether it came to an end.
    fn go_on(&mut self, history: &History, playhead: &Playhead, steps: &mut u64) -> bool {
        if !self.is_stale {
            return false;
        }
        let bars = history.bars();
        let (search, left) = self.search.get_or_insert_with(|| {
            let ready = self.bars.len() as u64 * READY;
            *steps = steps.saturating_sub(ready).max(1);
            (KeyCheck::new(&observed(history, &self.bars)), BUDGET)
        });
        let given = (*steps).min(*left);
        let mut rest = given;
        let verdict = search.go_on(&mut rest);
        *steps -= given - rest;
        *left -= given - rest;
        let now = playhead.now();
        match verdict {
            Verdict::Unknown if *left > 0 && rest == 0 => return false,
            Verdict::Unknown => {}
            Verdict::Linearizable => {
                let order: Vec<usize> = search.order().iter().map(|&at| self.bars[at]).collect();
                self.effects = Rc::new(effects(bars, &order, now));
            }
            Verdict::NotLinearizable => {
                let proof = Proof::find(history, &self.bars, playhead);
                let order = proof.orders.first().map_or(&[][..], |it| &it.bars);
                self.effects = Rc::new(effects(bars, order, now));
                self.proof = Some(Rc::new(proof));
            }
        }
        self.verdict = Some(verdict);
        self.is_stale = false;
        self.search = None;
        true
    }
}

/// The operations at these places, for the checker.
pub(super) fn observed(history: &History, places: &[usize]) -> Vec<Observed> {
    let bars = history.bars();
    places.iter().map(|&place| bars[place].observed()).collect()
}
