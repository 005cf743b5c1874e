//! A packet under way.

use crate::base::{Span, Time};
use crate::sim::action::MessageId;
use crate::sim::event::Loss;
use crate::sim::event_log::Cause;
use crate::sim::packet::Packet;
use crate::sim::packet_kind::PacketKind;

/// A packet under way.
#[derive(Clone, Debug)]
pub struct InFlight {
    /// Its number.
    pub id: MessageId,
    /// What travels.
    pub packet: Packet,
    /// When it left.
    pub sent: Time,
    /// When it arrives.
    pub due: Time,
    /// How much later a person made it.
    pub delayed: Span,
    /// Whether it is the copy of another packet.
    pub copy: bool,
    /// The event that tells of its departure.
    pub(in crate::sim) departed: Cause,
    /// Why it is going to be lost half-way, if it is.
    pub(in crate::sim) lost: Option<Loss>,
    /// The key in the queue that counts; earlier ones are void.
    pub(super) key: u64,
    /// How much of [`Limits::bytes`](crate::sim::Limits::bytes) it takes.
    pub(super) bytes: u32,
}

impl InFlight {
    /// What it is.
    pub fn kind(&self) -> PacketKind {
        self.packet.kind()
    }

    /// Whether a cut or a partition is going to stop it half-way.
    pub fn is_blocked(&self) -> bool {
        matches!(self.lost, Some(Loss::Cut | Loss::Partition))
    }

    /// When it is half-way.
    pub(super) fn half_way(&self) -> Time {
        half_way(self.sent, self.due)
    }
}

/// Where a wall stands.
pub(super) fn half_way(sent: Time, due: Time) -> Time {
    sent + Span(due.since(sent).0 / 2)
}
