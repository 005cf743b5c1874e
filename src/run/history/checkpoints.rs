//! Checkpoints: whole simulations, kept to travel back in time.
//!
//! A clone shares logs and maps with its original, so a checkpoint costs little; how close they
//! stand is chosen so that replaying from one to the next takes a fraction of what an eye notices.

use super::{Cursor, Instant};
use crate::base::{Span, Time};

use crate::sim::{Reserve, Simulation};
use std::rc::Rc;

/// Queue events between two checkpoints: what a seek replays at most. See
/// `benches/laboratory.rs`, which measures it.
const EVERY: u64 = 8_192;

/// Virtual time between two checkpoints of a run where less happens.
const AT_LEAST_EVERY: Span = Span::secs(10);

/// How far back every checkpoint is kept.
const DENSE: Span = Span::secs(600);

/// Older ones are kept at distances of this part of their age: eight times as old, eight times
/// as far apart. Their number then grows with the logarithm of the age.
const THINNING: u64 = 64;

/// The most checkpoints of one branch. Beyond, every second one goes and the distance doubles.
const MAX: usize = 1_024;

/// About how many bytes of memory the checkpoints of the branch that is shown may take. Beyond,
/// those go that stand closest for their age.
const BUDGET: u64 = 96 << 20;

/// The same, of all branches that were left: one comes back to them seldom.
pub(super) const PARKED: u64 = 64 << 20;

/// About how many bytes of what two checkpoints could share a step between them makes their own.
const PER_STEP: u64 = 40;

/// A simulation at an instant.
#[derive(Clone, Debug)]
pub(in crate::run) struct Checkpoint {
    pub instant: Instant,
    /// Events emitted by then.
    pub emitted: u64,
    pub simulation: Rc<Simulation>,
    /// About how many bytes of memory it takes.
    bytes: u64,
}

impl Checkpoint {
    /// Its simulation, to go on from there with that reserve.
    pub fn cursor(&self, reserve: Option<Reserve>) -> Cursor {
        let mut simulation = (*self.simulation).clone();
        simulation.set_reserve(reserve);
        Cursor {
            simulation,
            actions: self.instant.actions,
        }
    }
}

/// The checkpoints of a branch, oldest first. The first one is the start of the run.
#[derive(Clone, Debug)]
pub(in crate::run) struct Checkpoints {
    kept: Vec<Checkpoint>,
    every: u64,
    /// What all of them take.
    bytes: u64,
}

impl Checkpoints {
    pub fn new(start: Simulation) -> Checkpoints {
        let checkpoint = Checkpoint {
            instant: Instant::default(),
            emitted: start.events_emitted(),
            simulation: Rc::new(start),
            bytes: 0,
        };
        Checkpoints {
            bytes: 0,
            kept: vec![checkpoint],
            every: EVERY,
        }
    }

    /// Adds a checkpoint of the branch's newest instant, if one is due.
    pub fn offer(&mut self, instant: Instant, simulation: &Simulation) {
        let last = self.newest().instant;
        let busy = instant.processed >= last.processed + self.every;
        let long = instant.at >= last.at + AT_LEAST_EVERY;
        if !busy && !long {
            return;
        }
        let steps = instant.processed - last.processed;
        // More than a snapshot of everything doesn't change.
        let bytes = simulation.footprint() + PER_STEP * steps.min(EVERY);
        self.bytes += bytes;
        self.kept.push(Checkpoint {
            bytes,
            instant,
            emitted: simulation.events_emitted(),
            simulation: Rc::new(simulation.clone()),
        });
        self.thin(instant.at);
    }

    fn thin(&mut self, now: Time) {
        let mut before = self.kept[0].instant.at;
        let mut place = 0;
        let next: Vec<Time> = self.kept.iter().skip(1).map(|c| c.instant.at).collect();
        self.kept.retain(|checkpoint| {
            let at = checkpoint.instant.at;
            let age = now.since(at);
            let gap = next.get(place).map(|next| next.since(before));
            let close = gap.is_some_and(|gap| gap.0 < age.0 / THINNING);
            let keep = place == 0 || age <= DENSE || !close;
            place += 1;
            if keep {
                before = at;
            }
            keep
        });
        if self.kept.len() > MAX {
            self.every *= 2;
            let mut place = 0;
            self.kept.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        self.bytes = self.kept.iter().map(|kept| kept.bytes).sum();
        self.keep_to(BUDGET, now);
    }

    /// Thins out until those that are left take no more than that, or are only the first and the
    /// last.
    fn keep_to(&mut self, budget: u64, now: Time) {
        while self.bytes > budget
            && let Some(at) = self.most_crowded(now)
        {
            self.bytes -= self.kept.remove(at).bytes;
        }
    }

    /// The checkpoint whose neighbours are closest to each other for its age.
    fn most_crowded(&self, now: Time) -> Option<usize> {
        let crowd = self.kept.windows(3).map(|it| {
            let [before, this, after] = [0, 1, 2].map(|at| it[at].instant.at);
            let gap = u128::from(after.since(before).0) << 32;
            gap / u128::from(now.since(this).0 + AT_LEAST_EVERY.0)
        });
        let least = crowd.enumerate().min_by_key(|&(_, room)| room);
        least.map(|(at, _)| at + 1)
    }

    /// Nobody looks at the branch for a while: fewer checkpoints will do.
    pub fn park(&mut self, budget: u64) {
        let now = self.newest().instant.at;
        self.keep_to(budget, now);
    }

    /// About how many bytes of memory they take.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The newest checkpoint.
    fn newest(&self) -> &Checkpoint {
        self.kept.last().expect("the start of the run stays")
    }

    /// The newest checkpoint that isn't after some point, given as "is this one too late?".
    pub fn before(&self, too_late: &dyn Fn(&Checkpoint) -> bool) -> &Checkpoint {
        let after = self
            .kept
            .partition_point(|checkpoint| !too_late(checkpoint));
        &self.kept[after.max(1) - 1]
    }

    /// Forgets what comes after `end`.
    pub fn truncate(&mut self, end: Instant) {
        let after = self.kept.partition_point(|c| c.instant <= end);
        self.kept.truncate(after.max(1));
        self.bytes = self.kept.iter().map(|kept| kept.bytes).sum();
    }

    /// Their times, oldest first.
    pub fn times(&self) -> impl Iterator<Item = Time> {
        self.kept.iter().map(|checkpoint| checkpoint.instant.at)
    }
}
