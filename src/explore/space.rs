//! What worlds are made of, each thing kept once: servers, messages, pasts; and each step, computed
//! once.
//!
//! A number names a thing, and numbers are given in the order in which things turn up: the same
//! bounds always give the same numbers.

use super::bounds::Bounds;
use super::broken::Broken;
use super::chains::{self, Chain, Chains};
use super::local::{Command, Happening, Local, Stale};
use super::past::{Deed, Past};
use super::symmetry::{Names, renamings};
use super::table::Memo;
use crate::base::NodeId;
use crate::raft::{Body, Effects, Fingerprint, Message, Role, Sketch, Term, Trace};
use std::collections::BTreeMap;

/// What worlds ask of a server again and again.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub term: Term,
    pub leads: bool,
    /// The term on its disk.
    durable_term: Term,
    /// It can never stand again in a term up to this one.
    pub settled: Term,
    /// Its log.
    pub log: Chain,
    /// What it takes for committed.
    pub committed: Chain,
    /// The log on its disk.
    pub disk: Chain,
    /// How many parts of writes are under way.
    pub parts: u32,
    /// Whether any write is.
    pub writes: bool,
}

/// What worlds ask of a message again and again.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    /// The receiver's index in a world.
    pub to: u32,
    term: Term,
    kind: Kind,
}

/// When a message can do nothing any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// It is answered, whatever its term: the answer carries a newer one.
    Request,
    /// Only a candidate of its term counts it.
    Vote { granted: bool },
    /// Only the leader of its term takes it.
    ToLeader,
    /// Nobody with a newer term takes it.
    OfTerm,
}

/// What comes of a step.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// The server before it.
    pub before: u32,
    /// The server after it.
    pub after: u32,
    /// Where the messages stand that it sent.
    sent: (u32, u32),
    /// Whether a write is under way that wasn't before.
    pub waits: bool,
    /// A read that it answered from something too old.
    pub stale: Option<Stale>,
    pub won: bool,
    pub advanced: bool,
    /// Whether it led before, or leads since, and may have decided something.
    led: bool,
    /// Whether its log is another one.
    pub logged: bool,
    /// Whether it forgets messages that it didn't before.
    pub settles: bool,
}

impl Outcome {
    /// Whether it may have decided something as a leader.
    pub const fn decides(&self) -> bool {
        self.led
    }
}

/// Everything that worlds are made of.
#[derive(Debug)]
pub struct Space {
    pub bounds: Bounds,
    /// How servers may be renamed.
    pub names: Vec<Names>,
    pub chains: Chains,
    pub locals: Vec<Local>,
    pub facts: Vec<Facts>,
    local_numbers: BTreeMap<[u64; 2], u32>,
    local_prints: Vec<u64>,
    pub messages: Vec<Message<Command>>,
    pub letters: Vec<Letter>,
    message_numbers: BTreeMap<[u64; 2], u32>,
    message_prints: Vec<u64>,
    pub pasts: Vec<Past>,
    past_numbers: BTreeMap<[u64; 2], u32>,
    past_prints: Vec<u64>,
    outcomes: Vec<Outcome>,
    sent: Vec<u32>,
    /// Steps by server and what happened to it.
    steps: Memo,
    /// Pasts by past and step.
    taken: Memo,
    /// Pasts by past and the term that is settled.
    settled: Memo,
    effects: Effects<Command>,
    /// Steps that were computed.
    pub computed: u64,
}

/// The bit that tells a slow write from a fast one.
const SLOW: u32 = 1 << 27;

impl Space {
    /// Nothing yet but the number of the empty past.
    pub fn new(bounds: Bounds) -> Space {
        let mut space = Space {
            names: renamings(&bounds),
            bounds,
            chains: Chains::default(),
            locals: Vec::new(),
            facts: Vec::new(),
            local_numbers: BTreeMap::new(),
            local_prints: Vec::new(),
            messages: Vec::new(),
            letters: Vec::new(),
            message_numbers: BTreeMap::new(),
            message_prints: Vec::new(),
            pasts: Vec::new(),
            past_numbers: BTreeMap::new(),
            past_prints: Vec::new(),
            outcomes: Vec::new(),
            sent: Vec::new(),
            steps: Memo::default(),
            taken: Memo::default(),
            settled: Memo::default(),
            effects: Effects::default(),
            computed: 0,
        };
        space.past(Past::default());
        space
    }

    /// How many fingerprints a world has: one for each renaming.
    pub fn width(&self) -> usize {
        2 * self.names.len()
    }

    /// The fingerprints of a server, a message, a past: the first half of each for every renaming,
    /// then the second half.
    pub fn local_print(&self, local: u32) -> &[u64] {
        &self.local_prints[local as usize * self.width()..][..self.width()]
    }

    /// See [`Space::local_print`].
    pub fn message_print(&self, message: u32) -> &[u64] {
        &self.message_prints[message as usize * self.width()..][..self.width()]
    }

