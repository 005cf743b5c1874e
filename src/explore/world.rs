//! A world: a few small numbers.

use super::bounds::Budget;

/// Several servers at one instant. Each number names something that many worlds share.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct World {
    /// What each server is, S1 first.
    pub locals: Vec<u32>,
    /// What has been.
    pub past: u32,
    /// What may still happen.
    pub budget: Budget,
    /// The messages under way, in ascending order; one that is under way twice stands here twice.
    pub messages: Vec<u32>,
}

impl Clone for World {
    fn clone(&self) -> World {
        let mut new = World::default();
        new.clone_from(self);
        new
    }

    /// Where there is room already, none is taken.
    fn clone_from(&mut self, other: &World) {
        self.locals.clone_from(&other.locals);
        self.messages.clone_from(&other.messages);
        (self.past, self.budget) = (other.past, other.budget);
    }
}

/// Worlds, one behind the other.
#[derive(Debug, Default)]
pub struct Queue {
    words: Vec<u32>,
    read: usize,
}

impl Queue {
    /// Adds a world.
    pub fn push(&mut self, world: &World) {
        let budget = world.budget.packed();
        self.words.extend_from_slice(&world.locals);
        let head = [world.past, budget as u32, (budget >> 32) as u32];
        self.words.extend_from_slice(&head);
        self.words.push(world.messages.len() as u32);
        self.words.extend_from_slice(&world.messages);
    }

    /// Takes the next world out, into `world`, which has as many servers already; whether there was
    /// one.
    pub fn pop(&mut self, world: &mut World) -> bool {
        let rest = &self.words[self.read..];
        let servers = world.locals.len();
        if rest.is_empty() {
            return false;
        }
        world.locals.copy_from_slice(&rest[..servers]);
        let head = &rest[servers..][..4];
        world.past = head[0];
        world.budget = Budget::unpacked(u64::from(head[1]) | u64::from(head[2]) << 32);
        let messages = &rest[servers + 4..][..head[3] as usize];
        world.messages.clear();
        world.messages.extend_from_slice(messages);
        self.read += servers + 4 + messages.len();
        true
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.words.clear();
        self.read = 0;
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> u64 {
        self.words.capacity() as u64 * 4
    }
}
