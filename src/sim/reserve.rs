//! What a run comes to only in a doubt, under chaos or while the members change. A program that gets its
//! code by and by has it later.

use super::packet::{MemberReply, MemberRequest};
use super::queue::Due;
use super::simulation::Simulation;
use crate::base::NodeId;
use crate::check::{self, Judge};

/// How a run goes on where it would stand still without: at an answer to a client that is in doubt, where
/// random faults may begin, and where the operator has something to do.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    pub(super) judge: Judge,
    pub(super) throw_dice: fn(&mut Simulation),
    pub(super) end_fault: fn(&mut Simulation, u32),
    pub(super) look_for_moments: fn(&mut Simulation),
    pub(super) wake_operator: fn(&mut Simulation),
    pub(super) serve_operator: fn(&mut Simulation, usize, &MemberRequest),
    pub(super) operator_hears: fn(&mut Simulation, NodeId, MemberReply),
}

impl Reserve {
    /// All of it: the run goes on by itself.
    pub const ALL: Reserve = Reserve {
        judge: check::judge,
        throw_dice: Simulation::throw_dice,
        end_fault: Simulation::end_fault,
        look_for_moments: Simulation::look_for_moments,
        wake_operator: Simulation::wake_operator,
        serve_operator: Simulation::serve_operator,
        operator_hears: Simulation::operator_hears,
    };
}

impl Simulation {
    /// Something is due for which the reserve is needed: it is here by then.
    pub(super) fn reserve_is_due(&mut self, due: Due) {
        match (due, self.reserve) {
            (Due::Chaos, Some(reserve)) => (reserve.throw_dice)(self),
            (Due::EndFault(place), Some(reserve)) => (reserve.end_fault)(self, place),
            (Due::Moment, Some(reserve)) => (reserve.look_for_moments)(self),
            (Due::Operator, Some(reserve)) => (reserve.wake_operator)(self),
            _ => {}
        }
    }
}
