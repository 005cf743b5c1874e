//! The search: from the first world on, all that follow by one step, by two, by three, … So the first
//! world found in which a property is broken is one of those that are reached in the fewest steps.

use super::bounds::{Bounds, BoundsError, Spending};
use super::broken::Broken;
use super::choice::{Choice, Move, moves};
use super::local::Local;
use super::space::{Facts, Outcome, Space};
use super::symmetry::MOST;
use super::table::Seen;
use super::world::{Queue, World};
use crate::base::NodeId;
use crate::base::hash::mix;

/// The sums of the fingerprints of a world's parts: for every renaming the first half, then the second
/// half of each.
type Sum<const WIDTH: usize> = [u64; WIDTH];

/// How many worlds are looked at between two questions whether to go on.
const PACE: u64 = 1 << 12;

/// How far a search has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reached {
    /// Worlds that were found; of those that differ by names alone, one counts.
    pub worlds: u64,
    /// Of them, those whose steps have all been taken.
    pub done: u64,
    /// Steps that were taken from one world to another.
    pub steps: u64,
    /// The longest way to a world, in steps.
    pub depth: u32,
    /// Memory, in bytes, roughly.
    pub bytes: u64,
    /// Bytes of it for the list of worlds alone.
    pub of_worlds: u64,
}

/// How a search ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// There are no more worlds within the bounds, and none is broken.
    Exhausted,
    /// Memory or depth was used up.
    Full,
    /// It was told to end.
    Told,
    /// A property is broken.
    Found(Broken),
}

/// How a world was found: from which one, by which of its steps.
#[derive(Clone, Copy, Debug)]
struct Link {
    from: u32,
    nth: u32,
}

/// A search.
#[derive(Debug)]
pub struct Search {
    pub(super) space: Space,
    pub(super) first: World,
    seen: Seen,
    links: Vec<Link>,
    /// The worlds at the present depth whose steps aren't taken.
    queue: Queue,
    /// Those one step further.
    next: Queue,
    reached: Reached,
    /// The last step of the way to a broken property.
    broken: Option<Link>,
    /// A world to be overwritten.
    spare: World,
}

impl Search {
    /// A search within these bounds.
    ///
    /// # Errors
    /// There are no such worlds.
    pub fn new(bounds: Bounds) -> Result<Search, BoundsError> {
        bounds.check()?;
        let led = bounds.led;
        let mut space = Space::new(bounds);
        let ids = (1..=space.bounds.servers).map(NodeId);
        let fresh: Vec<_> = ids.map(|id| Local::new(id, &space.bounds)).collect();
        let first = World {
            locals: fresh.into_iter().map(|local| space.local(local)).collect(),
            past: 0,
            budget: space.bounds.budget.with_changes(space.bounds.changes.len()),
            messages: Vec::new(),
        };
        let mut search = Search {
            space,
            first,
            seen: Seen::default(),
            links: Vec::new(),
            queue: Queue::default(),
            next: Queue::default(),
            reached: Reached::default(),
            broken: None,
            spare: World::default(),
        };
        if led {
            search.elect();
        }
        Ok(search)
    }

    /// S1 stands, and everything that follows from it happens; then a heartbeat tells everybody what is
    /// committed.
    fn elect(&mut self) {
        for of in [Spending::Timeout, Spending::Heartbeat] {
            let budget = self.first.budget;
            self.first.budget = budget.with(of, 1);
            let wanted = match of {
                Spending::Timeout => Choice::TimesOut,
                _ => Choice::Beats,
            };
            let mut found = Vec::new();
            loop {
                moves(&mut self.space, &self.first, &mut found);
                let arrives =
                    |it: &&Move| matches!(it.choice, Choice::Arrives { again: false, .. });
                let begins = |it: &&Move| it.server == 0 && it.choice == wanted;
                let quick = |it: &&Move| !it.slow;
                let next = found.iter().filter(quick).find(begins);
                let Some(&next) = next.or_else(|| found.iter().filter(quick).find(arrives)) else {
                    break;
                };
                match self.after(&self.first.clone(), &next) {
                    Ok(world) => self.first = world,
                    Err(_) => break,
                }
            }
            self.first.budget = budget;
        }
        self.first.messages.clear();
    }

    fn begin<const WIDTH: usize>(&mut self) {
        let sum = self.sum::<WIDTH>(&self.first);
        let print = print(&sum, self.first.budget.packed());
        self.seen.insert(print);
        self.links.push(Link { from: 0, nth: 0 });
        self.queue.push(&self.first);
        self.spare = self.first.clone();
        self.reached.worlds = 1;
    }

    /// How far it has come.
    pub fn reached(&self) -> Reached {
        let of_worlds = self.seen.bytes() + self.links.capacity() as u64 * 8;
        let queues = self.queue.bytes() + self.next.bytes();
        Reached {
            bytes: of_worlds + queues + self.space.bytes(),
            of_worlds,
            ..self.reached
        }
    }

