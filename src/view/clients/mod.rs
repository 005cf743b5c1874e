//! The clients' operations, one bar each, and whether one order explains what all were answered.
//!
//! A [`Ledger`] goes along with a playhead: it reads the events up to the playhead, only the new
//! ones where it can, and checks each key's history for linearizability a few steps at a time.
//! What it knows at a moment is a [`ClientsView`].

mod bar;
mod effects;
mod failed;
mod history;
mod keys;
mod why;

pub use bar::{Bar, BarEnd};
pub use effects::{Effect, Stretch, stretches};
pub use failed::{outlook, reason};
pub use keys::{KeyStatus, KeyView};
pub use why::{Cause, Proof, ProofOrder, enough};

use crate::base::ClientId;
use crate::kv::Key;
use crate::raft::Rules;
use crate::run::Playhead;
use history::History;
use keys::Keys;
use std::rc::Rc;

/// What there is to show of the clients at the playhead.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClientsView {
    /// The operations that are remembered, in the order of their invocations.
    pub bars: Vec<Rc<Bar>>,
    /// Who asked for them, by id.
    pub clients: Vec<ClientId>,
    /// What they were about, by name.
    pub keys: Vec<KeyView>,
    /// Reads that asked for whatever a server has, however old. They don't count.
    pub stale_reads: usize,
    /// The rules that hold at the playhead.
    pub rules: Rules,
}

impl ClientsView {
    /// The first key whose answers no order explains: the one that was found out earliest.
    pub fn broken(&self) -> Option<(&KeyView, &Rc<Proof>)> {
        let proofs = self
            .keys
            .iter()
            .filter_map(|key| Some((key, key.proof.as_ref()?)));
        proofs.min_by_key(|(_, proof)| proof.at)
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&KeyView> {
        self.keys.iter().find(|key| *key.name == *name)
    }
}

/// The clients' operations and what was found out about them, kept up to date.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    history: History,
    keys: Keys,
    rules: Rules,
}

impl Ledger {
    /// Reads what has happened up to the playhead; whether that is any news.
    pub fn follow(&mut self, playhead: &Playhead) -> bool {
        let rules = playhead.simulation().rules();
        let switched = std::mem::replace(&mut self.rules, rules) != rules;
        let news = self.history.follow(playhead);
        if news {
            self.keys.take_in(&mut self.history);
        }
        news || switched
    }

    /// Goes on with the checks for about `steps` steps, with the key `first` before the others.
    /// Whether anything was found out.
    pub fn check(&mut self, playhead: &Playhead, first: Option<&Key>, steps: u64) -> bool {
        self.keys.check(&self.history, playhead, first, steps)
    }

    /// Whether a check is still to be gone on with.
    pub fn is_busy(&self) -> bool {
        self.keys.is_busy()
    }

    /// What is known.
    pub fn view(&self) -> ClientsView {
        let bars = self.history.bars().to_vec();
        ClientsView {
            clients: self.history.clients().collect(),
            keys: self.keys.view(&self.history),
            stale_reads: bars.iter().filter(|bar| !bar.counts()).count(),
            rules: self.rules,
            bars,
        }
    }
}