    /// See [`Space::local_print`].
    pub fn past_print(&self, past: u32) -> &[u64] {
        &self.past_prints[past as usize * self.width()..][..self.width()]
    }

    /// About how much memory all of it takes, in bytes.
    pub fn bytes(&self) -> u64 {
        let width = self.width() as u64 * 8;
        let of = |many: usize, each: u64| many as u64 * (each + width);
        of(self.locals.len(), 4_000)
            + of(self.messages.len(), 200)
            + of(self.pasts.len(), 200)
            + self.outcomes.len() as u64 * 48
            + self.sent.len() as u64 * 4
            + [&self.steps, &self.taken, &self.settled]
                .map(Memo::bytes)
                .iter()
                .sum::<u64>()
    }

    /// The number of a server.
    pub fn local(&mut self, local: Local) -> u32 {
        let print = local.fingerprint(&self.names[0]);
        if let Some(&known) = self.local_numbers.get(&print) {
            return known;
        }
        let number = self.locals.len() as u32;
        self.local_numbers.insert(print, number);
        push_prints(&self.names, &mut self.local_prints, |names| {
            local.fingerprint(names)
        });
        let facts = self.look_at(&local);
        self.facts.push(facts);
        self.locals.push(local);
        number
    }

    /// The number of a server that is known.
    #[cfg(test)]
    pub fn number(&self, local: &Local) -> Option<u32> {
        let print = local.fingerprint(&self.names[0]);
        self.local_numbers.get(&print).copied()
    }

    fn look_at(&mut self, local: &Local) -> Facts {
        let Local {
            raft,
            disk,
            under_way,
            ..
        } = local;
        let (term, durable_term) = (raft.current_term(), disk.hard_state.current_term);
        let log = self.chains.of(raft.log(), raft.snapshot());
        let stands_in = match raft.role() {
            Role::Candidate => term,
            _ => Term::MAX,
        };
        // A disk that is lost takes its term with it.
        let lasts = self.bounds.budget.left(super::bounds::Spending::Wipe) == 0;
        Facts {
            term,
            leads: raft.is_leader(),
            durable_term: if lasts { durable_term } else { 0 },
            settled: if lasts {
                durable_term.min(stands_in - 1)
            } else {
                0
            },
            log,
            committed: self.chains.prefix(log, raft.commit_index()),
            disk: self.chains.of(&disk.log, disk.snapshot.as_ref()),
            parts: local.parts_under_way(),
            writes: !under_way.is_empty(),
        }
    }

    fn message(&mut self, message: Message<Command>) -> u32 {
        let print = message.fingerprint(&self.names[0]);
        if let Some(&known) = self.message_numbers.get(&print) {
            return known;
        }
        let number = self.messages.len() as u32;
        self.message_numbers.insert(print, number);
        push_prints(&self.names, &mut self.message_prints, |names| {
            message.fingerprint(names)
        });
        self.letters.push(Letter {
            to: message.to.node().0 - 1,
            term: message.term,
            kind: match message.body {
                Body::RequestVote(_)
                | Body::RequestPreVote { .. }
                | Body::InstallSnapshot { .. } => Kind::Request,
                Body::AppendEntries { round, .. } if round > 0 => Kind::Request,
                Body::RequestVoteReply { granted } => Kind::Vote { granted },
                Body::AppendEntriesAccepted { .. }
                | Body::AppendEntriesRejected { .. }
                | Body::InstallSnapshotReply { .. }
                | Body::ReadIndex { .. } => Kind::ToLeader,
                Body::AppendEntries { .. }
                | Body::RequestPreVoteReply { .. }
                | Body::TimeoutNow
                | Body::ReadIndexReply { .. } => Kind::OfTerm,
            },
        });
        self.messages.push(message);
        number
    }

    fn past(&mut self, past: Past) -> u32 {
        let chains = &self.chains;
        let print = |names: &Names| {
            let mut sketch = Sketch::new(names);
            past.sketch(chains, &mut sketch);
            sketch.value()
        };
        let number = self.pasts.len() as u32;
        let known = *self
            .past_numbers
            .entry(print(&self.names[0]))
            .or_insert(number);
        if known == number {
            push_prints(&self.names, &mut self.past_prints, print);
            self.pasts.push(past);
        }
        known
    }

    /// Whether a message can't do anything to such a server any more, whatever becomes of it.
    pub fn is_dead(&self, message: u32, to: &Facts) -> bool {
        let Letter { term, kind, .. } = self.letters[message as usize];
        self.bounds.reductions.forgetting
            && match kind {
                Kind::Request => false,
                // A server takes itself for the member that a message of its term is for.
                _ if !self.bounds.changes.is_empty() => term < to.durable_term,
                Kind::Vote { granted } => term <= to.settled || !granted && term <= to.durable_term,
                Kind::ToLeader => term <= to.settled && !(to.leads && to.term == term),
                Kind::OfTerm => term < to.durable_term,
            }
    }