    /// Takes all steps of all worlds, as long as `go_on` says so and the memory lasts, in bytes, and no
    /// way is longer than `depth`.
    pub fn run(&mut self, memory: u64, depth: u32, go_on: impl FnMut(&Reached) -> bool) -> End {
        // Sums of a known length are added in a few instructions.
        match self.space.width() {
            2 => self.run_wide::<2>(memory, depth, go_on),
            4 => self.run_wide::<4>(memory, depth, go_on),
            12 => self.run_wide::<12>(memory, depth, go_on),
            _ => self.run_wide::<{ 2 * MOST }>(memory, depth, go_on),
        }
    }

    fn run_wide<const WIDTH: usize>(
        &mut self,
        memory: u64,
        depth: u32,
        mut go_on: impl FnMut(&Reached) -> bool,
    ) -> End {
        if self.links.is_empty() {
            self.begin::<WIDTH>();
        }
        let mut world = self.first.clone();
        let mut found = Vec::new();
        loop {
            while self.queue.pop(&mut world) {
                if self.reached.done.is_multiple_of(PACE) {
                    let reached = self.reached();
                    if !go_on(&reached) {
                        return End::Told;
                    }
                    if reached.bytes > memory {
                        return End::Full;
                    }
                }
                if let Err(broken) = self.expand::<WIDTH>(&world, &mut found) {
                    self.reached.depth += 1;
                    return End::Found(broken);
                }
                self.reached.done += 1;
            }
            std::mem::swap(&mut self.queue, &mut self.next);
            self.next.clear();
            if self.reached.done == self.reached.worlds {
                return End::Exhausted;
            }
            self.reached.depth += 1;
            if self.reached.depth >= depth {
                return End::Full;
            }
        }
    }

    /// Takes all steps of one world.
    fn expand<const WIDTH: usize>(
        &mut self,
        world: &World,
        found: &mut Vec<Move>,
    ) -> Result<(), Broken> {
        let from = self.reached.done as u32;
        let sum = self.sum::<WIDTH>(world);
        moves(&mut self.space, world, found);
        for (nth, step) in (0..).zip(found.iter()) {
            self.reached.steps += 1;
            let link = Link { from, nth };
            self.visit(world, &sum, step, link)
                .inspect_err(|_| self.broken = Some(link))?;
        }
        Ok(())
    }

    /// Takes one step, and queues where it leads to, if that is new.
    fn visit<const WIDTH: usize>(
        &mut self,
        world: &World,
        sum: &Sum<WIDTH>,
        step: &Move,
        link: Link,
    ) -> Result<(), Broken> {
        let outcome = self.space.outcome(step.outcome);
        let past = self.check(world, step, &outcome)?;
        let mut sum = *sum;
        let to = self.space.facts[outcome.after as usize];
        if outcome.after != outcome.before {
            subtract(&mut sum, self.space.local_print(outcome.before));
            add(&mut sum, self.space.local_print(outcome.after));
        }
        let arrived = match step.choice {
            Choice::Arrives {
                message,
                again: false,
            } => Some(message),
            _ => None,
        };
        if let Some(message) = arrived {
            subtract(&mut sum, self.space.message_print(message));
        }
        for &message in self.space.sent(&outcome) {
            if self.is_alive(world, message) {
                add(&mut sum, self.space.message_print(message));
            }
        }
        if outcome.settles {
            let mut left_out = arrived;
            for &message in &world.messages {
                if left_out == Some(message) {
                    left_out = None;
                } else if self.dies(message, step.server, &to) {
                    subtract(&mut sum, self.space.message_print(message));
                }
            }
        }
        if past != world.past {
            subtract(&mut sum, self.space.past_print(world.past));
            add(&mut sum, self.space.past_print(past));
        }
        if self.seen.insert(print(&sum, step.budget.packed())) {
            self.links.push(link);
            self.reached.worlds += 1;
            let mut next = std::mem::take(&mut self.spare);
            self.follow(world, step, &outcome, past, &mut next);
            self.next.push(&next);
            self.spare = next;
        }
        Ok(())
    }

    /// Whether a message that was just sent can do anything to its receiver.
    fn is_alive(&self, world: &World, message: u32) -> bool {
        let to = self.space.letters[message as usize].to;
        let facts = self.space.facts.get(world.locals[to as usize] as usize);
        facts.is_some_and(|facts| !self.space.is_dead(message, facts))
    }

    fn dies(&self, message: u32, server: u32, facts: &Facts) -> bool {
        self.space.letters[message as usize].to == server && self.space.is_dead(message, facts)
    }

