//! What a run comes to only in a doubt or under chaos. A program that gets its code by and by has
//! it later.

use super::simulation::Simulation;
use crate::check::{self, Judge};

/// How a run goes on where it would stand still without: at an answer to a client that is in doubt, and
/// where random faults may begin.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    pub(super) judge: Judge,
    pub(super) throw_dice: fn(&mut Simulation),
    pub(super) end_fault: fn(&mut Simulation, u32),
}

impl Reserve {
    /// All of it: the run goes on by itself.
    pub const ALL: Reserve = Reserve {
        judge: check::judge,
        throw_dice: Simulation::throw_dice,
        end_fault: Simulation::end_fault,
    };
}