    /// What comes of it if something happens to a server. `what` names it, in numbers.
    pub fn step(
        &mut self,
        local: u32,
        what: u32,
        slow: bool,
        happening: impl FnOnce(&Space) -> Happening,
    ) -> u32 {
        debug_assert_eq!(what & SLOW, 0);
        let key = u64::from(local) << 32 | u64::from(what | if slow { SLOW } else { 0 });
        if let Some(known) = self
            .steps
            .get(key)
            .filter(|_| self.bounds.reductions.memory)
        {
            return known;
        }
        let happening = happening(self);
        let outcome = self.compute(local, happening, slow);
        let number = self.outcomes.len() as u32;
        self.outcomes.push(outcome);
        if self.bounds.reductions.memory {
            self.steps.insert(key, number);
        }
        number
    }

    fn compute(&mut self, before: u32, happening: Happening, slow: bool) -> Outcome {
        self.computed += 1;
        let mut effects = std::mem::take(&mut self.effects);
        effects.quiet = true;
        let mut local = self.locals[before as usize].clone();
        let wrote_before = local.raft.writes_under_way();
        let restarts = matches!(happening, Happening::Crashes(_) | Happening::Wiped);
        let stale = local.step(happening, slow, &mut effects);
        let local_waits = local.raft.writes_under_way() > wrote_before;
        let first = self.sent.len() as u32;
        for message in effects.messages.drain(..) {
            let number = self.message(message);
            self.sent.push(number);
        }
        self.effects = effects;
        let after = self.local(local);
        let (was, is) = (self.facts[before as usize], self.facts[after as usize]);
        let grown = self.chains.len(is.committed) > self.chains.len(was.committed);
        let other = !self.chains.begins_with(was.committed, is.committed);
        Outcome {
            before,
            after,
            sent: (first, self.sent.len() as u32),
            waits: local_waits,
            stale,
            won: is.leads && !(was.leads && was.term == is.term),
            advanced: !restarts && (grown || other),
            led: is.leads || was.leads && was.term == is.term,
            logged: was.log != is.log,
            settles: was.settled < is.settled
                || was.durable_term < is.durable_term
                || was.leads && !(is.leads && was.term == is.term),
        }
    }

    /// The outcome of that number.
    pub fn outcome(&self, number: u32) -> Outcome {
        self.outcomes[number as usize]
    }

    /// The messages that a step sent.
    pub fn sent(&self, outcome: &Outcome) -> &[u32] {
        &self.sent[outcome.sent.0 as usize..outcome.sent.1 as usize]
    }

    /// What was decided in a step, told once more.
    pub fn traces(&self, local: u32, happening: Happening, slow: bool) -> Vec<Trace> {
        let mut effects = Effects::default();
        self.locals[local as usize]
            .clone()
            .step(happening, slow, &mut effects);
        effects.traces
    }

    /// The past after a step that won or committed something.
    ///
    /// # Errors
    /// It contradicts what has been.
    pub fn take(&mut self, past: u32, number: u32) -> Result<u32, Broken> {
        let key = u64::from(past) << 32 | u64::from(number);
        if let Some(known) = self.taken.get(key) {
            return Ok(known);
        }
        let outcome = self.outcome(number);
        let facts = self.facts[outcome.after as usize];
        let deed = Deed {
            raft: &self.locals[outcome.after as usize].raft,
            log: facts.log,
            committed: facts.committed,
            won: outcome.won,
            advanced: outcome.advanced,
            led: outcome.led.then_some(facts.term),
        };
        let mut next = self.pasts[past as usize].clone();
        next.take(&deed, &self.chains, &self.bounds.members)?;
        let next = self.past(next);
        self.taken.insert(key, next);
        Ok(next)
    }

    /// The past once nobody can stand any more in a term up to `floor`.
    pub fn settle(&mut self, past: u32, floor: Term) -> u32 {
        if !self.bounds.reductions.forgetting || floor < self.pasts[past as usize].lowest() {
            return past;
        }
        let key = u64::from(past) << 32 | floor;
        if let Some(known) = self.settled.get(key) {
            return known;
        }
        let mut next = self.pasts[past as usize].clone();
        next.settle(floor);
        let next = self.past(next);
        self.settled.insert(key, next);
        next
    }

    /// The server with that index, by name.
    pub fn id(index: u32) -> NodeId {
        NodeId(index + 1)
    }

    /// A snapshot's state, of what a server takes for committed.
    pub fn state(&self, local: u32) -> std::rc::Rc<[u8]> {
        chains::encoded(self.facts[local as usize].committed)
    }
}

/// Adds the fingerprints of one thing for every renaming: see [`Space::local_print`].
fn push_prints(names: &[Names], prints: &mut Vec<u64>, print: impl Fn(&Names) -> [u64; 2]) {
    let first = prints.len();
    prints.resize(first + 2 * names.len(), 0);
    for (at, renaming) in names.iter().enumerate() {
        let [one, two] = print(renaming);
        prints[first + at] = one;
        prints[first + names.len() + at] = two;
    }
}