    /// Holds a step against the properties. Returns what has been, after it.
    fn check(&mut self, world: &World, step: &Move, outcome: &Outcome) -> Result<u32, Broken> {
        let space = &mut self.space;
        let server = step.server as usize;
        let (before, after) = (
            space.facts[outcome.before as usize],
            space.facts[outcome.after as usize],
        );
        let id = Space::id(step.server);
        if let Some(stale) = outcome.stale {
            return Err(Broken::StaleRead {
                node: id,
                index: stale.index,
                committed: stale.asked,
            });
        }
        let mut past = world.past;
        if outcome.won || outcome.advanced {
            let taken = space.take(past, step.outcome);
            past = taken.map_err(|broken| super::checks::with_other(space, world, broken))?;
        }
        if outcome.logged {
            let rewrote = before.leads && after.leads && before.term == after.term;
            if rewrote && !space.chains.begins_with(after.log, before.log) {
                let last = space.chains.len(before.log);
                let same = |&len: &u64| {
                    space.chains.prefix(before.log, len) == space.chains.prefix(after.log, len)
                };
                return Err(Broken::LeaderRewrote {
                    leader: id,
                    term: after.term,
                    from: 1 + (0..last).rev().find(same).unwrap_or(0),
                    last,
                });
            }
            super::checks::logs_match(space, world, server, &after)?;
        }
        if outcome.advanced && outcome.decides() {
            super::checks::commit_holds(space, world, step, outcome)?;
        }
        if !outcome.settles && past == world.past {
            return Ok(past);
        }
        let others = world
            .locals
            .iter()
            .enumerate()
            .filter(|&(at, _)| at != server);
        let others = others.map(|(_, &local)| space.facts[local as usize].settled);
        let floor = others.fold(after.settled, u64::min);
        Ok(space.settle(past, floor))
    }

    /// The world after a step that was found to break nothing.
    fn follow(&self, world: &World, step: &Move, outcome: &Outcome, past: u32, next: &mut World) {
        next.clone_from(world);
        next.locals[step.server as usize] = outcome.after;
        next.past = past;
        next.budget = step.budget;
        if let Choice::Arrives {
            message,
            again: false,
        } = step.choice
            && let Ok(at) = next.messages.binary_search(&message)
        {
            next.messages.remove(at);
        }
        if outcome.settles {
            let facts = self.space.facts[outcome.after as usize];
            next.messages
                .retain(|&message| !self.dies(message, step.server, &facts));
        }
        let sent = self.space.sent(outcome).iter().copied();
        next.messages
            .extend(sent.filter(|&message| self.is_alive(world, message)));
        next.messages.sort_unstable();
    }

    /// The world after a step.
    pub(super) fn after(&mut self, world: &World, step: &Move) -> Result<World, Broken> {
        let outcome = self.space.outcome(step.outcome);
        let past = self.check(world, step, &outcome)?;
        let mut next = World::default();
        self.follow(world, step, &outcome, past, &mut next);
        Ok(next)
    }

    /// The steps from the first world to the broken one, each by its number among those of its world.
    pub(super) fn way(&self) -> Vec<u32> {
        let Some(mut link) = self.broken else {
            return Vec::new();
        };
        let mut way = vec![link.nth];
        while link.from > 0 {
            link = self.links[link.from as usize];
            way.push(link.nth);
        }
        way.reverse();
        way
    }

    fn sum<const WIDTH: usize>(&self, world: &World) -> Sum<WIDTH> {
        let mut sum = [0; WIDTH];
        for &local in &world.locals {
            add(&mut sum, self.space.local_print(local));
        }
        for &message in &world.messages {
            add(&mut sum, self.space.message_print(message));
        }
        add(&mut sum, self.space.past_print(world.past));
        sum
    }
}

/// The fingerprint of a world: the least over all renamings.
fn print<const WIDTH: usize>(sum: &Sum<WIDTH>, budget: u64) -> [u64; 2] {
    let (one, two) = sum.split_at(WIDTH / 2);
    let mut least = 0;
    for at in 1..WIDTH / 2 {
        if one[at] < one[least] {
            least = at;
        }
    }
    let budget = mix(budget);
    [
        mix(one[least].wrapping_add(budget)),
        two[least].wrapping_add(budget),
    ]
}

fn add<const WIDTH: usize>(sum: &mut Sum<WIDTH>, print: &[u64]) {
    let print: &Sum<WIDTH> = print.try_into().expect("all have one width");
    for (sum, print) in sum.iter_mut().zip(print) {
        *sum = sum.wrapping_add(*print);
    }
}

fn subtract<const WIDTH: usize>(sum: &mut Sum<WIDTH>, print: &[u64]) {
    let print: &Sum<WIDTH> = print.try_into().expect("all have one width");
    for (sum, print) in sum.iter_mut().zip(print) {
        *sum = sum.wrapping_sub(*print);
    }
}
