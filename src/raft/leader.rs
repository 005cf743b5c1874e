//! What a leader keeps beside its log, and when it must look at it.

use super::input::WakeReason;
use super::message::Round;
use super::progress::Progress;
use super::read_index::PendingRead;
use super::transfer::Transfer;
use super::types::Index;
use crate::base::{MemberId, Time};
use std::collections::VecDeque;

/// What only a leader keeps.
#[derive(Clone, Debug)]
pub(super) struct Leader {
    /// The other members, by id.
    pub peers: Vec<Progress>,
    pub heartbeat_due: Time,
    /// When to see whether a quorum is still heard (CheckQuorum): not before it could be missed.
    pub quorum_due: Time,
    pub round: Round,
    /// When the latest rounds began, oldest first.
    pub rounds: VecDeque<(Round, Time)>,
    pub reads: VecDeque<PendingRead>,
    /// The last entry of an earlier term that was seen on a majority: told once.
    pub not_own_term: Index,
    pub transfer: Option<Transfer>,
    /// Whether it has told another to take over in this term: no lease any more.
    pub lease_is_over: bool,
}

impl Leader {
    /// What it must look at next, and when. Nothing that it does meanwhile puts that off.
    pub fn wake(&self) -> (Time, WakeReason) {
        let transfer = self.transfer.map_or(Time::NEVER, |it| it.deadline);
        let check = self.quorum_due.min(transfer);
        if check < self.heartbeat_due {
            (check, WakeReason::Check)
        } else {
            (self.heartbeat_due, WakeReason::Heartbeat)
        }
    }

    /// For how many of the members, voters or not, `says` holds; `own` is what it says of the leader.
    /// Most answers settle nothing, and this tells sooner than a count of quorums.
    pub fn count(&self, own: bool, says: impl Fn(&Progress) -> bool) -> u32 {
        let others = self.peers.iter().filter(|peer| says(peer)).count();
        others as u32 + u32::from(own)
    }

    /// What each voter has, by the leader's knowledge, `own` being what the leader `me` has. To be
    /// asked in the order of the ids.
    pub fn known<T: Copy + Default>(
        &self,
        (me, own): (MemberId, T),
        of: impl Fn(&Progress) -> T + Clone,
    ) -> impl FnMut(MemberId) -> T + Clone {
        let mut peers = self.peers.iter();
        move |id| {
            if id == me {
                return own;
            }
            peers.find(|peer| peer.id == id).map_or(T::default(), &of)
        }
    }
}
